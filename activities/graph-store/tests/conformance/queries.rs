//! What a graph answers.

use graph_store::{Direction, EdgeKind, EntityKind, Find, GraphStore, Matching};

use crate::{
    Home,
    fixtures::{edge, file, file_id, file_of, function, links, named, next_epoch, package, repository, run},
};

fn by(name: &str, matching: Matching) -> Find<'_> {
    Find { name, matching, kind: None, repository: None }
}

/// `path:name` of what is found.
fn found(store: &mut dyn GraphStore, find: &Find<'_>, limit: usize) -> Vec<String> {
    store.find(find, limit).unwrap().into_iter().map(|e| format!("{}:{}", e.file_path, e.name)).collect()
}

pub(crate) fn names_are_found_exactly_and_by_how_they_begin<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let names = ["read", "Read", "readAll", "READ_ME", "thread", "réad", "re%d", "re_d"];
    store.replace_files(&first, &[file("read", "1", &names)]).unwrap();
    assert_eq!(found(&mut *store, &by("read", Matching::Exact), 9), ["read:read", "read:read"]);
    assert_eq!(found(&mut *store, &by("Read", Matching::Exact), 9), ["read:Read"]);
    assert_eq!(
        found(&mut *store, &by("rEaD", Matching::Prefix), 9),
        ["read:READ_ME", "read:Read", "read:read", "read:read", "read:readAll"]
    );
    // No wildcards.
    assert_eq!(found(&mut *store, &by("re%", Matching::Prefix), 9), ["read:re%d"]);
    assert_eq!(found(&mut *store, &by("re_", Matching::Prefix), 9), ["read:re_d"]);
    assert_eq!(found(&mut *store, &by("ré", Matching::Prefix), 9), ["read:réad"]);
    assert!(found(&mut *store, &by("", Matching::Exact), 9).is_empty());
    assert_eq!(found(&mut *store, &by("", Matching::Prefix), 99).len(), 9);
    let functions = Find { kind: Some(EntityKind::Function), ..by("read", Matching::Exact) };
    assert_eq!(store.find(&functions, 9).unwrap(), store.entities(&[&read_id()]).unwrap());
}

fn read_id() -> String {
    function("read", "read").id()
}

pub(crate) fn what_is_found_is_ordered_and_cut_at_the_limit<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    for (name, paths) in [("b", ["z.ts", "a.ts"]), ("a", ["y.ts", "x.ts"])] {
        let repository = named(name);
        let run = store.begin_run(&repository, next_epoch()).unwrap();
        for path in paths {
            store.replace_files(&run, &[file_of(&repository, path, "1", &["g", "f"])]).unwrap();
        }
    }
    let all = ["x.ts:f", "y.ts:f", "a.ts:f", "z.ts:f"];
    assert_eq!(found(&mut *store, &by("f", Matching::Exact), 9), all);
    assert_eq!(found(&mut *store, &by("f", Matching::Exact), 3), all[..3]);
    assert_eq!(found(&mut *store, &by("F", Matching::Prefix), 3), all[..3]);
    assert!(found(&mut *store, &by("f", Matching::Exact), 0).is_empty());
    let only = named("b");
    let of_one = Find { repository: Some(&only), ..by("f", Matching::Exact) };
    assert_eq!(found(&mut *store, &of_one, 9), all[2..]);
}

pub(crate) fn entities_come_in_the_order_that_was_asked_for<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let graph = file("a.ts", "1", &["f", "g"]);
    store.replace_files(&first, std::slice::from_ref(&graph)).unwrap();
    let ids: Vec<String> = graph.entities.iter().map(|e| e.id()).collect();
    let asked = [&ids[2], "functions/0000000000000000", &ids[0], "nonsense", "", &ids[2]];
    let got = store.entities(&asked.map(|id: &str| id)).unwrap();
    assert_eq!(got, [&graph.entities[2], &graph.entities[0], &graph.entities[2]].map(Clone::clone));
}

pub(crate) fn neighbours_are_those_of_the_kinds_and_the_direction<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let graph = file("a.ts", "1", &["f", "g", "h"]);
    let (f, g, h) = (graph.entities[1].id(), graph.entities[2].id(), graph.entities[3].id());
    let lodash = package(&repository(), "lodash");
    let mut read = edge(&h, &f, EdgeKind::References);
    read.access = vec![graph_store::Access::Read, graph_store::Access::Write];
    store.replace_files(&first, std::slice::from_ref(&graph)).unwrap();
    let of_a = vec![read.clone(), edge(&f, &f, EdgeKind::Calls), edge(&f, &lodash.id(), EdgeKind::Calls)];
    store.link_files(&first, &[links("a.ts", "1", of_a)], &[lodash]).unwrap();

    let mut ask =
        |ids: &[&str], direction, kinds: &[EdgeKind], limit| store.neighbours(ids, direction, kinds, limit).unwrap();
    let calls = ask(&[&f], Direction::Out, &[EdgeKind::Calls], 9);
    let targets: Vec<&str> = calls.iter().map(|e| e.to.as_str()).collect();
    let mut sorted = targets.clone();
    sorted.sort_unstable();
    assert_eq!((targets.len(), &targets), (4, &sorted), "ordered by the other end");
    assert_eq!(ask(&[&f], Direction::Out, &[EdgeKind::Calls], 2), calls[..2]);
    assert!(ask(&[&f], Direction::Out, &[EdgeKind::Calls], 0).is_empty());

    let kinds: Vec<EdgeKind> = ask(&[&f], Direction::In, &[], 9).iter().map(|e| e.kind).collect();
    assert_eq!(kinds, [EdgeKind::Calls, EdgeKind::Contains, EdgeKind::References], "ordered by kind");
    assert_eq!(ask(&[&f], Direction::In, &[EdgeKind::References], 9), [read], "the whole document");
    let two = ask(&[&f], Direction::In, &[EdgeKind::References, EdgeKind::Contains, EdgeKind::Extends], 9);
    assert_eq!(two.len(), 2);

    // Of several, one after the other; the limit is one for all of them.
    let a = file_id(&repository(), "a.ts");
    let both = ask(&[&h, &g], Direction::In, &[EdgeKind::Contains, EdgeKind::Calls], 9);
    let ends: Vec<(&str, &str)> = both.iter().map(|e| (e.from.as_str(), e.to.as_str())).collect();
    assert_eq!(ends, [(f.as_str(), h.as_str()), (&a, &h), (&f, &g), (&a, &g)]);
    assert_eq!(ask(&[&h, &g], Direction::In, &[EdgeKind::Contains, EdgeKind::Calls], 3), both[..3]);
    assert!(ask(&["functions/0000000000000000", "nonsense"], Direction::Out, &[], 9).is_empty());
    assert!(ask(&[], Direction::Out, &[], 9).is_empty());
}

pub(crate) fn of_very_many_neighbours_the_first_ones_come<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let names: Vec<String> = (0..400).map(|n| format!("f{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let graph = file("a.ts", "1", &names);
    store.replace_files(&first, std::slice::from_ref(&graph)).unwrap();
    let file = [graph.entities[0].id()];
    let mut targets: Vec<String> = graph.entities[1..].iter().map(|e| e.id()).collect();
    targets.sort_unstable();
    for limit in [1, 3, 100, 399, 400, 401, usize::MAX] {
        let found = store.neighbours(&[&file[0]], Direction::Out, &[EdgeKind::Contains], limit).unwrap();
        let found: Vec<String> = found.into_iter().map(|e| e.to).collect();
        assert_eq!(found, targets[..limit.min(400)], "{limit}");
    }
}
