//! The certificate authorities of this system, as programs here trust them. Devices have their own.

use std::sync::LazyLock;

use provost_device::Authorities;

/// For the reader of signatures.
pub(crate) fn system() -> &'static Authorities {
    &SYSTEM
}

/// The certificates, in DER.
pub(crate) fn certificates() -> &'static [Vec<u8>] {
    &STORE
}

static SYSTEM: LazyLock<Authorities> = LazyLock::new(|| Authorities::new(certificates().iter().map(Vec::as_slice)));
/// Read at the first use: most profiles are not signed. Without a store, or with one that cannot be read, nobody is trusted.
static STORE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let store = rustls_native_certs::load_native_certs();
    store.certs.iter().map(|certificate| certificate.to_vec()).collect()
});
