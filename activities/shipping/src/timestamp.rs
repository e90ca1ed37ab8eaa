//! Moments as sessions write them and as the wire wants them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use crate::json;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400;

/// A moment in microseconds since 1970-01-01 UTC. On the wire RFC 3339 in UTC with `+00:00`, as the older daemon wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// A file time; before 1970 or out of range it is 1970.
    pub fn of_system(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_micros()).unwrap_or_default())
    }

    /// Whole seconds since 1970, rounded down.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(SECOND)
    }

    /// RFC 3339 text or `None`: any offset, fractions cut to microseconds, a text without an offset is UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.trim().as_bytes();
        let (date, time) = bytes.split_at_checked(10)?;
        let (year, month, day) = (number(date.get(..4)?)?, number(date.get(5..7)?)?, number(date.get(8..)?)?);
        if date.get(4) != Some(&b'-') || date.get(7) != Some(&b'-') || !(1..=12).contains(&month) {
            return None;
        }
        if !(1..=days_of(year, month)).contains(&day) {
            return None;
        }
        let [b'T' | b't' | b' ', clock @ ..] = time else { return None };
        let (hour, minute) = (number(clock.get(..2)?)?, number(clock.get(3..5)?)?);
        let second = number(clock.get(6..8)?)?;
        // A leap second is the first moment of the next minute.
        if clock.get(2) != Some(&b':') || clock.get(5) != Some(&b':') || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let mut rest = clock.get(8..)?;
        let mut micros = 0;
        if let [b'.' | b',', tail @ ..] = rest {
            let digits = tail.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if digits == 0 {
                return None;
            }
            for place in 0..6 {
                let digit = tail.get(place).filter(|_| place < digits).map_or(0, |digit| i64::from(digit - b'0'));
                micros = micros * 10 + digit;
            }
            rest = tail.get(digits..)?;
        }
        let seconds = days_since_1970(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset(rest)?;
        Some(Self(seconds * SECOND + micros)).filter(|moment| (MINIMUM..=MAXIMUM).contains(&moment.0))
    }

    /// What a JSON value says: RFC 3339 in a string, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970.
    /// Which of them a number is, is told by its size, between the years 2000 and 2100; a number outside is no moment, but a
    /// counter or a mistake.
    pub(crate) fn of_json(value: &str) -> Option<Self> {
        if json::is_string(value) {
            return Self::parse(&json::decode(value));
        }
        let number: f64 = value.parse().ok()?;
        [1e6, 1e3, 1.0, 1e-3].into_iter().find_map(|scale| {
            let micros = (number * scale).round();
            #[expect(
                clippy::cast_possible_truncation,
                reason = "between the two years it is a whole number below 2^53"
            )]
            (946_684_800e6..4_102_444_800e6).contains(&micros).then_some(Self(micros as i64))
        })
    }

    /// Writes it for the wire: `2026-02-15T10:00:00+00:00`, with six digits of a fraction when there is one.
    pub(crate) fn push(self, out: &mut Vec<u8>) {
        let moment = self.0.clamp(MINIMUM, MAXIMUM);
        let (seconds, micros) = (moment.div_euclid(SECOND), moment.rem_euclid(SECOND));
        let (year, month, day) = date_of(seconds.div_euclid(DAY));
        let clock = seconds.rem_euclid(DAY);
        push_number(out, year, 4);
        for (mark, value) in
            [(b'-', month), (b'-', day), (b'T', clock / 3600), (b':', clock / 60 % 60), (b':', clock % 60)]
        {
            out.push(mark);
            push_number(out, value, 2);
        }
        if micros != 0 {
            out.push(b'.');
            push_number(out, micros, 6);
        }
        out.extend_from_slice(b"+00:00");
    }
}

impl std::fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut text = Vec::with_capacity(32);
        self.push(&mut text);
        formatter.write_str(&String::from_utf8_lossy(&text))
    }
}

/// 0001-01-01 and the end of 9999: what four digits of a year can say.
const MINIMUM: i64 = -62_135_596_800 * SECOND;
const MAXIMUM: i64 = 253_402_300_800 * SECOND - 1;

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

fn push_number(out: &mut Vec<u8>, value: i64, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    let mut left = value;
    for place in out.iter_mut().skip(start).rev() {
        *place = b'0' + u8::try_from(left % 10).unwrap_or_default();
        left /= 10;
    }
}

/// Seconds east of UTC that the end of a text names.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, clock) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [b'+', clock @ ..] => (1, clock),
        [b'-', clock @ ..] => (-1, clock),
        _ => return None,
    };
    let (hours, minutes) = match clock {
        [_, _] => (number(clock)?, 0),
        [a, b, b':', c, d] | [a, b, c, d] => (number(&[*a, *b])?, number(&[*c, *d])?),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 3600 + minutes * 60))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar, in eras of 400 years that begin on the first of March, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_becomes_utc() {
        for (text, wire) in [
            ("2026-02-15T10:00:00Z", "2026-02-15T10:00:00+00:00"),
            ("2026-02-15T10:00:00.123Z", "2026-02-15T10:00:00.123000+00:00"),
            ("2026-02-15T10:00:00.123456789+02:00", "2026-02-15T08:00:00.123456+00:00"),
            ("2026-02-15T23:30:00-05:30", "2026-02-16T05:00:00+00:00"),
            ("2026-02-15 10:00:00", "2026-02-15T10:00:00+00:00"),
            ("2024-02-29t00:00:00z", "2024-02-29T00:00:00+00:00"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00+00:00"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
        ] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), wire, "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "now",
            "2026",
            "2026-02-15",
            "2026-02-30T00:00:00Z",
            "2025-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-15T24:00:00Z",
            "2026-02-15T10:00Z",
            "2026-02-15T10:00:00.Z",
            "2026-02-15T10:00:00+25:00",
            "2026-02-15T10:00:00Zx",
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+01:00",
            "２０２６-02-15T10:00:00Z",
            "2026-02-1é",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_moments_by_their_size() {
        for (value, moment) in [
            ("1771149600", Some(1_771_149_600_000_000)),
            ("1771149600.5", Some(1_771_149_600_500_000)),
            ("1771149600123", Some(1_771_149_600_123_000)),
            ("1771149600123456", Some(1_771_149_600_123_456)),
            ("1771149600123456000", Some(1_771_149_600_123_456)),
            ("12345", None),
            ("-1", None),
            ("1e400", None),
            ("null", None),
            ("{}", None),
            ("\"2026-02-15T10:00:00\\u005a\"", Some(1_771_149_600_000_000)),
        ] {
            assert_eq!(Timestamp::of_json(value), moment.map(Timestamp), "{value}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(moment in MINIMUM..=MAXIMUM) {
            let moment = Timestamp(moment);
            prop_assert_eq!(Timestamp::parse(&moment.to_string()), Some(moment));
        }

        #[test]
        fn any_text_is_read_or_refused(text in any::<String>(), near in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-9:.+Z-]{0,20}") {
            let _ = (Timestamp::parse(&text), Timestamp::parse(&near));
        }
    }
}
