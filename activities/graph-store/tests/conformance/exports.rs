//! What leaves a graph.

use std::collections::BTreeMap;

use graph_store::{
    Access, EdgeKind, EntityDocument, EntityKind, FileGraph, GraphStore, Order, Origin, Repository, graphml,
};
use serde_json::Value;

use crate::{
    Home,
    fixtures::{edge, export, export_of, file, file_of, links, named, next_epoch, package, repository, run},
};

fn graphml_of(store: &mut dyn GraphStore, repository: Option<&Repository>) -> String {
    let mut bytes = Vec::new();
    let written = graphml(store, repository, &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(
        text.lines().filter(|l| l.starts_with("    <node ") || l.starts_with("    <edge ")).count() as u64,
        written
    );
    text
}

/// Two files, a package, all kinds of values, and text that XML has trouble with.
fn awkward(store: &mut dyn GraphStore) {
    let run = run(store);
    let mut graph = file("a.ts", "1", &["f", "g"]);
    graph.facts = b"remembered".to_vec();
    let full = &mut graph.entities[1];
    full.end_line = Some(9);
    full.exported = Some(true);
    full.is_async = Some(false);
    full.parameter_count = Some(0);
    full.complexity = Some(3);
    full.language = Some("typescript".into());
    full.parent = Some("]]> & <b a='\"'>".into());
    full.return_type = Some("Map<string, \u{1f980}>".into());
    full.doc =
        Some("tab\tline\nreturn\rboth\r\n nul\0 bell\u{7} escape\u{1b} \u{fffe}\u{ffff} \u{85}\u{2028} end ".into());
    full.body = Some("  \n".into());
    graph.entities[0].lines = Some(u64::from(u32::MAX) + 1);
    graph.entities[0].bytes = Some(7);
    let lodash = package(&repository(), "@scope/lodash");
    let mut import = edge(&graph.entities[0].id(), &lodash.id(), EdgeKind::Imports);
    import.reexport = true;
    let mut used = edge(&graph.entities[2].id(), &graph.entities[1].id(), EdgeKind::References);
    used.access = vec![Access::Read, Access::Type];
    store.replace_files(&run, &[graph, file("b.ts", "1", &[])]).unwrap();
    store.link_files(&run, &[links("a.ts", "digest", vec![import, used])], &[lodash]).unwrap();
    store.finish_links(&run, "summary").unwrap();
}

pub(crate) fn the_export_is_sorted_and_names_the_collection_first<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    store.replace_files(&first, &[file("b.ts", "2", &["x", "y", "z"]), file("a.ts", "1", &["f"])]).unwrap();
    let keys: Vec<(String, String)> = export(&mut *store)
        .lines()
        .map(|line| {
            assert!(line.starts_with("{\"collection\":\""), "{line}");
            let document: Value = serde_json::from_str(line).unwrap();
            assert!(document.as_object().unwrap().values().all(|v| !v.is_null()), "{line}");
            (document["collection"].as_str().unwrap().to_owned(), document["_key"].as_str().unwrap().to_owned())
        })
        .collect();
    let mut sorted = keys.clone();
    sorted.sort();
    sorted.dedup();
    assert_eq!(keys, sorted);
    assert_eq!(keys.len(), 12);
}

pub(crate) fn what_is_written_meanwhile_is_not_exported<H: Home>() {
    let home = H::new();
    let (mut store, mut writer) = (home.open(), home.open());
    let run = run(&mut *store);
    store.replace_files(&run, &[file("a.ts", "1", &["f"]), file("b.ts", "1", &["g"])]).unwrap();
    let before = export(&mut *store);
    let mut seen = Vec::new();
    store
        .scan(None, Order::Collection, &mut |document| {
            if seen.is_empty() {
                writer.replace_files(&run, &[file("a.ts", "2", &["h"]), file("c.ts", "1", &["i"])])?;
            }
            seen.push(document.json.to_owned());
            Ok(())
        })
        .unwrap();
    assert_eq!(export(&mut *store), export(&mut *writer));
    if !H::has_snapshots() {
        return;
    }
    let before: Vec<&str> = before.lines().map(|line| line.split_once(",").unwrap().1).collect();
    let seen: Vec<&str> = seen.iter().map(|json| &json[1..]).collect();
    assert_eq!(seen, before);
}

