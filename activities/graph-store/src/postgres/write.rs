//! Writing and removing what belongs to files.

use std::collections::{BTreeMap, HashMap, HashSet};

use sha2::{Digest, Sha256};

use super::{
    error::Fault,
    links,
    session::Tx,
    stage::{self, Sorted},
};
use crate::{
    document::FileGraph,
    store::{Removed, Repository, Written},
};

/// By which a path is unique in its repository.
pub(super) type PathDigest = Vec<u8>;

pub(super) fn path_digest(path: &str) -> PathDigest {
    Sha256::digest(path.as_bytes()).to_vec()
}

/// Makes the documents and facts of each file what is given here.
pub(super) fn replace_files(tx: &mut Tx<'_>, repository: i64, files: &[FileGraph]) -> Result<Written, Fault> {
    if files.is_empty() {
        return Ok(Written::default());
    }
    // Of two with one path, the last one counts.
    let files: BTreeMap<PathDigest, &FileGraph> = files.iter().map(|file| (path_digest(&file.path), file)).collect();
    let known = known_files(tx, repository, &files)?;
    let rows = put_files(tx, repository, &files)?;
    let row_of = |digest: &PathDigest| rows.get(digest).copied().unwrap_or_default();
    let ids: Vec<i64> = files.keys().map(row_of).collect();
    let facts: Vec<&[u8]> = files.values().map(|file| file.facts.as_slice()).collect();
    tx.execute(
        "INSERT INTO gantry.file_facts (file, facts) SELECT * FROM unnest($1::bigint[], $2::bytea[])
         ON CONFLICT (file) DO UPDATE SET facts = excluded.facts",
        &[&ids, &facts],
    )?;
    unlink(tx, repository)?;

    let mut entities = Sorted::new();
    let mut edges = Sorted::new();
    for (digest, file) in &files {
        let row = row_of(digest);
        entities.extend(file.entities.iter().map(|e| ((e.kind.collection(), e.key.as_str()), (row, e))));
        edges.extend(file.edges.iter().map(|e| ((e.kind.collection(), e.key.as_str()), (row, e))));
    }
    let staged_entities = stage::copy_entities(tx, &entities)?;
    let staged_edges = stage::copy_edges(tx, &edges)?;
    let removed = if known.is_empty() { 0 } else { remove_vanished(tx, &known)? };
    let written = staged_entities.put_entities(tx)? + staged_edges.put_own_edges(tx)?;
    Ok(Written { written, removed })
}

/// Rows of those of the files that are there already.
fn known_files(tx: &mut Tx<'_>, repository: i64, files: &BTreeMap<PathDigest, &FileGraph>) -> Result<Vec<i64>, Fault> {
    let digests: Vec<&PathDigest> = files.keys().collect();
    let sql = "SELECT id FROM gantry.file WHERE repository = $1 AND path_digest = ANY($2)";
    Ok(tx.query(sql, &[&repository, &digests])?.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?)
}

fn put_files(
    tx: &mut Tx<'_>,
    repository: i64,
    files: &BTreeMap<PathDigest, &FileGraph>,
) -> Result<HashMap<PathDigest, i64>, Fault> {
    let digests: Vec<&PathDigest> = files.keys().collect();
    let column = |of: fn(&FileGraph) -> &str| files.values().map(|file| of(file)).collect::<Vec<_>>();
    let rows = tx.query(
        "INSERT INTO gantry.file (repository, path_digest, path, content_sha256, extractor)
         SELECT $1, * FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[])
         ON CONFLICT (repository, path_digest) DO UPDATE
         SET content_sha256 = excluded.content_sha256, extractor = excluded.extractor, links = NULL
         RETURNING path_digest, id",
        &[&repository, &digests, &column(|f| &f.path), &column(|f| &f.content_sha256), &column(|f| &f.extractor)],
    )?;
    Ok(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, postgres::Error>>()?)
}

/// Removes what the files hold in the tables and not in what is staged, with every edge from and to the entities among it.
fn remove_vanished(tx: &mut Tx<'_>, files: &[i64]) -> Result<u64, Fault> {
    let own_edges = tx.execute(
        "DELETE FROM gantry.edge e WHERE e.file = ANY($1) AND NOT e.linked AND NOT EXISTS
         (SELECT 1 FROM staged_edge s WHERE s.collection = e.collection AND s.key = e.key AND s.file = e.file)",
        &[&files],
    )?;
    let gone = tx.query(
        "DELETE FROM gantry.entity e WHERE e.file = ANY($1) AND NOT EXISTS
         (SELECT 1 FROM staged_entity s WHERE s.collection = e.collection AND s.key = e.key AND s.file = e.file)
         RETURNING e.collection || '/' || e.key",
        &[&files],
    )?;
    let gone: Vec<String> = gone.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let entities = u64::try_from(gone.len()).unwrap_or_default();
    Ok(own_edges + entities + if gone.is_empty() { 0 } else { remove_edges_of(tx, &gone)? })
}

