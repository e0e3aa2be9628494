//! The table of management servers: what each can do, whether that was tried, and how it is spoken to. One row and one file
//! in `targets/` for each; nothing else knows a server's paths.
//!
//! A target is a few functions, and none of them does I/O. Each begins a [`Talk`]: a request, and what is to be made of its
//! reply, which is another request or the end. So a step that reads before it writes, that takes several requests, or that
//! pages through a list is one function that goes on in closures:
//!
//! ```text
//! fn find<'a>(site: &'a Site, step: Step<'a>, after: Option<u64>) -> Talk<'a, Has> {
//!     Talk::ask(site.list(after), move |reply| match parse(reply) {
//!         Ok(page) if let Some(item) = page.of(step.identifier) => Talk::over(compare(item, &step)),
//!         Ok(page) if page.has_more => find(site, step, page.last),
//!         Ok(_) => Talk::over(Has::Nothing),
//!         Err(failed) => Talk::failed(failed),
//!     })
//! }
//! ```
//!
//! Whoever sends the requests waits and asks again, with the very same request, after 429 and 502 to 504 (as long as
//! `Retry-After` says) and after a connection that broke; and holds a whole conversation once more after a failure that
//! [`Failed::may_pass`]. So a request must do no harm if it is sent twice: a command carries its
//! [`commands::uuid`](crate::commands::uuid), and what creates something reads first whether it is there. The closure sees
//! every other reply, and the last one of those.
//!
//! `deliver` does one step for one enrollment (or group); `tell` comes afterwards and for many, where a server can tell
//! devices to come; `has` comes before a plan, where a server can say what it has, else the plan is made by the journal alone;
//! `reported` is for servers that know what a device said. The step [`Work::AskProfiles`] has a device say what it has; the
//! answer comes by the webhook.

use provost_account::Secret;
use uuid::Uuid;

use crate::Digest;
use crate::http::{Authorization, Failed, Method, Reply, Request};
use crate::targets::{apple_business, fleet, folder, intune, jamf_pro, kmfddm, nanohub, nanomdm, simplemdm};

/// A kind of management server.
#[derive(Debug)]
pub struct Target {
    /// Its name in `deploy.yaml`.
    pub name: &'static str,
    /// Whether what is written here was tried.
    pub standing: Standing,
    /// What it delivers.
    pub delivers: &'static str,
    /// What can be read back of it.
    pub reads_back: &'static str,
    /// What a person should know.
    pub notes: &'static [&'static str],
    /// What each of its people is called in the map of devices.
    pub recipient: Recipient,
    /// How it is reached.
    pub means: Means,
}

/// Whether a target was tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// With this program, in the tests.
    Proven(&'static str),
    /// Written from a published description, and never tried with the service.
    ContractOnly(&'static str),
}

/// Whom a target delivers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipient {
    /// A device's enrollment, or a user's on it.
    Enrollment,
    /// A group of the service.
    Group,
}

/// A file in a folder.
pub type PathAndBytes = (String, Vec<u8>);

/// How a target is reached.
#[derive(Debug)]
pub enum Means {
    /// Files are written into a folder: their paths and bytes.
    Folder(fn(&Step<'_>) -> Vec<PathAndBytes>),
    /// Requests.
    Server(Server),
}

/// What a server can do.
#[derive(Debug)]
pub struct Server {
    /// Whether it takes profiles, declarations, or both.
    pub takes: &'static [Takes],
    /// Does a step.
    pub deliver: for<'a> fn(&'a Site, &Step<'a>) -> Talk<'a, Sent>,
    /// Tells these devices to come for what waits for them, if it can.
    pub tell: Option<Tell>,
    /// Whether it has what a step would deliver, if it can say so.
    pub has: Option<for<'a> fn(&'a Site, &Step<'a>) -> Talk<'a, Has>>,
    /// What the device last reported of what a step delivered, if the server knows.
    pub reported: Option<for<'a> fn(&'a Site, &Step<'a>) -> Talk<'a, Reported>>,
}

/// Tells these enrollments.
pub type Tell = for<'a> fn(&'a Site, &[&str]) -> Talk<'a, Told>;

/// A kind of contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Takes {
    Profiles,
    Declarations,
    /// One profile for everybody, with the server's variables.
    Templates,
}

