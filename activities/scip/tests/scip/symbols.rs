//! Symbol strings: what they mean, where they leave the grammar, and back again.

use proptest::collection::vec;
use proptest::prelude::*;
use scip_index::symbol::{Descriptor, DescriptorKind, GlobalSymbol, Package, SymbolFault, format_global, is_local};
use scip_index::{Symbol, symbol::SymbolError};

fn global(text: &str) -> GlobalSymbol<'_> {
    match Symbol::parse(text) {
        Ok(Symbol::Global(symbol)) => symbol,
        other => panic!("{text}: {other:?}"),
    }
}

fn shape(text: &str) -> Vec<(DescriptorKind, String)> {
    global(text).descriptors().map(|found| (found.kind, found.name.into_owned())).collect()
}

#[test]
fn each_descriptor_is_told_by_its_suffix() {
    use DescriptorKind::{Macro, Meta, Method, Namespace, Parameter, Term, Type, TypeParameter};
    let expected = [
        (Namespace, "ns"),
        (Type, "T"),
        (TypeParameter, "U"),
        (Method, "m"),
        (Parameter, "p"),
        (Term, "t"),
        (Meta, "k"),
        (Macro, "q"),
    ];
    let expected: Vec<_> = expected.into_iter().map(|(kind, name)| (kind, name.to_owned())).collect();
    assert_eq!(shape("s m p v ns/T#[U]m(+1).(p)t.k:q!"), expected);
}

#[test]
fn fields_and_names_may_hold_anything() {
    let symbol = global("scip  x a  b . 1.0 `a b`/`x``y`#`line\nbreak`().`<get>ü/.#`.$_+-9Z.");
    assert_eq!((&*symbol.scheme, &*symbol.package.manager), ("scip x", "a b"));
    assert_eq!((&*symbol.package.name, &*symbol.package.version), ("", "1.0"));
    let names: Vec<_> = symbol.descriptors().map(|found| found.name.into_owned()).collect();
    assert_eq!(names, ["a b", "x`y", "line\nbreak", "<get>ü/.#", "$_+-9Z"]);
    assert_eq!(symbol.package_text(), "scip  x a  b . 1.0 ");
    assert_eq!(symbol.to_string(), symbol.text());
}

#[test]
fn method_disambiguators_are_kept() {
    let names = |text: &'static str| global(text).last().clone();
    assert_eq!(names("s m p v f(+1).").disambiguator, "+1");
    assert_eq!(names("s m p v f().").disambiguator, "");
    assert_eq!(names("s m p v f().").kind, DescriptorKind::Method);
}

#[test]
fn letters_of_other_scripts_are_read_and_written_in_backticks() {
    let symbol = global("s m p v größe_x/名2#");
    let names: Vec<_> = symbol.descriptors().map(|found| found.name.into_owned()).collect();
    assert_eq!(names, ["größe_x", "名2"]);
    assert_eq!(symbol.to_string(), "s m p v `größe_x`/`名2`#");
}

#[test]
fn locals() {
    let Ok(Symbol::Local(local)) = Symbol::parse("local 12") else { panic!() };
    assert_eq!((local.id, local.descriptors), ("12", ""));
    let Ok(Symbol::Local(local)) = Symbol::parse("local 16`<constructor>`().") else { panic!() };
    assert_eq!((local.id, local.descriptors), ("16", "`<constructor>`()."));
    assert_eq!(Symbol::parse("local 7(text)").unwrap().to_string(), "local 7(text)");
    assert!(is_local("local 1") && !is_local("s m p v local/"));
}

#[test]
fn what_leaves_the_grammar_is_told_with_its_place() {
    let cases = [
        ("", 0, SymbolFault::Fields),
        ("s m p v", 7, SymbolFault::Fields),
        ("s m p ", 6, SymbolFault::Fields),
        ("s  m  p  v  x/", 14, SymbolFault::Fields),
        (" m p v x/", 0, SymbolFault::Scheme),
        ("localx m p v x/", 0, SymbolFault::Scheme),
        ("s m p v ", 8, SymbolFault::NoDescriptor),
        ("local ", 6, SymbolFault::LocalId),
        ("local  x", 6, SymbolFault::LocalId),
        ("local 1x y", 8, SymbolFault::NoName),
        ("s m p v /", 8, SymbolFault::NoName),
        ("s m p v ``/", 8, SymbolFault::NoName),
        ("s m p v a", 9, SymbolFault::Suffix),
        ("s m p v a/b c/", 11, SymbolFault::Suffix),
        ("s m p v `a/", 8, SymbolFault::OpenBacktick),
        ("s m p v `a``", 8, SymbolFault::OpenBacktick),
        ("s m p v f(", 10, SymbolFault::Method),
        ("s m p v f()", 11, SymbolFault::Method),
        ("s m p v f(a b).", 11, SymbolFault::Method),
        ("s m p v f().(x", 14, SymbolFault::Parameter),
        ("s m p v T#[x.", 12, SymbolFault::TypeParameter),
    ];
    for (text, offset, fault) in cases {
        assert_eq!(Symbol::parse(text).unwrap_err(), SymbolError { offset, fault }, "{text:?}");
    }
}

