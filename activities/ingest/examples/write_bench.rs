//! Rows a second through the store, beside a bare insert of the same rows with the same indexes in the same run, what
//! parsing costs, and how long `GET /api/stats` takes. `write_bench [EVENTS] [STATS_EVENTS]`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a bench prints, and ends where it fails"
)]

use std::{
    collections::VecDeque,
    path::Path,
    time::{Duration, Instant},
};

use ingest::{
    event::{Content, Limits, NewEvent, parse, parse_batch},
    store::{Lane, Settings, StatsFilter, Store, Ticket},
};
use rusqlite::{Connection, params};

fn body(number: usize) -> String {
    format!(
        "{{\"session_id\":\"bench-session-{}\",\"agent_type\":\"bench\",\"event_type\":\"tool_use\",\"tool_name\":\"Tool{}\",\
         \"event_id\":\"bench-{number:012}\",\"status\":\"success\",\"tokens_in\":{},\"tokens_out\":{},\"project\":\"bench\",\
         \"model\":\"bench-model-{}\",\"duration_ms\":{},\"source\":\"api\",\
         \"metadata\":{{\"command\":\"echo {number}\",\"file_path\":\"/tmp/file-{number}.txt\",\"worker\":{}}}}}",
        number % 100,
        number % 12,
        number % 500,
        number % 700,
        number % 4,
        number % 90 + 1,
        number % 40
    )
}

fn events(from: usize, count: usize) -> Vec<NewEvent> {
    let limits = Limits::default();
    (from..from + count).map(|number| parse(body(number).as_bytes(), Content::Utf8, &limits).unwrap()).collect()
}

/// A clock of the wall and one of the processor: on a machine that is busy with other things only the second says much.
struct Clock {
    started: Instant,
    processor: Option<Duration>,
}

impl Clock {
    fn start() -> Self {
        Self { started: Instant::now(), processor: processor_time() }
    }

    fn rate(&self, what: &str, rows: usize) -> f64 {
        let wall = self.started.elapsed().as_secs_f64();
        let spent = processor_time().zip(self.processor).map(|(now, then)| (now - then).as_secs_f64());
        let spent = spent.filter(|spent| *spent > 0.0).unwrap_or(wall);
        println!("{what:<58} {:>10.0} rows/s {:>10.0} rows/CPU s", rows as f64 / wall, rows as f64 / spent);
        rows as f64 / spent
    }
}

/// What all threads of the process used, ended ones too.
fn processor_time() -> Option<Duration> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

fn through_store(folder: &Path, total: usize, batch: usize, clients: usize) -> f64 {
    let store = Store::open(&folder.join(format!("store-{batch}.db")), Settings::default()).unwrap();
    let mut batches: VecDeque<Vec<NewEvent>> = (0..total / batch).map(|at| events(at * batch, batch)).collect();
    let clock = Clock::start();
    let mut waiting: VecDeque<Ticket> = VecDeque::new();
    while let Some(events) = batches.pop_front() {
        if waiting.len() == clients {
            waiting.pop_front().unwrap().wait().unwrap();
        }
        waiting.push_back(store.write(events).unwrap());
    }
    for ticket in waiting {
        ticket.wait().unwrap();
    }
    let rate = clock.rate(&format!("store, {batch} a request, {clients} clients"), total);
    println!("  {:.0} rows a transaction", total as f64 / store.gauges().commits as f64);
    rate
}

/// The same statement, the same tables and indexes: what SQLite alone does.
fn bare(folder: &Path, total: usize, per_transaction: usize, sql: &str, drop: &[&str]) -> f64 {
    let path = folder.join(format!("bare-{per_transaction}-{}.db", drop.len()));
    // Made by the store, so that schema and settings of the file are the same.
    Store::open(&path, Settings::default()).unwrap().close();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 4000;")
        .unwrap();
    for statement in drop {
        connection.execute_batch(statement).unwrap();
    }
    let events = events(0, total);
    let clock = Clock::start();
    let mut statement = connection.prepare(sql).unwrap();
    for chunk in events.chunks(per_transaction) {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for event in chunk {
            statement
                .execute(params![
                    event.event_id,
                    event.session_id,
                    event.agent_type,
                    event.event_type.as_str(),
                    event.tool_name,
                    event.status.as_str(),
                    event.tokens_in as i64,
                    event.tokens_out as i64,
                    event.branch,
                    event.project,
                    event.duration_ms.map(|duration| duration as i64),
                    "2026-11-21 10:00:00",
                    event.client_timestamp,
                    event.metadata.json(),
                    event.metadata.truncated(),
                    event.model,
                    event.cost_usd,
                    event.cache_read_tokens as i64,
                    event.cache_write_tokens as i64,
                    event.source
                ])
                .unwrap();
        }
        connection.execute_batch("COMMIT").unwrap();
    }
    let rate = clock.rate(&format!("bare insert, {per_transaction} a transaction"), total);
    for statement in drop {
        println!("  {statement}");
    }
    rate
}

