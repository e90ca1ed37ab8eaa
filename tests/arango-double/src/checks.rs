//! What a document has to be like.

use serde_json::Value;

use crate::{
    database::{Document, Transaction},
    envelope::{Error, Result},
    faults::Faults,
};

/// 1 to 254 bytes of the allowed characters.
pub(crate) fn is_key(key: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-:.@()+,=;$!*'%".contains(&b);
    !key.is_empty() && key.len() <= 254 && key.bytes().all(plain)
}

/// The key of a document that is to be stored, made up where it has none.
pub(crate) fn key_for(document: &Document, tx: &mut Transaction<'_>) -> Result<String> {
    match document.get("_key") {
        None => Ok(tx.next_key()),
        Some(Value::String(key)) if is_key(key) => Ok(key.clone()),
        Some(_) => Err(Error::numbered(1221)),
    }
}

/// Whether both ends of an edge are ids; whether they are there is nobody's business.
pub(crate) fn ends(document: &Document, tx: &Transaction<'_>) -> Result<()> {
    let is_id = |field: &str| {
        let id = document.get(field).and_then(Value::as_str).and_then(|id| id.split_once('/'));
        id.is_some_and(|(collection, key)| !collection.is_empty() && is_key(key))
    };
    if !tx.is_edges() || (is_id("_from") && is_id("_to")) { Ok(()) } else { Err(Error::numbered(1233)) }
}

/// What is refused because it was asked for.
pub(crate) fn wish(key: &str, faults: &mut Faults) -> Result<()> {
    match faults.of_key(key) {
        Some(number) => Err(Error::numbered(number)),
        None => Ok(()),
    }
}
