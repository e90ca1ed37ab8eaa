//! Sessions shipped: batches in parallel, acknowledged in order; replay, recovery, status.
//!
//! ```text
//! discover ─ what is new ─┬─ thread: read, parse, compress ─ upload ─┬─ outcomes in order of the file ─ one transaction
//!                         └─ thread: the next batch of the same file ┘   (offsets move only after the server's yes)
//! ```
//!
//! Every call blocks and may be made from any thread, several at once; a claim on each path keeps two of them off one file.

mod apply;
mod bodies;
mod claims;
mod clock;
mod control;
mod copies;
mod deliver;
mod dry_run;
mod error;
mod excluded;
pub(crate) mod identity;
mod limit;
mod opening;
mod replay;
mod report;
mod reset;
mod run;
mod scratch;
mod ship;
mod sources;
mod split;
mod status;
mod step;
mod whole;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

pub use clock::{Clock, SystemClock};
pub use control::{Control, Progress, Unattended};
pub use error::{Error, ErrorKind};
pub use report::{
    Discovery, DryRunReport, Hold, HoldReason, LastError, Quarantined, Recovery, ReplayReport, ResetReport, ShipReport,
    Sources, SpoolCounts, Status, Throughput,
};

use crate::batch::Options;
use crate::config::{Config, address};
use crate::provider::Provider;
use crate::state::{Database, Lock, legacy};
use crate::upload::{Client, Gate, Pace};

/// Which sources a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Everything new, or named files.
    pub sources: ScopeSources,
    /// Stop after about so many bytes of source; the batch that passes it is still shipped.
    pub max_bytes: Option<u64>,
    /// Only these of the configured providers, by name. `None`: all of them.
    pub providers: Option<Vec<String>>,
}

/// The sources of a [`Scope`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeSources {
    /// Everything new under the providers' folders.
    New,
    /// These files, or what is new of them. A file under no provider's folder is an error of the call.
    Paths(Vec<PathBuf>),
}

impl Scope {
    /// Everything new.
    pub fn new() -> Self {
        Self { sources: ScopeSources::New, max_bytes: None, providers: None }
    }

    /// What is new of these files.
    pub fn paths(paths: Vec<PathBuf>) -> Self {
        Self { sources: ScopeSources::Paths(paths), max_bytes: None, providers: None }
    }

    /// The same, with an end after about so many bytes.
    #[must_use]
    pub fn with_max_bytes(mut self, bytes: Option<u64>) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The same, of these providers only.
    #[must_use]
    pub fn with_providers(mut self, names: Option<Vec<String>>) -> Self {
        self.providers = names;
        self
    }
}

impl Default for Scope {
    fn default() -> Self {
        Self::new()
    }
}

/// In which order sources are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Newest change first: someone is at work in it.
    Live,
    /// Largest first, so that no large file is left alone at the end.
    Backfill,
}

/// What [`Engine::reset`] forgets or brings back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reset {
    /// Everything: all sources are shipped anew from their start. Servers drop what they have.
    All,
    /// One source, shipped anew from its start.
    File(PathBuf),
    /// Ranges that the server refused are spooled again.
    Quarantined,
    /// Ranges that were given up are spooled again.
    Dead,
}

/// The engine over one database, which it holds alone while it lives.
#[derive(Debug)]
pub struct Engine {
    config: Config,
    clock: Arc<dyn Clock>,
    options: Options,
    providers: Vec<&'static dyn Provider>,
    excluded: excluded::Excluded,
    database: Database,
    client: Client,
    gate: Gate,
    pace: Pace,
    limit: limit::BatchLimit,
    claims: claims::Claims,
    /// What the gaps of an earlier run came to, once they are closed. Nothing is shipped before.
    recovered: Mutex<Option<Recovery>>,
    warnings: Vec<String>,
    _lock: Lock,
}

impl Engine {
    /// Opens or creates the database and takes the exclusive lock beside it.
    ///
    /// # Errors
    ///
    /// `Conflict` when another process holds the lock (its process id is in the message), `InvalidInput` for a configuration that
    /// cannot work, `StoreUnavailable` for a database that is damaged or not one (it is left as it is), `DiskFull`,
    /// `PermissionDenied`.
    pub fn open(config: Config) -> Result<Self, Error> {
        Self::open_with_clock(config, Arc::new(SystemClock))
    }

