//! Device management systems (MDM) and how they spell the variables that they replace with a person's values. Facts
//! about the systems; the formats decide what to write with them. Alphabetical.

mod spellings;

pub(crate) use spellings::{Spellings, anybody};

/// A system.
#[derive(Debug)]
pub(crate) struct System {
    /// The stable name.
    pub(crate) name: &'static str,
    /// The devices, under the system's own name.
    pub(crate) devices: &'static str,
    /// The person's address. `None`: no variable is known that holds it.
    pub(crate) address: Option<&'static str>,
    /// What stands before the address's `@`.
    pub(crate) local_part: Option<&'static str>,
    /// What stands behind it.
    pub(crate) domain: Option<&'static str>,
    /// The person's name.
    pub(crate) full_name: Option<&'static str>,
    /// Whether the spellings are confirmed.
    pub(crate) spelling: Spelling,
    /// When its variables do not contain what they should.
    pub(crate) caveat: Option<&'static str>,
    /// Where the spellings were found.
    pub(crate) source: &'static str,
}

/// Whether spellings are known or guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// Found in the vendor's documentation or in files in use.
    Found,
    /// Inferred from other spellings, or reported without a source.
    Unconfirmed,
}

impl System {
    /// A system whose variables are unknown.
    const fn of(name: &'static str, devices: &'static str, source: &'static str) -> Self {
        Self {
            name,
            devices,
            address: None,
            local_part: None,
            domain: None,
            full_name: None,
            spelling: Spelling::Found,
            caveat: None,
            source,
        }
    }
}

