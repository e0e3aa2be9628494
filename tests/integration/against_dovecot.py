"""Asks the mock server and Dovecot the same questions about the same odd messages, and the same commands; every
difference that is not on the list of those that are meant is an error. Arguments: port and CA of Dovecot, of the mock."""

import re
import sys

from against_dovecot_connection import Server

LOGIN = "LOGIN jane@example.test open-sesame"
MULTI = "Content-Type: multipart/mixed; boundary=b\n\n"
MESSAGES = [
    "Subject: plain\nFrom: a@b\n\nbody\n",
    'From: "A, B" <a@b>, c (comment) <e@f>\nTo: group: x@y, z@w;, q@r\nCc: undisclosed-recipients:;\n'
    "Bcc: <@route:a@b>\nReply-To: \nSender: s\nDate: Tue, 24 Nov 2026 12:00:00 +0000 (UTC)\nMessage-ID: <1@x>\n"
    "In-Reply-To: <2@x> <3@x>\nReferences: <2@x>\n <3@x>\nSubject: =?utf-8?Q?=C3=BC?= two\n\nx\n",
    'Content-Type: multipart/mixed; boundary="b"\n\npreamble\n--b\n\none\n--b\nContent-Type: message/rfc822\n\n'
    'Subject: inner\nFrom: i@j\n\ninside\nlines\n--b\nContent-Type: image/png; name="a.png"\n'
    'Content-Transfer-Encoding: base64\nContent-Disposition: attachment; filename="a b.png"\nContent-ID: <cid>\n'
    "Content-Description: a picture\nContent-Language: en, de\nContent-Location: http://x\nContent-MD5: abc\n\nAAEC\n"
    "--b--\nepilogue\n",
    "Content-Type: multipart/alternative; boundary=a\n\n--a\nContent-Type: text/plain; charset=utf-8; format=flowed\n\n"
    'Grüße\n--a\nContent-Type: multipart/related; boundary="r r"; type="text/html"\n\n--r r\nContent-Type: text/html\n'
    "Content-Transfer-Encoding: quoted-printable\n\n<p>=C3=BC</p>\n--r r--\n--a--\n",
    MULTI + "--b\nno end\n",
    "Content-Type: multipart/mixed\n\n--b\nno boundary\n--b--\n",
    MULTI + "no parts\n",
    "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: d1\n\none\n--b\nContent-Type: text/plain\n\ntwo\n--b--\n",
    "Content-Type: TEXT/HTML\n\n<b>\n",
    'Content-Type: application/octet-stream; name="a\\"b"\n\n\n',
    "\nno header\n",
    "no header at all\n",
    "Subject: only header\n",
    "Subject:\n\nx\n",
    'From: =?utf-8?B?w7w=?= <u@v>\nTo: "=?utf-8?B?w7w=?=" <u@v>\n\nx\n',
    "From: a.b.c@d.e (the comment)\nBcc: a b c <d@e>\n\nx\n",
    'From: no-at-sign\nTo: "quoted local"@dom\nCc: user@[1.2.3.4]\n\nx\n',
    "Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=z\n\n--z\n\n"
    "deep\n--z--\n",
    "Content-Type: multipart/mixed; boundary=outer\n\n--outer\nContent-Type: multipart/mixed; boundary=outerinner\n\n"
    "--outerinner\n\nx\n--outer\n\ny\n--outer--\n",
    "Content-Type: multipart/mixed; boundary=b  \n\n--b  \n\nspace\n--b--  \n",
    "Content-type: text/plain;\n\tcharset=utf-8\nX-Long: " + "x" * 2000 + "\n\nx\n",
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nhuman\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n--b\nContent-Type: text/rfc822-headers\n\n"
    "Subject: z\n\n--b--\n",
    "Date: bad date\nSubject: Re: Re: [x] hello\n\nword here\n",
    "Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=iso-8859-1\n\nR3L832U=\n",
    "Content-Type: multipart/mixed; boundary=b\nContent-Disposition: inline\nContent-Language: de\n\n--b\n"
    "Content-Disposition: ATTACHMENT\n\nx\n--b--\n",
]
ITEMS = [
    "ENVELOPE", "BODY", "BODYSTRUCTURE", "RFC822.SIZE", "INTERNALDATE", "BODY.PEEK[]", "BODY.PEEK[HEADER]",
    "BODY.PEEK[TEXT]", "BODY.PEEK[1]", "BODY.PEEK[1.MIME]", "BODY.PEEK[HEADER.FIELDS.NOT (SUBJECT)]<3.10>",
    "BINARY.SIZE[1]", "RFC822.HEADER", "FLAGS",
]
SEARCHES = [
    "ALL", "SUBJECT plain", "BODY word", "TEXT Gr", "FROM a@b", 'FROM "A, B"', "TO group", "TO x@y", "BCC route",
    'HEADER Message-ID ""', 'HEADER X-None ""', "HEADER References 3@x", "SENTON 24-Nov-2026", "SENTSINCE 1-Jan-2020",
    "ON 24-Nov-2026", "SINCE 24-Nov-2026", "BEFORE 24-Nov-2026", "LARGER 500", "SMALLER 20", "NOT SEEN",
    "OR SUBJECT a SUBJECT b", "1:3,5", "*", "UID 3:*", "BODY inside", "TEXT inner", "BODY AAEC", 'FROM ""', 'BODY ""',
    "UNKEYWORD x", "UNDELETED", "(SUBJECT a FROM x)", "NOT (OR 1 2)", "500", "1:500", "RETURN (MIN MAX COUNT) ALL",
    "RETURN () SUBJECT zzz", "RETURN (ALL) 2:4",
]
SORTS = ["SUBJECT", "FROM", "CC", "DATE", "SIZE", "ARRIVAL", "REVERSE SUBJECT DATE", "DISPLAYFROM"]
# Only whether they are done.
COMMANDS = [
    "STATUS odd ()", "STATUS nowhere (MESSAGES)", "FETCH 99 FLAGS", "FETCH 1:99 FLAGS", "FETCH 0 FLAGS", "FETCH 1 ()",
    "FETCH 1 (BOGUS)", "UID FETCH 99 FLAGS", "STORE 99 +FLAGS (x)", "UID STORE 99 +FLAGS (x)", "COPY 99 odd",
    "UID COPY 99 odd", "COPY 1 nowhere", "MOVE 1 nowhere", "UID MOVE 99 odd", "SORT (BOGUS) UTF-8 ALL",
    "SORT (SUBJECT) KOI8-X ALL", "SEARCH CHARSET KOI8-X ALL", "THREAD BOGUS UTF-8 ALL", "SEARCH", "SEARCH BOGUS",
    "SEARCH (", "SEARCH RETURN (BOGUS) ALL", "CREATE odd", 'CREATE ""', "DELETE INBOX", "DELETE nowhere",
    "RENAME nowhere q", "UNSUBSCRIBE nowhere", "LIST (RECURSIVEMATCH) \"\" *", "BOGUS", "UID BOGUS",
    "LOGIN a b", "SELECT", "FETCH", "ID NIL", "NAMESPACE", "SELECT nowhere", "UNSELECT",
    "FETCH 1 FLAGS",
]


