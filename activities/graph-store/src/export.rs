//! The graph as NDJSON.

use std::io::Write;

use crate::{
    error::{StoreError, StoreResult},
    query::Stored,
};

/// Writes one document with its collection first.
pub(crate) fn line(document: Stored<'_>, to: &mut dyn Write) -> StoreResult<()> {
    let rest = document.json.strip_prefix('{').unwrap_or(document.json);
    writeln!(to, "{{\"collection\":\"{}\",{rest}", document.collection).map_err(StoreError::Export)
}
