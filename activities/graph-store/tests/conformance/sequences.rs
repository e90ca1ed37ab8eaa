//! However a state was reached, the graph is that of writing it once.

use std::collections::{BTreeMap, BTreeSet};

use graph_store::{EdgeDocument, EdgeKind, EntityDocument, FileLinks, GraphStore, Run};
use proptest::{prelude::*, test_runner::TestRunner};

use crate::{
    Home,
    fixtures::{assert_whole, edge, export, file, file_id, function, links, package, repository, run},
};

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

#[derive(Debug, Clone)]
enum Step {
    /// The file holds these names now.
    Replace {
        path: u8,
        names: BTreeSet<u8>,
    },
    /// The file is gone.
    Remove(u8),
    /// The scan found what it found before.
    Retain,
    /// As many files as that are linked.
    Link(usize),
    /// All are, and it is said.
    Finish,
    Drop,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0u8..4, prop::collection::btree_set(0u8..5, 0..4)).prop_map(|(path, names)| Step::Replace { path, names }),
        2 => (0u8..4).prop_map(Step::Remove),
        1 => Just(Step::Retain),
        2 => (1usize..3).prop_map(Step::Link),
        3 => Just(Step::Finish),
        1 => Just(Step::Drop),
    ]
}

/// What the files hold.
type State = BTreeMap<String, Vec<&'static str>>;

/// The links that follow from a state: the first function of each file calls every function of another file that is named
/// as the file's second one, and the file imports a package for each of its names behind `b`.
fn links_of(state: &State) -> (Vec<FileLinks>, Vec<EntityDocument>) {
    let mut packages = BTreeMap::new();
    let mut all = Vec::new();
    for (path, names) in state {
        let mut edges: Vec<EdgeDocument> = Vec::new();
        if let [first, second, ..] = names[..] {
            for other in state.keys().filter(|other| *other != path && state[*other].contains(&second)) {
                edges.push(edge(&function(path, first).id(), &function(other, second).id(), EdgeKind::Calls));
            }
        }
        for name in names.iter().filter(|name| **name > "b") {
            let package = package(&repository(), name);
            edges.push(edge(&file_id(&repository(), path), &package.id(), EdgeKind::Imports));
            packages.insert(package.key.clone(), package);
        }
        let digest = edges.iter().map(|e| e.key.as_str()).collect::<Vec<_>>().join(" ");
        all.push(links(path, &digest, edges));
    }
    (all, packages.into_values().collect())
}

/// Links up to `most` files whose links are not those of the state.
fn link(store: &mut dyn GraphStore, run: &Run, state: &State, most: usize) {
    let known = store.indexed_files(&repository()).unwrap();
    let (mut files, packages) = links_of(state);
    files.retain(|file| known[&file.path].links.as_ref() != Some(&file.digest));
    files.truncate(most);
    if !files.is_empty() {
        store.link_files(run, &files, &packages).unwrap();
    }
}

fn retain(store: &mut dyn GraphStore, run: &Run, state: &State) {
    store.retain_files(run, &state.keys().cloned().collect(), Some("c0ffee")).unwrap();
}

fn take(store: &mut dyn GraphStore, state: &mut State, content: usize, step: &Step) {
    let run = run(store);
    match step {
        Step::Replace { path, names } => {
            let names: Vec<&str> = names.iter().map(|n| NAMES[usize::from(*n)]).collect();
            let path = format!("{path}.ts");
            store.replace_files(&run, &[file(&path, &content.to_string(), &names)]).unwrap();
            state.insert(path, names);
        }
        Step::Remove(path) => {
            // As the indexer does: what is left is linked, then what is gone is removed.
            state.remove(&format!("{path}.ts"));
            link(store, &run, state, usize::MAX);
            store.finish_links(&run, "linked").unwrap();
            retain(store, &run, state);
        }
        Step::Retain => retain(store, &run, state),
        Step::Link(most) => link(store, &run, state, *most),
        Step::Finish => {
            link(store, &run, state, usize::MAX);
            store.finish_links(&run, "linked").unwrap();
        }
        Step::Drop => {
            store.drop_repository(&repository()).unwrap();
            state.clear();
        }
    }
}

pub(crate) fn any_order_of_edits_ends_in_the_same_bytes<H: Home>() {
    let config = ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() };
    let steps = prop::collection::vec(step(), 1..24);
    TestRunner::new(config)
        .run(&steps, |steps| {
            let home = H::new();
            let mut store = home.open();
            let mut state = State::new();
            for (n, step) in steps.iter().enumerate() {
                take(&mut *store, &mut state, n, step);
                assert_whole(&export(&mut *store));
            }
            // The content of a file is in its document; the last one decides.
            let mut contents: BTreeMap<String, String> = store
                .indexed_files(&repository())
                .unwrap()
                .into_iter()
                .map(|(path, file)| (path, file.content_sha256))
                .collect();
            take(&mut *store, &mut state, 0, &Step::Finish);
            take(&mut *store, &mut state, 0, &Step::Remove(0));
            contents.remove("0.ts");
            prop_assert_eq!(contents.keys().collect::<Vec<_>>(), state.keys().collect::<Vec<_>>());

            let other = H::new();
            let mut fresh = other.open();
            let only = run(&mut *fresh);
            let files: Vec<_> = state.iter().map(|(path, names)| file(path, &contents[path], names)).collect();
            fresh.replace_files(&only, &files).unwrap();
            link(&mut *fresh, &only, &state, usize::MAX);
            fresh.finish_links(&only, "linked").unwrap();
            prop_assert_eq!(export(&mut *store), export(&mut *fresh));
            Ok(())
        })
        .unwrap();
}

/// Runs that end before they have linked what they changed are cut off, and what the next one links is not late because of that.
pub(crate) fn a_file_that_changes_between_runs_which_do_not_link_it_is_removed_at_once<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let mut state = State::new();
    let steps = [
        Step::Replace { path: 1, names: [0].into() },
        Step::Replace { path: 1, names: [2].into() },
        Step::Link(1),
        Step::Replace { path: 1, names: [].into() },
        Step::Remove(1),
    ];
    for (n, step) in steps.iter().enumerate() {
        take(&mut *store, &mut state, n, step);
        assert_whole(&export(&mut *store));
    }
    assert!(store.indexed_files(&repository()).unwrap().is_empty());
}
