//! An ArangoDB that fails, and attempts that are cut off: afterwards the graph is what it would have been, or the error has
//! a type and says what to do, and a further run makes it right.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

mod support;

use std::{
    collections::{BTreeMap, HashSet},
    path::Path,
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use arango_double::{Double, order};
use graph_store::{
    ArangoOptions, EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, GraphStore, GraphUrl,
    OpenOptions, Origin, Protocol, Repository, SqliteGraph, StoreError, StoreResult, open_with,
};
use serde_json::{Value, json};

/// What every write of documents has in its path.
const WRITES: &str = "waitForSync=true";

fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "demo".into() }
}

/// What the files hold: names of functions by path.
type Sources = BTreeMap<&'static str, Vec<&'static str>>;

/// Names vanish, appear and move, a file goes, one comes, a package goes.
fn versions() -> [Sources; 3] {
    [
        Sources::from([("a.ts", vec!["f", "g"]), ("b.ts", vec!["g", "h", "lib"]), ("gone.ts", vec!["f", "old"])]),
        Sources::from([("a.ts", vec!["f", "x", "g"]), ("b.ts", vec!["h"]), ("new.ts", vec!["h", "f"])]),
        Sources::from([("a.ts", vec!["f", "g"]), ("b.ts", vec!["g", "lib", "k"]), ("new.ts", vec!["g"])]),
    ]
}

fn function(path: &str, name: &str) -> EntityDocument {
    let signature = Some(format!("function {name}()"));
    EntityDocument::new(&repository(), path, EntityKind::Function, name, signature, Origin::Syntax)
}

fn edge(from: &EntityDocument, to: &EntityDocument, kind: EdgeKind) -> EdgeDocument {
    EdgeDocument::new(&repository(), from.id(), to.id(), kind, Origin::Syntax, 0.9)
}

