//! What references, definitions and relationships become.

use serde_json::json;

use crate::support::{Doc, World, encoded, failure};

fn library() -> Doc {
    Doc::new(
        "lib.ts",
        "export function save(a: number): void {}\nexport class Store { size = 1; put(k: string) { return this.size; } }\nexport interface Named { name: string; call(): void; }\nexport const limit = 3;\n",
    )
    .defines("save", 0, "`lib.ts`/save().")
    .defines("Store", 0, "`lib.ts`/Store#")
    .defines("size", 0, "`lib.ts`/Store#size.")
    .defines("put", 0, "`lib.ts`/Store#put().")
    .defines("Named", 0, "`lib.ts`/Named#")
    .defines("name", 0, "`lib.ts`/Named#name.")
    .defines("call", 0, "`lib.ts`/Named#call().")
    .defines("limit", 0, "`lib.ts`/limit.")
    .refers("size", 1, "`lib.ts`/Store#size.")
}

fn user(text: &str) -> Doc {
    Doc::new("use.ts", text)
}

#[test]
fn a_reference_is_what_the_syntax_does_with_it() {
    let text = "import { save, Store, limit } from './lib';\nexport { limit as most } from './lib';\nexport function f(s: Store) {\n  save(limit);\n  new Store();\n  s.put('a');\n  const later = save;\n}\nclass Sub extends Store {}\n";
    let doc = user(text)
        .defines("f(", 0, "`use.ts`/f().")
        .defines("Sub", 0, "`use.ts`/Sub#")
        .refers("save", 0, "`lib.ts`/save().")
        .refers("Store", 0, "`lib.ts`/Store#")
        .refers("limit", 0, "`lib.ts`/limit.")
        .refers("limit", 1, "`lib.ts`/limit.")
        .refers("Store", 1, "`lib.ts`/Store#")
        .refers("save", 1, "`lib.ts`/save().")
        .refers("limit", 2, "`lib.ts`/limit.")
        .refers("Store", 2, "`lib.ts`/Store#")
        .refers("put", 0, "`lib.ts`/Store#put().")
        .refers("save", 2, "`lib.ts`/save().")
        .refers("Store", 3, "`lib.ts`/Store#");
    let world = World::of(&[library(), doc]);
    let (scip, _) = world.run();
    assert_eq!(world.covered(&scip), ["lib.ts", "use.ts"]);
    assert_eq!(
        world.edges_by("scip"),
        [
            "Sub extends Store",
            "f calls Store",
            "f calls Store.put",
            "f calls save",
            "f references Store",
            "f references limit",
            "f references save",
            "use.ts imports Store",
            "use.ts imports limit",
            "use.ts imports save",
        ]
    );
    assert_eq!(world.edges_by("syntax"), ["use.ts imports lib.ts"]);
    let edges = world.edges();
    assert_eq!(edges["f references Store"]["access"], json!(["type"]));
    assert_eq!(edges["f references limit"]["access"], json!(["read"]));
    assert_eq!(
        (&edges["f calls save"]["confidence"], &edges["use.ts imports limit"]["reexport"]),
        (&1.0.into(), &true.into())
    );
}

#[test]
fn a_part_without_an_entity_is_told_by_its_owner_and_not_to_itself() {
    let text = "import { Named, Store } from './lib';\nexport function f(n: Named, s: Store) {\n  s.size = n.name.length;\n}\n";
    let doc = user(text)
        .defines("f", 2, "`use.ts`/f().")
        .defines("n", 5, "`use.ts`/f().(n)")
        .refers("name", 0, "`lib.ts`/Named#name.")
        .refers("size", 0, "`lib.ts`/Store#size.")
        .refers("n.", 0, "`use.ts`/f().(n)");
    let world = World::of(&[library(), doc]);
    let (scip, _) = world.run();
    let edges = world.edges();
    let named = &edges["f references Named"];
    assert_eq!(
        (&named["members"], &named["origin"], &named["access"]),
        (&json!(["name"]), &"scip".into(), &json!(["read", "type"]))
    );
    assert_eq!(edges["f references Store"]["members"], json!(["size"]));
    assert_eq!(edges["f references Store"]["access"], json!(["type", "write"]));
    assert!(!edges.contains_key("f references f") && !edges.contains_key("Store.put references Store"));
    assert_eq!((scip.references.lifted, scip.references.own_scope), (2, 2));
}

