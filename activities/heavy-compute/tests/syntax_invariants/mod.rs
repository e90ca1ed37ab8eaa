//! What holds of the extraction of any source.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]
#![allow(unreachable_pub, reason = "each user of it takes its part")]

use std::collections::HashSet;

use heavy_compute::syntax::links::{NamePath, Root, Step};
use heavy_compute::syntax::{FileSyntax, Grammar, Options, extract};

/// All of them; those from the fifth on are read by a query.
pub const GRAMMARS: [Grammar; 12] = [
    Grammar::TypeScript,
    Grammar::Tsx,
    Grammar::Python,
    Grammar::Go,
    Grammar::Rust,
    Grammar::Java,
    Grammar::C,
    Grammar::Cpp,
    Grammar::Header,
    Grammar::CSharp,
    Grammar::Php,
    Grammar::Ruby,
];

/// Extracts with and without members and checks both.
pub fn extracted(grammar: Grammar, source: &[u8]) -> FileSyntax {
    let base = extract(grammar, source, Options::default(), &|| false).unwrap();
    check(&base, source);
    let with_members = extract(grammar, source, Options { include_members: true, places: false }, &|| false).unwrap();
    check(&with_members, source);
    let keys = |found: &FileSyntax| -> HashSet<_> {
        found.entities.iter().map(|e| (e.kind, e.name.clone(), e.signature.clone())).collect()
    };
    assert!(keys(&base).is_subset(&keys(&with_members)), "members moved a key");
    assert_eq!(base.links.uses.len(), with_members.links.uses.len());
    base
}

/// What one result has to be.
pub fn check(found: &FileSyntax, source: &[u8]) {
    let mut keys = HashSet::new();
    for (index, entity) in found.entities.iter().enumerate() {
        assert!(keys.insert((entity.kind, &entity.name, &entity.signature)), "key taken twice: {entity:?}");
        assert!(!entity.name.is_empty());
        assert!(entity.parent.is_none_or(|parent| parent < index), "parent behind its child: {entity:?}");
        assert!(1 <= entity.start_line && entity.start_line <= entity.end_line, "{entity:?}");
        assert!(entity.start_byte <= entity.end_byte && entity.end_byte as usize <= source.len(), "{entity:?}");
        assert!(entity.name_byte.is_none_or(|byte| (byte as usize) < source.len()));
        assert!(entity.doc.as_ref().is_none_or(|doc| !doc.trim().is_empty()));
        let _ = entity.body(source);
    }
    check_links(found);
}

fn check_links(found: &FileSyntax) {
    let links = &found.links;
    let is_definition = |index: u32| assert!((index as usize) < found.entities.len());
    let is_name = |index: u32| assert!((index as usize) < links.names.len());
    let check_path = |path: &NamePath| {
        match path.root {
            Root::Definition(index) | Root::BaseOf(index) => is_definition(index),
            Root::Import(index) => assert!((index as usize) < links.imports.len()),
            Root::Unbound(name) => is_name(name),
        }
        for step in &path.steps {
            if let Step::Member(name) = step {
                is_name(*name);
            }
        }
    };
    for used in &links.uses {
        used.source.into_iter().for_each(is_definition);
        check_path(&used.path);
        assert!(used.sites > 0);
    }
    for export in &links.exports {
        export.name.into_iter().for_each(is_name);
        check_path(&export.path);
    }
    for known in &links.types {
        is_definition(known.definition);
        known.member.into_iter().for_each(is_name);
        check_path(&known.path);
    }
    links.imports.iter().for_each(|import| is_name(import.module));
    links.accessors.iter().copied().for_each(is_definition);
    let uses: Vec<_> = links.uses.iter().map(|used| (used.source, used.role, &used.path)).collect();
    assert!(uses.is_sorted() && uses.iter().collect::<HashSet<_>>().len() == uses.len());
}
