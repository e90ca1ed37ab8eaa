//! The messages from their JSON: names in camelCase (or as in the .proto file), 64-bit numbers as texts or numbers. What
//! has another shape than it should is left out, as the existing server does.

use serde_json::{Map, Value};

use super::{
    Unreadable,
    message::{
        Any, AnyValue, ArrayValue, Gauge, KeyValue, KeyValueList, LogRecord, LogsRequest, Metric, MetricsRequest,
        Number, NumberDataPoint, Resource, ResourceLogs, ResourceMetrics, ScopeLogs, ScopeMetrics, Sum,
    },
};

/// Texts in texts that are unwrapped, as for events.
const LAYERS: usize = 3;

/// Reads the body of `POST /api/otel/v1/logs`.
///
/// # Errors
/// It is no JSON, or neither object nor array; deeper than 128 levels.
pub fn logs_from_json(text: &str) -> Result<LogsRequest, Unreadable> {
    let root = root(text)?;
    Ok(LogsRequest { resource_logs: list(&root, "resourceLogs", "resource_logs", resource_logs) })
}

/// Reads the body of `POST /api/otel/v1/metrics`.
///
/// # Errors
/// As [`logs_from_json`].
pub fn metrics_from_json(text: &str) -> Result<MetricsRequest, Unreadable> {
    let root = root(text)?;
    Ok(MetricsRequest { resource_metrics: list(&root, "resourceMetrics", "resource_metrics", resource_metrics) })
}

fn root(text: &str) -> Result<Map<String, Value>, Unreadable> {
    let mut value: Value = serde_json::from_str(text).map_err(|_| Unreadable)?;
    for _ in 0..LAYERS {
        let Value::String(inner) = &value else { break };
        value = serde_json::from_str(inner).map_err(|_| Unreadable)?;
    }
    match value {
        Value::Object(map) => Ok(map),
        // An array is an object to the existing server, without any of the keys.
        Value::Array(_) => Ok(Map::new()),
        _ => Err(Unreadable),
    }
}

fn get<'a>(map: &'a Map<String, Value>, camel: &str, snake: &str) -> Option<&'a Value> {
    map.get(camel).or_else(|| map.get(snake))
}

fn list<T>(map: &Map<String, Value>, camel: &str, snake: &str, read: fn(&Map<String, Value>) -> T) -> Vec<T> {
    let items = get(map, camel, snake).and_then(Value::as_array);
    items.into_iter().flatten().filter_map(Value::as_object).map(read).collect()
}

fn text(map: &Map<String, Value>, camel: &str, snake: &str) -> String {
    get(map, camel, snake).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn nanos(map: &Map<String, Value>, camel: &str, snake: &str) -> u64 {
    match get(map, camel, snake) {
        Some(Value::String(digits)) => digits.trim().parse().unwrap_or(0),
        Some(number) => number.as_u64().unwrap_or(0),
        None => 0,
    }
}

fn resource(map: &Map<String, Value>) -> Option<Resource> {
    let resource = map.get("resource")?.as_object()?;
    Some(Resource { attributes: attributes(resource) })
}

fn attributes(map: &Map<String, Value>) -> Vec<KeyValue> {
    list(map, "attributes", "attributes", key_value)
}

fn key_value(map: &Map<String, Value>) -> KeyValue {
    KeyValue { key: text(map, "key", "key"), value: map.get("value").and_then(Value::as_object).map(any_value) }
}

fn any_value(map: &Map<String, Value>) -> AnyValue {
    let value = map.iter().find_map(|(name, value)| match name.as_str() {
        "stringValue" | "string_value" => value.as_str().map(|text| Any::Text(text.to_owned())),
        "boolValue" | "bool_value" => value.as_bool().map(Any::Bool),
        "intValue" | "int_value" => integer(value),
        "doubleValue" | "double_value" => double(value).map(Any::Double),
        "bytesValue" | "bytes_value" => value.as_str().map(|text| Any::Text(text.to_owned())),
        "arrayValue" | "array_value" => {
            let values = value.as_object().map(|map| list(map, "values", "values", any_value));
            Some(Any::List(ArrayValue { values: values.unwrap_or_default() }))
        }
        "kvlistValue" | "kvlist_value" => {
            let values = value.as_object().map(|map| list(map, "values", "values", key_value));
            Some(Any::Map(KeyValueList { values: values.unwrap_or_default() }))
        }
        _ => None,
    });
    AnyValue { value }
}

fn integer(value: &Value) -> Option<Any> {
    match value {
        Value::String(digits) => digits.trim().parse().ok().map(Any::Int),
        Value::Number(number) => number.as_i64().map(Any::Int).or_else(|| number.as_f64().map(Any::Double)),
        _ => None,
    }
}

fn double(value: &Value) -> Option<f64> {
    match value {
        // "NaN" and "Infinity" are texts in this JSON.
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    }
}

fn resource_logs(map: &Map<String, Value>) -> ResourceLogs {
    ResourceLogs { resource: resource(map), scope_logs: list(map, "scopeLogs", "scope_logs", scope_logs) }
}

fn scope_logs(map: &Map<String, Value>) -> ScopeLogs {
    ScopeLogs { log_records: list(map, "logRecords", "log_records", log_record) }
}

fn log_record(map: &Map<String, Value>) -> LogRecord {
    LogRecord {
        time_unix_nano: nanos(map, "timeUnixNano", "time_unix_nano"),
        severity_text: text(map, "severityText", "severity_text"),
        body: map.get("body").and_then(Value::as_object).map(any_value),
        attributes: attributes(map),
        observed_time_unix_nano: nanos(map, "observedTimeUnixNano", "observed_time_unix_nano"),
        event_name: text(map, "eventName", "event_name"),
    }
}

fn resource_metrics(map: &Map<String, Value>) -> ResourceMetrics {
    ResourceMetrics {
        resource: resource(map),
        scope_metrics: list(map, "scopeMetrics", "scope_metrics", scope_metrics),
    }
}

fn scope_metrics(map: &Map<String, Value>) -> ScopeMetrics {
    ScopeMetrics { metrics: list(map, "metrics", "metrics", metric) }
}

fn metric(map: &Map<String, Value>) -> Metric {
    let points = |kind: &Map<String, Value>| list(kind, "dataPoints", "data_points", data_point);
    Metric {
        name: text(map, "name", "name"),
        gauge: map.get("gauge").and_then(Value::as_object).map(|gauge| Gauge { data_points: points(gauge) }),
        sum: map
            .get("sum")
            .and_then(Value::as_object)
            .map(|sum| Sum { data_points: points(sum), aggregation_temporality: temporality(sum) }),
    }
}

fn temporality(sum: &Map<String, Value>) -> i32 {
    match get(sum, "aggregationTemporality", "aggregation_temporality") {
        Some(Value::String(name)) if name == "AGGREGATION_TEMPORALITY_CUMULATIVE" => 2,
        Some(Value::Number(number)) if number.as_i64() == Some(2) => 2,
        _ => 1,
    }
}

fn data_point(map: &Map<String, Value>) -> NumberDataPoint {
    let as_double = get(map, "asDouble", "as_double").and_then(double).map(Number::AsDouble);
    let as_int = || match get(map, "asInt", "as_int").and_then(integer)? {
        Any::Int(number) => Some(Number::AsInt(number)),
        Any::Double(number) => Some(Number::AsDouble(number)),
        _ => None,
    };
    NumberDataPoint {
        attributes: attributes(map),
        start_time_unix_nano: nanos(map, "startTimeUnixNano", "start_time_unix_nano"),
        value: as_double.or_else(as_int),
    }
}
