//! What is refused before anything is sent: what a device or a server would refuse, or would do to somebody's password.

use std::fmt;

use crate::target::{Declaration, Target, Work};

/// A kind of device, and its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// iPhone, iPad and Apple Vision Pro: there is no user channel.
    Ios,
    /// Mac: mail is for a user.
    Macos,
    /// An iPad that several people use: mail is for a user.
    SharedIpad,
    /// It is not said: declarations are for all.
    Any,
}

/// Whether passwords may be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// They were asked for.
    Embedded,
    /// They were not.
    LeftOut,
}

/// Why something is not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// Mail of a Mac for a device instead of a user.
    MacOnDeviceChannel,
    /// Mail of an iPhone for a user.
    IosOnUserChannel,
    /// Mail of a Shared iPad for a device.
    SharedIpadOnDeviceChannel,
    /// A signature, and variables that would break it when they are filled in.
    SignedWithVariables,
    /// A signed profile for a server that changes profiles.
    SignedFor(&'static str),
    /// More octets than the server takes.
    #[expect(missing_docs, reason = "the names say it")]
    TooLong { octets: usize, max: usize },
    /// A password.
    Password,
    /// The file that a declaration leads to.
    #[expect(missing_docs, reason = "the names say it")]
    Asset { url: String, why: AssetProblem },
}

/// What is wrong with a file that a device would fetch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AssetProblem {
    /// It is not there.
    Status(u16),
    /// It cannot be fetched.
    Unreachable(String),
    /// It is another one.
    OtherHash,
    /// The declaration says no hash.
    NoHash,
}

impl Refused {
    /// What to do about it.
    #[must_use]
    pub fn fix(&self) -> &'static str {
        match self {
            Self::MacOnDeviceChannel => {
                "write the user's enrollment, UDID:UserID, in the map; `provost deploy watch` collects them"
            }
            Self::IosOnUserChannel => {
                "write the device's enrollment, without what follows the colon, or the variant shared-ipad"
            }
            Self::SharedIpadOnDeviceChannel => "write the user's enrollment in the map",
            Self::SignedWithVariables | Self::SignedFor(_) => {
                "deliver it unsigned: what a server installs needs no signature"
            }
            Self::TooLong { .. } => "leave out what makes it long, such as certificates under trust",
            Self::Password => "deliver it without, or allow it with --danger-embed-passwords",
            Self::Asset { .. } => {
                "publish the file that `provost generate` writes next to the declarations, and try again"
            }
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MacOnDeviceChannel => {
                f.write_str("a Mac takes mail on a user's channel only, and this is the device's")
            }
            Self::IosOnUserChannel => f.write_str("an iPhone or iPad has no user channel, and this is one"),
            Self::SharedIpadOnDeviceChannel => {
                f.write_str("a Shared iPad takes mail on a user's channel only, and this is the device's")
            }
            Self::SignedWithVariables => f.write_str("it is signed, and its variables would break the signature"),
            Self::SignedFor(server) => write!(f, "it is signed, and {server} takes no signed profiles with variables"),
            Self::TooLong { octets, max } => write!(f, "it has {octets} octets, and the server takes {max}"),
            Self::Password => f.write_str("it contains a password"),
            Self::Asset { url, why } => match why {
                AssetProblem::Status(status) => write!(f, "{url} answers HTTP {status}, and devices fetch it"),
                AssetProblem::Unreachable(why) => write!(f, "{url} cannot be fetched: {why}"),
                AssetProblem::OtherHash => write!(f, "{url} is not the file whose hash the declaration names"),
                AssetProblem::NoHash => write!(f, "{url} has no hash in its declaration"),
            },
        }
    }
}

/// Why this must not go to that recipient of that target, as far as that can be seen without asking anybody.
#[must_use]
pub fn refused(
    target: &Target,
    recipient: &str,
    platform: Platform,
    passwords: Passwords,
    work: Work<'_>,
) -> Option<Refused> {
    let contents: Vec<&[u8]> = match work {
        Work::Profile(bytes) => vec![bytes],
        Work::Declarations(declarations) => declarations.iter().map(|it| it.json.as_slice()).collect(),
        Work::RemoveProfile | Work::RemoveDeclarations | Work::AskProfiles => return None,
    };
    let is_users = is_a_users(recipient);
    let channel = match (platform, target.recipient) {
        (_, crate::target::Recipient::Group) | (Platform::Any, _) => None,
        (Platform::Macos, _) => (!is_users).then_some(Refused::MacOnDeviceChannel),
        (Platform::Ios, _) => is_users.then_some(Refused::IosOnUserChannel),
        (Platform::SharedIpad, _) => (!is_users).then_some(Refused::SharedIpadOnDeviceChannel),
    };
    let signed = || {
        let is_signed = matches!(work, Work::Profile(bytes) if is_signed(bytes));
        let has_variables = contents.iter().any(|bytes| has_variables(bytes));
        match (is_signed, target.name) {
            (true, "fleet") => Some(Refused::SignedFor("Fleet")),
            (true, _) if has_variables => Some(Refused::SignedWithVariables),
            _ => None,
        }
    };
    let password = || {
        let has_one = contents.iter().any(|bytes| PASSWORD_KEYS.iter().any(|key| contains(bytes, key)));
        (passwords == Passwords::LeftOut && has_one).then_some(Refused::Password)
    };
    let octets: usize = contents.iter().map(|bytes| bytes.len()).sum();
    let is_too_long = target.name == "intune" && octets > INTUNE_OCTETS_MAX;
    let too_long = || is_too_long.then_some(Refused::TooLong { octets, max: INTUNE_OCTETS_MAX });
    channel.or_else(signed).or_else(too_long).or_else(password)
}

