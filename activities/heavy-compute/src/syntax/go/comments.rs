//! Documentation: the comments that end on the line before a declaration, without a blank line between them.

use super::super::flat_tree::{FlatTree, NodeId};
use super::super::node_kind::NodeKind;
use super::super::text::slice;

/// Comments that stand together.
struct Group {
    first: NodeId,
    last: NodeId,
    end: u32,
    /// Comments behind code on the same line belong to that code.
    is_trailing: bool,
}

#[derive(Default)]
pub(super) struct Comments {
    groups: Vec<Group>,
}

impl Comments {
    /// Takes the comments in the order of the source.
    pub(super) fn add(&mut self, tree: &FlatTree<'_>, comment: NodeId) {
        let node = tree.node(comment);
        if let Some(group) = self.groups.last_mut()
            && let Some(breaks) = line_breaks_between(tree, group.end, node.start)
            && breaks <= u32::from(!group.is_trailing)
        {
            group.last = comment;
            group.end = node.end;
            return;
        }
        let before = tree.source().get(..node.start as usize).unwrap_or_default();
        let code = before.iter().rev().find(|byte| **byte == b'\n' || !byte.is_ascii_whitespace());
        let is_trailing = code.is_some_and(|byte| *byte != b'\n') && !is_byte_order_mark(before);
        self.groups.push(Group { first: comment, last: comment, end: node.end, is_trailing });
    }

    pub(super) fn doc_before(&self, tree: &FlatTree<'_>, start: u32) -> Option<String> {
        let next = self.groups.partition_point(|group| group.end <= start);
        let group = self.groups.get(next.checked_sub(1)?)?;
        let breaks = line_breaks_between(tree, group.end, start)?;
        if group.is_trailing || breaks > 1 {
            return None;
        }
        let comments = (group.first..=group.last).filter(|id| tree.kind(*id) == NodeKind::Comment);
        let mut lines: Vec<String> = Vec::new();
        for comment in comments {
            clean(&tree.text(comment), &mut lines);
        }
        let text = lines.join("\n");
        let text = text.trim_matches('\n').trim_end();
        (!text.trim().is_empty()).then(|| text.to_owned())
    }
}

fn is_byte_order_mark(before: &[u8]) -> bool {
    before == "\u{feff}".as_bytes()
}

/// How many lines end between two places with nothing but white space between them, at most two. From the end, because
/// many declarations can ask for the same comment.
fn line_breaks_between(tree: &FlatTree<'_>, start: u32, end: u32) -> Option<u32> {
    let mut breaks = 0;
    for byte in slice(tree.source(), start, end).iter().rev() {
        match byte {
            b'\n' if breaks == 1 => return Some(2),
            b'\n' => breaks = 1,
            byte if byte.is_ascii_whitespace() => {}
            _ => return None,
        }
    }
    Some(breaks)
}

fn clean(comment: &str, lines: &mut Vec<String>) {
    if let Some(line) = comment.strip_prefix("//") {
        if !is_directive(line) {
            lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned());
        }
        return;
    }
    let inner = comment.strip_prefix("/*").unwrap_or(comment);
    let inner = inner.strip_suffix("*/").unwrap_or(inner);
    // `/**`, or a column of stars.
    let inner = inner.strip_prefix('*').unwrap_or(inner);
    let has_stars = inner.lines().skip(1).all(|line| line.trim().is_empty() || line.trim_start().starts_with('*'));
    let indent = inner
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    for (number, line) in inner.lines().enumerate() {
        let line = if number == 0 {
            line.trim_start()
        } else if has_stars {
            let line = line.trim_start();
            line.strip_prefix("* ").or_else(|| line.strip_prefix('*')).unwrap_or(line)
        } else {
            line.get(indent..).unwrap_or_else(|| line.trim_start())
        };
        lines.push(line.trim_end().to_owned());
    }
}

/// `//go:noinline`, `//nolint:all`, `//line x.go:1`, `//export F`: words for tools, which touch the slashes.
fn is_directive(line: &str) -> bool {
    if ["line ", "extern ", "export "].iter().any(|word| line.starts_with(word)) {
        return true;
    }
    let Some((tool, rest)) = line.split_once(':') else { return false };
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !tool.is_empty() && tool.chars().all(word) && rest.starts_with(word)
}

#[cfg(test)]
mod tests {
    use super::{clean, is_directive};

    fn cleaned(comment: &str) -> String {
        let mut lines = Vec::new();
        clean(comment, &mut lines);
        lines.join("\n")
    }

    #[test]
    fn the_frame_goes_and_the_indentation_of_examples_stays() {
        assert_eq!(cleaned("//\tf(1)"), "\tf(1)");
        assert_eq!(cleaned("//  two\r"), " two");
        assert_eq!(cleaned("/* One. */"), "One.");
        assert_eq!(cleaned("/*\n\tFirst.\n\n\t\tf(1)\n*/"), "\nFirst.\n\n\tf(1)");
        assert_eq!(cleaned("/**\n * First.\n *   Deeper.\n */"), "\nFirst.\n  Deeper.\n");
        assert_eq!(cleaned("/*"), "");
        assert_eq!(cleaned("/*\n\u{3000}a\n é*/"), "\na\né");
    }

    #[test]
    fn only_what_touches_the_slashes_is_a_directive() {
        for line in ["go:build linux", "nolint:all", "line a.go:1", "export F"] {
            assert!(is_directive(line), "{line}");
        }
        for line in [" go:build linux", "Note: this", "todo: later", "go:", "exported", ""] {
            assert!(!is_directive(line), "{line}");
        }
    }
}
