//! Checks a finished graph against its own rules and against the files it was made from. `gantry demo` succeeds only if
//! this does.

use std::{
    collections::{HashMap, HashSet},
    fs,
    path::Path,
};

use contracts::heavy_compute::GraphCounts;
use graph_store::{GraphStore, Repository, edge_hash, entity_hash};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// What was checked, and what was found wrong.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) documents: u64,
    pub(crate) hashed_files: u64,
    /// The first few of them.
    pub(crate) wrong: Vec<String>,
}

impl Verdict {
    fn wrong(&mut self, what: String) {
        const SHOWN: usize = 10;
        if self.wrong.len() < SHOWN {
            self.wrong.push(what);
        }
    }
}

/// Reads the whole graph of a repository back. `sources` is the folder it was made from, where that is at hand.
pub(crate) fn verify(
    store: &mut dyn GraphStore,
    repository: &Repository,
    told: &GraphCounts,
    sources: Option<&Path>,
) -> Result<Verdict, Problem> {
    let mut bytes = Vec::new();
    store.export(Some(repository), &mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|e| Problem::wrong_result(format!("the export is not UTF-8: {e}")))?;
    let mut verdict = Verdict::default();
    let mut ids = HashSet::new();
    let mut ends = Vec::new();
    let mut found: HashMap<String, u64> = HashMap::new();
    for line in text.lines() {
        let document: Value = serde_json::from_str(line)
            .map_err(|e| Problem::wrong_result(format!("a line of the export is no JSON: {e}: {line}")))?;
        verdict.documents += 1;
        let field = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
        let (collection, key, kind) = (field("collection"), field("_key"), field("kind"));
        let id = format!("{collection}/{key}");
        let expected = if document.get("_from").is_some() {
            ends.push((id.clone(), field("_from").to_owned(), field("_to").to_owned()));
            *found.entry("edges".to_owned()).or_default() += 1;
            edge_hash(field("_from"), field("_to"), kind)
        } else {
            let name = if kind == "file" { field("file_path") } else { field("name") };
            *found.entry(if kind == "file" { "files" } else { "definitions" }.to_owned()).or_default() += 1;
            entity_hash(&repository.repo_id, field("file_path"), kind, name, field("signature"))
        };
        if expected != key {
            verdict.wrong(format!("{id}: its key should be {expected}"));
        }
        if !ids.insert(id.clone()) {
            verdict.wrong(format!("{id}: is there twice"));
        }
        if let (Some(root), "file") = (sources, kind) {
            verdict.hashed_files += 1;
            let path = root.join(field("file_path"));
            match fs::read(&path) {
                Ok(content) if hex::encode(Sha256::digest(&content)) == field("content_sha256") => {}
                Ok(_) => verdict.wrong(format!("{}: the graph has another content", path.display())),
                Err(error) => verdict.wrong(format!("{}: {error}", path.display())),
            }
        }
    }
    for (id, from, to) in ends {
        for end in [from, to] {
            if !ids.contains(&end) {
                verdict.wrong(format!("{id}: {end} is not in the graph"));
            }
        }
    }
    let number = |name: &str| found.get(name).copied().unwrap_or_default();
    let read = (number("files"), number("files") + number("definitions"), number("edges"));
    if read != (told.files, told.entities, told.edges) {
        verdict.wrong(format!(
            "the run told of {} files, {} entities, {} edges; the graph has {read:?}",
            told.files, told.entities, told.edges
        ));
    }
    if told.files == 0 {
        verdict.wrong("the graph has no files".to_owned());
    }
    Ok(verdict)
}
