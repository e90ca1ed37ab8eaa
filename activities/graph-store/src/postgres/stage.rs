//! Documents on their way into the tables: copied into tables of the session, then put with one statement.

use std::collections::BTreeMap;

use postgres::{binary_copy::BinaryCopyInWriter, types::Type};

use super::{
    error::{Fault, is_refusal},
    session::{Session, Tx},
    text::{folded, indexed, storable},
};
use crate::{
    document::{EdgeDocument, EntityDocument},
    error::StoreError,
};

/// They are empty between transactions.
const TABLES: &str = r#"
CREATE TEMPORARY TABLE IF NOT EXISTS staged_entity (
    n bigint, file bigint, collection text COLLATE "C", key text COLLATE "C", kind text, name text, folded text,
    start_line bigint, language text, doc text
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS staged_edge (
    n bigint, file bigint, collection text COLLATE "C", key text COLLATE "C", from_id text, to_id text, doc text
) ON COMMIT DELETE ROWS;
"#;

const COPY_ENTITIES: &str =
    "COPY staged_entity (n, file, collection, key, kind, name, folded, start_line, language, doc)
    FROM STDIN BINARY";
const COPY_EDGES: &str = "COPY staged_edge (n, file, collection, key, from_id, to_id, doc) FROM STDIN BINARY";
const ENTITY: &[Type] = &[
    Type::INT8,
    Type::INT8,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::INT8,
    Type::TEXT,
    Type::TEXT,
];
const EDGE: &[Type] = &[Type::INT8, Type::INT8, Type::TEXT, Type::TEXT, Type::TEXT, Type::TEXT, Type::TEXT];

const PUT_ENTITIES: &str = "
INSERT INTO gantry.entity (collection, key, kind, file, name, folded, start_line, language, doc)
SELECT collection, key, kind, file, name, folded, start_line, language, doc FROM staged_entity
WHERE n >= $1 AND n < $2 ORDER BY collection, key
ON CONFLICT (collection, key) DO UPDATE
SET doc = excluded.doc, start_line = excluded.start_line, language = excluded.language
WHERE entity.doc <> excluded.doc";
const PUT_OWN_EDGES: &str = "
INSERT INTO gantry.edge (collection, key, from_id, to_id, file, linked, doc)
SELECT collection, key, from_id, to_id, file, false, doc FROM staged_edge
WHERE n >= $1 AND n < $2 ORDER BY collection, key
ON CONFLICT (collection, key) DO UPDATE SET doc = excluded.doc, linked = false
WHERE edge.doc <> excluded.doc OR edge.linked";
const PUT_LINKS: &str = "
INSERT INTO gantry.edge (collection, key, from_id, to_id, file, linked, doc)
SELECT collection, key, from_id, to_id, file, true, doc FROM staged_edge
WHERE n >= $1 AND n < $2 ORDER BY collection, key
ON CONFLICT (collection, key) DO UPDATE SET doc = excluded.doc, linked = true
WHERE edge.doc <> excluded.doc OR NOT edge.linked";

/// Makes the tables where this session has none yet. Not part of a transaction: rolled back, they would be gone.
pub(super) fn prepare(session: &mut Session) -> Result<(), postgres::Error> {
    if !session.is_staging {
        session.run(TABLES)?;
        session.is_staging = true;
    }
    Ok(())
}

/// Documents by (collection, key), each with the row of its file: sorted, so that writers lock rows in one order, and
/// without the first of two that are the same, which one statement could not put.
pub(super) type Sorted<'a, T> = BTreeMap<(&'static str, &'a str), (i64, &'a T)>;

/// What was copied and is still to be put: the ids of the documents, in the order of their numbers.
pub(super) struct Staged(Vec<String>);

pub(super) fn copy_entities(tx: &mut Tx<'_>, entities: &Sorted<'_, EntityDocument>) -> Result<Staged, Fault> {
    let staged = Staged(entities.keys().map(|(collection, key)| format!("{collection}/{key}")).collect());
    copy(tx, COPY_ENTITIES, ENTITY, &staged, |writer| {
        for (n, ((collection, key), (file, entity))) in (0_i64..).zip(entities) {
            let folded = folded(&entity.name);
            writer.write(&[
                &n,
                file,
                collection,
                key,
                &entity.kind.as_str(),
                &&*storable(&entity.name),
                &indexed(&folded),
                &entity.start_line.map(i64::from),
                &entity.language,
                &json(entity, key)?,
            ])?;
        }
        Ok(())
    })?;
    Ok(staged)
}

