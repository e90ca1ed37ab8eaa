//! What older files need before they can be written.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    error::StoreError,
    schema::{EVENTS, meta, set_meta},
};

/// Name and type of each column.
pub(super) fn columns(connection: &Connection, table: &str) -> Result<Vec<(String, String)>, StoreError> {
    let mut statement = connection.prepare("SELECT name, type FROM pragma_table_info(?1)")?;
    let rows = statement.query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Puts metadata that is no JSON in quotes. Rows that were looked at once are not looked at again.
pub(super) fn quote_metadata(connection: &Connection) -> Result<(), StoreError> {
    let done = meta(connection, "metadata_checked")?.unwrap_or_default();
    connection
        .execute("UPDATE events SET payload_truncated = 0 WHERE id > ?1 AND payload_truncated IS NULL", [done])?;
    connection.execute(
        "UPDATE events SET metadata = json_quote(CAST(metadata AS TEXT))
         WHERE id > ?1 AND metadata IS NOT NULL AND json_valid(metadata) = 0",
        [done],
    )?;
    let last: i64 = connection.query_row("SELECT COALESCE(MAX(id), 0) FROM events", [], |row| row.get(0))?;
    set_meta(connection, "metadata_checked", last)?;
    Ok(())
}

/// Builds `events` anew where an old constraint would refuse types that came later. Columns that others added, indexes and
/// the sequence of ids are kept.
pub(super) fn drop_type_check(connection: &Connection) -> Result<(), StoreError> {
    let sql: String =
        connection.query_row("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'events'", [], |row| {
            row.get(0)
        })?;
    let squeezed: String = sql.split_whitespace().collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    if !squeezed.contains("check (event_type in") && !squeezed.contains("check(event_type in") {
        return Ok(());
    }
    let old = columns(connection, "events")?;
    let mut statement = connection.prepare(
        "SELECT sql FROM sqlite_master WHERE tbl_name = 'events' AND type IN ('index', 'trigger') AND sql IS NOT NULL",
    )?;
    let attached: Vec<String> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let sequence: Option<i64> = connection
        .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'events'", [], |row| row.get(0))
        .optional()?;

    connection.execute_batch(&format!("CREATE TABLE gantry_events_rebuilt {EVENTS})"))?;
    let known = columns(connection, "gantry_events_rebuilt")?;
    for (name, kind) in old.iter().filter(|(name, _)| !known.iter().any(|(column, _)| column == name)) {
        connection.execute_batch(&format!(
            "ALTER TABLE gantry_events_rebuilt ADD COLUMN {} {}",
            quoted(name),
            quoted_type(kind)
        ))?;
    }
    let names = old.iter().map(|(name, _)| quoted(name)).collect::<Vec<_>>().join(", ");
    connection.execute_batch(&format!(
        "INSERT INTO gantry_events_rebuilt ({names}) SELECT {names} FROM events;
         DROP TABLE events;
         ALTER TABLE gantry_events_rebuilt RENAME TO events;"
    ))?;
    for sql in attached {
        connection.execute_batch(&sql)?;
    }
    if let Some(sequence) = sequence {
        connection.execute("UPDATE sqlite_sequence SET seq = MAX(seq, ?1) WHERE name = 'events'", params![sequence])?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Types are names, with a length at most.
fn quoted_type(kind: &str) -> String {
    kind.chars().filter(|character| character.is_ascii_alphanumeric() || " (),_".contains(*character)).collect()
}
