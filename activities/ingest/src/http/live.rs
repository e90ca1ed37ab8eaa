//! `GET /api/stream`, and how what the store commits gets there.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::SystemTime,
};

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header},
};
use serde::Serialize;

use super::{
    answer::{Problem, json},
    app::App,
    front::refuse,
    query::Query,
};
use crate::{
    event::CommittedEvent,
    store::{Notice, StatsFilter, Store, Subscription},
    stream::{Block, BlockWriter, Filter, Hub, Pages, follow},
    timestamp,
};

/// Commits that wait to be encoded. When more do, the clients read them from the store.
const WAITING_COMMITS: usize = 256;
/// And their events.
const WAITING_EVENTS: usize = 4_096;

/// The body of the answer when all places are taken.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StreamFull {
    /// `SSE client limit reached`.
    pub error: &'static str,
    /// How many places there are.
    pub max_clients: usize,
}

pub(super) async fn stream(
    State(app): State<Arc<App>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    if method == Method::HEAD {
        return event_stream(Body::empty());
    }
    let query = Query::of(&uri);
    let Some(place) = app.hub.enter() else {
        if app.draining.load(Ordering::Acquire) {
            return refuse(&app, &Problem::Closing);
        }
        app.metrics.rejected.with_label_values(&["stream_full"]).inc();
        let full = StreamFull { error: "SSE client limit reached", max_clients: app.hub.max_clients() };
        return json(StatusCode::SERVICE_UNAVAILABLE, &full);
    };
    // A browser that connects again by itself sends the header with the address of the first time, so the header is newer.
    let header =
        headers.get("last-event-id").and_then(|value| value.to_str().ok()).and_then(|id| id.trim().parse().ok());
    let seen = header.or_else(|| query.number("last_event_id")).filter(|id| *id >= 0);
    let filter = Filter { agent_type: query.text("agent_type"), event_type: query.text("event_type") };
    let connected = format!(r#"{{"type":"connected","timestamp":"{}"}}"#, timestamp::to_iso(now_millis()));
    let pages = Arc::clone(&app.pages);
    let mut newest = app.hub.head_id();
    if seen.is_some_and(|seen| seen > newest) {
        // An answer comes before its frames: who was quick may have seen what is not published yet.
        match app.blocking(Store::last_id).await {
            Ok(last) => newest = last,
            Err(problem) => return refuse(&app, &problem),
        }
    }
    event_stream(Body::new(follow(place, pages, app.pace.clone(), filter, seen, newest, &connected)))
}

fn event_stream(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn now_millis() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn frame(writer: &mut BlockWriter, row: &CommittedEvent) {
    writer.event(row.id, &row.event.agent_type, row.event.event_type.as_str(), |json| {
        json.push_str("{\"type\":\"event\",\"payload\":");
        row.write_json(json);
        json.push('}');
    });
}

/// The store as what the stream replays from.
pub(super) struct StorePages(pub(super) Arc<Store>);

impl Pages for StorePages {
    fn after(&self, after: i64, limit: usize) -> Result<Option<(Vec<Block>, i64)>, String> {
        let rows = self.0.events_after(after, limit as u64).map_err(|error| error.to_string())?;
        let Some(last) = rows.last().map(|row| row.id) else { return Ok(None) };
        let mut writer = BlockWriter::default();
        rows.iter().for_each(|row| frame(&mut writer, row));
        Ok(Some((writer.finish(), last)))
    }
}

/// Has every commit published, from a thread of its own: the writer only hands it on. The thread ends with the
/// subscription.
pub(super) fn publish_commits(store: &Store, hub: &Arc<Hub>) -> std::io::Result<Subscription> {
    let (commits, waiting) = mpsc::sync_channel::<Arc<[Arc<CommittedEvent>]>>(WAITING_COMMITS);
    let encoder = Arc::clone(hub);
    let events = Arc::new(AtomicUsize::new(0));
    let encoded = Arc::clone(&events);
    std::thread::Builder::new().name("ingest-stream".into()).spawn(move || {
        for rows in waiting {
            let Some(last) = rows.last().map(|row| row.id) else { continue };
            encoder.publish(last, |writer| rows.iter().for_each(|row| frame(writer, row)));
            encoded.fetch_sub(rows.len(), Ordering::AcqRel);
        }
    })?;
    let hub = Arc::clone(hub);
    Ok(store.subscribe(move |notice| match notice {
        Notice::Events(rows) => {
            let hand_on = || {
                if hub.clients() == 0 || events.load(Ordering::Acquire) > WAITING_EVENTS {
                    return false;
                }
                events.fetch_add(rows.len(), Ordering::AcqRel);
                let taken = commits.try_send(Arc::clone(rows)).is_ok();
                if !taken {
                    events.fetch_sub(rows.len(), Ordering::AcqRel);
                }
                taken
            };
            if !hand_on()
                && let Some(last) = rows.last().map(|row| row.id)
            {
                // Nobody listens, or the encoder is behind: the clients find the gap and read the store.
                hub.publish(last, |_| {});
            }
        }
        Notice::Swept(swept) if swept.idled > 0 => {
            let json =
                format!(r#"{{"type":"session_update","payload":{{"type":"idle_check","idled":{}}}}}"#, swept.idled);
            hub.notify(json.as_bytes());
        }
        Notice::Swept(_) | Notice::SessionsChanged => {}
    }))
}

/// Says the statistics to the clients, as long as there are any.
pub(super) async fn say_stats(app: &Arc<App>) {
    if app.hub.clients() == 0 {
        return;
    }
    let Ok(stats) = app.blocking(|store| store.stats(&StatsFilter::default())).await else { return };
    if let Ok(payload) = serde_json::to_string(&stats) {
        app.hub.notify(format!(r#"{{"type":"stats","payload":{payload}}}"#).as_bytes());
    }
}
