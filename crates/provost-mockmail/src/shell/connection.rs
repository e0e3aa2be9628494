//! One connection: TLS where it belongs, and bytes carried between a stream and a session.

use std::collections::BTreeSet;
use std::future::poll_fn;
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, ready};
use std::time::Duration;

use provost_account::{Protocol, Security};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::Serving;
use crate::deflate::Deflate;
use crate::faults::{Fault, Faults, Stage};
use crate::sasl::Binding;
use crate::session::{Channel, Next, Output, Session, Setting};
use crate::sessions::{Bell, Origin};
use crate::store::Store;
use crate::tls::Shown;
use crate::transcript::{Ear, Transcript};
use crate::{imap, pop3, smtp};

/// Serves a connection; `open` are those of the same listener that are there already.
pub(super) async fn serve(mut tcp: TcpStream, peer: SocketAddr, serving: Arc<Serving>, open: u64) {
    let number = serving.numbers.fetch_add(1, Ordering::Relaxed);
    let listener = &serving.listener;
    let setting = Setting {
        host: Arc::clone(&serving.host),
        authentications: Arc::clone(&serving.authentications),
        channel: match listener.security {
            Security::ImplicitTls => Channel::Tls,
            Security::StartTls => Channel::BeforeStartTls,
            Security::Cleartext => Channel::Cleartext,
        },
        number,
        is_too_many: false,
        commands: 0,
        binding: None,
    };
    let session = match listener.protocol {
        Protocol::Imap => Session::Imap(Box::new(imap::Session::new(setting))),
        Protocol::Pop3 => Session::Pop3(pop3::Session::new(setting)),
        Protocol::Submission => Session::Smtp(smtp::Session::new(setting)),
    };
    let origin = Origin { protocol: listener.protocol, host: Arc::clone(&serving.host), peer };
    let registered = Registered::begin(number, origin, &serving);
    let bell = Arc::clone(&registered.bell);
    let ear = Ear::new(number, listener.protocol);
    let mut connection =
        Connection { serving: &serving, session, bell: &bell, ear, sent: 0, echo: None, named: BTreeSet::new() };
    connection.happens("connected");
    let limit = connection.faults().amount(Fault::ConnectionLimit);
    if limit.is_some_and(|limit| open >= limit) {
        connection.session.setting_mut().is_too_many = true;
        connection.names([Fault::ConnectionLimit]);
    }
    // Who was asked to end and cannot, since the client takes nothing or a fault keeps it, is cut off.
    let overdue = async {
        bell.overdue.notified().await;
        tokio::time::sleep(FAREWELL_MAX).await;
    };
    let ended = tokio::select! {
        conversed = connection.converse_and_linger(&mut tcp) => conversed,
        () = overdue => Err(std::io::Error::other("cut off: the client did not end the session")),
    };
    match ended {
        Ok(()) => connection.happens("ended"),
        // A client that leaves, or a handshake that it ends, is no fault of the server.
        Err(error) => connection.happens(&format!("ended: {error}")),
    }
    drop(registered);
}

/// A session that is on the list of those that are open.
struct Registered<'a> {
    number: u64,
    bell: Arc<Bell>,
    serving: &'a Serving,
}

impl<'a> Registered<'a> {
    fn begin(number: u64, origin: Origin, serving: &'a Serving) -> Self {
        let mut store = serving.store();
        let bell = store.sessions.begin(number, origin);
        Self { number, bell, serving }
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.serving.store().sessions.is_over(self.number);
    }
}

struct Connection<'a> {
    serving: &'a Serving,
    session: Session,
    bell: &'a Bell,
    ear: Ear,
    /// Octets of answers so far.
    sent: u64,
    /// What the client makes of compressed answers, for the transcript.
    echo: Option<Box<Deflate>>,
    /// The faults that the transcript has named last.
    named: BTreeSet<Fault>,
}

