//! The write-ahead log under a load that never pauses.

use ingest::{
    event::{EventType, Limits, Metadata, NewEvent},
    store::{Settings, Store},
};

/// Bytes that the log may grow to: it is put into the file at 64 MiB, and what is written until then stands in it too. Without
/// an end to it there would be 300 MB.
const MOST: u64 = 150 * 1024 * 1024;

#[test]
fn the_log_stays_small_under_load_and_is_gone_with_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("events.db");
    let store = Store::open(&database, Settings::default()).unwrap();
    let metadata = Metadata::from_json(&format!("\"{}\"", "x".repeat(9_000)), &Limits::default()).unwrap();
    let large = || NewEvent { metadata: metadata.clone(), ..NewEvent::new("s", "a", EventType::Response) };
    let write = |requests: usize| {
        let mut most = 0;
        for _ in 0..requests {
            store.write(vec![large(); 20]).unwrap().wait().unwrap();
            most = most.max(store.gauges().wal_bytes);
        }
        most
    };
    let most = write(1_200);
    assert!(most < MOST, "{most} bytes of log");

    // A reader in the middle of something needs what is in the log: it grows, and is small again behind the reader.
    let reader = rusqlite::Connection::open(&database).unwrap();
    reader.execute_batch("BEGIN; SELECT COUNT(*) FROM agents").unwrap();
    write(400);
    reader.execute_batch("COMMIT").unwrap();
    let most = write(500);
    assert!(most < 2 * MOST, "{most} bytes of log behind a reader");
    drop(reader);

    store.close();
    assert!(!folder.path().join("events.db-wal").exists(), "the log is in the file");
    let connection = rusqlite::Connection::open(&database).unwrap();
    let rows: i64 = connection.query_row("SELECT COUNT(*) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, 20 * (1_200 + 400 + 500));
}
