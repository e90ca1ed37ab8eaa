//! One line of a file to one event.

use sha2::{Digest, Sha256};

use super::ImportOptions;
use crate::{
    event::{self, COLUMNS, Content, FieldError, Invalid, Limits, NewEvent},
    json::{Malformed, Raw, Scanner},
    store::Restored,
    timestamp,
};

/// Reads a line; `None` when it is blank. An event without an id gets one made of the file and the line, so that importing
/// the file again stores nothing twice.
pub fn import_line(
    line: &[u8],
    number: u64,
    sha256: &str,
    options: &ImportOptions,
) -> Option<Result<NewEvent, Invalid>> {
    let text = Content::Utf8.text(line);
    if text.trim().is_empty() {
        return None;
    }
    let event = event::parse_from(&text, &options.limits, &options.source);
    Some(event.map(|mut event| {
        if event.event_id.is_none() {
            event.event_id = Some(line_id(sha256, number));
        }
        event
    }))
}

/// 32 hexadecimal digits of the hash of the file's hash and the line's number.
fn line_id(sha256: &str, number: u64) -> String {
    let hash = Sha256::digest(format!("{sha256}:{number}"));
    hex::encode(hash.get(..16).unwrap_or_default())
}

/// Reads a line of an export as the row that it was.
pub(super) fn restore_line(line: &[u8]) -> Option<Result<Restored, Invalid>> {
    let text = Content::Utf8.text(line);
    if text.trim().is_empty() {
        return None;
    }
    let unlimited = Limits { metadata_bytes: usize::MAX };
    Some(event::parse_text(&text, &unlimited).and_then(|mut event| {
        let known = row_fields(&text).unwrap_or_default();
        let missing =
            |field| Invalid { details: vec![FieldError { field, message: "must be that of an export".into() }] };
        let id = known.id.ok_or_else(|| missing("id"))?;
        let created_at = known.created_at.ok_or_else(|| missing("created_at"))?;
        event.metadata.set_truncated(known.truncated);
        Ok(Restored { id, created_at, event })
    }))
}

/// Whether a line has every column of a row, as only an export has.
pub(super) fn is_exported(line: &[u8]) -> bool {
    let text = Content::Utf8.text(line);
    let mut found = [false; COLUMNS.len()];
    let mut scanner = Scanner::new(&text);
    scanner.blanks();
    let whole = event::members(&mut scanner, |name, scanner| {
        scanner.value()?;
        if let Some(place) = COLUMNS.iter().position(|column| *column == name)
            && let Some(seen) = found.get_mut(place)
        {
            *seen = true;
        }
        Ok(())
    });
    whole.is_ok() && found.iter().all(|seen| *seen)
}

#[derive(Default)]
struct RowFields {
    id: Option<i64>,
    created_at: Option<i64>,
    truncated: bool,
}

/// What only the store sets.
fn row_fields(text: &str) -> Result<RowFields, Malformed> {
    let mut fields = RowFields::default();
    let mut scanner = Scanner::new(text);
    scanner.blanks();
    event::members(&mut scanner, |name, scanner| {
        match (name, scanner.value()?) {
            ("id", Raw::Number(number)) => fields.id = number.parse().ok().filter(|id| *id > 0),
            ("created_at", Raw::Text(text)) => fields.created_at = timestamp::seconds(&text.decode()),
            ("payload_truncated", Raw::Number(number)) => fields.truncated = number == "1",
            _ => {}
        }
        Ok(())
    })?;
    Ok(fields)
}
