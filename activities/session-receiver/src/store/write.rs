//! What is done with a body inside a transaction.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Ingested, Removed};
use crate::batch::{Batch, SessionHead};

/// Stores a body. Twice is the same as once.
pub(super) fn ingest(connection: &Connection, batch: &Batch) -> rusqlite::Result<Ingested> {
    let (session, session_created) = merge_session(connection, &batch.session)?;
    let mut sources: HashMap<&str, i64> = HashMap::new();
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (session, source, source_offset, identity, role, content_text, tool_name, tool_input_json,
             tool_output_text, timestamp, tool_call_id, item_index, raw_json)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (session, source, source_offset, identity) DO NOTHING",
    )?;
    let mut inserted: u64 = 0;
    for event in &batch.events {
        let source = match sources.get(event.source_path.as_str()) {
            Some(known) => *known,
            None => {
                let number = source(connection, &event.source_path)?;
                sources.insert(&event.source_path, number);
                number
            }
        };
        inserted += insert.execute(params![
            session,
            source,
            event.source_offset,
            event.identity(),
            event.role.name(),
            event.content_text,
            event.tool_name,
            event.tool_input_json,
            event.tool_output_text,
            event.timestamp,
            event.tool_call_id,
            event.item_index,
            event.raw_json
        ])? as u64;
    }
    Ok(Ingested {
        session_id: batch.session.id.clone(),
        events_inserted: inserted,
        events_skipped: batch.events.len() as u64 - inserted,
        session_created,
    })
}

/// Keeps what was said first of project, folder and branch, and the widest span of time.
fn merge_session(connection: &Connection, head: &SessionHead) -> rusqlite::Result<(i64, bool)> {
    let known = session_number(connection, &head.id)?;
    connection
        .prepare_cached(
            "INSERT INTO session (id, provider, environment, project, device_id, cwd, git_repo, git_branch,
                 provider_session_id, started_at, ended_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
             ON CONFLICT (id) DO UPDATE SET
                 project = coalesce(project, excluded.project),
                 device_id = coalesce(device_id, excluded.device_id),
                 cwd = coalesce(cwd, excluded.cwd),
                 git_repo = coalesce(git_repo, excluded.git_repo),
                 git_branch = coalesce(git_branch, excluded.git_branch),
                 provider_session_id = coalesce(provider_session_id, excluded.provider_session_id),
                 started_at = min(started_at, excluded.started_at),
                 ended_at = max(coalesce(ended_at, excluded.ended_at), coalesce(excluded.ended_at, ended_at))",
        )?
        .execute(params![
            head.id,
            head.provider,
            head.environment,
            head.project,
            head.device_id,
            head.cwd,
            head.git_repo,
            head.git_branch,
            head.provider_session_id,
            head.started_at,
            head.ended_at
        ])?;
    match known {
        Some(number) => Ok((number, false)),
        None => Ok((connection.last_insert_rowid(), true)),
    }
}

fn source(connection: &Connection, path: &str) -> rusqlite::Result<i64> {
    connection.prepare_cached("INSERT INTO source (path) VALUES (?1) ON CONFLICT DO NOTHING")?.execute([path])?;
    connection.prepare_cached("SELECT number FROM source WHERE path = ?1")?.query_row([path], |row| row.get(0))
}

fn session_number(connection: &Connection, id: &str) -> rusqlite::Result<Option<i64>> {
    connection.prepare_cached("SELECT number FROM session WHERE id = ?1")?.query_row([id], |row| row.get(0)).optional()
}

/// Removes a session with its events; nothing when it is not there.
pub(super) fn remove(connection: &Connection, id: &str) -> rusqlite::Result<Option<Removed>> {
    let Some(session) = session_number(connection, id)? else { return Ok(None) };
    let events = connection.execute("DELETE FROM event WHERE session = ?1", [session])? as u64;
    connection.execute("DELETE FROM session WHERE number = ?1", [session])?;
    Ok(Some(Removed { events }))
}
