//! Lines of a bounded length.

use std::io::{self, BufRead};

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// A line without its end.
    Whole(Vec<u8>),
    /// A line that is longer than it may be, passed over to its end.
    TooLong,
}

/// Reads a line; none at the end. What follows the last line break is a line if it is not empty.
///
/// # Errors
/// Those of `input`.
pub(crate) fn read_line(input: &mut dyn BufRead, longest: usize) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if available.is_empty() {
            return Ok(match (too_long, line.is_empty()) {
                (true, _) => Some(Line::TooLong),
                (false, true) => None,
                (false, false) => Some(Line::Whole(line)),
            });
        }
        let end = memchr::memchr(b'\n', available);
        let part = available.get(..end.unwrap_or(available.len())).unwrap_or(available);
        if too_long || line.len() + part.len() > longest {
            too_long = true;
            line = Vec::new();
        } else {
            line.extend_from_slice(part);
        }
        let used = part.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            return Ok(Some(if too_long { Line::TooLong } else { Line::Whole(line) }));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(text: &[u8], capacity: usize) -> Vec<Line> {
        let mut input = BufReader::with_capacity(capacity, text);
        std::iter::from_fn(|| read_line(&mut input, 4).unwrap()).collect()
    }

    #[test]
    fn a_line_that_is_too_long_does_not_spoil_the_next() {
        let whole = |text: &str| Line::Whole(text.into());
        for capacity in [1, 3, 4, 5, 64] {
            let found = lines(b"\nabcd\nabcde\nfg\nabcdefghijklmnop\nh", capacity);
            assert_eq!(found, [whole(""), whole("abcd"), Line::TooLong, whole("fg"), Line::TooLong, whole("h")]);
            assert_eq!(lines(b"abcdefg", capacity), [Line::TooLong]);
            assert_eq!(lines(b"a\n", capacity), [whole("a")]);
            assert_eq!(lines(b"", capacity), []);
        }
    }
}
