//! Ranges that wait: when they are due, when they are given up, and that they come back.

use std::fs;
use std::time::Duration;

use shipping::engine::Reset;
use shipping::timestamp::Timestamp;

use super::support::{DAY, HOUR, Reply, World, append, replay, ship, text_line};

fn due(world: &World) -> f64 {
    let text: String =
        world.database().query_row("SELECT next_retry_at FROM spool_queue", [], |row| row.get(0)).unwrap();
    let at = Timestamp::parse(&text).unwrap();
    Duration::from_micros(u64::try_from(at.0 - shipping::engine::Clock::now(&*world.clock).0).unwrap()).as_secs_f64()
}

#[test]
fn waits_double_from_ten_seconds_to_an_hour() {
    let mut world = World::new();
    world.config.attempts = 1;
    world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    assert!((10.0..=11.0).contains(&due(&world)), "{}", due(&world));
    assert_eq!(replay(&engine).replayed, 0);
    assert_eq!(world.server.posts(), 1, "not due yet");
    for wait in [10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 1280.0, 2560.0, 3600.0, 3600.0] {
        world.clock.forward(HOUR * 2);
        let before = world.spool()[0].2;
        for _ in 0..3 {
            replay(&engine);
            if world.spool()[0].2 > before {
                break;
            }
            // The server counts as away after some failures in a row; a probe is due a little later.
            world.clock.forward(HOUR);
        }
        assert!((wait..=wait * 1.11).contains(&due(&world)), "{} instead of {wait}", due(&world));
    }
}

#[test]
fn a_range_is_given_up_after_fifty_attempts_and_comes_back_daily_while_its_source_exists() {
    let mut world = World::new();
    world.config.attempts = 1;
    let path = world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    for _ in 0..200 {
        world.clock.forward(HOUR * 2);
        replay(&engine);
        if replay(&engine).dead == 1 {
            break;
        }
    }
    assert_eq!(world.spool()[0].3, "dead");
    let status = world.status();
    assert_eq!((status.spool.dead, status.bytes_behind), (1, 400));
    assert!(status.warnings.iter().any(|warning| warning.contains("given up")));
    assert_eq!(world.offsets(&path), (0, 400), "the acknowledged offset does not pass it");

    world.server.answer(|_| Reply::ok());
    let asked = world.server.posts();
    world.clock.forward(HOUR * 2);
    replay(&engine);
    assert_eq!(world.server.posts(), asked, "it rests for a day");
    world.clock.forward(DAY);
    assert_eq!(replay(&engine).replayed, 1);
    assert_eq!((world.server.distinct().len(), world.offsets(&path)), (2, (400, 400)));
}

#[test]
fn dead_ranges_come_back_at_once_when_asked_for() {
    let mut world = World::new();
    world.config.attempts = 1;
    let path = world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    world.database().execute("UPDATE spool_queue SET status = 'dead'", []).unwrap();
    world.server.answer(|_| Reply::ok());
    assert_eq!(engine.reset(&Reset::Dead).unwrap().revived, 1);
    assert_eq!(replay(&engine).replayed, 1);
    assert_eq!(world.offsets(&path), (400, 400));
}

#[test]
fn a_range_whose_source_is_gone_is_dead_at_once_and_visible_for_ever() {
    let world = World::new();
    let path = world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    fs::remove_file(&path).unwrap();
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    let report = replay(&engine);
    assert_eq!((report.pending, report.dead), (0, 1));
    world.clock.forward(DAY * 6);
    assert_eq!(replay(&engine).dead, 1);
    world.clock.forward(DAY * 2);
    assert_eq!(replay(&engine).dead, 0);
    let status = world.status();
    assert_eq!((status.spool.dead, status.lost), (0, 1));
    assert!(status.warnings.iter().any(|warning| warning.contains("lost")));
    assert!(status.recent_quarantined[0].lost);
}

#[test]
fn the_cap_counts_what_waits_and_a_refused_range_leaves_both_offsets() {
    let world = World::new();
    let path = world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    let fill = |status: &str| {
        let rows = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
             INSERT INTO spool_queue (provider, file_path, start_offset, end_offset, created_at, next_retry_at, status)
             SELECT 'claude', '/gone/' || i, 0, 1, '2026-01-01T00:00:00+00:00', '2099-01-01T00:00:00+00:00', '{status}' FROM n"
        );
        world.database().execute_batch(&rows).unwrap();
    };
    fill("pending");
    let report = ship(&engine);
    assert_eq!((report.spooled, report.remaining_bytes), (0, 400));
    assert!(report.warnings.iter().any(|warning| warning.contains("full")));
    assert_eq!(world.offsets(&path), (0, 0));

    world.database().execute("DELETE FROM spool_queue", []).unwrap();
    fill("dead");
    assert_eq!(ship(&engine).spooled, 1, "dead rows do not count");
    assert_eq!(world.offsets(&path), (0, 400));
}

#[test]
fn the_acknowledged_offset_waits_for_the_least_open_range() {
    let world = World::new();
    let path = world.session(1, 15);
    world.server.answer(|request| Reply::status(if request.contains("text 1/7") { 500 } else { 200 }));
    let engine = world.engine();
    ship(&engine);
    assert_eq!(world.spool(), [(1000, 2000, 0, "pending".to_owned())]);
    assert_eq!(world.offsets(&path), (1000, 3000));
    append(&path, &text_line(1, 15));
    ship(&engine);
    assert_eq!(world.offsets(&path), (1000, 3200), "new lines go on behind it");
    assert_eq!(world.status().bytes_behind, 2200);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    assert_eq!(replay(&engine).replayed, 1);
    assert_eq!(world.offsets(&path), (3200, 3200));
    assert_eq!(world.server.texts().len(), 16, "each once");
    let ranges: i64 = world.database().query_row("SELECT COUNT(*) FROM gantry_range", [], |row| row.get(0)).unwrap();
    assert_eq!(ranges, 0);
}
