//! Who may speak to the service: tokens, and on loopback only pages that come from this machine.
//!
//! A service on loopback without a token trusts the programs of its machine. It must not trust the pages that a browser
//! of that machine shows: one can post to any address without asking (so a foreign `Origin` is refused), and one can
//! have its own name resolve to 127.0.0.1 (so a foreign `Host` is).

use std::net::IpAddr;

use axum::http::{HeaderMap, Uri, header};
use sha2::{Digest, Sha256};

use super::{query::Query, secret};

/// What a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: health, readiness, the description of the interface.
    Open,
    /// A read token, if there are any.
    Read,
    /// A write token, if there are any.
    Write,
    /// Sessions of agents: the token of shippers or one that may write; to look at them, one that may read.
    Agents {
        /// Whether the request only looks.
        reading: bool,
    },
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// 401: there is no token, or it is not one of ours.
    Token,
    /// 403: the page is not of this machine.
    Origin,
    /// 403: the name in `Host` is not of this machine.
    Host,
}

/// Tokens by their digest, so that comparing them tells nothing by its duration.
#[derive(Debug, Clone, Default)]
pub struct Tokens(Vec<[u8; 32]>);

impl Tokens {
    /// Takes a token.
    pub fn add(&mut self, token: &str) {
        self.0.push(Sha256::digest(token.as_bytes()).into());
    }

    /// Whether there are none, and everybody is let in.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn holds(&self, token: &str) -> bool {
        let given: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        // Every token is looked at, and every byte of it.
        self.0.iter().fold(false, |found, known| {
            let different = known.iter().zip(&given).fold(0_u8, |bits, (a, b)| bits | (a ^ b));
            found | (different == 0)
        })
    }
}

/// The rules of one service.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    /// Tokens that may write.
    pub write: Tokens,
    /// Tokens that may read.
    pub read: Tokens,
    /// Reference to the token of shippers of sessions, for `/api/agents/` alone. Read anew at each request, so that a file can be
    /// replaced while the service runs.
    pub agents: Option<String>,
    /// Origins that may speak to the service beside those of this machine, as `https://host[:port]`.
    pub origins: Vec<String>,
    /// Names that a `Host` may have beside those of this machine, without a port.
    pub hosts: Vec<String>,
    /// Whether the service listens on loopback alone.
    pub loopback: bool,
}

impl Guard {
    /// Whether a request may pass; `token` comes back as a number that names the one who asks, for the rate limits.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn check(&self, access: Access, headers: &HeaderMap, uri: &Uri) -> Result<u64, Refusal> {
        let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        // The target may name the host itself; then the header does not count.
        if let Some(host) = uri.host().or_else(|| text(header::HOST))
            && !self.host_allowed(host)
        {
            return Err(Refusal::Host);
        }
        if let Some(origin) = text(header::ORIGIN)
            && !self.origin_allowed(origin)
        {
            return Err(Refusal::Origin);
        }
        let tokens = match access {
            Access::Open => return Ok(0),
            Access::Read | Access::Agents { reading: true } => &self.read,
            Access::Write | Access::Agents { reading: false } => &self.write,
        };
        let given = given_token(access, headers, uri);
        if let (Access::Agents { .. }, Some(reference)) = (access, &self.agents) {
            // Nobody is let in by a token that cannot be read; those who have another one are.
            let mut agents = tokens.clone();
            match secret::resolve(reference) {
                Ok(token) => agents.add(&token),
                Err(what) => tracing::error!(what, "shippers are not let in"),
            }
            return if given.is_some_and(|token| agents.holds(&token)) { Ok(0) } else { Err(Refusal::Token) };
        }
        if !tokens.is_empty() && !given.as_deref().is_some_and(|token| tokens.holds(token)) {
            return Err(Refusal::Token);
        }
        // Only a token that was checked names somebody: else each made-up one would have a budget of its own.
        let named = given.filter(|_| !tokens.is_empty()).map(|token| Sha256::digest(token.as_bytes()));
        Ok(named.and_then(|digest| digest.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))).unwrap_or(0))
    }

    /// Whether pages of `origin` are told by CORS that they may read the answers: only those that were named.
    pub fn shares_with(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    fn host_allowed(&self, host: &str) -> bool {
        let name = without_port(host);
        let named = self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name));
        if self.loopback { named || is_this_machine(name) } else { self.hosts.is_empty() || named }
    }

    fn origin_allowed(&self, origin: &str) -> bool {
        if self.shares_with(origin) {
            return true;
        }
        if !self.loopback {
            // Tokens are not sent by browsers of their own accord, so a foreign page has nothing to abuse.
            return self.origins.is_empty();
        }
        let host = ["http://", "https://"].iter().find_map(|scheme| origin.strip_prefix(scheme));
        host.is_some_and(|host| {
            let name = without_port(host);
            is_this_machine(name) || self.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name))
        })
    }
}

/// The token of `Authorization: Bearer`, of the header that shippers of sessions use, or, for what only reads, of
/// `?token=`: an `EventSource` cannot set headers.
fn given_token(access: Access, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned())
    });
    let shipped = || headers.get("x-agents-token").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let asked = || match access {
        Access::Read => Query::of(uri).first("token").map(str::to_owned),
        Access::Open | Access::Write | Access::Agents { .. } => None,
    };
    match access {
        Access::Agents { .. } => shipped().or(bearer),
        _ => bearer.or_else(shipped).or_else(asked),
    }
}

