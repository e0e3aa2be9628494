//! Hosts, ports, names and addresses as configuration files spell them: the value, or a finding at its place; and whose
//! account it is, if a file gives no address.

use provost_account::{
    EmailAddress, Findings, Host, Login, Place, Port, Secret, codes::profile as codes, nearest, shown,
};

use crate::person::{Person, is_nobody, nobodys_address};
use crate::understood::Assumption;

/// A value that the client does not take.
pub(crate) fn wrong<T>(key: &str, text: &str, place: Place, fix: &str, findings: &mut Findings) -> Option<T> {
    findings.refuse(codes::WRONG_VALUE, Some(place), format!("{key} is {}", shown(text)), fix)
}

/// What to do about a word that the client does not know.
pub(crate) fn did_you_mean(found: &str, known: &[&str]) -> String {
    nearest(found, known).map_or("remove it".to_owned(), |near| format!("did you mean {near}?"))
}

/// A host name or an IP address.
pub(crate) fn host(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<Host> {
    let message = |error| format!("{key} is {}: {error}", shown(text));
    findings.ok(Host::try_from(text), codes::WRONG_VALUE, Some(place), message, "write the server's bare host name")
}

/// A port.
pub(crate) fn port(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<Port> {
    text.parse().ok().or_else(|| wrong(key, text, place, "write a number from 1 to 65535", findings))
}

/// A part of the file that the client follows and this reader does not: `what` stands there, and why it is not followed.
pub(crate) fn not_followed(what: &str, why: &str, place: Place, findings: &mut Findings) {
    findings.add(codes::NOT_FOLLOWED, Some(place), format!("{what} is not followed here: {why}"), "");
}

/// Whether a host as it is written is the machine itself, where no network lies between.
pub(crate) fn is_loopback(host: &str) -> bool {
    Host::try_from(host).is_ok_and(|host| host.is_loopback())
}

/// A login name.
pub(crate) fn login(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<Login> {
    let message = |error| format!("{key}: {error}");
    findings.ok(Login::try_from(text), codes::WRONG_VALUE, Some(place), message, "write it anew")
}

/// An address.
pub(crate) fn address(key: &str, text: &str, place: Place, findings: &mut Findings) -> Option<EmailAddress> {
    let message = |error| format!("{key} is {}, which is not an address: {error}", shown(text));
    findings.ok(EmailAddress::try_from(text), codes::WRONG_VALUE, Some(place), message, "write one address")
}

/// Whether a text is a UUID: five groups of hexadecimal digits.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && text.bytes().all(|it| it == b'-' || it.is_ascii_hexdigit())
}

/// A password, with the finding that it is in the file.
pub(crate) fn password(text: &str, place: Place, fix: impl Into<String>, findings: &mut Findings) -> Secret {
    findings.add(codes::PASSWORD_IN_FILE, Some(place), "the password is in the file", fix);
    Secret::new(text.to_owned())
}

/// The accounts of a file without addresses, and the person that it is read for.
#[derive(Debug)]
pub(crate) struct Logins<'a> {
    person: &'a Person,
    /// The login name and the host of each account, as they are written.
    all: Vec<(String, String)>,
}

impl<'a> Logins<'a> {
    /// All accounts in the file.
    pub(crate) fn of<'t>(person: &'a Person, all: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        Self { person, all: all.into_iter().map(|(login, host)| (login.to_owned(), host.to_owned())).collect() }
    }

    /// The only account in a file of this kind.
    pub(crate) fn only(person: &'a Person) -> Self {
        Self { person, all: Vec::new() }
    }

    /// Whose account it is: the person's whose login name it can be; else that of the login name, if it is an address;
    /// else nobody's, which is a finding.
    pub(crate) fn whose(
        &self,
        login: Option<&Login>,
        host: &str,
        place: Place,
        assumed: &mut Vec<Assumption>,
        findings: &mut Findings,
    ) -> EmailAddress {
        let name = login.map_or("", Login::as_str);
        // The stand-in takes no account from the address that its login name is.
        let is_stand_in = |address: &EmailAddress| is_nobody(address) && EmailAddress::try_from(name).is_ok();
        let theirs = self.person.address.as_ref().filter(|address| !is_stand_in(address));
        if let Some(address) = theirs.filter(|address| self.fits(address, name, host)) {
            return address.clone();
        }
        if let Ok(address) = EmailAddress::try_from(name) {
            let (key, value) = ("address".to_owned(), format!("{address}, the login name"));
            assumed.push(Assumption::of(key, value, "assumed here: the file has no address"));
            return address;
        }
        findings.add(codes::NO_ADDRESS, Some(place), "the file does not say whose account it is", SAY_FOR_WHOM);
        nobodys_address()
    }

    /// Whether the person's address belongs to an account: to those that log in by it; else by its local part, rather
    /// where the server is in its domain; else to the ones without an address of their own, if they are of one login name
    /// or in its domain.
    fn fits(&self, address: &EmailAddress, login: &str, host: &str) -> bool {
        let own = (login, host);
        let all = || self.all.iter().map(|(login, host)| (login.as_str(), host.as_str()));
        let is_it = |(login, _): &(&str, &str)| login.eq_ignore_ascii_case(address.as_str());
        let is_its_local_part = |(login, _): &(&str, &str)| login.eq_ignore_ascii_case(address.local_part());
        let is_in_its_domain = |(_, host): &(&str, &str)| {
            let (host, domain) = (host.to_lowercase(), address.domain().as_str().to_lowercase());
            host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
        };
        let without_address: Vec<(&str, &str)> = all().filter(|(login, _)| !login.contains('@')).collect();
        let open = if without_address.is_empty() { all().collect() } else { without_address };
        if all().any(|it| is_it(&it)) {
            return is_it(&own);
        }
        if all().any(|it| is_its_local_part(&it)) {
            let near = all().any(|it| is_its_local_part(&it) && is_in_its_domain(&it));
            return is_its_local_part(&own) && (!near || is_in_its_domain(&own));
        }
        if open.iter().all(|(login, _)| *login == open[0].0) {
            return open.is_empty() || open[0].0 == login;
        }
        open.contains(&own) && is_in_its_domain(&own)
    }
}

