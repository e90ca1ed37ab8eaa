//! Any value printed as text parses to the same value.

use proptest::prelude::*;
use save_parsing::{Limits, Save, Scalars, Schema, Tape, print};

use crate::support::save;

#[derive(Debug, Clone)]
enum Tree {
    Scalar(Word),
    Container(Option<&'static str>, Vec<Member>),
    Missing,
}

#[derive(Debug, Clone)]
struct Word {
    text: String,
    quoted: bool,
}

#[derive(Debug, Clone)]
enum Member {
    Item(Tree),
    Field(Word, &'static str, Tree),
    Block(String, Vec<Member>),
}

fn word() -> impl Strategy<Value = Word> {
    prop_oneof![
        "[a-z0-9_.:-]{1,8}".prop_map(|text| Word { text, quoted: false }),
        Just(Word { text: "yes".into(), quoted: false }),
        Just(Word { text: "what?".into(), quoted: false }),
        "[^\\\\\"]{0,8}".prop_map(|text| Word { text, quoted: true }),
        Just(Word { text: "a } { # = \\\" \\\\".into(), quoted: true }),
    ]
}

fn member(tree: impl Strategy<Value = Tree> + Clone) -> impl Strategy<Value = Member> {
    let operator = prop::sample::select(vec!["=", "=", "=", "==", "<", "<=", ">", ">=", "!=", "?="]);
    prop_oneof![
        2 => tree.clone().prop_filter("an item is there", |tree| !matches!(tree, Tree::Missing)).prop_map(Member::Item),
        4 => (word(), operator, tree.clone()).prop_map(|(key, operator, value)| Member::Field(key, operator, value)),
    ]
}

fn tree() -> impl Strategy<Value = Tree> {
    let leaf = prop_oneof![8 => word().prop_map(Tree::Scalar), 1 => Just(Tree::Missing)];
    leaf.prop_recursive(5, 60, 6, |inner| {
        let members = prop::collection::vec(member(inner.clone()), 0..6);
        let with_header = prop::collection::vec(member(inner.clone()), 0..6);
        let block = ("[a-z]{1,4}", prop::collection::vec(member(inner), 0..3))
            .prop_map(|(name, members)| Member::Block(name, members));
        prop_oneof![
            5 => members.prop_map(|members| Tree::Container(None, members)),
            1 => with_header.prop_map(|members| Tree::Container(Some("rgb"), members)),
            1 => prop::collection::vec(block, 1..2).prop_map(|members| Tree::Container(None, members)),
        ]
    })
}

fn write_word(word: &Word, out: &mut String) {
    let quote = if word.quoted { "\"" } else { "" };
    out.push_str(&format!("{quote}{}{quote}", word.text));
}

fn write_members(members: &[Member], out: &mut String) {
    for member in members {
        match member {
            Member::Item(value) => write_tree(value, out),
            Member::Field(key, operator, value) => {
                write_word(key, out);
                out.push(' ');
                out.push_str(operator);
                out.push(' ');
                write_tree(value, out);
            }
            Member::Block(name, members) => {
                out.push_str(&format!("[[{name}] "));
                write_members(members, out);
                out.push(']');
            }
        }
        out.push('\n');
    }
}

fn write_tree(tree: &Tree, out: &mut String) {
    match tree {
        Tree::Scalar(word) => write_word(word, out),
        Tree::Missing => {}
        Tree::Container(header, members) => {
            if let Some(header) = header {
                out.push_str(header);
                out.push(' ');
            }
            out.push('{');
            write_members(members, out);
            out.push('}');
        }
    }
}

fn tagged(save: &Save) -> String {
    let mut out = Vec::new();
    save.section("root").unwrap().write(Schema::V2(Scalars::Tagged), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
    text
}

proptest! {
    #[test]
    fn printed_text_parses_to_the_same_value(tree in tree()) {
        let mut text = String::from("root=");
        write_tree(&Tree::Container(None, vec![Member::Field(Word { text: "v".into(), quoted: false }, "=", tree)]), &mut text);
        let first = save(text.clone());
        let mut tape = Tape::default();
        let printed = print(first.section("root").unwrap().parse(&mut tape).unwrap());
        let second = save([b"root=".as_slice(), &printed].concat());
        prop_assert_eq!(tagged(&first), tagged(&second), "{} -> {}", text, String::from_utf8_lossy(&printed));
        // What is printed is printed the same again.
        let mut tape = Tape::default();
        let again = print(second.section("root").unwrap().parse(&mut tape).unwrap());
        prop_assert_eq!(printed, again);
    }

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(prop::sample::select(b"ab {}=\"\\#\n<>!?[]@;\xc3\xa2\xff".to_vec()), 0..200)) {
        let Ok(save) = Save::from_bytes(bytes, &Limits::default()) else { return Ok(()) };
        for section in save.sections() {
            for schema in [Schema::V1, Schema::V2(Scalars::Tagged)] {
                let mut out = Vec::new();
                if section.write(schema, &mut out).is_ok() {
                    prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{}", String::from_utf8_lossy(&out));
                }
            }
            // A whole section and its entries one by one say the same.
            let mut tape = Tape::default();
            let whole = section.parse(&mut tape).map(|value| value.members().count());
            if let (Ok(whole), Ok(entries)) = (whole, section.entry_count()) {
                prop_assert_eq!(whole, entries, "{}", String::from_utf8_lossy(section.text()));
            }
        }
    }
}
