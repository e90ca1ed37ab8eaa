//! Spooled ranges, shipped again.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::claims::Claim;
use super::run::Job;
use super::ship::{note_hold, work};
use super::{Control, Engine, Error, ReplayReport, copies, sources};
use crate::provider;
use crate::state::Origin;

/// Whether a source can be read, be it from its copy.
pub(super) fn exists(engine: &Engine, path: &str) -> bool {
    let copy = || engine.config.keep_copies && copies::path_for(&engine.config.database, path).exists();
    Path::new(path).exists() || copy()
}

/// Rows of one call, where it names no number.
const ROWS: u64 = 1000;

pub(super) fn replay(engine: &Engine, limit: Option<u64>, control: &dyn Control) -> Result<ReplayReport, Error> {
    engine.recover_gaps()?;
    let now = engine.clock.now();
    engine.database.tend_dead(now, true, &|path| exists(engine, path))?;
    engine.database.coalesce(&sources::is_document)?;
    let mut report = ReplayReport::default();
    let rows = engine.database.due(now, limit.unwrap_or(ROWS))?;
    if !rows.is_empty() {
        report.hold = engine.enter(&|| control.proceed());
        note_hold(engine)?;
    }
    if report.hold.is_none() && !rows.is_empty() {
        // Rows of one path are worked on side by side, so it is the call that has the path.
        let mut claims: HashMap<String, Option<Claim<'_>>> = HashMap::new();
        let mut jobs = Vec::new();
        for row in rows {
            if claims.entry(row.path.clone()).or_insert_with(|| engine.claims.take(&row.path)).is_none() {
                continue;
            }
            let Some(provider) = provider::by_name(&row.provider) else {
                engine.database.give_up(now, row.id, "its provider is not known to this program")?;
                continue;
            };
            let (start, end) = (row.start, row.end.max(row.start));
            jobs.push(Job {
                key: row.path.clone(),
                path: PathBuf::from(row.path),
                provider,
                origin: Origin::Spool { id: row.id, end },
                start,
                metadata: row.metadata,
                bytes: end - start,
            });
        }
        let (totals, cancelled) = work(engine, &jobs, None, control)?;
        drop(claims);
        note_hold(engine)?;
        report.replayed = totals.replayed;
        report.events = totals.numbers.events;
        report.cancelled = cancelled;
        report.hold = engine.gate.hold();
    }
    let counts = engine.database.spool_counts()?;
    (report.pending, report.dead) = (counts.pending, counts.dead);
    Ok(report)
}
