//! Reading: entities by name and id, edges by their ends, counts, everything in order.

use std::collections::{BTreeMap, HashMap};

use postgres::Row;
use serde::de::DeserializeOwned;

use super::{
    error::Fault,
    session::{Session, Tx},
    text::{folded, indexed, storable},
};
use crate::{
    document::{EdgeDocument, EdgeKind, EntityDocument, EntityKind},
    error::StoreError,
    query::{Direction, Find, Matching, Order, Stored, Visit},
    store::{Counts, IndexedFile, Repository},
};

/// Sorts behind every other character, so behind everything that begins with what stands before it.
const LAST: char = char::MAX;

pub(super) fn indexed_files(
    session: &mut Session,
    repository: &Repository,
) -> Result<HashMap<String, IndexedFile>, Fault> {
    let rows = session.query(
        "SELECT f.path, f.content_sha256, f.extractor, f.links
         FROM gantry.file f JOIN gantry.repository r ON r.id = f.repository
         WHERE r.repo_id = $1 AND r.org_id = $2 AND f.path <> ''",
        &[&repository.repo_id, &repository.org_id],
    )?;
    let files = rows.iter().map(|row| {
        let file = IndexedFile { content_sha256: row.try_get(1)?, extractor: row.try_get(2)?, links: row.try_get(3)? };
        Ok((row.try_get(0)?, file))
    });
    Ok(files.collect::<Result<_, postgres::Error>>()?)
}

pub(super) fn facts(session: &mut Session, repository: &Repository) -> Result<HashMap<String, Vec<u8>>, Fault> {
    let rows = session.query(
        "SELECT f.path, b.facts FROM gantry.file f JOIN gantry.file_facts b ON b.file = f.id
         JOIN gantry.repository r ON r.id = f.repository WHERE r.repo_id = $1 AND r.org_id = $2",
        &[&repository.repo_id, &repository.org_id],
    )?;
    Ok(rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, postgres::Error>>()?)
}

pub(super) fn repositories(session: &mut Session) -> Result<Vec<Repository>, Fault> {
    let rows = session.query("SELECT org_id, repo_id FROM gantry.repository ORDER BY repo_id", &[])?;
    let all = rows.iter().map(|row| Ok(Repository { org_id: row.try_get(0)?, repo_id: row.try_get(1)? }));
    Ok(all.collect::<Result<_, postgres::Error>>()?)
}

pub(super) fn link_summary(session: &mut Session, repository: &Repository) -> Result<Option<String>, Fault> {
    let sql = "SELECT link_summary FROM gantry.repository WHERE repo_id = $1 AND org_id = $2";
    let rows = session.query(sql, &[&repository.repo_id, &repository.org_id])?;
    Ok(rows.first().map(|row| row.try_get(0)).transpose()?.flatten())
}

/// $1 is how the folded name begins as far as it is indexed, $2 the whole name.
const EXACT: &str = "
SELECT e.doc FROM gantry.entity e JOIN gantry.file f ON f.id = e.file JOIN gantry.repository r ON r.id = f.repository
WHERE e.folded = $1 AND e.name = $2
AND ($3::text IS NULL OR e.kind = $3) AND ($4::text IS NULL OR r.repo_id = $4 AND r.org_id = $5)
ORDER BY e.name, r.repo_id, f.path, e.start_line NULLS FIRST, e.collection, e.key LIMIT $6";
/// $1 is how the folded name begins as far as it is indexed, $7 what sorts behind all that begin so, $2 the whole of the
/// folded beginning. Of columns in the C collation, `lower` turns `A` to `Z` into `a` to `z` and nothing else.
const PREFIX: &str = "
SELECT e.doc FROM gantry.entity e JOIN gantry.file f ON f.id = e.file JOIN gantry.repository r ON r.id = f.repository
WHERE e.folded >= $1 AND e.folded < $7 AND starts_with(lower(e.name), $2)
AND ($3::text IS NULL OR e.kind = $3) AND ($4::text IS NULL OR r.repo_id = $4 AND r.org_id = $5)
ORDER BY e.name, r.repo_id, f.path, e.start_line NULLS FIRST, e.collection, e.key LIMIT $6";

pub(super) fn find(session: &mut Session, find: &Find<'_>, limit: usize) -> Result<Vec<EntityDocument>, Fault> {
    let folded = folded(find.name);
    let begin = indexed(&folded);
    let kind = find.kind.map(EntityKind::as_str);
    let (repo, org) = (find.repository.map(|r| &r.repo_id), find.repository.map(|r| &r.org_id));
    let limit = rows(limit);
    let found = match find.matching {
        Matching::Exact => session.query(EXACT, &[&begin, &&*storable(find.name), &kind, &repo, &org, &limit])?,
        Matching::Prefix => {
            let behind = format!("{begin}{LAST}");
            session.query(PREFIX, &[&begin, &folded, &kind, &repo, &org, &limit, &behind])?
        }
    };
    found.iter().map(document).collect()
}

pub(super) fn entities(session: &mut Session, ids: &[&str]) -> Result<Vec<EntityDocument>, Fault> {
    let (collections, keys): (Vec<&str>, Vec<&str>) =
        ids.iter().filter(|id| !id.contains('\0')).filter_map(|id| id.split_once('/')).unzip();
    let found = session.query(
        "SELECT e.doc FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS asked (collection, key, n)
         JOIN gantry.entity e ON e.collection = asked.collection AND e.key = asked.key ORDER BY asked.n",
        &[&collections, &keys],
    )?;
    found.iter().map(document).collect()
}

