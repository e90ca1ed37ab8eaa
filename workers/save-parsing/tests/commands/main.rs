//! The commands of the built binary, as people and programs call them.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod brief;
mod fixture;
mod place;
mod process;
mod python;
mod transcript;

use std::{fs, os::unix::process::CommandExt};

use serde_json::{Value, json};

use crate::place::{Answer, GAMESTATE, META, Place, zip};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn help_and_version() {
    let place = Place::new();
    for (name, args) in [
        ("help", &["--help"][..]),
        ("serve_help", &["serve", "--help"]),
        ("extract_save_help", &["extract-save", "--help"]),
        ("iter_save_help", &["iter-save", "--help"]),
        ("extract_gamestate_help", &["extract-gamestate", "--help"]),
        ("brief_help", &["brief", "--help"]),
    ] {
        let answer = place.run(args);
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
        insta::assert_snapshot!(name, answer.stdout);
    }
    for args in [&["--version"][..], &["serve", "-V"]] {
        let answer = place.run(args);
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
        assert!(answer.stdout.starts_with("gantry-save-parsing") && answer.stdout.ends_with(" [version]\n"));
    }
}

#[test]
fn under_the_older_name_it_is_the_older_program() {
    let place = Place::new();
    let run = |args: &[&str]| {
        let mut command = place.command(args);
        Answer::from(command.arg0("/opt/stellaris-parser").output().unwrap())
    };
    let answer = run(&["extract-save", "a.sav", "--sections", "player"]);
    assert_eq!(answer.stdout, place.run(&["extract-save", "a.sav", "--sections", "player"]).stdout);
    assert_eq!(run(&["--version"]).stdout, "stellaris-parser [version]\n");
    let answer = run(&[]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(3), ""));
    assert!(answer.stderr.contains("stellaris-parser <COMMAND>"), "{}", answer.stderr);
}

#[test]
fn sections_are_printed_as_one_object() {
    let place = Place::new();
    let answer = place.run(&["extract-save", "a.sav", "--sections", " meta , player,nothing,,country"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("extract_save", answer.stdout);
    let typed = ["--schema-version", "2", "--scalars", "typed"];
    let answer = place.run(&[&["extract-save", "a.sav", "--sections", "country,used_color"], &typed[..]].concat());
    insta::assert_snapshot!("extract_save_schema_2", answer.stdout);

    place.file("gamestate", GAMESTATE.as_bytes());
    let sections = ["--sections", "meta,player"];
    for file in ["gamestate", "a.sav"] {
        let answer = place.run(&[&["extract-gamestate", file], &sections[..]].concat());
        let object = parsed(&answer.stdout);
        assert_eq!(object["player"], json!([{ "name": "someone", "country": "7" }]), "{file}");
        assert!(object.get("meta").is_none(), "a gamestate has none: {file}");
    }

    let answer = place.run(&[&["extract-save", "a.sav", "--output", "out.json"], &sections[..]].concat());
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""));
    let written = fs::read_to_string(place.path("out.json")).unwrap();
    assert_eq!(parsed(&written)["meta"]["name"], "The Test");
    let answer = place.run(&[&["extract-save", "none.sav", "--output", "out.json"], &sections[..]].concat());
    assert_eq!(answer.code, Some(1));
    assert_eq!(fs::read_to_string(place.path("out.json")).unwrap(), written, "a failure leaves what was there");
}

#[test]
fn entries_are_printed_a_line_each() {
    let place = Place::new();
    let answer = place.run(&["iter-save", "a.sav", "--section", "country", "--format", "jsonl"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!("iter_save", answer.stdout);
    for section in ["list", "version", "nothing", "meta"] {
        let answer = place.run(&["iter-save", "a.sav", "--section", section]);
        assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), "", ""), "{section}");
    }
}

#[test]
fn each_way_to_fail_has_its_exit_code() {
    let place = Place::new();
    let whole = zip(&[("meta", META), ("gamestate", GAMESTATE)]);
    place.file("half.sav", whole.get(..whole.len() / 2).unwrap());
    place.file("no-meta.sav", &zip(&[("gamestate", GAMESTATE)]));
    place.file("no-gamestate.sav", &zip(&[("meta", META)]));
    place.file("damaged.sav", &zip(&[("gamestate", "a={ 1=2 }\ncountry={\n\t1={ name=\"x\" }\n")]));
    place.file("bomb.sav", &zip(&[("gamestate", &"{".repeat(100_000))]));
    let rows: [(i32, &str); 18] = [
        (1, "extract-save none.sav --sections player"),
        (1, "iter-save none.sav --section player"),
        (1, "extract-gamestate none --sections player"),
        (2, "extract-save half.sav --sections player"),
        (2, "extract-save no-gamestate.sav --sections player"),
        (2, "extract-save no-meta.sav --sections meta"),
        (0, "extract-save no-meta.sav --sections list"),
        (2, "extract-save damaged.sav --sections country"),
        (0, "extract-save damaged.sav --sections a"),
        (2, "iter-save damaged.sav --section country"),
        (2, "extract-save a.sav --sections list --output no/such/folder"),
        (3, "extract-save . --sections player"),
        (3, "extract-save a.sav"),
        (3, "extract-save a.sav --sections player --schema-version 3"),
        (3, "extract-save a.sav --sections player --schema-version one"),
        (3, "extract-save a.sav --sections player --scalars typed"),
        (3, "iter-save a.sav --section player --format csv"),
        (3, "serve --path a.sav --idle-timeout 0"),
    ];
    let mut told = String::new();
    for (code, line) in rows {
        let answer = place.run(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(answer.code, Some(code), "{line}: {}", answer.stderr);
        if code != 0 {
            assert_eq!(answer.stdout, "", "{line}");
            told += &format!("$ {line}\n{}", answer.stderr);
        }
    }
    insta::assert_snapshot!("failures", told);
}
