//! Numbers as JavaScript prints them.

use std::fmt::Write as _;

/// Whether JavaScript would print it as it stands: a whole number of at most 15 digits.
pub(super) fn is_plain(raw: &str) -> bool {
    let digits = raw.strip_prefix('-').unwrap_or(raw);
    digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit()) && raw != "-0"
}

/// Appends a number of JSON as JavaScript would print it after reading it: 1.0 as 1, what is too large as `null`.
pub(super) fn write_raw(out: &mut String, raw: &str) {
    if is_plain(raw) {
        out.push_str(raw);
    } else {
        write_number(out, raw.parse().unwrap_or(f64::NAN));
    }
}

/// Appends a number as `JSON.stringify` does.
pub fn write_number(out: &mut String, value: f64) {
    if !value.is_finite() {
        out.push_str("null");
        return;
    }
    if value == 0.0 {
        out.push('0');
        return;
    }
    // The shortest digits that read back the same, and the power of ten of the first.
    let shortest = format!("{:e}", value.abs());
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((&shortest, "0"));
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    if value < 0.0 {
        out.push('-');
    }
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    if (count..=21).contains(&point) {
        out.push_str(&digits);
        out.push_str(&zeros(point - count));
    } else if (1..=21).contains(&point) {
        let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or_default());
        let _ = write!(out, "{whole}.{fraction}");
    } else if (-5..=0).contains(&point) {
        let _ = write!(out, "0.{}{digits}", zeros(-point));
    } else {
        let (first, rest) = digits.split_at(1);
        let dot = if rest.is_empty() { "" } else { "." };
        let _ = write!(out, "{first}{dot}{rest}e{}{}", if point > 0 { '+' } else { '-' }, (point - 1).abs());
    }
}
