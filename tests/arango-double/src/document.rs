//! `/_api/document`: one document, or an array of them.

use serde_json::{Value, json};

use crate::{
    checks,
    database::{Databases, Document, Transaction, merge},
    envelope::{Answer, Error, Result},
    faults::Faults,
    log::Step,
    request::Request,
};

/// What is done with each document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verb {
    Create,
    Replace,
    Update,
    Remove,
}

pub(crate) fn handle(request: &Request, databases: &mut Databases, faults: &mut Faults) -> Result<(Answer, Vec<Step>)> {
    let mut path = request.path.trim_start_matches("/_api/document").trim_start_matches('/').splitn(2, '/');
    let collection = path.next().unwrap_or_default();
    let key = path.next();
    let verb = match (request.method.as_str(), key) {
        ("GET" | "HEAD", Some(key)) => return Ok((get(request, databases, collection, key)?, Vec::new())),
        ("PUT", None) if request.flag("onlyget", false) => {
            return Ok((read_many(request, databases, collection)?, Vec::new()));
        }
        ("POST", None) => Verb::Create,
        ("PUT", _) => Verb::Replace,
        ("PATCH", _) => Verb::Update,
        ("DELETE", _) => Verb::Remove,
        _ => return Err(Error::new(405, 405, "method not supported")),
    };
    let mut tx = Transaction::begin(databases, &request.database, collection)?;
    let body = match (verb, key) {
        (Verb::Remove, Some(_)) => Value::Null,
        _ => serde_json::from_slice(&request.body).map_err(|_| Error::numbered(600))?,
    };
    let done = if verb == Verb::Remove { 200 } else { 201 };
    let status = if request.flag("waitForSync", false) { done } else { 202 };
    let Value::Array(documents) = body else {
        let outcome = one(request, verb, key, body, &mut tx, faults)?;
        let rev = outcome.get("_rev").and_then(Value::as_str).unwrap_or_default().to_owned();
        let body = if request.flag("silent", false) { json!({}) } else { outcome };
        return Ok((Answer::new(status, body).with("etag", format!("\"{rev}\"")), tx.into_steps()));
    };
    let silent = request.flag("silent", false);
    let mut numbers: Vec<(u64, u64)> = Vec::new();
    let mut outcomes = Vec::with_capacity(documents.len());
    for document in documents {
        match one(request, verb, None, document, &mut tx, faults) {
            Ok(outcome) if !silent => outcomes.push(outcome),
            Ok(_) => {}
            Err(error) => {
                match numbers.iter_mut().find(|(number, _)| *number == error.number) {
                    Some((_, count)) => *count += 1,
                    None => numbers.push((error.number, 1)),
                }
                outcomes.push(error.in_place());
            }
        }
    }
    let answer = Answer::new(status, Value::from(outcomes));
    let summed: Vec<String> = numbers.iter().map(|(number, count)| format!("{number}:{count}")).collect();
    let answer = if summed.is_empty() { answer } else { answer.with("x-arango-error-codes", summed.join(",")) };
    Ok((answer, tx.into_steps()))
}

fn get(request: &Request, databases: &Databases, collection: &str, key: &str) -> Result<Answer> {
    let collection = databases.collection(&request.database, collection)?;
    let document = collection.documents.get(key).ok_or_else(|| Error::numbered(1202))?;
    let rev = document.get("_rev").and_then(Value::as_str).unwrap_or_default();
    let mut answer = Answer::new(200, collection.with_id(document)).with("etag", format!("\"{rev}\""));
    answer.without_body = request.method == "HEAD";
    Ok(answer)
}

fn read_many(request: &Request, databases: &Databases, collection: &str) -> Result<Answer> {
    let collection = databases.collection(&request.database, collection)?;
    let Ok(Value::Array(keys)) = serde_json::from_slice(&request.body) else { return Err(Error::numbered(600)) };
    let found = keys.iter().map(|asked| match asked.as_str().or_else(|| asked.get("_key")?.as_str()) {
        None => Error::numbered(1205).in_place(),
        Some(key) => match collection.documents.get(key) {
            Some(document) => collection.with_id(document),
            None => Error::numbered(1202).in_place(),
        },
    });
    Ok(Answer::new(200, found.collect()))
}

