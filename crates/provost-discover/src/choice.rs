//! The values that count, of everything that was said, and what contradicts them. It asks nobody: whether a source is
//! accepted is its argument.

use std::num::NonZeroU16;

use provost_account::{
    CollectionService, Difference, DisplayName, Endpoint, LoginTemplate, OAuth2, Protocol, differences,
};

use crate::opinion::{Opinion, Said};
use crate::source::{Source, SourceKind};

/// What counts. Empty or `None`: nobody says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Whose service it is, as people call it.
    pub name: Option<Chosen<DisplayName>>,
    /// How a login name is made from an address.
    pub login: Option<Chosen<LoginTemplate>>,
    /// The servers to receive from, then those to send through, each list from one source.
    pub servers: Vec<Chosen<(Protocol, Endpoint)>>,
    /// How many days of mail a device keeps.
    pub sync_days: Option<Chosen<NonZeroU16>>,
    /// The calendar.
    pub calendar: Option<Chosen<CollectionService>>,
    /// The address book.
    pub contacts: Option<Chosen<CollectionService>>,
    /// Where tokens come from.
    pub oauth2: Option<Chosen<OAuth2>>,
    /// What sources say otherwise.
    pub contradictions: Vec<Contradiction>,
}

/// A value that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<T> {
    /// The value.
    pub value: T,
    /// Who says it.
    pub voice: Voice,
}

/// A source, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice {
    /// The source.
    pub source: Source,
    /// The sentence, row, record or element; empty if the source as a whole says it.
    pub by: String,
    /// Its line.
    pub line: Option<usize>,
}

/// What two sources say differently. The first of them has the higher rank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// What it is about, with both values.
    pub about: Disagreement,
    /// The source of the higher rank.
    pub higher: Voice,
    /// The sources that say otherwise, all the same thing.
    pub lower: Vec<Voice>,
}

/// Two values for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disagreement {
    /// Another host.
    Host {
        /// What is spoken there.
        protocol: Protocol,
        /// The servers of the source with the higher rank.
        higher: Vec<Endpoint>,
        /// The server of the others.
        lower: Endpoint,
    },
    /// Another port, or another way to start TLS there.
    Port {
        /// What is spoken there.
        protocol: Protocol,
        /// The servers of the source with the higher rank.
        higher: Vec<Endpoint>,
        /// The server of the others.
        lower: Endpoint,
    },
    /// Another login name.
    Login {
        /// That of the source with the higher rank.
        higher: LoginTemplate,
        /// That of the others.
        lower: LoginTemplate,
    },
}

/// What counts of these opinions: for each value that of the accepted source, or else of the source with the highest rank.
#[must_use]
pub fn choose(mut opinions: Vec<Opinion>, accepted: Option<SourceKind>) -> Choice {
    // Stable: of two sources of a kind the first one counts.
    opinions.sort_by_key(|it| it.source.kind);
    let contradictions = contradictions(&opinions);
    opinions.sort_by_key(|it| (Some(it.source.kind) != accepted, it.source.kind));
    let incoming = servers(&opinions, |protocol| protocol.incoming().is_some());
    let outgoing = servers(&opinions, |protocol| protocol.incoming().is_none());
    Choice {
        name: opinions.iter().find_map(|it| {
            let voice = || Voice { source: it.source.clone(), by: String::new(), line: None };
            it.name.clone().map(|value| Chosen { value, voice: voice() })
        }),
        login: first(&opinions, |it| it.login.as_ref()),
        servers: [incoming, outgoing].concat(),
        sync_days: first(&opinions, |it| it.sync_days.as_ref()),
        calendar: first(&opinions, |it| it.calendar.as_ref()),
        contacts: first(&opinions, |it| it.contacts.as_ref()),
        oauth2: first(&opinions, |it| it.oauth2.as_ref()),
        contradictions,
    }
}

impl Choice {
    /// The kinds of sources that a server, a login name or a web service comes from: those that a password would go to.
    pub fn kinds(&self) -> impl Iterator<Item = SourceKind> {
        let servers = self.servers.iter().map(|it| &it.voice);
        let login = self.login.iter().map(|it| &it.voice);
        let web = self.calendar.iter().chain(&self.contacts).map(|it| &it.voice);
        servers.chain(login).chain(web).map(|voice| voice.source.kind)
    }
}

