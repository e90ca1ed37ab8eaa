//! What is stored, as the bodies that it could have come in: for another place that has to catch up.

use rusqlite::{Connection, Row, named_params};

use crate::batch::{Batch, Event, Role, SessionHead};

/// Events that are read at once.
const MOST_EVENTS: usize = 500;
/// Bytes of events after which no more are read at once: one alone can be as large as a body.
const MOST_BYTES: u64 = 8 << 20;

/// A part of what is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// In the order of arrival, each of one session.
    pub batches: Vec<Batch>,
    /// The number of the last event in them; where the next part begins.
    pub last: i64,
}

pub(super) fn last_number(connection: &Connection) -> rusqlite::Result<i64> {
    connection.prepare_cached("SELECT coalesce(max(number), 0) FROM event")?.query_row([], |row| row.get(0))
}

pub(super) fn page(connection: &Connection, after: i64) -> rusqlite::Result<Replayed> {
    let mut statement = connection.prepare_cached(
        "SELECT event.number AS number, role, content_text, tool_name, tool_input_json, tool_output_text, timestamp, path,
             source_offset, tool_call_id, item_index,
             id, provider, environment, project, device_id, cwd, git_repo, git_branch, started_at, ended_at,
             provider_session_id
         FROM event JOIN source ON source.number = event.source JOIN session ON session.number = event.session
         WHERE event.number > :after ORDER BY event.number LIMIT :limit",
    )?;
    let mut rows = statement.query(named_params! { ":after": after, ":limit": MOST_EVENTS })?;
    let (mut page, mut bytes) = (Replayed { batches: Vec::new(), last: after }, 0);
    while bytes < MOST_BYTES
        && let Some(row) = rows.next()?
    {
        page.last = row.get("number")?;
        let id: String = row.get("id")?;
        let event = event(row)?;
        bytes += event.bytes();
        match page.batches.last_mut().filter(|batch| batch.session.id == id) {
            Some(batch) => batch.events.push(event),
            None => page.batches.push(Batch { session: head(row, id)?, events: vec![event] }),
        }
    }
    Ok(page)
}

fn head(row: &Row<'_>, id: String) -> rusqlite::Result<SessionHead> {
    Ok(SessionHead {
        id,
        provider: row.get("provider")?,
        environment: row.get("environment")?,
        project: row.get("project")?,
        device_id: row.get("device_id")?,
        cwd: row.get("cwd")?,
        git_repo: row.get("git_repo")?,
        git_branch: row.get("git_branch")?,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        provider_session_id: row.get("provider_session_id")?,
    })
}

fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    let role: String = row.get("role")?;
    Ok(Event {
        // The writer writes no other.
        role: Role::of_name(&role).unwrap_or(Role::System),
        content_text: row.get("content_text")?,
        tool_name: row.get("tool_name")?,
        tool_input_json: row.get("tool_input_json")?,
        tool_output_text: row.get("tool_output_text")?,
        timestamp: row.get("timestamp")?,
        source_path: row.get("path")?,
        source_offset: row.get("source_offset")?,
        tool_call_id: row.get("tool_call_id")?,
        item_index: row.get("item_index")?,
        raw_json: None,
    })
}