const INSERT: &str = "INSERT INTO events (event_id, session_id, agent_type, event_type, tool_name, status, tokens_in, tokens_out,
  branch, project, duration_ms, created_at, client_timestamp, metadata, payload_truncated, model, cost_usd, cache_read_tokens,
  cache_write_tokens, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

fn parsing(total: usize) {
    let bodies: Vec<String> = (0..total).map(body).collect();
    let bytes: usize = bodies.iter().map(String::len).sum();
    let limits = Limits::default();
    let clock = Clock::start();
    for body in &bodies {
        parse(body.as_bytes(), Content::Utf8, &limits).unwrap();
    }
    let rate = clock.rate("parse, one event a body", total);
    let bytes = bytes as f64 / total as f64;
    println!("{:<58} {:>10.0} MB/CPU s, {bytes:.0} bytes an event", "", bytes * rate / 1e6);
    let batches: Vec<String> = bodies.chunks(50).map(|chunk| format!("{{\"events\":[{}]}}", chunk.join(","))).collect();
    let clock = Clock::start();
    for batch in &batches {
        parse_batch(batch.as_bytes(), Content::Utf8, &limits).unwrap();
    }
    clock.rate("parse, 50 events a body", total);
}

fn statistics(folder: &Path, total: usize) {
    let store = Store::open(&folder.join("stats.db"), Settings::default()).unwrap();
    let clock = Clock::start();
    let mut waiting: VecDeque<Ticket> = VecDeque::new();
    let mut middle = String::new();
    for at in 0..total / 1000 {
        if waiting.len() == 8 {
            waiting.pop_front().unwrap().wait().unwrap();
        }
        if at == total / 2000 {
            middle = ingest::timestamp::to_sqlite(ingest::timestamp::now_seconds());
        }
        waiting.push_back(store.write_on(Lane::Background, events(at * 1000, 1000)).unwrap());
    }
    for ticket in waiting {
        ticket.wait().unwrap();
    }
    clock.rate("store, imports of 1,000, parsing on the caller's thread", total);
    let filters = [
        ("all", StatsFilter::default()),
        ("agent_type", StatsFilter { agent_type: Some("bench".to_owned()), since: None }),
        ("since", StatsFilter { agent_type: None, since: Some(middle) }),
    ];
    for (name, filter) in filters {
        store.stats(&filter).unwrap();
        let started = Instant::now();
        let stats = (0..20).map(|_| store.stats(&filter).unwrap()).last().unwrap();
        println!(
            "stats, {name:<51} {:>10.2} ms, {} of {total} events",
            started.elapsed().as_secs_f64() * 1000.0 / 20.0,
            stats.total_events
        );
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<usize>().expect("a count of events"));
    let total = arguments.next().unwrap_or(200_000);
    let for_stats = arguments.next().unwrap_or(0);
    let folder = tempfile::tempdir().unwrap();
    parsing(total);
    let ceiling = bare(folder.path(), total, 1000, INSERT, &[]);
    let batches = through_store(folder.path(), total, 50, 40);
    println!("{:<58} {:>10.0} %", "of the bare insert", batches / ceiling * 100.0);
    through_store(folder.path(), total / 4, 1, 40);
    bare(folder.path(), total / 4, 1, INSERT, &[]);
    bare(folder.path(), total, 1000, INSERT, &["DROP INDEX idx_events_session_id"]);
    bare(folder.path(), total, 1000, INSERT, &["DROP INDEX idx_events_session_id", "DROP INDEX idx_events_created_at"]);
    bare(
        folder.path(),
        total,
        1000,
        INSERT,
        &[
            "CREATE INDEX idx_events_event_type ON events(event_type)",
            "CREATE INDEX idx_events_tool_name ON events(tool_name)",
            "CREATE INDEX idx_events_agent_type ON events(agent_type)",
        ],
    );
    if for_stats > 0 {
        statistics(folder.path(), for_stats);
    }
}
