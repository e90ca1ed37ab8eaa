//! What the service is told beside [`crate::config`]: who may speak to it, how much, and what is blacked out.

use std::{net::IpAddr, time::Duration};

use super::{
    guard::{Guard, Tokens},
    redact::Redaction,
    secret,
};
use crate::config::Config;

/// Something that is set and cannot be served with. The service does not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}; {hint}")]
pub struct BadSetting {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub hint: String,
}

impl BadSetting {
    fn new(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { what: what.into(), hint: hint.into() }
    }
}

/// Times and sizes within which a connection has to keep.
#[derive(Debug, Clone)]
pub struct Limits {
    /// `GANTRY_INGEST_MAX_CONNECTIONS`, 1,024: when all are taken, the one that has been idle for the longest is closed.
    pub connections: usize,
    /// For the head of a request, and for the next request of a connection.
    pub head: Duration,
    /// Between two pieces of a body.
    pub body_idle: Duration,
    /// For a whole body, but of the streaming route.
    pub body: Duration,
    /// In which a client that takes nothing blocks what is written to it.
    pub write_stall: Duration,
    /// Which connections get to end by themselves at shutdown.
    pub grace: Duration,
    /// Bytes of the lines and headers of a request.
    pub head_bytes: usize,
    /// Bytes of an OTLP body after inflating: 5 MiB, as the existing server has it.
    pub otlp_bytes: usize,
    /// Bytes that must be free on the disk for `/ready`.
    pub free_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 1_024,
            head: Duration::from_secs(30),
            body_idle: Duration::from_secs(15),
            body: Duration::from_secs(60),
            write_stall: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            head_bytes: 64 * 1024,
            otlp_bytes: 5 * 1024 * 1024,
            free_bytes: 64 * 1024 * 1024,
        }
    }
}

/// The settings of the HTTP service.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Tokens and allow lists.
    pub guard: Guard,
    /// `GANTRY_INGEST_RATE_PER_TOKEN`: events a second of each token (of all together when there are none); 0 is off.
    pub rate_per_token: u32,
    /// `GANTRY_INGEST_RATE_PER_SESSION`: events a second of each session; 0 is off.
    pub rate_per_session: u32,
    /// What is blacked out in metadata.
    pub redaction: Redaction,
    /// Times and sizes.
    pub limits: Limits,
}

impl HttpSettings {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// See [`HttpSettings::from_lookup`].
    pub fn from_env(config: &Config) -> Result<Self, BadSetting> {
        Self::from_lookup(config, |name| std::env::var(name).ok())
    }

    /// Reads variables through a function.
    ///
    /// # Errors
    /// A token that is no reference or cannot be read, a pattern that is no regular expression, an address that other
    /// machines reach without tokens for writing and reading.
    pub fn from_lookup(config: &Config, variable: impl Fn(&str) -> Option<String>) -> Result<Self, BadSetting> {
        let list = |name: &str| -> Vec<String> {
            let value = variable(name).unwrap_or_default();
            value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
        };
        let number = |name: &str| variable(name).and_then(|value| value.trim().parse::<u32>().ok());
        let both = list("GANTRY_INGEST_TOKEN");
        let tokens = |name: &str| -> Result<Tokens, BadSetting> {
            let mut tokens = Tokens::default();
            for reference in list(name).iter().chain(&both) {
                let token = secret::resolve(reference)
                    .map_err(|what| BadSetting::new(what, "write env:NAME, or file: and an absolute path"))?;
                tokens.add(&token);
            }
            Ok(tokens)
        };
        let agents =
            variable("GANTRY_INGEST_AGENTS_TOKEN").map(|text| text.trim().to_owned()).filter(|r| !r.is_empty());
        if let Some(reference) = &agents {
            secret::resolve(reference).map_err(|what| {
                BadSetting::new(what, "write env:NAME, or file: and an absolute path, in GANTRY_INGEST_AGENTS_TOKEN")
            })?;
        }
        let loopback = is_loopback(config.host);
        let guard = Guard {
            write: tokens("GANTRY_INGEST_WRITE_TOKENS")?,
            read: tokens("GANTRY_INGEST_READ_TOKENS")?,
            agents,
            origins: list("GANTRY_INGEST_ALLOWED_ORIGINS"),
            hosts: list("GANTRY_INGEST_ALLOWED_HOSTS"),
            loopback,
        };
        let built_in = match variable("GANTRY_INGEST_REDACT").as_deref().map(str::trim) {
            Some("on" | "1" | "true") => true,
            Some("off" | "0" | "false") => false,
            _ => !loopback,
        };
        // One pattern a line: a comma may well stand in one.
        let patterns = variable("GANTRY_INGEST_REDACT_PATTERNS").unwrap_or_default();
        let patterns: Vec<String> =
            patterns.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
        let redaction = Redaction::new(built_in, &list("GANTRY_INGEST_REDACT_KEYS"), &patterns).map_err(|what| {
            BadSetting::new(what, "correct GANTRY_INGEST_REDACT_PATTERNS; it has one pattern a line")
        })?;
        let mut limits = Limits::default();
        if let Some(connections) = number("GANTRY_INGEST_MAX_CONNECTIONS").filter(|number| *number >= 8) {
            limits.connections = usize::try_from(connections).unwrap_or(usize::MAX);
        }
        let settings = Self {
            guard,
            rate_per_token: number("GANTRY_INGEST_RATE_PER_TOKEN").unwrap_or(0),
            rate_per_session: number("GANTRY_INGEST_RATE_PER_SESSION").unwrap_or(0),
            redaction,
            limits,
        };
        settings.check(config.host)?;
        Ok(settings)
    }