fn first<T: Clone>(opinions: &[Opinion], value: impl Fn(&Opinion) -> Option<&Said<T>>) -> Option<Chosen<T>> {
    opinions.iter().find_map(|it| value(it).map(|said| chosen(it, said)))
}

/// The servers of the first source that has any of these protocols.
fn servers(opinions: &[Opinion], is_wanted: impl Fn(Protocol) -> bool) -> Vec<Chosen<(Protocol, Endpoint)>> {
    let of = |it: &Opinion| -> Vec<_> {
        it.servers.iter().filter(|said| is_wanted(said.value.0)).map(|said| chosen(it, said)).collect()
    };
    opinions.iter().map(of).find(|found| !found.is_empty()).unwrap_or_else(Vec::new)
}

fn chosen<T: Clone>(opinion: &Opinion, said: &Said<T>) -> Chosen<T> {
    Chosen { value: said.value.clone(), voice: voice(opinion, said) }
}

fn voice<T>(opinion: &Opinion, said: &Said<T>) -> Voice {
    Voice { source: opinion.source.clone(), by: said.by.clone(), line: said.line }
}

/// What opinions, the highest rank first, say otherwise than the first that says anything about the same.
fn contradictions(opinions: &[Opinion]) -> Vec<Contradiction> {
    let mut found: Vec<Contradiction> = Vec::new();
    let mut add = |about: Disagreement, higher: Voice, lower: Voice| match found.iter_mut().find(|it| it.about == about)
    {
        Some(known) => known.lower.push(lower),
        None => found.push(Contradiction { about, higher, lower: vec![lower] }),
    };
    for protocol in Protocol::ALL {
        let of = |it: &Opinion| -> Vec<Said<(Protocol, Endpoint)>> {
            it.servers.iter().filter(|said| said.value.0 == protocol).cloned().collect()
        };
        let mut all = opinions.iter().map(|it| (it, of(it))).filter(|(_, servers)| !servers.is_empty());
        let Some((best, theirs)) = all.next() else { continue };
        let higher: Vec<Endpoint> = theirs.iter().map(|said| said.value.1.clone()).collect();
        let known: Vec<_> = higher.iter().map(|it| (protocol, it)).collect();
        for (other, servers) in all {
            // Who has a server that both have may have further ports of it: those are alternatives.
            let agrees = servers.iter().any(|said| higher.contains(&said.value.1));
            for difference in differences(servers.iter().map(|said| (protocol, &said.value.1)), &known) {
                let (Difference::Host(_, server) | Difference::Port(_, server)) = difference;
                if agrees && matches!(difference, Difference::Port(..)) {
                    continue;
                }
                let said = servers.iter().find(|said| said.value.1 == *server).expect("it is one of these");
                let (higher, lower) = (higher.clone(), server.clone());
                let about = match difference {
                    Difference::Host(..) => Disagreement::Host { protocol, higher, lower },
                    Difference::Port(..) => Disagreement::Port { protocol, higher, lower },
                };
                add(about, voice(best, &theirs[0]), voice(other, said));
            }
        }
    }
    let mut logins = opinions.iter().filter_map(|it| Some((it, it.login.as_ref()?)));
    if let Some((best, higher)) = logins.next() {
        for (other, lower) in logins.filter(|(_, lower)| lower.value != higher.value) {
            let about = Disagreement::Login { higher: higher.value.clone(), lower: lower.value.clone() };
            add(about, voice(best, higher), voice(other, lower));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use provost_account::{Authentication, DomainName, Host, Port, Security};

    use super::*;
    use crate::known;

    fn domain(name: &str) -> DomainName {
        DomainName::try_from(name).expect("a name")
    }

    fn guide(servers: &[(Protocol, &str, u16, Security)]) -> Opinion {
        let server = |(protocol, host, port, security): &(Protocol, &str, u16, Security)| Said {
            value: (
                *protocol,
                Endpoint {
                    host: Host::try_from(*host).expect("a host"),
                    port: Port::new(*port).expect("a port"),
                    security: *security,
                    authentication: Authentication::PasswordCleartext,
                },
            ),
            by: format!("the server is {host}"),
            line: Some(1),
        };
        let source = Source { kind: SourceKind::Guide, at: "guide.txt".to_owned(), read: None };
        Opinion { servers: servers.iter().map(server).collect(), ..Opinion::of(source) }
    }

    fn hosts(choice: &Choice) -> Vec<String> {
        choice.servers.iter().map(|it| it.value.1.authority()).collect()
    }

    fn shown(choice: &Choice) -> Vec<String> {
        let what = |it: &Contradiction| match &it.about {
            Disagreement::Host { protocol, lower, .. } => format!("{} {}", protocol.name(), lower.host),
            Disagreement::Port { protocol, lower, .. } => format!("{} {}", protocol.name(), lower.port),
            Disagreement::Login { lower, .. } => format!("login {}", lower.as_str()),
        };
        let by = |it: &Contradiction| it.lower.iter().map(|it| it.source.kind.name()).collect::<Vec<_>>().join(" ");
        choice.contradictions.iter().map(|it| format!("{}: {}", what(it), by(it))).collect()
    }

    /// The servers of fixtures/centurylink.
    fn of_the_guide() -> Opinion {
        guide(&[
            (Protocol::Imap, "imap.centurylink.com", 993, Security::ImplicitTls),
            (Protocol::Submission, "smtp.centurylink.com", 465, Security::ImplicitTls),
            (Protocol::Submission, "smtp.centurylink.com", 587, Security::StartTls),
        ])
    }

    #[test]
    fn what_the_provider_publishes_counts_before_a_guide_and_the_three_contradictions_are_the_same_either_way() {
        let opinions = [known(&domain("centurylink.net")), vec![of_the_guide()]].concat();
        let three = ["imap imap.centurylink.com: guide", "smtp smtp.centurylink.com: guide", "smtp 465: guide"];
        let best = choose(opinions.clone(), None);
        let published = ["mail.centurylink.net:993", "pop.centurylink.net:995", "smtp.centurylink.net:587"];
        assert_eq!(hosts(&best), published);
        assert_eq!(shown(&best), three);
        let accepted = choose(opinions, Some(SourceKind::Guide));
        let said = ["imap.centurylink.com:993", "smtp.centurylink.com:465", "smtp.centurylink.com:587"];
        assert_eq!(hosts(&accepted), said);
        assert_eq!(shown(&accepted), three);
    }

    #[test]
    fn for_q_com_the_page_and_the_database_differ() {
        let choice = choose(known(&domain("q.com")), None);
        assert_eq!(hosts(&choice)[0], "mail.centurylink.net:993");
        assert_eq!(
            shown(&choice),
            ["imap mail.q.com: database", "pop3 mail.q.com: database", "smtp smtp.q.com: database"]
        );
    }

    #[test]
    fn a_source_that_names_fewer_ports_contradicts_nothing() {
        let one = guide(&[(Protocol::Imap, "imap.gmx.net", 993, Security::ImplicitTls)]);
        let choice = choose([known(&domain("gmx.net")), vec![one]].concat(), None);
        assert_eq!(shown(&choice), Vec::<String>::new());
    }

    #[test]
    fn further_ports_of_a_server_on_which_both_agree_contradict_nothing() {
        let more = guide(&[
            (Protocol::Submission, "smtp.centurylink.net", 587, Security::StartTls),
            (Protocol::Submission, "smtp.centurylink.net", 465, Security::ImplicitTls),
        ]);
        let choice = choose([known(&domain("centurylink.net")), vec![more]].concat(), None);
        assert_eq!(shown(&choice), Vec::<String>::new());
    }

    #[test]
    fn the_rank_is_that_of_the_kinds_whatever_the_order() {
        let opinions = [vec![of_the_guide()], known(&domain("centurylink.net"))].concat();
        assert_eq!(hosts(&choose(opinions, None))[0], "mail.centurylink.net:993");
        assert!(SourceKind::ALL.is_sorted());
    }
}
