//! Keys against an oracle: Node's own crypto (`tests/vectors/make-hash-vectors.mjs`).
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use graph_store::{edge_hash, entity_hash};
use serde_json::Value;

fn field(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(units) => {
            let units: Vec<u16> = units.iter().map(|u| u16::try_from(u.as_u64().unwrap()).unwrap()).collect();
            String::from_utf16_lossy(&units)
        }
        other => panic!("not a field: {other}"),
    }
}

#[test]
fn ten_thousand_keys_are_what_node_computes() {
    let mut seen = 0;
    for line in include_str!("vectors/hash-vectors.ndjson").lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let fields: Vec<String> = row[0].as_array().unwrap().iter().map(field).collect();
        let hash = match fields.iter().map(String::as_str).collect::<Vec<_>>()[..] {
            [repo, path, kind, name, signature] => entity_hash(repo, path, kind, name, signature),
            [from, to, kind] => edge_hash(from, to, kind),
            ref other => panic!("{} fields", other.len()),
        };
        assert_eq!(Value::from(hash), row[1], "{line}");
        seen += 1;
    }
    assert_eq!(seen, 10_000);
}

#[test]
fn published_check_values_hold() {
    assert_eq!(entity_hash("", "", "", "", ""), "df3f619804a92fdb");
    assert_eq!(entity_hash("r", "f", "k", "n", ""), "c26c8feff2b57173");
}
