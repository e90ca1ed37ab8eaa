//! Comments and attributes right before a definition, and the text of its documentation.

use std::ops::Range;

use super::super::doc_comment::{clean_block, is_doc_block, join_trimmed};
use super::super::text::{lossy, slice};
use super::Span;
use super::language::Language;

/// The comments and attributes that the sweep has just passed, with nothing but white space between them.
#[derive(Default)]
pub(super) struct Lead {
    /// Where it ends; 0 if there is none.
    end: u32,
    /// The first attribute, which belongs to the definition.
    attributes_from: Option<u32>,
    /// Index of the first of its comments.
    first: usize,
    /// How many comments there were when it was looked at last.
    known: usize,
}

impl Lead {
    /// Notes a comment; answers it if it may document what follows.
    pub(super) fn comment(&mut self, language: Language, source: &[u8], place: Span) -> Option<Span> {
        if !self.goes_on(source, place.start, language.any_comment_documents()) {
            *self = Self { first: self.known, known: self.known, ..Self::default() };
            if !starts_line(source, place.start) {
                return None;
            }
        }
        self.end = place.end;
        let text = place.bytes(source);
        let documents = language.any_comment_documents()
            || is_doc_block(text)
            || (text.starts_with(b"///") && text.get(3) != Some(&b'/') && language != Language::Php);
        documents.then_some(place)
    }

    /// Says how many comments there are now.
    pub(super) fn settle(&mut self, known: usize) {
        self.known = known;
    }

    pub(super) fn attribute(&mut self, source: &[u8], place: Span, known: usize) {
        if !self.goes_on(source, place.start, false) {
            *self = Self { first: known, known, ..Self::default() };
        }
        self.end = place.end;
        self.attributes_from.get_or_insert(place.start);
    }

    /// What belongs to a definition that starts here: its first byte and its comments.
    pub(super) fn take(&mut self, language: Language, source: &[u8], start: u32, known: usize) -> (u32, Range<usize>) {
        let lead = std::mem::take(self);
        self.known = known;
        self.first = known;
        if !lead.goes_on(source, start, language.any_comment_documents()) {
            return (start, 0..0);
        }
        (lead.attributes_from.unwrap_or(start), lead.first..known)
    }

    /// Whether nothing but white space, and no blank line where one would end it, stands before `start`.
    fn goes_on(&self, source: &[u8], start: u32, blank_line_ends: bool) -> bool {
        if self.end == 0 || self.end > start {
            return false;
        }
        let gap = slice(source, self.end, start);
        let mut breaks = 0;
        gap.iter().all(|byte| {
            breaks += usize::from(*byte == b'\n');
            byte.is_ascii_whitespace() && !(blank_line_ends && breaks > 1)
        })
    }
}

/// Whether only white space stands before on the line: a comment behind code belongs to that code.
fn starts_line(source: &[u8], start: u32) -> bool {
    let before = slice(source, 0, start).iter().rev();
    before.take_while(|byte| **byte != b'\n').all(u8::is_ascii_whitespace)
}

/// The text of comments that stand together, without what makes them comments; nothing if there is none.
pub(super) fn clean(comments: &[Span], source: &[u8]) -> Option<String> {
    let mut lines: Vec<String> = Vec::new();
    for comment in comments {
        let text = lossy(source, comment.start, comment.end);
        let text = text.trim_end();
        if let Some(rest) = text.strip_prefix("/*") {
            let block = clean_block(&format!("/**{}", rest.trim_start_matches(['*', '!'])));
            lines.extend(block.iter().flat_map(|block| block.lines()).map(str::to_owned));
        } else if let Some(rest) = text.strip_prefix("=begin") {
            let inner = rest.strip_suffix("=end").unwrap_or(rest);
            lines.extend(inner.trim_matches(['\r', '\n']).lines().map(str::to_owned));
        } else {
            let line = ["///", "//!", "//", "#"].iter().find_map(|mark| text.strip_prefix(mark)).unwrap_or(text);
            lines.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
        }
    }
    join_trimmed(lines.iter().map(String::as_str))
}