fn one(
    request: &Request,
    verb: Verb,
    key: Option<&str>,
    body: Value,
    tx: &mut Transaction<'_>,
    faults: &mut Faults,
) -> Result<Value> {
    let mut document = match body {
        Value::Object(document) => document,
        // A key alone is enough to remove.
        Value::String(key) if verb == Verb::Remove => Document::from_iter([("_key".to_owned(), Value::from(key))]),
        Value::Null if verb == Verb::Remove => Document::new(),
        _ => return Err(Error::numbered(1227)),
    };
    let key_in_path = key.is_some();
    if let Some(key) = key {
        document.insert("_key".into(), key.into());
    }
    if verb == Verb::Create {
        let key = checks::key_for(&document, tx)?;
        checks::wish(&key, faults)?;
        return create(request, &key, document, tx);
    }
    let key = match document.get("_key").and_then(Value::as_str) {
        Some(key) => key.to_owned(),
        None => return Err(Error::numbered(1226)),
    };
    checks::wish(&key, faults)?;
    let old = tx.get(&key).ok_or_else(|| Error::numbered(1202))?;
    let wanted = match request.header("if-match") {
        Some(rev) => Some(rev.trim_matches('"').to_owned()),
        None if request.flag("ignoreRevs", true) => None,
        None => document.get("_rev").and_then(Value::as_str).map(str::to_owned),
    };
    if wanted.is_some_and(|rev| old.get("_rev").and_then(Value::as_str) != Some(&rev)) {
        let status = if key_in_path { 412 } else { 409 };
        return Err(Error::new(status, 1200, "conflict, _rev values do not match"));
    }
    if verb == Verb::Remove {
        tx.remove(&key);
        let rev = rev_of(&old).to_owned();
        return Ok(outcome(request, tx, &key, &rev, None, Some(old)));
    }
    put_over(request, verb, &key, document, old, tx)
}

fn create(request: &Request, key: &str, document: Document, tx: &mut Transaction<'_>) -> Result<Value> {
    let overwrite = if request.flag("overwrite", false) { "replace" } else { "conflict" };
    let mode = request.parameter("overwriteMode").unwrap_or(overwrite).to_owned();
    match tx.get(key) {
        None => {
            checks::ends(&document, tx)?;
            let rev = tx.put(key, document);
            Ok(outcome(request, tx, key, &rev, tx.get(key), None))
        }
        Some(old) => match mode.as_str() {
            "ignore" => Ok(outcome(request, tx, key, rev_of(&old), None, None)),
            "replace" => put_over(request, Verb::Replace, key, document, old, tx),
            "update" => put_over(request, Verb::Update, key, document, old, tx),
            _ => {
                let message =
                    format!("unique constraint violated - in index primary over '_key'; conflicting key: {key}");
                Err(Error::new(409, 1210, message))
            }
        },
    }
}

fn put_over(
    request: &Request,
    verb: Verb,
    key: &str,
    document: Document,
    old: Document,
    tx: &mut Transaction<'_>,
) -> Result<Value> {
    if let Some(attribute) = request.parameter("versionAttribute") {
        let version = |document: &Document| document.get(attribute).and_then(Value::as_u64);
        if let (Some(stored), Some(new)) = (version(&old), version(&document))
            && stored >= new
        {
            return Ok(outcome(request, tx, key, rev_of(&old), None, None));
        }
    }
    let new = match verb {
        Verb::Update => {
            let mut merged = old.clone();
            merge(&mut merged, document, request.flag("mergeObjects", true), request.flag("keepNull", true));
            merged
        }
        _ => document,
    };
    checks::ends(&new, tx)?;
    let rev = tx.put(key, new);
    Ok(outcome(request, tx, key, &rev, tx.get(key), Some(old)))
}

fn rev_of(document: &Document) -> &str {
    document.get("_rev").and_then(Value::as_str).unwrap_or_default()
}

fn outcome(
    request: &Request,
    tx: &Transaction<'_>,
    key: &str,
    rev: &str,
    new: Option<Document>,
    old: Option<Document>,
) -> Value {
    let mut outcome = json!({ "_id": tx.id(key), "_key": key, "_rev": rev });
    if let Some(old) = old {
        if rev_of(&old) != rev {
            outcome["_oldRev"] = rev_of(&old).into();
        }
        if request.flag("returnOld", false) {
            outcome["old"] = Value::Object(old);
        }
    }
    if let Some(new) = new.filter(|_| request.flag("returnNew", false)) {
        outcome["new"] = Value::Object(new);
        outcome["new"]["_id"] = tx.id(key).into();
    }
    outcome
}
