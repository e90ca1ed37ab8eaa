//! Edges that depend on several files, and packages.

use std::collections::HashSet;

use graph_store::{EdgeKind, EntityKind, GraphStore, Removed, Run, Written};

use crate::{
    Home,
    fixtures::{
        assert_whole, edge, edge_of, export, export_of, file, file_id, file_of, function, links, named, next_epoch,
        package, repository, run,
    },
};

fn links_of(store: &mut dyn GraphStore, path: &str) -> Option<String> {
    store.indexed_files(&repository()).unwrap()[path].links.clone()
}

/// `a.ts` with `f`, `b.ts` with `g` and `h`; `f` calls `g`, and `a.ts` imports `lodash`. All is linked.
fn linked(store: &mut dyn GraphStore) -> Run {
    let run = run(store);
    store.replace_files(&run, &[file("a.ts", "1", &["f"]), file("b.ts", "1", &["g", "h"])]).unwrap();
    let lodash = package(&repository(), "lodash");
    let of_a = vec![
        edge(&function("a.ts", "f").id(), &function("b.ts", "g").id(), EdgeKind::Calls),
        edge(&file_id(&repository(), "a.ts"), &lodash.id(), EdgeKind::Imports),
    ];
    let files = [links("a.ts", "a1", of_a), links("b.ts", "b1", Vec::new())];
    store.link_files(&run, &files, &[lodash]).unwrap();
    store.finish_links(&run, "summary").unwrap();
    assert_eq!(links_of(store, "a.ts").as_deref(), Some("a1"));
    assert_eq!(store.link_summary(&repository()).unwrap().as_deref(), Some("summary"));
    run
}

pub(crate) fn a_file_whose_target_vanished_counts_as_unlinked<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = linked(&mut *store);
    // What nobody points to may go without anybody having to be linked but the file itself.
    store.replace_files(&run, &[file("b.ts", "2", &["g"])]).unwrap();
    assert_eq!(links_of(&mut *store, "a.ts").as_deref(), Some("a1"));
    assert_eq!(links_of(&mut *store, "b.ts"), None);
    assert_eq!(store.link_summary(&repository()).unwrap(), None);
    let calls = store.neighbours(&[&function("a.ts", "f").id()], graph_store::Direction::Out, &[EdgeKind::Calls], 9);
    assert_eq!(calls.unwrap().len(), 1);

    store.replace_files(&run, &[file("b.ts", "3", &["other"])]).unwrap();
    assert_eq!(links_of(&mut *store, "a.ts"), None);
    assert_eq!(store.counts(None).unwrap().edges.get("calls"), None);
    assert_whole(&export(&mut *store));

    store.link_files(&run, &[links("a.ts", "a2", Vec::new())], &[]).unwrap();
    store.finish_links(&run, "again").unwrap();
    let kept = HashSet::from(["a.ts".to_owned()]);
    store.retain_files(&run, &kept, None).unwrap();
    assert_eq!(links_of(&mut *store, "a.ts").as_deref(), Some("a2"), "nothing of it pointed to what went");
    assert_eq!(store.link_summary(&repository()).unwrap().as_deref(), Some("again"));
}

pub(crate) fn linking_again_writes_differences_alone<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = linked(&mut *store);
    let (f, g, h) = (function("a.ts", "f").id(), function("b.ts", "g").id(), function("b.ts", "h").id());
    let lodash = package(&repository(), "lodash");
    let import = edge(&file_id(&repository(), "a.ts"), &lodash.id(), EdgeKind::Imports);
    let call = edge(&f, &g, EdgeKind::Calls);
    let mut link =
        |digest, edges| store.link_files(&run, &[links("a.ts", digest, edges)], std::slice::from_ref(&lodash)).unwrap();
    assert_eq!(link("a1", vec![call.clone(), import.clone()]), Written::default());
    assert_eq!(
        link("a2", vec![edge(&f, &h, EdgeKind::Calls), import.clone()]),
        Written { written: 1, removed: 1 },
        "another target"
    );
    let mut surer = edge(&f, &h, EdgeKind::Calls);
    surer.confidence = 1.0;
    assert_eq!(link("a3", vec![surer, import]), Written { written: 1, removed: 0 }, "the same edge, changed");
    assert_eq!(store.link_summary(&repository()).unwrap(), None, "until all of them are linked");
    // The edges that the file makes itself are still there.
    let contains = store.neighbours(&[&file_id(&repository(), "b.ts")], graph_store::Direction::Out, &[], 9).unwrap();
    assert_eq!(contains.len(), 2);
}

