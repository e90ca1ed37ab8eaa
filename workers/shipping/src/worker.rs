//! The worker of the queue `shipping`.

mod wake;

use std::{path::PathBuf, sync::Arc};

use contracts::{env as names, queues};
use kit::{AllowedRoots, Drain, Runner};
use runtime::{RawConfig, WorkerConfig};
use shipping::{config::Config, steps::Settings};

use crate::ending::Ending;

/// Polls until it is told to stop.
///
/// # Errors
/// When a setting is wrong or the start fails for good.
pub(crate) fn run() -> Result<(), Ending> {
    runtime::prepare_process();
    let raw = RawConfig::from_env();
    let config = WorkerConfig::new(queues::SHIPPING, &raw).map_err(setting)?;
    runtime::init_logging(&config.log_filter, config.log_format).map_err(setting)?;
    let shipped = Config::of_settings(&|name| raw.get(name).map(str::to_owned))?;
    for warning in shipped.warnings() {
        tracing::warn!("{warning}");
    }
    let temporal = runtime::load_temporal_config().map_err(setting)?;
    let roots = AllowedRoots::new(config.allowed_roots.iter().cloned().chain(homes(&shipped)));
    let blobs = config.open_blobs().map_err(setting)?;
    let wakes = watches(&raw)?;
    let settings = Arc::new(Settings::new(shipped, roots));
    let threads = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Ending::new(4, format!("starting the async threads: {e}"), "try again"))?;
    let served = threads.block_on(async {
        let drain = Drain::default();
        let runner = Runner::new(config.slots.budget(), blobs, drain.clone());
        let register = |options: &mut _| shipping::register(options, &settings, &runner);
        let _waking = wakes.then(|| wake::Waking::start(settings.config(), &temporal, &config.host_id));
        runtime::serve(&config, &temporal, drain, register).await
    });
    // Work that did not stop in time must not keep the process.
    threads.shutdown_background();
    served.map_err(|error| Ending::new(3, error.to_string(), "see the log"))
}

/// Asks the worker that runs on this host whether it is ready.
///
/// # Errors
/// When it is not.
pub(crate) fn check_health() -> Result<(), Ending> {
    runtime::prepare_process();
    runtime::check_health(queues::SHIPPING, &RawConfig::from_env())
        .map_err(|error| Ending::new(1, error.to_string(), "see the worker's log"))
}

/// What a person's own agents write may be named by an input.
fn homes(config: &Config) -> [PathBuf; 3] {
    let homes = &config.homes;
    [homes.claude.clone(), homes.codex.clone(), homes.gemini.clone()]
}

/// Whether the worker watches the files and wakes the workflow.
fn watches(raw: &RawConfig) -> Result<bool, Ending> {
    match raw.get(names::SHIPPING_WATCH).map(str::trim) {
        None | Some("" | "0" | "false") => Ok(false),
        Some("1" | "true") => Ok(true),
        Some(other) => Err(Ending::new(1, format!("{}={other:?}", names::SHIPPING_WATCH), "give 1 or 0")),
    }
}

fn setting(error: impl std::fmt::Display) -> Ending {
    Ending::new(1, error.to_string(), "mend the setting and start again")
}
