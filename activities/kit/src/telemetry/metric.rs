//! The metrics of Gantry's own; the SDK's are beside them on `/metrics`, with the prefix `temporal_`.

use std::sync::LazyLock;

use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only goes up.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Spread of seconds.
    Histogram,
}

/// Every metric of Gantry's own. There is no other way to make one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// The build of the worker and its contracts; always 1.
    WorkerInfo,
    /// Attempts that were begun.
    ActivitiesStarted,
    /// Attempts that ended, by outcome and error type.
    ActivitiesFinished,
    /// Time of an attempt, waiting for its slot included.
    ActivitySeconds,
    /// Attempts that wait for one of the process's slots.
    SlotsWaiting,
    /// Results that were too big for a payload and went to the blob store.
    ResultsOffloaded,
    /// Their size.
    ResultsOffloadedBytes,
    /// Times that the process replaced its Workers by fresh ones.
    WorkersRecycled,
}

impl Metric {
    /// All of them, in the order of the documentation.
    pub const ALL: &[Self] = &[
        Self::WorkerInfo,
        Self::ActivitiesStarted,
        Self::ActivitiesFinished,
        Self::ActivitySeconds,
        Self::SlotsWaiting,
        Self::ResultsOffloaded,
        Self::ResultsOffloadedBytes,
        Self::WorkersRecycled,
    ];

    /// Its name on `/metrics`.
    pub fn name(self) -> &'static str {
        match self {
            Self::WorkerInfo => "gantry_worker_info",
            Self::ActivitiesStarted => "gantry_activities_started_total",
            Self::ActivitiesFinished => "gantry_activities_finished_total",
            Self::ActivitySeconds => "gantry_activity_seconds",
            Self::SlotsWaiting => "gantry_slots_waiting",
            Self::ResultsOffloaded => "gantry_results_offloaded_total",
            Self::ResultsOffloadedBytes => "gantry_results_offloaded_bytes_total",
            Self::WorkersRecycled => "gantry_workers_recycled_total",
        }
    }

    /// What it tells, in a sentence.
    pub fn help(self) -> &'static str {
        match self {
            Self::WorkerInfo => "Version and contracts of the worker; always 1",
            Self::ActivitiesStarted => "Attempts that were begun",
            Self::ActivitiesFinished => "Attempts that ended, by outcome and error type",
            Self::ActivitySeconds => "Seconds of an attempt, its wait for a slot included",
            Self::SlotsWaiting => "Attempts that wait for one of the process's slots",
            Self::ResultsOffloaded => "Results that went to the blob store because they were too big for a payload",
            Self::ResultsOffloadedBytes => "Bytes of these results",
            Self::WorkersRecycled => "Times that the process replaced its Workers by fresh ones",
        }
    }

    /// Whether it counts, goes up and down, or is a spread.
    pub fn kind(self) -> Kind {
        match self {
            Self::WorkerInfo | Self::SlotsWaiting => Kind::Gauge,
            Self::ActivitySeconds => Kind::Histogram,
            _ => Kind::Counter,
        }
    }

    /// Names of its labels.
    pub fn labels(self) -> &'static [&'static str] {
        match self {
            Self::WorkerInfo => &["queue", "version", "contracts"],
            Self::ActivitiesStarted | Self::ActivitySeconds => &["queue", "activity"],
            Self::ActivitiesFinished => &["queue", "activity", "outcome", "error_type"],
            Self::ResultsOffloaded | Self::ResultsOffloadedBytes => &["activity"],
            Self::SlotsWaiting => &[],
            Self::WorkersRecycled => &["queue"],
        }
    }

    /// Adds to a counter.
    pub(super) fn count(self, labels: &[&'static str], by: u64) {
        if let Some(counter) = self.find(|m| &m.counters) {
            counter.with_label_values(labels).inc_by(by);
        }
    }

    /// Moves a gauge.
    pub(super) fn shift(self, labels: &[&str], by: i64) {
        if let Some(gauge) = self.find(|m| &m.gauges) {
            gauge.with_label_values(labels).add(by);
        }
    }

    /// Adds a value to a spread.
    pub(super) fn observe(self, labels: &[&'static str], seconds: f64) {
        if let Some(histogram) = self.find(|m| &m.histograms) {
            histogram.with_label_values(labels).observe(seconds);
        }
    }

    fn find<T>(self, of: impl Fn(&'static Meters) -> &'static Vec<(Self, T)>) -> Option<&'static T> {
        of(&METERS).iter().find(|(metric, _)| *metric == self).map(|(_, family)| family)
    }
}

/// All metrics in Prometheus' text format.
pub fn render() -> String {
    // Only a duplicate name could fail, and those are refused when the families are made.
    TextEncoder::new().encode_to_string(&METERS.registry.gather()).unwrap_or_default()
}

struct Meters {
    registry: Registry,
    counters: Vec<(Metric, IntCounterVec)>,
    gauges: Vec<(Metric, IntGaugeVec)>,
    histograms: Vec<(Metric, HistogramVec)>,
}

/// A process has one set of metrics, as it has one log.
static METERS: LazyLock<Meters> = LazyLock::new(|| {
    let mut meters =
        Meters { registry: Registry::new(), counters: Vec::new(), gauges: Vec::new(), histograms: Vec::new() };
    for metric in Metric::ALL.iter().copied() {
        // A name or label that Prometheus refuses is found by the test below, not by a user.
        let _ = meters.add(metric);
    }
    meters
});

impl Meters {
    fn add(&mut self, metric: Metric) -> prometheus::Result<()> {
        let options = Opts::new(metric.name(), metric.help());
        match metric.kind() {
            Kind::Counter => {
                let family = IntCounterVec::new(options, metric.labels())?;
                self.registry.register(Box::new(family.clone()))?;
                self.counters.push((metric, family));
            }
            Kind::Gauge => {
                let family = IntGaugeVec::new(options, metric.labels())?;
                self.registry.register(Box::new(family.clone()))?;
                self.gauges.push((metric, family));
            }
            Kind::Histogram => {
                // From a no-op to a shipping run of hours.
                let buckets = vec![0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 1800.0, 7200.0];
                let family = HistogramVec::new(HistogramOpts::from(options).buckets(buckets), metric.labels())?;
                self.registry.register(Box::new(family.clone()))?;
                self.histograms.push((metric, family));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_registered_under_a_name_that_tells_its_kind() {
        let families = METERS.counters.len() + METERS.gauges.len() + METERS.histograms.len();
        assert_eq!(families, Metric::ALL.len());
        for metric in Metric::ALL {
            assert!(metric.name().starts_with("gantry_"));
            assert_eq!(metric.name().ends_with("_total"), metric.kind() == Kind::Counter, "{}", metric.name());
            assert_eq!(metric.name().ends_with("_seconds"), metric.kind() == Kind::Histogram, "{}", metric.name());
        }
    }
}
