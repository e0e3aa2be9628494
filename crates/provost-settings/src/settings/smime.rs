//! The key `smime`: where people's identities are, and what they are used for. It reads no identity.

use provost_account::{Encryption, LoginTemplate, SmimeRules};

use super::at::Entries;
use super::kinds;
use super::row::{Keys, Row, key};
use super::write::Layout;

impl Keys for SmimeRules {
    type Draft = (Option<LoginTemplate>, Option<bool>, Option<Encryption>);
    const LAYOUT: Layout = Layout::Line;
    const KEYS: &'static [&'static dyn Row<Self>] = &[
        key!(required "identities": kinds::IDENTITIES, identities => 0,
            "the identity, embedded without its password, so the device asks for it"),
        key!(required "sign": kinds::SWITCH, sign => 1, "whether clients sign mail"),
        key!(required "encrypt": kinds::ENCRYPTION, encryption => 2, "when clients encrypt mail"),
    ];

    fn finish(_: &Entries<'_, '_>, (identities, sign, encryption): Self::Draft) -> Option<Self> {
        Some(Self { identities: identities?, sign: sign?, encryption: encryption? })
    }
}
