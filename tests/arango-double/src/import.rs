//! `POST /_api/import`.

use serde_json::{Value, json};

use crate::{
    checks,
    database::{Databases, Document, Transaction, merge},
    envelope::{Answer, Error, Result},
    faults::Faults,
    log::Step,
    request::Request,
};

/// Bytes of an offending document that are repeated.
const OFFENDER: usize = 255;

/// What was found in the body.
#[derive(Default)]
struct Parsed {
    documents: Vec<(usize, Document)>,
    empty: u64,
    /// Details of what could not be read, with their error.
    failed: Vec<(String, Error)>,
}

pub(crate) fn handle(request: &Request, databases: &mut Databases, faults: &mut Faults) -> Result<(Answer, Vec<Step>)> {
    let Some(collection) = request.parameter("collection").filter(|name| !name.is_empty()) else {
        return Err(Error::numbered(1204));
    };
    let mut tx = Transaction::begin(databases, &request.database, collection)?;
    let first = request.body.iter().find(|b| !b.is_ascii_whitespace());
    let mut parsed = match request.parameter("type") {
        Some("auto") if first == Some(&b'[') => array(&request.body)?,
        Some("documents" | "auto") => lines(&request.body),
        Some("array" | "list") => array(&request.body)?,
        None | Some("") => rows(request)?,
        Some(_) => return Err(Error::new(400, 10, "invalid value for 'type'")),
    };
    if request.flag("overwrite", false) {
        tx.truncate();
    }
    let details = request.flag("details", false);
    let complete = request.flag("complete", false);
    let mut counts = json!({ "error": false, "created": 0, "updated": 0, "ignored": 0, "empty": parsed.empty });
    let mut add = |what: &str| counts[what] = (counts[what].as_u64().unwrap_or_default() + 1).into();
    let mut errors: Vec<String> = Vec::new();
    // What cannot be read fails first, as the server builds the list of documents before it stores one.
    for (position, document) in std::mem::take(&mut parsed.documents) {
        let document = prefixed(request, document);
        if tx.is_edges() && !(is_text(&document, "_from") && is_text(&document, "_to")) {
            let text = format!("at position {position}: missing '_from' or '_to' attribute, offending document: ");
            parsed.failed.push((text + &offender(&document), Error::numbered(1233)));
        } else {
            parsed.documents.push((position, document));
        }
    }
    for (detail, error) in parsed.failed {
        if complete {
            return Err(Error::new(500, error.number, detail));
        }
        errors.push(detail);
    }
    for (index, (_, document)) in parsed.documents.into_iter().enumerate() {
        let shown = offender(&document);
        match store(request, document, &mut tx, faults) {
            Ok(what) => add(what),
            Err(error) if complete => return Err(error),
            Err(error) => errors.push(format!(
                "at position {index}: creating document failed with error '{}', offending document: {shown}",
                error.message
            )),
        }
    }
    counts["errors"] = errors.len().into();
    if details {
        counts["details"] = errors.into();
    }
    Ok((Answer::new(201, counts), tx.into_steps()))
}

fn store(request: &Request, document: Document, tx: &mut Transaction<'_>, faults: &mut Faults) -> Result<&'static str> {
    let key = checks::key_for(&document, tx)?;
    checks::wish(&key, faults)?;
    let mode = request.parameter("onDuplicate").unwrap_or("error").to_owned();
    match (tx.get(&key), mode.as_str()) {
        (None, _) => {
            checks::ends(&document, tx)?;
            tx.put(&key, document);
            Ok("created")
        }
        (Some(_), "ignore") => Ok("ignored"),
        (Some(_), "replace") => {
            checks::ends(&document, tx)?;
            tx.put(&key, document);
            Ok("updated")
        }
        (Some(mut old), "update") => {
            merge(&mut old, document, true, true);
            checks::ends(&old, tx)?;
            tx.put(&key, old);
            Ok("updated")
        }
        _ => Err(Error::numbered(1210)),
    }
}

/// A document in each line.
fn lines(body: &[u8]) -> Parsed {
    let mut parsed = Parsed::default();
    let mut lines: Vec<&[u8]> = body.split(|b| *b == b'\n').collect();
    // What stands behind the last line feed is a line only if there is something.
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    for (n, line) in lines.into_iter().enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            parsed.empty += 1;
            continue;
        }
        add(&mut parsed, n + 1, serde_json::from_slice(line).ok(), line);
    }
    parsed
}

