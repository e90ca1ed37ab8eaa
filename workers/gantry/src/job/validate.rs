//! Checks a value against a JSON Schema and says in plain words what is wrong with it.

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind},
    paths::{Location, LocationSegment},
};
use serde_json::{Value, json};

use super::catalog::closest;

/// A place in a value, and what is wrong there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mistake {
    /// For example `after[0].taskQueue`; empty for the whole.
    pub(crate) field: String,
    pub(crate) what: String,
}

impl Mistake {
    pub(crate) fn new(field: impl Into<String>, what: impl Into<String>) -> Self {
        Self { field: field.into(), what: what.into() }
    }

    /// The same, of a value that is a field of another.
    pub(crate) fn below(mut self, parent: &str) -> Self {
        if self.field.is_empty() || parent.is_empty() {
            self.field.insert_str(0, parent);
        } else {
            self.field = format!("{parent}.{}", self.field);
        }
        self
    }

    pub(crate) fn json(&self) -> Value {
        json!({ "field": self.field, "what": self.what })
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() { f.write_str(&self.what) } else { write!(f, "{}: {}", self.field, self.what) }
    }
}

/// What values have to look like.
#[derive(Debug)]
pub(crate) struct Shape {
    schema: Value,
    validator: Validator,
}

impl Shape {
    /// A shape by its schema (draft 2020-12), which is one of ours.
    pub(crate) fn new(schema: Value) -> Result<Self, String> {
        let validator = jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())?;
        Ok(Self { schema, validator })
    }

    /// Everything that is wrong with a value, in the order of its fields.
    pub(crate) fn mistakes(&self, value: &Value) -> Vec<Mistake> {
        let mut mistakes = Vec::new();
        for error in self.validator.iter_errors(value) {
            self.explain(&error, &mut mistakes);
        }
        mistakes.sort_by(|a, b| a.field.cmp(&b.field));
        mistakes.dedup();
        mistakes
    }

    fn explain(&self, error: &ValidationError<'_>, mistakes: &mut Vec<Mistake>) {
        let field = path(error.instance_path());
        let mut add = |what: String| mistakes.push(Mistake::new(field.clone(), what));
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                for name in unexpected {
                    mistakes.push(self.unknown(error, name));
                }
            }
            ValidationErrorKind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let expected = self.beside(error).and_then(|schema| schema.get("properties")?.get(name));
                let expected = expected.map(|schema| format!(", expected {}", self.describe(schema)));
                mistakes.push(Mistake::new(
                    below(error.instance_path(), name),
                    format!("missing{}", expected.unwrap_or_default()),
                ));
            }
            ValidationErrorKind::Type { kind } => {
                add(format!("expected {}, found {}", type_names(kind), found(error.instance())));
            }
            ValidationErrorKind::Enum { options } => {
                let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
                add(format!("expected {}", alternatives(options.iter().map(Value::to_string))));
            }
            ValidationErrorKind::Constant { expected_value } => add(format!("expected {expected_value}")),
            ValidationErrorKind::Minimum { limit } => add(format!("expected {limit} or more")),
            ValidationErrorKind::Maximum { limit } => add(format!("expected {limit} or less")),
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                self.explain_alternatives(error, context, mistakes);
            }
            // The value itself is left out: it may be what somebody would rather not see on a screen.
            _ => add(error.masked().to_string()),
        }
    }

    /// Of the alternatives none fits: the one that was meant is explained, or all are named.
    fn explain_alternatives(
        &self,
        error: &ValidationError<'_>,
        context: &[Vec<ValidationError<'static>>],
        mistakes: &mut Vec<Mistake>,
    ) {
        let other_type = |errors: &[ValidationError<'_>]| {
            errors.iter().any(|e| {
                e.instance_path() == error.instance_path() && matches!(e.kind(), ValidationErrorKind::Type { .. })
            })
        };
        let other_kind = |errors: &[ValidationError<'_>]| {
            errors
                .iter()
                .any(|e| matches!(e.kind(), ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. }))
        };
        let near: Vec<&Vec<ValidationError<'static>>> = context.iter().filter(|errors| !other_type(errors)).collect();
        let meant: Vec<_> = near.iter().copied().filter(|errors| !other_kind(errors)).collect();
        if let [errors] = meant.as_slice() {
            errors.iter().for_each(|error| self.explain(error, mistakes));
            return;
        }
        let shapes = self.beside(error).map_or_else(|| "something else".to_owned(), |schema| self.describe(schema));
        let field = path(error.instance_path());
        mistakes.push(Mistake::new(field, format!("expected {shapes}, found {}", found(error.instance()))));
    }

    fn unknown(&self, error: &ValidationError<'_>, name: &str) -> Mistake {
        let known = self.beside(error).map(|schema| self.fields(schema)).unwrap_or_default();
        let what = match closest(name, known.iter().copied()) {
            Some(meant) => format!("there is no such field; did you mean {meant}?"),
            None if known.is_empty() => "there is no such field".to_owned(),
            None => format!("there is no such field; there are {}", known.join(", ")),
        };
        Mistake::new(below(error.instance_path(), name), what)
    }

    /// The fields that a schema describes, also by way of its alternatives.
    fn fields<'a>(&'a self, schema: &'a Value) -> Vec<&'a str> {
        let schema = self.resolve(schema);
        let own = schema.get("properties").and_then(Value::as_object).into_iter().flat_map(|p| p.keys());
        let mut fields: Vec<&str> = own.map(String::as_str).collect();
        for keyword in ["allOf", "anyOf", "oneOf"] {
            for inner in schema.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                fields.extend(self.fields(inner));
            }
        }
        fields.sort_unstable();
        fields
    }

    /// The schema that holds the keyword an error is about.
    fn beside(&self, error: &ValidationError<'_>) -> Option<&Value> {
        let (parent, _) = error.schema_path().as_str().rsplit_once('/')?;
        self.schema.pointer(parent)
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let target = schema.get("$ref").and_then(Value::as_str).and_then(|r| self.schema.pointer(r.strip_prefix('#')?));
        target.unwrap_or(schema)
    }

    /// A shape in a few words.
    fn describe(&self, schema: &Value) -> String {
        alternatives(self.shapes(schema).into_iter())
    }

    /// The shapes that a schema allows.
    fn shapes(&self, schema: &Value) -> Vec<String> {
        let resolved = self.resolve(schema);
        let list = |name: &str| resolved.get(name).and_then(Value::as_array).map(Vec::as_slice);
        if let Some(value) = resolved.get("const") {
            return vec![value.to_string()];
        }
        if let Some(options) = list("enum") {
            return options.iter().map(Value::to_string).collect();
        }
        if let Some(shapes) = list("anyOf").or_else(|| list("oneOf")) {
            return shapes.iter().flat_map(|shape| self.shapes(shape)).collect();
        }
        let required: Vec<&str> = list("required").unwrap_or_default().iter().filter_map(Value::as_str).collect();
        match resolved.get("type") {
            Some(Value::String(name)) if name == "object" && !required.is_empty() => {
                vec![format!("an object with {}", required.join(", "))]
            }
            Some(Value::String(name)) => vec![with_article(name)],
            Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).map(with_article).collect(),
            _ => vec!["a value".to_owned()],
        }
    }
}

