//! The user list: CSV, JSON or JSON Lines to accounts. Every bad row is reported; the good ones are returned as well.

mod columns;
mod csv_rows;
mod foreign;
mod json_rows;
mod programs;
mod proxies;
mod remarks;
mod row;

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::ops::Range;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use provost_account::{
    Account, Code, CollectionService, DisplayName, EmailAddress, Finding, Findings, Login, Place, Secret, Service,
    codes::settings as codes,
};

use crate::settings::with_cause;
use crate::source_text;
use remarks::Remarks;
use row::{Column, Row, full_name};

/// The format of a user list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserFormat {
    /// Comma-separated values with a header, RFC 4180.
    Csv,
    /// One JSON array of objects.
    Json,
    /// A JSON object a line.
    JsonLines,
}

impl UserFormat {
    /// The format by the end of the file's name, else by the first character: `[` is JSON, `{` is JSON Lines, anything
    /// else CSV.
    #[must_use]
    pub fn detect(name: Option<&str>, bytes: &[u8]) -> Self {
        let end = name.and_then(|name| name.rsplit_once('.')).map(|(_, end)| end.to_ascii_lowercase());
        match (end.as_deref(), bytes.trim_ascii_start().first()) {
            (Some("csv"), _) => Self::Csv,
            (Some("json"), _) => Self::Json,
            (Some("jsonl" | "ndjson"), _) => Self::JsonLines,
            (_, Some(b'[')) => Self::Json,
            (_, Some(b'{')) => Self::JsonLines,
            (_, Some(_) | None) => Self::Csv,
        }
    }
}

/// What a user list says.
#[derive(Debug)]
pub struct Users {
    /// The users of the good rows, in the order of the list.
    pub good: Vec<User>,
    /// What is wrong, in the order of the lines.
    pub findings: Vec<Finding>,
    /// How many rows are bad.
    pub bad_rows: usize,
    /// The people of the bad rows, if known.
    pub bad: Vec<EmailAddress>,
    /// Whether everyone in the list is known.
    pub extent: Extent,
}

/// Whether everyone in a list is known, so that a person who was not read is not in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// Every row names its person.
    Whole,
    /// The list or a row could not be read, so anyone may be in it.
    InPart,
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

/// What a row says of a person, before the settings make an account of it.
#[derive(Debug, Clone)]
pub struct Person {
    /// The address.
    pub address: EmailAddress,
    /// Further addresses.
    pub aliases: Vec<EmailAddress>,
    /// The login name, if the row has one.
    pub login: Option<Login>,
    /// The password column.
    pub password: Option<Secret>,
    full_name: Option<DisplayName>,
    at_calendar: Option<Login>,
    at_contacts: Option<Login>,
    groups: Vec<String>,
    place: Place,
}

impl Person {
    fn user(self, service: &Service) -> User {
        let Self { address, aliases, login, password, full_name, at_calendar, at_contacts, groups, place } = self;
        let mut account = service.account(address, full_name, login, None);
        account.aliases = aliases;
        account.groups = groups;
        let of_its_own = |collection: &Option<CollectionService>, login: Option<Login>| {
            login.and_then(|login| Some(collection.as_ref()?.with_login(&account.address, login)))
        };
        let own = (of_its_own(&service.calendar, at_calendar), of_its_own(&service.contacts, at_contacts));
        account.groupware.calendar = own.0.or(account.groupware.calendar);
        account.groupware.contacts = own.1.or(account.groupware.contacts);
        User { account, place, password }
    }
}

/// Reads a user list. Columns are in the README; aliases and groups are separated by semicolons, or JSON lists. Spaces
/// around a value are not part of it, except in a password.
#[must_use]
pub fn read_users(bytes: &[u8], format: UserFormat, service: &Service) -> Users {
    let mut good = Vec::new();
    let users = read_each_person(bytes, format, service, &mut |person| good.push(person.user(service)));
    Users { good, ..users }
}

