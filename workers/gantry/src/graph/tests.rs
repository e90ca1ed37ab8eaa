//! The answers, as people and programs read them.

use clap::Parser;
use graph_store::{
    Access, EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, FileLinks, GraphStore, Origin, Repository,
    SqliteGraph,
};

use super::{
    answer::Answer,
    arguments::{DropOptions, GraphCommand},
    edges::{self, Question},
    find, path, remove, stats,
};
use crate::{
    arguments::{Arguments, Command},
    problem::Problem,
};

struct Fixture {
    store: SqliteGraph,
    _folder: tempfile::TempDir,
}

/// `shop`: two TypeScript files that call each other and a package. `site`: a file with a function of a name that `shop`
/// has as well.
fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
    let shop = Repository { org_id: "default".into(), repo_id: "shop".into() };
    let entity = |path: &str, kind: EntityKind, name: &str, line: u32, signature: Option<&str>| {
        let mut entity = EntityDocument::new(&shop, path, kind, name, signature.map(str::to_owned), Origin::Syntax);
        entity.start_line = (line > 0).then_some(line);
        entity
    };
    let cart = "src/cart.ts";
    let main = "src/main.ts";
    let in_cart = [
        entity(cart, EntityKind::File, "cart.ts", 0, None),
        entity(cart, EntityKind::Class, "Cart", 3, None),
        entity(cart, EntityKind::Method, "add", 5, Some("Cart.add(item: Item)")),
        entity(cart, EntityKind::Function, "total", 20, Some("function total(cart: Cart)")),
    ];
    let in_main = [
        entity(main, EntityKind::File, "main.ts", 0, None),
        entity(main, EntityKind::Function, "checkout", 7, Some("function checkout()")),
        entity(main, EntityKind::Function, "start", 30, Some("function start()")),
        entity(main, EntityKind::Function, "total", 41, Some("function total()")),
        // A name that a terminal would obey.
        entity(main, EntityKind::Method, "\u{1b}[31mred", 50, Some("red()")),
    ];
    let lodash = EntityDocument::new(&shop, "", EntityKind::Package, "lodash", Some("npm".into()), Origin::Syntax);
    let edge = |from: &EntityDocument, to: &EntityDocument, kind, confidence, access: &[Access]| {
        let mut edge = EdgeDocument::new(&shop, from.id(), to.id(), kind, Origin::Syntax, confidence);
        edge.access = access.to_vec();
        edge
    };
    let (add, total, checkout, start) = (&in_cart[2], &in_cart[3], &in_main[1], &in_main[2]);
    let links = [
        (
            "a",
            cart,
            vec![edge(add, total, EdgeKind::Calls, 0.9, &[]), edge(add, &in_cart[1], EdgeKind::MemberOf, 1.0, &[])],
        ),
        (
            "b",
            main,
            vec![
                edge(&in_main[0], start, EdgeKind::Calls, 0.9, &[]),
                edge(start, checkout, EdgeKind::Calls, 0.9, &[]),
                edge(checkout, add, EdgeKind::Calls, 0.7, &[]),
                edge(checkout, &lodash, EdgeKind::Calls, 0.8, &[]),
                edge(checkout, &in_cart[1], EdgeKind::References, 0.8, &[Access::Read, Access::Type]),
                edge(&in_main[4], &in_cart[1], EdgeKind::References, 0.8, &[Access::Write]),
            ],
        ),
    ];
    let files: Vec<FileGraph> = [(cart, in_cart.to_vec()), (main, in_main.to_vec())]
        .into_iter()
        .map(|(path, entities)| {
            let contains = |to| edge(&entities[0], to, EdgeKind::Contains, 1.0, &[]);
            let edges = entities[1..].iter().map(contains).collect();
            graph(path, entities, edges)
        })
        .collect();
    let run = store.begin_run(&shop, 1).unwrap();
    store.replace_files(&run, &files).unwrap();
    let links = links.map(|(digest, path, edges)| FileLinks { path: path.into(), digest: digest.into(), edges });
    store.link_files(&run, &links, std::slice::from_ref(&lodash)).unwrap();
    store.finish_links(&run, "").unwrap();

    let site = Repository { org_id: "default".into(), repo_id: "site".into() };
    let run = store.begin_run(&site, 1).unwrap();
    let mut start = EntityDocument::new(&site, "app.py", EntityKind::Function, "start", None, Origin::Syntax);
    start.start_line = Some(1);
    store.replace_files(&run, &[graph("app.py", vec![start], Vec::new())]).unwrap();
    Fixture { store, _folder: folder }
}

fn graph(path: &str, entities: Vec<EntityDocument>, edges: Vec<EdgeDocument>) -> FileGraph {
    FileGraph {
        path: path.into(),
        content_sha256: String::new(),
        extractor: String::new(),
        entities,
        edges,
        facts: Vec::new(),
    }
}

