//! Lists of which each item has a key: what came, what went, what changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::sheet::Look;

/// A figure before and after.
#[derive(Debug, Clone, Copy)]
pub(super) struct Change {
    pub(super) old: Option<f64>,
    pub(super) new: Option<f64>,
}

impl Change {
    /// None where neither side knows the figure.
    pub(super) fn of(old: Option<f64>, new: Option<f64>) -> Option<Self> {
        (old.is_some() || new.is_some()).then_some(Self { old, new })
    }

    pub(super) fn to_json(self) -> Value {
        let change = self.old.zip(self.new).map(|(old, new)| number(super::difference(old, new)));
        json!({"old": self.old.map(number), "new": self.new.map(number), "change": change})
    }
}

/// A whole number as such.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
fn number(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < 9e15 { Value::from(number as i64) } else { Value::from(number) }
}

/// Texts that only one side has.
pub(super) fn gained_and_lost(old: &[&str], new: &[&str]) -> Value {
    let (before, after): (BTreeSet<_>, BTreeSet<_>) = (old.iter().collect(), new.iter().collect());
    json!({
        "gained": after.difference(&before).collect::<Vec<_>>(),
        "lost": before.difference(&after).collect::<Vec<_>>(),
    })
}

/// Items of a list by a key: those that came and went with `fields`, and of the others the numbers among `fields` that changed.
pub(super) fn by_key(old: Look<'_>, new: Look<'_>, path: &str, key: &str, fields: &[&str]) -> Value {
    fn index<'v>(look: Look<'v>, path: &str, key: &str) -> BTreeMap<String, Look<'v>> {
        look.items(path).map(|item| (item.at(key).0.to_string(), item)).collect()
    }
    let (before, after) = (index(old, path, key), index(new, path, key));
    let told = |item: &Look<'_>| {
        let field = |name: &&str| Some(((*name).to_owned(), item.at(name).0)).filter(|(_, value)| !value.is_null());
        let all = std::iter::once(&key).chain(fields).filter_map(field);
        Value::Object(all.map(|(name, value)| (name, value.clone())).collect())
    };
    let only = |one: &BTreeMap<String, Look<'_>>, other: &BTreeMap<String, Look<'_>>| -> Vec<Value> {
        one.iter().filter(|(key, _)| !other.contains_key(*key)).map(|(_, item)| told(item)).collect()
    };
    let changed = after.iter().filter_map(|(id, item)| {
        let earlier = before.get(id)?;
        let mut entry = Map::new();
        for name in fields {
            if let Some(change) = Change::of(earlier.number(name), item.number(name))
                && change.old != change.new
            {
                entry.insert((*name).to_owned(), change.to_json());
            }
        }
        if entry.is_empty() {
            return None;
        }
        entry.insert(key.to_owned(), item.at(key).0.clone());
        entry.insert("name".to_owned(), item.at("name").0.clone());
        Some(Value::Object(entry))
    });
    json!({"gained": only(&after, &before), "lost": only(&before, &after), "changed": changed.collect::<Vec<_>>()})
}

/// Items of a list that are told apart by several texts.
pub(super) fn named(old: Look<'_>, new: Look<'_>, path: &str, fields: &[&str]) -> Value {
    let set = |look: Look<'_>| -> BTreeSet<Vec<String>> {
        let text = |item: Look<'_>| fields.iter().map(|field| item.text(field).to_owned()).collect();
        look.items(path).map(text).collect()
    };
    let told = |texts: &Vec<String>| {
        Value::Object(
            fields.iter().zip(texts).map(|(name, text)| ((*name).to_owned(), Value::from(text.as_str()))).collect(),
        )
    };
    let (before, after) = (set(old), set(new));
    json!({
        "gained": after.difference(&before).map(told).collect::<Vec<_>>(),
        "lost": before.difference(&after).map(told).collect::<Vec<_>>(),
    })
}

/// Items `{ id, name }`, told apart by their ids.
pub(super) fn by_id_and_name(old: Look<'_>, new: Look<'_>, path: &str) -> Value {
    let mut found = by_key(old, new, path, "id", &["name"]);
    if let Some(found) = found.as_object_mut() {
        found.remove("changed");
    }
    found
}
