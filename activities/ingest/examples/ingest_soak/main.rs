//! The event service for a long time. `ingest_soak [MINUTES] [ROUND_SECONDS] [EVENTS_PER_SECOND]`, with the service's program in
//! `GANTRY_INGEST`; scripts/soak-ingest.sh builds both and starts it.
//!
//! First it is killed with SIGKILL at the end of each round while events pour in by four routes: every acknowledged event
//! must be there once, the counters must agree and the file must be whole. Then it runs as long undisturbed, with clients of
//! the stream that come and go: its memory and its descriptors must not grow. At last come a million sessions.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a soak prints, and ends where something fails"
)]

mod check;
#[path = "../load/mod.rs"]
#[allow(dead_code, reason = "each program uses a part of it")]
mod load;
mod poster;
mod steady;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use load::process::Served;
use poster::{Acknowledged, Pace, Poster, ROUTES};

/// Connections of each route while it is killed.
const CONNECTIONS: usize = 4;
/// Before each kill all post as fast as they can, so that it meets the writer at work.
const RUSH: Duration = Duration::from_millis(700);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |default: u64| arguments.next().map_or(default, |text| text.parse().expect("a whole number"));
    let (minutes, round, rate) = (number(30).max(1), number(60).max(1), number(2_000).max(1));
    let binary = std::env::var_os("GANTRY_INGEST").map(PathBuf::from).expect("GANTRY_INGEST names the program");
    let folder = tempfile::tempdir().unwrap();
    let rounds = (minutes * 60).div_ceil(round);
    killed(&binary, &folder.path().join("killed.db"), rounds, Duration::from_secs(round), rate);
    steady::run(&binary, &folder.path().join("steady.db"), Duration::from_secs(minutes * 60), rate);
    steady::many_sessions(&binary, &folder.path().join("sessions.db"), 1_000_000);
}

/// Loads the service and kills it, round after round, over one file.
fn killed(binary: &Path, database: &Path, rounds: u64, round: Duration, rate: u64) {
    println!("{rounds} rounds of {} s, {rate} events/s, SIGKILL at the end of each", round.as_secs());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut acknowledged: Vec<Acknowledged> = Vec::new();
    let mut posters: Vec<Poster> =
        (0..CONNECTIONS * ROUTES.len()).map(|number| Poster::new(number, ROUTES[number % ROUTES.len()])).collect();
    for number in 1..=rounds {
        let served = Served::start(binary, database);
        let pace = Arc::new(Pace::default());
        let share = rate as f64 / posters.len() as f64;
        let running: Vec<_> = posters
            .drain(..)
            .map(|poster| (poster, served.address, Arc::clone(&pace)))
            .map(|(poster, address, pace)| runtime.spawn(poster.run(address, share, pace)))
            .collect();
        let peak = runtime.block_on(async {
            tokio::time::sleep(round.saturating_sub(RUSH)).await;
            pace.rush.store(true, Ordering::Release);
            // Never at the same place of the work.
            tokio::time::sleep(RUSH.min(round) + Duration::from_micros(number * 1_733 % 50_000)).await;
            served.peak()
        });
        served.kill();
        // They notice by themselves, but for those that wait for their moment.
        pace.stop.store(true, Ordering::Release);
        for poster in running {
            posters.push(runtime.block_on(poster).unwrap());
        }
        let events: u64 = posters.iter().map(|poster| poster.acknowledged.events).sum();
        let again: u64 = posters.iter().map(|poster| poster.acknowledged.repeated).sum();
        println!(
            "  round {number}: {events} events acknowledged in all, {again} of them after a repeated request; peak {peak:.1} MB"
        );
    }
    acknowledged.extend(posters.into_iter().map(|poster| poster.acknowledged));
    let started = Instant::now();
    check::every_event_once(binary, database, &acknowledged);
    println!("checked in {:.1} s", started.elapsed().as_secs_f64());
}
