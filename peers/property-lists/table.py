"""Runs seven property-list parsers on every form in fixtures/property-lists/forms.jsonl, records their results there, and
writes docs/property-lists.md from twenty of them: `python3 peers/property-lists/table.py`.

Packages are downloaded, in the versions named here, to target/property-lists; nothing is installed. To add a form, add a row
with `form` and `octets` (one character per octet). It judges nothing: the tests compare our reader with the table."""

import datetime
import json
import os
import pathlib
import shutil
import subprocess
import sys

sys.setrecursionlimit(100_000)
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TABLE = ROOT / "fixtures/property-lists/forms.jsonl"
WORK = ROOT / "target/property-lists"
TRIXIE = ROOT / "target/corefoundation"
RUST = """use plist::Value;
use serde_json::{Value as Json, json};
fn shown(value: &Value) -> Json {
    match value {
        Value::Array(items) => json!({"array": items.iter().map(shown).collect::<Vec<_>>()}),
        Value::Boolean(value) => json!(value),
        Value::Data(data) => json!({"data": data.iter().map(|octet| format!("{octet:02x}")).collect::<String>()}),
        Value::Date(date) => {
            let time: std::time::SystemTime = (*date).into();
            let start = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(978307200);
            let since = time.duration_since(start).map_or_else(|error| -error.duration().as_secs_f64(), |it| it.as_secs_f64());
            json!({"date": since.to_string()})
        }
        Value::Dictionary(pairs) => json!({"dict": pairs.iter().map(|(key, it)| json!([key, shown(it)])).collect::<Vec<_>>()}),
        Value::Integer(number) => json!({"integer": number.to_string()}),
        Value::Real(number) => json!({"real": number.to_string()}),
        Value::String(text) => json!(text),
        _ => json!({"other": "uid"}),
    }
}
fn main() {
    for path in std::env::args().skip(1) {
        let octets = std::fs::read(path).expect("a file");
        match Value::from_reader(std::io::Cursor::new(&octets)) {
            Ok(value) => println!("{}", shown(&value)),
            Err(_) => println!("null"),
        }
    }
}
"""
MANIFEST = """[package]
name = "rust-plist"
version = "0.0.0"
edition = "2024"
[dependencies]
plist = { version = "=1.10.3", default-features = false }
serde_json = "1"
[workspace]
"""
VERSIONS = {
    "CoreFoundation": "swift-corelibs-foundation 6.0.3", "plistlib": f"Python {sys.version.split()[0]}",
    "libplist 2.2": "Debian 12, 2.2.0", "libplist 2.6": "Debian 13, 2.6.0", "howett.net/plist": "1.0.1",
    "micromdm/plist": "0.2.2", "Rust plist": "1.10.3", "Node plist": "5.0.0",
}
# In the order of the page.
PAGE = [
    "integer plain", "string comment inside", "integer blank after", "integer blank before", "integer CDATA", "true blank",
    "integer 0x3E1", "integer 0993", "integer +993", "key then text then value", "key twice", "date 2030-12-31",
    "date 2030-12-31T23:59:59.123Z", "date 2030-12-31T23:59:59+01:00", "data no padding", "string CDATA",
    "encoding mark utf-8 declared UTF-8", "encoding mark utf-16le declared utf-16", "encoding ISO-8859-1 over latin-1",
    "encoding utf-16 over utf-8",
]


def run(*command, **more):
    return subprocess.run([str(part) for part in command], check=True, **more)


def install():
    """Downloads what is missing."""
    WORK.mkdir(parents=True, exist_ok=True)
    run(ROOT / "peers/corefoundation/install")
    if not (TRIXIE / "root/usr/bin/plistutil").exists():
        config = {**os.environ, "APT_CONFIG": str(TRIXIE / "apt.conf")}
        for folder in ("lists/partial", "cache/archives/partial"):
            (TRIXIE / folder).mkdir(parents=True, exist_ok=True)
        run("apt-get", "update", "-qq", env=config)
        run("apt-get", "download", "-qq", "libplist-utils", "libplist-2.0-4", env=config, cwd=WORK)
        for package in WORK.glob("*.deb"):
            run("dpkg-deb", "--extract", package, TRIXIE / "root")
    if not (WORK / "node_modules/plist").exists():
        run("npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", WORK, "plist@5.0.0")
    shutil.copy(HERE / "plist_reader.mjs", WORK)
    run("go", "build", "-o", WORK / "go-reader", ".", cwd=HERE / "go")
    (WORK / "rust/src").mkdir(parents=True, exist_ok=True)
    (WORK / "rust/Cargo.toml").write_text(MANIFEST)
    (WORK / "rust/src/main.rs").write_text(RUST)
    run("cargo", "build", "--quiet", "--manifest-path", WORK / "rust/Cargo.toml")


def lines(command, paths):
    said = subprocess.run([str(part) for part in [*command, *paths]], capture_output=True, check=True).stdout.decode()
    found = [json.loads(line) for line in said.rstrip("\n").split("\n")]
    assert len(found) == len(paths), command
    return found


