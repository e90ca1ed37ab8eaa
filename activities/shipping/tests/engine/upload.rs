//! What each answer of the server leads to.

use std::sync::atomic::{AtomicUsize, Ordering};

use shipping::config::EncodingChoice;
use shipping::engine::{Clock, ErrorKind, Reset};

use super::support::{Reply, World, append, padded, replay, ship, text_line};

#[test]
fn a_failing_server_is_tried_a_few_times_and_then_spooled() {
    let world = World::new();
    let path = world.session(1, 2);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!((report.spooled, report.remaining_bytes, report.acknowledged), (1, 0, 0));
    assert_eq!(world.server.posts(), 3);
    assert_eq!(world.offsets(&path), (0, 400), "only what is queued has moved");
    assert_eq!(world.spool(), [(0, 400, 0, "pending".to_owned())]);
    assert_eq!(ship(&engine).files, 0, "it is the spool's now");
    assert!(world.status().last_error.unwrap().message.contains("500"));
}

#[test]
fn what_is_too_large_goes_in_parts_and_later_batches_are_smaller() {
    let mut world = World::new();
    world.config.batch_bytes = 1 << 20;
    let path = world.session(1, 1500);
    let limit = 30_000;
    world.server.answer(move |request| Reply::status(if request.body.to_string().len() > limit { 413 } else { 200 }));
    let report = ship(&world.engine());
    assert_eq!((report.spooled, report.quarantined, report.remaining_bytes), (0, 0, 0));
    assert_eq!(world.offsets(&path), (300_000, 300_000));
    assert_eq!(world.server.texts().len(), 1500);
    let refused = world.server.posts() - world.server.taken().len();
    assert!(refused <= 10, "{refused} refusals");
}

#[test]
fn one_line_that_is_too_large_goes_without_its_raw_form_or_into_quarantine() {
    let world = World::new();
    let path = world.session(1, 2);
    append(&path, &padded("large", 2, 5_000));
    append(&path, &padded("huge", 3, 50_000));
    append(&path, &text_line(1, 4));
    world.server.answer(|request| Reply::status(if request.body.to_string().len() > 8_000 { 413 } else { 200 }));
    let report = ship(&world.engine());
    assert_eq!((report.quarantined, report.remaining_bytes), (1, 0));
    assert_eq!(world.server.texts(), ["large", "text 1/0", "text 1/1", "text 1/4"]);
    assert!(!world.server.taken().iter().find(|request| request.contains("large")).unwrap().has_raw());
    let listed = &world.status().recent_quarantined[0];
    assert_eq!((listed.start, listed.end, listed.status), (5400, 55_400, Some(413)));
    assert_eq!(world.offsets(&path), (55_600, 55_600));
}

#[test]
fn of_a_refused_batch_only_the_line_at_fault_stays_behind() {
    let mut world = World::new();
    world.config.batch_bytes = 100_000;
    let path = world.session(1, 100);
    world.server.answer(|request| {
        let bad = request.contains("text 1/13") || request.contains("text 1/77");
        if bad { Reply::status(422).saying("the field is\u{1b}[31m wrong") } else { Reply::ok() }
    });
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!((report.quarantined, report.spooled, report.remaining_bytes), (2, 0, 0));
    assert_eq!(world.server.distinct().len(), 98);
    assert_eq!(world.offsets(&path), (20_000, 20_000));
    assert!(world.server.posts() < 40, "{} requests", world.server.posts());
    let status = world.status();
    assert_eq!(status.quarantined, 2);
    assert!(status.recent_quarantined.iter().all(|line| line.end - line.start == 200 && line.status == Some(422)));
    assert!(status.recent_quarantined[0].reason.contains("wrong"));
    assert!(!status.recent_quarantined[0].reason.contains('\u{1b}'), "what a server says ends up on terminals");

    // The server was mended: they have a way back.
    world.server.answer(|_| Reply::ok());
    assert_eq!(engine.reset(&Reset::Quarantined).unwrap().revived, 2);
    assert_eq!(replay(&engine).replayed, 2);
    assert_eq!(world.server.distinct().len(), 100);
    assert_eq!((world.status().quarantined, world.offsets(&path)), (0, (20_000, 20_000)));
}

