//! Dates that are no ISO 8601: RFC 2822, `Nov 21, 2026 10:00 PM GMT+1`, `11/21/2026`. What JavaScript engines read beside the
//! standard; rules in the order in which the parts come.

use super::millis;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Names of zones that `Date` knows, in hours east of Greenwich.
const ZONES: [(&str, i64); 11] = [
    ("utc", 0),
    ("gmt", 0),
    ("ut", 0),
    ("z", 0),
    ("est", -5),
    ("edt", -4),
    ("cst", -6),
    ("cdt", -5),
    ("mst", -7),
    ("mdt", -6),
    ("pst", -8),
];

enum Token<'a> {
    Number { value: i64, digits: usize },
    Word(&'a str),
    Mark(u8),
}

/// Splits into numbers, words and marks. Text in brackets is a comment.
fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let bytes = text.as_bytes();
    let (mut tokens, mut at, mut depth) = (Vec::new(), 0, 0_u32);
    while let Some(byte) = bytes.get(at) {
        let run = |matches: fn(&u8) -> bool| bytes.iter().skip(at).take_while(|byte| matches(byte)).count();
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ if depth > 0 => {}
            b'0'..=b'9' => {
                let count = run(u8::is_ascii_digit);
                let value = text.get(at..at + count)?.parse().ok()?;
                tokens.push(Token::Number { value, digits: count });
                at += count;
                continue;
            }
            _ if byte.is_ascii_alphabetic() => {
                let count = run(u8::is_ascii_alphabetic);
                tokens.push(Token::Word(text.get(at..at + count)?));
                at += count;
                continue;
            }
            _ if byte.is_ascii_whitespace() || *byte == b',' => {}
            b':' | b'+' | b'-' | b'/' | b'.' => tokens.push(Token::Mark(*byte)),
            _ => return None,
        }
        at += 1;
        if tokens.len() > 40 {
            return None;
        }
    }
    Some(tokens)
}

#[derive(Default)]
struct Parts {
    /// Numbers of the date in the order of the text, with the count of their digits.
    date: Vec<(i64, usize)>,
    month: Option<i64>,
    time: Vec<i64>,
    milli: i64,
    offset: Option<i64>,
    afternoon: Option<bool>,
}

pub(super) fn parse(text: &str) -> Option<i64> {
    if text.len() > 200 {
        return None;
    }
    let mut parts = Parts::default();
    let tokens = tokens(text)?;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += match token {
            Token::Word(word) => parts.word(word)?,
            Token::Number { value, digits } => {
                parts.number(*value, *digits, tokens.get(at + 1..).unwrap_or_default())?
            }
            Token::Mark(mark @ (b'+' | b'-')) if !parts.time.is_empty() || parts.offset.is_some() => {
                parts.zone(*mark, tokens.get(at + 1..).unwrap_or_default())?
            }
            Token::Mark(b'-' | b'/' | b'.') => 1,
            Token::Mark(_) => return None,
        };
    }
    parts.point()
}

impl Parts {
    /// How many tokens were used.
    fn word(&mut self, word: &str) -> Option<usize> {
        let lower = word.to_ascii_lowercase();
        if let Some((_, hours)) = ZONES.iter().find(|(name, _)| *name == lower) {
            self.offset = Some(hours * 60);
        } else if lower == "pdt" {
            self.offset = Some(-7 * 60);
        } else if lower == "am" || lower == "pm" {
            self.afternoon = Some(lower == "pm");
        } else if let Some(month) = MONTHS.iter().position(|month| lower.get(..3) == Some(month)) {
            self.month = Some(i64::try_from(month).ok()? + 1);
        } else if !self.date.is_empty() {
            // Before the date any word goes, the names of days among them; after it none.
            return None;
        }
        Some(1)
    }

    fn number(&mut self, value: i64, digits: usize, rest: &[Token<'_>]) -> Option<usize> {
        let clock = matches!(rest.first(), Some(Token::Mark(b':')));
        match self.time.len() {
            0 if clock => self.time.push(value),
            0 => {
                self.date.push((value, digits));
                return Some(1);
            }
            _ => {
                // A year can stand behind the time.
                self.date.push((value, digits));
                return Some(1);
            }
        }
        let mut used = 1;
        let mut rest = rest;
        while let [Token::Mark(b':'), Token::Number { value, .. }, tail @ ..] = rest {
            self.time.push(*value);
            used += 2;
            rest = tail;
        }
        if let [Token::Mark(b'.'), Token::Number { value, digits }, ..] = rest {
            let scale = 10_i64.checked_pow(u32::try_from(*digits).ok()?)?;
            self.milli = i64::try_from(i128::from(*value) * 1000 / i128::from(scale)).ok()?;
            used += 2;
        }
        (2..=3).contains(&self.time.len()).then_some(used)
    }

    fn zone(&mut self, mark: u8, rest: &[Token<'_>]) -> Option<usize> {
        let sign = if mark == b'-' { -1 } else { 1 };
        let (minutes, used) = match rest {
            [Token::Number { value: hours, .. }, Token::Mark(b':'), Token::Number { value: minutes, .. }, ..] => {
                (hours * 60 + minutes, 4)
            }
            [Token::Number { value, digits: 1 | 2 }, ..] => (value * 60, 2),
            [Token::Number { value, .. }, ..] => (value / 100 * 60 + value % 100, 2),
            _ => return None,
        };
        self.offset = Some(sign * minutes).filter(|offset| offset.abs() < 24 * 60);
        self.offset?;
        Some(used)
    }

    fn point(self) -> Option<i64> {
        let (year, month, day) = match (self.month, self.date.as_slice()) {
            // 21 Nov 2026, Nov 21 2026, 2026 Nov 21.
            (Some(month), [(first, digits), (second, _)]) if *digits >= 3 || *first > 31 => (*first, month, *second),
            (Some(month), [(day, _), (year, digits)]) => (full_year(*year, *digits), month, *day),
            // Nov 2026.
            (Some(month), [(year, digits)]) if *digits >= 3 => (*year, month, 1),
            // 2026/11/21.
            (None, [(year, digits), (month, _), (day, _)]) if *digits >= 3 => (*year, *month, *day),
            // 11/21/2026.
            (None, [(month, _), (day, _), (year, digits)]) => (full_year(*year, *digits), *month, *day),
            _ => return None,
        };
        let mut time = self.time.into_iter();
        let mut hour = time.next().unwrap_or_default();
        if let Some(afternoon) = self.afternoon {
            if !(1..=12).contains(&hour) {
                return None;
            }
            hour = hour % 12 + if afternoon { 12 } else { 0 };
        }
        let clock = [hour, time.next().unwrap_or_default(), time.next().unwrap_or_default(), self.milli];
        millis(year, month, day, clock, self.offset.unwrap_or_default())
    }
}

/// Two digits are of 1950 to 2049.
fn full_year(year: i64, digits: usize) -> i64 {
    match year {
        0..=49 if digits <= 2 => year + 2000,
        50..=99 if digits <= 2 => year + 1900,
        _ => year,
    }
}
