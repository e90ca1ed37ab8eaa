//! The tables, and the way from older ones.

use rusqlite::Transaction;

/// The version that this build writes.
pub(super) const VERSION: i64 = 3;

const SCHEMA: &str = "
CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    repo_id TEXT NOT NULL UNIQUE,
    org_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    last_commit TEXT,
    link_summary TEXT
) STRICT;
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL REFERENCES repository(id),
    path TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    extractor TEXT NOT NULL,
    links TEXT,
    UNIQUE (repository, path)
) STRICT;
CREATE TABLE file_facts (
    file INTEGER PRIMARY KEY REFERENCES file(id),
    facts BLOB NOT NULL
) STRICT;
CREATE TABLE entity (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file(id),
    doc TEXT NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    UNIQUE (collection, key)
) STRICT;
CREATE INDEX entity_file ON entity (file);
CREATE INDEX entity_name ON entity (name COLLATE NOCASE);
CREATE TABLE edge (
    id INTEGER PRIMARY KEY,
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    from_id TEXT NOT NULL,
    to_id TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file(id),
    doc TEXT NOT NULL,
    linked INTEGER NOT NULL DEFAULT 0,
    UNIQUE (collection, key)
) STRICT;
CREATE INDEX edge_file ON edge (file);
CREATE INDEX edge_from ON edge (from_id);
CREATE INDEX edge_to ON edge (to_id);
";

/// Version 1 had no names, no links and no facts. Its files are made anew by the next index, because their extractor is
/// another one.
const FROM_1: &str = "
ALTER TABLE repository ADD COLUMN link_summary TEXT;
ALTER TABLE file ADD COLUMN links TEXT;
CREATE TABLE file_facts (file INTEGER PRIMARY KEY REFERENCES file(id), facts BLOB NOT NULL) STRICT;
ALTER TABLE entity ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE entity SET name = coalesce(json_extract(doc, '$.name'), '');
CREATE INDEX entity_name ON entity (name);
ALTER TABLE edge ADD COLUMN linked INTEGER NOT NULL DEFAULT 0;
";

/// Version 2 could not find a name by how it begins, in capitals or not.
const FROM_2: &str = "
DROP INDEX entity_name;
CREATE INDEX entity_name ON entity (name COLLATE NOCASE);
";

/// Brings tables of the version `found` to [`VERSION`].
pub(super) fn migrate(tx: &Transaction<'_>, found: i64) -> rusqlite::Result<()> {
    match found {
        1 => {
            tx.execute_batch(FROM_1)?;
            tx.execute_batch(FROM_2)?;
        }
        2 => tx.execute_batch(FROM_2)?,
        _ => tx.execute_batch(SCHEMA)?,
    }
    tx.pragma_update(None, "user_version", VERSION)
}
