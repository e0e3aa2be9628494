//! QR codes read by ZXing, which knows pictures and nothing about mail.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use serde_json::{Value, json};

use super::command_line::run;
use super::readers::agree;
use crate::clients::stage::{Stage, ends_with};
use crate::clients::{Proof, Step};

/// ZXing on every code of every fixture: Thunderbird's codes hold what `explain` reports, Delta Chat's the text in
/// the file next to them. Only PNG; ZXing reads no SVG.
pub(crate) fn zxing(stage: &Stage, _: &str, proof: &mut Proof) -> anyhow::Result<()> {
    let read = |file: &Path| -> anyhow::Result<String> {
        let said = run(&stage.path(""), "ZXingReader", &["-bytes", &file.to_string_lossy()], "")?;
        Ok(String::from_utf8(said.stdout)?)
    };
    let codes = stage.of_every_fixture("thunderbird-qr")?;
    for (file, address) in codes.iter().filter(|(file, _)| ends_with(file, "png")) {
        let code: Value = serde_json::from_str(&read(file)?).with_context(|| file.display().to_string())?;
        let server = |list: &Value| json!({ "host": list[1], "port": list[2], "username": list[5] });
        let ([incoming, outgoing], identity) = ([&code[2], &code[3][0][0]].map(server), &code[3][0][1]);
        let theirs = json!({ "address": identity[0], "incoming": [incoming], "outgoing": [outgoing] });
        agree(&theirs, &stage.explained(file, address)?).with_context(|| file.display().to_string())?;
    }
    let links = stage.links_of_every_fixture()?;
    for (file, _) in links.iter().filter(|(file, _)| ends_with(file, "png")) {
        let (theirs, text) = (read(file)?, fs::read_to_string(file.with_extension("txt"))?);
        ensure!(theirs == text.trim_end(), "{}: it says {theirs}, beside it is {text}", file.display());
    }
    proof.has(Step::Provision);
    Ok(())
}