/// Removes every edge from and to entities that go away. The files where they start have to be linked anew.
fn remove_edges_of(tx: &mut Tx<'_>, entities: &[String]) -> Result<u64, Fault> {
    tx.execute(
        "UPDATE gantry.file SET links = NULL
         WHERE links IS NOT NULL AND id IN (SELECT file FROM gantry.edge WHERE to_id = ANY($1))",
        &[&entities],
    )?;
    let incoming = tx.execute("DELETE FROM gantry.edge WHERE to_id = ANY($1)", &[&entities])?;
    Ok(incoming + tx.execute("DELETE FROM gantry.edge WHERE from_id = ANY($1)", &[&entities])?)
}

/// The links of a repository may no longer be what they should.
pub(super) fn unlink(tx: &mut Tx<'_>, repository: i64) -> Result<(), Fault> {
    let sql = "UPDATE gantry.repository SET link_summary = NULL WHERE id = $1 AND link_summary IS NOT NULL";
    tx.execute(sql, &[&repository])?;
    Ok(())
}

/// Rows of the files that are not in `scanned`.
pub(super) fn vanished_files(tx: &mut Tx<'_>, repository: i64, scanned: &HashSet<String>) -> Result<Vec<i64>, Fault> {
    let mut vanished = Vec::new();
    let sql = "SELECT id, path FROM gantry.file WHERE repository = $1 AND path <> ''";
    tx.walk(sql, &[&repository], &mut |row| {
        if !scanned.contains(row.try_get::<_, &str>(1)?) {
            vanished.push(row.try_get(0)?);
        }
        Ok(())
    })?;
    Ok(vanished)
}

pub(super) fn last_commit(tx: &mut Tx<'_>, repository: i64) -> Result<Option<String>, Fault> {
    let row = tx.query_opt("SELECT last_commit FROM gantry.repository WHERE id = $1", &[&repository])?;
    Ok(row.map(|row| row.try_get(0)).transpose()?.flatten())
}

/// Removes the files that are not in `scanned`.
pub(super) fn retain(tx: &mut Tx<'_>, repository: i64, scanned: &HashSet<String>) -> Result<Removed, Fault> {
    let gone = vanished_files(tx, repository, scanned)?;
    if gone.is_empty() {
        return Ok(Removed::default());
    }
    // While links are being made, packages may be there whose edges are still to come.
    let is_linked = !tx
        .query("SELECT 1 FROM gantry.repository WHERE id = $1 AND link_summary IS NOT NULL", &[&repository])?
        .is_empty();
    let mut removed = Removed::default();
    removed.edges += tx.execute("DELETE FROM gantry.edge WHERE file = ANY($1)", &[&gone])?;
    let entities = tx.query("SELECT collection || '/' || key FROM gantry.entity WHERE file = ANY($1)", &[&gone])?;
    let entities: Vec<String> = entities.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    let edges = remove_edges_of(tx, &entities)?;
    removed.edges += edges;
    // Something still pointed there: whoever linked last did not know that it goes away.
    if edges > 0 {
        unlink(tx, repository)?;
    }
    removed.entities += tx.execute("DELETE FROM gantry.entity WHERE file = ANY($1)", &[&gone])?;
    tx.execute("DELETE FROM gantry.file_facts WHERE file = ANY($1)", &[&gone])?;
    tx.execute("DELETE FROM gantry.file WHERE id = ANY($1)", &[&gone])?;
    if is_linked {
        removed.entities += links::remove_unused_packages(tx, repository)?;
    }
    Ok(removed)
}

/// Removes a repository with all that belongs to it.
pub(super) fn drop_repository(tx: &mut Tx<'_>, repository: &Repository) -> Result<Removed, Fault> {
    let sql = "SELECT id FROM gantry.repository WHERE repo_id = $1 AND org_id = $2 FOR UPDATE";
    let Some(row) = tx.query_opt(sql, &[&repository.repo_id, &repository.org_id])? else {
        return Ok(Removed::default());
    };
    let id: i64 = row.try_get(0)?;
    let edges = "DELETE FROM gantry.edge WHERE file IN (SELECT id FROM gantry.file WHERE repository = $1)";
    let entities = "DELETE FROM gantry.entity WHERE file IN (SELECT id FROM gantry.file WHERE repository = $1)";
    let removed = Removed { edges: tx.execute(edges, &[&id])?, entities: tx.execute(entities, &[&id])? };
    let facts = "DELETE FROM gantry.file_facts WHERE file IN (SELECT id FROM gantry.file WHERE repository = $1)";
    tx.execute(facts, &[&id])?;
    tx.execute("DELETE FROM gantry.file WHERE repository = $1", &[&id])?;
    tx.execute("DELETE FROM gantry.repository WHERE id = $1", &[&id])?;
    Ok(removed)
}