/// A server that is used, and who asks.
#[derive(Debug, Clone)]
pub struct Site {
    /// Its URL without a slash at the end.
    pub url: String,
    /// The key or password.
    pub credentials: Option<Secret>,
    /// The server that queues commands, where that is another one.
    pub commands: Option<Box<Site>>,
}

/// What is to be done for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The enrollment, or the group.
    pub recipient: &'a str,
    /// Whose account it is.
    pub address: &'a str,
    /// The profile's identifier, or the name of the set of declarations.
    pub identifier: &'a str,
    /// The command's identifier.
    pub command: Uuid,
    /// What to do.
    pub work: Work<'a>,
}

/// What a step does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work<'a> {
    /// Delivers a profile.
    Profile(&'a [u8]),
    /// Delivers a set of declarations.
    Declarations(&'a [Declaration]),
    /// Takes a profile away.
    RemoveProfile,
    /// Takes a set of declarations away.
    RemoveDeclarations,
    /// Asks the device which profiles it has; it answers by the webhook.
    AskProfiles,
}

/// A declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// Its identifier.
    pub identifier: String,
    /// The whole of it, JSON.
    pub json: Vec<u8>,
}

/// A conversation with a server: what to ask, and what then.
pub enum Talk<'a, T> {
    /// Ask, and give the reply to what follows.
    Ask(Request, Then<'a, T>),
    /// It came to this.
    Over(Result<T, Failed>),
}

/// What is made of a reply.
pub type Then<'a, T> = Box<dyn FnOnce(&Reply) -> Talk<'a, T> + Send + 'a>;

impl<'a, T> Talk<'a, T> {
    /// Asks, and goes on.
    pub fn ask(request: Request, then: impl FnOnce(&Reply) -> Self + Send + 'a) -> Self {
        Self::Ask(request, Box::new(then))
    }

    /// It came to this.
    #[must_use]
    pub fn over(value: T) -> Self {
        Self::Over(Ok(value))
    }

    /// It came to nothing.
    #[must_use]
    pub fn failed(failed: Failed) -> Self {
        Self::Over(Err(failed))
    }
}

/// A server took what was sent. Whether the device has it, the device says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Of the reply that decided it.
    pub status: u16,
    /// What it means.
    pub how: How,
}

/// What a server did with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It is on its way to the device.
    Queued,
    /// An earlier run had sent it.
    Before,
    /// The service keeps it (or no longer does), and sees to the devices itself.
    Kept,
}

/// What came of telling devices to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Of the reply.
    pub status: u16,
    /// Those who could not be told, and why; with no name for all of them.
    pub not: Vec<(Option<String>, String)>,
}

/// Whether a server has what a step would deliver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    /// The same.
    Same,
    /// Something else of that name.
    Other,
    /// Something else of that name, which the server cannot change: it goes, and another one comes.
    OtherForGood,
    /// Nothing.
    Nothing,
}

/// What a device reported of declarations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// It has all of them, and they are valid.
    Valid,
    /// It has not reported all of them yet.
    NotYet,
    /// It refuses some: their identifiers and its codes.
    Invalid(Vec<(String, String)>),
}

/// Every target, in the order in which they are listed.
pub const TARGETS: &[&Target] = &[
    &nanomdm::TARGET,
    &nanohub::TARGET,
    &kmfddm::TARGET,
    &folder::TARGET,
    &intune::TARGET,
    &jamf_pro::TARGET,
    &fleet::TARGET,
    &fleet::GITOPS,
    &simplemdm::TARGET,
    &apple_business::TARGET,
];

