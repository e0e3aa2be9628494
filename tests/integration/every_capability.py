"""Uses what a running mock server announces, with imapclient, imaplib, smtplib and poplib, and believes only what these
libraries made of the answers. What no library has a method for goes through imaplib, which sends any command and reads its
answer. The ready line of `provost mock --control 0 --json` is the argument; what is announced, and what clients were heard
to say, is printed as JSON."""

import email.policy
import imaplib
import json
import poplib
import smtplib
import ssl
import sys
import threading
import urllib.request
from email.message import EmailMessage

import imapclient

ready = json.loads(sys.argv[1])
jane, john = ready["accounts"]
trust = ssl.create_default_context(cafile=ready["ca"])
HELLO = b"From: Jane <jane@example.test>\r\nSubject: hello\r\nMessage-ID: <1@example.test>\r\n\r\nHello.\r\n"


def port(service):
    return int(ready[service].rsplit(":", 1)[1])


def client(account=jane):
    imap = imapclient.IMAPClient("localhost", port("imaps"), ssl_context=trust, timeout=20)
    imap.login(account["username"], account["password"])
    return imap


def plain(account=jane):
    imap = imaplib.IMAP4_SSL("localhost", port("imaps"), ssl_context=trust, timeout=20)
    imap.login(account["username"], account["password"])
    return imap


def ok(answer):
    status, data = answer
    assert status == "OK", answer
    return data


def folders_and_messages(imap):
    """imapclient, without state of an earlier session."""
    announced = sorted({capability.decode() for capability in imap.capabilities()})
    assert imap.namespace().personal[0][0] == ""
    assert imap.id_({"name": "test", "version": "1"}), "no ID"
    imap.create_folder("Plans/2026")
    flags = {name: flags for flags, _, name in imap.list_folders()}
    assert b"\\HasChildren" in flags["Plans"] and b"\\HasNoChildren" in flags["Plans/2026"], flags
    assert imap.find_special_folder(imapclient.imapclient.SENT) == "Sent"
    imap.select_folder("INBOX")
    # A literal that does not wait, since the charset makes one of the text.
    assert imap.search(["SUBJECT", "Tschüß"], "UTF-8") == []
    appended = imap.append("INBOX", HELLO, flags=["\\Seen", "$Test"])
    uid = int(appended.split(b"APPENDUID ")[1].split()[1].rstrip(b"]"))
    assert imap.search("YOUNGER 3600")[-1] == uid and uid not in imap.search("OLDER 3600")
    assert imap.sort(["REVERSE ARRIVAL"])[0] == uid
    assert len(imap.sort("DISPLAYFROM")) == len(imap.search())
    assert imap.thread("REFERENCES", "ALL") and imap.thread("ORDEREDSUBJECT", "ALL")
    found = imap.fetch([uid], ["PREVIEW", "SAVEDATE", "EMAILID", "MODSEQ"])[uid]
    assert found[b"PREVIEW"] == b"Hello." and found[b"SAVEDATE"] and found[b"EMAILID"], found
    assert list(imap.fetch(imap.search(), ["FLAGS"], [f"CHANGEDSINCE {found[b'MODSEQ'][0] - 1}"])) == [uid]
    imap.move([uid], "Plans/2026")
    imap.unselect_folder()
    imap.select_folder("Plans/2026")
    [uid] = imap.search()
    imap.delete_messages([uid])
    imap.uid_expunge([uid])
    assert imap.search() == []
    quotas = imap.get_quota_root("INBOX")
    assert quotas, "no quota"
    imap.setacl("Plans", john["username"], "lr")
    acl = imap.getacl("Plans")
    assert (john["username"].encode(), b"lr") in acl, acl
    with client(john) as other:
        assert any("Plans" in name for _, _, name in other.list_folders())
    return announced


def several_at_once(imap):
    answer = imap.multiappend("Drafts", [{"msg": HELLO, "flags": ["\\Draft"]}, HELLO])
    assert b"APPENDUID" in b"".join(part for part in answer[1] if part), answer
    assert imap.folder_status("Drafts", ["MESSAGES", "APPENDLIMIT"])[b"MESSAGES"] == 2


def waiting(imap):
    imap.select_folder("INBOX")
    imap.idle()
    with client() as other:
        other.append("INBOX", HELLO)
    told = imap.idle_check(timeout=20)
    assert any(word == b"EXISTS" for _, word in told), told
    imap.idle_done()


