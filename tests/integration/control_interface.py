"""Drives the control interface of a running mock server with urllib, as a test suite in another language does. The ready
line of `provost mock --control 0 --json` and the OpenAPI description, as JSON, are the arguments."""

import base64
import imaplib
import json
import smtplib
import ssl
import sys
import threading
import urllib.error
import urllib.request
import zlib

ready, description = json.loads(sys.argv[1]), json.loads(sys.argv[2])
base = ready["control"]


def resolved(node):
    """What a reference stands for."""
    if "$ref" not in node:
        return node
    found = description
    for key in node["$ref"].removeprefix("#/").split("/"):
        found = found[key]
    return found


def template_of(path):
    """The path of the description that a request means; None if it has none."""
    words = path.split("?")[0].split("/")
    fits = lambda known: len(known) == len(words) and all(k == w or k[:1] == "{" for k, w in zip(known, words))
    return next((known for known in description["paths"] if fits(known.split("/"))), None)


def is_as_described(value, schema, where):
    """JSON Schema, as far as the description uses it."""
    schema = resolved(schema)
    known = {"type", "required", "additionalProperties", "properties", "items", "enum", "const", "description"}
    assert set(schema) <= known, f"{where}: {set(schema) - known}"
    if "const" in schema:
        assert value == schema["const"], f"{where}: {value}"
    if "enum" in schema:
        assert value in schema["enum"], f"{where}: {value}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    python = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}
    if kinds:
        assert any(type(value) is python[kind] for kind in kinds), f"{where}: {value!r} is none of {kinds}"
    if isinstance(value, dict):
        assert set(schema.get("required", [])) <= set(value), f"{where}: without {set(schema['required']) - set(value)}"
        assert set(value) <= set(schema["properties"]), f"{where}: {set(value) - set(schema['properties'])}"
        for key, inner in value.items():
            is_as_described(inner, schema["properties"][key], f"{where}.{key}")
    if isinstance(value, list):
        for inner in value:
            is_as_described(inner, schema["items"], f"{where}[]")


# What was asked and answered: (path of the description, method, status).
seen = set()


def check(method, path, status, answer):
    """Each answer is one that the description has, with a body as it has it."""
    template = template_of(path)
    operation = description["paths"].get(template, {}).get(method.lower())
    place = f"{method} {path}: {status}"
    # What the introduction says of every path.
    if operation is None or status == 403 or status == 400 and "takes no parameters" in str(answer):
        return is_as_described(answer, description["components"]["schemas"]["Error"], place)
    query = path.partition("?")[2]
    names = {resolved(it)["name"] for it in operation.get("parameters", [])}
    asked = {part.split("=")[0] for part in query.split("&") if part}
    assert asked <= names or status == 400, f"{place}: {asked - names} are not described"
    responses = operation["responses"]
    assert str(status) in responses, f"{place} is not described: {answer}"
    seen.add((template, method, str(status)))
    content = resolved(responses[str(status)]).get("content")
    if content is None:
        assert answer == b"", f"{place}: {answer}"
    elif "application/json" in content:
        is_as_described(answer, content["application/json"]["schema"], place)


