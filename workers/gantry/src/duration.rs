//! Durations as people type and read them.

use std::time::Duration;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
/// A hundred years.
const LONGEST: u64 = 36_500 * DAY;

/// Reads `500ms`, `90s`, `10m`, `2h`, `7d`.
///
/// # Errors
/// What is expected instead.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let expected =
        || format!("{text:?} is no duration: expected a number with ms, s, m, h or d, for example 90s or 7d");
    let digits = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(expected)?;
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| expected())?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(number)).and_then(|d| in_range(d).ok_or_else(expected)),
        "s" => 1,
        "m" => MINUTE,
        "h" => HOUR,
        "d" => DAY,
        _ => return Err(expected()),
    };
    number.checked_mul(seconds).map(Duration::from_secs).and_then(in_range).ok_or_else(expected)
}

fn in_range(duration: Duration) -> Option<Duration> {
    (duration.as_secs() <= LONGEST).then_some(duration)
}

/// A duration in few characters: `0.4s`, `12s`, `3m05s`, `2h10m`, `4d06h`.
pub(crate) fn short(duration: Duration) -> String {
    let all = duration.as_secs();
    match all {
        0..10 => format!("{}.{}s", all, duration.subsec_millis() / 100),
        10..MINUTE => format!("{all}s"),
        MINUTE..HOUR => format!("{}m{:02}s", all / MINUTE, all % MINUTE),
        HOUR..DAY => format!("{}h{:02}m", all / HOUR, all % HOUR / MINUTE),
        _ => format!("{}d{:02}h", all / DAY, all % DAY / HOUR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read() {
        let cases = [("500ms", 500), ("90s", 90_000), ("10m", 600_000), ("2h", 7_200_000), ("7d", 604_800_000)];
        for (text, ms) in cases {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in
            ["", "5", "s", "-5s", "1.5h", "5 s", "5w", "99999999999999999999s", "18446744073709551615d", "40000d"]
        {
            assert!(parse(text).unwrap_err().contains("7d"), "{text}");
        }
    }

    #[test]
    fn short_texts_keep_two_units() {
        let cases = [
            (0, "0.0s"),
            (9_950, "9.9s"),
            (12_999, "12s"),
            (185_000, "3m05s"),
            (7_800_000, "2h10m"),
            (367_200_000, "4d06h"),
        ];
        for (ms, text) in cases {
            assert_eq!(short(Duration::from_millis(ms)), text);
        }
    }
}
