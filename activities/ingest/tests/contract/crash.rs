//! A process that is killed in the middle of its work loses nothing that it said was stored.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use ingest::store::{Settings, Store};

use crate::support::{Place, with_id};

const DATABASE: &str = "INGEST_TEST_DATABASE";

/// Started by the test below as a process of its own; nothing otherwise. Says each id once it is stored.
#[test]
fn stand_in_that_writes_until_it_is_killed() {
    let (Ok(database), Ok(round)) = (env::var(DATABASE), env::var("INGEST_TEST_ROUND")) else { return };
    let store = Store::open(Path::new(&database), Settings::default()).unwrap();
    let mut out = std::io::stderr();
    let mut number = 0;
    loop {
        let events: Vec<_> = (0..1 + number % 7).map(|at| with_id("s", &format!("{round}-{number}-{at}"))).collect();
        let ids: Vec<String> = events.iter().filter_map(|event| event.event_id.clone()).collect();
        store.write(events).unwrap().wait().unwrap();
        writeln!(out, "stored {}", ids.join(" ")).unwrap();
        number += 1;
    }
}

#[test]
fn what_was_acknowledged_is_there_after_kill_9() {
    let place = Place::new();
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "crash::stand_in_that_writes_until_it_is_killed", "--nocapture"])
            .env(DATABASE, place.database())
            .env("INGEST_TEST_ROUND", round.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let mut said = 0;
        for line in lines {
            if let Some(ids) = line.strip_prefix("stored ") {
                acknowledged.extend(ids.split(' ').map(str::to_owned));
                said += 1;
            }
            if said == 20 + round * 13 {
                // On Unix this is SIGKILL. What is in the pipe by then was said too.
                child.kill().unwrap();
                said += 1;
            }
        }
        child.wait().unwrap();
    }
    let store = place.open();
    let look = place.look();
    for id in &acknowledged {
        assert_eq!(look.number(&format!("SELECT COUNT(*) FROM events WHERE event_id = '{id}'")), 1, "{id}");
    }
    let rows = look.number("SELECT COUNT(*) FROM events");
    assert!(rows as usize >= acknowledged.len());
    assert_eq!(store.stats(&Default::default()).unwrap().total_events as i64, rows);
    assert!(!store.verify_counters().unwrap());
    assert_eq!(look.text("PRAGMA integrity_check").as_deref(), Some("ok"));
}
