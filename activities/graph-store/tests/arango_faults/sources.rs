//! A repository in three versions, and the indexer's way to write one.

use std::collections::{BTreeMap, HashSet};

use graph_store::{
    EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, GraphStore, Origin, Repository,
    SqliteGraph, StoreResult,
};

pub(crate) fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "demo".into() }
}

/// What the files hold: names of functions by path.
pub(crate) type Sources = BTreeMap<&'static str, Vec<&'static str>>;

/// Names vanish, appear and move, a file goes, one comes, a package goes.
pub(crate) fn versions() -> [Sources; 3] {
    [
        Sources::from([("a.ts", vec!["f", "g"]), ("b.ts", vec!["g", "h", "lib"]), ("gone.ts", vec!["f", "old"])]),
        Sources::from([("a.ts", vec!["f", "x", "g"]), ("b.ts", vec!["h"]), ("new.ts", vec!["h", "f"])]),
        Sources::from([("a.ts", vec!["f", "g"]), ("b.ts", vec!["g", "lib", "k"]), ("new.ts", vec!["g"])]),
    ]
}

pub(crate) fn function(path: &str, name: &str) -> EntityDocument {
    let signature = Some(format!("function {name}()"));
    EntityDocument::new(&repository(), path, EntityKind::Function, name, signature, Origin::Syntax)
}

pub(crate) fn edge(from: &EntityDocument, to: &EntityDocument, kind: EdgeKind) -> EdgeDocument {
    EdgeDocument::new(&repository(), from.id(), to.id(), kind, Origin::Syntax, 0.9)
}

pub(crate) fn file(path: &str, names: &[&str]) -> FileGraph {
    let mut entity = EntityDocument::new(&repository(), path, EntityKind::File, path, None, Origin::Syntax);
    // The same entity in each version, and another document.
    entity.doc = Some(names.join(" "));
    let mut graph = FileGraph {
        path: path.into(),
        content_sha256: names.join(" "),
        extractor: "1".into(),
        entities: vec![entity.clone()],
        edges: Vec::new(),
        facts: names.join(" ").into_bytes(),
    };
    for (line, name) in (1..).zip(names) {
        let mut function = function(path, name);
        function.start_line = Some(line);
        graph.edges.push(edge(&entity, &function, EdgeKind::Contains));
        graph.entities.push(function);
    }
    graph
}

/// The first function of each file calls those of other files that are named as one of its own, and each file imports
/// `lib` that has a name like it.
pub(crate) fn links(sources: &Sources) -> (Vec<FileLinks>, Vec<EntityDocument>) {
    let lib = EntityDocument::new(&repository(), "", EntityKind::Package, "lib", Some("npm".into()), Origin::Syntax);
    let mut packages = Vec::new();
    let mut all = Vec::new();
    for (path, names) in sources {
        let mut edges = Vec::new();
        for (other, theirs) in sources.iter().filter(|(other, _)| *other != path) {
            for name in theirs.iter().filter(|name| names.contains(name)) {
                edges.push(edge(&function(path, names[0]), &function(other, name), EdgeKind::Calls));
            }
        }
        if names.contains(&"lib") {
            packages = vec![lib.clone()];
            edges.push(edge(&file(path, names).entities[0], &lib, EdgeKind::Imports));
        }
        let digest = edges.iter().map(|e| e.key.as_str()).collect();
        all.push(FileLinks { path: (*path).into(), digest, edges });
    }
    (all, packages)
}

/// As the indexer does it: changed files, then links, then what is gone.
pub(crate) fn index(store: &mut dyn GraphStore, epoch: i64, sources: &Sources) -> StoreResult<()> {
    index_with(store, epoch, sources, || ())
}

/// The same, with something that happens when all files are written and nothing is linked.
pub(crate) fn index_with(
    store: &mut dyn GraphStore,
    epoch: i64,
    sources: &Sources,
    between: impl FnOnce(),
) -> StoreResult<()> {
    let run = store.begin_run(&repository(), epoch)?;
    let known = store.indexed_files(&repository())?;
    let graphs: Vec<FileGraph> = sources
        .iter()
        .map(|(path, names)| file(path, names))
        .filter(|g| known.get(&g.path).is_none_or(|k| k.content_sha256 != g.content_sha256 || k.extractor != "1"))
        .collect();
    for graphs in graphs.chunks(2) {
        store.replace_files(&run, graphs)?;
    }
    between();
    let known = store.indexed_files(&repository())?;
    let gone = known.keys().any(|path| !sources.contains_key(path.as_str()));
    if gone || store.link_summary(&repository())?.is_none() {
        let (mut files, packages) = links(sources);
        files.retain(|file| known.get(&file.path).is_some_and(|k| k.links.as_ref() != Some(&file.digest)));
        for (n, files) in files.chunks(2).enumerate() {
            store.link_files(&run, files, if n == 0 { &packages } else { &[] })?;
        }
        store.finish_links(&run, "linked")?;
    }
    let scanned: HashSet<String> = sources.keys().map(|path| (*path).to_owned()).collect();
    store.retain_files(&run, &scanned, Some("c0ffee")).map(drop)
}

pub(crate) fn export(store: &mut dyn GraphStore) -> String {
    let mut bytes = Vec::new();
    store.export(None, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Fails with the lines that only one of them has.
pub(crate) fn assert_same(store: &mut dyn GraphStore, expected: &str, when: &str) {
    let found = export(store);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<HashSet<String>>();
    let (found_lines, expected_lines) = (lines(&found), lines(expected));
    let more: Vec<&String> = found_lines.difference(&expected_lines).collect();
    let less: Vec<&String> = expected_lines.difference(&found_lines).collect();
    assert!(found == expected, "{when}: too many {more:#?}, too few {less:#?}");
}

/// What the graph of these sources is.
pub(crate) fn undisturbed(sources: &Sources) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
    index(&mut store, 1, sources).unwrap();
    export(&mut store)
}
