//! Checks a finished graph against its own rules and against the files it was made from. `gantry demo` succeeds only if
//! this does.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
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
    pub(crate) by_language: BTreeMap<String, LanguageCounts>,
    /// The first few of them.
    pub(crate) wrong: Vec<String>,
}

/// What the graph holds of one language. An edge counts for the language in which it starts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct LanguageCounts {
    pub(crate) files: u64,
    pub(crate) entities: u64,
    pub(crate) edges: u64,
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
    let mut languages: HashMap<String, String> = HashMap::new();
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
            let language = if field("language").is_empty() { "none" } else { field("language") };
            languages.insert(id.clone(), language.to_owned());
            let counts = verdict.by_language.entry(language.to_owned()).or_default();
            counts.files += u64::from(kind == "file");
            counts.entities += 1;
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
        if let Some(language) = languages.get(&from) {
            verdict.by_language.entry(language.clone()).or_default().edges += 1;
        }
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

#[cfg(test)]
mod tests {
    use graph_store::{EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, Origin, SqliteGraph};

    use super::*;

    /// A graph of one file with one function, and what is said of it.
    fn graph(folder: &Path, change: impl FnOnce(&mut FileGraph)) -> (SqliteGraph, Repository, GraphCounts) {
        let repository = Repository { org_id: "default".into(), repo_id: "r".into() };
        fs::write(folder.join("a.ts"), "function f() {}\n").unwrap();
        let sha256 = hex::encode(Sha256::digest("function f() {}\n"));
        let mut file = EntityDocument::new(&repository, "a.ts", EntityKind::File, "a.ts", None, Origin::Syntax);
        file.content_sha256 = Some(sha256.clone());
        let signature = Some("function f()".to_owned());
        let f = EntityDocument::new(&repository, "a.ts", EntityKind::Function, "f", signature, Origin::Syntax);
        let edge = EdgeDocument::new(&repository, file.id(), f.id(), EdgeKind::Contains, Origin::Syntax, 1.0);
        let mut graph = FileGraph {
            path: "a.ts".into(),
            content_sha256: sha256,
            extractor: "1".into(),
            entities: vec![file, f],
            edges: vec![edge],
            facts: Vec::new(),
        };
        change(&mut graph);
        let mut store = SqliteGraph::open(&folder.join("graph.db")).unwrap();
        let run = store.begin_run(&repository, 1).unwrap();
        store.replace_files(&run, &[graph]).unwrap();
        let told = GraphCounts { files: 1, entities: 2, edges: 1, by_kind: BTreeMap::new(), ..GraphCounts::default() };
        (store, repository, told)
    }

    fn wrong(change: impl FnOnce(&mut FileGraph)) -> String {
        let folder = tempfile::tempdir().unwrap();
        let (mut store, repository, told) = graph(folder.path(), change);
        verify(&mut store, &repository, &told, Some(folder.path())).unwrap().wrong.join("\n")
    }

    #[test]
    fn a_right_graph_is_found_right() {
        assert_eq!(wrong(|_| {}), "");
    }

    #[test]
    fn whatever_is_wrong_is_found() {
        type Change = fn(&mut FileGraph);
        // An edge whose end is missing is refused by this store already.
        let changes: [(&str, Change); 5] = [
            ("its key should be", |g| g.entities[1].name = "g".into()),
            ("its key should be", |g| g.edges[0].key = "0".repeat(16)),
            ("the graph has another content", |g| g.entities[0].content_sha256 = Some("0".repeat(64))),
            ("the run told of 1 files, 2 entities, 1 edges", |g| g.edges.clear()),
            ("No such file", |g| g.entities[0].file_path = "b.ts".into()),
        ];
        for (expected, change) in changes {
            let found = wrong(change);
            assert!(found.contains(expected), "{expected}: {found}");
        }
    }
}
