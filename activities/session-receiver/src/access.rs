//! Who may ask.

use std::{fmt, fs, net::SocketAddr, path::PathBuf};

use axum::http::{
    HeaderMap, Uri,
    header::{AUTHORIZATION, HOST, ORIGIN},
    uri::Authority,
};
use sha2::{Digest, Sha256};

use crate::refusal::Refusal;

/// Where a token is: `env:NAME` or `file:PATH`. Read anew at each request, so that a file can be replaced while the server runs.
#[derive(Clone, PartialEq, Eq)]
pub enum TokenReference {
    /// A variable of the environment.
    Env(String),
    /// A file; white space around its content is no part of the token.
    File(PathBuf),
    /// The token itself, as older commands took it.
    Literal(String),
}

impl TokenReference {
    /// `env:NAME`, `file:PATH`, or a token itself.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        match text.split_once(':') {
            Some(("env", name)) => Self::Env(name.to_owned()),
            Some(("file", path)) => Self::File(PathBuf::from(path)),
            _ => Self::Literal(text.to_owned()),
        }
    }

    /// The token.
    ///
    /// # Errors
    /// What is missing, in words that name the reference and never the token.
    pub fn resolve(&self) -> Result<String, String> {
        let token = match self {
            Self::Env(name) => std::env::var(name).map_err(|e| format!("the variable {name} gives no token: {e}"))?,
            Self::File(path) => {
                fs::read_to_string(path).map_err(|e| format!("{} gives no token: {e}", path.display()))?
            }
            Self::Literal(token) => token.clone(),
        };
        let token = token.trim();
        if token.is_empty() { Err(format!("{self:?} holds an empty token")) } else { Ok(token.to_owned()) }
    }
}

impl fmt::Debug for TokenReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "env:{name}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Literal(_) => f.write_str("(a token)"),
        }
    }
}

/// Who may send and read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    token: Option<TokenReference>,
    is_loopback: bool,
    /// The process that serves the addresses has asked already.
    is_checked: bool,
}

impl Access {
    /// For a server that listens there. Without a token everybody on a loopback address may ask, and nobody elsewhere.
    #[must_use]
    pub fn new(listen: SocketAddr, token: Option<TokenReference>) -> Self {
        Self { token, is_loopback: listen.ip().is_loopback(), is_checked: false }
    }

    /// For a process that serves these addresses beside others and asks everybody before a request gets here.
    #[must_use]
    pub fn checked_before() -> Self {
        Self { token: None, is_loopback: false, is_checked: true }
    }

    /// Whether nobody could ever send anything.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.token.is_none() && !self.is_loopback && !self.is_checked
    }

    /// Whether a request may be answered.
    ///
    /// # Errors
    /// [`Refusal::Forbidden`] for a page of another site and where no token is set up, [`Refusal::Unauthorized`] without the right token.
    pub fn check(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
        if self.is_checked {
            return Ok(());
        }
        self.check_site(headers, uri)?;
        let Some(reference) = &self.token else {
            return if self.is_loopback {
                Ok(())
            } else {
                Err(Refusal::Forbidden(
                    "no token is set up, and others can reach this server: start it with --token env:NAME or file:PATH"
                        .to_owned(),
                ))
            };
        };
        let expected = reference.resolve().map_err(|problem| {
            tracing::error!(problem, "nobody can be let in");
            Refusal::Forbidden("the server cannot read its token".to_owned())
        })?;
        let sent = headers.get("x-agents-token").map(|value| value.as_bytes()).or_else(|| bearer(headers));
        match sent {
            Some(sent) if is_same(sent.trim_ascii(), expected.as_bytes()) => Ok(()),
            _ => Err(Refusal::Unauthorized),
        }
    }

    /// On a loopback address a browser of the same machine can be made to ask by any page: by its own address, or by a name
    /// that was made to mean 127.0.0.1.
    pub(crate) fn check_site(&self, headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
        if !self.is_loopback {
            return Ok(());
        }
        let host = match uri.authority() {
            Some(authority) => Some(authority.clone()),
            None => headers.get(HOST).map(|host| Authority::try_from(host.as_bytes())).transpose().ok().flatten(),
        };
        if !host.is_some_and(|host| is_loopback_name(host.host())) {
            return Err(Refusal::Forbidden("the Host header names another machine than this one".to_owned()));
        }
        let is_own = |origin: &[u8]| {
            Uri::try_from(origin).ok().and_then(|uri| uri.host().map(is_loopback_name)).unwrap_or(false)
        };
        if headers.get(ORIGIN).is_some_and(|origin| !is_own(origin.as_bytes())) {
            return Err(Refusal::Forbidden("pages of other sites may not ask".to_owned()));
        }
        Ok(())
    }
}

fn is_loopback_name(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"bearer ").then_some(token)
}

/// In a time that depends neither on where they differ nor on how long the right one is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (one, other) = (Sha256::digest(one), Sha256::digest(other));
    one.iter().zip(other.iter()).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}
