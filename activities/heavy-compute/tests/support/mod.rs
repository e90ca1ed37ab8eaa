//! A project of a few files that is indexed into a graph of its own, again and again.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    fs,
};

use graph_store::{GraphStore, Repository, SqliteGraph};
use heavy_compute::{
    graph::Detail,
    index::{Indexed, Task, index},
    memory::MemoryBudget,
};
use kit::Job;

pub fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "r".into() }
}

/// A workspace and the graph that each run of it goes on with.
pub struct Project {
    pub folder: tempfile::TempDir,
    pub store: SqliteGraph,
    pub files: BTreeMap<String, String>,
    pub epoch: i64,
}

impl Project {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
        Self { folder, store, files: BTreeMap::new(), epoch: 0 }
    }

    pub fn with(files: &[(&str, &str)]) -> Self {
        let mut project = Self::new();
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    pub fn write(&mut self, path: &str, text: &str) {
        let place = self.folder.path().join("src").join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
        self.files.insert(path.to_owned(), text.to_owned());
    }

    pub fn remove(&mut self, path: &str) {
        if self.files.remove(path).is_some() {
            fs::remove_file(self.folder.path().join("src").join(path)).unwrap();
        }
    }

    /// What parseRest and finishIndex do.
    pub fn run(&mut self) -> Indexed {
        self.epoch += 1;
        let (root, covered) = (self.folder.path().join("src"), HashSet::new());
        let files: Vec<String> = self.files.keys().cloned().collect();
        let run = self.store.begin_run(&repository(), self.epoch).unwrap();
        let detail = Detail { bodies: false, members: false };
        let task = Task { root: &root, files: &files, covered: &covered, detail, memory: MemoryBudget::default() };
        let indexed = index(&Job::detached(), &mut self.store, &run, &task, None).unwrap();
        self.store.retain_files(&run, &files.into_iter().collect(), None).unwrap();
        indexed
    }

    pub fn export(&mut self) -> String {
        let mut bytes = Vec::new();
        self.store.export(None, &mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        check(&text);
        text
    }

    /// The graph that one run over the same files makes.
    pub fn full_run(&self) -> String {
        let mut fresh = Self::new();
        for (path, text) in &self.files {
            fresh.write(path, text);
        }
        fresh.run();
        fresh.export()
    }

    /// `FROM kind TO` of every edge that a name makes, by names.
    pub fn links(&mut self) -> BTreeSet<String> {
        let export = self.export();
        let documents: Vec<serde_json::Value> =
            export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let text = |document: &serde_json::Value, field: &str| document[field].as_str().unwrap().to_owned();
        let mut names = BTreeMap::new();
        for document in documents.iter().filter(|document| document.get("_from").is_none()) {
            let id = format!("{}/{}", text(document, "collection"), text(document, "_key"));
            names.insert(id, text(document, "name"));
        }
        let edges = documents.iter().filter(|document| document.get("_from").is_some());
        edges
            .filter(|edge| !matches!(edge["kind"].as_str(), Some("contains" | "member_of")))
            .map(|edge| format!("{} {} {}", names[&text(edge, "_from")], text(edge, "kind"), names[&text(edge, "_to")]))
            .collect()
    }
}

/// No edge hangs in the air, no document is there twice.
pub fn check(export: &str) {
    let mut ids = HashSet::new();
    let mut ends = Vec::new();
    for line in export.lines() {
        let document: serde_json::Value = serde_json::from_str(line).unwrap();
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
