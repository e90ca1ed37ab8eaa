//! Reading: entities by name and id, edges by their ends, everything in order.

use std::fmt::Write as _;

use rusqlite::{Connection, OptionalExtension, Row, Statement, params};
use serde::de::DeserializeOwned;

use super::count::{Filter, bind};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, EntityKind},
    error::{StoreError, StoreResult},
    query::{Direction, Find, Matching, Order, Stored, Visit},
};

/// Sorts behind every other character, so behind everything that begins with what stands before it.
const LAST: char = char::MAX;

pub(super) fn find(connection: &Connection, find: &Find<'_>, limit: usize) -> rusqlite::Result<Vec<EntityDocument>> {
    // Both conditions are for the one index, which does not tell `A` from `a`.
    let (condition, upper) = match find.matching {
        Matching::Exact => ("e.name = ?1 COLLATE NOCASE AND e.name = ?2", find.name.to_owned()),
        Matching::Prefix => {
            ("e.name >= ?1 COLLATE NOCASE AND e.name < ?2 COLLATE NOCASE", format!("{}{LAST}", find.name))
        }
    };
    // CROSS JOIN: begin with the name, whatever the planner thinks of it.
    connection
        .prepare_cached(&format!(
            "SELECT e.doc FROM entity e CROSS JOIN file f ON f.id = e.file CROSS JOIN repository r ON r.id = f.repository
             WHERE {condition} AND (?3 IS NULL OR e.kind = ?3)
             AND (?4 IS NULL OR r.repo_id = ?4 AND r.org_id = ?5)
             ORDER BY e.name, r.repo_id, f.path, json_extract(e.doc, '$.start_line'), e.collection, e.key LIMIT ?6"
        ))?
        .query_map(
            params![
                find.name,
                upper,
                find.kind.map(EntityKind::as_str),
                find.repository.map(|r| &r.repo_id),
                find.repository.map(|r| &r.org_id),
                rows(limit)
            ],
            document,
        )?
        .collect()
}

pub(super) fn entities(connection: &Connection, ids: &[&str]) -> rusqlite::Result<Vec<EntityDocument>> {
    let mut select = connection.prepare_cached("SELECT doc FROM entity WHERE collection = ?1 AND key = ?2")?;
    let mut found = Vec::with_capacity(ids.len());
    for (collection, key) in ids.iter().filter_map(|id| id.split_once('/')) {
        found.extend(select.query_row([collection, key], document).optional()?);
    }
    Ok(found)
}

pub(super) fn neighbours(
    connection: &Connection,
    ids: &[&str],
    direction: Direction,
    kinds: &[EdgeKind],
    limit: usize,
) -> rusqlite::Result<Vec<EdgeDocument>> {
    let near = match direction {
        Direction::Out => "from_id",
        Direction::In => "to_id",
    };
    let mut sql =
        format!("SELECT doc FROM edge WHERE {near} = (SELECT id FROM entity WHERE collection = ?1 AND key = ?2)");
    if !kinds.is_empty() {
        sql.push_str(" AND collection IN (");
        for (n, kind) in kinds.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(sql, "{comma}'{}'", kind.collection());
        }
        sql.push(')');
    }
    let mut select = connection.prepare_cached(&sql)?;
    let mut found = Vec::new();
    for (collection, key) in ids.iter().filter_map(|id| id.split_once('/')) {
        let left = limit.saturating_sub(found.len());
        if left == 0 {
            break;
        }
        let mut of_one: Vec<EdgeDocument> = Vec::new();
        for edge in select.query_map([collection, key], document)? {
            of_one.push(edge?);
            // Most entities have few edges, and a sort by SQLite costs more than to fetch them. Of one with very many, no
            // more than the first ones are held.
            if of_one.len() / 2 >= left.max(64) {
                keep_first(&mut of_one, direction, left);
            }
        }
        keep_first(&mut of_one, direction, left);
        found.append(&mut of_one);
    }
    Ok(found)
}