def plistutil(command, paths):
    """libplist through its program: converted to binary, which plistlib then reads."""
    found, binaries = [None] * len(paths), {}
    for at, path in enumerate(paths):
        binary = WORK / f"binary-{at}"
        binary.unlink(missing_ok=True)
        ended = subprocess.run([*map(str, command), "-f", "bin", "-i", path, "-o", binary], capture_output=True)
        if ended.returncode == 0 and binary.exists() and binary.read_bytes().startswith(b"bplist"):
            binaries[at] = binary
    for at, value in zip(binaries, lines([sys.executable, HERE / "plistlib_reader.py"], binaries.values())):
        found[at] = value
    return found


def ask(paths):
    system = TRIXIE / "root/usr/lib/x86_64-linux-gnu"
    newer = [system / "ld-linux-x86-64.so.2", "--library-path", system, TRIXIE / "root/usr/bin/plistutil"]
    return {
        "CoreFoundation": lines([TRIXIE / "corefoundation"], paths),
        "plistlib": lines([sys.executable, HERE / "plistlib_reader.py"], paths),
        "libplist 2.2": plistutil(["plistutil"], paths),
        "libplist 2.6": plistutil(newer, paths),
        "howett.net/plist": lines([WORK / "go-reader", "howett"], paths),
        "micromdm/plist": lines([WORK / "go-reader", "micromdm"], paths),
        "Rust plist": lines([WORK / "rust/target/debug/rust-plist"], paths),
        "Node plist": lines(["node", WORK / "plist_reader.mjs"], paths),
    }


def plain(value):
    """Line ends as XML defines them, numbers as numbers, keys in order."""
    if isinstance(value, str):
        return value.replace("\r\n", "\n").replace("\r", "\n")
    if not isinstance(value, dict):
        return value
    (kind, inner), = value.items()
    match kind:
        case "real" | "date":
            return {kind: repr(float(inner))}
        case "array":
            return {kind: [plain(item) for item in inner]}
        case "dict":
            return {kind: sorted([plain(key), plain(item)] for key, item in inner)}
    return value


def same(one, other):
    if isinstance(other, dict) and "number" in other:
        if not (isinstance(one, dict) and ("integer" in one or "real" in one)):
            return False
        number = float(next(iter(one.values())))
        return number == float(other["number"]) or (number != number and other["number"] == "NaN")
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        (kind, ours), theirs = next(iter(one.items())), next(iter(other.values()))
        if kind == "array":
            return len(ours) == len(theirs) and all(map(same, ours, theirs))
        if kind == "dict":
            return len(ours) == len(theirs) and all(a[0] == b[0] and same(a[1], b[1]) for a, b in zip(ours, theirs))
    return one == other


def rows(forms, seen):
    for at, form in enumerate(forms):
        apples = seen["CoreFoundation"][at]
        row = {"form": form["form"], "octets": form["octets"], "CoreFoundation": apples}
        others = {name: found[at] for name, found in seen.items() if name != "CoreFoundation"}
        if apples is None:
            kept = {"read": [name for name, value in others.items() if value is not None]}
        else:
            wrong = {name: it for name, it in others.items() if it is not None and not same(plain(apples), plain(it))}
            kept = {"refuse": [name for name, value in others.items() if value is None], "misread": wrong}
        yield {**row, **{name: value for name, value in kept.items() if value}}


def cell(value):
    if value is None:
        return "refuses"
    while isinstance(value, dict):
        (kind, inner), = value.items()
        if kind == "date":
            return str(datetime.datetime(2001, 1, 1) + datetime.timedelta(seconds=float(inner))) if inner != "NaN" else "no date"
        value = (inner[0][1] if inner else "nothing") if kind == "dict" else (inner or "nothing")
    return f"`{value}`"


def page(forms, seen):
    yield "# How property-list parsers differ\n"
    yield "A profile is read by the device, and before that by every program that makes, signs or delivers it."
    yield "This page shows twenty files and how eight versions of seven parsers read them; `fixtures/property-lists/forms.jsonl` has some 500 more."
    yield "CoreFoundation is Apple's own parser. `provost lint` rejects what it rejects, and warns where other parsers differ.\n"
    yield f"Made by `python3 peers/property-lists/table.py` on {datetime.date.today()}, with " + "; ".join(
        f"{name}: {version}" for name, version in VERSIONS.items()) + ".\n"
    yield "| In the file | " + " | ".join(seen) + " |"
    yield "|---" * (len(seen) + 1) + "|"
    names = [form["form"] for form in forms]
    for name in PAGE:
        at = names.index(name)
        octets = forms[at]["octets"]
        inside = octets.split("<dict>")[1].split("</dict>")[0] if "<dict>" in octets else name.removeprefix("encoding ")
        shown = inside.replace("|", "\\|").replace("\n", " ")
        shown = f"`{shown}`" if "<" in shown else shown
        yield f"| {shown} | " + " | ".join(cell(found[at]) for found in seen.values()) + " |"


def main():
    install()
    forms = [json.loads(line) for line in TABLE.read_text().splitlines()]
    (WORK / "forms").mkdir(exist_ok=True)
    paths = [WORK / "forms" / str(at) for at in range(len(forms))]
    for path, form in zip(paths, forms):
        path.write_bytes(form["octets"].encode("latin-1"))
    seen = ask(paths)
    TABLE.write_text("".join(json.dumps(row) + "\n" for row in rows(forms, seen)))
    (ROOT / "docs/property-lists.md").write_text("\n".join(page(forms, seen)) + "\n")


main()
