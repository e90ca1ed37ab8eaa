//! What the engine is told: folders, address, token, limits.

pub(crate) mod address;
pub mod settings;
mod token;
mod user;

use std::path::PathBuf;
use std::time::Duration;

pub use token::{Secret, TokenSource};

use crate::redaction::Redactor;

/// Source bytes of one batch, unless it is told otherwise: 5 MiB, as the older daemon.
pub const BATCH_BYTES: u64 = 5 * 1024 * 1024;

/// Address of the server where nothing else is said.
pub const DEFAULT_URL: &str = "http://localhost:8080";

/// Where agents keep their sessions. Nothing here is read from the environment; [`Homes::of_user`] does that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Homes {
    /// `CLAUDE_CONFIG_DIR`, else `~/.claude`: sessions of Claude, and the older daemon's database, address and token.
    pub claude: PathBuf,
    /// `CODEX_HOME`, else `~/.codex`.
    pub codex: PathBuf,
    /// `~/.gemini`.
    pub gemini: PathBuf,
}

impl Homes {
    /// The three folders under one home folder, without a look at the environment.
    pub fn under(home: &std::path::Path) -> Self {
        Self { claude: home.join(".claude"), codex: home.join(".codex"), gemini: home.join(".gemini") }
    }
}

/// How bodies are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EncodingChoice {
    /// Always gzip, at a libdeflate level of 1 to 12. Every server takes it.
    Gzip(u8),
    /// zstd at a level of 1 to 19; gzip level 1 for as long as the server answers 415.
    Zstd(u8),
    /// zstd where the server says that it takes it (`Accept-Encoding` on its answers), else gzip.
    Auto {
        /// Level of gzip.
        gzip: u8,
        /// Level of zstd.
        zstd: u8,
    },
}

impl Default for EncodingChoice {
    fn default() -> Self {
        Self::Gzip(1)
    }
}

/// Everything that the engine is told. Made by [`Config::new`] or, from the older daemon's files and variables, by
/// [`Config::of_user`]; the fields are then set freely and checked by [`Engine::open`](crate::engine::Engine::open).
#[derive(Debug, Clone)]
pub struct Config {
    /// Where agents keep their sessions.
    pub homes: Homes,
    /// Address of the server, without a trailing slash and without credentials in it.
    pub url: String,
    /// Where the token comes from; it is resolved anew at each attempt.
    pub token: TokenSource,
    /// The SQLite database. The lock lies beside it, with `.lock` added to its name.
    pub database: PathBuf,
    /// Threads that read, parse and compress. At least 1.
    pub workers: usize,
    /// Requests in flight at once. At least 1.
    pub uploads: usize,
    /// Source bytes of one batch; a batch is at least one line, however long.
    pub batch_bytes: u64,
    /// How bodies are compressed.
    pub encoding: EncodingChoice,
    /// At most so many megabytes (1e6 bytes) of compressed bodies a second.
    pub max_mbps: Option<f64>,
    /// Only these providers, by name. `None`: all.
    pub providers: Option<Vec<String>>,
    /// Globs over a session's project name or working folder; what matches is never read further nor shipped.
    pub excluded_projects: Vec<String>,
    /// Takes secrets out before anything leaves the machine.
    pub redactor: Redactor,
    /// Whether inline media is replaced by a placeholder.
    pub cut_media: bool,
    /// Whether sources that are not yet acknowledged are kept (a hard link, else a copy) beside the database when their owner is
    /// about to clean them up.
    pub keep_copies: bool,
    /// What the server calls this machine; `shipper-<host name>` unless told otherwise.
    pub device_id: String,
    /// Longest time for one request with its answer.
    pub timeout: Duration,
    /// Longest time for a connection to be made.
    pub connect_timeout: Duration,
    /// Attempts for one body when the server throttles (429, 503) or fails (408, 425, 5xx), before its range is spooled.
    pub attempts: u32,
    /// Longest time that a call waits for a throttling server; a longer one ends the call with a hold.
    pub max_wait: Duration,
}

impl Config {
    /// A configuration with defaults for all that is not given. Reads nothing.
    pub fn new(homes: Homes, url: impl Into<String>, token: TokenSource, database: impl Into<PathBuf>) -> Self {
        Self {
            homes,
            url: url.into(),
            token,
            database: database.into(),
            workers: std::thread::available_parallelism().map_or(2, std::num::NonZero::get),
            uploads: 4,
            batch_bytes: BATCH_BYTES,
            encoding: EncodingChoice::default(),
            max_mbps: None,
            providers: None,
            excluded_projects: Vec::new(),
            redactor: Redactor::off(),
            cut_media: false,
            keep_copies: false,
            device_id: format!("shipper-{}", user::host_name()),
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            attempts: 3,
            max_wait: Duration::from_secs(60),
        }
    }
}
