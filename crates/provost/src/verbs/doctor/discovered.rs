//! The account of an address alone: what is known of its domain and what the domain publishes, the most trusted source
//! first, as for `init`. A password goes nowhere that a person would have to confirm.

use anyhow::{Context, anyhow};
use provost_account::{Account, DomainName, EmailAddress, Endpoint, Incoming, LoginTemplate, Protocol, Secret, Server};
use provost_discover::{
    Asked, Asking, Choice, Discovered, Guesses, Nothing, Opinion, SourceKind, choose, discover, known,
};

use super::network::network;
use crate::arguments::doctor::Doctor;
use crate::failure::Failure;

/// What was found.
pub(super) struct Found {
    pub(super) account: Account,
    /// Who says so.
    pub(super) source: String,
    /// The password, if it may go there.
    pub(super) password: Option<Secret>,
    /// What else is said, the most trusted source first.
    pub(super) alternatives: Vec<Alternative>,
}

/// What else a source says that a password may go to.
pub(super) struct Alternative {
    pub(super) kind: SourceKind,
    /// What `init --accept` takes it by; `None`: of its kind another source counts.
    pub(super) accept: Option<SourceKind>,
    pub(super) account: Account,
}

/// What the domain publishes; `None`: nobody answered.
pub(super) fn published(domain: &DomainName, options: &Doctor) -> Result<Option<Vec<Opinion>>, Failure> {
    let network = network(&[], options)?;
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let asking = Asking { domain, address: None, database: None, guesses: Guesses::Tried };
    Ok(answered(runtime.block_on(discover(&network, &asking))))
}

/// What was found; `None`: to no question was there an answer. That a web server has no address says nothing where no name
/// server answers: the system says the same of both.
pub(super) fn answered(found: Discovered) -> Option<Vec<Opinion>> {
    let is_of_records = |it: &Asked| matches!(it.kind, SourceKind::SignedSrv | SourceKind::Srv | SourceKind::MxDerived);
    let is_answered = |it: &Asked| match &it.nothing {
        Some(Nothing::Unasked { .. }) => false,
        Some(Nothing::NotThere) => is_of_records(it),
        Some(Nothing::NotOffered | Nothing::Status(_) | Nothing::Unusable(_)) => true,
        Some(Nothing::DigestDiffers | Nothing::Bogus) | None => true,
    };
    let is_known = found.asked.iter().any(is_answered);
    is_known.then(|| found.opinions.into_iter().map(Opinion::for_settings).collect())
}

/// The account whose servers count, of what the domain publishes and of what is known; `None`: nobody says anything.
pub(super) fn found(
    address: &EmailAddress,
    published: &[Opinion],
    options: &Doctor,
    given: Option<&Secret>,
) -> Result<Option<Found>, Failure> {
    // Of one kind the first counts: what is published today, before what was when the table was made.
    let known = known(address.domain()).into_iter().map(Opinion::for_settings);
    let mut opinions: Vec<Opinion> = published.iter().cloned().chain(known).collect();
    opinions.sort_by_key(|it| it.source.kind);
    if let Some(accepted) = options.accept
        && !opinions.iter().any(|it| it.source.kind == accepted)
    {
        let found: Vec<&str> = opinions.iter().map(|it| it.source.kind.name()).collect();
        let hint = match found.is_empty() {
            true => "no source says anything".to_owned(),
            false => format!("found: {}", found.join(", ")),
        };
        return Err(Failure::hinted(anyhow!("{} says nothing about {}", accepted.title(), address.domain()), hint));
    }
    let choice = choose(opinions.clone(), options.accept);
    if choice.servers.is_empty() {
        return Ok(None);
    }
    // Clients try the address first (RFC 6186 section 4).
    let assumed = LoginTemplate::try_from("%EMAILADDRESS%").context("a template")?;
    let login = choice.login.as_ref().map_or(&assumed, |it| &it.value);
    let account = account(address, choice.servers.iter().map(|it| &it.value), login);
    let needs_a_person = |kind: SourceKind| kind.needs_a_person() && Some(kind) != options.accept;
    let unconfirmed = kinds(&choice).into_iter().find(|kind| needs_a_person(*kind));
    if let (Some(kind), Some(_)) = (unconfirmed, given) {
        eprintln!(
            "note: no password goes to servers that nobody has confirmed, and these are of {}: look at them, then say --accept {}",
            kind.title(),
            kind.name()
        );
    }
    let trusted = opinions.iter().filter(|it| !needs_a_person(it.source.kind));
    let alternatives = trusted.map(|it| {
        let kind = it.source.kind;
        let first = opinions.iter().find(|other| other.source.kind == kind && !other.servers.is_empty());
        let login = it.login.as_ref().map_or(login, |it| &it.value);
        let is_new = |said: &&(Protocol, Endpoint)| {
            !account.servers().any(|(protocol, server)| (protocol, &server.endpoint) == (said.0, &said.1))
        };
        let servers = it.servers.iter().map(|said| &said.value).filter(is_new);
        let accept = first.filter(|first| std::ptr::eq(*first, it)).map(|_| kind);
        Alternative { kind, accept, account: self::account(address, servers, login) }
    });
    let alternatives = alternatives.filter(|it| it.account.servers().next().is_some()).collect();
    let password = given.filter(|_| unconfirmed.is_none()).cloned();
    Ok(Some(Found { source: sources(&choice), password, alternatives, account }))
}

