//! The state of affairs, seen from beside.

use std::fs;
use std::time::{Duration, SystemTime};

use shipping::engine::Engine;

use super::support::{DAY, Reply, World, append, ship, text_line};

#[test]
fn without_a_database_everything_is_behind_and_none_is_made() {
    let world = World::new();
    world.session(1, 5);
    let status = world.status();
    assert_eq!((status.tracked, status.bytes_behind, status.running), (0, 1000, false));
    assert!(!world.config.database.exists() && !world.config.database.parent().unwrap().exists());
}

#[test]
fn it_tells_what_was_shipped_and_who_has_the_state() {
    let world = World::new();
    let path = world.session(1, 5);
    let engine = world.engine();
    ship(&engine);
    append(&path, &text_line(1, 5));
    let status = world.status();
    assert_eq!((status.tracked, status.bytes_behind), (1, 200));
    assert_eq!((status.running, status.pid), (true, Some(std::process::id())));
    assert_eq!((status.throughput.events, status.throughput.source_bytes), (5, 1000));
    assert!(status.throughput.compressed_bytes > 0 && status.throughput.last_acknowledged.is_some());
    let modified = shipping::timestamp::Timestamp::of_system(fs::metadata(&path).unwrap().modified().unwrap());
    assert_eq!(status.oldest_unacked, Some(modified));
    drop(engine);
    assert!(!world.status().running);
    let json = serde_json::to_value(world.status()).unwrap();
    assert!(json["bytesBehind"] == 200 && json["spool"]["pending"] == 0 && json.get("lastError").is_none());
}

#[test]
fn sessions_that_their_agent_will_soon_delete_are_warned_about() {
    let world = World::new();
    let path = world.session(1, 5);
    let age = |days: u32| {
        let file = fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - DAY * days).unwrap();
    };
    let warned = || world.status().warnings.iter().any(|warning| warning.contains("deletes old sessions"));
    age(19);
    assert!(!warned());
    age(21);
    assert!(warned());
    fs::write(world.home().join(".claude/settings.json"), "{\"cleanupPeriodDays\": 365}").unwrap();
    assert!(!warned(), "it keeps them for a year");
    fs::write(world.home().join(".claude/settings.json"), "{\"cleanupPeriodDays\": 2}").unwrap();
    age(2);
    assert!(warned());
    ship(&world.engine());
    assert!(!warned());
}

#[test]
fn what_holds_uploads_back_is_told_until_it_is_over() {
    let world = World::new();
    world.session(1, 2);
    world.server.answer(|_| Reply::status(401));
    let engine = world.engine();
    ship(&engine);
    let hold = Engine::status(&world.config).unwrap().hold.unwrap();
    assert_eq!(hold.status, Some(401));
    assert!(world.status().last_error.is_some());
    world.server.answer(|_| Reply::ok());
    world.clock.forward(Duration::from_secs(600));
    ship(&engine);
    assert_eq!(world.status().hold, None);
}
