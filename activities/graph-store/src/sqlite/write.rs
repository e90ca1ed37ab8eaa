//! Writing and removing what belongs to a file.

use std::collections::{HashMap, HashSet};

use rusqlite::{CachedStatement, OptionalExtension, Transaction, params};

use super::{error::Fault, links};
use crate::{
    document::{EdgeDocument, FileGraph},
    store::{Removed, Repository, Written},
};

/// Makes the documents and facts of each file what is given here.
pub(super) fn replace_files(tx: &Transaction<'_>, repository: i64, files: &[FileGraph]) -> Result<Written, Fault> {
    let mut written = Written::default();
    let mut rows = Vec::with_capacity(files.len());
    for file in files {
        rows.push(replace_entities(tx, repository, file, &mut written)?);
    }
    // An edge may lead to another of these files.
    let mut edges = Edges::new(tx)?;
    for (file, row) in files.iter().zip(rows) {
        for edge in &file.edges {
            written.written += edges.put(edge, row, false)?;
        }
    }
    Ok(written)
}

/// Puts the file's entities, and removes its edges and entities that are no more. The file's row.
fn replace_entities(
    tx: &Transaction<'_>,
    repository: i64,
    file: &FileGraph,
    written: &mut Written,
) -> rusqlite::Result<i64> {
    let known: Option<i64> = tx
        .prepare_cached("SELECT id FROM file WHERE repository = ?1 AND path = ?2")?
        .query_row(params![repository, file.path], |r| r.get(0))
        .optional()?;
    let id: i64 = tx
        .prepare_cached(
            "INSERT INTO file (repository, path, content_sha256, extractor) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (repository, path)
             DO UPDATE SET content_sha256 = excluded.content_sha256, extractor = excluded.extractor, links = NULL
             RETURNING id",
        )?
        .query_row(params![repository, file.path, file.content_sha256, file.extractor], |r| r.get(0))?;
    tx.prepare_cached(
        "INSERT INTO file_facts (file, facts) VALUES (?1, ?2) ON CONFLICT (file) DO UPDATE SET facts = excluded.facts",
    )?
    .execute(params![id, file.facts])?;
    unlink(tx, repository)?;
    if known.is_some() {
        let entities: HashSet<(&str, &str)> =
            file.entities.iter().map(|e| (e.kind.collection(), e.key.as_str())).collect();
        let edges: HashSet<(&str, &str)> = file.edges.iter().map(|e| (e.kind.collection(), e.key.as_str())).collect();
        let own_edges = "SELECT id, collection, key FROM edge WHERE file = ?1 AND linked = 0";
        for row in vanished(tx, own_edges, id, &edges)? {
            written.removed += count(tx.prepare_cached("DELETE FROM edge WHERE id = ?1")?.execute([row])?);
        }
        for row in vanished(tx, "SELECT id, collection, key FROM entity WHERE file = ?1", id, &entities)? {
            written.removed += remove_edges_of(tx, row)?;
            written.removed += count(tx.prepare_cached("DELETE FROM entity WHERE id = ?1")?.execute([row])?);
        }
    }
    let mut put_entity = tx.prepare_cached(
        "INSERT INTO entity (collection, key, kind, file, doc, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (collection, key) DO UPDATE SET doc = excluded.doc WHERE doc <> excluded.doc",
    )?;
    for entity in &file.entities {
        let changed = put_entity.execute(params![
            entity.kind.collection(),
            entity.key,
            entity.kind.as_str(),
            id,
            json(entity)?,
            entity.name
        ])?;
        written.written += count(changed);
    }
    Ok(id)
}

/// Puts edges. Of each, the ends are entities: their rows are asked for once.
pub(super) struct Edges<'tx, 'a> {
    row_of: CachedStatement<'tx>,
    put: CachedStatement<'tx>,
    rows: HashMap<&'a str, i64>,
}

impl<'tx, 'a> Edges<'tx, 'a> {
    pub(super) fn new(tx: &'tx Transaction<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            row_of: tx.prepare_cached("SELECT id FROM entity WHERE collection = ?1 AND key = ?2")?,
            put: tx.prepare_cached(
                "INSERT INTO edge (from_id, to_id, collection, key, file, linked, doc)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                 ON CONFLICT (from_id, collection, to_id) DO UPDATE SET doc = excluded.doc, linked = excluded.linked
                 WHERE doc <> excluded.doc OR linked <> excluded.linked",
            )?,
            rows: HashMap::new(),
        })
    }

    /// Puts an edge of this file; 1 if it is new or different.
    pub(super) fn put(&mut self, edge: &'a EdgeDocument, file: i64, is_link: bool) -> Result<u64, Fault> {
        let (from, to) = (self.row(edge, &edge.from)?, self.row(edge, &edge.to)?);
        let collection = edge.kind.collection();
        Ok(count(self.put.execute(params![from, to, collection, edge.key, file, is_link, json(edge)?])?))
    }

    fn row(&mut self, edge: &EdgeDocument, id: &'a str) -> Result<i64, Fault> {
        if let Some(row) = self.rows.get(id) {
            return Ok(*row);
        }
        let (collection, key) = id.split_once('/').unwrap_or_default();
        match self.row_of.query_row([collection, key], |r| r.get(0)).optional()? {
            Some(row) => {
                self.rows.insert(id, row);
                Ok(row)
            }
            None => Err(Fault::NoSuchEnd(format!("{}/{}", edge.kind.collection(), edge.key), id.to_owned())),
        }
    }
}

