//! SCRAM-SHA-1 and SCRAM-SHA-256 (RFC 5802, RFC 7677), with channel binding as -PLUS. Passwords and names are compared
//! byte by byte: SASLprep would change none that a settings file is likely to have, and is left out.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac_array;
use sha1::Sha1;
use sha2::{Digest, Sha256};

use super::{Response, Verdict};
use crate::store::Proof;

/// What differs between the variants.
pub(super) struct Hash {
    digest: fn(octets: &[u8]) -> Vec<u8>,
    hmac: fn(key: &[u8], octets: &[u8]) -> Vec<u8>,
    /// RFC 5802 §2.2: `Hi`, which is PBKDF2.
    salted: fn(password: &[u8], salt: &[u8]) -> Vec<u8>,
    /// [`proof`] with this hash.
    prove: fn(challenge: &str, password: &str) -> String,
}

pub(super) const SHA_1: Hash = Hash {
    digest: |octets| Sha1::digest(octets).to_vec(),
    hmac: |key, octets| {
        let mac = Hmac::<Sha1>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.chain_update(octets).finalize().into_bytes().to_vec()
    },
    salted: |password, salt| pbkdf2_hmac_array::<Sha1, 20>(password, salt, ITERATIONS).to_vec(),
    prove: |challenge, password| proof(&SHA_1, challenge, password).0,
};

pub(super) const SHA_256: Hash = Hash {
    digest: |octets| Sha256::digest(octets).to_vec(),
    hmac: |key, octets| {
        let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
        mac.chain_update(octets).finalize().into_bytes().to_vec()
    },
    salted: |password, salt| pbkdf2_hmac_array::<Sha256, 32>(password, salt, ITERATIONS).to_vec(),
    prove: |challenge, password| proof(&SHA_256, challenge, password).0,
};

/// What names the connection beneath, so that nobody in between can pass the proof on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    /// RFC 9266; only where TLS 1.3 or an extended master secret makes it safe.
    pub(crate) tls_exporter: Option<Vec<u8>>,
    /// RFC 5929 §4: the hash of the server's certificate.
    pub(crate) tls_server_end_point: Vec<u8>,
    /// The login name of the client's certificate, if it showed one.
    pub(crate) client: Option<String>,
}

/// What the client says first.
///
/// ```abnf
/// client-first-message = gs2-header client-first-message-bare      ; RFC 5802 §7
/// client-first-message-bare = [reserved-mext ","] username "," nonce ["," extensions]
/// ```
struct First<'a> {
    flag: &'a str,
    /// `n,,` or `p=tls-exporter,,`, with the authorization identity between the commas.
    gs2_header: &'a str,
    bare: &'a str,
    login: String,
    nonce: &'a str,
}

/// Judges both answers of the client. With `plus`, the mechanism is the one that binds.
pub(super) fn judge(response: &mut Response<'_, '_>, hash: &Hash, plus: bool) -> Option<Verdict> {
    let first = client_first(response.text(0)?)?;
    // RFC 5802 §6: "y" says that the client would bind, if only the server could: this one could, so somebody has taken
    // the offer out. The mechanism that was chosen says whether it binds.
    let binds = first.flag.strip_prefix("p=");
    if binds.is_some() != plus || first.flag == "y" && response.binding.is_some() {
        return refused("server-does-support-channel-binding");
    }
    let salt = STANDARD.encode(&(hash.digest)(format!("salt of {}", first.login).as_bytes())[..SALT_OCTETS]);
    let nonce = format!("{}{}", first.nonce, response.nonce);
    let server_first = format!("r={nonce},s={salt},i={ITERATIONS}");
    if response.answers.len() == 1 {
        return Some(Verdict::Ask(server_first));
    }
    let (without_proof, found) = response.text(1)?.rsplit_once(",p=")?;
    let mut attributes = without_proof.split(',');
    let bound = STANDARD.decode(attributes.next()?.strip_prefix("c=")?).ok()?;
    let said = attributes.next()?.strip_prefix("r=")?;
    let mut expected = first.gs2_header.as_bytes().to_vec();
    match (binds, response.binding) {
        (None, _) => {}
        (Some("tls-exporter"), Some(Binding { tls_exporter: Some(exported), .. })) => expected.extend(exported),
        (Some("tls-server-end-point"), Some(binding)) => expected.extend(&binding.tls_server_end_point),
        (Some(_), _) => return refused("unsupported-channel-binding-type"),
    }
    if bound != expected {
        return refused("channel-bindings-dont-match");
    }
    if said != nonce {
        return refused("other-error");
    }
    let challenge = format!("{salt}\n{},{server_first},{without_proof}", first.bare);
    let shown = Proof::Digest { found, expected: hash.prove, challenge: &challenge };
    match response.store.log_in(&first.login, shown) {
        Some(account) => {
            let (_, signature) = proof(hash, &challenge, response.store.password(account));
            Some(Verdict::DecidedSaying(Some(account), format!("v={signature}")))
        }
        // RFC 5802 §7: not "unknown-user": who guesses names need not be told.
        None => refused("invalid-proof"),
    }
}

