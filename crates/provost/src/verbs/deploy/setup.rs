//! What every part of `provost deploy` starts from: settings, people, the map of devices, the target and its secrets.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use provost_account::{Finding, Findings, Place, Secret, Service, codes::settings as codes};
use provost_generate::Kind;
use provost_mdm::devices::{self, Device, Devices};
use provost_mdm::refusals::Passwords;
use provost_mdm::target::{self, Site, Takes, Target};
use provost_settings::{Deploy, DeployNames, read_deploy};

use crate::arguments::deploy::Options;
use crate::failure::Failure;
use crate::{complaints, input};

use super::web::Web;
use super::{secrets, templates};

/// All that was read.
pub(super) struct Setup {
    pub(super) service: Service,
    pub(super) users: input::UserList,
    pub(super) deploy: Deploy,
    pub(super) target: &'static Target,
    pub(super) devices: Devices,
    /// The places of the rows of each address, in lower case.
    pub(super) rows: HashMap<String, Vec<usize>>,
    /// What is delivered.
    pub(super) kinds: Vec<(String, Kind)>,
    pub(super) passwords: Passwords,
    pub(super) config: PathBuf,
    pub(super) map: PathBuf,
    /// What the names in `deploy.yaml` are relative to.
    base: PathBuf,
}

impl Setup {
    /// Reads everything but secrets. What is wrong is printed, and ends it.
    pub(super) fn read(options: &Options) -> Result<Self, Failure> {
        Self::read_with(options, NewMap::Refused)
    }

    /// The same, with a map that may be there or not.
    pub(super) fn read_with(options: &Options, new_map: NewMap) -> Result<Self, Failure> {
        let service = input::settings(&options.config)?;
        let users = input::UserList::open(&options.users, &options.list)?;
        let deploy = deploy(&options.to)?;
        let target = target::named(&deploy.target).expect("the reader knows the same names");
        let kinds = deliverable().into_iter().filter(|(name, _)| deploy.deliver.contains(name)).collect::<Vec<_>>();
        let devices = map(&options.map, target, &kinds, new_map)?;
        let findings = users.findings(&service)?;
        complaints::print(&options.users, &findings);
        if let Some(error) = input::bad_rows(&options.users, &findings) {
            return Err(Failure::found_above(anyhow::anyhow!("{error}; nothing was sent")));
        }
        let mut rows: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, device) in devices.devices.iter().enumerate() {
            rows.entry(device.address.as_str().to_lowercase()).or_default().push(at);
        }
        let passwords = if options.danger_embed_passwords { Passwords::Embedded } else { Passwords::LeftOut };
        let setup = Self {
            service,
            users,
            target,
            devices,
            rows,
            kinds,
            passwords,
            config: options.config.clone(),
            map: options.map.clone(),
            base: options.to.parent().unwrap_or(Path::new("")).to_owned(),
            deploy,
        };
        setup.check_contents()?;
        Ok(setup)
    }

    /// That the target takes what is to be delivered.
    fn check_contents(&self) -> Result<(), Failure> {
        for (name, _) in &self.kinds {
            let takes = contents(name);
            if !self.target.takes(takes) {
                let what = match takes {
                    Takes::Profiles => "profiles",
                    Takes::Declarations => "declarations",
                    Takes::Templates => "templates",
                };
                let error =
                    anyhow::anyhow!("{} takes no {what}, and {name} is some; nothing was sent", self.target.name);
                return Err(Failure::hinted(error, "`provost deploy targets` says what each target delivers"));
            }
            let own = format!("apple-mdm-template/{}", self.target.name);
            if takes == Takes::Templates && self.target.server().is_some() && *name != own {
                let error = anyhow::anyhow!("{name} has another system's variables; nothing was sent");
                return Err(Failure::hinted(error, format!("write deliver: [{own}]")));
            }
        }
        Ok(())
    }

    /// The journal's file.
    pub(super) fn journal(&self) -> PathBuf {
        self.base.join(&self.deploy.journal)
    }

    /// The folder, where there is no server.
    pub(super) fn folder(&self) -> Option<PathBuf> {
        self.deploy.folder.as_ref().map(|folder| self.base.join(folder))
    }

    /// The server and its secret.
    pub(super) fn site(&self) -> Result<Option<Site>, Failure> {
        let site = |server: &provost_settings::DeployServer, commands: Option<Box<Site>>| -> Result<Site, Failure> {
            let credentials = Some(secrets::read(&server.credentials, &self.base)?);
            Ok(Site { url: server.url.clone(), credentials, commands })
        };
        let commands = self.deploy.nanomdm.as_ref().map(|server| site(server, None).map(Box::new)).transpose()?;
        self.deploy.server.as_ref().map(|server| site(server, commands)).transpose()
    }

    /// What sends requests.
    pub(super) fn web(&self) -> Result<Web, Failure> {
        let per_minute = self.deploy.per_minute.map(std::num::NonZero::get);
        Web::new(&self.service.trust, self.deploy.parallel.get(), per_minute)
    }

    /// The key of the webhook, if it has one.
    pub(super) fn hook_key(&self) -> Result<Option<Secret>, Failure> {
        let source = self.deploy.webhook.as_ref().and_then(|it| it.hmac.as_ref());
        source.map(|source| secrets::read(source, &self.base)).transpose()
    }

    /// The server's URL, or the folder.
    pub(super) fn place(&self) -> String {
        match (&self.deploy.server, self.folder()) {
            (Some(server), _) => server.url.clone(),
            (None, Some(folder)) => folder.display().to_string(),
            (None, None) => String::new(),
        }
    }

    /// The kind that a row of the map asks for.
    pub(super) fn kind(&self, device: &Device) -> Option<&(String, Kind)> {
        kind_of(device, &self.kinds)
    }
}

