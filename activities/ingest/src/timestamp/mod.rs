//! Points in time as JavaScript reads and SQLite writes them.

mod calendar;
mod iso;
mod loose;

use calendar::{civil, days};

/// The furthest that JavaScript's `Date` goes from 1970, in milliseconds.
const FURTHEST: i64 = 8_640_000_000_000_000;

/// Milliseconds since 1970 in UTC of a text that JavaScript's `Date` reads: ISO 8601 in all its forms, RFC 2822, and what
/// people write by hand. Without a zone it is UTC.
pub fn parse(text: &str) -> Option<i64> {
    // A sign belongs to a year of six digits, which people do not write by hand.
    let by_hand = || if text.starts_with(['+', '-']) { None } else { loose::parse(text) };
    iso::parse(text).or_else(by_hand).filter(|millis| millis.abs() <= FURTHEST)
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`; years outside 0 to 9999 with a sign and six digits.
pub fn to_iso(millis: i64) -> String {
    let (year, month, day) = civil(millis.div_euclid(86_400_000));
    let in_day = millis.rem_euclid(86_400_000);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1000 % 60, in_day % 1000);
    let rest = format!("-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
    match year {
        0..=9999 => format!("{year:04}{rest}"),
        _ => format!("{}{:06}{rest}", if year < 0 { '-' } else { '+' }, year.abs()),
    }
}

/// `YYYY-MM-DD HH:MM:SS`, as SQLite's `datetime()` writes it.
pub fn to_sqlite(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let in_day = seconds.rem_euclid(86_400);
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", in_day / 3600, in_day / 60 % 60, in_day % 60)
}

/// Seconds since 1970 of what [`to_sqlite`] or [`to_iso`] wrote, fractions cut.
pub fn seconds(text: &str) -> Option<i64> {
    iso::parse(text).map(|millis| millis.div_euclid(1000))
}

/// Seconds since 1970, now.
pub fn now_seconds() -> i64 {
    now_millis().div_euclid(1000)
}

/// Milliseconds since 1970, now; negative before.
pub fn now_millis() -> i64 {
    millis_of(std::time::SystemTime::now())
}

/// Milliseconds since 1970 of a system time.
pub fn millis_of(time: std::time::SystemTime) -> i64 {
    match time.duration_since(std::time::UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_millis()).unwrap_or(i64::MAX),
        Err(before) => -i64::try_from(before.duration().as_millis()).unwrap_or(i64::MAX),
    }
}

/// Milliseconds of a date and a time of day; `None` when a part is out of range. 24:00:00 is the next midnight.
fn millis(year: i64, month: i64, day: i64, time: [i64; 4], offset_minutes: i64) -> Option<i64> {
    let [hour, minute, second, milli] = time;
    let in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && ((0..24).contains(&hour) || (hour == 24 && minute == 0 && second == 0 && milli == 0))
        && year.abs() <= 300_000;
    // A day that the month has not, as the 31st of April, is one of the next month.
    in_range.then(|| {
        let days = days(year, month, 1) + day - 1;
        ((days * 24 + hour) * 60 + minute - offset_minutes) * 60_000 + second * 1000 + milli
    })
}
