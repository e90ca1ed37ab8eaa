-- A graph as commit 94a03e1 wrote it: schema version 3. By sqlite3's .dump.
PRAGMA application_id = 1198421106;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE repository (
    id INTEGER PRIMARY KEY,
    repo_id TEXT NOT NULL UNIQUE,
    org_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    last_commit TEXT,
    link_summary TEXT
) STRICT;
INSERT INTO repository VALUES(1,'demo','default',1,'c0ffee','');
CREATE TABLE file (
    id INTEGER PRIMARY KEY,
    repository INTEGER NOT NULL REFERENCES repository(id),
    path TEXT NOT NULL,
    content_sha256 TEXT NOT NULL,
    extractor TEXT NOT NULL,
    links TEXT,
    UNIQUE (repository, path)
) STRICT;
INSERT INTO file VALUES(1,1,'a.ts','1','1','1');
CREATE TABLE file_facts (
    file INTEGER PRIMARY KEY REFERENCES file(id),
    facts BLOB NOT NULL
) STRICT;
INSERT INTO file_facts VALUES(1,X'6661637473');
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
INSERT INTO entity VALUES(1,'files','a1ed3533cdb6a34a','file',1,'{"_key":"a1ed3533cdb6a34a","org_id":"default","repo_id":"demo","kind":"file","name":"a.ts","file_path":"a.ts","language":"typescript","origin":"syntax","content_sha256":"1"}','a.ts');
INSERT INTO entity VALUES(2,'functions','3d30fbe40b9f9386','function',1,'{"_key":"3d30fbe40b9f9386","org_id":"default","repo_id":"demo","kind":"function","name":"f","file_path":"a.ts","start_line":1,"signature":"function f()","origin":"syntax"}','f');
INSERT INTO entity VALUES(3,'functions','8606a09470ebfe45','function',1,'{"_key":"8606a09470ebfe45","org_id":"default","repo_id":"demo","kind":"function","name":"g","file_path":"a.ts","start_line":2,"signature":"function g()","origin":"syntax"}','g');
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
INSERT INTO edge VALUES(1,'contains','06af3b46547c981c','files/a1ed3533cdb6a34a','functions/3d30fbe40b9f9386',1,'{"_key":"06af3b46547c981c","_from":"files/a1ed3533cdb6a34a","_to":"functions/3d30fbe40b9f9386","org_id":"default","repo_id":"demo","kind":"contains","origin":"syntax","confidence":0.9}',0);
INSERT INTO edge VALUES(2,'contains','2276338273abd6fe','files/a1ed3533cdb6a34a','functions/8606a09470ebfe45',1,'{"_key":"2276338273abd6fe","_from":"files/a1ed3533cdb6a34a","_to":"functions/8606a09470ebfe45","org_id":"default","repo_id":"demo","kind":"contains","origin":"syntax","confidence":0.9}',0);
INSERT INTO edge VALUES(3,'calls','27824afd1043e1f5','functions/3d30fbe40b9f9386','functions/8606a09470ebfe45',1,'{"_key":"27824afd1043e1f5","_from":"functions/3d30fbe40b9f9386","_to":"functions/8606a09470ebfe45","org_id":"default","repo_id":"demo","kind":"calls","origin":"syntax","confidence":0.9}',1);
CREATE INDEX entity_file ON entity (file);
CREATE INDEX entity_name ON entity (name COLLATE NOCASE);
CREATE INDEX edge_file ON edge (file);
CREATE INDEX edge_from ON edge (from_id);
CREATE INDEX edge_to ON edge (to_id);
COMMIT;
