//! A worker's state folder and repositories for it.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use contracts::heavy_compute::PrepareWorkspaceOutput;
use heavy_compute::{Hosts, Settings, steps};
use kit::{AllowedRoots, BlobStore, Failure, Job, WorkError, WorkResult};
use serde_json::{Value, json};

/// git without anybody's configuration.
pub(crate) fn git_command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(folder)
        .args(["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "init.defaultBranch=main"])
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1");
    command
}

pub(crate) fn git_bytes(folder: &Path, args: &[&str]) -> Vec<u8> {
    let output = git_command(folder).args(args).output().unwrap();
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

pub(crate) fn git(folder: &Path, args: &[&str]) -> String {
    String::from_utf8_lossy(&git_bytes(folder, args)).trim().to_owned()
}

/// A repository to be cloned.
pub(crate) struct Remote(pub(crate) PathBuf);

impl Remote {
    pub(crate) fn new(folder: &Path) -> Self {
        fs::create_dir_all(folder).unwrap();
        git(folder, &["init", "--quiet"]);
        Self(folder.to_owned())
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn commit(&self) -> String {
        git(&self.0, &["add", "--all", "--force"]);
        git(&self.0, &["commit", "--quiet", "--allow-empty", "--message", "change"]);
        git(&self.0, &["rev-parse", "HEAD"])
    }

    pub(crate) fn url(&self) -> String {
        format!("file://{}", self.0.display())
    }

    /// Mode and object of each file of a commit, as git tells.
    pub(crate) fn tree(&self, commit: &str) -> BTreeMap<String, String> {
        let listing = git_bytes(&self.0, &["ls-tree", "-r", "-z", commit]);
        let entries =
            listing.split(|b| *b == 0).filter(|e| !e.is_empty()).map(|e| String::from_utf8_lossy(e).into_owned());
        let parts = entries.map(|entry| {
            let (meta, path) = entry.split_once('\t').unwrap();
            let (mode, object) = (meta.split(' ').next().unwrap(), meta.split(' ').next_back().unwrap());
            (path.to_owned(), format!("{mode} {object}"))
        });
        parts.collect()
    }
}

/// The same of a folder, but for the link to its repository.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut paths = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in fs::read_dir(at).unwrap().map(|entry| entry.unwrap()) {
            if entry.file_type().unwrap().is_dir() {
                folders.push(entry.path());
            } else {
                paths.push(entry.path());
            }
        }
    }
    paths.retain(|path| path != &folder.join(".git"));
    let mut child = git_command(folder)
        .args(["hash-object", "--no-filters", "--stdin-paths"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    let objects = String::from_utf8(output.stdout).unwrap();
    let mode =
        |path: &Path| if fs::metadata(path).unwrap().permissions().mode() & 0o100 == 0 { "100644" } else { "100755" };
    let name = |path: &Path| path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
    paths.iter().zip(objects.lines()).map(|(path, object)| (name(path), format!("{} {object}", mode(path)))).collect()
}

/// A worker's state folder.
pub(crate) struct Host {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: Settings,
}

pub(crate) fn settings(folder: &Path) -> Settings {
    Settings {
        host_queue: "heavy-compute@host".into(),
        workspaces: folder.join("workspaces"),
        indexes: folder.join("indexes"),
        indexer_limits: heavy_compute::indexer::Limits::default(),
        graph: format!("sqlite:{}/graph.db", folder.display()).parse().unwrap(),
        blobs: BlobStore::in_memory().unwrap(),
        roots: AllowedRoots::new([folder.to_owned()]),
        hosts: Hosts::new(|| Ok(vec!["heavy-compute@other".into(), "heavy-compute@host".into()])),
        memory: heavy_compute::memory::MemoryBudget::default(),
    }
}

impl Host {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = settings(folder.path());
        Self { folder, settings }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn remote(&self) -> Remote {
        Remote::new(&self.path("remote"))
    }

    /// Prepares a workspace of the repository `r`.
    #[expect(clippy::needless_pass_by_value, reason = "called with json!")]
    pub(crate) fn prepare(&self, fields: Value) -> WorkResult<PrepareWorkspaceOutput> {
        let mut input = json!({ "repoId": "r" });
        input.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        steps::prepare_workspace(&Job::<()>::detached(), &self.settings, &serde_json::from_value(input).unwrap())
    }

    /// The folder of the only workspace.
    pub(crate) fn home(&self) -> PathBuf {
        let homes: Vec<_> =
            fs::read_dir(&self.settings.workspaces).unwrap().map(|entry| entry.unwrap().path()).collect();
        let [home] = homes.as_slice() else { unreachable!("{homes:?}") };
        home.clone()
    }

    pub(crate) fn checkout(&self) -> PathBuf {
        self.home().join("checkout")
    }
}

pub(crate) fn failure<T: std::fmt::Debug>(result: WorkResult<T>) -> Failure {
    match result.unwrap_err() {
        WorkError::Failed(failure) => failure,
        WorkError::Interrupted => unreachable!("nobody interrupts"),
    }
}
