//! The key `smime`: where people's identities are, and what they are used for. It reads none of them.

use provost_account::{Encryption, LoginTemplate, SmimeRules, codes::settings as codes};

use super::decode::At;
use super::servers::choice;
use super::yaml::Aim;

/// The whole key.
pub(crate) fn smime(at: &At<'_, '_>) -> Option<SmimeRules> {
    let map = at.map(&["identities", "sign", "encrypt"])?;
    let identities = map.required("identities").and_then(|it| {
        let template = it.template(|text| LoginTemplate::try_from(text))?;
        if !template.as_str().contains("%EMAIL") {
            let fix = "write a placeholder into it, such as \"smime/%EMAILADDRESS%.p12\"";
            it.add(codes::WRONG_VALUE, Aim::Value, "the same identity for everybody", fix);
            return None;
        }
        Some(template)
    });
    let sign = map.required("sign").and_then(|it| it.boolean());
    let encryption = map.required("encrypt").and_then(|it| choice(it, ENCRYPTIONS));
    Some(SmimeRules { identities: identities?, sign: sign?, encryption: encryption? })
}

const ENCRYPTIONS: &[(&str, Encryption)] =
    &[("never", Encryption::Never), ("offered", Encryption::Offered), ("by-default", Encryption::ByDefault)];
