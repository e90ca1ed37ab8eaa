//! Times as the server has them, for people and for JSON.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

/// A point in time of the server's.
pub(crate) fn at<T: Clone + TryInto<SystemTime>>(time: Option<&T>) -> Option<SystemTime> {
    time.cloned().and_then(|time| time.try_into().ok())
}

/// A duration of the server's; one that is zero stands for none.
pub(crate) fn lasting<T: Clone + TryInto<Duration>>(duration: Option<&T>) -> Option<Duration> {
    duration.cloned().and_then(|duration| duration.try_into().ok()).filter(|duration| *duration > Duration::ZERO)
}

/// As RFC 3339 in UTC, to the second.
pub(crate) fn text(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}

/// As RFC 3339 in UTC, to the millisecond.
pub(crate) fn precise(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

/// `1h 30m 5s`, without what is below a millisecond, nor below a second from a minute on.
pub(crate) fn span(duration: Duration) -> String {
    let unit = if duration < Duration::from_secs(60) { 1 } else { 1000 };
    let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX) / unit * unit;
    humantime::format_duration(Duration::from_millis(millis)).to_string()
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Adds a field, if there is something to say.
pub(crate) fn put(object: &mut Map<String, Value>, name: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), value.into());
    }
}
