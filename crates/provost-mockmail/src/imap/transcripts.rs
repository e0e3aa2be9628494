//! The answers of the extensions, line by line, however the input is split. Forms and codes are those of the RFCs'
//! examples.

use crate::session::tests::{LOGIN, check, imap, store};
use crate::session::{Output, Session};
use crate::{Capabilities, Fault, store::Store};

/// Checks what follows LOGIN and `SELECT INBOX`: seven messages, of which the first is not seen.
#[track_caller]
fn selected(input: &str, expected: &[&str]) {
    check(imap, &format!("{LOGIN}s select inbox\r\n{input}"), &[&["s OK"], expected].concat());
}

fn says(session: &mut Session, input: &str, store: &mut Store) -> String {
    text(session.receive(input.as_bytes(), store))
}

fn text(output: Output) -> String {
    String::from_utf8(output.bytes).expect("UTF-8")
}

/// APPEND of a message as a literal that waits for nobody.
fn append(folder: &str, message: &str) -> String {
    format!("p append \"{folder}\" {{{}+}}\r\n{message}\r\n", message.len())
}

#[test]
fn idle_tells_what_others_do_and_ends_with_done() {
    let mut store = store(&[]);
    let (mut idler, mut other) = (imap(), imap());
    says(&mut idler, &format!("{LOGIN}b select inbox\r\n"), &mut store);
    says(&mut other, &format!("{LOGIN}b select inbox\r\n"), &mut store);
    assert_eq!(says(&mut idler, "c idle\r\n", &mut store), "+ idling\r\n");
    says(&mut other, "d store 2 +flags.silent (\\Deleted)\r\n", &mut store);
    assert_eq!(text(idler.changed(&mut store)), "* 2 FETCH (FLAGS (\\Deleted \\Recent))\r\n");
    says(&mut other, "e expunge\r\n", &mut store);
    says(&mut other, &append("INBOX", "Subject: new\r\n\r\n"), &mut store);
    assert_eq!(text(idler.changed(&mut store)), "* 2 EXPUNGE\r\n* 7 EXISTS\r\n* 6 RECENT\r\n");
    assert_eq!(text(idler.changed(&mut store)), "", "nothing is told twice");
    // DONE and the next command in one packet, as iOS sends them.
    assert_eq!(says(&mut idler, "DONE\r\nf noop\r\n", &mut store), "c OK as you were\r\nf OK still here\r\n");
}

#[test]
fn a_number_never_shifts_under_a_command_that_means_it() {
    let mut store = store(&[]);
    let (mut one, mut other) = (imap(), imap());
    says(&mut one, &format!("{LOGIN}b select inbox\r\n"), &mut store);
    says(&mut other, &format!("{LOGIN}b select inbox\r\nc store 1 +flags (\\Deleted)\r\nd expunge\r\n"), &mut store);
    let said = says(&mut one, "e fetch 7 uid\r\n", &mut store);
    assert_eq!(said, "* 7 FETCH (UID 7)\r\ne OK fetched\r\n");
    let said = says(&mut one, "f search uid 7\r\ng uid search uid 7\r\n", &mut store);
    assert_eq!(said, "* SEARCH 7\r\nf OK that is all\r\n* SEARCH 7\r\n* 1 EXPUNGE\r\ng OK that is all\r\n");
}

/// RFC 6851 §3.3 shows the order: COPYUID, EXPUNGE, OK.
#[test]
fn moved_messages_are_there_before_they_are_gone_here() {
    selected(
        "a move 2:3 Archive\r\nb uid move 7 Archive\r\nc move 1 Nowhere\r\nd status Archive (messages)\r\n",
        &[
            "* OK [COPYUID 2 2:3 1:2] moved\r\n* 3 EXPUNGE\r\n* 2 EXPUNGE\r\na OK moved\r\n",
            "* OK [COPYUID 2 7 3] moved\r\n* 5 EXPUNGE\r\nb OK moved\r\n",
            "c NO [TRYCREATE]",
            "(MESSAGES 3)\r\n",
        ],
    );
}

