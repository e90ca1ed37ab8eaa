//! Disks that are full, files that are locked, owners that are there already.

use std::{fs, time::Duration};

use ingest::{
    event::{EventType, Metadata, NewEvent},
    store::{Outcome, Settings, Store, StoreError},
};

use crate::support::{Place, put, simple, with_id};

#[test]
fn a_full_disk_is_said_and_the_store_goes_on() {
    let place = Place::new();
    let settings = Settings { max_bytes: Some(400 * 1024), ..Settings::default() };
    let store = Store::open(&place.database(), settings).unwrap();
    let metadata =
        Metadata::from_json(&format!("\"{}\"", "x".repeat(9000)), &ingest::event::Limits::default()).unwrap();
    let large = || NewEvent { metadata: metadata.clone(), ..simple("s", EventType::Response) };
    let mut stored = 0;
    let error = loop {
        match store.write(vec![large(); 5]).unwrap().wait() {
            Ok(outcomes) => stored += outcomes.len(),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, StoreError::DiskFull(_)), "{error}");
    assert_eq!(place.look().number("SELECT COUNT(*) FROM events") as usize, stored, "all of a request or nothing");
    // Room is made; what was refused can be sent again.
    assert_eq!(store.stats(&Default::default()).unwrap().total_events as usize, stored);
    place.look().0.execute_batch("DELETE FROM events WHERE id <= 20").unwrap();
    assert_eq!(store.write(vec![large(); 5]).unwrap().wait().unwrap().len(), 5);
}

#[test]
fn a_locked_file_is_said_and_the_store_goes_on() {
    let place = Place::new();
    let settings = Settings { lock_timeout: Duration::from_millis(1), ..Settings::default() };
    let store = Store::open(&place.database(), settings).unwrap();
    let mut other = place.look();
    let lock = other.0.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    let error = store.write(vec![with_id("s", "a")]).unwrap().wait().unwrap_err();
    assert!(matches!(error, StoreError::Locked(_)), "{error}");
    assert!(matches!(store.probe().unwrap_err(), StoreError::Locked(_)));
    assert!(store.stats(&Default::default()).is_ok(), "reading goes on");
    drop(lock);
    assert_eq!(store.probe(), Ok(()));
    assert!(matches!(put(&store, with_id("s", "a")), Outcome::Stored(_)));
    assert_eq!(store.gauges().failed, 1);
}

#[test]
fn a_request_that_fails_takes_no_other_with_it() {
    let place = Place::new();
    let store = place.open();
    place
        .look()
        .0
        .execute_batch(
            "CREATE TRIGGER no BEFORE INSERT ON events WHEN new.tool_name = 'bad' BEGIN SELECT RAISE(ABORT, 'no'); END",
        )
        .unwrap();
    let bad = NewEvent { tool_name: Some("bad".to_owned()), ..with_id("bad session", "bad") };
    let tickets = [
        store.write(vec![with_id("s", "a"), with_id("s", "b")]).unwrap(),
        store.write(vec![with_id("s", "c"), with_id("lost", "d"), bad.clone()]).unwrap(),
        store.write(vec![bad]).unwrap(),
        store.write(vec![with_id("t", "c"), with_id("t", "d")]).unwrap(),
    ];
    let answers: Vec<bool> = tickets.into_iter().map(|ticket| ticket.wait().is_ok()).collect();
    assert_eq!(answers, [true, false, false, true]);
    let look = place.look();
    assert_eq!(
        look.rows("SELECT event_id, session_id FROM events"),
        ["Text(\"a\")|Text(\"s\")", "Text(\"b\")|Text(\"s\")", "Text(\"c\")|Text(\"t\")", "Text(\"d\")|Text(\"t\")",]
    );
    assert_eq!(look.rows("SELECT id FROM sessions ORDER BY id"), ["Text(\"s\")", "Text(\"t\")"]);
    assert_eq!(store.stats(&Default::default()).unwrap().total_events, 4);
}

#[test]
fn a_second_owner_is_refused_and_told_who_the_first_is() {
    let place = Place::new();
    let store = place.open();
    let error = Store::open(&place.database(), Settings::default()).unwrap_err();
    assert!(matches!(error, StoreError::Owned { pid, .. } if pid == std::process::id()), "{error}");
    // By another path too.
    let link = place.path("link.db");
    std::os::unix::fs::symlink(place.database(), &link).unwrap();
    assert!(matches!(Store::open(&link, Settings::default()).unwrap_err(), StoreError::Owned { .. }));
    drop(store);
    drop(place.open());
}

#[test]
fn the_lock_file_of_a_process_that_died_hinders_nobody() {
    let place = Place::new();
    fs::write(place.path("ingest.db.lock"), "4194303\n").unwrap();
    let store = place.open();
    assert_eq!(fs::read_to_string(place.path("ingest.db.lock")).unwrap(), format!("{}\n", std::process::id()));
    drop(store);
    assert_eq!(fs::read_to_string(place.path("ingest.db.lock")).unwrap(), "");
}

#[test]
fn what_is_no_database_or_no_place_for_one_is_said() {
    let place = Place::new();
    fs::write(place.database(), "this is text, and long enough not to be taken for an empty file".repeat(100)).unwrap();
    assert!(matches!(Store::open(&place.database(), Settings::default()).unwrap_err(), StoreError::Damaged(_)));
    fs::write(place.path("file"), "").unwrap();
    let error = Store::open(&place.path("file/below.db"), Settings::default()).unwrap_err();
    assert!(matches!(error, StoreError::ReadOnly(_)), "{error}");
}