/// The same for a list of any length: the person of each good row is passed on as it is read, and [`Users::good`] is
/// empty.
pub fn read_each_person(bytes: &[u8], format: UserFormat, service: &Service, take: &mut dyn FnMut(Person)) -> Users {
    let mut findings = Findings::counted();
    let foreign = foreign::by_its_start(bytes);
    let text = match &foreign {
        Some(foreign) => {
            let message = format!("this is {}, not a user list", foreign.what);
            findings.add(codes::NOT_A_LIST, Some(Place { line: 1, column: 1 }), message, foreign.fix.as_str());
            None
        }
        None => source_text::decode(bytes, LIST_OCTETS_MAX, &mut findings),
    };
    let mut users =
        Users { good: Vec::new(), findings: Vec::new(), bad_rows: 0, bad: Vec::new(), extent: Extent::Whole };
    let mut is_empty = true;
    let mut seen = Seen::default();
    let mut remarks = Remarks::default();
    let mut unused = UnusedColumns::default();
    let mut take_row = |row: Row, findings: &mut Findings| {
        is_empty = false;
        unused.look_at(&row);
        match person(&row, service, &mut seen, &mut remarks, findings) {
            Ok(person) => take(person),
            Err(whose) => {
                users.bad_rows += 1;
                match whose {
                    Some(address) => users.bad.push(address),
                    None => users.extent = Extent::InPart,
                }
            }
        }
    };
    match (text, format) {
        (None, _) => {}
        (Some(text), UserFormat::Csv) => csv_rows::each(text, &mut findings, &mut take_row),
        (Some(text), UserFormat::Json) => json_rows::array(text, &mut findings, &mut take_row),
        (Some(text), UserFormat::JsonLines) => json_rows::lines(text, &mut findings, &mut take_row),
    }
    if is_empty {
        users.extent = Extent::InPart;
        if !findings.has_error() {
            findings.add(codes::EMPTY_LIST, None, "no user in the list", "add a row for each user");
        }
    }
    unused.report(service, &mut findings);
    remarks.report(&mut findings);
    users.findings = findings.finish();
    users
}

/// The first values in columns for services that the settings may lack.
#[derive(Default)]
struct UnusedColumns {
    calendar: Option<Place>,
    contacts: Option<Place>,
}

impl UnusedColumns {
    fn look_at(&mut self, row: &Row) {
        let place = |column| row.text(column).map(|(_, place)| place);
        self.calendar = self.calendar.or_else(|| place(Column::CalendarUsername));
        self.contacts = self.contacts.or_else(|| place(Column::ContactsUsername));
    }

    fn report(self, service: &Service, findings: &mut Findings) {
        let missing = [
            (self.calendar, "calendar", service.calendar.is_none()),
            (self.contacts, "contacts", service.contacts.is_none()),
        ];
        for (first, setting, is_missing) in missing {
            if let Some(place) = first.filter(|_| is_missing) {
                let message = format!("a login name for {setting}, which is not in the settings");
                let fix = format!("add {setting}: {{ url: … }} to the settings, or remove the column");
                findings.add(codes::UNUSED_COLUMN, Some(place), message, fix);
            }
        }
    }
}

/// The addresses of a list, and the line in which each is. They lie in one text, since there may be a million.
#[derive(Default)]
struct Seen {
    text: String,
    known: HashTable<SeenAddress>,
}

/// The hash is kept: a table that grows would look at every text again.
struct SeenAddress {
    hash: u64,
    range: Range<u32>,
    line: u32,
}

impl Seen {
    /// Takes note of an address; the line in which it was already, if it was.
    fn insert(&mut self, key: &str, line: usize) -> Option<usize> {
        let Self { text, known } = self;
        let (hash, line) = (hash(key), short(line));
        let is_same =
            |it: &SeenAddress| it.hash == hash && text[it.range.start as usize..it.range.end as usize] == *key;
        match known.entry(hash, is_same, |it| it.hash) {
            Entry::Occupied(mut entry) => Some(std::mem::replace(&mut entry.get_mut().line, line) as usize),
            Entry::Vacant(entry) => {
                entry.insert(SeenAddress { hash, range: short(text.len())..short(text.len() + key.len()), line });
                text.push_str(key);
                None
            }
        }
    }
}

fn short(offset: usize) -> u32 {
    u32::try_from(offset).expect("a list has at most 256 MB, and in lower case less than twice as much")
}

