//! A folder: the files for any other console, and whose device each is for.

use crate::target::{Means, PathAndBytes, Recipient, Standing, Step, Target, Work};

pub(crate) const TARGET: Target = Target {
    name: "folder",
    standing: Standing::Proven("a file system"),
    delivers: "a file for each person and enrollment, and a README that says which is whose",
    reads_back: "the files",
    notes: &["what a console does with the files is not seen: \"has it\" means that the file is there"],
    recipient: Recipient::Enrollment,
    means: Means::Folder(files),
};

pub(super) fn files(step: &Step<'_>) -> Vec<PathAndBytes> {
    let folder = name(step.recipient);
    match step.work {
        Work::Profile(bytes) => {
            vec![(format!("{folder}/{}.mobileconfig", name(step.identifier)), bytes.to_vec())]
        }
        Work::Declarations(declarations) => declarations
            .iter()
            .map(|it| (format!("{folder}/{}/{}.json", name(step.identifier), name(&it.identifier)), it.json.clone()))
            .collect(),
        Work::RemoveProfile => vec![(format!("{folder}/{}.mobileconfig", name(step.identifier)), Vec::new())],
        // The folder of the declarations.
        Work::RemoveDeclarations => vec![(format!("{folder}/{}", name(step.identifier)), Vec::new())],
        Work::AskProfiles => Vec::new(),
    }
}

/// A name as that of a file: what is none is hexadecimal, so no two names become one.
fn name(text: &str) -> String {
    let mut name = String::new();
    for (at, octet) in text.bytes().enumerate() {
        match octet {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'@' => name.push(char::from(octet)),
            b'.' if at > 0 => name.push('.'),
            _ => name.push_str(&format!("%{octet:02x}")),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let of = |recipient, identifier| {
            let work = Work::Profile(b"x");
            let step = Step { recipient, address: "a@b.example", identifier, command: Uuid::nil(), work };
            files(&step).remove(0).0
        };
        assert_eq!(of("D1:U", "org.example.mail"), "D1%3aU/org.example.mail.mobileconfig");
        assert_eq!(of("..", "../x"), "%2e./%2e.%2fx.mobileconfig");
    }
}
