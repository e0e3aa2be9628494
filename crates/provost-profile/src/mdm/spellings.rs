//! How one system spells what a file needs, from the table or from the settings, and how it processes templates. It
//! writes no file.

use provost_account::{Account, DisplayName, EmailAddress, LoginPart, LoginTemplate, Mdm, Service};

use super::{SYSTEMS, Spelling, System};
use crate::profile::{Loss, Refusal};

/// A system's spellings of what a file needs.
pub(crate) struct Spellings<'a> {
    pub(crate) system: &'a str,
    pub(crate) address: &'a str,
    pub(crate) local_part: Option<&'a str>,
    pub(crate) domain: Option<&'a str>,
    pub(crate) full_name: Option<&'a str>,
    /// Why the file may not work, with sources.
    doubts: Vec<(&'static str, &'static str)>,
}

impl<'a> Spellings<'a> {
    /// Of a known system: those of the settings, if they have some for it.
    pub(crate) fn of(service: &'a Service, name: &str) -> Result<Self, Refusal> {
        let system = SYSTEMS.iter().find(|system| system.name == name).expect("a system of the table");
        match service.mdm.iter().find(|mdm| mdm.name.as_str() == name) {
            Some(mdm) => Ok(Self::of_settings(mdm)),
            None => Self::known(system),
        }
    }

    fn known(system: &'a System) -> Result<Self, Refusal> {
        let Some(address) = system.address else {
            return Err(Refusal::of(
                "mdm",
                system.name,
                "no variable for the person's address is known; add its spelling to the settings",
                system.source,
            ));
        };
        let unconfirmed = match system.spelling {
            Spelling::Found => None,
            Spelling::Unconfirmed => Some("the spelling of its variables is unconfirmed; try one device first"),
        };
        Ok(Self {
            system: system.name,
            address,
            local_part: system.local_part,
            domain: system.domain,
            full_name: system.full_name,
            doubts: unconfirmed.into_iter().chain(system.caveat).map(|doubt| (doubt, system.source)).collect(),
        })
    }

    pub(crate) fn of_settings(mdm: &'a Mdm) -> Self {
        let doubt = "the spelling of its variables comes from the settings and is not proven";
        Self {
            system: mdm.name.as_str(),
            address: mdm.address.as_str(),
            local_part: mdm.local_part.as_ref().map(|variable| variable.as_str()),
            domain: mdm.domain.as_ref().map(|variable| variable.as_str()),
            full_name: mdm.full_name.as_ref().map(|variable| variable.as_str()),
            doubts: vec![(doubt, "the settings")],
        }
    }

    /// A text for everybody, with variables where the template has placeholders.
    pub(crate) fn expand(
        &self,
        service: &Service,
        setting: &'static str,
        template: &LoginTemplate,
    ) -> Result<String, Refusal> {
        self.expand_parts(service, setting, template.as_str(), template.parts())
    }

    /// The same for a text in pieces; `found` is the text in the settings.
    pub(crate) fn expand_parts(
        &self,
        service: &Service,
        setting: &'static str,
        found: &str,
        mut parts: Vec<LoginPart<'_>>,
    ) -> Result<String, Refusal> {
        let refusal = |reason| Refusal::of(setting, found, reason, PAYLOADS);
        let address = [LoginPart::LocalPart, LoginPart::Text("@"), LoginPart::Domain];
        while let Some(at) = parts.windows(address.len()).position(|parts| parts == address) {
            parts.splice(at..at + address.len(), [LoginPart::Address]);
        }
        let mut expanded = String::new();
        for part in parts {
            let said = match part {
                LoginPart::Text(text) => {
                    self.check(setting, text)?;
                    Some(text)
                }
                LoginPart::Address => Some(self.address),
                LoginPart::LocalPart => self.local_part,
                LoginPart::Domain => match service.domains.as_slice() {
                    [only] => Some(only.as_str()),
                    _ => self.domain,
                },
            };
            let reason = match part {
                LoginPart::Domain => "the system has no variable for the domain, and the service has several",
                LoginPart::Text(_) | LoginPart::Address | LoginPart::LocalPart => {
                    "the system has no variable for the part before the @; if its user name is that part, add its spelling to the settings"
                }
            };
            expanded.push_str(said.ok_or_else(|| refusal(reason))?);
        }
        Ok(expanded)
    }

    /// Refuses a text in which the system would search for a variable.
    pub(crate) fn check(&self, setting: &'static str, text: &str) -> Result<(), Refusal> {
        let mark = self.address.chars().next().expect("a variable is not empty");
        match text.contains(mark) {
            false => Ok(()),
            true => Err(Refusal::of(
                setting,
                text,
                "the system would look for a variable in it, because its variables begin with that character",
                PAYLOADS,
            )),
        }
    }

    pub(crate) fn losses(&self) -> Vec<Loss> {
        let mut losses = self.doubts();
        if self.full_name.is_none() {
            losses.push(Loss::of("name", "the person's name", "no variable of the system for it is known", PAYLOADS));
        }
        losses
    }

    /// Why a file with these spellings may not work.
    pub(crate) fn doubts(&self) -> Vec<Loss> {
        self.doubts
            .iter()
            .map(|(reason, source)| {
                Loss::of(format_args!("mdm.{}", self.system), "the person's values", reason, source)
                    .written(self.address)
            })
            .collect()
    }
}

/// A stand-in's account, to find what a file for everyone cannot express.
pub(crate) fn anybody(service: &Service) -> Account {
    let stand_in = format!("person@{}", service.domains.first().map_or("example.org", |domain| domain.as_str()));
    let address = EmailAddress::try_from(stand_in.as_str()).expect("a plain name in a domain is an address");
    let name = DisplayName::try_from("the person's name").expect("a text");
    service.account(address, Some(name), None, None)
}

/// What systems call the replacement of variables in a profile.
const PAYLOADS: &str = "the system's documentation of payload variables";
