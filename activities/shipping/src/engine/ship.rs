//! What is new, shipped.

use std::sync::mpsc;

use super::apply::{Apply, Totals, milliseconds};
use super::identity::Identity;
use super::run::{Job, Run};
use super::{Control, Engine, Error, Lane, Scope, ShipReport, copies, sources};
use crate::state::Origin;

pub(super) fn ship(engine: &Engine, scope: &Scope, lane: Lane, control: &dyn Control) -> Result<ShipReport, Error> {
    let began = engine.clock.now();
    engine.recover_gaps()?;
    let found = sources::find(&engine.config, &engine.providers, scope)?;
    let mut warnings = engine.warnings.clone();
    copies::tend(engine, &found.files, began, &mut warnings)?;
    let (new, discovery) = sources::new(found, &engine.database.files()?, &engine.excluded, lane);
    let mut report = ShipReport { warnings: discovery.warnings, ..ShipReport::default() };
    report.warnings.extend(warnings);
    if !new.is_empty() {
        report.hold = engine.enter(&|| control.proceed());
        note_hold(engine)?;
    }
    if report.hold.is_some() || new.is_empty() {
        report.remaining_bytes = discovery.new_bytes;
        report.ms = milliseconds(began, engine.clock.now());
        return Ok(report);
    }
    let sights: Vec<_> = new
        .iter()
        .filter(|file| !file.tracked)
        .map(|file| {
            (file.key.clone(), Identity { modified: file.modified.saturating_mul(1000), ..Identity::default() })
        })
        .collect();
    engine.database.first_sight(&sights)?;
    let jobs: Vec<Job> = new
        .into_iter()
        .map(|file| Job {
            key: file.key,
            path: file.path,
            provider: file.provider,
            origin: Origin::New,
            start: 0,
            metadata: None,
            bytes: file.bytes,
        })
        .collect();
    let (totals, cancelled) = work(engine, &jobs, scope.max_bytes, control)?;
    note_hold(engine)?;
    fill(&mut report, totals);
    report.cancelled = cancelled;
    report.hold = engine.gate.hold();
    report.ms = milliseconds(began, engine.clock.now());
    Ok(report)
}

/// Runs the threads of a call.
pub(super) fn work(
    engine: &Engine,
    jobs: &[Job],
    max_bytes: Option<u64>,
    control: &dyn Control,
) -> Result<(Totals, bool), Error> {
    let run = Run::new(engine, jobs, max_bytes, control);
    let totals = std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..run.threads() {
            let (run, sender) = (&run, sender.clone());
            scope.spawn(move || run.work(&sender));
        }
        drop(sender);
        Apply::new(&run, control).until_done(&receiver)
    })?;
    Ok((totals, run.is_cancelled()))
}

/// Tells the state what holds uploads back, for whoever asks from another process.
pub(super) fn note_hold(engine: &Engine) -> Result<(), Error> {
    if let Some(hold) = engine.gate.changed() {
        if let Some(hold) = &hold {
            engine.database.note_error(engine.clock.now(), &hold.message)?;
        }
        engine.database.note_hold(hold.as_ref())?;
    }
    Ok(())
}

fn fill(report: &mut ShipReport, totals: Totals) {
    report.files = totals.files;
    report.skipped_files = totals.skipped;
    report.source_bytes = totals.numbers.source_bytes;
    report.events = totals.numbers.events;
    report.batches = totals.batches;
    report.acknowledged = totals.acknowledged;
    report.events_inserted = totals.numbers.inserted;
    report.spooled = totals.spooled;
    report.quarantined = totals.quarantined;
    report.payload_bytes = totals.numbers.payload_bytes;
    report.compressed_bytes = totals.numbers.compressed_bytes;
    report.remaining_bytes = totals.remaining;
    report.warnings.extend(totals.warnings);
}
