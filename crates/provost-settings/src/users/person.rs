//! From a row to a person: addresses in the domains, a name and login names that every format can hold. Whether an address
//! is somebody else's too is found out by `duplicates`.

use std::borrow::Cow;

use provost_account::{
    Account, Code, CollectionService, DisplayName, DomainName, EmailAddress, Findings, Login, Place, Secret, Service,
    codes::settings as codes,
};

use super::remarks::Remarks;
use super::row::{Column, Row, full_name};
use crate::settings::with_cause;

/// What a row says of a person, before the settings make an account of it.
#[derive(Debug, Clone)]
pub struct Person {
    /// The number of the record in the list, from 0.
    pub record: u64,
    /// Where the row is.
    pub place: Place,
    /// The address.
    pub address: EmailAddress,
    /// Further addresses.
    pub aliases: Vec<EmailAddress>,
    /// The name for people.
    pub full_name: Option<DisplayName>,
    /// The login name, if the row has one.
    pub login: Option<Login>,
    /// The login name at the calendar, if the row has one.
    pub calendar_login: Option<Login>,
    /// The login name at the address book, if the row has one.
    pub contacts_login: Option<Login>,
    /// The groups.
    pub groups: Vec<String>,
    /// The password column.
    pub password: Option<Secret>,
    /// Where the address is written.
    pub(crate) address_place: Place,
    /// Where each alias is written.
    pub(crate) alias_places: Vec<Place>,
}

/// One user.
#[derive(Debug, Clone)]
pub struct User {
    /// The account, without the password.
    pub account: Account,
    /// Where the row is.
    pub place: Place,
    /// The password column.
    pub password: Option<Secret>,
}

impl Person {
    /// The account of the person here, without an S/MIME identity.
    #[must_use]
    pub fn user(self, service: &Service) -> User {
        let mut account = service.account(self.address, self.full_name, self.login, None);
        account.aliases = self.aliases;
        account.groups = self.groups;
        let of_its_own = |collection: &Option<CollectionService>, login: Option<Login>| {
            login.and_then(|login| Some(collection.as_ref()?.with_login(&account.address, login)))
        };
        let own =
            (of_its_own(&service.calendar, self.calendar_login), of_its_own(&service.contacts, self.contacts_login));
        account.groupware.calendar = own.0.or(account.groupware.calendar);
        account.groupware.contacts = own.1.or(account.groupware.contacts);
        User { account, place: self.place, password: self.password }
    }
}

/// The domains of a service, to be looked up.
pub(crate) struct Domains<'a> {
    service: &'a Service,
    sorted: Vec<&'a DomainName>,
}

impl<'a> Domains<'a> {
    pub(crate) fn of(service: &'a Service) -> Self {
        let mut sorted: Vec<&DomainName> = service.domains.iter().collect();
        sorted.sort_unstable();
        Self { service, sorted }
    }

    fn find(&self, domain: &str) -> Option<&'a DomainName> {
        self.sorted.binary_search_by(|it| it.as_str().cmp(domain)).ok().map(|at| self.sorted[at])
    }
}

