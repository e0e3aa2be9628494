"""Drives the control interface of a running mock server with urllib, as a test suite in another language does. The ready
line of `provost mock --control 0 --json` and the OpenAPI description, as JSON, are the arguments."""

import base64
import imaplib
import json
import ssl
import sys
import threading
import urllib.error
import urllib.request
import zlib

ready, description = json.loads(sys.argv[1]), json.loads(sys.argv[2])
base = ready["control"]


def call(method, path, body=None, headers={}):
    kind = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(base + path, data, {**kind, **headers}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            text = response.read()
            return response.status, json.loads(text) if text.startswith((b"{", b"[")) else text
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"{}")


def expect(found, wanted):
    assert found == wanted, f"{found} instead of {wanted}"


INBOX = "/v1/accounts/jane@example.test/mailboxes/INBOX/messages"
expect(call("GET", "/v1/ready"), (200, {"ready": True}))
expect([account["address"] for account in call("GET", "/v1/accounts")[1]], ["jane@example.test", "john@example.test"])
assert "open-sesame" not in json.dumps(call("GET", "/v1/accounts")[1])

first = len(call("GET", INBOX)[1])
waited = []
waiter = threading.Thread(target=lambda: waited.extend(call("GET", f"{INBOX}?wait={first + 1}&timeout=20000")[1]))
waiter.start()
raw = b"Subject: hello\r\n\r\n\xff and more\r\n"
status, made = call("POST", f"{INBOX}?flags=%5CSeen,$Forwarded&internal_date=86400", raw)
expect(status, 201)
waiter.join()
last = waited[-1]
expect((last["uid"], last["flags"], last["internal_date"], last["raw"]),
       (made["uid"], ["\\Seen", "$Forwarded"], 86400, None))
expect(base64.b64decode(last["raw_base64"]), raw)
expect(call("GET", f"{INBOX}?wait=99&timeout=1")[0], 408)
expect(call("POST", INBOX, b"")[0], 400)
expect(call("POST", f"{INBOX}?flags=a%20b", raw)[0], 400)
expect(call("GET", "/v1/accounts/jane@example.test/mailboxes/None/messages")[0], 404)
expect(call("POST", "/v1/accounts/jane@example.test/mailboxes/A%2FB/messages", raw)[0], 201)
expect(len(call("GET", "/v1/accounts/jane@example.test/mailboxes/A%2FB/messages")[1]), 1)

expect(call("POST", "/v1/accounts", {"address": "new@example.test", "password": "pw", "aliases": ["n@example.test"]})[0], 201)
expect(call("POST", "/v1/accounts", {"address": "new@example.test", "password": "pw"})[0], 409)
expect(call("POST", "/v1/accounts", {"address": "no address", "password": "pw"})[0], 400)
expect(call("POST", "/v1/accounts", {"address": "x@example.test"})[0], 422)

trust = ssl.create_default_context(cafile=ready["ca"])


def imap():
    return imaplib.IMAP4_SSL("localhost", int(ready["imaps"].rsplit(":", 1)[1]), ssl_context=trust, timeout=20)


client = imap()
client.login("new@example.test", "pw")
# RFC 4978: raw DEFLATE in both directions.
expect(client.xatom("COMPRESS", "DEFLATE")[0], "OK")
pack, unpack = zlib.compressobj(wbits=-15), zlib.decompressobj(wbits=-15)
client.sock.sendall(pack.compress(b"z1 LIST \"\" \"*\"\r\nz2 LOGOUT\r\n") + pack.flush(zlib.Z_SYNC_FLUSH))
answer = b""
while b"z2 OK" not in answer:
    answer += unpack.decompress(client.sock.recv(4096))
assert answer.startswith(b'* LIST (\\HasNoChildren) "/" "INBOX"\r\n'), answer
client.shutdown()

expect(call("PUT", "/v1/faults/password-refused"), (204, b""))
assert any(fault["on"] for fault in call("GET", "/v1/faults")[1] if fault["name"] == "password-refused")
try:
    with imap() as client:
        client.login("jane@example.test", "open-sesame")
except imaplib.IMAP4.error:
    pass
else:
    raise SystemExit("the fault has no effect")
expect(call("PUT", "/v1/faults/expired-certificate")[0], 204)
try:
    imap()
except ssl.SSLCertVerificationError as error:
    assert "expired" in str(error), error
else:
    raise SystemExit("the certificate has not expired")
for fault in ("password-refused", "expired-certificate"):
    expect(call("DELETE", f"/v1/faults/{fault}")[0], 204)
# For one account, after so many commands: another account knows nothing of it.
expect(call("PUT", "/v1/faults/list-refused?account=jane@example.test&after=2")[0], 204)
row = [fault for fault in call("GET", "/v1/faults")[1] if fault["name"] == "list-refused"][0]
expect((row["on"], row["armed"]), (True, [{"host": None, "account": "jane@example.test", "after": 2, "amount": None,
                                           "text": "list-refused:account=jane@example.test,after=2"}]))
for user, outcomes in (("jane@example.test", ["NO", "NO"]), ("john@example.test", ["OK", "OK"])):
    with imap() as client:
        client.login(user, "open-sesame")
        expect([client.list()[0], client.list()[0]], outcomes)
expect(call("DELETE", "/v1/faults/list-refused")[0], 204)
expect(call("PUT", "/v1/faults/slow?amount=1&host=localhost")[0], 204)
expect(call("PUT", "/v1/faults/unknown-ca?account=jane@example.test")[0], 400)
expect(call("PUT", "/v1/faults/alert?amount=1")[0], 400)
expect(call("PUT", "/v1/faults/slow?amount=fast")[0], 400)
expect(call("PUT", "/v1/faults/closed-port")[0], 409)
expect(call("PUT", "/v1/faults/no-such")[0], 404)

lines = call("GET", "/v1/transcript")[1]
text = "\n".join(line["text"] for line in lines)
assert "LOGIN (hidden)" in text and "open-sesame" not in text and "AUTHENTICATIONFAILED" in text, text
later = call("GET", f"/v1/transcript?from={lines[5]['number']}")[1]
expect(later[0], lines[5])

expect(call("POST", "/v1/reset")[0], 204)
expect((len(call("GET", INBOX)[1]), len(call("GET", "/v1/accounts")[1])), (first, 2))
with imap() as client:
    client.login("jane@example.test", "open-sesame")

expect(call("GET", "/v1/ready", headers={"Origin": "http://localhost"})[0], 403)
expect(call("GET", "/v1/ready", headers={"Host": "evil.test"})[0], 403)

# Each path and method of the description exists, and no other method does.
for path, operations in description["paths"].items():
    path = path.replace("{address}", "jane@example.test").replace("{name}", "INBOX")
    for method in ("GET", "POST", "PUT", "DELETE"):
        status = call(method, path)[0]
        assert (status == 405) == (method.lower() not in operations), f"{method} {path}: {status}"