/// What `gantry graph LINE` answers.
fn ask(store: &mut dyn GraphStore, line: &str) -> Result<Answer, Problem> {
    let words = ["gantry", "graph"].into_iter().chain(line.split_whitespace());
    match Arguments::try_parse_from(words).unwrap().command {
        Command::Graph { command } => match command {
            GraphCommand::Find(options) => find::find(store, &options),
            GraphCommand::Callers(options) => edges::ask(store, Question::Callers, &options),
            GraphCommand::Callees(options) => edges::ask(store, Question::Callees, &options),
            GraphCommand::References(options) => edges::ask(store, Question::References, &options),
            GraphCommand::Path(options) => path::path(store, &options),
            GraphCommand::Stats { repository, .. } => {
                stats::stats(store, &"sqlite:graph.db".parse().unwrap(), &repository)
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// Each line with its answer, or with what went wrong.
fn session(lines: &[&str]) -> String {
    let mut fixture = fixture();
    let mut session = String::new();
    for line in lines {
        session.push_str(&format!("$ gantry graph {line}\n"));
        match ask(&mut fixture.store, line) {
            Ok(answer) if line.ends_with("--json") => session.push_str(&format!("{:#}\n", answer.json)),
            Ok(answer) => {
                session.push_str(&format!("{}\n", answer.text));
                for note in answer.notes {
                    session.push_str(&format!("note: {note}\n"));
                }
            }
            Err(problem) => {
                session.push_str(&format!("exit {}: {}\n", problem.code, problem.message));
                session.push_str(&format!("hint: {}\n", problem.hint.unwrap_or_default()));
            }
        }
        session.push('\n');
    }
    session
}

#[test]
fn names_are_found() {
    insta::assert_snapshot!(session(&[
        "find checkout",
        "find start",
        "find start --repo-id shop",
        "find TOT --prefix --kind function",
        "find total --limit 1",
        "find cart.ts --json",
        "find CHEKOUT",
        "find zebra --kind class",
        "find zebra --kind class --json",
        "find start --repo-id nobody",
    ]));
}

#[test]
fn edges_lead_to_what_is_at_their_other_end() {
    insta::assert_snapshot!(session(&[
        "callers add",
        "callees checkout",
        "callees ./src/main.ts",
        "callers lodash",
        "references Cart",
        "callers cart.ts",
        "callees total --repo-id shop",
        "callers start",
        "callers chekout",
        "callers functions/0123456789abcdef",
        "callees checkout --limit 1",
        "callees checkout --limit 1 --json",
    ]));
}

#[test]
fn a_path_shows_every_step() {
    insta::assert_snapshot!(session(&[
        "path src/main.ts Cart",
        "path src/main.ts Cart --kinds calls,member_of",
        "path add add",
        "path Cart checkout",
        "path src/main.ts Cart --max-edges 2",
        "path checkout Cart --json",
        "path Cart checkout --json",
    ]));
}

#[test]
fn the_graph_is_counted() {
    insta::assert_snapshot!(session(&["stats", "stats --repo-id site --json"]));
}

#[test]
fn a_key_is_the_same_as_its_qualified_id_and_as_the_path_of_a_file() {
    let mut fixture = fixture();
    let json = |store: &mut SqliteGraph, key: &str| ask(store, &format!("callees {key}")).unwrap().json.to_string();
    let shop = Repository { org_id: "default".into(), repo_id: "shop".into() };
    let file = EntityDocument::new(&shop, "src/main.ts", EntityKind::File, "main.ts", None, Origin::Syntax);
    let answer = json(&mut fixture.store, &file.key);
    assert!(answer.contains("\"start\""), "{answer}");
    for same in [file.id().as_str(), "src/main.ts", "./src/main.ts", "main.ts"] {
        assert_eq!(json(&mut fixture.store, same), answer, "{same}");
    }
    let elsewhere = ask(&mut fixture.store, &format!("callees {} --repo-id site", file.key)).unwrap_err();
    assert_eq!(elsewhere.code, 1);
}

#[test]
fn a_graph_without_repositories_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
    let problem = ask(&mut store, "callers anything").unwrap_err();
    assert_eq!((problem.code, problem.message.as_str()), (1, "the graph holds no repository"));
    assert!(problem.hint.unwrap().contains("gantry index PATH"));
    assert!(ask(&mut store, "find anything").unwrap().json["entities"].as_array().unwrap().is_empty());
}

#[test]
fn a_repository_is_removed_only_if_that_is_meant() {
    let mut fixture = fixture();
    let store = &mut fixture.store;
    let options = |repo_id: &str, yes| DropOptions {
        repo_id: repo_id.to_owned(),
        org_id: "default".to_owned(),
        yes,
        json: false,
    };
    let never = |_: &str| -> Result<bool, Problem> { panic!("asked") };
    let held = |store: &mut SqliteGraph| store.repositories().unwrap().len();

    let refused = remove::remove(store, &options("shop", false), false, never).unwrap_err();
    assert_eq!(refused.message, "the graph holds shop with 10 entities and 15 edges; nothing was removed");
    assert!(refused.hint.unwrap().contains("--yes"));
    let refused = remove::remove(store, &options("shop", false), true, |question| {
        assert_eq!(question, "remove shop with 10 entities and 15 edges?");
        Ok(false)
    });
    assert_eq!((refused.unwrap_err().code, held(store)), (1, 2));
    let unknown = remove::remove(store, &options("ship", true), true, never).unwrap_err();
    assert_eq!(unknown.hint.unwrap(), "it has: shop, site");

    let removed = remove::remove(store, &options("shop", false), true, |_| Ok(true)).unwrap();
    assert_eq!(removed.text, "removed shop: 10 entities and 15 edges");
    let removed = remove::remove(store, &options("site", true), false, never).unwrap();
    assert_eq!(removed.json, serde_json::json!({ "orgId": "default", "repoId": "site", "entities": 1, "edges": 0 }));
    assert_eq!(held(store), 0);
}
