//! Real saves, in the folder that `GANTRY_TEST_SAVES` names.

use std::{collections::HashMap, path::PathBuf};

use save_parsing::{Limits, Save, Scalars, Schema, Tape, print};
use serde_json::json;

use crate::support::{V1, json};

fn saves() -> Vec<PathBuf> {
    let Some(folder) = std::env::var_os("GANTRY_TEST_SAVES") else {
        println!("skipped: GANTRY_TEST_SAVES names no folder of saves");
        return Vec::new();
    };
    let entries = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let mut saves: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|end| end == "sav")).collect();
    saves.sort();
    assert!(!saves.is_empty(), "no .sav in {}", folder.display());
    saves
}

/// A second reading of the format, slow and plain: values lost when of several fields with one key only the last counts, and
/// how often each key stands below the top level. Real saves have no comments.
#[derive(Default)]
struct Counter {
    keys: HashMap<Vec<u8>, u64>,
    lost: u64,
}

fn count(text: &[u8]) -> Counter {
    let mut counter = Counter::default();
    let mut open: Vec<HashMap<Vec<u8>, u64>> = vec![HashMap::new()];
    let mut word: Option<Vec<u8>> = None;
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                let mut text = Vec::new();
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'"' => break,
                        b'\\' => text.extend([byte, bytes.next().unwrap()]),
                        _ => text.push(byte),
                    }
                }
                word = Some(text);
            }
            b'=' => {
                let key = word.take().unwrap();
                if open.len() > 1 {
                    *counter.keys.entry(key.clone()).or_default() += 1;
                }
                *open.last_mut().unwrap().entry(key).or_default() += 1;
            }
            b'{' => open.push(HashMap::new()),
            b'}' => counter.lost += open.pop().unwrap().values().map(|count| count - 1).sum::<u64>(),
            byte if byte.is_ascii_whitespace() => {}
            _ => {
                let mut text = vec![byte];
                while let Some(byte) =
                    bytes.next_if(|byte| !matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'=' | b'{' | b'}' | b'"'))
                {
                    text.push(byte);
                }
                word = Some(text);
            }
        }
    }
    assert_eq!(open.len(), 1);
    counter.lost += open.pop().unwrap().values().map(|count| count - 1).sum::<u64>();
    counter
}

/// Fields that an earlier one of their container shares the key with.
fn repeated_fields(save: &Save) -> u64 {
    let mut names: HashMap<String, u64> = HashMap::new();
    let mut repeated = 0;
    let mut tape = Tape::default();
    for section in save.sections() {
        *names.entry(section.name().into_owned()).or_default() += 1;
        if !section.is_container() {
            continue;
        }
        let mut open = vec![section.parse(&mut tape).unwrap()];
        while let Some(value) = open.pop() {
            repeated += value.fields().filter(|field| field.repeated()).count() as u64;
            open.extend(value.members().map(|member| member.value).filter(|value| value.is_container()));
        }
    }
    repeated + names.values().map(|count| count - 1).sum::<u64>()
}

#[test]
fn a_second_reading_counts_the_same() {
    for path in saves() {
        let save = Save::open(&path, &Limits::default()).unwrap();
        assert!(save.damages().is_empty(), "{:?}", save.damages());
        let counter = count(save.text());
        assert_eq!(repeated_fields(&save), counter.lost, "{}", path.display());
        let keys = ["name", "technology", "level", "key", "relation", "trait", "traits", "ethic", "0", "7", "country"];
        let counts = json(&save, V1, &json!({"op":"count_keys","keys":keys}));
        for key in keys {
            assert_eq!(counts["counts"][key], counter.keys.get(key.as_bytes()).copied().unwrap_or(0), "{key}");
        }
    }
}

#[test]
fn every_section_is_json_in_both_shapes_and_parses_again_when_printed() {
    for path in saves() {
        let save = Save::open(&path, &Limits::default()).unwrap();
        assert_eq!(save.inspect().sha256.len(), 64);
        for section in save.sections() {
            let mut out = Vec::new();
            for schema in [Schema::V1, Schema::V2(Scalars::Tagged)] {
                out.clear();
                section.write(schema, &mut out).unwrap();
                serde_json::from_slice::<serde::de::IgnoredAny>(&out).unwrap();
            }
            if section.text().len() > 1 << 20 {
                continue;
            }
            let mut tape = Tape::default();
            let printed = print(section.parse(&mut tape).unwrap());
            let again = Save::from_bytes([b"section=".as_slice(), &printed].concat(), &Limits::default()).unwrap();
            let mut printed_out = Vec::new();
            again.section("section").unwrap().write(Schema::V2(Scalars::Tagged), &mut printed_out).unwrap();
            assert!(out == printed_out, "{} {}", path.display(), section.name());
        }
    }
}

#[test]
fn the_player_is_found_in_each() {
    for path in saves() {
        let save = Save::open(&path, &Limits::default()).unwrap();
        let data = json(&save, V1, &json!({"op":"extract_sections","sections":["meta","player"],"strict":true}));
        let player = data["data"]["player"][0]["country"].as_str().unwrap();
        let entry = json(&save, V1, &json!({"op":"get_entry","section":"country","key":player}));
        assert_eq!(entry["found"], true);
        assert!(data["data"]["meta"]["version"].is_string());
    }
}
