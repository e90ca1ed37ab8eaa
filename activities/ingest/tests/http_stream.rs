//! The stream where a suite from outside does not reach: many clients, slow ones, the end.

mod http_stand;

use std::time::Duration;

use http_stand::{Stand, batch, config, event};
use ingest::{config::Config, http::HttpSettings, stream::Pace};
use tokio::io::AsyncWriteExt;

#[tokio::test(flavor = "multi_thread")]
async fn ten_clients_get_every_frame_in_order_while_events_pour_in() {
    let stand = Stand::start().await;
    let mut clients = Vec::new();
    for _ in 0..10 {
        let mut stream = stand.listen("").await;
        clients.push(tokio::spawn(async move {
            let mut ids = Vec::new();
            while ids.len() < 5_000 {
                ids.push(stream.id().await.unwrap());
            }
            ids
        }));
    }
    let body = batch("s", 50);
    for _ in 0..100 {
        assert_eq!(stand.post("/api/events/batch", &body).await.0, 201);
    }
    for client in clients {
        assert!(client.await.unwrap().into_iter().eq(1..=5_000));
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_resumes_under_load_misses_nothing_and_gets_nothing_twice() {
    let stand = Stand::start().await;
    assert_eq!(stand.post("/api/events/batch", &batch("s", 1_000)).await.0, 201);
    let poster = async {
        for _ in 0..40 {
            assert_eq!(stand.post("/api/events/batch", &batch("s", 100)).await.0, 201);
        }
    };
    let reader = async {
        let mut seen = 0;
        // It comes back again and again, each time from where it was.
        while seen < 5_000 {
            let mut stream = stand.listen(&format!("?last_event_id={seen}")).await;
            for _ in 0..700 {
                if seen == 5_000 {
                    break;
                }
                let id = stream.id().await.unwrap();
                assert_eq!(id, seen + 1);
                seen = id;
            }
        }
    };
    tokio::join!(poster, reader);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_nothing_costs_no_one_anything_and_gets_all_when_it_reads_again() {
    let stand = Stand::start().await;
    let mut slow = stand.listen("").await;
    let mut live = stand.listen("").await;
    let text = "x".repeat(4_000);
    let one = format!(r#"{{"session_id":"s","agent_type":"a","event_type":"error","metadata":"{text}"}}"#);
    let body = format!(r#"{{"events":[{}]}}"#, vec![one; 200].join(","));
    // Far more than the ring and every buffer of the connection hold.
    for _ in 0..28 {
        assert_eq!(stand.post("/api/events/batch", &body).await.0, 201);
        for _ in 0..200 {
            live.id().await.unwrap();
        }
    }
    for id in 1..=5_600 {
        assert_eq!(slow.id().await, Some(id));
    }
    assert!(stand.figure("stream_pages_replayed_total").await > 0);
    assert_eq!(stand.figure("stream_closed_slow_total").await, 0);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_too_far_behind_is_closed_and_counted() {
    let pace = Pace { replay_events: 1_000, stalled_after: Duration::from_millis(200), ..Pace::default() };
    let stand = Stand::with(config(), HttpSettings::local(), |service| service.with_pace(pace)).await;
    let mut slow = stand.listen("").await;
    let text = "x".repeat(4_000);
    let one = format!(r#"{{"session_id":"s","agent_type":"a","event_type":"error","metadata":"{text}"}}"#);
    let body = format!(r#"{{"events":[{}]}}"#, vec![one; 200].join(","));
    while stand.figure("stream_closed_slow_total").await == 0 {
        assert_eq!(stand.post("/api/events/batch", &body).await.0, 201);
    }
    // What was on its way arrives, in order, and then the end: it can resume from there.
    let mut last = 0;
    while let Some(id) = slow.id().await {
        assert_eq!(id, last + 1);
        last = id;
    }
    assert!(last > 0);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_keep_a_quiet_stream_open() {
    let config = Config { sse_heartbeat: Duration::from_millis(20), ..config() };
    let stand = Stand::with(config, HttpSettings::local(), |service| service).await;
    let mut stream = stand.listen("").await;
    while stream.line().await.unwrap() != ": heartbeat\n" {}
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn at_the_end_nobody_is_let_in_and_every_stream_ends_cleanly() {
    let mut stand = Stand::start().await;
    let mut stream = stand.listen("").await;
    assert_eq!(stand.post("/api/events", &event("s")).await.0, 201);
    assert_eq!(stream.id().await, Some(1));
    // A request that is under way gets its answer.
    let mut posting = stand.connect().await;
    let body = event("last");
    let head = format!(
        "POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    posting.write_all(head.as_bytes()).await.unwrap();
    stand.get("/live").await;
    stand.begin_to_stop();
    let mut rest = Vec::new();
    while let Some(line) = stream.line().await {
        rest.push(line);
    }
    assert_eq!(rest.last().map(String::as_str), Some("\r\n"), "the last chunk: {rest:?}");
    assert!(tokio::net::TcpStream::connect(stand.address).await.is_err());
    posting.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut posting, &mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    stand.stop().await;
}
