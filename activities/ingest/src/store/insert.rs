//! One row into `events`.

use rusqlite::{CachedStatement, Connection, OptionalExtension, params};

use super::queue::Row;
use crate::event::NewEvent;

const NEW: &str = "
INSERT INTO events (event_id, session_id, agent_type, event_type, tool_name, status, tokens_in, tokens_out, branch, project,
  duration_ms, created_at, client_timestamp, metadata, payload_truncated, model, cost_usd, cache_read_tokens,
  cache_write_tokens, source)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)
ON CONFLICT (event_id) DO NOTHING";

/// The statement that [`insert`] takes.
pub(super) fn prepare(connection: &Connection) -> rusqlite::Result<CachedStatement<'_>> {
    connection.prepare_cached(NEW)
}

/// The id of the new row; `None` when its `event_id` is there.
pub(super) fn insert(
    connection: &Connection,
    statement: &mut CachedStatement<'_>,
    event: &NewEvent,
    created_at: &str,
) -> rusqlite::Result<Option<i64>> {
    let metadata = &event.metadata;
    let changed = statement.execute(params![
        event.event_id,
        event.session_id,
        event.agent_type,
        event.event_type.as_str(),
        event.tool_name,
        event.status.as_str(),
        stored(event.tokens_in),
        stored(event.tokens_out),
        event.branch,
        event.project,
        event.duration_ms.map(stored),
        created_at,
        event.client_timestamp,
        metadata.json(),
        metadata.truncated(),
        event.model,
        event.cost_usd,
        stored(event.cache_read_tokens),
        stored(event.cache_write_tokens),
        event.source
    ])?;
    if changed == 0 {
        // The row that was not stored took an id: it is given back, so that ids follow each other.
        let sql = "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'events'";
        connection.prepare_cached(sql)?.execute([])?;
        return Ok(None);
    }
    Ok(Some(connection.last_insert_rowid()))
}

/// Whether a row that is put back is there already: the same id, session, type and time.
pub(super) fn is_there(connection: &Connection, row: &Row, id: i64, created_at: &str) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT 1 FROM events WHERE id = ?1 AND session_id = ?2 AND event_type = ?3 AND created_at = ?4",
    )?;
    let values = params![id, row.event.session_id, row.event.event_type.as_str(), created_at];
    Ok(statement.query_row(values, |_| Ok(())).optional()?.is_some())
}

/// Gives a row its old id, where that is free.
pub(super) fn move_to(connection: &Connection, from: i64, to: i64) -> rusqlite::Result<i64> {
    let mut statement = connection.prepare_cached(
        "UPDATE OR IGNORE events SET id = ?2 WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM events WHERE id = ?2)",
    )?;
    let moved = statement.execute([from, to])? > 0;
    if moved {
        let sql = "UPDATE sqlite_sequence SET seq = (SELECT MAX(id) FROM events) WHERE name = 'events'";
        connection.prepare_cached(sql)?.execute([])?;
    }
    Ok(if moved { to } else { from })
}

/// Counts stay below 2^53.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
