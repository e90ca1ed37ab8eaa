//! What is new reaches the server, once, and offsets say so.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use shipping::engine::{Control, Engine, ErrorKind, HoldReason, Lane, Progress, Scope, Unattended};

use super::support::{Reply, World, append, counted, id, padded, ship, text_line};

#[test]
fn every_line_arrives_once_and_a_second_call_finds_nothing() {
    let world = World::new();
    let long = world.session(1, 40);
    world.session(2, 1);
    let engine = world.engine();

    let report = ship(&engine);
    assert_eq!((report.files, report.events, report.source_bytes), (2, 41, 8200));
    assert_eq!((report.remaining_bytes, report.spooled, report.quarantined), (0, 0, 0));
    assert!(report.batches >= 9 && report.acknowledged == report.batches, "{report:?}");
    assert_eq!(world.offsets(&long), (8000, 8000));
    assert!(counted(world.server.texts()).values().all(|count| *count == 1));
    assert_eq!(world.server.texts().len(), 41);

    world.server.forget();
    let report = ship(&engine);
    assert_eq!((report.files, report.events, world.server.posts()), (0, 0, 0));
}

#[test]
fn a_request_is_what_the_servers_of_the_older_daemon_understand() {
    let world = World::new();
    world.session(1, 1);
    ship(&world.engine());
    let request = &world.server.requests()[0];
    assert_eq!(request.path, "/api/agents/ingest");
    assert_eq!(request.headers["x-agents-token"], "secret-of-the-test");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["content-encoding"], "gzip");
    assert_eq!(request.body["id"], id(1));
    assert_eq!(request.body["device_id"], "shipper-test");
    assert_eq!(request.body["project"], "demo");
}

#[test]
fn what_is_appended_is_shipped_with_what_is_known_of_the_session() {
    let world = World::new();
    let path = world.session(1, 2);
    let engine = world.engine();
    ship(&engine);
    // No working folder in this line: it is remembered from before.
    append(&path, "{\"type\":\"user\",\"timestamp\":\"2026-02-01T11:00:00Z\",\"message\":{\"content\":\"later\"}}\n");
    ship(&engine);
    let last = world.server.taken().pop().unwrap();
    assert_eq!(last.texts(), ["later"]);
    assert_eq!(last.body["cwd"], "/work/demo");
    assert_eq!(last.body["events"][0]["source_offset"], 400);
}

#[test]
fn a_line_that_is_still_being_written_waits_for_its_end() {
    let world = World::new();
    let path = world.session(1, 1);
    let line = text_line(1, 1);
    append(&path, &line[..150]);
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!((report.events, report.remaining_bytes), (1, 0));
    assert_eq!(world.offsets(&path), (200, 200));
    assert_eq!(ship(&engine).files, 0);
    append(&path, &line[150..]);
    assert_eq!(ship(&engine).events, 1);
    assert_eq!(world.offsets(&path), (400, 400));
}

#[test]
fn batches_of_one_file_arrive_out_of_order_and_are_acknowledged_in_order() {
    let world = World::new();
    let path = world.session(1, 30);
    // The first batch is refused for good as far as this call goes: nothing behind it may count.
    world.server.answer(|request| if request.contains("text 1/0") { Reply::status(404) } else { Reply::ok() });
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!(world.offsets(&path), (0, 0));
    assert_eq!(report.remaining_bytes, 6000);
    assert_eq!(report.hold.unwrap().reason, HoldReason::RemoteRejected);
}

#[test]
fn a_batch_is_at_least_one_line_however_long() {
    let world = World::new();
    let path = world.session(1, 1);
    append(&path, &padded("long", 1, 50_000));
    append(&path, &text_line(1, 2));
    let report = ship(&world.engine());
    assert_eq!((report.events, report.remaining_bytes), (3, 0));
    assert_eq!(world.offsets(&path), (50_400, 50_400));
}

#[test]
fn lines_that_are_no_json_are_passed_and_listed() {
    let world = World::new();
    let path = world.session(1, 1);
    append(&path, "{broken\n");
    append(&path, &text_line(1, 2));
    let report = ship(&world.engine());
    assert_eq!((report.events, report.quarantined), (2, 1));
    let status = world.status();
    assert_eq!((status.quarantined, status.bytes_behind), (1, 0));
    let listed = &status.recent_quarantined[0];
    assert_eq!((listed.start, listed.end, listed.status), (200, 208, None));
}

#[test]
fn a_call_ends_after_so_many_bytes() {
    let world = World::new();
    world.session(1, 50);
    let engine = world.engine();
    let report = engine.ship(&Scope::new().with_max_bytes(Some(2500)), Lane::Live, &Unattended).unwrap();
    assert!((2500..=6000).contains(&report.source_bytes), "{report:?}");
    assert_eq!(report.remaining_bytes, 10_000 - report.source_bytes);
    let rest = ship(&engine);
    assert_eq!(rest.source_bytes + report.source_bytes, 10_000);
    assert_eq!(world.server.distinct().len(), 50);
}