/// Where a declaration leads a device, and the hash of what is to be there.
#[must_use]
pub fn asset(declaration: &Declaration) -> Option<(String, Option<String>)> {
    let json: serde_json::Value = serde_json::from_slice(&declaration.json).ok()?;
    let reference = json.get("Payload")?.get("Reference")?;
    let text = |key| reference.get(key).and_then(serde_json::Value::as_str).map(ToOwned::to_owned);
    Some((text("DataURL")?, text("Hash-SHA-256")))
}

/// Whether an enrollment is a user's channel: `UDID:UserID`.
#[must_use]
pub fn is_a_users(enrollment: &str) -> bool {
    enrollment.contains(':')
}

/// Whether a profile is CMS: DER begins with a SEQUENCE, a property list with text.
fn is_signed(bytes: &[u8]) -> bool {
    bytes.first() == Some(&DER_SEQUENCE)
}

fn has_variables(bytes: &[u8]) -> bool {
    VARIABLE_MARKS.iter().any(|mark| contains(bytes, mark))
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// <https://learn.microsoft.com/mem/intune/configuration/custom-settings-ios>
const INTUNE_OCTETS_MAX: usize = 1_000_000;
const DER_SEQUENCE: u8 = 0x30;
const VARIABLE_MARKS: &[&str] = &["$FLEET_", "{{", "%Email", "$EMAIL", "$USERNAME"];
/// Apple's keys for passwords, in profiles and in declarations' files.
/// <https://github.com/apple/device-management/blob/release/mdm/profiles/com.apple.mail.managed.yaml>
const PASSWORD_KEYS: &[&str] = &["<key>IncomingPassword</key>", "<key>OutgoingPassword</key>"];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::named;

    #[track_caller]
    fn check(recipient: &str, platform: Platform, bytes: &[u8], expected: Option<&Refused>) {
        let target = named("nanomdm").expect("a target");
        let found = refused(target, recipient, platform, Passwords::LeftOut, Work::Profile(bytes));
        assert_eq!(found.as_ref(), expected);
    }

    /// `supportedOS: macOS: devicechannel: false, userchannel: true`, `iOS: sharediPad: mode: required, userchannel: true`:
    /// <https://github.com/apple/device-management/blob/release/mdm/profiles/com.apple.mail.managed.yaml>
    #[test]
    fn mail_goes_to_the_channel_that_takes_it() {
        check("D1", Platform::Ios, b"<plist", None);
        check("D1:U1", Platform::Ios, b"<plist", Some(&Refused::IosOnUserChannel));
        check("D1:U1", Platform::Macos, b"<plist", None);
        check("D1", Platform::Macos, b"<plist", Some(&Refused::MacOnDeviceChannel));
        check("D1:U1", Platform::SharedIpad, b"<plist", None);
        check("D1", Platform::SharedIpad, b"<plist", Some(&Refused::SharedIpadOnDeviceChannel));
    }

    #[test]
    fn signatures_that_would_break_are_refused() {
        check("D1", Platform::Ios, b"\x30\x82 plain", None);
        check("D1", Platform::Ios, b"\x30\x82 {{mail}}", Some(&Refused::SignedWithVariables));
        check("D1", Platform::Ios, b"<plist {{mail}}", None);
    }

    #[test]
    fn intune_takes_a_million_octets() {
        let target = named("intune").expect("a target");
        let of = |octets| {
            let bytes = vec![b' '; octets];
            refused(target, "group", Platform::Any, Passwords::LeftOut, Work::Profile(&bytes))
        };
        assert_eq!(of(1_000_000), None);
        assert_eq!(of(1_000_001), Some(Refused::TooLong { octets: 1_000_001, max: 1_000_000 }));
    }

    #[test]
    fn passwords_have_to_be_asked_for() {
        let profile = b"<plist><key>IncomingPassword</key><string>x</string>";
        check("D1", Platform::Ios, profile, Some(&Refused::Password));
        let target = named("nanomdm").expect("a target");
        let found = refused(target, "D1", Platform::Ios, Passwords::Embedded, Work::Profile(profile));
        assert_eq!(found, None);
    }
}
