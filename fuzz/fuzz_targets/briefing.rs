//! Any text as a save: a briefing or an error, whatever the sections hold, and the same one when it explains itself.
#![no_main]

use briefing::{Options, brief};
use libfuzzer_sys::fuzz_target;
use save_parsing::{Limits, Save};

fuzz_target!(|input: &[u8]| {
    let Ok(save) = Save::from_bytes(input.to_vec(), &Limits::default()) else { return };
    // Without a player the countries are read all the same.
    let options = |explain| Options { player: Some(0), explain, ..Options::default() };
    let Ok(plain) = brief(&save, &options(false)) else { return };
    let explained = brief(&save, &options(true)).expect("explaining changes nothing");
    assert_eq!(plain.to_json(), explained.to_json());
});