/// RFC 7162 §3.1.3, examples 6 to 10.
#[test]
fn a_store_of_what_has_changed_is_told_as_modified() {
    selected(
        "a fetch 1:2 (modseq)\r\nb store 1 +flags.silent (\\Flagged)\r\n\
         c store 1:2 (unchangedsince 3) +flags.silent (\\Answered)\r\nd search modseq 9\r\n\
         e fetch 1:* (flags) (changedsince 9)\r\n",
        &[
            "* OK [HIGHESTMODSEQ 8]",
            "* 1 FETCH (MODSEQ (2))\r\n* 2 FETCH (MODSEQ (3))\r\na OK",
            "* 1 FETCH (MODSEQ (9))\r\nb OK",
            "* 2 FETCH (MODSEQ (10))\r\nc OK [MODIFIED 1]",
            "* SEARCH 1 2 (MODSEQ 10)\r\n",
            "* 2 FETCH (FLAGS (\\Answered \\Recent) MODSEQ (10))\r\ne OK",
        ],
    );
}

/// RFC 7162 §3.2.5 and §3.2.10.
#[test]
fn a_client_that_comes_back_learns_what_is_gone_and_changed() {
    check(
        imap,
        &format!(
            "{LOGIN}a enable qresync condstore x-none\r\nb select inbox\r\nc store 2,4:5 +flags.silent (\\Deleted)\r\n\
             d expunge\r\ne store 1 flags ($Forwarded)\r\nf select INBOX (qresync (1 9 1:7))\r\n\
             g uid fetch 1:* (flags) (changedsince 9 vanished)\r\nh select inbox (qresync (99 9))\r\ni unselect\r\n"
        ),
        &[
            "* ENABLED QRESYNC CONDSTORE\r\na OK",
            "* VANISHED 2,4:5\r\nd OK [HIGHESTMODSEQ 10]",
            "* 1 FETCH (UID 1 FLAGS ($Forwarded \\Recent) MODSEQ (11))\r\ne OK",
            "* OK [CLOSED]",
            "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $Forwarded)\r\n",
            "* VANISHED (EARLIER) 2,4:5\r\n* 1 FETCH (UID 1 FLAGS ($Forwarded) MODSEQ (11))\r\nf OK",
            "* VANISHED (EARLIER) 2,4:5\r\n* 1 FETCH (UID 1 FLAGS ($Forwarded) MODSEQ (11))\r\ng OK",
            "* OK [CLOSED]",
            "* OK [HIGHESTMODSEQ 11] the last change\r\n* OK [MAILBOXID (F1)] stays when it is renamed\r\nh OK",
            "i OK",
        ],
    );
    check(imap, &format!("{LOGIN}b select inbox (qresync (1 9))\r\n"), &["b BAD ENABLE QRESYNC first"]);
}

/// RFC 4731 §3.1, RFC 5182 §2.1, RFC 9394 §3.1.
#[test]
fn extended_searches_answer_in_the_forms_of_their_rfcs() {
    selected(
        "a search return (min max count) 2:6\r\nb uid search return () 2:4,6\r\nc search return (all) uid 99\r\n\
         d search return (save) 3:5\r\ne fetch $ uid\r\nf uid search return (count) $ not 4\r\n\
         g search return (partial -1:-2) all\r\nh search return (min save) 3:5\r\ni search $\r\n\
         j search return (partial 9:10) all\r\n",
        &[
            "* ESEARCH (TAG \"a\") MIN 2 MAX 6 COUNT 5\r\na OK",
            "* ESEARCH (TAG \"b\") UID ALL 2:4,6\r\nb OK",
            "* ESEARCH (TAG \"c\")\r\nc OK",
            "d OK",
            "* 3 FETCH (UID 3)\r\n* 4 FETCH (UID 4)\r\n* 5 FETCH (UID 5)\r\ne OK",
            "* ESEARCH (TAG \"f\") UID COUNT 2\r\n",
            "* ESEARCH (TAG \"g\") PARTIAL (-1:-2 6:7)\r\n",
            "* ESEARCH (TAG \"h\") MIN 3\r\nh OK",
            "* SEARCH 3\r\n",
            "* ESEARCH (TAG \"j\") PARTIAL (9:10 NIL)\r\n",
        ],
    );
}

