//! The indexers that `make indexers` fetches, on tiny projects.

use std::{
    fs,
    path::{Path, PathBuf},
};

use heavy_compute::indexer::{INDEXERS, Indexers, Limits, Ran, fingerprint, folder_of};
use kit::Job;

use crate::support::contents;

/// The index of a project, as bytes; nothing if the indexer was not fetched.
fn index(name: &str, files: &[(&str, &str)]) -> Option<Vec<u8>> {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.tools/indexers/node_modules/.bin");
    if !fetched.join(name).exists() {
        assert!(std::env::var_os("CI").is_none(), "{name} is not there; fetch it: make indexers");
        eprintln!("SKIPPED: {name} is not tested, since it is not there; fetch it: make indexers");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let workspace = folder.path().join("shop");
    for (path, text) in files {
        let path = workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let before = contents(&workspace);
    let (indexes, job, limits) = (folder.path().join("indexes"), Job::<()>::detached(), Limits::default());
    let path = std::env::var_os("PATH").unwrap();
    let folders: Vec<PathBuf> =
        [fs::canonicalize(fetched).unwrap()].into_iter().chain(std::env::split_paths(&path)).collect();
    let indexers = Indexers::new(INDEXERS, folders);
    let paths: Vec<String> = before.keys().cloned().collect();
    let plan = indexers.plan(&paths, &[".".to_owned()], false);
    let planned = plan.planned.iter().find(|planned| planned.indexer.name == name).unwrap();
    let kept = folder_of(&indexes, &workspace);
    let version = indexers.version(&job, planned, &limits, &kept).unwrap().unwrap();
    assert!(version.starts_with(|c: char| c.is_ascii_digit()), "{version}");
    let hashed = before.iter().map(|(path, digest)| (path.as_str(), digest.as_str()));
    let fingerprint = fingerprint(&workspace, planned, &version, hashed);
    let run = || indexers.run(&job, &workspace, planned, &limits, &kept, &fingerprint).unwrap();
    let Ran::Made(index) = run() else { panic!("{:?}", run()) };
    assert_eq!(contents(&workspace), before, "{name} wrote into the sources");
    assert_eq!(fs::read_dir(&kept).unwrap().count(), 2);
    assert!(matches!(run(), Ran::Reused(_)));
    Some(fs::read(index.path).unwrap())
}

fn assert_holds(index: &[u8], texts: &[&str]) {
    let index = String::from_utf8_lossy(index);
    for text in texts {
        assert!(index.contains(text), "{text} is not in the index");
    }
}

#[test]
fn typescript() {
    let a = "export function add(a: number, b: number) { return a + b }\n";
    let files = [
        ("tsconfig.json", r#"{"include": ["src"]}"#),
        ("src/a.ts", a),
        ("src/b.ts", "import { add } from './a';\nexport const three = add(1, 2);\n"),
    ];
    let Some(index) = index("scip-typescript", &files) else { return };
    assert_holds(&index, &["scip-typescript", "src/a.ts", "src/b.ts", "`a.ts`/add().", "`b.ts`/three."]);
}

#[test]
fn javascript_with_a_jsconfig() {
    let files =
        [("jsconfig.json", r#"{"compilerOptions": {}}"#), ("a.js", "export function add(a, b) { return a + b }\n")];
    let Some(index) = index("scip-typescript", &files) else { return };
    assert_holds(&index, &["a.js", "`a.js`/add()."]);
}

#[test]
fn python() {
    let files = [
        ("pyproject.toml", "[project]\nname = \"corner-shop\"\n"),
        ("shop/__init__.py", ""),
        ("shop/till.py", "class Till:\n    def total(self): return 1\n"),
        ("main.py", "from shop.till import Till\nprint(Till().total())\n"),
        // It asks an interpreter, which must not take these for its own.
        ("json.py", "raise SystemExit('taken from the sources')\n"),
        ("sitecustomize.py", "open('written', 'w')\n"),
    ];
    let Some(index) = index("scip-python", &files) else { return };
    assert_holds(&index, &["shop/till.py", "python corner-shop 0 `shop.till`/Till#total().", "main.py"]);
}
