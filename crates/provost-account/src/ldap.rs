//! An organization's directory, where clients look up addresses (LDAP, RFC 4511). It holds no mail and no password. The
//! port is the protocol's own, because Apple's payload has no key for another.

use thiserror::Error;

use crate::text::check_text;
use crate::{DisplayName, EmailAddress, Host, Login, LoginTemplate, Security, TextError};

/// Everybody's directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdapService {
    /// The server.
    pub host: Host,
    /// TLS from the first byte, or none. No client here has a key for STARTTLS.
    pub security: Security,
    /// How a login name is made from an address; `None`: clients search without logging in.
    pub login: Option<LoginTemplate>,
    /// Where to search, the preferred place first.
    pub searches: Vec<LdapSearch>,
}

/// One person's way to the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ldap {
    /// The server.
    pub host: Host,
    /// TLS from the first byte, or none.
    pub security: Security,
    /// The login name, often a distinguished name; `None`: the client does not log in, or asks the person.
    pub login: Option<Login>,
    /// Where to look, the preferred place first.
    pub searches: Vec<LdapSearch>,
}

/// A place to search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdapSearch {
    /// Where it begins.
    pub base: DistinguishedName,
    /// How far it goes down.
    pub scope: SearchScope,
    /// Its name for people.
    pub description: Option<DisplayName>,
}

/// How far a search goes down, RFC 4511 §4.5.1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchScope {
    /// The entry itself.
    Base,
    /// The entries right below it.
    One,
    /// All of what is below it, and itself.
    Sub,
}

impl SearchScope {
    /// Every scope, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Base, Self::One, Self::Sub];

    /// Its name in LDAP's URLs, RFC 4516 §2.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::One => "one",
            Self::Sub => "sub",
        }
    }
}

impl LdapService {
    /// The way of the holder of `address`. In a distinguished name, what takes the place of a placeholder is escaped
    /// (RFC 4514 §2.4).
    #[must_use]
    pub fn expand(&self, address: &EmailAddress) -> Ldap {
        let login = |template: &LoginTemplate| match DistinguishedName::try_from(template.as_str()) {
            Ok(_) => {
                let name = template.expand_with(address, &escaped);
                Login::try_from(name.as_str()).expect("an address has no control characters")
            }
            Err(_) => template.expand(address),
        };
        Ldap {
            host: self.host.clone(),
            security: self.security,
            login: self.login.as_ref().map(login),
            searches: self.searches.clone(),
        }
    }

    /// The service that gives the holder of `address` this way, and everybody else one of the same kind. A login name that
    /// has nothing of the address in it is everybody's.
    #[must_use]
    pub fn of(ldap: &Ldap, address: &EmailAddress) -> Self {
        let template = |login: &Login| {
            let own = login.as_str().replacen(&escaped(address.local_part()), address.local_part(), 1);
            let own = Login::try_from(own.as_str()).ok().and_then(|login| LoginTemplate::of(&login, address));
            own.or_else(|| LoginTemplate::try_from(login.as_str()).ok())
        };
        Self {
            host: ldap.host.clone(),
            security: ldap.security,
            login: ldap.login.as_ref().and_then(template),
            searches: ldap.searches.clone(),
        }
    }
}

/// A distinguished name: attributes and their values, separated by commas.
///
/// ```abnf
/// distinguishedName = [ relativeDistinguishedName *( COMMA relativeDistinguishedName ) ]  ; RFC 4514 §3
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistinguishedName(String);

impl DistinguishedName {
    /// The name as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for DistinguishedName {
    type Error = DistinguishedNameError;

    /// The empty name, which RFC 4514 has for the root, is refused: no directory of people is there.
    fn try_from(text: &str) -> Result<Self, DistinguishedNameError> {
        check_text(text).map_err(DistinguishedNameError::Text)?;
        let mut part = String::new();
        let mut is_escaped = false;
        for character in text.chars().chain([',']) {
            if character != ',' || is_escaped {
                part.push(character);
                is_escaped = character == '\\' && !is_escaped;
                continue;
            }
            if part.split_once('=').is_none_or(|(attribute, _)| attribute.trim().is_empty()) {
                return Err(DistinguishedNameError::NoAttribute(part));
            }
            part.clear();
        }
        Ok(Self(text.to_owned()))
    }
}

/// Why a text is no distinguished name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DistinguishedNameError {
    /// Empty, or with a control character.
    #[error(transparent)]
    Text(TextError),
    /// A part that is no attribute with a value.
    #[error("{0:?} is not attribute=value, as in \"ou=people,dc=example,dc=org\"")]
    NoAttribute(String),
}

/// A value inside a distinguished name, RFC 4514 §2.4.
fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut escaped = String::new();
    for (at, character) in value.chars().enumerate() {
        let at_an_end = at == 0 && matches!(character, ' ' | '#') || at == last && character == ' ';
        if at_an_end || matches!(character, '"' | '+' | ',' | ';' | '<' | '>' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, address: &str, expected: &str) {
        let service = LdapService {
            host: Host::try_from("ldap.example").expect("a host"),
            security: Security::ImplicitTls,
            login: Some(LoginTemplate::try_from(template).expect("a template")),
            searches: Vec::new(),
        };
        let address = EmailAddress::try_from(address).expect("an address");
        let own = service.expand(&address);
        assert_eq!(own.login.as_ref().map(Login::as_str), Some(expected));
        assert_eq!(LdapService::of(&own, &address), service);
    }

    /// RFC 4514 §2.4 names the characters; a plain user name is no distinguished name, and stays as it is.
    #[test]
    fn what_is_put_into_a_distinguished_name_is_escaped() {
        check("uid=%EMAILLOCALPART%,ou=people,dc=example", "jane@example.org", "uid=jane,ou=people,dc=example");
        check("uid=%EMAILLOCALPART%,ou=people", "jane+a@example.org", "uid=jane\\+a,ou=people");
        check("uid=%EMAILLOCALPART%,ou=people", "#1@example.org", "uid=\\#1,ou=people");
        check("%EMAILADDRESS%", "jane+a@example.org", "jane+a@example.org");
        check("cn=reader,dc=example", "jane@example.org", "cn=reader,dc=example");
    }

    #[test]
    fn distinguished_names_have_an_attribute_in_each_part() {
        for good in ["dc=example", "ou=people,o=example corp", "cn=Doe\\, Jane,dc=example", "uid=a+cn=b,dc=example"] {
            assert_eq!(DistinguishedName::try_from(good).expect("a name").as_str(), good);
        }
        let refused = |text: &str| DistinguishedName::try_from(text).expect_err("a refusal").to_string();
        assert_eq!(refused("people"), "\"people\" is not attribute=value, as in \"ou=people,dc=example,dc=org\"");
        assert_eq!(refused("ou=people,"), "\"\" is not attribute=value, as in \"ou=people,dc=example,dc=org\"");
        assert_eq!(refused(""), "the text is empty");
    }
}
