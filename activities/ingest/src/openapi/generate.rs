mod shipped;

use std::collections::BTreeMap;

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Value, json};

use crate::{
    event::{COLUMNS, EventType, Status},
    http::{
        BatchAnswer, ErrorBody, EventAnswer, Health, InvalidEvent, LinesAnswer, ROUTES, Ready, Rejects, Route,
        StreamFull,
    },
    store::{SessionPage, SessionRow, Stats},
};

/// An event as `POST /api/events` takes it.
#[derive(JsonSchema)]
#[schemars(rename = "Event")]
#[allow(dead_code, reason = "only its schema is used")]
struct PostedEvent {
    /// Not blank.
    session_id: String,
    /// Not blank; any text.
    agent_type: String,
    #[schemars(extend("enum" = EventType::ALL.map(EventType::as_str)))]
    event_type: String,
    /// Unique over the whole store: an event whose id is there is not stored again.
    event_id: Option<String>,
    #[schemars(extend("enum" = Status::ALL.map(Status::as_str)))]
    status: Option<String>,
    tool_name: Option<String>,
    branch: Option<String>,
    project: Option<String>,
    model: Option<String>,
    /// `api` by default.
    source: Option<String>,
    tokens_in: Option<u64>,
    tokens_out: Option<u64>,
    cache_read_tokens: Option<u64>,
    cache_write_tokens: Option<u64>,
    duration_ms: Option<u64>,
    /// US dollars; computed from the model's prices when absent.
    cost_usd: Option<f64>,
    /// Any form that JavaScript reads; stored in UTC.
    client_timestamp: Option<String>,
    /// Any JSON; above the cap it is replaced by a summary.
    metadata: Option<Value>,
}

/// The body of a batch.
#[derive(JsonSchema)]
#[schemars(rename = "Batch")]
#[allow(dead_code, reason = "only its schema is used")]
struct PostedBatch {
    events: Vec<PostedEvent>,
}

/// An event as it is stored, listed and streamed.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct EventRow {
    id: i64,
    event_id: Option<String>,
    schema_version: i64,
    session_id: String,
    agent_type: String,
    event_type: String,
    tool_name: Option<String>,
    status: String,
    tokens_in: u64,
    tokens_out: u64,
    branch: Option<String>,
    project: Option<String>,
    duration_ms: Option<u64>,
    /// UTC, `YYYY-MM-DD HH:MM:SS`.
    created_at: String,
    /// UTC, `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    client_timestamp: Option<String>,
    /// JSON as a text.
    metadata: String,
    /// 1 when metadata is a summary.
    payload_truncated: u8,
    model: Option<String>,
    cost_usd: Option<f64>,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    source: String,
}

/// The body of `GET /api/events`.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Events {
    /// Newest first.
    events: Vec<EventRow>,
    /// How many match in all.
    total: u64,
}

/// The body of `GET /api/sessions/{id}`.
#[derive(JsonSchema)]
#[allow(dead_code, reason = "only its schema is used")]
struct Session {
    session: SessionRow,
    /// Newest first.
    events: Vec<EventRow>,
}

struct Document {
    schemas: SchemaGenerator,
    paths: BTreeMap<&'static str, Value>,
}

impl Document {
    fn json<T: JsonSchema>(&mut self, description: &str) -> Value {
        let schema = self.schemas.subschema_for::<T>();
        json!({ "description": description, "content": { "application/json": { "schema": schema } } })
    }

    /// Describes one method of a route.
    fn operation(
        &mut self,
        path: &'static str,
        method: &str,
        summary: &str,
        query: &[&str],
        body: Option<Value>,
        answers: Vec<(&str, Value)>,
    ) {
        let mut answers: BTreeMap<&str, Value> = answers.into_iter().collect();
        let error = self.json::<ErrorBody>("Refused, or failed; the status says why.");
        answers.insert("default", error);
        let parameter = |name: &&str| json!({ "name": name, "in": "query", "schema": { "type": "string" } });
        let mut parameters: Vec<Value> = query.iter().map(parameter).collect();
        if path.contains("{id}") {
            parameters.push(json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string" } }));
        }
        let mut operation = json!({ "summary": summary, "parameters": parameters, "responses": answers });
        if let Some(body) = body {
            operation["requestBody"] = json!({ "required": true, "content": body });
        }
        if ROUTES.iter().any(|route| route.path == path && route.open) {
            operation["security"] = json!([]);
        }
        let entry = self.paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = operation;
    }

    fn body<T: JsonSchema>(&mut self) -> Option<Value> {
        let schema = self.schemas.subschema_for::<T>();
        Some(json!({ "application/json": { "schema": schema } }))
    }
}

fn document() -> Value {
    let schemas = SchemaSettings::draft2020_12().for_serialize().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut d = Document { schemas: schemas.into_generator(), paths: BTreeMap::new() };
    writing(&mut d);
    otlp(&mut d);
    shipped::describe(&mut d);
    reading(&mut d);
    let info = json!({ "title": "Gantry ingest", "version": env!("CARGO_PKG_VERSION"), "description": "Events in, live stream out." });
    json!({
        "openapi": "3.1.0",
        "info": info,
        "security": [{}, { "bearer": [] }, { "token": [] }],
        "paths": d.paths,
        "components": {
            "schemas": d.schemas.take_definitions(true),
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer" },
                "token": { "type": "apiKey", "in": "query", "name": "token", "description": "For reading alone." },
            },
        },
    })
}

