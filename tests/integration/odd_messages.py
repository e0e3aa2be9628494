"""Delivers the messages of fixtures/odd-messages to Dovecot and to the mock, and compares what FETCH says of each. A
difference that stands on the list is meant; one that does not, and one on the list that is none any more, is an error.
Arguments: port and CA of Dovecot, of the mock, the folder.

Three differences of form are none: a string is quoted or a literal, a part that is not there is NIL or empty, and what is
told beside a NO."""

import json
import os
import re
import sys

from against_dovecot_connection import Server

ITEMS = [
    "RFC822.SIZE", "ENVELOPE", "BODY", "BODYSTRUCTURE", "BODY.PEEK[HEADER]", "BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[1.MIME]",
    "BODY.PEEK[2]", "BODY.PEEK[2.MIME]", "BODY.PEEK[2.HEADER]", "BODY.PEEK[2.1]", "BINARY.SIZE[1]", "BINARY.SIZE[2]",
]


def quoted(octets):
    return b'"' + octets.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def without_literals(line):
    while literal := re.search(rb"\{(\d+)\}\r\n", line):
        end = literal.end() + int(literal.group(1))
        line = line[:literal.start()] + quoted(line[literal.end():end]) + line[end:]
    return line


def said(answer, item):
    untagged, status = answer
    if status != "OK":
        return status
    [line] = [line for line in untagged if b" FETCH (" in line]
    if item in ("BODY", "BODYSTRUCTURE"):
        # Letter case means nothing in most of it.
        return without_literals(line).lower()
    if item == "ENVELOPE":
        return without_literals(line)
    return line.replace(b"] {0}\r\n)", b"] NIL)")


def read(path):
    """The reasons by name, and the differences that have them."""
    reasons, listed = {}, {}
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if line.startswith("= "):
                name, reason = line[2:].split(" ", 1)
                reasons[name] = reason
            elif line and not line.startswith("#"):
                message, item, reason = line.split(" ")
                assert reason in reasons, f"{line}: no such reason"
                assert (message, item) not in listed, f"{line}: twice"
                listed[message, item] = reason
    unused = set(reasons) - set(listed.values())
    assert not unused, f"reasons that nothing has: {unused}"
    return listed


def main(dovecot, dovecot_ca, mock, mock_ca, folder):
    with open(os.path.join(folder, "messages.jsonl"), encoding="utf-8") as file:
        messages = [json.loads(line) for line in file]
    assert len(messages) >= 200 and len({message["name"] for message in messages}) == len(messages), len(messages)
    listed = read(os.path.join(folder, "differences.txt"))
    servers = [Server(dovecot, dovecot_ca), Server(mock, mock_ca)]
    for server in servers:
        assert server.ask("LOGIN jane@example.test open-sesame")[1] == "OK"
        assert server.ask("CREATE corpus")[1] == "OK"
        for message in messages:
            octets = message["message"].encode("latin-1")
            assert server.ask(b"APPEND corpus {%d+}\r\n" % len(octets) + octets)[1] == "OK", message["name"]
        assert server.ask("SELECT corpus")[1] == "OK"
    wrong = []
    for number, message in enumerate(messages, 1):
        for item in ITEMS:
            one, other = (server.ask(f"FETCH {number} ({item})") for server in servers)
            name = item.replace(".PEEK", "")
            reason = listed.pop((message["name"], name), None)
            differs = said(one, item) != said(other, item)
            if differs and reason is None:
                wrong.append(f"{message['name']} {name}\n  Dovecot {one}\n  mock    {other}")
            elif not differs and reason is not None:
                wrong.append(f"{message['name']} {name}: on the list, and no difference")
    wrong.extend(f"{name} {item}: on the list, and no such message or item" for name, item in listed)
    if wrong:
        sys.exit(f"{len(wrong)} of {len(messages)} messages' differences:\n" + "\n".join(wrong))


main(*sys.argv[1:])
