//! The address of the server.

use reqwest::Url;

use crate::engine::{Error, ErrorKind};

/// An address without its trailing slashes.
///
/// # Errors
///
/// `InvalidInput` for what is no HTTP address, or has a user or a password in it: those would stand in logs and in the state.
pub(crate) fn checked(text: &str) -> Result<String, Error> {
    let trimmed = text.trim().trim_end_matches('/');
    let refused = |what: &str, hint: &str| Error::new(ErrorKind::InvalidInput, what, "address of the server", hint);
    let url = Url::parse(trimmed).map_err(|error| {
        refused(&format!("it cannot be understood: {error}"), "give an address such as https://longhouse.example")
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refused("it holds a user or a password", "leave them out; the token goes into its own header"));
    }
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(refused(
            "it is neither http nor https to a host",
            "give an address such as https://longhouse.example",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refused("it holds a question mark or a hash", "give the address up to the path"));
    }
    Ok(trimmed.to_owned())
}

/// Whether what is sent there can be read on the way.
pub(crate) fn is_plain_and_remote(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "http" && !is_loopback(&url))
}

/// Whether the address is of this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
