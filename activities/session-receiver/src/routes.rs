//! The addresses.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Path, Query, Request, State, rejection::QueryRejection},
    http::{
        HeaderMap, HeaderValue, Uri,
        header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH},
    },
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http_body_util::BodyExt;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::{
    access::Access,
    batch::Batch,
    inflate::{BodyEncoding, inflate},
    limits::Limits,
    rate::RateLimit,
    refusal::Refusal,
    sink::Sink,
    store::{Ingested, Store, StoreError},
};

/// How long a body may take to arrive.
const BODY_TIME: Duration = Duration::from_secs(60);
/// Bodies that are inflated and read at a time: what bounds the memory of this server.
const READ_TOGETHER: usize = 4;
/// Bodies that may be on their way at a time; more are told to come again.
const RECEIVE_TOGETHER: usize = 128;
/// So much of a body that is too large is taken and dropped, in multiples of the limit. Who is cut off while it sends sees a broken
/// connection, and not the answer.
const DROPPED: u64 = 4;
const MOST_ROWS: u64 = 1000;

/// A receiver: where it stores, who may send, and how much.
#[derive(Debug, Clone)]
pub struct Receiver(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Store,
    access: Access,
    limits: Limits,
    rate: Option<RateLimit>,
    sink: Option<Arc<dyn Sink>>,
    /// Bodies that are or may be in the store and not in the sink.
    unsettled: AtomicU64,
    receiving: Semaphore,
    reading: Semaphore,
}

impl Receiver {
    /// With the limits and, where there is to be one, the number of events that a device may send in a minute.
    #[must_use]
    pub fn new(store: Store, access: Access, limits: Limits, events_per_minute: Option<u32>) -> Self {
        Self::with_sink(store, access, limits, events_per_minute, None)
    }

    /// As [`Receiver::new`], with another place that takes every body after the store, and before its sender is told that it
    /// was taken.
    #[must_use]
    pub fn with_sink(
        store: Store,
        access: Access,
        limits: Limits,
        events_per_minute: Option<u32>,
        sink: Option<Arc<dyn Sink>>,
    ) -> Self {
        let rate = events_per_minute.map(RateLimit::new);
        let (receiving, reading) = (Semaphore::new(RECEIVE_TOGETHER), Semaphore::new(READ_TOGETHER));
        let unsettled = AtomicU64::new(0);
        Self(Arc::new(Inner { store, access, limits, rate, sink, unsettled, receiving, reading }))
    }

    /// Whether the sink has taken everything that this receiver has put into its store. Not so while a body is under way, and
    /// not any more once the sink refused one or a sender left in between.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.0.unsettled.load(Ordering::SeqCst) == 0
    }

    /// Where it stores.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.0.store
    }
}

/// What a server of its own serves: [`agents_router`], `GET /api/health`, and JSON for every other address.
pub fn router(receiver: Receiver) -> Router {
    Router::new()
        .route("/api/health", get(health))
        .with_state(receiver.clone())
        .merge(agents_router(receiver))
        .fallback(|| async { Refusal::NotFound("there is nothing at this address".to_owned()) })
        .method_not_allowed_fallback(|| async { Refusal::MethodNotAllowed })
}

/// The addresses, to be served by whatever process hosts them: `POST /api/agents/ingest`, `GET /api/agents/sessions`,
/// `DELETE /api/agents/sessions/{id}`, `GET /api/agents/sessions/{id}/events`.
pub fn agents_router(receiver: Receiver) -> Router {
    Router::new()
        .route("/api/agents/ingest", post(ingest))
        .route("/api/agents/sessions", get(sessions))
        .route("/api/agents/sessions/{id}", axum::routing::delete(remove))
        .route("/api/agents/sessions/{id}/events", get(events))
        .method_not_allowed_fallback(|| async { Refusal::MethodNotAllowed })
        .with_state(receiver)
}

async fn health(State(receiver): State<Receiver>, headers: HeaderMap, uri: Uri) -> Response {
    let inner = &receiver.0;
    if let Err(refusal) = inner.access.check_site(&headers, &uri) {
        return refusal.into_response();
    }
    let body = json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "limits": {
            "body_bytes": inner.limits.body_bytes,
            "inflated_bytes": inner.limits.inflated_bytes,
            "events": inner.limits.events,
        },
    });
    advertised(Json(body).into_response())
}

async fn ingest(State(receiver): State<Receiver>, request: Request) -> Response {
    advertised(match receiver.take(request).await {
        Ok(ingested) => Json(ingested).into_response(),
        Err(refusal) => refusal.into_response(),
    })
}

impl Receiver {
    async fn take(&self, request: Request) -> Result<Ingested, Refusal> {
        let inner = &self.0;
        let (head, body) = request.into_parts();
        inner.access.check(&head.headers, &head.uri)?;
        let encoding = BodyEncoding::of_header(head.headers.get(CONTENT_ENCODING).map(HeaderValue::as_bytes))?;
        let _receiving = inner.receiving.try_acquire().map_err(|_| Refusal::Busy { seconds: 1 })?;
        let announced = head.headers.get(CONTENT_LENGTH).and_then(|n| n.to_str().ok()).and_then(|n| n.parse().ok());
        let body = tokio::time::timeout(BODY_TIME, collect(body, announced, inner.limits.body_bytes))
            .await
            .map_err(|_| Refusal::TimedOut)??;
        let permit = inner.reading.acquire().await.map_err(|_| Refusal::Store("the server ends".to_owned()))?;
        let limits = inner.limits;
        let batch =
            tokio::task::spawn_blocking(move || Batch::parse(&inflate(encoding, &body, &limits)?, limits.events))
                .await
                .map_err(|_| Refusal::Store("reading the body has failed".to_owned()))??;
        drop(permit);
        if let Some(rate) = &inner.rate {
            rate.charge(batch.session.device_id.as_deref().unwrap_or_default(), batch.events.len(), Instant::now())?;
        }
        self.keep(batch).await
    }

