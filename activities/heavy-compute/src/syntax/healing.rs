//! Work-around for constructs the TypeScript grammar cannot read.
//!
//! Each is overwritten with something of the same length that parses alike, so every offset still points into the
//! original, and texts are read from there. Variance annotations (`<in out T>`) can be taken out before parsing, since
//! nothing else looks like them. `import("x").T[]` and `typeof import("x")` in types, a bare `&` in JSX text, and call
//! signatures that follow each other without a semicolon do mean something elsewhere, and are only overwritten in
//! statements that did not parse.

use std::ops::Range;

use memchr::memmem;
use tree_sitter::{InputEdit, Point, Tree};

use super::text::is_blank;

/// A copy without the variance annotations of type parameters, or nothing if there are none.
pub(super) fn without_variance(source: &[u8]) -> Option<Vec<u8>> {
    let mut copy: Option<Vec<u8>> = None;
    let words = [&b"out "[..], b"in "];
    let found = words.into_iter().flat_map(|word| memmem::find_iter(source, word).map(move |start| (start, word)));
    for (start, word) in found {
        let end = start + word.len() - 1;
        let before = source.get(..start).unwrap_or_default();
        let parameter = source.get(end + 1).is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
        if parameter && opens_parameter(before, word == b"out ") {
            let copy = copy.get_or_insert_with(|| source.to_vec());
            if let Some(part) = copy.get_mut(start..end) {
                part.fill(b' ');
            }
        }
    }
    copy
}

/// Whether a type parameter can start after this text: behind `<` or a comma, or, before `out`, behind `in`.
fn opens_parameter(before: &[u8], after_in: bool) -> bool {
    let trimmed = before.trim_ascii_end();
    match trimmed.last() {
        Some(b'<') => true,
        Some(b',') => trimmed.len() < before.len(),
        Some(b'n') if after_in => {
            trimmed.len() < before.len() && trimmed.strip_suffix(b"in").is_some_and(|rest| opens_parameter(rest, false))
        }
        _ => false,
    }
}

/// A copy with the troublesome constructs overwritten, or nothing if there are none where the tree has errors.
pub(super) fn heal(source: &[u8], tree: &Tree, jsx: bool) -> Option<Vec<u8>> {
    heal_within(source, &broken_statements(tree), jsx)
}

/// The tree of `source` with a note of every place where `healed`, a text of the same length, differs.
pub(super) fn edited(tree: &Tree, source: &[u8], healed: &[u8]) -> Tree {
    let mut tree = tree.clone();
    let (mut old_line, mut new_line) = (Point::new(0, 0), Point::new(0, 0));
    let mut bytes = source.iter().zip(healed).enumerate().peekable();
    let advance = |at: Point, byte: u8| match byte {
        b'\n' => Point::new(at.row + 1, 0),
        _ => Point::new(at.row, at.column + 1),
    };
    while let Some((at, (old, new))) = bytes.next() {
        let start = new_line;
        let mut end = at + 1;
        let differs = old != new;
        (old_line, new_line) = (advance(old_line, *old), advance(new_line, *new));
        if !differs {
            continue;
        }
        while let Some((at, (old, new))) = bytes.next_if(|(_, (old, new))| old != new) {
            (old_line, new_line) = (advance(old_line, *old), advance(new_line, *new));
            end = at + 1;
        }
        tree.edit(&InputEdit {
            start_byte: at,
            old_end_byte: end,
            new_end_byte: end,
            start_position: start,
            old_end_position: old_line,
            new_end_position: new_line,
        });
        // From here on the tree has the lines of the new text.
        old_line = new_line;
    }
    tree
}

/// How many statements of the file hold errors.
pub(super) fn broken_count(tree: &Tree) -> usize {
    if tree.root_node().has_error() { broken_statements(tree).len() } else { 0 }
}

/// The statements of the file that hold errors: what stands elsewhere, in a comment for instance, troubles nobody.
fn broken_statements(tree: &Tree) -> Vec<Range<usize>> {
    let root = tree.root_node();
    let mut cursor = root.walk();
    let broken = root.children(&mut cursor).filter(|child| child.has_error() || child.is_error());
    let mut ranges: Vec<Range<usize>> = broken.map(|child| child.byte_range()).collect();
    if root.is_error() || ranges.is_empty() {
        ranges = vec![Range { start: 0, end: usize::MAX }];
    }
    ranges
}

