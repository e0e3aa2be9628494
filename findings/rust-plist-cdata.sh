#!/usr/bin/env bash
# What does the Rust crate plist make of a string in a CDATA section?
#
# Guess: the text, as XML 1.0 section 2.7 has it, and as CoreFoundation, plistlib, libplist and others read it.
# Version: plist 1.10.3.
# Behaviour: the section is passed over, without an error: a string that consists of one is empty, and of one that has text
# beside it the rest is left.
# Output seen, 2026-11:
#   "plain"
#   ""
#   "mail."
#
# Needs cargo. Of the network it uses crates.io.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat > Cargo.toml <<'TOML'
[package]
name = "reads"
version = "0.0.0"
edition = "2021"
[dependencies]
plist = { version = "=1.10.3", default-features = false }
TOML
cat > src/main.rs <<'RUST'
fn main() {
    for value in ["plain", "<![CDATA[mail.example.org]]>", "mail.<![CDATA[example.org]]>"] {
        let list = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<plist version=\"1.0\"><string>{value}</string></plist>\n"
        );
        let read = plist::Value::from_reader(std::io::Cursor::new(list)).expect("it is taken");
        println!("{:?}", read.as_string().expect("a string"));
    }
}
RUST
cargo run --quiet | tee seen

diff - seen <<'SEEN'
"plain"
""
"mail."
SEEN