    /// Into the store, then into the sink. Who sends a body again after one of the two failed finds it taken by the first and
    /// has it taken by the second: each knows what it has.
    async fn keep(&self, batch: Batch) -> Result<Ingested, Refusal> {
        let inner = &self.0;
        let batch = Arc::new(batch);
        let answered = inner.store.ingest(batch.clone())?;
        // Not taken back when this is dropped half way: then nobody knows whether both have it.
        inner.unsettled.fetch_add(1, Ordering::SeqCst);
        let ingested = answered.await.map_err(|_| Refusal::Store("the writer has ended".to_owned()))?;
        if let (Ok(_), Some(sink)) = (&ingested, &inner.sink) {
            sink.keep(batch).await?;
        }
        inner.unsettled.fetch_sub(1, Ordering::SeqCst);
        ingested
    }
}

/// The body, if it is not too large. What it announces is believed only where it is too much already.
async fn collect(mut body: Body, announced: Option<u64>, most: u64) -> Result<Bytes, Refusal> {
    let too_large = Refusal::TooLarge { limit: "body_bytes", most };
    if announced.is_some_and(|bytes| bytes > most.saturating_mul(DROPPED)) {
        return Err(too_large);
    }
    let expected = announced.unwrap_or(0).min(most);
    let mut collected = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    let mut bytes: u64 = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|e| Refusal::Unreadable(format!("it ends before its end: {e}")))?;
        let Ok(data) = frame.into_data() else { continue };
        bytes += data.len() as u64;
        if bytes <= most {
            collected.extend_from_slice(&data);
        } else if bytes > most.saturating_mul(DROPPED) {
            break;
        }
    }
    if bytes > most { Err(too_large) } else { Ok(collected.into()) }
}

/// Says what bodies may be encoded with, so that a sender may choose better than gzip.
fn advertised(mut response: Response) -> Response {
    response.headers_mut().insert(ACCEPT_ENCODING, HeaderValue::from_static(BodyEncoding::ACCEPTED));
    response
}

#[derive(Deserialize)]
struct SessionsPage {
    #[serde(default)]
    after: String,
    limit: Option<u64>,
}

#[derive(Deserialize)]
struct EventsPage {
    #[serde(default)]
    after: i64,
    limit: Option<u64>,
}

type Asked<T> = Result<Query<T>, QueryRejection>;

fn page<T>(asked: Asked<T>) -> Result<T, Refusal> {
    asked.map(|Query(page)| page).map_err(|e| Refusal::Unreadable(e.body_text()))
}

async fn sessions(
    State(receiver): State<Receiver>,
    headers: HeaderMap,
    uri: Uri,
    asked: Asked<SessionsPage>,
) -> Result<Response, Refusal> {
    receiver.0.access.check(&headers, &uri)?;
    let page = page(asked)?;
    let limit = page.limit.unwrap_or(100).clamp(1, MOST_ROWS);
    let rows = receiver.reads(move |store| store.sessions(&page.after, limit)).await?;
    let next = (rows.len() as u64 == limit).then(|| rows.last().map(|row| row.id.clone())).flatten();
    Ok(Json(json!({ "sessions": rows, "next": next })).into_response())
}

async fn events(
    State(receiver): State<Receiver>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
    asked: Asked<EventsPage>,
) -> Result<Response, Refusal> {
    receiver.0.access.check(&headers, &uri)?;
    let page = page(asked)?;
    let limit = page.limit.unwrap_or(100).clamp(1, MOST_ROWS);
    let asked_for = id.clone();
    let rows = receiver.reads(move |store| store.events(&asked_for, page.after, limit)).await?;
    let rows = rows.ok_or_else(|| Refusal::NotFound(format!("there is no session {id}")))?;
    let next = (rows.len() as u64 == limit).then(|| rows.last().map(|row| row.number)).flatten();
    // Not through a tree: an input of a tool may be nested as deeply as it came.
    let rows = serde_json::value::to_raw_value(&rows).map_err(|e| Refusal::Store(e.to_string()))?;
    let next = next.map_or_else(|| "null".to_owned(), |n| n.to_string());
    let body = format!("{{\"events\":{},\"next\":{next}}}", rows.get());
    Ok(([(axum::http::header::CONTENT_TYPE, "application/json")], body).into_response())
}

async fn remove(
    State(receiver): State<Receiver>,
    Path(id): Path<String>,
    headers: HeaderMap,
    uri: Uri,
) -> Result<Response, Refusal> {
    receiver.0.access.check(&headers, &uri)?;
    let answered = receiver.0.store.remove_session(&id)?;
    let removed = answered.await.map_err(|_| Refusal::Store("the writer has ended".to_owned()))??;
    Ok(Json(removed).into_response())
}

impl Receiver {
    async fn reads<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Store) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Refusal> {
        let store = self.0.store.clone();
        tokio::task::spawn_blocking(move || read(&store))
            .await
            .map_err(|_| Refusal::Store("reading the store has failed".to_owned()))?
            .map_err(|e| Refusal::Store(e.to_string()))
    }
}
