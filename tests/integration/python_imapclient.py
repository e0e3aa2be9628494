"""What imapclient makes of the mock server. Argument: the ready line, of a server with --control."""

import json
import ssl
import sys
import urllib.request
from datetime import datetime, timezone

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError

ready = json.loads(sys.argv[1])
INBOX = ready["control"] + "/v1/accounts/jane@example.test/mailboxes/INBOX/messages"


def arrives(subject):
    message = f"Subject: {subject}\r\n\r\nx\r\n".encode()
    request = urllib.request.Request(INBOX, message, {"Content-Type": "message/rfc822"}, method="POST")
    urllib.request.urlopen(request, timeout=20).close()


def opened():
    trust = ssl.create_default_context(cafile=ready["ca"])
    client = IMAPClient("localhost", int(ready["imaps"].rsplit(":", 1)[1]), ssl=True, ssl_context=trust, timeout=20)
    client.login("jane@example.test", "open-sesame")
    client.select_folder("INBOX")
    return client


def refused(what, *arguments):
    try:
        answer = what(*arguments)
    except (IMAPClientError, ValueError) as error:
        return str(error)
    raise AssertionError(f"{arguments} was done: {answer}")


def expect(found, wanted):
    assert found == wanted, f"{found} instead of {wanted}"


# What comes between the last command and IDLE is told behind the continuation, each time.
client, other = opened(), opened()
count = len(client.search())
for round in range(1, 4):
    arrives(f"round {round}")
    client.idle()
    heard = client.idle_check(timeout=20)
    expect(heard[0], (count + round, b"EXISTS"))
    client.idle_done()
    expect(len(client.search()), count + round)
# The same for what another client removes, and for flags.
last = other.search()[-1:]
other.add_flags(last, [b"$Forwarded"], silent=True)
client.idle()
heard = client.idle_check(timeout=20)
while not any(b"$Forwarded" in str(part).encode() for part in heard):
    heard += client.idle_check(timeout=20)
client.idle_done()
other.delete_messages(last)
other.expunge()
client.idle()
heard = client.idle_check(timeout=20)
while (count + 3, b"EXPUNGE") not in heard:
    heard += client.idle_check(timeout=20)
client.idle_done()

# Dovecot 2.3.19 refuses these with "Invalid system flag"; a keyword has any name.
uids = client.search()[-1:]
for flag in (rb"\NotJunk", rb"\Recent", rb"\Important", rb"\Archive"):
    for change in (client.add_flags, client.set_flags, client.remove_flags):
        assert "no system flag" in refused(change, uids, [flag]), flag
    assert "no system flag" in refused(client.append, "INBOX", b"Subject: x\r\n\r\n", [flag]), flag
stored = client.add_flags(uids, [b"NotJunk", rb"\flagged"])[uids[0]]
assert b"NotJunk" in stored and rb"\Flagged" in stored, stored

for key in ("BEFORE", "ON", "SINCE", "SENTBEFORE", "SENTON", "SENTSINCE", "SAVEDSINCE"):
    assert "no date" in refused(client.search, [key, "24-Nov-26"]), key
    client.search([key, datetime(2026, 11, 24, tzinfo=timezone.utc).date()])
