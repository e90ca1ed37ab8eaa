//! The service under load, from outside.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::load::{
    client::{Link, Loaded, post_all},
    process::Served,
    rows,
    stream::{Read, Readers},
};

/// A program that can be loaded.
pub(crate) enum Server<'a> {
    Service(&'a Path),
    /// This program itself, which parses and drops.
    ParseAndDrop,
}

/// One run.
pub(crate) struct Run {
    pub(crate) loaded: Loaded,
    pub(crate) read: Read,
    pub(crate) events: usize,
    /// Processor time of the server.
    pub(crate) spent: Duration,
    /// Megabytes, before and at most.
    pub(crate) memory: (f64, f64),
}

impl Run {
    pub(crate) fn rate(&self) -> f64 {
        self.events as f64 / self.loaded.wall.as_secs_f64()
    }

    /// Microseconds of the server's processor time for each event.
    pub(crate) fn cost(&self) -> f64 {
        self.spent.as_secs_f64() * 1e6 / self.events as f64
    }
}

/// Loads a server of its own, over a fresh database.
pub(crate) fn run(server: &Server<'_>, folder: &Path, events: usize, batch: usize, clients: usize) -> Run {
    let work = tempfile::tempdir_in(folder).unwrap();
    let served = match server {
        Server::Service(binary) => Served::start(binary, &work.path().join("events.db")),
        Server::ParseAndDrop => Served::run(&std::env::current_exe().unwrap(), &["parse-and-drop".as_ref()]),
    };
    // Made before the clock runs.
    let events = events / batch * batch;
    let requests: Vec<Vec<u8>> = (0..events / batch)
        .map(|at| rows::request(&(at * batch..(at + 1) * batch).map(rows::event).collect::<Vec<_>>()))
        .collect();
    let idle = served.memory();
    let readers = Readers::start(served.address, clients);
    let before = served.spent();
    let loaded = post_all(served.address, requests, 40);
    let read = readers.finish(events, Duration::from_secs(20));
    let run = Run { loaded, read, events, spent: served.spent().saturating_sub(before), memory: (idle, served.peak()) };
    served.kill();
    run
}

/// Milliseconds from the start of the process to its first 200, sorted; each over the same database.
pub(crate) fn starts(binary: &Path, database: &Path, times: usize) -> Vec<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut taken: Vec<f64> = (0..times)
        .map(|_| {
            let started = Instant::now();
            let served = Served::start(binary, database);
            let status = runtime.block_on(async { Link::open(served.address).await?.get("/api/health").await });
            let taken = started.elapsed().as_secs_f64() * 1e3;
            assert_eq!(status.unwrap().0, 200);
            served.stop();
            taken
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken
}

/// Megabytes of a service that nobody has asked for anything, after a while.
pub(crate) fn idle_memory(binary: &Path, folder: &Path) -> f64 {
    let work = tempfile::tempdir_in(folder).unwrap();
    let served = Served::start(binary, &work.path().join("events.db"));
    std::thread::sleep(Duration::from_secs(2));
    let memory = served.memory();
    served.stop();
    memory
}

/// Median milliseconds of a request, asked over one connection; it is asked once before.
pub(crate) fn median_get(served: &Served, path: &str, times: usize) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut link = Link::open(served.address).await.unwrap();
        let mut taken = Vec::new();
        for _ in 0..=times {
            let started = Instant::now();
            let (status, body) = link.get(path).await.unwrap();
            assert_eq!(status, 200, "{path}: {}", String::from_utf8_lossy(&body));
            taken.push(started.elapsed().as_secs_f64() * 1e3);
        }
        let mut taken = taken.split_off(1);
        taken.sort_by(f64::total_cmp);
        taken.get(taken.len() / 2).copied().unwrap_or_default()
    })
}

/// The service's program.
pub(crate) fn binary() -> PathBuf {
    let path = std::env::var_os("GANTRY_INGEST").map(PathBuf::from);
    path.expect("GANTRY_INGEST names the program gantry-ingest; scripts/bench-ingest.sh sets it")
}
