//! The borrowed look and the generated messages beside each other; the fuzzing holds them against each other too.

use prost::Message;
use scip_index::{DocumentView, RawRange, Relationship, SymbolInformation, proto};

pub(crate) fn assert_same(view: &DocumentView<'_>, document: &proto::Document) {
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
        assert_same_symbol(found, expected);
    }
}

pub(crate) fn assert_same_symbol(found: &SymbolInformation<'_>, expected: &proto::SymbolInformation) {
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
pub(crate) fn agree(bytes: &[u8]) {
    let view = DocumentView::new(bytes, 0).and_then(|view| view.check().map(|()| view));
    match (view, proto::Document::decode(bytes)) {
        (Ok(view), Ok(document)) => assert_same(&view, &document),
        (Err(_), Err(_)) => {}
        (view, document) => panic!("{view:?} but {document:?} for {bytes:?}"),
    }
}
