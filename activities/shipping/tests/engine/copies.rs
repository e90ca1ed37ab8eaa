//! Sources that their agent deletes before a server has them.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use super::support::{DAY, HOUR, Reply, World, replay, ship};

fn copies(world: &World) -> usize {
    let folder = format!("{}.copies", world.config.database.display());
    fs::read_dir(folder).map_or(0, Iterator::count)
}

fn age(path: &Path, days: u32) {
    fs::File::options().append(true).open(path).unwrap().set_modified(SystemTime::now() - DAY * days).unwrap();
}

#[test]
fn what_is_deleted_before_a_server_has_it_is_shipped_from_its_copy() {
    let mut world = World::new();
    world.config.keep_copies = true;
    let (old, spooled, young) = (world.session(1, 12), world.session(2, 3), world.session(3, 2));
    world.server.answer(|request| Reply::status(if request.contains("text 2/0") { 500 } else { 404 }));
    age(&old, 25);
    age(&spooled, 25);
    let engine = world.engine();
    ship(&engine);
    assert_eq!(copies(&world), 2, "only what is old");
    fs::remove_file(&old).unwrap();
    fs::remove_file(&spooled).unwrap();

    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    for _ in 0..3 {
        ship(&engine);
        replay(&engine);
        world.clock.forward(HOUR);
    }
    assert_eq!(world.server.distinct().len(), 17);
    assert!(
        world.server.taken().iter().any(|request| request.body["events"][0]["source_path"] == old.to_str().unwrap())
    );
    assert_eq!(copies(&world), 0, "none is kept longer than it is needed");
    let status = world.status();
    assert_eq!((status.spool.pending, status.spool.dead, status.lost), (0, 0, 0));
    assert!(young.exists());
}

#[test]
fn a_copy_goes_when_the_server_has_its_source() {
    let mut world = World::new();
    world.config.keep_copies = true;
    let path = world.session(1, 2);
    age(&path, 25);
    world.server.answer(|_| Reply::status(404));
    let engine = world.engine();
    ship(&engine);
    assert_eq!(copies(&world), 1);
    world.server.answer(|_| Reply::ok());
    world.clock.forward(HOUR);
    ship(&engine);
    ship(&engine);
    assert_eq!(copies(&world), 0);
    assert_eq!(world.server.texts().len(), 2);
}

#[test]
fn none_is_made_unless_asked_for() {
    let world = World::new();
    let path = world.session(1, 2);
    age(&path, 25);
    world.server.answer(|_| Reply::status(404));
    ship(&world.engine());
    assert_eq!(copies(&world), 0);
}
