//! Saves that lack something, are damaged, cut off or not what any game writes: a briefing, with reasons and warnings.

use std::collections::BTreeSet;

use briefing::{BriefError, Briefing, Options, brief};
use proptest::{
    collection::vec,
    prelude::any,
    prop_assert_eq, proptest,
    sample::{Index, select},
    test_runner::Config,
};
use save_parsing::Save;
use serde_json::Value;

use crate::saves::{
    self, AGES, Age,
    tree::{self, Node, Part},
};

fn briefed(text: &str) -> Result<Briefing, BriefError> {
    brief(&saves::of(text), &Options { explain: true, ..Options::default() })
}

/// Paths of nulls that have no reason.
fn silent(briefing: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Null => found.push(path.to_owned()),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(at, item)| walk(item, &format!("{path}.{at}"), found));
            }
            Value::Object(members) => {
                members.iter().for_each(|(name, member)| walk(member, &format!("{path}.{name}"), found));
            }
            _ => {}
        }
    }
    let mut nulls = Vec::new();
    let parts = briefing.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('_'));
    parts.for_each(|(name, part)| walk(part, name, &mut nulls));
    nulls.retain(|path| briefing["_unknown"].get(path).is_none_or(|reason| reason == ""));
    nulls
}

/// What a briefing without a section says less of, and says so elsewhere.
fn may_be_less(section: &str, what: &str, briefing: &Value) -> bool {
    let analysis = &briefing["military"]["naval_capacity"]["analysis"];
    let families = analysis["unresolved_source_families"].as_array().unwrap();
    (what.starts_with(".military.naval_capacity.analysis.") && analysis["confidence"] == "estimated" && !families.is_empty())
        // Species are then called by their ids, ships by a class that is not known.
        || (what.starts_with(".economy.pop_statistics.by_species.") && section.starts_with("species"))
        || (what.starts_with(".military.ship_classes.") && section == "ship_design")
        // Power alone tells most of them.
        || (what.starts_with(".military.fleets.fleet") && ["ships", "ship_design"].contains(&section))
        // Written only while a crisis is known to be active.
        || (what.starts_with(".situation.") && briefing["situation"]["crisis_active"].is_null())
}

/// What became nothing or less without becoming unknown.
fn lessened(whole: &Value, part: &Value, path: &str, found: &mut Vec<String>) {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            for (name, whole) in whole.iter().filter(|(name, _)| !name.starts_with('_')) {
                match part.get(name) {
                    Some(part) => lessened(whole, part, &format!("{path}.{name}"), found),
                    None => found.push(format!("{path}.{name} is gone")),
                }
            }
        }
        (Value::Array(whole), Value::Array(part)) if part.len() < whole.len() => {
            found.push(format!("{path} has {} of {} items", part.len(), whole.len()));
        }
        (Value::Array(whole), Value::Array(part)) => {
            let pairs = whole.iter().zip(part).enumerate();
            pairs.for_each(|(at, (whole, part))| lessened(whole, part, &format!("{path}.{at}"), found));
        }
        (Value::Number(_), Value::Number(part)) if part.as_f64() == Some(0.0) && whole.as_f64() != Some(0.0) => {
            found.push(format!("{path} was {whole}, is 0"));
        }
        (Value::Bool(true), Value::Bool(false)) => found.push(format!("{path} was true")),
        _ => {}
    }
}

fn sections(text: &str) -> BTreeSet<String> {
    saves::of(text).sections().map(|section| section.name().into_owned()).collect()
}

#[test]
fn every_null_has_a_reason() {
    for age in AGES {
        let briefing = briefed(&saves::text(age)).unwrap().to_json();
        assert_eq!(silent(&briefing), [""; 0], "{age:?}");
    }
}

