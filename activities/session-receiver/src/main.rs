//! The reference server: `gantry-session-receiver --database PATH`.

use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, bail};
use clap::Parser;
use session_receiver::{Access, Limits, Receiver, Store, TokenReference, router};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// How long answers may still take once the server is told to end.
const DRAIN: Duration = Duration::from_secs(30);

/// Receives agent sessions over HTTP and keeps them in a SQLite file.
#[derive(Parser)]
#[command(name = "gantry-session-receiver", version)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one, which the line on stdout names.
    #[arg(long, default_value = "127.0.0.1:3142")]
    listen: SocketAddr,
    /// The SQLite file, made when it is not there.
    #[arg(long)]
    database: PathBuf,
    /// What senders must send: env:NAME or file:PATH. Without it only a loopback address is served.
    #[arg(long)]
    token: Option<String>,
    /// Largest body as it comes, in bytes.
    #[arg(long, default_value_t = Limits::default().body_bytes)]
    max_body_bytes: u64,
    /// Largest body once inflated, in bytes.
    #[arg(long, default_value_t = Limits::default().inflated_bytes)]
    max_inflated_bytes: u64,
    /// Events that one device may send in a minute.
    #[arg(long)]
    events_per_minute: Option<u32>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let given = Arguments::parse();
    let token = given.token.as_deref().map(TokenReference::of_text);
    if let Some(reference) = &token {
        if matches!(reference, TokenReference::Literal(_)) {
            tracing::warn!(
                "a token in the arguments can be seen by others in the list of processes; give env:NAME or file:PATH"
            );
        }
        reference.resolve().map_err(anyhow::Error::msg).context("--token")?;
    }
    if Access::new(given.listen, token.clone()).is_closed() {
        bail!(
            "{} can be reached by others and there is no token: give --token env:NAME or file:PATH, or listen on 127.0.0.1",
            given.listen
        );
    }
    let store = Store::open(&given.database)?;
    let listener = TcpListener::bind(given.listen).await.with_context(|| format!("listening on {}", given.listen))?;
    let address = listener.local_addr()?;
    let limits =
        Limits { body_bytes: given.max_body_bytes, inflated_bytes: given.max_inflated_bytes, ..Limits::default() };
    let receiver = Receiver::new(store, Access::new(address, token), limits, given.events_per_minute);
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (drain, draining) = oneshot::channel();
    // The one line that programs read: which port 0 became.
    writeln!(std::io::stdout(), "listening on http://{address}")?;
    tracing::info!(%address, database = %given.database.display(), "listening");
    let server = axum::serve(listener, router(receiver)).with_graceful_shutdown(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("draining");
        // Nobody waits any more where all answers are finished.
        let _ = drain.send(());
    });
    tokio::select! {
        served = server.into_future() => served.context("serving")?,
        () = async { if draining.await.is_ok() { tokio::time::sleep(DRAIN).await } } => {
            tracing::warn!("some answers were not finished in time");
        }
    }
    Ok(())
}
