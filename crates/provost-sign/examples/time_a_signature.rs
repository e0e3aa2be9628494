//! How long a signed file takes beside ring's bare signature, in turns: `time_a_signature CERTIFICATE KEY.der`, the key as
//! unencrypted PKCS#8. It checks nothing.

#![expect(clippy::unwrap_used, reason = "a measurement fails by panicking")]

use std::hint::black_box;
use std::time::Instant;

use provost_sign::{Certificate, Key, Signer};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};

fn main() {
    let [certificate, key] = [1, 2].map(|at| std::fs::read(std::env::args().nth(at).unwrap()).unwrap());
    let signer = Signer::new(&Key::read(&key, None).unwrap(), Certificate::read(&certificate).unwrap()).unwrap();
    let content = vec![b'x'; CONTENT_OCTETS];
    let random = SystemRandom::new();
    let elliptic = [&ECDSA_P256_SHA256_ASN1_SIGNING, &ECDSA_P384_SHA384_ASN1_SIGNING]
        .into_iter()
        .find_map(|algorithm| EcdsaKeyPair::from_pkcs8(algorithm, &key, &random).ok());
    let rsa = RsaKeyPair::from_pkcs8(&key).ok();
    let bare = || {
        // What a signature covers: the attributes, not the content.
        let message = &content[..ATTRIBUTES_OCTETS];
        if let Some(pair) = &elliptic {
            black_box(pair.sign(&random, message).unwrap());
        }
        if let Some(pair) = &rsa {
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).unwrap();
            black_box(signature);
        }
    };
    let hash = || {
        black_box(ring::digest::digest(&ring::digest::SHA256, black_box(&content)));
    };
    let whole = || drop(black_box(signer.sign(&content).unwrap()));
    let works: [(&str, &dyn Fn()); 3] = [("bare", &bare), ("hash", &hash), ("file", &whole)];
    let mut times = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        for (at, (_, work)) in works.iter().enumerate() {
            let start = Instant::now();
            for _ in 0..REPEATS {
                work();
            }
            times[at].push(start.elapsed().as_secs_f64() * 1e6 / f64::from(REPEATS));
        }
    }
    for ((name, _), times) in works.iter().zip(&mut times) {
        times.sort_by(f64::total_cmp);
        println!("{name} {:.2} µs (median), {:.2} µs (least)", times[times.len() / 2], times[0]);
    }
}

const ROUNDS: usize = 1_001;
const REPEATS: u32 = 5;
/// An average `apple-mobileconfig/ios`.
const CONTENT_OCTETS: usize = 3_000;
const ATTRIBUTES_OCTETS: usize = 77;
