//! The settings of the stage, correct and with one wrong value.

/// CenturyLink's settings, with its POP3 server for the clients that speak nothing else, and a calendar and an address book
/// that nobody serves.
pub(crate) fn settings(more: &str) -> String {
    format!(
        "provost: 1\n\
         organization: {{ id: net.centurylink, name: CenturyLink }}\n\
         domains: [centurylink.net]\n\
         username: \"%EMAILADDRESS%\"\n\
         incoming:\n\
         \x20 - {{ protocol: imap, host: imap.centurylink.com, port: 993, socket_type: SSL, authentication: password-cleartext }}\n\
         \x20 - {{ protocol: pop3, host: pop.centurylink.net, port: 995, socket_type: SSL, authentication: password-cleartext }}\n\
         outgoing:\n\
         \x20 - {{ host: smtp.centurylink.com, port: 465, socket_type: SSL, authentication: password-cleartext }}\n\
         \x20 - {{ host: smtp.centurylink.com, port: 587, socket_type: STARTTLS, authentication: password-cleartext }}\n\
         sync: {{ days: {DAYS} }}\n\
         calendar: {{ url: \"https://dav.centurylink.net/calendars/%EMAILADDRESS%/\" }}\n\
         contacts: {{ url: \"https://dav.centurylink.net/contacts/%EMAILADDRESS%/\" }}\n{more}"
    )
}

/// What the clients' files have wrong, to see that it is noticed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spoilt {
    Port,
    SocketType,
    Username,
    Authority,
}

impl Spoilt {
    pub(crate) const ALL: [(Self, &str); 4] = [
        (Self::Port, "port"),
        (Self::SocketType, "socket-type"),
        (Self::Username, "username"),
        (Self::Authority, "authority"),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(spoilt, _)| *spoilt == self).expect("every one is in the table").1
    }

    pub(crate) fn settings(self, settings: &str) -> String {
        let replace = |pairs: &[(&str, &str)]| {
            pairs.iter().fold(settings.to_owned(), |text, (right, wrong)| text.replace(right, wrong))
        };
        match self {
            Self::Port => {
                replace(&[(": 993", ": 9930"), (": 995", ": 9950"), (": 465", ": 4650"), (": 587", ": 5870")])
            }
            Self::SocketType => replace(&[(": STARTTLS", ": other"), (": SSL", ": STARTTLS"), (": other", ": SSL")]),
            Self::Username => replace(&[("username: \"%EMAILADDRESS%\"", "username: \"%EMAILLOCALPART%\"")]),
            Self::Authority => replace(&[("[ca.pem]", "[other-ca.pem]")]),
        }
    }
}

/// How long the settings keep mail on a device.
pub(crate) const DAYS: u16 = 30;
