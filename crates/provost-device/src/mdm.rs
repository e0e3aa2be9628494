//! The variables that device management systems (MDM) replace in a profile before a device gets it, and texts that look
//! like one. Spellings are those of the systems' vendors and users; case matters. It fills in a person's known values, and
//! guesses nothing.

use provost_account::{EmailAddress, Finding, Findings, Place, codes::profile as codes, foreign_placeholder};

use crate::person::Person;
use crate::understood::Understood;

/// A value of the person that a system knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holds {
    Address,
    LocalPart,
    Domain,
    FullName,
    /// The first word of the name.
    FirstName,
    /// The rest of it.
    LastName,
    /// Something unknown here: a user name in the directory, a serial number.
    Else,
}

/// A system and its variables.
#[derive(Debug)]
pub(crate) struct Mdm {
    pub(crate) name: &'static str,
    pub(crate) variables: &'static [(&'static str, Holds)],
    pub(crate) source: &'static str,
}

impl Mdm {
    /// The systems that have this variable for the address.
    pub(crate) fn with_address(variable: &str) -> Vec<&'static Self> {
        let has = |mdm: &&Mdm| mdm.variables.contains(&(variable, Holds::Address));
        MDMS.iter().filter(has).collect()
    }
}

/// A replacement that was made: the variable, and what took its place.
pub(crate) type Filled = (String, String);

