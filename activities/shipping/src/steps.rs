//! What each activity does, as plain functions: no async, no Temporal.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use contracts::{
    errors::ErrorType,
    shared::Warning,
    shipping::{
        DiscoverSessionsInput, DiscoverSessionsOutput, RecoverGapsOutput, ReplaySpoolInput, ReplaySpoolOutput,
        ShipBatchInput, ShipBatchOutput, ShipScope, ShippingStatusOutput, SpoolCounts,
    },
};
use kit::{AllowedRoots, Failure, Job, WorkError, WorkResult, peak_rss_bytes};

use crate::{
    config::Config,
    engine::{Control, Engine, Error, ErrorKind, Hold, HoldReason, Lane, Progress, Scope, ShipReport},
    timestamp::Timestamp,
};

/// What the activities work with.
#[derive(Debug)]
pub struct Settings {
    config: Config,
    roots: AllowedRoots,
    engine: Mutex<Option<Arc<Engine>>>,
}

impl Settings {
    /// For sessions as `config` says. An input may name paths inside of `roots` only.
    pub fn new(config: Config, roots: AllowedRoots) -> Self {
        Self { config, roots, engine: Mutex::new(None) }
    }

    /// What it was made with.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The engine, which holds the database alone from the first time it is asked for until the process ends. A daemon that has
    /// the database now may be gone at the next attempt, so that is no reason for a worker not to start.
    fn engine(&self) -> Result<Arc<Engine>, Failure> {
        let mut engine = self.engine.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(engine) = &*engine {
            return Ok(engine.clone());
        }
        let opened = Arc::new(Engine::open(self.config.clone()).map_err(failure)?);
        Ok(engine.insert(opened).clone())
    }

    fn scope(&self, paths: Option<&[String]>, providers: Option<&[String]>) -> Result<Scope, Failure> {
        let scope = match paths {
            None => Scope::new(),
            Some(paths) => {
                let checked: Result<_, _> = paths.iter().map(|path| self.checked(Path::new(path))).collect();
                Scope::paths(checked?)
            }
        };
        Ok(scope.with_providers(providers.map(<[String]>::to_vec)))
    }

    fn checked(&self, path: &Path) -> Result<PathBuf, Failure> {
        if path.is_dir() {
            return self.roots.folder(path);
        }
        self.roots.open_file(path).map(|_| path.to_owned())
    }
}

/// Finds the session files.
///
/// # Errors
/// A path that is no session or may not be read, or the database's errors.
pub fn discover_sessions<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &DiscoverSessionsInput,
) -> WorkResult<DiscoverSessionsOutput> {
    job.progress("discover", 0, 0, "files");
    let scope = settings.scope(input.paths.as_deref(), input.providers.as_deref())?;
    let found = settings.engine()?.discover(&scope).map_err(failure)?;
    job.proceed()?;
    Ok(DiscoverSessionsOutput {
        files: found.files,
        bytes: found.bytes,
        new_files: found.new_files,
        new_bytes: found.new_bytes,
        by_provider: found.by_provider.into_iter().map(|(name, sources)| (name, sources.files)).collect(),
        warnings: warnings("discovery", found.warnings),
    })
}

/// Ships what is new. `resume` is what attempts before this one have shipped of the same call.
///
/// # Errors
/// Why the server takes nothing now, or for good; a path that may not be read; the database's errors; an interruption. What the
/// server has taken is remembered in any case.
pub fn ship_batch(
    job: &Job<ShipBatchOutput>,
    settings: &Settings,
    input: &ShipBatchInput,
    resume: Option<ShipBatchOutput>,
) -> WorkResult<ShipBatchOutput> {
    let paths = match &input.scope {
        ShipScope::Everything(_) => None,
        ShipScope::Paths(paths) => Some(paths.as_slice()),
    };
    let before = resume.unwrap_or_default();
    let left = input.max_bytes.map(|bytes| bytes.saturating_sub(before.source_bytes));
    let scope = settings.scope(paths, input.providers.as_deref())?.with_max_bytes(left);
    let report = settings.engine()?.ship(&scope, Lane::Backfill, &Watched { job, phase: "ship" }).map_err(failure)?;
    let hold = report.hold.clone();
    let done = left == Some(0) || report.remaining_bytes == 0;
    let output = sum(before, report);
    // A later attempt adds to it: what this one shipped is not shipped again.
    job.checkpoint(output.clone());
    job.proceed()?;
    match hold {
        Some(hold) if !done => Err(held(settings, &hold).into()),
        _ => Ok(output),
    }
}

