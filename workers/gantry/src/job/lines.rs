//! Splits a stream of any bytes into lines, and remembers where it is.

use std::io::{self, BufRead};

use sha2::{Digest, Sha256};

/// A place between two lines: all before it has been read.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    /// Bytes before it.
    pub(crate) offset: u64,
    /// Ends of lines before it.
    pub(crate) newlines: u64,
    hash: Sha256,
}

impl Mark {
    fn start() -> Self {
        Self { offset: 0, newlines: 0, hash: Sha256::new() }
    }

    /// SHA-256 of all bytes before it, 64 hexadecimal digits.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(self.hash.clone().finalize())
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.offset += u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.hash.update(bytes);
    }
}

/// A line.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: u64,
    /// Without its end and without a byte order mark; `None` when it is longer than the limit.
    pub(crate) text: Option<Vec<u8>>,
    /// The place behind it.
    pub(crate) after: Mark,
}

/// The lines of a stream. No more than one is held at a time.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    source: R,
    limit: usize,
    mark: Mark,
}

impl<R: BufRead> Lines<R> {
    /// The lines of a stream, each of at most `limit` bytes.
    pub(crate) fn new(source: R, limit: usize) -> Self {
        Self { source, limit, mark: Mark::start() }
    }

    /// Passes over the first bytes; the place behind them, which is before `offset` only if the stream ends there.
    pub(crate) fn pass(&mut self, offset: u64, newlines: u64) -> io::Result<&Mark> {
        while self.mark.offset < offset {
            let chunk = retried(&mut self.source)?;
            let left = usize::try_from(offset - self.mark.offset).unwrap_or(usize::MAX);
            let chunk = &chunk[..chunk.len().min(left)];
            if chunk.is_empty() {
                break;
            }
            self.mark.pass(chunk);
            let length = chunk.len();
            self.source.consume(length);
        }
        self.mark.newlines = newlines;
        Ok(&self.mark)
    }

    /// The place that it has come to.
    pub(crate) fn mark(&self) -> &Mark {
        &self.mark
    }

    /// The next line.
    pub(crate) fn next(&mut self) -> io::Result<Option<Line>> {
        let first = self.mark.offset == 0;
        let number = self.mark.newlines + 1;
        let mut text = Some(Vec::new());
        let mut any = false;
        loop {
            let chunk = retried(&mut self.source)?;
            if chunk.is_empty() {
                break;
            }
            any = true;
            let end = chunk.iter().position(|byte| *byte == b'\n');
            let part = &chunk[..end.unwrap_or(chunk.len())];
            text = text.filter(|text| text.len() + part.len() <= self.limit);
            if let Some(text) = &mut text {
                text.extend_from_slice(part);
            }
            let length = part.len() + usize::from(end.is_some());
            self.mark.pass(&chunk[..length]);
            self.source.consume(length);
            if end.is_some() {
                self.mark.newlines += 1;
                break;
            }
        }
        if !any {
            return Ok(None);
        }
        if let Some(text) = &mut text {
            if text.last() == Some(&b'\r') {
                text.pop();
            }
            if first && text.starts_with(b"\xef\xbb\xbf") {
                text.drain(..3);
            }
        }
        Ok(Some(Line { number, text, after: self.mark.clone() }))
    }
}