impl Connection<'_> {
    /// Converses. What a client sends that was not asked to leave is read for a moment more: with it unread, the system would
    /// take back what it was told.
    async fn converse_and_linger(&mut self, tcp: &mut TcpStream) -> std::io::Result<()> {
        self.converse(tcp).await?;
        let number = self.session.setting().number;
        let ending = self.serving.store().sessions.ending(number);
        if ending.is_some() {
            // Whether the client closes in time or not, the connection is over.
            timeout(LINGER_MAX, keep_silent(tcp)).await.ok();
        }
        Ok(())
    }

    async fn converse(&mut self, tcp: &mut TcpStream) -> std::io::Result<()> {
        tcp.set_nodelay(true)?;
        let faults = self.faults();
        if faults.has(Fault::SilentServer) {
            self.names(faults.take_held());
            return keep_silent(tcp).await;
        }
        drop(faults);
        if self.serving.listener.security == Security::ImplicitTls {
            return self.inside_tls(tcp, true).await;
        }
        let starttls_fails = self.faults().has(Fault::StarttlsFails);
        if self.greet(tcp).await? != Next::Read {
            return tcp.shutdown().await;
        }
        match self.pump(tcp).await? {
            Next::StartTls if starttls_fails => {
                // Said before the client's first words, it would be taken for more of the answer, or not, as it arrives.
                self.names([Fault::StarttlsFails]);
                if !read(tcp).await?.is_empty() {
                    self.send(tcp, b"this is no TLS\r\n").await?;
                }
                tcp.shutdown().await
            }
            Next::StartTls => self.inside_tls(tcp, false).await,
            Next::Read | Next::GoOn | Next::Compress | Next::Decompress | Next::Close => tcp.shutdown().await,
        }
    }

    /// TLS, and the session inside it; with `greets` from its first words on.
    async fn inside_tls(&mut self, tcp: &mut TcpStream, greets: bool) -> std::io::Result<()> {
        let faults = self.faults();
        if faults.has(Fault::HandshakeStall) {
            self.names(faults.take_held());
            return keep_silent(tcp).await;
        }
        if faults.has(Fault::OldTlsOnly) {
            self.names(faults.take_held());
            if !read(tcp).await?.is_empty() {
                tcp.write_all(&PROTOCOL_VERSION_ALERT).await?;
            }
            return tcp.shutdown().await;
        }
        // What a handshake needs is given back when it is over: a connection that waits is small.
        let mut tls = Box::pin(self.handshake(tcp, faults)).await?;
        if !greets {
            self.session.tls_started();
        }
        if !greets || self.greet(&mut tls).await? == Next::Read {
            self.pump(&mut tls).await?;
        }
        tls.shutdown().await
    }

    async fn handshake<'a>(
        &mut self,
        tcp: &'a mut TcpStream,
        faults: Faults,
    ) -> std::io::Result<TlsStream<&'a mut TcpStream>> {
        let listener = &self.serving.listener;
        let shown =
            self.serving.certificates.of(&listener.host, listener.protocol, &faults).map_err(std::io::Error::other)?;
        self.names(faults.take_held());
        let tls = timeout(HANDSHAKE_MAX, TlsAcceptor::from(Arc::clone(&shown.tls)).accept(tcp)).await??;
        self.secured(&tls, &shown);
        Ok(tls)
    }

    async fn greet(&mut self, stream: &mut (impl AsyncWrite + Unpin)) -> std::io::Result<Next> {
        if let Some(milliseconds) = self.faults().amount(Fault::BannerDelayed) {
            self.names([Fault::BannerDelayed]);
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        let (output, pace) = self.ask(|session, store| session.greet(store));
        self.write(stream, &output.bytes, pace).await?;
        Ok(output.next)
    }

    /// Writes an answer, in the pace that the faults leave, and as much of it as they leave.
    async fn write(
        &mut self,
        stream: &mut (impl AsyncWrite + Unpin),
        octets: &[u8],
        pace: Pace,
    ) -> std::io::Result<()> {
        let left = pace.cut_after.map(|limit| limit.saturating_sub(self.sent));
        let left = left.and_then(|left| usize::try_from(left).ok()).filter(|left| *left < octets.len());
        let octets = &octets[..left.unwrap_or(octets.len())];
        self.sent = self.sent.saturating_add(octets.len().try_into().unwrap_or(u64::MAX));
        if let Some(milliseconds) = pace.slow_ms.filter(|_| !octets.is_empty()) {
            self.names([Fault::Slow]);
            tokio::time::sleep(Duration::from_millis(milliseconds)).await;
        }
        match (pace.is_one_byte_at_a_time, pace.octets_a_second) {
            (true, _) => {
                self.names([Fault::OneByteAtATime]);
                for octet in octets {
                    self.send(stream, &[*octet]).await?;
                    stream.flush().await?;
                    // Whoever reads in the same thread gets to do so.
                    tokio::task::yield_now().await;
                }
            }
            (false, Some(octets_a_second)) => {
                let octets_a_tick = usize::try_from(octets_a_second / TICKS_A_SECOND).unwrap_or(usize::MAX).max(1);
                self.names([Fault::Bandwidth]);
                for part in octets.chunks(octets_a_tick) {
                    self.send(stream, part).await?;
                    stream.flush().await?;
                    tokio::time::sleep(Duration::from_millis(1000 / TICKS_A_SECOND)).await;
                }
            }
            (false, None) => self.send(stream, octets).await?,
        }
        stream.flush().await?;
        match left {
            Some(_) => {
                self.names([Fault::ConnectionCut]);
                Err(std::io::Error::other("cut off by a fault"))
            }
            None => {
                self.transcribe(Ear::pause);
                Ok(())
            }
        }
    }

    /// Hands octets to the connection, and to the transcript what it took of them: under the lock, so that whoever has
    /// heard something finds it there.
    async fn send(&mut self, stream: &mut (impl AsyncWrite + Unpin), octets: &[u8]) -> std::io::Result<()> {
        if !self.serving.transcribes {
            return stream.write_all(octets).await;
        }
        let mut rest = octets;
        while !rest.is_empty() {
            let taken = poll_fn(|context| {
                let mut store = self.serving.store();
                let taken = ready!(Pin::new(&mut *stream).poll_write(context, rest))?;
                if let Some(transcript) = &mut store.transcript {
                    match &mut self.echo {
                        None => self.ear.server(&rest[..taken], transcript),
                        Some(echo) => self.ear.server(&echo.unpacked(&rest[..taken])?, transcript),
                    }
                }
                Poll::Ready(Ok::<usize, std::io::Error>(taken))
            });
            let taken = taken.await?;
            if taken == 0 {
                return Err(std::io::ErrorKind::WriteZero.into());
            }
            rest = &rest[taken..];
        }
        Ok(())
    }

    /// Carries octets until the session wants something else than to read. One write for all that one read gave rise to.
    async fn pump(&mut self, stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) -> std::io::Result<Next> {
        let mut deflate: Option<Box<Deflate>> = None;
        let mut changes: Option<watch::Receiver<()>> = None;
        loop {
            changes = match (self.session.listens_to(), changes) {
                (None, _) => None,
                (Some(_), Some(changes)) => Some(changes),
                (Some(account), None) => Some(self.serving.wakers.listen(account)),
            };
            let patience = if self.session.account().is_some() { IDLE_MAX } else { BEFORE_LOGIN_MAX };
            let changed = async {
                match &mut changes {
                    None => std::future::pending().await,
                    Some(changes) => changes.changed().await.is_ok(),
                }
            };
            // What a client sends is looked at first: as long as there is more, nothing waits, and no timer is set.
            let heard = tokio::select! {
                biased;
                octets = timeout(patience, read(stream)) => Some(octets??),
                _ = changed => None,
                () = self.bell.asked.notified() => None,
            };
            let (mut output, mut pace) = match (heard, &mut deflate) {
                (None, _) => self.ask(Session::changed),
                (Some(octets), _) if octets.is_empty() => return Ok(Next::Close),
                (Some(octets), None) => self.receive(&octets),
                (Some(octets), Some(deflate)) => {
                    let octets = deflate.unpacked(&octets)?;
                    self.receive(&octets)
                }
            };
            loop {
                match &mut deflate {
                    None => self.write(stream, &output.bytes, pace).await?,
                    Some(deflate) => self.write(stream, &deflate.packed(&output.bytes)?, pace).await?,
                }
                match output.next {
                    Next::Read => break,
                    Next::GoOn => {}
                    Next::Compress => {
                        deflate = Some(Box::default());
                        self.echo = self.serving.transcribes.then(Box::default);
                    }
                    Next::Decompress => (deflate, self.echo) = (None, None),
                    Next::StartTls | Next::Close => return Ok(output.next),
                }
                (output, pace) = self.receive(&[]);
            }
        }
    }

    /// TLS is up: what names this connection is for SASL.
    fn secured(&mut self, tls: &TlsStream<&mut TcpStream>, shown: &Shown) {
        let (_, connection) = tls.get_ref();
        // RFC 9266 §4.2: before TLS 1.3, only with an extended master secret; rustls does not tell whether there is one.
        let is_tls_1_3 = connection.protocol_version() == Some(rustls::ProtocolVersion::TLSv1_3);
        let exported = connection.export_keying_material(vec![0; EXPORTER_OCTETS], b"EXPORTER-Channel-Binding", None);
        let tls_exporter = exported.ok().filter(|_| is_tls_1_3);
        let resumed = connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed);
        let version = if is_tls_1_3 { "TLS 1.3" } else { "TLS 1.2" };
        self.happens(&format!("{version}{}", if resumed { ", resumed" } else { "" }));
        let tls_server_end_point = shown.end_point(connection.server_name());
        let certificate = connection.peer_certificates().and_then(<[_]>::first);
        let client = certificate.and_then(|certificate| self.serving.authority.login_of(certificate));
        self.session.bind(Binding { tls_exporter, tls_server_end_point, client });
    }

    fn receive(&mut self, octets: &[u8]) -> (Output, Pace) {
        let logged_in = self.session.account().is_some();
        self.transcribe(|ear, transcript| ear.client(octets, logged_in, transcript));
        self.ask(|session, store| session.receive(octets, store))
    }

    /// Lets the session act on the store, and wakes whoever waits for what it changed. The answer goes out in the pace
    /// that the faults leave when it is made.
    fn ask(&mut self, act: impl FnOnce(&mut Session, &mut Store) -> Output) -> (Output, Pace) {
        let (mut output, pace, touched) = {
            let mut store = self.serving.store();
            let number = self.session.setting().number;
            let output = match store.sessions.ending(number) {
                Some(ending) => self.session.farewell(ending),
                None => {
                    let faults = store.faults(self.session.setting(), self.session.account());
                    store.at(self.serving.clock.now(), &faults);
                    let mut output = act(&mut self.session, &mut store);
                    output.held.append(&mut faults.take_held());
                    store.sessions.note(number, self.session.now());
                    output
                }
            };
            let pace = Pace::of(&store.faults(self.session.setting(), self.session.account()));
            (output, pace, store.take_touched())
        };
        let held = std::mem::take(&mut output.held);
        self.serving.wakers.wake(touched);
        self.named.retain(|fault| held.contains(fault) || fault.row().stage == Stage::EveryAnswer);
        self.names(held);
        (output, pace)
    }

    fn happens(&mut self, what: &str) {
        self.transcribe(|ear, transcript| ear.event(what, transcript));
    }

    /// Names faults that have taken hold, each once as long as it does so with every answer.
    fn names(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            if self.named.insert(fault) {
                self.happens(&format!("fault: {fault}"));
            }
        }
    }

    fn transcribe(&mut self, write: impl FnOnce(&mut Ear, &mut Transcript)) {
        if !self.serving.transcribes {
            return;
        }
        let mut store = self.serving.store();
        if let Some(transcript) = &mut store.transcript {
            write(&mut self.ear, transcript);
        }
    }

    fn faults(&self) -> Faults {
        let store = self.serving.store();
        store.faults(self.session.setting(), self.session.account())
    }
}

