//! What a client asks for.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{Operation, Query, SaveError, SaveErrorKind, Scalars, Schema};

/// Bytes that a request may have: room for a hundred thousand keys.
pub const LONGEST_REQUEST: usize = 4 << 20;

/// How often one key may stand in a `get_entries`: an answer is not to be bigger than its section by more than this.
const SAME_KEY: usize = 16;

/// Every `op`, in the order in which a mistaken one is told them.
const OPS: [&str; 13] = [
    "extract_sections",
    "iter_section",
    "query",
    "get_entry",
    "get_entries",
    "count_keys",
    "contains_tokens",
    "contains_kv",
    "get_country_summaries",
    "get_duplicate_values",
    "get_entry_text",
    "multi",
    "close",
];

/// A request that makes sense.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) kind: Kind,
    pub(super) schema: Schema,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    One(Operation),
    Section(SectionStream),
    Path { query: Query, path: String, limit: Option<u64> },
    Several(Vec<Request>),
    Close,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct SectionStream {
    pub(super) section: String,
    #[serde(default)]
    pub(super) batch_size: Option<u64>,
    #[serde(default)]
    pub(super) strict: bool,
}

#[derive(Deserialize)]
struct PathStream {
    path: String,
    #[serde(default)]
    limit: Option<u64>,
}

#[cold]
pub(super) fn invalid(what: impl Into<String>, hint: &str) -> SaveError {
    invalid_at("the request", what, hint)
}

#[cold]
fn invalid_at(place: impl Into<String>, what: impl Into<String>, hint: &str) -> SaveError {
    SaveError::new(SaveErrorKind::InvalidInput, what, place, hint)
}

impl Request {
    /// Reads a line. `schema` counts where the request names none.
    ///
    /// # Errors
    /// `InvalidInput` for what is no JSON object, too long, or asks for nothing that is known.
    pub fn read(line: &[u8], schema: Schema) -> Result<Self, SaveError> {
        if line.len() > LONGEST_REQUEST {
            return Err(Self::too_long());
        }
        let text = std::str::from_utf8(line).map_err(|error| {
            let place = format!("the request, column {}", error.valid_up_to() + 1);
            invalid_at(place, "not UTF-8", "a request is one line of JSON in UTF-8")
        })?;
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let place = format!("the request, column {}", error.column());
            invalid_at(place, format!("not JSON, {}", without_place(&error)), "a request is one line of JSON")
        })?;
        match value {
            Value::Object(map) => Self::from_map(&map, schema),
            _ => Err(invalid("not a JSON object", "a request is {\"op\": ...}")),
        }
    }

    /// The answer to a line that is longer than [`LONGEST_REQUEST`], for those who do not keep it to the end.
    pub fn too_long() -> SaveError {
        invalid(format!("longer than {LONGEST_REQUEST} bytes"), "ask for fewer at once")
    }

    /// Reads an object.
    ///
    /// # Errors
    /// `InvalidInput` for what asks for nothing that is known.
    pub fn from_map(map: &Map<String, Value>, schema: Schema) -> Result<Self, SaveError> {
        let op = match map.get("op") {
            Some(Value::String(op)) => op.as_str(),
            Some(_) => return Err(invalid("`op` is no string", &known())),
            None => return Err(invalid("`op` is missing", &known())),
        };
        let schema = schema_of(map, schema)?;
        let kind = match op {
            "close" => Kind::Close,
            "iter_section" => Kind::Section(members(op, map)?),
            "query" => {
                let PathStream { path, limit } = members(op, map)?;
                Kind::Path { query: Query::parse(&path)?, path, limit }
            }
            "multi" => Kind::Several(several(map, schema)?),
            _ if OPS.contains(&op) => Kind::One(without_repetition(members(op, map)?)?),
            _ => return Err(invalid(format!("unknown op '{}'", shortened(op)), &known())),
        };
        Ok(Self { kind, schema })
    }

    /// Whether it ends the session.
    pub fn is_close(&self) -> bool {
        matches!(self.kind, Kind::Close)
    }

    /// The shape of its answers.
    pub fn schema(&self) -> Schema {
        self.schema
    }
}

