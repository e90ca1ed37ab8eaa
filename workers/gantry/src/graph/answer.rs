//! What a question is answered with, for people and for programs.

use graph_store::{EdgeDocument, EntityDocument};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{problem::Problem, report};

/// An answer in both forms.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) json: Value,
    /// What is to be known about it, for people in both cases.
    pub(super) notes: Vec<String>,
}

impl Answer {
    pub(super) fn print(&self, as_json: bool) -> Result<(), Problem> {
        report::data(&if as_json { self.json.to_string() } else { self.text.clone() })?;
        self.notes.iter().for_each(|note| report::note(note));
        Ok(())
    }
}

/// The note on an answer that was cut off.
pub(super) fn cut(limit: usize) -> String {
    format!("only {limit} shown; --limit shows more")
}

/// What a table has of an entity.
pub(super) const ENTITY: [&str; 3] = ["kind", "name", "where"];

pub(super) fn entity_cells(entity: &EntityDocument) -> Vec<String> {
    vec![entity.kind.as_str().to_owned(), printable(&entity.name), place(entity)]
}

/// What a table has of an edge.
pub(super) const EDGE: [&str; 2] = ["confidence", "origin"];

pub(super) fn edge_cells(edge: &EdgeDocument) -> Vec<String> {
    vec![edge.confidence.to_string(), word(&edge.origin)]
}

/// `file:line`; of a package, who brings it.
fn place(entity: &EntityDocument) -> String {
    let path = printable(&entity.file_path);
    match (entity.start_line, entity.file_path.is_empty()) {
        (_, true) => entity.signature.as_deref().map(printable).unwrap_or_default(),
        (Some(line), _) => format!("{path}:{line}"),
        (None, _) => path,
    }
}

/// A table of entities, with a column for their repositories if they have several.
pub(super) fn table<'a>(head: &[&str], rows: impl Iterator<Item = (&'a EntityDocument, Vec<String>)>) -> String {
    let (entities, mut rows): (Vec<&EntityDocument>, Vec<Vec<String>>) = rows.unzip();
    let mut head = head.to_vec();
    let first = entities.first().map(|e| &e.repo_id);
    if entities.iter().any(|e| Some(&e.repo_id) != first) {
        head.push("repository");
        for (entity, row) in entities.iter().zip(&mut rows) {
            row.push(printable(&entity.repo_id));
        }
    }
    report::table(&head, &rows)
}

/// A document as an export has it.
pub(super) fn entity_json(entity: &EntityDocument) -> Value {
    with_collection(entity, entity.kind.collection())
}

pub(super) fn edge_json(edge: &EdgeDocument) -> Value {
    with_collection(edge, edge.kind.collection())
}

fn with_collection<T: Serialize>(document: &T, collection: &str) -> Value {
    let mut value = json!(document);
    if let Some(fields) = value.as_object_mut() {
        fields.insert("collection".to_owned(), collection.into());
    }
    value
}

/// How a value that is one word is spelt in documents.
pub(super) fn word<T: Serialize>(value: &T) -> String {
    json!(value).as_str().unwrap_or_default().to_owned()
}

/// Names and paths come from foreign sources; a terminal must not obey them.
pub(super) fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
