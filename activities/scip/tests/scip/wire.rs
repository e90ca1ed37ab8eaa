//! Every way to write a thing, and what is read then.

use std::io::Cursor;

use scip_index::{IndexReader, Part, Position, Range, RangeError};

use crate::encode::{Encoder, document, index, information, metadata, occurrence};

/// Reads an index with one document and gives it to `look`.
fn with_document(bytes: Vec<u8>, look: impl FnOnce(&scip_index::DocumentView<'_>)) {
    let mut reader = IndexReader::new(Cursor::new(bytes)).unwrap();
    while let Some(part) = reader.next_part().unwrap() {
        if let Part::Document(block) = part {
            look(&block.checked_document().unwrap());
            return;
        }
    }
    panic!("there is no document");
}

fn range(line: u32, character: u32, end_line: u32, end_character: u32) -> Range {
    Range { start: Position { line, character }, end: Position { line: end_line, character: end_character } }
}

fn read_ranges(occurrences: &[Encoder]) -> Vec<Result<Range, RangeError>> {
    let mut found = Vec::new();
    with_document(index(&[document("a", occurrences, &[])]).0, |view| {
        found = view.occurrences().map(|occurrence| occurrence.unwrap().range.range()).collect();
    });
    found
}

#[test]
fn ranges_are_the_same_packed_and_one_by_one() {
    let found = read_ranges(&[
        Encoder::new().packed(1, &[1, 2, 300]),
        Encoder::new().unpacked(1, &[1, 2, 300]),
        Encoder::new().packed(1, &[1, 2]).unpacked(1, &[70_000, 4]),
        Encoder::new().packed(1, &[1, 2, 70_000, 4]),
        Encoder::new().packed(1, &[]).unpacked(1, &[7, 7, 7]),
    ]);
    let long = Ok(range(1, 2, 70_000, 4));
    assert_eq!(found, [Ok(range(1, 2, 1, 300)), Ok(range(1, 2, 1, 300)), long, long, Ok(range(7, 7, 7, 7))]);
}

#[test]
fn ranges_that_are_none_are_told() {
    let found = read_ranges(&[
        occurrence(&[], "", 0),
        occurrence(&[1, 2], "", 0),
        occurrence(&[1, 2, 3, 4, 5], "", 0),
        occurrence(&[1, 2, 1], "", 0),
        occurrence(&[2, 0, 1, 9], "", 0),
        occurrence(&[-1, 0, 1], "", 0),
        occurrence(&[0, 0, 0, i32::MIN], "", 0),
    ]);
    let expected = [
        RangeError::Count(0),
        RangeError::Count(2),
        RangeError::Count(5),
        RangeError::Reversed,
        RangeError::Reversed,
        RangeError::Negative(-1),
        RangeError::Negative(i32::MIN),
    ];
    assert_eq!(found, expected.map(Err));
}

#[test]
fn everything_in_a_document_is_read() {
    let relationship =
        Encoder::new().text(1, "other").varint(2, 1).varint(3, 1).varint(4, 0).varint(5, u64::MAX).unknown();
    let signature = Encoder::new().text(4, "ts").text(5, "f(): void").unknown();
    let symbol = information("s m p v f().")
        .text(3, "first")
        .text(3, "second")
        .message(4, &relationship)
        .varint(5, 17)
        .text(6, "f")
        .message(7, &signature)
        .text(8, "local 1")
        .unknown();
    let diagnostic = Encoder::new().varint(1, 2).text(2, "E1").text(3, "bad").text(4, "tsc").packed(5, &[1]);
    let occurrence = occurrence(&[1, 2, 3], "s m p v f().", 9)
        .text(4, "instead")
        .varint(5, 12)
        .message(6, &diagnostic)
        .unpacked(7, &[1, 0, 5, 1])
        .unknown();
    let document = document("src/a.ts", &[occurrence], &[symbol]).text(4, "TypeScript").text(5, "text").varint(6, 2);
    with_document(index(&[document.unknown()]).unknown().0, |view| {
        assert_eq!((view.relative_path, view.language, view.position_encoding), ("src/a.ts", "TypeScript", 2));
        assert_eq!(view.text.lossy(), "text");
        let found = view.occurrences().next().unwrap().unwrap();
        assert!(found.roles.is_definition() && found.roles.has(scip_index::Roles::READ));
        assert!(!found.roles.has(scip_index::Roles::IMPORT));
        assert_eq!((found.symbol, found.syntax_kind), ("s m p v f().", 12));
        assert_eq!(found.enclosing_range.range(), Ok(range(1, 0, 5, 1)));
        let symbol = view.symbols().next().unwrap().unwrap();
        assert_eq!((symbol.symbol, symbol.kind, symbol.enclosing_symbol), ("s m p v f().", 17, "local 1"));
        assert_eq!(
            (symbol.display_name.0, symbol.signature.0, symbol.signature_language),
            (&b"f"[..], &b"f(): void"[..], "ts")
        );
        let texts: Vec<_> = symbol.documentation().map(|text| text.unwrap().lossy().into_owned()).collect();
        assert_eq!(texts, ["first", "second"]);
        let other = symbol.relationships().next().unwrap().unwrap();
        assert_eq!(other.symbol, "other");
        assert!(other.is_reference && other.is_implementation && other.is_definition && !other.is_type_definition);
    });
}

#[test]
fn of_a_field_given_twice_the_last_counts() {
    let twice = Encoder::new().text(1, "old").text(1, "new").varint(6, 1).varint(6, 3);
    with_document(Encoder::new().message(2, &twice).0, |view| {
        assert_eq!((view.relative_path, view.position_encoding), ("new", 3));
    });
}

#[test]
fn numbers_may_be_longer_than_they_need() {
    // Roles 1 in ten bytes, and a length in three.
    let roles = Encoder::new().tag(3, 0).raw(&[0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]);
    let document = Encoder::new().tag(2, 2).raw(&[11 | 0x80, 0x80, 0x00]).raw(&roles.0);
    with_document(Encoder::new().message(2, &document).0, |view| {
        assert!(view.occurrences().next().unwrap().unwrap().roles.is_definition());
    });
}

#[test]
fn text_for_people_need_not_be_utf8() {
    let lone_surrogate = b"\xed\xb0\x80";
    let symbol = information("s m p v f().").bytes(3, lone_surrogate).bytes(6, lone_surrogate);
    with_document(index(&[document("a", &[], &[symbol])]).0, |view| {
        let symbol = view.symbols().next().unwrap().unwrap();
        assert_eq!(symbol.documentation().next().unwrap().unwrap().lossy(), "\u{fffd}\u{fffd}\u{fffd}");
    });
}

#[test]
fn a_broken_occurrence_costs_no_other() {
    let broken = Encoder::new().bytes(2, b"\xed\xb0\x80");
    let document = document("a", &[occurrence(&[1, 1, 1], "x", 0), broken, occurrence(&[2, 1, 1], "y", 0)], &[]);
    let bytes = Encoder::new().message(2, &document).0;
    let mut reader = IndexReader::new(Cursor::new(bytes)).unwrap();
    let Some(Part::Document(block)) = reader.next_part().unwrap() else { panic!() };
    let view = block.document().unwrap();
    let symbols: Vec<_> = view.occurrences().map(|occurrence| occurrence.map(|found| found.symbol).ok()).collect();
    assert_eq!(symbols, [Some("x"), None, Some("y")]);
    assert!(block.checked_document().is_err() && block.message().is_err());
}

#[test]
fn parts_come_in_any_order_with_their_places() {
    let first = document("a", &[], &[]);
    let bytes = Encoder::new()
        .message(3, &information("x"))
        .unknown()
        .message(2, &first)
        .message(1, &metadata("scip-go"))
        .message(2, &document("b", &[], &[]));
    let mut reader = IndexReader::new(Cursor::new(bytes.0.clone())).unwrap();
    let mut seen = Vec::new();
    let mut after_first = 0;
    while let Some(part) = reader.next_part().unwrap() {
        match part {
            Part::Metadata(block) => seen.push(block.message().unwrap().tool_info.unwrap().name),
            Part::Document(block) => {
                let path = block.document().unwrap().relative_path;
                assert_eq!(block.end() - block.offset(), block.bytes().len() as u64 + 2);
                if path == "a" {
                    after_first = block.end();
                }
                seen.push(path.to_owned());
            }
            Part::ExternalSymbol(block) => seen.push(block.symbol().unwrap().symbol.to_owned()),
            Part::Damaged(damage) => panic!("{damage}"),
        }
    }
    assert_eq!(seen, ["x", "a", "scip-go", "b"]);
    assert_eq!(reader.offset(), bytes.0.len() as u64);

    reader.resume(after_first).unwrap();
    assert!(matches!(reader.next_part().unwrap(), Some(Part::Metadata(_))));
    assert!(reader.resume(bytes.0.len() as u64 + 1).is_err());
    reader.resume(bytes.0.len() as u64).unwrap();
    assert!(reader.next_part().unwrap().is_none());
}
