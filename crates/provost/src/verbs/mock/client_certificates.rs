//! A certificate for every account, with which its owner can log in.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use provost_mockmail::MockMail;

use crate::failure::Failure;

/// Writes `DIR/ADDRESS.pem`, and `DIR/ADDRESS.key.pem` for nobody else to read.
pub(super) fn write(folder: &Path, mock: &MockMail) -> Result<(), Failure> {
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for mailbox in mock.accounts() {
        // A local part may hold a slash; the address without it is nobody else's here.
        let name = mailbox.address.as_str().replace(['/', '\\'], "_");
        let shown = mock.client_certificate(&mailbox.login).context("cannot make a certificate for a client")?;
        let path = folder.join(format!("{name}.pem"));
        fs::write(&path, shown.certificate_pem).with_context(|| format!("cannot write {}", path.display()))?;
        let path = folder.join(format!("{name}.key.pem"));
        private(&path, shown.key_pem.expose()).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn private(path: &Path, text: &str) -> std::io::Result<()> {
    // A file that is there keeps its mode, so it goes first.
    if path.exists() {
        fs::remove_file(path)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}
