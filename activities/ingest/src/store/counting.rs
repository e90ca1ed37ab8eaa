//! What one row adds to the counters. Usage that an agent reports live and that its own files, imported later, report again
//! must be summed once: of a codex session, rows of OTLP give way to imported ones of the same time or later.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    counters::{Key, Sums, Table, add},
    insert::stored,
};
use crate::{event::NewEvent, timestamp};

/// What a row says to the counters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted<'a> {
    pub(super) id: i64,
    pub(super) session_id: &'a str,
    pub(super) agent_type: &'a str,
    pub(super) event_type: &'a str,
    pub(super) tool_name: &'a str,
    pub(super) model: &'a str,
    pub(super) source: &'a str,
    /// When it was stored, in seconds since 1970.
    pub(super) second: i64,
    /// When it happened, in seconds since 1970.
    pub(super) at: i64,
    pub(super) tokens_in: i64,
    pub(super) tokens_out: i64,
    pub(super) cost_usd: f64,
    pub(super) carries_usage: bool,
}

/// What an event says to the counters.
pub(super) fn counted(id: i64, event: &NewEvent, second: i64) -> Counted<'_> {
    let at = match &event.client_timestamp {
        // Only of these is the time asked for.
        Some(text) if event.agent_type == "codex" => timestamp::seconds(text).unwrap_or(second),
        _ => second,
    };
    Counted {
        id,
        session_id: &event.session_id,
        agent_type: &event.agent_type,
        event_type: event.event_type.as_str(),
        tool_name: event.tool_name.as_deref().unwrap_or_default(),
        model: event.model.as_deref().unwrap_or_default(),
        source: &event.source,
        second,
        at,
        tokens_in: stored(event.tokens_in),
        tokens_out: stored(event.tokens_out),
        cost_usd: event.cost_usd.unwrap_or_default(),
        carries_usage: event.carries_usage(),
    }
}

/// Adds a row to `table`. Whether what was counted before changed, so that the table must be written in this transaction:
/// otherwise the rows behind it would be counted differently after a crash.
pub(super) fn count(
    connection: &Connection,
    table: &mut Table,
    key: &mut Vec<u8>,
    row: &Counted<'_>,
) -> rusqlite::Result<bool> {
    Key::encode(row.second, [row.agent_type, row.event_type, row.tool_name, row.model], key);
    let mut sums = Sums { events: 1, tokens_in: row.tokens_in, tokens_out: row.tokens_out, cost_usd: row.cost_usd };
    let mut changed = false;
    if row.agent_type == "codex" && row.carries_usage {
        match row.source {
            "otel" => {
                if imported_until(connection, row.session_id)?.is_some_and(|newest| newest >= row.at) {
                    sums = Sums { events: 1, ..Sums::default() };
                } else {
                    remember(connection, key, row)?;
                }
            }
            "import" if imported_until(connection, row.session_id)?.is_none_or(|newest| newest < row.at) => {
                changed = true;
                take_back(connection, table, row)?;
            }
            _ => {}
        }
    }
    add(table, key, &sums);
    Ok(changed)
}

fn imported_until(connection: &Connection, session: &str) -> rusqlite::Result<Option<i64>> {
    let mut statement = connection.prepare_cached("SELECT newest FROM gantry_codex_import WHERE session_id = ?1")?;
    statement.query_row([session], |row| row.get(0)).optional()
}

fn remember(connection: &Connection, key: &[u8], row: &Counted<'_>) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT OR REPLACE INTO gantry_codex_otel (session_id, at, id, key, tokens_in, tokens_out, cost_usd)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    statement.execute(params![row.session_id, row.at, row.id, key, row.tokens_in, row.tokens_out, row.cost_usd])?;
    Ok(())
}

/// Takes back what the rows of OTLP up to this one's time added.
fn take_back(connection: &Connection, table: &mut Table, row: &Counted<'_>) -> rusqlite::Result<()> {
    let mut newest = connection.prepare_cached(
        "INSERT INTO gantry_codex_import (session_id, newest) VALUES (?1, ?2)
         ON CONFLICT (session_id) DO UPDATE SET newest = MAX(newest, excluded.newest)",
    )?;
    newest.execute(params![row.session_id, row.at])?;
    let mut statement = connection.prepare_cached(
        "DELETE FROM gantry_codex_otel WHERE session_id = ?1 AND at <= ?2 RETURNING key, tokens_in, tokens_out, cost_usd",
    )?;
    let mut rows = statement.query(params![row.session_id, row.at])?;
    while let Some(found) = rows.next()? {
        let key: Vec<u8> = found.get(0)?;
        let (tokens_in, tokens_out, cost_usd): (i64, i64, f64) = (found.get(1)?, found.get(2)?, found.get(3)?);
        add(table, &key, &Sums { events: 0, tokens_in: -tokens_in, tokens_out: -tokens_out, cost_usd: -cost_usd });
    }
    Ok(())
}
