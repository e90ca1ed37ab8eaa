//! Documentation comments and docstrings, cleaned of their frame.

/// Whether a comment is a documentation block: `/**` with something in it, but not a banner of stars.
pub(super) fn is_doc_block(comment: &[u8]) -> bool {
    comment.len() > 4 && comment.starts_with(b"/**") && comment.get(3) != Some(&b'*')
}

/// The text of a `/** */` block without the stars; nothing if it is empty.
pub(super) fn clean_block(comment: &str) -> Option<String> {
    let inner = comment.strip_prefix("/**")?;
    let inner = inner.strip_suffix("*/").unwrap_or(inner);
    let lines = inner.lines().map(|line| {
        let line = line.trim();
        line.strip_prefix('*').map_or(line, |rest| rest.strip_prefix(' ').unwrap_or(rest))
    });
    join_trimmed(lines)
}

/// The text of a Python string literal as a docstring: the quotes off, the common indentation off; nothing if it is
/// empty, or a byte or formatted string.
pub(super) fn clean_docstring(literal: &str) -> Option<String> {
    let quotes_at = literal.find(['"', '\''])?;
    let (prefix, quoted) = literal.split_at(quotes_at);
    if prefix.chars().any(|c| matches!(c, 'b' | 'B' | 'f' | 'F' | 't' | 'T')) {
        return None;
    }
    let inner = ["\"\"\"", "'''", "\"", "'"].iter().find_map(|quote| {
        let inner = quoted.strip_prefix(quote)?;
        Some(inner.strip_suffix(quote).unwrap_or(inner))
    })?;
    let indent = inner
        .lines()
        .skip(1)
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or(0);
    let lines = inner.lines().enumerate().map(|(number, line)| {
        if number == 0 { line.trim_start() } else { line.get(indent..).unwrap_or_else(|| line.trim_start()) }
    });
    join_trimmed(lines)
}

pub(super) fn join_trimmed<'a>(lines: impl Iterator<Item = &'a str>) -> Option<String> {
    let joined = lines.map(str::trim_end).collect::<Vec<_>>().join("\n");
    let trimmed = joined.trim_matches('\n').trim_end();
    let trimmed = if trimmed.lines().count() <= 1 { trimmed.trim() } else { trimmed };
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{clean_block, clean_docstring};

    #[test]
    fn takes_the_stars_off_and_keeps_the_indentation_of_examples() {
        let block = "/**\r\n   * Adds.\r\n   *\r\n   *     add(1, 2)\r\n   * @returns the sum\r\n   */";
        assert_eq!(clean_block(block).as_deref(), Some("Adds.\n\n    add(1, 2)\n@returns the sum"));
        assert_eq!(clean_block("/** One line. */").as_deref(), Some("One line."));
        assert_eq!(clean_block("/** * */"), None);
        assert_eq!(clean_block("/**\n *\n */"), None);
    }

    #[test]
    fn takes_the_quotes_and_the_common_indentation_off() {
        let literal = "\"\"\"First.\n\n    Second.\n      Deeper.\n    \"\"\"";
        assert_eq!(clean_docstring(literal).as_deref(), Some("First.\n\nSecond.\n  Deeper."));
        assert_eq!(clean_docstring("r'raw'").as_deref(), Some("raw"));
        assert_eq!(clean_docstring("b'bytes'"), None);
        assert_eq!(clean_docstring("f'{x}'"), None);
        assert_eq!(clean_docstring("''"), None);
        assert_eq!(clean_docstring("\"\"\"\u{3000}a\n\u{3000}b\n é\"\"\"").as_deref(), Some("a\nb\né"));
    }
}