def any_command(imap):
    """imaplib, for what no library here knows; imapflow has removed the messages 1 and 3."""
    ok(imap.select("INBOX"))
    ok(imap.uid("SEARCH", "RETURN (PARTIAL 1:2 COUNT)", "ALL"))
    [found] = imap.response("ESEARCH")[1]
    assert b"PARTIAL (1:2 2,4)" in found and b"COUNT" in found, found
    ok(imap.uid("SORT", "RETURN (MAX COUNT)", "(SUBJECT)", "UTF-8", "ALL"))
    [found] = imap.response("ESEARCH")[1]
    assert b"MAX" in found and b"COUNT" in found, found
    ok(imap.uid("SEARCH", "RETURN (SAVE)", "UNDELETED"))
    assert len(ok(imap.fetch("$", "(UID)"))) == int(imap.untagged_responses["EXISTS"][-1])
    ok(imap._simple_command("LIST", '""', "INBOX", "RETURN (MYRIGHTS)"))
    [rights] = imap.response("MYRIGHTS")[1]
    assert rights.startswith(b'"INBOX" l'), rights
    imaplib.Commands["REPLACE"] = ("SELECTED",)
    imap.literal = HELLO.replace(b"hello", b"replaced")
    ok(imap._simple_command("REPLACE", "1", "INBOX", "(\\Seen)"))
    ok(imap._simple_command("APPEND", "INBOX", 'CATENATE (URL "/INBOX/;UID=4/;SECTION=HEADER" URL "/INBOX/;UID=5/;SECTION=TEXT")'))
    imap.logout()
    # Text that is not ASCII, in a name and in a header.
    imap = plain()
    ok(imap.enable("UTF8=ACCEPT"))
    ok(imap.create('"Entwürfe-2"'))
    ok(imap.append('"Entwürfe-2"', None, None, "Subject: Grüße\r\n\r\nå\r\n".encode()))
    ok(imap.select('"Entwürfe-2"'))
    [(_, header), _] = ok(imap.fetch("1", "(BODY.PEEK[HEADER])"))
    assert "Grüße" in header.decode(), header
    imap.logout()


def submission():
    smtp = smtplib.SMTP("localhost", port("submission"), timeout=20)
    smtp.ehlo()
    announced = {key: value for key, value in smtp.esmtp_features.items()}
    smtp.starttls(context=trust)
    smtp.ehlo()
    announced.update(smtp.esmtp_features)
    smtp.login(jane["username"], jane["password"])
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = jane["address"], john["address"], "Grüße"
    mail.set_content("å\n", cte="8bit")
    # smtplib sends SIZE and BODY by itself where they are announced, and SMTPUTF8 for an address that needs it.
    assert smtp.sendmail(jane["address"], [john["address"]], mail.as_bytes(policy=email.policy.SMTP),
                         ["BODY=8BITMIME", "SMTPUTF8", "RET=HDRS", "ENVID=q1"], ["NOTIFY=SUCCESS"]) == {}
    # No library here has BDAT: smtplib carries it.
    size = len(HELLO)
    for command, code in [(f"MAIL FROM:<{jane['address']}> BODY=BINARYMIME", 250), (f"RCPT TO:<{john['address']}>", 250)]:
        assert smtp.docmd(command)[0] == code
    smtp.send(f"BDAT {size} LAST\r\n".encode() + HELLO)
    assert smtp.getreply()[0] == 250
    # Several commands in one write (RFC 2920), with the codes of RFC 2034 in each answer.
    smtp.send(f"MAIL FROM:<{jane['address']}>\r\nRCPT TO:<{john['address']}>\r\nRSET\r\n".encode())
    answers = [smtp.getreply() for _ in range(3)]
    assert [code for code, _ in answers] == [250] * 3 and answers[0][1].startswith(b"2.1.0"), answers
    most = int(announced["limits"].split("RCPTMAX=")[1].split()[0])
    smtp.docmd(f"MAIL FROM:<{jane['address']}>")
    assert {smtp.docmd(f"RCPT TO:<{john['address']}>")[0] for _ in range(most)} == {250}
    assert smtp.docmd(f"RCPT TO:<{jane['address']}>")[0] == 452
    smtp.quit()
    return sorted(announced)


def retrieval():
    pop = poplib.POP3("localhost", port("pop3"), timeout=20)
    announced = set(pop.capa())
    pop.stls(context=trust)
    announced |= set(pop.capa())
    pop.utf8()
    try:
        pop.user(john["username"])
        pop.pass_("wrong")
    except poplib.error_proto as refusal:
        assert b"[AUTH]" in refusal.args[0], refusal
    pop.user(john["username"])
    pop.pass_(john["password"])
    last = len(pop.list()[1])
    assert len(pop.uidl()[1]) == last
    _, top, _ = pop.top(last, 0)
    assert b"Subject: hello" in top, top
    # Several commands in one write (RFC 2449 section 6.6).
    pop.sock.sendall(b"STAT\r\nLIST 1\r\nNOOP\r\n")
    assert all(pop._getresp().startswith(b"+OK") for _ in range(3))
    pop.quit()
    return sorted(announced)


with client() as one:
    imap = folders_and_messages(one)
    several_at_once(one)
with client() as one:
    waiting(one)
any_command(plain())
heard = {"IMAP": imap, "SMTP": submission(), "POP3": retrieval()}
with urllib.request.urlopen(f"{ready['control']}/v1/transcript", timeout=20) as response:
    lines = json.load(response)
heard["said"] = {}
for line in lines:
    if line["speaker"] == "client":
        heard["said"].setdefault(line["protocol"], []).append(line["text"])
print(json.dumps(heard))