fn without_port(host: &str) -> &str {
    match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    }
}

fn is_this_machine(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    // RFC 6761: whatever ends in .localhost is loopback, and no public name server answers for it.
    name.eq_ignore_ascii_case("localhost")
        || name.to_ascii_lowercase().ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (header::HeaderName::try_from(*name).unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn check(guard: &Guard, access: Access, pairs: &[(&str, &str)], uri: &str) -> Result<(), Refusal> {
        guard.check(access, &headers(pairs), &uri.parse().unwrap()).map(|_| ())
    }

    #[test]
    fn on_loopback_only_names_and_pages_of_this_machine_pass() {
        let guard = Guard { loopback: true, ..Guard::default() };
        for host in ["localhost:3142", "127.0.0.1", "127.8.8.8:1", "[::1]:3142", "LocalHost.", "app.localhost"] {
            assert_eq!(check(&guard, Access::Write, &[("host", host)], "/"), Ok(()), "{host}");
        }
        for host in ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:3142", "10.0.0.1", "[::2]", ""] {
            assert_eq!(check(&guard, Access::Open, &[("host", host)], "/"), Err(Refusal::Host), "{host}");
        }
        assert_eq!(check(&guard, Access::Open, &[("host", "localhost")], "http://evil.example/"), Err(Refusal::Host));
        for origin in ["http://localhost:5173", "https://127.0.0.1", "http://[::1]:80"] {
            assert_eq!(check(&guard, Access::Write, &[("origin", origin)], "/"), Ok(()), "{origin}");
        }
        for origin in ["https://evil.example", "null", "http://localhost.evil.example", "file://", "", "localhost"] {
            assert_eq!(check(&guard, Access::Read, &[("origin", origin)], "/"), Err(Refusal::Origin), "{origin}");
        }
    }

    #[test]
    fn allow_lists_add_names_and_pages() {
        let guard = Guard {
            loopback: true,
            origins: vec!["https://board.example".into()],
            hosts: vec!["box.lan".into()],
            ..Guard::default()
        };
        let pass = [("host", "Box.Lan:3142"), ("origin", "https://board.example")];
        assert_eq!(check(&guard, Access::Write, &pass, "/"), Ok(()));
        assert!(guard.shares_with("https://board.example") && !guard.shares_with("http://localhost:1"));
        let guard = Guard { loopback: false, ..guard };
        assert_eq!(check(&guard, Access::Write, &[("host", "other.lan")], "/"), Err(Refusal::Host));
    }

    #[test]
    fn shippers_have_a_token_of_their_own_that_opens_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("device-token");
        std::fs::write(&file, "ship\n").unwrap();
        let mut guard = Guard { loopback: true, agents: Some(format!("file:{}", file.display())), ..Guard::default() };
        let (ship, look) = (Access::Agents { reading: false }, Access::Agents { reading: true });
        let token = |token| [("x-agents-token", token)];
        for access in [ship, look] {
            assert_eq!(check(&guard, access, &token("ship"), "/"), Ok(()));
            assert_eq!(check(&guard, access, &[("authorization", "Bearer ship")], "/"), Ok(()));
            assert_eq!(check(&guard, access, &token("w"), "/"), Err(Refusal::Token));
            assert_eq!(check(&guard, access, &[], "/"), Err(Refusal::Token));
        }
        assert_eq!(check(&guard, Access::Write, &[], "/"), Ok(()), "others are not asked");
        guard.write.add("w");
        guard.read.add("r");
        assert_eq!(check(&guard, ship, &token("w"), "/"), Ok(()));
        assert_eq!(check(&guard, ship, &token("r"), "/"), Err(Refusal::Token));
        assert_eq!(check(&guard, look, &token("r"), "/"), Ok(()));
        assert_eq!(check(&guard, Access::Write, &token("ship"), "/"), Err(Refusal::Token));
        std::fs::write(&file, "another").unwrap();
        assert_eq!(check(&guard, ship, &token("ship"), "/"), Err(Refusal::Token));
        assert_eq!(check(&guard, ship, &token("another"), "/"), Ok(()));
        std::fs::remove_file(&file).unwrap();
        assert_eq!(check(&guard, ship, &token("another"), "/"), Err(Refusal::Token));
        assert_eq!(check(&guard, ship, &token("w"), "/"), Ok(()));
    }

    #[test]
    fn tokens_separate_readers_from_writers() {
        let mut guard = Guard { loopback: true, ..Guard::default() };
        guard.write.add("w");
        guard.read.add("r");
        let bearer = |token| [("authorization", token)];
        assert_eq!(check(&guard, Access::Write, &bearer("Bearer w"), "/"), Ok(()));
        assert_eq!(check(&guard, Access::Write, &bearer("bearer  w"), "/"), Ok(()));
        assert_eq!(check(&guard, Access::Write, &[("x-agents-token", "w")], "/"), Ok(()));
        assert_eq!(check(&guard, Access::Write, &bearer("Bearer r"), "/"), Err(Refusal::Token));
        assert_eq!(check(&guard, Access::Read, &bearer("Bearer w"), "/"), Err(Refusal::Token));
        assert_eq!(check(&guard, Access::Read, &[], "/api/stream?a=1&token=r"), Ok(()));
        assert_eq!(check(&guard, Access::Write, &[], "/api/events?token=w"), Err(Refusal::Token));
        assert_eq!(check(&guard, Access::Open, &[], "/"), Ok(()));
    }
}
