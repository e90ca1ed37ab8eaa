//! An attempt that was given up cannot write.

use std::collections::HashSet;

use graph_store::{GraphStore, Run, StoreError, StoreResult};

use crate::{
    Home,
    fixtures::{export, file, links, next_epoch, package, repository, run},
};

pub(crate) fn asking_for_the_right_to_write_writes_nothing<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let before = home.state();
    let first = run(&mut *store);
    assert_eq!(home.state(), before, "of a repository that is not there");
    assert!(store.repositories().unwrap().is_empty());
    store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap();
    let before = home.state();
    let second = run(&mut *store);
    assert_eq!(home.state(), before, "of one that is");
    // So the earlier run still has its right, until the later one writes.
    store.replace_files(&first, &[file("a.ts", "2", &["f"])]).unwrap();
    assert_ne!(home.state(), before);
    store.replace_files(&second, &[file("a.ts", "2", &["f"])]).unwrap();
    assert!(matches!(store.replace_files(&first, &[]), Err(StoreError::Fenced { .. })));
}

pub(crate) fn a_run_that_was_replaced_can_write_nothing_at_all<H: Home>() {
    type Call = (&'static str, fn(&mut dyn GraphStore, &Run) -> StoreResult<()>);
    const CALLS: [Call; 4] = [
        ("replace_files", |store, run| store.replace_files(run, &[file("a.ts", "old", &["g"])]).map(drop)),
        ("link_files", |store, run| {
            store.link_files(run, &[links("a.ts", "old", Vec::new())], &[package(&repository(), "old")]).map(drop)
        }),
        ("finish_links", |store, run| store.finish_links(run, "old").map(drop)),
        ("retain_files", |store, run| store.retain_files(run, &HashSet::new(), None).map(drop)),
    ];
    for (call, write) in CALLS {
        // Whichever call of the successor was its first one.
        for (successors, succeed) in CALLS {
            let home = H::new();
            let (mut zombie, mut successor) = (home.open(), home.open());
            let old = run(&mut *zombie);
            zombie.replace_files(&old, &[file("a.ts", "0", &["f"])]).unwrap();
            let new = run(&mut *successor);
            succeed(&mut *successor, &new).unwrap();
            let before = (export(&mut *successor), home.state());
            let refused = write(&mut *zombie, &old).unwrap_err();
            assert!(matches!(refused, StoreError::Fenced { .. }), "{call} after {successors}: {refused}");
            assert_eq!((export(&mut *successor), home.state()), before, "{call} after {successors}");
        }
    }
}

pub(crate) fn a_run_that_was_replaced_before_it_began_is_told_at_once<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let (earlier, later) = (next_epoch(), next_epoch());
    let new = store.begin_run(&repository(), later).unwrap();
    store.replace_files(&new, &[file("a.ts", "1", &["f"])]).unwrap();
    let refused = store.begin_run(&repository(), earlier).unwrap_err();
    assert!(matches!(refused, StoreError::Fenced { .. }), "{refused}");
    // A second attempt in the same run is no later run.
    let again = store.begin_run(&repository(), later).unwrap();
    store.replace_files(&again, &[file("a.ts", "2", &["f"])]).unwrap();
}
