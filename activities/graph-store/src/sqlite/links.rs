//! Edges that depend on more than one file, the packages that they point to, and what is remembered to make them.

use std::collections::{HashMap, HashSet};

use rusqlite::{Connection, Transaction, params};

use super::{
    error::Fault,
    write::{Edges, count, json, unlink, vanished},
};
use crate::{
    document::{EntityDocument, FileLinks},
    store::{Repository, Written},
};

/// Packages belong to no file of the repository; in the tables they belong to one without a path.
const PACKAGES: &str = "";

pub(super) fn facts(connection: &Connection, repository: &Repository) -> rusqlite::Result<HashMap<String, Vec<u8>>> {
    connection
        .prepare_cached(
            "SELECT f.path, b.facts FROM file f JOIN file_facts b ON b.file = f.id
             JOIN repository r ON r.id = f.repository WHERE r.repo_id = ?1 AND r.org_id = ?2",
        )?
        .query_map(params![repository.repo_id, repository.org_id], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect()
}

pub(super) fn replace(
    tx: &Transaction<'_>,
    repository: i64,
    files: &[FileLinks],
    packages: &[EntityDocument],
) -> Result<Written, Fault> {
    unlink(tx, repository)?;
    let mut written = put_packages(tx, repository, packages)?;
    let mut put = Edges::new(tx)?;
    for file in files {
        let id: i64 = tx
            .prepare_cached("UPDATE file SET links = ?3 WHERE repository = ?1 AND path = ?2 RETURNING id")?
            .query_row(params![repository, file.path, file.digest], |r| r.get(0))?;
        let edges: HashSet<(&str, &str)> = file.edges.iter().map(|e| (e.kind.collection(), e.key.as_str())).collect();
        let links = "SELECT id, collection, key FROM edge WHERE file = ?1 AND linked = 1";
        for row in vanished(tx, links, id, &edges)? {
            written.removed += count(tx.prepare_cached("DELETE FROM edge WHERE id = ?1")?.execute([row])?);
        }
        for edge in &file.edges {
            written.written += put.put(edge, id, true)?;
        }
    }
    Ok(written)
}

fn put_packages(tx: &Transaction<'_>, repository: i64, packages: &[EntityDocument]) -> rusqlite::Result<Written> {
    let mut written = Written::default();
    if packages.is_empty() {
        return Ok(written);
    }
    let id: i64 = tx
        .prepare_cached(
            "INSERT INTO file (repository, path, content_sha256, extractor) VALUES (?1, ?2, '', '')
             ON CONFLICT (repository, path) DO UPDATE SET path = path RETURNING id",
        )?
        .query_row(params![repository, PACKAGES], |r| r.get(0))?;
    let mut put = tx.prepare_cached(
        "INSERT INTO entity (collection, key, kind, file, doc, name) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (collection, key) DO UPDATE SET doc = excluded.doc WHERE doc <> excluded.doc",
    )?;
    for package in packages {
        let changed = put.execute(params![
            package.kind.collection(),
            package.key,
            package.kind.as_str(),
            id,
            json(package)?,
            package.name
        ])?;
        written.written += count(changed);
    }
    Ok(written)
}

pub(super) fn finish(tx: &Transaction<'_>, repository: i64, summary: &str) -> rusqlite::Result<Written> {
    let removed = remove_unused_packages(tx, repository)?;
    tx.prepare_cached("UPDATE repository SET link_summary = ?2 WHERE id = ?1")?
        .execute(params![repository, summary])?;
    Ok(Written { written: 0, removed })
}

/// Removes the packages that nothing points to.
pub(super) fn remove_unused_packages(tx: &Transaction<'_>, repository: i64) -> rusqlite::Result<u64> {
    let removed = tx
        .prepare_cached(
            "DELETE FROM entity WHERE file = (SELECT id FROM file WHERE repository = ?1 AND path = ?2)
             AND NOT EXISTS (SELECT 1 FROM edge WHERE edge.to_id = entity.id)",
        )?
        .execute(params![repository, PACKAGES])?;
    Ok(count(removed))
}
