//! The borrowed look at a document and the generated messages see the same, whatever the bytes are.

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use scip_index::{DocumentView, RawRange, Relationship, proto};

use crate::encode::Encoder;

fn relationship() -> impl Strategy<Value = proto::Relationship> {
    (".{0,8}", any::<[bool; 4]>()).prop_map(|(symbol, flags)| proto::Relationship {
        symbol,
        is_reference: flags[0],
        is_implementation: flags[1],
        is_type_definition: flags[2],
        is_definition: flags[3],
    })
}

fn information() -> impl Strategy<Value = proto::SymbolInformation> {
    let signature = proptest::option::of((".{0,5}", vec(any::<u8>(), 0..9)));
    (".{0,20}", vec(vec(any::<u8>(), 0..9), 0..3), vec(relationship(), 0..3), any::<i32>(), ".{0,5}", signature)
        .prop_map(|(symbol, documentation, relationships, kind, enclosing_symbol, signature)| {
            proto::SymbolInformation {
                display_name: symbol.clone().into_bytes(),
                symbol,
                documentation,
                relationships,
                kind,
                signature_documentation: signature.map(|(language, text)| proto::Signature { language, text }),
                enclosing_symbol,
            }
        })
}

fn occurrence() -> impl Strategy<Value = proto::Occurrence> {
    let diagnostic =
        (any::<i32>(), vec(any::<u8>(), 0..5), vec(any::<i32>(), 0..3)).prop_map(|(severity, code, tags)| {
            proto::Diagnostic { severity, code: code.clone(), message: code, tags, ..Default::default() }
        });
    let ranges = (vec(any::<i32>(), 0..6), vec(0..i32::MAX, 0..5));
    (ranges, ".{0,20}", any::<i32>(), any::<i32>(), vec(diagnostic, 0..2)).prop_map(
        |((range, enclosing_range), symbol, symbol_roles, syntax_kind, diagnostics)| proto::Occurrence {
            range,
            symbol,
            symbol_roles,
            override_documentation: vec![vec![0xff]],
            syntax_kind,
            diagnostics,
            enclosing_range,
        },
    )
}

fn document() -> impl Strategy<Value = proto::Document> {
    (".{0,9}", vec(occurrence(), 0..6), vec(information(), 0..4), ".{0,9}", vec(any::<u8>(), 0..9), any::<i32>())
        .prop_map(|(relative_path, occurrences, symbols, language, text, position_encoding)| proto::Document {
            relative_path,
            occurrences,
            symbols,
            language,
            text,
            position_encoding,
        })
}

/// The same document with fields that the format does not have in all its messages, and its ranges one by one.
fn with_unknown_fields(document: &proto::Document) -> Vec<u8> {
    let mut out = Encoder::new().unknown().text(1, &document.relative_path);
    for symbol in &document.symbols {
        out = out.message(3, &Encoder::new().unknown().raw(&symbol.encode_to_vec()).unknown());
    }
    for occurrence in &document.occurrences {
        let mut plain = occurrence.clone();
        let mut message = Encoder::new().unpacked(1, &std::mem::take(&mut plain.range)).unknown();
        message = message.raw(&plain.encode_to_vec()).unknown();
        out = out.message(2, &message);
    }
    let rest = proto::Document {
        language: document.language.clone(),
        text: document.text.clone(),
        position_encoding: document.position_encoding,
        ..Default::default()
    };
    out.raw(&rest.encode_to_vec()).0
}

fn assert_same(view: &DocumentView<'_>, document: &proto::Document) {
    assert_eq!(view.relative_path, document.relative_path);
    assert_eq!((view.language, view.text.0), (document.language.as_str(), document.text.as_slice()));
    assert_eq!(view.position_encoding, document.position_encoding);
    let occurrences: Vec<_> = view.occurrences().collect::<Result<_, _>>().unwrap();
    assert_eq!(occurrences.len(), document.occurrences.len());
    for (found, expected) in occurrences.iter().zip(&document.occurrences) {
        assert_eq!(found.symbol, expected.symbol);
        assert_eq!((found.roles.0, found.syntax_kind), (expected.symbol_roles, expected.syntax_kind));
        assert_eq!(found.range, RawRange::from_parts(&expected.range));
        assert_eq!(found.range.count() as usize, expected.range.len());
        assert_eq!(found.enclosing_range, RawRange::from_parts(&expected.enclosing_range));
    }
    let symbols: Vec<_> = view.symbols().collect::<Result<_, _>>().unwrap();
    assert_eq!(symbols.len(), document.symbols.len());
    for (found, expected) in symbols.iter().zip(&document.symbols) {
        assert_eq!((found.symbol, found.kind), (expected.symbol.as_str(), expected.kind));
        assert_eq!(found.display_name.0, expected.display_name);
        assert_eq!(found.enclosing_symbol, expected.enclosing_symbol);
        let signature = expected.signature_documentation.clone().unwrap_or_default();
        assert_eq!((found.signature_language, found.signature.0), (signature.language.as_str(), &signature.text[..]));
        let documentation: Vec<_> = found.documentation().map(|text| text.unwrap().0.to_vec()).collect();
        assert_eq!(documentation, expected.documentation);
        let relationships: Vec<_> = found.relationships().collect::<Result<_, _>>().unwrap();
        let expected: Vec<_> = expected.relationships.iter().map(borrowed).collect();
        assert_eq!(relationships, expected);
    }
}

fn borrowed(other: &proto::Relationship) -> Relationship<'_> {
    Relationship {
        symbol: &other.symbol,
        is_reference: other.is_reference,
        is_implementation: other.is_implementation,
        is_type_definition: other.is_type_definition,
        is_definition: other.is_definition,
    }
}

/// Both decode the bytes to the same, or both refuse them.
fn agree(bytes: &[u8]) {
    let view = DocumentView::new(bytes, 0).and_then(|view| view.check().map(|()| view));
    match (view, proto::Document::decode(bytes)) {
        (Ok(view), Ok(document)) => assert_same(&view, &document),
        (Err(_), Err(_)) => {}
        (view, document) => panic!("{view:?} but {document:?} for {bytes:?}"),
    }
}

proptest! {
    #[test]
    fn on_every_document(document in document()) {
        let bytes = document.encode_to_vec();
        assert_same(&DocumentView::new(&bytes, 0).unwrap(), &document);
        let bytes = with_unknown_fields(&document);
        assert_same(&DocumentView::new(&bytes, 0).unwrap(), &document);
        agree(&bytes);
    }

    #[test]
    fn on_every_damaged_document(
        document in document(),
        changes in vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = document.encode_to_vec();
        for (at, value) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = value;
            }
        }
        agree(&bytes);
    }

    #[test]
    fn on_bytes_of_any_kind(bytes in vec(any::<u8>(), 0..60)) {
        agree(&bytes);
    }
}
