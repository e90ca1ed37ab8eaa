//! A project, and an indexer that is a few lines of shell.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use heavy_compute::indexer::{Fingerprint, Indexer, Indexers, Limits, Plan, Planned, Ran, Shortfall, fingerprint};
use kit::{Job, WorkResult};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const fn entry(name: &'static str) -> Indexer {
    Indexer {
        name,
        version: &["--version"],
        markers: &["fake.toml", "*.fake"],
        arguments: &["{output}", "--scratch={scratch}", "{root}", "{marker}", "{project}@0"],
        environment: &[("FAKE_CACHE", "{scratch}/cache")],
        kept: &[],
        files: &[("settings.json", "[]")],
        languages: &["python"],
        manifests: &["fake.lock"],
        dependencies: &["fake_modules"],
        builds: false,
    }
}

pub(crate) static TABLE: &[Indexer] = &[
    Indexer { builds: true, markers: &["build.toml"], ..entry("builder") },
    entry("fake"),
    Indexer { markers: &["other.toml"], ..entry("other") },
];

/// What every script begins with.
const HEAD: &str = "#!/bin/sh\nif [ \"$1\" = --version ]; then echo fake 1.0; exit; fi\nset -e\noutput=$1\n";

pub(crate) struct Project {
    _folder: TempDir,
    pub(crate) workspace: PathBuf,
    pub(crate) bin: PathBuf,
    pub(crate) indexes: PathBuf,
    pub(crate) job: Job<()>,
    pub(crate) limits: Limits,
}

impl Project {
    /// With the indexer `fake`, which does this after it has put its first argument into `output`.
    pub(crate) fn new(script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (workspace, bin, indexes) = (path("work space"), path("bin"), path("indexes"));
        for folder in [&workspace, &bin] {
            fs::create_dir(folder).unwrap();
        }
        let limits = Limits::default();
        let project = Self { _folder: folder, workspace, bin, indexes, job: Job::detached(), limits };
        project.write("fake.toml", "");
        project.write("a.py", "def f(): pass\n");
        project.install("fake", &format!("{HEAD}{script}\n"));
        project
    }

    pub(crate) fn install(&self, name: &str, script: &str) {
        let path = self.bin.join(name);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.workspace.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Every file of the workspace, with the SHA-256 of its content.
    pub(crate) fn files(&self) -> BTreeMap<String, String> {
        contents(&self.workspace)
    }

    pub(crate) fn indexers(&self) -> Indexers {
        Indexers::new(TABLE, [self.bin.clone()])
    }

    pub(crate) fn plan(&self, roots: &[&str]) -> Plan {
        let roots: Vec<String> = roots.iter().map(|root| (*root).to_owned()).collect();
        let files: Vec<String> = self.files().into_keys().collect();
        self.indexers().plan(&files, &roots, false)
    }

    pub(crate) fn planned(&self) -> Planned {
        self.plan(&["."]).planned.into_iter().next().unwrap()
    }

    /// Where the indexes of the workspace are kept.
    pub(crate) fn folder(&self) -> PathBuf {
        heavy_compute::indexer::folder_of(&self.indexes, &self.workspace)
    }

    pub(crate) fn fingerprint(&self, planned: &Planned, version: &str) -> Fingerprint {
        let files = self.files();
        let files = files.iter().map(|(path, digest)| (path.as_str(), digest.as_str()));
        fingerprint(&self.workspace, planned, version, files)
    }

    /// As `runScip` does it.
    pub(crate) fn run(&self) -> WorkResult<Ran> {
        self.run_with(&self.indexers(), &self.planned())
    }

    pub(crate) fn run_with(&self, indexers: &Indexers, planned: &Planned) -> WorkResult<Ran> {
        let folder = self.folder();
        let version = match indexers.version(&self.job, planned, &self.limits, &folder)? {
            Ok(version) => version,
            Err(shortfall) => return Ok(Ran::Failed(shortfall)),
        };
        let fingerprint = self.fingerprint(planned, &version);
        indexers.run(&self.job, &self.workspace, planned, &self.limits, &folder, &fingerprint)
    }

    pub(crate) fn shortfall(&self) -> Shortfall {
        match self.run().unwrap() {
            Ran::Failed(shortfall) => shortfall,
            other => panic!("{other:?}"),
        }
    }

    /// Names of what is kept.
    pub(crate) fn kept(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn contents(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap().map(|entry| entry.unwrap()) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                found.insert(name, format!("{:x}", Sha256::digest(fs::read(&path).unwrap())));
            }
        }
    }
    found
}
