//! A worker of the queue `heavy-compute` whose activity does what the test says; see [`e2e::StandIn`].

use std::{error::Error, io};

use contracts::queues;
use e2e::StandIn;
use kit::{Drain, Runner};
use runtime::{RawConfig, WorkerConfig};
use temporalio_sdk::WorkerOptions;

fn main() -> Result<(), Box<dyn Error>> {
    runtime::prepare_process();
    let config = WorkerConfig::new(queues::HEAVY_COMPUTE, &RawConfig::from_env())?;
    runtime::init_logging(&config.log_filter, config.log_format).map_err(io::Error::other)?;
    let temporal = runtime::load_temporal_config()?;
    let blobs = config.open_blobs()?;
    let threads = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = threads.block_on(async {
        let drain = Drain::default();
        let runner = Runner::new(config.slots.budget(), blobs, drain.clone());
        let register = |options: &mut WorkerOptions| {
            options.register_activities(StandIn { runner: runner.clone(), host_queue: config.host_queue() });
        };
        runtime::serve(&config, &temporal, drain.clone(), register).await
    });
    threads.shutdown_background();
    Ok(ended?)
}
