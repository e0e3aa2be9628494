//! What a person has in addition to mail at the same organization: calendar, address book and directory. Mail is in
//! [`Account`](crate::Account).

use std::fmt;

use thiserror::Error;

use crate::text::check_text;
use crate::{
    EmailAddress, Host, HostError, Ldap, Login, LoginTemplate, LoginTemplateError, PersonTemplate, Port, TextError,
};

/// What a person has in addition to mail. `None`: the organization does not offer it, or the file does not mention it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Groupware {
    /// CalDAV (RFC 4791).
    pub calendar: Option<Collection>,
    /// CardDAV (RFC 6352).
    pub contacts: Option<Collection>,
    /// The directory of the organization's people.
    pub ldap: Option<Ldap>,
}

/// A calendar or an address book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// Where it is.
    pub url: HttpsUrl,
    /// The login name. `None`: the person is asked.
    pub login: Option<Login>,
}

/// Everybody's calendar or address book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionService {
    /// Where each person's is. `%USERNAME%` is the login name there.
    pub url: UrlTemplate,
    /// How the login name there is made; `%USERNAME%` is the account's own. `None`: it is the account's own.
    pub login: Option<PersonTemplate>,
}

impl CollectionService {
    /// That of the holder of `address`, who logs in to mail as `account`.
    #[must_use]
    pub fn expand(&self, address: &EmailAddress, account: &Login) -> Collection {
        let login = self.login.as_ref().map(|template| template.expand(address, account));
        self.with_login(address, login.unwrap_or_else(|| account.clone()))
    }

    /// That of the holder of `address`, who logs in there as `login` whatever the rule is.
    #[must_use]
    pub fn with_login(&self, address: &EmailAddress, login: Login) -> Collection {
        Collection { url: self.url.expand(address, &login), login: Some(login) }
    }

    /// How everybody's login name there is made, where that of mail is made by `account`.
    #[must_use]
    pub fn login_of_everybody(&self, account: &LoginTemplate) -> LoginTemplate {
        self.login.as_ref().map_or_else(|| account.clone(), |template| template.of_everybody(account))
    }

    /// Everybody's URL, where the login name of mail is made by `account`: a text with the placeholders of login names.
    #[must_use]
    pub fn url_of_everybody(&self, account: &LoginTemplate) -> LoginTemplate {
        self.url.0.of_everybody_with(&self.login_of_everybody(account), &encoded)
    }
}

/// An `https` URL without user, query and fragment: `https://host[:port]/path` (RFC 9110 §4.2.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpsUrl {
    host: Host,
    port: Port,
    path: String,
}

impl HttpsUrl {
    /// The host.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, 443 where the URL says none.
    #[must_use]
    pub fn port(&self) -> Port {
        self.port
    }

    /// The path, percent-encoded, with its slash.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl TryFrom<&str> for HttpsUrl {
    type Error = HttpsUrlError;

    fn try_from(text: &str) -> Result<Self, HttpsUrlError> {
        check_text(text).map_err(HttpsUrlError::Text)?;
        let url = url::Url::parse(text).map_err(HttpsUrlError::Syntax)?;
        if url.scheme() != "https" {
            return Err(HttpsUrlError::Scheme(url.scheme().to_owned()));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(HttpsUrlError::Extra("a user name"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(HttpsUrlError::Extra("a query or a fragment"));
        }
        let host = Host::try_from(url.host_str().unwrap_or("")).map_err(HttpsUrlError::Host)?;
        let port = url.port().and_then(Port::new).unwrap_or(HTTPS);
        Ok(Self { host, port, path: url.path().to_owned() })
    }
}

impl fmt::Display for HttpsUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.host.bracketed())?;
        if self.port != HTTPS {
            write!(f, ":{}", self.port)?;
        }
        f.write_str(&self.path)
    }
}

/// An `https` URL with placeholders in its path: those of login names, and `%USERNAME%`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UrlTemplate(PersonTemplate);

