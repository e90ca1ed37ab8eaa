//! Every goal of the event service beside what is measured, and beside the limits of the same run. `ingest_bench [EVENTS]
//! [REPEATS] [STATS_EVENTS] [IMPORT_MEGABYTES]`, with the service's program in `GANTRY_INGEST`; scripts/bench-ingest.sh
//! builds both and starts it.
//!
//! Where a row is measured several times, the median is shown. Runs of different kinds take turns, so that a machine that
//! becomes slower is slower for all of them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench ends where something fails"
)]

mod files;
mod limits;
#[path = "../load/mod.rs"]
#[allow(dead_code, reason = "each program uses a part of it")]
mod load;
mod service;
mod table;

use std::{io::Write, path::Path, process::ExitCode, time::Duration};

use limits::Rate;
use load::process::Served;
use service::{Run, Server};
use table::{Goal, Table, number};

/// Events a second of the existing server, batches of 50 and single, 40 connections.
const EXISTING: (f64, f64) = (2_351.0, 1_691.0);

struct Sizes {
    events: usize,
    repeats: usize,
    stats_events: usize,
    import_bytes: u64,
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("parse-and-drop") => limits::parse_and_drop(),
        Some("load") => {
            one_load(arguments.get(1..).unwrap_or_default());
            return ExitCode::SUCCESS;
        }
        _ => {}
    }
    let size = |at: usize, default: usize| {
        arguments.get(at).map_or(default, |text| text.parse().expect("events, repeats, events, megabytes"))
    };
    let sizes = Sizes {
        events: size(0, 200_000),
        repeats: size(1, 3).max(1),
        stats_events: size(2, 5_000_000),
        import_bytes: size(3, 1_000) as u64 * 1_000_000,
    };
    let binary = service::binary();
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::default();
    under_load(&binary, folder.path(), &sizes, &mut table);
    at_rest(&binary, folder.path(), &mut table);
    with_many_events(&binary, folder.path(), sizes.stats_events, &mut table);
    importing(folder.path(), sizes.import_bytes, &mut table);
    let missed = table.print();
    if missed == 0 { ExitCode::SUCCESS } else { ExitCode::from(2) }
}

/// One kind of load, again and again, for a profile: `ingest_bench load EVENTS BATCH STREAM_CLIENTS [TIMES]`.
fn one_load(arguments: &[String]) {
    let size = |at: usize| arguments.get(at).and_then(|text| text.parse::<usize>().ok());
    let (events, batch, clients) = (size(0).unwrap_or(200_000), size(1).unwrap_or(50), size(2).unwrap_or(0));
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..size(3).unwrap_or(1) {
        let run = service::run(&Server::Service(&service::binary()), folder.path(), events, batch, clients);
        println!(
            "{} events/s, p50 {} p95 {} p99 {} ms, {} us/event of the service, {} of the clients, {} frames, {} MB",
            number(run.rate()),
            number(run.loaded.percentile(0.5)),
            number(run.loaded.percentile(0.95)),
            number(run.loaded.percentile(0.99)),
            number(run.cost()),
            number(run.read.spent.as_secs_f64() * 1e6 / run.events as f64),
            run.read.frames,
            number(run.memory.1)
        );
    }
}

fn say(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what} ...");
}

fn median<T>(items: &[T], of: impl Fn(&T) -> f64) -> f64 {
    let mut values: Vec<f64> = items.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}

fn largest<T>(items: &[T], of: impl Fn(&T) -> f64) -> f64 {
    items.iter().map(of).fold(0.0, f64::max)
}

#[derive(Default)]
struct Runs {
    bare: Vec<Rate>,
    dropped: Vec<Run>,
    dropped_single: Vec<Run>,
    batches: Vec<Run>,
    batches_streamed: Vec<Run>,
    single: Vec<Run>,
    single_streamed: Vec<Run>,
}

