//! The people: their settings, their files as `provost generate` writes them, and which device each has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use anyhow::{Context, ensure};
use tempfile::TempDir;
use tokio::process::Command;
use xtask::workspace::root;

use super::deployment::What;
use super::device::{Device, Platform, User};
use super::fleet::Fleet;
use super::papers::Authority;
use super::servers::{Identity, Server};

/// Somebody with a device.
pub(super) struct Person {
    pub(super) address: String,
    pub(super) udid: String,
    /// Of the device, or of the user's channel of a Mac.
    pub(super) enrollment: String,
    pub(super) platform: Platform,
}

/// Everybody.
pub(super) struct Office {
    folder: TempDir,
    program: PathBuf,
    pub(super) people: Vec<Person>,
    /// The URL of the folder for the files of assets.
    published: String,
}

impl Office {
    /// As many people with an iPhone as with a Mac.
    pub(super) fn new(folder: TempDir, program: PathBuf, pairs: usize, published: &str) -> anyhow::Result<Self> {
        let people: Vec<Person> =
            (0..2 * pairs).map(|at| person(at, if at < pairs { Platform::Iphone } else { Platform::Mac })).collect();
        let users: String = people.iter().map(|it| format!("{},Jane Example\n", it.address)).collect();
        fs::write(folder.path().join("users.csv"), format!("email,name\n{users}"))?;
        let office = Self { folder, program, people, published: published.to_owned() };
        office.write_settings("CenturyLink")?;
        Ok(office)
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Settings for an organization of this name, which is in each profile and in no identifier.
    pub(super) fn write_settings(&self, organization: &str) -> anyhow::Result<()> {
        let settings = fs::read_to_string(root().join("fixtures/centurylink/mail.yaml"))?;
        let changes = [
            ("name: CenturyLink", format!("name: {organization}")),
            ("https://files.centurylink.net/mail", self.published.clone()),
        ];
        let changed = changes.iter().try_fold(settings, |settings, (from, to)| {
            ensure!(settings.contains(from), "the fixture has no {from}");
            Ok(settings.replace(from, to))
        })?;
        Ok(fs::write(self.path("mail.yaml"), changed)?)
    }

    /// Writes whose device gets which variant.
    pub(super) fn write_devices(&self, what: What) -> anyhow::Result<()> {
        let variant = |it: &Person| match what {
            What::Profiles => it.variant(),
            What::Declarations => "mdm",
        };
        let row = |it: &Person| format!("{},{},{}\n", it.address, it.enrollment, variant(it));
        let rows: String = self.people.iter().map(row).collect();
        Ok(fs::write(self.path("devices.csv"), format!("email,enrollment,variant\n{rows}"))?)
    }

    /// What `generate` writes now, in a folder of that name.
    pub(super) async fn generate(&self, name: &str) -> anyhow::Result<PathBuf> {
        let output = self.path(name);
        let mut generate = self.provost(&["generate", "-c", "mail.yaml", "--users", "users.csv", "--only"]);
        let done = generate
            .arg("apple-ddm/mdm,apple-mobileconfig/ios,apple-mobileconfig/macos")
            .arg("-o")
            .arg(&output)
            .output()
            .await?;
        ensure!(done.status.success(), "generate: {}", String::from_utf8_lossy(&done.stderr));
        Ok(output)
    }

    /// The program, in the folder of the settings.
    pub(super) fn provost(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(self.folder.path()).kill_on_drop(true);
        command
    }

    /// Their devices at a server, enrolled by nobody yet: an iPhone, or a Mac and its user's channel.
    pub(super) fn devices(
        &self,
        server: &Server,
        identity: Identity,
        authority: &Authority,
    ) -> anyhow::Result<Vec<Device>> {
        let mut devices = Vec::new();
        let client = authority.client()?;
        for person in &self.people {
            let users = match person.platform {
                Platform::Iphone => vec![None],
                Platform::Mac => {
                    let user =
                        |(_, id): (&str, &str)| User { id: id.to_owned(), short_name: person.short_name().to_owned() };
                    vec![None, person.enrollment.split_once(':').map(user)]
                }
            };
            let passport = authority.passport(&person.udid, identity, self.folder.path())?;
            for user in users {
                let (passport, client) = (passport.clone(), client.clone());
                devices.push(Device::new(person.platform, &person.udid, user, passport, client, &server.url));
            }
        }
        Ok(devices)
    }

    /// Everybody's device has exactly that profile, and no other; no other channel has any.
    pub(super) fn holds(&self, fleet: &Fleet<'_>, generated: &Path) -> anyhow::Result<()> {
        for device in &fleet.devices {
            let enrollment = device.enrollment();
            let held: Vec<&[u8]> = device.profiles.values().map(Vec::as_slice).collect();
            let Some(person) = self.people.iter().find(|it| it.enrollment == enrollment) else {
                ensure!(held.is_empty(), "{enrollment} is nobody's and has a profile");
                continue;
            };
            let written = fs::read(generated.join(person.file()))?;
            ensure!(held == [written.as_slice()], "{enrollment} has {} profiles, or other octets", held.len());
        }
        Ok(())
    }

    /// What the devices hold is proven: `verify` judges a folder whose files are the devices' own.
    pub(super) async fn prove(&self, fleet: &mut Fleet<'_>, generated: &Path) -> anyhow::Result<()> {
        let folder = self.path("held");
        for name in ["manifest.jsonl", "service.json"] {
            fs::create_dir_all(&folder)?;
            fs::copy(generated.join(name), folder.join(name))?;
        }
        let mut files = Vec::new();
        for person in &self.people {
            let held =
                fleet.called(&person.enrollment)?.profiles.values().next().context("a device without a profile")?;
            let file = folder.join(person.file());
            fs::create_dir_all(file.parent().context("a file lies in a folder")?)?;
            fs::write(&file, held)?;
            files.push(file);
        }
        let done = self.provost(&["verify"]).args(files).output().await?;
        ensure!(done.status.success(), "verify: {}", said(&done));
        fs::remove_dir_all(folder)?;
        Ok(())
    }
}

impl Person {
    pub(super) fn variant(&self) -> &'static str {
        match self.platform {
            Platform::Iphone => "ios",
            Platform::Mac => "macos",
        }
    }

    /// What a Mac calls its user.
    pub(super) fn short_name(&self) -> &str {
        self.address.split('@').next().unwrap_or(&self.address)
    }

    /// Where `generate` writes the declarations.
    pub(super) fn declarations(&self) -> PathBuf {
        Path::new("apple-ddm/mdm").join(&self.address)
    }

    /// Where `generate` writes the profile for the device.
    pub(super) fn file(&self) -> PathBuf {
        Path::new("apple-mobileconfig").join(self.variant()).join(format!("{}.mobileconfig", self.address))
    }
}

fn person(at: usize, platform: Platform) -> Person {
    // Real ones begin alike, 00008110. When a device enrolls, NanoMDM's filekv walks the files of all whose first four
    // characters are its own (observed: 0.9.0, 2026-11), and thousands of devices take minutes.
    let (udid, user) = (format!("{:04X}8110-{at:016X}", at % 0x1_0000), format!("6F43EB66-3225-5B65-A171-{at:012X}"));
    let enrollment = match platform {
        Platform::Iphone => udid.clone(),
        Platform::Mac => format!("{udid}:{user}"),
    };
    Person { address: format!("jane.{at}@centurylink.net"), udid, enrollment, platform }
}

/// Both outputs of a program.
pub(super) fn said(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{}\n{}", out.trim(), error.trim())
}
