//! How the service is: alive, ready, how large, how busy, and what it offers.

use std::{sync::Arc, sync::atomic::Ordering};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde::Serialize;
use session_receiver::BodyEncoding;

use super::{
    answer::{json, json_bytes},
    app::App,
};
use crate::openapi;

/// The body of `GET /api/health`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Health {
    /// Always `ok`.
    pub status: &'static str,
    /// Whole seconds since the start.
    pub uptime: u64,
    /// Bytes of the main file of the database, its log not counted.
    pub db_size_bytes: u64,
    /// Clients of the stream.
    pub sse_clients: usize,
}

/// The body of `GET /ready`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Ready {
    /// Whether events can be stored now.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<&'static str>,
}

pub(super) async fn health(State(app): State<Arc<App>>) -> Response<Body> {
    let health = Health {
        status: "ok",
        uptime: app.started.elapsed().as_secs(),
        db_size_bytes: app.store.gauges().database_bytes,
        sse_clients: app.hub.clients(),
    };
    let mut response = json(StatusCode::OK, &health);
    // Shippers of sessions ask here what their bodies may be encoded with.
    response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static(BodyEncoding::ACCEPTED));
    response
}

pub(super) async fn live() -> Response<Body> {
    json_bytes(StatusCode::OK, r#"{"live":true}"#)
}

pub(super) async fn ready(State(app): State<Arc<App>>) -> Response<Body> {
    let mut reasons = Vec::new();
    if app.draining.load(Ordering::Acquire) {
        reasons.push("the service is going down");
    }
    let waiting = app.store.gauges().queued_events;
    let most = u64::try_from(app.store.settings().queue_events).unwrap_or(u64::MAX);
    if waiting >= most {
        reasons.push("the queue is full");
    }
    if app.blocking(crate::store::Store::probe).await.is_err() {
        reasons.push("the database cannot be written");
    }
    if free_bytes(&app).is_some_and(|free| free < app.settings.limits.free_bytes) {
        reasons.push("the disk is nearly full");
    }
    let status = if reasons.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, &Ready { ready: reasons.is_empty(), reasons })
}

/// Bytes of the database's disk that are free; nothing when the system does not say.
fn free_bytes(app: &App) -> Option<u64> {
    let folder = app.store.path().parent()?;
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

pub(super) async fn metrics(State(app): State<Arc<App>>) -> Response<Body> {
    let text = app.metrics.text(&app.store.gauges(), &app.hub, app.connections.load(Ordering::Relaxed));
    let mut response = Response::new(Body::from(text));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
    response
}

pub(super) async fn openapi() -> Response<Body> {
    json_bytes(StatusCode::OK, openapi::DOCUMENT)
}
