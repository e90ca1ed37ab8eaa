//! Any bytes as a save file: an error or a text, never more memory than the limits say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use save_parsing::{Limits, Save};

fuzz_target!(|input: &[u8]| {
    let limits = Limits { text_bytes: 1 << 20, ratio_from: 1 << 16, ..Limits::default() };
    match Save::from_bytes(input.to_vec(), &limits) {
        Ok(save) => assert!(save.text().len() <= 1 << 20),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