pub(crate) fn no_bookkeeping_is_exported<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    awkward(&mut *store);
    let text = export(&mut *store) + &graphml_of(&mut *store, None);
    for bookkeeping in ["digest", "summary", "remembered", "epoch", "linked", "extractor", "commit"] {
        assert!(!text.contains(bookkeeping), "{bookkeeping}");
    }
    let mut collections: Vec<&str> = EntityKind::collections().into_iter().chain(EdgeKind::collections()).collect();
    collections.sort_unstable();
    for line in export(&mut *store).lines() {
        let document: Value = serde_json::from_str(line).unwrap();
        assert!(collections.contains(&document["collection"].as_str().unwrap()), "{line}");
    }
}

pub(crate) fn the_bytes_are_those_of_every_other_store<H: Home>() {
    let (home, other) = (H::new(), crate::sqlite::SqliteHome::new());
    let (mut store, mut sqlite) = (home.open(), other.open());
    for store in [&mut store, &mut sqlite] {
        awkward(&mut **store);
        let (two, unicode) = (named("two"), named("\u{e9}t\u{e9} \u{1f980}/\"x\""));
        for (repository, epoch) in [(&two, 1), (&unicode, 2), (&two, 3)] {
            let run = store.begin_run(repository, epoch).unwrap();
            let names: Vec<String> = (0..40).map(|n| format!("n{}", n * epoch)).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut graph = file_of(repository, "\u{e4}/c.ts", &epoch.to_string(), &names);
            for (edge, confidence) in graph.edges.iter_mut().zip([0.0, 1.0, 0.1 + 0.2, f64::MIN_POSITIVE, 1e-7]) {
                edge.confidence = confidence;
            }
            store.replace_files(&run, &[graph]).unwrap();
        }
    }
    assert_eq!(export(&mut *store), export(&mut *sqlite));
    assert_eq!(export_of(&mut *store, &named("two")), export_of(&mut *sqlite, &named("two")));
    assert_eq!(graphml_of(&mut *store, None), graphml_of(&mut *sqlite, None));
    assert_eq!(store.counts(None).unwrap(), sqlite.counts(None).unwrap());
}

/// Id and fields of each element of that name, as a reader of XML sees them.
fn read_back(xml: &str, element: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let document = roxmltree::Document::parse(xml).unwrap();
    let names: BTreeMap<&str, &str> = document
        .descendants()
        .filter(|node| node.has_tag_name("key"))
        .map(|key| (key.attribute("id").unwrap(), key.attribute("attr.name").unwrap()))
        .collect();
    let elements = document.descendants().filter(|node| node.has_tag_name(element));
    let read = elements.map(|node| {
        let data = node.children().filter(roxmltree::Node::is_element);
        let mut fields: BTreeMap<String, String> = data
            .map(|data| (names[data.attribute("key").unwrap()].to_owned(), data.text().unwrap_or_default().to_owned()))
            .collect();
        fields.extend(node.attributes().map(|a| (format!("@{}", a.name()), a.value().to_owned())));
        (node.attribute("id").unwrap().to_owned(), fields)
    });
    read.collect()
}

pub(crate) fn graphml_is_read_back_as_what_was_written<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    awkward(&mut *store);
    let xml = graphml_of(&mut *store, None);
    let (nodes, edges) = (read_back(&xml, "node"), read_back(&xml, "edge"));
    let mut documents = 0;
    for line in export(&mut *store).lines() {
        documents += 1;
        let mut document: BTreeMap<String, Value> = serde_json::from_str(line).unwrap();
        let mut take = |field: &str| match document.remove(field) {
            Some(Value::String(text)) => text,
            other => panic!("{field}: {other:?}"),
        };
        let id = format!("{}/{}", take("collection"), take("_key"));
        let mut expected = BTreeMap::from([("@id".to_owned(), id.clone())]);
        let read = match edges.get(&id) {
            Some(edge) => {
                expected.insert("@source".into(), take("_from"));
                expected.insert("@target".into(), take("_to"));
                edge
            }
            None => &nodes[&id],
        };
        expected.extend(document.into_iter().map(|(field, value)| {
            let text = match value {
                Value::String(text) => text.replace(['\0', '\u{7}', '\u{1b}', '\u{fffe}', '\u{ffff}'], "\u{fffd}"),
                Value::Array(words) => words.iter().map(|w| w.as_str().unwrap()).collect::<Vec<_>>().join(","),
                other => other.to_string(),
            };
            (field, text)
        }));
        assert_eq!(*read, expected);
    }
    assert_eq!(documents, nodes.len() + edges.len());
}

