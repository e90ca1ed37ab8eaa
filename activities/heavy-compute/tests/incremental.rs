//! However a repository came to be what it is, its graph is the one that a full run makes: a run after an edit writes what
//! changed and nothing else.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

mod support;

use std::fs;

use graph_store::GraphStore;
use proptest::prelude::*;
use support::{Project, check, repository};

const SMALL: &[(&str, &str)] = &[
    ("a.ts", "import { b } from './b';\nexport function a() { return b(); }\n"),
    ("b.ts", "export function b() {}\n"),
    ("c.ts", "import { a } from './a';\nimport express from 'express';\nexport const c = () => { a(); express(); };\n"),
];

#[test]
fn a_second_run_of_an_unchanged_repository_writes_nothing() {
    let mut project = Project::with(SMALL);
    let first = project.run();
    let before = fs::read(project.folder.path().join("graph.db-wal")).unwrap();
    let again = project.run();
    assert_eq!((again.tally.written, again.tally.removed, again.tally.unchanged), (0, 0, 3));
    assert_eq!(again.links.calls, first.links.calls);
    assert_eq!(fs::read(project.folder.path().join("graph.db-wal")).unwrap(), before, "not a byte of the log");
}

#[test]
fn a_changed_file_changes_exactly_its_own_part() {
    let mut project = Project::with(SMALL);
    project.run();
    let before = project.export();
    project.write("b.ts", "export function b() {}\nfunction added() { b(); }\n");
    let run = project.run();
    // The file's own entity, the function, and its `contains` and `calls`.
    assert_eq!((run.tally.written, run.tally.removed, run.tally.unchanged), (4, 0, 2));
    let after = project.export();
    let changed: Vec<&str> = before.lines().filter(|line| !after.contains(*line)).collect();
    assert!(changed.len() == 1 && changed[0].contains("\"file_path\":\"b.ts\""), "{changed:?}");
    assert_eq!(after, project.full_run());
}

#[test]
fn a_name_that_vanishes_and_comes_back_is_followed_by_files_that_did_not_change() {
    let mut project = Project::with(SMALL);
    project.run();
    assert!(project.links().contains("a calls b"));
    project.write("b.ts", "export function renamed() {}\n");
    let run = project.run();
    assert_eq!(run.tally.unchanged, 2);
    assert!(!project.links().contains("a calls b"));
    project.write("b.ts", "export function b() {}\n");
    project.run();
    assert!(project.links().contains("a calls b"));
    assert_eq!(project.export(), project.full_run());
}

#[test]
fn a_deleted_file_takes_its_edges_along_and_a_renamed_one_is_found_again() {
    let mut project = Project::with(SMALL);
    project.run();
    project.remove("b.ts");
    project.run();
    assert_eq!(project.export(), project.full_run());
    assert!(project.links().iter().all(|link| !link.ends_with(" b")));
    project.write("b/index.ts", "export function b() {}\n");
    project.run();
    assert!(project.links().contains("a calls b"));
    assert_eq!(project.export(), project.full_run());
}

#[test]
fn a_package_that_nobody_imports_any_more_is_gone() {
    let mut project = Project::with(SMALL);
    project.run();
    assert!(project.export().contains("\"name\":\"express\""));
    project.write("c.ts", "import { a } from './a';\nexport const c = () => a();\n");
    project.run();
    assert!(!project.export().contains("express"));
    assert_eq!(project.export(), project.full_run());
}

#[test]
fn a_run_that_was_killed_before_it_linked_is_made_up_for() {
    let mut project = Project::with(SMALL);
    project.run();
    project.write("b.ts", "export function other() {}\n");
    // As far as a killed attempt comes: the file is written, nothing is linked.
    project.epoch += 1;
    let run = project.store.begin_run(&repository(), project.epoch).unwrap();
    let known = project.store.indexed_files(&repository()).unwrap();
    let mut other = Project::with(&[("b.ts", "export function other() {}\n")]);
    other.run();
    let graph = graph_store::FileGraph {
        path: "b.ts".into(),
        content_sha256: other.store.indexed_files(&repository()).unwrap()["b.ts"].content_sha256.clone(),
        extractor: known["b.ts"].extractor.clone(),
        entities: other
            .export()
            .lines()
            .filter(|line| !line.contains("\"_from\""))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        edges: other
            .export()
            .lines()
            .filter(|line| line.contains("\"_from\""))
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
        facts: other.store.facts(&repository()).unwrap().remove("b.ts").unwrap(),
    };
    project.store.replace_files(&run, &[graph]).unwrap();
    check(&project.export());
    let next = project.run();
    assert_eq!(next.tally.unchanged, 3);
    assert_eq!(project.export(), project.full_run());
}

