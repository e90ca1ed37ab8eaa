//! The state of affairs.

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use super::excluded::Excluded;
use super::{Clock, Error, Status, sources};
use crate::config::Config;
use crate::discovery;
use crate::provider::Layout;
use crate::state::{FileRow, Lock, Reading};
use crate::timestamp::Timestamp;

/// Days before its owner's clean-up after which a source that is not acknowledged is warned about.
const DAYS_BEFORE: i64 = 10;
/// Days for which Claude keeps sessions, unless its settings say otherwise.
const KEPT_DAYS: i64 = 30;
const DAY: i64 = 86_400 * 1_000_000;
/// Refused ranges that are listed.
const FEW: u64 = 10;

pub(super) fn status(config: &Config, clock: &dyn Clock) -> Result<Status, Error> {
    let reading = Reading::open(&config.database)?;
    let rows = reading.as_ref().map_or(Ok(HashMap::new()), Reading::files)?;
    let mut status = Status { tracked: u64::try_from(rows.len()).unwrap_or(u64::MAX), ..Status::default() };
    if let Some(reading) = &reading {
        let books = reading.books()?;
        (status.hold, status.last_error, status.throughput) = (books.hold, books.last_error, books.throughput);
        status.spool = reading.spool()?;
        (status.quarantined, status.lost, status.recent_quarantined) = reading.quarantine(FEW)?;
    }
    behind(config, &rows, clock.now(), &mut status)?;
    if status.spool.dead > 0 {
        let dead = status.spool.dead;
        status.warnings.push(format!(
            "{dead} spooled ranges were given up; they are tried again daily, and by a reset of the dead"
        ));
    }
    if status.lost > 0 {
        let lost = status.lost;
        status
            .warnings
            .push(format!("{lost} ranges were lost: their source was gone or changed before a server had them"));
    }
    if let Some(pid) = Lock::holder(&config.database) {
        (status.running, status.pid) = (true, pid);
    }
    Ok(status)
}

fn behind(config: &Config, rows: &HashMap<String, FileRow>, now: Timestamp, status: &mut Status) -> Result<(), Error> {
    let excluded = Excluded::new(&config.excluded_projects)?;
    let found = discovery::discover(&config.homes, &sources::providers(config)?);
    let limit = now.0.saturating_sub(warned_after(&config.homes.claude).saturating_mul(DAY));
    let (mut old, mut old_bytes) = (0_u64, 0_u64);
    for file in &found.files {
        let row = rows.get(&sources::key(&file.path));
        let acked = row.map_or(0, |row| row.acked);
        let unread = match (row, file.provider.layout()) {
            (Some(row), _) if row.excluded == Some(excluded.mark()) => 0,
            (Some(_), Layout::Document) if i64::try_from(acked).is_ok_and(|acked| acked >= file.modified.seconds()) => {
                0
            }
            (_, Layout::Document) => file.bytes,
            // Looked at up to its end: what is left is a line that is not written to its end yet.
            (Some(row), Layout::Lines) if is_examined(row, file.bytes, file.modified) && row.acked >= row.queued => 0,
            (_, Layout::Lines) if file.bytes < acked => file.bytes,
            (_, Layout::Lines) => file.bytes - acked,
        };
        if unread == 0 {
            continue;
        }
        status.bytes_behind = status.bytes_behind.saturating_add(unread);
        status.oldest_unacked = Some(status.oldest_unacked.map_or(file.modified, |oldest| oldest.min(file.modified)));
        if file.modified.0 < limit {
            old += 1;
            old_bytes = old_bytes.saturating_add(unread);
        }
    }
    if old > 0 {
        let days = warned_after(&config.homes.claude);
        status.warnings.push(format!(
            "{old} sessions with {old_bytes} bytes that no server has are older than {days} days; their agent deletes old sessions"
        ));
    }
    status.warnings.extend(found.warnings);
    Ok(())
}

fn is_examined(row: &FileRow, bytes: u64, modified: Timestamp) -> bool {
    row.identity.is_some_and(|known| known.bytes == bytes && known.modified / 1000 == modified.0)
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Settings {
    cleanup_period_days: Option<i64>,
}

/// Days after which a source that no server has is warned about: ten before Claude deletes it, at 20 by default.
pub(super) fn warned_after(claude: &Path) -> i64 {
    let settings = std::fs::read(claude.join("settings.json")).unwrap_or_default();
    let settings: Settings = serde_json::from_slice(&settings).unwrap_or_default();
    let kept = settings.cleanup_period_days.unwrap_or(KEPT_DAYS).max(0);
    if kept > 2 * DAYS_BEFORE { kept - DAYS_BEFORE } else { kept / 2 }
}
