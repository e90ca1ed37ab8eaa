//! Patterns of two files `.gantryignore` and one `.gitignore`, and the name of a file: a scan takes files that are there,
//! each once and in order, and the same ones when it is asked again.
#![no_main]

use std::{ffi::OsStr, fs, os::unix::ffi::OsStrExt, path::Path};

use heavy_compute::workspace::{Scan, scan};
use gantry_fuzz::SEPARATOR;
use kit::Job;
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 8] =
    ["a.ts", "a/b.ts", "a/c/d.py", "a/c/.hidden", "build/x.ts", "src/bin/y.rs", "[x]/*.go", "e f/ü.ts"];

fn scanned(root: &Path) -> Scan {
    scan(&Job::<()>::detached(), root).unwrap_or_else(|error| panic!("it can be listed: {error:?}"))
}

fuzz_target!(|input: &[u8]| {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path();
    for path in PATHS {
        let place = root.join(path);
        place.parent().map_or(Ok(()), fs::create_dir_all).expect("a folder can be made");
        fs::write(place, "").expect("a file can be written");
    }
    let mut texts = input.split(|byte| *byte == SEPARATOR);
    for path in [".gantryignore", "a/.gantryignore", ".gitignore"] {
        fs::write(root.join(path), texts.next().unwrap_or_default()).expect("a file can be written");
    }
    let name = texts.next().unwrap_or_default();
    if !name.is_empty() && name != b"." && name != b".." && !name.contains(&b'/') {
        // Of a name that is too long or holds a NUL there can be no file.
        let _ = fs::write(root.join("a").join(OsStr::from_bytes(name)), "");
    }
    let first = scanned(root);
    assert!(first.files.is_sorted_by(|one, next| one < next), "{:?}", first.files);
    for path in &first.files {
        assert!(root.join(path).is_file(), "{path:?}");
    }
    let again = scanned(root);
    assert_eq!((first.files, first.skipped), (again.files, again.skipped));
});
