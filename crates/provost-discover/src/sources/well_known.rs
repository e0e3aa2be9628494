//! The well-known URLs of calendars and address books, for a domain that says nothing else about them (RFC 6764 sections 5
//! and 6). They are asked for without a login, so what is behind it is not seen.

use provost_account::{CollectionService, EmailAddress, HttpsUrl, UrlTemplate};
use provost_network::Network;

use super::read::said;
use super::{Nothing, Tried, source, web};
use crate::opinion::Opinion;
use crate::source::SourceKind;

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    Calendar,
    Contacts,
}

impl Collection {
    pub(super) const ALL: [Self; 2] = [Self::Calendar, Self::Contacts];

    fn label(self) -> &'static str {
        match self {
            Self::Calendar => "caldav",
            Self::Contacts => "carddav",
        }
    }

    /// Whether nobody has said where it is, or that there is none.
    pub(super) fn is_open(self, tried: &[Tried]) -> bool {
        let owner = format!("SRV _{}s._tcp.", self.label());
        !tried.iter().any(|it| match (&it.outcome, self) {
            (Ok(opinion), Self::Calendar) => opinion.calendar.is_some(),
            (Ok(opinion), Self::Contacts) => opinion.contacts.is_some(),
            (Err(Nothing::NotOffered | Nothing::Bogus), _) => it.at.starts_with(&owner),
            (
                Err(
                    Nothing::NotThere
                    | Nothing::Status(_)
                    | Nothing::Unusable(_)
                    | Nothing::DigestDiffers
                    | Nothing::Unasked { .. },
                ),
                _,
            ) => false,
        })
    }
}

/// "The server MUST redirect HTTP requests for that resource to the actual "context path"" (RFC 6764 section 5). Many a web
/// server redirects whatever it does not have, so what it leads to must be another path, where a login is wanted.
pub(super) async fn ask(network: &Network, person: &EmailAddress, collection: Collection) -> Tried {
    let path = format!("/.well-known/{}", collection.label());
    let at = format!("https://{}{path}", person.domain());
    let outcome = web::fetched(network, &at).await.and_then(|fetched| {
        if fetched.status != UNAUTHORIZED || fetched.url.path() == path {
            return Err(Nothing::Status(fetched.status));
        }
        let found = HttpsUrl::try_from(fetched.url.as_str()).ok().and_then(|url| UrlTemplate::of(&url, person, None));
        let url =
            found.ok_or_else(|| Nothing::Unasked { detail: format!("{} is no URL for settings", fetched.url) })?;
        let service = Some(said(CollectionService { url, login: None }));
        let opinion =
            Opinion { domains: vec![said(person.domain().clone())], ..Opinion::of(source(SourceKind::OwnDomain, &at)) };
        Ok(match collection {
            Collection::Calendar => Opinion { calendar: service, ..opinion },
            Collection::Contacts => Opinion { contacts: service, ..opinion },
        })
    });
    Tried { kind: SourceKind::OwnDomain, at, outcome }
}

/// RFC 9110 section 15.5.2.
const UNAUTHORIZED: u16 = 401;
