//! What happens at each server, in order.

use anyhow::Context as _;

use super::api::Api;
use super::between::Between;
use super::deployment::Deployment;
use super::files::Published;
use super::fleet::Fleet;
use super::office::Office;
use super::papers::Authority;
use super::programs::Programs;
use super::push::PushService;
use super::servers::{Connected, Identity, Kind, Server, free_port};
use xtask::workspace::built;

/// Everything, with `apply` killed so many times.
pub(super) async fn all(programs: &Programs, kills: usize) -> anyhow::Result<()> {
    at(programs, Kind::NanoMdm, Identity::Signature, 2, Play::Alone).await?;
    at(programs, Kind::NanoHub, Identity::Header, 2, Play::Alone).await?;
    at(programs, Kind::NanoMdm, Identity::Header, 10, Play::Deployed { kills }).await?;
    at(programs, Kind::NanoHub, Identity::Header, 10, Play::Deployed { kills: 0 }).await
}

/// What is played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Play {
    /// What servers and devices do by themselves.
    Alone,
    /// `provost deploy`.
    Deployed {
        /// How often it is killed, and the server.
        kills: usize,
    },
}

async fn at(programs: &Programs, kind: Kind, identity: Identity, pairs: usize, play: Play) -> anyhow::Result<()> {
    let folder = tempfile::Builder::new().prefix("provost-mdm-").tempdir()?;
    let path = folder.path().to_owned();
    let authority = Authority::new(&path)?;
    let client = authority.client()?;
    let published = Published::start(&authority).await?;
    let mut push = PushService::start(&authority).await?;
    let listen = format!("127.0.0.1:{}", free_port()?);
    let hook = Between::start(&format!("http://{listen}"), client.clone()).await?;
    let office = Office::new(folder, built("provost")?, pairs, &published.url)?;
    let connected = Connected { authority: &authority, push_proxy: &push.proxy, webhook: &hook.url };
    let server = Server::start(programs, kind, identity, connected, &path).await?;
    let api = Between::start(&server.url, client.clone()).await?;
    let fleet = Fleet::enroll(office.devices(&server, identity, &authority)?, &mut push).await?;
    let by_hand = Api::of(&server, client);
    let mut deployment = Deployment {
        office: &office,
        server,
        fleet,
        api: &api,
        by_hand,
        hook: &hook,
        listen,
        published: &published,
        ca: &authority.pem,
        emptied: 0,
    };
    let done = match play {
        Play::Alone => deployment.servers_and_devices_alone().await,
        Play::Deployed { kills } => deployed(&mut deployment, kills).await,
    };
    match &done {
        Ok(()) => println!("{kind:?}, {identity:?}: {} people", office.people.len()),
        Err(_) => eprintln!("{}", deployment.server.log()),
    }
    done.with_context(|| format!("{kind:?}, {identity:?}"))
}

async fn deployed(deployment: &mut Deployment<'_>, kills: usize) -> anyhow::Result<()> {
    deployment.profiles_live().await.context("profiles")?;
    deployment.declarations_live().await.context("declarations")?;
    if kills > 0 {
        deployment.the_network_misbehaves().await?;
        deployment.a_torn_queue_is_named().await.context("a torn queue")?;
        deployment.apply_is_killed(kills).await?;
        deployment.the_server_is_killed(kills.min(SERVER_KILLS)).await?;
    }
    Ok(())
}

/// How often the server is killed at most.
const SERVER_KILLS: usize = 20;
