//! What is stored of an event, once, and who hears of it.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use ingest::{
    event::{COLUMNS, EventType, NewEvent},
    store::{Lane, Notice, Outcome, Rejected, Settings, Store, StoreError},
};

use crate::support::{Place, event, put, simple, with_id};

#[test]
fn a_row_has_every_field() {
    let place = Place::new();
    let store = place.open();
    let full = event(
        r#"{"session_id":"s","agent_type":"claude_code","event_type":"tool_use","event_id":"e","tool_name":"Bash","status":"timeout",
        "tokens_in":1,"tokens_out":2,"cache_read_tokens":3,"cache_write_tokens":4,"branch":"b","project":"p","model":"m","source":"hook",
        "duration_ms":5,"cost_usd":0.25,"client_timestamp":"2026-02-18T18:06:41+01:00","metadata":{"k":[1.0]}}"#,
    );
    assert_eq!(put(&store, full), Outcome::Stored(1));
    let json = store.events_after(0, 10).unwrap()[0].json();
    let row: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(&json).unwrap();
    let created_at = row["created_at"].as_str().unwrap().to_owned();
    assert_eq!(created_at.len(), "2026-02-18 18:06:41".len());
    let expected = format!(
        r#"{{"id":1,"event_id":"e","schema_version":1,"session_id":"s","agent_type":"claude_code","event_type":"tool_use","tool_name":"Bash","status":"timeout","tokens_in":1,"tokens_out":2,"branch":"b","project":"p","duration_ms":5,"created_at":"{created_at}","client_timestamp":"2026-02-18T17:06:41.000Z","metadata":"{{\"k\":[1]}}","payload_truncated":0,"model":"m","cost_usd":0.25,"cache_read_tokens":3,"cache_write_tokens":4,"source":"hook"}}"#
    );
    assert_eq!(String::from_utf8(json.to_vec()).unwrap(), expected);
    assert_eq!(row.len(), COLUMNS.len());
    let look = place.look();
    assert_eq!(look.text("SELECT id FROM agents").as_deref(), Some("claude_code-default"));
    assert_eq!(
        look.text("SELECT agent_id || status || project || branch || metadata FROM sessions").as_deref(),
        Some("claude_code-defaultactivepb{}")
    );
}

#[test]
fn the_first_write_of_an_id_wins_and_a_second_touches_nothing() {
    let place = Place::new();
    let store = place.open();
    put(&store, with_id("s", "E"));
    put(&store, NewEvent { event_type: EventType::SessionEnd, ..simple("s", EventType::SessionEnd) });
    let look = place.look();
    let before = look.rows("SELECT * FROM sessions UNION ALL SELECT *, 0, 0, 0, 0, 0 FROM agents");
    let again = NewEvent { agent_type: "other".to_owned(), ..with_id("another session", "E") };
    let answers = store.write(vec![again, with_id("s", "e"), with_id("t", "e")]).unwrap().wait().unwrap();
    assert_eq!(answers, [Outcome::Duplicate, Outcome::Stored(3), Outcome::Duplicate], "ids differ by case");
    assert_eq!(put(&store, with_id("s", "E")), Outcome::Duplicate);
    assert_eq!(look.number("SELECT COUNT(*) FROM sessions"), 1);
    assert_eq!(look.number("SELECT COUNT(*) FROM agents"), 1);
    assert_eq!(before.len(), 2);
    assert_eq!(store.gauges().duplicates, 3);
}

#[test]
fn of_many_parallel_posts_of_one_id_one_is_stored() {
    let place = Place::new();
    let store = Arc::new(place.open());
    let threads: Vec<_> = (0..16)
        .map(|_| {
            let store = Arc::clone(&store);
            thread::spawn(move || put(&store, with_id("s", "same")))
        })
        .collect();
    let stored = threads.into_iter().filter_map(|thread| thread.join().unwrap().stored()).count();
    assert_eq!(stored, 1);
    assert_eq!(place.look().number("SELECT COUNT(*) FROM events"), 1);
}

