//! `status` and `reset`.

use std::fs;

use rusqlite::Connection;

use crate::place::{Place, finish};

/// The tables of the older daemon.
const OLDER: &str = "
    CREATE TABLE file_state (
        path TEXT PRIMARY KEY, provider TEXT NOT NULL, queued_offset INTEGER NOT NULL DEFAULT 0,
        acked_offset INTEGER NOT NULL DEFAULT 0, session_id TEXT, provider_session_id TEXT, last_updated TEXT NOT NULL);
    CREATE TABLE spool_queue (
        id INTEGER PRIMARY KEY AUTOINCREMENT, provider TEXT NOT NULL, file_path TEXT NOT NULL, start_offset INTEGER NOT NULL,
        end_offset INTEGER NOT NULL, session_id TEXT, created_at TEXT NOT NULL, retry_count INTEGER DEFAULT 0,
        next_retry_at TEXT NOT NULL, last_error TEXT, status TEXT DEFAULT 'pending');
    CREATE INDEX idx_spool_status ON spool_queue(status, next_retry_at);
    INSERT INTO spool_queue (provider, file_path, start_offset, end_offset, created_at, next_retry_at, status)
        VALUES ('claude', '/gone/a.jsonl', 0, 10, '2026-01-01T00:00:00+00:00', '2026-01-01T00:00:10+00:00', 'dead');
";

#[test]
fn an_empty_home_has_an_empty_state_and_stays_empty() {
    let place = Place::new();
    let before = place.tree();
    let people = place.run(&["status"]).of_success();
    insta::assert_snapshot!("status_of_an_empty_home", place.normalised(&people.stdout));
    let told = place.run(&["status", "--json"]).of_success().json();
    assert_eq!((&told["tracked"], &told["spool"]["dead"], &told["running"]), (&0.into(), &0.into(), &false.into()));
    assert_eq!(place.run(&["reset", "--all", "--yes"]).of_success().stdout, "nothing to reset\n");
    assert_eq!(place.tree(), before);
}

#[test]
fn the_state_of_an_older_daemon_is_read_and_left_as_it_is() {
    let place = Place::new();
    let session = place.session();
    let path = place.path("home/.claude/longhouse-shipper.db");
    let database = Connection::open(&path).unwrap();
    database.execute_batch(OLDER).unwrap();
    let row = "INSERT INTO file_state (path, provider, queued_offset, acked_offset, last_updated) VALUES (?1, 'claude', 40, 40, '2026-01-01T00:00:00+00:00')";
    database.execute(row, [session.to_str().unwrap()]).unwrap();
    database.close().unwrap();
    let before = fs::read(&path).unwrap();
    let told = place.run(&["status", "--json"]).of_success().json();
    assert_eq!((&told["tracked"], &told["spool"]["dead"]), (&1.into(), &1.into()));
    assert_eq!(told["bytesBehind"], session.metadata().unwrap().len() - 40);
    assert_eq!(fs::read(&path).unwrap(), before);
    let people = place.run(&["status"]).of_success().stdout;
    assert!(people.contains("spool          0 waiting, 1 given up"), "{people}");
}

#[test]
fn a_reset_asks_and_then_everything_is_new() {
    let place = Place::new();
    let session = place.session();
    let server = crate::server::Server::start(200);
    place.run(&["ship", "--url", &server.url]).of_success();
    let unasked = place.run(&["reset", "--all"]);
    assert!(unasked.code == 1 && unasked.stderr.contains("--yes"), "{unasked:?}");
    let one = place.run(&["reset", session.to_str().unwrap(), "--yes"]).of_success();
    assert_eq!(one.stdout, "1 file will be shipped anew\n");
    assert_eq!(place.run(&["ship", "--json", "--url", &server.url]).of_success().json()["events"], 3);
    let all = finish(&mut place.command(&["reset", "--all", "--yes", "--json"])).of_success().json();
    assert_eq!(all["files"], 1);
    let unknown = place.run(&["reset", &place.text("home/unknown.jsonl"), "--yes"]);
    assert_eq!(unknown.code, 4, "{unknown:?}");
}