fn under_load(binary: &Path, folder: &Path, sizes: &Sizes, table: &mut Table) {
    let mut runs = Runs::default();
    let service = Server::Service(binary);
    let (many, few) = (sizes.events, sizes.events / 4);
    for turn in 1..=sizes.repeats {
        say(&format!("load, {turn} of {}", sizes.repeats));
        runs.bare.push(limits::bare_insert(folder, many, 1000));
        runs.dropped.push(service::run(&Server::ParseAndDrop, folder, many, 50, 0));
        runs.batches.push(service::run(&service, folder, many, 50, 0));
        runs.batches_streamed.push(service::run(&service, folder, many, 50, 10));
        runs.dropped_single.push(service::run(&Server::ParseAndDrop, folder, few, 1, 0));
        runs.single.push(service::run(&service, folder, few, 1, 0));
        runs.single_streamed.push(service::run(&service, folder, few, 1, 10));
    }
    let bare = median(&runs.bare, |rate| rate.wall);
    let beside = format!(
        "bare insert, 1,000 a transaction: {} rows/s; {} rows/CPU s",
        number(bare),
        number(median(&runs.bare, |rate| rate.processor))
    );
    let batches = posts(table, "batches of 50", &runs.batches, 10.0 * EXISTING.0, 150.0, beside);
    table.row("  of the bare insert", 100.0 * batches / bare, "%", &Goal::AtLeast(70.0), "");
    beside_dropping(table, &runs.batches, &runs.dropped);
    streamed(table, "batches of 50", &runs.batches, &runs.batches_streamed, &Goal::AtMost(10.0));
    posts(table, "single events", &runs.single, 6.0 * EXISTING.1, 15.0, String::new());
    beside_dropping(table, &runs.single, &runs.dropped_single);
    streamed(table, "single events", &runs.single, &runs.single_streamed, &Goal::None);
    let every = [&runs.batches, &runs.batches_streamed, &runs.single, &runs.single_streamed];
    let peak = every.iter().map(|runs| largest(runs, |run| run.memory.1)).fold(0.0, f64::max);
    table.row("peak memory of all runs", peak, "MB", &Goal::AtMost(48.0), "");
}

fn posts(table: &mut Table, what: &str, runs: &[Run], least: f64, p99: f64, beside: String) -> f64 {
    let rate = median(runs, Run::rate);
    table.row(&format!("{what}, 40 connections"), rate, "events/s", &Goal::AtLeast(least), beside);
    let at = |part: f64| median(runs, |run| run.loaded.percentile(part));
    let beside = format!(
        "p50 {} ms, p95 {} ms, worst p99 {} ms",
        number(at(0.5)),
        number(at(0.95)),
        number(largest(runs, |run| run.loaded.percentile(0.99)))
    );
    table.row("  p99", at(0.99), "ms", &Goal::AtMost(p99), beside);
    rate
}

fn beside_dropping(table: &mut Table, runs: &[Run], dropped: &[Run]) {
    let generator = median(runs, |run| run.loaded.spent.as_secs_f64() * 1e6 / run.events as f64);
    let beside = format!(
        "parse and drop: {} events/s, {} us; the generator: {} us",
        number(median(dropped, Run::rate)),
        number(median(dropped, Run::cost)),
        number(generator)
    );
    table.row("  processor time of the service", median(runs, Run::cost), "us/event", &Goal::None, beside);
}

fn streamed(table: &mut Table, what: &str, alone: &[Run], streamed: &[Run], goal: &Goal) {
    let rate = median(streamed, Run::rate);
    let loss = 100.0 * (1.0 - rate / median(alone, Run::rate));
    let beside = format!(
        "{} events/s, p99 {} ms; {} us/event of the service, {} us of the clients",
        number(rate),
        number(median(streamed, |run| run.loaded.percentile(0.99))),
        number(median(streamed, Run::cost)),
        number(median(streamed, |run| run.read.spent.as_secs_f64() * 1e6 / run.events as f64))
    );
    table.row(&format!("{what}, 10 stream clients: lost rate"), loss, "%", goal, beside);
    let missing: usize =
        streamed.iter().map(|run| (run.events * 10).abs_diff(run.read.frames) + run.read.disorder).sum();
    let frames: usize = streamed.iter().map(|run| run.read.frames).sum();
    let beside = format!("{} frames", number(frames as f64));
    table.row("  frames lost, doubled or out of order", missing as f64, "", &Goal::AtMost(0.0), beside);
}

