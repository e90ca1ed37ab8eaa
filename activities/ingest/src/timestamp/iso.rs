//! ISO 8601 as ECMAScript defines it, and with a blank for the `T`.

use super::millis;

/// Reads digits from the front.
struct Digits<'a> {
    rest: &'a [u8],
}

impl Digits<'_> {
    fn take(&mut self, count: usize) -> Option<i64> {
        let digits = self.rest.get(..count)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + i64::from(digit - b'0');
        }
        self.rest = self.rest.get(count..)?;
        Some(value)
    }

    fn eat(&mut self, wanted: u8) -> bool {
        match self.rest.split_first() {
            Some((first, rest)) if *first == wanted => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    /// Milliseconds of a fraction of any length; what is finer is cut.
    fn fraction(&mut self) -> Option<i64> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let digits = self.rest.get(..count).filter(|digits| !digits.is_empty())?;
        let milli =
            (0..3).fold(0, |sum, place| sum * 10 + i64::from(digits.get(place).map_or(0, |digit| digit - b'0')));
        self.rest = self.rest.get(count..)?;
        Some(milli)
    }

    /// Minutes east of Greenwich; UTC when there is no zone.
    fn zone(&mut self) -> Option<i64> {
        if self.rest.is_empty() || self.eat(b'Z') || self.eat(b'z') {
            return Some(0);
        }
        let sign = if self.eat(b'+') {
            1
        } else if self.eat(b'-') {
            -1
        } else {
            return None;
        };
        let hours = self.take(2)?;
        self.eat(b':');
        let minutes = self.take(2)?;
        (hours < 24 && minutes < 60).then_some(sign * (hours * 60 + minutes))
    }
}

pub(super) fn parse(text: &str) -> Option<i64> {
    let mut at = Digits { rest: text.as_bytes() };
    let year = if at.eat(b'+') {
        at.take(6)?
    } else if at.eat(b'-') {
        // There is no year minus zero.
        -at.take(6).filter(|year| *year != 0)?
    } else {
        at.take(4)?
    };
    let month = if at.eat(b'-') { at.take(2)? } else { 1 };
    let day = if at.rest.first() == Some(&b'-') && text.len() > 7 && at.eat(b'-') { at.take(2)? } else { 1 };
    let mut time = [0; 4];
    if at.eat(b'T') || at.eat(b't') || at.eat(b' ') {
        let hour = at.take(2)?;
        if !at.eat(b':') {
            return None;
        }
        let minute = at.take(2)?;
        let second = if at.eat(b':') { at.take(2)? } else { 0 };
        let milli = if at.eat(b'.') || at.eat(b',') { at.fraction()? } else { 0 };
        time = [hour, minute, second, milli];
        let _ = at.eat(b' ');
    }
    let offset = at.zone()?;
    at.rest.is_empty().then(|| millis(year, month, day, time, offset)).flatten()
}