fn file(path: &str, names: &[&str]) -> FileGraph {
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
fn links(sources: &Sources) -> (Vec<FileLinks>, Vec<EntityDocument>) {
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
fn index(store: &mut dyn GraphStore, epoch: i64, sources: &Sources) -> StoreResult<()> {
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
    let known = store.indexed_files(&repository())?;
    let gone = known.keys().any(|path| !sources.contains_key(path.as_str()));
    if gone || store.link_summary(&repository())?.is_none() {
        let (mut files, packages) = links(sources);
        files.retain(|file| known[&file.path].links.as_ref() != Some(&file.digest));
        for (n, files) in files.chunks(2).enumerate() {
            store.link_files(&run, files, if n == 0 { &packages } else { &[] })?;
        }
        store.finish_links(&run, "linked")?;
    }
    let scanned: HashSet<String> = sources.keys().map(|path| (*path).to_owned()).collect();
    store.retain_files(&run, &scanned, Some("c0ffee")).map(drop)
}

fn export(store: &mut dyn GraphStore) -> String {
    let mut bytes = Vec::new();
    store.export(None, &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// Fails with the lines that only one of them has.
fn assert_same(store: &mut dyn GraphStore, expected: &str, when: &str) {
    let found = export(store);
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<HashSet<String>>();
    let (found_lines, expected_lines) = (lines(&found), lines(expected));
    let more: Vec<&String> = found_lines.difference(&expected_lines).collect();
    let less: Vec<&String> = expected_lines.difference(&found_lines).collect();
    assert!(found == expected, "{when}: too many {more:#?}, too few {less:#?}");
}

/// What the graph of these sources is.
fn undisturbed(sources: &Sources) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
    index(&mut store, 1, sources).unwrap();
    export(&mut store)
}

/// A stand-in of one's own.
struct Own {
    double: Double,
    folder: tempfile::TempDir,
}

fn own() -> Own {
    let folder = tempfile::tempdir().unwrap();
    Own { double: support::double(folder.path(), &["--auth", "root:s3cret"]), folder }
}

fn quick() -> ArangoOptions {
    ArangoOptions { credential: Some("root:s3cret".parse().unwrap()), ..support::quick() }
}

fn open_at(address: &str, arango: ArangoOptions) -> StoreResult<Box<dyn GraphStore>> {
    let url: GraphUrl = format!("arangodb+http://{address}/graph").parse().unwrap();
    open_with(&url, OpenOptions { arango })
}

impl Own {
    fn open(&self) -> Box<dyn GraphStore> {
        self.open_with(quick()).unwrap()
    }

    fn open_with(&self, options: ArangoOptions) -> StoreResult<Box<dyn GraphStore>> {
        open_at(&self.double.address.to_string(), options)
    }

    fn fault(&self, order: &Value) {
        self.double.order("fault", order).unwrap();
    }

    fn calm(&self) {
        self.double.order("calm", &json!({})).unwrap();
    }

    /// How often the log was written to.
    fn transactions(&self) -> usize {
        let log = std::fs::read(self.folder.path().join("arango.log")).unwrap();
        log.iter().filter(|b| **b == b'\n').count()
    }

    /// The log, to begin from there again.
    fn keep(&self, at: &Path) {
        std::fs::copy(self.folder.path().join("arango.log"), at).unwrap();
    }
}

/// A stand-in that holds the first version.
fn with_first_version() -> Own {
    let own = own();
    index(&mut *own.open(), 1, &versions()[0]).unwrap();
    own
}

/// A stand-in with what another one had.
fn copy_of(log: &Path) -> Own {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(log, folder.path().join("arango.log")).unwrap();
    Own { double: support::double(folder.path(), &["--auth", "root:s3cret"]), folder }
}

/// Runs `try_at` for the first write of the change from the first to the second version, for the second write, and so on,
/// each time from the same beginning, until `try_at` says that there were not as many.
fn at_every_write(try_at: impl FnMut(&mut Own, u64) -> bool) {
    at_writes(1, try_at);
}

/// The same for every `step`th write.
fn at_writes(step: u64, mut try_at: impl FnMut(&mut Own, u64) -> bool) {
    let first = with_first_version();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    first.keep(&log);
    let mut write = 0;
    while try_at(&mut copy_of(&log), write) {
        write += step;
    }
    assert!(write > 15, "only {write} writes");
}

#[test]
fn the_server_is_killed_in_each_write_and_started_again() {
    let [_, second, _] = versions();
    let expected = undisturbed(&second);
    for after in [false, true] {
        at_every_write(|own, write| {
            let mut store = own.open();
            own.fault(&json!({ "kind": "die", "path": WRITES, "skip": write, "after": after }));
            let (address, double) = (own.double.address, &mut own.double);
            let finished = AtomicBool::new(false);
            let deaths = thread::scope(|scope| {
                scope.spawn(|| {
                    let done = index(&mut *store, 2, &versions()[1]);
                    finished.store(true, Ordering::SeqCst);
                    // So that whoever waits for a death need not wait for ever.
                    let _ = order(address, "die", &json!({}));
                    done.unwrap();
                });
                let mut deaths = 0;
                while !finished.load(Ordering::SeqCst) {
                    double.wait().unwrap();
                    double.restart().unwrap();
                    deaths += 1;
                }
                deaths
            });
            assert_same(&mut *own.open(), &expected, &format!("write {write}, after: {after}"));
            deaths > 1
        });
    }
}

#[test]
fn an_attempt_ends_at_each_write_and_the_next_one_makes_it_right() {
    let [_, second, third] = versions();
    let expected = [undisturbed(&second), undisturbed(&third)];
    for (next, expected) in [&second, &third].into_iter().zip(&expected) {
        at_every_write(|own, write| {
            own.fault(&json!({ "kind": "refuse", "path": WRITES, "skip": write, "status": 500, "number": 4 }));
            let ended = index(&mut *own.open(), 2, &second);
            own.calm();
            if let Err(error) = &ended {
                assert!(matches!(error, StoreError::Rejected { .. }), "{error}");
                assert!(error.to_string().contains("error 4"), "{error}");
            }
            let mut store = own.open();
            index(&mut *store, 3, next).unwrap();
            assert_same(&mut *store, expected, &format!("write {write}"));
            // What was contested is written once more, and then there is nothing left to do.
            index(&mut *store, 4, next).unwrap();
            index(&mut *store, 5, next).unwrap();
            let settled = own.transactions();
            index(&mut *store, 6, next).unwrap();
            assert_eq!(own.transactions(), settled, "write {write}");
            assert_same(&mut *store, expected, &format!("write {write}"));
            ended.is_err()
        });
    }
}

/// An attempt is given up while its write is on the way; its successor does all its work; then the write arrives.
#[test]
fn a_write_that_comes_after_the_successor_is_undone_by_the_next_run() {
    let [_, second, third] = versions();
    let expected = undisturbed(&third);
    at_every_write(|own, write| {
        own.fault(&json!({ "kind": "hold", "path": WRITES, "skip": write }));
        let mut zombie = own.open();
        let second = second.clone();
        let (held, ended) = mpsc::channel();
        let attempt = thread::spawn({
            let held = held.clone();
            move || {
                let result = index(&mut *zombie, 2, &second);
                let _ = held.send(false);
                result
            }
        });
        let address = own.double.address;
        thread::spawn(move || {
            if order(address, "held", &json!({})).is_ok() {
                let _ = held.send(true);
            }
        });
        if !ended.recv().unwrap() {
            attempt.join().unwrap().unwrap();
            return false;
        }
        let mut successor = own.open();
        index(&mut *successor, 3, &third).unwrap();
        assert_same(&mut *successor, &expected, &format!("before the late write {write}"));
        own.double.order("release", &json!({})).unwrap();
        if let Err(error) = attempt.join().unwrap() {
            assert!(matches!(error, StoreError::Fenced { .. } | StoreError::Unavailable { .. }), "{error}");
        }
        let mut epoch = 4;
        while let Err(error) = index(&mut *successor, epoch, &third) {
            assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
            epoch += 1;
            assert!(epoch < 8, "write {write}: {error}");
        }
        assert_same(&mut *successor, &expected, &format!("after the late write {write}"));
        true
    });
}

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
        at_writes(4, |own, write| {
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
fn patience_has_an_end() {
    let own = own();
    let mut store = own.open();
    own.fault(&json!({ "kind": "refuse", "number": 21003, "path": "/_api/import", "times": 1_000_000 }));
    let impatient = ArangoOptions { patience: Duration::from_millis(50), ..quick() };
    let error = index(&mut *own.open_with(impatient).unwrap(), 2, &versions()[0]).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("21003, queue full") && text.contains("gave up after"), "{text}");
    own.calm();
    index(&mut *store, 3, &versions()[0]).unwrap();
    assert_same(&mut *store, &undisturbed(&versions()[0]), "afterwards");

    let nobody = ArangoOptions { patience: Duration::from_millis(50), ..quick() };
    let error = open_at("127.0.0.1:1", nobody).err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn a_document_that_is_refused_is_named_with_the_reason() {
    let own = own();
    let sources = &versions()[0];
    let (f, call) = (function("a.ts", "f"), &links(sources).0[0].edges[0]);
    for (key, id) in [(&f.key, f.id()), (&call.key, format!("calls/{}", call.key))] {
        // Import first, then the array that names it.
        own.fault(&json!({ "kind": "key", "key": key, "number": 1620, "times": 2 }));
        let error = index(&mut *own.open(), 2, sources).unwrap_err();
        assert!(matches!(error, StoreError::Rejected { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("1 of ") && text.contains(&id) && text.contains("1620, schema violated"), "{text}");
    }
    own.calm();
    index(&mut *own.open(), 3, sources).unwrap();
    assert_same(&mut *own.open(), &undisturbed(sources), "afterwards");
}

#[test]
fn a_document_that_another_transaction_holds_is_written_when_it_is_free() {
    let own = own();
    let sources = &versions()[0];
    own.fault(&json!({ "kind": "key", "key": function("a.ts", "f").key, "number": 1200, "times": 4 }));
    own.fault(&json!({ "kind": "key", "key": links(sources).0[0].edges[0].key, "number": 1200, "times": 3 }));
    index(&mut *own.open(), 2, sources).unwrap();
    assert_same(&mut *own.open(), &undisturbed(sources), "afterwards");
}

#[test]
fn a_token_that_expires_is_renewed_where_that_is_possible() {
    let own = own();
    let mut store = own.open();
    let [first, second, _] = versions();
    index(&mut *store, 1, &first).unwrap();
    own.double.order("expire", &json!({})).unwrap();
    index(&mut *store, 2, &second).unwrap();
    assert_same(&mut *store, &undisturbed(&second), "afterwards");

    let wrong = ArangoOptions { credential: Some("root:wrong".parse().unwrap()), ..quick() };
    let nobody = ArangoOptions { credential: None, ..quick() };
    let forged = ArangoOptions { credential: Some("eyJh.eyJl.c2ln".parse().unwrap()), ..quick() };
    for options in [wrong, nobody, forged] {
        let error = own.open_with(options).err().unwrap();
        assert!(matches!(error, StoreError::AuthRejected { .. }), "{error}");
        assert!(!error.to_string().contains("wrong") && !error.to_string().contains("eyJ"), "{error}");
    }
}

#[test]
fn a_token_of_a_second_is_renewed_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    // So short that it counts as ended at once: each request logs in.
    let own =
        Own { double: support::double(folder.path(), &["--auth", "root:s3cret", "--token-lifetime", "1"]), folder };
    let mut store = own.open();
    for (epoch, sources) in (1..).zip(&versions()) {
        index(&mut *store, epoch, sources).unwrap();
        assert_same(&mut *store, &undisturbed(sources), "afterwards");
    }
}

#[test]
fn a_collection_that_was_removed_is_named() {
    let own = with_first_version();
    let mut store = own.open();
    let status = support::raw(own.double.address, "DELETE", "/_db/graph/_api/collection/calls", "root:s3cret");
    assert_eq!(status, 200);
    let error = index(&mut *store, 2, &versions()[1]).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("1203"), "{error}");
    let error = own.open_with(quick()).err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("calls") && error.to_string().contains("index again"), "{error}");
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