#[test]
fn a_thing_is_lifted_to_what_has_it() {
    let cases = [
        ("`a.ts`/A#x.", "`a.ts`/A#", Some("`a.ts`/A#")),
        ("`a.ts`/A#m().", "`a.ts`/A#m().", Some("`a.ts`/A#")),
        ("`a.ts`/f().(p)typeLiteral3:y.", "`a.ts`/f().", Some("`a.ts`/f().")),
        ("`a.ts`/f().", "`a.ts`/f().", Some("`a.ts`/")),
        ("`a.ts`/limit.", "`a.ts`/limit.", Some("`a.ts`/")),
        ("`a.ts`/table.key:inner.", "`a.ts`/table.", Some("`a.ts`/table.")),
        ("`a.ts`/table.T#", "`a.ts`/table.", Some("`a.ts`/table.")),
        ("`a.ts`/A#[T]", "`a.ts`/A#", Some("`a.ts`/A#")),
        ("`a.ts`/key0:", "`a.ts`/", Some("`a.ts`/")),
        ("`m`/outer().inner().x.", "`m`/outer().inner().", Some("`m`/outer().inner().")),
        ("`m`/__init__:", "`m`/", Some("`m`/")),
        ("`m`/", "`m`/", None),
        ("x.", "x.", None),
        ("x:", "", None),
    ];
    for (descriptors, base, owner) in cases {
        let text = format!("s m p v {descriptors}");
        let symbol = global(&text);
        assert_eq!(symbol.base(), format!("s m p v {base}"), "{text}");
        assert_eq!(symbol.base_length(), symbol.base().len());
        assert_eq!(symbol.is_base(), base == descriptors);
        assert_eq!(symbol.has_base(), !base.is_empty());
        assert_eq!(symbol.owner(), owner.map(|owner| format!("s m p v {owner}")).as_deref(), "{text}");
        if symbol.has_base() {
            let again = symbol.base().to_owned();
            assert!(global(&again).is_base(), "a base is its own base: {again}");
        }
    }
}

#[test]
fn modules_are_told() {
    for (descriptors, module) in [
        ("src/`a.ts`/", true),
        ("`pkg.mod`/__init__:", true),
        ("`pkg.mod`/other:", false),
        ("`pkg.mod`/A#__init__:", false),
        ("__init__:", false),
        ("src/A#", false),
        ("src/A#x/", false),
    ] {
        assert_eq!(global(&format!("s m p v {descriptors}")).is_module(), module, "{descriptors}");
    }
}

fn descriptor() -> impl Strategy<Value = Descriptor<'static>> {
    let kind = prop_oneof![
        Just(DescriptorKind::Namespace),
        Just(DescriptorKind::Type),
        Just(DescriptorKind::Term),
        Just(DescriptorKind::Method),
        Just(DescriptorKind::TypeParameter),
        Just(DescriptorKind::Parameter),
        Just(DescriptorKind::Meta),
        Just(DescriptorKind::Macro),
    ];
    (kind, "[a-z0-9_$+ `\n/é🦀-]{1,8}", prop_oneof![Just(""), Just("+1"), Just("a-b")]).prop_map(
        |(kind, name, other)| {
            let disambiguator = if kind == DescriptorKind::Method { other } else { "" };
            Descriptor { kind, name: name.into(), disambiguator, end: 0 }
        },
    )
}

proptest! {
    /// A field that begins with a blank has no unambiguous spelling, and `.` alone means an empty one.
    #[test]
    fn a_written_symbol_reads_back_the_same(
        scheme in "[a-km-z][ -~é]{0,6}",
        fields in vec("([!-~é][ -~é]{0,6})?", 3),
        descriptors in vec(descriptor(), 1..6),
    ) {
        prop_assume!(fields.iter().all(|field| field != "."));
        let [manager, name, version] = [0, 1, 2].map(|at| fields[at].clone().into());
        let package = Package { manager, name, version };
        let text = format_global(&scheme, &package, descriptors.clone());
        let symbol = global(&text);
        prop_assert_eq!(&*symbol.scheme, &*scheme);
        prop_assert_eq!(&symbol.package, &package);
        let found: Vec<_> = symbol.descriptors().map(|found| Descriptor { end: 0, ..found }).collect();
        prop_assert_eq!(&found, &descriptors);
        prop_assert_eq!(symbol.to_string(), text.as_str());
        prop_assert!(text.starts_with(symbol.base()));
    }

    #[test]
    fn no_string_is_too_strange(text in "(s m p v )?[a-z /#.:!()`\\[\\]é\n]{0,40}") {
        if let Ok(Symbol::Global(symbol)) = Symbol::parse(&text) {
            prop_assert!(text.is_char_boundary(symbol.base_length()));
            let again = symbol.to_string();
            prop_assert_eq!(global(&again).to_string(), again.as_str());
        }
    }
}