#[test]
fn searches_look_into_what_is_encoded() {
    let message = "Subject: =?iso-8859-1?Q?Stra=DFe?=\r\nContent-Type: text/plain; charset=utf-8\r\n\
                   Content-Transfer-Encoding: base64\r\n\r\nSGFsbG8gw5xiZXI=\r\n";
    selected(
        &format!(
            "{}a search charset utf-8 subject {{7+}}\r\nstraße\r\nb search charset utf-8 subject {{4+}}\r\nRAß\r\n\
             c search body {{5+}}\r\nüber\r\nd search text hallo\r\ne search charset koi8-r all\r\nf search body SGFs\r\n",
            append("INBOX", message)
        ),
        &[
            "p OK [APPENDUID 1 8]",
            "* SEARCH 8\r\na OK",
            "* SEARCH 8\r\nb OK",
            "* SEARCH 8\r\nc OK",
            "* SEARCH 8\r\nd OK",
            "e NO [BADCHARSET",
            "* SEARCH\r\nf OK",
        ],
    );
}

#[test]
fn ages_are_counted_in_seconds_and_saved_dates_in_days() {
    // The seven messages are 360, 32, 31, 30, 15, 1 and 0 days old; all of them came today.
    selected(
        "a search younger 86400\r\nb search older 2678400\r\nc search savedon 24-Nov-2026 1\r\n\
         d search savedsince 25-Nov-2026\r\ne fetch 1 (savedate emailid threadid)\r\n",
        &["* SEARCH 6 7\r\n", "* SEARCH 1 2 3\r\n", "c OK", "* SEARCH\r\nd OK", "EMAILID (M1-1) THREADID NIL)\r\ne OK"],
    );
}

/// RFC 5258 §5, examples 1, 2 and 9 in spirit: folders here are hierarchical, subscribed, and some are gone.
#[test]
fn lists_choose_and_say_what_they_are_asked_for() {
    check(
        imap,
        &format!(
            "{LOGIN}a create Fruit/Apple\r\nb subscribe Fruit/Apple\r\nc subscribe Gone/Far\r\n\
             d list \"\" (\"Fr%\" \"INBOX\") return (subscribed)\r\ne list (subscribed) \"\" \"G*\"\r\n\
             f list (recursivematch subscribed) \"\" \"%\"\r\ng list (special-use) \"\" *\r\n\
             h list \"\" Sent return (status (messages size))\r\ni list (recursivematch) \"\" *\r\nj lsub \"\" %\r\n"
        ),
        &[
            "a OK [MAILBOXID (F8)]",
            "* LIST (\\HasNoChildren \\Subscribed) \"/\" \"INBOX\"\r\n",
            "* LIST (\\HasChildren) \"/\" \"Fruit\"\r\nd OK",
            "* LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" \"Gone/Far\"\r\ne OK",
            "* LIST (\\HasChildren) \"/\" \"Fruit\" (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
            "f OK",
            "* LIST (\\HasNoChildren \\Archive) \"/\" \"Archive\"\r\n",
            "\\Trash) \"/\" \"Trash\"\r\ng OK",
            "* LIST (\\HasNoChildren \\Sent) \"/\" \"Sent\"\r\n* STATUS \"Sent\" (MESSAGES 0 SIZE 0)\r\nh OK",
            "i BAD",
            "* LSUB (\\Noselect) \"/\" \"Fruit\"\r\n* LSUB (\\Noselect) \"/\" \"Gone\"\r\n",
            "j OK",
        ],
    );
}

