//! Everything but the sending: what it counts, and that nothing changes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use shipping::engine::{Control, ErrorKind, Scope, Unattended, dry_run};

use super::support::{Reply, World, append, ship, text_line};

/// Every file below a folder with its bytes and its time.
fn everything(folder: &Path) -> BTreeMap<String, (Vec<u8>, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else {
                let modified = fs::metadata(&path).unwrap().modified().unwrap();
                found.insert(path.display().to_string(), (fs::read(&path).unwrap(), modified));
            }
        }
    }
    found
}

#[test]
fn it_counts_what_a_call_would_ship_and_makes_no_file() {
    let world = World::new();
    world.session(1, 20);
    world.document(&["one", "two"]);
    let before = everything(world.home());
    let dry = dry_run(&world.config, &Scope::new(), &Unattended).unwrap();
    assert_eq!(everything(world.home()), before);
    assert_eq!(world.server.requests().len(), 0);
    let shipped = ship(&world.engine());
    assert_eq!((dry.files, dry.events, dry.source_bytes), (shipped.files, shipped.events, shipped.source_bytes));
    assert_eq!((dry.batches, dry.payload_bytes), (shipped.batches, shipped.payload_bytes));
    assert_eq!(dry.compressed_bytes, shipped.compressed_bytes);
    assert_eq!(dry.events_by_role["user"], 22);
}

#[test]
fn it_goes_on_from_the_state_and_changes_nothing_of_it() {
    let world = World::new();
    let path = world.session(1, 20);
    ship(&world.engine());
    append(&path, &text_line(1, 20));
    let before = everything(world.home());
    let dry = dry_run(&world.config, &Scope::paths(vec![path.clone()]), &Unattended).unwrap();
    assert_eq!((dry.events, dry.last_offset), (1, Some(4200)));
    assert_eq!(everything(world.home()), before);

    // Beside a running engine too, whose journal is there.
    let engine = world.engine();
    world.server.answer(|_| Reply::status(500));
    ship(&engine);
    let dry = dry_run(&world.config, &Scope::paths(vec![path]), &Unattended).unwrap();
    assert_eq!((dry.events, dry.last_offset, world.spool().len()), (0, Some(4200), 1));
}

#[test]
fn the_last_offset_is_told_of_one_file() {
    let world = World::new();
    let path = world.session(1, 3);
    append(&path, "{\"half\":");
    let dry = dry_run(&world.config, &Scope::paths(vec![path]), &Unattended).unwrap();
    assert_eq!((dry.events, dry.last_offset), (3, Some(600)));
    world.session(2, 3);
    assert_eq!(dry_run(&world.config, &Scope::new(), &Unattended).unwrap().last_offset, None);
    let gone = world.home().join("gone.jsonl");
    let error = dry_run(&world.config, &Scope::paths(vec![gone]), &Unattended).unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidInput);
}

struct Never;

impl Control for Never {
    fn proceed(&self) -> bool {
        false
    }
}

#[test]
fn it_ends_when_the_caller_says_so() {
    let world = World::new();
    world.session(1, 2000);
    assert!(dry_run(&world.config, &Scope::new(), &Never).unwrap().cancelled);
}