#[test]
fn an_event_takes_project_and_branch_from_its_session_and_gives_them() {
    let place = Place::new();
    let store = place.open();
    let of = |project: Option<&str>, branch: Option<&str>| NewEvent {
        project: project.map(str::to_owned),
        branch: branch.map(str::to_owned),
        ..simple("s", EventType::Response)
    };
    store
        .write(vec![of(None, None), of(Some("p"), None), of(None, Some("b")), of(None, None)])
        .unwrap()
        .wait()
        .unwrap();
    drop(store);
    // What is in the file counts as much as what is in memory.
    let store = place.open();
    put(&store, of(Some("q"), None));
    put(&store, of(None, None));
    let rows = place.look().rows("SELECT project, branch FROM events ORDER BY id");
    assert_eq!(
        rows,
        [
            "Null|Null",
            "Text(\"p\")|Null",
            "Text(\"p\")|Text(\"b\")",
            "Text(\"p\")|Text(\"b\")",
            "Text(\"q\")|Text(\"b\")",
            "Text(\"q\")|Text(\"b\")"
        ]
    );
}

#[test]
fn cost_is_computed_where_it_is_absent_and_the_model_is_known() {
    let place = Place::new();
    let store = place.open();
    let usage = |model: &str, tokens_in, cost_usd| NewEvent {
        model: Some(model.to_owned()),
        tokens_in,
        cost_usd,
        cache_read_tokens: 1_000_000,
        ..simple("s", EventType::LlmResponse)
    };
    let events = [
        usage("gpt-5", 1_000_000, None),
        usage("gpt-5", 1_000_000, Some(0.0)),
        usage("gpt-5", 0, None),
        usage("unknown", 1, None),
    ];
    store.write(events.into()).unwrap().wait().unwrap();
    let rows = place.look().rows("SELECT cost_usd FROM events ORDER BY id");
    assert_eq!(rows, ["Real(1.375)", "Real(0.0)", "Null", "Null"]);
}

#[test]
fn listeners_hear_of_rows_after_they_are_committed_in_order() {
    let place = Place::new();
    let store = place.open();
    let (sender, receiver) = mpsc::channel();
    let database = place.database();
    let seen = Mutex::new(sender);
    let subscription = store.subscribe(move |notice| {
        if let Notice::Events(rows) = notice {
            let other = rusqlite::Connection::open(&database).unwrap();
            let committed: i64 = other.query_row("SELECT MAX(id) FROM events", [], |row| row.get(0)).unwrap();
            for row in rows.iter() {
                assert!(row.id <= committed);
                seen.lock().unwrap().send(String::from_utf8(row.json().to_vec()).unwrap()).unwrap();
            }
        }
    });
    store.write(vec![with_id("s", "a"), with_id("s", "a"), with_id("s", "b")]).unwrap();
    put(&store, simple("t", EventType::Error));
    // A row was told of before the transaction behind it.
    put(&store, with_id("s", "a"));
    drop(subscription);
    put(&store, with_id("s", "c"));
    let heard: Vec<String> = receiver.iter().collect();
    let stored: Vec<String> =
        store.events_after(0, 3).unwrap().iter().map(|row| String::from_utf8(row.json().to_vec()).unwrap()).collect();
    assert_eq!(heard, stored);
}

#[test]
fn a_full_queue_refuses_at_once_and_says_when_to_come_again() {
    let place = Place::new();
    let settings = Settings { queue_events: 10, lock_timeout: Duration::from_secs(30), ..Settings::default() };
    let store = Store::open(&place.database(), settings).unwrap();
    let mut other = place.look();
    let lock = other.0.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let mut tickets = Vec::new();
    let refused = loop {
        match store.write(vec![simple("s", EventType::Response); 4]) {
            Ok(ticket) => tickets.push(ticket),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Busy { retry_after } if !retry_after.is_zero()), "{refused}");
    assert!(tickets.len() <= 4, "the queue and what the writer holds");
    drop(lock);
    for ticket in tickets {
        assert_eq!(ticket.wait().unwrap().len(), 4);
    }
    assert_eq!(store.gauges().refused, 4);
    assert!(put(&store, simple("s", EventType::Response)).stored().is_some());
}

