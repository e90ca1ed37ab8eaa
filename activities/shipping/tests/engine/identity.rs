//! Files that are not what they were.

use std::fs;
use std::path::Path;

use super::support::{HOUR, Reply, World, append, id, replay, ship, text_line};

fn lines(session: u32, count: u32) -> String {
    (0..count).map(|line| text_line(session, line)).collect()
}

/// Another file in place of this one, as editors and restores do it.
fn replace(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

#[test]
fn a_truncated_file_starts_anew() {
    let world = World::new();
    let path = world.session(1, 10);
    let engine = world.engine();
    ship(&engine);
    fs::write(&path, lines(5, 3)).unwrap();
    assert_eq!(ship(&engine).events, 3);
    assert_eq!(world.offsets(&path), (600, 600));
}

#[test]
fn a_file_that_was_cut_back_and_grew_past_its_offset_is_noticed() {
    let world = World::new();
    let path = world.session(1, 40);
    let engine = world.engine();
    ship(&engine);
    // The same first 4 KiB, other lines after it.
    let text = lines(1, 30) + &(100..130).map(|line| text_line(1, line)).collect::<String>();
    fs::write(&path, text).unwrap();
    ship(&engine);
    assert_eq!(world.offsets(&path), (12_000, 12_000));
    assert_eq!(world.server.distinct().len(), 70);
}

/// The new content once got the offset of the old one, and its start was never sent.
#[test]
fn a_file_that_is_rewritten_while_the_server_answers_is_shipped_from_its_start() {
    let world = World::new();
    let path = world.session(1, 5);
    let engine = world.engine();
    let (rewritten, once) = (path.clone(), std::sync::atomic::AtomicBool::new(false));
    world.server.answer(move |_| {
        if !once.swap(true, std::sync::atomic::Ordering::SeqCst) {
            fs::write(&rewritten, lines(7, 12)).unwrap();
        }
        Reply::ok()
    });
    ship(&engine);
    ship(&engine);
    let texts = world.server.distinct();
    let of_new = texts.iter().filter(|text| text.starts_with("text 7/")).count();
    assert_eq!(of_new, 12, "{texts:?}");
    assert_eq!(world.offsets(&path), (2400, 2400));
}

#[test]
fn a_file_replaced_by_another_of_more_bytes_starts_anew() {
    let world = World::new();
    let path = world.session(1, 3);
    let engine = world.engine();
    ship(&engine);
    replace(&path, &lines(6, 10));
    assert_eq!(ship(&engine).events, 10);
}

#[test]
fn a_small_file_replaced_by_one_of_the_same_size_starts_anew() {
    let world = World::new();
    let path = world.session(1, 1);
    let engine = world.engine();
    ship(&engine);
    replace(&path, &lines(6, 1));
    assert_eq!(ship(&engine).events, 1);
    assert_eq!(world.server.distinct(), ["text 1/0", "text 6/0"]);
}

#[test]
fn a_file_put_back_from_a_copy_goes_on_where_it_was() {
    let world = World::new();
    let path = world.session(1, 30);
    let engine = world.engine();
    ship(&engine);
    replace(&path, &lines(1, 32));
    assert_eq!(ship(&engine).events, 2, "only what is new");
    replace(&path, &lines(1, 32));
    assert_eq!(ship(&engine).events, 0);
}

#[test]
fn a_renamed_file_of_the_same_session_keeps_its_offsets_and_its_spool() {
    let world = World::new();
    let path = world.session(1, 10);
    world.server.answer(|request| Reply::status(if request.contains("text 1/0") { 500 } else { 200 }));
    let engine = world.engine();
    ship(&engine);
    assert_eq!(world.spool().len(), 1);
    let folder = world.home().join(".claude/projects/-elsewhere");
    fs::create_dir_all(&folder).unwrap();
    let there = folder.join(path.file_name().unwrap());
    fs::rename(&path, &there).unwrap();
    append(&there, &text_line(1, 10));
    world.server.answer(|_| Reply::ok());
    assert_eq!(ship(&engine).events, 1);
    world.clock.forward(HOUR);
    replay(&engine);
    assert_eq!(world.offsets(&there), (2200, 2200));
    assert_eq!(world.server.texts().len(), 11);
}

#[test]
fn a_file_renamed_to_another_session_is_another_session() {
    let world = World::new();
    let path = world.session(1, 3);
    let engine = world.engine();
    ship(&engine);
    fs::rename(&path, path.with_file_name(format!("{}.jsonl", id(2)))).unwrap();
    assert_eq!(ship(&engine).events, 3);
    assert_eq!(world.server.taken().last().unwrap().body["id"], id(2));
}

#[test]
fn what_waited_in_the_spool_of_a_replaced_file_is_told_as_lost() {
    let world = World::new();
    let path = world.session(1, 3);
    world.server.answer(|_| Reply::status(500));
    let engine = world.engine();
    ship(&engine);
    world.server.answer(|_| Reply::ok());
    replace(&path, &lines(6, 5));
    ship(&engine);
    let status = world.status();
    assert_eq!((status.spool.pending, status.spool.dead, status.lost), (0, 0, 1));
    assert_eq!(world.offsets(&path), (1000, 1000));
}
