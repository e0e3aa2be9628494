#!/usr/bin/env bash
# hickory-resolver 0.26.3 (Rust): where a service is, if the name of its SRV record is an alias.
#
# Guess: a name server that recurses answers with the CNAME and the SRV record behind it, in one reply (RFC 1034 section
# 3.6.2), and lookup(name, SRV) gives that record.
# Behaviour: the resolver takes the host in the SRV record for one more alias, asks for the SRV record of that host, and
# reports that there is none. The answer that it had is lost. Without the alias it gives the record.
# Seen on 2026-11-29 with rustc 1.95.0, what the program gets, and what the name server (dnslib 0.9.26) is asked:
#   _imaps._tcp.real.example. SRV 993 mail.real.example.
#   _imaps._tcp.alias.example. DNS error: no records found for Query { name: Name("mail.real.example."), query_type: SRV, query_class: IN }
#   asked: SRV _imaps._tcp.real.example.
#   asked: SRV _imaps._tcp.alias.example.
#   asked: SRV mail.real.example.
set -euo pipefail
folder=$(mktemp -d)
server=
trap 'kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip -q install dnslib==0.9.26
cat > server.py <<'PYTHON'
import sys
from dnslib import CNAME, QTYPE, RR, SRV
from dnslib.server import BaseResolver, DNSLogger, DNSServer
REAL = "_imaps._tcp.real.example."


class Names(BaseResolver):
    def resolve(self, request, handler):
        name, kind = str(request.q.qname).lower(), QTYPE[request.q.qtype]
        print("asked:", kind, name, file=sys.stderr, flush=True)
        reply = request.reply()
        if name == "_imaps._tcp.alias.example.":
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(REAL), ttl=60))
            name = REAL
        if name == REAL and kind == "SRV":
            reply.add_answer(RR(REAL, QTYPE.SRV, rdata=SRV(0, 1, 993, "mail.real.example."), ttl=60))
        return reply


server = DNSServer(Names(), port=0, address="127.0.0.1", logger=DNSLogger("-request,-reply,-truncated"))
print(server.server.server_address[1], flush=True)
server.start()
PYTHON
mkdir -p program/src
cat > program/Cargo.toml <<'TOML'
[package]
name = "lookup"
version = "0.0.0"
edition = "2021"
[dependencies]
hickory-resolver = { version = "=0.26.3", default-features = false, features = ["tokio"] }
tokio = { version = "1.54", features = ["rt", "macros"] }
[profile.dev]
debug = false
TOML
cat > program/src/main.rs <<'RUST'
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};
use hickory_resolver::Resolver;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port: u16 = std::env::args().nth(1).unwrap().parse().unwrap();
    let mut udp = ConnectionConfig::udp();
    udp.port = port;
    let server = NameServerConfig::new("127.0.0.1".parse().unwrap(), true, vec![udp]);
    let config = ResolverConfig::from_parts(None, vec![], vec![server]);
    let mut builder = Resolver::builder_with_config(config, TokioRuntimeProvider::default());
    *builder.options_mut() = ResolverOpts::default();
    let resolver = builder.build().unwrap();
    for name in ["_imaps._tcp.real.example.", "_imaps._tcp.alias.example."] {
        let said = match resolver.lookup(name, RecordType::SRV).await {
            Ok(found) => found.answers().iter().map(|it| match &it.data {
                RData::SRV(srv) => format!("SRV {} {}", srv.port, srv.target),
                RData::CNAME(target) => format!("CNAME {target}"),
                other => format!("{other:?}"),
            }).collect::<Vec<_>>().join(", "),
            Err(error) => format!("{error}"),
        };
        println!("{name} {said}");
    }
}
RUST
CARGO_TARGET_DIR=$folder/target cargo build --quiet --manifest-path program/Cargo.toml
exec 3< <(exec python/bin/python server.py 2> asked)
server=$!
read -r port <&3
{ target/debug/lookup "$port"; cat asked; } | tee said
diff said - <<'SAID'
_imaps._tcp.real.example. SRV 993 mail.real.example.
_imaps._tcp.alias.example. DNS error: no records found for Query { name: Name("mail.real.example."), query_type: SRV, query_class: IN }
asked: SRV _imaps._tcp.real.example.
asked: SRV _imaps._tcp.alias.example.
asked: SRV mail.real.example.
SAID
