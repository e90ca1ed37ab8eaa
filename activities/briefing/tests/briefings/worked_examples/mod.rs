//! What is right for the real saves, checked by hand in their text.

mod expected;

use serde_json::{Value, json};

use expected::expected;

use crate::{
    json::{at, same},
    real,
};

const NO_ROW: Value = Value::Null;

fn rounded(value: &Value, decimals: Option<i32>) -> Value {
    match (decimals, value.as_f64()) {
        (Some(decimals), Some(number)) if !value.is_i64() && !value.is_u64() => {
            let scale = 10f64.powi(decimals);
            json!((number * scale).round() / scale)
        }
        _ => value.clone(),
    }
}

/// What a briefing says at a path, of which the last part may be a question:
/// `length`, `sum FIELD`, `count FIELD[=player]` (the rows that have it), `rows FIELD...` with the decimals at the end,
/// and `FIELD DECIMALS`.
fn said(briefing: &Value, path: &str) -> Option<Value> {
    if path == "leviathans.guardians" {
        return Some(guardians(briefing));
    }
    let (list, question) = path.rsplit_once('.')?;
    let words: Vec<&str> = question.split(' ').collect();
    let rows = || at(briefing, list)?.as_array();
    match words.as_slice() {
        ["length"] => Some(json!(rows()?.len())),
        ["sum", field] => Some(json!(rows()?.iter().filter_map(|row| row.get(field)?.as_f64()).sum::<f64>())),
        ["count", field] => {
            let player = at(briefing, "meta.player_id");
            let has = |row: &Value| match field.split_once('=') {
                Some((field, _)) => row.get(field).is_some_and(|found| Some(found) == player),
                None => row.get(field).is_some_and(|found| !found.is_null() && found != &json!(false)),
            };
            Some(json!(rows()?.iter().filter(|row| has(row)).count()))
        }
        ["rows", fields @ ..] => {
            let decimals = fields.last().and_then(|last| last.parse().ok());
            let fields = fields.iter().filter(|field| field.parse::<i32>().is_err()).collect::<Vec<_>>();
            let row = |row: &Value| -> Value {
                fields.iter().map(|field| rounded(row.get(field).unwrap_or(&NO_ROW), decimals)).collect()
            };
            Some(rows()?.iter().map(row).collect())
        }
        [field, decimals] => Some(rounded(at(briefing, &format!("{list}.{field}"))?, decimals.parse().ok())),
        _ => at(briefing, path).cloned(),
    }
}

/// The guardians that are alive; fauna is not among them.
fn guardians(briefing: &Value) -> Value {
    const FAUNA: [&str; 7] = ["tiyanki", "amoeba", "crystal", "drone", "cloud", "voidworms", "cutholoids"];
    let rows = at(briefing, "leviathans.leviathans").and_then(Value::as_array).cloned().unwrap_or_default();
    let alive = rows.iter().filter(|row| row["status"] == "alive" || row["status"] == "disabled");
    let mut types: Vec<&str> = alive.filter_map(|row| row["type"].as_str()).collect();
    types.retain(|kind| !FAUNA.contains(kind));
    types.sort_unstable();
    types.dedup();
    json!(types)
}

#[test]
fn the_real_saves_say_what_their_text_says() {
    let mut wrong = Vec::new();
    for (column, name) in ["s401", "s314", "s233"].into_iter().enumerate() {
        let Some(real) = real::saves().iter().find(|real| real.name == name) else {
            println!("skipped: no {name}.sav");
            continue;
        };
        for (path, values) in expected() {
            let said = said(&real.briefing, path).unwrap_or(NO_ROW);
            let wanted = values[column].clone();
            if !wanted.is_null() && !equal(&said, &wanted) {
                wrong.push(format!("{name} {path}: {wanted} is right, {said} is said"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// As [`same`], within lists and objects too.
fn equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| other.get(name).is_some_and(|other| equal(one, other)))
        }
        _ => same(one, other),
    }
}
