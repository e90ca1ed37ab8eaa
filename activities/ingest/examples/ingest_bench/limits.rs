//! What the store and the service cannot beat, measured in the same run: SQLite alone, and a server that only parses.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use axum::{Router, body::Bytes, routing::post};
use ingest::{
    event::{Content, Limits, NewEvent, parse, parse_batch},
    store::{Settings, Store},
    transfer::{ImportOptions, import_line},
};
use rusqlite::{Connection, params};

use crate::load::{process::process_time, rows};

/// A rate by the clock and one by the processor: on a machine that is busy with other things only the second says much.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) wall: f64,
    pub(crate) processor: f64,
}

impl Rate {
    /// Of so many things, done since then.
    pub(crate) fn since(count: usize, started: Instant, spent: Duration) -> Self {
        let wall = started.elapsed().as_secs_f64();
        let spent = process_time().saturating_sub(spent).as_secs_f64();
        Self { wall: count as f64 / wall, processor: count as f64 / if spent > 0.0 { spent } else { wall } }
    }
}

const INSERT: &str = "INSERT INTO events (event_id, session_id, agent_type, event_type, tool_name, status, tokens_in, tokens_out,
  branch, project, duration_ms, created_at, client_timestamp, metadata, payload_truncated, model, cost_usd, cache_read_tokens,
  cache_write_tokens, source) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)";

/// Rows a second of SQLite alone: the same statement, tables, indexes and settings, so many rows a transaction.
pub(crate) fn bare_insert(folder: &Path, total: usize, per_transaction: usize) -> Rate {
    let path = folder.join("bare.db");
    // Made by the store, so that schema and settings of the file are the same.
    Store::open(&path, Settings::default()).unwrap().close();
    let connection = Connection::open(&path).unwrap();
    connection
        .execute_batch("PRAGMA synchronous = NORMAL; PRAGMA cache_size = -10000; PRAGMA wal_autocheckpoint = 4000;")
        .unwrap();
    let limits = Limits::default();
    let events: Vec<NewEvent> =
        (0..total).map(|number| parse(rows::event(number).as_bytes(), Content::Utf8, &limits).unwrap()).collect();
    let (started, spent) = (Instant::now(), process_time());
    let mut statement = connection.prepare(INSERT).unwrap();
    for chunk in events.chunks(per_transaction) {
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        for event in chunk {
            insert(&mut statement, event);
        }
        connection.execute_batch("COMMIT").unwrap();
    }
    let rate = Rate::since(total, started, spent);
    drop(statement);
    drop(connection);
    for suffix in ["", "-wal", "-shm", ".lock"] {
        let _ = std::fs::remove_file(folder.join(format!("bare.db{suffix}")));
    }
    rate
}

fn insert(statement: &mut rusqlite::Statement<'_>, event: &NewEvent) {
    let number = |count: u64| i64::try_from(count).unwrap();
    statement
        .execute(params![
            event.event_id,
            event.session_id,
            event.agent_type,
            event.event_type.as_str(),
            event.tool_name,
            event.status.as_str(),
            number(event.tokens_in),
            number(event.tokens_out),
            event.branch,
            event.project,
            event.duration_ms.map(number),
            "2026-11-21 10:00:00",
            event.client_timestamp,
            event.metadata.json(),
            event.metadata.truncated(),
            event.model,
            event.cost_usd,
            number(event.cache_read_tokens),
            number(event.cache_write_tokens),
            event.source
        ])
        .unwrap();
}

/// Serves the two routes for ever: parses as the service does, and drops what comes out.
pub(crate) fn parse_and_drop() {
    // As many threads as the service has for HTTP.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let single = async |body: Bytes| {
            parse(&body, Content::Utf8, &Limits::default()).unwrap();
            (axum::http::StatusCode::CREATED, r#"{"received":1,"ids":[1],"duplicates":0}"#)
        };
        let batch = async |body: Bytes| {
            let events = parse_batch(&body, Content::Utf8, &Limits::default()).unwrap();
            let ids: Vec<usize> = (0..events.len()).collect();
            let answer = format!(r#"{{"received":{},"ids":{ids:?},"duplicates":0,"rejected":[]}}"#, events.len());
            (axum::http::StatusCode::CREATED, answer)
        };
        let router = Router::new().route("/api/events", post(single)).route("/api/events/batch", post(batch));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        let service = hyper_util::service::TowerToHyperService::new(router);
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            let served = hyper::server::conn::http1::Builder::new()
                .serve_connection(hyper_util::rt::TokioIo::new(stream), service.clone());
            tokio::spawn(served);
        }
    });
}

/// Bytes of a file of events a second, read and parsed as an import does, and nothing stored.
pub(crate) fn parse_lines(file: &Path) -> Rate {
    let options = ImportOptions::default();
    let (started, spent) = (Instant::now(), process_time());
    let mut reader = std::io::BufReader::with_capacity(64 * 1024, std::fs::File::open(file).unwrap());
    let (mut line, mut bytes, mut number) = (Vec::new(), 0, 0);
    while let count @ 1.. = std::io::BufRead::read_until(&mut reader, b'\n', &mut line).unwrap() {
        bytes += count;
        number += 1;
        import_line(&line, number, "0123", &options).unwrap().unwrap();
        line.clear();
    }
    Rate::since(bytes, started, spent)
}
