//! `ship --dry-run`: everything but sending and remembering.

use std::time::Duration;

use serde::Serialize;
use shipping::engine::{DryRunReport, Scope, dry_run};

use crate::{
    arguments::{Common, ShipOptions},
    configuration,
    ending::Ending,
    logging, measured,
    progress::Attended,
    report, ship, signals, units,
};

/// The answer of `ship --dry-run --json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    #[serde(flatten)]
    report: &'a DryRunReport,
    peak_rss_bytes: u64,
    /// For exactly one path, as the older engine spelled it.
    #[serde(rename = "event_count", skip_serializing_if = "Option::is_none")]
    event_count: Option<u64>,
    /// Likewise: the byte behind the last whole line.
    #[serde(rename = "last_offset", skip_serializing_if = "Option::is_none")]
    last_offset: Option<u64>,
}

/// Reads, parses, compresses, tells.
pub(crate) fn run(common: &Common, options: &ShipOptions) -> Result<(), Ending> {
    logging::start(common.log_level, None)?;
    let config = configuration::read_for_sending(common, &options.sending)?;
    let control = Attended::start(common.json)?;
    let scope = if options.paths.is_empty() { Scope::new() } else { Scope::paths(ship::absolute(options)?) };
    let done = dry_run(&config, &scope, &control);
    control.clear();
    let mut done = done?;
    done.warnings.iter().for_each(|text| report::warning(text));
    let (event_count, last_offset) = match options.paths.len() {
        1 => (Some(done.events), Some(done.last_offset.take().unwrap_or(0))),
        _ => (None, None),
    };
    let answer = Answer { report: &done, peak_rss_bytes: measured::peak_rss_bytes(), event_count, last_offset };
    let told = if common.json { report::object(&answer) } else { report::line(&sentence(&done)) };
    told?;
    if let Some(signal) = signals::ended_by().filter(|_| done.cancelled) {
        return Err(signal);
    }
    if !options.paths.is_empty() && done.files > 0 && done.events == 0 && done.quarantined > 0 {
        return Err(Ending::new(2, "no line of these files could be understood", "look at the files"));
    }
    Ok(())
}

fn sentence(done: &DryRunReport) -> String {
    let DryRunReport { files, source_bytes, events, events_by_role, compressed_bytes, batches, quarantined, .. } = done;
    let roles: Vec<_> = events_by_role
        .iter()
        .filter(|(_, number)| **number > 0)
        .map(|(role, number)| format!("{} {role}", units::count(*number)))
        .collect();
    let roles = if roles.is_empty() { String::new() } else { format!(" ({})", roles.join(", ")) };
    let unusable = match quarantined {
        0 => String::new(),
        number => format!("; {} unusable", units::counted(*number, "line")),
    };
    format!(
        "would ship {} of {}: {}{roles} in {} of {} together{unusable}; {}",
        units::counted(*files, "file"),
        units::bytes(*source_bytes),
        units::counted(*events, "event"),
        units::counted(*batches, "request"),
        units::bytes(*compressed_bytes),
        units::duration(Duration::from_millis(done.duration_ms)),
    )
}
