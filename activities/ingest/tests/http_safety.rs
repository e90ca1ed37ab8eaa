//! Tokens, limits and connections of bad will.

mod http_stand;

use std::{io::Write, time::Duration};

use axum::{Router, routing::post};
use http_stand::{Stand, batch, config, event};
use ingest::{
    config::Config,
    http::{BadSetting, HttpSettings, Redaction, ServeError, Service},
    store::{Settings, Store},
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn local(change: impl FnOnce(&mut HttpSettings)) -> HttpSettings {
    let mut settings = HttpSettings::local();
    change(&mut settings);
    settings
}

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[tokio::test(flavor = "multi_thread")]
async fn tokens_guard_what_they_should_and_health_stays_open() {
    let settings = local(|settings| {
        settings.guard.write.add("w");
        settings.guard.read.add("r");
    });
    let stand = Stand::with(config(), settings, |service| service).await;
    let body = event("s");
    for (headers, status) in [
        (vec![JSON], 401),
        (vec![JSON, ("Authorization", "Bearer r")], 401),
        (vec![JSON, ("Authorization", "Bearer w")], 201),
    ] {
        assert_eq!(stand.ask("POST", "/api/events", &headers, body.as_bytes()).await.0, status);
    }
    for (path, status) in [
        ("/api/stats", 401),
        ("/api/stats?token=r", 200),
        ("/api/stats?token=w", 401),
        ("/metrics", 401),
        ("/api/health", 200),
    ] {
        assert_eq!(stand.get(path).await.0, status, "{path}");
    }
    assert_eq!(stand.get("/api/stream?token=w").await.0, 401);
    stand.stop().await;
}

#[tokio::test]
async fn an_address_of_other_machines_is_refused_without_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(Store::open(&folder.path().join("e.db"), Settings::default()).unwrap());
    let open = Config { host: "0.0.0.0".parse().unwrap(), ..config() };
    let refused = Service::new(store, open, HttpSettings::local()).listen().await.unwrap_err();
    assert!(matches!(refused, ServeError::Setting(BadSetting { .. })), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_crate_serves_is_behind_the_same_checks() {
    let settings = local(|settings| settings.guard.write.add("w"));
    let router = Router::new().route("/api/agents/ingest", post(async |body: String| format!("got {body}")));
    let stand = Stand::with(config(), settings, |service| service.with_router(router)).await;
    let path = "/API/agents/ingest/";
    assert_eq!(stand.ask("POST", path, &[], b"x").await.0, 401);
    assert_eq!(
        stand.ask("POST", path, &[("Authorization", "Bearer w"), ("Origin", "https://evil.example")], b"x").await.0,
        403
    );
    assert_eq!(stand.ask("POST", path, &[("X-Agents-Token", "w")], b"x").await, (200, "got x".into()));
    assert_eq!(stand.ask("GET", "/api/agents/ingest", &[], b"").await.0, 404);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_sends_too_much_waits_and_others_do_not() {
    let settings = local(|settings| settings.rate_per_session = 10);
    let stand = Stand::with(config(), settings, |service| service).await;
    assert_eq!(stand.post("/api/events/batch", &batch("busy", 500)).await.0, 201);
    let (status, body) = stand.post("/api/events", &event("busy")).await;
    assert_eq!((status, body.as_str()), (429, r#"{"error":"Rate limit reached"}"#));
    assert_eq!(stand.post("/api/events", &event("calm")).await.0, 201);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_are_blacked_out_before_they_are_stored_or_streamed() {
    let settings = local(|settings| settings.redaction = Redaction::new(true, &["pin".into()], &[]).unwrap());
    let stand = Stand::with(config(), settings, |service| service).await;
    let mut stream = stand.listen("").await;
    let secret = format!("ghp_{}", "a1b2".repeat(9));
    let sent = event("s").replace('}', &format!(r#","metadata":{{"pin":1234,"command":"push {secret}"}}}}"#));
    assert_eq!(stand.post("/api/events", &sent).await.0, 201);
    assert_eq!(stand.post("/api/events", &sent.replace("tool_use", "unknown")).await.0, 400);
    let mut live = String::new();
    while !live.contains("push") {
        live = stream.line().await.unwrap();
    }
    let (_, stored) = stand.get("/api/events").await;
    let (_, refused) = stand.get("/api/rejects").await;
    for text in [live, stored, refused] {
        assert!(!text.contains(&secret) && !text.contains("1234"), "{text}");
    }
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn counters_of_metrics_outlive_the_service() {
    let folder = tempfile::tempdir().unwrap();
    let point = |value: u32| {
        format!(
            r#"{{"resourceMetrics":[{{"resource":{{"attributes":[{{"key":"session.id","value":{{"stringValue":"s"}}}}]}},
            "scopeMetrics":[{{"metrics":[{{"name":"claude_code.token.usage","sum":{{"aggregationTemporality":2,
            "dataPoints":[{{"asInt":"{value}"}}]}}}}]}}]}}]}}"#
        )
    };
    for value in [100, 130] {
        let stand = Stand::at(folder.path(), config(), HttpSettings::local(), |service| service).await;
        assert_eq!(stand.post("/api/otel/v1/metrics", &point(value)).await, (200, "{}".into()));
        let (_, stats) = stand.get("/api/stats").await;
        assert!(stats.contains(&format!("\"total_tokens_in\":{value},")), "{stats}");
        stand.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_or_a_body_that_does_not_come_is_not_waited_for() {
    let settings = local(|settings| {
        settings.limits.head = Duration::from_millis(50);
        settings.limits.body_idle = Duration::from_millis(50);
    });
    let stand = Stand::with(config(), settings, |service| service).await;
    for start in [
        "",
        "GET /api/hea",
        "POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ] {
        let mut link = stand.connect().await;
        link.write_all(start.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // It ends: that is the test.
        let _ = link.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        assert!(!start.contains("POST") || answer.starts_with("HTTP/1.1 408"), "{answer}");
    }
    assert_eq!(stand.get("/api/health").await.0, 200);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_connections_are_taken_the_idle_ones_make_room() {
    let settings = local(|settings| settings.limits.connections = 16);
    let stand = Stand::with(config(), settings, |service| service).await;
    let mut idle = Vec::new();
    for _ in 0..200 {
        idle.push(stand.connect().await);
    }
    assert_eq!(stand.post("/api/events", &event("s")).await.0, 201);
    assert!(stand.figure("connections").await <= 17);
    assert!(stand.figure("connections_evicted_total").await >= 184);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ndjson_of_any_length_is_taken_in_pieces_compressed_or_not() {
    let stand = Stand::start().await;
    let line = event("s") + "\n";
    let text = line.repeat(30_000);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let kind = ("Content-Type", "application/x-ndjson");
    let (status, body) = stand
        .ask("POST", "/api/events/ndjson", &[kind, ("Content-Encoding", "gzip"), ("Idempotency-Key", "k")], &packed)
        .await;
    assert_eq!(status, 201);
    assert!(body.contains(r#""lines":30000,"received":30000,"duplicates":0"#), "{body}");
    // Cut short: what came is stored once, and the answer says that it was not all.
    let cut = packed.get(..packed.len() - 20).unwrap();
    let (status, body) = stand
        .ask("POST", "/api/events/ndjson", &[kind, ("Content-Encoding", "gzip"), ("Idempotency-Key", "k")], cut)
        .await;
    assert_eq!(status, 400);
    assert!(body.contains(r#""received":0"#) && body.contains("broke off"), "{body}");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_said_at_once_and_what_waits_is_stored_in_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let store = Store::open(&path, Settings { queue_events: 2, ..Settings::default() }).unwrap();
    let stand = Stand::over(store, config(), HttpSettings::local(), |service| service).await;
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let body = event("s");
    let posts = (0..12).map(|_| stand.post("/api/events", &body));
    let release = async {
        // Some of the twelve were refused while the others wait for the lock.
        while stand.figure("store_refused_total").await == 0 {}
        other.execute_batch("ROLLBACK").unwrap();
    };
    let (answers, ()) = tokio::join!(futures_all(posts), release);
    let stored = answers.iter().filter(|(status, _)| *status == 201).count();
    assert!(stored > 0 && answers.iter().any(|(status, body)| *status == 503 && body.contains("queue is full")));
    assert!(stand.get("/api/stats").await.1.contains(&format!("\"total_events\":{stored},")));
    stand.stop().await;
}

async fn futures_all<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut waiting: Vec<_> = futures.map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|cx| {
        for (future, output) in &mut waiting {
            if output.is_none()
                && let std::task::Poll::Ready(done) = future.as_mut().poll(cx)
            {
                *output = Some(done);
            }
        }
        if waiting.iter().all(|(_, output)| output.is_some()) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    waiting.into_iter().filter_map(|(_, output)| output).collect()
}
