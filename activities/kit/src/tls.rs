//! The TLS library of the process.

/// Makes ring the process's TLS library. HTTP clients need one, even those that only speak plain HTTP; call this first in
/// `main`. Calling it again does nothing.
pub fn install_tls_provider() {
    // An error means that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
