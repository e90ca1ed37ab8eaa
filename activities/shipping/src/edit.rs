//! What is replaced in text before anything is made of it.

use std::{borrow::Cow, ops::Range};

/// Why something is replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It is a secret.
    Secret,
    /// It is media of so many bytes.
    Media(u64),
}

/// One replacement, inside a string literal; what comes in needs no escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) range: Range<usize>,
    pub(crate) text: Cow<'static, str>,
    pub(crate) cause: Cause,
}

/// Puts edits in order, and makes one of those that overlap: the one that starts first, and of those the longest, takes in all.
pub(crate) fn settle(edits: &mut Vec<Edit>) {
    edits.sort_by(|a, b| a.range.start.cmp(&b.range.start).then(b.range.end.cmp(&a.range.end)));
    edits.dedup_by(|later, kept| {
        let overlap = later.range.start < kept.range.end;
        if overlap {
            kept.range.end = kept.range.end.max(later.range.end);
        }
        overlap
    });
}

/// A part of a text, with the settled edits in it made; `start` is where in the whole text the part stands.
pub(crate) fn apply(part: &str, start: usize, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(part.len());
    let mut at = 0;
    for edit in edits {
        let (from, to) = (edit.range.start.saturating_sub(start), edit.range.end.saturating_sub(start));
        let (Some(before), Some(_)) = (part.get(at..from), part.get(to..)) else { continue };
        out.push_str(before);
        out.push_str(&edit.text);
        at = to;
    }
    out.push_str(part.get(at..).unwrap_or_default());
    out
}
