//! `gantry-ingest serve`.

use std::{io::Write, path::PathBuf, sync::Arc};

use anyhow::Context;
use ingest::{
    config::Config,
    http::{HttpSettings, ServeError, Service},
    store::Store,
};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;

/// Why the service ended, with the exit code: 1 input, 3 store or network, 4 filesystem.
pub(crate) struct Ending {
    pub(crate) error: anyhow::Error,
    pub(crate) code: u8,
}

fn ending(code: u8) -> impl Fn(anyhow::Error) -> Ending {
    move |error| Ending { error, code }
}

pub(crate) fn run(arguments: Serve) -> Result<(), Ending> {
    let mut config = Config::from_env();
    config.host = arguments.host.unwrap_or(config.host);
    config.port = arguments.port.unwrap_or(config.port);
    config.db_path = arguments.db.or(config.db_path);
    // Before anything is opened: a service that must not listen leaves no file behind.
    let settings = HttpSettings::from_env(&config).map_err(|error| ending(1)(error.into()))?;
    raise_file_limit();
    let store = open(&config)?;
    // Two threads serve: what costs time is the store, which has threads of its own.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(1024 * 1024)
        .max_blocking_threads(8)
        .enable_all()
        .build()
        .context("the runtime cannot be started")
        .map_err(ending(4))?;
    let served = runtime.block_on(serve(Arc::clone(&store), config, settings, arguments.print_address));
    // Writes what waits and gives the file free.
    store.close();
    served
}

fn open(config: &Config) -> Result<Arc<Store>, Ending> {
    let settings = config.store_settings().map_err(|error| ending(1)(error.into()))?;
    let path = config.db_path.clone().unwrap_or_else(|| state_folder().join("ingest.db"));
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("the folder {} cannot be made", folder.display()))
            .map_err(ending(4))?;
    }
    let store = Store::open(&path, settings)
        .with_context(|| format!("the store {} cannot be opened", path.display()))
        .map_err(ending(3))?;
    Ok(Arc::new(store))
}

fn state_folder() -> PathBuf {
    std::env::var_os("GANTRY_HOME").filter(|home| !home.is_empty()).map_or_else(|| ".gantry".into(), PathBuf::from)
}

async fn serve(store: Arc<Store>, config: Config, settings: HttpSettings, print_address: bool) -> Result<(), Ending> {
    let code = |error: &ServeError| match error {
        ServeError::Setting(_) => 1,
        ServeError::Store(_) | ServeError::Listen { .. } => 3,
        ServeError::Start(_) => 4,
    };
    let mut signals = [SignalKind::terminate(), SignalKind::interrupt()]
        .into_iter()
        .map(signal)
        .collect::<std::io::Result<Vec<_>>>()
        .map_err(|error| ending(4)(error.into()))?;
    let service = Service::new(store, config, settings);
    let listening = service.listen().await.map_err(|error| ending(code(&error))(error.into()))?;
    let address = listening.address();
    tracing::info!("serving on http://{address}");
    if print_address {
        let mut stdout = std::io::stdout();
        let _ = writeln!(stdout, "http://{address}").and_then(|()| stdout.flush());
    }
    let stop = std::future::poll_fn(move |cx| {
        let told = signals.iter_mut().any(|signal| signal.poll_recv(cx).is_ready());
        if told { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    });
    listening.serve(stop).await;
    tracing::info!("ended");
    Ok(())
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
