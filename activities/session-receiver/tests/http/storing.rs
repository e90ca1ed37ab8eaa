//! What is stored, how often, and what is read of it.

use reqwest::StatusCode;
use serde_json::{Value, json};
use session_receiver::Store;

use crate::server::{SESSION, Setup, answer, batch, event, gzip};

#[tokio::test]
async fn a_body_is_stored_once_however_often_it_comes() {
    let server = Setup::default().start().await;
    let body = gzip(batch(&[event(0, "a"), event(90, "b")]).to_string().as_bytes());
    let post = || answer(server.post(body.clone()).header("content-encoding", "gzip"));
    let first = post().await;
    assert_eq!(first.0, StatusCode::OK);
    assert_eq!(
        first.1,
        json!({"session_id": SESSION, "events_inserted": 2, "events_skipped": 0, "session_created": true})
    );
    assert_eq!(
        post().await.1,
        json!({"session_id": SESSION, "events_inserted": 0, "events_skipped": 2, "session_created": false})
    );
}

#[tokio::test]
async fn the_same_body_sixteen_times_at_once_is_inserted_once() {
    let server = Setup::default().start().await;
    let events: Vec<Value> = (0..200).map(|n| event(n * 10, &format!("text {n}"))).collect();
    let body = batch(&events).to_string();
    let posts: Vec<_> = (0..16).map(|_| tokio::spawn(answer(server.post(body.clone())))).collect();
    let (mut inserted, mut skipped, mut created) = (0, 0, 0);
    for post in posts {
        let (status, answer) = post.await.unwrap();
        assert_eq!(status, StatusCode::OK, "{answer}");
        inserted += answer["events_inserted"].as_u64().unwrap();
        skipped += answer["events_skipped"].as_u64().unwrap();
        created += u64::from(answer["session_created"] == true);
    }
    assert_eq!((inserted, skipped, created), (200, 200 * 15, 1));
    assert_eq!(server.store.counts().unwrap().events, 200);
}

#[tokio::test]
async fn everything_that_an_event_says_tells_it_from_others() {
    let server = Setup::default().start().await;
    let plain = json!({
        "role": "tool", "content_text": "c", "tool_name": "n", "tool_input_json": {"a": 1}, "tool_output_text": "o",
        "timestamp": "2026-03-04T05:06:07Z", "source_path": "/p", "source_offset": 5, "tool_call_id": "t", "item_index": 0,
    });
    let mut events = vec![plain.clone()];
    for (field, value) in [
        ("role", json!("assistant")),
        ("content_text", json!("d")),
        ("tool_name", json!("m")),
        ("tool_input_json", json!({"a": 2})),
        ("tool_output_text", json!("p")),
        ("timestamp", json!("2026-03-04T05:06:08Z")),
        ("source_path", json!("/q")),
        ("source_offset", json!(6)),
        ("tool_call_id", json!("u")),
        ("tool_call_id", json!(null)),
        ("item_index", json!(1)),
        ("item_index", json!(null)),
    ] {
        let mut other = plain.clone();
        other[field] = value;
        events.push(other);
    }
    let expected = events.len();
    // The same again: another offset of the same moment, another layout of the input, another raw line.
    let mut same = plain.clone();
    same["timestamp"] = json!("2026-03-04T06:06:07.000+01:00");
    same["raw_json"] = json!("{}");
    events.push(same);
    let body = batch(&events).to_string().replace("{\"a\":1}", "{ \"a\" :\n 1 }");
    let (_, stored) = answer(server.post(body)).await;
    assert_eq!(stored["events_inserted"], expected);
    assert_eq!(stored["events_skipped"], 1);
}

