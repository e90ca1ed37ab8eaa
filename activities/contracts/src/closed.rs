//! Closing a JSON Schema: no object in it takes fields that it does not describe.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Keywords whose schemas speak of the same value as the schema they stand in.
const SAME_VALUE: [&str; 7] = ["allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas"];
/// Keywords whose schemas speak of a part of the value.
const PARTS: [&str; 7] =
    ["properties", "patternProperties", "additionalProperties", "items", "prefixItems", "contains", "unevaluatedItems"];

/// Closes a schema and its definitions.
///
/// Where one schema alone describes an object, `additionalProperties: false` does it. Where several describe it together
/// (a flattened enum, a tagged variant that holds a struct), none of them may, and `unevaluatedProperties: false` stands
/// beside them.
pub(crate) fn close(root: &mut Value) {
    let mut definitions = match root.as_object_mut().and_then(|fields| fields.remove("$defs")) {
        Some(Value::Object(definitions)) => definitions,
        _ => Map::new(),
    };
    let mut shared = BTreeSet::new();
    definitions.values().chain([&*root]).for_each(|schema| collect_shared(schema, false, &mut shared));
    close_value(root, &shared);
    for (name, schema) in &mut definitions {
        if shared.contains(&format!("#/$defs/{name}")) {
            close_parts(schema, &shared);
        } else {
            close_value(schema, &shared);
        }
    }
    if let (Some(fields), false) = (root.as_object_mut(), definitions.is_empty()) {
        fields.insert("$defs".to_owned(), definitions.into());
    }
}

/// Finds the definitions that describe a value together with another schema.
fn collect_shared(schema: &Value, together: bool, shared: &mut BTreeSet<String>) {
    let Some(fields) = schema.as_object() else { return };
    let together = together || descriptions(fields) > 1;
    if let Some(target) = fields.get("$ref").and_then(Value::as_str)
        && together
    {
        shared.insert(target.to_owned());
    }
    below(fields, &SAME_VALUE).for_each(|inner| collect_shared(inner, together, shared));
    below(fields, &PARTS).for_each(|part| collect_shared(part, false, shared));
}

/// How many keywords of a schema describe the fields of an object.
fn descriptions(fields: &Map<String, Value>) -> usize {
    let own = ["properties", "patternProperties", "$ref"].iter().chain(&SAME_VALUE);
    // Alternatives stand for one description, each value follows one of them; all of `allOf` apply.
    own.filter_map(|name| {
        fields.get(*name).map(|value| if *name == "allOf" { value.as_array().map_or(1, Vec::len) } else { 1 })
    })
    .sum()
}

/// Closes a schema that alone describes a value.
fn close_value(schema: &mut Value, shared: &BTreeSet<String>) {
    let Some(fields) = schema.as_object_mut() else { return };
    if descriptions(fields) > 1 {
        fields.entry("unevaluatedProperties").or_insert(Value::Bool(false));
        close_parts(schema, shared);
        return;
    }
    if fields.get("$ref").and_then(Value::as_str).is_some_and(|target| shared.contains(target)) {
        fields.entry("unevaluatedProperties").or_insert(Value::Bool(false));
    }
    // A struct without fields has no `properties`; a map says what its values are.
    let empty = descriptions(fields) == 0 && fields.get("type").is_some_and(|kind| kind == "object");
    if fields.contains_key("properties") || empty {
        fields.entry("additionalProperties").or_insert(Value::Bool(false));
    }
    below_mut(fields, &SAME_VALUE).for_each(|inner| close_value(inner, shared));
    below_mut(fields, &PARTS).for_each(|part| close_value(part, shared));
}

/// Closes what a schema says of the parts of a value, and leaves it open itself.
fn close_parts(schema: &mut Value, shared: &BTreeSet<String>) {
    let Some(fields) = schema.as_object_mut() else { return };
    below_mut(fields, &SAME_VALUE).for_each(|inner| close_parts(inner, shared));
    below_mut(fields, &PARTS).for_each(|part| close_value(part, shared));
}

fn below<'a>(fields: &'a Map<String, Value>, keywords: &[&str]) -> impl Iterator<Item = &'a Value> {
    let schemas = fields.iter().filter(|(name, _)| keywords.contains(&name.as_str()));
    let schemas: Vec<&Value> = schemas
        .flat_map(|(name, value)| match value {
            Value::Array(items) => items.iter().collect(),
            Value::Object(named) if holds_names(name) => named.values().collect(),
            other => vec![other],
        })
        .collect();
    schemas.into_iter()
}