    /// The settings of a service on loopback, without tokens.
    pub fn local() -> Self {
        Self {
            guard: Guard { loopback: true, ..Guard::default() },
            rate_per_token: 0,
            rate_per_session: 0,
            redaction: Redaction::none(),
            limits: Limits::default(),
        }
    }

    /// Whether the service may listen on `host` with these tokens.
    ///
    /// # Errors
    /// Other machines reach the address, and writing or reading needs no token.
    pub fn check(&self, host: IpAddr) -> Result<(), BadSetting> {
        let open = match (self.guard.write.is_empty(), self.guard.read.is_empty()) {
            (true, true) => "writing and reading need",
            (true, false) => "writing needs",
            (false, true) => "reading needs",
            (false, false) => return Ok(()),
        };
        if is_loopback(host) {
            return Ok(());
        }
        Err(BadSetting::new(
            format!("{host} can be reached from other machines, and {open} no token"),
            "set GANTRY_INGEST_TOKEN (for both), or GANTRY_INGEST_WRITE_TOKENS and GANTRY_INGEST_READ_TOKENS, each a list \
             of references env:NAME or file:PATH; or listen on 127.0.0.1",
        ))
    }
}

fn is_loopback(host: IpAddr) -> bool {
    host.to_canonical().is_loopback()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(host: &str, variables: &[(&str, &str)]) -> Result<HttpSettings, BadSetting> {
        let config = Config { host: host.parse().unwrap(), ..Config::from_lookup(|_| None) };
        let found =
            |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        HttpSettings::from_lookup(&config, found)
    }

    #[test]
    fn other_machines_are_let_in_only_with_tokens_for_writing_and_reading() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        std::fs::write(&path, "t\n").unwrap();
        let reference = format!("file:{}", path.display());
        assert!(read("127.0.0.1", &[]).is_ok());
        assert!(read("::1", &[]).is_ok());
        for host in ["0.0.0.0", "::", "10.0.0.1"] {
            let error = read(host, &[]).unwrap_err().to_string();
            assert!(error.contains(host) && error.contains("GANTRY_INGEST_TOKEN"), "{error}");
            let half = read(host, &[("GANTRY_INGEST_WRITE_TOKENS", &reference)]).unwrap_err();
            assert!(half.what.ends_with("reading needs no token"), "{half}");
            let whole = read(host, &[("GANTRY_INGEST_TOKEN", &reference)]).unwrap();
            assert!(!whole.guard.loopback && !whole.redaction.is_empty());
        }
    }

    #[test]
    fn a_token_in_the_open_is_refused_and_not_repeated() {
        let error = read("127.0.0.1", &[("GANTRY_INGEST_TOKEN", "hunter2")]).unwrap_err().to_string();
        assert!(error.contains("env:NAME") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn redaction_is_off_on_loopback_unless_asked_for() {
        assert!(read("127.0.0.1", &[]).unwrap().redaction.is_empty());
        assert!(!read("127.0.0.1", &[("GANTRY_INGEST_REDACT", "on")]).unwrap().redaction.is_empty());
        assert!(!read("127.0.0.1", &[("GANTRY_INGEST_REDACT_KEYS", "pin")]).unwrap().redaction.is_empty());
        assert!(read("127.0.0.1", &[("GANTRY_INGEST_REDACT_PATTERNS", "(")]).is_err());
    }
}
