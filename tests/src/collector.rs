//! A collector of traces: takes OTLP over HTTP and keeps the spans.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest, common::v1::any_value::Value, resource::v1::Resource,
};
use prost::Message;
use tokio::net::TcpListener;

/// A span that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// `service.name` of the process that sent it.
    pub service: String,
    /// For example `RunActivity:prepareWorkspace`.
    pub name: String,
    /// The trace that it belongs to.
    pub trace_id: Vec<u8>,
    /// Its own id.
    pub span_id: Vec<u8>,
    /// That of the span it is part of; empty for the first of a trace.
    pub parent_id: Vec<u8>,
}

/// A collector on a port of its own.
#[derive(Debug, Clone)]
pub struct Collector {
    address: String,
    spans: Arc<Mutex<Vec<Span>>>,
}

impl Collector {
    /// Starts it.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens").to_string();
        let spans = Arc::new(Mutex::new(Vec::new()));
        let router = Router::new().route("/v1/traces", post(take)).with_state(spans.clone());
        tokio::spawn(axum::serve(listener, router).into_future());
        Self { address, spans }
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` has to be.
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What has arrived so far.
    pub fn spans(&self) -> Vec<Span> {
        self.spans.lock().expect("nobody panics with the lock").clone()
    }

    /// The spans of this name.
    pub fn named(&self, name: &str) -> Vec<Span> {
        self.spans().into_iter().filter(|span| span.name == name).collect()
    }
}

async fn take(State(spans): State<Arc<Mutex<Vec<Span>>>>, body: Bytes) -> StatusCode {
    let Ok(request) = ExportTraceServiceRequest::decode(body) else { return StatusCode::BAD_REQUEST };
    let mut spans = spans.lock().expect("nobody panics with the lock");
    for of_resource in request.resource_spans {
        let service = service_name(of_resource.resource);
        for span in of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            spans.push(Span {
                service: service.clone(),
                name: span.name,
                trace_id: span.trace_id,
                span_id: span.span_id,
                parent_id: span.parent_span_id,
            });
        }
    }
    StatusCode::OK
}

fn service_name(resource: Option<Resource>) -> String {
    let attributes = resource.map(|r| r.attributes).unwrap_or_default();
    let value = attributes.into_iter().find(|a| a.key == "service.name").and_then(|a| a.value?.value);
    match value {
        Some(Value::StringValue(name)) => name,
        _ => String::new(),
    }
}
