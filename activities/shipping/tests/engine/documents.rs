//! Sessions that are one document.

use std::fs;

use super::support::{Reply, World, ship};

#[test]
fn documents_are_shipped_whole_whenever_they_change() {
    let world = World::new();
    let path = world.document(&["one", "two"]);
    let engine = world.engine();
    assert_eq!(ship(&engine).events, 2);
    let seconds =
        fs::metadata(&path).unwrap().modified().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    assert_eq!(world.offsets(&path), (seconds, seconds), "the time of its change is its offset");
    assert_eq!(ship(&engine).files, 0);
    world.document(&["one", "two", "three"]);
    assert_eq!(ship(&engine).events, 3);
    // Shorter than before is no truncation.
    world.document(&["one"]);
    assert_eq!(ship(&engine).events, 1);
    assert_eq!(world.status().lost, 0);
}

#[test]
fn a_document_that_a_writer_is_half_through_waits_for_its_next_change() {
    let world = World::new();
    let path = world.document(&["one"]);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let engine = world.engine();
    let report = ship(&engine);
    assert_eq!((report.events, report.skipped_files, report.spooled), (0, 1, 0));
    fs::write(&path, &whole).unwrap();
    assert_eq!(ship(&engine).events, 1);
}

#[test]
fn messages_that_are_refused_or_too_large_do_not_hold_the_others_back() {
    let mut world = World::new();
    world.config.batch_bytes = 100_000;
    let large = "x".repeat(9000);
    world.document(&["one", "bad", "three", &large, "five"]);
    world.server.answer(|request| match request.body.to_string().len() {
        length if length > 6000 => Reply::status(413),
        _ if request.contains("bad") => Reply::status(422),
        _ => Reply::ok(),
    });
    let report = ship(&world.engine());
    assert_eq!((report.quarantined, report.remaining_bytes, report.spooled), (1, 0, 0));
    assert_eq!(world.server.texts(), ["five", "one", "three"]);
    assert_eq!(world.status().quarantined, 1);
}
