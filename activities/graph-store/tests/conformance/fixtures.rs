//! Small graphs, and looking at what a store made of them.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicI64, Ordering},
};

use graph_store::{
    EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, GraphStore, Origin, Repository, Run,
};
use serde_json::Value;

/// Later runs have larger epochs.
pub(crate) fn next_epoch() -> i64 {
    static EPOCH: AtomicI64 = AtomicI64::new(1);
    EPOCH.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn repository() -> Repository {
    named("demo")
}

pub(crate) fn named(repo_id: &str) -> Repository {
    Repository { org_id: "default".into(), repo_id: repo_id.into() }
}

pub(crate) fn run(store: &mut dyn GraphStore) -> Run {
    store.begin_run(&repository(), next_epoch()).unwrap()
}

/// A file that defines `names`, the first of which calls all the others.
pub(crate) fn file(path: &str, content: &str, names: &[&str]) -> FileGraph {
    file_of(&repository(), path, content, names)
}

pub(crate) fn file_of(repository: &Repository, path: &str, content: &str, names: &[&str]) -> FileGraph {
    let name = path.rsplit('/').next().unwrap();
    let mut entity = EntityDocument::new(repository, path, EntityKind::File, name, None, Origin::Syntax);
    entity.language = Some("typescript".into());
    entity.content_sha256 = Some(content.into());
    let mut entities = vec![entity];
    let mut edges = Vec::new();
    for (line, name) in (1..).zip(names) {
        let mut function = function_of(repository, path, name);
        function.start_line = Some(line);
        edges.push(edge_of(repository, &entities[0].id(), &function.id(), EdgeKind::Contains));
        if entities.len() > 1 {
            edges.push(edge_of(repository, &entities[1].id(), &function.id(), EdgeKind::Calls));
        }
        entities.push(function);
    }
    FileGraph {
        path: path.into(),
        content_sha256: content.into(),
        extractor: "1".into(),
        entities,
        edges,
        facts: Vec::new(),
    }
}

pub(crate) fn function(path: &str, name: &str) -> EntityDocument {
    function_of(&repository(), path, name)
}

fn function_of(repository: &Repository, path: &str, name: &str) -> EntityDocument {
    let signature = Some(format!("function {name}()"));
    EntityDocument::new(repository, path, EntityKind::Function, name, signature, Origin::Syntax)
}

pub(crate) fn package(repository: &Repository, name: &str) -> EntityDocument {
    EntityDocument::new(repository, "", EntityKind::Package, name, Some("npm".into()), Origin::Syntax)
}

pub(crate) fn file_id(repository: &Repository, path: &str) -> String {
    EntityDocument::new(repository, path, EntityKind::File, path, None, Origin::Syntax).id()
}

pub(crate) fn edge(from: &str, to: &str, kind: EdgeKind) -> EdgeDocument {
    edge_of(&repository(), from, to, kind)
}

pub(crate) fn edge_of(repository: &Repository, from: &str, to: &str, kind: EdgeKind) -> EdgeDocument {
    EdgeDocument::new(repository, from.into(), to.into(), kind, Origin::Syntax, 0.9)
}

pub(crate) fn links(path: &str, digest: &str, edges: Vec<EdgeDocument>) -> FileLinks {
    FileLinks { path: path.into(), digest: digest.into(), edges }
}

pub(crate) fn export(store: &mut dyn GraphStore) -> String {
    let mut bytes = Vec::new();
    store.export(None, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

pub(crate) fn export_of(store: &mut dyn GraphStore, repository: &Repository) -> String {
    let mut bytes = Vec::new();
    store.export(Some(repository), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Fails if an edge hangs in the air or a document is there twice.
pub(crate) fn assert_whole(export: &str) {
    let documents: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut ids = HashSet::new();
    for document in &documents {
        let id = format!("{}/{}", document["collection"].as_str().unwrap(), document["_key"].as_str().unwrap());
        assert!(ids.insert(id.clone()), "{id} is there twice");
    }
    for document in documents.iter().filter(|d| d.get("_from").is_some()) {
        for end in ["_from", "_to"] {
            assert!(ids.contains(document[end].as_str().unwrap()), "{document} hangs in the air");
        }
    }
}
