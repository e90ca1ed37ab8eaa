//! `POST /api/agents/ingest` in this service: what a receiver of its own answers, and every event once in both stores.
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod http_stand;

use std::{path::Path, sync::Arc};

use http_stand::{Stand, config};
use ingest::{
    config::Config,
    http::{HttpSettings, Service},
    store::{EventFilter, SessionFilter, Settings, StatsFilter, Store},
    timestamp,
};
use serde_json::{Value, json};
use session_receiver::{Batch, Store as Sessions};

const SESSION: &str = "0f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11";
const PATH: &str = "/api/agents/ingest";
const OLD: &str = "2026-03-04T05:06:07Z";

fn said(offset: u64, text: &str, at: &str) -> Value {
    json!({"role": "user", "content_text": text, "timestamp": at, "source_path": "/home/dev/s.jsonl", "source_offset": offset,
        "item_index": 0, "raw_json": "{}"})
}

fn called(offset: u64, tool: &str, at: &str) -> Value {
    json!({"role": "assistant", "tool_name": tool, "tool_input_json": {"command": "ls"}, "tool_call_id": format!("c{offset}"),
        "timestamp": at, "source_path": "/home/dev/s.jsonl", "source_offset": offset, "item_index": 0})
}

fn body(events: &[Value]) -> String {
    json!({"id": SESSION, "provider": "claude", "project": "orchard", "git_branch": "main", "started_at": OLD, "events": events})
        .to_string()
}

fn now() -> String {
    timestamp::to_iso(timestamp::now_millis())
}

/// A service over the two stores of a folder.
async fn stand(folder: &Path, settings: Settings, more: HttpSettings) -> (Stand, Sessions) {
    let sessions = Sessions::open(&folder.join("sessions.db")).unwrap();
    let store = Store::open(&folder.join("events.db"), settings).unwrap();
    let hosted = sessions.clone();
    let stand = Stand::over(store, config(), more, |service: Service| service.with_sessions(hosted)).await;
    (stand, sessions)
}

async fn plain(folder: &Path) -> (Stand, Sessions) {
    stand(folder, Settings::default(), HttpSettings::local()).await
}

/// The rows of the session, oldest first.
fn rows(store: &Store) -> Vec<(String, Option<String>, String)> {
    let filter = EventFilter { session_id: Some(SESSION.into()), limit: Some(10_000), ..EventFilter::default() };
    let mut page = store.events(&filter).unwrap().events;
    page.sort_by_key(|row| row.id);
    page.iter()
        .map(|row| (row.event_type().to_owned(), row.event.tool_name.clone(), row.event.source.clone()))
        .collect()
}

fn count(store: &Store) -> u64 {
    store.events(&EventFilter { session_id: Some(SESSION.into()), ..EventFilter::default() }).unwrap().total
}