/// What can be read now; nothing at the end.
fn retried<R: BufRead>(source: &mut R) -> io::Result<&[u8]> {
    loop {
        match source.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // Asked again for what is there already: the borrow of the first answer would last too long.
            Ok(_) => return source.fill_buf(),
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn all(bytes: &[u8], chunk: usize, limit: usize) -> Vec<Line> {
        let mut lines = Lines::new(BufReader::with_capacity(chunk, bytes), limit);
        std::iter::from_fn(|| lines.next().unwrap()).collect()
    }

    fn texts(bytes: &[u8], chunk: usize, limit: usize) -> Vec<Option<Vec<u8>>> {
        all(bytes, chunk, limit).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn ends_of_lines_marks_and_blanks() {
        let text = |s: &str| Some(s.as_bytes().to_vec());
        assert_eq!(texts(b"", 8, 9), []);
        assert_eq!(texts(b"a\nb", 8, 9), [text("a"), text("b")]);
        assert_eq!(texts(b"a\r\n\r\nb\r", 1, 9), [text("a"), text(""), text("b")]);
        assert_eq!(texts(b"\xef\xbb\xbfa\n\xef\xbb\xbfb\n", 2, 9), [text("a"), Some(b"\xef\xbb\xbfb".to_vec())]);
        assert_eq!(texts(b"\n\n", 8, 9), [text(""), text("")]);
        assert_eq!(texts(b"\xef\xbb\xbf", 8, 9), [text("")]);
    }

    #[test]
    fn a_line_over_the_limit_is_passed_over_and_the_next_one_is_read() {
        let lines = all(b"12345\n123456\n123\n", 4, 5);
        let lengths: Vec<_> = lines.iter().map(|l| (l.number, l.text.as_ref().map(Vec::len))).collect();
        assert_eq!(lengths, [(1, Some(5)), (2, None), (3, Some(3))]);
    }

    /// Bytes with many ends of lines among them.
    fn bytes() -> impl Strategy<Value = Vec<u8>> {
        let byte = prop_oneof![3 => Just(b'\n'), 1 => Just(b'\r'), 1 => Just(0xef), 1 => Just(0xbb), 1 => Just(0xbf), 6 => any::<u8>()];
        proptest::collection::vec(byte, 0..200)
    }

    proptest! {
        #[test]
        fn any_bytes_are_split_alike_however_they_arrive(bytes in bytes(), chunk in 1_usize..70) {
            let lines = all(&bytes, chunk, usize::MAX);
            let last = lines.last().map(|line| line.after.clone()).unwrap_or_else(Mark::start);
            prop_assert_eq!(usize::try_from(last.offset).unwrap(), bytes.len());
            prop_assert_eq!(usize::try_from(last.newlines).unwrap(), bytes.iter().filter(|b| **b == b'\n').count());
            let mut expected: Vec<&[u8]> = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).split(|b| *b == b'\n').collect();
            if bytes.is_empty() || bytes.ends_with(b"\n") {
                expected.pop();
            }
            let expected: Vec<&[u8]> = expected.into_iter().map(|line| line.strip_suffix(b"\r").unwrap_or(line)).collect();
            let found: Vec<&[u8]> = lines.iter().map(|line| line.text.as_deref().unwrap()).collect();
            prop_assert_eq!(found, expected);
            for (n, line) in lines.iter().enumerate() {
                prop_assert_eq!(usize::try_from(line.number).unwrap(), n + 1);
            }
        }

        #[test]
        fn going_on_at_any_mark_gives_the_rest(bytes in bytes(), chunk in 1_usize..70, limit in 0_usize..20) {
            let lines = all(&bytes, chunk, limit);
            for (n, line) in lines.iter().enumerate() {
                let mut rest = Lines::new(BufReader::with_capacity(chunk, bytes.as_slice()), limit);
                let mark = rest.pass(line.after.offset, line.after.newlines).unwrap();
                prop_assert_eq!(mark.offset, line.after.offset);
                prop_assert_eq!(mark.sha256(), line.after.sha256());
                let prefix = &bytes[..usize::try_from(mark.offset).unwrap()];
                prop_assert_eq!(mark.sha256(), hex::encode(Sha256::digest(prefix)));
                for expected in &lines[n + 1..] {
                    let found = rest.next().unwrap().unwrap();
                    prop_assert_eq!((found.number, found.text), (expected.number, expected.text.clone()));
                }
                prop_assert!(rest.next().unwrap().is_none());
            }
        }
    }
}
