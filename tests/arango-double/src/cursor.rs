//! `/_api/cursor`: a closed list of texts, each understood as a whole.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde_json::{Value, json};

use crate::{
    database::{Collection, Databases, Document},
    envelope::{Answer, Error, Result},
    request::Request,
};

const BY_FILE: &str = "FOR d IN @@collection FILTER d.gantry.file IN @files RETURN d";
const REPO_PAGE: &str = "FOR d IN @@collection FILTER d.gantry.repo == @repo AND d._key > @after \
                         SORT d._key LIMIT @limit RETURN d";
const PAGE: &str = "FOR d IN @@collection FILTER d._key > @after SORT d._key LIMIT @limit RETURN d";
const COUNT: &str = "FOR d IN @@collection FILTER @repo == null OR d.gantry.repo == @repo \
                     COLLECT kind = d.kind, language = d.language WITH COUNT INTO number \
                     RETURN { kind, language, number }";
const EDGES_OUT: &str = "WITH classes, files, functions, interfaces, packages, variables \
    FOR start IN @vertices FOR edge IN (FOR v, e IN 1..1 OUTBOUND start \
    calls, contains, extends, implements, imports, member_of, overrides, references \
    FILTER @kinds == null OR e.kind IN @kinds SORT e.kind, e._to LIMIT @limit RETURN e) RETURN edge";
const EDGES_IN: &str = "WITH classes, files, functions, interfaces, packages, variables \
    FOR start IN @vertices FOR edge IN (FOR v, e IN 1..1 INBOUND start \
    calls, contains, extends, implements, imports, member_of, overrides, references \
    FILTER @kinds == null OR e.kind IN @kinds SORT e.kind, e._from LIMIT @limit RETURN e) RETURN edge";
const NAMES: &str = "FOR d IN @@collection FILTER d.gantry.name >= @low AND d.gantry.name < @high \
    AND (@exact == null OR TO_HEX(d.name) == @exact) AND (@kind == null OR d.kind == @kind) \
    AND (@repo == null OR d.gantry.repo == @repo) \
    SORT TO_HEX(d.name), TO_HEX(d.repo_id), TO_HEX(d.file_path), d.start_line, d._key LIMIT @limit RETURN d";

/// The edge collections of the traversals.
const EDGES: [&str; 8] =
    ["calls", "contains", "extends", "implements", "imports", "member_of", "overrides", "references"];

/// Answers that were not handed out whole.
#[derive(Default)]
pub(crate) struct Cursors {
    open: HashMap<String, (VecDeque<Value>, usize)>,
    last: u64,
}

impl Cursors {
    pub(crate) fn handle(&mut self, request: &Request, databases: &Databases) -> Result<Answer> {
        let id = request.path.trim_start_matches("/_api/cursor").trim_start_matches('/').to_owned();
        match (request.method.as_str(), id.is_empty()) {
            ("POST", true) => {
                let body: Value = serde_json::from_slice(&request.body).map_err(|_| Error::numbered(600))?;
                let text = body.get("query").and_then(Value::as_str).unwrap_or_default();
                let none = json!({});
                let found = ask(databases, &request.database, text, body.get("bindVars").unwrap_or(&none))?;
                let size = body.get("batchSize").and_then(Value::as_u64).unwrap_or(1_000).max(1);
                let count = body.get("count").and_then(Value::as_bool).unwrap_or_default().then_some(found.len());
                self.last += 1;
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                let mut answer = self.part(self.last.to_string(), found.into(), size);
                answer.status = 201;
                answer.body["code"] = 201.into();
                if let Some(count) = count {
                    answer.body["count"] = count.into();
                }
                Ok(answer)
            }
            ("POST" | "PUT", false) => {
                let (rest, size) = self.open.remove(&id).ok_or_else(|| Error::numbered(1600))?;
                Ok(self.part(id, rest, size))
            }
            ("DELETE", false) => match self.open.remove(&id) {
                Some(_) => Ok(Answer::new(202, json!({ "id": id, "error": false, "code": 202 }))),
                None => Err(Error::numbered(1600)),
            },
            _ => Err(Error::new(405, 405, "method not supported")),
        }
    }

    fn part(&mut self, id: String, mut rest: VecDeque<Value>, size: usize) -> Answer {
        let part: Vec<Value> = rest.drain(..size.min(rest.len())).collect();
        let mut body = json!({
            "result": part, "hasMore": !rest.is_empty(), "cached": false, "error": false, "code": 200,
            "extra": { "stats": {}, "warnings": [] },
        });
        if !rest.is_empty() {
            body["id"] = id.clone().into();
            self.open.insert(id, (rest, size));
        }
        Answer::new(200, body)
    }
}

