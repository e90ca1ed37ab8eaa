//! Points of the metrics for tokens and cost to events, each with what has been counted since the one before.

use std::collections::HashMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    attributes::text,
    logs::whole,
    message::{KeyValue, Metric, MetricsRequest, Number, NumberDataPoint},
    names::{agent_type, session_id},
};

const TOKENS: [&str; 3] = ["claude_code.token.usage", "codex_cli_rs.token.usage", "gen_ai.client.token.usage"];
const COSTS: [&str; 3] = ["claude_code.cost.usage", "codex_cli_rs.cost.usage", "gen_ai.client.cost.usage"];

/// What was counted before, by key; it outlives the process.
pub trait Counters {
    /// What goes wrong when it is read.
    type Error;

    /// The number last kept under `key`.
    ///
    /// # Errors
    /// The store cannot be read.
    fn remembered(&mut self, key: &str) -> Result<Option<f64>, Self::Error>;
}

/// One point of a metric.
#[derive(Debug, Default, PartialEq)]
pub struct MetricEvent {
    /// An object as `POST /api/events` takes it; none when nothing was counted since the point before.
    pub event: Option<Value>,
    /// What to remember together with the event.
    pub counters: Vec<(String, f64)>,
}

/// The events of a request's points, in their order, and how many points are no events of ours.
///
/// # Errors
/// The counters cannot be read.
pub fn metric_events<C: Counters>(
    request: &MetricsRequest,
    counters: &mut C,
) -> Result<(Vec<MetricEvent>, u64), C::Error> {
    let mut events = Vec::new();
    let mut skipped = 0;
    let mut state = State { counters, now: HashMap::new() };
    for group in &request.resource_metrics {
        let resource = group.resource.as_ref().map_or(&[][..], |resource| &resource.attributes);
        for metric in group.scope_metrics.iter().flat_map(|scope| &scope.metrics) {
            let is_tokens = TOKENS.contains(&metric.name.as_str());
            let (points, cumulative) = points(metric);
            if !is_tokens && !COSTS.contains(&metric.name.as_str()) {
                skipped += points.len() as u64;
                continue;
            }
            for point in points {
                events.push(event(point, &metric.name, is_tokens, cumulative, resource, &mut state)?);
            }
        }
    }
    subtract_cached(&mut events);
    Ok((events, skipped))
}

fn points(metric: &Metric) -> (&[NumberDataPoint], bool) {
    match (&metric.sum, &metric.gauge) {
        (Some(sum), _) => (&sum.data_points, sum.aggregation_temporality == 2),
        (None, Some(gauge)) => (&gauge.data_points, false),
        (None, None) => (&[], false),
    }
}

fn event<C: Counters>(
    point: &NumberDataPoint,
    metric: &str,
    is_tokens: bool,
    cumulative: bool,
    resource: &[KeyValue],
    state: &mut State<'_, C>,
) -> Result<MetricEvent, C::Error> {
    let agent = agent_type(resource);
    let session = session_id(&point.attributes, resource, None).unwrap_or_else(|| "unknown".into());
    let value = match point.value {
        Some(Number::AsDouble(value)) => value,
        #[allow(clippy::cast_precision_loss, reason = "counts of tokens are far below 2^53")]
        Some(Number::AsInt(value)) => value as f64,
        None => 0.0,
    };
    let mut remembered = Vec::new();
    let counted = if !value.is_finite() {
        0.0
    } else if cumulative {
        let series = series(&session, &agent, metric, &point.attributes);
        state.since_last(&series, value, point.start_time_unix_nano, &mut remembered)?
    } else {
        value
    };
    let model = ["model", "gen_ai.request.model"].iter().find_map(|key| text(&point.attributes, key));
    let mut event = json!({
        "session_id": session,
        "agent_type": agent,
        "event_type": "llm_response",
        "model": model.or_else(|| text(resource, "model")),
        "metadata": { "_synthetic": true, "_source": "otel_metric" },
        "source": "otel",
    });
    let kind = ["type", "token.type", "gen_ai.token.type"].iter().find_map(|key| text(&point.attributes, key));
    let (column, count) = if is_tokens {
        (column(kind.as_deref()), whole(counted).filter(|count| *count > 0).map(Value::from))
    } else {
        ("cost_usd", (counted > 0.0).then(|| counted.into()))
    };
    let event = count.and_then(|count| {
        event.as_object_mut()?.insert(column.into(), count);
        Some(event)
    });
    Ok(MetricEvent { event, counters: remembered })
}

