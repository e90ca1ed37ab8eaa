//! The first byte chooses a grammar, the rest is a source: what `cargo test --test syntax_properties` holds true of small
//! random sources holds for these.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../activities/heavy-compute/tests/syntax_invariants/mod.rs"]
mod syntax_invariants;

use syntax_invariants::{GRAMMARS, extracted};

fuzz_target!(|input: &[u8]| {
    let Some((first, source)) = input.split_first() else { return };
    extracted(GRAMMARS[usize::from(*first) % GRAMMARS.len()], source);
});