#[test]
fn folders_get_uses_and_names_in_any_script() {
    check(
        imap,
        &format!(
            "{LOGIN}a delete Archive\r\nb create Lager (use (\\Archive))\r\nc create Other (use (\\Archive))\r\n\
             d create Misc (use (\\Important))\r\ne create \"Entw&APw-rfe\"\r\nf create {{8+}}\r\nEntwürfe\r\n\
             g rename \"Entw&APw-rfe\" \"Entw&APw-rfe/&ZeVnLIqe-\"\r\nh rename \"Entw&APw-rfe\" \"&ZeVnLIqe-\"\r\n\
             i list \"\" \"&ZeVnLIqe-\"\r\nj create a//b\r\nk delete INBOX\r\n"
        ),
        &[
            "a OK",
            "b OK [MAILBOXID (F7)]",
            "c NO [USEATTR]",
            "d NO [USEATTR]",
            "e OK",
            "f ",
            "g NO",
            "h OK",
            "* LIST (\\HasNoChildren) \"/\" \"&ZeVnLIqe-\"\r\ni OK",
            "j NO",
            "k NO",
        ],
    );
}

/// RFC 3502 §3, RFC 7889 §3, RFC 8508 §3.4.
#[test]
fn several_messages_come_at_once_and_one_takes_the_place_of_another() {
    selected(
        "a append Sent (\\Seen) {3+}\r\na\r\n (x) \"01-Jan-2020 00:00:00 +0100\" {3+}\r\nb\r\n\r\n\
         b status Sent (messages unseen appendlimit)\r\nc append Sent {0+}\r\n\r\n\
         d uid replace 7 INBOX (\\Seen) {4+}\r\nnew\n\r\ne replace 99 INBOX {1+}\r\nx\r\n",
        &[
            "a OK [APPENDUID 5 1:2]",
            "* STATUS \"Sent\" (MESSAGES 2 UNSEEN 1 APPENDLIMIT 26214400)\r\n",
            "c NO",
            "* OK [APPENDUID 1 8] the replacement\r\n* 7 EXPUNGE\r\n* 7 EXISTS\r\n",
            "d OK",
            "e BAD no such message",
        ],
    );
}

/// RFC 3516 §4.2, RFC 8970 §3.
#[test]
fn parts_come_decoded_and_previews_are_text() {
    let message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n\
                   <p>Hello &amp;  all</p>\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n\
                   --b\r\nContent-Transfer-Encoding: rot13\r\n\r\nx\r\n--b--\r\n";
    selected(
        &format!(
            "{}a fetch 8 (binary.peek[2] binary.size[2] preview)\r\nb fetch 8 binary[2]<1.1>\r\nc fetch 8 binary[3]\r\n\
             d append INBOX ~{{3+}}\r\na\0b\r\n",
            append("INBOX", message)
        ),
        &[
            "* 8 FETCH (BINARY[2] ~{3}\r\n\0\u{1}\u{2} BINARY.SIZE[2] 3 PREVIEW \"Hello & all\")\r\na OK",
            "* 8 FETCH (BINARY[2]<1> {1}\r\n\u{1} FLAGS (\\Seen \\Recent))\r\nb OK",
            "c NO [UNKNOWN-CTE]",
            "d OK [APPENDUID 1 9]",
        ],
    );
}

