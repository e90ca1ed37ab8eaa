//! Whether what was acknowledged is there, once.

use std::path::Path;

use ingest::store::{Settings, StatsFilter, Store};
use rusqlite::{Connection, OpenFlags};

use crate::{
    load::process::Served,
    poster::{Acknowledged, Route},
};

/// Events that a request which was not answered may have left.
const UNANSWERED: u64 = 50;

/// # Panics
/// When an acknowledged event is missing, any is there twice, the counters are wrong or the file is damaged.
pub(crate) fn every_event_once(binary: &Path, database: &Path, acknowledged: &[Acknowledged]) {
    // The log of the last kill is put into the file by the service itself.
    Served::start(binary, database).stop();
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok", "the file is damaged");
    let mut found: Vec<Vec<u8>> =
        acknowledged.iter().map(|sender| vec![0; usize::try_from(sender.events + UNANSWERED).unwrap()]).collect();
    let rows = count(&connection, acknowledged, &mut found);
    let mut missing = 0;
    for (sender, counts) in acknowledged.iter().zip(&found) {
        let (known, more) = counts.split_at(usize::try_from(sender.events).unwrap());
        missing += known.iter().filter(|count| **count == 0).count();
        assert!(known.iter().chain(more).all(|count| *count <= 1), "an event of {sender:?} is there twice");
    }
    assert_eq!(missing, 0, "acknowledged events are missing");
    drop(connection);
    let store = Store::open(database, Settings::default()).unwrap();
    assert!(!store.verify_counters().unwrap(), "the counters were wrong");
    assert_eq!(store.stats(&StatsFilter::default()).unwrap().total_events, rows);
    let events: u64 = acknowledged.iter().map(|sender| sender.events).sum();
    let of = |route: Route| -> u64 {
        acknowledged.iter().filter(|sender| sender.route == route).map(|sender| sender.events).sum()
    };
    println!(
        "{events} acknowledged events ({} single, {} in batches, {} in lines, {} by the key of their request): each is \
         there once, {rows} rows in all; integrity and counters are right",
        of(Route::Single),
        of(Route::Batch),
        of(Route::Lines),
        of(Route::Keyed)
    );
}

fn count(connection: &Connection, acknowledged: &[Acknowledged], found: &mut [Vec<u8>]) -> u64 {
    let mut statement =
        connection.prepare("SELECT session_id, json_extract(metadata, '$.command') FROM events").unwrap();
    let mut rows = statement.query([]).unwrap();
    let mut seen = 0;
    while let Some(row) = rows.next().unwrap() {
        let (session, command): (String, String) = (row.get(0).unwrap(), row.get(1).unwrap());
        let sender: usize = session.split('-').nth(1).unwrap().parse().unwrap();
        let number: usize = command.strip_prefix("echo ").unwrap().parse().unwrap();
        let at = acknowledged.iter().position(|known| known.sender == sender).unwrap();
        let count = found.get_mut(at).and_then(|counts| counts.get_mut(number));
        *count.unwrap_or_else(|| panic!("event {number} of sender {sender} was never sent")) += 1;
        seen += 1;
    }
    seen
}
