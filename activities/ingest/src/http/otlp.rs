//! `POST /api/otel/v1/{logs,metrics,traces}`.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{Extension, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header},
};
use prost::Message;
use serde_json::Value;

use super::{
    answer::{Problem, json_bytes},
    app::App,
    body::whole,
    front::{Caller, refuse},
};
use crate::{
    event::{self, Content, NewEvent},
    otel::{self, Counters, LogsRequest, MetricEvent, MetricsRequest},
    store::{Store, StoreError},
};

/// Events that are stored together: a request may hold more than the queue takes at once.
const GROUP_EVENTS: usize = 2_000;

const BAD_JSON: Problem = Problem::BadRequest("Invalid OTEL JSON payload");
const BAD_PROTOBUF: Problem = Problem::BadRequest("Invalid OTEL protobuf payload");

/// A body, as JSON or as protocol buffers.
enum Payload {
    Json(String),
    Protobuf(Bytes),
}

impl Payload {
    async fn of(app: &App, headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let kind = headers.get(header::CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?"));
        let bytes = whole(headers, body, app.settings.limits.otlp_bytes, app.settings.limits.body).await?;
        let media = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if matches!(media.as_str(), "application/x-protobuf" | "application/protobuf") {
            return Ok(Self::Protobuf(bytes.into()));
        }
        let content = Content::from_header(kind).map_err(|_| Problem::Charset)?;
        Ok(Self::Json(content.text(&bytes).into_owned()))
    }

    /// Success as the sender's protocol has it: an empty message.
    fn done(&self) -> Response<Body> {
        match self {
            Self::Json(_) => json_bytes(StatusCode::OK, "{}"),
            Self::Protobuf(_) => {
                let mut response = Response::new(Body::empty());
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
                response
            }
        }
    }
}

pub(super) async fn logs(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let taken = async {
        let payload = Payload::of(&app, &headers, body).await?;
        let request = match &payload {
            Payload::Json(text) => otel::logs_from_json(text).map_err(|_| BAD_JSON)?,
            Payload::Protobuf(bytes) => LogsRequest::decode(bytes.clone()).map_err(|_| BAD_PROTOBUF)?,
        };
        let found = otel::log_events(&request);
        app.metrics.otlp_skipped.inc_by(found.skipped);
        let mut events: Vec<NewEvent> = found.events.iter().filter_map(|event| app.read(event)).collect();
        app.charge(caller, &events)?;
        while !events.is_empty() {
            let rest = events.split_off(events.len().min(GROUP_EVENTS));
            app.store_events(std::mem::replace(&mut events, rest)).await?;
        }
        Ok(payload.done())
    };
    taken.await.unwrap_or_else(|problem| refuse(&app, &problem))
}

pub(super) async fn metrics(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    headers: HeaderMap,
    body: Body,
) -> Response<Body> {
    let taken = async {
        let payload = Payload::of(&app, &headers, body).await?;
        let request = match &payload {
            Payload::Json(text) => otel::metrics_from_json(text).map_err(|_| BAD_JSON)?,
            Payload::Protobuf(bytes) => MetricsRequest::decode(bytes.clone()).map_err(|_| BAD_PROTOBUF)?,
        };
        let _turn = app.otlp_turn.lock().await;
        let compare = move |store: &Store| otel::metric_events(&request, &mut Remembered(store));
        let (points, skipped) = app.blocking(compare).await?;
        app.metrics.otlp_skipped.inc_by(skipped);
        let events: Vec<NewEvent> = points.iter().filter_map(|point| app.read(point.event.as_ref()?)).collect();
        app.charge(caller, &events)?;
        for group in points.chunks(GROUP_EVENTS) {
            app.store_points(group).await?;
        }
        Ok(payload.done())
    };
    taken.await.unwrap_or_else(|problem| refuse(&app, &problem))
}

/// Traces say nothing that the logs do not; they are taken so that their sender does not try again for ever.
pub(super) async fn traces(State(app): State<Arc<App>>, headers: HeaderMap, body: Body) -> Response<Body> {
    let taken = async {
        let payload = Payload::of(&app, &headers, body).await?;
        if let Payload::Json(text) = &payload {
            otel::logs_from_json(text).map_err(|_| BAD_JSON)?;
        }
        Ok(payload.done())
    };
    taken.await.unwrap_or_else(|problem| refuse(&app, &problem))
}

struct Remembered<'a>(&'a Store);

impl Counters for Remembered<'_> {
    type Error = StoreError;

    fn remembered(&mut self, key: &str) -> Result<Option<f64>, StoreError> {
        self.0.remembered(key)
    }
}

impl App {
    /// An event of ours out of its JSON: the same rules hold for it as for one that is posted.
    fn read(&self, json: &Value) -> Option<NewEvent> {
        match event::parse_text(&json.to_string(), &self.limits) {
            Ok(mut event) => {
                self.redact(&mut event);
                Some(event)
            }
            Err(invalid) => {
                tracing::debug!(%invalid, "an OTLP record is no event");
                self.metrics.otlp_skipped.inc();
                None
            }
        }
    }

    /// Events and what has been counted up to them, in one transaction.
    async fn store_points(&self, points: &[MetricEvent]) -> Result<(), Problem> {
        let events: Vec<NewEvent> = points.iter().filter_map(|point| self.read(point.event.as_ref()?)).collect();
        let counters: Vec<(String, f64)> = points.iter().flat_map(|point| point.counters.iter().cloned()).collect();
        if events.is_empty() && counters.is_empty() {
            return Ok(());
        }
        let outcomes = self.store.write_remembering(events, counters)?.await?;
        self.count(&outcomes);
        Ok(())
    }
}
