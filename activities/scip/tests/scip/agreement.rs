//! The borrowed look at a document and the generated messages see the same, whatever the bytes are.

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use scip_index::{DocumentView, proto};

use crate::encode::Encoder;
use crate::same::{agree, assert_same};

fn relationship() -> impl Strategy<Value = proto::Relationship> {
    (".{0,8}", any::<[bool; 4]>()).prop_map(|(symbol, flags)| proto::Relationship {
        symbol,
        is_reference: flags[0],
        is_implementation: flags[1],
        is_type_definition: flags[2],
        is_definition: flags[3],
    })
}

pub(crate) fn information() -> impl Strategy<Value = proto::SymbolInformation> {
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

pub(crate) fn document() -> impl Strategy<Value = proto::Document> {
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
pub(crate) fn with_unknown_fields(document: &proto::Document) -> Vec<u8> {
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
