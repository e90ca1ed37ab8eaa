//! The tables, and the way from older ones.

use super::{
    error::Fault,
    session::{Access, Session},
    url::PostgresUrl,
};
use crate::error::StoreError;

/// The steps from one version to the next; as many as there are is the version that this build writes. A step that was
/// released is never changed.
///
/// Everything is in a schema of its own, so a database may hold other things. Names and keys are ordered by their bytes
/// (`COLLATE "C"`), whatever the database's language, as everywhere else.
///
/// `doc` is text and neither `jsonb` nor `json`: an export has to give the bytes that were written, while `jsonb` orders
/// fields anew and writes numbers its own way, and neither takes a NUL, which a comment of a source may hold. In psql,
/// `doc::json ->> 'name'` reads a field. What is asked for has columns of its own.
///
/// Paths are unique by their digest, because an index entry holds about 2,700 bytes and a path 4,096.
const STEPS: &[&str] = &[r#"
CREATE TABLE gantry.repository (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repo_id text COLLATE "C" NOT NULL UNIQUE,
    org_id text COLLATE "C" NOT NULL,
    epoch bigint NOT NULL,
    last_commit text,
    link_summary text
);
CREATE TABLE gantry.file (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    repository bigint NOT NULL,
    path_digest bytea NOT NULL,
    path text COLLATE "C" NOT NULL,
    content_sha256 text NOT NULL,
    extractor text NOT NULL,
    links text,
    UNIQUE (repository, path_digest)
);
CREATE TABLE gantry.file_facts (
    file bigint PRIMARY KEY,
    facts bytea NOT NULL
);
CREATE TABLE gantry.entity (
    collection text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    kind text COLLATE "C" NOT NULL,
    file bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    folded text COLLATE "C" NOT NULL,
    start_line bigint,
    language text COLLATE "C",
    doc text COLLATE "C" NOT NULL,
    PRIMARY KEY (collection, key)
);
CREATE INDEX entity_file ON gantry.entity (file);
CREATE INDEX entity_folded ON gantry.entity (folded);
CREATE TABLE gantry.edge (
    collection text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    from_id text COLLATE "C" NOT NULL,
    to_id text COLLATE "C" NOT NULL,
    file bigint NOT NULL,
    linked boolean NOT NULL,
    doc text COLLATE "C" NOT NULL,
    PRIMARY KEY (collection, key)
);
CREATE INDEX edge_file ON gantry.edge (file);
CREATE INDEX edge_from ON gantry.edge (from_id);
CREATE INDEX edge_to ON gantry.edge (to_id);
"#];

/// "Gntr": whoever creates or migrates the tables holds this lock.
const LOCK: i64 = 0x476e_7472;

/// Brings the tables up to date, and refuses those of a newer build.
pub(super) fn migrate(session: &mut Session, at: &PostgresUrl) -> Result<(), Fault> {
    // Opening must not wait for a writer that is busy, or that hangs, and a reader may not be allowed to create anything.
    if version(&mut session.begin(Access::Read)?, at)? == Some(known()) {
        return Ok(());
    }
    let mut tx = session.begin(Access::Write)?;
    tx.query("SELECT pg_advisory_xact_lock($1)", &[&LOCK])?;
    // Another process may have done it meanwhile.
    let found = match version(&mut tx, at)? {
        Some(found) => found,
        None => {
            tx.run("CREATE SCHEMA gantry; CREATE TABLE gantry.schema_version (version bigint NOT NULL)")?;
            tx.run("INSERT INTO gantry.schema_version VALUES (0)")?;
            0
        }
    };
    for step in STEPS.iter().skip(usize::try_from(found).unwrap_or(usize::MAX)) {
        tx.run(step)?;
    }
    tx.execute("UPDATE gantry.schema_version SET version = $1", &[&known()])?;
    tx.commit()?;
    Ok(())
}

fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

/// The version of the tables; none when there are none yet.
fn version(tx: &mut super::session::Tx<'_>, at: &PostgresUrl) -> Result<Option<i64>, Fault> {
    // Not by `to_regclass`, which may answer out of a cache from before the lock.
    let sql = "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'gantry'),
               EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                       WHERE n.nspname = 'gantry' AND c.relname = 'schema_version'),
               current_setting('server_encoding')";
    let Some(row) = tx.query_opt(sql, &[])? else { return Ok(None) };
    let (is_taken, is_ours, encoding): (bool, bool, String) = (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
    if encoding != "UTF8" {
        let reason = format!("the database's encoding is {encoding}; create one with ENCODING 'UTF8'");
        return Err(StoreError::Rejected { path: at.to_string(), document: None, reason }.into());
    }
    if !is_ours {
        return if is_taken { Err(StoreError::NotAGraph { path: at.to_string() }.into()) } else { Ok(None) };
    }
    let Some(row) = tx.query_opt("SELECT max(version) FROM gantry.schema_version", &[])? else { return Ok(None) };
    let found: Option<i64> = row.try_get(0)?;
    match found {
        Some(found) if found > known() => {
            Err(StoreError::NewerSchema { path: at.to_string(), found, known: known() }.into())
        }
        Some(found) if found >= 0 => Ok(Some(found)),
        _ => Err(StoreError::NotAGraph { path: at.to_string() }.into()),
    }
}
