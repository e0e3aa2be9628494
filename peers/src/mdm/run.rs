//! What happens to the devices, in order, at each server.

use anyhow::Context as _;

use super::api::Api;
use super::files::Published;
use super::fleet::Fleet;
use super::office::Office;
use super::papers::Authority;
use super::programs::Programs;
use super::push::PushService;
use super::scenes::Scenes;
use super::servers::{Identity, Kind, Server};

/// Every scene at every server.
pub(super) async fn all(programs: &Programs) -> anyhow::Result<()> {
    for kind in [Kind::NanoMdm, Kind::NanoHub] {
        at(programs, kind, Identity::Header, 10).await.with_context(|| format!("{kind:?}"))?;
    }
    at(programs, Kind::NanoMdm, Identity::Signature, 1).await.context("with Mdm-Signature")
}

async fn at(programs: &Programs, kind: Kind, identity: Identity, pairs: usize) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("provost-mdm-").tempdir()?;
    let path = folder.path().to_owned();
    let authority = Authority::new(&path)?;
    let published = Published::start(&authority).await?;
    let mut push = PushService::start(&authority).await?;
    let proxy = push.proxy.clone();
    let office = Office::new(folder, pairs, &published.url)?;
    let server = Server::start(programs, kind, identity, &authority, &proxy, "http://127.0.0.1:9/", &path).await?;
    let fleet = Fleet::enroll(office.devices(&server, identity, &authority)?, &mut push).await?;
    let generated = office.generate("generated").await?;
    let api = Api::of(&server, authority.client()?);
    let mut scenes = Scenes { office, server, api, fleet, published: &published, generated };
    let done = scenes.play().await;
    match &done {
        Ok(()) => println!("{kind:?}, {identity:?}: {} people", scenes.office.people.len()),
        Err(_) => eprintln!("{}", scenes.server.log()),
    }
    done
}
