//! Any text as the value of a section: what is written is JSON, and what is printed parses to the same value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use save_parsing::{Limits, Save, Scalars, Schema, SectionView, Tape, print};

fn json(section: SectionView<'_>, schema: Schema) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    section.write(schema, &mut out).ok()?;
    serde_json::from_slice::<serde_json::Value>(&out).expect("it is JSON");
    Some(out)
}

fuzz_target!(|input: &[u8]| {
    let text = [b"section={".as_slice(), input, b"\n}\n"].concat();
    let limits = Limits { depth: 100, ..Limits::default() };
    let Ok(save) = Save::from_bytes(text, &limits) else { return };
    let Some(section) = save.section("section") else { return };
    json(section, Schema::V1);
    let Some(first) = json(section, Schema::V2(Scalars::Tagged)) else { return };
    let mut tape = Tape::default();
    let Ok(value) = section.parse(&mut tape) else { return };
    let printed = [b"section=".as_slice(), &print(value)].concat();
    // Without its spaces it may be too much of zeros to pass for text.
    let Ok(again) = Save::from_bytes(printed, &limits) else { return };
    let again = again.section("section").and_then(|section| json(section, Schema::V2(Scalars::Tagged)));
    assert_eq!(Some(first), again);
});
