//! The certificate authorities of this system, as programs here trust them. Devices have their own.

use std::sync::LazyLock;

use provost_device::Authorities;

/// Read at the first use: most profiles are not signed.
pub(crate) fn system() -> &'static Authorities {
    &SYSTEM
}

/// Without a store, or with one that cannot be read, nobody is trusted.
static SYSTEM: LazyLock<Authorities> = LazyLock::new(|| {
    let store = rustls_native_certs::load_native_certs();
    Authorities::new(store.certs.iter().map(|certificate| certificate.as_ref()))
});