    /// The same with a clock of the caller's: tests need not wait.
    ///
    /// # Errors
    ///
    /// As [`Engine::open`].
    pub fn open_with_clock(mut config: Config, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        config.url = address::checked(&config.url)?;
        let providers = sources::providers(&config)?;
        let excluded = excluded::Excluded::new(&config.excluded_projects)?;
        let client = Client::new(&config, clock.clone())?;
        if let Some(folder) = config.database.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                let place = folder.display().to_string();
                let hint = "make the folder, or give another place for the database";
                Error::new(
                    ErrorKind::PermissionDenied,
                    format!("the folder of the state cannot be made: {error}"),
                    place,
                    hint,
                )
            })?;
        }
        let lock = Lock::take(&config.database)?;
        let database = Database::open(&config.database)?;
        let legacy = config.homes.claude.join(legacy::NAME);
        let warnings: Vec<_> = database.import_legacy(&legacy, clock.now())?.into_iter().collect();
        let gate = Gate::new(config.max_wait, database.books()?.hold);
        database.note_hold(gate.hold().as_ref())?;
        Ok(Self {
            options: options(&config),
            providers,
            excluded,
            client,
            gate,
            pace: Pace::new(config.max_mbps),
            limit: limit::BatchLimit::new(config.batch_bytes),
            claims: claims::Claims::default(),
            recovered: Mutex::new(None),
            warnings,
            database,
            clock,
            config,
            _lock: lock,
        })
    }

    /// The configuration it was opened with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Ranges that an interrupted run queued and never settled are spooled. It is done before anything is shipped in any case; asked
    /// again, it answers the same.
    ///
    /// # Errors
    ///
    /// `StoreUnavailable`, `DiskFull`.
    pub fn recover_gaps(&self) -> Result<Recovery, Error> {
        let mut recovered = self.recovered.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(recovery) = *recovered {
            return Ok(recovery);
        }
        let recovery = self.database.recover_gaps(self.clock.now(), &sources::is_document)?;
        Ok(*recovered.insert(recovery))
    }

    /// What there is and what of it is new. Changes nothing.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a named path that is not there, `StoreUnavailable`.
    pub fn discover(&self, scope: &Scope) -> Result<Discovery, Error> {
        let found = sources::find(&self.config, &self.providers, scope)?;
        Ok(sources::new(found, &self.database.files()?, &self.excluded, Lane::Live).1)
    }

    /// Ships what is new. What the server does not take now is spooled or stays where it is: a server that is away, throttles or
    /// refuses the token is no error of this call, but a [`Hold`] in the report.
    ///
    /// # Errors
    ///
    /// `InvalidInput` for a named path that is not there, `StoreUnavailable`, `DiskFull`.
    pub fn ship(&self, scope: &Scope, lane: Lane, control: &dyn Control) -> Result<ShipReport, Error> {
        ship::ship(self, scope, lane, control)
    }

    /// Ships spooled ranges that are due, at most `limit` of them, each exactly as it was spooled.
    ///
    /// # Errors
    ///
    /// `StoreUnavailable`, `DiskFull`.
    pub fn replay(&self, limit: Option<u64>, control: &dyn Control) -> Result<ReplayReport, Error> {
        replay::replay(self, limit, control)
    }

    /// What holds all uploads back now, if anything does. Watchers ask before they wake the engine for each change.
    pub fn hold(&self) -> Option<Hold> {
        self.gate.hold()
    }

    /// Forgets offsets, or brings back what was given up.
    ///
    /// # Errors
    ///
    /// `NotFound` for a file that is not tracked, `Conflict` when it is being shipped, `StoreUnavailable`, `DiskFull`.
    pub fn reset(&self, reset: &Reset) -> Result<ResetReport, Error> {
        reset::reset(self, reset)
    }

    /// The state of affairs. Takes no lock and changes nothing, so it works beside a running daemon, and where there is no database
    /// yet.
    ///
    /// # Errors
    ///
    /// `StoreUnavailable` for a database that cannot be read.
    pub fn status(config: &Config) -> Result<Status, Error> {
        status::status(config, &SystemClock)
    }

    /// The same at a moment of the caller's clock.
    ///
    /// # Errors
    ///
    /// As [`Engine::status`].
    pub fn status_with_clock(config: &Config, clock: &dyn Clock) -> Result<Status, Error> {
        status::status(config, clock)
    }
}

/// Does everything that [`Engine::ship`] does except sending and remembering. Nothing at all changes on the disk: no database, no
/// lock and no journal is made.
///
/// # Errors
///
/// `InvalidInput` for a named path that is not there, `StoreUnavailable` for a database that cannot be read.
pub fn dry_run(config: &Config, scope: &Scope, control: &dyn Control) -> Result<DryRunReport, Error> {
    dry_run::dry_run(config, scope, control)
}

/// What every body is made with.
fn options(config: &Config) -> Options {
    Options {
        device_id: config.device_id.clone(),
        redactor: config.redactor.clone(),
        cut_media: config.cut_media,
        omit_raw: false,
    }
}