/// What becomes of a map that is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewMap {
    Refused,
    Begun,
}

/// What files of a kind are.
pub(super) fn contents(kind: &str) -> Takes {
    match kind.starts_with("apple-ddm/") {
        true => Takes::Declarations,
        false if templates::is_one(kind) => Takes::Templates,
        false => Takes::Profiles,
    }
}

/// What an MDM can deliver. Declarations in a profile are for installing by hand: Apple's schema says
/// `allowmanualinstall: true` of them, and that no server may send them.
fn deliverable() -> Vec<(String, Kind)> {
    let is_one = |kind: &Kind| match kind.format.name {
        "apple-mobileconfig" => true,
        "apple-ddm" => kind.variant.name != "manual",
        // Its files have the settings' names in theirs.
        "apple-mdm-template" => kind.variant.name != "of-settings",
        _ => false,
    };
    Kind::all().filter(is_one).map(|kind| (kind.folder(), kind)).collect()
}

fn deploy(path: &Path) -> Result<Deploy, Failure> {
    let bytes = input::read(path, DEPLOY_OCTETS_MAX)?;
    let kinds = deliverable();
    let kinds: Vec<&str> = kinds.iter().map(|(name, _)| name.as_str()).collect();
    let read =
        read_deploy(&bytes, DeployNames { targets: &target::names(), folders: &target::folders(), kinds: &kinds });
    complaints::print(path, &read.findings);
    read.value.ok_or_else(|| {
        let errors = input::count(complaints::errors(&read.findings), "error");
        Failure::found_above(anyhow::anyhow!("{errors} in {}", path.display()))
    })
}

fn map(path: &Path, target: &Target, kinds: &[(String, Kind)], new_map: NewMap) -> Result<Devices, Failure> {
    if new_map == NewMap::Begun && !path.exists() {
        return Ok(Devices::default());
    }
    let bytes = input::read(path, MAP_OCTETS_MAX)?;
    let mut findings = Findings::counted();
    let devices = devices::read(&bytes, target.recipient, &mut findings);
    let mut names: Vec<&str> = kinds.iter().map(|(name, _)| name.as_str()).collect();
    if kinds.iter().any(|(name, _)| templates::is_one(name)) {
        names.extend(templates::PLATFORMS);
    }
    for device in &devices.devices {
        if kind_of(device, kinds).is_none() {
            let place = Some(Place { line: device.line, column: 1 });
            let message = match &device.variant {
                Some(variant) => format!("the variant {variant:?} is none of what is delivered"),
                None => "no variant, and several are delivered".to_owned(),
            };
            findings.add(codes::WRONG_VALUE, place, message, format!("write one of {}", names.join(", ")));
        }
    }
    let findings: Vec<Finding> = findings.finish();
    complaints::print(path, &findings);
    // An empty map would take everything away.
    if devices.devices.is_empty() && findings.is_empty() && new_map == NewMap::Refused {
        let error = anyhow::anyhow!("{} says of no device whose it is; nothing was sent", path.display());
        return Err(Failure::hinted(error, "`provost deploy remove` takes back what was delivered"));
    }
    match input::bad_rows(path, &findings) {
        Some(error) => Err(Failure::found_above(anyhow::anyhow!("{error}; nothing was sent"))),
        None => Ok(devices),
    }
}

fn kind_of<'a>(device: &Device, kinds: &'a [(String, Kind)]) -> Option<&'a (String, Kind)> {
    let Some(variant) = &device.variant else { return if let [only] = kinds { Some(only) } else { None } };
    let named = kinds.iter().find(|(name, kind)| name == variant || kind.variant.name == variant);
    let is_platform = templates::PLATFORMS.contains(&variant.as_str());
    named.or_else(|| kinds.iter().find(|(name, _)| is_platform && templates::is_one(name)))
}

const DEPLOY_OCTETS_MAX: u64 = 1 << 20;
const MAP_OCTETS_MAX: u64 = 256 << 20;
