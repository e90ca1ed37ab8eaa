//! The header by which a server asks for time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::timestamp::Timestamp;

/// No server is believed that wants more than an hour: a wrong clock or a wrong unit would silence a machine for years.
pub(super) const LONGEST: Duration = Duration::from_secs(3600);
/// Nor one that wants nothing: it just said that it has too much.
pub(super) const SHORTEST: Duration = Duration::from_millis(250);

/// The wait that a `Retry-After` asks for, whole seconds or an HTTP date, within bounds. `None` for what is neither.
pub(super) fn parse(text: &str, now: Timestamp) -> Option<Duration> {
    let text = text.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_or(LONGEST, Duration::from_secs)
    } else if let Ok(seconds) = text.parse::<f64>() {
        Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(LONGEST)
    } else {
        let now: SystemTime = UNIX_EPOCH + Duration::from_micros(u64::try_from(now.0).unwrap_or(0));
        httpdate::parse_http_date(text).ok()?.duration_since(now).unwrap_or(Duration::ZERO)
    };
    Some(wait.clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(784_111_777_000_000); // Sun, 06 Nov 1994 08:49:37 GMT

    #[test]
    fn seconds_and_dates_are_understood_and_bounded() {
        assert_eq!(parse("7", NOW), Some(Duration::from_secs(7)));
        assert_eq!(parse(" 0 ", NOW), Some(SHORTEST));
        assert_eq!(parse("1.5", NOW), Some(Duration::from_millis(1500)));
        assert_eq!(parse("99999999999999999999999", NOW), Some(LONGEST));
        assert_eq!(parse("-5", NOW), Some(SHORTEST));
        assert_eq!(parse("NaN", NOW), Some(SHORTEST));
        assert_eq!(parse("Sun, 06 Nov 1994 08:50:37 GMT", NOW), Some(Duration::from_secs(60)));
        assert_eq!(parse("Sun, 06 Nov 1994 08:00:00 GMT", NOW), Some(SHORTEST));
        assert_eq!(parse("Fri, 31 Dec 9999 23:59:59 GMT", NOW), Some(LONGEST));
        assert_eq!(parse("soon", NOW), None);
        assert_eq!(parse("", NOW), None);
    }
}
