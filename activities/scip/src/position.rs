//! From a line and a character to a byte of the source text.
//!
//! What a character is, and what ends a line, differ by indexer: [`Convention::of`] knows both. A byte order mark at the start
//! of a file counts as a character here; give the text without it for an indexer that drops it.

use std::ops;

use crate::proto::PositionEncoding;
use crate::range::{Position, Range};

/// The code unit that a character number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Two for a character beyond U+FFFF, else one.
    Utf16,
    /// Code points.
    Utf32,
}

impl Encoding {
    /// The encoding that a document says (its `position_encoding`), else the one that the indexer is known to use.
    ///
    /// scip-typescript and scip-python leave the field empty and count UTF-16, as the compilers do that they are built on
    /// (checked on lines with other characters). scip-go leaves it empty in older versions and counts bytes (by its
    /// documentation of token positions). `None` for an unknown tool that does not say.
    #[must_use]
    pub fn of(document: i32, tool: &str) -> Option<Self> {
        match PositionEncoding::try_from(document) {
            Ok(PositionEncoding::Utf8) => Some(Self::Utf8),
            Ok(PositionEncoding::Utf16) => Some(Self::Utf16),
            Ok(PositionEncoding::Utf32) => Some(Self::Utf32),
            Ok(PositionEncoding::Unspecified) | Err(_) => match tool {
                "scip-typescript" | "scip-python" => Some(Self::Utf16),
                "scip-go" => Some(Self::Utf8),
                _ => None,
            },
        }
    }
}

/// What ends a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LineBreaks {
    /// A line feed. A carriage return before it is still part of the line.
    LineFeed,
    /// A line feed, a carriage return, or both: what editors and Python's parser take.
    CarriageReturn,
    /// Those and the two separators of Unicode, U+2028 and U+2029: what ECMAScript says.
    EcmaScript,
}

/// How an indexer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Convention {
    /// Characters.
    pub encoding: Encoding,
    /// Lines.
    pub line_breaks: LineBreaks,
}

impl Convention {
    /// Encoding as [`Encoding::of`], bytes where nothing is known; line breaks of the language of the tool.
    #[must_use]
    pub fn of(document: i32, tool: &str) -> Self {
        let line_breaks = match tool {
            "scip-typescript" => LineBreaks::EcmaScript,
            "scip-python" => LineBreaks::CarriageReturn,
            _ => LineBreaks::LineFeed,
        };
        Self { encoding: Encoding::of(document, tool).unwrap_or(Encoding::Utf8), line_breaks }
    }
}

/// One line without its break.
#[derive(Debug, Clone, Copy)]
struct Line {
    start: usize,
    end: usize,
    ascii: bool,
}

/// Where the lines of a text are.
#[derive(Debug, Clone)]
pub struct LineTable<'t> {
    text: &'t str,
    encoding: Encoding,
    lines: Vec<Line>,
}

impl<'t> LineTable<'t> {
    /// Reads the text once.
    #[must_use]
    pub fn new(text: &'t str, convention: Convention) -> Self {
        let mut lines = Vec::new();
        let mut line = Line { start: 0, end: 0, ascii: true };
        let mut bytes = text.bytes().enumerate().peekable();
        let other_breaks = convention.line_breaks != LineBreaks::LineFeed;
        let separators = convention.line_breaks == LineBreaks::EcmaScript;
        while let Some((at, byte)) = bytes.next() {
            let next = match byte {
                b'\n' => at + 1,
                b'\r' if other_breaks => at + 1 + usize::from(bytes.next_if(|&(_, next)| next == b'\n').is_some()),
                0xE2 if separators && text.get(at..).is_some_and(|rest| rest.starts_with(['\u{2028}', '\u{2029}'])) => {
                    bytes.nth(1);
                    at + '\u{2028}'.len_utf8()
                }
                _ => {
                    line.ascii &= byte.is_ascii();
                    continue;
                }
            };
            line.end = at;
            lines.push(line);
            line = Line { start: next, end: next, ascii: true };
        }
        line.end = text.len();
        lines.push(line);
        Self { text, encoding: convention.encoding, lines }
    }

    /// How many lines there are: one more than breaks.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.lines.len()
    }

    /// The byte at a position. `None` if there is no such line, the line is shorter, or the position is inside of a
    /// character. The end of a line, before its break, is a position.
    #[must_use]
    pub fn offset(&self, position: Position) -> Option<usize> {
        let line = self.lines.get(usize::try_from(position.line).ok()?)?;
        let character = usize::try_from(position.character).ok()?;
        let text = self.text.get(line.start..line.end)?;
        let inside = if line.ascii {
            (character <= text.len()).then_some(character)?
        } else {
            match self.encoding {
                Encoding::Utf8 => text.is_char_boundary(character).then_some(character)?,
                Encoding::Utf16 => units_in(text, character, char::len_utf16)?,
                Encoding::Utf32 => units_in(text, character, |_| 1)?,
            }
        };
        Some(line.start + inside)
    }

    /// The bytes of a range. `None` if one of its ends is not in the text.
    #[must_use]
    pub fn span(&self, range: Range) -> Option<ops::Range<usize>> {
        let (start, end) = (self.offset(range.start)?, self.offset(range.end)?);
        (start <= end).then_some(start..end)
    }

    /// The text of a range.
    #[must_use]
    pub fn slice(&self, range: Range) -> Option<&'t str> {
        self.text.get(self.span(range)?)
    }
}

/// Bytes of the first `wanted` units of `text`.
fn units_in(text: &str, wanted: usize, units: impl Fn(char) -> usize) -> Option<usize> {
    let mut passed = 0;
    for (at, found) in text.char_indices() {
        if passed >= wanted {
            return (passed == wanted).then_some(at);
        }
        passed += units(found);
    }
    (passed == wanted).then_some(text.len())
}
