//! The tables, and the way from older ones.

use rusqlite::Transaction;

/// The version that this build writes.
pub(super) const VERSION: i64 = 4;

/// An edge names its ends by the rows of their entities, and is unique by them: its key is a hash of just that. Keys and ids
/// of text are spread over their index at random, so each batch of edges rewrote most pages of three large ones; with rows,
/// edges that are written together lie together, and the one index that is left is a third as large. A row that is free
/// may be used again, so no edge outlives its ends.
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
    from_id INTEGER NOT NULL REFERENCES entity(id),
    to_id INTEGER NOT NULL REFERENCES entity(id),
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file(id),
    linked INTEGER NOT NULL DEFAULT 0,
    doc TEXT NOT NULL,
    UNIQUE (from_id, collection, to_id)
) STRICT;
CREATE INDEX edge_file ON edge (file);
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

/// Version 3 named the ends of an edge by `collection/key`.
const FROM_3: &str = "
ALTER TABLE edge RENAME TO old_edge;
DROP INDEX edge_file;
DROP INDEX edge_from;
DROP INDEX edge_to;
CREATE TABLE edge (
    id INTEGER PRIMARY KEY,
    from_id INTEGER NOT NULL REFERENCES entity(id),
    to_id INTEGER NOT NULL REFERENCES entity(id),
    collection TEXT NOT NULL,
    key TEXT NOT NULL,
    file INTEGER NOT NULL REFERENCES file(id),
    linked INTEGER NOT NULL DEFAULT 0,
    doc TEXT NOT NULL,
    UNIQUE (from_id, collection, to_id)
) STRICT;
INSERT OR IGNORE INTO edge (from_id, to_id, collection, key, file, linked, doc)
    SELECT f.id, t.id, e.collection, e.key, e.file, e.linked, e.doc FROM old_edge e
    CROSS JOIN entity f ON f.collection = substr(e.from_id, 1, instr(e.from_id, '/') - 1)
        AND f.key = substr(e.from_id, instr(e.from_id, '/') + 1)
    CROSS JOIN entity t ON t.collection = substr(e.to_id, 1, instr(e.to_id, '/') - 1)
        AND t.key = substr(e.to_id, instr(e.to_id, '/') + 1);
DROP TABLE old_edge;
CREATE INDEX edge_file ON edge (file);
CREATE INDEX edge_to ON edge (to_id);
";

/// Brings tables of the version `found` to [`VERSION`].
pub(super) fn migrate(tx: &Transaction<'_>, found: i64) -> rusqlite::Result<()> {
    let steps: &[&str] = match found {
        1 => &[FROM_1, FROM_2, FROM_3],
        2 => &[FROM_2, FROM_3],
        3 => &[FROM_3],
        _ => &[SCHEMA],
    };
    for step in steps {
        tx.execute_batch(step)?;
    }
    tx.pragma_update(None, "user_version", VERSION)
}
