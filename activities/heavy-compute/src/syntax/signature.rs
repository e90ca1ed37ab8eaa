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
    let mut writer = Writer::default();
    let mut at = node.start;
    let mut id = list.saturating_add(1);
    while id < node.next && writer.out.len() <= MAX_PARAMETERS {
        let part = tree.node(id);
        let treatment = treatment(part.kind);
        if treatment == Treatment::Look {
            if part.start.saturating_sub(at) > FLUSH {
                writer.code(&lossy(tree.source(), at, part.start));
                at = part.start;
            }
            id = id.saturating_add(1);
            continue;
        }
        writer.code(&lossy(tree.source(), at, part.start));
        match treatment {
            Treatment::Drop => writer.comment(),
            Treatment::Blank => writer.blank(),
            _ => writer.verbatim(&lossy(tree.source(), part.start, part.end)),
        }
        at = at.max(part.end);
        id = part.next.max(id.saturating_add(1));
    }
    if writer.out.len() <= MAX_PARAMETERS {
        writer.code(&lossy(tree.source(), at, node.end));
    }
    finish(&writer.out)
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
