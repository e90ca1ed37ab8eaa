//! The first byte chooses the paths of a project, the rest is the texts of its files.
#![no_main]

use heavy_compute::link::Manifests;
use gantry_fuzz::{LAYOUTS, SEPARATOR, check_links, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((first, rest)) = input.split_first() else { return };
    let paths = LAYOUTS[usize::from(*first) % LAYOUTS.len()];
    let texts = rest.split(|byte| *byte == SEPARATOR);
    let files: Vec<_> = paths.iter().zip(texts).map(|(path, text)| read(path, text)).collect();
    check_links(&files, &Manifests::default());
});