fn column(kind: Option<&str>) -> &'static str {
    match kind {
        Some("output") => "tokens_out",
        Some("cacheRead" | "cache_read" | "cached_input") => "cache_read_tokens",
        Some("cacheCreation" | "cache_creation" | "cache_write") => "cache_write_tokens",
        _ => "tokens_in",
    }
}

/// Names one series: all its attributes are part of it, because two that differ in any count apart.
fn series(session: &str, agent: &str, metric: &str, attributes: &[KeyValue]) -> String {
    let mut pairs: Vec<(&str, String)> =
        attributes.iter().map(|pair| (pair.key.as_str(), text(attributes, &pair.key).unwrap_or_default())).collect();
    pairs.sort_unstable();
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    [session, agent, metric].into_iter().for_each(&mut part);
    for (key, value) in &pairs {
        part(key);
        part(value);
    }
    format!("otlp:{}", hex::encode(hash.finalize().get(..16).unwrap_or_default()))
}

struct State<'a, C> {
    counters: &'a mut C,
    /// What this request has counted already.
    now: HashMap<String, f64>,
}

impl<C: Counters> State<'_, C> {
    /// How much `value` is above the last one of its series. A series that started anew counts from 0 again.
    fn since_last(
        &mut self,
        series: &str,
        value: f64,
        start_nanos: u64,
        remembered: &mut Vec<(String, f64)>,
    ) -> Result<f64, C::Error> {
        let start_key = format!("{series}:start");
        #[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 are below 2^53")]
        let start = (start_nanos / 1_000_000) as f64;
        let last = self.get(series)?;
        let last_start = if start > 0.0 { self.get(&start_key)?.filter(|last| *last > 0.0) } else { None };
        let (counted, kept) = match (last, last_start) {
            (None, _) => (value, value),
            (Some(_), Some(last_start)) if start > last_start => (value, value),
            // Points of a run that is over came late.
            (Some(last), Some(last_start)) if start < last_start => (0.0, last),
            // Within one run a counter does not fall: the point came late.
            (Some(last), Some(_)) => (value - last, value.max(last)),
            // Without a start a lower value is a new run; what it has counted cannot be told from what was counted twice.
            (Some(last), None) => (value - last, value),
        };
        let mut keep = |key: String, number: f64| {
            self.now.insert(key.clone(), number);
            remembered.push((key, number));
        };
        keep(series.to_owned(), kept);
        if start > 0.0 && last_start.is_none_or(|last| start > last) {
            keep(start_key, start);
        }
        Ok(counted.max(0.0))
    }

    fn get(&mut self, key: &str) -> Result<Option<f64>, C::Error> {
        match self.now.get(key) {
            Some(number) => Ok(Some(*number)),
            None => self.counters.remembered(key),
        }
    }
}

/// OpenAI counts what came from its cache as input as well: within one request the one is taken from the other.
fn subtract_cached(events: &mut [MetricEvent]) {
    let key = |event: &Value| {
        (event.get("agent_type")? == "codex").then(|| (event.get("session_id").cloned(), event.get("model").cloned()))
    };
    let mut cached: HashMap<String, u64> = HashMap::new();
    for event in events.iter().filter_map(|point| point.event.as_ref()) {
        if let (Some(key), Some(count)) = (key(event), event.get("cache_read_tokens").and_then(Value::as_u64)) {
            *cached.entry(format!("{key:?}")).or_default() += count;
        }
    }
    if cached.is_empty() {
        return;
    }
    for event in events.iter_mut().filter_map(|point| point.event.as_mut()) {
        let Some(left) = key(event).and_then(|key| cached.get_mut(&format!("{key:?}"))) else { continue };
        if let Some(input) = event.get_mut("tokens_in")
            && let Some(count) = input.as_u64()
        {
            let taken = count.min(*left);
            *left -= taken;
            *input = (count - taken).into();
        }
    }
}
