//! The Workers that poll a process's queues over one connection. Fresh ones can take over from old ones without a lost
//! poll: they have a connection of their own, poll first, and only then do the old ones stop.

use std::{sync::Arc, time::Duration};

use futures::future::try_join_all;
use temporalio_client::Client;
use temporalio_common::worker::{WorkerDeploymentOptions, WorkerDeploymentVersion};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio::task::JoinHandle;

use crate::{
    config::WorkerConfig,
    connect_error::with_causes,
    interceptor::{Counter, Observe},
    serve::ServeError,
    slots::Tuners,
    traces::Traces,
};

/// Heartbeats are sent at most this often, so that a cancellation is seen within two seconds.
const HEARTBEAT_THROTTLE: Duration = Duration::from_secs(1);
/// Core would cancel what still runs this long after a Worker was told to stop. Old Workers have to let their longest
/// activity end, and the end of the process is bounded elsewhere.
const LONGEST_ACTIVITY: Duration = Duration::from_secs(7 * 86_400);

/// What Workers are made of.
pub(crate) struct Recipe<'a, R> {
    pub(crate) sdk: &'a Runtime,
    pub(crate) config: &'a WorkerConfig,
    pub(crate) tuners: &'a Tuners,
    pub(crate) traces: Option<&'a Traces>,
    pub(crate) register: &'a R,
}

/// Workers that run.
pub(crate) struct Generation {
    stops: Vec<Box<dyn Fn()>>,
    /// Ends when all of them have ended.
    pub(crate) running: JoinHandle<Result<(), ServeError>>,
    pub(crate) counter: Arc<Counter>,
}

impl Generation {
    /// Takes no more tasks; what runs goes on.
    pub(crate) fn stop(&self) {
        self.stops.iter().for_each(|stop| stop());
    }
}

impl<R: Fn(&mut WorkerOptions)> Recipe<'_, R> {
    /// Starts Workers for the common queue and for this host's own. Needs a `LocalSet`.
    pub(crate) fn start(&self, client: &Client) -> Result<Generation, ServeError> {
        let counter = Counter::new(self.config.recycle_after);
        let mut workers = Vec::new();
        for queue in self.config.queues() {
            workers.push(self.worker(client.clone(), &queue, counter.clone())?);
        }
        let stops = workers.iter().map(|worker| Box::new(worker.shutdown_handle()) as Box<dyn Fn()>).collect();
        let running = tokio::task::spawn_local(async move {
            let ended = try_join_all(workers.iter_mut().map(Worker::run)).await;
            ended.map(drop).map_err(|e| ServeError::worker("running the worker", with_causes(&e)))
        });
        Ok(Generation { stops, running, counter })
    }

    fn worker(&self, client: Client, queue: &str, counter: Arc<Counter>) -> Result<Worker, ServeError> {
        // Without a version of our own the SDK hashes the whole executable at every start.
        let (name, build_id, versioned) = match &self.config.deployment {
            // A host queue is never versioned: it would go dead at the next deploy.
            Some((name, build_id)) => (name.clone(), build_id.clone(), queue == self.config.queue),
            None => (self.config.queue.to_owned(), env!("CARGO_PKG_VERSION").to_owned(), false),
        };
        let version = WorkerDeploymentVersion::builder().deployment_name(name).build_id(build_id).build();
        let mut options = WorkerOptions::new(queue)
            .tuner(self.tuners.tuner())
            .max_heartbeat_throttle_interval(HEARTBEAT_THROTTLE)
            .default_heartbeat_throttle_interval(HEARTBEAT_THROTTLE)
            .graceful_shutdown_period(LONGEST_ACTIVITY)
            .deployment_options(WorkerDeploymentOptions::new(version).use_worker_versioning(versioned).build())
            .activity_inbound_interceptor(Observe { queue: queue.to_owned(), counter });
        if let Some(traces) = self.traces {
            options = options.worker_plugin(traces.plugin.clone());
        }
        let mut options = options.build();
        (self.register)(&mut options);
        Worker::new(self.sdk, client, options).map_err(|e| ServeError::worker("creating the worker", e))
    }
}