def call(method, path, body=None, headers={}):
    kind = {"Content-Type": "application/json"} if isinstance(body, dict) else {}
    data = json.dumps(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(base + path, data, {**kind, **headers}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            status, text, allowed = response.status, response.read(), None
    except urllib.error.HTTPError as error:
        status, text, allowed = error.code, error.read(), error.headers["Allow"]
        assert error.headers["Content-Type"] == "application/json", f"{method} {path}: {status} {error.headers}"
    answer = json.loads(text) if text.startswith((b"{", b"[")) else text
    check(method, path, status, answer)
    if status == 405:
        described = {method.upper() for method in description["paths"][template_of(path)]} & {"GET", "POST", "PUT", "DELETE"}
        expect({it for it in allowed.split(",") if it != "HEAD"}, described)
    return status, answer


def expect(found, wanted):
    assert found == wanted, f"{found} instead of {wanted}"


INBOX = "/v1/accounts/jane@example.test/mailboxes/INBOX/messages"
expect(call("GET", "/v1/ready"), (200, {"ready": True}))
expect([account["address"] for account in call("GET", "/v1/accounts")[1]], ["jane@example.test", "john@example.test"])
assert "open-sesame" not in json.dumps(call("GET", "/v1/accounts")[1])

first = len(call("GET", INBOX)[1])
waited = []
waiter = threading.Thread(target=lambda: waited.extend(call("GET", f"{INBOX}?total={first + 1}&timeout=20000")[1]))
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

# Folders and single messages, seen by a client that is in the middle of it.
FOLDERS = "/v1/accounts/jane@example.test/mailboxes"
folders = {folder["name"]: folder for folder in call("GET", FOLDERS)[1]}
expect([name for name, folder in folders.items() if folder["special_use"] == "\\Sent"], ["Sent"])
expect((folders["INBOX"]["messages"], folders["INBOX"]["unseen"], folders["INBOX"]["uid_next"]), (first, first, first + 1))
expect([call("PUT", f"{FOLDERS}/Plans%2FBig")[0] for _ in range(2)], [201, 200])
expect(call("GET", f"{FOLDERS}/Plans")[0], 200)
expect(call("PUT", f"{FOLDERS}/%2F")[0], 400)
client = imap()
client.login("jane@example.test", "open-sesame")
client.select("Plans/Big")
uid = call("POST", f"{FOLDERS}/Plans%2FBig/messages", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n an alle\r\n\r\nx\r\n".encode())[1]["uid"]
ONE = f"{FOLDERS}/Plans%2FBig/messages/{uid}"
one = call("GET", ONE)[1]
expect((one["subject"], one["mailbox"], one["envelope"], one["flags"]), ("Grüße an alle", "Plans/Big", None, []))
expect(call("PUT", f"{ONE}/flags", {"flags": ["\\seen", "mine"]})[1]["flags"], ["\\Seen", "mine"])
expect(call("POST", f"{ONE}/flags", {"add": ["\\Flagged", "MINE"], "remove": ["\\Seen"]})[1]["flags"], ["mine", "\\Flagged"])
expect(client.noop()[0], "OK")
expect(client.fetch("1", "(FLAGS)")[1], [b"1 (FLAGS (mine \\Flagged \\Recent))"])
expect(call("POST", f"{ONE}/flags", {})[0], 400)
for flag, hint in (("Seen", "\\Seen"), ("\\Recent", "Recent"), ("\\NotJunk", "backslash"), ("a b", "atom")):
    status, answer = call("PUT", f"{ONE}/flags", {"flags": [flag]})
    assert status == 400 and hint in answer["error"], answer
expect(call("POST", f"{ONE}/move", {"mailbox": "Nowhere"})[0], 404)
expect(call("POST", f"{ONE}/move", {"mailbox": "Archive"}), (200, {"mailbox": "Archive", "uid": 1}))
expect(call("GET", ONE)[0], 404)
expect(call("GET", f"{FOLDERS}/Archive/messages/1")[1]["flags"], ["mine", "\\Flagged"])
expect(client.noop()[0], "OK")
expect(client.response("EXPUNGE")[1], [b"1"])
expect([call("DELETE", f"{FOLDERS}/Archive/messages/1")[0] for _ in range(2)], [204, 404])
expect([call("DELETE", f"{FOLDERS}/Plans%2FBig")[0] for _ in range(2)], [204, 404])
try:
    raise SystemExit(f"the folder is gone: {client.noop()}")
except imaplib.IMAP4.abort as error:
    assert "Selected mailbox was deleted" in str(error), error
expect(call("DELETE", f"{FOLDERS}/INBOX")[0], 409)

# The envelope of what comes by SMTP, and waiting for it.
expect(call("GET", f"{INBOX}?wait=1&timeout=1")[0], 408)
before = call("GET", f"{FOLDERS}/INBOX")[1]["uid_next"] - 1
with smtplib.SMTP_SSL("localhost", int(ready["submissions"].rsplit(":", 1)[1]), "client.example", context=trust, timeout=20) as smtp:
    smtp.login("john@example.test", "open-sesame")
    submitted = b"To: jane@example.test\r\nSubject: =?utf-8?b?w5xiZXJzaWNodA==?=\r\nX-Kind: Weekly Report\r\n\r\nbody\r\n"
    # John is told in no header.
    smtp.sendmail("john@example.test", ["jane+x@example.test", "john@example.test"], submitted)
(mail,) = call("GET", f"{INBOX}?wait=1&after={before}")[1]
expect(mail["envelope"], {"mail_from": "john@example.test", "rcpt_to": "jane+x@example.test", "username": "john@example.test",
                          "recipients": ["jane+x@example.test", "john@example.test"], "ehlo": "client.example"})
expect(base64.b64decode(mail["raw_base64"]), b"Return-Path: <john@example.test>\r\n" + submitted)
fitting = ["recipient=JANE%2Bx@example.test", "subject=%C3%9Cbersicht", "subject_contains=%C3%BCBER", "header=x-kind",
           "header=X-Kind&header_equals=Weekly%20Report", "header=X-Kind&header_contains=weekly"]
others = ["recipient=jane@example.test", "subject=%C3%BCbersicht", "subject_contains=none", "header=X-Other",
          "header=X-Kind&header_equals=weekly%20report", "header=X-Kind&header_contains=daily"]
for query in fitting:
    expect([it["uid"] for it in call("GET", f"{INBOX}?after={before}&{query}")[1]], [mail["uid"]])
for query in others:
    expect(call("GET", f"{INBOX}?after={before}&{query}")[1], [])
    expect(call("GET", f"{INBOX}?wait=1&after={before}&timeout=1&{query}")[0], 408)
EVERYWHERE = "/v1/accounts/jane@example.test/messages"
waiter = threading.Thread(target=lambda: waited.extend(call("GET", f"{EVERYWHERE}?wait=1&timeout=20000&subject=meant")[1]))
waited.clear()
waiter.start()
for folder, subject in (("INBOX", "other"), ("New", "meant")):
    call("POST", f"{FOLDERS}/{folder}/messages", f"Subject: {subject}\r\n\r\n".encode())
waiter.join()
expect([(it["mailbox"], it["subject"]) for it in waited], [("New", "meant")])
# What is asked for by its subject may have come before the question.
expect(call("GET", f"{EVERYWHERE}?wait=1&timeout=1&subject=meant")[1], waited)
assert len(call("GET", EVERYWHERE)[1]) > len(call("GET", INBOX)[1])
# What was there at the start has not come.
expect(call("GET", "/v1/accounts/john@example.test/messages?wait=1&timeout=1&subject_contains=days%20before")[0], 408)
assert call("GET", "/v1/accounts/john@example.test/messages?subject_contains=days%20before")[1]
# A parameter that nobody reads is no filter.
expect(call("DELETE", f"{INBOX}?subject=meant")[0], 400)
expect(call("POST", "/v1/reset?account=john@example.test")[0], 400)
expect(call("PUT", f"{FOLDERS}/{'y' * 201}")[0], 400)
for query in ("wait=1&total=1", "timeout=1", "wait=1&timeout=600001", "subject=a&subject_contains=a", "header_equals=a",
              "header=a&header_equals=a&header_contains=a", "total=1&subject=a", "recipient=a", "wait=x", "other=1"):
    expect(call("GET", f"{INBOX}?{query}")[0], 400)
expect([call("GET", f"{EVERYWHERE}?{query}")[0] for query in ("after=1", "total=1", "recipient=a")], [400] * 3)
expect(call("GET", f"{EVERYWHERE}?wait=1&timeout=1")[0], 408)

# Sessions.
reader, other = imap(), imap()
reader.login("jane@example.test", "open-sesame")
reader.select("Sent")
other.login("john@example.test", "open-sesame")
sessions = {session["peer_port"]: session for session in call("GET", "/v1/sessions")[1]}
mine = sessions[reader.sock.getsockname()[1]]
expect([mine[key] for key in ("protocol", "host", "tls", "account", "mailbox")], ["imap", "localhost", True, "jane@example.test", "Sent"])
expect([call("DELETE", f"/v1/sessions/{mine['number']}")[0] for _ in range(2)], [204, 404])
expect(reader.readline(), b"* BYE the session was ended by the server\r\n")
expect(reader.readline(), b"")
expect(call("DELETE", "/v1/sessions?account=john@example.test&bye=false"), (200, {"ended": 1}))
expect(other.readline(), b"")
expect([call("DELETE", f"/v1/sessions?{query}")[0] for query in ("account=nobody@example.test", "account=x", "bye=perhaps")], [404, 400, 400])

# Accounts, and what is announced to each.
JANE = "/v1/accounts/jane@example.test"
expect(call("GET", JANE)[1]["capabilities"], None)
expect(call("GET", f"{JANE}/capabilities")[1]["own"], False)
answer = call("PUT", f"{JANE}/capabilities", {"capabilities": "usual,-IDLE,-CONDSTORE"})[1]
assert "IDLE" not in answer["capabilities"] and {"name": "QRESYNC", "needs": "CONDSTORE"} in answer["removed"], answer
with imap() as client:
    assert "IDLE" in client.capabilities
    client.login("jane@example.test", "open-sesame")
    assert b" IDLE" not in client.capability()[1][0]
expect(call("PUT", f"{JANE}/capabilities", {"capabilities": "usual,-IDEL"})[0], 400)
expect(call("DELETE", f"{JANE}/capabilities")[0], 204)
own = {"address": "own@example.test", "password": "pw", "capabilities": "usual,-MOVE"}
assert "MOVE" not in call("POST", "/v1/accounts", own)[1]["capabilities"]
expect([call("DELETE", "/v1/accounts/own@example.test")[0] for _ in range(2)], [204, 404])

# A fault for one account leaves another's alone.
for account in ("jane", "john"):
    expect(call("PUT", f"/v1/faults/alert?account={account}@example.test")[0], 204)
expect(call("DELETE", "/v1/faults/alert?account=jane@example.test")[0], 204)
(alert,) = [fault for fault in call("GET", "/v1/faults")[1] if fault["name"] == "alert"]
expect([armed["account"] for armed in alert["armed"]], ["john@example.test"])

# Every refusal that the description has, where it has it.
absent = {"address": ("nobody@example.test", "no-address"), "name": ("Nowhere", None), "uid": ("4000000000", "x"), "number": ("999", "x")}
present = {"address": "jane@example.test", "name": "INBOX", "uid": "1", "number": "1"}
long = b" " * (int(sys.argv[3]) + 1)
for template, operations in description["paths"].items():
    faults = template.startswith("/v1/faults")
    values = {**present, "name": "slow"} if faults else present
    # Each placeholder in turn names what is not there, and what cannot be.
    for place in [word[1:-1] for word in template.split("/") if word.startswith("{")]:
        for value in ("no-such", None) if faults else absent[place]:
            if value is None:
                continue
            path = template.format(**{**values, place: value})
            for method in [method for method in operations if method != "parameters"]:
                body = operations[method].get("requestBody", {}).get("content", {})
                good = {"capabilities": "usual", "flags": [], "add": ["a"], "mailbox": "INBOX"}
                schema = body.get("application/json", {}).get("schema", {"properties": {}})
                if "application/json" in body:
                    call(method.upper(), path, {key: good[key] for key in schema["properties"] if key in good})
                elif not (method == "put" and place == "name" and not faults):
                    call(method.upper(), path, b"x" if body else None)
    path = template.format(**values)
    for method, operation in operations.items():
        if method != "parameters" and "requestBody" in operation:
            kind = {"Content-Type": "application/json"}
            call(method.upper(), path, long, kind)
            if "application/json" in operation["requestBody"]["content"]:
                call(method.upper(), path, b"{", kind)
                call(method.upper(), path, b"{}", {"Content-Type": "text/plain"})
                call(method.upper(), path, {"more": 1})
    # Each method of the description exists, and no other does.
    for method in {"GET", "POST", "PUT", "DELETE"} - {method.upper() for method in operations}:
        expect(call(method, path)[0], 405)
call("GET", "/v1/transcript?from=x")
call("DELETE", "/v1/faults/closed-port")
call("DELETE", "/v1/faults/slow?host=%20")
call("GET", "/v1/openapi.yaml")
for path in ("/", "/v1", "/v1/none", "/v2/ready", "/v1/accounts/a/b/c"):
    status, answer = call("GET", path)
    assert status == 404 and path in answer["error"], answer
described = {(path, method.upper(), status) for path, operations in description["paths"].items()
             for method, operation in operations.items() if method != "parameters"
             for status in operation["responses"] if status != "default"}
expect(sorted(described - seen), [])
