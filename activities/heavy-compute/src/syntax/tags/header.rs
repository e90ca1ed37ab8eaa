//! Headers: whether a `.h` file is C or C++, and what they keep for the other of the two.

use super::super::grammar::Grammar;

/// Settles which of the two grammars reads a header.
///
/// It is C++ if the first words of some line can only be C++: `class`, `namespace`, `template`, `using`, an access
/// specifier, or `virtual`, `constexpr`, `explicit`, `friend`, `inline namespace`. `extern "C"` is no sign, because
/// headers of C have it for C++ to read.
pub(in super::super) fn settle_header(grammar: Grammar, source: &[u8]) -> Grammar {
    if grammar != Grammar::Header {
        return grammar;
    }
    if source.split(|byte| *byte == b'\n').any(is_cpp) { Grammar::Cpp } else { Grammar::C }
}

/// The text with blanks for `extern "C" {` and `}` where they stand alone between `#ifdef __cplusplus` and `#endif`,
/// because no grammar can read a brace that opens in one condition and closes in another; nothing if there is none.
pub(in super::super) fn heal(source: &[u8]) -> Option<Vec<u8>> {
    let mut healed: Option<Vec<u8>> = None;
    // Where the lines inside of the condition begin.
    let mut inside: Option<usize> = None;
    let mut at = 0;
    for line in source.split_inclusive(|byte| *byte == b'\n') {
        let next = at + line.len();
        let directive = line.trim_ascii_start().strip_prefix(b"#").map(<[u8]>::trim_ascii_start);
        if let Some(directive) = directive {
            let content = inside.take().and_then(|start| Some((start, source.get(start..at)?)));
            if let Some((start, _)) = content.filter(|(_, content)| is_linkage(content)) {
                let healed = healed.get_or_insert_with(|| source.to_vec());
                for byte in healed.get_mut(start..at).unwrap_or_default() {
                    if !byte.is_ascii_whitespace() {
                        *byte = b' ';
                    }
                }
            }
            let is_condition = directive.starts_with(b"if") && !directive.starts_with(b"ifndef");
            if is_condition && directive.windows(b"__cplusplus".len()).any(|window| window == b"__cplusplus") {
                inside = Some(next);
            }
        }
        at = next;
    }
    healed
}

/// A line of code at most, and that one only opens or closes the linkage.
fn is_linkage(content: &[u8]) -> bool {
    let content = content.trim_ascii();
    let code = content.split(|byte| *byte == b'/').next().unwrap_or_default();
    let code: Vec<u8> = code.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(16).collect();
    content.len() < 200 && matches!(code.as_slice(), b"extern\"C\"{" | b"}")
}

fn is_cpp(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    let end = line.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(line.len());
    let Some((word, rest)) = line.split_at_checked(end) else { return false };
    let next = rest.trim_ascii_start();
    let name_follows = || next.first().is_some_and(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'['));
    match word {
        b"public" | b"private" | b"protected" => next.starts_with(b":"),
        b"template" => next.starts_with(b"<"),
        b"namespace" => name_follows() || next.starts_with(b"{") || next.is_empty(),
        // `class` is also a name in C, but nothing can follow a name like this.
        b"class" | b"using" | b"virtual" | b"constexpr" | b"explicit" | b"friend" => name_follows(),
        b"inline" => next.starts_with(b"namespace"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::grammar::Grammar;
    use super::{heal, settle_header};

    #[test]
    fn the_linkage_for_the_other_language_is_blanked_in_place() {
        let source =
            "#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(void);\n#if defined(__cplusplus)\n} /* C */\n#endif\n";
        let healed = String::from_utf8(heal(source.as_bytes()).unwrap_or_default()).unwrap_or_default();
        assert_eq!(healed.len(), source.len());
        assert_eq!(healed.lines().filter(|line| !line.trim().is_empty()).count(), 5, "{healed}");
        assert!(healed.contains("int f(void);"));
        assert_eq!(heal(b"#ifdef __cplusplus\nclass A {\n#endif\n}\n"), None);
        assert_eq!(heal(b"extern \"C\" {\n}\n"), None);
    }

    #[test]
    fn the_first_word_of_a_line_tells() {
        for (source, expected) in [
            ("int f(void);\n", Grammar::C),
            ("#ifdef __cplusplus\nextern \"C\" {\n#endif\nint f(int class);\n", Grammar::C),
            ("/* a class of things,\n * using\n */\nstruct a { int public; };\n", Grammar::C),
            ("#define X template\n", Grammar::C),
            ("  public:\n", Grammar::Cpp),
            ("namespace a::b {\n", Grammar::Cpp),
            ("class A;\n", Grammar::Cpp),
            ("template<class T> T f(T);\n", Grammar::Cpp),
            ("\tinline namespace v1 {", Grammar::Cpp),
        ] {
            assert_eq!(settle_header(Grammar::Header, source.as_bytes()), expected, "{source}");
        }
        assert_eq!(settle_header(Grammar::Rust, b"class A;"), Grammar::Rust);
    }
}