/// In which pace answers are sent, and how much of them.
#[derive(Debug, Clone, Copy, Default)]
struct Pace {
    cut_after: Option<u64>,
    slow_ms: Option<u64>,
    is_one_byte_at_a_time: bool,
    octets_a_second: Option<u64>,
}

impl Pace {
    fn of(faults: &Faults) -> Self {
        Self {
            cut_after: faults.amount(Fault::ConnectionCut),
            slow_ms: faults.amount(Fault::Slow),
            is_one_byte_at_a_time: faults.is_in_force(Fault::OneByteAtATime),
            octets_a_second: faults.amount(Fault::Bandwidth),
        }
    }
}

/// Reads until the client gives up.
async fn keep_silent(tcp: &mut TcpStream) -> std::io::Result<()> {
    while !read(tcp).await?.is_empty() {}
    Ok(())
}

/// What has come; nothing at the end. While nothing comes, no memory is held for it.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    std::future::poll_fn(|context| {
        let mut octets = [const { MaybeUninit::uninit() }; CHUNK_OCTETS];
        let mut buffer = ReadBuf::uninit(&mut octets);
        ready!(Pin::new(&mut *stream).poll_read(context, &mut buffer))?;
        Poll::Ready(Ok(buffer.filled().to_vec()))
    })
    .await
}

/// How long a session takes to end that was asked to.
const FAREWELL_MAX: Duration = Duration::from_secs(1);
/// How long a client that was sent away may still send.
const LINGER_MAX: Duration = Duration::from_millis(100);
/// As much as a TLS record carries (RFC 8446 §5.1).
const CHUNK_OCTETS: usize = 16 * 1024;
/// RFC 8446 §6: a fatal `protocol_version` alert in a record of TLS 1.0.
const PROTOCOL_VERSION_ALERT: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];
/// Into how many parts a second is divided when octets come slowly.
const TICKS_A_SECOND: u64 = 20;
/// RFC 9266 §2.
const EXPORTER_OCTETS: usize = 32;
/// RFC 3501 §5.4 asks IMAP servers to wait for at least 30 minutes; the other two ask for less.
const IDLE_MAX: Duration = Duration::from_secs(30 * 60);
/// RFC 5321 §4.5.3.2.7 has SMTP servers wait for five minutes.
const BEFORE_LOGIN_MAX: Duration = Duration::from_secs(5 * 60);
const HANDSHAKE_MAX: Duration = Duration::from_secs(60);
