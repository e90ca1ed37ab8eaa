//! What two briefings of one save say differently.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::json::{plain, same};

/// Where they differ and how.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Names, and of rows what tells them apart.
    pub(crate) path: Vec<String>,
    pub(crate) what: String,
}

/// Objects whose names are data: one more of them is a difference, where elsewhere it is a new field.
const MAPS: [&str; 16] = [
    "by_species",
    "by_job_category",
    "by_stratum",
    "by_type",
    "by_level",
    "by_class",
    "by_tree",
    "stockpiles",
    "monthly_income",
    "monthly_expenses",
    "net_monthly",
    "ship_classes",
    "repeatables",
    "precursor_progress",
    "laws",
    "strategic_stockpiles",
];

/// Lists of texts or numbers whose order was random or that of the keys as text.
const SETS: [&str; 6] =
    ["crisis_types_detected", "starbase_ids", "notable_completed", "fleet_names", "enemy_neighbors", "buildings"];

/// What tells the rows of a list apart.
fn row_key(list: &str, row: &Value) -> Option<String> {
    let of = |names: &[&str]| {
        let parts: Option<Vec<String>> = names.iter().map(|name| row.get(name).map(plain)).collect();
        parts.map(|parts| parts.join("+"))
    };
    match list {
        "treaties" => of(&["country_id", "type"]),
        "player_claims" | "claims_against_player" => of(&["system_id", "claimant_id"]),
        "leviathans" => of(&["type"]),
        "battle_locations" => of(&["system"]),
        "known_empire_species" => of(&["name", "class"]),
        "wars" => of(&["start_date"]),
        _ => ["id", "country_id", "empire_id", "site_id", "system_id", "owner_id"].iter().find_map(|name| of(&[name])),
    }
}

/// All differences of `ours` from `old`; fields that only ours has are none.
pub(crate) fn differences(old: &Value, ours: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(old, ours, &mut Vec::new(), &mut found);
    found
}

fn compare(old: &Value, ours: &Value, path: &mut Vec<String>, found: &mut Vec<Difference>) {
    match (old, ours) {
        (Value::Object(old), Value::Object(ours)) => {
            let map = path.last().is_some_and(|name| MAPS.contains(&name.as_str()));
            for (name, old) in old {
                step(name, path, |path| match ours.get(name) {
                    Some(ours) => compare(old, ours, path, found),
                    None => tell(path, format!("only the old one has it: {}", short(old)), found),
                });
            }
            for (name, ours) in ours.iter().filter(|(name, _)| map && !old.contains_key(*name)) {
                step(name, path, |path| tell(path, format!("only ours has it: {}", short(ours)), found));
            }
        }
        (Value::Array(old), Value::Array(ours)) => lists(old, ours, path, found),
        _ if same(old, ours) => {}
        _ => tell(path, format!("{} was, {} is", short(old), short(ours)), found),
    }
}

fn lists(old: &[Value], ours: &[Value], path: &mut Vec<String>, found: &mut Vec<Difference>) {
    let name = path.last().cloned().unwrap_or_default();
    let rows = |list: &[Value]| -> Option<Vec<String>> { list.iter().map(|row| row_key(&name, row)).collect() };
    let keyed = if old.iter().chain(ours).any(Value::is_object) { rows(old).zip(rows(ours)) } else { None };
    if let Some((old_keys, our_keys)) = keyed {
        for (key, old) in old_keys.iter().zip(old) {
            step(key, path, |path| match our_keys.iter().position(|other| other == key) {
                Some(at) => compare(old, &ours[at], path, found),
                None => tell(path, format!("only the old one has the row {}", short(old)), found),
            });
        }
        for (key, ours) in our_keys.iter().zip(ours).filter(|(key, _)| !old_keys.contains(key)) {
            step(key, path, |path| tell(path, format!("only ours has the row {}", short(ours)), found));
        }
    } else if old.iter().chain(ours).any(Value::is_object) {
        for at in 0..old.len().max(ours.len()) {
            let (old, ours) = (old.get(at).unwrap_or(&Value::Null), ours.get(at).unwrap_or(&Value::Null));
            step(&at.to_string(), path, |path| compare(old, ours, path, found));
        }
    } else {
        let set = |list: &[Value]| list.iter().map(plain).collect::<BTreeSet<_>>();
        let equal = old.len() == ours.len() && old.iter().zip(ours).all(|(old, ours)| same(old, ours));
        let alike = equal || (SETS.contains(&name.as_str()) && set(old) == set(ours));
        if !alike {
            let (old, ours) = (Value::Array(old.to_vec()), Value::Array(ours.to_vec()));
            tell(path, format!("{} was, {} is", short(&old), short(&ours)), found);
        }
    }
}

fn step(name: &str, path: &mut Vec<String>, go: impl FnOnce(&mut Vec<String>)) {
    path.push(name.to_owned());
    go(path);
    path.pop();
}

fn tell(path: &[String], what: String, found: &mut Vec<Difference>) {
    found.push(Difference { path: path.to_vec(), what });
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= 90 { text } else { text.chars().take(90).chain("...".chars()).collect() }
}