fn keep_first(edges: &mut Vec<EdgeDocument>, direction: Direction, count: usize) {
    edges.sort_unstable_by(|a, b| {
        let far = match direction {
            Direction::Out => a.to.cmp(&b.to),
            Direction::In => a.from.cmp(&b.from),
        };
        a.kind.collection().cmp(b.kind.collection()).then(far)
    });
    edges.truncate(count);
}

/// Hands every document to `visit`, in the order of a scan.
pub(super) fn scan(
    connection: &Connection,
    filter: &Filter<'_>,
    order: Order,
    wrap: impl Fn(rusqlite::Error) -> StoreError,
    visit: &mut Visit<'_>,
) -> StoreResult<u64> {
    let mut seen = 0;
    let mut edges = edges_in_order(connection, filter).map_err(&wrap)?;
    let mut edges = edges.raw_query();
    // The first edge of a collection whose turn has not come.
    let mut waiting: Option<(String, String)> = None;
    for (collection, is_edge) in collections(order) {
        if is_edge {
            if waiting.as_ref().is_some_and(|(its, _)| its != collection) {
                continue;
            }
            if let Some((_, json)) = waiting.take() {
                visit(Stored { collection, is_edge, json: &json })?;
                seen += 1;
            }
            while let Some(row) = edges.next().map_err(&wrap)? {
                let (its, json) = text_of(row, 0).and_then(|its| Ok((its, text_of(row, 1)?))).map_err(&wrap)?;
                if its != collection {
                    waiting = Some((its.to_owned(), json.to_owned()));
                    break;
                }
                visit(Stored { collection, is_edge, json })?;
                seen += 1;
            }
        } else {
            let mut statement = entities_in_order(connection, filter, collection).map_err(&wrap)?;
            let mut rows = statement.raw_query();
            while let Some(row) = rows.next().map_err(&wrap)? {
                visit(Stored { collection, is_edge, json: text_of(row, 0).map_err(&wrap)? })?;
                seen += 1;
            }
        }
    }
    Ok(seen)
}

/// The collections of a scan, each with whether it is one of edges. Those of the edges come in their own order.
fn collections(order: Order) -> Vec<(&'static str, bool)> {
    let entities = EntityKind::collections().into_iter().map(|collection| (collection, false));
    let mut all: Vec<_> = entities.chain(EdgeKind::collections().into_iter().map(|c| (c, true))).collect();
    if order == Order::Collection {
        all.sort_unstable();
    }
    all
}

/// The entities of one collection, ordered by key.
fn entities_in_order<'c>(
    connection: &'c Connection,
    filter: &Filter<'_>,
    collection: &str,
) -> rusqlite::Result<Statement<'c>> {
    let sql = filter.sql("SELECT d.doc FROM entity d", "AND d.collection = :collection ORDER BY d.key");
    let mut statement = connection.prepare(&sql)?;
    filter.bind(&mut statement)?;
    bind(&mut statement, ":collection", collection)?;
    Ok(statement)
}

/// All edges, ordered by collection and key. No index has this order: SQLite sorts the keys, on the disk where they are many,
/// and fetches each document when its turn comes. The limit keeps it from taking the two steps together, and then sorting
/// documents.
fn edges_in_order<'c>(connection: &'c Connection, filter: &Filter<'_>) -> rusqlite::Result<Statement<'c>> {
    let keys = filter.sql("SELECT d.id, d.collection, d.key FROM edge d", "ORDER BY d.collection, d.key LIMIT -1");
    let sql = format!("SELECT o.collection, e.doc FROM ({keys}) o CROSS JOIN edge e ON e.id = o.id");
    let mut statement = connection.prepare(&sql)?;
    filter.bind(&mut statement)?;
    Ok(statement)
}

fn text_of<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r str> {
    Ok(row.get_ref(column)?.as_str()?)
}

fn document<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(0)?.as_str()?)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
