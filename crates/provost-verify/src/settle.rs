//! What a file leaves to the client, found out from the server as a client does: how TLS starts, which login method is
//! offered, which of several login names works. What the file does say is never changed.

use provost_account::{Authentication, Login, Protocol, Security, Server, TlsLeftOpen};
use tokio::time::timeout;

use crate::attempt::{Attempt, Stop};
use crate::cause::Cause;
use crate::clients::{self, credentials};

/// The server with everything settled. What cannot be found out in time stays as the account has it, and the checks say
/// why it does not work.
pub(crate) async fn settled(attempt: &Attempt<'_>) -> Server {
    let limit = attempt.options.step_timeout;
    let mut server = attempt.server.clone();
    if let Ok(Some(found)) = timeout(limit, security(attempt)).await {
        server.endpoint.security = found;
    }
    if let Ok(Some(found)) = timeout(limit, authentication(&Attempt { server: &server, ..*attempt })).await {
        server.endpoint.authentication = found;
    }
    if let Ok(Some(found)) = timeout(limit, login(&Attempt { server: &server, ..*attempt })).await {
        server.login = Some(found);
    }
    server
}

/// How TLS starts, if the file leaves it open and the server shows another way than the account's.
async fn security(attempt: &Attempt<'_>) -> Option<Security> {
    let is_settled = attempt.subject.left_open.tls == TlsLeftOpen::Nothing;
    if is_settled || attempt.server.endpoint.security == Security::Cleartext {
        return None;
    }
    match clients::open(attempt).await {
        Err(Cause::WrongSecurity { server, .. }) => Some(server),
        Ok(_) | Err(_) => None,
    }
}

/// The first login method that is offered and tried here. A submission server that offers none takes mail without.
async fn authentication(attempt: &Attempt<'_>) -> Option<Authentication> {
    if !attempt.subject.left_open.authentication {
        return None;
    }
    let offered = clients::offers(attempt).await.ok()?;
    let takes = |way: &Authentication| {
        clients::by_command(attempt.protocol, *way, &offered) || clients::mechanism(*way, &offered).is_some()
    };
    let ways = [Authentication::PasswordCleartext, Authentication::PasswordEncrypted, Authentication::OAuth2];
    let no_auth = attempt.protocol == Protocol::Submission && !offered.iter().any(|it| it.starts_with("AUTH"));
    ways.into_iter().find(takes).or_else(|| no_auth.then_some(Authentication::None))
}

/// The first of several login names that works.
async fn login(attempt: &Attempt<'_>) -> Option<Login> {
    let others = &attempt.subject.left_open.logins;
    if others.is_empty() {
        return None;
    }
    for login in std::iter::once(attempt.server.login.as_ref()?).chain(others) {
        let server = Server { login: Some(login.clone()), ..attempt.server.clone() };
        let attempt = Attempt { server: &server, ..*attempt };
        let (_, password) = credentials(&attempt).ok()?;
        match clients::log_in(&attempt, password).await {
            Ok(()) => return Some(login.clone()),
            Err(Stop::Refused(_)) => {}
            Err(Stop::Judged(_) | Stop::Failed(_) | Stop::DoesNotApply(_) | Stop::NotTried(_)) => return None,
        }
    }
    None
}
