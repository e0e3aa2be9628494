"""Logs in to a running mock server with smtplib, imaplib and poplib, certificate checks on: sends a message through both
submission ports and reads it back. The ready line of `provost mock --json` is the argument."""

import imaplib
import json
import poplib
import smtplib
import socket
import ssl
import sys
from email.message import EmailMessage

ready = json.loads(sys.argv[1])
account = ready["accounts"][0]
login, password = account["username"], account["password"]
trust = ssl.create_default_context(cafile=ready["ca"])
ports = {key: int(value.rsplit(":", 1)[1]) for key, value in ready.items() if key in
         ("imaps", "imap", "submissions", "submission", "pop3s")}
names = {listener["protocol"]: listener["host"] for listener in reversed(ready["listeners"])}

# The names of the certificates are real; only where they lead to is not.
resolve = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: resolve(
    "127.0.0.1" if host in names.values() else host, *rest, **more)


def message(subject, text):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = account["address"], account["address"], subject
    mail.set_content(text)
    return mail


with smtplib.SMTP_SSL(names["submissions"], ports["submissions"], context=trust, timeout=20) as smtp:
    smtp.login(login, password)
    smtp.send_message(message("Sent over implicit TLS", "Hello.\n"))

with smtplib.SMTP(names["submission"], ports["submission"], timeout=20) as smtp:
    smtp.ehlo()
    assert not smtp.has_extn("auth"), "AUTH is offered before TLS"
    smtp.starttls(context=trust)
    smtp.login(login, password)
    smtp.send_message(message("Proven by smtplib", "Sent through the submission port.\n"))

with imaplib.IMAP4_SSL(names["imaps"], ports["imaps"], ssl_context=trust, timeout=20) as imap:
    imap.login(login, password)
    assert imap.select("INBOX")[0] == "OK"
    _, [found] = imap.search(None, "SUBJECT", '"Proven by smtplib"')
    [number] = found.split()
    _, [(_, read), _] = imap.fetch(number, "(BODY.PEEK[])")
    assert b"Sent through the submission port." in read, read

with imaplib.IMAP4(names["imap"], ports["imap"], timeout=20) as imap:
    assert "LOGINDISABLED" in imap.capabilities, imap.capabilities
    imap.starttls(ssl_context=trust)
    imap.login(login, password)
    assert imap.select("INBOX", readonly=True)[0] == "OK"

pop = poplib.POP3_SSL(names["pop3s"], ports["pop3s"], context=trust, timeout=20)
pop.user(login)
pop.pass_(password)
assert any(b"Proven by smtplib" in line for line in b"\n".join(pop.retr(len(pop.list()[1]))[1]).split(b"\n"))
pop.quit()

for bad in (lambda imap: imap.login(login, "wrong"), lambda imap: imap.login(login.split("@")[0], password)):
    with imaplib.IMAP4_SSL(names["imaps"], ports["imaps"], ssl_context=trust, timeout=20) as imap:
        try:
            bad(imap)
        except imaplib.IMAP4.error as refusal:
            assert b"AUTHENTICATIONFAILED" in str(refusal).encode(), refusal
        else:
            raise SystemExit("a wrong login was accepted")

try:
    imaplib.IMAP4_SSL(names["imaps"], ports["imaps"], ssl_context=ssl.create_default_context(), timeout=20)
except ssl.SSLCertVerificationError:
    pass
else:
    raise SystemExit("the certificate is accepted without its authority")
