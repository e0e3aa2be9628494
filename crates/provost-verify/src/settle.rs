//! What a file leaves to the client, found out from the server as a client does: how TLS starts, which login mechanism
//! is offered, which of several login names works. What the file does say is never changed.

use provost_account::{Authentication, Protocol, Server, TlsLeftOpen};

use crate::attempt::Attempt;
use crate::cause::Cause;
use crate::clients::{self, LoginError, credentials};

/// The server with everything settled. Where nothing can be found out in time, it is as the account has it, and the
/// checks say why it does not work.
pub(crate) async fn settled(attempt: Option<&Attempt<'_>>) -> Option<Server> {
    let attempt = attempt?;
    let mut server = attempt.server.clone();
    let limit = attempt.step_timeout;
    for step in [Step::Tls, Step::Authentication, Step::Login] {
        let attempt = Attempt { server: &server, ..*attempt };
        if let Ok(Some(found)) = tokio::time::timeout(limit, step.find_out(&attempt)).await {
            server = found;
        }
    }
    Some(server)
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Tls,
    Authentication,
    Login,
}

impl Step {
    /// The server as the client would have it then; `None`: nothing is left open, or nothing else was found.
    async fn find_out(self, attempt: &Attempt<'_>) -> Option<Server> {
        let mut server = attempt.server.clone();
        let open = attempt.left_open;
        match self {
            Self::Tls => {
                if open.tls == TlsLeftOpen::Nothing || server.endpoint.security == provost_account::Security::Cleartext
                {
                    return None;
                }
                let Cause::WrongSecurity { server: starts, .. } = clients::open(attempt).await.err()? else {
                    return None;
                };
                server.endpoint.security = starts;
            }
            Self::Authentication => {
                if !open.authentication {
                    return None;
                }
                server.endpoint.authentication = offered(attempt).await?;
            }
            Self::Login => {
                for login in [attempt.server.login.as_ref()?].into_iter().chain(&open.logins) {
                    server.login = Some(login.clone());
                    let attempt = Attempt { server: &server, ..*attempt };
                    let (_, password) = credentials(&attempt).ok().filter(|_| !open.logins.is_empty())?;
                    match clients::log_in(&attempt, password).await {
                        Ok(()) => return Some(server),
                        Err(LoginError::Refused(_)) => {}
                        Err(LoginError::Failed(_) | LoginError::NoWay(_) | LoginError::NotTried(_)) => return None,
                    }
                }
                return None;
            }
        }
        Some(server)
    }
}

/// The first way to log in that is offered and tried here. A submission server that offers none takes mail without.
async fn offered(attempt: &Attempt<'_>) -> Option<Authentication> {
    let offered = clients::offers(attempt).await.ok()?;
    let takes = |way: &Authentication| {
        clients::by_command(attempt.protocol, *way, &offered)
            || clients::mechanisms(*way).iter().any(|mechanism| offered.contains(&format!("AUTH={mechanism}")))
    };
    let mut ways =
        [Authentication::PasswordCleartext, Authentication::PasswordEncrypted, Authentication::OAuth2].into_iter();
    let no_auth = attempt.protocol == Protocol::Submission && !offered.iter().any(|it| it.starts_with("AUTH"));
    ways.find(takes).or_else(|| no_auth.then_some(Authentication::None))
}
