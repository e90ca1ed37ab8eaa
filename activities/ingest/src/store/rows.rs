//! Rows of `events` as they are read.

use rusqlite::{Connection, Row, ToSql};

use super::StoreError;
use crate::event::{CommittedEvent, EventType, Limits, Metadata, NewEvent, Status};

/// The columns, in the order in which [`read`] takes them.
pub(super) const SELECT: &str =
    "SELECT id, event_id, session_id, agent_type, event_type, tool_name, status, tokens_in, tokens_out,
  branch, project, duration_ms, created_at, client_timestamp, metadata, payload_truncated, model, cost_usd,
  cache_read_tokens, cache_write_tokens, source FROM events";

/// Reads rows by the rest of a statement.
pub(super) fn select(
    connection: &Connection,
    rest: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<CommittedEvent>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} {rest}"))?;
    let rows = statement.query_map(values, read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A row, whoever wrote it.
pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<CommittedEvent> {
    let text = |column| row.get::<_, Option<String>>(column);
    let count = |column| row.get::<_, Option<f64>>(column).map(|count| whole(count.unwrap_or_default()));
    let event_type = text(4)?.unwrap_or_default();
    let json = text(14)?;
    let truncated = row.get::<_, Option<bool>>(15)?.unwrap_or_default();
    let metadata = match json {
        // Ours are JSON already; those of others are made so when the file is opened.
        Some(json) => Metadata::stored(json, truncated),
        None => Metadata::from_json("null", &Limits::default()).unwrap_or_default(),
    };
    let event = NewEvent {
        event_id: text(1)?,
        session_id: text(2)?.unwrap_or_default(),
        agent_type: text(3)?.unwrap_or_default(),
        event_type: EventType::from_name(&event_type).unwrap_or(EventType::Response),
        tool_name: text(5)?,
        status: text(6)?.and_then(|status| Status::from_name(&status)).unwrap_or(Status::Success),
        tokens_in: count(7)?,
        tokens_out: count(8)?,
        branch: text(9)?,
        project: text(10)?,
        duration_ms: row.get::<_, Option<f64>>(11)?.map(whole),
        client_timestamp: text(13)?,
        metadata,
        model: text(16)?,
        cost_usd: row.get::<_, Option<f64>>(17)?.filter(|cost| cost.is_finite()),
        cache_read_tokens: count(18)?,
        cache_write_tokens: count(19)?,
        source: text(20)?.unwrap_or_default(),
    };
    Ok(CommittedEvent::read(row.get(0)?, text(12)?.unwrap_or_default(), event, &event_type))
}

/// A column of whole numbers can hold others in a file of another program.
pub(super) fn whole(count: f64) -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "out of range it is the nearest, which is meant"
    )]
    let count = count as u64;
    count
}
