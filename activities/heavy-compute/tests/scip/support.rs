//! Sources with indexes that are written by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use contracts::heavy_compute::{FinishIndexInput, ParseRestInput, ParseRestOutput, RunScipInput, RunScipOutput};
use graph_store::Repository;
use heavy_compute::{Hosts, Settings, indexer::Limits, memory::MemoryBudget, steps};
use kit::{AllowedRoots, BlobStore, Failure, Job, WorkError};
use prost::Message;
use scip_index::proto::{Document, Index, Metadata, Occurrence, Relationship, SymbolInformation, ToolInfo};
use serde_json::Value;

/// A document of an index, written down beside its source.
pub(crate) struct Doc {
    text: String,
    pub(crate) document: Document,
}

impl Doc {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let document = Document { relative_path: path.to_owned(), ..Document::default() };
        Self { text: text.to_owned(), document }.at("", 0, &format!("{PACKAGE} `{path}`/"), 1)
    }

    /// Line and character, in UTF-16, of the `nth` place of `needle`, from 0.
    fn place(&self, needle: &str, nth: usize) -> (i32, i32, i32) {
        let at = self.text.match_indices(needle).nth(nth).unwrap_or_else(|| panic!("no {nth}. {needle:?}")).0;
        let before = &self.text[..at];
        let line = before.matches('\n').count();
        let column = before.rsplit('\n').next().unwrap().encode_utf16().count();
        let units = needle.encode_utf16().count();
        let number = |n: usize| i32::try_from(n).unwrap();
        (number(line), number(column), number(column + units))
    }

    fn at(mut self, needle: &str, nth: usize, symbol: &str, roles: i32) -> Self {
        let (line, from, to) = self.place(needle, nth);
        let range = vec![line, from, to];
        let occurrence = Occurrence { range, symbol: symbol.to_owned(), symbol_roles: roles, ..Occurrence::default() };
        self.document.occurrences.push(occurrence);
        self
    }

    /// `symbol` is the descriptors, in the package of the index.
    pub(crate) fn defines(self, needle: &str, nth: usize, symbol: &str) -> Self {
        self.at(needle, nth, &symbol_of(symbol), 1)
    }

    pub(crate) fn refers(self, needle: &str, nth: usize, symbol: &str) -> Self {
        self.at(needle, nth, &symbol_of(symbol), 0)
    }

    pub(crate) fn implements(mut self, symbol: &str, other: &str) -> Self {
        let relationship =
            Relationship { symbol: symbol_of(other), is_implementation: true, ..Relationship::default() };
        let symbol = symbol_of(symbol);
        let relationships = vec![relationship];
        self.document.symbols.push(SymbolInformation { symbol, relationships, ..SymbolInformation::default() });
        self
    }

    pub(crate) fn documents(mut self, symbol: &str, block: &str) -> Self {
        let (symbol, documentation) = (symbol_of(symbol), vec![block.as_bytes().to_vec()]);
        self.document.symbols.push(SymbolInformation { symbol, documentation, ..SymbolInformation::default() });
        self
    }
}

const PACKAGE: &str = "scip-typescript npm shop 1.0.0";

fn symbol_of(descriptors: &str) -> String {
    if descriptors.starts_with("local ") || descriptors.starts_with("scip-") {
        descriptors.to_owned()
    } else {
        format!("{PACKAGE} {descriptors}")
    }
}

pub(crate) fn encoded(documents: impl IntoIterator<Item = Document>) -> Vec<u8> {
    let tool_info = Some(ToolInfo { name: "scip-typescript".into(), ..ToolInfo::default() });
    let metadata = Some(Metadata { tool_info, ..Metadata::default() });
    Index { metadata, documents: documents.into_iter().collect(), ..Index::default() }.encode_to_vec()
}

