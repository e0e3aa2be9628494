//! Two mailboxes and the sessions of their clients, for tests and fuzzing.

use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use provost_account::{
    Authentication, DisplayName, DomainName, EmailAddress, Login, LoginTemplate, Organization, OrganizationId, Secret,
    Service, SyncWindow,
};

use crate::session::{Channel, Session, Setting};
use crate::store::Store;
use crate::{Armed, Config, Fault, Mailbox, imap, pop3, smtp};

/// Tuesday, 24 November 2026, 12:00 UTC.
const NOW: u64 = 1_795_521_600;

pub(crate) fn store(faults: &[Fault]) -> Store {
    let service = Service {
        sync: SyncWindow::Days(30.try_into().expect("not 0")),
        ..Service::of(
            Organization {
                id: OrganizationId::try_from("org.example").expect("an identifier"),
                name: DisplayName::try_from("Example").expect("a name"),
            },
            vec![DomainName::try_from("example.org").expect("a domain")],
            LoginTemplate::try_from("%EMAILADDRESS%").expect("a template"),
            Vec::new(),
            Vec::new(),
        )
    };
    let mailbox = |address: &str, alias: &str| Mailbox {
        address: EmailAddress::try_from(address).expect("an address"),
        aliases: vec![EmailAddress::try_from(alias).expect("an address")],
        login: Login::try_from(address).expect("a login"),
        password: Secret::new("tanstaaftanstaaf".to_owned()),
    };
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let mailboxes =
        vec![mailbox("tim@example.org", "timothy@example.org"), mailbox("fred@example.org", "frederic@example.org")];
    let config = Config {
        faults: faults.iter().copied().map(Armed::from).collect(),
        uid_validity: Some(NonZeroU32::MIN),
        ..Config::of(service, Vec::new(), now)
    };
    Store::new(&config, mailboxes)
}

fn setting(channel: Channel) -> Setting {
    Setting {
        host: "mail.example.org".into(),
        authentications: [Authentication::PasswordCleartext, Authentication::PasswordEncrypted].into(),
        channel,
        number: 1,
        is_too_many: false,
        commands: 0,
        binding: None,
    }
}

pub(crate) fn sessions(channel: Channel) -> [Session; 3] {
    [
        Session::Imap(Box::new(imap::Session::new(setting(channel)))),
        Session::Pop3(pop3::Session::new(setting(channel))),
        Session::Smtp(smtp::Session::new(setting(channel))),
    ]
}

pub(crate) fn imap() -> Session {
    let [session, _, _] = sessions(Channel::Tls);
    session
}

pub(crate) fn pop3() -> Session {
    let [_, session, _] = sessions(Channel::Tls);
    session
}

pub(crate) fn smtp() -> Session {
    let [_, _, session] = sessions(Channel::Tls);
    session
}

pub(crate) const LOGIN: &str = "a login tim@example.org tanstaaftanstaaf\r\n";
