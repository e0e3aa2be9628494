//! The programs that export user lists, recognized by their column names. The program decides what an ambiguous column
//! means, and messages name it.

use super::row::Column;

/// A program that lists users.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    /// Its name.
    pub(crate) name: &'static str,
    /// Sets of column names that occur together in no other list; one set is enough.
    marks: &'static [&'static [&'static str]],
    /// Its columns with a meaning of their own; `None` for those that are not used.
    pub(crate) columns: &'static [(&'static str, Option<Column>)],
}

/// The program whose list has columns of these names, in plain letters.
pub(crate) fn program(names: &[String]) -> Option<&'static Program> {
    let has = |mark: &&str| names.iter().any(|name| name == mark);
    PROGRAMS.iter().find(|program| program.marks.iter().any(|marks| marks.iter().all(has)))
}

/// Microsoft's directories call a mailbox's nickname its alias, and have every address of it in one column.
macro_rules! microsoft {
    ($($own:expr),*) => {
        &[
            ("alias", None),
            ("emailaddresses", Some(Column::Proxies)),
            ("proxyaddresses", Some(Column::Proxies)),
            ("enabled", Some(Column::State)),
            ("accountenabled", Some(Column::State)),
            ("blockcredential", Some(Column::Blocked)),
            ("usertype", Some(Column::State)),
            ("objectclass", Some(Column::State)),
            ("recipienttypedetails", Some(Column::State)),
            ("useraccountcontrol", Some(Column::AccountControl)),
            ("cn", Some(Column::CommonName)),
            $($own),*
        ]
    };
}

/// Any directory, in LDIF. Its attributes: RFC 4519 (cn, givenName, sn), RFC 4524 (mail), RFC 2798 (displayName); those of
/// Active Directory, <https://learn.microsoft.com/en-us/windows/win32/adschema/attributes-all>; mailAlternateAddress is
/// qmail-ldap's and 389 Directory Server's, as is nsAccountLock (unconfirmed: not tried). A user's `uid` and
/// `userPrincipalName` may or may not be the login name at the mail server, so they are not taken for it.
pub(crate) const DIRECTORY: Program = Program {
    name: "LDIF",
    marks: &[],
    columns: &[
        ("alias", None),
        ("cn", Some(Column::CommonName)),
        ("displayname", Some(Column::Name)),
        ("group", None),
        ("login", None),
        ("mailalternateaddress", Some(Column::Aliases)),
        ("name", None),
        ("nsaccountlock", Some(Column::Blocked)),
        ("objectclass", Some(Column::State)),
        ("proxyaddresses", Some(Column::Proxies)),
        ("useraccountcontrol", Some(Column::AccountControl)),
        ("username", None),
    ],
};

/// Those with the most reliable marks first.
///
/// Their documentation: <https://support.google.com/a/answer/40057>,
/// <https://learn.microsoft.com/en-us/entra/identity/users/users-bulk-download>,
/// <https://learn.microsoft.com/en-us/powershell/module/exchange/get-mailbox>,
/// <https://learn.microsoft.com/en-us/powershell/module/activedirectory/get-aduser>,
/// <https://demo.mailcow.email/api/>,
/// <https://help.okta.com/en-us/Content/Topics/Directory/csv-integration-configure-profile-attributes.htm>. None of them
/// was tried against a tenant.
const PROGRAMS: &[Program] = &[
    Program {
        name: "Google Workspace",
        marks: &[
            &["firstname", "lastname", "emailaddress", "orgunitpath"],
            &["firstname", "emailaddress", "newprimaryemail"],
        ],
        columns: &[("status", Some(Column::State))],
    },
    Program {
        name: "Exchange",
        marks: &[&["primarysmtpaddress"], &["recipienttypedetails"], &["emailaddresses", "alias"]],
        columns: microsoft!(),
    },
    Program {
        name: "Active Directory",
        marks: &[&["samaccountname"], &["distinguishedname"], &["objectguid"]],
        columns: microsoft!(),
    },
    Program {
        name: "Microsoft 365",
        marks: &[
            &["userprincipalname", "blockcredential"],
            &["userprincipalname", "licenses"],
            &["userprincipalname", "proxyaddresses"],
        ],
        columns: microsoft!(("userprincipalname", Some(Column::Username))),
    },
    Program {
        name: "Microsoft Entra",
        marks: &[&["userprincipalname"]],
        columns: microsoft!(("userprincipalname", Some(Column::Username))),
    },
    Program {
        name: "mailcow",
        marks: &[&["username", "localpart", "domain"]],
        columns: &[("username", Some(Column::Email)), ("active", Some(Column::State))],
    },
    Program {
        name: "Okta",
        marks: &[&["login", "email", "firstname", "lastname"]],
        columns: &[("status", Some(Column::State))],
    },
];