fn below_mut<'a>(fields: &'a mut Map<String, Value>, keywords: &[&str]) -> impl Iterator<Item = &'a mut Value> {
    let schemas = fields.iter_mut().filter(|(name, _)| keywords.contains(&name.as_str()));
    let schemas: Vec<&mut Value> = schemas
        .flat_map(|(name, value)| match value {
            Value::Array(items) => items.iter_mut().collect(),
            named if holds_names(name) => named.as_object_mut().into_iter().flat_map(Map::values_mut).collect(),
            other => vec![other],
        })
        .collect();
    schemas.into_iter()
}

/// Whether the value of a keyword is an object of schemas by name, rather than a schema.
fn holds_names(keyword: &str) -> bool {
    matches!(keyword, "properties" | "patternProperties" | "dependentSchemas")
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde_json::{Value, json};

    use crate::{schema_of, shared::FileRef};

    fn valid<T: JsonSchema>(value: &Value) -> bool {
        jsonschema::draft202012::new(&schema_of::<T>()).unwrap().is_valid(value)
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Plain {
        /// A field may be called like a keyword.
        properties: String,
        anything: Option<Value>,
        counts: Option<std::collections::BTreeMap<String, u64>>,
        nested: Option<Inner>,
        list: Option<Vec<Inner>>,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Inner {
        a: u8,
    }

    #[derive(serde::Deserialize, schemars::JsonSchema)]
    struct Empty {}

    #[test]
    fn a_struct_without_fields_takes_none() {
        assert!(valid::<Empty>(&json!({})));
        assert!(!valid::<Empty>(&json!({ "a": 1 })));
    }

    #[test]
    fn an_object_takes_its_own_fields_only_at_every_depth() {
        assert!(valid::<Plain>(&json!({ "properties": "x", "anything": { "b": 1 }, "counts": { "any": 1 } })));
        assert!(valid::<Plain>(&json!({ "properties": "x", "nested": { "a": 1 }, "list": [{ "a": 1 }] })));
        assert!(!valid::<Plain>(&json!({ "properties": "x", "additionalProperties": false })));
        assert!(!valid::<Plain>(&json!({ "properties": "x", "b": 1 })));
        assert!(!valid::<Plain>(&json!({ "properties": "x", "nested": { "a": 1, "b": 1 } })));
        assert!(!valid::<Plain>(&json!({ "properties": "x", "list": [{ "a": 1, "b": 1 }] })));
    }

    #[test]
    fn a_value_that_is_one_of_several_shapes_has_the_fields_of_one() {
        assert!(valid::<FileRef>(&json!({ "path": "/p" })));
        assert!(valid::<FileRef>(&json!({ "uri": "u", "sha256": "s", "bytes": 1 })));
        assert!(!valid::<FileRef>(&json!({ "path": "/p", "uri": "u" })));
        assert!(!valid::<FileRef>(&json!({ "path": "/p", "uri": "u", "sha256": "s", "bytes": 1 })));
    }

    #[derive(JsonSchema)]
    #[schemars(tag = "kind", rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of interest")]
    enum Tagged {
        Whole(Inner),
        Fields { c: String },
        Nothing,
    }

    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Flat {
        x: u8,
        inner: Option<Inner>,
        #[schemars(flatten)]
        tagged: Tagged,
    }

    #[test]
    fn schemas_that_describe_an_object_together_are_closed_together() {
        assert!(valid::<Tagged>(&json!({ "kind": "whole", "a": 1 })));
        assert!(valid::<Tagged>(&json!({ "kind": "fields", "c": "c" })));
        assert!(!valid::<Tagged>(&json!({ "kind": "whole", "a": 1, "c": "c" })));
        assert!(!valid::<Tagged>(&json!({ "kind": "nothing", "b": 1 })));

        assert!(valid::<Flat>(&json!({ "x": 1, "kind": "whole", "a": 1, "inner": { "a": 1 } })));
        assert!(valid::<Flat>(&json!({ "x": 1, "kind": "nothing" })));
        assert!(!valid::<Flat>(&json!({ "x": 1, "kind": "nothing", "b": 1 })));
        // A definition that is used both ways stays closed where it stands alone.
        assert!(!valid::<Flat>(&json!({ "x": 1, "kind": "whole", "a": 1, "inner": { "a": 1, "b": 1 } })));
    }
}
