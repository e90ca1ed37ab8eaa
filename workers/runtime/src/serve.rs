//! Runs the workers of a process until it is told to stop.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures::{StreamExt, stream::FuturesUnordered};
use kit::{
    Drain,
    telemetry::{Event, WorkerRecycled, WorkerStarted},
};
use temporalio_common::telemetry::{PrometheusExporterOptions, TelemetryOptions, start_prometheus_metric_exporter};
use temporalio_sdk::{Runtime, WorkerOptions, runtime::RuntimeOptions};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::{JoinError, JoinHandle, LocalSet},
};

use crate::{
    admin::{Admin, router},
    config::WorkerConfig,
    connect_error::ConnectError,
    connection::{Temporal, tell_of_refusals, wait_for_temporal},
    generation::Recipe,
    namespace::warn_of_missing_search_attributes,
    slots::Tuners,
    traces::Traces,
};

type Running = FuturesUnordered<JoinHandle<Result<(), ServeError>>>;

/// A task that the server hands out while a worker stops polling would be lost until its heartbeat time-out. Core reads
/// this when a poller starts and gives polls in flight that long, in milliseconds, to return.
const POLL_INTERRUPT_WAIT: (&str, &str) = ("TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS", "1000");
/// How often the process tells the server of its slots, for `gantry queue` and the workers' page of the UI.
const WORKER_HEARTBEAT: Duration = Duration::from_secs(10);
/// Fresh Workers send their first polls within milliseconds; old ones stop only after that.
const UNTIL_FRESH_ONES_POLL: Duration = Duration::from_millis(200);
/// When the polls in flight have ended for sure. Work is not asked to give its task back sooner: one of those polls would
/// take the task right back, again and again until its attempts are used up.
const POLLS_HAVE_ENDED: Duration = Duration::from_millis(1200);
/// After the grace period: how long work has to save its checkpoint and the process to say so to the server.
const GIVE_BACK: Duration = Duration::from_secs(5);

/// Why a worker process ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// No connection, and waiting cannot help.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// The admin server cannot listen.
    #[error(
        "cannot listen on {address} for /live, /ready and /metrics: {source}; GANTRY_ADMIN_LISTEN sets another address"
    )]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// The SDK could not be set up, or a worker ended with an error.
    #[error("{what}: {reason}")]
    Worker {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        reason: String,
    },
}

impl ServeError {
    pub(crate) fn worker(what: &'static str, reason: impl std::fmt::Display) -> Self {
        Self::Worker { what, reason: reason.to_string() }
    }
}

/// Sets what has to be set before any thread runs. Call it first in `main`.
pub fn prepare_process() {
    kit::install_tls_provider();
    let (name, value) = POLL_INTERRUPT_WAIT;
    if std::env::var_os(name).is_none() {
        #[expect(unsafe_code, reason = "core reads this setting from the environment alone")]
        // SAFETY: the first statements of `main`; there is no other thread that could read the environment meanwhile.
        unsafe {
            std::env::set_var(name, value);
        }
    }
}