def said(untagged):
    """What counts: letter case does not in a structure, and numbers of changes are each server's own."""
    lines = [line for line in untagged if not re.match(rb"\* (\d+ (RECENT|EXISTS)|OK|FLAGS)\b", line)]
    lines = [re.sub(rb'TAG "[^"]*"', b"TAG", line) for line in lines]
    return [line.lower() if b"(BODY (" in line or b"(BODYSTRUCTURE (" in line else line for line in lines]


def opened():
    """A connection to each, logged in."""
    servers = [Server(*sys.argv[at:at + 2]) for at in (1, 3)]
    for server in servers:
        assert server.ask(LOGIN)[1] == "OK"
    return servers


both = opened()
differences = []


def compare(command, look=said):
    one, other = (server.ask(command) for server in both)
    if (look(one[0]), one[1]) != (look(other[0]), other[1]):
        differences.append(f"{command}\n  Dovecot {one}\n  mock    {other}")


for server in both:
    assert server.ask("CREATE odd")[1] == "OK"
    for message in MESSAGES:
        message = message.replace("\n", "\r\n").encode()
        append = b'APPEND odd "24-Nov-2026 10:00:00 +0000" {%d+}\r\n' % len(message)
        assert server.ask(append + message)[1] == "OK", message
    assert server.ask("SELECT odd")[1] == "OK"
for item in ITEMS:
    for number in range(1, len(MESSAGES) + 1):
        compare(f"FETCH {number} ({item})")
for search in SEARCHES:
    compare(f"UID SEARCH {search}")
for criteria in SORTS:
    compare(f"UID SORT ({criteria}) UTF-8 ALL")
for algorithm in ("REFERENCES", "ORDEREDSUBJECT"):
    compare(f"UID THREAD {algorithm} UTF-8 ALL")
for at in range(0, len(COMMANDS), 6):
    # Dovecot hangs up on whoever gets too much wrong.
    both = opened()
    for server in both:
        server.ask("SELECT odd")
    for command in COMMANDS[at:at + 6]:
        compare(command, look=lambda untagged: None)
if differences:
    sys.exit(f"{len(differences)} differences:\n" + "\n".join(differences))
