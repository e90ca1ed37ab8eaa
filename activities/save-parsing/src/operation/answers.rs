//! The answers to single questions.

use std::collections::HashSet;

use super::{Operation, Text};
use crate::{EntryView, Save, SaveError, SaveErrorKind, Schema, Tape, Value, json, tape::with_tape};

pub(super) fn write_or_null<'s>(
    entry: Option<EntryView<'s>>,
    out: &mut Vec<u8>,
    write: impl FnOnce(EntryView<'s>, &mut Vec<u8>) -> Result<(), SaveError>,
) -> Result<(), SaveError> {
    match entry {
        Some(entry) => write(entry, out),
        None => {
            out.extend_from_slice(b"null");
            Ok(())
        }
    }
}

pub(super) fn push_found(found: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"found\":");
    push_bool(&found, out);
}

pub(super) fn push_bool(value: &bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if *value { b"true" } else { b"false" });
}

pub(super) fn push_map<T>(names: &[impl AsRef<str>], values: &[T], out: &mut Vec<u8>, push: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'{');
    for (name, value) in names.iter().zip(values) {
        json::separate(out);
        json::push_str(name.as_ref(), out);
        out.push(b':');
        push(value, out);
    }
    out.push(b'}');
}

/// Each of them once, in their order: an object has no use for a name twice.
pub(super) fn distinct<T: Copy + Eq + std::hash::Hash>(all: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = HashSet::new();
    all.filter(|one| seen.insert(*one)).collect()
}

pub(super) fn entries(
    save: &Save,
    section: &str,
    keys: &[Text],
    fields: Option<&[String]>,
    schema: Schema,
    out: &mut Vec<u8>,
) -> Result<(), SaveError> {
    out.extend_from_slice(b"\"entries\":[");
    for key in keys {
        let Some(entry) = save.entry(section, &key.0)? else { continue };
        json::separate(out);
        out.extend_from_slice(b"{\"_key\":");
        json::push_str(&key.0, out);
        match fields {
            Some(fields) if entry.is_container() => {
                with_tape(|tape| write_fields(entry.parse(tape)?, fields, schema, out))?;
            }
            _ => {
                out.extend_from_slice(b",\"_value\":");
                entry.write(schema, out)?;
            }
        }
        out.push(b'}');
    }
    out.push(b']');
    Ok(())
}

/// Writes the fields that a value has of those asked for, each after a comma.
fn write_fields(value: Value<'_>, fields: &[String], schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
    let mut repeated = Vec::new();
    for name in distinct(fields.iter().map(String::as_str)) {
        let mut found = value.fields().find(|field| field.key.is_some_and(|key| key.bytes == name.as_bytes()));
        let Some(mut first) = found else { continue };
        out.push(b',');
        json::push_str(name, out);
        out.push(b':');
        if schema == Schema::V1 {
            while let Some(next) = first.next_same() {
                first = next;
            }
            schema.write(first.value, out);
        } else if first.superseded() {
            repeated.push(name);
            out.push(b'[');
            while let Some(field) = found {
                json::separate(out);
                schema.write_field(&field, out);
                found = field.next_same();
            }
            out.push(b']');
        } else {
            schema.write_field(&first, out);
        }
    }
    if !repeated.is_empty() {
        out.extend_from_slice(b",\"$repeated\":[");
        for name in repeated {
            json::separate(out);
            json::push_str(name, out);
        }
        out.push(b']');
    }
    Ok(())
}

pub(super) fn countries(save: &Save, fields: &[String], schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
    out.extend_from_slice(b"\"countries\":[");
    if let Some(section) = save.section("country") {
        let mut tape = Tape::default();
        for entry in section.entries()? {
            let Some(key) = entry.key() else { continue };
            if !entry.is_container() || entry.superseded() {
                continue;
            }
            json::separate(out);
            out.extend_from_slice(b"{\"id\":");
            json::push_scalar(key, out);
            write_fields(entry.parse(&mut tape)?, fields, schema, out)?;
            out.push(b'}');
        }
    }
    out.push(b']');
    Ok(())
}

pub(super) fn duplicates(
    save: &Save,
    section: &str,
    key: &str,
    field: &str,
    schema: Schema,
    out: &mut Vec<u8>,
) -> Result<(), SaveError> {
    let entry = save.entry(section, key)?;
    out.extend_from_slice(b"\"values\":[");
    if let Some(entry) = entry {
        with_tape(|tape| {
            let mut level = vec![entry.parse(tape)?];
            while !level.is_empty() {
                let fields = level.iter().flat_map(|value| value.fields());
                let mut found =
                    fields.filter(|one| one.key.is_some_and(|key| key.bytes == field.as_bytes())).peekable();
                if found.peek().is_some() {
                    for one in found {
                        json::separate(out);
                        schema.write(one.value, out);
                    }
                    break;
                }
                let members = level.iter().flat_map(|value| value.members());
                level = members.map(|member| member.value).filter(|value| value.is_container()).collect();
            }
            Ok(())
        })?;
    }
    out.push(b']');
    push_found(entry.is_some(), out);
    Ok(())
}

pub(super) fn multi(ops: &[Operation], save: &Save, schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
    out.extend_from_slice(b"\"results\":[");
    for op in ops {
        if matches!(op, Operation::Multi { .. }) {
            return Err(SaveError::new(
                SaveErrorKind::InvalidInput,
                "a multi cannot hold another multi",
                "ops",
                "put its questions beside the others",
            ));
        }
        json::separate(out);
        out.push(b'{');
        op.answer(save, schema, out)?;
        out.push(b'}');
    }
    out.push(b']');
    Ok(())
}