#[test]
fn what_is_waited_for_goes_before_imports() {
    let place = Place::new();
    let settings = Settings { lock_timeout: Duration::from_secs(60), ..Settings::default() };
    let store = Store::open(&place.database(), settings).unwrap();
    let mut other = place.look();
    let lock = other.0.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    // Two of them are more than a transaction of an import takes.
    let rows = 1_001;
    let import = |number: usize| {
        let events = (0..rows).map(|at| with_id("past", &format!("{number}-{at}"))).collect();
        store.write_on(Lane::Background, events).unwrap()
    };
    let mut imports: Vec<_> = (0..3).map(import).collect();
    let live = store.write(vec![with_id("now", "live")]).unwrap();
    imports.extend((3..6).map(import));
    drop(lock);
    let id = live.wait().unwrap()[0].stored().unwrap();
    assert!(id <= rows + 1, "behind {id} rows, not one transaction");
    let stored: usize = imports.into_iter().map(|ticket| ticket.wait().unwrap().len()).sum();
    assert_eq!(stored, 6_006);
}

#[test]
fn what_waits_is_written_when_the_store_is_closed() {
    let place = Place::new();
    let store = place.open();
    let live: Vec<_> = (0..50).map(|at| store.write(vec![with_id("s", &format!("l{at}"))]).unwrap()).collect();
    let background = store.write_on(Lane::Background, vec![with_id("s", "b")]).unwrap();
    store.close();
    assert!(live.into_iter().chain([background]).all(|ticket| ticket.wait().is_ok()));
    assert_eq!(store.write(vec![with_id("s", "x")]).unwrap_err(), StoreError::Closed);
    assert_eq!(store.last_id().unwrap_err(), StoreError::Closed);
    assert_eq!(place.open().last_id().unwrap(), 51);
}

#[test]
fn counters_are_remembered_with_their_events() {
    let place = Place::new();
    let store = place.open();
    let set = |value| vec![("tokens".to_owned(), value)];
    store.write_remembering(vec![with_id("s", "a")], set(5.0)).unwrap().wait().unwrap();
    store.write_remembering(Vec::new(), set(7.5)).unwrap().wait().unwrap();
    drop(store);
    let store = place.open();
    assert_eq!((store.remembered("tokens").unwrap(), store.remembered("else").unwrap()), (Some(7.5), None));
}

#[test]
fn of_what_was_refused_the_newest_thousand_are_kept() {
    let place = Place::new();
    let store = place.open();
    let one = |number: usize| Rejected {
        at: String::new(),
        origin: format!("import {number}"),
        errors: vec!["status: bad".to_owned()],
        sample: "x".repeat(600),
    };
    store.note_rejected((0..1200).map(one).collect());
    store.probe().unwrap();
    let kept = store.rejected(5000).unwrap();
    assert_eq!((kept.len(), kept[0].origin.as_str(), kept[0].sample.len()), (1000, "import 1199", 500));
    assert!(!kept[0].at.is_empty());
}

#[test]
fn the_branch_of_the_checkout_is_found_off_the_write_path() {
    let place = Place::new();
    let projects = place.path("projects");
    std::fs::create_dir_all(projects.join("app/.git")).unwrap();
    std::fs::write(projects.join("app/.git/HEAD"), "ref: refs/heads/feature/x\n").unwrap();
    let settings = Settings { projects_dir: Some(projects), ..Settings::default() };
    let store = Store::open(&place.database(), settings).unwrap();
    let (sender, receiver) = mpsc::channel();
    let sender = Mutex::new(sender);
    let _listening = store.subscribe(move |notice| {
        if matches!(notice, Notice::SessionsChanged) {
            let _ = sender.lock().unwrap().send(());
        }
    });
    let of = |project: &str, branch: Option<&str>| NewEvent {
        project: Some(project.to_owned()),
        branch: branch.map(str::to_owned),
        ..simple(project, EventType::Response)
    };
    put(&store, of("app", None));
    receiver.recv_timeout(Duration::from_secs(60)).unwrap();
    put(&store, of("app", Some("stale")));
    for outside in ["..", "app/..", "/etc", "nowhere"] {
        put(&store, of(outside, None));
    }
    let look = place.look();
    assert_eq!(
        look.rows("SELECT branch FROM events WHERE project = 'app'"),
        ["Text(\"feature/x\")", "Text(\"stale\")"]
    );
    assert_eq!(look.rows("SELECT DISTINCT branch FROM sessions ORDER BY 1"), ["Null", "Text(\"feature/x\")"]);
}