#[test]
fn a_section_may_be_missing_and_what_it_would_tell_is_unknown() {
    let mut wrong = Vec::new();
    for age in AGES {
        let text = saves::text(age);
        let whole = briefed(&text).unwrap().to_json();
        for section in sections(&text) {
            let mut parts = tree::parse(&text);
            parts.retain(|part| part.key.as_deref() != Some(section.as_str()));
            let briefing = briefed(&tree::print(&parts));
            if section == "player" {
                assert_eq!(briefing.unwrap_err(), BriefError::NoPlayer);
                continue;
            }
            if section == "country" {
                assert!(briefing.unwrap_err().to_string().contains("the save has no section `country`"));
                continue;
            }
            let briefing = briefing.unwrap().to_json();
            wrong
                .extend(silent(&briefing).into_iter().map(|path| format!("{age:?} without {section}: {path} is null")));
            let mut less = Vec::new();
            lessened(&whole, &briefing, "", &mut less);
            less.retain(|what| !may_be_less(&section, what, &briefing));
            wrong.extend(less.into_iter().map(|what| format!("{age:?} without {section}: {what}")));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The texts of a save with one character of each section left out: the last of those that are `character`.
fn without_one(age: Age, character: char) -> Vec<(String, String)> {
    let parts = tree::parse(&saves::text(age));
    let mut texts = Vec::new();
    for at in 0..parts.len() {
        let name = parts[at].key.clone().unwrap();
        // In the layout that the game has: each section begins at the start of a line.
        let printed: Vec<String> = parts.iter().map(|part| tree::print(std::slice::from_ref(part))).collect();
        let section = &printed[at];
        let inner = section.trim_end().trim_end_matches('}').trim_end();
        // A text at the top that does not end takes with it what is before the next container.
        if let (Node::Block(_), Some(place)) = (&parts[at].node, inner.rfind(character)) {
            let broken = format!("{}{}", &section[..place], &section[place + 1..]);
            let text = printed.iter().enumerate().map(|(other, text)| if other == at { &broken } else { text });
            texts.push((name, text.map(String::as_str).collect()));
        }
    }
    texts
}

#[test]
fn damage_is_told_and_the_rest_is_briefed() {
    for age in AGES {
        for character in ['}', '"'] {
            for (section, text) in without_one(age, character) {
                println!("{age:?}: {section} without a {character}");
                let save = saves::of(text.clone());
                assert!(!save.damages().is_empty(), "{age:?}: {section} without a {character} is not damaged");
                match briefed(&text) {
                    Ok(briefing) => {
                        let briefing = briefing.to_json();
                        assert!(!briefing["_warnings"].as_array().unwrap().is_empty());
                        assert_eq!(silent(&briefing), [""; 0], "{age:?}: {section} without a {character}");
                    }
                    // Without the player or the countries there is nothing to brief.
                    Err(error) => {
                        assert!(["player", "country"].contains(&section.as_str()), "{age:?}: {section}: {error}");
                    }
                }
            }
        }
    }
}

#[test]
fn a_save_that_is_still_being_written_has_a_briefing_or_an_error() {
    for age in AGES {
        let text = saves::text(age);
        for end in (0..text.len()).step_by(211) {
            let Ok(save) = Save::from_bytes(text.as_bytes()[..end].to_vec(), &save_parsing::Limits::default()) else {
                continue;
            };
            if let Ok(briefing) = brief(&save, &Options::default()) {
                let briefing = briefing.to_json();
                assert!(!save.damages().is_empty() || !briefing["_unknown"].as_object().unwrap().is_empty());
                assert_eq!(silent(&briefing), [""; 0], "{age:?} cut at {end}");
            }
        }
    }
}

#[test]
fn a_modded_save_passes_its_own_types_through() {
    let text = saves::text(saves::V4_0)
        .replace("\"starbase_starport\"", "\"starbase_megaport\"")
        .replace("starbase_level_starport", "starbase_level_megaport")
        .replace("\"corvette\"", "\"mod_gunship\"")
        .replace("auth_democratic", "auth_mod_council")
        .replace("ethic_xenophile", "ethic_mod_wanderer")
        .replace("pc_continental", "pc_mod_paradise")
        .replace("category=\"worker\"", "category=\"mod_helper\"")
        .replace("type=\"default\" military_power=500", "type=\"mod_nation\" military_power=500")
        .replace("energy=1234.5", "energy=1234.5 mod_flux=7.5")
        .replace("name=\"A title", "mod_section={ 1={ x=y } } name=\"A title");
    let briefing = briefed(&text).unwrap().to_json();
    assert_eq!(briefing["identity"]["authority"], "mod_council");
    assert_eq!(briefing["identity"]["ethics"][1], "mod_wanderer");
    assert_eq!(briefing["territory"]["planets"]["by_type"]["mod_paradise"], 1);
    assert_eq!(briefing["defense"]["by_level"]["megaport"], 1);
    assert_eq!(briefing["economy"]["resources"]["stockpiles"]["mod_flux"], 7.5);
    assert_eq!(briefing["economy"]["pop_statistics"]["by_stratum"]["mod_helper"], 393);
    assert_eq!(briefing["military"]["ship_classes"]["mod_gunship"], 3);
    assert_eq!(silent(&briefing), [""; 0]);
}

/// What stands where something else should.
const STRANGE: [&str; 16] = [
    "none",
    "yes",
    "no",
    "{ }",
    "{ 1 2 3 }",
    "{ a=b }",
    "{ { a=b } { } }",
    "\"\"",
    "\"text\"",
    "-1",
    "4294967295",
    "99999999999999999999999999",
    "-1e308",
    "nan",
    "1.5",
    "0.01.01",
];

/// Puts something strange at places of the text, counted over all its parts.
fn strange(age: Age, changes: &[(Index, &'static str)]) -> String {
    let mut parts = tree::parse(&saves::text(age));
    let mut count = 0;
    tree::visit(&mut parts, &mut |_| count += 1);
    for (at, value) in changes {
        let (wanted, mut here) = (at.index(count), 0);
        tree::visit(&mut parts, &mut |part| {
            if here == wanted {
                part.node = Node::Word((*value).to_owned());
            }
            here += 1;
        });
    }
    tree::print(&parts)
}

/// Entries in another order: those whose keys are all numbers, wherever they stand, and the sections themselves.
fn shuffled(parts: &mut [Part], order: &mut impl FnMut(usize) -> usize) {
    let numbered = |part: &Part| part.key.as_ref().is_some_and(|key| key.parse::<u32>().is_ok());
    if parts.iter().all(numbered) {
        for at in (1..parts.len()).rev() {
            parts.swap(at, order(at + 1));
        }
    }
    for part in parts {
        if let Node::Block(below) = &mut part.node {
            shuffled(below, order);
        }
    }
}

/// As many cases as a test can afford in a build without optimisation; PROPTEST_CASES wants others.
fn few(cases: u32) -> Config {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|wanted| wanted.parse().ok());
    Config { cases: wanted.unwrap_or(cases), failure_persistence: None, ..Config::default() }
}

proptest! {
    #![proptest_config(few(96))]

    #[test]
    fn what_is_of_the_wrong_kind_is_no_panic(
        age in select(&AGES[..]),
        changes in vec((any::<Index>(), select(&STRANGE[..])), 1..12),
    ) {
        if let Ok(briefing) = briefed(&strange(age, &changes)) {
            let briefing = briefing.to_json();
            prop_assert_eq!(silent(&briefing), [""; 0]);
        }
    }

    #[test]
    fn the_order_of_entries_does_not_matter(age in select(&AGES[..]), draws in vec(any::<Index>(), 400)) {
        let text = saves::text(age);
        let mut parts = tree::parse(&text);
        let mut draws = draws.into_iter().cycle();
        shuffled(&mut parts, &mut |below| draws.next().unwrap().index(below));
        prop_assert_eq!(briefed(&tree::print(&parts)).unwrap().to_json(), briefed(&text).unwrap().to_json());
    }

    #[test]
    fn the_order_of_sections_does_not_matter(age in select(&AGES[..]), draws in vec(any::<Index>(), 60)) {
        let text = saves::text(age);
        let mut parts = tree::parse(&text);
        for (at, draw) in (1..parts.len()).rev().zip(draws) {
            parts.swap(at, draw.index(at + 1));
        }
        prop_assert_eq!(briefed(&tree::print(&parts)).unwrap().to_json(), briefed(&text).unwrap().to_json());
    }
}