fn add(parsed: &mut Parsed, position: usize, value: Option<Value>, text: &[u8]) {
    match value {
        Some(Value::Object(document)) => parsed.documents.push((position, document)),
        other => {
            let (why, what) = match other {
                None => (" (expecting object, probably parse error)", "context"),
                Some(_) => (" (expecting object)", "document"),
            };
            let text = cut(&String::from_utf8_lossy(text));
            let detail = format!("at position {position}: invalid JSON type{why}, offending {what}: {text}");
            parsed.failed.push((detail, Error::numbered(600)));
        }
    }
}

/// One array with all documents.
fn array(body: &[u8]) -> Result<Parsed> {
    let value: Value = match body.trim_ascii() {
        b"" => Value::Null,
        body => serde_json::from_slice(body).map_err(|_| Error::numbered(600))?,
    };
    let Value::Array(values) = value else {
        return Err(Error::new(400, 400, "expecting a JSON array in the request"));
    };
    let mut parsed = Parsed::default();
    for (n, value) in values.into_iter().enumerate() {
        let text = value.to_string();
        add(&mut parsed, n + 1, Some(value), text.as_bytes());
    }
    Ok(parsed)
}

/// The names of the attributes in the first line, the values of a document in each other one.
fn rows(request: &Request) -> Result<Parsed> {
    let mut parsed = Parsed::default();
    let mut names: Option<Vec<String>> = None;
    let mut lines: Vec<&[u8]> = request.body.split(|b| *b == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    for (n, line) in lines.into_iter().enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() {
            parsed.empty += 1;
            continue;
        }
        let value: Option<Value> = serde_json::from_slice(line).ok();
        let Some(names) = &names else {
            let header = value.as_ref().and_then(Value::as_array);
            let header = header.and_then(|row| row.iter().map(|v| v.as_str().map(str::to_owned)).collect());
            names = Some(header.ok_or_else(|| Error::new(400, 400, "no JSON array found in first line"))?);
            continue;
        };
        match value {
            Some(Value::Array(row)) if row.len() == names.len() || request.flag("ignoreMissing", false) => {
                parsed.documents.push((n + 1, names.iter().cloned().zip(row).collect()));
            }
            Some(Value::Array(row)) => {
                let detail = format!(
                    "at position {}: wrong number of JSON values (got {}, expected {})",
                    n + 1,
                    row.len(),
                    names.len()
                );
                parsed.failed.push((detail, Error::numbered(600)));
            }
            _ => {
                let text = cut(&String::from_utf8_lossy(line));
                let detail = format!("at position {}: no valid JSON array data, offending context: {text}", n + 1);
                parsed.failed.push((detail, Error::numbered(600)));
            }
        }
    }
    if names.is_none() {
        return Err(Error::new(400, 400, "no JSON array found in first line"));
    }
    Ok(parsed)
}

/// Puts prefixes before ends that name no collection.
fn prefixed(request: &Request, mut document: Document) -> Document {
    for (field, parameter) in [("_from", "fromPrefix"), ("_to", "toPrefix")] {
        let Some(prefix) = request.parameter(parameter).filter(|prefix| !prefix.is_empty()) else { continue };
        let Some(Value::String(end)) = document.get_mut(field) else { continue };
        let key = match end.split_once('/') {
            None => end.clone(),
            Some((_, key)) if request.flag("overwriteCollectionPrefix", false) => key.to_owned(),
            Some(_) => continue,
        };
        *end = format!("{}/{key}", prefix.trim_end_matches('/'));
    }
    document
}

fn is_text(document: &Document, field: &str) -> bool {
    document.get(field).is_some_and(Value::is_string)
}

fn offender(document: &Document) -> String {
    cut(&Value::Object(document.clone()).to_string())
}

fn cut(text: &str) -> String {
    if text.len() <= OFFENDER {
        return text.to_owned();
    }
    let end = (0..=OFFENDER).rev().find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    format!("{}...", text.get(..end).unwrap_or_default())
}
