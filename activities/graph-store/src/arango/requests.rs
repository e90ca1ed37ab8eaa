//! Every request that is ever sent, and every AQL text. Nothing else goes to the server: what a stand-in has to
//! understand, and what a live server has to prove, is on this page.
//!
//! | request | for |
//! | --- | --- |
//! | `POST /_open/auth` | a JWT |
//! | `POST /_api/database` | creation |
//! | `GET`, `POST /_api/collection`, `POST /_api/index` | creation |
//! | `POST /_api/import` | writing documents |
//! | `POST`, `PUT`, `DELETE /_api/document/C` with an array | create, replace, remove, read many |
//! | `POST /_api/cursor`, `POST /_api/cursor/ID` | the texts of [`aql`] |

use bytes::Bytes;
use reqwest::Method;
use serde_json::{Value, json};

/// The literal texts. Only values are bound into them, never text.
pub(super) mod aql {
    /// Documents of one collection that belong to some files. Served by the index on `gantry.file`.
    pub(crate) const BY_FILE: &str = "FOR d IN @@collection FILTER d.gantry.file IN @files RETURN d";

    /// One page of a repository's documents in one collection. Served by the index on `gantry.repo` and `_key`.
    pub(crate) const REPO_PAGE: &str = "FOR d IN @@collection FILTER d.gantry.repo == @repo AND d._key > @after \
                                        SORT d._key LIMIT @limit RETURN d";

    /// One page of a whole collection. Served by the primary index.
    pub(crate) const PAGE: &str = "FOR d IN @@collection FILTER d._key > @after SORT d._key LIMIT @limit RETURN d";

    /// Documents by kind and language, of one repository or (`@repo` is null) of all.
    pub(crate) const COUNT: &str = "FOR d IN @@collection FILTER @repo == null OR d.gantry.repo == @repo \
                                    COLLECT kind = d.kind, language = d.language WITH COUNT INTO number \
                                    RETURN { kind, language, number }";

    /// Edges that start in some vertices, `@limit` of each at most, ordered by kind and the other end.
    pub(crate) const EDGES_OUT: &str = "WITH classes, files, functions, interfaces, packages, variables \
        FOR start IN @vertices FOR edge IN (FOR v, e IN 1..1 OUTBOUND start \
        calls, contains, extends, implements, imports, member_of, overrides, references \
        FILTER @kinds == null OR e.kind IN @kinds SORT e.kind, e._to LIMIT @limit RETURN e) RETURN edge";

    /// Edges that point to some vertices.
    pub(crate) const EDGES_IN: &str = "WITH classes, files, functions, interfaces, packages, variables \
        FOR start IN @vertices FOR edge IN (FOR v, e IN 1..1 INBOUND start \
        calls, contains, extends, implements, imports, member_of, overrides, references \
        FILTER @kinds == null OR e.kind IN @kinds SORT e.kind, e._from LIMIT @limit RETURN e) RETURN edge";

    /// Entities of one collection by name. `gantry.name` is the name in hexadecimal, its ASCII letters made small, because
    /// the server compares text by the rules of a language; the order is that of bytes for the same reason.
    pub(crate) const NAMES: &str = "FOR d IN @@collection FILTER d.gantry.name >= @low AND d.gantry.name < @high \
        AND (@exact == null OR TO_HEX(d.name) == @exact) AND (@kind == null OR d.kind == @kind) \
        AND (@repo == null OR d.gantry.repo == @repo) \
        SORT TO_HEX(d.name), TO_HEX(d.repo_id), TO_HEX(d.file_path), d.start_line, d._key LIMIT @limit RETURN d";
}

/// A request. `path` begins behind the database.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: Method,
    /// The database, or none for what belongs to the server.
    pub(super) database: Option<String>,
    pub(super) path: String,
    pub(super) body: Bytes,
    /// Whether it changes anything, and so gives way to an overloaded server first.
    pub(super) writes: bool,
}

fn request(method: Method, database: Option<&str>, path: String, body: Bytes, writes: bool) -> Request {
    Request { method, database: database.map(str::to_owned), path, body, writes }
}

fn bytes(value: &Value) -> Bytes {
    Bytes::from(value.to_string())
}

pub(super) fn login(user: &str, password: &str) -> Request {
    let body = json!({ "username": user, "password": password });
    request(Method::POST, None, "/_open/auth".into(), bytes(&body), false)
}

pub(super) fn create_database(name: &str) -> Request {
    request(Method::POST, Some("_system"), "/_api/database".into(), bytes(&json!({ "name": name })), true)
}

pub(super) fn list_collections(database: &str) -> Request {
    request(Method::GET, Some(database), "/_api/collection".into(), Bytes::new(), false)
}

/// `kind` is 2 for documents, 3 for edges.
pub(super) fn create_collection(database: &str, name: &str, kind: u8) -> Request {
    let body = json!({ "name": name, "type": kind });
    request(Method::POST, Some(database), "/_api/collection".into(), bytes(&body), true)
}

pub(super) fn create_index(database: &str, collection: &str, fields: &[&str]) -> Request {
    let body = json!({ "type": "persistent", "fields": fields });
    request(Method::POST, Some(database), format!("/_api/index?collection={collection}"), bytes(&body), true)
}

/// `lines` are documents, each with a line feed behind it. What is there is replaced whole, so that attributes vanish that
/// a document has no more.
pub(super) fn import(database: &str, collection: &str, lines: Bytes) -> Request {
    let path = format!("/_api/import?collection={collection}&type=documents&onDuplicate=replace&waitForSync=true");
    request(Method::POST, Some(database), path, lines, true)
}

/// Writes an array of documents as [`import`] does; the answer says of each what became of it.
pub(super) fn overwrite(database: &str, collection: &str, array: Bytes) -> Request {
    let path = format!("/_api/document/{collection}?overwriteMode=replace&waitForSync=true");
    request(Method::POST, Some(database), path, array, true)
}

/// Creates an array of documents, none of which may be there.
pub(super) fn create(database: &str, collection: &str, array: Bytes) -> Request {
    let path = format!("/_api/document/{collection}?overwriteMode=conflict&waitForSync=true");
    request(Method::POST, Some(database), path, array, true)
}

/// Replaces an array of documents, each of the revision in its `_rev`.
pub(super) fn replace(database: &str, collection: &str, array: Bytes) -> Request {
    let path = format!("/_api/document/{collection}?ignoreRevs=false&waitForSync=true");
    request(Method::PUT, Some(database), path, array, true)
}

/// Removes an array of documents, each of the revision in its `_rev`.
pub(super) fn remove(database: &str, collection: &str, array: Bytes) -> Request {
    let path = format!("/_api/document/{collection}?ignoreRevs=false&waitForSync=true");
    request(Method::DELETE, Some(database), path, array, true)
}

/// Reads the documents with these keys.
pub(super) fn read(database: &str, collection: &str, keys: &[&str]) -> Request {
    let path = format!("/_api/document/{collection}?onlyget=true");
    request(Method::PUT, Some(database), path, bytes(&json!(keys)), false)
}

/// Asks one of the texts of [`aql`].
pub(super) fn query(database: &str, text: &str, bind: &Value) -> Request {
    let body = json!({ "query": text, "bindVars": bind, "batchSize": 5_000 });
    request(Method::POST, Some(database), "/_api/cursor".into(), bytes(&body), false)
}

/// The next part of an answer.
pub(super) fn more(database: &str, cursor: &str) -> Request {
    request(Method::POST, Some(database), format!("/_api/cursor/{cursor}"), Bytes::new(), false)
}
