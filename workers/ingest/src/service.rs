//! The service: its stores, its threads, its socket.

use std::{
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, anyhow};
use ingest::{
    config::Config,
    http::{HttpSettings, ServeError, Service},
    store::Store,
};
use session_receiver::Store as Sessions;
use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
    task::JoinHandle,
};

use crate::{arguments::Serve, ending::Ending, signals::Stop};

/// A service that runs.
pub(crate) struct Hosted {
    threads: Runtime,
    store: Arc<Store>,
    stop: Stop,
    end: oneshot::Sender<()>,
    served: JoinHandle<()>,
    #[cfg(feature = "worker")]
    config: Config,
    #[cfg(feature = "worker")]
    settings: HttpSettings,
}

impl Hosted {
    /// Opens the stores, takes the address and serves.
    ///
    /// # Errors
    /// A setting that cannot be served with, a store that cannot be opened, an address that is taken.
    pub(crate) fn start(arguments: Serve, state_folder: &Path) -> Result<Self, Ending> {
        let mut config = Config::from_env();
        config.host = arguments.host.unwrap_or(config.host);
        config.port = arguments.port.unwrap_or(config.port);
        config.db_path = arguments.db.or(config.db_path);
        config.sessions_db = arguments.sessions_db.or(config.sessions_db);
        // Before anything is opened: a service that must not listen leaves no file behind.
        let settings = HttpSettings::from_env(&config).map_err(|error| Ending::of(1)(error.into()))?;
        raise_file_limit();
        // Two threads serve: what costs time is the store, which has threads of its own.
        let threads = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_stack_size(1024 * 1024)
            .max_blocking_threads(8)
            .enable_all()
            .build()
            .context("the threads of the service cannot be started")
            .map_err(Ending::of(4))?;
        let stop = Stop::watch(threads.handle()).context("watching for signals").map_err(Ending::of(4))?;
        let store = open(&config, state_folder)?;
        let sessions = open_sessions(&config, store.path())?;
        let service = Service::new(Arc::clone(&store), config.clone(), settings.clone()).with_sessions(sessions);
        let code = |error: &ServeError| match error {
            ServeError::Setting(_) => 1,
            ServeError::Store(_) | ServeError::Listen { .. } => 3,
            ServeError::Start(_) => 4,
        };
        let listening = threads.block_on(service.listen()).map_err(|error| Ending::of(code(&error))(error.into()))?;
        let address = listening.address();
        tracing::info!("serving on http://{address}");
        if arguments.print_address {
            let mut stdout = std::io::stdout();
            let _ = writeln!(stdout, "http://{address}").and_then(|()| stdout.flush());
        }
        let (end, ended) = oneshot::channel();
        let served = threads.spawn(listening.serve(async {
            // A sender that is gone means the same.
            let _ = ended.await;
        }));
        Ok(Self {
            threads,
            store,
            stop,
            end,
            served,
            #[cfg(feature = "worker")]
            config,
            #[cfg(feature = "worker")]
            settings,
        })
    }

    /// Serves until the process is told to end, then ends.
    ///
    /// # Errors
    /// When the service broke off by itself.
    pub(crate) fn run(mut self) -> Result<(), Ending> {
        let stop = self.stop.clone();
        let served = &mut self.served;
        self.threads.block_on(async {
            tokio::select! {
                () = stop.told() => {}
                _ = served => {}
            }
        });
        self.close()
    }

    /// Answers what is under way, writes what waits, and gives the files free.
    ///
    /// # Errors
    /// When the service has broken off by itself before.
    pub(crate) fn close(self) -> Result<(), Ending> {
        let broken = self.served.is_finished();
        let _ = self.end.send(());
        if !broken {
            let _ = self.threads.block_on(self.served);
        }
        self.store.close();
        // A request that did not end in time must not keep the process.
        self.threads.shutdown_background();
        if broken {
            return Err(Ending::of(4)(anyhow!("the service broke off; the log says more")));
        }
        tracing::info!("ended");
        Ok(())
    }
}

#[cfg(feature = "worker")]
impl Hosted {
    pub(crate) fn stop(&self) -> &Stop {
        &self.stop
    }

    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    pub(crate) fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// Returns when the service breaks off by itself.
    pub(crate) async fn broken(&mut self) {
        let _ = (&mut self.served).await;
    }
}

fn open(config: &Config, state_folder: &Path) -> Result<Arc<Store>, Ending> {
    let settings = config.store_settings().map_err(|error| Ending::of(1)(error.into()))?;
    let path = config.db_path.clone().unwrap_or_else(|| state_folder.join("ingest.db"));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))
            .map_err(Ending::of(4))?;
    }
    let store = Store::open(&path, settings)
        .with_context(|| format!("the store {} cannot be opened", path.display()))
        .map_err(Ending::of(3))?;
    Ok(Arc::new(store))
}

/// Where shippers' sessions are kept; a receiver that ran alone may have made the file.
fn open_sessions(config: &Config, events: &Path) -> Result<Sessions, Ending> {
    let path = config.sessions_path(events);
    Sessions::open(&path)
        .with_context(|| format!("the store of sessions {} cannot be opened", path.display()))
        .map_err(Ending::of(3))
}

/// `GANTRY_HOME`, else `.gantry` in the current folder.
pub(crate) fn state_folder() -> PathBuf {
    std::env::var_os("GANTRY_HOME").filter(|home| !home.is_empty()).map_or_else(|| ".gantry".into(), PathBuf::from)
}

/// Each connection is a file; many systems start with 1,024, and allow more.
fn raise_file_limit() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit.maximum.map_or(65_536, |most| most.min(65_536));
    if limit.current.is_some_and(|current| current < wanted) {
        let raised = Rlimit { current: Some(wanted), maximum: limit.maximum };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::debug!(%error, "the limit of open files stays");
        }
    }
}
