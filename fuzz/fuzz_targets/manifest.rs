//! Manifests of every kind with any content: folders that are packages are folders of the workspace, each once, and what
//! imports through the manifests is linked.
#![no_main]

use std::{cell::OnceCell, collections::BTreeSet, fs};

use heavy_compute::{link::Manifests, workspace::package_roots};
use gantry_fuzz::{Known, SEPARATOR, check_links, read};
use kit::{Job, Warnings};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

/// In the order of the texts of an input.
const MANIFESTS: [&str; 17] = [
    "package.json",
    "tsconfig.json",
    "app/tsconfig.json",
    "lib/package.json",
    "go.mod",
    "sub/go.mod",
    "go.work",
    "pnpm-workspace.yaml",
    "lerna.json",
    "nx.json",
    "Cargo.toml",
    "pyproject.toml",
    "pom.xml",
    "settings.gradle",
    "app/jsconfig.json",
    "sub/Cargo.toml",
    "settings.gradle.kts",
];

const SOURCES: [(&str, &str); 5] = [
    (
        "app/a.ts",
        "import l, { f } from 'lib';\nimport { g } from '@/b';\nimport x from 'lib/deep/x';\nl(); f(); g(); x();\n",
    ),
    ("app/b.ts", "export function g() {}\n"),
    ("lib/src/index.ts", "export default function l() {}\nexport function f() {}\n"),
    ("main.go", "package main\nimport (\"example.org/m/sub\"; \"gopkg.in/x.v1/y\")\nfunc main() { sub.F(); y.G() }\n"),
    ("sub/sub.go", "package sub\nfunc F() {}\n"),
];

struct Workspace {
    folder: TempDir,
    files: Vec<String>,
    sources: Vec<Known>,
}

impl Workspace {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for below in ["app", "lib/src", "sub"] {
            fs::create_dir_all(folder.path().join(below)).expect("a folder can be made");
        }
        let mut files: Vec<String> =
            MANIFESTS.iter().copied().chain(SOURCES.map(|(path, _)| path)).map(str::to_owned).collect();
        files.sort();
        let sources = SOURCES.iter().map(|(path, text)| read(path, text.as_bytes())).collect();
        Self { folder, files, sources }
    }
}

thread_local! {
    static WORKSPACE: OnceCell<Workspace> = const { OnceCell::new() };
}

fuzz_target!(|input: &[u8]| {
    WORKSPACE.with(|workspace| {
        let Workspace { folder, files, sources } = workspace.get_or_init(Workspace::new);
        let mut texts = input.split(|byte| *byte == SEPARATOR);
        for path in MANIFESTS {
            fs::write(folder.path().join(path), texts.next().unwrap_or_default()).expect("a file can be written");
        }
        let job = Job::<()>::detached();
        let mut warnings = Warnings::default();
        let roots = package_roots(&job, folder.path(), files, &mut warnings)
            .unwrap_or_else(|error| panic!("nobody interrupts: {error:?}"));
        assert_eq!(roots.iter().collect::<BTreeSet<_>>().len(), roots.len(), "{roots:?}");
        for root in &roots {
            assert!(folder.path().join(root).is_dir() && !root.contains(".."), "{root:?}");
        }
        let manifests =
            Manifests::read(&job, folder.path(), files).unwrap_or_else(|error| panic!("nobody interrupts: {error:?}"));
        check_links(sources, &manifests);
    });
});
