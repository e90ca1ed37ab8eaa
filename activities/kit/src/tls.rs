//! TLS of the HTTP clients of this process.

/// Makes ring the process's TLS implementation, unless one was chosen already. An HTTP client that is built before this
/// panics, also one that only ever speaks plain HTTP: its TLS part comes without an implementation of its own, so that
/// there is one in the process and not two.
pub fn use_ring() {
    // An error says that there is one already, which is all that is asked for.
    let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
}