#[test]
fn the_live_lane_takes_the_newest_first_and_the_other_the_largest() {
    let world = World::new();
    for number in 1..=8 {
        // The larger the older.
        let path = world.session(number, number * 3);
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_770_000_000 - u64::from(number) * 60);
        fs::File::options().append(true).open(path).unwrap().set_modified(at).unwrap();
    }
    let mut config = world.config.clone();
    (config.workers, config.uploads, config.batch_bytes) = (1, 1, 100_000);
    let first_of = |lane| {
        let mut config = config.clone();
        config.database = world.home().join(format!("{lane:?}.db"));
        world.server.forget();
        ship_in(&world.engine_with(config), lane);
        world.server.taken()[0].body["id"].as_str().unwrap().to_owned()
    };
    // Two threads are at it: which of their first two arrives first is not said.
    assert!([id(1), id(2)].contains(&first_of(Lane::Live)));
    assert!([id(7), id(8)].contains(&first_of(Lane::Backfill)));
}

fn ship_in(engine: &Engine, lane: Lane) {
    engine.ship(&Scope::new(), lane, &Unattended).unwrap();
}

struct StopAfter {
    acknowledged: u64,
    stop: AtomicBool,
    last: AtomicU64,
}

impl Control for StopAfter {
    fn proceed(&self) -> bool {
        !self.stop.load(Ordering::SeqCst)
    }

    fn progress(&self, progress: &Progress) {
        assert!(progress.acknowledged >= self.last.swap(progress.acknowledged, Ordering::SeqCst), "it went back");
        assert!(progress.bytes <= progress.bytes_total && progress.files <= progress.files_total);
        if progress.acknowledged >= self.acknowledged {
            self.stop.store(true, Ordering::SeqCst);
        }
    }
}

#[test]
fn a_cancelled_call_keeps_what_the_server_has() {
    let world = World::new();
    let path = world.session(1, 200);
    let engine = world.engine();
    let control = StopAfter { acknowledged: 3000, stop: AtomicBool::new(false), last: AtomicU64::new(0) };
    let report = engine.ship(&Scope::new(), Lane::Backfill, &control).unwrap();
    assert!(report.cancelled);
    let (acked, queued) = world.offsets(&path);
    assert!(acked >= 3000 && acked == queued);
    assert_eq!(report.remaining_bytes, 40_000 - acked);
    ship(&engine);
    assert_eq!(world.server.distinct().len(), 200);
}

#[test]
fn two_calls_at_once_never_work_on_one_file() {
    let world = World::new();
    for number in 1..=8 {
        world.session(number, 20);
    }
    let engine = world.engine();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| ship(&engine));
        }
    });
    assert_eq!(world.server.texts().len(), 160, "each line once, though three calls were at it");
    assert_eq!(ship(&engine).files, 0);
}

#[test]
fn a_second_engine_is_refused_with_the_process_that_has_the_state() {
    let world = World::new();
    let engine = world.engine();
    let refused = Engine::open(world.config.clone()).unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Conflict);
    assert!(refused.to_string().contains(&std::process::id().to_string()), "{refused}");
    drop(engine);
    world.engine();
}

#[test]
fn excluded_projects_never_leave_the_machine_and_are_not_read_again() {
    let world = World::new();
    let path = world.session(1, 3);
    let mut config = world.config.clone();
    config.excluded_projects = vec!["dem*".to_owned()];
    let engine = world.engine_with(config);
    let report = ship(&engine);
    assert_eq!((report.events, world.server.posts(), report.remaining_bytes), (0, 0, 0));
    append(&path, &text_line(1, 3));
    ship(&engine);
    assert_eq!(world.server.posts(), 0);
    assert_eq!(world.status().bytes_behind, 0);
    drop(engine);
    // No longer excluded: from the start.
    ship(&world.engine());
    assert_eq!(world.server.texts().len(), 4);
}

#[test]
fn a_long_backfill_leaves_files_to_others_that_it_is_not_at_work_on() {
    let mut world = World::new();
    (world.config.workers, world.config.uploads) = (1, 1);
    for number in 1..=6 {
        world.session(number, 10 * (10 - number));
    }
    let small = world.session(9, 1);
    let (asked, waits) = std::sync::mpsc::channel();
    let asked = std::sync::Mutex::new(asked);
    let gate = std::sync::Arc::new((std::sync::Mutex::new(false), std::sync::Condvar::new()));
    let opened = gate.clone();
    world.server.answer(move |request| {
        // The backfill waits here until the other calls are done.
        if !request.contains("text 9/0") {
            let _ = asked.lock().unwrap().send(());
            drop(opened.1.wait_while(opened.0.lock().unwrap(), |open| !*open).unwrap());
        }
        Reply::ok()
    });
    let engine = world.engine();
    std::thread::scope(|scope| {
        let backfill = scope.spawn(|| ship(&engine));
        waits.recv().unwrap();
        let report = engine.ship(&Scope::paths(vec![small.clone()]), Lane::Live, &Unattended).unwrap();
        assert_eq!((report.events, report.skipped_files), (1, 0));
        let busy = world.home().join(format!(".claude/projects/-work-demo/{}.jsonl", id(1)));
        let report = engine.ship(&Scope::paths(vec![busy]), Lane::Live, &Unattended).unwrap();
        assert_eq!((report.events, report.skipped_files), (0, 1));
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
        backfill.join().unwrap();
    });
    assert!(counted(world.server.texts()).values().all(|count| *count == 1));
    assert_eq!(ship(&engine).files, 0);
}
