//! Spooled ranges go again exactly as they were.

use std::fs;

use super::support::{HOUR, Reply, World, append, replay, ship, text_line};

#[test]
fn exactly_the_range_is_sent_and_the_same_bytes_as_the_first_time() {
    let world = World::new();
    let path = world.session(1, 12);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    let first: Vec<_> = world.server.requests().iter().map(|request| request.body.clone()).collect();
    append(&path, &text_line(1, 12));
    world.server.forget();
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    let report = replay(&engine);
    assert_eq!((report.pending, report.dead), (0, 0));
    let texts = world.server.texts();
    assert_eq!(texts.len(), 12, "the line that came later is not part of it");
    let again: Vec<_> = world.server.taken().iter().map(|request| request.body.clone()).collect();
    assert!(again.iter().all(|body| first.contains(body)), "servers tell by the bytes that it is the same");
    assert_eq!(ship(&engine).events, 1);
}

#[test]
fn ranges_that_touch_are_sent_as_one() {
    let mut world = World::new();
    let path = world.session(1, 3);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    append(&path, &text_line(1, 3));
    ship(&engine);
    assert_eq!(world.spool().len(), 2);
    world.server.answer(|_| Reply::ok());
    world.server.forget();
    world.clock.forward(HOUR);
    assert_eq!(replay(&engine).replayed, 1);
    assert_eq!((world.server.posts(), world.server.texts().len()), (1, 4));
    world.config.batch_bytes = 1;
}

#[test]
fn a_row_that_fails_does_not_keep_others_waiting() {
    let world = World::new();
    for number in 1..=6 {
        world.session(number, 1);
    }
    world.server.answer(|_| Reply::status(500).saying("no"));
    let engine = world.engine();
    for _ in 0..20 {
        ship(&engine);
        world.clock.forward(HOUR);
    }
    assert_eq!(world.spool().len(), 6);
    world.server.answer(|request| Reply::status(if request.contains("text 1/0") { 500 } else { 200 }));
    for _ in 0..3 {
        world.clock.forward(HOUR);
        replay(&engine);
    }
    assert_eq!(world.server.distinct().len(), 5);
    assert_eq!(world.spool().len(), 1);
}

#[test]
fn a_row_that_got_half_through_goes_on_from_there() {
    let world = World::new();
    world.session(1, 15);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    for _ in 0..10 {
        ship(&engine);
        world.clock.forward(HOUR);
    }
    world.server.answer(|request| Reply::status(if request.contains("text 1/7") { 500 } else { 200 }));
    world.clock.forward(HOUR);
    replay(&engine);
    let rows = world.spool();
    assert_eq!((rows.len(), rows[0].0), (1, 1000), "what came before is done: {rows:?}");
    world.server.answer(|_| Reply::ok());
    for _ in 0..3 {
        world.clock.forward(HOUR);
        replay(&engine);
    }
    assert_eq!((world.spool().len(), world.server.distinct().len()), (0, 15));
}

#[test]
fn a_limit_bounds_the_rows() {
    let world = World::new();
    for number in 1..=4 {
        world.session(number, 1);
    }
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    let report = engine.replay(Some(3), &shipping::engine::Unattended).unwrap();
    assert_eq!((report.replayed, report.pending), (3, 1));
}

#[test]
fn a_source_that_was_cut_back_is_given_up_and_then_shipped_anew() {
    let world = World::new();
    let path = world.session(1, 3);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    fs::write(&path, text_line(9, 0)).unwrap();
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    assert_eq!(replay(&engine).dead, 1);
    assert_eq!(ship(&engine).events, 1);
    let status = world.status();
    assert_eq!((status.spool.dead, status.lost, status.bytes_behind), (0, 1, 0));
    assert_eq!(world.offsets(&path), (200, 200));
}

#[test]
fn a_document_is_replayed_as_it_is_then() {
    let world = World::new();
    let path = world.document(&["one"]);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    world.document(&["one", "two"]);
    ship(&engine);
    assert_eq!(world.spool().len(), 1);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    assert_eq!(replay(&engine).replayed, 1);
    assert_eq!(world.server.texts(), ["one", "two"]);
    let (acked, queued) = world.offsets(&path);
    assert_eq!(acked, queued);
    assert_eq!(ship(&engine).files, 0);
}
