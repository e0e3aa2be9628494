"""Drives Evolution by what it offers to assistive technology (AT-SPI), in a session bus of its own.

Each line of standard input is a question, each line of file descriptor 3 its answer; both are JSON.
"""

import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import gi

gi.require_version("EDataServer", "1.2")
from gi.repository import EDataServer, Gio, GLib

# Longer than a cold start takes on a busy machine.
PATIENCE = 30
# AT-SPI's number of a state, ATSPI_STATE_SHOWING.
SHOWING = 25
PROTOCOLS = {"imapx": "imap", "pop": "pop3"}
SOCKET_TYPES = {"ssl-on-alternate-port": "SSL", "starttls-on-standard-port": "STARTTLS", "none": "plain"}


def unlock():
    """A keyring, as the session of somebody has who has logged in."""
    daemon = ["gnome-keyring-daemon", "--unlock", "--components=secrets"]
    subprocess.run(daemon, input=b"of this session alone", check=True, stdout=subprocess.DEVNULL)


def held():
    """The accounts with a server, as Evolution's data server has them."""
    registry = EDataServer.SourceRegistry.new_sync(None)

    def server(source):
        login = source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
        security = source.get_extension(EDataServer.SOURCE_EXTENSION_SECURITY)
        return {
            "host": login.get_host(),
            "port": login.get_port(),
            "username": login.get_user(),
            "socket_type": SOCKET_TYPES[security.get_method()],
        }

    accounts = []
    for source in registry.list_sources(EDataServer.SOURCE_EXTENSION_MAIL_ACCOUNT):
        account = source.get_extension(EDataServer.SOURCE_EXTENSION_MAIL_ACCOUNT)
        if account.get_backend_name() not in PROTOCOLS:
            continue
        identity = registry.ref_source(account.get_identity_uid())
        person = identity.get_extension(EDataServer.SOURCE_EXTENSION_MAIL_IDENTITY)
        submission = identity.get_extension(EDataServer.SOURCE_EXTENSION_MAIL_SUBMISSION)
        transport = registry.ref_source(submission.get_transport_uid())
        accounts.append({
            "uids": [source.get_uid(), transport.get_uid()],
            "account": {
                "address": person.get_address(),
                "name": person.get_name(),
                "incoming": [{"protocol": PROTOCOLS[account.get_backend_name()], **server(source)}],
                "outgoing": [server(transport)],
            },
        })
    return accounts


def log_in(uids, password):
    """Puts the password where Evolution looks for it, and starts Evolution."""
    for uid in uids:
        attributes = ["e-source-uid", uid, "eds-origin", "evolution-data-server"]
        subprocess.run(["secret-tool", "store", "--label", uid, *attributes], input=password.encode(), check=True)
    subprocess.Popen(["evolution", "--component=mail"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return True


def subjects(uid, count):
    """The subjects in the inbox, as soon as there are so many; before that, what Evolution complains of."""
    folders = Path(os.environ["HOME"], ".cache/evolution/mail", uid, "folders.db")

    def listed():
        try:
            # Without a lock, which would be in Evolution's way.
            with closing(sqlite3.connect(f"file:{folders}?immutable=1", uri=True)) as database:
                return [subject for (subject,) in database.execute("SELECT subject FROM INBOX")]
        except sqlite3.DatabaseError:
            # It is not there yet, or is being written.
            return []

    def enough():
        found = listed()
        return found if len(found) >= count else None

    found = until(lambda: enough() or complaints())
    return {"subjects": listed(), "complaints": [] if enough() else found or []}


def send(address, subject):
    """Writes a message and sends it."""
    subprocess.run(["evolution", f"mailto:{quote(address, safe='@')}?subject={quote(subject)}&body=Hello"], check=True)

    def button():
        composers = [it for it in windows() if it.name() == subject]
        inside = [it for composer in composers for it in composer.below()]
        return next((it for it in inside if it.role() == "push button" and it.name() == "Send"), None)

    found = until(button)
    return found is not None and found.press()


def said():
    """What it complains of, as soon as it does."""
    return until(complaints) or []


def quit():
    """Ends it."""
    subprocess.run(["evolution", "--quit"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return True


def until(found):
    """What a question finds, as soon as it finds something; nothing in the end."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if answer := found():
                return answer
        except GLib.Error:
            # What was looked at has gone meanwhile: look again.
            pass
        time.sleep(0.1)
    return None


class Accessible:
    """Something that a program shows, as it tells assistive technology: AT-SPI 2, org.a11y.atspi."""

    def __init__(self, owner, path):
        self.owner = owner
        self.path = path

    def ask(self, interface, method, arguments=None):
        flags = Gio.DBusCallFlags.NONE
        return BUS.call_sync(self.owner, self.path, interface, method, arguments, None, flags, 5000, None).unpack()[0]

    def children(self):
        return [Accessible(*child) for child in self.ask("org.a11y.atspi.Accessible", "GetChildren")]

    def below(self):
        for child in self.children():
            yield child
            yield from child.below()

    def name(self):
        key = GLib.Variant("(ss)", ("org.a11y.atspi.Accessible", "Name"))
        return self.ask("org.freedesktop.DBus.Properties", "Get", key)

    def role(self):
        return self.ask("org.a11y.atspi.Accessible", "GetRoleName")

    def is_shown(self):
        return bool(self.ask("org.a11y.atspi.Accessible", "GetState")[0] >> SHOWING & 1)

    def press(self):
        return self.ask("org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (0,)))


def windows():
    """Every window of every program."""
    root = Accessible("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
    return [window for program in root.children() for window in program.children()]


def complaints():
    """The texts of the dialogs and alerts that are to be seen, from above."""
    lines = []
    for window in windows():
        for place in [window, *window.below()]:
            if place.role() == "dialog" or place.role() == "info bar" and place.name() != "Information":
                labels = [it for it in place.below() if it.role() == "label" and it.is_shown()]
                # Evolution puts them together from below. What it does itself is in a bar of information.
                lines += [it.name() for it in reversed(labels)]
    return lines


def accessibility():
    """The bus of assistive technology."""
    session = Gio.bus_get_sync(Gio.BusType.SESSION, None)
    place = ("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress")
    (address,) = session.call_sync(*place, None, None, Gio.DBusCallFlags.NONE, -1, None).unpack()
    kind = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
    return Gio.DBusConnection.new_for_address_sync(address, kind, None, None)


QUESTIONS = {question.__name__: question for question in (held, log_in, subjects, send, said, quit)}

BUS = accessibility()
unlock()
with os.fdopen(3, "w") as answers:
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(QUESTIONS[name](*arguments)), file=answers, flush=True)
