//! Files that are not user lists but that people try: spreadsheets, directory exports, API responses. Each is
//! recognized, and the message says what to do. Nothing is read from them.

use serde_json::Value;

/// What a file is, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Foreign {
    pub(crate) what: &'static str,
    pub(crate) fix: String,
}

/// What a file is, by its first bytes or lines. `None`: it may be a list.
pub(crate) fn by_its_start(bytes: &[u8]) -> Option<Foreign> {
    let (_, what, fix) = BINARY.iter().chain(TEXT).find(|(start, ..)| begins_with(bytes, start))?;
    Some(Foreign { what, fix: (*fix).to_owned() })
}

/// Whether a text is LDIF (RFC 2849): it begins with its version or a distinguished name, after comments.
pub(crate) fn is_ldif(text: &str) -> bool {
    ["dn:", "version:"].iter().any(|start| begins_with(text.trim_start().as_bytes(), start))
}

/// What a JSON document is. `None`: it may be a list of users.
/// An array is none either if somebody said where its values are.
pub(crate) fn by_its_structure(document: &Value, is_chosen: bool) -> Option<Foreign> {
    let jq = |what, filter: &str| Some(Foreign { what, fix: format!("convert it: jq '{filter}' FILE > users.json") });
    let lacks_an_address = |it: &Value| !["email", "mail", "emailAddress"].iter().any(|key| it.get(key).is_some());
    match document {
        Value::Array(_) if is_chosen => None,
        Value::Array(items) => match items.first()? {
            first if first["profile"]["login"].is_string() && lacks_an_address(first) => Some(Foreign {
                what: "Okta's answer with users",
                fix: "say where the values are: --columns \"email=profile.email,first name=profile.firstName,last \
                          name=profile.lastName\""
                    .to_owned(),
            }),
            first if first["_attrs"].is_object() && first["name"].is_string() && lacks_an_address(first) => {
                jq("Zimbra's answer with accounts", "[.[] | {email: .name, name: ._attrs.displayName}]")
            }
            _ => None,
        },
        Value::Object(keys) if keys.contains_key("email") || keys.contains_key("mail") => Some(Foreign {
            what: "one object, not a list",
            fix: "put it in brackets: [{\"email\": \"…\"}]".to_owned(),
        }),
        Value::Object(keys) => {
            if document["Body"]["GetAllAccountsResponse"].is_object() {
                let name = "[.a[] | select(.n == \"displayName\") | ._content][0]";
                let filter = format!("[.Body.GetAllAccountsResponse.account[] | {{email: .name, name: {name}}}]");
                return jq("Zimbra's answer with accounts", &filter);
            }
            if document["users"][0]["primaryEmail"].is_string() {
                return jq("Google's answer with users", "[.users[] | {email: .primaryEmail, name: .name.fullName}]");
            }
            if keys.contains_key("Resources") {
                return jq(
                    "an answer with users (SCIM)",
                    "[.Resources[] | {email: .emails[0].value, name: .displayName}]",
                );
            }
            if document["value"].is_array() {
                return jq("Microsoft Graph's answer", ".value | map({mail, displayName})");
            }
            let mut lists = keys.iter().filter(|(_, value)| value[0].is_object());
            let filter = match (lists.next(), lists.next()) {
                (Some((key, _)), None) => format!(".[{}]", Value::from(key.as_str())),
                (_, _) => return None,
            };
            jq("an object that contains a list", &filter)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn begins_with(bytes: &[u8], start: &str) -> bool {
    // Comments stand before the first entry of LDIF (RFC 2849).
    let mut lines =
        bytes.split(|byte| *byte == b'\n').skip_while(|line| !start.starts_with('#') && line.starts_with(b"#"));
    let line = lines.next().unwrap_or(b"");
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    line.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
}

const AS_CSV: &str = "save the sheet as CSV: in Excel \"CSV UTF-8\", in LibreOffice \"Text CSV\" in UTF-8 with commas";
const EXPORT: &str = "extract addresses and names: email,name in the first line, then one line per person";

const BINARY: &[(&str, &str, &str)] = &[
    ("PK\u{3}\u{4}", "a workbook (.xlsx, .ods) or another ZIP archive", AS_CSV),
    ("%PDF-", "a PDF document", EXPORT),
    ("SQLite format 3", "an SQLite database", EXPORT),
];

const TEXT: &[(&str, &str, &str)] = &[
    (
        "version:v1.0",
        "Microsoft Entra's template for bulk operations",
        "remove the first line, and name the columns email,name",
    ),
    ("# name ", "output of Zimbra's zmprov", "export addresses only: (echo email; zmprov -l gaa) > users.csv"),
    ("BEGIN:VCARD", "vCards", EXPORT),
    ("<", "an XML or HTML file", EXPORT),
    ("provost:", "a settings file", "pass it with -c, and the user list with --users"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(bytes: &[u8], what: &str) {
        assert_eq!(by_its_start(bytes).map(|foreign| foreign.what), Some(what));
    }

    #[test]
    fn a_file_of_another_kind_is_named() {
        check(b"PK\x03\x04\x14\0", "a workbook (.xlsx, .ods) or another ZIP archive");
        check(b"# name a@b.example\nuid: a\n", "output of Zimbra's zmprov");
        check(b"version:v1.0\nName [displayName] Required\n", "Microsoft Entra's template for bulk operations");
        assert_eq!(by_its_start(b"email,name\n"), None);
        assert_eq!(by_its_start(b""), None);
        assert!(is_ldif("# extended LDIF\n#\ndn: cn=a,dc=b\n") && is_ldif("version: 1\ndn:: Y249YQ==\n"));
        assert!(!is_ldif("email\ndn:\n"));
    }

    #[track_caller]
    fn check_json(json: &str, what: Option<&str>) {
        let document: Value = serde_json::from_str(json).expect("JSON");
        assert_eq!(by_its_structure(&document, false).map(|foreign| foreign.what), what);
    }

    #[test]
    fn an_answer_of_a_programming_interface_is_named() {
        check_json(r#"[{"id":"00u1","profile":{"login":"a@b.example"}}]"#, Some("Okta's answer with users"));
        check_json(r#"{"value":[{"mail":"a@b.example"}]}"#, Some("Microsoft Graph's answer"));
        check_json(r#"{"data":[{"email":"a@b.example"}],"count":1}"#, Some("an object that contains a list"));
        check_json(r#"{"email":"a@b.example"}"#, Some("one object, not a list"));
        check_json(r#"[{"email":"a@b.example","profile":{"login":"a"}}]"#, None);
    }
}