/// What one of the texts answers.
fn ask(databases: &Databases, database: &str, text: &str, bind: &Value) -> Result<Vec<Value>> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let of = |name: &str| bind.get(name).ok_or_else(|| Error::new(400, 1551, format!("no value for '{name}'")));
    let number = |name: &str| {
        let value = of(name)?.as_u64().ok_or_else(|| Error::numbered(1501))?;
        Ok::<_, Error>(usize::try_from(value).unwrap_or(usize::MAX))
    };
    let collection = || databases.collection(database, of("@collection")?.as_str().unwrap_or_default());
    Ok(match text.as_str() {
        BY_FILE => {
            let (collection, files) = (collection()?, of("files")?.as_array().cloned().unwrap_or_default());
            all(collection, |d| gantry(d, "file").is_some_and(|file| files.contains(file)))
        }
        REPO_PAGE => {
            let (repo, after) = (of("repo")?, of("after")?.as_str().unwrap_or_default());
            let collection = collection()?;
            let mut found = all(collection, |d| gantry(d, "repo") == Some(repo) && text_of(d, "_key") > after);
            found.truncate(number("limit")?);
            found
        }
        PAGE => {
            let after = of("after")?.as_str().unwrap_or_default();
            let mut found = all(collection()?, |d| text_of(d, "_key") > after);
            found.truncate(number("limit")?);
            found
        }
        COUNT => count(collection()?, of("repo")?),
        EDGES_OUT => edges(databases, database, bind, "_from", "_to", number("limit")?)?,
        EDGES_IN => edges(databases, database, bind, "_to", "_from", number("limit")?)?,
        NAMES => names(collection()?, bind, number("limit")?),
        _ => return Err(Error::new(501, 1501, "this stand-in knows a closed list of queries, and not this one")),
    })
}

fn all(collection: &Collection, filter: impl Fn(&Document) -> bool) -> Vec<Value> {
    collection.documents.values().filter(|d| filter(d)).map(|d| collection.with_id(d)).collect()
}

fn gantry<'d>(document: &'d Document, field: &str) -> Option<&'d Value> {
    document.get("gantry")?.get(field)
}

fn text_of<'d>(document: &'d Document, field: &str) -> &'d str {
    document.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn count(collection: &Collection, repo: &Value) -> Vec<Value> {
    let mut counts: BTreeMap<(String, String), (Value, Value, u64)> = BTreeMap::new();
    for document in collection.documents.values() {
        if !repo.is_null() && gantry(document, "repo") != Some(repo) {
            continue;
        }
        let field = |name: &str| document.get(name).cloned().unwrap_or_default();
        let (kind, language) = (field("kind"), field("language"));
        counts.entry((kind.to_string(), language.to_string())).or_insert((kind, language, 0)).2 += 1;
    }
    let rows = counts.into_values();
    rows.map(|(kind, language, number)| json!({ "kind": kind, "language": language, "number": number })).collect()
}

fn edges(
    databases: &Databases,
    database: &str,
    bind: &Value,
    near: &str,
    far: &str,
    limit: usize,
) -> Result<Vec<Value>> {
    let kinds = bind.get("kinds").and_then(Value::as_array);
    let mut found = Vec::new();
    for vertex in bind.get("vertices").and_then(Value::as_array).into_iter().flatten() {
        let mut of_one: Vec<Value> = Vec::new();
        for name in EDGES {
            let collection = databases.collection(database, name)?;
            of_one.extend(all(collection, |d| {
                d.get(near) == Some(vertex)
                    && kinds.is_none_or(|kinds| d.get("kind").is_some_and(|kind| kinds.contains(kind)))
            }));
        }
        let order = |edge: &Value| {
            let text = |field: &str| edge.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
            (text("kind"), text(far))
        };
        of_one.sort_by_key(order);
        of_one.truncate(limit);
        found.append(&mut of_one);
    }
    Ok(found)
}

fn names(collection: &Collection, bind: &Value, limit: usize) -> Vec<Value> {
    let of = |name: &str| bind.get(name).cloned().unwrap_or_default();
    let (low, high, exact, kind, repo) = (of("low"), of("high"), of("exact"), of("kind"), of("repo"));
    let mut found = all(collection, |d| {
        let name = gantry(d, "name").and_then(Value::as_str);
        name.is_some_and(|name| Some(name) >= low.as_str() && Some(name) < high.as_str())
            && (exact.is_null() || Some(&*to_hex(text_of(d, "name"))) == exact.as_str())
            && (kind.is_null() || d.get("kind") == Some(&kind))
            && (repo.is_null() || gantry(d, "repo") == Some(&repo))
    });
    found.sort_by_key(|d| {
        let text = |field: &str| d.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let hex = |field: &str| to_hex(&text(field));
        let line = d.get("start_line").and_then(Value::as_u64);
        (hex("name"), hex("repo_id"), hex("file_path"), line, text("_key"))
    });
    found.truncate(limit);
    found
}

fn to_hex(text: &str) -> String {
    text.bytes().flat_map(|b| [b >> 4, b & 15]).filter_map(|d| char::from_digit(u32::from(d), 16)).collect()
}
