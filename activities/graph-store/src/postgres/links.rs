//! Edges that depend on more than one file, and the packages that they point to.

use std::collections::{BTreeMap, HashMap};

use super::{
    error::Fault,
    session::Tx,
    stage::{self, Sorted},
    write::{PathDigest, path_digest, unlink},
};
use crate::{
    document::{EntityDocument, FileLinks},
    error::StoreError,
    store::Written,
};

/// Packages belong to no file of the repository; in the tables they belong to one without a path.
const PACKAGES: &str = "";

pub(super) fn replace(
    tx: &mut Tx<'_>,
    repository: i64,
    files: &[FileLinks],
    packages: &[EntityDocument],
) -> Result<Written, Fault> {
    unlink(tx, repository)?;
    let mut written = put_packages(tx, repository, packages)?;
    // Of two with one path, the last one counts.
    let files: BTreeMap<PathDigest, &FileLinks> = files.iter().map(|file| (path_digest(&file.path), file)).collect();
    if files.is_empty() {
        return Ok(Written { written, removed: 0 });
    }
    let rows = put_digests(tx, repository, &files)?;
    let mut edges = Sorted::new();
    for (digest, file) in &files {
        let Some(row) = rows.get(digest) else {
            let reason = "links of a file that the store does not hold".to_owned();
            let document = Some(file.path.clone());
            return Err(StoreError::Rejected { path: "the graph".to_owned(), document, reason }.into());
        };
        edges.extend(file.edges.iter().map(|e| ((e.kind.collection(), e.key.as_str()), (*row, e))));
    }
    let staged = stage::copy_edges(tx, &edges)?;
    let ids: Vec<i64> = rows.into_values().collect();
    let removed = tx.execute(
        "DELETE FROM gantry.edge e WHERE e.file = ANY($1) AND e.linked AND NOT EXISTS
         (SELECT 1 FROM staged_edge s WHERE s.collection = e.collection AND s.key = e.key AND s.file = e.file)",
        &[&ids],
    )?;
    written += staged.put_links(tx)?;
    Ok(Written { written, removed })
}

/// The rows of the files that are there.
fn put_digests(
    tx: &mut Tx<'_>,
    repository: i64,
    files: &BTreeMap<PathDigest, &FileLinks>,
) -> Result<HashMap<PathDigest, i64>, Fault> {
    let paths: Vec<&PathDigest> = files.keys().collect();
    let links: Vec<&str> = files.values().map(|file| file.digest.as_str()).collect();
    let rows = tx.query(
        "UPDATE gantry.file f SET links = given.links FROM unnest($2::bytea[], $3::text[]) AS given (path_digest, links)
         WHERE f.repository = $1 AND f.path_digest = given.path_digest RETURNING f.path_digest, f.id",
        &[&repository, &paths, &links],
    )?;
    Ok(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, postgres::Error>>()?)
}

fn put_packages(tx: &mut Tx<'_>, repository: i64, packages: &[EntityDocument]) -> Result<u64, Fault> {
    if packages.is_empty() {
        return Ok(0);
    }
    let rows = tx.query(
        "INSERT INTO gantry.file (repository, path_digest, path, content_sha256, extractor) VALUES ($1, $2, $3, '', '')
         ON CONFLICT (repository, path_digest) DO UPDATE SET path = excluded.path RETURNING id",
        &[&repository, &path_digest(PACKAGES), &PACKAGES],
    )?;
    let file: i64 = rows.first().map(|row| row.try_get(0)).transpose()?.unwrap_or_default();
    let sorted: Sorted<'_, _> = packages.iter().map(|p| ((p.kind.collection(), p.key.as_str()), (file, p))).collect();
    stage::copy_entities(tx, &sorted)?.put_entities(tx)
}

pub(super) fn finish(tx: &mut Tx<'_>, repository: i64, summary: &str) -> Result<Written, Fault> {
    let removed = remove_unused_packages(tx, repository)?;
    tx.execute("UPDATE gantry.repository SET link_summary = $2 WHERE id = $1", &[&repository, &summary])?;
    Ok(Written { written: 0, removed })
}

/// Removes the packages that nothing points to.
pub(super) fn remove_unused_packages(tx: &mut Tx<'_>, repository: i64) -> Result<u64, Fault> {
    Ok(tx.execute(
        "DELETE FROM gantry.entity e
         WHERE e.file = (SELECT id FROM gantry.file WHERE repository = $1 AND path_digest = $2)
         AND NOT EXISTS (SELECT 1 FROM gantry.edge WHERE to_id = e.collection || '/' || e.key)",
        &[&repository, &path_digest(PACKAGES)],
    )?)
}