pub(crate) const SAY_FOR_WHOM: &str = "give the address with --address";

#[cfg(test)]
mod tests {
    use super::*;

    /// The accounts of a file that get the address.
    #[track_caller]
    fn check(address: &str, logins: &[(&str, &str)], expected: &[usize]) {
        let person = Person { address: Some(EmailAddress::try_from(address).unwrap()), full_name: None };
        let all = Logins::of(&person, logins.iter().copied());
        let place = Place { line: 1, column: 1 };
        let whose = |(name, host): &(&str, &str)| {
            let login = Login::try_from(*name).ok();
            all.whose(login.as_ref(), host, place, &mut Vec::new(), &mut Findings::default())
        };
        let theirs: Vec<usize> = (0..logins.len()).filter(|at| whose(&logins[*at]).as_str() == address).collect();
        assert_eq!(theirs, expected, "{address} among {logins:?}");
    }

    #[test]
    fn an_address_goes_to_the_account_that_can_be_its_own() {
        let two = [("ann@reef.example", "imap.reef.example"), ("ann", "imap.home.example")];
        check("ann@reef.example", &two, &[0]);
        check("ann@home.example", &two, &[1]);
        check("bob@home.example", &two, &[1]);
        check("ann@elsewhere.example", &two, &[1]);
        let one_name = [("ann", "imap.reef.example"), ("ann", "imap.home.example")];
        check("ann@home.example", &one_name, &[1]);
        check("ann@elsewhere.example", &one_name, &[0, 1]);
        check("u1@home.example", &[("u17", "mail.hoster.example")], &[0]);
        check("info@firm.example", &[("web17p3@hoster.example", "mail.hoster.example")], &[0]);
        check("info@firm.example", &[("a@x.example", "x.example"), ("b@y.example", "y.example")], &[]);
        check("ann@b.example", &[("u1", "imap.a.example"), ("u2", "imap.b.example")], &[1]);
        check("ann@c.example", &[("u1", "imap.a.example"), ("u2", "imap.b.example")], &[]);
        check("ann@b.example", &[("", "imap.b.example")], &[0]);
    }
}
