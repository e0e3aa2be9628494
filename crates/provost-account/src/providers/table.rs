//! Reads `table.txt`, the rows of [`super::providers`]; the head of that file describes the format. No other file is read.

use std::sync::LazyLock;

use super::{Provider, ProviderPassword, Published, Publisher};
use crate::blocks::Key::{Once, Repeatable};
use crate::blocks::{Block, Key, Mistake, TableError, blocks, named};
use crate::{Authentication, DomainName, Endpoint, Host, LoginTemplate, Protocol, Security};

pub(super) static PROVIDERS: LazyLock<Vec<Provider>> =
    LazyLock::new(|| read(include_str!("table.txt")).expect("the tests read the same text"));

fn read(text: &'static str) -> Result<Vec<Provider>, TableError> {
    let mut providers: Vec<Provider> = Vec::new();
    for lines in blocks(text) {
        let (line, first) = lines[0];
        if first.starts_with("provider: ") {
            providers.push(provider(&Block::read(&lines, PROVIDER_KEYS)?)?);
            continue;
        }
        let block = Block::read(&lines, PUBLISHED_KEYS)?;
        let of = providers.last_mut().ok_or(TableError { line, mistake: Mistake::Missing("provider") })?;
        let published = published(&block, of)?;
        of.published.push(published);
    }
    Ok(providers)
}

fn provider(block: &Block) -> Result<Provider, TableError> {
    let password = |name: &str| ProviderPassword::ALL.into_iter().find(|it| it.name() == name);
    Ok(Provider {
        name: block.one("provider")?,
        title: block.one("title")?,
        domains: domains(block, "domains")?,
        mx: block.each_known("mx", |mx| DomainName::try_from(mx).ok())?,
        password: block.known("password", password)?,
        since: block.optional("since"),
        switch: block.optional("switch"),
        why: block.optional("why"),
        unsure: block.values("unsure"),
        published: Vec::new(),
    })
}

fn published(block: &Block, provider: &Provider) -> Result<Published, TableError> {
    let own = domains(block, "for")?;
    let login = block.each_known("login", |login| LoginTemplate::try_from(login).ok())?;
    let authentication = match provider.password {
        ProviderPassword::OAuth2 => Authentication::OAuth2,
        ProviderPassword::Account
        | ProviderPassword::App
        | ProviderPassword::AppWithTwoFactor
        | ProviderPassword::Separate => Authentication::PasswordCleartext,
    };
    block.one("server")?;
    Ok(Published {
        by: block.known("published", |by| named(&PUBLISHERS, by))?,
        domains: if own.is_empty() { provider.domains.clone() } else { own },
        login: login.into_iter().next(),
        servers: block.each_known("server", |server| self::server(server, authentication))?,
        source: block.one("source")?,
        read: block.one("read")?,
        unsure: block.values("unsure"),
    })
}

/// `imap imap.example.com:993 SSL`.
fn server(text: &str, authentication: Authentication) -> Option<(Protocol, Endpoint)> {
    let mut words = text.split(' ');
    let protocol = words.next().and_then(|name| Protocol::ALL.into_iter().find(|it| it.name() == name))?;
    let (host, port) = words.next()?.rsplit_once(':')?;
    let security = words.next().and_then(|name| named(&SECURITIES, name))?;
    let endpoint = Endpoint { host: Host::try_from(host).ok()?, port: port.parse().ok()?, security, authentication };
    words.next().is_none().then_some((protocol, endpoint))
}

fn domains(block: &Block, key: &'static str) -> Result<Vec<DomainName>, TableError> {
    let line = |line: &'static str| line.split(' ').map(|name| DomainName::try_from(name).ok()).collect();
    Ok(block.each_known::<Vec<_>>(key, line)?.concat())
}

const PROVIDER_KEYS: &[Key] = &[
    Once("provider"),
    Once("title"),
    Repeatable("domains"),
    Repeatable("mx"),
    Once("password"),
    Once("since"),
    Once("switch"),
    Once("why"),
    Repeatable("unsure"),
];
const PUBLISHED_KEYS: &[Key] = &[
    Once("published"),
    Repeatable("for"),
    Once("login"),
    Repeatable("server"),
    Once("source"),
    Once("read"),
    Repeatable("unsure"),
];
const PUBLISHERS: [(&str, Publisher); 2] = [("database", Publisher::Database), ("provider", Publisher::Provider)];
const SECURITIES: [(&str, Security); 2] = [("SSL", Security::ImplicitTls), ("STARTTLS", Security::StartTls)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_read_and_a_mistake_in_it_is_named_with_its_line() {
        assert_eq!(read(include_str!("table.txt")).err(), None);
        let provider = "provider: a\ntitle: A\ndomains: a.example\npassword: account\n\n";
        let published = "published: database\n";
        for (text, mistake) in [
            (published.to_owned(), "line 1: the block has no \"provider\""),
            ("provider: a\ntitle: A\npassword: secret".to_owned(), "line 3: \"secret\" is not a known password"),
            ("provider: a\ntitle: A\ndomains: a_b".to_owned(), "line 3: \"a_b\" is not a known domains"),
            (format!("{provider}{published}"), "line 6: the block has no \"server\""),
            (
                format!("{provider}{published}server: imap a.example:993 plain\nsource: a\nread: 2026-11"),
                "line 7: \"imap a.example:993 plain\" is not a known server",
            ),
        ] {
            assert_eq!(read(&text.leak()[..]).map_err(|error| error.to_string()), Err(mistake.to_owned()));
        }
    }
}
