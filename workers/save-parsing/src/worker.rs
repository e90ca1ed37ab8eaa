//! The worker of the queue `save-parsing`.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use contracts::queues;
use kit::{AllowedRoots, Drain, Files, Runner};
use runtime::{RawConfig, WorkerConfig};
use save_parsing::steps::{Settings, USUAL_MEMORY};

/// Polls until it is told to stop.
///
/// # Errors
/// When a setting is wrong or the start fails for good.
pub(crate) fn run() -> anyhow::Result<()> {
    let raw = RawConfig::from_env();
    let config = WorkerConfig::new(queues::SAVE_PARSING, &raw)?;
    runtime::init_logging(&config.log_filter, config.log_format).map_err(|e| anyhow!(e))?;
    let temporal = runtime::load_temporal_config()?;
    let blobs = config.open_blobs()?;
    let files = Files { roots: AllowedRoots::new(config.allowed_roots.iter().cloned()), blobs: blobs.clone() };
    let settings = Arc::new(Settings::new(files, config.memory_limit.unwrap_or(USUAL_MEMORY)));
    let threads =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the async threads")?;
    threads.block_on(async {
        let drain = Drain::default();
        let runner = Runner::new(config.slots.budget(), blobs, drain.clone());
        let register = |options: &mut _| {
            save_parsing::register(options, &settings, &runner);
            briefing::register(options, &settings, &runner);
        };
        runtime::serve(&config, &temporal, drain, register).await
    })?;
    // Work that did not stop in time must not keep the process.
    threads.shutdown_background();
    Ok(())
}
