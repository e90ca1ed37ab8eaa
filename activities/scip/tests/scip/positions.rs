//! Lines and characters to bytes, in each encoding.

use scip_index::position::{Convention, Encoding, LineBreaks, LineTable};
use scip_index::{Position, Range};

const TEXT: &str = "let a = 1;\r\nlet 🦀é = \"x\"; f()\n\nend";

fn table(encoding: Encoding) -> LineTable<'static> {
    LineTable::new(TEXT, Convention { encoding, line_breaks: LineBreaks::CarriageReturn })
}

fn at(line: u32, character: u32) -> Position {
    Position { line, character }
}

#[test]
fn a_name_behind_astral_characters_is_found_in_each_encoding() {
    let byte = TEXT.find("f()").unwrap();
    for (encoding, character) in [(Encoding::Utf8, 18), (Encoding::Utf16, 15), (Encoding::Utf32, 14)] {
        let table = table(encoding);
        assert_eq!(table.offset(at(1, character)), Some(byte), "{encoding:?}");
        let range = Range { start: at(1, character), end: at(1, character + 3) };
        assert_eq!(table.slice(range), Some("f()"));
    }
}

#[test]
fn what_is_not_in_the_text_is_nowhere() {
    for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
        let table = table(encoding);
        assert_eq!(table.lines(), 4);
        assert_eq!(table.offset(at(0, 10)), Some(10), "the end of a line is a place");
        assert_eq!(table.offset(at(0, 11)), None, "its break is none");
        assert_eq!(table.offset(at(2, 0)), Some(TEXT.find("\n\n").unwrap() + 1));
        assert_eq!(table.offset(at(2, 1)), None);
        assert_eq!(table.offset(at(3, 3)), Some(TEXT.len()));
        assert_eq!(table.offset(at(3, 4)), None);
        assert_eq!(table.offset(at(4, 0)), None);
        assert_eq!(table.offset(at(u32::MAX, u32::MAX)), None);
        assert_eq!(table.offset(at(1, u32::MAX)), None);
    }
}

#[test]
fn the_middle_of_a_character_is_nowhere() {
    assert_eq!(table(Encoding::Utf16).offset(at(1, 5)), None);
    assert_eq!(table(Encoding::Utf16).offset(at(1, 6)), Some(12 + 4 + 4));
    for character in 5..8 {
        assert_eq!(table(Encoding::Utf8).offset(at(1, character)), None);
    }
    assert_eq!(table(Encoding::Utf32).offset(at(1, 5)), Some(12 + 4 + 4));
}

#[test]
fn what_ends_a_line_depends_on_the_tool() {
    let text = "a\u{2028}b\rc\r\nd\u{2029}e\nf";
    let lines = |line_breaks| LineTable::new(text, Convention { encoding: Encoding::Utf16, line_breaks });
    assert_eq!(lines(LineBreaks::LineFeed).lines(), 3);
    assert_eq!(lines(LineBreaks::CarriageReturn).lines(), 4);
    let table = lines(LineBreaks::EcmaScript);
    assert_eq!(table.lines(), 6);
    let starts: String =
        (0..6).map(|line| table.slice(Range { start: at(line, 0), end: at(line, 1) }).unwrap()).collect();
    assert_eq!(starts, "abcdef");
    assert_eq!(LineTable::new("", Convention::of(0, "x")).offset(at(0, 0)), Some(0));
}

#[test]
fn the_document_says_its_encoding_or_the_tool_is_known() {
    assert_eq!(Encoding::of(1, "scip-typescript"), Some(Encoding::Utf8));
    assert_eq!(Encoding::of(2, ""), Some(Encoding::Utf16));
    assert_eq!(Encoding::of(3, ""), Some(Encoding::Utf32));
    for tool in ["scip-typescript", "scip-python"] {
        assert_eq!(Encoding::of(0, tool), Some(Encoding::Utf16));
    }
    assert_eq!(Encoding::of(0, "scip-go"), Some(Encoding::Utf8));
    assert_eq!(Encoding::of(99, "scip-go"), Some(Encoding::Utf8), "a number that is none says nothing");
    assert_eq!(Encoding::of(0, "other"), None);
}
