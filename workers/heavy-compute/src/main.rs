//! The worker of the queue `heavy-compute`.

use std::{process::ExitCode, sync::Arc};

use anyhow::{Context, anyhow};
use clap::Parser;
use contracts::queues;
use heavy_compute::Settings;
use kit::{AllowedRoots, Drain, Runner};
use runtime::{RawConfig, WorkerConfig};

/// Runs the activities of the task queue heavy-compute: prepares workspaces, parses sources, writes the code graph.
///
/// It is configured by the environment: TEMPORAL_* and temporal.toml for the connection, GANTRY_* for the rest (see the
/// README). SIGTERM drains it.
#[derive(Debug, Parser)]
#[command(version, about)]
struct Arguments {
    /// Asks the worker that runs on this host whether it is ready, then ends: 0 when it is, 1 and the reason when it is not.
    #[arg(long)]
    check_health: bool,
}

fn main() -> ExitCode {
    runtime::prepare_process();
    let Arguments { check_health } = Arguments::parse();
    let ended = if check_health {
        runtime::check_health(queues::HEAVY_COMPUTE, &RawConfig::from_env()).map_err(Into::into)
    } else {
        run()
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[expect(clippy::print_stderr, reason = "the error of a command line, also when there is no log yet")]
            {
                eprintln!("gantry-heavy-compute: {error:#}");
            }
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<()> {
    let config = WorkerConfig::new(queues::HEAVY_COMPUTE, &RawConfig::from_env())?;
    runtime::init_logging(&config.log_filter, config.log_format).map_err(|e| anyhow!(e))?;
    let workspaces = config.state_dir.join("workspaces");
    std::fs::create_dir_all(&workspaces).with_context(|| format!("making {}", workspaces.display()))?;
    let settings = Arc::new(Settings {
        host_queue: config.host_queue(),
        graph: config.graph_url.parse()?,
        blobs: config.open_blobs()?,
        roots: AllowedRoots::new(config.allowed_roots.iter().cloned().chain([workspaces.clone()])),
        workspaces,
    });
    // A store that cannot be used is better known now than at the first task.
    drop(heavy_compute::open_graph(&settings.graph)?);
    let temporal = runtime::load_temporal_config()?;
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
