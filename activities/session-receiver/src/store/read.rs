//! What came so far.

use rusqlite::{Connection, Row, named_params};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::moment;

/// What is there in all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Sessions.
    pub sessions: u64,
    /// Events of all sessions.
    pub events: u64,
}

/// A session as it was merged from all bodies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StoredSession {
    /// UUID.
    pub id: String,
    /// `claude`, `codex`, `gemini`, or another.
    pub provider: String,
    /// `production` where nothing was said.
    pub environment: String,
    /// First project that was named.
    pub project: Option<String>,
    /// First machine that sent it.
    pub device_id: Option<String>,
    /// First working folder.
    pub cwd: Option<String>,
    /// First address of a repository.
    pub git_repo: Option<String>,
    /// First branch.
    pub git_branch: Option<String>,
    /// What the agent itself calls it.
    pub provider_session_id: Option<String>,
    /// Earliest start, RFC 3339.
    pub started_at: String,
    /// Latest end, RFC 3339.
    pub ended_at: Option<String>,
    /// Its events.
    pub events: u64,
}

/// A stored event.
#[derive(Debug, Clone, Serialize)]
pub struct StoredEvent {
    /// Grows in the order of arrival; `after` of the next page.
    pub number: i64,
    /// Who speaks.
    pub role: String,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_text: Option<String>,
    /// Which tool is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
    /// A JSON object, as it came.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_input_json: Option<Box<RawValue>>,
    /// What the tool answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_output_text: Option<String>,
    /// RFC 3339.
    pub timestamp: String,
    /// The file it comes from.
    pub source_path: String,
    /// Byte of the file at which its line starts.
    pub source_offset: i64,
    /// What ties a call to its result.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// Ordinal in its line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item_index: Option<i64>,
    /// The line, with its first event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub raw_json: Option<String>,
}

pub(super) fn counts(connection: &Connection) -> rusqlite::Result<Counts> {
    connection.query_row("SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM event)", [], |row| {
        Ok(Counts { sessions: row.get(0)?, events: row.get(1)? })
    })
}

const SESSION: &str =
    "SELECT id, provider, environment, project, device_id, cwd, git_repo, git_branch, provider_session_id, started_at,
    ended_at, (SELECT count(*) FROM event WHERE event.session = session.number) AS events FROM session";

/// In the order of their ids.
pub(super) fn sessions(connection: &Connection, after: &str, limit: u64) -> rusqlite::Result<Vec<StoredSession>> {
    connection
        .prepare_cached(&format!("{SESSION} WHERE id > :after ORDER BY id LIMIT :limit"))?
        .query_map(named_params! { ":after": after, ":limit": limit }, session)?
        .collect()
}

fn session(row: &Row<'_>) -> rusqlite::Result<StoredSession> {
    Ok(StoredSession {
        id: row.get("id")?,
        provider: row.get("provider")?,
        environment: row.get("environment")?,
        project: row.get("project")?,
        device_id: row.get("device_id")?,
        cwd: row.get("cwd")?,
        git_repo: row.get("git_repo")?,
        git_branch: row.get("git_branch")?,
        provider_session_id: row.get("provider_session_id")?,
        started_at: moment::format(row.get("started_at")?),
        ended_at: row.get::<_, Option<i64>>("ended_at")?.map(moment::format),
        events: row.get("events")?,
    })
}

/// In the order of arrival; nothing when there is no such session.
pub(super) fn events(
    connection: &Connection,
    session: &str,
    after: i64,
    limit: u64,
) -> rusqlite::Result<Option<Vec<StoredEvent>>> {
    let is_known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM session WHERE id = ?1)")?
        .query_row([session], |row| row.get(0))?;
    if !is_known {
        return Ok(None);
    }
    connection
        .prepare_cached(
            "SELECT event.number AS number, role, content_text, tool_name, tool_input_json, tool_output_text, timestamp,
                 path AS source_path, source_offset, tool_call_id, item_index, raw_json
             FROM event JOIN source ON source.number = event.source
             WHERE session = (SELECT number FROM session WHERE id = :session) AND event.number > :after
             ORDER BY event.number LIMIT :limit",
        )?
        .query_map(named_params! { ":session": session, ":after": after, ":limit": limit }, event)?
        .collect::<rusqlite::Result<_>>()
        .map(Some)
}

fn event(row: &Row<'_>) -> rusqlite::Result<StoredEvent> {
    Ok(StoredEvent {
        number: row.get("number")?,
        role: row.get("role")?,
        content_text: row.get("content_text")?,
        tool_name: row.get("tool_name")?,
        // It was read as JSON before it was stored.
        tool_input_json: row.get::<_, Option<String>>("tool_input_json")?.and_then(|t| RawValue::from_string(t).ok()),
        tool_output_text: row.get("tool_output_text")?,
        timestamp: moment::format(row.get("timestamp")?),
        source_path: row.get("source_path")?,
        source_offset: row.get("source_offset")?,
        tool_call_id: row.get("tool_call_id")?,
        item_index: row.get("item_index")?,
        raw_json: row.get("raw_json")?,
    })
}
