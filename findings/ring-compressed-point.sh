#!/usr/bin/env bash
# What does ring say of a P-256 key whose certificate has the public key as a compressed point?
#
# Guess: that it does not take this encoding, or that it takes it: RFC 5480 section 2.2 allows compressed points, and OpenSSL
# issues and uses such certificates.
# Version: ring 0.17.14, OpenSSL 3.0.22.
# Behaviour: "InconsistentComponents", the same words as for the public key of somebody else. A program that asks ring
# whether a key belongs to a certificate tells people that they mixed up their files.
# Output seen, 2026-11:
#   own key, uncompressed: taken
#   own key, compressed: InconsistentComponents
#   another's key: InconsistentComponents
#
# Needs cargo, openssl and xxd. Of the network it uses crates.io.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
for name in own other; do
  openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $name.pem
  openssl pkey -in $name.pem -outform DER -out $name.der 2>/dev/null
  openssl ec -in $name.pem -text -noout 2>/dev/null |
    awk '/^priv:/ { it = "priv"; next } /^pub:/ { it = "pub"; next } /^[^ ]/ { it = "" } it { gsub(/[ :]/, ""); print > "'$name'." it }'
  openssl ec -in $name.pem -pubout -conv_form compressed -outform DER 2>/dev/null | tail -c 33 > $name.compressed
  for part in priv pub; do tr -d '\n' < $name.$part | tail -c $([ $part = priv ] && echo 64 || echo 130) | xxd -r -p > $name.$part.bytes; done
done
cat > Cargo.toml <<'TOML'
[package]
name = "belongs"
version = "0.0.0"
edition = "2021"
[dependencies]
ring = "=0.17.14"
TOML
cat > src/main.rs <<'RUST'
use ring::signature::{EcdsaKeyPair, ECDSA_P256_SHA256_ASN1_SIGNING};

fn main() {
    let read = |name: &str| std::fs::read(name).expect("a file of openssl");
    let random = ring::rand::SystemRandom::new();
    for (what, public) in [
        ("own key, uncompressed", "own.pub.bytes"),
        ("own key, compressed", "own.compressed"),
        ("another's key", "other.pub.bytes"),
    ] {
        let (private, public) = (read("own.priv.bytes"), read(public));
        let pair = &ECDSA_P256_SHA256_ASN1_SIGNING;
        match EcdsaKeyPair::from_private_key_and_public_key(pair, &private, &public, &random) {
            Ok(_) => println!("{what}: taken"),
            Err(error) => println!("{what}: {error}"),
        }
    }
}
RUST
cargo run --quiet | tee seen

diff - seen <<'SEEN'
own key, uncompressed: taken
own key, compressed: InconsistentComponents
another's key: InconsistentComponents
SEEN
