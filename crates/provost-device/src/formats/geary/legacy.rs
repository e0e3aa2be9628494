//! `geary.ini` of Geary before 0.13, which has one group and no version. Later versions of Geary read it
//! (`AccountConfigLegacy` and `ServiceConfigLegacy`, Geary 46) and write it anew.

use provost_account::{
    Account, Authentication, DisplayName, Endpoint, Incoming, IncomingProtocol, Login, Protocol, Security, Server,
    codes::profile as codes,
};

use super::{Provider, Reader, SOURCE};
use crate::key_file::{Group, KeyFile};
use crate::mailbox::mailbox;
use crate::spelling;
use crate::understood::{Assumption, Understood};

impl Reader<'_> {
    pub(super) fn legacy(mut self, file: &KeyFile) -> Option<Understood> {
        let group = self.group(file, "AccountInformation")?;
        let written = self.required(group, "primary_email")?;
        let address = spelling::address("primary_email", &written, group.place_of("primary_email"), self.findings)?;
        let provider = self.provider(group)?;
        let login = |prefix: &str, findings: &mut _| match group.text(&format!("{prefix}_username"), findings) {
            Some(text) => spelling::login(prefix, &text, group.place_of(&format!("{prefix}_username")), findings),
            None => Login::try_from(written.as_str()).ok(),
        };
        let (receives, sends) = (login("imap", self.findings), login("smtp", self.findings));
        let incoming = self.legacy_server(group, Protocol::Imap, provider);
        let incoming = incoming.map(|endpoint| Server { endpoint, login: receives.clone(), password: None });
        let outgoing = self.legacy_server(group, Protocol::Submission, provider);
        let uses_incoming = group.switch("smtp_use_imap_credentials").unwrap_or(true);
        let (authentication, login) = match (uses_incoming, group.switch("smtp_noauth")) {
            (true, _) => (Authentication::PasswordCleartext, receives),
            (false, Some(true)) => (Authentication::None, None),
            (false, Some(false) | None) => (Authentication::PasswordCleartext, sends),
        };
        let outgoing = outgoing.map(|it| Server { endpoint: Endpoint { authentication, ..it }, login, password: None });
        let name = group.text("real_name", self.findings);
        let mut aliases = Vec::new();
        for alias in group.list("alternate_emails", self.findings).into_iter().flatten() {
            let place = group.place_of("alternate_emails");
            aliases.extend(spelling::address("alternate_emails", mailbox(&alias).1, place, self.findings));
        }
        let account = Account {
            full_name: name.and_then(|name| DisplayName::try_from(name.as_str()).ok()),
            aliases,
            incoming: incoming
                .map(|server| Incoming { protocol: IncomingProtocol::Imap, server })
                .into_iter()
                .collect(),
            outgoing: outgoing.into_iter().collect(),
            sync: self.sync(group, "prefetch_period_days"),
            ..Account::of(address)
        };
        let label = group.text("nickname", self.findings);
        Some(Understood { label, assumed: self.assumed, ..Understood::of("Geary", account) })
    }

    fn legacy_server(&mut self, group: &Group, protocol: Protocol, provider: Provider) -> Option<Endpoint> {
        if let Some(endpoint) = provider.built_in(protocol) {
            let key = format!("servers of service_provider, {}", protocol.name());
            self.assumed.push(Assumption::of(key, endpoint.authority(), SOURCE));
            return Some(endpoint);
        }
        let prefix = if protocol == Protocol::Imap { "imap" } else { "smtp" };
        let key = |name: &str| format!("{prefix}_{name}");
        let Some(host) = group.text(&key("host"), self.findings) else {
            let message = format!("no {}: Geary takes the account and cannot connect", key("host"));
            return self.findings.refuse(codes::INCOMPLETE, Some(group.place), message, "write the server's host name");
        };
        let host = spelling::host(&key("host"), &host, group.place_of(&key("host")), self.findings)?;
        let is_at_once = group.switch(&key("ssl")).unwrap_or(protocol == Protocol::Imap);
        let security = match (is_at_once, group.switch(&key("starttls")).unwrap_or(true)) {
            (true, _) => Security::ImplicitTls,
            (false, true) => Security::StartTls,
            (false, false) => {
                let place = Some(group.place_of(&key("ssl")));
                let message = format!("{} and {} are false", key("ssl"), key("starttls"));
                self.findings.add(codes::CLEARTEXT, place, message, format!("write {}=true", key("ssl")));
                Security::Cleartext
            }
        };
        let port = self.port(group, &key("port"), protocol, security);
        Some(Endpoint { host, port, security, authentication: Authentication::PasswordCleartext })
    }
}
