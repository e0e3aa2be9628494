//! The provider database's files, read as the real Thunderbird read them: for `Jane Doe <jane.doe@example.com>`, headless
//! Thunderbird 153.7.0esr said which servers it takes. The data is not part of this repository.

use std::fs;

use provost_account::{Authentication, DisplayName, EmailAddress, Endpoint, Security, Server, codes::profile as codes};
use provost_device::{Person, SourceFile, formats};
use provost_tests::shared;
use serde_json::{Value, json};

#[test]
fn the_reader_picks_the_servers_that_thunderbird_picked() {
    let Some(folder) = shared("data") else { return };
    let observed: Value =
        serde_json::from_slice(&fs::read(folder.join("ispdb-thunderbird-153.json")).unwrap()).unwrap();
    let format = formats().iter().find(|format| format.name == "thunderbird-autoconfig").unwrap();
    let mut differences = Vec::new();
    let observed = observed.as_object().unwrap();
    for (name, expected) in observed {
        let bytes = fs::read(folder.join("ispdb").join(name)).unwrap();
        let found = match format.read(&[SourceFile::nameless(&bytes)], &jane()) {
            Err(findings) => json!(findings.iter().map(|it| it.message.clone()).collect::<Vec<_>>()),
            Ok(reading) => {
                let account = &reading.profiles[0].account;
                let incoming: Vec<Value> =
                    account.incoming.iter().map(|it| row(it.protocol.name(), &it.server)).collect();
                let outgoing: Vec<Value> = account.outgoing.iter().map(|it| row("smtp", it)).collect();
                json!({
                    "alt": incoming[1..],
                    "complete": !reading.findings.iter().any(|finding| finding.code == codes::INCOMPLETE),
                    "inc": incoming[0],
                    "out": outgoing[0],
                    "outalt": outgoing[1..],
                })
            }
        };
        if found != *expected {
            differences.push(format!("{name}\n  Thunderbird {expected}\n  here        {found}"));
        }
    }
    assert_eq!(observed.len(), 109, "the data is that of 109 files");
    assert!(differences.is_empty(), "{} files differ:\n{}", differences.len(), differences.join("\n"));
    println!("{} files read as Thunderbird reads them", observed.len());
}

/// Whom Thunderbird was asked for.
pub(crate) fn jane() -> Person {
    Person {
        address: Some(EmailAddress::try_from("jane.doe@example.com").unwrap()),
        full_name: Some(DisplayName::try_from("Jane Doe").unwrap()),
    }
}

/// A server in Thunderbird's numbers, with its login name.
pub(crate) fn row(kind: &str, server: &Server) -> Value {
    let login = server.login.as_ref().map(|login| login.as_str());
    let [kind, host, port, security, authentication] = numbers(kind, &server.endpoint);
    json!([kind, host, port, security, authentication, login])
}

/// The numbers of Thunderbird's MailNewsTypes2.idl.
pub(crate) fn numbers(kind: &str, endpoint: &Endpoint) -> [Value; 5] {
    let security = match endpoint.security {
        Security::Cleartext => 0,
        Security::StartTls => 2,
        Security::ImplicitTls => 3,
    };
    let authentication = match endpoint.authentication {
        Authentication::None => 1,
        Authentication::PasswordCleartext => 3,
        Authentication::PasswordEncrypted => 4,
        Authentication::Gssapi => 5,
        Authentication::Ntlm => 6,
        Authentication::ClientCertificate => 7,
        Authentication::HttpMd5 => 8,
        Authentication::OAuth2 => 10,
    };
    [kind.into(), endpoint.host.to_string().into(), endpoint.port.get().into(), security.into(), authentication.into()]
}