fn several(map: &Map<String, Value>, schema: Schema) -> Result<Vec<Request>, SaveError> {
    let Some(ops) = map.get("ops") else {
        return Err(invalid("multi: missing field `ops`", "give a list of requests"));
    };
    let Value::Array(ops) = ops else { return Err(invalid("multi: `ops` is no list", "give a list of requests")) };
    let one = |op: &Value| {
        let Value::Object(op) = op else { return Err(invalid("not a JSON object", "a request is {\"op\": ...}")) };
        // Refused before they are read, so that nothing is nested.
        if let Some(name @ ("multi" | "iter_section" | "close")) = op.get("op").and_then(Value::as_str) {
            return Err(invalid(format!("a multi cannot hold '{name}'"), "send it as a request of its own"));
        }
        Request::from_map(op, schema)
    };
    let numbered = ops.iter().enumerate();
    numbered.map(|(number, op)| one(op).map_err(|error| in_multi(error, number))).collect()
}

/// The failure of one of several questions: says which.
pub(super) fn in_multi(mut error: SaveError, number: usize) -> SaveError {
    error.place = format!("{}, ops[{number}]", error.place);
    error
}

fn members<'m, T: Deserialize<'m>>(op: &str, map: &'m Map<String, Value>) -> Result<T, SaveError> {
    // A member that is null is one that is not there.
    T::deserialize(serde::de::value::MapDeserializer::new(
        map.iter().filter(|(_, value)| !value.is_null()).map(|(name, value)| (name.as_str(), value)),
    ))
    .map_err(|error: serde_json::Error| {
        invalid(format!("{op}: {}", shortened(&error.to_string())), "the page of the protocol lists the members")
    })
}

fn given<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    map.get(name).filter(|value| !value.is_null())
}

fn schema_of(map: &Map<String, Value>, schema: Schema) -> Result<Schema, SaveError> {
    let scalars = match given(map, "scalars").map(Value::as_str) {
        None => None,
        Some(Some("text")) => Some(Scalars::Text),
        Some(Some("typed")) => Some(Scalars::Typed),
        Some(Some("tagged")) => Some(Scalars::Tagged),
        Some(_) => return Err(invalid("`scalars` is unknown", "it is \"text\", \"typed\" or \"tagged\"")),
    };
    let version = match given(map, "schema_version") {
        None => schema.version(),
        Some(version) => match version.as_u64() {
            Some(1) => 1,
            Some(2) => 2,
            _ => return Err(invalid("`schema_version` is unknown", "it is 1 or 2")),
        },
    };
    match (version, scalars, schema) {
        (1, None, _) => Ok(Schema::V1),
        (1, Some(_), _) => Err(invalid("schema version 1 has no `scalars`", "ask for \"schema_version\": 2")),
        (_, None, Schema::V2(scalars)) | (_, Some(scalars), _) => Ok(Schema::V2(scalars)),
        (_, None, Schema::V1) => Ok(Schema::V2(Scalars::default())),
    }
}

fn without_repetition(operation: Operation) -> Result<Operation, SaveError> {
    if let Operation::GetEntries { keys, .. } = &operation {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for key in keys {
            let times = times.entry(&key.0).or_default();
            *times += 1;
            if *times > SAME_KEY {
                let what = format!("get_entries: the key '{}' is there more than {SAME_KEY} times", shortened(&key.0));
                return Err(invalid(what, "ask for it once"));
            }
        }
    }
    Ok(operation)
}

fn known() -> String {
    format!("known are {}", OPS.join(", "))
}

/// The message of a JSON error without `at line 1 column 7`.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what).to_owned()
}

/// What a client sent, short enough to be sent back.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 200;
    if text.len() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain("...".chars()).collect() }
}