/// RFC 5256 §4 and §3: subjects without "Re:", reversed dates, threads with and without their first message.
#[test]
fn messages_are_sorted_and_threaded() {
    let message = |id: &str, day: u32, subject: &str, references: &str| {
        append(
            "Archive",
            &format!(
                "Date: {day} Nov 2026 10:00:00 +0000\r\nFrom: {id}@example.org\r\nSubject: {subject}\r\n\
                 Message-ID: <{id}@x>\r\nReferences: {references}\r\n\r\n{}",
                "x".repeat(usize::try_from(day).expect("a day"))
            ),
        )
    };
    let messages = [
        message("c", 3, "Re: beta", "<a@x> <b@x>"),
        message("b", 2, "Beta", "<a@x>"),
        message("d", 4, "alpha", ""),
        message("e", 5, "Re: alpha", ""),
        message("f", 6, "gamma", "<b@x>"),
        message("g", 7, "delta", "<gone@x>"),
        message("h", 8, "delta", "<gone@x>"),
    ]
    .concat();
    check(
        imap,
        &format!(
            "{LOGIN}{messages}s select Archive\r\na sort (subject date) utf-8 all\r\nb uid sort (reverse size) us-ascii 1:3\r\n\
             c sort return (min max count) (from) utf-8 all\r\nd thread references utf-8 all\r\n\
             e thread orderedsubject utf-8 all\r\nf sort () utf-8 all\r\ng sort (from) utf-16 all\r\n"
        ),
        &[
            "s OK",
            "* SORT 3 4 2 1 6 7 5\r\na OK",
            "* SORT 1 2 3\r\nb OK",
            "* ESEARCH (TAG \"c\") MIN 2 MAX 7 COUNT 7\r\nc OK",
            // b has two answers, c and f; d gathers e by its subject; the message that g and h answer is not here.
            "* THREAD (2 (1)(5))(3 4)((6)(7))\r\nd OK",
            "* THREAD (2 1)(3 4)(5)(6 7)\r\ne OK",
            "f BAD",
            "g NO [BADCHARSET",
        ],
    );
}

#[test]
fn quotas_are_told_and_not_given_away() {
    check(
        imap,
        &format!(
            "{LOGIN}a getquotaroot inbox\r\nb getquota \"\"\r\nc setquota \"\" (storage 9)\r\nd getquota other\r\n"
        ),
        &[
            "* QUOTAROOT \"INBOX\" \"\"\r\n* QUOTA \"\" (STORAGE ",
            " 1048576 MESSAGE 7 1000000)\r\na OK",
            "* QUOTA \"\" (STORAGE",
            "c NO [NOPERM]",
            "d NO",
        ],
    );
}

/// What is switched off is not only unsaid.
#[test]
fn commands_of_what_is_off_are_unknown() {
    let mut store = store(&[]);
    let off = "-IDLE,-MOVE,-ENABLE,-ESEARCH,-CONDSTORE,-LIST-EXTENDED,-UIDPLUS,-SORT,-BINARY,-LITERAL+,+LITERAL-";
    store.usual_capabilities = Capabilities::choose(off).expect("a choice").capabilities;
    let mut session = imap();
    let said = says(&mut session, &format!("{LOGIN}s select inbox\r\n"), &mut store);
    assert!(!said.contains("IDLE") && !said.contains("HIGHESTMODSEQ") && said.contains("LITERAL-"), "{said}");
    for (command, answer) in [
        ("a idle", "a BAD unknown command\r\n"),
        ("b move 1 Trash", "b BAD unknown command\r\n"),
        ("c enable condstore", "c BAD unknown command\r\n"),
        ("d search return (all) all", "d BAD unknown search key\r\n"),
        ("e search modseq 1", "e BAD unknown search key\r\n"),
        ("f fetch 1 modseq", "f BAD unknown item\r\n"),
        ("g fetch 1 binary[1]", "g BAD unknown item\r\n"),
        ("h list \"\" (\"a\" \"b\")", "h BAD "),
        ("i copy 1 Trash", "i OK copied\r\n"),
        ("j sort (date) utf-8 all", "j BAD unknown command\r\n"),
        ("k status inbox (highestmodseq)", "k BAD unknown item\r\n"),
    ] {
        let said = says(&mut session, &format!("{command}\r\n"), &mut store);
        assert!(said.starts_with(answer), "{command}: {said}");
    }
    let closed = session.receive(b"l append inbox {5000+}\r\n", &mut store);
    assert_eq!(closed.next, crate::session::Next::Close, "LITERAL- ends at 4096 octets");
}