/// Every known system.
pub(crate) const SYSTEMS: [System; 19] = [
    System {
        address: Some("{{.User \"emails_primary\"}}"),
        full_name: Some("{{.User \"name_formatted\"}}"),
        caveat: Some("the variable is empty for a device without a user, or a user without an address"),
        ..System::of(
            "addigy",
            "iPhone, iPad and Mac under Addigy",
            "https://support.addigy.com/hc/en-us/articles/49233526494739",
        )
    },
    System {
        address: Some("%email%"),
        full_name: Some("%full_name%"),
        spelling: Spelling::Unconfirmed,
        ..System::of(
            "apple-profile-manager",
            "iPhone, iPad and Mac under Apple Profile Manager, which Apple has discontinued",
            "https://profilemanager.skydocu.com",
        )
    },
    System::of(
        "cisco-meraki",
        "iPhone, iPad and Mac under Cisco Meraki Systems Manager",
        "https://documentation.meraki.com/SM/Monitoring_and_Reporting/Owners",
    ),
    System {
        address: Some("${user.mail}"),
        spelling: Spelling::Unconfirmed,
        ..System::of(
            "citrix",
            "iPhone, iPad and Mac under Citrix Endpoint Management",
            "https://docs.citrix.com, for the syntax alone",
        )
    },
    System {
        address: Some("$FLEET_VAR_HOST_END_USER_IDP_USERNAME"),
        local_part: Some("$FLEET_VAR_HOST_END_USER_IDP_USERNAME_LOCAL_PART"),
        full_name: Some("$FLEET_VAR_HOST_END_USER_IDP_FULL_NAME"),
        caveat: Some("the variable is the identity provider's user name, which in most organizations is the address"),
        ..System::of(
            "fleet",
            "iPhone, iPad and Mac under Fleet Premium",
            "https://github.com/fleetdm/fleet, articles/fleet-variables.md",
        )
    },
    System {
        address: Some("%email%"),
        spelling: Spelling::Unconfirmed,
        ..System::of("hexnode", "iPhone, iPad and Mac under Hexnode", "reported, without a source")
    },
    System {
        address: Some("{{mail}}"),
        ..System::of(
            "intune",
            "iPhone, iPad and Mac under Microsoft Intune",
            "https://github.com/MicrosoftDocs/memdocs, custom-settings-ios.md",
        )
    },
    System {
        address: Some("$EMAIL"),
        local_part: Some("$EMAIL_PREFIX"),
        full_name: Some("$FULL_NAME"),
        ..System::of(
            "iru",
            "iPhone, iPad and Mac under Iru, formerly Kandji",
            "https://github.com/kandji-inc/support, Global Variables",
        )
    },
    System {
        address: Some("$EMAIL$"),
        ..System::of(
            "ivanti-epmm",
            "iPhone, iPad and Mac under Ivanti EPMM",
            "https://help.ivanti.com/mi/help/en_us/CORE/11.x/dmgi/DMGfiles/Configuring_POP_and_IMAP.htm",
        )
    },
    System {
        address: Some("${userEmailAddress}"),
        ..System::of(
            "ivanti-neurons",
            "iPhone, iPad and Mac under Ivanti Neurons for MDM",
            "https://github.com/MicrosoftDocs/memdocs, data-transfer-between-apps",
        )
    },
    System {
        address: Some("$EMAIL"),
        full_name: Some("$FULLNAME"),
        ..System::of(
            "jamf-pro",
            "iPhone, iPad and Mac under Jamf Pro",
            "https://gist.github.com/rtrouton/8e0e369605d0256afebd5da4afdca4f3",
        )
    },
    System {
        address: Some("%Email%"),
        full_name: Some("%FullName%"),
        ..System::of(
            "jamf-school",
            "iPhone, iPad and Mac under Jamf School",
            "https://docs.jamf.com/nl/jamf-school/documentation/Payload_Variables.html",
        )
    },
    System {
        address: Some("%email%"),
        full_name: Some("%fullname%"),
        ..System::of(
            "maas360",
            "iPhone, iPad and Mac under IBM MaaS360",
            "https://www.ibm.com/docs/en/SS8H2S/com.ibm.mc.doc/pag_source/concepts/default_attributes.htm",
        )
    },
    System {
        address: Some("%email%"),
        spelling: Spelling::Unconfirmed,
        ..System::of(
            "manageengine",
            "iPhone, iPad and Mac under ManageEngine Mobile Device Manager",
            "by analogy with %upn%, which is in Microsoft's documentation",
        )
    },
    System {
        address: Some("%Email%"),
        full_name: Some("%FullName%"),
        spelling: Spelling::Unconfirmed,
        ..System::of("mosyle", "iPhone, iPad and Mac under Mosyle", "reported, without a source")
    },
    System::of(
        "simplemdm",
        "iPhone, iPad and Mac under SimpleMDM",
        "https://github.com/macadmins/simpleMDMpy, CustomConfigurationProfiles.py",
    ),
    System {
        address: Some("%_EMAILADDRESS_%"),
        ..System::of(
            "sophos",
            "iPhone, iPad and Mac under Sophos Mobile",
            "https://doc.sophos.com/central/Mobile/help_ixm/en-us/AdminHelp/Policies/Placeholders/",
        )
    },
    System {
        address: Some("{EmailAddress}"),
        local_part: Some("{EmailUserName}"),
        domain: Some("{EmailDomain}"),
        full_name: Some("{FirstName} {LastName}"),
        caveat: Some("the person's name is composed of the directory's first and last name"),
        ..System::of(
            "workspace-one",
            "iPhone, iPad and Mac under Workspace ONE UEM",
            "https://gist.github.com/synic/fc7a219f229ef1df7748b8564a2fbcf1",
        )
    },
    System {
        address: Some("$REALM_USER.EMAIL"),
        local_part: Some("$REALM_USER.EMAIL_PREFIX"),
        full_name: Some("$REALM_USER.FULL_NAME"),
        ..System::of(
            "zentral",
            "iPhone, iPad and Mac under Zentral",
            "https://github.com/zentralopensource/zentral, docs/apps/mdm.md",
        )
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_alphabetical_order() {
        assert!(SYSTEMS.is_sorted_by_key(|system| system.name));
    }

    /// A system that would take a variable for the beginning of another one, or find it in plain text, is not here.
    #[test]
    fn every_variable_begins_with_a_mark_and_has_nothing_that_xml_escapes_but_quotes() {
        for system in &SYSTEMS {
            let variables = [system.address, system.local_part, system.domain, system.full_name];
            for variable in variables.into_iter().flatten() {
                provost_account::MdmVariable::try_from(variable).expect("a variable");
            }
        }
    }
}
