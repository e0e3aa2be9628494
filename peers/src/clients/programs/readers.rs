//! The clients' own parsers: every file of every fixture, where the manifest puts it, read by its program without a
//! login. The host, port, login name and TLS that the program prints must match what `explain` reports. aerc prints
//! nothing that it read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Output;

use anyhow::{Context, ensure};
use serde_json::{Map, Value, json};

use super::command_line::{self, at_home, finish, make_maildir};
use crate::clients::stage::Stage;
use crate::clients::{Proof, Step};

/// `msmtp --pretend`.
pub(crate) fn msmtp(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "msmtp", |home, text| {
        let account = |name: &str| said(home, "msmtp", &["--pretend", "--account", name]);
        Ok(json!({ "incoming": [], "outgoing": pretended(text, account)? }))
    })
}

/// `mpop --pretend`.
pub(crate) fn mpop(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "mpop", |home, text| {
        let account = |name: &str| said(home, "mpop", &["--pretend", name]);
        Ok(json!({ "incoming": pretended(text, account)?, "outgoing": [] }))
    })
}

/// `neomutt -Q`.
pub(crate) fn neomutt(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "neomutt", |home, _| {
        let names = ["from", "folder", "imap_user", "smtp_url", "smtp_user", "ssl_starttls", "ssl_force_tls"];
        let arguments: Vec<&str> = names.iter().flat_map(|name| ["-Q", *name]).collect();
        let output = output(home, "neomutt", &arguments)?;
        // It skips a line that it does not know, and exits with 0.
        ensure!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        let said = String::from_utf8(output.stdout)?;
        let value = |name: &str| -> anyhow::Result<String> {
            let value =
                said.lines().find_map(|line| line.strip_prefix("set ")?.strip_prefix(name)?.strip_prefix(" = "));
            let value = value.with_context(|| format!("nothing of {name} in {said}"))?;
            Ok(unquoted(value))
        };
        let later =
            if value("ssl_starttls")? == "yes" && value("ssl_force_tls")? == "yes" { "STARTTLS" } else { "plain" };
        let server = |url: &str, username: &str| -> anyhow::Result<Value> {
            let url = value(url)?;
            let (scheme, place) = url.split_once("://").with_context(|| format!("no URL: {url}"))?;
            let (host, port) =
                place.trim_end_matches('/').split_once(':').with_context(|| format!("no port: {url}"))?;
            let socket_type = if scheme.ends_with('s') { "SSL" } else { later };
            let port: u16 = port.parse()?;
            Ok(json!({ "host": host, "port": port, "username": value(username)?, "socket_type": socket_type }))
        };
        let (incoming, outgoing) = (server("folder", "imap_user")?, server("smtp_url", "smtp_user")?);
        Ok(json!({ "address": value("from")?, "incoming": [incoming], "outgoing": [outgoing] }))
    })
}

/// `getmail --dump`.
pub(crate) fn getmail(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "getmail", |home, _| {
        make_maildir(&home.join("Maildir"))?;
        let said = said(home, "getmail", &["--dump"])?;
        let retriever = said.lines().find_map(|line| line.trim().strip_prefix("retriever:"));
        let retriever = retriever.with_context(|| format!("no retriever in {said}"))?;
        let value = |key: &str| -> anyhow::Result<&str> {
            let value = retriever.split_once(&format!(" {key}=\"")).and_then(|(_, rest)| rest.split_once('"'));
            Ok(value.with_context(|| format!("nothing of {key} in {retriever}"))?.0)
        };
        let port: u16 = value("port")?.parse()?;
        let socket_type = if retriever.contains("SSLRetriever(") { "SSL" } else { "plain" };
        let (host, username) = (value("server")?, value("username")?);
        let server = json!({ "host": host, "port": port, "username": username, "socket_type": socket_type });
        Ok(json!({ "incoming": [server], "outgoing": [] }))
    })
}

/// `fetchmail --configdump`, which is Python.
pub(crate) fn fetchmail(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "fetchmail", |home, _| {
        let said = said(home, "fetchmail", &["--configdump"])?;
        let value = |key: &str| -> anyhow::Result<String> {
            // Keys are in single or double quotation marks.
            let of_key =
                |line: &str| Some(line.trim().get(1..)?.strip_prefix(key)?.get(1..)?.strip_prefix(':')?.to_owned());
            let value = said.lines().find_map(of_key).with_context(|| format!("nothing of {key} in {said}"))?;
            Ok(unquoted(value.trim_end_matches(',')))
        };
        let port: u16 = value("service")?.parse()?;
        // Without `ssl`, a protocol and a check require STARTTLS.
        let socket_type = match (value("ssl")?.as_str(), value("sslproto")?.as_str(), value("sslcertck")?.as_str()) {
            ("TRUE", _, _) => "SSL",
            (_, "TLS1.2+", "TRUE") => "STARTTLS",
            _ => "plain",
        };
        let mut server = json!({ "host": value("pollname")?, "port": port, "socket_type": socket_type });
        // Where fetchmail 6.4.37 should print octets above 127, it prints this and others.
        if !said.contains("\\0x") {
            server["username"] = value("remote")?.into();
        }
        Ok(json!({ "incoming": [server], "outgoing": [] }))
    })
}

