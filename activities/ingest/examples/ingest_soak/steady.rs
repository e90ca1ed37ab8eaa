//! The service undisturbed: what it holds must not grow.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use crate::{
    load::{client::post_all, process::Served, rows, stream::Readers},
    poster::{Pace, Poster, ROUTES},
};

/// Megabytes by which the last fifth of the samples may lie above the second fifth. The page cache of the writer and the
/// ring of the stream are full long before.
const GROWTH: f64 = 6.0;
/// Files by which it may.
const FILES: usize = 8;
/// Samples of a run.
const SAMPLES: u32 = 60;
/// Most megabytes at any time: the goal.
const PEAK: f64 = 48.0;
/// Most megabytes after a million sessions: the readers' caches, the counters and those sessions that are remembered.
const SESSIONS_PEAK: f64 = 64.0;

struct Sample {
    memory: f64,
    descriptors: usize,
}

/// # Panics
/// When memory or descriptors grow, or a client of the stream misses a frame.
pub(crate) fn run(binary: &Path, database: &Path, time: Duration, rate: u64) {
    println!("{} s undisturbed, {rate} events/s, clients of the stream that come and go", time.as_secs());
    let served = Served::start(binary, database);
    let pace = Arc::new(Pace::default());
    let loading = load(served.address, rate, Arc::clone(&pace));
    let mut samples = Vec::new();
    let (started, before) = (Instant::now(), served.spent());
    for number in 1..=SAMPLES {
        let until = started + time * number / SAMPLES;
        let readers = Readers::start(served.address, 3);
        std::thread::sleep(until.saturating_duration_since(Instant::now()));
        let sample = Sample { memory: served.memory(), descriptors: served.descriptors() };
        let read = readers.finish(0, Duration::ZERO);
        assert_eq!(read.disorder, 0, "a client of the stream missed a frame");
        if number % 6 == 0 {
            println!(
                "  {:>5.0} s: {:.1} MB, {} files, {} frames to three clients since the last look",
                started.elapsed().as_secs_f64(),
                sample.memory,
                sample.descriptors,
                read.frames
            );
        }
        samples.push(sample);
    }
    pace.stop.store(true, Ordering::Release);
    let events = loading.join().unwrap();
    println!(
        "{events} events; {:.1} us of processor time each; peak {:.1} MB",
        (served.spent().saturating_sub(before)).as_secs_f64() * 1e6 / events as f64,
        served.peak()
    );
    let peak = served.peak();
    served.stop();
    let fifth = samples.len() / 5;
    let early = samples.get(fifth..2 * fifth).unwrap_or_default();
    let late = samples.get(4 * fifth..).unwrap_or_default();
    let memory = |samples: &[Sample]| samples.iter().map(|sample| sample.memory).fold(0.0, f64::max);
    let files = |samples: &[Sample]| samples.iter().map(|sample| sample.descriptors).max().unwrap_or_default();
    assert!(
        memory(late) <= memory(early) + GROWTH,
        "memory grew from {:.1} to {:.1} MB; {GROWTH} MB are allowed",
        memory(early),
        memory(late)
    );
    assert!(files(late) <= files(early) + FILES, "files grew from {} to {}", files(early), files(late));
    assert!(peak <= PEAK, "{peak:.1} MB in memory at most; {PEAK} are allowed");
    println!("from {:.1} to {:.1} MB, from {} to {} files", memory(early), memory(late), files(early), files(late));
}

fn load(address: SocketAddr, rate: u64, pace: Arc<Pace>) -> std::thread::JoinHandle<u64> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let share = rate as f64 / (2 * ROUTES.len()) as f64;
        let posters: Vec<_> = (0..2 * ROUTES.len())
            .map(|number| Poster::new(number, ROUTES[number % ROUTES.len()]))
            .map(|poster| runtime.spawn(poster.run(address, share, Arc::clone(&pace))))
            .collect();
        posters.into_iter().map(|poster| runtime.block_on(poster).unwrap().acknowledged.events).sum()
    })
}

/// Events of so many sessions, one each.
///
/// # Panics
/// When they take more memory than is allowed.
pub(crate) fn many_sessions(binary: &Path, database: &Path, sessions: usize) {
    let served = Served::start(binary, database);
    for from in (0..sessions).step_by(100_000) {
        let event = |number: usize| rows::event_of(&format!("session-{number}"), &format!("session-{number}"), number);
        let requests = (from..sessions.min(from + 100_000))
            .step_by(100)
            .map(|at| rows::request(&(at..at + 100).map(event).collect::<Vec<_>>()))
            .collect();
        post_all(served.address, requests, 8);
    }
    let peak = served.peak();
    println!("{sessions} sessions: {:.1} MB, peak {peak:.1} MB", served.memory());
    assert!(peak <= SESSIONS_PEAK, "{peak:.1} MB in memory at most; {SESSIONS_PEAK} are allowed");
    served.stop();
}
