//! What is read: events, sessions, statistics, and what was refused.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::{Response, StatusCode, Uri},
};
use serde::Serialize;

use super::{
    answer::{Problem, json, json_bytes},
    app::App,
    front::refuse,
    query::Query,
};
use crate::{
    event::CommittedEvent,
    store::{EventFilter, Rejected, SessionFilter, SessionRow, StatsFilter},
};

/// Entries of `GET /api/rejects` when nothing is said.
const REJECTS: u64 = 100;
/// Events of one session when nothing is said.
const SESSION_EVENTS: u64 = 10;
/// And at most.
const MAX_SESSION_EVENTS: u64 = 10_000;

/// The body of `GET /api/rejects`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rejects {
    /// Newest first.
    pub rejects: Vec<Rejected>,
}

pub(super) async fn events(State(app): State<Arc<App>>, uri: Uri) -> Response<Body> {
    let query = Query::of(&uri);
    let count = |key: &str| query.number(key).and_then(|number| u64::try_from(number).ok());
    let filter = EventFilter {
        agent_type: query.text("agent_type"),
        event_type: query.text("event_type"),
        tool_name: query.text("tool_name"),
        session_id: query.text("session_id"),
        branch: query.text("branch"),
        model: query.text("model"),
        source: query.text("source"),
        since: query.text("since"),
        until: query.text("until"),
        before_id: query.number("before_id"),
        limit: count("limit"),
        offset: count("offset"),
    };
    match app.blocking(move |store| store.events(&filter)).await {
        Ok(page) => {
            let mut body = b"{\"events\":".to_vec();
            rows(&mut body, page.events.iter().map(CommittedEvent::json));
            body.extend_from_slice(format!(",\"total\":{}}}", page.total).as_bytes());
            json_bytes(StatusCode::OK, body)
        }
        Err(problem) => refuse(&app, &problem),
    }
}

pub(super) async fn sessions(State(app): State<Arc<App>>, uri: Uri) -> Response<Body> {
    let query = Query::of(&uri);
    let filter = SessionFilter {
        status: query.text("status"),
        exclude_status: query.text("exclude_status"),
        agent_type: query.text("agent_type"),
        since: query.text("since"),
        limit: query.number("limit"),
    };
    match app.blocking(move |store| store.sessions(&filter)).await {
        Ok(page) => json(StatusCode::OK, &page),
        Err(problem) => refuse(&app, &problem),
    }
}

pub(super) async fn session(State(app): State<Arc<App>>, Path(id): Path<String>, uri: Uri) -> Response<Body> {
    let query = Query::of(&uri);
    let asked = query.number("event_limit").or_else(|| query.number("limit"));
    let events = asked.and_then(|number| u64::try_from(number).ok()).unwrap_or(SESSION_EVENTS).min(MAX_SESSION_EVENTS);
    match app.blocking(move |store| store.session(&id, events)).await {
        Ok(Some((session, events))) => one_session(&session, &events),
        Ok(None) => json_bytes(StatusCode::NOT_FOUND, r#"{"error":"Session not found"}"#),
        Err(problem) => refuse(&app, &problem),
    }
}

fn one_session(session: &SessionRow, events: &[CommittedEvent]) -> Response<Body> {
    let Ok(session) = serde_json::to_vec(session) else { return Problem::Internal.answer() };
    let mut body = b"{\"session\":".to_vec();
    body.extend_from_slice(&session);
    body.extend_from_slice(b",\"events\":");
    rows(&mut body, events.iter().map(CommittedEvent::json));
    body.push(b'}');
    json_bytes(StatusCode::OK, body)
}

fn rows(body: &mut Vec<u8>, rows: impl Iterator<Item = Bytes>) {
    body.push(b'[');
    for (position, row) in rows.enumerate() {
        if position > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&row);
    }
    body.push(b']');
}

pub(super) async fn stats(State(app): State<Arc<App>>, uri: Uri) -> Response<Body> {
    let query = Query::of(&uri);
    let filter = StatsFilter { agent_type: query.text("agent_type"), since: query.text("since") };
    match app.blocking(move |store| store.stats(&filter)).await {
        Ok(stats) => json(StatusCode::OK, &stats),
        Err(problem) => refuse(&app, &problem),
    }
}

pub(super) async fn rejects(State(app): State<Arc<App>>, uri: Uri) -> Response<Body> {
    let limit = Query::of(&uri).number("limit").and_then(|number| u64::try_from(number).ok()).unwrap_or(REJECTS);
    match app.blocking(move |store| store.rejected(limit)).await {
        Ok(rejects) => json(StatusCode::OK, &Rejects { rejects }),
        Err(problem) => refuse(&app, &problem),
    }
}