pub(super) fn copy_edges(tx: &mut Tx<'_>, edges: &Sorted<'_, EdgeDocument>) -> Result<Staged, Fault> {
    let staged = Staged(edges.keys().map(|(collection, key)| format!("{collection}/{key}")).collect());
    copy(tx, COPY_EDGES, EDGE, &staged, |writer| {
        for (n, ((collection, key), (file, edge))) in (0_i64..).zip(edges) {
            writer.write(&[&n, file, collection, key, &edge.from, &edge.to, &json(edge, key)?])?;
        }
        Ok(())
    })?;
    Ok(staged)
}

fn copy(
    tx: &mut Tx<'_>,
    sql: &'static str,
    types: &[Type],
    staged: &Staged,
    fill: impl FnOnce(&mut BinaryCopyInWriter<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if staged.0.is_empty() {
        return Ok(());
    }
    let mut writer = BinaryCopyInWriter::new(tx.copy_in(sql)?, types);
    let copied = fill(&mut writer).and_then(|()| Ok(writer.finish()?));
    copied.map(drop).map_err(|fault| match fault {
        Fault::Server(error) if is_refusal(&error) => match line(&error).and_then(|n| staged.0.get(n)) {
            Some(document) => Fault::Document(document.clone(), error),
            None => Fault::Server(error),
        },
        other => other,
    })
}

/// The row, from 0, at which the server gave up copying.
fn line(error: &postgres::Error) -> Option<usize> {
    let place = error.as_db_error()?.where_()?;
    let (_, rest) = place.split_once("line ")?;
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse::<usize>().ok()?.checked_sub(1)
}

impl Staged {
    pub(super) fn put_entities(&self, tx: &mut Tx<'_>) -> Result<u64, Fault> {
        self.put(tx, PUT_ENTITIES)
    }

    pub(super) fn put_own_edges(&self, tx: &mut Tx<'_>) -> Result<u64, Fault> {
        self.put(tx, PUT_OWN_EDGES)
    }

    pub(super) fn put_links(&self, tx: &mut Tx<'_>) -> Result<u64, Fault> {
        self.put(tx, PUT_LINKS)
    }

    /// How many documents are new or different. When the server refuses one, which one is found by putting halves.
    fn put(&self, tx: &mut Tx<'_>, sql: &'static str) -> Result<u64, Fault> {
        if self.0.is_empty() {
            return Ok(0);
        }
        let (mut from, mut to) = (0, self.0.len());
        let mut refused = match put_range(tx, sql, from, to) {
            Err(Fault::Server(error)) if is_refusal(&error) => error,
            other => return other,
        };
        while to - from > 1 {
            let middle = from + (to - from) / 2;
            match put_range(tx, sql, from, middle) {
                Ok(_) => from = middle,
                Err(Fault::Server(error)) if is_refusal(&error) => (to, refused) = (middle, error),
                Err(other) => return Err(other),
            }
        }
        Err(match self.0.get(from) {
            Some(document) => Fault::Document(document.clone(), refused),
            None => Fault::Server(refused),
        })
    }
}

/// Leaves the transaction usable when it fails.
fn put_range(tx: &mut Tx<'_>, sql: &'static str, from: usize, to: usize) -> Result<u64, Fault> {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    tx.run("SAVEPOINT put")?;
    match tx.execute(sql, &[&number(from), &number(to)]) {
        Ok(written) => {
            tx.run("RELEASE SAVEPOINT put")?;
            Ok(written)
        }
        Err(error) => {
            if is_refusal(&error) {
                tx.run("ROLLBACK TO SAVEPOINT put")?;
            }
            Err(error.into())
        }
    }
}

fn json<T: serde::Serialize>(document: &T, key: &str) -> Result<String, Fault> {
    serde_json::to_string(document)
        .map_err(|e| StoreError::Damaged { path: key.to_owned(), reason: e.to_string() }.into())
}
