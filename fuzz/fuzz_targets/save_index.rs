//! Any text: its sections lie within it and in order, their entries within them, and both readings of a section agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use save_parsing::{Limits, Save, Tape};

fuzz_target!(|input: &[u8]| {
    let limits = Limits { depth: 64, ..Limits::default() };
    let Ok(save) = Save::from_bytes(input.to_vec(), &limits) else { return };
    let place = |part: &[u8]| part.as_ptr() as usize..part.as_ptr() as usize + part.len();
    let whole = place(save.text());
    let mut before = whole.start;
    for section in save.sections() {
        let here = place(section.text());
        assert!(before <= here.start && here.end <= whole.end);
        before = here.end;
        let mut within = here.start;
        for entry in section.entries().into_iter().flatten() {
            let entry = place(entry.value_text());
            assert!(within <= entry.start && entry.end <= here.end);
            within = entry.end;
        }
        let mut tape = Tape::default();
        let (value, entries) = (section.parse(&mut tape), section.entry_count());
        if let (Ok(value), Ok(entries)) = (value, entries) {
            assert_eq!(value.members().count(), entries);
        }
    }
    for damage in save.damages() {
        assert!(damage.position.line > 0 && damage.position.col > 0);
    }
});