/// Texts for the files below: each uses names of the others in another way.
const TEXTS: [&str; 12] = [
    "export function f() {}\nexport class C { m() { return this.n(); } n() {} }\n",
    "import { f, C } from './a';\nexport class D extends C { m() { f(); super.m(); } }\nexport { f as g } from './a';\n",
    "export * from './b';\nimport type { C } from './a';\nexport const made: C = f();\nfunction f(): C { return new C(); }\n",
    "import * as all from './c';\nimport d from './d';\nall.g(); all.f(); d();\nconst c = new all.D();\nc.m(); c.n();\n",
    "export default function main() { return main; }\nexport const f = 1;\n",
    "const { f } = require('./a');\nmodule.exports = { f, h() { f(); } };\n",
    "import { f } from './gone';\nimport lodash from 'lodash';\nlodash.map(f);\n",
    "",
    "export * from './c';\nexport * from './a';\nexport * from './b';\n",
    "export interface I { m(): void }\nexport class E implements I { m() {} }\nexport type T = E;\n",
    "import { E, T, I } from './a';\nexport function use(e: E, t: T, i: I) { e.m(); t.m(); i.m(); }\n",
    "this is no program {{{ <",
];
const PYTHON: [&str; 7] = [
    "class A:\n    def m(self):\n        return self.n()\n    def n(self): ...\n\ndef f(): ...\n",
    "from .a import A, f\nfrom . import b\nclass B(A):\n    def m(self):\n        super().m()\n        f()\n        b.f()\n",
    "from .a import *\nfrom .b import B as A\nimport os.path\n\ndef g(x: A):\n    x.n()\n    os.path.join()\n    f()\n",
    "import pkg.a as first\nimport pkg.b\nfirst.f()\npkg.b.B().n()\n",
    "",
    "def f():\n    return f()\n",
    "from pkg import a, b, gone\na.A().n()\nb.f()\n",
];

#[derive(Debug, Clone)]
enum Edit {
    TypeScript(usize, Option<usize>),
    Python(usize, Option<usize>),
}

fn edits() -> impl Strategy<Value = Vec<Vec<Edit>>> {
    let typescript =
        (0..4usize, prop::option::weighted(0.85, 0..TEXTS.len())).prop_map(|(file, text)| Edit::TypeScript(file, text));
    let python =
        (0..3usize, prop::option::weighted(0.85, 0..PYTHON.len())).prop_map(|(file, text)| Edit::Python(file, text));
    prop::collection::vec(prop::collection::vec(prop_oneof![3 => typescript, 2 => python], 1..4), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]
    /// After each run of a random history the graph is the one of a full run, byte for byte; and a run more writes nothing.
    #[test]
    fn any_history_of_edits_ends_in_the_graph_of_a_full_run(history in edits()) {
        const NAMES: [&str; 4] = ["a.ts", "b.ts", "c.ts", "d.js"];
        const MODULES: [&str; 3] = ["pkg/__init__.py", "pkg/a.py", "pkg/b.py"];
        let mut project = Project::new();
        for step in &history {
            for edit in step {
                let (path, text) = match edit {
                    Edit::TypeScript(file, text) => (NAMES[*file], text.map(|text| TEXTS[text])),
                    Edit::Python(file, text) => (MODULES[*file], text.map(|text| PYTHON[text])),
                };
                match text {
                    Some(text) => project.write(path, text),
                    None => project.remove(path),
                }
            }
            project.run();
            prop_assert_eq!(project.export(), project.full_run());
        }
        let again = project.run();
        prop_assert_eq!((again.tally.written, again.tally.removed), (0, 0));
    }
}