/// Polls the queue and this host's own queue until SIGTERM or SIGINT, then drains: polling stops at once, running work has
/// the grace period to finish, then it gives its task back with its last checkpoint.
///
/// `register` adds the activities; it is called once for each queue. `drain` is what the activities watch.
///
/// # Errors
/// When the start fails for good, or a worker ends with an error.
pub async fn serve(
    config: &WorkerConfig,
    temporal: &Temporal,
    drain: Drain,
    register: impl Fn(&mut WorkerOptions),
) -> Result<(), ServeError> {
    let stopping = Drain::default();
    let mut terminate = signal(SignalKind::terminate()).map_err(|e| ServeError::worker("watching for SIGTERM", e))?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(|e| ServeError::worker("watching for SIGINT", e))?;
    let mut signalled = Box::pin(async move {
        tokio::select! { _ = terminate.recv() => {}, _ = interrupt.recv() => {} }
    });

    let exporter = start_prometheus_metric_exporter(
        PrometheusExporterOptions::builder().socket_addr(SocketAddr::from(([127, 0, 0, 1], 0))).build(),
    )
    .map_err(|e| ServeError::worker("starting the metrics exporter", e))?;
    let options = RuntimeOptions::builder()
        .telemetry_options(TelemetryOptions::builder().metrics(exporter.meter.clone() as Arc<_>).build())
        .heartbeat_interval(Some(WORKER_HEARTBEAT))
        .build()
        .map_err(|e| ServeError::worker("setting up the SDK", e))?;
    let sdk = Runtime::from_current_tokio(options).map_err(|e| ServeError::worker("setting up the SDK", e))?;

    let listener = TcpListener::bind(config.admin_listen)
        .await
        .map_err(|source| ServeError::Listen { address: config.admin_listen, source })?;
    let address = listener.local_addr().map_or_else(|_| config.admin_listen.to_string(), |a| a.to_string());
    let admin = Arc::new(Admin {
        queues: BTreeSet::from(config.queues()),
        metrics: exporter.bound_addr,
        connection: OnceLock::new(),
        http: loopback_http()?,
        stopping: stopping.clone(),
    });
    let admin_server = tokio::spawn(axum::serve(listener, router(admin.clone())).into_future());

    let contracts = contracts::contracts_hash();
    let mut temporal = temporal.clone();
    for warning in &temporal.warnings {
        tracing::warn!("{warning}");
    }
    temporal.connection.identity = identity(config, &contracts);
    let traces = Traces::from_env(&format!("gantry-{}", config.queue))?;
    if let Some(traces) = &traces {
        traces.trace_client(&mut temporal.client)?;
    }
    let Some(client) = wait_for_temporal(&temporal, &mut signalled).await? else { return Ok(()) };
    admin.connection.get_or_init(|| client.connection().clone());
    let refusals = tokio::spawn(tell_of_refusals(temporal.clone(), client.connection().clone()));
    warn_of_missing_search_attributes(&client).await;

    let tuners = Tuners::new(config.slots);
    let recipe = Recipe { sdk: &sdk, config, tuners: &tuners, traces: traces.as_ref(), register: &register };
    let ended = LocalSet::new()
        .run_until(async {
            let mut current = recipe.start(&client)?;
            tracing::info!(
                queues = config.queues().join(" "),
                temporal = temporal.address(),
                namespace = temporal.namespace(),
                slots = %config.slots,
                admin = address,
                "polling"
            );
            WorkerStarted { queue: config.queue, version: env!("CARGO_PKG_VERSION"), contracts: &contracts }.emit();
            let mut old = FuturesUnordered::new();
            loop {
                tokio::select! {
                    ended = &mut current.running => return joined(ended),
                    Some(ended) = old.next() => joined(ended)?,
                    () = current.counter.reached() => {
                        // A connection of its own: one connection takes a queue only once.
                        let Some(client) = wait_for_temporal(&temporal, &mut signalled).await? else { break };
                        let fresh = recipe.start(&client)?;
                        tokio::time::sleep(UNTIL_FRESH_ONES_POLL).await;
                        current.stop();
                        WorkerRecycled { queue: config.queue, activities: current.counter.begun() }.emit();
                        old.push(std::mem::replace(&mut current, fresh).running);
                    }
                    () = &mut signalled => break,
                }
            }
            tracing::info!(grace_s = config.grace.as_secs(), "stopping: no new tasks are taken");
            stopping.fire();
            current.stop();
            old.push(current.running);
            finish(old, config.grace.max(POLLS_HAVE_ENDED), &drain).await
        })
        .await;
    admin_server.abort();
    refusals.abort();
    if let Some(traces) = traces {
        // What is not sent by then is not worth a late exit.
        let _ = tokio::time::timeout(GIVE_BACK, tokio::task::spawn_blocking(move || traces.flush())).await;
    }
    ended?;
    tracing::info!("worker stopped");
    Ok(())
}

/// How the process shows itself in the server's lists of pollers and workers. `gantry doctor` compares the contracts.
fn identity(config: &WorkerConfig, contracts: &str) -> String {
    format!("gantry-{}:{}@{} contracts:{contracts}", config.queue, std::process::id(), config.host_id)
}

fn joined(ended: Result<Result<(), ServeError>, JoinError>) -> Result<(), ServeError> {
    ended.map_err(|e| ServeError::worker("running the worker", e))?
}

/// Waits for running work; past the grace period asks it to give its task back, and past that too leaves it.
async fn finish(mut running: Running, grace: Duration, drain: &Drain) -> Result<(), ServeError> {
    if let Ok(ended) = tokio::time::timeout(grace, all(&mut running)).await {
        return ended;
    }
    tracing::info!("the grace period is over: running work gives its task back");
    drain.fire();
    if let Ok(ended) = tokio::time::timeout(GIVE_BACK, all(&mut running)).await {
        return ended;
    }
    tracing::warn!("work did not stop in time; its task is tried again after its heartbeat time-out");
    Ok(())
}

/// For this process's own metrics. A proxy that is set for cloning does not lead to them.
fn loopback_http() -> Result<reqwest::Client, ServeError> {
    let built = reqwest::Client::builder().no_proxy().build();
    built.map_err(|e| ServeError::worker("setting up the way to the SDK's metrics", e))
}

async fn all(running: &mut Running) -> Result<(), ServeError> {
    while let Some(ended) = running.next().await {
        joined(ended)?;
    }
    Ok(())
}