fn heal_within(source: &[u8], broken: &[Range<usize>], jsx: bool) -> Option<Vec<u8>> {
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
        if *byte == b'<'
            && !jsx
            && let Some(gap) = gap_before_signature(source, at)
            && let Some(blank) = healed.get_or_insert_with(|| source.to_vec()).get_mut(gap)
        {
            *blank = b';';
        }
        let end = match byte {
            b'i' => import_type_end(source, at),
            b'&' if jsx => lone_ampersand(source, at).then_some(at + 1),
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

/// How many comments, or lines of them, may stand between two signatures.
const MAX_COMMENTS: usize = 16;
/// Bytes before a signature that are looked at.
const MAX_GAP: usize = 16 * 1024;

/// Where the semicolon is missing between a type and a call signature with type parameters, `.. => T` and `<A>(a: A) ..`:
/// the blank right behind the type. Comments may stand between the two.
fn gap_before_signature(source: &[u8], at: usize) -> Option<usize> {
    let parameter = source.get(at + 1..)?.trim_ascii_start();
    if !parameter.first()?.is_ascii_uppercase() && !parameter.starts_with(b"const ") {
        return None;
    }
    let begin = at.saturating_sub(MAX_GAP);
    let mut before = source.get(begin..at)?.trim_ascii_end();
    for _ in 0..MAX_COMMENTS {
        let comment = match before.strip_suffix(b"*/") {
            Some(comment) => memmem::rfind(comment, b"/*")?,
            None => {
                let line = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
                if !before.get(line..)?.trim_ascii_start().starts_with(b"//") {
                    break;
                }
                line
            }
        };
        before = before.get(..comment)?.trim_ascii_end();
    }
    let type_ends = before.last().is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'>' | b']' | b')' | b'}' | b'"' | b'\'' | b'_')
    });
    let gap = begin + before.len();
    let between = source.get(gap..at)?;
    (type_ends && !before.ends_with(b"=>") && between.contains(&b'\n')).then_some(gap)
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
    use super::{heal_within, without_variance};

    const EVERYWHERE: std::ops::Range<usize> = 0..usize::MAX;

    fn healed(source: &str) -> String {
        heal_within(source.as_bytes(), &[EVERYWHERE], true)
            .map_or_else(|| source.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn keeps_the_length_and_the_name_behind_the_import() {
        assert_eq!(healed("let a: import(\"x\").T[];"), "let a: ____________T[];");
        assert_eq!(healed("typeof import ( 'x' )"), "typeof ______________");
        assert_eq!(healed("<p>a & b &amp; c</p>"), "<p>a | b &amp; c</p>");
    }

    #[test]
    fn variance_is_taken_out_of_type_parameters_alone() {
        let plain = |source: &str| {
            without_variance(source.as_bytes()).map_or(source.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
        };
        assert_eq!(plain("interface A<in out K, out V = 1, in out W>"), "interface A<       K,     V = 1,        W>");
        assert_eq!(plain("type E<in A> = 1"), "type E<   A> = 1");
        for other in ["x in y", "for (k in o)", "f(a,in b)", "a < out", "without A", "<T in K>", "const out = 1"] {
            assert_eq!(plain(other), other);
        }
    }

    #[test]
    fn call_signatures_are_taken_apart_where_the_semicolon_is_missing() {
        let healed = |source: &str| {
            let healed = heal_within(source.as_bytes(), &[EVERYWHERE], false);
            healed.map_or(source.to_owned(), |bytes| String::from_utf8(bytes).unwrap())
        };
        assert_eq!(healed("{ (a: X): B<C>\n  <A>(a: A): A }"), "{ (a: X): B<C>;  <A>(a: A): A }");
        assert_eq!(healed("{ (a): B\n /** < */\n <A>(a) }"), "{ (a): B; /** < */\n <A>(a) }");
        assert_eq!(healed("{ (a): B\n // < and >\n//\n <\n  A\n>(a) }"), "{ (a): B; // < and >\n//\n <\n  A\n>(a) }");
        for other in ["{ (a): B;\n <A>(a): A }", "f = () =>\n <A>(a)", "a\n<b", "f <A>(b)", "x(\n<A>b)"] {
            assert_eq!(healed(other), other);
        }
    }

    #[test]
    fn leaves_other_text_alone() {
        for source in ["reimport(\"x\")", "import(x)", "import(\"a\nb\")", "a&&b", "import(\"x", "i"] {
            assert_eq!(healed(source), source);
        }
    }
}
