"""Tests of a program that sends mail, with nothing but Python: the mock server runs as a process of its own.

    PROVOST=/path/to/provost python3 -m unittest -v test_welcome_mail.py      (pytest takes it too)

Tried with Python 3.11.
"""

import email
import email.policy
import imaplib
import json
import os
import smtplib
import ssl
import subprocess
import unittest
import urllib.parse
import urllib.request
from email.message import EmailMessage


# What is tested: in your project it lies elsewhere.
def send_welcome(to, *, host, port, user, password, trust):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = user, to, "Welcome, Jürgen"
    message.set_content("Your code is 4711.\n")
    with smtplib.SMTP(host, port, timeout=20) as smtp:
        smtp.starttls(context=trust)
        smtp.login(user, password)
        smtp.send_message(message)


class Mock:
    """The server, from its ready line on."""

    def __init__(self):
        command = [os.environ.get("PROVOST", "provost"), "mock", "--json", "--control", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # The line comes when every port accepts: nothing to poll, nothing to sleep for.
        self.ready = json.loads(self.process.stdout.readline())
        self.trust = ssl.create_default_context(cafile=self.ready["ca"])

    def port(self, service):
        return int(self.ready[service].rsplit(":", 1)[1])

    def call(self, method, path, **query):
        url = f"{self.ready['control']}{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as response:
            body = response.read()
            return json.loads(body) if body else None

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=10)
        self.process.stdout.close()


class WelcomeMail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.mock = Mock()
        cls.addClassCleanup(cls.mock.stop)
        cls.sender, cls.reader = cls.mock.ready["accounts"]

    def setUp(self):
        self.mock.call("POST", "/v1/reset")

    def send(self):
        send_welcome(self.reader["address"], host="localhost", port=self.mock.port("submission"),
                     user=self.sender["username"], password=self.sender["password"], trust=self.mock.trust)

    def test_it_arrives(self):
        self.send()
        [found] = self.mock.call("GET", f"/v1/accounts/{self.reader['address']}/messages",
                                 wait=1, subject="Welcome, Jürgen", timeout=10000)
        message = email.message_from_string(found["raw"], policy=email.policy.default)
        self.assertIn("4711", message.get_content())
        self.assertEqual(found["envelope"]["mail_from"], self.sender["address"])

    def test_a_mail_client_reads_it(self):
        self.send()
        with imaplib.IMAP4_SSL("localhost", self.mock.port("imaps"), ssl_context=self.mock.trust, timeout=20) as imap:
            imap.login(self.reader["username"], self.reader["password"])
            imap.select("INBOX")
            _, [numbers] = imap.search(None, "FROM", self.sender["address"])
            _, [(_, raw), _] = imap.fetch(numbers.split()[-1], "(BODY.PEEK[])")
        self.assertIn(b"4711", raw)

    def test_a_recipient_that_is_refused_is_no_silence(self):
        self.mock.call("PUT", "/v1/faults/recipient-refused", account=self.reader["address"])
        with self.assertRaises(smtplib.SMTPRecipientsRefused):
            self.send()


if __name__ == "__main__":
    unittest.main()
