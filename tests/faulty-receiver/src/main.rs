//! The faulty receiver, or a sink, as a process. Says on its first line where it listens, ends when its standard input does,
//! and says what it counted.

use std::{
    io::{Read, Write},
    net::SocketAddr,
    path::PathBuf,
};

use anyhow::Context;
use clap::{Parser, ValueEnum};
use faulty_receiver::{FaultSettings, FaultyReceiver, Sink, SinkKind};
use session_receiver::TokenReference;

/// A receiver of sessions that fails on purpose, or a sink that takes everything and keeps nothing.
#[derive(Parser)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Where what comes is stored.
    #[arg(long, required_unless_present = "sink")]
    database: Option<PathBuf>,
    /// What senders must send: env:NAME or file:PATH.
    #[arg(long)]
    token: Option<String>,
    /// What the faults are drawn from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Requests of 1,000 to which something happens.
    #[arg(long, default_value_t = 500)]
    faults: u32,
    /// Take everything and keep nothing: drop answers at once, count inflates and counts events.
    #[arg(long, conflicts_with = "database")]
    sink: Option<SinkName>,
}

#[derive(Clone, Copy, ValueEnum)]
enum SinkName {
    Drop,
    Count,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let given = Arguments::parse();
    if let Some(kind) = given.sink {
        let kind = match kind {
            SinkName::Drop => SinkKind::Drop,
            SinkName::Count => SinkKind::Count,
        };
        let sink = Sink::start(given.listen, kind).await.with_context(|| format!("listening on {}", given.listen))?;
        say(&format!("listening on http://{}", sink.address))?;
        until_the_input_ends().await;
        return say(&serde_json::to_string(&sink.counts())?);
    }
    let database = given.database.context("--database is missing")?;
    let faults = FaultSettings { seed: given.seed, permille: given.faults, ..FaultSettings::default() };
    let token = given.token.as_deref().map(TokenReference::of_text);
    let receiver = FaultyReceiver::start(given.listen, &database, token, faults).await?;
    say(&format!("listening on http://{}", receiver.address))?;
    until_the_input_ends().await;
    say(&serde_json::to_string(&receiver.counts())?)
}

fn say(line: &str) -> anyhow::Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

async fn until_the_input_ends() {
    // An input that cannot be read has ended as well.
    let _ = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await;
}
