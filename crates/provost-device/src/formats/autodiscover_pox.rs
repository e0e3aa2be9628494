//! Autodiscover's plain old XML as classic Outlook reads it (MS-OXDSCLI §2.2.4.1; Microsoft's description of the
//! schema, cc511507), and the registry file that points Outlook to one on the person's own computer. What Outlook does
//! with values outside the schema was not observed: each is a finding, and the schema's default is assumed.

mod protocol;
mod registry;

use provost_account::{
    Account, DisplayName, EmailAddress, Findings, Incoming, Protocol, codes::profile as codes, shown,
};

use crate::person::Person;
use crate::reading::Reading;
use crate::source_file::SourceFile;
use crate::spelling::not_followed;
use crate::understood::{Assumption, Ignored, Understood};
use crate::xml::{self, Element};
use protocol::ProtocolElement;

pub(super) fn recognize(file: &SourceFile<'_>) -> bool {
    xml::has_root(file.bytes, "Autodiscover") || registry::recognize(file.bytes)
}

/// Where an answer leads that has no servers (MS-OXDSCLI §2.2.4.1.1.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AutodiscoverRedirect {
    /// To the answer for another address, as it stands there.
    Address(String),
    /// To the answer at another URL, as it stands there.
    Url(String),
}

impl AutodiscoverRedirect {
    /// Where an answer leads; `None`: nowhere else, or it is no answer.
    #[must_use]
    pub fn of(answer: &[u8]) -> Option<Self> {
        let mut findings = Findings::default();
        let root = xml::parse(answer, &mut findings)?;
        namespace(&root, ANSWER, "", &mut findings)?;
        let response = root.child("Response")?;
        namespace(response, OUTLOOK_ANSWER, ANSWER, &mut findings)?;
        let (action, target) = target(response.child("Account")?)?;
        let text = target.text.trim().to_owned();
        Some(if action == "redirectUrl" { Self::Url(text) } else { Self::Address(text) })
    }
}

