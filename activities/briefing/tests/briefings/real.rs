//! Real saves with the briefings that another program made of them, in the folder that `GANTRY_TEST_SAVES` names:
//! `NAME.sav` and `NAME.briefing.json`.

use std::{fs, path::PathBuf, sync::LazyLock};

use briefing::{Options, brief};
use save_parsing::{Limits, Save};
use serde_json::Value;

/// A save with both briefings.
pub(crate) struct Real {
    /// `s401`, ...: what the file is called.
    pub(crate) name: String,
    pub(crate) save: Save,
    pub(crate) briefing: Value,
    /// What the other program said.
    pub(crate) old: Option<Value>,
}

/// All saves of the folder, briefed once for all tests.
pub(crate) fn saves() -> &'static [Real] {
    static SAVES: LazyLock<Vec<Real>> = LazyLock::new(read);
    if SAVES.is_empty() {
        println!("skipped: GANTRY_TEST_SAVES names no folder of saves");
    }
    &SAVES
}

fn read() -> Vec<Real> {
    let Some(folder) = std::env::var_os("GANTRY_TEST_SAVES") else { return Vec::new() };
    let mut paths: Vec<PathBuf> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "sav"));
    paths.sort();
    assert!(!paths.is_empty(), "no .sav in {}", folder.display());
    let real = |path: PathBuf| {
        let save = Save::open(&path, &Limits::default()).unwrap();
        let briefing = brief(&save, &Options::default()).unwrap().to_json();
        let old = fs::read(path.with_extension("briefing.json")).ok();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Real { name, save, briefing, old: old.map(|text| serde_json::from_slice(&text).unwrap()) }
    };
    paths.into_iter().map(real).collect()
}
