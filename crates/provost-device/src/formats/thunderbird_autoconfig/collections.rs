//! Calendar and address book of draft 1.2, for clients that know it: the first usable one of a kind. By the draft, an
//! incomplete section is skipped, never the whole file.

use provost_account::{
    Collection, Findings, Groupware, HttpsUrl, HttpsUrlError, Login, TextError, codes::profile as codes,
};

use super::values::Value;
use crate::xml::Element;

/// Calendar and address book. `replaced` fills in a person's values.
pub(super) fn read(root: &Element, replaced: &dyn Fn(&str) -> String, findings: &mut Findings) -> Groupware {
    for misspelt in root.all("addressBook") {
        let message = "clients of draft 1.2 look for addressbook in lower case";
        findings.add(codes::FAILS_ELSEWHERE, Some(misspelt.place), message, "write <addressbook>");
    }
    let mut first = |element: &str, kind: &str| {
        root.all(element).fold(None, |found, section| {
            found.or_else(|| match collection(section, kind, replaced) {
                Ok(collection) => Some(collection),
                Err(why) => {
                    let message = format!("clients of draft 1.2 skip this {element}: {why}");
                    let fix = "correct it there, or remove it";
                    findings.refuse(codes::FAILS_ELSEWHERE, Some(section.place), message, fix)
                }
            })
        })
    };
    Groupware { calendar: first("calendar", "caldav"), contacts: first("addressbook", "carddav"), ldap: None }
}

/// Why Thunderbird 153 ignores one of these sections; `None` for any other element.
pub(super) fn ignored_by_thunderbird(element: &Element) -> Option<&'static str> {
    matches!(element.name.as_str(), "calendar" | "addressbook")
        .then_some("Thunderbird 153 ignores it; clients that support draft 1.2 use it")
}

/// Why clients of the draft skip a section.
#[derive(Debug, thiserror::Error)]
enum PassedOver {
    #[error("its type is {found:?} and not {kind}")]
    Type { found: String, kind: String },
    #[error("it has no url")]
    NoUrl,
    #[error("url {0:?}: {1}")]
    Url(String, HttpsUrlError),
    #[error("no authentication of Basic, Digest or OAuth2")]
    Authentication,
    #[error("no authentication of Basic, Digest or OAuth2; drafts up to -05 wrote them in lower case")]
    AuthenticationOfOldDrafts,
    #[error("username: {0}")]
    Login(#[from] TextError),
}

fn collection(section: &Element, kind: &str, replaced: &dyn Fn(&str) -> String) -> Result<Collection, PassedOver> {
    let found = section.attribute("type").unwrap_or("");
    if found != kind {
        return Err(PassedOver::Type { found: found.to_owned(), kind: kind.to_owned() });
    }
    let text = |name: &str| section.child(name).map(|it| replaced(Value::of(it).text().trim()));
    let url = text("url").ok_or(PassedOver::NoUrl)?;
    let url = HttpsUrl::try_from(url.as_str()).map_err(|error| PassedOver::Url(url, error))?;
    let methods: Vec<&str> = section.all("authentication").map(|it| it.text.trim()).collect();
    if !methods.iter().any(|method| METHODS.contains(method)) {
        let is_older = methods.iter().any(|method| matches!(*method, "basic" | "digest"));
        return Err(if is_older { PassedOver::AuthenticationOfOldDrafts } else { PassedOver::Authentication });
    }
    let login = match text("username") {
        None => None,
        Some(name) => Some(Login::try_from(name.as_str())?),
    };
    Ok(Collection { url, login })
}

/// Those of the draft for sections with a URL.
const METHODS: [&str; 3] = ["Basic", "Digest", "OAuth2"];