pub(crate) fn graphml_puts_nodes_first_and_has_the_same_bytes_each_time<H: Home>() {
    let (home, other) = (H::new(), H::new());
    let (mut store, mut fresh) = (home.open(), other.open());
    awkward(&mut *store);
    let two = named("two");
    for store in [&mut store, &mut fresh] {
        let run = store.begin_run(&two, next_epoch()).unwrap();
        store.replace_files(&run, &[file_of(&two, "c.ts", "1", &["h"])]).unwrap();
    }
    let only_two = graphml_of(&mut *store, Some(&two));
    assert_eq!(only_two.matches("<node ").count(), 2);
    assert_eq!(only_two, graphml_of(&mut *fresh, None));

    awkward(&mut *fresh);
    let xml = graphml_of(&mut *store, None);
    assert_eq!(xml, graphml_of(&mut *fresh, None));
    let begins = |what: &str| {
        let lines: Vec<&str> = xml.lines().filter(|l| l.starts_with(what)).collect();
        let mut sorted = lines.clone();
        sorted.sort_unstable();
        assert_eq!(lines, sorted);
        lines.len()
    };
    assert_eq!((begins("    <node "), begins("    <edge ")), (7, 6));
    assert!(xml.rfind("<node ").unwrap() < xml.find("<edge ").unwrap());
    // Both orders hold the same documents.
    let mut collections = Vec::new();
    store
        .scan(None, Order::EntitiesFirst, &mut |d| {
            collections.push(format!("{} {}", d.is_edge, d.json));
            Ok(())
        })
        .unwrap();
    assert_eq!(collections.len(), export(&mut *store).lines().count());
    assert_eq!(export_of(&mut *store, &two).lines().count(), 3);
}

pub(crate) fn graphml_declares_every_field_of_a_document<H: Home>() {
    let home = H::new();
    let mut store = home.open();
    let first = run(&mut *store);
    let mut entity =
        EntityDocument::new(&repository(), "a.ts", EntityKind::File, "a.ts", Some("s".into()), Origin::Scip);
    let text = || Some("t".to_owned());
    (entity.start_line, entity.end_line, entity.parameter_count, entity.complexity) =
        (Some(1), Some(1), Some(1), Some(1));
    (entity.language, entity.doc, entity.parent, entity.return_type) = (text(), text(), text(), text());
    (entity.body, entity.content_sha256, entity.exported, entity.is_async) = (text(), text(), Some(true), Some(true));
    (entity.lines, entity.bytes) = (Some(1), Some(1));
    let mut itself = edge(&entity.id(), &entity.id(), EdgeKind::Calls);
    (itself.access, itself.reexport) = (vec![Access::Write], true);
    itself.members = vec!["left".to_owned(), "right".to_owned()];
    let fields = |document: Value| document.as_object().unwrap().keys().filter(|k| !k.starts_with('_')).count();
    let expected = (fields(serde_json::to_value(&entity).unwrap()), fields(serde_json::to_value(&itself).unwrap()));
    let graph = FileGraph {
        path: "a.ts".into(),
        content_sha256: String::new(),
        extractor: String::new(),
        entities: vec![entity],
        edges: vec![itself],
        facts: Vec::new(),
    };
    store.replace_files(&first, &[graph]).unwrap();
    let xml = graphml_of(&mut *store, None);
    let written = |domain: &str| xml.matches(&format!("<data key=\"{domain}.")).count();
    assert_eq!((written("node"), written("edge")), expected);
    assert_eq!(xml.matches("<key ").count(), expected.0 + expected.1);
}
