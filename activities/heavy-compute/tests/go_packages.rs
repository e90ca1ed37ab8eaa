//! What Go files of one module say of each other, from the source to the edges.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fs;

use graph_store::{GraphStore, Repository, SqliteGraph};
use heavy_compute::graph::Detail;
use heavy_compute::index::{Task, index};
use heavy_compute::memory::MemoryBudget;
use kit::Job;
use serde_json::Value;

/// The edges of a repository but `contains`, as `kind from -> to`.
fn edges(files: &[(&str, &str)]) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("src");
    for (path, text) in files {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
    let run = store.begin_run(&Repository { org_id: "default".into(), repo_id: "r".into() }, 1).unwrap();
    let paths: Vec<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let detail = Detail { bodies: false, members: false };
    let task = Task { root: &root, files: &paths, covered: &HashSet::new(), detail, memory: MemoryBudget::default() };
    index(&Job::detached(), &mut store, &run, &task, None).unwrap();
    let mut bytes = Vec::new();
    store.export(None, &mut bytes).unwrap();
    let documents: Vec<Value> = bytes.split(|b| *b == b'\n').filter_map(|l| serde_json::from_slice(l).ok()).collect();
    let text = |document: &Value, field: &str| document[field].as_str().unwrap_or_default().to_owned();
    let names: HashMap<String, String> = documents
        .iter()
        .map(|d| {
            let of = |parent: &str| if parent.is_empty() { String::new() } else { format!("{parent}.") };
            (
                format!("{}/{}", text(d, "collection"), text(d, "_key")),
                format!("{}{}", of(&text(d, "parent")), text(d, "name")),
            )
        })
        .collect();
    let edges = documents.iter().filter(|d| d["_from"].is_string() && d["kind"] != "contains");
    edges.map(|d| format!("{} {} -> {}", text(d, "kind"), names[&text(d, "_from")], names[&text(d, "_to")])).collect()
}

const MODULE: (&str, &str) = ("go.mod", "module example.com/shop\n\nrequire example.org/go-log/v2 v2.0.0\n");

fn has(edges: &BTreeSet<String>, expected: &[&str]) {
    for edge in expected {
        assert!(edges.contains(*edge), "{edge} is not among {edges:#?}");
    }
}

#[test]
fn files_of_a_package_share_their_names() {
    let edges = edges(&[
        MODULE,
        ("cart/types.go", "package cart\n\ntype Cart struct{ Base }\n\ntype Base struct{}\n\nvar limit = 3\n"),
        (
            "cart/methods.go",
            "package cart\n\nfunc (c *Cart) Add() { c.check(); c.Reset() }\n\nfunc (b *Base) Reset() { limit++ }\n",
        ),
        ("cart/check.go", "package cart\n\nfunc (c Cart) check() {}\n\nfunc New() *Cart { return &Cart{} }\n"),
        ("cart/use.go", "package cart\n\nfunc use(c *Cart) {\n\tc.Add()\n\tn := New()\n\tn.check()\n}\n"),
        ("cart/cart_test.go", "package cart_test\n\nfunc New() {}\n\nfunc helper() { New(); check() }\n"),
    ]);
    has(
        &edges,
        &[
            "member_of Add -> Cart",
            "member_of check -> Cart",
            "calls Add -> check",
            "calls Add -> Reset",
            "references Reset -> limit",
            "references New -> Cart",
            "calls use -> Add",
            "calls use -> New",
            "calls use -> check",
            "extends Cart -> Base",
            "calls helper -> New",
        ],
    );
    assert!(!edges.contains("calls helper -> check"), "{edges:#?}");
}

#[test]
fn imports_lead_to_packages_of_the_module_and_outside() {
    let edges = edges(&[
        MODULE,
        (
            "store/store.go",
            "package store\n\ntype Store struct{ Rows *Rows }\n\ntype Rows struct{}\n\nfunc (r *Rows) Close() {}\n\n\
             func Open() (*Store, error) { return nil, nil }\n\nfunc (s *Store) Get() Item { return Item{} }\n\n\
             type Item interface{ Show() }\n",
        ),
        (
            "main.go",
            "package main\n\nimport (\n\t\"fmt\"\n\t\"example.com/shop/store\"\n\tlogs \"example.org/go-log/v2/sub\"\n\
             \t_ \"example.com/shop/store\"\n)\n\ntype Shop struct {\n\tstore.Store\n\tback *store.Store\n}\n\n\
             func main() {\n\ts, err := store.Open()\n\ts.Get().Show()\n\ts.Rows.Close()\n\tlogs.Print(err)\n\
             \tfmt.Println()\n}\n\nfunc (s *Shop) run() { s.Get(); s.back.Rows.Close() }\n",
        ),
    ]);
    has(
        &edges,
        &[
            "imports main.go -> store.go",
            "imports main.go -> fmt",
            "imports main.go -> example.org/go-log/v2",
            "calls main -> Open",
            "calls main -> Store.Get",
            "calls main -> Item.Show",
            "calls main -> Rows.Close",
            "calls main -> example.org/go-log/v2",
            "calls main -> fmt",
            "extends Shop -> Store",
            "calls Shop.run -> Store.Get",
            "calls Shop.run -> Rows.Close",
        ],
    );
}
