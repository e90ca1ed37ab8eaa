//! Values where they stand: entries read in one pass are those that are read one after the other.

use save_parsing::{Raw, RawBlock, RawField};

use crate::support::save;

const ENTRIES: &str = "section={ 5={ a=1 b={ c={ x=y } } { 7 } } word=3 9=none 2={ } named={ a=9 } 007={ a=\"q }\" rgb { 1 2 } } \
                       { a=8 } 5={ a=2 # a comment }\n a=3 } 4294967296={ a=4 } }\n";

type Row = (u32, Vec<String>);

fn member(RawField { key, value }: RawField<'_>) -> String {
    let key = String::from_utf8_lossy(key.unwrap_or_default()).into_owned();
    let value =
        value.block().map_or_else(|| value.text().unwrap_or_default().into_owned(), |block| listed(block).join(" "));
    format!("{key}={value}")
}

fn listed(block: RawBlock<'_>) -> Vec<String> {
    block.members().into_iter().map(member).collect()
}

fn one_by_one(section: RawBlock<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    section.each_numbered(|number, value| rows.extend(value.block().map(|block| (number, listed(block)))));
    rows
}

fn at_once(section: RawBlock<'_>) -> Vec<Row> {
    section.rows(|_| Vec::new(), |row, field| row.push(member(field)))
}

#[test]
fn rows_are_the_numbered_containers_with_their_members() {
    let save = save(ENTRIES);
    let section = save.section("section").unwrap().block().unwrap().unwrap();
    assert_eq!(at_once(section), one_by_one(section));
    assert_eq!(at_once(section).iter().map(|(number, _)| *number).collect::<Vec<_>>(), [5, 2, 7, 5]);
    // What a row was begun with is its entry, and nothing behind it.
    let blocks = section.rows(|block| block, |_, _| {});
    let again: Vec<Row> = blocks.into_iter().map(|(number, block)| (number, listed(block))).collect();
    assert_eq!(again, one_by_one(section));
}

#[test]
fn rows_within_a_field_are_those_of_that_field() {
    let save = save(format!("outer={{ 1={{ a=0 }} {ENTRIES} 2={{ }} }}\n"));
    let outer = save.section("outer").unwrap().block().unwrap().unwrap();
    let section = outer.block("section").unwrap();
    let rows = outer.rows_within("section", |_| Vec::new(), |row: &mut Vec<String>, field| row.push(member(field)));
    assert_eq!(rows, one_by_one(section));
    assert!(outer.rows_within("other", |_| (), |(), _| {}).is_empty());
}

#[test]
fn rows_of_text_that_is_no_whole_container_are_what_each_sees() {
    for end in 0..ENTRIES.len() {
        let Raw::Block(block) = Raw::of(ENTRIES[8..].get(..end).unwrap_or_default().as_bytes()) else { continue };
        // An entry that does not end has the members that are there.
        let numbers = |rows: Vec<Row>| rows.into_iter().map(|(number, _)| number).collect::<Vec<_>>();
        assert_eq!(numbers(at_once(block)), numbers(one_by_one(block)), "{end}");
    }
}
