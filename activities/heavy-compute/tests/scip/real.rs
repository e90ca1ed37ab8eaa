//! Indexes that real indexers make of a small workspace of several packages: two of TypeScript, one of Python.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use heavy_compute::indexer::Indexers;

use crate::support::{World, copy};

const FIXTURE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/shop");

/// The workspace; none where the indexers were not fetched.
fn shop() -> Option<World> {
    let world = World::new();
    copy(Path::new(FIXTURE), &world.root());
    let files = vec!["packages/core/tsconfig.json".to_owned(), "tools/pyproject.toml".to_owned()];
    let installed = Indexers::of_host().installed(&files);
    if installed != ["scip-python", "scip-typescript"] {
        eprintln!("skipped: the indexers are not installed (installed: {installed:?}); run `make indexers`");
        return None;
    }
    Some(world)
}

fn run(world: &World) -> contracts::heavy_compute::RunScipOutput {
    let mut input = world.input();
    input.indexers = None;
    let scip = heavy_compute::steps::run_scip(&kit::Job::detached(), &world.settings, &input, None).unwrap();
    world.rest(&scip);
    scip
}

/// Everything but the keys, which other tests look at.
fn told(world: &World) -> String {
    let mut text = String::new();
    for (edge, document) in world.edges() {
        let mut rest = BTreeMap::new();
        for field in ["access", "members", "reexport"] {
            if let Some(value) = document.get(field) {
                rest.insert(field, value);
            }
        }
        let rest = if rest.is_empty() { String::new() } else { serde_json::to_string(&rest).unwrap() };
        let origin = document["origin"].as_str().unwrap();
        writeln!(text, "{origin:6} {} {edge} {rest}", document["confidence"]).unwrap();
    }
    text
}

#[test]
fn packages_of_two_languages_become_one_graph() {
    let Some(world) = shop() else { return };
    let scip = run(&world);
    let covered = world.covered(&scip);
    assert_eq!(covered.len(), 8, "{covered:?}");
    let made: Vec<(&str, &str, u64, bool)> = scip
        .indexes
        .iter()
        .map(|index| (index.indexer.as_str(), index.root.as_str(), index.documents, index.reused))
        .collect();
    assert_eq!(
        made,
        [
            ("scip-python", "tools", 3, false),
            ("scip-typescript", "packages/core", 4, false),
            ("scip-typescript", "packages/web", 1, false)
        ]
    );
    insta::assert_snapshot!("shop", told(&world));
    insta::assert_debug_snapshot!("shop_counts", (scip.definitions, scip.references, scip.unresolved));

    // Nothing changed: the indexes are used again and nothing is written.
    let before = world.export();
    let again = run(&world);
    assert!(again.indexes.iter().all(|index| index.reused && index.ms == 0), "{:?}", again.indexes);
    assert_eq!((again.written, again.unchanged), (0, 8));
    assert_eq!(world.export(), before);

    // The entities are those that the trees alone give.
    let alone = World::new();
    copy(Path::new(FIXTURE), &alone.root());
    alone.run();
    assert_eq!(world.entities_of_sources(), alone.entities_of_sources());
}

#[test]
fn a_kept_index_that_is_damaged_is_told_once_and_made_anew() {
    let Some(world) = shop() else { return };
    run(&world);
    let before = world.export();
    let mut damaged = 0;
    for folder in std::fs::read_dir(world.path("kept")).unwrap().flatten() {
        for file in std::fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.path()) {
            if file.extension().is_some_and(|extension| extension == "scip") {
                let bytes = std::fs::metadata(&file).unwrap().len();
                std::fs::write(&file, vec![0xff; usize::try_from(bytes).unwrap()]).unwrap();
                damaged += 1;
            }
        }
    }
    assert_eq!(damaged, 3);
    let told = run(&world);
    assert!(told.covered.is_none() && told.indexes.iter().all(|index| index.warning.is_some()), "{:?}", told.indexes);
    assert!(world.edges_by("scip").is_empty(), "the files are parsed meanwhile");
    let anew = run(&world);
    assert!(anew.indexes.iter().all(|index| index.warning.is_none() && !index.reused), "{:?}", anew.indexes);
    assert_eq!(world.export(), before);
}

#[test]
fn a_change_is_followed_and_ends_where_a_first_run_would() {
    let Some(world) = shop() else { return };
    run(&world);
    let price = std::fs::read_to_string(world.root().join("packages/core/src/price.ts")).unwrap();
    world.write("packages/core/src/price.ts", &price.replace("sum(", "total("));
    let basket = std::fs::read_to_string(world.root().join("packages/core/src/basket.ts")).unwrap();
    world.write("packages/core/src/basket.ts", &basket.replace("sum", "total"));
    run(&world);
    let changed = world.export();
    let fresh = World::new();
    copy(&world.root(), &fresh.root());
    run(&fresh);
    assert_eq!(changed, fresh.export());
    assert!(world.edges()["Basket.describe calls total"]["origin"] == "scip");
}
