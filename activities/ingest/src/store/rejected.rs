//! What was refused, and why: a bounded table.

use rusqlite::{Connection, params};
use serde::Serialize;

use super::StoreError;
use crate::timestamp;

/// Something that was refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Rejected {
    /// When; UTC, `YYYY-MM-DD HH:MM:SS`. The store fills it in when it is empty.
    pub at: String,
    /// Where it came from: a route, a file.
    pub origin: String,
    /// What was wrong, `field: message`.
    pub errors: Vec<String>,
    /// Its beginning; the store keeps at most 500 characters.
    pub sample: String,
}

/// How many are kept, and how much of each.
const KEPT: i64 = 1000;
const SAMPLE: usize = 500;

pub(super) fn write(connection: &Connection, rejected: &[Rejected]) -> Result<(), StoreError> {
    let transaction = connection.unchecked_transaction()?;
    {
        let mut statement = transaction
            .prepare_cached("INSERT INTO gantry_rejected (at, origin, errors, sample) VALUES (?1, ?2, ?3, ?4)")?;
        let now = timestamp::to_sqlite(timestamp::now_seconds());
        for one in rejected {
            let at = if one.at.is_empty() { &now } else { &one.at };
            let errors = serde_json::to_string(&one.errors).map_err(|error| StoreError::Failed(error.to_string()))?;
            let sample: String = one.sample.chars().take(SAMPLE).collect();
            statement.execute(params![at, one.origin, errors, sample])?;
        }
        let old = "DELETE FROM gantry_rejected WHERE id <= (SELECT MAX(id) FROM gantry_rejected) - ?1";
        transaction.prepare_cached(old)?.execute([KEPT])?;
    }
    Ok(transaction.commit()?)
}

pub(super) fn read(connection: &Connection, limit: u64) -> Result<Vec<Rejected>, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT at, origin, errors, sample FROM gantry_rejected ORDER BY id DESC LIMIT ?1")?;
    let rows = statement.query_map([i64::try_from(limit).unwrap_or(i64::MAX)], |row| {
        let errors: String = row.get(2)?;
        Ok(Rejected {
            at: row.get(0)?,
            origin: row.get(1)?,
            errors: serde_json::from_str(&errors).unwrap_or_default(),
            sample: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