/// The person of a row. The error is the address of a bad row, if it is known: a row that could not be read, or that
/// contains a line break, may belong to several people.
pub(crate) fn person(
    row: &Row<'_>,
    record: u64,
    domains: &Domains<'_>,
    remarks: &mut Remarks,
    findings: &mut Findings,
) -> Result<Person, Option<EmailAddress>> {
    let mut bad = row.bad;
    let mut fail = |code: &'static Code, at: usize, message: String, fix: &str| {
        findings.add(code, Some(row.place_of(at)), message, fix);
        bad = true;
    };
    let all = row.proxies();
    let Some((text, address_at)) = row.text(Column::Email).or(all.first) else {
        if !row.bad {
            let fix = "fill in the address, or remove the row";
            fail(codes::INVALID_ADDRESS, 0, "a row without an address".to_owned(), fix);
        }
        return Err(None);
    };
    let address = take_address(without_protocol(text), address_at, domains, &mut fail);
    remarks.look_at(row);
    let mut aliases = Vec::new();
    let mut alias_places = Vec::new();
    let mut add = |alias: Option<EmailAddress>, at| {
        alias_places.extend(alias.is_some().then(|| row.place_of(at)));
        aliases.extend(alias);
    };
    row.aliases().for_each(|(text, at)| add(take_address(text, at, domains, &mut fail), at));
    for (text, at) in all.aliases {
        match &EmailAddress::try_from(text) {
            Ok(alias) if address.as_ref().is_some_and(|address| address.key() == alias.key()) => {}
            Ok(alias) if domains.find(alias.domain().as_str()).is_none() => remarks.outside(alias, row.place_of(at)),
            Ok(_) | Err(_) => add(take_address(text, at, domains, &mut fail), at),
        }
    }
    let full_name = full_name(row).and_then(|(text, at)| match DisplayName::try_from(text.as_ref()) {
        Ok(name) => Some(name),
        Err(error) => {
            fail(codes::WRONG_VALUE, at, format!("the name {text:?}: {error}"), "correct the name");
            None
        }
    });
    let [login, calendar_login, contacts_login] =
        [Column::Username, Column::CalendarUsername, Column::ContactsUsername]
            .map(|column| row.text(column).and_then(|(text, at)| take_login(text, at, &mut fail)));
    // Google shows asterisks in the place of passwords.
    let password = row.field(Column::Password).filter(|field| field.value.contains(|c| c != '*'));
    // A line break would end the line that holds the password in a configuration file, and begin another one.
    if let Some(field) = password.filter(|field| field.value.contains(char::is_control)) {
        let message = "a control character in the password".to_owned();
        fail(codes::CONTROL_CHARACTER, field.at, message, "use another password");
    }
    let address = match address {
        Some(address) if !bad => address,
        whose => return Err(whose.filter(|_| !row.bad && !row.has_line_break())),
    };
    let groups = row.texts(Column::Groups).map(|(group, _)| group.to_owned()).collect();
    let password = password.map(|field| Secret::new(Cow::into_owned(field.value.clone())));
    let (place, address_place) = (row.place, row.place_of(address_at));
    Ok(Person {
        record,
        place,
        address,
        aliases,
        full_name,
        login,
        calendar_login,
        contacts_login,
        groups,
        password,
        address_place,
        alias_places,
    })
}

/// A login name of the list.
fn take_login(text: &str, at: usize, fail: &mut impl FnMut(&'static Code, usize, String, &str)) -> Option<Login> {
    match Login::try_from(text) {
        Ok(login) => Some(login),
        Err(error) => {
            fail(codes::WRONG_VALUE, at, format!("the user name {text:?}: {error}"), "correct the user name");
            None
        }
    }
}

/// An address without the name of its protocol.
fn without_protocol(text: &str) -> &str {
    match text.split_at_checked("smtp:".len()) {
        Some((protocol, address)) if protocol.eq_ignore_ascii_case("smtp:") => address,
        Some(_) | None => text,
    }
}

/// An address of the list: well-formed, and in the domains.
fn take_address(
    text: &str,
    at: usize,
    domains: &Domains<'_>,
    fail: &mut impl FnMut(&'static Code, usize, String, &str),
) -> Option<EmailAddress> {
    let plain = text.rsplit_once('@').and_then(|(local, domain)| EmailAddress::plain(local, domains.find(domain)?));
    if plain.is_some() {
        return plain;
    }
    let mut address = match EmailAddress::try_from(text) {
        Ok(address) => address,
        Err(error) => {
            let shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
            let message = format!("{shown:?}: {}", with_cause(&error));
            fail(codes::INVALID_ADDRESS, at, message, "correct the address");
            return None;
        }
    };
    let Some(domain) = domains.find(address.domain().as_str()) else {
        let domains = domains.service.domains.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("{address} is outside the domains {domains}");
        let fix = "correct the address, or add its domain to the settings";
        fail(codes::ADDRESS_OUTSIDE_DOMAINS, at, message, fix);
        return None;
    };
    address.share_domain(domain);
    Some(address)
}

const SHOWN_CHARACTERS_MAX: usize = 80;