pub(super) fn json<T: serde::Serialize>(document: &T) -> rusqlite::Result<String> {
    serde_json::to_string(document).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
}

/// Rows of the documents of a file that are not in `keep`.
pub(super) fn vanished(
    tx: &Transaction<'_>,
    select: &str,
    file: i64,
    keep: &HashSet<(&str, &str)>,
) -> rusqlite::Result<Vec<i64>> {
    let mut select = tx.prepare_cached(select)?;
    let mut rows = select.query([file])?;
    let mut stale = Vec::new();
    while let Some(row) = rows.next()? {
        let (collection, key) = (row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?);
        if !keep.contains(&(collection, key)) {
            stale.push(row.get(0)?);
        }
    }
    Ok(stale)
}

/// Removes every edge from and to an entity that goes away. The files where they start have to be linked anew.
fn remove_edges_of(tx: &Transaction<'_>, entity: i64) -> rusqlite::Result<u64> {
    tx.prepare_cached(
        "UPDATE file SET links = NULL WHERE links IS NOT NULL AND id IN (SELECT file FROM edge WHERE to_id = ?1)",
    )?
    .execute([entity])?;
    let incoming = tx.prepare_cached("DELETE FROM edge WHERE to_id = ?1")?.execute([entity])?;
    let outgoing = tx.prepare_cached("DELETE FROM edge WHERE from_id = ?1")?.execute([entity])?;
    Ok(count(incoming) + count(outgoing))
}

/// The links of a repository may no longer be what they should.
pub(super) fn unlink(tx: &Transaction<'_>, repository: i64) -> rusqlite::Result<()> {
    tx.prepare_cached("UPDATE repository SET link_summary = NULL WHERE id = ?1 AND link_summary IS NOT NULL")?
        .execute([repository])?;
    Ok(())
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

/// Rows of the files that are not in `scanned`.
pub(super) fn vanished_files(
    tx: &Transaction<'_>,
    repository: i64,
    scanned: &HashSet<String>,
) -> rusqlite::Result<Vec<i64>> {
    let mut select = tx.prepare_cached("SELECT id, path FROM file WHERE repository = ?1 AND path <> ''")?;
    let mut rows = select.query([repository])?;
    let mut vanished = Vec::new();
    while let Some(row) = rows.next()? {
        if !scanned.contains(row.get_ref(1)?.as_str()?) {
            vanished.push(row.get(0)?);
        }
    }
    Ok(vanished)
}

pub(super) fn last_commit(tx: &Transaction<'_>, repository: i64) -> rusqlite::Result<Option<String>> {
    tx.query_row("SELECT last_commit FROM repository WHERE id = ?1", [repository], |r| r.get(0))
}

/// Removes the files that are not in `scanned`.
pub(super) fn retain(tx: &Transaction<'_>, repository: i64, scanned: &HashSet<String>) -> rusqlite::Result<Removed> {
    let mut removed = Removed::default();
    let gone = vanished_files(tx, repository, scanned)?;
    // While links are being made, packages may be there whose edges are still to come.
    let is_linked = !gone.is_empty()
        && tx.query_row("SELECT link_summary IS NOT NULL FROM repository WHERE id = ?1", [repository], |r| r.get(0))?;
    for file in gone {
        removed.edges += count(tx.prepare_cached("DELETE FROM edge WHERE file = ?1")?.execute([file])?);
        let entities: Vec<i64> = tx
            .prepare_cached("SELECT id FROM entity WHERE file = ?1")?
            .query_map([file], |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for entity in entities {
            let edges = remove_edges_of(tx, entity)?;
            removed.edges += edges;
            // Something still pointed there: whoever linked last did not know that it goes away.
            if edges > 0 {
                unlink(tx, repository)?;
            }
        }
        removed.entities += count(tx.prepare_cached("DELETE FROM entity WHERE file = ?1")?.execute([file])?);
        tx.prepare_cached("DELETE FROM file_facts WHERE file = ?1")?.execute([file])?;
        tx.prepare_cached("DELETE FROM file WHERE id = ?1")?.execute([file])?;
    }
    if is_linked {
        removed.entities += links::remove_unused_packages(tx, repository)?;
    }
    Ok(removed)
}

/// Removes a repository with all that belongs to it.
pub(super) fn drop_repository(tx: &Transaction<'_>, repository: &Repository) -> rusqlite::Result<Removed> {
    let id: Option<i64> = tx
        .query_row(
            "SELECT id FROM repository WHERE repo_id = ?1 AND org_id = ?2",
            params![repository.repo_id, repository.org_id],
            |r| r.get(0),
        )
        .optional()?;
    let Some(id) = id else { return Ok(Removed::default()) };
    let of_repository = |table: &str| {
        tx.execute(&format!("DELETE FROM {table} WHERE file IN (SELECT id FROM file WHERE repository = ?1)"), [id])
    };
    let mut removed = Removed { edges: count(of_repository("edge")?), entities: 0 };
    // No edge outlives its ends, not even one of another repository.
    for end in ["from_id", "to_id"] {
        let sql = format!(
            "DELETE FROM edge WHERE {end} IN (SELECT e.id FROM entity e JOIN file f ON f.id = e.file
             WHERE f.repository = ?1)"
        );
        removed.edges += count(tx.execute(&sql, [id])?);
    }
    removed.entities = count(of_repository("entity")?);
    of_repository("file_facts")?;
    tx.execute("DELETE FROM file WHERE repository = ?1", [id])?;
    tx.execute("DELETE FROM repository WHERE id = ?1", [id])?;
    Ok(removed)
}
