//! Remarks about many rows that are reported once, with a count: disabled accounts, addresses of other domains, values
//! lost in the export. None of them makes a row invalid.

use provost_account::{EmailAddress, Findings, Place, codes::settings as codes};

use super::proxies::is_name_of_a_type;
use super::row::{Column, Row, full_name};

/// The remarks on one list.
#[derive(Debug, Default)]
pub(crate) struct Remarks {
    inactive: Tally,
    outside: Tally,
    unexpanded: Tally,
    lost: Tally,
}

/// How many there are, and the first one.
#[derive(Debug, Default)]
struct Tally {
    count: u64,
    first: Option<(Place, String)>,
}

impl Tally {
    fn add(&mut self, example: impl FnOnce() -> (Place, String)) {
        self.count += 1;
        self.first.get_or_insert_with(example);
    }

    fn extend(&mut self, next: &Self) {
        self.count += next.count;
        if self.first.is_none() {
            self.first.clone_from(&next.first);
        }
    }

    /// The first one, and how many others there are.
    fn shown(self) -> Option<(Place, String)> {
        let (place, first) = self.first?;
        match self.count {
            1 => Some((place, first)),
            count => Some((place, format!("{first} and {} more", count - 1))),
        }
    }
}

impl Remarks {
    /// Whether nobody uses the account of this row, so that it is left out.
    pub(super) fn leaves_out(&mut self, row: &Row<'_>) -> bool {
        let Some((at, word)) = out_of_use(row) else { return false };
        self.inactive.add(|| {
            let whose = row.text(Column::Email).or_else(|| row.text(Column::Proxies));
            let whose = whose.map_or("a row without an address", |(address, _)| address);
            (row.place_of(at), format!("{} ({word})", whose.chars().take(80).collect::<String>()))
        });
        true
    }

    /// How many rows are left out.
    pub(super) fn left_out(&self) -> u64 {
        self.inactive.count
    }

    /// Looks at a row of a person.
    pub(super) fn look_at(&mut self, row: &Row<'_>) {
        for field in row.fields.iter().filter(|field| field.column.is_list() && is_name_of_a_type(&field.value)) {
            let shown = || format!("{:?}", field.value.chars().take(80).collect::<String>());
            self.unexpanded.add(|| (row.place_of(field.at), shown()));
        }
        if let Some((name, at)) = full_name(row).filter(|(name, _)| has_lost_letters(name)) {
            self.lost.add(|| (row.place_of(at), format!("{name:?}")));
        }
    }

    /// An address of the mailbox that is in none of the domains.
    pub(super) fn outside(&mut self, alias: &EmailAddress, place: Place) {
        self.outside.add(|| (place, alias.to_string()));
    }

    /// Adds those on the next part of the list.
    pub(super) fn extend(&mut self, next: &Self) {
        let Self { inactive, outside, unexpanded, lost } = next;
        self.inactive.extend(inactive);
        self.outside.extend(outside);
        self.unexpanded.extend(unexpanded);
        self.lost.extend(lost);
    }

    /// Reports them.
    pub(super) fn report(self, findings: &mut Findings) {
        let said = [
            (
                codes::INACTIVE_ACCOUNT,
                self.inactive,
                "suspended, disabled, a guest or not a person's, and left out",
                "enable the account and export the list again if the person should get a profile",
            ),
            (
                codes::ALIAS_LEFT_OUT,
                self.outside,
                "outside the domains and not used as an alias",
                "add the domain to the settings if people send mail from it",
            ),
            (
                codes::UNEXPANDED_LIST,
                self.unexpanded,
                "PowerShell's type name of a list instead of its contents",
                "join it in the export: Select-Object mail, @{n='aliases';e={$_.proxyAddresses -join ';'}}",
            ),
            (
                codes::LOST_LETTERS,
                self.lost,
                "a name that lost letters in the export: a question mark inside a word",
                "export it again as UTF-8 (PowerShell: Export-Csv -Encoding UTF8), or correct the name",
            ),
        ];
        for (code, tally, what, fix) in said {
            if let Some((place, shown)) = tally.shown() {
                findings.add(code, Some(place), format!("{shown}: {what}"), fix);
            }
        }
    }
}

/// The word that shows that an account is not in personal use.
fn out_of_use<'a>(row: &'a Row<'_>) -> Option<(usize, &'a str)> {
    row.fields.iter().filter(|field| field.column.is_state()).find_map(|field| {
        let word = field.value.trim();
        let is_out_of_use = match field.column {
            Column::AccountControl => word.parse::<i64>().is_ok_and(|flags| flags & ACCOUNT_DISABLE != 0),
            Column::Blocked => word.eq_ignore_ascii_case("true"),
            Column::State => OUT_OF_USE.split(' ').any(|it| it.eq_ignore_ascii_case(word)),
            Column::Email
            | Column::Name
            | Column::CommonName
            | Column::FirstName
            | Column::LastName
            | Column::Username
            | Column::CalendarUsername
            | Column::ContactsUsername
            | Column::Aliases
            | Column::Groups
            | Column::Password
            | Column::Proxies => false,
        };
        is_out_of_use.then_some((field.at, word))
    })
}

/// Whether an export replaced letters: a question mark next to a letter or instead of a word, U+FFFD, or UTF-8 that was read
/// as Latin-1.
fn has_lost_letters(name: &str) -> bool {
    if name.bytes().all(|octet| octet.is_ascii() && octet != b'?') {
        return false;
    }
    let letters: Vec<char> = name.chars().collect();
    let beside = |pair: &[char]| match *pair {
        ['?', letter] | [letter, '?'] => letter == '?' || letter.is_alphabetic(),
        ['Ã' | 'Â', next] => ('\u{A0}'..='\u{BF}').contains(&next),
        _ => false,
    };
    letters.contains(&'\u{FFFD}') || letters.windows(2).any(beside)
}

/// ACCOUNTDISABLE of userAccountControl,
/// <https://learn.microsoft.com/en-us/troubleshoot/windows-server/active-directory/useraccountcontrol-manipulate-account-properties>.
const ACCOUNT_DISABLE: i64 = 2;

/// The states of accounts that nobody uses as their own, and the classes of a directory's entries that are no accounts (RFC
/// 4519, RFC 2307, Active Directory).
const OUT_OF_USE: &str = "0 false suspended archived deprovisioned disabled inactive guest sharedmailbox roommailbox \
                          equipmentmailbox discoverymailbox contact group groupofnames groupofuniquenames posixgroup";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_letters_are_seen_and_honest_names_are_not() {
        for lost in ["J?rgen M?ller", "?mit Kaya", "Ren?", "J\u{FFFD}rgen", "JÃ¼rgen", "??"] {
            assert!(has_lost_letters(lost), "{lost}");
        }
        for honest in ["Jürgen Müller", "JOÃO", "Who ? Me", "Â", "O'Brien"] {
            assert!(!has_lost_letters(honest), "{honest}");
        }
    }
}