fn at_rest(binary: &Path, folder: &Path, table: &mut Table) {
    say("start and idle memory");
    table.row("idle memory", service::idle_memory(binary, folder), "MB", &Goal::AtMost(12.0), "");
    let starts = service::starts(binary, &folder.join("starts.db"), 20);
    let beside = format!("least {} ms, most {} ms of 20", number(starts[0]), number(starts[starts.len() - 1]));
    table.row("start to the first 200", starts[starts.len() / 2], "ms", &Goal::AtMost(20.0), beside);
    let bytes = std::fs::metadata(binary).unwrap().len();
    table.row("program", bytes as f64 / 1e6, "MB", &Goal::None, "");
}

fn with_many_events(binary: &Path, folder: &Path, events: usize, table: &mut Table) {
    say(&format!("a database of {events} events"));
    let database = folder.join("many.db");
    let middle = files::database(&database, events).replace(' ', "%20");
    let served = Served::start(binary, &database);
    // What was not counted when the process before ended is counted now.
    let counted = || (stats_of(&served) == Some(events as u64)).then_some(());
    assert!(
        load::process::until(Duration::from_secs(60), counted).is_some(),
        "the statistics do not say {events} events"
    );
    let beside =
        format!("{} events, {} MB", number(events as f64), std::fs::metadata(&database).unwrap().len() / 1_000_000);
    for (what, query, goal) in [
        ("GET /api/stats", String::new(), 10.0),
        ("GET /api/stats by agent_type", "?agent_type=bench".to_owned(), 10.0),
        ("GET /api/stats with since, half of them", format!("?since={middle}"), 100.0),
    ] {
        let took = service::median_get(&served, &format!("/api/stats{query}"), 20);
        table.row(what, took, "ms", &Goal::AtMost(goal), beside.clone());
    }
    served.stop();
    let starts = service::starts(binary, &database, 5);
    table.row("start to the first 200 over this database", starts[starts.len() / 2], "ms", &Goal::AtMost(20.0), "");
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(folder.join(format!("many.db{suffix}")));
    }
}

fn stats_of(served: &Served) -> Option<u64> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answer = runtime.block_on(async { load::client::Link::open(served.address).await?.get("/api/stats").await });
    let stats: serde_json::Value = serde_json::from_slice(&answer.ok()?.1).ok()?;
    stats.get("total_events")?.as_u64()
}

fn importing(folder: &Path, bytes: u64, table: &mut Table) {
    say(&format!("import of {} MB", bytes / 1_000_000));
    let file = folder.join("import.jsonl");
    let lines = files::lines(&file, bytes);
    let parsed = limits::parse_lines(&file);
    let import = files::import_file(folder, &file, lines);
    let beside = format!(
        "read and parsed alone: {} MB/s, {} MB/CPU s",
        number(parsed.wall / 1e6),
        number(parsed.processor / 1e6)
    );
    table.row("import, JSONL", import.bytes.wall / 1e6, "MB/s", &Goal::AtLeast(150.0), beside);
    let beside = format!(
        "{} MB/CPU s; {} rows/CPU s; stopped at {} MB and gone on from there, each of {lines} lines once",
        number(import.bytes.processor / 1e6),
        number(import.rows.processor),
        import.stopped_at / 1_000_000
    );
    table.row("  rows", import.rows.wall, "rows/s", &Goal::None, beside);
}
