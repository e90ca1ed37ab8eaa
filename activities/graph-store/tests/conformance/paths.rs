//! The shortest way from one entity to another.

use graph_store::{Bounds, EdgeKind, GraphStore, PathFound, shortest_path};

use crate::{
    Home,
    fixtures::{edge, file, function, links, run},
};

const NAMES: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];

fn id(name: &str) -> String {
    function("p.ts", name).id()
}

/// Functions without edges but these.
fn with_edges(store: &mut dyn GraphStore, edges: &[(&str, &str, EdgeKind)]) {
    let run = run(store);
    let mut graph = file("p.ts", "1", &NAMES);
    graph.edges.clear();
    store.replace_files(&run, &[graph]).unwrap();
    let edges = edges.iter().map(|(from, to, kind)| edge(&id(from), &id(to), *kind)).collect();
    store.link_files(&run, &[links("p.ts", "1", edges)], &[]).unwrap();
}

fn calls(pairs: &'static str) -> Vec<(&'static str, &'static str, EdgeKind)> {
    pairs.split_whitespace().map(|pair| (&pair[..1], &pair[1..], EdgeKind::Calls)).collect()
}

fn search(store: &mut dyn GraphStore, ends: (&str, &str), kinds: &[EdgeKind], bounds: Bounds) -> PathFound {
    shortest_path(store, &id(ends.0), &id(ends.1), kinds, bounds).unwrap()
}

/// The names on the path; `-` when there is none, `?` when the search was ended.
fn path(store: &mut dyn GraphStore, from: &str, to: &str, kinds: &[EdgeKind]) -> String {
    match search(store, (from, to), kinds, Bounds::default()) {
        PathFound::Path(edges) => {
            let mut names = from.to_owned();
            let mut at = id(from);
            for edge in edges {
                assert_eq!(edge.from, at);
                at = edge.to;
                names.push_str(NAMES.iter().find(|name| id(name) == at).unwrap());
            }
            names
        }
        PathFound::None => "-".to_owned(),
        PathFound::Bounded => "?".to_owned(),
    }
}

pub(crate) fn the_shortest_path_is_found_whatever_else_there_is<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    // A long way, a short cut, and much that leads nowhere from either end.
    with_edges(&mut *store, &calls("ab bc cd de ef bf ag ah ai aj ak fe lf"));
    assert_eq!(path(&mut *store, "a", "d", &[]), "abcd");
    assert_eq!(path(&mut *store, "a", "e", &[]), "abfe");
    assert_eq!(path(&mut *store, "b", "f", &[]), "bf");
    assert_eq!(path(&mut *store, "a", "a", &[]), "a");
    assert_eq!(path(&mut *store, "g", "a", &[]), "-");
    assert_eq!(path(&mut *store, "a", "l", &[]), "-");
}

pub(crate) fn a_path_follows_the_direction_and_the_kinds<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let mut edges = calls("ab bc cd");
    edges.push(("a", "d", EdgeKind::References));
    edges.push(("b", "d", EdgeKind::Extends));
    with_edges(&mut *store, &edges);
    assert_eq!(path(&mut *store, "a", "d", &[]), "ad");
    assert_eq!(path(&mut *store, "a", "d", &[EdgeKind::Calls]), "abcd");
    assert_eq!(path(&mut *store, "a", "d", &[EdgeKind::Calls, EdgeKind::Extends]), "abd");
    assert_eq!(path(&mut *store, "d", "a", &[]), "-");
    assert_eq!(path(&mut *store, "a", "d", &[EdgeKind::Imports]), "-");
}

pub(crate) fn of_equal_paths_the_same_one_is_found_however_the_graph_was_written<H: Home>() {
    let (home, other) = (H::new(), H::new());
    let (mut store, mut reversed) = (home.open(), other.open());
    let mut edges = calls("ab ac ad bl cl dl be ce de el");
    with_edges(&mut *store, &edges);
    edges.reverse();
    with_edges(&mut *reversed, &edges);
    let one = path(&mut *store, "a", "l", &[]);
    assert_eq!(one.len(), 3);
    assert_eq!(path(&mut *reversed, "a", "l", &[]), one);
}

pub(crate) fn the_bounds_end_a_search<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    with_edges(&mut *store, &calls("ab bc cd de ag ah ai aj ak"));
    let bounded = |length, edges| Bounds { length, edges };
    let mut ask = |bounds| match search(&mut *store, ("a", "e"), &[], bounds) {
        PathFound::Path(edges) => Some(edges.len()),
        PathFound::None => panic!("there is one"),
        PathFound::Bounded => None,
    };
    assert_eq!(ask(bounded(4, 100)), Some(4));
    assert_eq!(ask(bounded(3, 100)), None);
    assert_eq!(ask(bounded(0, 100)), None);
    // Six from a, or one from e and the rest.
    assert_eq!(ask(bounded(4, 5)), None);
    assert_eq!(ask(bounded(4, 20)), Some(4));
    assert_eq!(ask(bounded(4, 0)), None);
}

pub(crate) fn a_cycle_ends<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    with_edges(&mut *store, &calls("ab bc ca aa de ed"));
    assert_eq!(path(&mut *store, "a", "d", &[]), "-");
    assert_eq!(path(&mut *store, "a", "c", &[]), "abc");
}
