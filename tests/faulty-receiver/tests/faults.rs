//! The receiver behind its faults, and the sinks.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::time::Duration;

use faulty_receiver::{FaultSettings, FaultyReceiver, Sink, SinkCounts, SinkKind};
use serde_json::{Value, json};

fn client() -> reqwest::Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::new()
}

fn body(number: u64) -> String {
    json!({
        "id": "0f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11", "provider": "claude", "started_at": "2026-03-04T05:06:07Z",
        "events": [{
            "role": "user", "content_text": "x".repeat(2000), "timestamp": "2026-03-04T05:06:07Z", "source_path": "/p",
            "source_offset": number, "item_index": 0,
        }],
    })
    .to_string()
}

#[tokio::test]
async fn who_sends_until_there_is_a_proper_answer_has_everything_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let settings = FaultSettings {
        seed: 5,
        permille: 700,
        longest_stall: Duration::from_millis(20),
        always_small_enough: 100,
        ..FaultSettings::default()
    };
    let database = folder.path().join("s.db");
    let server = FaultyReceiver::start(([127, 0, 0, 1], 0).into(), &database, None, settings).await.unwrap();
    let (client, url) = (client(), format!("http://{}/api/agents/ingest", server.address));
    let (mut requests, mut broken) = (0, 0);
    for number in 0..60 {
        loop {
            requests += 1;
            let answer = match client.post(&url).body(body(number)).send().await {
                Ok(response) if response.status() == 200 => response.json::<Value>().await,
                Ok(_) => continue,
                Err(error) => Err(error),
            };
            broken += u64::from(answer.is_err());
            if answer.is_ok_and(|answer| answer["session_id"].is_string()) {
                break;
            }
        }
    }
    assert_eq!(server.store().counts().unwrap().events, 60);
    let counts = server.counts().requests;
    // A client may send a request again by itself on a connection that was closed under it.
    assert!(counts.values().sum::<u64>() >= requests);
    assert!(broken > 0);
    for fault in [
        "none",
        "status",
        "throttled",
        "too_large",
        "reset_before_reading",
        "reset_after_storing",
        "stall",
        "slow",
        "truncated_answer",
        "garbage",
    ] {
        assert!(counts.contains_key(fault), "{fault}: {counts:?}");
    }
    server.quiet();
    for number in 60..80 {
        assert_eq!(client.post(&url).body(body(number)).send().await.unwrap().status(), 200);
    }
}

#[tokio::test]
async fn sinks_count_what_they_take() {
    let client = client();
    for (kind, events) in [(SinkKind::Drop, 0), (SinkKind::Count, 2)] {
        let sink = Sink::start(([127, 0, 0, 1], 0).into(), kind).await.unwrap();
        let url = format!("http://{}", sink.address);
        for number in 0..2 {
            let response = client.post(format!("{url}/api/agents/ingest")).body(body(number)).send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert!(response.json::<Value>().await.unwrap()["events_inserted"].is_u64());
        }
        let told: SinkCounts = client.get(format!("{url}/counts")).send().await.unwrap().json().await.unwrap();
        assert_eq!(told, sink.counts());
        assert_eq!((told.requests, told.events, told.unreadable), (2, events, 0));
        assert!(told.wire_bytes > 4000);
    }
}