/// Ships what the spool holds.
///
/// # Errors
/// As [`ship_batch`].
pub fn replay_spool(
    job: &Job<ReplaySpoolOutput>,
    settings: &Settings,
    input: &ReplaySpoolInput,
    resume: Option<ReplaySpoolOutput>,
) -> WorkResult<ReplaySpoolOutput> {
    let before = resume.unwrap_or_default();
    let limit = input.limit.map(|limit| limit.saturating_sub(before.replayed));
    let report = settings.engine()?.replay(limit, &Watched { job, phase: "replay" }).map_err(failure)?;
    let output = ReplaySpoolOutput {
        replayed: before.replayed + report.replayed,
        events: before.events + report.events,
        pending: report.pending,
        dead: report.dead,
    };
    job.checkpoint(output.clone());
    job.proceed()?;
    match report.hold {
        Some(hold) if report.pending > 0 && limit != Some(0) => Err(held(settings, &hold).into()),
        _ => Ok(output),
    }
}

/// Spools what an ended process had taken up and not shipped.
///
/// # Errors
/// The database's errors.
pub fn recover_gaps<C: Send + Sync>(job: &Job<C>, settings: &Settings) -> WorkResult<RecoverGapsOutput> {
    job.progress("recover", 0, 0, "files");
    let recovery = settings.engine()?.recover_gaps().map_err(failure)?;
    Ok(RecoverGapsOutput { gaps: recovery.gaps, enqueued: recovery.enqueued })
}

/// Tells what is shipped and what is not.
///
/// # Errors
/// The database's errors.
pub fn shipping_status<C: Send + Sync>(job: &Job<C>, settings: &Settings) -> WorkResult<ShippingStatusOutput> {
    job.progress("status", 0, 0, "files");
    let status = Engine::status(&settings.config).map_err(failure)?;
    Ok(ShippingStatusOutput {
        tracked: status.tracked,
        bytes_behind: status.bytes_behind,
        oldest_unacked: status.oldest_unacked.map(|moment| moment.to_string()),
        spool: SpoolCounts { pending: status.spool.pending, dead: status.spool.dead },
        quarantined: status.quarantined,
        last_error: status.last_error.map(|error| error.message),
        warnings: warnings("status", status.warnings),
    })
}

/// An activity's job as the engine sees its caller.
struct Watched<'a, C> {
    job: &'a Job<C>,
    phase: &'static str,
}

impl<C: Send + Sync> Control for Watched<'_, C> {
    fn proceed(&self) -> bool {
        self.job.stopped().is_none()
    }

    fn progress(&self, progress: &Progress) {
        let phase = format!("{}, {} of {} files", self.phase, progress.files, progress.files_total);
        self.job.progress(&phase, progress.bytes, progress.bytes_total, "bytes");
    }
}

fn sum(before: ShipBatchOutput, report: ShipReport) -> ShipBatchOutput {
    let mut all = before.warnings;
    all.extend(warnings("ship", report.warnings));
    ShipBatchOutput {
        files: before.files + report.files,
        source_bytes: before.source_bytes + report.source_bytes,
        events: before.events + report.events,
        batches: before.batches + report.batches,
        acknowledged: before.acknowledged + report.acknowledged,
        spooled: before.spooled + report.spooled,
        quarantined: before.quarantined + report.quarantined,
        compressed_bytes: before.compressed_bytes + report.compressed_bytes,
        remaining_bytes: report.remaining_bytes,
        ms: before.ms + report.ms,
        peak_rss_bytes: peak_rss_bytes(),
        warnings: all,
    }
}

fn warnings(code: &str, messages: Vec<String>) -> Vec<Warning> {
    let count = u64::try_from(messages.len()).unwrap_or(u64::MAX);
    messages.into_iter().take(1).map(|message| Warning { code: code.to_owned(), message, count }).collect()
}

/// Why nothing can be sent now, as the failure that makes Temporal try again at the right time.
fn held(settings: &Settings, hold: &Hold) -> Failure {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
    let error = hold.to_error(&settings.config.url, Timestamp(i64::try_from(now).unwrap_or(i64::MAX)));
    let mut failure = failure(error);
    if hold.reason == HoldReason::Offline {
        // The policy's own growing delays are shorter than the engine's, and an attempt here is one probe.
        failure.retry_after = None;
    }
    failure
}

fn failure(error: Error) -> Failure {
    let error_type = match error.kind {
        ErrorKind::InvalidInput => ErrorType::InvalidInput,
        ErrorKind::NotFound => ErrorType::NotFound,
        ErrorKind::PermissionDenied => ErrorType::PermissionDenied,
        ErrorKind::Conflict => ErrorType::Conflict,
        ErrorKind::DiskFull => ErrorType::DiskFull,
        ErrorKind::StoreUnavailable => ErrorType::StoreUnavailable,
        ErrorKind::AuthRejected => ErrorType::AuthRejected,
        ErrorKind::NetworkUnavailable => ErrorType::NetworkUnavailable,
        ErrorKind::RateLimited => ErrorType::RateLimited,
        ErrorKind::RemoteRejected => ErrorType::RemoteRejected,
    };
    Failure { retry_after: error.retry_after, ..Failure::new(error_type, error.what, error.place, error.hint) }
}

impl From<Error> for WorkError {
    fn from(error: Error) -> Self {
        Self::Failed(failure(error))
    }
}
