//! Any bytes as a SCIP index: the reader comes to their end, says where each part is, goes on from each as if it had read
//! all before, and sees in a document what the generated messages see, or refuses it as they do.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use prost::Message;
use scip_index::{IndexReader, Limits, Part, lint::Linter, proto};

#[path = "../../activities/scip/tests/scip/same.rs"]
mod same;

/// Small, so that parts that are too large come too.
const LIMITS: Limits = Limits { part_bytes: 2048 };

fn reader(bytes: &[u8]) -> IndexReader<Cursor<&[u8]>> {
    IndexReader::with_limits(Cursor::new(bytes), LIMITS).expect("memory tells its length")
}

fn place(part: &Part<'_>) -> (u64, u64) {
    match part {
        Part::Metadata(block) => (block.offset(), block.end()),
        Part::Document(block) => (block.offset(), block.end()),
        Part::ExternalSymbol(block) => (block.offset(), block.end()),
        Part::Damaged(damage) => (damage.offset, damage.end),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let mut reading = reader(bytes);
    let mut last = 0;
    while let Ok(Some(part)) = reading.next_part() {
        let (offset, end) = place(&part);
        assert!(last <= offset && offset < end && end <= bytes.len() as u64, "{last} {offset} {end}");
        match &part {
            Part::Document(block) => {
                same::agree(block.bytes());
                // A thing that is broken costs no other, and none of them the process.
                if let Ok(document) = block.document() {
                    for occurrence in document.occurrences().flatten() {
                        let _ = occurrence.range.range();
                    }
                    for symbol in document.symbols().flatten() {
                        symbol.documentation().for_each(drop);
                        symbol.relationships().for_each(drop);
                    }
                }
            }
            Part::ExternalSymbol(block) => match (block.symbol(), proto::SymbolInformation::decode(block.bytes())) {
                (Ok(found), Ok(expected)) => same::assert_same_symbol(&found, &expected),
                (Err(_), Err(_)) => {}
                (found, expected) => panic!("{found:?} but {expected:?}"),
            },
            Part::Metadata(block) => drop(block.message()),
            Part::Damaged(damage) => drop(damage.to_string()),
        }
        let mut resumed = reader(bytes);
        resumed.resume(last).expect("an offset that was given");
        let again = resumed.next_part().expect("read before").expect("there before");
        assert_eq!(place(&again), (offset, end));
        last = end;
    }
    let _ = Linter::new(None).index(&mut reader(bytes), |finding| drop(format!("{finding:?}")));
});