/// Reads an answer, or the registry file and the answer that it leads to.
pub(super) fn read(files: &[SourceFile<'_>], person: &Person) -> Reading {
    let mut findings = Findings::default();
    let understood = opened(files, person, &mut findings);
    Reading::of(understood, findings)
}

fn opened(files: &[SourceFile<'_>], person: &Person, findings: &mut Findings) -> Option<Understood> {
    let (first, others) = files.split_first()?;
    if !registry::recognize(first.bytes) {
        return answer(first.bytes, person, None, findings);
    }
    let entry = registry::entry(first.bytes, person, findings)?;
    // Windows takes no notice of letter case.
    let same = |path: &str| path.replace('\\', "/").eq_ignore_ascii_case(&entry.path.replace('\\', "/"));
    let named = |path: &str| path.rsplit(['/', '\\']).next().is_some_and(|name| entry.is_file(name));
    let found = others.iter().find(|it| same(it.path)).or_else(|| others.iter().find(|it| named(it.path)));
    let Some(found) = found else {
        let message = format!("the registry refers Outlook to {}, which is not here", entry.path);
        let fix = "put the file next to this one";
        return findings.refuse(codes::AUTODISCOVER_MISSING_FILE, Some(entry.place), message, fix);
    };
    answer(found.bytes, person, Some(&entry.domain), findings)
}

/// The account of an answer. `domain`: the one that the registry gives the file to.
fn answer(bytes: &[u8], person: &Person, domain: Option<&str>, findings: &mut Findings) -> Option<Understood> {
    let root = xml::parse(bytes, findings)?;
    namespace(&root, ANSWER, "", findings)?;
    let Some(response) = root.child("Response") else {
        return findings.refuse(codes::MISSING_KEY, Some(root.place), "no Response", "add one, with its namespace");
    };
    namespace(response, OUTLOOK_ANSWER, ANSWER, findings)?;
    let accounts: Vec<&Element> = response.all("Account").collect();
    let Some(account) = accounts.first() else {
        return findings.refuse(codes::NOTHING_TO_SET_UP, Some(response.place), "the answer has no Account", "add one");
    };
    if let Some(second) = accounts.get(1) {
        let message =
            format!("{} Account elements; an answer has one, with a Protocol for each server", accounts.len());
        let fix = "move the Protocol elements to the first";
        findings.add(codes::AUTODISCOVER_ACCOUNTS, Some(second.place), message, fix);
    }
    if redirects(account, findings) {
        return None;
    }
    for (name, expected) in [("AccountType", "email"), ("Action", "settings")] {
        let found = account.child(name).map_or("", |it| it.text.trim());
        if found != expected {
            let message = format!("{name} is {found:?}, so there are no servers to set up");
            let fix = format!("write {expected}");
            return findings.refuse(codes::NOTHING_TO_SET_UP, Some(account.place), message, fix);
        }
    }
    let mut assumed = Vec::new();
    let (protocols, ignored) = protocols(account, findings);
    let address = whose(&protocols, person, domain, &mut assumed);
    let Some(address) = address else {
        let fix = crate::spelling::SAY_FOR_WHOM;
        return findings.refuse(codes::NO_ADDRESS, Some(account.place), "the answer is for no particular person", fix);
    };
    let mut account = servers(&protocols, Account::of(address), findings, &mut assumed);
    let shown = response.child("User").and_then(|user| user.child("DisplayName")).map(|it| it.text.trim());
    account.full_name = shown.and_then(|name| DisplayName::try_from(name).ok()).or_else(|| person.full_name.clone());
    Some(Understood { assumed, ignored, ..Understood::of("classic Outlook", account) })
}

/// Whether the answer leads to another one, for which nobody is asked here.
fn redirects(account: &Element, findings: &mut Findings) -> bool {
    let Some((action, target)) = target(account) else { return false };
    let why = format!("Outlook asks for the answer of {}, which is not at hand", shown(target.text.trim()));
    not_followed(&format!("the action {action}"), &why, target.place, findings);
    true
}

/// Where an account leads, with what it calls that.
fn target(account: &Element) -> Option<(&str, &Element)> {
    let action = account.child("Action").map(|it| it.text.trim())?;
    let name = match action {
        "redirectAddr" => "RedirectAddr",
        "redirectUrl" => "RedirectUrl",
        _ => return None,
    };
    Some((action, account.child(name)?))
}

/// An element in another namespace is another element. One without `xmlns` is in that of the element around it (Namespaces in
/// XML 1.0 §6.2), here `inherited`.
fn namespace(element: &Element, expected: &str, inherited: &str, findings: &mut Findings) -> Option<()> {
    let own = element.attribute("xmlns");
    let found = own.unwrap_or(inherited);
    if found == expected {
        return Some(());
    }
    let of = match (found, own) {
        ("", _) => "in no namespace".to_owned(),
        (_, Some(_)) => format!("in the namespace {found}"),
        (_, None) => format!("in the namespace {found}, which it inherits"),
    };
    let message = format!("<{}> is {of}", element.name);
    findings.refuse(codes::AUTODISCOVER_NAMESPACE, Some(element.place), message, format!("write xmlns=\"{expected}\""))
}

/// The `Protocol` elements of mail servers, and what else is there.
fn protocols<'a>(account: &'a Element, findings: &mut Findings) -> (Vec<ProtocolElement<'a>>, Vec<Ignored>) {
    let mut protocols = Vec::new();
    let mut ignored = Vec::new();
    for element in account.all("Protocol") {
        let found = element.child("Type").map_or("", |it| it.text.trim());
        let kind = match found {
            "IMAP" => Protocol::Imap,
            "POP3" => Protocol::Pop3,
            "SMTP" => Protocol::Submission,
            "EXCH" | "EXPR" | "EXHTTP" | "WEB" | "MobileSync" => {
                let reason = "it is for Exchange".to_owned();
                ignored.push(Ignored::of(format_args!("Protocol {found}"), element.place, reason));
                continue;
            }
            _ => {
                let message = format!("Type is {found:?}: Outlook skips the server");
                let fix = "write IMAP, POP3 or SMTP";
                findings.add(codes::AUTODISCOVER_TYPE, Some(element.place), message, fix);
                continue;
            }
        };
        if protocol::has_server(element, findings) {
            protocols.push(ProtocolElement { kind, element });
        }
    }
    (protocols, ignored)
}

/// The person's address, or one that the answer lets guess.
fn whose(
    protocols: &[ProtocolElement<'_>],
    person: &Person,
    domain: Option<&str>,
    assumed: &mut Vec<Assumption>,
) -> Option<EmailAddress> {
    if let Some(address) = &person.address {
        return Some(address.clone());
    }
    let logins = protocols.iter().filter_map(ProtocolElement::login_as_written);
    let stand_in = domain.and_then(|domain| EmailAddress::try_from(format!("user@{domain}").as_str()).ok());
    let address = logins.filter_map(|login| EmailAddress::try_from(login).ok()).next().or(stand_in)?;
    let source = "a placeholder, because the answer does not say whose account it is";
    assumed.push(Assumption::of("address", &address, source));
    Some(address)
}

fn servers(
    protocols: &[ProtocolElement<'_>],
    mut account: Account,
    findings: &mut Findings,
    assumed: &mut Vec<Assumption>,
) -> Account {
    for protocol in protocols {
        let Some(incoming) = protocol.kind.incoming() else { continue };
        let Some(server) = protocol.server(&account.address, findings, assumed) else { continue };
        account.incoming.push(Incoming { protocol: incoming, server });
    }
    let login = account.incoming.first().and_then(|it| it.server.login.clone());
    for protocol in protocols.iter().filter(|protocol| protocol.kind.incoming().is_none()) {
        let Some(mut server) = protocol.server(&account.address, findings, assumed) else { continue };
        if protocol.logs_in_as_incoming() && server.login.is_some() {
            server.login.clone_from(&login);
        }
        account.outgoing.push(server);
    }
    if (account.incoming.is_empty() || account.outgoing.is_empty()) && !findings.has_error() {
        let message = "no incoming or no outgoing server that Outlook can use";
        findings.add(codes::NOTHING_TO_SET_UP, None, message, "see the other findings about each Protocol");
    }
    account
}

const ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006";
const OUTLOOK_ANSWER: &str = "http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a";
