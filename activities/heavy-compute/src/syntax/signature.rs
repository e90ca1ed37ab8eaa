//! The parameter text of a signature.
//!
//! Keys hold it, so formatting must not change it: a run of white space is one blank, comments, a trailing comma and
//! blanks at the ends go. What stands inside a string, a template or a regular expression stays as it is.

use super::flat_tree::{FlatTree, NodeId};
use super::node_kind::NodeKind;
use super::text::{is_blank, lossy, prefix};

/// Parameter lists can nest in default values, each repeating the inner ones; the cap keeps the sum linear. It is
/// applied after the clean-up, so formatting cannot move it.
const MAX_PARAMETERS: usize = 4096;

/// How much text may wait to be written: the cap is noticed only after writing.
const FLUSH: u32 = 1024;

/// The text between the parentheses of a parameter list, or the bare parameter of an arrow function.
pub(super) fn parameter_text(tree: &FlatTree<'_>, list: NodeId) -> String {
    let node = tree.node(list);
    let mut text = ParameterText::new(tree.source(), node.start, node.end);
    let mut id = list.saturating_add(1);
    while id < node.next && !text.is_full() {
        let part = tree.node(id);
        match treatment(part.kind) {
            Treatment::Look => {
                text.reach(part.start);
                id = id.saturating_add(1);
                continue;
            }
            Treatment::Drop => text.drop(part.start, part.end),
            Treatment::Blank => text.blank(part.start, part.end),
            Treatment::Keep => text.keep(part.start, part.end),
        }
        id = part.next.max(id.saturating_add(1));
    }
    text.finish()
}

/// The text of a parameter list in the making: a language names the parts that are not plain code, in source order.
pub(super) struct ParameterText<'s> {
    source: &'s [u8],
    /// What stands before is written.
    at: u32,
    end: u32,
    writer: Writer,
}

impl<'s> ParameterText<'s> {
    pub(super) fn new(source: &'s [u8], start: u32, end: u32) -> Self {
        Self { source, at: start, end, writer: Writer::default() }
    }

    /// Whether more text would be cut off.
    pub(super) fn is_full(&self) -> bool {
        self.writer.out.len() > MAX_PARAMETERS
    }

    /// Says that up to here there is only code.
    pub(super) fn reach(&mut self, start: u32) {
        if start.saturating_sub(self.at) > FLUSH {
            self.code(start);
        }
    }

    /// A comment, or what else is to be as if it had never been written.
    pub(super) fn drop(&mut self, start: u32, end: u32) {
        self.code(start);
        self.writer.comment();
        self.at = self.at.max(end);
    }

    /// What counts as white space.
    fn blank(&mut self, start: u32, end: u32) {
        self.code(start);
        self.writer.blank();
        self.at = self.at.max(end);
    }

    /// A literal.
    pub(super) fn keep(&mut self, start: u32, end: u32) {
        self.code(start);
        self.writer.verbatim(&lossy(self.source, start, end));
        self.at = self.at.max(end);
    }

    pub(super) fn finish(mut self) -> String {
        if !self.is_full() {
            self.code(self.end);
        }
        finish(&self.writer.out)
    }

    fn code(&mut self, end: u32) {
        self.writer.code(&lossy(self.source, self.at, end));
        self.at = self.at.max(end);
    }
}

#[derive(PartialEq, Eq)]
enum Treatment {
    Look,
    Drop,
    Blank,
    Keep,
}

fn treatment(kind: NodeKind) -> Treatment {
    match kind {
        NodeKind::Comment => Treatment::Drop,
        NodeKind::LineContinuation => Treatment::Blank,
        NodeKind::String | NodeKind::TemplateString | NodeKind::Regex | NodeKind::JsxText => Treatment::Keep,
        _ => Treatment::Look,
    }
}

fn finish(text: &str) -> String {
    let text = text.strip_prefix('(').unwrap_or(text);
    let text = text.strip_suffix(')').unwrap_or(text).trim_matches(is_blank);
    let text = text.strip_suffix(',').unwrap_or(text).trim_end_matches(is_blank);
    prefix(text, MAX_PARAMETERS).to_owned()
}

#[derive(Default)]
struct Writer {
    out: String,
    /// White space since the last token.
    blank: bool,
    /// A comment since the last token.
    commented: bool,
    /// White space before that comment.
    blank_before_comment: bool,
}

impl Writer {
    fn code(&mut self, code: &str) {
        for c in code.chars() {
            if is_blank(c) {
                self.blank = true;
            } else {
                self.token_starts(c);
                self.out.push(c);
            }
        }
    }

    fn verbatim(&mut self, text: &str) {
        if let Some(first) = text.chars().next() {
            self.token_starts(first);
            self.out.push_str(text);
        }
    }

    fn blank(&mut self) {
        self.blank = true;
    }

    fn comment(&mut self) {
        self.blank_before_comment |= self.blank;
        self.blank = false;
        self.commented = true;
    }

    fn token_starts(&mut self, next: char) {
        if self.blank || (self.commented && self.blank_without_comment(next)) {
            self.out.push(' ');
        }
        self.blank = false;
        self.commented = false;
        self.blank_before_comment = false;
    }

    /// Whether there would be a blank before `next`, which a comment touches, had the comment never been written:
    /// `a /* why */, b` must read as `a, b` does, and `a, /* why */b` as well.
    fn blank_without_comment(&self, next: char) -> bool {
        if self.blank_before_comment {
            return !matches!(next, ',' | ';' | ':' | '?' | ')' | ']' | '}' | '>');
        }
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        word(next) && self.out.chars().next_back().is_some_and(word)
    }
}
