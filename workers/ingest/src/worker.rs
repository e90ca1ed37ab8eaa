//! The worker of the queue `ingest`, beside the service.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, anyhow};
use contracts::queues;
use ingest::steps::Settings;
use kit::{AllowedRoots, BlobStore, Drain, Files, Runner};
use runtime::{RawConfig, ServeError, Temporal, WorkerConfig};
use tokio::runtime::Builder;

use crate::{arguments::Serve, ending::Ending, service::Hosted};

/// Between two attempts to poll, after the first and at most.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// What polled for so long has worked; the next pause is a short one again.
const WORKED: Duration = Duration::from_secs(300);
/// How long the worker may take to end, beside the grace period.
const UNTIL_ENDED: Duration = Duration::from_secs(10);

/// Serves and polls until it is told to end: then polling stops, activities finish or give their tasks back, the service answers
/// what is under way, and the stores are closed.
///
/// # Errors
/// When a setting is wrong, a store cannot be opened, or an address is taken. Without Temporal the service goes on.
pub(crate) fn run(arguments: Serve) -> Result<(), Ending> {
    let setting = Ending::of(1);
    let raw = RawConfig::from_env();
    let config = WorkerConfig::new(queues::INGEST, &raw).map_err(|error| setting(error.into()))?;
    runtime::init_logging(&config.log_filter, config.log_format).map_err(|error| setting(anyhow!(error)))?;
    let temporal = runtime::load_temporal_config().map_err(|error| setting(error.into()))?;
    let blobs = config.open_blobs().map_err(|error| setting(error.into()))?;
    let mut hosted = Hosted::start(arguments, &config.state_dir)?;
    let settings = Arc::new(Settings {
        store: hosted.store().clone(),
        files: Files { roots: AllowedRoots::new(config.allowed_roots.iter().cloned()), blobs: blobs.clone() },
        limits: hosted.config().limits(),
        redaction: hosted.settings().redaction.clone(),
        scratch: config.state_dir.join("tmp"),
    });
    let polled = poll_for_ever(&mut hosted, &config, &temporal, &settings, &blobs);
    // The activities have ended, and nobody but the service writes any more.
    let closed = hosted.close();
    polled.and(closed)
}

/// Asks the worker that runs on this host whether it is ready.
///
/// # Errors
/// When it is not.
pub(crate) fn check_health() -> Result<(), Ending> {
    runtime::check_health(queues::INGEST, &RawConfig::from_env()).map_err(|error| Ending::of(1)(error.into()))
}

/// Polls, and again after whatever ended it but a signal: the service does not depend on it.
fn poll_for_ever(
    hosted: &mut Hosted,
    config: &WorkerConfig,
    temporal: &Temporal,
    settings: &Arc<Settings>,
    blobs: &BlobStore,
) -> Result<(), Ending> {
    let (mut pause, mut is_first) = (FIRST_PAUSE, true);
    loop {
        let began = Instant::now();
        // Threads of its own for each attempt, so that nothing of the last one is left: neither its listener for health nor work
        // that did not stop in time.
        let threads = Builder::new_multi_thread()
            .enable_all()
            .build()
            .context("the threads of the worker cannot be started")
            .map_err(Ending::of(4))?;
        let stop = hosted.stop().clone();
        let ended = threads.block_on(async {
            let drain = Drain::default();
            let runner = Runner::new(config.slots.budget(), blobs.clone(), drain.clone());
            let register = |options: &mut _| ingest::register(options, settings, &runner);
            let overdue = async {
                stop.told().await;
                tokio::time::sleep(config.grace + UNTIL_ENDED).await;
            };
            tokio::select! {
                ended = runtime::serve(config, temporal, drain, register) => Some(ended),
                // A signal that came between two attempts was heard here alone.
                () = overdue => Some(Ok(())),
                () = hosted.broken() => None,
            }
        });
        threads.shutdown_background();
        let error = match ended {
            // Its reason is told when the service is closed.
            None => return Ok(()),
            Some(Ok(())) => return Ok(()),
            Some(Err(_)) if stop.is_told() => return Ok(()),
            // An address that somebody else has is a mistake at the start; later it is our own, given free in a moment.
            Some(Err(error @ ServeError::Listen { .. })) if is_first => return Err(Ending::of(3)(error.into())),
            Some(Err(error)) => error,
        };
        is_first = false;
        if began.elapsed() > WORKED {
            pause = FIRST_PAUSE;
        }
        tracing::warn!("{error}; HTTP is served meanwhile, polling is tried again in {} s", pause.as_secs());
        let waiting = Builder::new_current_thread()
            .enable_time()
            .build()
            .context("the threads of the worker cannot be started")
            .map_err(Ending::of(4))?;
        let broken = waiting.block_on(async {
            tokio::select! {
                () = tokio::time::sleep(pause) => false,
                () = stop.told() => false,
                () = hosted.broken() => true,
            }
        });
        if broken || stop.is_told() {
            return Ok(());
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
