//! What is planted, and the cause that must be told: one mail host for each mistake, with an account of its own.
//!
//! In the order of the page: names, the way to the server, certificates, TLS, the settings, the login, the mailbox, sending.
//! `{v4}` is the address of the host, `{name}` the mistake's name.

use super::papers::Flaw;

/// A mistake.
pub(super) struct Mistake {
    /// Its name, and the label of its domain.
    pub(super) name: &'static str,
    /// What is wrong.
    pub(super) what: &'static str,
    /// How it is planted, besides in the settings and in what the person types, which are below.
    pub(super) planted: &'static [Planted],
    /// The cause that must be told, and no other; empty: nothing is wrong.
    pub(super) cause: &'static str,
    /// What the settings say.
    pub(super) incoming: Server,
    pub(super) outgoing: Server,
    /// The login name in the settings.
    pub(super) username: &'static str,
    /// The password that the person types.
    pub(super) password: &'static str,
    /// What the program is given.
    pub(super) given: Given,
    /// What the program is asked besides.
    pub(super) options: &'static [&'static str],
}

/// What the program is given of an account, besides the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// Settings and a user list.
    Settings,
    /// The address alone.
    Address,
}

/// How a mistake is planted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Planted {
    /// The host's certificate.
    Certificate(Flaw),
    /// Dovecot: a line in `local A { … }`.
    Dovecot(&'static str),
    /// Dovecot: what its file of accounts says of this one, instead of its name, or after its folder.
    Account(Account),
    /// The folder of the mailbox.
    Folder(Folder),
    /// Postfix: options of its three services at A.
    Postfix(&'static [&'static str]),
    /// Postfix: a line of a table.
    Table(Table, &'static str),
    /// nftables: a rule of the hook `input`.
    Firewall(&'static str),
    /// Knot: the records of the domain.
    Records(&'static str),
    /// Unbound: a line of its configuration.
    Unbound(&'static str),
    /// OpenSSL's web server at A, for `autoconfig` in the domain: a document whose servers have this first label.
    Autoconfig(&'static str),
    /// The same for `ua-auto-config`, with a document of PACC.
    Pacc(&'static str),
    /// The client's `/etc/resolv.conf` names a server whose answers never come.
    SilentResolver,
    /// What other clients of the account have done before.
    Before(Before),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// It has another name.
    Named(&'static str),
    /// There is none.
    Missing,
    /// Fields.
    With(&'static str),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Folder {
    /// On a file system without room.
    OnFullDisk,
    /// Another user's.
    OfRoot,
    /// INBOX is as it should be, and the folder Sent gives its owner no right but to be listed.
    SentUnreadable,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Table {
    /// Which domains are delivered here: this one is not among them.
    NoDomain,
    /// Which addresses there are: this one is not among them.
    NoMailbox,
    /// Where mail for an address goes.
    Aliases,
    /// By which way mail is delivered.
    Transport,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Three wrong passwords from the same address.
    WrongPasswords,
    /// An IMAP session that is still open.
    ImapSession,
    /// An SMTP session that is still open.
    SmtpSession,
}

/// What the settings say of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) protocol: &'static str,
    /// The first label of the host.
    pub(super) host: &'static str,
    pub(super) port: u16,
    pub(super) socket_type: &'static str,
    pub(super) authentication: &'static str,
}

pub(super) const MISTAKES: &[Mistake] = &[
    mistake("healthy", "nothing", &[], ""),
    // Names.
    Mistake {
        incoming: Server { host: "imap", ..IMAP },
        ..mistake("host-misspelled", "the settings name a host that does not exist", &[], "name-does-not-resolve")
    },
    mistake(
        "no-address",
        "the host's name has a TXT record and no address",
        &[Planted::Records("mail.{name} TXT \"moved\"\n{name} MX 10 mail.{name}\n")],
        "name-does-not-resolve",
    ),
    mistake(
        "dead-alias",
        "the host's name is an alias of one that does not exist",
        &[Planted::Records("mail.{name} CNAME gone.{name}\n{name} MX 10 mail.{name}\n")],
        "name-does-not-resolve",
    ),
    mistake(
        "dnssec-broken",
        "the parent zone has a DS record, and the domain is not signed",
        &[Planted::Unbound(
            "trust-anchor: \"{name}.lab.example. DS 12345 13 2 \
         AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"",
        )],
        "name-server-fails",
    ),
    mistake(
        "resolver-silent",
        "the device's name server does not answer",
        &[Planted::SilentResolver],
        "name-server-fails",
    ),
    mistake(
        "srv-other-host",
        "the SRV record of IMAP names a host that is gone",
        &[Planted::Records(
            "mail.{name} A {v4}\n{name} MX 10 mail.{name}\n_imaps._tcp.{name} SRV 0 1 993 old.{name}\n\
             _submission._tcp.{name} SRV 0 1 587 mail.{name}\n",
        )],
        "records-differ",
    ),
    mistake(
        "srv-without-sending",
        "SRV records say where to receive mail, and none where to send it",
        &[Planted::Records(
            "mail.{name} A {v4}\n{name} MX 10 mail.{name}\n_imaps._tcp.{name} SRV 0 1 993 mail.{name}\n",
        )],
        "records-differ",
    ),
    Mistake {
        options: &["--allow-private"],
        ..mistake(
            "autoconfig-differs",
            "the domain's autoconfig names hosts that are gone",
            &[
                Planted::Autoconfig("old"),
                Planted::Records("mail.{name} A {v4}\nautoconfig.{name} A {v4}\n{name} MX 10 mail.{name}\n"),
            ],
            "published-differs",
        )
    },
    Mistake {
        options: &["--allow-private"],
        ..mistake(
            "autoconfig-agrees",
            "nothing: the domain's autoconfig names the hosts of the settings",
            &[
                Planted::Autoconfig("mail"),
                Planted::Records("mail.{name} A {v4}\nautoconfig.{name} A {v4}\n{name} MX 10 mail.{name}\n"),
            ],
            "",
        )
    },
    Mistake {
        given: Given::Address,
        options: &["--allow-private"],
        ..mistake(
            "address-alone",
            "nothing: the address is all that is given, and the domain's autoconfig names the hosts",
            &[
                Planted::Autoconfig("mail"),
                Planted::Records("mail.{name} A {v4}\nautoconfig.{name} A {v4}\n{name} MX 10 mail.{name}\n"),
            ],
            "",
        )
    },
    Mistake {
        given: Given::Address,
        options: &["--allow-private"],
        ..mistake(
            "address-old-page",
            "the address is all that is given; the domain's autoconfig names hosts that are gone, its PACC document the others",
            &[
                Planted::Autoconfig("old"),
                Planted::Pacc("mail"),
                Planted::Records(
                    "mail.{name} A {v4}\nautoconfig.{name} A {v4}\nua-auto-config.{name} A {v4}\n{name} MX 10 mail.{name}\n",
                ),
            ],
            "name-does-not-resolve",
        )
    },
    // The way.
    mistake(
        "ipv6-dead",
        "packets to the host's IPv6 address are dropped, and IPv4 works",
        &[
            Planted::Records("mail.{name} A {v4}\nmail.{name} AAAA {v6}\n{name} MX 10 mail.{name}\n"),
            Planted::Firewall("ip6 daddr {v6} drop"),
        ],
        "address-dead",
    ),
    mistake(
        "ipv4-dead",
        "packets to the host's IPv4 address are dropped, and IPv6 works",
        &[
            Planted::Records("mail.{name} A {v4}\nmail.{name} AAAA {v6}\n{name} MX 10 mail.{name}\n"),
            Planted::Firewall("ip daddr {v4} drop"),
        ],
        "address-dead",
    ),
    mistake(
        "no-ipv6",
        "nothing: the host has an IPv6 address, and the client's machine has no way to any such",
        &[Planted::Records("mail.{name} A {v4}\nmail.{name} AAAA 3fff::7\n{name} MX 10 mail.{name}\n")],
        "",
    ),
    Mistake {
        incoming: Server { port: 9930, ..IMAP },
        ..mistake("wrong-port", "the settings name a port where nothing listens", &[], "wrong-port")
    },
    mistake(
        "imap-down",
        "the server's firewall rejects connections to IMAP",
        &[Planted::Firewall("ip daddr {v4} tcp dport { 143, 993 } reject with tcp reset")],
        "port-closed",
    ),
    mistake(
        "imap-dropped",
        "packets to IMAP are dropped",
        &[Planted::Firewall("ip daddr {v4} tcp dport { 143, 993 } drop")],
        "no-answer",
    ),
    mistake(
        "submission-dropped",
        "packets to submission are dropped",
        &[Planted::Firewall("ip daddr {v4} tcp dport 587 drop")],
        "no-answer",
    ),
    mistake(
        "prohibited",
        "a router says that the way is prohibited",
        &[Planted::Firewall("ip daddr {v4} tcp dport { 143, 993 } reject with icmp type admin-prohibited")],
        "host-unreachable",
    ),
    mistake(
        "greeting-late",
        "the submission server greets after 30 seconds",
        &[Planted::Postfix(&["smtpd_client_restrictions=sleep 30", "smtpd_delay_reject=no"])],
        "no-answer",
    ),
    // Certificates.
    mistake(
        "certificate-expired",
        "the certificate expired in 2021",
        &[Planted::Certificate(Flaw::Expired)],
        "certificate-expired",
    ),
    mistake(
        "certificate-early",
        "the certificate is valid from 2090",
        &[Planted::Certificate(Flaw::NotYetValid)],
        "certificate-not-yet-valid",
    ),
    mistake(
        "certificate-ending",
        "the certificate expires in three days",
        &[Planted::Certificate(Flaw::EndsSoon)],
        "certificate-ends-soon",
    ),
    mistake(
        "other-name",
        "the certificate is for www.lab.example",
        &[Planted::Certificate(Flaw::OtherName)],
        "certificate-for-another-name",
    ),
    mistake(
        "other-name-ipv4",
        "the certificate at the IPv4 address is another host's, and clients take IPv6 first",
        &[
            Planted::Records("mail.{name} A {v4}\nmail.{name} AAAA {v6}\n{name} MX 10 mail.{name}\n"),
            Planted::Dovecot("ssl_cert = <{folder}/papers/healthy.pem\n  ssl_key = <{folder}/papers/healthy.key"),
        ],
        "certificate-for-another-name",
    ),
    mistake(
        "no-name",
        "the certificate has a common name and no subjectAltName",
        &[Planted::Certificate(Flaw::NoName)],
        "certificate-without-name",
    ),
    mistake(
        "other-authority",
        "an authority that nobody trusts signed the certificate",
        &[Planted::Certificate(Flaw::OtherAuthority)],
        "certificate-issuer-unknown",
    ),
    mistake(
        "chain-incomplete",
        "the server leaves out the intermediate certificate",
        &[Planted::Certificate(Flaw::ChainIncomplete)],
        "certificate-issuer-unknown",
    ),
    mistake(
        "authority-itself",
        "the certificate is self-signed, with CA:TRUE",
        &[Planted::Certificate(Flaw::AuthorityItself)],
        "certificate-of-an-authority",
    ),
    mistake(
        "for-clients",
        "the certificate's extended key usage is clientAuth",
        &[Planted::Certificate(Flaw::NotForServers)],
        "certificate-not-for-servers",
    ),
    // TLS.
    mistake(
        "old-tls",
        "the submission server speaks nothing newer than TLS 1.1",
        &[Planted::Postfix(&[
            "smtpd_tls_protocols=TLSv1.1",
            "smtpd_tls_mandatory_protocols=TLSv1.1",
            "smtpd_tls_ciphers=low",
            "smtpd_tls_mandatory_ciphers=low",
            "tls_low_cipherlist=ALL:@SECLEVEL=0",
        ])],
        "tls-too-old",
    ),
    mistake(
        "no-certificate",
        "the submission server has no certificate",
        &[Planted::Postfix(&["smtpd_tls_cert_file=", "smtpd_tls_key_file=", "smtpd_tls_eccert_file="])],
        "starttls-fails",
    ),
    mistake(
        "client-certificate",
        "the submission server admits no client without a certificate",
        &[Planted::Postfix(&["smtpd_tls_req_ccert=yes"])],
        "client-certificate-wanted",
    ),
    Mistake {
        incoming: IMAP_STARTTLS,
        ..mistake(
            "no-starttls",
            "the IMAP server does not offer STARTTLS",
            &[Planted::Dovecot("ssl = no")],
            "starttls-not-offered",
        )
    },
    Mistake {
        incoming: IMAP_STARTTLS,
        ..mistake(
            "sni-needed",
            "the IMAP server shows another host's certificate to a client that sends no SNI",
            &[Planted::Dovecot(
                "ssl_cert = <{folder}/papers/healthy.pem\n  ssl_key = <{folder}/papers/healthy.key\n  \
                 local_name mail.{name}.lab.example {\n    ssl_cert = <{folder}/papers/{name}.pem\n    \
                 ssl_key = <{folder}/papers/{name}.key\n  }",
            )],
            "certificate-needs-sni",
        )
    },
    mistake(
        "no-starttls-smtp",
        "the submission server does not offer STARTTLS",
        &[Planted::Postfix(&["smtpd_tls_security_level=none", "smtpd_tls_auth_only=no"])],
        "starttls-not-offered",
    ),
    Mistake {
        incoming: IMAP_STARTTLS,
        ..mistake(
            "cleartext-login",
            "the IMAP server takes passwords before TLS",
            &[Planted::Dovecot("ssl = yes\n  disable_plaintext_auth = no")],
            "password-read-before-tls",
        )
    },
    // The settings.
    Mistake {
        incoming: Server { socket_type: "STARTTLS", ..IMAP },
        ..mistake("starttls-at-993", "the settings say STARTTLS for 993", &[], "wrong-security")
    },
    Mistake {
        incoming: Server { socket_type: "SSL", ..IMAP_STARTTLS },
        ..mistake("ssl-at-143", "the settings say SSL for 143", &[], "wrong-security")
    },
    Mistake {
        outgoing: Server { port: 465, ..SUBMISSION },
        ..mistake("starttls-at-465", "the settings say STARTTLS for 465", &[], "wrong-security")
    },
    Mistake {
        outgoing: Server { socket_type: "SSL", ..SUBMISSION },
        ..mistake("ssl-at-587", "the settings say SSL for 587", &[], "wrong-security")
    },
    Mistake {
        incoming: Server { port: 995, ..IMAP },
        ..mistake("pop3-port", "the settings name POP3's port for IMAP", &[], "wrong-protocol")
    },
    Mistake {
        outgoing: Server { port: 143, ..SUBMISSION },
        ..mistake("imap-port", "the settings name IMAP's port for submission", &[], "wrong-protocol")
    },
    Mistake {
        outgoing: Server { port: 25, ..SUBMISSION },
        ..mistake("relay-port", "the settings name port 25, where nobody logs in", &[], "login-method-not-offered")
    },
    Mistake {
        incoming: Server { authentication: "password-encrypted", ..IMAP },
        ..mistake("cram-md5", "the settings want CRAM-MD5, which is not offered", &[], "login-method-not-offered")
    },
    // The login.
    mistake(
        "oauth-only",
        "the submission server offers XOAUTH2 alone",
        &[Planted::Postfix(&["smtpd_sasl_mechanism_filter=xoauth2"])],
        "login-method-not-offered",
    ),
    mistake(
        "no-auth",
        "the submission server offers no login",
        &[Planted::Postfix(&["smtpd_sasl_auth_enable=no"])],
        "login-method-not-offered",
    ),
    Mistake {
        password: "another one",
        ..mistake("wrong-password", "the person types a wrong password", &[], "wrong-password-or-name")
    },
    mistake("no-account", "there is no such account", &[Planted::Account(Account::Missing)], "wrong-password-or-name"),
    mistake(
        "local-part",
        "the server knows the account by the part before the @",
        &[Planted::Account(Account::Named("local-part"))],
        "wrong-login-form",
    ),
    Mistake {
        username: "%EMAILLOCALPART%",
        ..mistake(
            "local-part-told",
            "the settings say the part before the @, the server wants the address",
            &[],
            "wrong-login-form",
        )
    },
    mistake(
        "closed-account",
        "the account may not log in",
        &[Planted::Account(Account::With("nologin=y reason=Account_is_closed"))],
        "login-not-allowed",
    ),
    Mistake {
        options: &["--wrong-password"],
        ..mistake(
            "any-password",
            "the server takes any password",
            &[Planted::Account(Account::With("nopassword=y"))],
            "wrong-password-accepted",
        )
    },
    mistake(
        "login-delayed",
        "three wrong passwords came from the same address before",
        &[Planted::Before(Before::WrongPasswords)],
        "login-delayed",
    ),
    mistake(
        "imap-sessions",
        "the account may have one IMAP session, and has it",
        &[Planted::Dovecot("mail_max_userip_connections = 1"), Planted::Before(Before::ImapSession)],
        "limit-reached",
    ),
    mistake(
        "smtp-sessions",
        "the address may have one SMTP session, and has it",
        &[Planted::Postfix(&["smtpd_client_connection_count_limit=1"]), Planted::Before(Before::SmtpSession)],
        "limit-reached",
    ),
    mistake(
        "auth-down",
        "the submission server does not find what checks its passwords",
        &[Planted::Postfix(&["smtpd_sasl_path=/nowhere"])],
        "connection-lost",
    ),
    // The mailbox.
    mistake(
        "folder-of-root",
        "the folder of the mailbox is another user's",
        &[Planted::Folder(Folder::OfRoot)],
        "server-error",
    ),
    mistake(
        "no-rights",
        "the access list takes the right to read INBOX",
        &[Planted::Account(Account::With("userdb_acl=vfile:{folder}/unreadable"))],
        "select-refused",
    ),
    mistake(
        "quota",
        "the mailbox is full",
        &[Planted::Account(Account::With("userdb_quota_rule=*:storage=1K"))],
        "mailbox-full",
    ),
    mistake(
        "disk-full",
        "the file system of the mailbox is full",
        &[Planted::Folder(Folder::OnFullDisk)],
        "server-error",
    ),
    mistake(
        "junk",
        "mail goes to the folder Junk",
        &[Planted::Table(Table::Aliases, "{name}@{name}.lab.example {name}+Junk@{name}.lab.example")],
        "arrived-in-junk",
    ),
    mistake(
        "sent-closed",
        "the access list takes the right to read the folder for sent mail",
        &[Planted::Folder(Folder::SentUnreadable)],
        "special-folder-refused",
    ),
    // Sending.
    mistake(
        "lmtp-down",
        "the server that delivers is down",
        &[Planted::Table(Table::Transport, "{name}.lab.example lmtp:unix:/nowhere")],
        "not-arrived",
    ),
    mistake(
        "address-unknown",
        "the submission server does not know the address",
        &[Planted::Table(Table::NoMailbox, "(no line)")],
        "recipient-refused",
    ),
    mistake(
        "relay-denied",
        "the submission server delivers for other domains and relays for nobody",
        &[
            Planted::Table(Table::NoDomain, "(no line)"),
            Planted::Postfix(&["smtpd_relay_restrictions=reject_unauth_destination"]),
        ],
        "relay-denied",
    ),
    mistake(
        "sender",
        "the login may not send as the address",
        &[Planted::Postfix(&[
            "smtpd_sender_restrictions=reject_sender_login_mismatch",
            "smtpd_sender_login_maps=static:owner@lab.example",
        ])],
        "sender-refused",
    ),
    mistake(
        "listed",
        "the client's address is in a block list",
        &[
            Planted::Postfix(&["smtpd_client_restrictions=reject_rbl_client rbl.lab.example"]),
            Planted::Records(
                "mail.{name} A {v4}\n{name} MX 10 mail.{name}\n{reversed}.rbl A 127.0.0.2\n{reversed}.rbl TXT \"listed\"\n",
            ),
        ],
        "client-blocked",
    ),
    mistake(
        "put-off",
        "the server puts mail off",
        &[Planted::Postfix(&[
            "smtpd_recipient_restrictions=check_recipient_access static:{450 4.7.1 Greylisted, try again later}",
        ])],
        "mail-deferred",
    ),
    mistake(
        "size-limit",
        "the server takes 200 octets",
        &[Planted::Postfix(&["message_size_limit=200"])],
        "message-too-large",
    ),
    mistake(
        "quota-told",
        "the mailbox is full, and the submission server knows",
        &[
            Planted::Account(Account::With("userdb_quota_rule=*:storage=1K")),
            Planted::Postfix(&["smtpd_recipient_restrictions=check_policy_service inet:127.0.0.1:12340"]),
        ],
        "mailbox-full",
    ),
];

const fn mistake(name: &'static str, what: &'static str, planted: &'static [Planted], cause: &'static str) -> Mistake {
    let (incoming, outgoing, given) = (IMAP, SUBMISSION, Given::Settings);
    Mistake {
        name,
        what,
        planted,
        cause,
        incoming,
        outgoing,
        username: "%EMAILADDRESS%",
        password: PASSWORD,
        given,
        options: &[],
    }
}

const IMAP: Server =
    Server { protocol: "imap", host: "mail", port: 993, socket_type: "SSL", authentication: "password-cleartext" };
const IMAP_STARTTLS: Server = Server { port: 143, socket_type: "STARTTLS", ..IMAP };
const SUBMISSION: Server = Server { protocol: "smtp", port: 587, socket_type: "STARTTLS", ..IMAP };

/// Of everybody, unless the person types another one.
pub(super) const PASSWORD: &str = "open-sesame";
