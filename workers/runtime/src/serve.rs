//! Runs the workers of a process until it is told to stop.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use kit::Drain;
use temporalio_client::Client;
use temporalio_common::{
    telemetry::{PrometheusExporterOptions, TelemetryOptions, start_prometheus_metric_exporter},
    worker::{WorkerDeploymentOptions, WorkerDeploymentVersion},
};
use temporalio_sdk::{
    Runtime, Worker, WorkerOptions,
    runtime::{
        RuntimeOptions,
        worker_tuner::{FixedSizeSlotSupplier, TunerHolder},
    },
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    admin::{Admin, router},
    config::WorkerConfig,
    connection::{ConnectError, Temporal, wait_for_temporal},
};

/// A task that the server hands out while a worker stops polling would be lost until its heartbeat time-out. Core reads
/// this when a poller starts and gives polls in flight that long, in milliseconds, to return.
const POLL_INTERRUPT_WAIT: (&str, &str) = ("TEMPORAL_POLL_SHUTDOWN_INTERRUPT_WAIT_MS", "1000");
/// Heartbeats are sent at most this often, so that a cancellation is seen within two seconds.
const HEARTBEAT_THROTTLE: Duration = Duration::from_secs(1);
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
    fn worker(what: &'static str, reason: impl std::fmt::Display) -> Self {
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
        .build()
        .map_err(|e| ServeError::worker("setting up the SDK", e))?;
    let sdk = Runtime::from_current_tokio(options).map_err(|e| ServeError::worker("setting up the SDK", e))?;

    let listener = TcpListener::bind(config.admin_listen)
        .await
        .map_err(|source| ServeError::Listen { address: config.admin_listen, source })?;
    let address = listener.local_addr().map_or_else(|_| config.admin_listen.to_string(), |a| a.to_string());
    let queues = [config.queue.to_owned(), config.host_queue()];
    let admin = Arc::new(Admin {
        queues: BTreeSet::from(queues.clone()),
        metrics: exporter.bound_addr,
        connection: OnceLock::new(),
        http: loopback_http()?,
        stopping: stopping.clone(),
    });
    let admin_server = tokio::spawn(axum::serve(listener, router(admin.clone())).into_future());
    let Some(client) = wait_for_temporal(temporal, &mut signalled).await? else { return Ok(()) };
    admin.connection.get_or_init(|| client.connection().clone());

    let mut workers = Vec::new();
    for queue in &queues {
        workers.push(worker(&sdk, client.clone(), config, queue, &register)?);
    }
    let stops: Vec<_> = workers.iter().map(Worker::shutdown_handle).collect();
    tracing::info!(
        queues = queues.join(" "),
        temporal = temporal.address(),
        namespace = temporal.namespace(),
        slots = config.slots,
        admin = address,
        contracts = contracts::contracts_hash(),
        version = env!("CARGO_PKG_VERSION"),
        "worker started"
    );

    let running = futures::future::try_join_all(workers.iter_mut().map(Worker::run));
    tokio::pin!(running);
    let ended = tokio::select! {
        ended = &mut running => ended,
        () = &mut signalled => {
            tracing::info!(grace_s = config.grace.as_secs(), "stopping: no new tasks are taken");
            stopping.fire();
            stops.iter().for_each(|stop| stop());
            finish(running, config.grace, &drain).await
        }
    };
    admin_server.abort();
    ended.map_err(|e| ServeError::worker("running the worker", e))?;
    tracing::info!("worker stopped");
    Ok(())
}

/// Waits for running work; past the grace period asks it to give its task back, and past that too leaves it.
async fn finish<T: Default, E>(
    mut running: std::pin::Pin<&mut impl Future<Output = Result<T, E>>>,
    grace: Duration,
    drain: &Drain,
) -> Result<T, E> {
    if let Ok(ended) = tokio::time::timeout(grace, &mut running).await {
        return ended;
    }
    tracing::info!("the grace period is over: running work gives its task back");
    drain.fire();
    if let Ok(ended) = tokio::time::timeout(GIVE_BACK, running).await {
        return ended;
    }
    tracing::warn!("work did not stop in time; its task is tried again after its heartbeat time-out");
    Ok(T::default())
}

/// For this process's own metrics. A proxy that is set for cloning does not lead to them.
fn loopback_http() -> Result<reqwest::Client, ServeError> {
    let built = reqwest::Client::builder().no_proxy().build();
    built.map_err(|e| ServeError::worker("setting up the way to the SDK's metrics", e))
}

fn worker(
    sdk: &Runtime,
    client: Client,
    config: &WorkerConfig,
    queue: &str,
    register: &impl Fn(&mut WorkerOptions),
) -> Result<Worker, ServeError> {
    let tuner = TunerHolder::builder()
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(config.slots))
        .workflow_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .local_activity_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .build();
    // Without a version of our own the SDK hashes the whole executable at every start.
    let (name, build_id, versioned) = match &config.deployment {
        // A host queue is never versioned: it would go dead at the next deploy.
        Some((name, build_id)) => (name.clone(), build_id.clone(), queue == config.queue),
        None => (config.queue.to_owned(), env!("CARGO_PKG_VERSION").to_owned(), false),
    };
    let version = WorkerDeploymentVersion::builder().deployment_name(name).build_id(build_id).build();
    let mut options = WorkerOptions::new(queue)
        .tuner(tuner)
        .max_heartbeat_throttle_interval(HEARTBEAT_THROTTLE)
        .default_heartbeat_throttle_interval(HEARTBEAT_THROTTLE)
        // Core's own cancellation at the end of its grace period would come before our hand-back; ours bounds the drain.
        .graceful_shutdown_period(config.grace + 2 * GIVE_BACK)
        .deployment_options(WorkerDeploymentOptions::new(version).use_worker_versioning(versioned).build())
        .build();
    register(&mut options);
    Worker::new(sdk, client, options).map_err(|e| ServeError::worker("creating the worker", e))
}
