//! The query of a request. A key may be repeated; the first value that is not empty counts.

use std::borrow::Cow;

use axum::http::Uri;

/// Keys and values, decoded.
#[derive(Debug, Clone, Default)]
pub struct Query<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Query<'a> {
    /// The query of `uri`.
    pub fn of(uri: &'a Uri) -> Self {
        let pairs = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
                .map(|(k, v)| (decoded(k), decoded(v)))
                .collect(),
        )
    }

    /// The first value of `key` that is not empty.
    pub fn first(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, value)| name == key && !value.is_empty()).map(|(_, value)| value.as_ref())
    }

    /// The same as a text of one's own.
    pub fn text(&self, key: &str) -> Option<String> {
        self.first(key).map(str::to_owned)
    }

    /// The digits at the start of the value, as the existing server reads numbers; none when there are none.
    pub fn number(&self, key: &str) -> Option<i64> {
        let value = self.first(key)?.trim_start();
        let (sign, digits) = match value.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, value.strip_prefix('+').unwrap_or(value)),
        };
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let number: i64 = digits.get(..end)?.parse().ok()?;
        Some(sign * number)
    }

    /// Whether `key` is given and says yes.
    pub fn flag(&self, key: &str) -> bool {
        self.first(key).is_some_and(|value| matches!(value, "1" | "true" | "yes"))
    }
}

fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (byte, _) => bytes.push(*byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_decoded_and_repeated_keys_are_no_error() {
        let uri: Uri = "/x?a=&a=1+2%C3%A9%zz&b=12abc&a=3&c&d=-4&e=x&v=1".parse().unwrap();
        let query = Query::of(&uri);
        assert_eq!(query.first("a"), Some("1 2é%zz"));
        assert_eq!((query.first("c"), query.first("none")), (None, None));
        assert_eq!((query.number("b"), query.number("d"), query.number("e")), (Some(12), Some(-4), None));
        assert!(query.flag("v") && !query.flag("b"));
    }
}