fn writing(d: &mut Document) {
    let (created, there) = (d.json::<EventAnswer>("Stored."), d.json::<EventAnswer>("The event_id was there."));
    let invalid = d.json::<InvalidEvent>("The event breaks the contract.");
    let body = d.body::<PostedEvent>();
    d.operation(
        "/api/events",
        "post",
        "Store an event",
        &[],
        body,
        vec![("201", created), ("200", there), ("400", invalid)],
    );
    let answer = d.json::<BatchAnswer>("What became of the events.");
    let body = d.body::<PostedBatch>();
    d.operation("/api/events/batch", "post", "Store events", &["verbose"], body, vec![("201", answer)]);
    let answer = d.json::<LinesAnswer>("What became of the lines.");
    let lines =
        json!({ "application/x-ndjson": { "schema": { "type": "string", "description": "One event a line." } } });
    d.operation("/api/events/ndjson", "post", "Store any number of events", &[], Some(lines), vec![("201", answer)]);
}

fn otlp(d: &mut Document) {
    for (path, summary) in [
        ("/api/otel/v1/logs", "Log records of OTLP"),
        ("/api/otel/v1/metrics", "Metrics of OTLP"),
        ("/api/otel/v1/traces", "Traces of OTLP, which are acknowledged only"),
    ] {
        let body = json!({ "application/json": { "schema": { "type": "object" } }, "application/x-protobuf": {} });
        let done = json!({ "description": "Taken: an empty message.", "content": {
            "application/json": { "schema": { "type": "object" } }, "application/x-protobuf": {} } });
        d.operation(path, "post", summary, &[], Some(body), vec![("200", done)]);
    }
}

fn reading(d: &mut Document) {
    let events = [
        "agent_type",
        "event_type",
        "tool_name",
        "session_id",
        "branch",
        "model",
        "source",
        "since",
        "until",
        "before_id",
        "limit",
        "offset",
    ];
    let page = d.json::<Events>("A page.");
    d.operation("/api/events", "get", "Events, newest first", &events, None, vec![("200", page)]);
    let page = d.json::<SessionPage>("Sessions.");
    let query = ["status", "exclude_status", "agent_type", "since", "limit"];
    d.operation("/api/sessions", "get", "Sessions, active first", &query, None, vec![("200", page)]);
    let one = d.json::<Session>("The session.");
    d.operation("/api/sessions/{id}", "get", "One session", &["event_limit"], None, vec![("200", one)]);
    let stats = d.json::<Stats>("The statistics.");
    d.operation("/api/stats", "get", "Statistics", &["agent_type", "since"], None, vec![("200", stats)]);
    let full = d.json::<StreamFull>("All places are taken.");
    let stream = json!({ "description": "Frames `data: {type, payload}`; those of events with an `id:`.",
        "content": { "text/event-stream": { "schema": { "type": "string" } } } });
    let query = ["agent_type", "event_type", "last_event_id"];
    d.operation("/api/stream", "get", "What happens, live", &query, None, vec![("200", stream), ("503", full)]);
    let rejects = d.json::<Rejects>("What was refused, and why.");
    d.operation("/api/rejects", "get", "What was refused lately", &["limit"], None, vec![("200", rejects)]);
    let health = d.json::<Health>("The service runs.");
    d.operation("/api/health", "get", "Health", &[], None, vec![("200", health)]);
    let (ready, not) = (d.json::<Ready>("Events can be stored."), d.json::<Ready>("They cannot."));
    d.operation("/ready", "get", "Readiness", &[], None, vec![("200", ready), ("503", not)]);
    let plain = |what: &str, kind: &str| json!({ "description": what, "content": { kind: {} } });
    d.operation("/live", "get", "Liveness", &[], None, vec![("200", plain("Alive.", "application/json"))]);
    d.operation("/metrics", "get", "Figures for Prometheus", &[], None, vec![("200", plain("Figures.", "text/plain"))]);
    d.operation("/openapi.json", "get", "This document", &[], None, vec![("200", plain("It.", "application/json"))]);
}

#[test]
fn openapi_of_the_repository_is_fresh() {
    let fresh = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    let kept = std::fs::read_to_string(path).unwrap();
    assert!(kept == fresh, "openapi.json is old: UPDATE_OPENAPI=1 cargo test -p ingest openapi");
}

#[test]
fn openapi_tells_every_route_and_every_column() {
    let document = document();
    for Route { path, allow, .. } in ROUTES {
        for method in allow.split(',').filter(|method| *method != "HEAD") {
            assert!(document["paths"][path][method.to_lowercase()].is_object(), "{method} {path}");
        }
    }
    let columns = document["components"]["schemas"]["EventRow"]["properties"].as_object().unwrap();
    let mut expected = COLUMNS.to_vec();
    expected.sort_unstable();
    let mut found: Vec<&str> = columns.keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
}
