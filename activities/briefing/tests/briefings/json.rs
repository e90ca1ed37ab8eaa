//! Looking things up in briefings that are JSON.

use serde_json::Value;

/// What stands at a path of names and numbers with dots between; a step `[name=value]` is the row that has it.
pub(crate) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |value, step| match value {
        Value::Object(members) => members.get(step),
        Value::Array(items) => match step.strip_prefix('[').and_then(|step| step.strip_suffix(']')) {
            Some(wanted) => {
                let (name, wanted) = wanted.split_once('=')?;
                items.iter().find(|item| item.get(name).is_some_and(|found| plain(found) == wanted))
            }
            None => items.get(step.parse::<usize>().ok()?),
        },
        _ => None,
    })
}

/// A scalar without quotes.
pub(crate) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether two values say the same: numbers may differ in the last digits, and an integer is the number with the same value.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(one), Some(other)) => (one - other).abs() <= 1e-9 * one.abs().max(other.abs()),
        _ => one == other,
    }
}
