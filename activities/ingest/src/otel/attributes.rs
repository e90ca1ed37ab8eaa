//! Attributes and bodies as texts, numbers and JSON.

use serde_json::{Map, Value};

use super::message::{Any, AnyValue, KeyValue};

/// Levels of a value that are kept; what is deeper becomes null. Far below what any stack can take.
const MAX_DEPTH: usize = 64;

fn find<'a>(attributes: &'a [KeyValue], key: &str) -> Option<&'a Any> {
    attributes.iter().find(|pair| pair.key == key)?.value.as_ref()?.value.as_ref()
}

/// A text or a number as text; empty counts as absent.
pub(super) fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    let text = match find(attributes, key)? {
        Any::Text(text) => text.clone(),
        Any::Int(number) => number.to_string(),
        Any::Double(number) => number.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A number, or a text that begins with one.
pub(super) fn number(attributes: &[KeyValue], key: &str) -> Option<f64> {
    let number = match find(attributes, key)? {
        #[allow(clippy::cast_precision_loss, reason = "counts of tokens and milliseconds are far below 2^53")]
        Any::Int(number) => *number as f64,
        Any::Double(number) => *number,
        Any::Text(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A truth value, or a text that says one.
pub(super) fn boolean(attributes: &[KeyValue], key: &str) -> Option<bool> {
    match find(attributes, key)? {
        Any::Bool(value) => Some(*value),
        Any::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// The body as an object: a map, or a text that is JSON of one.
pub(super) fn body_object(body: Option<&AnyValue>) -> Option<Map<String, Value>> {
    match body?.value.as_ref()? {
        Any::Text(text) => match serde_json::from_str(text).ok()? {
            Value::Object(map) => Some(map),
            _ => None,
        },
        value @ Any::Map(_) => match json(value, 0) {
            Value::Object(map) => Some(map),
            _ => None,
        },
        _ => None,
    }
}

/// The body as a text.
pub(super) fn body_text(body: Option<&AnyValue>) -> Option<&str> {
    match body?.value.as_ref()? {
        Any::Text(text) if !text.is_empty() => Some(text),
        _ => None,
    }
}

fn json(value: &Any, depth: usize) -> Value {
    let inner = |value: &Option<AnyValue>| match value.as_ref().and_then(|value| value.value.as_ref()) {
        Some(value) if depth < MAX_DEPTH => json(value, depth + 1),
        _ => Value::Null,
    };
    match value {
        Any::Text(text) => text.as_str().into(),
        Any::Bool(value) => (*value).into(),
        Any::Int(number) => (*number).into(),
        Any::Double(number) => (*number).into(),
        Any::Bytes(bytes) => hex::encode(bytes).into(),
        Any::List(list) => list.values.iter().map(|value| inner(&Some(value.clone()))).collect(),
        Any::Map(map) => Value::Object(map.values.iter().map(|pair| (pair.key.clone(), inner(&pair.value))).collect()),
    }
}
