//! Values of a database that others write too: whatever stands in a column becomes something that cannot harm.

use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::timestamp::Timestamp;

/// A count or an offset: negative and absent ones are 0, a time with a fraction loses it.
pub(super) fn unsigned(row: &Row<'_>, column: usize) -> u64 {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(value)) => u64::try_from(value).unwrap_or(0),
        Ok(ValueRef::Real(value)) if value > 0.0 => whole(value),
        Ok(ValueRef::Text(text)) => {
            std::str::from_utf8(text).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
        }
        _ => 0,
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive here, and the cast saturates")]
fn whole(value: f64) -> u64 {
    value as u64
}

/// A number that may be below 0; 0 where there is none.
pub(super) fn signed(row: &Row<'_>, column: usize) -> i64 {
    match row.get_ref(column) {
        Ok(ValueRef::Integer(value)) => value,
        _ => 0,
    }
}

/// A text; bytes that are none become marks.
pub(super) fn text(row: &Row<'_>, column: usize) -> Option<String> {
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes) | ValueRef::Blob(bytes)) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Ok(ValueRef::Integer(value)) => Some(value.to_string()),
        _ => None,
    }
}

/// Bytes.
pub(super) fn bytes(row: &Row<'_>, column: usize) -> Option<Vec<u8>> {
    match row.get_ref(column) {
        Ok(ValueRef::Blob(bytes) | ValueRef::Text(bytes)) => Some(bytes.to_vec()),
        _ => None,
    }
}

/// A number as SQLite stores it. Offsets beyond its range do not occur in files.
pub(super) fn stored(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A moment as the older daemon writes it.
pub(super) fn moment(at: Timestamp) -> String {
    at.to_string()
}
