//! Databases, collections, indexes; and what a driver asks before it begins.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    database::{Collection, Databases, Transaction},
    envelope::{Answer, Error, Result},
    log::Step,
    request::Request,
};

const VERSION: &str = "3.12.10";

pub(crate) fn version(request: &Request) -> Answer {
    let mut body = json!({ "server": "arango", "license": "community", "version": VERSION });
    if request.flag("details", false) {
        body["details"] = json!({ "mode": "server", "role": "SINGLE" });
    }
    Answer::new(200, body)
}

pub(crate) fn status() -> Answer {
    let body = json!({
        "server": "arango", "license": "community", "version": VERSION, "mode": "server", "operationMode": "server",
        "serverInfo": { "maintenance": false, "role": "SINGLE", "readOnly": false, "writeOpsEnabled": true },
    });
    Answer::new(200, body)
}

#[expect(clippy::needless_pass_by_value, reason = "made where it is called")]
fn result(status: u16, result: Value) -> Answer {
    Answer::new(status, json!({ "error": false, "code": status, "result": result }))
}

fn named(body: &Value) -> Result<String> {
    let name = body.get("name").and_then(Value::as_str).unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if name.is_empty() || !name.chars().all(plain) {
        return Err(Error::numbered(1208));
    }
    Ok(name.to_owned())
}

fn body(request: &Request) -> Result<Value> {
    serde_json::from_slice(&request.body).map_err(|_| Error::numbered(600))
}

pub(crate) fn databases(request: &Request, databases: &Databases) -> Result<(Answer, Vec<Step>)> {
    let rest = request.path.trim_start_matches("/_api/database").trim_start_matches('/');
    match (request.method.as_str(), rest) {
        ("GET", "current") => {
            databases.database(&request.database)?;
            let current =
                json!({ "name": request.database, "id": "1", "path": "", "isSystem": request.database == "_system" });
            Ok((result(200, current), Vec::new()))
        }
        ("GET", "" | "user") => Ok((result(200, json!(databases.names())), Vec::new())),
        ("POST", "") => {
            let name = named(&body(request)?)?;
            if databases.database(&name).is_ok() {
                return Err(Error::numbered(1207));
            }
            Ok((result(201, true.into()), vec![Step::CreateDatabase(name)]))
        }
        ("DELETE", name) => {
            databases.database(name)?;
            Ok((result(200, true.into()), vec![Step::DropDatabase(name.to_owned())]))
        }
        _ => Err(Error::new(405, 405, "method not supported")),
    }
}

fn described(collection: &Collection) -> Value {
    json!({
        "id": collection.name, "name": collection.name, "type": collection.kind, "status": 3, "statusString": "loaded",
        "isSystem": collection.name.starts_with('_'), "globallyUniqueId": collection.name,
    })
}

fn properties(collection: &Collection, status: u16) -> Value {
    let mut body = described(collection);
    let more = json!({
        "error": false, "code": status, "waitForSync": false, "schema": null, "computedValues": null,
        "cacheEnabled": false, "keyOptions": { "type": "traditional", "allowUserKeys": true, "lastValue": 0 },
    });
    if let (Some(body), Some(more)) = (body.as_object_mut(), more.as_object()) {
        body.extend(more.clone());
    }
    body
}

pub(crate) fn collections(request: &Request, databases: &mut Databases) -> Result<(Answer, Vec<Step>)> {
    let rest = request.path.trim_start_matches("/_api/collection").trim_start_matches('/');
    let (name, action) = rest.split_once('/').unwrap_or((rest, ""));
    let database = &request.database;
    if name.is_empty() {
        let there = databases.database(database)?;
        if request.method == "GET" {
            return Ok((result(200, there.values().map(described).collect()), Vec::new()));
        }
        let body = body(request)?;
        let name = named(&body)?;
        if there.contains_key(&name) {
            return Err(Error::numbered(1207));
        }
        let kind = body.get("type").and_then(Value::as_u64).unwrap_or(2);
        let made = properties(&Collection::new(name.clone(), kind), 200);
        return Ok((Answer::new(200, made), vec![Step::CreateCollection { database: database.clone(), name, kind }]));
    }
    let collection = databases.collection(database, name)?;
    let mut steps = Vec::new();
    let answer = match (request.method.as_str(), action) {
        ("GET", "" | "properties") => properties(collection, 200),
        ("GET", "count") => {
            let mut body = properties(collection, 200);
            body["count"] = collection.documents.len().into();
            body
        }
        ("GET", "checksum") => {
            let mut body = described(collection);
            body["checksum"] = checksum(collection).into();
            body
        }
        ("PUT", "truncate") => {
            let body = described(collection);
            let mut tx = Transaction::begin(databases, database, name)?;
            tx.truncate();
            steps = tx.into_steps();
            body
        }
        ("DELETE", "") => {
            let step = Step::DropCollection { database: database.clone(), name: name.to_owned() };
            steps.push(step);
            json!({ "id": name, "error": false, "code": 200 })
        }
        _ => return Err(Error::new(404, 404, "unknown action")),
    };
    Ok((Answer::new(200, answer), steps))
}

/// Over keys and revisions, so that it changes with every write.
fn checksum(collection: &Collection) -> String {
    let mut sha = Sha256::new();
    for (key, document) in &collection.documents {
        sha.update(format!("{key} {}\n", document.get("_rev").and_then(Value::as_str).unwrap_or_default()));
    }
    sha.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

pub(crate) fn indexes(request: &Request, databases: &Databases) -> Result<(Answer, Vec<Step>)> {
    let Some(name) = request.parameter("collection") else { return Err(Error::numbered(1204)) };
    let collection = databases.collection(&request.database, name)?;
    if request.method == "GET" {
        let mut all = vec![json!({ "id": format!("{name}/0"), "type": "primary", "fields": ["_key"], "unique": true,
                                   "sparse": false, "name": "primary" })];
        if collection.kind == 3 {
            all.push(json!({ "id": format!("{name}/1"), "type": "edge", "fields": ["_from", "_to"], "unique": false,
                             "sparse": false, "name": "edge" }));
        }
        all.extend(collection.indexes.iter().cloned());
        return Ok((Answer::new(200, json!({ "error": false, "code": 200, "indexes": all })), Vec::new()));
    }
    let mut index = body(request)?;
    let same = collection.indexes.iter().find(|i| i["type"] == index["type"] && i["fields"] == index["fields"]);
    if let Some(same) = same {
        let mut answer = same.clone();
        answer["isNewlyCreated"] = false.into();
        answer["error"] = false.into();
        answer["code"] = 200.into();
        return Ok((Answer::new(200, answer), Vec::new()));
    }
    let number = collection.indexes.len() + 2;
    index["id"] = format!("{name}/{number}").into();
    index["name"] = format!("idx_{number}").into();
    for (field, value) in [("unique", false), ("sparse", false), ("deduplicate", true), ("estimates", true)] {
        if index.get(field).is_none() {
            index[field] = value.into();
        }
    }
    let mut answer = index.clone();
    answer["isNewlyCreated"] = true.into();
    answer["error"] = false.into();
    answer["code"] = 201.into();
    let (database, name) = (request.database.clone(), name.to_owned());
    Ok((Answer::new(201, answer), vec![Step::CreateIndex { database, name, index }]))
}