#[tokio::test]
async fn sessions_are_merged_and_can_be_read() {
    let server = Setup::default().start().await;
    let mut first = batch(&[event(0, "a")]);
    first["project"] = Value::Null;
    first["git_branch"] = Value::Null;
    first["ended_at"] = Value::Null;
    let mut second = batch(&[event(50, "b"), event(90, "c")]);
    second["started_at"] = json!("2026-03-03T00:00:00Z");
    second["cwd"] = json!("/elsewhere");
    second["id"] = json!(SESSION.to_uppercase());
    for body in [first, second] {
        assert_eq!(answer(server.post(body.to_string())).await.0, StatusCode::OK);
    }
    let (_, sessions) = server.get("/api/agents/sessions").await;
    assert_eq!(
        sessions,
        json!({"next": null, "sessions": [{
            "id": SESSION, "provider": "claude", "environment": "production", "project": "orchard", "device_id": "shipper-a",
            "cwd": "/home/dev/orchard", "git_repo": null, "git_branch": "main", "provider_session_id": SESSION,
            "started_at": "2026-03-03T00:00:00+00:00", "ended_at": "2026-03-04T06:06:07+00:00", "events": 3,
        }]})
    );
    let (_, page) = server.get(&format!("/api/agents/sessions/{SESSION}/events?limit=2")).await;
    assert_eq!(page["events"][1]["content_text"], "b");
    let next = page["next"].as_i64().unwrap();
    let (_, page) = server.get(&format!("/api/agents/sessions/{SESSION}/events?limit=2&after={next}")).await;
    assert_eq!((page["events"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
    assert_eq!(page["events"][0]["raw_json"], "{\"text\":\"c\"}");

    let (status, removed) = answer(server.client.delete(server.url(&format!("/api/agents/sessions/{SESSION}")))).await;
    assert_eq!((status, removed), (StatusCode::OK, json!({"events": 3})));
    assert_eq!(server.store.counts().unwrap().events, 0);
    let (status, answer) = server.get(&format!("/api/agents/sessions/{SESSION}/events")).await;
    assert_eq!((status, &answer["error"]), (StatusCode::NOT_FOUND, &json!("not_found")));
}

#[tokio::test]
async fn a_body_with_one_wrong_event_leaves_nothing() {
    let server = Setup::default().start().await;
    let (status, _) = answer(server.post(batch(&[event(0, "a"), json!({"role": "user"})]).to_string())).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(server.store.counts().unwrap(), session_receiver::Counts::default());
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let server = Setup::default().start().await;
    answer(server.post(batch(&[event(0, "a")]).to_string())).await;
    // Another process that opens the file while the first is still there sees it, too.
    let other = Store::open(&server.database()).unwrap();
    assert_eq!(other.counts().unwrap().events, 1);
    assert_eq!(other.sessions("", 10).unwrap().len(), 1);
}

#[tokio::test]
async fn foreign_and_newer_databases_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.db");
    drop(Store::open(&path).unwrap());
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    let refused = Store::open(&path).unwrap_err().to_string();
    assert!(refused.contains("schema 99"), "{refused}");

    let other = folder.path().join("other.db");
    rusqlite::Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    assert!(Store::open(&other).unwrap_err().to_string().contains("another program"));
    let text = folder.path().join("text");
    std::fs::write(&text, "not a database, but long enough to be taken for one if nobody looks".repeat(20)).unwrap();
    assert!(Store::open(&text).unwrap_err().to_string().contains("another program"));
}

#[tokio::test]
async fn what_is_stored_comes_back_as_bodies_that_are_the_same_events() {
    use session_receiver::Batch;
    let server = Setup::default().start().await;
    let mut call = event(700_000, "");
    call["role"] = json!("assistant");
    call["tool_name"] = json!("Bash");
    call["tool_input_json"] = json!({"a": [1, {"b": null}]});
    call["tool_call_id"] = json!("t1");
    let events: Vec<Value> = (0..600).map(|n| event(n * 10, &format!("text {n}"))).chain([call]).collect();
    let first = batch(&events);
    let mut second = batch(&[event(0, "of another session")]);
    second["id"] = json!("1f6b1c1e-7a1d-4c55-9d0e-5a3f7f0c2b11");
    for body in [&first, &second] {
        assert_eq!(answer(server.post(body.to_string())).await.0, StatusCode::OK);
    }
    let (mut at, mut parts, mut keys) = (0, 0, Vec::new());
    loop {
        let page = server.store.replay(at).unwrap();
        if page.batches.is_empty() {
            break;
        }
        (at, parts) = (page.last, parts + 1);
        for batch in page.batches {
            keys.extend(batch.events.iter().map(|event| event.key(&batch.session.id)));
        }
    }
    let sent = [&first, &second].map(|body| Batch::parse(body.to_string().as_bytes(), 1000).unwrap());
    let expected: Vec<_> =
        sent.iter().flat_map(|batch| batch.events.iter().map(|event| event.key(&batch.session.id))).collect();
    assert_eq!(keys, expected);
    assert_eq!((at, parts > 1), (server.store.last_number().unwrap(), true));
}