fn status(store: &Store) -> String {
    store.sessions(&SessionFilter::default()).unwrap().sessions.first().unwrap().status.clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_answered_as_by_the_receiver_and_shown_by_the_api() {
    let folder = tempfile::tempdir().unwrap();
    let (stand, sessions) = plain(folder.path()).await;
    let mut stream = stand.listen("").await;
    let sent = body(&[said(0, "list", &now()), called(90, "Bash", &now())]);
    let (code, answer) = stand.post(PATH, &sent).await;
    let expected = json!({"session_id": SESSION, "events_inserted": 2, "events_skipped": 0, "session_created": true});
    assert_eq!((code, serde_json::from_str::<Value>(&answer).unwrap()), (200, expected));
    assert!(stream.id().await.is_some(), "the stream shows it");

    let (code, again) = stand.post(PATH, &sent).await;
    let expected = json!({"session_id": SESSION, "events_inserted": 0, "events_skipped": 2, "session_created": false});
    assert_eq!((code, serde_json::from_str::<Value>(&again).unwrap()), (200, expected));

    assert_eq!(
        rows(&stand.store),
        [
            ("user_prompt".to_owned(), None, "shipper".to_owned()),
            ("tool_use".to_owned(), Some("Bash".to_owned()), "shipper".to_owned()),
        ]
    );
    let (_, listed) = stand.get("/api/sessions").await;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let session = &listed["sessions"][0];
    assert_eq!((&session["id"], &session["agent_type"]), (&json!(SESSION), &json!("claude_code")));
    assert_eq!((&session["project"], &session["branch"]), (&json!("orchard"), &json!("main")));
    assert_eq!((&session["status"], &session["event_count"]), (&json!("active"), &json!(2)));
    let stats = stand.store.stats(&StatsFilter::default()).unwrap();
    assert_eq!((stats.total_events, stats.total_sessions), (2, 1));
    let (_, shipped) = stand.get("/api/agents/sessions").await;
    assert_eq!(serde_json::from_str::<Value>(&shipped).unwrap()["sessions"][0]["events"], 2);
    assert_eq!(sessions.counts().unwrap().events, 2);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_body_eight_times_at_once_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let (stand, sessions) = plain(folder.path()).await;
    let events: Vec<Value> = (0..1200).map(|n| said(n * 10, &format!("text {n}"), OLD)).collect();
    let (stand, sent) = (Arc::new(stand), Arc::new(body(&events)));
    let posts: Vec<_> = (0..8)
        .map(|_| {
            let (stand, sent) = (stand.clone(), sent.clone());
            tokio::spawn(async move { stand.post(PATH, &sent).await.0 })
        })
        .collect();
    for post in posts {
        assert_eq!(post.await.unwrap(), 200);
    }
    assert_eq!((count(&stand.store), sessions.counts().unwrap().events), (1200, 1200));
    Arc::into_inner(stand).unwrap().stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_the_past_are_not_active() {
    let folder = tempfile::tempdir().unwrap();
    let (stand, _) = plain(folder.path()).await;
    assert_eq!(stand.post(PATH, &body(&[said(0, "long ago", OLD)])).await.0, 200);
    assert_eq!(status(&stand.store), "ended");
    assert_eq!(stand.post(PATH, &body(&[said(10, "and now", &now())])).await.0, 200);
    assert_eq!(status(&stand.store), "active");
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_two_stores_is_healed_by_who_sends_again() {
    let folder = tempfile::tempdir().unwrap();
    let (stand, sessions) = plain(folder.path()).await;
    let sent = body(&[said(0, "a", OLD), said(9, "b", OLD)]);
    // What is there when the process dies after the one commit and before the other.
    let batch = Batch::parse(sent.as_bytes(), 10).unwrap();
    sessions.ingest(batch).unwrap().await.unwrap().unwrap();
    assert_eq!((sessions.counts().unwrap().events, count(&stand.store)), (2, 0));
    let (code, answer) = stand.post(PATH, &sent).await;
    assert_eq!((code, serde_json::from_str::<Value>(&answer).unwrap()["events_skipped"].clone()), (200, json!(2)));
    assert_eq!((sessions.counts().unwrap().events, count(&stand.store)), (2, 2));
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_receiver_took_alone_is_shown_after_the_next_start_and_looked_at_once() {
    let folder = tempfile::tempdir().unwrap();
    {
        let sessions = Sessions::open(&folder.path().join("sessions.db")).unwrap();
        let events: Vec<Value> = (0..1200).map(|n| said(n * 10, &format!("text {n}"), OLD)).collect();
        let batch = Batch::parse(body(&events).as_bytes(), 2000).unwrap();
        sessions.ingest(batch).unwrap().await.unwrap().unwrap();
    }
    let (stand, sessions) = plain(folder.path()).await;
    // It goes on beside the requests; stopping waits for the part that is being written, and a later start for the rest.
    let mut stopped = stand;
    while count(&stopped.store) < 1200 {
        stopped.stop().await;
        stopped = plain(folder.path()).await.0;
    }
    assert_eq!(stopped.post(PATH, &body(&[said(12_000, "one more", OLD)])).await.0, 200);
    stopped.stop().await;
    let stored = Store::open(&folder.path().join("events.db"), Settings::default()).unwrap();
    let done =
        ingest::shipped::catch_up(&sessions, &stored, &ingest::event::Limits::default(), &|_| (), &|| true).unwrap();
    assert_eq!((done.stored, done.finished), (0, true));
    assert_eq!(count(&stored), 1201);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_only_one_store_takes_is_not_acknowledged_and_comes_through_later() {
    let folder = tempfile::tempdir().unwrap();
    // Room for the tables and hardly an event more.
    let full = Settings { max_bytes: Some(160 * 1024), ..Settings::default() };
    let (stand, sessions) = stand(folder.path(), full, HttpSettings::local()).await;
    let events: Vec<Value> = (0..600).map(|n| said(n * 10, &"long ".repeat(90), OLD)).collect();
    let sent = body(&events);
    let (code, answer) = stand.post(PATH, &sent).await;
    assert_eq!((code, serde_json::from_str::<Value>(&answer).unwrap()["error"].clone()), (503, json!("busy")));
    assert_eq!(sessions.counts().unwrap().events, 600);
    assert!(count(&stand.store) < 600);
    stand.stop().await;

    // The next start has room, and needs nobody to send it again.
    let (stand, _) = plain(folder.path()).await;
    assert_eq!(stand.post(PATH, &sent).await.0, 200);
    assert_eq!(count(&stand.store), 600);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_refusals_are_the_receivers() {
    let folder = tempfile::tempdir().unwrap();
    let (stand, sessions) = plain(folder.path()).await;
    let error = |answer: &str| serde_json::from_str::<Value>(answer).unwrap()["error"].clone();
    // Above the limit of /api/events.
    let large = body(&[said(0, &"x".repeat(3 << 20), OLD)]);
    assert_eq!(stand.post(PATH, &large).await.0, 200);
    let (code, answer) = stand.post(PATH, "{").await;
    assert_eq!((code, error(&answer)), (400, json!("unreadable_body")));
    let (code, answer) = stand.post(PATH, "{\"id\": 7}").await;
    assert_eq!((code, error(&answer)), (422, json!("schema")));
    let (code, answer) = stand.ask("POST", PATH, &[("Content-Encoding", "br")], b"x").await;
    assert_eq!((code, error(&answer)), (415, json!("unknown_encoding")));
    let (code, answer) = stand.get(PATH).await;
    assert_eq!((code, error(&answer)), (405, json!("method_not_allowed")));
    let (code, answer) = stand.ask("POST", PATH, &[("Origin", "https://evil.example")], b"{}").await;
    assert_eq!((code, error(&answer)), (403, json!("forbidden")));
    assert_eq!(stand.get("/api/agents/nothing").await.0, 404);
    assert_eq!(sessions.counts().unwrap().events, 1);
    stand.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shippers_are_let_in_by_their_token_or_by_one_that_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, name).unwrap();
        format!("file:{}", path.display())
    };
    let variables = [("GANTRY_INGEST_WRITE_TOKENS", file("writer")), ("GANTRY_INGEST_AGENTS_TOKEN", file("device"))];
    let settings = HttpSettings::from_lookup(&Config::from_lookup(|_| None), |name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| value.clone())
    });
    let (stand, _) = stand(folder.path(), Settings::default(), settings.unwrap()).await;
    let sent = body(&[said(0, "a", OLD)]);
    for (token, expected) in [("device", 200), ("writer", 200), ("nobody", 401)] {
        let (code, answer) = stand.ask("POST", PATH, &[("X-Agents-Token", token)], sent.as_bytes()).await;
        assert_eq!(code, expected, "{answer}");
    }
    let (code, answer) = stand.ask("POST", PATH, &[], sent.as_bytes()).await;
    assert_eq!((code, serde_json::from_str::<Value>(&answer).unwrap()["error"].clone()), (401, json!("unauthorized")));
    let event = http_stand::event("other");
    let (code, _) = stand.ask("POST", "/api/events", &[("X-Agents-Token", "device")], event.as_bytes()).await;
    assert_eq!(code, 401, "the token of shippers opens nothing else");
    stand.stop().await;
}
