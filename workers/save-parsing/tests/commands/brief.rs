//! `brief`: the briefing of a generated save, in each form and with each mistake.

use std::fs;

use save_parsing::sample::SampleSave;
use serde_json::{Value, json};

use crate::place::Place;

const SAMPLE: SampleSave = SampleSave { seed: 7, text_bytes: 300_000 };

/// A folder with `old.sav`, and `new.sav`, which is the same campaign a year later with more energy.
fn place() -> Place {
    let place = Place::new();
    place.file("old.sav", &SAMPLE.zip());
    let text = String::from_utf8(SAMPLE.gamestate()).unwrap();
    let date = text.lines().find_map(|line| line.strip_prefix("date=")).unwrap().trim_matches('"').to_owned();
    let (year, rest) = date.split_once('.').unwrap();
    let later = format!("{}.{rest}", year.parse::<u32>().unwrap() + 1);
    let after = |from: usize, word: &str| from + text[from..].find(word).unwrap();
    let player = after(after(0, "\ncountry="), &format!("\n\t{}=", SAMPLE.counts().player));
    let stock = after(after(player, "standard_economy_module"), "energy=");
    let end = stock + text[stock..].find('\n').unwrap();
    let text = format!("{}energy=123456{}", &text[..stock], &text[end..]);
    place.file("new.sav", text.replacen(&format!("date=\"{date}\""), &format!("date=\"{later}\""), 1).as_bytes());
    place
}

#[test]
fn each_form_tells_the_same_empire() {
    let place = place();
    let json = place.run(&["brief", "old.sav", "--json"]);
    assert_eq!((json.code, json.stderr.as_str()), (Some(0), ""));
    let briefing: Value = serde_json::from_str(&json.stdout).unwrap();
    let counts = SAMPLE.counts();
    assert_eq!(briefing["meta"]["player_id"], json!(counts.player));
    // The parts stand at the top level, in the order of the contract.
    let places: Vec<usize> =
        briefing::parts::NAMES.iter().map(|name| json.stdout.find(&format!("\n  \"{name}\": ")).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");

    let name = briefing["meta"]["empire_name"].as_str().unwrap();
    let text = place.run(&["brief", "old.sav"]).stdout;
    assert_eq!(text, place.run(&["brief", "old.sav", "--text"]).stdout);
    assert!(text.starts_with(&name.to_uppercase()), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");

    let html = place.run(&["brief", "old.sav", "--html", "--output", "page.html"]);
    assert_eq!((html.code, html.stdout.as_str()), (Some(0), ""));
    let page = fs::read_to_string(place.path("page.html")).unwrap();
    assert!(page.contains(&format!("<title>{name}</title>")), "{page}");
}

#[test]
fn a_figure_is_explained() {
    let place = place();
    let answer = place.run(&["brief", "old.sav", "--explain", "situation.economy.net"]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    for told in ["situation.economy.energy_net = ", "situation.economy.minerals_net = ", "current_month"] {
        assert!(answer.stdout.contains(told), "{told} is not in\n{}", answer.stdout);
    }
}

#[test]
fn two_saves_of_one_campaign_are_compared_in_each_form() {
    let place = place();
    let compare = ["brief", "--diff", "old.sav", "new.sav"];
    let text = place.run(&compare);
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""));
    assert!(text.stdout.contains("WHAT CHANGED") && text.stdout.contains("Energy"), "{}", text.stdout);
    let json: Value = serde_json::from_str(&place.run(&[&compare[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!((&json["days"], &json["resources"]["energy"]["stock"]["new"]), (&json!(360), &json!(123_456)));
    assert!(place.run(&[&compare[..], &["--html"]].concat()).stdout.starts_with("<!DOCTYPE html>"));
}

#[test]
fn mistakes_are_told_with_their_exit_codes() {
    let place = place();
    place.file("empty.sav", b"version=\"x\"\n");
    for (args, code, told) in [
        (&["brief"][..], 3, "<SAVE>"),
        (&["brief", "none.sav"], 1, "none.sav"),
        (&["brief", "empty.sav"], 3, "names no player"),
        (&["brief", "old.sav", "--player", "4000000000"], 3, "there is no country 4000000000"),
        (&["brief", "old.sav", "--explain", "economy.energie"], 3, "`economy` there are: "),
        (&["brief", "old.sav", "--json", "--html"], 3, "cannot be used with"),
        (&["brief", "old.sav", "--diff", "old.sav", "new.sav"], 3, "cannot be used with"),
        (&["brief", "old.sav", "--output", "no/such/folder.txt"], 2, "no/such/folder.txt"),
    ] {
        let answer = place.run(args);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{args:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(told), "{args:?}: {}", answer.stderr);
    }
}

#[test]
fn a_damaged_section_is_told_and_the_rest_is_briefed() {
    let place = Place::new();
    let text = String::from_utf8(SAMPLE.gamestate()).unwrap();
    let at = text.find("\nleaders=").unwrap();
    let brace = at + text[at..].rfind('}').unwrap();
    place.file("damaged", [&text.as_bytes()[..brace], &text.as_bytes()[brace + 1..]].concat().as_slice());
    let answer = place.run(&["brief", "damaged", "--json"]);
    assert_eq!(answer.code, Some(0), "{}", answer.stderr);
    assert!(answer.stderr.contains("line "), "{}", answer.stderr);
    let briefing: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert!(!briefing["_warnings"].as_array().unwrap().is_empty());
    assert!(
        briefing["military"]["fleets"]["count"].is_number()
            || briefing["_unknown"]["military.fleets.count"].is_string()
    );
}