/// The names of all targets.
#[must_use]
pub fn names() -> Vec<&'static str> {
    TARGETS.iter().map(|target| target.name).collect()
}

/// The names of those that write into a folder.
#[must_use]
pub fn folders() -> Vec<&'static str> {
    TARGETS.iter().filter(|target| target.server().is_none()).map(|target| target.name).collect()
}

/// A target by its name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().copied().find(|target| target.name == name)
}

impl Target {
    /// Whether it takes such contents.
    #[must_use]
    pub fn takes(&self, contents: Takes) -> bool {
        match &self.means {
            Means::Folder(_) => true,
            Means::Server(server) => server.takes.contains(&contents),
        }
    }

    /// The server, unless it is a folder.
    #[must_use]
    pub fn server(&self) -> Option<&Server> {
        match &self.means {
            Means::Folder(_) => None,
            Means::Server(server) => Some(server),
        }
    }
}

impl Standing {
    /// In words, as every plan says it.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Proven(with) => format!("proven with {with}"),
            Self::ContractOnly(_) => "contract only: never tried with the service".to_owned(),
        }
    }
}

impl Site {
    /// A request with name and password.
    pub(crate) fn basic(&self, user: &'static str, method: Method, path: &str) -> Request {
        self.request(method, path, |password| Authorization::Basic { user, password })
    }

    /// A request with a token.
    pub(crate) fn bearer(&self, method: Method, path: &str) -> Request {
        self.request(method, path, Authorization::Bearer)
    }

    /// A request with a key in place of the name, and no password.
    pub(crate) fn key(&self, method: Method, path: &str) -> Request {
        self.request(method, path, Authorization::Key)
    }

    fn request(&self, method: Method, path: &str, with: impl FnOnce(Secret) -> Authorization) -> Request {
        let authorization = self.credentials.clone().map_or(Authorization::Nobody, with);
        let url = format!("{}{path}", self.url);
        Request { method, url, authorization, accept: None, content_type: None, body: Vec::new() }
    }
}

impl Request {
    /// The same with a body.
    pub(crate) fn with(self, content_type: &'static str, body: Vec<u8>) -> Self {
        Self { content_type: Some(content_type), body, ..self }
    }
}

impl<'a> Step<'a> {
    /// The digest of what it delivers; `None`: it takes something away, or asks.
    #[must_use]
    pub fn digest(&self) -> Option<Digest> {
        match self.work {
            Work::Profile(bytes) => Some(Digest::of(bytes)),
            Work::Declarations(declarations) => Some(digest_of(declarations)),
            Work::RemoveProfile | Work::RemoveDeclarations | Work::AskProfiles => None,
        }
    }
}

impl Declaration {
    /// Reads one; `None`: it is none.
    #[must_use]
    pub fn read(json: Vec<u8>) -> Option<Self> {
        let read: serde_json::Value = serde_json::from_slice(&json).ok()?;
        let identifier = read.get("Identifier").and_then(serde_json::Value::as_str)?.to_owned();
        read.get("Type").is_some_and(serde_json::Value::is_string).then_some(Self { identifier, json })
    }
}

/// The name of the declarations of one person, in place of a profile's identifier.
#[must_use]
pub fn set_name(organization: &str, address: &str) -> String {
    format!("{SET}{organization} {address}")
}

/// Whether it is such a name. Profiles' identifiers are ours, and have no space.
#[must_use]
pub fn is_set(identifier: &str) -> bool {
    identifier.starts_with(SET)
}

const SET: &str = "declarations ";

/// The digest of a set of declarations.
#[must_use]
pub fn digest_of(declarations: &[Declaration]) -> Digest {
    let all: Vec<u8> = declarations.iter().flat_map(|it| [it.json.as_slice(), b"\0"].concat()).collect();
    Digest::of(&all)
}
