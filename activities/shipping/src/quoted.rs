//! Strings in JSON that may itself stand in a string of JSON, and that in another: at each level every quote has more backslashes
//! before it.
//!
//! What is found by rule has to be found at any level, for tools are called with, and answer, JSON in strings. Text is searched
//! as it is written: a line is not read for it, so lines without anything to find cost next to nothing.

/// No member's name that a rule knows is longer, and nothing of a rule is looked for farther away.
pub(crate) const NEAR: usize = 256;

/// How many backslashes stand before an offset.
pub(crate) fn slashes_before(bytes: &[u8], at: usize) -> usize {
    bytes.get(..at).unwrap_or_default().iter().rev().take(NEAR).take_while(|byte| **byte == b'\\').count()
}

/// Passes over a quote of the level that has so many backslashes before each quote.
pub(crate) fn quote(bytes: &[u8], at: usize, slashes: usize) -> Option<usize> {
    let mark = bytes.get(at..at + slashes)?;
    (mark.iter().all(|byte| *byte == b'\\') && bytes.get(at + slashes) == Some(&b'"')).then_some(at + slashes + 1)
}

/// Passes over blanks.
fn space(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take(NEAR).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// From behind the closing quote of a member's name to the first byte of its value, which is a string of the same level.
pub(crate) fn value_of(bytes: &[u8], name_end: usize, slashes: usize) -> Option<usize> {
    let colon = space(bytes, name_end);
    if bytes.get(colon) != Some(&b':') {
        return None;
    }
    quote(bytes, space(bytes, colon + 1), slashes)
}

/// Where a string of a level ends whose first byte stands at an offset: the offset behind its last byte, before the backslashes
/// of its closing quote. `None` when no quote of its line ends it.
pub(crate) fn end_of(bytes: &[u8], start: usize, slashes: usize) -> Option<usize> {
    // A backslash of the string itself is written as so many.
    let period = 2 * (slashes + 1);
    let mut at = start;
    loop {
        let found = at + memchr::memchr2(b'"', b'\n', bytes.get(at..)?)?;
        if bytes.get(found) == Some(&b'\n') {
            return None;
        }
        let run = bytes.get(start..found)?.iter().rev().take_while(|byte| **byte == b'\\').count();
        match run % period {
            rest if rest == slashes => return Some(found - slashes),
            // A quote of a level further inside.
            rest if rest == period - 1 => at = found + 1,
            // A string around this one ends first: the text is torn.
            _ => return None,
        }
    }
}

/// Whether quotes of some level have so many backslashes. Deeper ones than five do not come by themselves.
pub(crate) fn is_level(slashes: usize) -> bool {
    slashes < 32 && (slashes + 1).is_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_ends_where_its_level_says() {
        let mut value = r#"a \"quoted\" \\ one \\\""#.to_owned();
        let mut text = format!(r#"{{"key":"{value}","next":"x"}}"#);
        for slashes in [0, 1, 3, 7] {
            let mark = "\\".repeat(slashes) + "\"";
            let name = text.find(&format!("{mark}key{mark}")).unwrap() + mark.len() + 3;
            let start = value_of(text.as_bytes(), quote(text.as_bytes(), name, slashes).unwrap(), slashes).unwrap();
            assert_eq!(text.get(start..end_of(text.as_bytes(), start, slashes).unwrap()), Some(value.as_str()));
            let literal = |text: &str| serde_json::to_string(text).unwrap();
            (text, value) = (literal(&text), literal(&value));
            value = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap().to_owned();
        }
    }

    #[test]
    fn a_torn_string_has_no_end() {
        // The string around ends, with a backslash before its quote or without.
        assert_eq!(end_of(br#"abc","next":\"x\""#, 0, 1), None);
        assert_eq!(end_of(br#"abc\\","next":\"x\""#, 0, 1), None);
        assert_eq!(end_of(b"abc\n\"", 0, 0), None);
        assert_eq!(end_of(b"abc", 0, 0), None);
    }
}
