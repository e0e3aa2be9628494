//! The table of providers against the files of the provider database: each row is what its file says. The data is not part of
//! this repository.

use std::fs;

use provost_account::{Publisher, Security, providers};
use provost_device::{Person, SourceFile, formats};
use provost_tests::shared;

#[test]
fn each_row_from_the_provider_database_has_the_servers_and_domains_of_its_file() {
    let Some(folder) = shared("data/ispdb") else { return };
    let format = formats().iter().find(|format| format.name == "thunderbird-autoconfig").unwrap();
    let (mut files, mut wrong) = (0, Vec::new());
    for provider in providers() {
        for published in provider.published.iter().filter(|it| it.by == Publisher::Database) {
            let Some(name) = published.source.strip_prefix("thunderbird/autoconfig, ispdb/") else {
                assert!(published.source.contains('@'), "{} names no file", provider.name);
                continue;
            };
            files += 1;
            let bytes = fs::read(folder.join(name)).unwrap();
            let text = String::from_utf8(bytes.clone()).unwrap();
            let person: Person = crate::ispdb::jane();
            let account = format.read(&[SourceFile::nameless(&bytes)], &person).unwrap().profiles.remove(0).account;
            let mut theirs: Vec<String> = account
                .servers()
                .filter(|(_, it)| it.endpoint.security != Security::Cleartext)
                .map(|(protocol, it)| {
                    format!("{} {} {:?}", protocol.name(), it.endpoint.authority(), it.endpoint.security)
                })
                .collect();
            let mut ours: Vec<String> = published
                .servers
                .iter()
                .map(|(protocol, it)| format!("{} {} {:?}", protocol.name(), it.authority(), it.security))
                .collect();
            theirs.sort();
            ours.sort();
            if theirs != ours {
                wrong.push(format!("{name}\n  the file {theirs:?}\n  here     {ours:?}"));
            }
            let foreign = published.domains.iter().filter(|it| !text.contains(&format!("<domain>{it}</domain>")));
            // Fastmail's file is found by its MX alone.
            let foreign: Vec<_> = foreign.filter(|_| provider.name != "fastmail").collect();
            assert!(foreign.is_empty(), "{name} is not about {foreign:?}");
        }
    }
    assert!(files > 40, "{files} files");
    assert!(wrong.is_empty(), "{} files differ:\n{}", wrong.len(), wrong.join("\n"));
    println!("{files} rows have what their files say");
}
