//! Reading: entities by name and id, edges by their ends, everything in order.

use std::fmt::Write as _;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::de::DeserializeOwned;

use super::count::{Filter, bind};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, EntityKind},
    query::{Direction, Find, Matching, Order},
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
    let mut sql = format!("SELECT doc FROM edge WHERE {near} = ?1");
    if !kinds.is_empty() {
        // The plus keeps the planner from the index that begins with the collection.
        sql.push_str(" AND +collection IN (");
        for (n, kind) in kinds.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let _ = write!(sql, "{comma}'{}'", kind.collection());
        }
        sql.push(')');
    }
    let mut select = connection.prepare_cached(&sql)?;
    let mut found = Vec::new();
    for id in ids {
        let left = limit.saturating_sub(found.len());
        if left == 0 {
            break;
        }
        let mut of_one: Vec<EdgeDocument> = Vec::new();
        for edge in select.query_map([id], document)? {
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

/// The tables of a scan, each with whether it is one of edges.
pub(super) fn collections(order: Order) -> Vec<(&'static str, bool)> {
    let entities = EntityKind::collections().into_iter().map(|collection| (collection, false));
    let mut all: Vec<_> = entities.chain(EdgeKind::collections().into_iter().map(|c| (c, true))).collect();
    if order == Order::Collection {
        all.sort_unstable();
    }
    all
}

/// Everything of one collection, ordered by key.
pub(super) fn of_collection<'tx>(
    tx: &'tx Transaction<'_>,
    filter: &Filter<'_>,
    collection: &str,
    is_edge: bool,
) -> rusqlite::Result<rusqlite::Statement<'tx>> {
    let table = if is_edge { "edge" } else { "entity" };
    let sql = filter.sql(&format!("SELECT d.doc FROM {table} d"), "AND d.collection = :collection ORDER BY d.key");
    let mut statement = tx.prepare(&sql)?;
    filter.bind(&mut statement)?;
    bind(&mut statement, ":collection", collection)?;
    Ok(statement)
}

fn document<T: DeserializeOwned>(row: &Row<'_>) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(0)?.as_str()?)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