#[test]
fn of_a_type_and_a_value_of_one_name_the_one_that_is_asked_for_is_meant() {
    let both = Doc::new("both.ts", "export interface Both { a: number }\nexport const Both = { make() {} };\nexport namespace Both { export type X = 1 }\n")
        .defines("Both", 0, "`both.ts`/Both#")
        .defines("Both", 1, "`both.ts`/Both.")
        .defines("Both", 2, "`both.ts`/Both/");
    let text = "import { Both } from './both';\nexport function f(b: Both) { return Both; }\n";
    let mut doc = user(text).defines("f(", 0, "`use.ts`/f().");
    for nth in [1, 2] {
        for symbol in ["`both.ts`/Both#", "`both.ts`/Both.", "`both.ts`/Both/"] {
            doc = doc.refers("Both", nth, symbol);
        }
    }
    let world = World::of(&[both, doc]);
    world.run();
    let export = world.export();
    let kind_of = |id: &str| {
        let key = id.rsplit('/').next().unwrap();
        let line = export.lines().find(|line| line.contains(&format!("\"_key\":\"{key}\"")) && !line.contains("_from"));
        serde_json::from_str::<serde_json::Value>(line.unwrap()).unwrap()["kind"].as_str().unwrap().to_owned()
    };
    let mut found: Vec<(String, String)> = export
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|document| document["kind"] == "references" && document["origin"] == "scip")
        .map(|edge| (kind_of(edge["_to"].as_str().unwrap()), edge["access"].to_string()))
        .collect();
    found.sort();
    assert_eq!(
        found,
        [("interface", "[\"type\"]"), ("namespace", "[\"read\"]"), ("variable", "[\"read\"]")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
}

#[test]
fn relationships_of_methods_say_whom_they_stand_for() {
    let text = "import { Named, Store } from './lib';\nexport class A extends Store implements Named { name = ''; call() {} put(k: string) { return 1; } }\n";
    let doc = user(text)
        .defines("A", 0, "`use.ts`/A#")
        .defines("call", 0, "`use.ts`/A#call().")
        .defines("put", 0, "`use.ts`/A#put().")
        .refers("Store", 1, "`lib.ts`/Store#")
        .refers("Named", 1, "`lib.ts`/Named#")
        .implements("`use.ts`/A#call().", "`lib.ts`/Named#call().")
        .implements("`use.ts`/A#put().", "`lib.ts`/Store#put().")
        .implements("`use.ts`/A#", "`lib.ts`/Named#");
    let world = World::of(&[library(), doc]);
    world.run();
    assert_eq!(
        world.edges_by("scip"),
        ["A extends Store", "A implements Named", "A.call implements Named.call", "A.put overrides Store.put",]
    );
}

#[test]
fn a_file_has_the_same_entities_with_and_without_an_index() {
    let text = "export function over(a: string): void;\nexport function over(a: any) {}\nexport const f = () => { function inner() {} inner(); };\n";
    let doc = user(text)
        .defines("over", 0, "`use.ts`/over().")
        .defines("over", 1, "`use.ts`/over().")
        .defines("f", 2, "`use.ts`/f.")
        .defines("inner", 0, "local 1")
        .refers("inner", 1, "local 1");
    let mut world = World::of(&[library(), doc]);
    world.run();
    let with = world.entities();
    assert!(world.edges()["f calls f.inner"]["origin"] == "scip");
    world.indexes.clear();
    world.run();
    assert_eq!(world.entities(), with);
    assert!(world.edges_by("scip").is_empty(), "nothing is left of an index that is gone");
}

#[test]
fn files_without_an_index_link_into_files_with_one() {
    let mut world = World::of(&[library()]);
    world.write("plain.ts", "import { save } from './lib';\nexport function g() { save(1); }\n");
    let (_, rest) = world.run();
    assert_eq!(world.edges_by("syntax"), ["g calls save", "plain.ts imports lib.ts", "plain.ts imports save"]);
    assert_eq!(rest.skipped["covered"], 1);
    // The same graph when the other file gets an index of its own.
    let doc = Doc::new("plain.ts", "import { save } from './lib';\nexport function g() { save(1); }\n")
        .defines("g", 0, "`plain.ts`/g().")
        .refers("save", 1, "`lib.ts`/save().");
    world.index("second.scip", &encoded([doc.document]));
    world.run();
    assert_eq!(world.edges_by("scip"), ["g calls save"]);
}

#[test]
fn any_order_of_documents_gives_the_same_graph() {
    let text = "import { save } from './lib';\nexport function f() { save(1); }\n";
    let docs = || [library(), user(text).defines("f", 2, "`use.ts`/f().").refers("save", 1, "`lib.ts`/save().")];
    let forward = World::of(&docs());
    forward.run();
    let mut backward = World::of(&docs());
    backward.index("index.scip", &encoded(docs().into_iter().rev().map(|doc| doc.document)));
    backward.run();
    assert_eq!(forward.export(), backward.export());
    let mut apart = World::of(&docs());
    let [first, second] = docs();
    apart.index("index.scip", &encoded([second.document]));
    apart.index("other.scip", &encoded([first.document]));
    apart.run();
    assert_eq!(forward.export(), apart.export(), "one index or two");
}

#[test]
fn a_second_run_writes_nothing_and_a_change_writes_its_part() {
    let text = "import { save } from './lib';\nexport function f() { save(1); }\n";
    let doc = || user(text).defines("f", 2, "`use.ts`/f().").refers("save", 1, "`lib.ts`/save().");
    let mut world = World::of(&[library(), doc()]);
    world.run();
    let first = world.export();
    let (scip, rest) = world.run();
    assert_eq!((scip.written, scip.unchanged, rest.written, rest.unchanged), (0, 2, 0, 0));
    assert_eq!(scip.references, world.scip().unwrap().references, "what is remembered is told again");

    let changed = "import { Store } from './lib';\nexport function f() { new Store(); }\n";
    let other = user(changed).defines("f", 2, "`use.ts`/f().").refers("Store", 1, "`lib.ts`/Store#");
    world.write("use.ts", changed);
    world.index("index.scip", &encoded([library().document, other.document]));
    let (scip, _) = world.run();
    assert_eq!(scip.unchanged, 1);
    assert!(world.edges().contains_key("f calls Store") && !world.edges().contains_key("f calls save"));
    world.write("use.ts", text);
    world.index("index.scip", &encoded([library().document, doc().document]));
    world.run();
    assert_eq!(world.export(), first);
}

#[test]
fn a_file_that_changed_since_its_index_was_made_is_parsed() {
    let world = World::of(&[library()]);
    world.write("lib.ts", "export function other() {}\n");
    let (scip, _) = world.run();
    assert_eq!((scip.covered_count, scip.skipped_documents), (0, 1));
    let told = scip.warnings.iter().find(|warning| warning.code == "documentSkipped").unwrap();
    assert!(told.message.contains("lib.ts, at byte ") && told.message.contains("another state"), "{told:?}");
    assert!(world.entities().iter().any(|entity| entity.contains("\"other\"")));
}

#[test]
fn a_file_that_changes_between_the_two_activities_is_parsed() {
    let world = World::of(&[library()]);
    let scip = world.scip().unwrap();
    world.write("lib.ts", "export function other() {}\n");
    world.rest(&scip);
    assert!(world.entities().iter().any(|entity| entity.contains("\"other\"")));
    assert!(!world.entities().iter().any(|entity| entity.contains("\"save\"")));
}

#[test]
fn a_damaged_document_is_told_with_its_place_and_costs_no_other() {
    let good = user("export function f() {}\n").defines("f", 1, "`use.ts`/f().");
    let mut world = World::of(&[library(), good]);
    let mut bytes = encoded([]);
    let offset = bytes.len();
    bytes.extend([0x12, 3, 0x0a, 0x7f, b'x']);
    let documents = encoded([user("export function f() {}\n").defines("f", 1, "`use.ts`/f().").document]);
    bytes.extend(&documents[offset..]);
    world.index("index.scip", &bytes);
    let (scip, _) = world.run();
    assert_eq!((scip.skipped_documents, world.covered(&scip)), (1, vec!["use.ts".to_owned()]));
    let told = scip.warnings.iter().find(|warning| warning.code == "documentSkipped").unwrap();
    assert!(told.message.contains(&format!("bytes {offset} to")), "{told:?}");
}

#[test]
fn an_index_that_was_cut_gives_what_is_whole() {
    let good = user("export function f() {}\n").defines("f", 1, "`use.ts`/f().");
    let mut world = World::of(&[library(), good]);
    let whole = std::fs::read(&world.indexes[0]).unwrap();
    world.index("index.scip", &whole[..whole.len() - 5]);
    let (scip, _) = world.run();
    assert_eq!(world.covered(&scip), ["lib.ts"]);
    assert!(scip.indexes[0].warning.as_ref().unwrap().contains("run the indexer again"), "{:?}", scip.indexes);
    world.index("index.scip", b"\xff\xff no index");
    let refused = failure(world.scip());
    assert_eq!(refused.error_type, contracts::errors::ErrorType::IndexDamaged, "{refused}");
}

#[test]
fn documents_of_other_places_are_never_opened() {
    let mut world = World::of(&[library()]);
    std::fs::write(world.path("secret.ts"), "export function secret() {}\n").unwrap();
    let mut documents = vec![library().document];
    for path in ["../secret.ts", "/etc/passwd", "gone.ts", "a//b.ts"] {
        documents.push(Doc::new(path, "").document);
    }
    world.index("index.scip", &encoded(documents));
    let (scip, _) = world.run();
    assert_eq!((scip.skipped_documents, world.covered(&scip)), (4, vec!["lib.ts".to_owned()]));
    let codes: Vec<(&str, u64)> = scip.warnings.iter().map(|w| (w.code.as_str(), w.count)).collect();
    assert_eq!(codes, [("documentPath", 1), ("documentWithoutFile", 1), ("pathEscape", 2)]);
}

#[test]
fn an_index_of_a_package_is_found_to_be_of_its_folder() {
    let mut world = World::new();
    world.write("packages/a/package.json", "{\"name\":\"a\"}");
    world.write("packages/a/lib.ts", "export function save() {}\n");
    world.write("packages/b/package.json", "{\"name\":\"b\"}");
    world.write("packages/b/use.ts", "import { save } from 'a/lib';\nexport function f() { save(); }\n");
    let a = Doc::new("lib.ts", "export function save() {}\n").defines(
        "save",
        0,
        "scip-typescript npm a 1 `lib.ts`/save().",
    );
    let b = Doc::new("use.ts", "import { save } from 'a/lib';\nexport function f() { save(); }\n")
        .defines("f", 2, "scip-typescript npm b 1 `use.ts`/f().")
        .refers("save", 1, "scip-typescript npm a 1 `lib.ts`/save().");
    world.index("b.scip", &encoded([b.document]));
    world.index("a.scip", &encoded([a.document]));
    let mut input = world.input();
    input.package_roots = Some(vec![".".into(), "packages/a/".into(), "./packages/b".into()]);
    let scip = heavy_compute::steps::run_scip(&kit::Job::detached(), &world.settings, &input, None).unwrap();
    assert_eq!(world.covered(&scip), ["packages/a/lib.ts", "packages/b/use.ts"]);
    let roots: Vec<&str> = scip.indexes.iter().map(|index| index.root.as_str()).collect();
    assert_eq!(roots, ["packages/b", "packages/a"]);
    world.rest(&scip);
    assert_eq!(world.edges_by("scip"), ["f calls save"]);
    input.package_roots = Some(vec!["../..".into()]);
    let refused = failure(heavy_compute::steps::run_scip(&kit::Job::detached(), &world.settings, &input, None));
    assert_eq!(refused.error_type, contracts::errors::ErrorType::PathEscape, "{refused}");
}

#[test]
fn packages_are_named_as_imports_name_them() {
    let text = "import { load } from 'js-yaml';\nimport fs from 'node:fs';\nexport function f() { load(''); fs.rm('x'); [1].map(String); }\n";
    let doc = user(text)
        .defines("f(", 0, "`use.ts`/f().")
        .refers("load", 1, "scip-typescript npm @types/js-yaml 4 `index.d.ts`/load().")
        .refers("rm(", 0, "scip-typescript npm @types/node 20 `fs.d.ts`/`'fs'`/rm().")
        .refers("map", 0, "scip-typescript npm typescript 5 lib/`lib.es5.d.ts`/Array#map().");
    let world = World::of(&[doc]);
    world.run();
    let edges: Vec<String> = world.edges().into_keys().collect();
    assert_eq!(
        edges,
        ["f calls fs", "f calls js-yaml", "f calls typescript", "use.ts imports fs", "use.ts imports js-yaml"]
    );
}

#[test]
fn columns_count_utf_16_and_ranges_may_have_four_numbers() {
    let text = "import { save } from './lib';\nexport function f() { /* 𝒙é */ save(1); }\n";
    let mut doc = user(text).defines("f", 2, "`use.ts`/f().").refers("save", 1, "`lib.ts`/save().");
    let four = &mut doc.document.occurrences[2].range;
    *four = vec![four[0], four[1], four[0], four[2]];
    let world = World::of(&[library(), doc]);
    world.run();
    assert_eq!(world.edges_by("scip"), ["f calls save"]);
}

#[test]
fn a_language_without_a_grammar_gets_the_entities_of_its_index() {
    let text = "class Shop {\n  fun open() = price()\n}\nfun price() = 1\n";
    let mut doc = Doc::new("Shop.kt", text)
        .defines("Shop", 0, "scip-java maven shop 1 shop/Shop#")
        .defines("open", 0, "scip-java maven shop 1 shop/Shop#open().")
        .defines("price", 1, "scip-java maven shop 1 shop/price().")
        .refers("price", 0, "scip-java maven shop 1 shop/price().")
        .documents("scip-java maven shop 1 shop/price().", "```kotlin\nfun price(): Int\n```");
    doc.document.occurrences[1].enclosing_range = vec![0, 0, 2, 1];
    doc.document.occurrences[2].enclosing_range = vec![1, 2, 22];
    let world = World::of(&[doc]);
    let (scip, _) = world.run();
    assert_eq!((scip.definitions.from_index, scip.definitions.entities), (3, 0));
    assert_eq!(world.edges_by("scip"), ["Shop.open references price"]);
    let entities = world.entities();
    let has = |text: &str| entities.iter().any(|entity| entity.contains(text));
    assert!(
        has("\"kind\":\"class\",\"name\":\"Shop\"") && has("\"kind\":\"method\",\"name\":\"open\""),
        "{entities:?}"
    );
}

#[test]
fn an_index_alone_says_what_it_knows() {
    let library = library()
        .documents("`lib.ts`/Named#", "```ts\ninterface Named\n```")
        .documents("`lib.ts`/save().", "```ts\nfunction save(a: number): void\n```");
    let mut doc = user("import { save } from './lib';\nexport function f() { save(1); }\n")
        .defines("f", 2, "`use.ts`/f().")
        .refers("save", 1, "`lib.ts`/save().");
    doc.document.occurrences[1].enclosing_range = vec![1, 7, 40];
    let world = World::of(&[library, doc]);
    let repository = graph_store::Repository { org_id: "default".into(), repo_id: "r".into() };
    let index = std::path::Path::new(&world.indexes[0]).to_owned();
    let alone =
        || heavy_compute::steps::index_alone(&kit::Job::detached(), &world.settings, &repository, &index).unwrap();
    assert_eq!(alone().covered_count, 2);
    assert_eq!(alone().written, 0);
    assert_eq!(world.edges_by("scip"), ["f calls save", "lib.ts references Store"]);
    assert_eq!(world.edges()["f calls save"]["confidence"], 0.8);
    let entities = world.entities();
    assert!(entities.iter().any(|entity| entity.contains("function save(a: number)")), "{entities:#?}");
    assert!(entities.iter().any(|entity| entity.contains("\"kind\":\"interface\",\"name\":\"Named\"")));
}
