//! What can be asked of a save, and the answers as JSON.

mod answers;
mod sections;

use serde::{Deserialize, Deserializer};

use crate::{EntryView, Save, SaveError, Schema, counts, json, tape::with_tape, text, tokens};
use answers::{countries, distinct, duplicates, entries, multi, push_bool, push_found, push_map, write_or_null};

/// The version that answers name as `tool_version`.
pub const TOOL_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The game that answers name.
pub const GAME: &str = "stellaris";

/// A text of a request; a client may send a number or a boolean for it, which is taken as a save writes it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(pub String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            serde_json::Value::Number(number) => Ok(Self(number.to_string())),
            serde_json::Value::Bool(true) => Ok(Self("yes".to_owned())),
            serde_json::Value::Bool(false) => Ok(Self("no".to_owned())),
            _ => Err(serde::de::Error::custom("a string, a number or a boolean is expected")),
        }
    }
}

/// A question with one answer. It is read from `{"op": "get_entry", "section": ..., ...}`.
///
/// An answer is written as the members of a JSON object without its braces, so that a frame can put others before them.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Operation {
    /// `"data": {schema_version, tool_version, game, <section>: ...}`. A section that is not there is left out, or with
    /// `strict` is `SectionNotFound`. `meta` is the zip file's other entry.
    ExtractSections {
        /// Names of sections.
        sections: Vec<String>,
        /// Whether an unknown one is an error.
        #[serde(default)]
        strict: bool,
    },
    /// `"entry": ... | null, "found": bool`.
    GetEntry {
        /// Name of the section.
        section: String,
        /// Key of the entry.
        key: Text,
    },
    /// `"entries": [{_key, _value}]`, or with fields `[{_key, <field>: ...}]`, in the order of the request. Keys that are not
    /// there are left out, as are fields; an entry that is no container has `_value` in any case.
    GetEntries {
        /// Name of the section.
        section: String,
        /// Keys of the entries.
        keys: Vec<Text>,
        /// Fields of the entries.
        #[serde(default)]
        fields: Option<Vec<String>>,
    },
    /// `"counts": {key: n}`: how many fields below the top level have the key, every duplicate counted.
    CountKeys {
        /// The keys.
        keys: Vec<Text>,
    },
    /// `"matches": {token: bool}`: whether the bytes occur anywhere in the text. An empty token does.
    ContainsTokens {
        /// The tokens.
        tokens: Vec<String>,
    },
    /// `"matches": {"key=value": bool}`: whether a field at any depth, the top level included, has that scalar.
    ContainsKv {
        /// Keys with their values.
        pairs: Vec<(Text, Text)>,
    },
    /// `"countries": [{id, <field>: ...}]` of the entries of `country` that are containers.
    GetCountrySummaries {
        /// Fields of the countries.
        fields: Vec<String>,
    },
    /// `"values": [...], "found": bool`: the values of the field, quoted or not, where it stands least deep in the entry, in
    /// the order of the file. `found` says whether the entry is there.
    GetDuplicateValues {
        /// Name of the section.
        section: String,
        /// Key of the entry.
        key: Text,
        /// Name of the field.
        field: String,
    },
    /// `"text": "..." | null, "found": bool`: the entry as the file has it, from the line break before its key.
    GetEntryText {
        /// Name of the section.
        section: String,
        /// Key of the entry.
        key: Text,
    },
    /// `"results": [{...}]`: the answers of the others, in their order.
    Multi {
        /// Questions, none of them a `multi`.
        ops: Vec<Operation>,
    },
}

impl Operation {
    /// Writes the answer: members of a JSON object, without its braces.
    ///
    /// # Errors
    /// `ParseError` or `LimitExceeded` of a damaged section, `SectionNotFound` where it is asked for strictly, `InvalidInput`
    /// for a `multi` in a `multi`. What was written until then is to be thrown away.
    pub fn answer(&self, save: &Save, schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
        match self {
            Self::ExtractSections { sections, strict } => {
                out.extend_from_slice(b"\"data\":");
                save.write_sections(sections, *strict, schema, out)
            }
            Self::GetEntry { section, key } => {
                let entry = save.entry(section, &key.0)?;
                out.extend_from_slice(b"\"entry\":");
                write_or_null(entry, out, |entry, out| {
                    let (start, bytes) = (entry.value_start(), entry.value_text().len());
                    save.answered.get_or_write(start, bytes, schema, out, |out| entry.write(schema, out))
                })?;
                push_found(entry.is_some(), out);
                Ok(())
            }
            Self::GetEntries { section, keys, fields } => entries(save, section, keys, fields.as_deref(), schema, out),
            Self::CountKeys { keys } => {
                let keys: Vec<&str> = distinct(keys.iter().map(|key| key.0.as_str()));
                let counts = counts::count_keys(save.text(), &keys);
                out.extend_from_slice(b"\"counts\":");
                push_map(&keys, &counts, out, |count, out| out.extend_from_slice(count.to_string().as_bytes()));
                Ok(())
            }
            Self::ContainsTokens { tokens } => {
                let tokens: Vec<&str> = distinct(tokens.iter().map(String::as_str));
                let found = tokens::contained(save.text(), &tokens)?;
                out.extend_from_slice(b"\"matches\":");
                push_map(&tokens, &found, out, push_bool);
                Ok(())
            }
            Self::ContainsKv { pairs } => {
                let pairs: Vec<(&str, &str)> =
                    distinct(pairs.iter().map(|(key, value)| (key.0.as_str(), value.0.as_str())));
                let found = counts::contains_pairs(save.text(), &pairs);
                let names: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}={value}")).collect();
                out.extend_from_slice(b"\"matches\":");
                push_map(&names, &found, out, push_bool);
                Ok(())
            }
            Self::GetCountrySummaries { fields } => countries(save, fields, schema, out),
            Self::GetDuplicateValues { section, key, field } => duplicates(save, section, &key.0, field, schema, out),
            Self::GetEntryText { section, key } => {
                let entry = save.entry(section, &key.0)?;
                out.extend_from_slice(b"\"text\":");
                write_or_null(entry, out, |entry, out| {
                    json::push_str(&text::passage(entry.text()), out);
                    Ok(())
                })?;
                push_found(entry.is_some(), out);
                Ok(())
            }
            Self::Multi { ops } => multi(ops, save, schema, out),
        }
    }
}

impl EntryView<'_> {
    /// Writes its value.
    ///
    /// # Errors
    /// `ParseError` for damage in it.
    pub fn write(self, schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
        with_tape(|tape| {
            schema.write(self.parse(tape)?, out);
            Ok(())
        })
    }
}
