//! The service from its parts to its end.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize},
    },
    time::{Duration, Instant},
};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::Mutex,
    time::{MissedTickBehavior, interval_at},
};

use super::{
    agents::Agents,
    app::App,
    listen, live,
    rate::RateLimit,
    routes,
    settings::{BadSetting, HttpSettings},
};
use crate::{
    config::Config,
    metrics::Metrics,
    store::{Store, StoreError, Subscription},
    stream::{Hub, Pace, SharedPages},
};

/// Time between two sweeps of the sessions.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// A setting that cannot be served with.
    #[error(transparent)]
    Setting(#[from] BadSetting),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on {address}: {error}; choose another with --host and --port")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: std::io::Error,
    },
    /// The system gives no thread, or a counter is there twice.
    #[error("cannot start: {0}")]
    Start(String),
}

/// A service that does not listen yet.
#[derive(Debug)]
pub struct Service {
    store: Arc<Store>,
    config: Config,
    settings: HttpSettings,
    pace: Pace,
    routers: Vec<Router>,
    sessions: Option<session_receiver::Store>,
}

impl Service {
    /// A service over a store.
    pub fn new(store: Arc<Store>, config: Config, settings: HttpSettings) -> Self {
        let pace = Pace { heartbeat: config.sse_heartbeat, ..Pace::default() };
        Self { store, config, settings, pace, routers: Vec::new(), sessions: None }
    }

    /// Serves what another crate brings as well, behind the same checks of tokens, origins, hosts and times. Its paths
    /// are matched in lower case and without a slash at the end.
    #[must_use]
    pub fn with_router(mut self, router: Router) -> Self {
        self.routers.push(router);
        self
    }

    /// Serves `POST /api/agents/ingest` and what else the receiver of sessions has below `/api/agents/`. What it takes is kept in
    /// `sessions`, as by a receiver of its own, and becomes events as well; see [`crate::shipped`].
    #[must_use]
    pub fn with_sessions(mut self, sessions: session_receiver::Store) -> Self {
        self.sessions = Some(sessions);
        self
    }

    /// How patient the stream is.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.pace = pace;
        self
    }

    /// Takes the address. From now on connections wait to be served.
    ///
    /// # Errors
    /// See [`ServeError`].
    pub async fn listen(self) -> Result<Listening, ServeError> {
        self.settings.check(self.config.host)?;
        let address = SocketAddr::new(self.config.host, self.config.port);
        let listener = TcpListener::bind(address).await.map_err(|error| ServeError::Listen { address, error })?;
        let address = listener.local_addr().map_err(|error| ServeError::Listen { address, error })?;
        let hub = Hub::new(self.config.max_sse_clients, self.store.last_id()?);
        let commits = live::publish_commits(&self.store, &hub).map_err(|error| ServeError::Start(error.to_string()))?;
        let app = Arc::new(App {
            limits: self.config.limits(),
            metrics: Metrics::new().map_err(|error| ServeError::Start(error.to_string()))?,
            hub,
            pages: Arc::new(SharedPages::new(live::StorePages(Arc::clone(&self.store)))),
            pace: self.pace,
            per_token: RateLimit::new(self.settings.rate_per_token),
            per_session: RateLimit::new(self.settings.rate_per_session),
            otlp_turn: Mutex::new(()),
            started: Instant::now(),
            draining: AtomicBool::new(false),
            connections: AtomicUsize::new(0),
            store: self.store,
            config: self.config,
            settings: self.settings,
        });
        let agents = self.sessions.map(|sessions| Agents::new(&app, sessions));
        Ok(Listening { app, listener, routers: self.routers, agents, address, _commits: commits })
    }
}

/// A service that listens.
pub struct Listening {
    app: Arc<App>,
    listener: TcpListener,
    routers: Vec<Router>,
    agents: Option<Agents>,
    address: SocketAddr,
    _commits: Subscription,
}

impl std::fmt::Debug for Listening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listening").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Listening {
    /// Where; the port that the system chose, if it was asked to.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `shutdown` is done: then closes the listener, ends the streams, and waits for the answers that are
    /// under way. The store is the caller's to close.
    pub async fn serve(mut self, shutdown: impl Future<Output = ()>) {
        self.routers.extend(self.agents.as_ref().map(Agents::router));
        let router = routes::router(Arc::clone(&self.app), self.routers);
        let timers = [tokio::spawn(sweeps(Arc::clone(&self.app))), tokio::spawn(stats(Arc::clone(&self.app)))];
        let catching_up = self.agents.as_ref().map(Agents::catch_up);
        listen::serve(self.app, router, self.listener, shutdown).await;
        timers.iter().for_each(tokio::task::JoinHandle::abort);
        if let (Some(agents), Some(catching_up)) = (self.agents, catching_up) {
            agents.close(catching_up).await;
        }
    }
}

async fn sweeps(app: Arc<App>) {
    let mut ticks = interval_at(tokio::time::Instant::now() + SWEEP_EVERY, SWEEP_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        // What it idled the store tells the stream; what failed is in the log.
        let _ = app.blocking(|store| store.sweep(None)).await;
    }
}

async fn stats(app: Arc<App>) {
    let every = app.config.stats_interval;
    let mut ticks = interval_at(tokio::time::Instant::now() + every, every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        live::say_stats(&app).await;
    }
}
