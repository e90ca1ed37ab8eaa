//! A process that dies at any moment.

use std::fs;

use super::support::{HOUR, Reply, World, copy_state, replay, ship};

#[test]
fn nothing_is_lost_wherever_a_process_dies() {
    let world = World::new();
    let path = world.session(1, 40);
    world.session(2, 12);
    let copies = world.home().join("copies");
    fs::create_dir_all(&copies).unwrap();
    let database = world.config.database.clone();
    let at = copies.clone();
    // The state as it lies on the disk when each request arrives, some of which fail.
    world.server.answer(move |request| {
        copy_state(&database, &at.join(format!("{:03}.db", request.number)));
        match request.number % 5 {
            1 => Reply::status(500),
            3 => Reply::TakenAndCut,
            _ => Reply::ok(),
        }
    });
    let engine = world.engine();
    ship(&engine);
    world.server.answer(|_| Reply::ok());
    let mut taken_before = 0;
    let mut copies: Vec<_> = fs::read_dir(copies)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "db"))
        .collect();
    copies.sort();
    assert!(copies.len() > 10);
    for copy in copies {
        let mut config = world.config.clone();
        config.database = copy.clone();
        let engine = world.engine_with(config.clone());
        for _ in 0..4 {
            ship(&engine);
            replay(&engine);
            world.clock.forward(HOUR);
        }
        drop(engine);
        let rows = rusqlite::Connection::open(&config.database).unwrap();
        let open: i64 = rows.query_row("SELECT COUNT(*) FROM spool_queue", [], |row| row.get(0)).unwrap();
        let acked: i64 = rows
            .query_row("SELECT acked_offset FROM file_state WHERE path = ?1", [path.to_str()], |row| row.get(0))
            .unwrap();
        assert_eq!((open, acked), (0, 8000), "{}", copy.display());
        taken_before += 1;
    }
    assert!(taken_before > 0);
    assert_eq!(world.server.distinct().len(), 52);
}
