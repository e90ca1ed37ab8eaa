//! Files and repositories: written, written again, removed.

use std::{collections::HashSet, sync::Barrier, thread};

use graph_store::{EdgeKind, Removed, Repository, Written};

use crate::{
    Home,
    fixtures::{edge, export, export_of, file, file_of, links, named, next_epoch, package, repository, run},
};

pub(crate) fn writing_twice_leaves_what_writing_once_leaves_and_writes_nothing<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let files = [file("a.ts", "1", &["f", "g"]), file("b/c.ts", "2", &["h"])];
    let first = run(&mut *store);
    assert_eq!(store.replace_files(&first, &files).unwrap(), Written { written: 9, removed: 0 });
    let bytes = export(&mut *store);
    let second = run(&mut *store);
    assert_eq!(store.replace_files(&second, &files).unwrap(), Written::default());
    assert_eq!(export(&mut *store), bytes);
}

pub(crate) fn a_changed_file_changes_exactly_its_own_part<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    store.replace_files(&first, &[file("a.ts", "1", &["f", "g"]), file("b.ts", "2", &["h"])]).unwrap();
    let changed = store.replace_files(&first, &[file("a.ts", "3", &["f", "i"])]).unwrap();
    // Gone: g, file to g, f to g. Written: the file, i, file to i, f to i.
    assert_eq!(changed, Written { written: 4, removed: 3 });

    let other = H::new();
    let mut fresh = other.open();
    let only = run(&mut *fresh);
    fresh.replace_files(&only, &[file("b.ts", "2", &["h"]), file("a.ts", "3", &["f", "i"])]).unwrap();
    assert_eq!(export(&mut *store), export(&mut *fresh));
}

pub(crate) fn a_vanished_file_takes_its_documents_and_every_edge_to_them_along<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let gone = file("gone.ts", "1", &["f"]);
    let stays = file("stays.ts", "2", &["g"]);
    let call = edge(&stays.entities[1].id(), &gone.entities[1].id(), EdgeKind::Calls);
    store.replace_files(&first, &[gone, stays]).unwrap();
    store.link_files(&first, &[links("stays.ts", "1", vec![call])], &[]).unwrap();
    let removed = store.retain_files(&first, &HashSet::from(["stays.ts".to_owned()]), Some("c0ffee")).unwrap();
    assert_eq!(removed, Removed { entities: 2, edges: 2 });
    let counts = store.counts(Some(&repository())).unwrap();
    assert_eq!(counts.entities.values().sum::<u64>(), 2);
    assert_eq!(counts.edges.get("calls"), None);
    assert_eq!(counts.languages["typescript"], 1);
    assert_eq!(store.indexed_files(&repository()).unwrap().len(), 1);
}

pub(crate) fn a_repository_id_belongs_to_one_organisation<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap();
    let other = Repository { org_id: "other".into(), ..repository() };
    let refused = store.begin_run(&other, next_epoch()).unwrap_err().to_string();
    assert!(refused.contains("belongs to organisation default"), "{refused}");
    assert_eq!(store.drop_repository(&other).unwrap(), Removed::default());
    assert_eq!(store.repositories().unwrap(), [repository()]);
}

pub(crate) fn several_writers_of_one_new_store_lose_nothing<H: Home>() {
    const WRITERS: usize = 8;
    let home = H::new();
    let barrier = Barrier::new(WRITERS);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (home, barrier) = (&home, &barrier);
            scope.spawn(move || {
                barrier.wait();
                let mut store = home.open();
                let own = named(&format!("r{writer}"));
                let first = store.begin_run(&own, next_epoch()).unwrap();
                for n in 0..20 {
                    let path = format!("{writer}/{n}.ts");
                    store.replace_files(&first, &[file(&path, "1", &["f", "g"])]).unwrap();
                }
            });
        }
    });
    let mut store = home.open();
    let counts = store.counts(None).unwrap();
    assert_eq!(counts.entities["file"], 160);
    assert_eq!(counts.entities["function"], 320);
    assert_eq!(counts.edges["calls"], 160);
    assert_eq!(store.repositories().unwrap().len(), WRITERS);
}

pub(crate) fn dropping_removes_all_of_one_repository_and_nothing_of_another<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    for name in ["kept", "dropped"] {
        let repository = named(name);
        let first = store.begin_run(&repository, next_epoch()).unwrap();
        let graph = file_of(&repository, "a.ts", "1", &["f", "g"]);
        let lodash = package(&repository, "lodash");
        let mut import = edge(&graph.entities[0].id(), &lodash.id(), EdgeKind::Imports);
        import.repo_id = name.into();
        store.replace_files(&first, &[graph]).unwrap();
        store.link_files(&first, &[links("a.ts", "1", vec![import])], &[lodash]).unwrap();
        store.finish_links(&first, "linked").unwrap();
    }
    let kept = export_of(&mut *store, &named("kept"));
    let removed = store.drop_repository(&named("dropped")).unwrap();
    assert_eq!(removed, Removed { entities: 4, edges: 4 });
    assert_eq!(export(&mut *store), kept);
    assert_eq!(store.repositories().unwrap(), [named("kept")]);
    assert_eq!(store.link_summary(&named("kept")).unwrap().as_deref(), Some("linked"));
    assert_eq!(store.link_summary(&named("dropped")).unwrap(), None);
    assert!(store.indexed_files(&named("dropped")).unwrap().is_empty());
    assert!(store.facts(&named("dropped")).unwrap().is_empty());
    assert_eq!(store.drop_repository(&named("dropped")).unwrap(), Removed::default());
}