/// `mbsync --list`, which prints what it read when it connects. It meets no server of that name there, except on the stage.
pub(crate) fn mbsync(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "mbsync", |home, _| {
        fs::create_dir_all(home.join("Maildir"))?;
        let said =
            command_line::said(&finish(at_home(home, "mbsync").args(["--list", "--verbose", "mail"]), "", &[0, 1])?);
        // `Connecting to imap.example.com (127.0.0.1:993)...`
        let place = said.lines().find_map(|line| line.strip_prefix("Connecting to "));
        let (host, rest) = place.and_then(|place| place.split_once(" (")).with_context(|| said.clone())?;
        let port = rest.split_once(')').and_then(|(place, _)| place.rsplit_once(':')).with_context(|| said.clone())?.1;
        let port: u16 = port.parse()?;
        Ok(json!({ "incoming": [{ "host": host, "port": port }], "outgoing": [] }))
    })
}

/// `offlineimap --info`, which prints what it read before it connects, and then meets no server of that name, except on the
/// stage.
pub(crate) fn offlineimap(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    everybody(stage, proof, "offlineimap", |home, _| {
        let said = command_line::said(&finish(
            at_home(home, "offlineimap").args(["--info", "-o", "-u", "basic"]),
            "",
            &[0, 1],
        )?);
        // `Host: imap.example.com Port: 993 SSL: True`
        let words = said.lines().find_map(|line| line.strip_prefix("Host: ")).with_context(|| said.clone())?;
        let words: Vec<&str> = words.split_whitespace().collect();
        let [host, "Port:", port, "SSL:", ssl] = words[..] else { anyhow::bail!("{words:?}") };
        let port: u16 = port.parse()?;
        let socket_type = if ssl == "True" { "SSL" } else { "plain" };
        let server = json!({ "host": host, "port": port, "socket_type": socket_type });
        Ok(json!({ "incoming": [server], "outgoing": [] }))
    })
}

/// Asks a program what it reads in each file of the format, in a home of its own; `ask` gets the file's text too.
fn everybody(
    stage: &Stage,
    proof: &mut Proof,
    format: &str,
    ask: fn(&Path, &str) -> anyhow::Result<Value>,
) -> anyhow::Result<()> {
    let homes = stage.homes(format)?;
    ensure!(!homes.is_empty(), "no file of {format}");
    for (home, file, address) in homes {
        commands(home.path())?;
        let theirs = ask(home.path(), &fs::read_to_string(&file)?);
        let agree = theirs.and_then(|theirs| agree(&theirs, &stage.explained(&file, &address)?));
        agree.with_context(|| file.display().to_string())?;
    }
    proof.has(Step::Provision);
    Ok(())
}

/// What a program prints is what `explain` reports, as far as it prints anything.
pub(crate) fn agree(theirs: &Value, ours: &Value) -> anyhow::Result<()> {
    if let Value::Object(map) = theirs {
        return map.iter().try_for_each(|(key, value)| agree(value, &ours[key]).with_context(|| key.clone()));
    }
    if let (Value::Array(theirs), Value::Array(ours)) = (theirs, ours)
        && theirs.len() == ours.len()
    {
        return theirs.iter().zip(ours).try_for_each(|(theirs, ours)| agree(theirs, ours));
    }
    ensure!(theirs == ours, "it says {theirs}, explain says {ours}");
    Ok(())
}

/// Each account of a file, as msmtp and mpop print it.
fn pretended(text: &str, ask: impl Fn(&str) -> anyhow::Result<String>) -> anyhow::Result<Vec<Value>> {
    let names = text.lines().filter_map(|line| line.strip_prefix("account ")).filter(|name| !name.contains(':'));
    let account = |name: &str| -> anyhow::Result<Value> {
        let said = ask(name)?;
        let values: Map<String, Value> = said
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .map(|(key, value)| (key.to_owned(), value.into()))
            .collect();
        let value = |key: &str| values.get(key).and_then(Value::as_str).with_context(|| format!("no {key} in {said}"));
        let socket_type = match (value("tls")?, value("tls_starttls")?) {
            ("on", "off") => "SSL",
            ("on", _) => "STARTTLS",
            _ => "plain",
        };
        let port: u16 = value("port")?.parse()?;
        Ok(json!({ "host": value("host")?, "port": port, "username": value("user")?, "socket_type": socket_type }))
    };
    names.map(account).collect()
}

/// The standard output of a program that runs in the home.
fn said(home: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
    Ok(String::from_utf8_lossy(&output(home, program, arguments)?.stdout).into_owned())
}

fn output(home: &Path, program: &str, arguments: &[&str]) -> anyhow::Result<Output> {
    let path = std::env::var_os("PATH").context("no PATH")?;
    let path = std::env::join_paths([home.join("bin")].into_iter().chain(std::env::split_paths(&path)))?;
    finish(at_home(home, program).env("PATH", path).args(arguments), "", &[0])
}

/// The programs of the fixtures' password commands: some ask for the password before they print anything.
fn commands(home: &Path) -> anyhow::Result<()> {
    let bin = home.join("bin");
    fs::create_dir(&bin)?;
    for name in ["pass", "secret-tool"] {
        fs::write(bin.join(name), "#!/bin/sh\necho secret\n")?;
        fs::set_permissions(bin.join(name), fs::Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// A value without its quotation marks, and without the backslashes inside.
fn unquoted(value: &str) -> String {
    let Some(inside) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return value.to_owned();
    };
    let mut text = String::new();
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}