fn hash(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

/// The person of a row. The error is the address of a bad row, if it is known: a row that could not be read, or that
/// contains a line break, may belong to several people.
fn person(
    row: &Row,
    service: &Service,
    seen: &mut Seen,
    remarks: &mut Remarks,
    findings: &mut Findings,
) -> Result<Person, Option<EmailAddress>> {
    let mut bad = row.bad;
    let mut fail = |code: &'static Code, place: Place, message: String, fix: &str| {
        findings.add(code, Some(place), message, fix);
        bad = true;
    };
    let all = row.proxies();
    let Some((text, place)) = row.text(Column::Email).or(all.first) else {
        if !row.bad {
            let fix = "fill in the address, or remove the row";
            fail(codes::INVALID_ADDRESS, row.place, "a row without an address".to_owned(), fix);
        }
        return Err(None);
    };
    let address = take_address(without_protocol(text), place, service, seen, &mut fail);
    remarks.look_at(row, text);
    let mut aliases: Vec<Option<EmailAddress>> =
        row.aliases().map(|(text, place)| take_address(text, place, service, seen, &mut fail)).collect();
    for (text, place) in all.aliases {
        let alias = EmailAddress::try_from(text);
        match &alias {
            Ok(alias) if address.as_ref().is_some_and(|address| address.key() == alias.key()) => {}
            Ok(alias) if !service.domains.contains(alias.domain()) => remarks.leave_out(alias, place),
            Ok(_) | Err(_) => aliases.push(take_address(text, place, service, seen, &mut fail)),
        }
    }
    let full_name = match full_name(row) {
        None => None,
        Some((text, place)) => match DisplayName::try_from(text.as_str()) {
            Ok(name) => Some(name),
            Err(error) => {
                fail(codes::WRONG_VALUE, place, format!("the name {text:?}: {error}"), "correct the name");
                None
            }
        },
    };
    let [login, at_calendar, at_contacts] =
        [Column::Username, Column::CalendarUsername, Column::ContactsUsername].map(|column| {
            let (text, place) = row.text(column)?;
            match Login::try_from(text) {
                Ok(login) => Some(login),
                Err(error) => {
                    let message = format!("the user name {text:?}: {error}");
                    fail(codes::WRONG_VALUE, place, message, "correct the user name");
                    None
                }
            }
        });
    let password = row.field(Column::Password).and_then(|field| Some((field.values.first()?, field.place)));
    // Google shows asterisks in the place of passwords.
    let password = password.filter(|(password, _)| password.contains(|c| c != '*'));
    // A line break would end the line that holds the password in a configuration file, and begin another one.
    if let Some((_, place)) = password.filter(|(password, _)| password.contains(char::is_control)) {
        fail(codes::CONTROL_CHARACTER, place, "a control character in the password".to_owned(), "use another password");
    }
    let aliases: Vec<EmailAddress> = aliases.into_iter().flatten().collect();
    let address = match address {
        Some(address) if !bad => address,
        whose => return Err(whose.filter(|_| !row.bad && !row.has_line_break())),
    };
    let groups = row.texts(Column::Groups).map(|(group, _)| group.to_owned()).collect();
    let password = password.map(|(password, _)| Secret::new(password.clone()));
    let place = row.place;
    Ok(Person { address, aliases, login, password, full_name, at_calendar, at_contacts, groups, place })
}

/// An address without the name of its protocol.
fn without_protocol(text: &str) -> &str {
    match text.split_at_checked("smtp:".len()) {
        Some((protocol, address)) if protocol.eq_ignore_ascii_case("smtp:") => address,
        Some(_) | None => text,
    }
}

/// An address of the list: well-formed, in the domains, and not there yet.
fn take_address(
    text: &str,
    place: Place,
    service: &Service,
    seen: &mut Seen,
    fail: &mut impl FnMut(&'static Code, Place, String, &str),
) -> Option<EmailAddress> {
    let mut address = match EmailAddress::try_from(text) {
        Ok(address) => address,
        Err(error) => {
            let shown: String = text.chars().take(SHOWN_CHARACTERS_MAX).collect();
            let message = format!("{shown:?}: {}", with_cause(&error));
            fail(codes::INVALID_ADDRESS, place, message, "correct the address");
            return None;
        }
    };
    let Some(domain) = service.domains.iter().find(|domain| *domain == address.domain()) else {
        let domains = service.domains.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("{address} is outside the domains {domains}");
        let fix = "correct the address, or add its domain to the settings";
        fail(codes::ADDRESS_OUTSIDE_DOMAINS, place, message, fix);
        return None;
    };
    address.share_domain(domain);
    if let Some(line) = seen.insert(&address.key(), place.line) {
        let message = format!("{address} is already in line {line} (ignoring letter case)");
        fail(codes::DUPLICATE_ADDRESS, place, message, "remove one of them");
        return None;
    }
    Some(address)
}

const LIST_OCTETS_MAX: usize = 256 << 20;
const SHOWN_CHARACTERS_MAX: usize = 80;