/// The text with a person's values instead of variables, and what was replaced. If a variable is the beginning of another,
/// the longer one counts. Values are not searched for variables. `encode` fits a value into the text.
pub(crate) fn fill_in(
    text: &str,
    variables: &[(&str, Holds)],
    address: &EmailAddress,
    person: &Person,
    encode: &dyn Fn(&str) -> String,
) -> (String, Vec<Filled>) {
    let name = person.full_name.as_ref().map_or("", |name| name.as_str());
    let (first, last) = name.split_once(' ').unwrap_or((name, ""));
    let value = |holds: Holds| match holds {
        Holds::Address => Some(address.as_str()),
        Holds::LocalPart => Some(address.local_part()),
        Holds::Domain => Some(address.domain().as_str()),
        Holds::FullName => Some(name),
        Holds::FirstName => Some(first),
        Holds::LastName => Some(last),
        Holds::Else => None,
    };
    let mut filled = String::new();
    let mut replaced: Vec<Filled> = Vec::new();
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let here = variables.iter().filter(|(variable, _)| rest.starts_with(variable));
        match here.max_by_key(|(variable, _)| variable.len()) {
            Some((variable, holds)) => {
                match value(*holds) {
                    Some(value) => {
                        filled.push_str(&encode(value));
                        let filled = ((*variable).to_owned(), value.to_owned());
                        replaced.extend((!replaced.contains(&filled)).then_some(filled));
                    }
                    None => filled.push_str(variable),
                }
                rest = &rest[variable.len()..];
            }
            None => {
                filled.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    (filled, replaced)
}

/// The variable that a value holds or looks like: one that some system has, a whole value in the style of one, or what looks
/// like another program's placeholder.
pub(crate) fn variable_in(value: &str) -> Option<&str> {
    if looks_like_one(value) {
        return Some(value);
    }
    let known = MDMS.iter().flat_map(|mdm| mdm.variables).filter_map(|(variable, _)| {
        let at = value.find(variable)?;
        let after = value[at + variable.len()..].chars().next();
        let ends = !after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') || variable.ends_with(['}', '%']);
        ends.then(|| &value[at..at + variable.len()])
    });
    known.max_by_key(|variable| variable.len()).or_else(|| foreign_placeholder(value))
}

/// The finding about a variable in a key, if there is one.
pub(crate) fn unfilled(key: &str, value: &str, place: Option<Place>, findings: &mut Findings) {
    let Some(variable) = variable_in(value) else { return };
    let message = format!("{key} contains {variable}, which looks like a variable that was not replaced");
    let fix = "have the device management system replace it, or write the person's own value";
    findings.add(codes::UNEXPANDED_PLACEHOLDER, place, message, fix);
}

/// `$NAME`, `$NAME$`, `${name}`, `{{name}}`, `{Name}` or `%Name%`, and nothing beside it.
pub(crate) fn looks_like_one(value: &str) -> bool {
    let between = |start: &str, end: &str| value.strip_prefix(start).and_then(|rest| rest.strip_suffix(end));
    let is_word = |text: &str, more: &str| {
        let inside = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
        text.starts_with(|c: char| c.is_ascii_alphabetic() || more.contains(c)) && text.chars().all(inside)
    };
    // Everything but the inner mark itself may stand in double braces: `{{.User "emails_primary"}}`.
    between("{{", "}}").is_some_and(|text| !text.is_empty() && !text.contains(['{', '}', '@']))
        || between("${", "}").is_some_and(|text| is_word(text, "._"))
        || between("{", "}").is_some_and(|text| is_word(text, "_"))
        || between("%", "%").is_some_and(|text| is_word(text, "_()"))
        || between("$", "")
            .map(|text| text.strip_suffix('$').unwrap_or(text))
            .is_some_and(|text| is_word(text, "._") && !text.contains(|c: char| c.is_ascii_lowercase()))
}

/// Adds findings about variables that are left in an account's names and addresses, unless an earlier finding mentions them.
pub(crate) fn left_over(understood: &Understood, found: &mut Vec<Finding>) {
    let account = &understood.account;
    let servers = account.servers().map(|(_, server)| server);
    let groupware = &account.groupware;
    let collections = [&groupware.calendar, &groupware.contacts].into_iter().flatten();
    let logins = servers
        .filter_map(|it| it.login.as_ref())
        .chain(collections.clone().filter_map(|it| it.login.as_ref()))
        .chain(groupware.ldap.as_ref().and_then(|it| it.login.as_ref()));
    let values = logins
        .map(|login| ("the login name", login.to_string()))
        .chain(collections.map(|it| ("the address of a calendar or an address book", it.url.to_string())))
        .chain(account.full_name.iter().map(|name| ("the name", name.to_string())))
        .chain(understood.label.iter().map(|label| ("the account's name", label.clone())));
    for (key, value) in values {
        // What a client does with autoconfig's own placeholders is its reader's to say.
        let is_said = |variable: &str| {
            variable.starts_with("%EMAIL") || found.iter().any(|finding| finding.message.contains(variable))
        };
        if variable_in(&value).is_some_and(|variable| !is_said(variable)) {
            let mut findings = Findings::default();
            unfilled(key, &value, None, &mut findings);
            found.extend(findings.finish());
        }
    }
}

/// The variable for the address that is spelled most like `found`.
pub(crate) fn nearest_address(found: &str) -> Option<&'static str> {
    let known: Vec<&'static str> = MDMS
        .iter()
        .flat_map(|mdm| mdm.variables)
        .filter(|(_, holds)| *holds == Holds::Address)
        .map(|(variable, _)| *variable)
        .collect();
    provost_account::nearest(found, &known)
}

