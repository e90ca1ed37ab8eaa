//! A shipper that runs for hours while files grow and the server fails now and then: what it needs must not grow.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use sample_sessions::Random;
use session_receiver::TokenReference;

use super::{Binaries, Shipper, Summary, home::Home, shipper::TOKEN, verify};
use crate::{FaultSettings, FaultyReceiver};

/// What the shipper has at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sample {
    /// Since the start.
    pub at: Duration,
    /// Resident memory, in bytes.
    pub resident_bytes: u64,
    /// Open files and sockets.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Rows of the spool, dead ones too.
    pub spool_rows: u64,
    /// Bytes of its database and that one's log.
    pub database_bytes: u64,
    /// Events on the server.
    pub events: u64,
}

/// How a soak goes.
#[derive(Debug, Clone, Copy)]
pub struct Soak {
    /// What everything is drawn from.
    pub seed: u64,
    /// How long the shipper runs.
    pub lasts: Duration,
    /// How long from sample to sample.
    pub every: Duration,
}

/// Lets `connect` run, hands a sample to `see` now and then, and checks at the end that the server has everything once.
///
/// # Errors
/// As [`super::run_seed`]; also when the shipper ends by itself.
pub fn run(soak: &Soak, binaries: &Binaries, see: &mut dyn FnMut(Sample)) -> anyhow::Result<Summary> {
    let folder = tempfile::Builder::new().prefix("soak-").tempdir()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let faults = FaultSettings { seed: soak.seed, permille: 50, ..FaultSettings::default() };
    let token = Some(TokenReference::Literal(TOKEN.1.to_owned()));
    let database = folder.path().join("server.db");
    let server = runtime.block_on(FaultyReceiver::start(([127, 0, 0, 1], 0).into(), &database, token, faults))?;
    let root = folder.path().join("home");
    fs::create_dir_all(&root)?;
    let shipper = Shipper::new(binaries, folder.path(), &root, format!("http://{}", server.address));
    let mut home = Home::create(&root, soak.seed, 200, 50_000_000)?;
    let mut random = Random::part(soak.seed, 10);
    let mut running = shipper.start("connect")?;
    let (start, mut next) = (Instant::now(), Duration::ZERO);
    while start.elapsed() < soak.lasts {
        home.change()?;
        thread::sleep(Duration::from_millis(random.long_tailed(40, 5)));
        if start.elapsed() >= next {
            let mut sample = of_process(running.id()).context("the shipper has ended by itself")?;
            sample.at = start.elapsed();
            sample.events = server.store().counts()?.events;
            (sample.spool_rows, sample.database_bytes) = of_database(&shipper)?;
            see(sample);
            next += soak.every;
        }
    }
    ensure!(running.kill()?.is_none(), "the shipper has ended by itself");
    let run = super::Run { seed: soak.seed, random, server: &server, shipper: &shipper };
    server.quiet();
    let last_runs = run.ship_the_rest(&home)?;
    let (events, earlier) = verify(&server, &home).with_context(|| {
        let kept = folder.keep();
        format!("everything lies in {}", kept.display())
    })?;
    Ok(Summary {
        seed: soak.seed,
        events,
        earlier,
        kills: 1,
        last_runs,
        changes: home.changes,
        faults: server.counts(),
        took: start.elapsed(),
        ..Summary::default()
    })
}

/// What Linux says of a process; nothing where it is gone.
fn of_process(id: u32) -> Option<Sample> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let field = |name: &str| -> Option<u64> {
        let line = status.lines().find(|line| line.starts_with(name))?;
        line.split_ascii_whitespace().nth(1)?.parse().ok()
    };
    Some(Sample {
        resident_bytes: field("VmRSS:")? * 1024,
        threads: field("Threads:")?,
        descriptors: fs::read_dir(format!("/proc/{id}/fd")).ok()?.count() as u64,
        ..Sample::default()
    })
}

fn of_database(shipper: &Shipper) -> anyhow::Result<(u64, u64)> {
    let size = |suffix: &str| {
        let mut path = shipper.database.clone().into_os_string();
        path.push(suffix);
        fs::metadata(path).map_or(0, |metadata| metadata.len())
    };
    let rows = shipper.spool_rows()?;
    Ok((rows, size("") + size("-wal")))
}
