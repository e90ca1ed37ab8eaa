//! `gantry ship --dry-run`: everything but sending and remembering, here and now, without Temporal.

use contracts::env as names;
use serde_json::{Value, json};
use shipping::{
    config::Config,
    engine::{self, DryRunReport, ErrorKind, Scope, Unattended},
};

use crate::{arguments::ShipOptions, places::Places, problem::Problem, report};

/// Reads what the worker of this machine would ship: with the settings of the running `gantry dev`, if there is one.
pub(super) fn run(places: &Places, options: &ShipOptions) -> Result<(), Problem> {
    let dev = places.dev_state().and_then(|dev| dev.sessions);
    let variable = |name: &str| {
        let of_dev = dev.as_ref().and_then(|sessions| match name {
            names::SHIPPING_HOME => Some(sessions.home.display().to_string()),
            names::SHIPPING_URL => Some(sessions.receiver.clone()),
            names::SHIPPING_TOKEN => Some(sessions.token.clone()),
            names::SHIPPING_DATABASE => Some(sessions.database.display().to_string()),
            _ => None,
        });
        places.raw.get(name).map(str::to_owned).or(of_dev)
    };
    let config = Config::of_settings(&variable).map_err(problem)?;
    let scope = match options.paths.as_slice() {
        [] => Scope::new(),
        paths => {
            let absolute: Result<Vec<_>, Problem> = paths
                .iter()
                .map(|path| path.canonicalize().map_err(|e| Problem::io(&format!("{}", path.display()), &e)))
                .collect();
            Scope::paths(absolute?)
        }
    };
    let providers = (!options.providers.is_empty()).then(|| options.providers.clone());
    let scope = scope.with_providers(providers).with_max_bytes(options.max_bytes);
    let done = engine::dry_run(&config, &scope, &Unattended).map_err(problem)?;
    for warning in &done.warnings {
        report::note(&format!("warning: {warning}"));
    }
    if options.json {
        return report::data(&answer(&done, options.paths.len())?.to_string());
    }
    report::data(&format!(
        "would ship {} files, {:.1} MB: {} events in {} bodies of {:.1} MB together",
        done.files,
        report::megabytes(done.source_bytes),
        done.events,
        done.batches,
        report::megabytes(done.compressed_bytes),
    ))
}

/// What `gantry-shipping ship --dry-run --json` answers too.
fn answer(done: &DryRunReport, paths: usize) -> Result<Value, Problem> {
    let mut object = serde_json::to_value(done)
        .map_err(|e| Problem::wrong_result(format!("the report cannot be written as JSON: {e}")))?;
    if let Some(fields) = object.as_object_mut() {
        fields.remove("lastOffset");
        fields.insert("peakRssBytes".to_owned(), kit::peak_rss_bytes().into());
        if paths == 1 {
            fields.insert("event_count".to_owned(), json!(done.events));
            fields.insert("last_offset".to_owned(), json!(done.last_offset.unwrap_or(0)));
        }
    }
    Ok(object)
}

fn problem(error: engine::Error) -> Problem {
    let message = format!("{}: {}", error.what, error.place);
    let problem = match error.kind {
        ErrorKind::NotFound | ErrorKind::PermissionDenied | ErrorKind::DiskFull => Problem::filesystem(message),
        ErrorKind::InvalidInput | ErrorKind::Conflict => Problem::input(message),
        _ => Problem::network(message),
    };
    problem.hint(error.hint)
}
