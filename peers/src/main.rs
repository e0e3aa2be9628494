//! Chores that need other people's programs, and the crates to talk to them: `cargo xtask` builds this program and
//! hands over to it. It runs the built `provost` from outside, as a user would.

mod bench;
mod clients;
mod daemon;
mod doctor;
mod init;
mod mdm;
mod namespaces;
mod soak;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    xtask::ended(match arguments.first().map(String::as_str) {
        Some("bench") => bench::run(&arguments[1..]),
        Some("bench-null-server") => bench::null_server(&arguments[1..]),
        Some("e2e") if arguments.iter().any(|it| it == "--mdm") => mdm::run(&arguments[1..]),
        Some("e2e") if arguments.iter().any(|it| it == "--doctor") => doctor::run(&arguments[1..]),
        Some("e2e") if arguments.iter().any(|it| it == "--init") => init::run(&arguments[1..]),
        Some("e2e") => clients::run(&arguments[1..]),
        Some(clients::INSIDE) => clients::run_inside(&arguments[1..]),
        Some(doctor::INSIDE) => doctor::run_inside(&arguments[1..]),
        Some(init::INSIDE) => init::run_inside(),
        Some("soak") => soak::run(&arguments[1..]),
        Some(_) | None => {
            let chores = "bench, e2e --clients, e2e --doctor, e2e --init, e2e --mdm, soak";
            Err(anyhow::anyhow!("see `cargo xtask`: {chores}"))
        }
    })
}
