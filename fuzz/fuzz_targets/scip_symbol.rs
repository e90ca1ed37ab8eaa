//! Any text as a SCIP symbol: it is refused, or what is read is a part of it, and is written as it would be read again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scip_index::symbol::{GlobalSymbol, Symbol};

fn global(text: &str) -> GlobalSymbol<'_> {
    match Symbol::parse(text) {
        Ok(Symbol::Global(symbol)) => symbol,
        other => panic!("{text:?} is {other:?}"),
    }
}

fuzz_target!(|text: &str| {
    let symbol = match Symbol::parse(text) {
        Ok(Symbol::Global(symbol)) => symbol,
        Ok(Symbol::Local(local)) => {
            assert_eq!(format!("local {}{}", local.id, local.descriptors), text);
            return;
        }
        Err(error) => {
            assert!(error.offset <= text.len(), "{error:?}");
            return;
        }
    };
    assert_eq!(symbol.text(), text);
    assert_eq!([symbol.package_text(), symbol.descriptor_text()].concat(), text);
    let descriptors: Vec<_> = symbol.descriptors().collect();
    assert_eq!(descriptors.last(), Some(symbol.last()));
    assert!(descriptors.is_sorted_by_key(|descriptor| descriptor.end));
    assert_eq!(symbol.last().end, text.len());
    assert!(text.starts_with(symbol.base()) && symbol.base().len() == symbol.base_length());
    if symbol.has_base() {
        assert!(global(symbol.base()).is_base());
    }
    if let Some(owner) = symbol.owner() {
        assert!(owner.len() < text.len() && global(owner).is_base());
    }
    let written = symbol.to_string();
    let again = global(&written);
    assert_eq!((&again.scheme, &again.package), (&symbol.scheme, &symbol.package));
    let names = |symbol: &GlobalSymbol<'_>| -> Vec<_> {
        symbol.descriptors().map(|found| (found.kind, found.name.into_owned())).collect()
    };
    assert_eq!(names(&again), names(&symbol));
    assert_eq!(again.to_string(), written);
});
