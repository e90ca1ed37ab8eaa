//! What each activity does, as plain functions: no async, no Temporal.

mod export;
mod failure;
mod import;
mod write;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};

use contracts::{
    errors::ErrorType,
    ingest::{SweepSessionsInput, SweepSessionsOutput},
};
use kit::{Failure, Files, Job, WorkResult};

pub use export::export_events;
pub use import::import_events;
pub use write::{Written, write_events};

use crate::{event::Limits, http::Redaction, store::Store, timestamp};

/// What the activities work with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The store of this process.
    pub store: Arc<Store>,
    /// Where an input may name files, and the blob store.
    pub files: Files,
    /// The cap of metadata.
    pub limits: Limits,
    /// What is blacked out in metadata.
    pub redaction: Redaction,
    /// A folder for files that are being made.
    pub scratch: PathBuf,
}

/// Makes sessions idle and ended in which nothing happened.
///
/// # Errors
/// `InvalidInput` for a time that cannot be read, and the store's errors.
pub fn sweep_sessions<C: Send + Sync>(
    job: &Job<C>,
    settings: &Settings,
    input: &SweepSessionsInput,
) -> WorkResult<SweepSessionsOutput> {
    job.progress("sweep", 0, 0, "sessions");
    let now = input.now.as_deref().map(|now| moment(now, "now")).transpose()?.map(time_of);
    let swept = settings.store.sweep(now).map_err(|error| failure::of_store(&error, settings.store.path()))?;
    Ok(SweepSessionsOutput { idled: swept.idled, ended: swept.ended })
}

/// Milliseconds since 1970 of a text that an input has in `field`.
fn moment(text: &str, field: &str) -> Result<i64, Failure> {
    timestamp::parse(text.trim()).ok_or_else(|| {
        let what = format!("{text:?} is no time");
        Failure::new(ErrorType::InvalidInput, what, field, "give one such as 2026-01-31T12:00:00Z")
    })
}

fn time_of(millis: i64) -> SystemTime {
    let away = Duration::from_millis(millis.unsigned_abs());
    let time =
        if millis < 0 { SystemTime::UNIX_EPOCH.checked_sub(away) } else { SystemTime::UNIX_EPOCH.checked_add(away) };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