/// A workspace and its graph.
pub(crate) struct World {
    folder: tempfile::TempDir,
    pub(crate) settings: Settings,
    pub(crate) indexes: Vec<String>,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            host_queue: "heavy-compute@host".into(),
            workspaces: folder.path().join("workspaces"),
            indexes: folder.path().join("kept"),
            indexer_limits: Limits::default(),
            graph: format!("sqlite:{}/graph.db", folder.path().display()).parse().unwrap(),
            blobs: BlobStore::in_memory().unwrap(),
            roots: AllowedRoots::new([folder.path().to_owned()]),
            hosts: Hosts::new(|| Ok(Vec::new())),
            memory: MemoryBudget::default(),
        };
        fs::create_dir(folder.path().join("src")).unwrap();
        Self { folder, settings, indexes: Vec::new() }
    }

    /// Sources and one index of all of them.
    pub(crate) fn of(documents: &[Doc]) -> Self {
        let mut world = Self::new();
        for doc in documents {
            world.write(&doc.document.relative_path, &doc.text);
        }
        world.index("index.scip", &encoded(documents.iter().map(|doc| doc.document.clone())));
        world
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.path("src")
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let place = self.root().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    /// Puts an index beside the sources, where they are relative to it.
    pub(crate) fn index(&mut self, path: &str, bytes: &[u8]) {
        let place = self.path("indexes").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(&place, bytes).unwrap();
        let place = place.to_str().unwrap().to_owned();
        if !self.indexes.contains(&place) {
            self.indexes.push(place);
        }
    }

    pub(crate) fn input(&self) -> RunScipInput {
        let root = self.root();
        serde_json::from_value(serde_json::json!({
            "workspaceDir": root, "repoId": "r", "scipFiles": self.indexes, "indexers": [],
        }))
        .unwrap()
    }

    pub(crate) fn scip(&self) -> Result<RunScipOutput, WorkError> {
        steps::run_scip(&Job::detached(), &self.settings, &self.input(), None)
    }

    /// What the workflow does.
    pub(crate) fn run(&self) -> (RunScipOutput, ParseRestOutput) {
        let scip = self.scip().unwrap();
        let rest = self.rest(&scip);
        (scip, rest)
    }

    pub(crate) fn rest(&self, scip: &RunScipOutput) -> ParseRestOutput {
        let input = ParseRestInput {
            workspace_dir: self.root().to_str().unwrap().to_owned(),
            repo_id: "r".into(),
            org_id: "default".into(),
            covered: scip.covered.clone(),
            commit: None,
            include_bodies: false,
            include_members: false,
        };
        let rest = steps::parse_rest(&Job::detached(), &self.settings, &input, None).unwrap();
        let finish = FinishIndexInput {
            repo_id: "r".into(),
            org_id: "default".into(),
            scanned: rest.scanned.clone(),
            commit: None,
        };
        steps::finish_index(&Job::<()>::detached(), &self.settings, &finish).unwrap();
        rest
    }

    pub(crate) fn covered(&self, scip: &RunScipOutput) -> Vec<String> {
        let blob = scip.covered.as_ref().unwrap();
        serde_json::from_slice(&self.settings.blobs.get(blob).unwrap()).unwrap()
    }

    pub(crate) fn export(&self) -> String {
        let mut store = self.settings.graph.open().unwrap();
        let mut bytes = Vec::new();
        let repository = Repository { org_id: "default".into(), repo_id: "r".into() };
        store.export(Some(&repository), &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        check(&text);
        text
    }

    /// Entities, as lines of the export.
    pub(crate) fn entities(&self) -> BTreeSet<String> {
        self.export().lines().filter(|line| !line.contains("\"_from\"")).map(str::to_owned).collect()
    }

    /// The same without packages, which the edges bring.
    pub(crate) fn entities_of_sources(&self) -> BTreeSet<String> {
        self.entities().into_iter().filter(|line| !line.contains("\"kind\":\"package\"")).collect()
    }

    /// `FROM kind TO` of every edge that a name makes, and what else it says.
    pub(crate) fn edges(&self) -> BTreeMap<String, Value> {
        edges(&self.export())
    }

    /// The same of one origin, without the rest.
    pub(crate) fn edges_by(&self, origin: &str) -> Vec<String> {
        let edges = self.edges();
        edges.iter().filter(|(_, edge)| edge["origin"] == origin).map(|(edge, _)| edge.clone()).collect()
    }
}

pub(crate) fn edges(export: &str) -> BTreeMap<String, Value> {
    let documents: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let text = |document: &Value, field: &str| document[field].as_str().unwrap().to_owned();
    let mut names = BTreeMap::new();
    for document in documents.iter().filter(|document| document.get("_from").is_none()) {
        let id = format!("{}/{}", text(document, "collection"), text(document, "_key"));
        let owner = document["parent"].as_str().map(|parent| format!("{parent}.")).unwrap_or_default();
        let name = if document["kind"] == "file" { text(document, "file_path") } else { text(document, "name") };
        names.insert(id, format!("{owner}{name}"));
    }
    let edges = documents.into_iter().filter(|document| document.get("_from").is_some());
    edges
        .filter(|edge| !matches!(edge["kind"].as_str(), Some("contains" | "member_of")))
        .map(|edge| {
            let told =
                format!("{} {} {}", names[&text(&edge, "_from")], text(&edge, "kind"), names[&text(&edge, "_to")]);
            (told, edge)
        })
        .collect()
}

/// No edge hangs in the air, no document is there twice.
fn check(export: &str) {
    let mut ids = BTreeSet::new();
    let mut ends = Vec::new();
    for line in export.lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        let (collection, key) = (document["collection"].as_str().unwrap(), document["_key"].as_str().unwrap());
        assert!(ids.insert(format!("{collection}/{key}")), "twice: {line}");
        if let (Some(from), Some(to)) = (document["_from"].as_str(), document["_to"].as_str()) {
            ends.extend([from.to_owned(), to.to_owned()]);
        }
    }
    for end in ends {
        assert!(ids.contains(&end), "nothing is at {end}");
    }
}

pub(crate) fn failure<T: std::fmt::Debug>(result: Result<T, WorkError>) -> Failure {
    match result.unwrap_err() {
        WorkError::Failed(failure) => failure,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