impl UrlTemplate {
    /// The template as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URL of the holder of `address`, who logs in there as `login`: what takes the place of a placeholder is
    /// percent-encoded.
    #[must_use]
    pub fn expand(&self, address: &EmailAddress, login: &Login) -> HttpsUrl {
        let text = self.0.expand_with(address, login.as_str(), &encoded);
        HttpsUrl::try_from(text.as_str()).expect("a template is one with any text in its path")
    }

    /// The template that gives the holder of `address`, who logs in there as `login`, this URL, and everybody else one of
    /// the same kind. A part of the path that has nothing of the person is everybody's.
    ///
    /// `None`: the URL is no template, as one with `%C3` in it.
    #[must_use]
    pub fn of(url: &HttpsUrl, address: &EmailAddress, login: Option<&Login>) -> Option<Self> {
        let mut own = vec![
            (address.as_str(), "%EMAILADDRESS%"),
            (address.local_part(), "%EMAILLOCALPART%"),
            (address.domain().as_str(), "%EMAILDOMAIN%"),
        ];
        own.extend(login.map(|login| (login.as_str(), "%USERNAME%")));
        let part = |part: &str| {
            let found = own.iter().find(|(text, _)| part == *text || part == encoded(text));
            found.map_or(part, |(_, placeholder)| placeholder).to_owned()
        };
        let text = url.to_string();
        let (authority, path) = text.split_at(text.len() - url.path().len());
        let parts: Vec<String> = path.split('/').map(part).collect();
        Self::try_from(format!("{authority}{}", parts.join("/")).as_str()).ok()
    }
}

impl TryFrom<&str> for UrlTemplate {
    type Error = UrlTemplateError;

    fn try_from(text: &str) -> Result<Self, UrlTemplateError> {
        let template = PersonTemplate::try_from(text).map_err(UrlTemplateError::Placeholder)?;
        let address = EmailAddress::try_from("a@a.example").expect("an address");
        let probe = template.expand_with(&address, "a", &|_| "a".to_owned());
        HttpsUrl::try_from(probe.as_str()).map_err(UrlTemplateError::Url)?;
        let authority = text.strip_prefix("https://").and_then(|rest| rest.split('/').next()).unwrap_or("");
        match authority.contains('%') {
            true => Err(UrlTemplateError::Authority),
            false => Ok(Self(template)),
        }
    }
}

