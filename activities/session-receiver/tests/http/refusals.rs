//! What is not taken, and how that is said.

use reqwest::StatusCode;
use serde_json::json;
use session_receiver::{Limits, Store, TokenReference};

use crate::server::{Setup, answer, batch, event};

fn token() -> Option<TokenReference> {
    Some(TokenReference::Literal("secret".to_owned()))
}

#[tokio::test]
async fn a_token_comes_in_either_header() {
    let server = Setup { token: token(), ..Setup::default() }.start().await;
    let body = batch(&[event(0, "a")]).to_string();
    for (name, value, expected) in [
        ("x-agents-token", "secret", StatusCode::OK),
        ("authorization", "Bearer secret", StatusCode::OK),
        ("authorization", "bearer secret", StatusCode::OK),
        ("authorization", "Basic secret", StatusCode::UNAUTHORIZED),
        ("x-agents-token", "secre", StatusCode::UNAUTHORIZED),
        ("x-agents-token", "", StatusCode::UNAUTHORIZED),
        ("x-other", "secret", StatusCode::UNAUTHORIZED),
    ] {
        let (status, answer) = answer(server.post(body.clone()).header(name, value)).await;
        assert_eq!(status, expected, "{name}: {value}: {answer}");
        assert!(!answer.to_string().contains("secret"), "{answer}");
    }
    assert_eq!(server.get("/api/agents/sessions").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(server.get("/api/health").await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_token_in_a_file_can_be_replaced_while_the_server_runs() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "first\n").unwrap();
    let token = Some(TokenReference::of_text(&format!("file:{}", file.path().display())));
    let server = Setup { token, ..Setup::default() }.start().await;
    let post =
        |token: &'static str| answer(server.post(batch(&[event(0, "a")]).to_string()).header("x-agents-token", token));
    assert_eq!(post("first").await.0, StatusCode::OK);
    std::fs::write(&file, "second\n").unwrap();
    assert_eq!(post("first").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(post("second").await.0, StatusCode::OK);
    std::fs::write(&file, "\n").unwrap();
    assert_eq!(post("").await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn nobody_sends_without_a_token_where_others_could() {
    let server = Setup { believed: Some("0.0.0.0:3142".parse().unwrap()), ..Setup::default() }.start().await;
    let (status, answer) = answer(server.post(batch(&[]).to_string())).await;
    assert_eq!((status, &answer["error"]), (StatusCode::FORBIDDEN, &json!("forbidden")));
}

#[tokio::test]
async fn pages_of_other_sites_are_refused() {
    let server = Setup::default().start().await;
    for (name, value, expected) in [
        ("origin", "https://evil.example", StatusCode::FORBIDDEN),
        ("origin", "null", StatusCode::FORBIDDEN),
        ("host", "evil.example:3142", StatusCode::FORBIDDEN),
        ("host", "127.0.0.1.evil.example", StatusCode::FORBIDDEN),
        ("origin", "http://localhost:5173", StatusCode::OK),
        ("host", "localhost:3142", StatusCode::OK),
        ("host", "[::1]:3142", StatusCode::OK),
    ] {
        for path in ["/api/health", "/api/agents/sessions"] {
            let (status, _) = answer(server.client.get(server.url(path)).header(name, value)).await;
            assert_eq!(status, expected, "{path} {name}: {value}");
        }
    }
}

#[tokio::test]
async fn every_failure_of_a_body_is_listed() {
    let server = Setup::default().start().await;
    let body = json!({
        "id": "no uuid", "provider": " ", "cwd": 7, "started_at": "yesterday",
        "events": [
            {"role": "narrator", "timestamp": "2026-03-04T05:06:07Z", "tool_input_json": [1]},
            {"timestamp": 17, "source_offset": -1, "item_index": 1.5, "content_text": {}},
            "text",
            {"role": "user", "timestamp": "2026-03-04T05:06:07Z"},
        ],
    });
    let (status, answer) = answer(server.post(body.to_string())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let mut places: Vec<&str> =
        answer["failures"].as_array().unwrap().iter().map(|failure| failure["at"].as_str().unwrap()).collect();
    places.sort_unstable();
    assert_eq!(
        places,
        [
            "cwd",
            "events[0].role",
            "events[0].tool_input_json",
            "events[1].content_text",
            "events[1].item_index",
            "events[1].role",
            "events[1].source_offset",
            "events[1].timestamp",
            "events[2]",
            "id",
            "provider",
            "started_at",
        ]
    );
    assert_eq!(answer["failure_count"], 12);
}

#[tokio::test]
async fn bodies_of_other_forms_are_refused_as_such() {
    let server = Setup::default().start().await;
    for (body, expected) in [
        ("[]", StatusCode::UNPROCESSABLE_ENTITY),
        ("null", StatusCode::UNPROCESSABLE_ENTITY),
        ("{}", StatusCode::UNPROCESSABLE_ENTITY),
        ("{\"events\": 3}", StatusCode::UNPROCESSABLE_ENTITY),
        ("{\"events\": null}", StatusCode::UNPROCESSABLE_ENTITY),
        ("", StatusCode::BAD_REQUEST),
        ("{\"events\": [}", StatusCode::BAD_REQUEST),
        ("{} {}", StatusCode::BAD_REQUEST),
    ] {
        let (status, answer) = answer(server.post(body)).await;
        assert_eq!(status, expected, "{body}: {answer}");
    }
    assert_eq!(answer(server.post(b"{\"id\": \"\xff\"}".to_vec())).await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn unknown_encodings_addresses_and_methods_are_answered_in_json() {
    let server = Setup::default().start().await;
    for encoding in ["br", "gzip, zstd"] {
        let (status, answer) = answer(server.post("{}").header("content-encoding", encoding)).await;
        assert_eq!((status, &answer["error"]), (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("unknown_encoding")));
    }
    assert_eq!(server.get("/api/agents/ingest").await.0, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(server.get("/elsewhere").await.0, StatusCode::NOT_FOUND);
    assert_eq!(server.get("/api/agents/sessions?limit=many").await.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn zstd_is_advertised() {
    let server = Setup::default().start().await;
    for request in [
        server.client.get(server.url("/api/health")),
        server.post(batch(&[]).to_string()),
        server.post("{}"),
        server.post("{}").header("content-encoding", "br"),
    ] {
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["accept-encoding"], "gzip, zstd");
    }
}

#[tokio::test]
async fn too_many_events_in_a_minute_are_told_when_to_come_again() {
    let server = Setup { events_per_minute: Some(2), ..Setup::default() }.start().await;
    let body = batch(&[event(0, "a"), event(1, "b"), event(2, "c")]).to_string();
    assert_eq!(answer(server.post(body.clone())).await.0, StatusCode::OK);
    let response = server.post(body).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
    let seconds: u64 = response.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=90).contains(&seconds), "{seconds}");
}

#[tokio::test]
async fn a_full_queue_is_told_and_loses_nothing() {
    let server = Setup { queue: Some(1), ..Setup::default() }.start().await;
    // Whoever holds the database keeps the writer waiting.
    let holder = rusqlite::Connection::open(server.database()).unwrap();
    holder.execute_batch("BEGIN IMMEDIATE").unwrap();
    // At most 64 are taken together and one waits, so the rest has to be refused.
    let mut posts = tokio::task::JoinSet::new();
    for n in 0..80 {
        posts.spawn(server.post(batch(&[event(n, "a")]).to_string()).send());
    }
    let refused = posts.join_next().await.unwrap().unwrap().unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "1");
    holder.execute_batch("COMMIT").unwrap();
    let mut stored = 0;
    while let Some(post) = posts.join_next().await {
        let status = post.unwrap().unwrap().status();
        stored += u64::from(status == StatusCode::OK);
        assert!(status == StatusCode::OK || status == StatusCode::SERVICE_UNAVAILABLE, "{status}");
    }
    assert!(stored > 0);
    assert_eq!(server.store.counts().unwrap().events, stored);
}

#[tokio::test]
async fn a_limit_that_is_passed_is_named() {
    let limits = Limits { body_bytes: 4096, inflated_bytes: 4096, inflate_ratio: 1, events: 2 };
    let server = Setup { limits: Some(limits), ..Setup::default() }.start().await;
    let events: Vec<_> = (0..3).map(|n| event(n, "a")).collect();
    for (body, limit) in
        [(batch(&events).to_string(), "events"), (batch(&[event(0, &"x".repeat(5000))]).to_string(), "body_bytes")]
    {
        let (status, answer) = answer(server.post(body)).await;
        assert_eq!((status, &answer["limit"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!(limit)));
    }
}

#[tokio::test]
async fn a_store_ends_after_what_is_queued() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("s.db")).unwrap();
    let batches = (0..100).map(|n| batch(&[event(n, "a")]).to_string());
    let answers: Vec<_> = batches
        .map(|text| store.ingest(session_receiver::Batch::parse(text.as_bytes(), 10).unwrap()).unwrap())
        .collect();
    tokio::task::spawn_blocking(move || drop(store)).await.unwrap();
    for answered in answers {
        assert_eq!(answered.await.unwrap().unwrap().events_inserted, 1);
    }
}
