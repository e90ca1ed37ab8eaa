//! OTLP over HTTP: log records and metrics of coding agents become events.
//!
//! Messages are read from protocol buffers or JSON into the same few types, which hold only the fields that are used.
//! Everything here is pure; what has been counted before comes in through [`Counters`].

mod attributes;
mod codex;
mod json;
mod logs;
mod message;
mod metrics;
mod names;

pub use json::{logs_from_json, metrics_from_json};
pub use logs::{LogEvents, log_events};
pub use message::{LogsRequest, MetricsRequest};
pub use metrics::{Counters, MetricEvent, metric_events};

/// The payload is not what the route reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Invalid OTEL payload")]
pub struct Unreadable;

#[cfg(test)]
mod tests;
