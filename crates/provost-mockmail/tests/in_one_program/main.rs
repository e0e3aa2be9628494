//! The server as a test in the same program uses it: started in one line, queried, filled, waited for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(unreachable_pub, reason = "the modules of a test are used by the test only")]

mod example;
mod faults;
mod handle;
mod limits;
mod rules;
mod rust_clients;
mod sessions;
mod state;
mod tls;
