//! A database that another process holds.

use std::{env, path::Path, time::Duration};

use ingest::{
    http::HttpSettings,
    store::{Settings, Store},
};

use crate::{
    http_stand::{Stand, config, event},
    process::{Process, post, said_why},
};

/// Started by the test below as a process of its own; nothing otherwise. Holds the lock until its input ends.
#[test]
fn stand_in_that_holds_the_lock() {
    let Ok(database) = env::var("INGEST_TEST_DATABASE") else { return };
    let connection = rusqlite::Connection::open(Path::new(&database)).unwrap();
    connection.execute_batch("BEGIN EXCLUSIVE").unwrap();
    eprintln!("\nlocked");
    let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_another_process_holds_the_lock_posts_are_to_come_again_and_reads_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("events.db");
    let settings = Settings { lock_timeout: Duration::from_millis(20), ..Settings::default() };
    let store = Store::open(&database, settings).unwrap();
    let stand = Stand::over(store, config(), HttpSettings::local(), |service| service).await;
    assert_eq!(stand.post("/api/events", &event("before")).await.0, 201);

    let mut holder = Process::spawn("lock::stand_in_that_holds_the_lock", &database, |_| {}).unwrap();
    assert!(holder.word(&["locked"]).is_some());
    for path in ["/api/events", "/api/events/ndjson"] {
        let (status, head, body) = post(stand.address, path, &event("meanwhile")).await.unwrap();
        assert_eq!(status, 503, "{path}: {body}");
        assert!(head.contains("retry-after: 1"), "{head}");
        assert!(said_why(&body) && body.contains("locked the database"), "{body}");
    }
    assert_eq!(stand.get("/ready").await.0, 503);
    assert_eq!(stand.get("/live").await.0, 200);
    let (status, stats) = stand.get("/api/stats").await;
    assert!(status == 200 && stats.contains("\"total_events\":1,"), "{stats}");

    holder.kill();
    assert_eq!(stand.post("/api/events", &event("after")).await.0, 201);
    assert_eq!(stand.get("/ready").await.0, 200);
    assert!(stand.get("/api/stats").await.1.contains("\"total_events\":2,"));
    stand.stop().await;
}
