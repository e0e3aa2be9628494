//! The rows of [`super::provider_answers`]: providers in alphabetical order, then servers of any provider; nothing but
//! data. What no report confirms is in `varies` or `unsure`.

use super::{AnswerProtocol, AnswerStep, ProviderAnswer};
use AnswerProtocol::{Imap, OAuth2, Pop3, Smtp};
use AnswerStep as At;

/// Whose hosts they are.
struct Provider(&'static str, &'static [&'static str]);

const ANY: &[&str] = &["*"];
const GMAIL: Provider = Provider("Gmail", &["*.gmail.com", "*.googlemail.com"]);
const GMX: Provider = Provider("GMX, web.de", &["*.gmx.net", "*.gmx.com", "*.gmx.de", "*.web.de"]);
const ICLOUD: Provider = Provider("iCloud", &["*.mail.me.com"]);
const MAIL_RU: Provider = Provider("mail.ru", &["*.mail.ru"]);
/// Outlook.com and Microsoft 365 share hosts.
const MICROSOFT: Provider = Provider("Outlook.com, Microsoft 365", &["*.office365.com", "*.outlook.com"]);
const NETEASE: Provider = Provider("NetEase 163, 126, yeah.net", &["*.163.com", "*.126.com", "*.yeah.net"]);
const QQ: Provider = Provider("QQ", &["*.qq.com"]);
const YAHOO: Provider = Provider("Yahoo, AOL", &["*.mail.yahoo.com", "*.aol.com"]);
const YANDEX: Provider = Provider("Yandex", &["*.yandex.com", "*.yandex.ru", "*.ya.ru"]);
const ZOHO: Provider = Provider("Zoho", &["*.zoho.com", "*.zoho.eu", "*.zoho.in"]);

/// Where and when a provider says something.
const fn at(provider: &Provider, protocol: AnswerProtocol, step: AnswerStep) -> ProviderAnswer {
    ProviderAnswer {
        name: "",
        provider: provider.0,
        hosts: provider.1,
        protocol,
        step,
        says: b"",
        varies: &[],
        pattern: "",
        causes: &[],
        fix: "",
        source: "",
        seen: None,
        unsure: None,
    }
}

/// Where and when a server says something, whoever runs it.
const fn any(server: &'static str, protocol: AnswerProtocol, step: AnswerStep) -> ProviderAnswer {
    at(&Provider(server, ANY), protocol, step)
}

pub(super) const ANSWERS: &[ProviderAnswer] = &[
    ProviderAnswer {
        name: "provider:gmail-app-password",
        says: b"{tag} NO [ALERT] Application-specific password required: \
                https://support.google.com/accounts/answer/185833 (Failure)",
        pattern: r"Application-specific password required",
        causes: &["the account has 2-Step Verification, and the normal password was used"],
        fix: "create an app password in the Google Account, or log in with OAuth 2",
        source: "LukeSmithxyz/mutt-wizard#831, bberkay/openmail#1",
        seen: Some("2026-07-09"),
        ..at(&GMAIL, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-app-password",
        says: b"534-5.7.9 Application-specific password required. For more information, go to\r\n\
                534 5.7.9  https://support.google.com/mail/?p=InvalidSecondFactor \
                5b1f17b1804b1-4547f8a2c1esm1297185e9.5 - gsmtp",
        varies: &["5b1f17b1804b1-4547f8a2c1esm1297185e9.5"],
        pattern: r"5\.7\.9 +Application-specific password required|p=InvalidSecondFactor",
        causes: &["the account has 2-Step Verification, and the normal password was used"],
        fix: "create an app password in the Google Account, or log in with OAuth 2",
        source: "bberkay/openmail#1",
        seen: Some("2026-07-09"),
        ..at(&GMAIL, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-bandwidth-limit",
        says: b"* BYE [OVERQUOTA] Account exceeded command or bandwidth limits.",
        pattern: r"exceeded command or bandwidth limits",
        causes: &[
            "more than 2.5 GB were downloaded over IMAP in a day, or too many commands were sent; the mailbox is not full",
        ],
        fix: "wait up to a day, then download less at a time",
        source: "ljmerza/ha-email-sensor#16, chatwoot#6082; as BYE in answer to FETCH: mbsync's users",
        unsure: Some(
            "the reports begin with the response code; other servers' users saw NO [ALERT] before the same text",
        ),
        ..at(&GMAIL, Imap, At::Fetch)
    },
    ProviderAnswer {
        name: "provider:gmail-daily-limit",
        says: b"550 5.4.5 Daily user sending quota exceeded. 98e67ed59e1d1-33474f14e4bsm6098129a91.28 - gsmtp",
        varies: &["98e67ed59e1d1-33474f14e4bsm6098129a91.28"],
        pattern: r"Daily user sending (quota|limit) exceeded",
        causes: &["the account has reached its daily sending limit"],
        fix: "wait a day, or use a bulk mail service",
        source: "PHPMailer#2113",
        unsure: Some("the command: libraries report it for the envelope and for the message"),
        ..at(&GMAIL, Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:gmail-imap-off-domain",
        says: b"{tag} NO [ALERT] IMAP access is disabled for your domain. \
                Please contact your domain administrator. (Failure)",
        pattern: r"IMAP access is disabled for your domain",
        causes: &["the Workspace administrator has disabled IMAP"],
        fix: "ask the administrator to enable IMAP for the account",
        source: "a mock server's code, on a public page",
        unsure: Some("seen in a mock only"),
        ..at(&GMAIL, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-invalid-credentials",
        says: b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)",
        pattern: r"Invalid credentials \(Failure\)",
        causes: &[
            "the password is wrong",
            "the Workspace administrator forbids password logins",
            "IMAP is off",
            "the OAuth 2 token is invalid",
        ],
        fix: "use an app password or OAuth 2; in a Workspace domain ask the administrator whether IMAP is enabled",
        source: "jstedfast/MailKit#1276, jstedfast/MailKit#377, imapsync#175",
        ..at(&GMAIL, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-invalid-credentials",
        says: b"535-5.7.8 Username and Password not accepted. For more information, go to\r\n\
                535 5.7.8  https://support.google.com/mail/?p=BadCredentials \
                5b1f17b1804b1-4547f8a2c1esm1297185e9.5 - gsmtp",
        varies: &["5b1f17b1804b1-4547f8a2c1esm1297185e9.5"],
        pattern: r"Username and Password not accepted|p=BadCredentials",
        causes: &["the password is wrong", "the normal password was used instead of an app password"],
        fix: "create an app password in the Google Account, or log in with OAuth 2",
        source: "PHPMailer's documentation, on a public page",
        unsure: Some("the source gives the first line up to \"accepted\" only"),
        ..at(&GMAIL, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-recipient-over-quota",
        says: b"552 5.2.2 The email account that you tried to reach is over quota.",
        pattern: r"account that you tried to reach is over quota",
        causes: &["the recipient's mailbox is full"],
        fix: "contact the recipient another way",
        source: "a public page",
        unsure: Some("the code"),
        ..at(&GMAIL, Smtp, At::Recipient)
    },
    ProviderAnswer {
        name: "provider:gmail-too-many-connections",
        says: b"{tag} NO [ALERT] Too many simultaneous connections. (Failure)",
        pattern: r"Too many simultaneous connections",
        causes: &["the account has more than 15 open connections across all devices"],
        fix: "close other programs, or limit their connections; the password is correct",
        source: "jstedfast/MailKit#377, libetpan#160",
        ..at(&GMAIL, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-web-login",
        says: b"* NO [WEBALERT https://accounts.google.com/signin/continue?sarp=1&scc=1&plt=AKgnsbv] \
                Web login required.\r\n\
                {tag} NO [ALERT] Please log in via your web browser: \
                https://support.google.com/mail/accounts/answer/78754 (Failure)",
        varies: &["sarp=1&scc=1&plt=AKgnsbv"],
        pattern: r"\[WEBALERT |log in via your web browser",
        causes: &["Google blocked the login as suspicious: a new location, or a server's address"],
        fix: "log in with a browser from the same network, allow access, and try again",
        source: "pmengal/MailSystem.NET#17, S22.Imap#116",
        ..at(&GMAIL, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmail-web-login",
        says: b"534-5.7.14 <https://accounts.google.com/signin/continue?sarp=1&scc=1&plt=AKgnsbv>\r\n\
                534-5.7.14 Please log in via your web browser and then try again.\r\n\
                534-5.7.14  Learn more at\r\n\
                534 5.7.14  https://support.google.com/mail/answer/78754 o17sm2976192qtv.45 - gsmtp",
        varies: &["sarp=1&scc=1&plt=AKgnsbv", "o17sm2976192qtv.45"],
        pattern: r"log in via your web browser|5\.7\.14 ",
        causes: &["Google blocked the login as suspicious: a new location, or a server's address"],
        fix: "log in with a browser from the same network, allow access, and try again",
        source: "PHPMailer's documentation, on a public page; the lines around it: a log of 2022-02-13, on a public page",
        seen: Some("2022-02-13"),
        ..at(&GMAIL, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmx-protocol-off",
        says: b"{tag} NO authentication failed",
        pattern: r"authentication failed",
        causes: &[
            "IMAP and POP3 are disabled, which is the default and happens again after long disuse",
            "the account has two-factor authentication and requires an app password",
            "the password is wrong",
        ],
        fix: "enable POP3 and IMAP in the web interface: settings, POP3/IMAP",
        source: "thunderbird-android#5780, OpenArchiver#431",
        seen: Some("2026-08-02"),
        ..at(&GMX, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:gmx-protocol-off",
        says: b"-ERR authentication failed",
        pattern: r"authentication failed",
        causes: &[
            "IMAP and POP3 are disabled, which is the default and happens again after long disuse",
            "the account has two-factor authentication and requires an app password",
            "the password is wrong",
        ],
        fix: "enable POP3 and IMAP in the web interface: settings, POP3/IMAP",
        source: "jens-maus/yam#638, with GMX's own mail",
        ..at(&GMX, Pop3, At::Login)
    },
    ProviderAnswer {
        name: "provider:icloud-alias-login",
        says: b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed",
        pattern: r"Authentication failed",
        causes: ICLOUD_CAUSES,
        fix: "log in with the account's primary address and an app-specific password",
        source: "FairEmail FAQ 148",
        unsure: Some("the reports say the same about SMTP, without quoting it"),
        ..at(&ICLOUD, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:icloud-app-password",
        says: b"{tag} NO [AUTHENTICATIONFAILED] Authentication failed",
        pattern: r"Authentication failed",
        causes: ICLOUD_CAUSES,
        fix: "create an app-specific password at account.apple.com, and log in with the account's primary address",
        source: "lefcha/imapfilter#125, node-imap#839",
        unsure: Some("whether the login is the full address or the part before the @: the reports differ"),
        ..at(&ICLOUD, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:icloud-tls-on-starttls-port",
        says: b"wrong version number",
        pattern: r"wrong version number",
        causes: &["the client used implicit TLS on port 587, which requires STARTTLS"],
        fix: "set STARTTLS on port 587",
        source: "dawidd6/action-send-mail#84",
        unsure: Some("OpenSSL's message, not the server's"),
        ..at(&ICLOUD, Smtp, At::NotByServer)
    },
    ProviderAnswer {
        name: "provider:mailru-app-password",
        says: b"{tag} NO [AUTHENTICATIONFAILED] NEOBHODIM parol prilozheniya \
                https://help.mail.ru/mail/security/protection/external / Aplication password is REQUIRED",
        pattern: r"NEOBHODIM parol prilozheniya|App?lication password is REQUIRED",
        causes: &["the normal password was used; programs need an application password"],
        fix: "create a password for external applications in the account's security settings",
        source: "thunderbird-android#9069; the response code: two projects' tests, on public pages",
        seen: Some("2025-04"),
        unsure: Some("the response code, which the first source omits"),
        ..at(&MAIL_RU, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:mailru-app-password",
        says: b"535 5.7.0 NEOBHODIM parol prilozheniya \
                https://help.mail.ru/mail/security/protection/external / Application password is REQUIRED",
        pattern: r"NEOBHODIM parol prilozheniya|App?lication password is REQUIRED",
        causes: &["the normal password was used; programs need an application password"],
        fix: "create a password for external applications in the account's security settings",
        source: "public pages",
        seen: Some("2022-04-29"),
        ..at(&MAIL_RU, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:microsoft365-basic-auth-removed",
        says: b"550 5.7.30 Basic authentication is not supported for Client Submission.",
        pattern: r"Basic authentication is not supported for Client Submission",
        causes: &["SMTP no longer accepts passwords: the final removal, whose date Microsoft will announce in 2027"],
        fix: "log in with OAuth 2",
        source: "techcommunity.microsoft.com, 4114750",
        seen: Some("2026-01-27"),
        unsure: Some("also reported with 535 instead of 550"),
        ..at(&MICROSOFT, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:microsoft365-command-error",
        says: b"{tag} BAD Command Error. 10",
        pattern: r"Command Error\. 10\b",
        causes: &["the OAuth 2 token has expired", "the server is an old Exchange"],
        fix: "authorize the account again",
        source: "FairEmail FAQ 22",
        unsure: Some("the surrounding text, and the command"),
        ..at(&MICROSOFT, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:microsoft365-daily-limit",
        says: b"554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException",
        pattern: r"SubmissionQuotaExceededException",
        causes: &["the mailbox has reached its daily sending limit"],
        fix: "wait until the limit resets, within a day",
        source: "Microsoft's page on sending limits, and a public page",
        ..at(&MICROSOFT, Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:microsoft365-login-failed",
        says: b"535 5.7.3 Authentication unsuccessful",
        pattern: r"5\.7\.3 Authentication unsuccessful",
        causes: &[
            "the password is wrong",
            "the account has multi-factor authentication and accepts no password",
            "the OAuth 2 token lacks a scope, or the mailbox lacks a licence",
        ],
        fix: "log in with OAuth 2 with the scope SMTP.Send",
        source: "FairEmail FAQ 14",
        ..at(&MICROSOFT, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:microsoft365-not-connected",
        says: b"{tag} BAD User is authenticated but not connected.",
        pattern: r"User is authenticated but not connected",
        causes: &[
            "IMAP is disabled for the mailbox; the login was correct",
            "an alias was used instead of the primary address",
            "the mailbox has no licence, or a policy forbids access",
            "too many logins",
        ],
        fix: "enable IMAP for the mailbox, and log in with its primary address",
        source: "FairEmail FAQ 139, and a public page",
        unsure: Some("the status word, which the reports omit"),
        ..at(&MICROSOFT, Imap, At::AfterLogin)
    },
    ProviderAnswer {
        name: "provider:microsoft365-send-as-denied",
        says: b"550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        varies: &["SMTP; Client does"],
        pattern: r"not have permissions to send as this sender",
        causes: &["the sender's address does not belong to the mailbox that logged in (SendAsDenied)"],
        fix: "send from the mailbox's own address, or grant it the Send As permission",
        source: "a public page",
        unsure: Some("the code 550, and the command"),
        ..at(&MICROSOFT, Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:microsoft365-smtp-auth-off-mailbox",
        says: b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.",
        pattern: r"SmtpClientAuthentication is disabled for the Mailbox",
        causes: &["SMTP AUTH is disabled for this mailbox"],
        fix: "enable Authenticated SMTP for the mailbox in the Microsoft 365 admin center",
        source: "a product's documentation, on a public page",
        ..at(&MICROSOFT, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:microsoft365-smtp-auth-off-tenant",
        says: b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. \
                Visit https://aka.ms/smtp_auth_disabled for more information.",
        pattern: r"SmtpClientAuthentication is disabled for the Tenant",
        causes: &["SMTP AUTH is disabled for the whole organization"],
        fix: "enable SMTP AUTH for the organization, or for the mailbox, which overrides it",
        source: "FairEmail FAQ 14, at commit e23dd9df",
        seen: Some("2026-08-22"),
        ..at(&MICROSOFT, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:microsoft365-thread-limit",
        says: b"432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded",
        pattern: r"sender thread limit exceeded",
        causes: &["more than three connections send from the mailbox at once; this is temporary"],
        fix: "send over fewer connections, and try again",
        source: "a public page",
        ..at(&MICROSOFT, Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:netease-id-required",
        says: b"{tag} NO {command} Unsafe Login. Please contact kefu@188.com for help",
        pattern: r"Unsafe Login",
        causes: &["the client has not sent ID (RFC 2971); the login was correct"],
        fix: "send ID after the login: a client setting, or another client",
        source: "S22.Imap#167, rustmailer/bichon#25, imapdownloader#4, MrRSS#602",
        seen: Some("2026-01-26"),
        ..at(&NETEASE, Imap, At::SelectWithoutId)
    },
    ProviderAnswer {
        name: "provider:netease-sasl-ir-refused",
        says: b"{tag} BAD Request not ending with",
        pattern: r"Request not ending with",
        causes: &["the server announces SASL-IR but refuses initial responses"],
        fix: "disable SASL-IR in the client (himalaya: imap.sasl-ir = false), or use LOGIN",
        source: "himalaya#729, CHANGELOG of 2.1.0",
        seen: Some("2026-08-16"),
        unsure: Some("whether more follows \"with\": other reports have three dots"),
        ..at(&NETEASE, Imap, At::InitialResponse)
    },
    ProviderAnswer {
        name: "provider:outlook-account-blocked",
        says: b"{tag} NO LOGIN failed. Account is blocked. \
                Login to your account via a web browser to verify your identity.",
        pattern: r"Account is blocked",
        causes: &["Microsoft has locked the account because it was used from a new network"],
        fix: "log in with a browser and verify your identity",
        source: "mscdex/node-imap#799",
        unsure: Some("the status word, which the report omits"),
        ..at(&MICROSOFT, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:outlook-basic-auth-off",
        says: b"{tag} NO Basic authentication is disabled.\r\n\
                * BYE Microsoft Exchange Server IMAP4 server signing off.",
        pattern: r"Basic authentication is disabled",
        causes: &["the account accepts only OAuth 2, no password"],
        fix: "log in with OAuth 2; passwords no longer work for outlook.com, hotmail.com, live.com and msn.com",
        source: "holon-run/uxc#445",
        seen: Some("2026-09-08"),
        ..at(&MICROSOFT, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:outlook-basic-auth-off",
        says: b"535 5.7.139 Authentication unsuccessful, basic authentication is disabled. \
                [AM0PR01CA0101.eurprd01.PROD.OUTLOOK.COM 2026-05-31T08:15:42.123Z 08DE9F6A1B2C3D4E]",
        varies: &["AM0PR01CA0101.eurprd01", "2026-05-31T08:15:42.123Z 08DE9F6A1B2C3D4E"],
        pattern: r"basic authentication is disabled",
        causes: &[
            "the account accepts only OAuth 2, no password",
            "the organization, or one of its policies, forbids passwords",
        ],
        fix: "log in with OAuth 2; passwords no longer work for outlook.com, hotmail.com, live.com and msn.com",
        source: "nodemailer#1714, twikoo#840, odysseus#197, mailR#107",
        seen: Some("2026-05-31"),
        ..at(&MICROSOFT, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:outlook-login-failed",
        says: b"{tag} NO {command} failed.",
        pattern: r"(LOGIN|AUTHENTICATE) failed\.?\s*$",
        causes: &[
            "the account accepts only OAuth 2, no password",
            "the password or the token is wrong",
            "IMAP is disabled for the mailbox",
        ],
        fix: "log in with OAuth 2, and enable IMAP for the mailbox",
        source: "mjs/imapclient#602, mustang#199",
        seen: Some("2024-08-07"),
        unsure: Some("the reports are about LOGIN; others report the same for AUTHENTICATE"),
        ..at(&MICROSOFT, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:qq-authorization-code",
        // GBK: "please log in with the authorization code. For details see".
        says: b"535 Error: \xc7\xeb\xca\xb9\xd3\xc3\xca\xda\xc8\xa8\xc2\xeb\xb5\xc7\xc2\xbc\xa1\xa3\
                \xcf\xea\xc7\xe9\xc7\xeb\xbf\xb4: http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=28&&no=1001256",
        varies: &["subtype=1&&id=28&&no=1001256"],
        pattern: r"535 Error: .*service\.mail\.qq\.com/cgi-bin/help",
        causes: &["the account's password was used instead of the authorization code"],
        fix: "create an authorization code (\u{6388}\u{6743}\u{7801}) in the web settings, and log in with it",
        source: "DesertsP/Valine-Admin#16",
        unsure: Some("the report shows the GBK bytes as Latin-1"),
        ..at(&QQ, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:qq-login-fail",
        says: b"{tag} NO Login fail. Account is abnormal, service is not open, password is incorrect, \
                login frequency limited, or system is busy.",
        pattern: r"Login fail\. Account is abnormal",
        causes: &[
            "IMAP is not enabled in the web settings",
            "the account's password was used instead of the authorization code",
            "too many logins",
        ],
        fix: "enable IMAP in the web settings, and log in with an authorization code (\u{6388}\u{6743}\u{7801})",
        source: "cursor-auto-free#294",
        seen: Some("2025-03"),
        unsure: Some("the status word, which the report omits"),
        ..at(&QQ, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:yahoo-app-password",
        says: b"{tag} NO [AUTHENTICATIONFAILED] {command} Invalid credentials",
        pattern: r"(LOGIN|AUTHENTICATE) Invalid credentials",
        causes: &["the account's password was used instead of an app password"],
        fix: "create an app password in the account's security settings, or log in with OAuth 2",
        source: "offlineimap#688, enough_mail#245",
        seen: Some("2024-08"),
        ..at(&YAHOO, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:yahoo-app-password",
        says: b"535 5.7.0 (#AUTH005) Too many bad auth attempts.",
        pattern: r"#AUTH005",
        causes: &["the account's password was used instead of an app password; this appears at the first attempt"],
        fix: "create an app password in the account's security settings, or log in with OAuth 2",
        source: "nodemailer#1112, FairEmail FAQ 22",
        ..at(&YAHOO, Smtp, At::Login)
    },
    ProviderAnswer {
        name: "provider:yahoo-rate-limit",
        says: b"{tag} NO [LIMIT] Rate limit hit",
        pattern: r"Rate limit hit",
        causes: &["more than about three sessions of the account or from the address, or logins in quick succession"],
        fix: "wait, and limit the programs' connections; the password is correct",
        source: "a public page that cites Mozilla's bugs 1727971 and 1595169",
        unsure: Some("FairEmail writes \"Login Rate Limit Hit\""),
        ..at(&YAHOO, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:yandex-imap-off",
        says: b"{tag} NO [AUTHENTICATIONFAILED] LOGIN Invalid credentials or IMAP is disabled sc=Q2mYbR0lKa60",
        varies: &["Q2mYbR0lKa60"],
        pattern: r"LOGIN Invalid credentials or IMAP is disabled",
        causes: &[
            "IMAP is disabled in the web settings",
            "the account's password was used instead of an app password",
            "the password is wrong",
        ],
        fix: "enable IMAP in the web settings, under mail clients, and create an app password",
        source: "Mailspring#904, Mailspring#2111",
        unsure: Some("seen with \"invalid\" and with \"Invalid\""),
        ..at(&YANDEX, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:yandex-imap-off-oauth",
        says: b"{tag} NO [AUTHENTICATIONFAILED] AUTHENTICATE Invalid credentials or IMAP is disabled sc=Q2mYbR0lKa60",
        varies: &["Q2mYbR0lKa60"],
        pattern: r"AUTHENTICATE Invalid credentials or IMAP is disabled",
        causes: &["IMAP is disabled in the web settings; the token is valid", "the token or the password is wrong"],
        fix: "enable IMAP in the web settings, under mail clients",
        source: "a public page: \"reads exactly like a wrong password\"",
        ..at(&YANDEX, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:zoho-imap-off",
        says: b"{tag} NO [ALERT] You are yet to enable IMAP for your account. \
                Please contact your administrator (Failure)",
        pattern: r"You are yet to enable IMAP",
        causes: &["IMAP is disabled in the mailbox; even if the administrator allows it, it must be enabled there"],
        fix: "enable IMAP in the mailbox's settings; in an organization the administrator must allow it first",
        source: "ten projects' code, on public pages",
        ..at(&ZOHO, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:zoho-invalid-credentials",
        says: b"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials(Failure)",
        pattern: r"Invalid credentials ?\(Failure\)",
        causes: &[
            "IMAP is disabled in the mailbox",
            "the server belongs to another data centre (.com, .eu, .in); use imappro for an organization's own domain",
            "the account has two-factor authentication and requires an app password",
            "the address is wrong",
        ],
        fix: "enable IMAP, and use the host in the account's settings",
        source: "Mailspring#1334, Mailspring#901",
        ..at(&ZOHO, Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:blocklist-client-blocked",
        says: b"554 5.7.1 Service unavailable; Client host 192.0.2.1 blocked",
        varies: &["192.0.2.1"],
        pattern: r"Service unavailable; Client host .* blocked",
        causes: &["the network's address is on a block list, as many VPN addresses are"],
        fix: "send from another network, or ask the block list to remove the address",
        source: "FairEmail FAQ 22, of Gandi and others",
        ..any("servers that ask block lists, Gandi's for one", Smtp, At::Recipient)
    },
    ProviderAnswer {
        name: "provider:blocklist-spam-rejected",
        says: b"550 Spam message rejected because IP is listed by bl.example",
        varies: &["bl.example"],
        pattern: r"Spam message rejected because IP is listed",
        causes: &["the client's address is on a block list"],
        fix: "send from another network, or ask the block list to remove the address",
        source: "FairEmail FAQ 22",
        ..any("many servers", Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:content-filter-rejected",
        says: b"550 We're sorry, but we can't send your email. Either the subject matter, a link, or an attachment \
                potentially contains spam, or phishing or malware.",
        pattern: r"we can't send your email\. Either the subject matter",
        causes: &["a filter rejected the message's content"],
        fix: "remove links and attachments, and try again",
        source: "FairEmail FAQ 22",
        ..any("an unnamed provider", Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:dovecot-connection-limit",
        says: b"{tag} NO [UNAVAILABLE] Maximum number of connections from user+IP exceeded \
                (mail_max_userip_connections=10)",
        varies: &["=10)"],
        pattern: r"Maximum number of connections from user\+IP exceeded",
        causes: &["the user's programs at this address use all connections that the server allows"],
        fix: "close other programs, or limit their connections; the password is correct",
        source: "Dovecot's login-common, and a public page",
        ..any("Dovecot", Imap, At::Login)
    },
    ProviderAnswer {
        name: "provider:dovecot-over-quota",
        says: b"{tag} NO [OVERQUOTA] Quota exceeded (mailbox for user is full)",
        pattern: r"Quota exceeded \(mailbox for user is full\)",
        causes: &["the mailbox is full: sending works, but the sent message cannot be saved"],
        fix: "delete mail, or ask for more space",
        source: "Dovecot's quota plugin, and a public page",
        ..any("Dovecot", Imap, At::Append)
    },
    ProviderAnswer {
        name: "provider:helo-invalid",
        says: b"501 Syntactically invalid HELO argument(s)",
        pattern: r"Syntactically invalid (HELO|EHLO) argument",
        causes: &["the name in the client's EHLO is not a host name or address"],
        fix: "configure the client to send its address, or a name with a dot",
        source: "FairEmail FAQ 22, 127",
        unsure: Some("the code, which the source omits"),
        ..any("servers that check EHLO", Smtp, At::Hello)
    },
    ProviderAnswer {
        name: "provider:helo-not-rfc",
        says: b"501 Parameter to HELO does not conform to RFC syntax",
        pattern: r"Parameter to HELO does not conform to RFC syntax",
        causes: &["the name in the client's EHLO is not a host name or address"],
        fix: "configure the client to send its address, or a name with a dot",
        source: "FairEmail FAQ 22, 127",
        unsure: Some("the code, which the source omits"),
        ..any("servers that check EHLO", Smtp, At::Hello)
    },
    ProviderAnswer {
        name: "provider:line-too-long",
        says: b"501 Syntax error - line too long",
        pattern: r"Syntax error - line too long",
        causes: &["a header line of the message is too long, for example Autocrypt"],
        fix: "disable Autocrypt in the client, or make it fold its headers",
        source: "FairEmail FAQ 22",
        ..any("servers with a limit for lines", Smtp, At::Message)
    },
    ProviderAnswer {
        name: "provider:oauth-clock",
        says: b"Invalid ID Token Issued at time is more than 10 minutes before or after the current time",
        pattern: r"Issued at time is more than 10 minutes",
        causes: &["the device's clock is wrong"],
        fix: "set the device's clock",
        source: "FairEmail FAQ 22",
        ..any("OAuth 2 clients", OAuth2, At::NotByServer)
    },
    ProviderAnswer {
        name: "provider:pop3-on-imap-port",
        says: b"+OK POP3 ready",
        varies: &["POP3 ready"],
        pattern: r"^\+OK",
        causes: &["the port is a POP3 port (995 or 110), but the client speaks IMAP"],
        fix: "use port 993 for IMAP",
        source: "FairEmail FAQ 22",
        ..any("POP3 servers", Imap, At::Greeting)
    },
    ProviderAnswer {
        name: "provider:pop3-stronger-authentication",
        says: b"-ERR You must use stronger authentication such as AUTH or APOP to connect to this server",
        pattern: r"must use stronger authentication such as AUTH or APOP",
        causes: &["the server does not accept USER and PASS, only SASL or APOP"],
        fix: "configure the client to log in with AUTH",
        source: "FairEmail FAQ 22",
        ..any("old POP3 servers", Pop3, At::PlainPassword)
    },
    ProviderAnswer {
        name: "provider:postfix-recipient-over-quota",
        says: b"554 5.2.2 <{recipient}>: Recipient address rejected: Quota exceeded (mailbox for user is full)",
        pattern: r"Recipient address rejected: Quota exceeded",
        causes: &["the recipient's mailbox is full"],
        fix: "contact the recipient another way",
        source: "a public page",
        ..any("Postfix with Dovecot", Smtp, At::Recipient)
    },
    ProviderAnswer {
        name: "provider:postfix-relay-refused",
        says: b"554 5.7.1 <{recipient}>: Recipient address rejected: not permitted to relay",
        varies: &["<{recipient}>: Recipient address rejected:"],
        pattern: r"not permitted to relay",
        causes: &["the client has not logged in", "this server does not know the login or the sender's address"],
        fix: "enable authentication for sending, and use the server that belongs to the address",
        source: "FairEmail FAQ 22",
        ..any("Postfix", Smtp, At::Recipient)
    },
    ProviderAnswer {
        name: "provider:recipient-given-twice",
        says: b"503 5.5.0 Recipient already specified",
        pattern: r"Recipient already specified",
        causes: &["the same address is in To and in Cc"],
        fix: "remove it from one of the two",
        source: "FairEmail FAQ 22",
        ..any("some servers", Smtp, At::RecipientAgain)
    },
    ProviderAnswer {
        name: "provider:sender-syntax",
        says: b"501 5.1.7 Bad sender address syntax",
        pattern: r"Bad sender address syntax",
        causes: &["the client sends a display name inside the address: From: <Alice <a@b>>"],
        fix: "write the sender as Alice <a@b>, without brackets around all of it",
        source: "himalaya#727",
        ..any("an unnamed provider", Smtp, At::Mail)
    },
    ProviderAnswer {
        name: "provider:stalwart-relay-refused",
        says: b"550 Relay not allowed",
        pattern: r"Relay not allowed",
        causes: &["the recipient's domain is an alias, which Stalwart before 0.16.18 rejects"],
        fix: "update Stalwart to 0.16.18",
        source: "Stalwart, CHANGELOG of 0.16.18",
        seen: Some("2026-08-17"),
        ..any("Stalwart before 0.16.18", Smtp, At::Recipient)
    },
    ProviderAnswer {
        name: "provider:zimbra-read-only",
        says: b"{tag} NO mailbox selected READ-ONLY",
        pattern: r"mailbox selected READ-ONLY",
        causes: &["a Zimbra bug, not missing permissions"],
        fix: "ask the server's administrator to repair the folder",
        source: "FairEmail FAQ 22",
        ..any("Zimbra", Imap, At::Change)
    },
];

const ICLOUD_CAUSES: &[&str] = &[
    "the Apple Account password was used instead of an app-specific one",
    "an alias was used instead of the primary address",
];
