//! The settings sheet in a real browser: Chromium prints it on at most two A4 pages, it does not scroll sideways on a
//! narrow phone, and it loads nothing from outside the file.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use provost_tests::{folder, installed, provost};

/// A user with all that makes a sheet long: name, address, aliases, two ways to send, a password in two codes.
#[test]
fn the_longest_sheets_fit_on_two_pages_and_on_a_telephone() {
    let (Some(chromium), Some(pdfinfo)) = (installed("chromium"), installed("pdfinfo")) else { return };
    let folder = folder();
    let sheets = sheets(folder.path());
    let mut frames = String::from("<!DOCTYPE html><title>0</title><body>");
    for sheet in &sheets {
        let pdf = folder.path().join("sheet.pdf");
        let print = format!("--print-to-pdf={}", pdf.display());
        run(&chromium, folder.path(), &["--no-pdf-header-footer", &print, &url(sheet)]);
        let output = Command::new(&pdfinfo).arg(&pdf).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let line = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
        let pages: usize = line("Pages:").parse().unwrap();
        assert!((1..=2).contains(&pages), "{}: {pages} pages", sheet.display());
        assert!(line("Page size:").ends_with("(A4)"), "{said}");
        fs::remove_file(pdf).unwrap();
        let text = fs::read_to_string(sheet).unwrap().replace('&', "&amp;").replace('"', "&quot;");
        frames.push_str(&format!("<iframe width=\"360\" height=\"600\" srcdoc=\"{text}\"></iframe>"));
    }
    let unbroken = "m".repeat(100);
    frames.push_str(&format!("<iframe width=\"360\" height=\"600\" srcdoc=\"<p>{unbroken}\"></iframe>"));
    frames.push_str(MEASURE);
    let page = folder.path().join("frames.html");
    fs::write(&page, frames).unwrap();
    let output = run(&chromium, folder.path(), &["--dump-dom", &url(&page)]);
    let (_, title) = output.split_once("<title>").unwrap();
    let widths: Vec<u32> = title.split_once("</title>").unwrap().0.split(',').map(|it| it.parse().unwrap()).collect();
    let (last, widths) = widths.split_last().unwrap();
    assert!(*last > 360, "the measure finds nothing too wide: {last}");
    assert_eq!(widths, vec![360; sheets.len()]);
}

#[test]
fn nothing_comes_from_outside_the_file_and_nothing_runs() {
    let folder = folder();
    for sheet in sheets(folder.path()) {
        let text = fs::read_to_string(&sheet).unwrap();
        for word in ["<script", "src=", "<link", "url(", "@import", "href=", "onload", "<iframe", "<b>R"] {
            assert!(!text.contains(word), "{word} in {}", sheet.display());
        }
        assert!(text.contains("lang=\"en\"") || text.contains("lang=\"de\""), "{}", sheet.display());
        assert!(!text.contains("made-up-password"), "a password is printed in {}", sheet.display());
    }
}

/// In both languages.
fn sheets(folder: &Path) -> Vec<PathBuf> {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (name, local) = ["Maximiliane ".repeat(21).trim().to_owned(), "a".repeat(64)].into();
    let users = format!(
        "email,name,aliases,password\n{local}@centurylink.net,{name},{local}x@centurylink.net,made-up-password\n\
         markup@centurylink.net,\"<b>R&D</b> \"\"Lead\"\" 'X' ]]>\",m@centurylink.net;n@centurylink.net,made-up-password\n"
    )
    .replace(&format!("{local}x"), &"b".repeat(64));
    fs::write(path("users.csv"), users).unwrap();
    let arguments = ["generate", "-c", "fixtures/centurylink/mail.yaml", "--only", "settings-sheet"];
    let (users, out) = (path("users.csv"), path("out"));
    let run = provost(&[&arguments[..], &["--users", &users, "-o", &out, "--danger-embed-passwords"]].concat());
    assert_eq!(run.status, Some(0), "{}", run.output());
    let mut sheets = Vec::new();
    for language in ["de", "en"] {
        let folder = folder.join("out/settings-sheet").join(language);
        sheets.extend(fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()));
    }
    sheets.sort();
    assert_eq!(sheets.len(), 4);
    sheets
}

pub(crate) fn url(path: &Path) -> String {
    format!("file://{}", path.display())
}

pub(crate) fn run(chromium: &Path, folder: &Path, arguments: &[&str]) -> String {
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let output = Command::new(chromium).args(QUIET).arg(profile).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Without a sandbox, since tests may run as root; and without network traffic.
const QUIET: [&str; 9] = [
    "--hide-scrollbars",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
const MEASURE: &str = "<script>onload = () => { document.title = [...document.querySelectorAll('iframe')]
    .map(it => it.contentDocument.documentElement.scrollWidth).join() }</script>";
