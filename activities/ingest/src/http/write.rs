//! `POST /api/events` and `POST /api/events/batch`.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Extension, State},
    http::{HeaderMap, Response, StatusCode, Uri, header},
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{
    answer::{Problem, json},
    app::App,
    body::{drain, whole},
    front::{Caller, refuse},
    query::Query,
};
use crate::{
    event::{self, Content, FieldError, NewEvent},
    store::Outcome,
};

/// The body of an answer to one event.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct EventAnswer {
    /// 1 when the event was stored.
    pub received: u64,
    /// Its id.
    pub ids: Vec<i64>,
    /// 1 when its `event_id` was there.
    pub duplicates: u64,
}

/// The body of an answer to one event that breaks the contract.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct InvalidEvent {
    /// `Invalid event payload`.
    pub error: &'static str,
    /// Everything that is wrong.
    pub details: Vec<FieldError>,
}

/// The body of an answer to a batch.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct BatchAnswer {
    /// Events stored.
    pub received: u64,
    /// Their ids, in the order of the batch.
    pub ids: Vec<i64>,
    /// Events whose `event_id` was there.
    pub duplicates: u64,
    /// Events that break the contract.
    pub rejected: Vec<RejectedItem>,
    /// With `?verbose=1`: what became of each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Item>>,
}

/// An event of a batch that breaks the contract.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RejectedItem {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// `field: message`.
    pub errors: Vec<String>,
}

/// What became of one event of a batch.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Item {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// `stored`, `duplicate` or `rejected`.
    pub status: &'static str,
    /// Its id when it was stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
}

/// What a writing request is made of.
pub(super) struct Posted {
    pub(super) bytes: Vec<u8>,
    pub(super) content: Content,
}

/// Reads the body as the contract has it: what is neither JSON nor text counts as empty.
pub(super) async fn posted(app: &App, headers: &HeaderMap, body: Body) -> Result<Posted, Problem> {
    let header = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
    let content = match Content::from_header(header) {
        Ok(content) => content,
        Err(_) => {
            drain(headers, body).await;
            return Err(Problem::Charset);
        }
    };
    if content == Content::Other {
        drain(headers, body).await;
        return Ok(Posted { bytes: Vec::new(), content });
    }
    let bytes = whole(headers, body, app.config.max_body_bytes, app.settings.limits.body).await?;
    Ok(Posted { bytes, content })
}

pub(super) async fn event(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    match one(&app, caller, &headers, body).await {
        Ok(answer) => answer,
        Err(problem) => refuse(&app, &problem),
    }
}

async fn one(app: &App, caller: Caller, headers: &HeaderMap, body: Body) -> Result<Response<Body>, Problem> {
    let posted = posted(app, headers, body).await?;
    let mut event = match event::parse(&posted.bytes, posted.content, &app.limits) {
        Ok(event) => event,
        Err(invalid) => {
            app.note("/api/events", &[(invalid.details.iter().map(ToString::to_string).collect(), &posted.bytes)], 1);
            let body = InvalidEvent { error: "Invalid event payload", details: invalid.details };
            return Ok(json(StatusCode::BAD_REQUEST, &body));
        }
    };
    if let Some(key) = IdempotencyKey::of(headers) {
        key.name(&mut event, 0);
    }
    app.redact(&mut event);
    app.charge(caller, std::slice::from_ref(&event))?;
    let outcomes = app.store_events(vec![event]).await?;
    let stored = outcomes.first().and_then(|outcome| outcome.stored());
    let answer = EventAnswer {
        received: u64::from(stored.is_some()),
        ids: stored.into_iter().collect(),
        duplicates: u64::from(stored.is_none()),
    };
    Ok(json(if stored.is_some() { StatusCode::CREATED } else { StatusCode::OK }, &answer))
}

pub(super) async fn batch(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    match many(&app, caller, &uri, &headers, body).await {
        Ok(answer) => answer,
        Err(problem) => refuse(&app, &problem),
    }
}

async fn many(
    app: &App,
    caller: Caller,
    uri: &Uri,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response<Body>, Problem> {
    let posted = posted(app, headers, body).await?;
    let parsed = event::parse_batch(&posted.bytes, posted.content, &app.limits)
        .map_err(|_| Problem::BadRequest("Expected { events: [...] }"))?;
    let total = parsed.len();
    let key = IdempotencyKey::of(headers);
    let (mut events, mut rejected) = (Vec::with_capacity(total), Vec::new());
    for (index, parsed) in parsed.into_iter().enumerate() {
        match parsed {
            Ok(mut event) => {
                if let Some(key) = &key {
                    key.name(&mut event, index as u64);
                }
                app.redact(&mut event);
                events.push(event);
            }
            Err(invalid) => {
                let errors = invalid.details.iter().map(ToString::to_string).collect();
                rejected.push(RejectedItem { index, errors });
            }
        }
    }
    app.charge(caller, &events)?;
    if !rejected.is_empty() {
        app.note_batch(&posted.bytes, &rejected);
    }
    let outcomes = if events.is_empty() { Vec::new() } else { app.store_events(events).await? };
    let ids: Vec<i64> = outcomes.iter().filter_map(|outcome| outcome.stored()).collect();
    let answer = BatchAnswer {
        received: ids.len() as u64,
        duplicates: (outcomes.len() - ids.len()) as u64,
        items: Query::of(uri).flag("verbose").then(|| items(total, &rejected, &outcomes)),
        ids,
        rejected,
    };
    Ok(json(StatusCode::CREATED, &answer))
}

fn items(total: usize, rejected: &[RejectedItem], outcomes: &[Outcome]) -> Vec<Item> {
    let mut rejected = rejected.iter().peekable();
    let mut outcomes = outcomes.iter();
    let item = |index| {
        if rejected.next_if(|item| item.index == index).is_some() {
            return Item { index, status: "rejected", id: None };
        }
        match outcomes.next() {
            Some(Outcome::Stored(id)) => Item { index, status: "stored", id: Some(*id) },
            Some(Outcome::Duplicate) | None => Item { index, status: "duplicate", id: None },
        }
    };
    (0..total).map(item).collect()
}

/// `Idempotency-Key`: events without an `event_id` are given one of the key and their place, so that a request which is
/// sent again stores nothing twice, however long after, and whether or not the first answer arrived.
pub(super) struct IdempotencyKey(String);

impl IdempotencyKey {
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let key = headers.get("idempotency-key")?.as_bytes();
        let digest = Sha256::digest(key);
        (!key.is_empty()).then(|| Self(hex::encode(digest.get(..16).unwrap_or_default())))
    }

    pub(super) fn name(&self, event: &mut NewEvent, place: u64) {
        if event.event_id.is_none() {
            event.event_id = Some(format!("idempotency:{}:{place}", self.0));
        }
    }
}