#[test]
fn a_batch_of_which_nothing_is_taken_is_one_row_that_can_come_back() {
    let mut world = World::new();
    world.config.batch_bytes = 100_000;
    world.session(1, 100);
    world.server.answer(|_| Reply::status(400));
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!(report.quarantined, 1);
    assert!(world.server.posts() < 30, "{} requests", world.server.posts());
    let listed = &world.status().recent_quarantined[0];
    assert_eq!((listed.start, listed.end), (0, 20_000));
    world.server.answer(|_| Reply::ok());
    engine.reset(&Reset::Quarantined).unwrap();
    replay(&engine);
    assert_eq!(world.server.distinct().len(), 100);
}

#[test]
fn a_yes_without_end_is_not_waited_for() {
    let world = World::new();
    world.session(1, 2);
    world.server.answer(|_| Reply::ok().saying(&"x".repeat(10_000_000)));
    assert_eq!(ship(&world.engine()).events, 2);
}

#[test]
fn a_connection_that_breaks_is_tried_again() {
    let world = World::new();
    world.session(1, 2);
    let asked = AtomicUsize::new(0);
    world.server.answer(move |_| if asked.fetch_add(1, Ordering::SeqCst) == 0 { Reply::Cut } else { Reply::ok() });
    let report = ship(&world.engine());
    assert_eq!((report.spooled, report.remaining_bytes), (0, 0));
    assert_eq!(world.server.texts().len(), 2);
}

#[test]
fn zstd_is_used_when_the_server_says_so_and_gzip_when_it_does_not_know_it() {
    let mut world = World::new();
    world.config.encoding = EncodingChoice::Auto { gzip: 1, zstd: 1 };
    world.session(1, 2);
    world.server.answer(|_| Reply::ok().with("Accept-Encoding", "gzip, zstd"));
    ship(&world.engine());
    let posted = |world: &World| {
        let requests = world.server.requests();
        requests.iter().filter_map(|request| request.headers.get("content-encoding").cloned()).collect::<Vec<_>>()
    };
    assert_eq!(posted(&world), ["zstd"], "asked beforehand");

    let mut world = World::new();
    world.config.encoding = EncodingChoice::Auto { gzip: 1, zstd: 1 };
    world.session(1, 2);
    ship(&world.engine());
    assert_eq!(posted(&world), ["gzip"], "a server that says nothing gets gzip");

    let mut world = World::new();
    world.config.encoding = EncodingChoice::Zstd(1);
    (world.config.workers, world.config.uploads) = (1, 1);
    world.session(1, 2);
    world.server.answer(|request| Reply::status(if request.headers["content-encoding"] == "zstd" { 415 } else { 200 }));
    let engine = world.engine();
    assert_eq!(ship(&engine).quarantined, 0);
    world.session(2, 2);
    ship(&engine);
    assert_eq!(posted(&world), ["zstd", "gzip", "gzip"]);
    assert_eq!(world.server.texts().len(), 4);
}

#[test]
fn what_is_sent_a_second_is_bounded() {
    let mut world = World::new();
    world.config.max_mbps = Some(0.0001);
    world.session(1, 20);
    let before = world.clock.now();
    let report = ship(&world.engine());
    let waited = u64::try_from(world.clock.now().0 - before.0).unwrap();
    // Of 100 bytes a second the first second's worth and the last body go at once; the clock of the test runs twice while two
    // threads wait, which gives a little more.
    let largest = world.server.requests().iter().map(|request| request.sent_bytes).max().unwrap();
    let must = (report.compressed_bytes - u64::try_from(largest).unwrap() - 400) * 10_000;
    assert!(waited >= must, "{waited} us for {} bytes", report.compressed_bytes);
}

#[test]
fn addresses_that_cannot_be_used_are_refused_at_once() {
    let world = World::new();
    for (url, word) in [
        ("http://user:pw@example.com", "password"),
        ("ftp://example.com", "http"),
        ("no address", "understood"),
        ("http://example.com/?a=b", "question mark"),
    ] {
        let mut config = world.config.clone();
        config.url = url.to_owned();
        let error = shipping::engine::Engine::open(config).unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidInput);
        assert!(error.to_string().contains(word) && !error.to_string().contains("pw"), "{error}");
    }
    assert!(!world.config.database.exists());
}
