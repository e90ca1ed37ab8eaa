//! What several targets need: a project of a few files that is linked in memory, without a store.

use std::collections::{BTreeMap, HashSet};

use graph_store::{EntityDocument, FileGraph, FileLinks, Repository};
use heavy_compute::{
    facts::FileFacts,
    file::Content,
    graph::{self, Coverage, Detail},
    link::{Manifests, link},
    syntax::{Grammar, Options, extract},
};
use kit::Job;

/// No text in UTF-8 holds it, so it parts the files of one input.
pub const SEPARATOR: u8 = 0xff;

/// Paths of projects; in each, the files can import each other.
pub const LAYOUTS: [[&str; 5]; 5] = [
    ["a.ts", "b.ts", "c.js", "d.tsx", "e/index.ts"],
    ["pkg/__init__.py", "pkg/a.py", "pkg/b.py", "pkg/sub/__init__.py", "app.py"],
    ["a.go", "b.go", "b_test.go", "sub/c.go", "sub/d.go"],
    ["a.c", "a.h", "b.cpp", "b.hpp", "c.c"],
    ["A.java", "B.cs", "c.php", "d.rb", "e.rs"],
];

/// A file as the store would have it.
pub type Known = (FileGraph, FileFacts);

fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "fuzz".into() }
}

/// Reads one file as a run does.
pub fn read(path: &str, text: &[u8]) -> Known {
    let syntax = Grammar::for_path(path)
        .map(|grammar| extract(grammar, text, Options::default(), &|| false).expect("nobody cancels"));
    // What the hash is, is of no matter here.
    let content = Content {
        sha256: "0".repeat(64),
        bytes: text.len() as u64,
        lines: Some(text.split(|byte| *byte == b'\n').count() as u64),
        text: Some(text.to_vec()),
    };
    graph::of_file(
        &repository(),
        path,
        &content,
        syntax.as_ref(),
        Detail { bodies: false, members: false },
        Coverage::None,
    )
}

/// Links files twice, the second time with what was remembered of them: the same comes out, no edge hangs in the air, and
/// no document is there twice.
pub fn check_links(files: &[Known], manifests: &Manifests) {
    let run = |facts: Vec<(String, FileFacts)>| {
        let (mut files, mut packages) = (Vec::new(), BTreeMap::new());
        let summary = link(&Job::<()>::detached(), &repository(), facts, manifests, &|_, _| false, &mut |linked| {
            files.extend(linked.files);
            packages.extend(linked.packages.into_iter().map(|package| (package.key.clone(), package)));
            Ok(())
        });
        let summary = summary.unwrap_or_else(|error| panic!("nobody interrupts: {error:?}"));
        (files, packages.into_values().collect::<Vec<_>>(), summary)
    };
    let fresh = run(files.iter().map(|(graph, facts)| (graph.path.clone(), facts.clone())).collect());
    let stored = run(files
        .iter()
        .map(|(graph, facts)| {
            let back = FileFacts::from_bytes(&graph.facts).expect("what was written can be read");
            assert_eq!(&back, facts, "{}", graph.path);
            (graph.path.clone(), back)
        })
        .collect());
    assert_eq!(fresh, stored, "a second run would write");
    let (linked, packages, _) = fresh;

    let mut entities = HashSet::new();
    for entity in files.iter().flat_map(|(graph, _)| &graph.entities).chain(&packages) {
        assert!(entities.insert(entity.id()), "twice: {entity:?}");
    }
    let mut edges = HashSet::new();
    for edge in files.iter().flat_map(|(graph, _)| &graph.edges).chain(linked.iter().flat_map(|f| &f.edges)) {
        assert!(edges.insert(&edge.key), "twice: {edge:?}");
        assert!(entities.contains(&edge.from) && entities.contains(&edge.to), "hangs in the air: {edge:?}");
    }
    check_starts(files, &linked);
}

/// Edges are stored with the file that they start in: one that starts elsewhere would outlive it.
fn check_starts(files: &[Known], links: &[FileLinks]) {
    assert_eq!(files.len(), links.len());
    for ((graph, _), links) in files.iter().zip(links) {
        assert_eq!(graph.path, links.path);
        let own: HashSet<String> = graph.entities.iter().map(EntityDocument::id).collect();
        for edge in &links.edges {
            assert!(own.contains(&edge.from), "starts in another file than {}: {edge:?}", graph.path);
        }
    }
}
