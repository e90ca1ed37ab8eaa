//! `GET /api/events` and `GET /api/sessions`.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, params_from_iter};

use super::{
    EventFilter, EventPage, SessionFilter, SessionPage, SessionRow, StoreError,
    rows::{select, whole},
    statistics::point,
    tally::{self, Snapshot},
};
use crate::event::CommittedEvent;

/// Rows of one page, at most.
const MOST: u64 = 10_000;
const PAGE: u64 = 50;

/// What edits files.
const EDITORS: &str = "('Edit', 'Write', 'MultiEdit', 'apply_patch', 'write_stdin')";

pub(super) fn events(
    connection: &Connection,
    snapshot: &Snapshot,
    filter: &EventFilter,
) -> Result<EventPage, StoreError> {
    let (mut conditions, mut values): (Vec<String>, Vec<&dyn ToSql>) = (Vec::new(), Vec::new());
    for (column, value) in [
        ("agent_type = ?", &filter.agent_type),
        ("event_type = ?", &filter.event_type),
        ("tool_name = ?", &filter.tool_name),
        ("session_id = ?", &filter.session_id),
        ("branch = ?", &filter.branch),
        ("model = ?", &filter.model),
        ("source = ?", &filter.source),
        ("created_at >= datetime(?)", &filter.since),
        ("created_at <= datetime(?)", &filter.until),
    ] {
        if let Some(value) = value.as_ref().filter(|value| !value.is_empty()) {
            conditions.push(column.to_owned());
            values.push(value);
        }
    }
    let matching = |conditions: &[String]| match conditions {
        [] => String::new(),
        conditions => format!("WHERE {}", conditions.join(" AND ")),
    };
    let total = match counted(connection, snapshot, filter)? {
        Some(total) => total,
        None => {
            let sql = format!("SELECT COUNT(*) FROM events {}", matching(&conditions));
            let total: i64 = connection.prepare_cached(&sql)?.query_row(values.as_slice(), |row| row.get(0))?;
            u64::try_from(total).unwrap_or_default()
        }
    };
    if total == 0 {
        return Ok(EventPage { events: Vec::new(), total });
    }
    if let Some(before) = &filter.before_id {
        conditions.push("id < ?".to_owned());
        values.push(before);
    }
    let limit = filter.limit.filter(|limit| *limit > 0).unwrap_or(PAGE).min(MOST);
    // Nothing stands behind the last row: do not look for it.
    let limit = stored(limit.min(total));
    let offset = stored(filter.offset.unwrap_or_default());
    values.push(&limit);
    values.push(&offset);
    let rest = format!("{} ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?", matching(&conditions));
    Ok(EventPage { events: select(connection, &rest, &values)?, total })
}

/// How many match, where the counters can say.
fn counted(connection: &Connection, snapshot: &Snapshot, filter: &EventFilter) -> Result<Option<u64>, StoreError> {
    fn given(value: &Option<String>) -> Option<&str> {
        value.as_deref().filter(|value| !value.is_empty())
    }
    if [&filter.session_id, &filter.branch, &filter.source].into_iter().any(|value| given(value).is_some()) {
        return Ok(None);
    }
    let (since, until) = (point(connection, given(&filter.since))?, point(connection, given(&filter.until))?);
    if since == Some(None) || until == Some(None) {
        return Ok(Some(0));
    }
    let wanted = [given(&filter.agent_type), given(&filter.event_type), given(&filter.tool_name), given(&filter.model)];
    let count = |since: Option<i64>| -> Result<Option<i64>, StoreError> {
        let mut count = 0;
        let there = tally::each(connection, snapshot, since, |key, sums| {
            let found = [&key.agent_type, &key.event_type, &key.tool_name, &key.model];
            if wanted.iter().zip(found).all(|(wanted, found)| wanted.is_none_or(|wanted| wanted == found)) {
                count += sums.events;
            }
        })?;
        Ok(there.then_some(count))
    };
    let Some(from) = count(since.flatten())? else { return Ok(None) };
    let behind = match until.flatten() {
        Some(until) => {
            let first = until.saturating_add(1).max(since.flatten().unwrap_or(i64::MIN));
            count(Some(first))?.unwrap_or_default()
        }
        None => 0,
    };
    Ok(Some(u64::try_from(from - behind).unwrap_or_default()))
}

fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn sessions(connection: &Connection, filter: &SessionFilter) -> Result<SessionPage, StoreError> {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    for (condition, value) in [
        ("status = ?", &filter.status),
        ("status != ?", &filter.exclude_status),
        ("agent_type = ?", &filter.agent_type),
        ("last_event_at >= datetime(?)", &filter.since),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            conditions.push(condition);
            values.push(value);
        }
    }
    let matching = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let limit = match filter.limit {
        None => PAGE,
        Some(limit) => u64::try_from(limit).ok().filter(|limit| *limit > 0).map_or(MOST, |limit| limit.min(MOST)),
    };
    let sql = format!(
        "{SESSION} {matching}
         ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'idle' THEN 1 ELSE 2 END, last_event_at DESC, id LIMIT {limit}"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(values), row)?;
    let mut sessions = rows.collect::<Result<Vec<_>, _>>()?;
    for session in &mut sessions {
        add_up(connection, session)?;
    }
    let total = u64::try_from(sessions.len()).unwrap_or(u64::MAX);
    Ok(SessionPage { sessions, total })
}

pub(super) fn session(
    connection: &Connection,
    id: &str,
    events: u64,
) -> Result<Option<(SessionRow, Vec<CommittedEvent>)>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{SESSION} WHERE id = ?1"))?;
    let Some(mut session) = statement.query_row([id], row).optional()? else { return Ok(None) };
    add_up(connection, &mut session)?;
    let limit = stored(events.min(MOST));
    let rest = "WHERE session_id = ?1 ORDER BY created_at DESC, id DESC LIMIT ?2";
    Ok(Some((session, select(connection, rest, &[&id, &limit])?)))
}

const SESSION: &str =
    "SELECT id, agent_id, agent_type, project, branch, status, started_at, ended_at, last_event_at, metadata
  FROM sessions";

fn row(row: &Row<'_>) -> rusqlite::Result<SessionRow> {
    Ok(SessionRow {
        id: row.get(0)?,
        agent_id: row.get(1)?,
        agent_type: row.get(2)?,
        project: row.get(3)?,
        branch: row.get(4)?,
        status: row.get(5)?,
        started_at: row.get(6)?,
        ended_at: row.get(7)?,
        last_event_at: row.get(8)?,
        metadata: row.get(9)?,
        ..SessionRow::default()
    })
}

/// What the events of a session add up to, in one pass over them.
fn add_up(connection: &Connection, session: &mut SessionRow) -> Result<(), StoreError> {
    let sql = format!(
        "SELECT COUNT(*), TOTAL(tokens_in), TOTAL(tokens_out), TOTAL(cost_usd),
           COUNT(DISTINCT CASE WHEN tool_name IN {EDITORS} AND json_valid(metadata)
             THEN json_extract(metadata, '$.file_path') END),
           TOTAL(CASE WHEN json_valid(metadata) THEN CAST(json_extract(metadata, '$.lines_added') AS INTEGER) END),
           TOTAL(CASE WHEN json_valid(metadata) THEN CAST(json_extract(metadata, '$.lines_removed') AS INTEGER) END)
         FROM events WHERE session_id = ?1"
    );
    connection.prepare_cached(&sql)?.query_row([&session.id], |row| {
        #[expect(clippy::cast_possible_truncation, reason = "out of range it is the nearest, which is meant")]
        let lines = |column| row.get::<_, f64>(column).map(|lines| lines as i64);
        session.event_count = row.get::<_, f64>(0).map(whole)?;
        session.tokens_in = row.get::<_, f64>(1).map(whole)?;
        session.tokens_out = row.get::<_, f64>(2).map(whole)?;
        session.total_cost_usd = row.get::<_, f64>(3)?.min(f64::MAX);
        session.files_edited = row.get::<_, f64>(4).map(whole)?;
        session.lines_added = lines(5)?;
        session.lines_removed = lines(6)?;
        Ok(())
    })?;
    Ok(())
}
