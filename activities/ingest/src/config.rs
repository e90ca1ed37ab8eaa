//! The variables of the service. `GANTRY_INGEST_*` wins over the older `AGENTMONITOR_*`; a value that cannot be read or is
//! below its least counts as unset.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use crate::{
    event::Limits,
    lifecycle::Timeouts,
    prices::{BadTable, Prices},
    store::{Durability, Settings},
};

/// Everything that the variables say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `HOST`, 127.0.0.1.
    pub host: IpAddr,
    /// `PORT`, 3142.
    pub port: u16,
    /// `DB_PATH`; absent: `ingest.db` in the state folder.
    pub db_path: Option<PathBuf>,
    /// `GANTRY_INGEST_SESSIONS_DB`: the store of shipped sessions; absent: `sessions.db` beside the events.
    pub sessions_db: Option<PathBuf>,
    /// `GANTRY_INGEST_AGENTS_PER_MINUTE`: events that one device may ship in a minute; 0 is no limit.
    pub agents_per_minute: u32,
    /// `MAX_PAYLOAD_KB`, 10.
    pub max_payload_kb: u64,
    /// `SESSION_TIMEOUT` in minutes, 5, at least 1.
    pub session_timeout: u64,
    /// `MAX_FEED`, 200, at least 1: events that a page shows.
    pub max_feed: u64,
    /// `STATS_INTERVAL` in milliseconds, 5,000, at least 250.
    pub stats_interval: Duration,
    /// `MAX_SSE_CLIENTS`, 50, at least 1.
    pub max_sse_clients: usize,
    /// `SSE_HEARTBEAT_MS`, 30,000, at least 1,000.
    pub sse_heartbeat: Duration,
    /// `AUTO_IMPORT_MINUTES`, 10; 0 is off.
    pub auto_import_minutes: u64,
    /// `PROJECTS_DIR`; unset: no git branch is looked up.
    pub projects_dir: Option<PathBuf>,
    /// `GANTRY_INGEST_DURABILITY`: normal or full.
    pub durability: Durability,
    /// `GANTRY_INGEST_MAX_BODY_BYTES`, 1 MiB, at least 1,024: after decompression.
    pub max_body_bytes: usize,
    /// `GANTRY_INGEST_MAX_DB_BYTES`: what the file may grow to.
    pub max_db_bytes: Option<u64>,
    /// `GANTRY_MODEL_PRICES`: a price table instead of the one that comes with the program.
    pub model_prices: Option<PathBuf>,
}

impl Config {
    /// Reads the environment of the process.
    pub fn from_env() -> Self {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through a function.
    pub fn from_lookup(variable: impl Fn(&str) -> Option<String>) -> Self {
        let either = |name: &str| {
            ["GANTRY_INGEST_", "AGENTMONITOR_"]
                .iter()
                .filter_map(|prefix| variable(&format!("{prefix}{name}")))
                .find(|value| !value.trim().is_empty())
        };
        let number = |name: &str, default: u64, least: u64| {
            either(name).and_then(|text| leading_integer(&text)).filter(|value| *value >= least).unwrap_or(default)
        };
        let count =
            |name: &str, default: u64, least: u64| usize::try_from(number(name, default, least)).unwrap_or(usize::MAX);
        Self {
            host: either("HOST").and_then(|host| address(&host)).unwrap_or(IpAddr::from([127, 0, 0, 1])),
            port: u16::try_from(number("PORT", 3142, 1)).unwrap_or(3142),
            db_path: either("DB_PATH").map(PathBuf::from),
            sessions_db: either("SESSIONS_DB").map(PathBuf::from),
            agents_per_minute: u32::try_from(number("AGENTS_PER_MINUTE", 0, 0)).unwrap_or(u32::MAX),
            max_payload_kb: number("MAX_PAYLOAD_KB", 10, 0),
            session_timeout: number("SESSION_TIMEOUT", 5, 1),
            max_feed: number("MAX_FEED", 200, 1),
            stats_interval: Duration::from_millis(number("STATS_INTERVAL", 5000, 250)),
            max_sse_clients: count("MAX_SSE_CLIENTS", 50, 1),
            sse_heartbeat: Duration::from_millis(number("SSE_HEARTBEAT_MS", 30_000, 1000)),
            auto_import_minutes: number("AUTO_IMPORT_MINUTES", 10, 0),
            projects_dir: either("PROJECTS_DIR").map(PathBuf::from),
            durability: match either("DURABILITY").as_deref() {
                Some("full") => Durability::Full,
                _ => Durability::Normal,
            },
            max_body_bytes: count("MAX_BODY_BYTES", 1024 * 1024, 1024),
            max_db_bytes: either("MAX_DB_BYTES").and_then(|text| leading_integer(&text)).filter(|bytes| *bytes > 0),
            model_prices: variable("GANTRY_MODEL_PRICES").filter(|path| !path.is_empty()).map(PathBuf::from),
        }
    }

    /// Where shipped sessions are kept, beside a database of events.
    pub fn sessions_path(&self, events: &Path) -> PathBuf {
        self.sessions_db.clone().unwrap_or_else(|| events.with_file_name("sessions.db"))
    }

    /// The cap of metadata.
    pub fn limits(&self) -> Limits {
        Limits { metadata_bytes: usize::try_from(self.max_payload_kb.saturating_mul(1024)).unwrap_or(usize::MAX) }
    }

    /// What the store is opened with.
    ///
    /// # Errors
    /// When a price table is named and cannot be read.
    pub fn store_settings(&self) -> Result<Settings, BadTable> {
        let prices = match &self.model_prices {
            Some(file) => Prices::read(file)?,
            None => Prices::default(),
        };
        Ok(Settings {
            durability: self.durability,
            timeouts: Timeouts { session_minutes: self.session_timeout, auto_import_minutes: self.auto_import_minutes },
            prices: Arc::new(prices),
            projects_dir: self.projects_dir.clone(),
            max_bytes: self.max_db_bytes,
            ..Settings::default()
        })
    }
}

/// An address, or the name that everyone gives to the loopback one.
fn address(host: &str) -> Option<IpAddr> {
    match host.trim() {
        "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
        host => host.trim_start_matches('[').trim_end_matches(']').parse().ok(),
    }
}

/// The number that a text begins with, as `parseInt` reads it: `12abc` is 12.
fn leading_integer(text: &str) -> Option<u64> {
    let text = text.trim_start();
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}
