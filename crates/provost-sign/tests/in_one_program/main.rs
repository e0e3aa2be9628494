//! Keys and certificates that OpenSSL and Java make for the test, files that OpenSSL verifies. No key outlives a test.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "the modules of a test are used by the test only")]

mod conversions;
mod judging;
mod keys;
mod messages;
mod pkcs12;
mod signatures;
mod workshop;