const OUT: &str = "
SELECT e.doc FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, n) CROSS JOIN LATERAL (
    SELECT doc, collection, to_id AS far FROM gantry.edge
    WHERE from_id = asked.id AND ($2::text[] IS NULL OR collection = ANY($2)) ORDER BY collection, to_id LIMIT $3
) e ORDER BY asked.n, e.collection, e.far LIMIT $3";
const IN: &str = "
SELECT e.doc FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, n) CROSS JOIN LATERAL (
    SELECT doc, collection, from_id AS far FROM gantry.edge
    WHERE to_id = asked.id AND ($2::text[] IS NULL OR collection = ANY($2)) ORDER BY collection, from_id LIMIT $3
) e ORDER BY asked.n, e.collection, e.far LIMIT $3";

pub(super) fn neighbours(
    session: &mut Session,
    ids: &[&str],
    direction: Direction,
    kinds: &[EdgeKind],
    limit: usize,
) -> Result<Vec<EdgeDocument>, Fault> {
    let sql = match direction {
        Direction::Out => OUT,
        Direction::In => IN,
    };
    let ids: Vec<&str> = ids.iter().filter(|id| !id.contains('\0')).copied().collect();
    let kinds: Option<Vec<&str>> = (!kinds.is_empty()).then(|| kinds.iter().map(|kind| kind.collection()).collect());
    session.query(sql, &[&ids, &kinds, &rows(limit)])?.iter().map(document).collect()
}

pub(super) fn counts(tx: &mut Tx<'_>, repository: Option<&Repository>) -> Result<Counts, Fault> {
    // Everything is read: from end to end is the quickest way.
    tx.run("SET LOCAL enable_seqscan = on")?;
    let (repo, org) = (repository.map(|r| &r.repo_id), repository.map(|r| &r.org_id));
    let mut tally = |sql: &'static str| -> Result<BTreeMap<String, u64>, Fault> {
        let counted = tx.query(sql, &[&repo, &org])?;
        let counted = counted.iter().map(|row| {
            let count: i64 = row.try_get(1)?;
            Ok((row.try_get(0)?, u64::try_from(count).unwrap_or_default()))
        });
        Ok(counted.collect::<Result<_, postgres::Error>>()?)
    };
    Ok(Counts {
        entities: tally(
            "SELECT kind, count(*) FROM gantry.entity WHERE $1::text IS NULL OR file IN (SELECT f.id FROM gantry.file f
             JOIN gantry.repository r ON r.id = f.repository WHERE r.repo_id = $1 AND r.org_id = $2::text)
             GROUP BY kind",
        )?,
        edges: tally(
            "SELECT collection, count(*) FROM gantry.edge WHERE $1::text IS NULL OR file IN (SELECT f.id
             FROM gantry.file f JOIN gantry.repository r ON r.id = f.repository
             WHERE r.repo_id = $1 AND r.org_id = $2::text) GROUP BY collection",
        )?,
        languages: tally(
            "SELECT language, count(*) FROM gantry.entity WHERE kind = 'file' AND language IS NOT NULL
             AND ($1::text IS NULL OR file IN (SELECT f.id FROM gantry.file f
             JOIN gantry.repository r ON r.id = f.repository WHERE r.repo_id = $1 AND r.org_id = $2::text))
             GROUP BY language",
        )?,
    })
}

/// Hands every document to `visit`, collection by collection, each ordered by key.
pub(super) fn scan(
    tx: &mut Tx<'_>,
    repository: Option<&Repository>,
    order: Order,
    visit: &mut Visit<'_>,
) -> Result<u64, Fault> {
    let mut seen = 0;
    for (collection, is_edge) in collections(order) {
        let mut each = |row: &Row| -> Result<(), Fault> {
            visit(Stored { collection, is_edge, json: row.try_get(0)? })?;
            seen += 1;
            Ok(())
        };
        match repository {
            None if is_edge => {
                tx.walk("SELECT doc FROM gantry.edge WHERE collection = $1 ORDER BY key", &[&collection], &mut each)
            }
            None => {
                tx.walk("SELECT doc FROM gantry.entity WHERE collection = $1 ORDER BY key", &[&collection], &mut each)
            }
            Some(Repository { repo_id, org_id }) => {
                let sql = if is_edge {
                    "SELECT d.doc FROM gantry.edge d JOIN gantry.file f ON f.id = d.file
                     JOIN gantry.repository r ON r.id = f.repository
                     WHERE r.repo_id = $1 AND r.org_id = $2 AND d.collection = $3 ORDER BY d.key"
                } else {
                    "SELECT d.doc FROM gantry.entity d JOIN gantry.file f ON f.id = d.file
                     JOIN gantry.repository r ON r.id = f.repository
                     WHERE r.repo_id = $1 AND r.org_id = $2 AND d.collection = $3 ORDER BY d.key"
                };
                tx.walk(sql, &[repo_id, org_id, &collection], &mut each)
            }
        }?;
    }
    Ok(seen)
}

/// The collections of a scan, each with whether it is one of edges.
fn collections(order: Order) -> Vec<(&'static str, bool)> {
    let entities = EntityKind::collections().into_iter().map(|collection| (collection, false));
    let mut all: Vec<_> = entities.chain(EdgeKind::collections().into_iter().map(|c| (c, true))).collect();
    if order == Order::Collection {
        all.sort_unstable();
    }
    all
}

fn document<T: DeserializeOwned>(row: &Row) -> Result<T, Fault> {
    let json: &str = row.try_get(0)?;
    serde_json::from_str(json).map_err(|e| {
        let reason = format!("a document is not the JSON of one: {e}");
        StoreError::Damaged { path: "gantry.entity or gantry.edge".to_owned(), reason }.into()
    })
}

fn rows(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
