"""Sees what a running mock server was told at its start. Arguments: which part, the ready line, a folder."""

import imaplib
import json
import poplib
import smtplib
import ssl
import sys
import urllib.request

part, ready, folder = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
PASSWORD = "open-sesame"


def port(service):
    return int(ready[service].rsplit(":", 1)[1])


def expect(found, wanted):
    assert found == wanted, f"{found} instead of {wanted}"


def imap(context=None):
    trust = context or ssl.create_default_context(cafile=ready["ca"])
    return imaplib.IMAP4_SSL("localhost", port("imaps"), ssl_context=trust, timeout=20)


def greenmail():
    def call(method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"}
        request = urllib.request.Request(ready["greenmail-api"] + path, data, kind, method=method)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.loads(response.read())

    expect(call("GET", "/api/service/readiness"), {"message": "Service running"})
    setups = {setup["protocol"]: setup["port"] for setup in call("GET", "/api/configuration")["serverSetups"]}
    expect(sorted(setups), ["imap", "imaps", "pop3", "pop3s", "smtp", "smtps"])
    expect(call("POST", "/api/user", {"email": "foo@localhost", "login": "foo", "password": "bar"})["login"], "foo")
    # In clear, without a login, from anybody, to somebody who is known and somebody who is not.
    with smtplib.SMTP("127.0.0.1", setups["smtp"], timeout=20) as smtp:
        smtp.sendmail("any@where.example", ["foo@localhost", "to@new.example"], "Subject: hi\r\n\r\nthere\r\n")
    found = call("GET", "/api/user/foo/messages/INBOX")
    expect([message["subject"] for message in found], ["hi"])
    assert found[0]["mimeMessage"].endswith("there\r\n"), found
    expect(len(call("GET", "/api/user/to@new.example/messages")), 1)
    reader = imaplib.IMAP4("127.0.0.1", setups["imap"], timeout=20)
    reader.login("foo", "bar")
    expect(reader.select()[1], [b"1"])
    other = imaplib.IMAP4("127.0.0.1", setups["imap"], timeout=20)
    other.login("a-bare-name", "whatever")
    pop = poplib.POP3("127.0.0.1", setups["pop3"], timeout=20)
    pop.user("to@new.example")
    pop.pass_("first")
    expect(pop.stat()[0], 1)
    expect(call("POST", "/api/mail/purge"), {"message": "Purged mails"})
    expect(call("GET", "/api/user/foo/messages"), [])
    expect(call("DELETE", "/api/user/foo"), {"message": "User 'foo' deleted"})
    assert "foo" not in [user["login"] for user in call("GET", "/api/user")]
    expect(call("POST", "/api/service/reset"), {"message": "Performed reset"})


def preloaded():
    reader = imap()
    reader.login("jane@example.test", PASSWORD)
    reader.select("Lists/Rust")
    expect(reader.fetch("1", "(BODY.PEEK[])")[1][0][1], b"Subject: two\r\n\r\nbody\r\n")
    reader.select("INBOX")
    (numbers,) = reader.search(None, "SUBJECT one")[1]
    expect(reader.fetch(numbers, "(BODY.PEEK[])")[1][0][1], b"Subject: one\r\n\r\nbody\r\n")
    reader.store(numbers, "+FLAGS", "\\Flagged")
    with open(f"{folder}/validity", "wb") as file:
        file.write(reader.response("UIDVALIDITY")[1][0] + b" " + numbers)
    reader.logout()


def kept():
    reader = imap()
    reader.login("jane@example.test", PASSWORD)
    reader.select("INBOX")
    (numbers,) = reader.search(None, "FLAGGED SUBJECT one")[1]
    with open(f"{folder}/validity", "rb") as file:
        expect(reader.response("UIDVALIDITY")[1][0] + b" " + numbers, file.read())


def certificate():
    trust = ssl.create_default_context(cafile=ready["ca"])
    trust.load_cert_chain(f"{folder}/jane@example.test.pem", f"{folder}/jane@example.test.key.pem")
    reader = imap(trust)
    assert "AUTH=EXTERNAL" in reader.capabilities, reader.capabilities
    reader.authenticate("EXTERNAL", lambda challenge: b"")
    expect(reader.select()[0], "OK")
    smtp = smtplib.SMTP_SSL("localhost", port("submissions"), context=trust, timeout=20)
    smtp.ehlo()
    expect(smtp.docmd("AUTH", "EXTERNAL =")[0], 235)


{"greenmail": greenmail, "preloaded": preloaded, "kept": kept, "certificate": certificate}[part]()
