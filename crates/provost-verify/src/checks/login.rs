//! Does the server accept the login name and the password?

use provost_account::Protocol;

use crate::attempt::{Attempt, Stop};
use crate::cause::{Cause, LoginForm, Said};
use crate::clients::{self, credentials};
use crate::report::Evidence;

pub(super) async fn run(attempt: &Attempt<'_>) -> Result<Evidence, Stop> {
    let (login, password) = credentials(attempt)?;
    match clients::log_in(attempt, password).await {
        Ok(()) => {
            let after = attempt.said.login.clone().filter(|said| said != login);
            Ok(Evidence::LoggedIn { login: login.clone(), after })
        }
        Err(Stop::Refused(said) | Stop::Failed(Cause::LoginNotDone { said }))
            if is_for_now(attempt.protocol, &said) =>
        {
            Err(Stop::Judged(Cause::LoginUnavailable { said }))
        }
        Err(Stop::Refused(said)) if has_code(&said, NOT_ALLOWED) => Err(Stop::Judged(Cause::LoginNotAllowed { said })),
        Err(Stop::Refused(said)) if has_code(&said, LIMITS) => Err(Stop::Judged(Cause::LimitReached { said })),
        Err(Stop::Refused(said)) => {
            let address = &attempt.subject.account.address;
            let form = if !attempt.subject.left_open.logins.is_empty() {
                LoginForm::All { besides: attempt.subject.left_open.logins.clone() }
            } else if login.as_str() == address.as_str() {
                LoginForm::Address
            } else {
                LoginForm::Other { address: address.clone() }
            };
            Err(Stop::Judged(Cause::LoginFormRefused { login: login.clone(), form, said }))
        }
        Err(other) => Err(other),
    }
}

/// Whether the server says that it cannot judge the password just now.
fn is_for_now(protocol: Protocol, said: &Said) -> bool {
    match protocol {
        Protocol::Imap | Protocol::Pop3 => has_code(said, FOR_NOW),
        // RFC 5321 §4.2.1: 4yz is "the command was not accepted, and the requested action did not occur. However, the error
        // condition is temporary". RFC 4954 §6: 454 is a "temporary authentication failure".
        Protocol::Submission => said.to_string().starts_with('4'),
    }
}

/// Whether one of these response codes is in an answer.
fn has_code(said: &Said, codes: &[&str]) -> bool {
    let said = said.to_string().to_ascii_uppercase();
    codes.iter().any(|code| said.contains(code))
}

/// RFC 5530 §3: "temporary failure because a subsystem is down"; RFC 3206 §4; RFC 2449 §8.1.2.
const FOR_NOW: &[&str] = &["[UNAVAILABLE]", "[SERVERBUG]", "[INUSE]", "[SYS/TEMP]", "[SYS/PERM]", "[IN-USE]"];

/// RFC 5530 §3: "the user should contact the system administrator or support desk", "access is no longer permitted using
/// that passphrase", "the server cannot or will not allow the authentication identity to act". Dovecot 2.3.19.1 says
/// CONTACTADMIN to an account with `nologin`.
const NOT_ALLOWED: &[&str] = &["[CONTACTADMIN]", "[EXPIRED]", "[AUTHORIZATIONFAILED]"];

/// RFC 5530 §3: "the operation ran up against an implementation limit"; RFC 2449 §8.1.1.
const LIMITS: &[&str] = &["[LIMIT]", "[LOGIN-DELAY]"];
