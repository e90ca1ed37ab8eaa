//! Work-around for constructs the TypeScript grammar cannot read.
//!
//! `import("x").T[]` and `typeof import("x")` in types, and a bare `&` in JSX text, leave error nodes that can swallow
//! the whole file. Each is overwritten with something of the same length that parses alike, so every offset still
//! points into the original.

use std::ops::Range;

use tree_sitter::Tree;

use super::text::is_blank;

/// A copy with the troublesome constructs overwritten, or nothing if there are none where the tree has errors.
pub(super) fn heal(source: &[u8], tree: &Tree) -> Option<Vec<u8>> {
    heal_within(source, &broken_statements(tree))
}

/// The statements of the file that hold errors: what stands elsewhere, in a comment for instance, troubles nobody.
fn broken_statements(tree: &Tree) -> Vec<Range<usize>> {
    let root = tree.root_node();
    let mut cursor = root.walk();
    let broken = root.children(&mut cursor).filter(|child| child.has_error() || child.is_error());
    let mut ranges: Vec<Range<usize>> = broken.map(|child| child.byte_range()).collect();
    if root.is_error() || ranges.is_empty() {
        ranges = vec![0..usize::MAX];
    }
    ranges
}

fn heal_within(source: &[u8], broken: &[Range<usize>]) -> Option<Vec<u8>> {
    let mut healed: Option<Vec<u8>> = None;
    let mut broken = broken.iter();
    let mut range = broken.next()?;
    let mut at = range.start;
    while let Some(byte) = source.get(at) {
        if at >= range.end {
            match broken.next() {
                Some(next) => {
                    range = next;
                    at = range.start.max(at);
                    continue;
                }
                None => break,
            }
        }
        let end = match byte {
            b'i' => import_type_end(source, at),
            b'&' => lone_ampersand(source, at).then_some(at + 1),
            _ => None,
        };
        let Some(end) = end else {
            at += 1;
            continue;
        };
        let fill = if *byte == b'&' { b'|' } else { b'_' };
        let copy = healed.get_or_insert_with(|| source.to_vec());
        if let Some(part) = copy.get_mut(at..end) {
            part.fill(fill);
        }
        at = end;
    }
    healed
}

fn lone_ampersand(source: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| source.get(before));
    let blank = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_whitespace);
    blank(before) && blank(source.get(at + 1))
}

/// The end of `import("..")` and the dot behind it.
fn import_type_end(source: &[u8], start: usize) -> Option<usize> {
    let before = start.checked_sub(1).and_then(|before| source.get(before));
    if before.is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.')) {
        return None;
    }
    let rest = source.get(start..)?.strip_prefix(b"import")?;
    let rest = skip_blanks(rest).strip_prefix(b"(")?;
    let rest = skip_blanks(rest);
    let quote = *rest.first().filter(|byte| matches!(byte, b'"' | b'\''))?;
    let inner = rest.get(1..)?;
    let close = inner.iter().position(|byte| *byte == quote || *byte == b'\n' || *byte == b'\\')?;
    let rest = inner.get(close..)?.strip_prefix(&[quote])?;
    let rest = skip_blanks(rest).strip_prefix(b")")?;
    let end = skip_blanks(rest).strip_prefix(b".").unwrap_or(rest);
    Some(source.len() - end.len())
}

fn skip_blanks(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().take_while(|byte| is_blank(char::from(**byte)) && byte.is_ascii()).count();
    bytes.get(blanks..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::heal_within;

    fn healed(source: &str) -> String {
        heal_within(source.as_bytes(), &[0..usize::MAX])
            .map_or_else(|| source.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn keeps_the_length_and_the_name_behind_the_import() {
        assert_eq!(healed("let a: import(\"x\").T[];"), "let a: ____________T[];");
        assert_eq!(healed("typeof import ( 'x' )"), "typeof ______________");
        assert_eq!(healed("<p>a & b &amp; c</p>"), "<p>a | b &amp; c</p>");
    }

    #[test]
    fn leaves_other_text_alone() {
        for source in ["reimport(\"x\")", "import(x)", "import(\"a\nb\")", "a&&b", "import(\"x", "i"] {
            assert_eq!(healed(source), source);
        }
    }
}