/// The faults that no step of a client must trip over, seen in what is said.
#[test]
fn faults_that_a_whole_client_copes_with_are_there_all_the_same() {
    let mut alerts = store(&[Fault::Alert]);
    let said = says(&mut imap(), LOGIN, &mut alerts);
    assert!(said.starts_with("* OK [ALERT] the mailbox will move tomorrow\r\na OK"), "{said}");

    let mut changes = store(&[Fault::UidValidityChanges]);
    let said = says(&mut imap(), &format!("{LOGIN}b select inbox\r\nc select inbox\r\n"), &mut changes);
    assert!(said.contains("[UIDVALIDITY 7]") && said.contains("[UIDVALIDITY 8]"), "{said}");

    let mut locks = store(&[Fault::Lockout]);
    let wrong = "a login tim@example.org wrong\r\n";
    let said = says(&mut imap(), &format!("{wrong}{wrong}{LOGIN}"), &mut locks);
    assert!(said.contains("a OK"), "two are forgiven: {said}");
    let said = says(&mut imap(), &format!("{wrong}{LOGIN}"), &mut locks);
    assert!(!said.contains("a OK"), "three are not: {said}");
}

/// A client that reads slowly holds no more than a part of a long answer.
#[test]
fn a_long_answer_is_made_as_it_is_taken() {
    let mut store = store(&[]);
    let mut session = imap();
    says(&mut session, LOGIN, &mut store);
    let message = "x".repeat(100_000);
    for _ in 0..20 {
        says(&mut session, &append("Sent", &message), &mut store);
    }
    says(&mut session, "b select Sent\r\n", &mut store);
    let mut whole = Vec::new();
    let mut output = session.receive(b"c fetch 1:* body.peek[]\r\nd noop\r\n", &mut store);
    loop {
        assert!(output.bytes.len() < 500_000, "{} octets at once", output.bytes.len());
        whole.extend(output.bytes);
        match output.next {
            crate::session::Next::GoOn => output = session.receive(&[], &mut store),
            next => {
                assert_eq!(next, crate::session::Next::Read);
                break;
            }
        }
    }
    let whole = String::from_utf8(whole).expect("UTF-8");
    assert_eq!(whole.matches("FETCH (BODY[] {100000}\r\n").count(), 20);
    assert!(whole.ends_with(")\r\nc OK fetched\r\nd OK still here\r\n"), "{}", &whole[whole.len() - 80..]);
}

