//! Answers that are lost, late or broken, and other ways to get them.

use std::time::Duration;

use graph_store::{ArangoOptions, GraphStore, GraphUrl, Protocol, Removed, SqliteGraph};
use serde_json::json;

use crate::{
    sources::{assert_same, export, file, index, repository, undisturbed, versions},
    world::{WRITES, at_writes, own, quick, with_first_version},
};

#[test]
fn lost_late_and_broken_answers_change_nothing() {
    let [_, second, _] = versions();
    let expected = undisturbed(&second);
    let options = || ArangoOptions { answer_timeout: Duration::from_millis(400), ..quick() };
    for fault in [
        json!({ "kind": "drop" }),
        json!({ "kind": "lose" }),
        json!({ "kind": "truncate" }),
        json!({ "kind": "cut" }),
        json!({ "kind": "refuse", "times": 3 }),
        json!({ "kind": "refuse", "number": 21003, "times": 2 }),
        json!({ "kind": "refuse", "status": 412, "number": 21004 }),
        json!({ "kind": "refuse", "status": 409, "number": 1200 }),
        json!({ "kind": "refuse", "status": 403, "number": 1004 }),
        json!({ "kind": "refuse", "status": 502, "number": 0 }),
        json!({ "kind": "queue", "seconds": 0.501 }),
    ] {
        // Every fourth is enough for what all of them go through alike.
        at_writes(&with_first_version(), 4, |own, write| {
            let mut fault = fault.clone();
            fault["path"] = WRITES.into();
            fault["skip"] = write.into();
            own.fault(&fault);
            let mut store = own.open_with(options()).unwrap();
            index(&mut *store, 2, &second).unwrap_or_else(|e| panic!("{fault}: {e}"));
            assert_same(&mut *store, &expected, &fault.to_string());
            write < 20
        });
    }
    // A slow answer costs the time-out, so once is enough.
    let own = with_first_version();
    own.fault(&json!({ "kind": "slow", "path": "/_api/import", "skip": 1 }));
    let mut store = own.open_with(options()).unwrap();
    index(&mut *store, 2, &second).unwrap();
    assert_same(&mut *store, &expected, "afterwards");
}

#[test]
fn the_same_graph_over_http_2_in_small_compressed_batches_and_one_at_a_time() {
    for options in [
        ArangoOptions { protocol: Protocol::Http2, ..quick() },
        ArangoOptions { gzip: true, ..quick() },
        ArangoOptions { batch_bytes: 1, concurrency: 16, ..quick() },
        ArangoOptions { concurrency: 1, ..quick() },
    ] {
        let own = own();
        let mut store = own.open_with(options.clone()).unwrap();
        for (epoch, sources) in (1..).zip(&versions()) {
            index(&mut *store, epoch, sources).unwrap();
            assert_same(&mut *store, &undisturbed(sources), &format!("{options:?}"));
        }
        let url: GraphUrl = format!("arangodb+http://{}/graph", own.double.address).parse().unwrap();
        let GraphUrl::Arango(url) = url else { panic!("no ArangoDB") };
        let spoken = if options.protocol == Protocol::Http2 { "HTTP/2" } else { "HTTP/1.1" };
        assert_eq!(graph_store::ArangoGraph::open(&url, options).unwrap().protocol(), Some(spoken));
    }
}

#[test]
fn a_graph_of_many_pages_is_written_changed_read_and_removed() {
    let names: Vec<String> = (0..6_000).map(|n| format!("f{n}")).collect();
    let of = |from: usize, to: usize| names[from..to].iter().map(String::as_str).collect::<Vec<_>>();
    let versions = [("a.ts", of(0, 5_500)), ("a.ts", of(500, 6_000))];
    let own = own();
    let folder = tempfile::tempdir().unwrap();
    let mut sqlite = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
    let mut store = own.open();
    for (epoch, (path, names)) in (1..).zip(&versions) {
        // An answer that comes in parts is asked for again when its cursor is gone.
        own.fault(&json!({ "kind": "refuse", "path": "/_api/cursor/", "status": 404, "number": 1600 }));
        let mut written = Vec::new();
        for store in [&mut *store, &mut sqlite as &mut dyn GraphStore] {
            let run = store.begin_run(&repository(), epoch).unwrap();
            written.push(store.replace_files(&run, &[file(path, names)]).unwrap());
        }
        assert_eq!(written[0], written[1]);
        assert_same(&mut *store, &export(&mut sqlite), "written");
        assert_eq!(store.counts(None).unwrap(), sqlite.counts(None).unwrap());
    }
    own.calm();
    let removed = store.drop_repository(&repository()).unwrap();
    assert_eq!(removed, Removed { entities: 5_501, edges: 5_500 });
    assert_eq!(export(&mut *store), "");
}

#[test]
fn the_store_may_be_opened_used_and_closed_where_tasks_run() {
    let own = own();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut store = own.open();
        index(&mut *store, 1, &versions()[0]).unwrap();
        assert_same(&mut *store, &undisturbed(&versions()[0]), "afterwards");
    });
}
