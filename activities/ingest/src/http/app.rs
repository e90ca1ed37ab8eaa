//! What every handler shares.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::Instant,
};

use tokio::sync::Mutex;

use super::{answer::Problem, rate::RateLimit, settings::HttpSettings};
use crate::{
    config::Config,
    event::Limits,
    metrics::Metrics,
    store::{Store, StoreError},
    stream::{Hub, Pace, Pages},
};

/// The state of one service.
pub(super) struct App {
    pub(super) store: Arc<Store>,
    pub(super) config: Config,
    pub(super) settings: HttpSettings,
    pub(super) limits: Limits,
    pub(super) metrics: Metrics,
    pub(super) hub: Arc<Hub>,
    pub(super) pages: Arc<dyn Pages>,
    pub(super) pace: Pace,
    pub(super) per_token: Option<RateLimit>,
    pub(super) per_session: Option<RateLimit>,
    /// Cumulative counters are read, compared and written by one request at a time.
    pub(super) otlp_turn: Mutex<()>,
    pub(super) started: Instant,
    pub(super) draining: AtomicBool,
    pub(super) connections: AtomicUsize,
}

impl App {
    /// Runs what blocks on a thread that may.
    pub(super) async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Problem> {
        let store = Arc::clone(&self.store);
        match tokio::task::spawn_blocking(move || work(&store)).await {
            Ok(done) => Ok(done?),
            Err(error) => {
                tracing::error!(%error, "a question to the store broke off");
                Err(Problem::Internal)
            }
        }
    }
}
