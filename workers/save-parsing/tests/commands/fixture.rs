//! What the older client asks of a real save: folder `GANTRY_TEST_SAVES`.

use std::{env, fs, path::PathBuf, process::Command};

use serde_json::{Value, json};

use crate::place::{BINARY, Place};

#[expect(clippy::print_stderr, reason = "a test that checks nothing must say so")]
fn saves() -> Vec<PathBuf> {
    let Some(folder) = env::var_os("GANTRY_TEST_SAVES") else {
        eprintln!("skipped: GANTRY_TEST_SAVES does not name a folder with saves");
        return Vec::new();
    };
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "sav")).collect()
}

fn ask(place: &Place, save: &str, requests: &[Value]) -> Vec<Value> {
    let requests: Vec<Vec<u8>> = requests.iter().map(|request| request.to_string().into_bytes()).collect();
    let requests: Vec<&[u8]> = requests.iter().map(Vec::as_slice).collect();
    let answer = place.session(save, &[], &requests);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    answer.stdout.lines().map(|frame| serde_json::from_str(frame).unwrap()).collect()
}

#[test]
fn the_calls_of_the_older_client() {
    let place = Place::new();
    for path in saves() {
        let save = path.to_str().unwrap();
        let first =
            ask(&place, save, &[json!({ "op": "extract_sections", "sections": ["meta", "player", "nothing"] })]);
        let data = &first[0]["data"];
        assert!(data["meta"]["version"].is_string() && data.get("nothing").is_none(), "{save}");
        let player = data["player"][0]["country"].as_str().unwrap();

        let entry = |key: &str| json!({ "op": "get_entry", "section": "country", "key": key });
        let inner: Vec<Value> = (0..27)
            .map(|number| match number % 5 {
                0 => json!({ "op": "extract_sections", "sections": ["player"] }),
                1 => entry(player),
                2 => json!({ "op": "count_keys", "keys": ["ethic", "component"] }),
                3 => json!({ "op": "contains_kv", "pairs": [["country", player]] }),
                _ => json!({ "op": "get_entries", "section": "country", "keys": ["0", player], "fields": ["name", "ethos"] }),
            })
            .collect();
        let frames = ask(
            &place,
            save,
            &[
                json!({ "op": "multi", "ops": inner }),
                entry(player),
                json!({ "op": "get_entries", "section": "country", "keys": [player, "no"], "fields": ["name", "no"] }),
                json!({ "op": "count_keys", "keys": ["ethic", "version", "no_such_key"] }),
                json!({ "op": "contains_tokens", "tokens": ["ethic", "no such token"] }),
                json!({ "op": "contains_kv", "pairs": [["country", player], ["no_such_key", "1"]] }),
                json!({ "op": "get_country_summaries", "fields": ["name", "military_power"] }),
                json!({ "op": "get_duplicate_values", "section": "country", "key": player, "field": "ethic" }),
                json!({ "op": "get_entry_text", "section": "country", "key": player }),
                json!({ "op": "iter_section", "section": "country", "batch_size": 100 }),
            ],
        );
        let results = frames[0]["results"].as_array().unwrap();
        assert_eq!(results.len(), 27);
        assert!(results.iter().all(|result| result.get("ok").is_none()));
        assert_eq!(results[1]["entry"], frames[1]["entry"], "{save}");
        assert_eq!(results[3]["matches"][format!("country={player}")], true, "{save}");
        assert_eq!((&frames[1]["found"], frames[1]["entry"].is_object()), (&true.into(), true));
        let fields = frames[2]["entries"].as_array().unwrap();
        assert_eq!(fields.len(), 1, "what is not there is left out");
        assert_eq!(fields[0]["_key"], player);
        assert_eq!(fields[0]["name"], frames[1]["entry"]["name"]);
        assert!(frames[3]["counts"]["ethic"].as_u64() > Some(0) && frames[3]["counts"]["no_such_key"] == 0);
        assert_eq!(frames[4]["matches"], json!({ "ethic": true, "no such token": false }));
        assert_eq!(frames[5]["matches"]["no_such_key=1"], false);
        let ethics = frames[7]["values"].as_array().unwrap();
        assert!((1..=3).contains(&ethics.len()), "{save}: {ethics:?}");
        let last = &frames[1]["entry"]["ethos"]["ethic"];
        assert_eq!(ethics.last().unwrap(), last, "schema 1 has the last of them");
        let text = frames[8]["text"].as_str().unwrap();
        assert!(text.starts_with(&format!("\n\t{player}=")) && text.ends_with('}'), "{save}");

        assert_eq!(frames[9]["stream"], true);
        let (batches, done) = frames[10..].split_at(frames.len() - 11);
        assert_eq!((done[0]["done"].as_bool(), done[0]["section"].as_str()), (Some(true), Some("country")));
        let entries: Vec<&Value> = batches.iter().flat_map(|frame| frame["entries"].as_array().unwrap()).collect();
        assert!(batches.iter().all(|frame| frame["entries"].as_array().unwrap().len() <= 100));
        let streamed = entries.iter().find(|entry| entry["key"] == player).unwrap();
        assert_eq!(streamed["value"], frames[1]["entry"], "{save}");
        let containers = entries.iter().filter(|entry| entry["value"].is_object()).count();
        assert_eq!(frames[6]["countries"].as_array().unwrap().len(), containers, "{save}");

        let lines = Command::new(BINARY).args(["iter-save", save, "--section", "country"]).output().unwrap().stdout;
        let lines: Vec<Value> =
            lines.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
        assert_eq!(lines.len(), entries.len());
        assert!(lines.iter().zip(&entries).all(|(line, entry)| line["value"] == entry["value"]), "{save}");
    }
}
