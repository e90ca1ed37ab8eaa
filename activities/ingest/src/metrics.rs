//! Figures of the service for Prometheus, at `/metrics`.

use std::{fmt::Write, sync::atomic::Ordering};

use prometheus::{
    Encoder, Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry, TextEncoder, core::Collector,
};

use crate::{store::Gauges, stream::Hub};

/// Counters of the HTTP side. What the store counts itself is read from it when `/metrics` is asked for.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Events stored through HTTP.
    pub accepted: IntCounter,
    /// Events whose id was there.
    pub duplicates: IntCounter,
    /// Events and requests refused, by reason (see [`crate::http::Problem::label`]; `invalid` is a single event).
    pub rejected: IntCounterVec,
    /// Answers by route and class of status.
    pub requests: IntCounterVec,
    /// Seconds from the last byte of an event's body to its answer.
    pub write_seconds: Histogram,
    /// Log records and points of metrics that OTLP callers sent and that are no events of ours.
    pub otlp_skipped: IntCounter,
    /// Connections closed because all places were taken.
    pub evicted: IntCounter,
}

impl Metrics {
    /// Counters of one service, all 0.
    ///
    /// # Errors
    /// A name is registered twice: a mistake of the program.
    pub fn new() -> Result<Self, prometheus::Error> {
        let counter = |name: &str, help: &str| IntCounter::new(format!("gantry_ingest_{name}"), help);
        let labelled = |name: &str, help: &str, labels: &[&str]| {
            IntCounterVec::new(Opts::new(format!("gantry_ingest_{name}"), help), labels)
        };
        let buckets = vec![0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
        let metrics = Self {
            registry: Registry::new(),
            accepted: counter("events_accepted_total", "Events stored through HTTP.")?,
            duplicates: counter("events_duplicate_total", "Events whose event_id was stored before.")?,
            rejected: labelled("rejected_total", "Events and requests refused, by reason.", &["reason"])?,
            requests: labelled("http_requests_total", "Answers by route and class of status.", &["route", "status"])?,
            write_seconds: Histogram::with_opts(
                HistogramOpts::new("gantry_ingest_write_seconds", "From an event's body to its answer, after COMMIT.")
                    .buckets(buckets),
            )?,
            otlp_skipped: counter("otlp_skipped_total", "OTLP records and points that are no events.")?,
            evicted: counter("connections_evicted_total", "Idle connections closed to make room.")?,
        };
        let collectors: [Box<dyn Collector>; 7] = [
            Box::new(metrics.accepted.clone()),
            Box::new(metrics.duplicates.clone()),
            Box::new(metrics.rejected.clone()),
            Box::new(metrics.requests.clone()),
            Box::new(metrics.write_seconds.clone()),
            Box::new(metrics.otlp_skipped.clone()),
            Box::new(metrics.evicted.clone()),
        ];
        for collector in collectors {
            metrics.registry.register(collector)?;
        }
        Ok(metrics)
    }

    /// The text of `/metrics`.
    pub fn text(&self, store: &Gauges, hub: &Hub, connections: usize) -> String {
        let mut bytes = Vec::new();
        if let Err(error) = TextEncoder::new().encode(&self.registry.gather(), &mut bytes) {
            tracing::warn!(%error, "the metrics cannot be written");
        }
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        let (ring_bytes, ring_blocks) = hub.held();
        let counts = &hub.counts;
        let read = |value: &std::sync::atomic::AtomicU64| value.load(Ordering::Relaxed);
        let size = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
        let gauges = [
            ("queue_events", "gauge", "Events that wait for the writer.", store.queued_events),
            ("queue_bytes", "gauge", "Bytes that they take.", store.queued_bytes),
            ("store_events_total", "counter", "Events stored, by whatever way they came.", store.stored),
            ("store_duplicates_total", "counter", "Events whose event_id was there.", store.duplicates),
            ("store_refused_total", "counter", "Events refused because the queue was full.", store.refused),
            ("store_failed_total", "counter", "Events whose transaction failed.", store.failed),
            ("store_commits_total", "counter", "Transactions committed.", store.commits),
            ("store_commit_milliseconds_total", "counter", "Time spent in COMMIT.", store.commit_micros / 1_000),
            ("database_bytes", "gauge", "Size of the database.", store.database_bytes),
            ("wal_bytes", "gauge", "Size of its write-ahead log.", store.wal_bytes),
            ("connections", "gauge", "Open connections.", size(connections)),
            ("stream_clients", "gauge", "Clients of the stream.", size(hub.clients())),
            ("stream_ring_bytes", "gauge", "Bytes of frames that are kept for slower clients.", size(ring_bytes)),
            ("stream_ring_blocks", "gauge", "Blocks of frames that are kept.", size(ring_blocks)),
            ("stream_frames_total", "counter", "Frames of events encoded.", read(&counts.frames)),
            (
                "stream_pages_replayed_total",
                "counter",
                "Pages read from the store for clients that were behind.",
                read(&counts.pages_replayed),
            ),
            (
                "stream_closed_slow_total",
                "counter",
                "Clients closed because they were too slow.",
                read(&counts.closed_slow),
            ),
            (
                "stream_refused_total",
                "counter",
                "Clients refused because all places were taken.",
                read(&counts.refused),
            ),
            ("stream_left_total", "counter", "Clients that left.", read(&counts.left)),
        ];
        for (name, kind, help, value) in gauges {
            // Writing to a text cannot fail.
            let _ = write!(
                text,
                "# HELP gantry_ingest_{name} {help}\n# TYPE gantry_ingest_{name} {kind}\ngantry_ingest_{name} {value}\n"
            );
        }
        text
    }
}