/// The best known first.
const MDMS: &[Mdm] = &[
    Mdm {
        name: "Jamf Pro",
        variables: &[
            ("$EMAIL", Holds::Address),
            ("$FULLNAME", Holds::FullName),
            ("$REALNAME", Holds::FullName),
            ("$USERNAME", Holds::Else),
            ("$SERIALNUMBER", Holds::Else),
            ("$UDID", Holds::Else),
        ],
        source: "https://gist.github.com/rtrouton/8e0e369605d0256afebd5da4afdca4f3",
    },
    Mdm {
        name: "Iru (Kandji)",
        variables: &[
            ("$EMAIL", Holds::Address),
            ("$EMAIL_PREFIX", Holds::LocalPart),
            ("$FULL_NAME", Holds::FullName),
            ("$USERNAME", Holds::Else),
            ("$USERNAME_PREFIX", Holds::Else),
            ("$SERIAL_NUMBER", Holds::Else),
            ("$UDID", Holds::Else),
        ],
        source: "https://github.com/kandji-inc/support, Global Variables",
    },
    Mdm {
        name: "Jamf School",
        variables: &[
            ("%Email%", Holds::Address),
            ("%FullName%", Holds::FullName),
            ("%FirstName% %LastName%", Holds::FullName),
            ("%FirstName%", Holds::FirstName),
            ("%LastName%", Holds::LastName),
            ("%Username%", Holds::Else),
            ("%ShortName%", Holds::Else),
        ],
        source: "https://docs.jamf.com/nl/jamf-school/documentation/Payload_Variables.html",
    },
    Mdm {
        name: "Microsoft Intune",
        variables: &[
            ("{{mail}}", Holds::Address),
            ("{{userprincipalname}}", Holds::Else),
            ("{{username}}", Holds::Else),
            ("{{partialupn}}", Holds::Else),
            ("{{deviceid}}", Holds::Else),
            ("{{serialnumber}}", Holds::Else),
        ],
        source: "https://github.com/MicrosoftDocs/memdocs, custom-settings-ios.md",
    },
    Mdm {
        name: "Workspace ONE UEM",
        variables: &[
            ("{EmailAddress}", Holds::Address),
            ("{EmailUserName}", Holds::LocalPart),
            ("{EmailDomain}", Holds::Domain),
            // Both together are the name that the directory has, also for those who have one name only.
            ("{FirstName} {LastName}", Holds::FullName),
            ("{FirstName}", Holds::FirstName),
            ("{LastName}", Holds::LastName),
            ("{EnrollmentUser}", Holds::Else),
            ("{UserPrincipalName}", Holds::Else),
            ("{DeviceUid}", Holds::Else),
        ],
        source: "https://gist.github.com/synic/fc7a219f229ef1df7748b8564a2fbcf1",
    },
    Mdm {
        name: "Fleet",
        variables: &[
            ("$FLEET_VAR_HOST_END_USER_IDP_USERNAME", Holds::Address),
            ("$FLEET_VAR_HOST_END_USER_EMAIL_IDP", Holds::Address),
            ("$FLEET_VAR_HOST_END_USER_IDP_USERNAME_LOCAL_PART", Holds::LocalPart),
            ("$FLEET_VAR_HOST_END_USER_IDP_FULL_NAME", Holds::FullName),
        ],
        source: "https://github.com/fleetdm/fleet, articles/fleet-variables.md",
    },
    Mdm {
        name: "Addigy",
        variables: &[
            ("{{.User \"emails_primary\"}}", Holds::Address),
            ("{{.User \"name_formatted\"}}", Holds::FullName),
            ("{{.User \"user_name\"}}", Holds::Else),
        ],
        source: "https://support.addigy.com/hc/en-us/articles/49233526494739",
    },
    Mdm {
        name: "Zentral",
        variables: &[
            ("$REALM_USER.EMAIL", Holds::Address),
            ("$REALM_USER.EMAIL_PREFIX", Holds::LocalPart),
            ("$REALM_USER.FULL_NAME", Holds::FullName),
            ("$REALM_USER.USERNAME", Holds::Else),
            ("$ENROLLED_DEVICE.SERIAL_NUMBER", Holds::Else),
            ("$ENROLLED_USER.LONG_NAME", Holds::Else),
        ],
        source: "https://github.com/zentralopensource/zentral, docs/apps/mdm.md",
    },
    Mdm {
        name: "IBM MaaS360",
        variables: &[
            ("%email%", Holds::Address),
            ("%fullname%", Holds::FullName),
            ("%username%", Holds::Else),
            ("%upn%", Holds::Else),
            ("%domain%", Holds::Else),
            ("%deviceid%", Holds::Else),
        ],
        source: "https://www.ibm.com/docs/en/SS8H2S/com.ibm.mc.doc/pag_source/concepts/default_attributes.htm",
    },
    Mdm {
        name: "Sophos Mobile",
        variables: &[("%_EMAILADDRESS_%", Holds::Address), ("%_USERNAME_%", Holds::Else)],
        source: "https://doc.sophos.com/central/Mobile/help_ixm/en-us/AdminHelp/Policies/Placeholders/",
    },
    Mdm {
        name: "Ivanti EPMM",
        variables: &[("$EMAIL$", Holds::Address), ("$USERID$", Holds::Else)],
        source: "https://help.ivanti.com/mi/help/en_us/CORE/11.x/dmgi/DMGfiles/Configuring_POP_and_IMAP.htm",
    },
    Mdm {
        name: "Ivanti Neurons for MDM",
        variables: &[("${userEmailAddress}", Holds::Address), ("${userUPN}", Holds::Else)],
        source: "https://github.com/MicrosoftDocs/memdocs, data-transfer-between-apps",
    },
    Mdm {
        name: "ManageEngine (unconfirmed)",
        variables: &[("%email%", Holds::Address), ("%upn%", Holds::Else), ("%username%", Holds::Else)],
        source: "unconfirmed: by analogy with %upn%, which is in Microsoft's documentation",
    },
    Mdm {
        name: "Citrix Endpoint Management (unconfirmed)",
        variables: &[
            ("${user.mail}", Holds::Address),
            ("${user.username}", Holds::Else),
            ("${user.userprincipalname}", Holds::Else),
        ],
        source: "unconfirmed: https://docs.citrix.com has the syntax alone",
    },
    Mdm {
        name: "Apple Profile Manager (ended, unconfirmed)",
        variables: &[("%email%", Holds::Address), ("%full_name%", Holds::FullName), ("%short_name%", Holds::Else)],
        source: "unconfirmed: https://profilemanager.skydocu.com",
    },
    Mdm {
        name: "Mosyle (unconfirmed)",
        variables: &[("%Email%", Holds::Address), ("%FullName%", Holds::FullName), ("%UserID%", Holds::Else)],
        source: "unconfirmed: reported, without a source",
    },
    Mdm {
        name: "Hexnode (unconfirmed)",
        variables: &[("%email%", Holds::Address), ("%username%", Holds::Else)],
        source: "unconfirmed: reported, without a source",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn filled(text: &str, mdm: &str, expected: &str) {
        let address = EmailAddress::try_from("j$EMAIL@example.org").expect("an address");
        let mdm = MDMS.iter().find(|it| it.name == mdm).expect("a system");
        let encode = |value: &str| value.replace('$', "&#36;");
        let (text, _) = fill_in(text, mdm.variables, &address, &Person::default(), &encode);
        assert_eq!(text, expected);
    }

    #[test]
    fn the_longest_spelling_counts_and_values_are_not_looked_into_again() {
        filled("$EMAIL_PREFIX,$EMAIL", "Iru (Kandji)", "j&#36;EMAIL,j&#36;EMAIL@example.org");
        filled("$USERNAME and {{mail}}", "Jamf Pro", "$USERNAME and {{mail}}");
        filled("{{Mail}}", "Microsoft Intune", "{{Mail}}");
    }

    #[track_caller]
    fn found(value: &str, expected: Option<&str>) {
        assert_eq!(variable_in(value), expected, "{value}");
    }

    #[test]
    fn variables_are_found_and_people_are_not() {
        for variable in [
            "$EMAIL",
            "$EMAIL$",
            "${user.mail}",
            "{{mail}}",
            "{{Mail}}",
            "{EmailAddress}",
            "%email%",
            "%_USERNAME_%",
            "{{.User \"emails_primary\"}}",
            "$REALM_USER.EMAIL",
            "%EMAILADDRESS%",
            "[[email]]",
        ] {
            found(variable, Some(variable));
        }
        found("Harbour ({{mail}})", Some("{{mail}}"));
        found("CORP\\$USERNAME", Some("$USERNAME"));
        found("$EMAIL_PREFIX@example.org", Some("$EMAIL_PREFIX"));
        found("${displayName}@example.org", Some("${displayName}"));
        found("%u@%d", Some("%u"));
        for nobody in ["jane@example.org", "`id`$HOME|{x}'%s%h@example.org", "100%", "%", "$", "{}", "{{}}", "$cash"] {
            found(nobody, None);
        }
    }
}