/// RFC 4467 §7, RFC 5524 §3: a URL is good for those whom it names, for as long as its key is.
#[test]
fn a_url_that_was_authorized_opens_its_message_and_nothing_else() {
    let mut store = store(&[]);
    store.usual_capabilities = Capabilities::choose("all").expect("a choice").capabilities;
    let (mut tim, mut fred) = (imap(), imap());
    says(&mut tim, LOGIN, &mut store);
    says(&mut fred, "a login fred@example.org tanstaaftanstaaf\r\n", &mut store);
    let mut authorized = |section: &str, access: &str, store: &mut Store| {
        let url = format!("imap://tim%40example.org@mail.example.org/INBOX/;uid=6{section};urlauth={access}");
        let said = says(&mut tim, &format!("b genurlauth \"{url}\" internal\r\n"), store);
        said.split('"').nth(1).expect("a URL").to_owned()
    };
    let anyone = authorized("/;section=1", "anonymous", &mut store);
    let fetched = |text: &str| format!("* URLFETCH \"{anyone}\" {text}\r\nc OK that is all\r\n");
    let encoded = "Gr=C3=BC=C3=9Fe in two forms.";
    let said = says(&mut fred, &format!("c urlfetch \"{anyone}\"\r\n"), &mut store);
    assert_eq!(said, fetched(&format!("{{{}}}\r\n{encoded}", encoded.len())));
    let said = says(&mut fred, &format!("c urlfetch (\"{anyone}\" binary bodypartstructure)\r\n"), &mut store);
    let structure = "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"utf-8\") NIL NIL \"8BIT\" 21 0 NIL NIL NIL NIL)";
    assert_eq!(said, fetched(&format!("(BODYPARTSTRUCTURE {structure}) (BINARY {{21}}\r\nGrüße in two forms.)")));
    let said = says(&mut fred, &format!("c urlfetch (\"{anyone}\" body)\r\n"), &mut store);
    assert_eq!(said, fetched(&format!("(BODY {{{}}}\r\n{encoded})", encoded.len())));

    let for_tim = authorized("", "user+tim%40example.org", &mut store);
    let missing = authorized("/;section=200", "authuser", &mut store);
    let expired = authorized(";expire=2026-11-24T11:59:59Z", "authuser", &mut store);
    let in_time = authorized("/;section=1;expire=2026-11-24T12:00:01Z", "authuser", &mut store);
    let changed = anyone.replace("uid=6", "uid=5");
    for nothing in [&for_tim, &missing, &expired, &changed] {
        let said = says(&mut fred, &format!("c urlfetch \"{nothing}\"\r\n"), &mut store);
        assert_eq!(said, format!("* URLFETCH \"{nothing}\" NIL\r\nc OK that is all\r\n"));
    }
    let said = says(&mut fred, &format!("c urlfetch \"{in_time}\"\r\n"), &mut store);
    assert!(said.contains(encoded), "{said}");
    let said = says(&mut tim, &format!("c urlfetch \"{for_tim}\"\r\nd resetkey INBOX\r\n"), &mut store);
    assert!(said.contains("Message-ID: <1.days@example.org>"), "{said}");
    let said = says(&mut fred, &format!("c urlfetch \"{anyone}\"\r\n"), &mut store);
    assert_eq!(said, fetched("NIL"), "the key is another one");
}

/// RFC 7162 §3.2.7: a server that has forgotten when messages went says of all that are not there that they are gone.
#[test]
fn removals_that_nobody_remembers_are_told_all_the_same() {
    let mut store = store(&[]);
    let mut session = imap();
    says(&mut session, LOGIN, &mut store);
    for _ in 0..4 {
        let many = "p append Sent {1+}\r\nx\r\n".repeat(300);
        says(&mut session, &many, &mut store);
        says(&mut session, "b select Sent\r\nc store 1:* +flags.silent (\\Deleted)\r\nd expunge\r\n", &mut store);
    }
    says(&mut session, &append("Sent", "kept"), &mut store);
    let said = says(&mut session, "e enable qresync\r\nf select Sent (qresync (5 1 1:1201))\r\n", &mut store);
    assert!(said.contains("* VANISHED (EARLIER) 1:1200\r\n"), "{said}");
    // What is remembered is told alone: each round was 300 changes, and two for all of them, after the first one.
    let said = says(&mut session, "g select Sent (qresync (5 605 1:1201))\r\n", &mut store);
    assert!(said.contains("* VANISHED (EARLIER) 601:1200\r\n"), "{said}");
}

/// RFC 3501 §7.2.6; a client learns of a keyword before a message shows it.
#[test]
fn a_keyword_is_told_before_it_is_shown() {
    let mut store = store(&[]);
    let (mut one, mut other) = (imap(), imap());
    says(&mut one, &format!("{LOGIN}b select inbox\r\n"), &mut store);
    says(&mut other, &format!("{LOGIN}b select inbox\r\n"), &mut store);
    let flags = "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $New)\r\n\
                 * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft $New \\*)] these are kept\r\n";
    let said = says(&mut one, "c store 2 +flags ($New)\r\nd store 3 +flags ($new)\r\n", &mut store);
    assert!(
        said.starts_with(&format!("{flags}* 2 FETCH (FLAGS ($New ")) && said.matches("* FLAGS").count() == 1,
        "{said}"
    );
    let said = says(&mut other, "c noop\r\n", &mut store);
    assert!(said.starts_with(&format!("{flags}* 2 FETCH")), "{said}");
}
