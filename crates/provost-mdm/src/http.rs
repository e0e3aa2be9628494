//! Requests to a server and its replies, as values. Nothing here sends anything.

use std::fmt;

use provost_account::Secret;

/// What is asked of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Who asks.
    pub authorization: Authorization,
    /// What the reply is to be, where a server has a choice.
    pub accept: Option<&'static str>,
    /// The body's type; a request without a body has none.
    pub content_type: Option<&'static str>,
    /// The body.
    pub body: Vec<u8>,
}

/// The methods that are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Method {
    Delete,
    Get,
    Patch,
    Post,
    Put,
}

impl Method {
    /// As it is sent.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

/// How a request shows who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// A name and a password (RFC 7617).
    #[expect(missing_docs, reason = "the names say it")]
    Basic { user: &'static str, password: Secret },
    /// A token (RFC 6750).
    Bearer(Secret),
    /// A key as the name, with an empty password (RFC 7617).
    Key(Secret),
    /// Anybody may ask.
    Nobody,
}

/// What a server said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header fields that targets look at, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// The start of a body as text for a message: one line, no more than a few words.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().filter(|it| !it.is_control()).take(EXCERPT_CHARACTERS).collect()
    }
}

/// Why a step came to nothing. Two that are equal have the same cause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failed {
    /// The server does not know who asks, or does not let them.
    Unauthorized(u16),
    /// The server says no; asking again changes nothing.
    #[expect(missing_docs, reason = "the names say it")]
    Refused { status: u16, said: String },
    /// The server cannot at the moment; asking again may help.
    #[expect(missing_docs, reason = "the names say it")]
    Unable { status: u16, said: String },
    /// The reply is not what this kind of server says.
    #[expect(missing_docs, reason = "the names say it")]
    NotUnderstood { status: u16, expected: &'static str },
}

impl Failed {
    /// What a reply comes to that is no success.
    #[must_use]
    pub fn of(reply: &Reply) -> Self {
        let status = reply.status;
        match status {
            401 | 403 => Self::Unauthorized(status),
            408 | 425 | 429 | 500.. => Self::Unable { status, said: reply.excerpt() },
            _ => Self::Refused { status, said: reply.excerpt() },
        }
    }

    /// Whether the same request may be answered otherwise.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unable { .. } | Self::NotUnderstood { .. } => true,
            Self::Unauthorized(_) | Self::Refused { .. } => false,
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unauthorized(status) => write!(f, "HTTP {status}: the server does not accept the credentials"),
            Self::Refused { status, said } | Self::Unable { status, said } if said.is_empty() => {
                write!(f, "HTTP {status}")
            }
            Self::Refused { status, said } | Self::Unable { status, said } => write!(f, "HTTP {status}: {said}"),
            Self::NotUnderstood { status, expected } => write!(f, "HTTP {status}, but not {expected}"),
        }
    }
}

const EXCERPT_CHARACTERS: usize = 160;
