//! Answers after which nothing is sent for a while, by any upload.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use shipping::config::{Secret, TokenSource};
use shipping::engine::{Clock, ErrorKind, HoldReason};

use super::support::{HOUR, Reply, World, replay, ship};

#[test]
fn a_refused_token_stops_everything_until_it_changes() {
    let mut world = World::new();
    let token = world.home().join("token");
    fs::write(&token, "old\n").unwrap();
    world.config.token = TokenSource::parse(&format!("file:{}", token.display()));
    let path = world.session(1, 20);
    world.server.answer(|request| Reply::status(if request.headers["x-agents-token"] == "new" { 200 } else { 401 }));
    let engine = world.engine();

    let report = ship(&engine);
    let hold = report.hold.unwrap();
    assert_eq!((hold.reason, hold.status), (HoldReason::AuthRejected, Some(401)));
    assert_eq!((report.spooled, report.quarantined, report.remaining_bytes), (0, 0, 4000));
    assert_eq!((world.offsets(&path), world.spool().len()), ((0, 0), 0));
    assert_eq!(world.status().hold.unwrap().reason, HoldReason::AuthRejected, "seen from another process");

    let asked = world.server.posts();
    assert!(asked <= 6);
    assert!(ship(&engine).hold.is_some());
    assert_eq!(world.server.posts(), asked, "the same token is not tried again at once");

    fs::write(&token, "new\n").unwrap();
    let report = ship(&engine);
    assert_eq!((report.hold, report.remaining_bytes), (None, 0));
    assert_eq!(world.server.texts().len(), 20);
    assert_eq!(world.status().hold, None);
}

#[test]
fn a_token_that_was_let_in_again_is_found_out_by_itself() {
    let world = World::new();
    world.session(1, 2);
    world.server.answer(|_| Reply::status(403));
    let engine = world.engine();
    ship(&engine);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    assert_eq!(ship(&engine).hold, None);
    assert_eq!(world.server.texts().len(), 2);
}

#[test]
fn a_token_that_cannot_be_had_is_a_hold_and_no_loss() {
    let mut world = World::new();
    let token = world.home().join("token");
    world.config.token = TokenSource::File(token.clone());
    let path = world.session(1, 2);
    let engine = world.engine();
    let hold = ship(&engine).hold.unwrap();
    assert_eq!(hold.reason, HoldReason::AuthRejected);
    assert!(hold.message.contains("token"), "{}", hold.message);
    assert_eq!((world.server.posts(), world.offsets(&path)), (0, (0, 0)));
    fs::write(&token, "t").unwrap();
    assert_eq!(ship(&engine).events, 2);
}

#[test]
fn no_message_holds_the_token() {
    let mut world = World::new();
    world.config.token = TokenSource::Literal(Secret::new("very-secret"));
    world.session(1, 2);
    world.server.answer(|_| Reply::status(401));
    let engine = world.engine();
    let report = ship(&engine);
    let error = report.hold.clone().unwrap().to_error(&world.config.url, world.clock.now());
    assert_eq!(error.kind, ErrorKind::AuthRejected);
    let all = format!("{report:?} {error} {:?} {:?} {:?}", engine, world.config, world.status());
    assert!(!all.contains("very-secret"), "{all}");
    assert!(!fs::read(&world.config.database).unwrap().windows(11).any(|bytes| bytes == b"very-secret"));
}

#[test]
fn a_throttling_server_gets_its_pause_from_all_uploads() {
    let world = World::new();
    world.session(1, 20);
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    world.server.answer(move |_| match count.fetch_add(1, Ordering::SeqCst) {
        0 => Reply::status(429).with("Retry-After", "7"),
        _ => Reply::ok(),
    });
    let before = world.clock.now();
    let report = ship(&world.engine());
    assert_eq!((report.spooled, report.remaining_bytes, report.hold), (0, 0, None));
    assert!(world.clock.now().0 - before.0 >= 7_000_000);
    assert_eq!(world.server.texts().len(), 20);
}

#[test]
fn a_pause_that_is_too_long_ends_the_call_and_nothing_is_asked_meanwhile() {
    let world = World::new();
    let path = world.session(1, 20);
    world.server.answer(|_| Reply::status(429).with("Retry-After", "1800"));
    let engine = world.engine();
    let report = ship(&engine);
    let hold = report.hold.unwrap();
    assert_eq!(hold.reason, HoldReason::RateLimited);
    let error = hold.to_error("there", world.clock.now());
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert!(error.retry_after.unwrap() >= Duration::from_secs(1700));
    assert_eq!(world.offsets(&path).0, 0);
    let asked = world.server.posts();
    ship(&engine);
    assert_eq!(world.server.posts(), asked);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    ship(&engine);
    replay(&engine);
    assert_eq!(world.server.distinct().len(), 20);
}

#[test]
fn an_absurd_pause_is_not_believed() {
    let world = World::new();
    world.session(1, 1);
    world.server.answer(|_| Reply::status(503).with("Retry-After", "999999999999"));
    let engine = world.engine();
    let hold = ship(&engine).hold.unwrap();
    assert!(hold.until.0 - world.clock.now().0 <= 5_000_000_000, "an hour and a little");
}

#[test]
fn a_server_that_fails_on_everything_is_left_alone() {
    let world = World::new();
    world.session(1, 500);
    world.server.answer(|_| Reply::status(500));
    let report = ship(&world.engine());
    assert_eq!(report.hold.unwrap().reason, HoldReason::Offline);
    assert!(report.spooled < 20 && report.remaining_bytes > 50_000, "{}", report.spooled);
}

#[test]
fn a_server_that_is_away_costs_no_attempt_and_one_probe_at_a_time() {
    let mut world = World::new();
    let path = world.session(1, 100);
    let url = world.config.url.clone();
    // Nobody listens there.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    world.config.url = format!("http://{free}");
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!(report.hold.unwrap().reason, HoldReason::Offline);
    assert!(report.remaining_bytes > 10_000, "the rest is not even read");
    let queued = world.offsets(&path).1;
    for _ in 0..30 {
        ship(&engine);
        replay(&engine);
        world.clock.forward(HOUR);
    }
    assert_eq!(world.offsets(&path).1, queued, "nothing more was spooled while it was away");
    assert!(world.spool().iter().all(|row| row.2 == 0 && row.3 == "pending"), "{:?}", world.spool());
    drop(engine);
    world.config.url = url;
    world.clock.forward(HOUR);
    let engine = world.engine();
    ship(&engine);
    replay(&engine);
    assert_eq!((world.server.distinct().len(), world.offsets(&path)), (100, (20_000, 20_000)));
}

#[test]
fn a_login_page_of_a_network_is_no_yes() {
    let world = World::new();
    let path = world.session(1, 2);
    world.server.answer(|_| Reply::ok().with("Content-Type", "text/html").saying("<html>log in</html>"));
    let engine = world.engine();
    assert_eq!(ship(&engine).hold.unwrap().reason, HoldReason::RemoteRejected);
    assert_eq!(world.offsets(&path), (0, 0));
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    assert_eq!(ship(&engine).events, 2);
}

#[test]
fn a_token_is_not_carried_to_where_a_server_points() {
    let world = World::new();
    let path = world.session(1, 2);
    let other = World::new();
    let there = format!("{}/api/agents/ingest", other.server.url());
    world.server.answer(move |_| Reply::status(307).with("Location", &there));
    assert_eq!(ship(&world.engine()).hold.unwrap().reason, HoldReason::RemoteRejected);
    assert_eq!((other.server.requests().len(), world.offsets(&path)), (0, (0, 0)));
}