/// Why a text is no `https` URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HttpsUrlError {
    /// Empty, or with a control character.
    #[error(transparent)]
    Text(TextError),
    /// No URL at all.
    #[error("no URL")]
    Syntax(#[source] url::ParseError),
    /// Another scheme: passwords would cross the network readable by anyone, or it is no web server.
    #[error("the scheme is {0:?}; \"https\" is required")]
    Scheme(String),
    /// Something that such a URL does not have.
    #[error("{0} in the URL")]
    Extra(&'static str),
    /// No host.
    #[error("no host in the URL")]
    Host(#[source] HostError),
}

/// Why a text is no template of an `https` URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UrlTemplateError {
    /// A placeholder that is none.
    #[error(transparent)]
    Placeholder(LoginTemplateError),
    /// No URL once the placeholders are filled in.
    #[error(transparent)]
    Url(HttpsUrlError),
    /// A placeholder where the host or the port stands.
    #[error("a placeholder before the path; host and port must be the same for everyone")]
    Authority,
}

/// A value as a part of a path.
fn encoded(value: &str) -> String {
    percent_encoding::utf8_percent_encode(value, NOT_IN_A_SEGMENT).to_string()
}

const HTTPS: Port = Port::new(443).expect("443 is not 0");

/// Everything but RFC 3986's unreserved characters and `@`, which a segment may hold (§3.3).
const NOT_IN_A_SEGMENT: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'@');

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(template: &str, address: &str, expected: &str) {
        let address = EmailAddress::try_from(address).expect("an address");
        let login = Login::try_from("CORP\\jané").expect("a login");
        let template = UrlTemplate::try_from(template).expect("a template");
        assert_eq!(template.expand(&address, &login).to_string(), expected);
    }

    #[test]
    fn values_are_percent_encoded() {
        check(
            "https://dav.example/%EMAILADDRESS%/",
            "a/b?#%20@example.org",
            "https://dav.example/a%2Fb%3F%23%2520@example.org/",
        );
        check(
            "https://dav.example:8443/%EMAILLOCALPART%",
            "müller@example.org",
            "https://dav.example:8443/m%C3%BCller",
        );
        check("https://DAV.example", "a@example.org", "https://dav.example/");
        check("https://dav.example/%USERNAME%/", "a@example.org", "https://dav.example/CORP%5Cjan%C3%A9/");
    }

    #[test]
    fn a_calendar_has_a_login_name_of_its_own_or_the_accounts() {
        let address = EmailAddress::try_from("jane@example.org").expect("an address");
        let account = Login::try_from("jane@example.org").expect("a login");
        let check = |login: Option<&str>, expected: [&str; 2], everybody: [&str; 2]| {
            let service = CollectionService {
                url: UrlTemplate::try_from("https://dav.example/%EMAILDOMAIN%/%USERNAME%/").expect("a template"),
                login: login.map(|text| PersonTemplate::try_from(text).expect("a template")),
            };
            let own = service.expand(&address, &account);
            assert_eq!([own.url.to_string(), own.login.expect("a login").to_string()], expected);
            let rule = LoginTemplate::try_from("%EMAILADDRESS%").expect("a template");
            let (url, login) = (service.url_of_everybody(&rule), service.login_of_everybody(&rule));
            assert_eq!([url.as_str(), login.as_str()], everybody);
        };
        check(
            None,
            ["https://dav.example/example.org/jane@example.org/", "jane@example.org"],
            ["https://dav.example/%EMAILDOMAIN%/%EMAILADDRESS%/", "%EMAILADDRESS%"],
        );
        check(
            Some("dav\\%EMAILLOCALPART%"),
            ["https://dav.example/example.org/dav%5Cjane/", "dav\\jane"],
            ["https://dav.example/%EMAILDOMAIN%/dav%5C%EMAILLOCALPART%/", "dav\\%EMAILLOCALPART%"],
        );
        check(
            Some("é%USERNAME%"),
            ["https://dav.example/example.org/%C3%A9jane@example.org/", "éjane@example.org"],
            ["https://dav.example/%EMAILDOMAIN%/%C3%A9%EMAILADDRESS%/", "é%EMAILADDRESS%"],
        );
    }

    #[test]
    fn a_url_is_turned_back_into_its_template() {
        let address = EmailAddress::try_from("jane@example.org").expect("an address");
        let login = Login::try_from("u 42").expect("a login");
        let url = HttpsUrl::try_from("https://dav.example/u%2042/jane/all/").expect("a URL");
        let template = |login| UrlTemplate::of(&url, &address, login).expect("a template").as_str().to_owned();
        assert_eq!(template(Some(&login)), "https://dav.example/%USERNAME%/%EMAILLOCALPART%/all/");
        assert_eq!(template(None), "https://dav.example/u%2042/%EMAILLOCALPART%/all/");
    }

    #[track_caller]
    fn refused(text: &str, message: &str) {
        assert_eq!(UrlTemplate::try_from(text).expect_err("a refusal").to_string(), message);
    }

    #[test]
    fn every_refusal_says_what_was_found() {
        refused("http://dav.example/", "the scheme is \"http\"; \"https\" is required");
        refused("dav.example", "no URL");
        refused("https://jane:secret@dav.example/", "a user name in the URL");
        refused("https://dav.example/?a=b", "a query or a fragment in the URL");
        refused("https://a_b.example/", "no host in the URL");
        refused("https://%EMAILDOMAIN%/", "a placeholder before the path; host and port must be the same for everyone");
        refused(
            "https://dav.example/%REALNAME%",
            "\"%REALNAME%\" is not one of %EMAILADDRESS%, %EMAILLOCALPART%, %EMAILDOMAIN% and %USERNAME%",
        );
        refused("", "the text is empty");
    }

    #[test]
    fn what_a_password_in_a_url_was_is_not_repeated() {
        let error = HttpsUrl::try_from("https://jane:hunter2@dav.example/").expect_err("a refusal");
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