fn refused(error: &str) -> Option<Verdict> {
    Some(Verdict::DecidedSaying(None, format!("e={error}")))
}

fn client_first(text: &str) -> Option<First<'_>> {
    let (flag, rest) = text.split_once(',')?;
    let (as_whom, bare) = rest.split_once(',')?;
    let mut attributes = bare.split(',');
    let login = attributes.next()?.strip_prefix("n=")?;
    let nonce = attributes.next()?.strip_prefix("r=").filter(|nonce| !nonce.is_empty())?;
    // RFC 5802 §5.1: "=" stands only before "2C" and "3D".
    let login = login.replace("=2C", ",").replace("=3D", "\0");
    let login = (!login.contains('=')).then(|| login.replace('\0', "="))?;
    let as_whom = as_whom.strip_prefix("a=").unwrap_or(as_whom);
    let own = as_whom.is_empty() || as_whom.replace("=2C", ",").replace("=3D", "=") == login;
    let known = matches!(flag, "n" | "y") || flag.starts_with("p=");
    let gs2_header = &text[..text.len() - bare.len()];
    (own && known).then_some(First { flag, gs2_header, bare, login, nonce })
}

/// The client's proof and the server's signature, in base64 (RFC 5802 §3). The challenge is the salt, in base64, and the
/// authentication message, separated by a line feed.
fn proof(hash: &Hash, challenge: &str, password: &str) -> (String, String) {
    let (salt, message) = challenge.split_once('\n').unwrap_or(("", challenge));
    let salted = (hash.salted)(password.as_bytes(), &STANDARD.decode(salt).unwrap_or_else(|_| Vec::new()));
    let client_key = (hash.hmac)(&salted, b"Client Key");
    let signature = (hash.hmac)(&(hash.digest)(&client_key), message.as_bytes());
    let proof: Vec<u8> = client_key.iter().zip(signature).map(|(one, other)| one ^ other).collect();
    let server_key = (hash.hmac)(&salted, b"Server Key");
    (STANDARD.encode(proof), STANDARD.encode((hash.hmac)(&server_key, message.as_bytes())))
}

/// RFC 7677 §4: "the hash iteration-count should be such that a modern machine will take 0.1 seconds"; and at least 4096,
/// which a test server can afford.
const ITERATIONS: u32 = 4096;
const SALT_OCTETS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 5802 §5: "user" and "pencil".
    #[test]
    fn the_proof_with_sha_1_is_that_of_rfc_5802() {
        let message = "n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,\
                       s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j";
        assert_eq!(
            proof(&SHA_1, &format!("QSXCR+Q6sek8bf92\n{message}"), "pencil"),
            ("v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=".to_owned(), "rmF9pqV8S7suAoZWja4dJRkFsKQ=".to_owned()),
        );
    }

    /// RFC 7677 §3: the same with SHA-256.
    #[test]
    fn the_proof_with_sha_256_is_that_of_rfc_7677() {
        let message = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,\
                       s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,\
                       r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
        assert_eq!(
            proof(&SHA_256, &format!("W22ZaJ0SNY7soEsUEjb6gQ==\n{message}"), "pencil"),
            (
                "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=".to_owned(),
                "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".to_owned(),
            ),
        );
    }

    #[test]
    fn names_and_bindings_are_read_as_the_grammar_has_them() {
        let first = client_first("p=tls-exporter,a=a=2Cb,n=a=2Cb,r=x").expect("a message");
        assert_eq!((first.login.as_str(), first.gs2_header), ("a,b", "p=tls-exporter,a=a=2Cb,"));
        for bad in ["n,,n=a=b,r=x", "n,a=other,n=a,r=x", "x,,n=a,r=x", "n,,n=a,r=", "n,,n=a", ""] {
            assert!(client_first(bad).is_none(), "{bad}");
        }
    }
}