/// `after[0].taskQueue`
fn path(location: &Location) -> String {
    let mut text = String::new();
    for segment in location.segments() {
        match segment {
            LocationSegment::Index(n) => text.push_str(&format!("[{n}]")),
            LocationSegment::Property(name) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&name);
            }
        }
    }
    text
}

fn below(location: &Location, name: &str) -> String {
    let parent = path(location);
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

fn type_names(kind: &TypeKind) -> String {
    match kind {
        TypeKind::Single(name) => with_article(name.as_str()),
        TypeKind::Multiple(names) => alternatives(names.iter().map(|name| with_article(name.as_str()))),
    }
}

fn with_article(name: &str) -> String {
    match name {
        "null" => "null".to_owned(),
        "integer" | "object" | "array" => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// `a, b or null`
fn alternatives(texts: impl Iterator<Item = String>) -> String {
    let mut texts: Vec<String> = texts.collect();
    texts.sort_by_key(|text| text == "null");
    match texts.pop() {
        Some(last) if texts.is_empty() => last,
        Some(last) => format!("{} or {last}", texts.join(", ")),
        None => "nothing".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use contracts::{heavy_compute::FinishIndexInput, shared::FileRef};
    use schemars::JsonSchema;

    use super::*;

    fn said<T: JsonSchema>(value: &Value) -> Vec<String> {
        let shape = Shape::new(contracts::schema_of::<T>()).unwrap();
        shape.mistakes(value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn all_mistakes_are_told_at_once_with_their_fields() {
        let input = json!({ "repo_id": "r", "commit": 7, "scanned": { "uri": "u", "sha256": "s", "bytes": -1 } });
        assert_eq!(
            said::<FinishIndexInput>(&input),
            [
                "commit: expected a string or null, found a number",
                "repoId: missing, expected a string",
                "repo_id: there is no such field; did you mean repoId?",
                "scanned.bytes: expected 0 or more",
            ]
        );
        assert_eq!(said::<FinishIndexInput>(&json!([])), ["expected an object, found an array"]);
        let input = json!({ "repoId": "r", "scanned": { "colour": 1 } });
        assert_eq!(
            said::<FinishIndexInput>(&input),
            [
                "scanned.bytes: missing, expected an integer",
                "scanned.colour: there is no such field; there are bytes, sha256, uri",
                "scanned.sha256: missing, expected a string",
                "scanned.uri: missing, expected a string",
            ]
        );
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of interest")]
    struct Choices {
        save: FileRef,
        mode: Option<Mode>,
        #[schemars(default)]
        steps: Vec<Step>,
        blob: Option<contracts::shared::BlobRef>,
    }

    #[derive(JsonSchema)]
    #[schemars(rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of interest")]
    enum Mode {
        Quick,
        Thorough,
    }

    #[derive(JsonSchema)]
    #[schemars(tag = "kind", rename_all = "camelCase")]
    #[expect(dead_code, reason = "only its schema is of interest")]
    enum Step {
        Read { from: String },
        Write { to: String },
    }

    #[test]
    fn of_several_alternatives_the_one_that_was_meant_is_explained() {
        let path = json!({ "path": "/p" });
        assert_eq!(said::<Choices>(&json!({ "save": path })), [""; 0]);
        assert_eq!(
            said::<Choices>(&json!({ "save": 1 })),
            ["save: expected an object with uri, sha256, bytes or an object with path, found a number"]
        );
        assert_eq!(
            said::<Choices>(&json!({ "save": path, "mode": "slow", "blob": { "uri": 1, "sha256": "s", "bytes": 1 } })),
            [
                "blob.uri: expected a string, found a number",
                "mode: expected \"quick\", \"thorough\" or null, found a string"
            ]
        );
        assert_eq!(
            said::<Choices>(&json!({ "save": path, "steps": [{ "kind": "read", "from": "a" }, { "kind": "read" }] })),
            ["steps[1].from: missing, expected a string"]
        );
    }
}
