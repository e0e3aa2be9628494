"""GLib's own reader over the key files of Evolution and Geary: what it finds in each account, a line of JSON for each."""

import email.header
import email.utils
import json
import sys
from pathlib import Path

from gi.repository import GLib


def load(path):
    file = GLib.KeyFile()
    file.load_from_file(str(path), GLib.KeyFileFlags.NONE)
    return file


def text(file, group, key):
    try:
        return file.get_string(group, key)
    except GLib.Error as error:
        if error.code == GLib.KeyFileError.KEY_NOT_FOUND:
            return None
        raise


def evolution(path):
    account = load(path)
    if not account.has_group("Mail Account"):
        return None
    beside = lambda uid: load(path.parent / f"{uid}.source")
    identity = beside(text(account, "Mail Account", "IdentityUid"))
    transport = beside(text(identity, "Mail Submission", "TransportUid"))
    assert text(account, "Data Source", "Parent") == "", path
    assert text(identity, "Data Source", "Parent") == path.stem == text(transport, "Data Source", "Parent"), path
    kinds = {"none": "plain", "starttls-on-standard-port": "STARTTLS", "ssl-on-alternate-port": "SSL"}
    server = lambda file: {
        "host": text(file, "Authentication", "Host"),
        "port": file.get_integer("Authentication", "Port"),
        "username": text(file, "Authentication", "User"),
        "socket_type": kinds[text(file, "Security", "Method")],
    }
    protocol = {"imapx": "imap", "pop": "pop3"}[text(account, "Mail Account", "BackendName")]
    if protocol == "pop3":
        assert account.get_boolean("Pop Backend", "KeepOnServer"), path
    return {
        "address": text(identity, "Mail Identity", "Address"),
        "name": text(identity, "Mail Identity", "Name"),
        "protocol": protocol,
        "incoming": server(account),
        "outgoing": server(transport),
    }


def geary(path):
    account = load(path)
    assert account.get_integer("Metadata", "version") == 1, path
    name, address = email.utils.parseaddr(account.get_string_list("Account", "sender_mailboxes")[0])
    parts = email.header.decode_header(name)
    name = "".join(part.decode(charset or "ascii") if isinstance(part, bytes) else part for part, charset in parts)
    kinds = {"none": "plain", "start-tls": "STARTTLS", "transport": "SSL"}

    def server(group):
        credentials = text(account, group, "credentials")
        return {
            "host": text(account, group, "host"),
            "port": account.get_integer(group, "port"),
            "username": text(account, "Incoming" if credentials == "use-incoming" else group, "login"),
            "socket_type": kinds[text(account, group, "transport_security")],
        }

    return {
        "address": address,
        "name": name or None,
        "protocol": "imap",
        "incoming": server("Incoming"),
        "outgoing": server("Outgoing"),
    }


for path in sorted(path for path in Path(sys.argv[1]).rglob("*") if path.suffix in (".ini", ".source")):
    found = geary(path) if path.suffix == ".ini" else evolution(path)
    if found:
        print(json.dumps({"file": str(path), **found}))