/// The kinds of sources that a password would go to.
fn kinds(choice: &Choice) -> Vec<SourceKind> {
    let servers = choice.servers.iter().map(|it| it.voice.source.kind);
    servers.chain(choice.login.iter().map(|it| it.voice.source.kind)).collect()
}

/// Where the servers come from, each source once.
fn sources(choice: &Choice) -> String {
    let mut sources: Vec<String> =
        choice.servers.iter().map(|it| format!("{}: {}", it.voice.source.kind.title(), it.voice.source.at)).collect();
    sources.dedup();
    sources.join("; ")
}

fn account<'a>(
    address: &EmailAddress,
    servers: impl Iterator<Item = &'a (Protocol, Endpoint)>,
    login: &LoginTemplate,
) -> Account {
    let login = login.expand(address);
    let mut account = Account::of(address.clone());
    for (protocol, endpoint) in servers {
        let server = Server { endpoint: endpoint.clone(), login: Some(login.clone()), password: None };
        match protocol.incoming() {
            Some(protocol) => account.incoming.push(Incoming { protocol, server }),
            None => account.outgoing.push(server),
        }
    }
    account
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use provost_account::{Authentication, Host, Port, Security};
    use provost_discover::{Said, Source};

    use super::*;
    use crate::arguments::{Arguments, Verb};

    fn opinion(kind: SourceKind, host: &str) -> Opinion {
        let endpoint = Endpoint {
            host: Host::try_from(host).expect("a host"),
            port: Port::try_from(993).expect("a port"),
            security: Security::ImplicitTls,
            authentication: Authentication::PasswordCleartext,
        };
        let servers = vec![Said { value: (Protocol::Imap, endpoint), by: String::new(), line: None }];
        Opinion { servers, ..Opinion::of(Source { kind, at: host.to_owned(), read: None }) }
    }

    /// The first server, whether the password may go there, and what else may be tried with what `--accept`.
    fn tried(published: &[Opinion], options: &[&str]) -> (String, bool, Vec<(String, Option<SourceKind>)>) {
        let arguments = Arguments::parse_from([&["provost", "doctor", "jane@reef.example"], options].concat());
        let Verb::Doctor(options) = arguments.verb else { panic!("another verb") };
        let address = EmailAddress::try_from("jane@reef.example").expect("an address");
        let secret = Secret::new("a-password-of-this-test".to_owned());
        let found = found(&address, published, &options, Some(&secret)).expect("it can be looked at");
        let found = found.expect("there is an account");
        let host = |account: &Account| account.incoming[0].server.endpoint.host.to_string();
        let others = found.alternatives.iter().map(|it| (host(&it.account), it.accept)).collect();
        (host(&found.account), found.password.is_some(), others)
    }

    #[test]
    fn a_password_goes_nowhere_that_nobody_has_confirmed() {
        let (own, second) = (opinion(SourceKind::OwnDomain, "own"), opinion(SourceKind::OwnDomain, "second"));
        let (srv, guess) = (opinion(SourceKind::Srv, "srv"), opinion(SourceKind::Guess, "guess"));
        let name = |text: &str| text.to_owned();
        let all = [guess.clone(), srv.clone(), own, second];
        assert_eq!(tried(&all, &[]), (name("own"), true, vec![(name("second"), None)]));
        let accepted = (name("srv"), true, vec![(name("own"), Some(SourceKind::OwnDomain)), (name("second"), None)]);
        assert_eq!(tried(&all, &["--accept", "srv"]), accepted);
        assert_eq!(tried(&[guess.clone(), srv.clone()], &[]), (name("srv"), false, Vec::new()));
        assert_eq!(tried(&[guess, srv], &["--accept", "guess"]), (name("guess"), true, Vec::new()));
    }

    #[test]
    fn that_a_web_server_has_no_address_is_no_answer_of_the_domain() {
        let unasked = Nothing::Unasked { detail: "there is no name server".to_owned() };
        let is_answered = |asked: &[(SourceKind, Nothing)]| {
            let asked = asked.iter().map(|(kind, nothing)| Asked {
                kind: *kind,
                at: String::new(),
                nothing: Some(nothing.clone()),
            });
            answered(Discovered { opinions: Vec::new(), asked: asked.collect() }).is_some()
        };
        let (web, records) = (SourceKind::OwnDomain, SourceKind::Srv);
        assert!(!is_answered(&[(web, Nothing::NotThere), (records, unasked.clone())]));
        assert!(is_answered(&[(web, Nothing::NotThere), (records, Nothing::NotThere)]));
        assert!(is_answered(&[(web, Nothing::Status(404)), (records, unasked)]));
    }
}
