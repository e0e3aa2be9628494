"""What an admin would write: a profile for everybody in a list, into a tar archive on standard output."""

import csv
import io
import plistlib
import sys
import tarfile
import uuid

archive = tarfile.open(fileobj=sys.stdout.buffer, mode="w|")
for person in csv.DictReader(open(sys.argv[1], newline="")):
    address, name = person["email"], person["name"]

    def identity(kind):
        return str(uuid.uuid5(uuid.NAMESPACE_DNS, f"net.centurylink {address} {kind}")).upper()

    mail = {
        "PayloadType": "com.apple.mail.managed",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"net.centurylink.{identity('account')}.mail",
        "PayloadUUID": identity("mail"),
        "PayloadDisplayName": f"Mail account {address}",
        "EmailAccountDescription": f"CenturyLink ({address})",
        "EmailAccountName": name,
        "EmailAccountType": "EmailTypeIMAP",
        "EmailAddress": address,
        "IncomingMailServerAuthentication": "EmailAuthPassword",
        "IncomingMailServerHostName": "imap.centurylink.com",
        "IncomingMailServerPortNumber": 993,
        "IncomingMailServerUseSSL": True,
        "IncomingMailServerUsername": address,
        "OutgoingMailServerAuthentication": "EmailAuthPassword",
        "OutgoingMailServerHostName": "smtp.centurylink.com",
        "OutgoingMailServerPortNumber": 465,
        "OutgoingMailServerUseSSL": True,
        "OutgoingMailServerUsername": address,
    }
    profile = plistlib.dumps({
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"net.centurylink.{identity('account')}",
        "PayloadUUID": identity("profile"),
        "PayloadDisplayName": f"CenturyLink mail for {address}",
        "PayloadOrganization": "CenturyLink",
        "PayloadContent": [mail],
    })
    header = tarfile.TarInfo(f"{address}.mobileconfig")
    header.size = len(profile)
    archive.addfile(header, io.BytesIO(profile))
archive.close()
