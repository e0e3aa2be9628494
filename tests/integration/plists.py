"""Prints, as JSON lines, what Python's plistlib reads in every .mobileconfig below a folder."""

import json
import pathlib
import plistlib
import sys

for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.mobileconfig")):
    profile = plistlib.loads(path.read_bytes())
    # There is none beside an Exchange account, and none in a profile of certificates.
    for mail in (p for p in profile["PayloadContent"] if p["PayloadType"] == "com.apple.mail.managed"):
        print(json.dumps({
            "file": str(path),
            "address": mail["EmailAddress"],
            "name": mail.get("EmailAccountName"),
            "incoming": {
                "host": mail["IncomingMailServerHostName"],
                "port": mail["IncomingMailServerPortNumber"],
                "username": mail["IncomingMailServerUsername"],
            },
            "outgoing": {
                "host": mail["OutgoingMailServerHostName"],
                "port": mail["OutgoingMailServerPortNumber"],
                "username": mail["OutgoingMailServerUsername"],
            },
        }))