pub(crate) fn packages_nobody_uses_vanish<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = linked(&mut *store);
    store.link_files(&run, &[links("a.ts", "a2", Vec::new())], &[package(&repository(), "express")]).unwrap();
    // The edges of a later call may point to what this one brought.
    assert_eq!(store.counts(None).unwrap().entities["package"], 2);
    assert_eq!(store.finish_links(&run, "none").unwrap(), Written { written: 0, removed: 2 });
    assert_eq!(store.counts(None).unwrap().entities.get("package"), None);
    assert_eq!(store.finish_links(&run, "none").unwrap(), Written::default());
}

pub(crate) fn packages_that_only_a_vanished_file_used_vanish_with_it<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = linked(&mut *store);
    let removed = store.retain_files(&run, &HashSet::from(["b.ts".to_owned()]), None).unwrap();
    // The file, f and the package; the file to f, f to g, the file to the package.
    assert_eq!(removed, Removed { entities: 3, edges: 3 });
    let other = H::new();
    let mut fresh = other.open();
    let only = crate::fixtures::run(&mut *fresh);
    fresh.replace_files(&only, &[file("b.ts", "1", &["g", "h"])]).unwrap();
    assert_eq!(export(&mut *store), export(&mut *fresh));
}

pub(crate) fn packages_are_no_files<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = linked(&mut *store);
    let mut paths: Vec<String> = store.indexed_files(&repository()).unwrap().into_keys().collect();
    paths.sort();
    assert_eq!(paths, ["a.ts", "b.ts"]);
    assert!(!store.facts(&repository()).unwrap().contains_key(""));
    assert_eq!(store.counts(None).unwrap().entities[EntityKind::File.as_str()], 2);
    // Nor does a scan that lists no packages take them away.
    let all = HashSet::from(["a.ts".to_owned(), "b.ts".to_owned()]);
    assert_eq!(store.retain_files(&run, &all, Some("c0ffee")).unwrap(), Removed::default());
    assert_eq!(store.counts(None).unwrap().entities["package"], 1);
}

pub(crate) fn a_package_of_two_repositories_is_there_twice<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let (one, two) = (named("one"), named("two"));
    let runs = [&one, &two].map(|repository| {
        let run = store.begin_run(repository, next_epoch()).unwrap();
        let lodash = package(repository, "lodash");
        let import = edge_of(repository, &file_id(repository, "a.ts"), &lodash.id(), EdgeKind::Imports);
        store.replace_files(&run, &[file_of(repository, "a.ts", "1", &[])]).unwrap();
        store.link_files(&run, &[links("a.ts", "1", vec![import])], &[lodash]).unwrap();
        store.finish_links(&run, "").unwrap();
        run
    });
    assert_eq!(store.counts(None).unwrap().entities["package"], 2);
    let before = export_of(&mut *store, &two);
    store.link_files(&runs[0], &[links("a.ts", "2", Vec::new())], &[]).unwrap();
    store.finish_links(&runs[0], "").unwrap();
    assert_eq!(store.counts(Some(&one)).unwrap().entities.get("package"), None);
    assert_eq!(export_of(&mut *store, &two), before);
}

pub(crate) fn an_edge_that_moves_between_a_file_and_its_links_stays<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = run(&mut *store);
    // A newer indexer may make of the file alone what an older one made while linking, and the other way round.
    let own = file("a.ts", "1", &["f", "g"]);
    let mut without = own.clone();
    let call = without.edges.pop().unwrap();
    store.replace_files(&run, std::slice::from_ref(&own)).unwrap();
    let bytes = export(&mut *store);
    store.replace_files(&run, std::slice::from_ref(&without)).unwrap();
    store.link_files(&run, &[links("a.ts", "1", vec![call])], &[]).unwrap();
    assert_eq!(export(&mut *store), bytes, "from the file to its links");
    store.replace_files(&run, &[own]).unwrap();
    store.link_files(&run, &[links("a.ts", "2", Vec::new())], &[]).unwrap();
    assert_eq!(export(&mut *store), bytes, "and back");
}

pub(crate) fn what_the_indexer_remembers_comes_back<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let run = run(&mut *store);
    let mut graph = file("a.ts", "1", &["f"]);
    graph.facts = vec![0, 255, 10];
    store.replace_files(&run, &[graph, file("b.ts", "1", &[])]).unwrap();
    let facts = store.facts(&repository()).unwrap();
    assert_eq!((facts["a.ts"].as_slice(), facts["b.ts"].len()), ([0, 255, 10].as_slice(), 0));
    store.retain_files(&run, &HashSet::from(["b.ts".to_owned()]), None).unwrap();
    assert_eq!(store.facts(&repository()).unwrap().len(), 1);
}
