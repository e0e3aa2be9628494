//! `watch`: writes down what devices answer, and who enrols, until it is interrupted.

use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use anyhow::Context as _;
use provost_mdm::devices::{self, Columns, Seen as Row};
use provost_mdm::refusals::is_a_users;
use provost_mdm::webhook::{Enrolled, Seen};
use tokio::runtime::Runtime;

use crate::arguments::deploy::Watch;
use crate::failure::Failure;
use crate::interruption::interruption;
use crate::output;
use crate::verdict::Verdict;

use super::journal_file::{Held, JournalFile};
use super::setup::{NewMap, Setup};
use super::{apply, events};

/// Listens.
pub(super) fn watch(options: &Watch) -> Result<Verdict, Failure> {
    let setup = Setup::read_with(&options.deploy, NewMap::Begun)?;
    let runtime = Runtime::new()?;
    let mut journal = JournalFile::open(&setup.journal(), Held::WhileWriting)?;
    let names = names(&setup)?;
    let mut map = Map::of(&setup);
    let mut hook = apply::hook(&setup, &runtime)?;
    let interrupted = runtime.block_on(async { interruption() })?;
    let mut interrupted = Box::pin(interrupted);
    let end = options.wait.map(|wait| tokio::time::Instant::now() + wait);
    loop {
        let next = runtime.block_on(async {
            let over = async {
                match end {
                    Some(end) => tokio::time::sleep_until(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                seen = hook.next() => seen,
                () = &mut interrupted => None,
                () = over => None,
            }
        });
        let Some(first) = next else { return Ok(Verdict::Good) };
        let mut come = vec![first];
        come.extend(hook.come());
        journal.hold()?;
        let mut lines = Vec::new();
        for seen in &come {
            if let (Some(answered), Seen::Answer { enrollment, .. }) =
                (events::add(seen, &mut journal, &mut lines), seen)
            {
                let why = answered.why.map(|why| format!(": {why}"));
                output::line(&format!("{} {enrollment}{}", answered.event.name(), why.as_deref().unwrap_or("")))?;
            }
        }
        journal.append(&lines)?;
        journal.sync()?;
        journal.release()?;
        for seen in &come {
            if let Seen::Enrolled(enrolled) = seen {
                map.add(enrolled, &names)?;
            }
        }
    }
}

/// Whose a user's short name is: the only person whose address, or login name, begins with it.
fn names(setup: &Setup) -> Result<HashMap<String, Option<String>>, Failure> {
    let mut names: HashMap<String, Option<String>> = HashMap::new();
    let Ok(list) = setup.users.list() else { return Ok(names) };
    setup.users.each(list, &setup.service, &mut |rows| {
        for person in &rows.people {
            let address = person.address.as_str();
            let name = address.split_once('@').map_or(address, |(name, _)| name).to_lowercase();
            names.entry(name).and_modify(|whose| *whose = None).or_insert_with(|| Some(address.to_owned()));
        }
    })?;
    Ok(names)
}

/// The map of devices, to which rows are added.
struct Map<'a> {
    setup: &'a Setup,
    known: HashSet<String>,
    columns: Columns,
}

impl<'a> Map<'a> {
    fn of(setup: &'a Setup) -> Self {
        let devices = setup.devices.devices.iter().map(|it| it.recipient.clone());
        let known = devices.chain(setup.devices.nobodys.iter().cloned()).collect();
        let columns = if setup.map.exists() { Columns::AreThere } else { Columns::First };
        Self { setup, known, columns }
    }

    fn add(&mut self, enrolled: &Enrolled, names: &HashMap<String, Option<String>>) -> Result<(), Failure> {
        let Enrolled { enrollment, parent, user } = enrolled;
        if !self.known.insert(enrollment.clone()) {
            return Ok(());
        }
        let whose = user.as_ref().and_then(|user| names.get(&user.to_lowercase())).and_then(Option::as_deref);
        // Of Apple's systems only a Mac has users with short names; an iPad that several use has Managed Apple Accounts.
        let is_macs = |name: &str| name.ends_with("/macos");
        let has_mac = self.setup.kinds.iter().any(|(name, _)| is_macs(name));
        let variant = (is_a_users(enrollment) && has_mac).then_some("macos");
        let row = Row { email: whose, enrollment, variant, parent: parent.as_deref(), user: user.as_deref() };
        let path = &self.setup.map;
        let rows = devices::write(&[row], &self.setup.devices.columns, self.columns);
        let added = OpenOptions::new().read(true).append(true).create(true).open(path).and_then(|mut file| {
            // The last row of a file that was written by hand may have no end.
            let mut last = [b'\n'];
            if file.metadata()?.len() > 0 {
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
            }
            let is_ended = last == [b'\n'];
            file.write_all(if is_ended { b"" } else { b"\n" })?;
            file.write_all(&rows)?;
            file.sync_data()
        });
        added.with_context(|| format!("cannot write {}", path.display()))?;
        self.columns = Columns::AreThere;
        Ok(output::line(&format!("enrolled {enrollment} {}", whose.unwrap_or("(nobody's yet)")))?)
    }
}
