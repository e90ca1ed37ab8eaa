//! The worker itself.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use contracts::queues;
use heavy_compute::{Hosts, Settings};
use kit::{AllowedRoots, Drain, Runner};
use runtime::{RawConfig, WorkerConfig};

/// Polls until it is told to stop.
///
/// # Errors
/// When a setting is wrong or the start fails for good.
pub(crate) fn run() -> anyhow::Result<()> {
    let raw = RawConfig::from_env();
    let config = WorkerConfig::new(queues::HEAVY_COMPUTE, &raw)?;
    runtime::init_logging(&config.log_filter, config.log_format).map_err(|e| anyhow!(e))?;
    let workspaces = raw.workspaces()?;
    std::fs::create_dir_all(&workspaces).with_context(|| format!("making {}", workspaces.display()))?;
    let temporal = runtime::load_temporal_config()?;
    let server = temporal.clone();
    let settings = Arc::new(Settings {
        host_queue: if raw.shares_workspaces()? { queues::HEAVY_COMPUTE.to_owned() } else { config.host_queue() },
        graph: raw.graph(&config.graph_url)?,
        blobs: config.open_blobs()?,
        roots: AllowedRoots::new(config.allowed_roots.iter().cloned().chain([workspaces.clone()])),
        workspaces,
        indexes: config.state_dir.join("indexes"),
        indexer_limits: heavy_compute::indexer::Limits::read(|name| raw.get(name)).map_err(|e| anyhow!("{e}"))?,
        // Asked about once a day, on a thread that may wait: a connection that is kept would only be one more to look after.
        hosts: Hosts::new(move || {
            tokio::runtime::Handle::current().block_on(runtime::polled_host_queues(&server, queues::HEAVY_COMPUTE))
        }),
        memory: heavy_compute::memory::MemoryBudget::new(config.memory_limit),
    });
    // A store that cannot be used is better known now than at the first task.
    drop(settings.graph.open()?);
    heavy_compute::size_cpu_pool(config.cpu_threads).context("starting the CPU threads")?;
    let threads =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the async threads")?;
    threads.block_on(async {
        let drain = Drain::default();
        let runner = Runner::new(config.slots.budget(), settings.blobs.clone(), drain.clone());
        let register = |options: &mut _| heavy_compute::register(options, &settings, &runner);
        runtime::serve(&config, &temporal, drain.clone(), register).await
    })?;
    // Work that did not stop in time must not keep the process.
    threads.shutdown_background();
    Ok(())
}
