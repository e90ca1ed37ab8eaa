//! Indexing files into a store, without Temporal: what vanishes, what is covered, what is asked for, where it goes on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{collections::HashSet, fs, path::Path};

use graph_store::{GraphStore, Repository, SqliteGraph};
use heavy_compute::{
    graph::Detail,
    index::{Checkpoint, Indexed, Task, index},
    memory::MemoryBudget,
    workspace::scan,
};
use kit::{Job, WorkError, WorkResult};

const PLAIN: Detail = Detail { bodies: false, members: false };

/// Later runs have larger epochs.
fn next_epoch() -> i64 {
    static EPOCH: std::sync::atomic::AtomicI64 = std::sync::atomic::AtomicI64::new(1);
    EPOCH.fetch_add(1, std::sync::atomic::Ordering::Relaxed)
}

fn repository() -> Repository {
    Repository { org_id: "default".into(), repo_id: "r".into() }
}

struct Place {
    folder: tempfile::TempDir,
    store: SqliteGraph,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        let store = SqliteGraph::open(&folder.path().join("graph.db")).unwrap();
        Self { folder, store }
    }

    fn root(&self) -> std::path::PathBuf {
        self.folder.path().join("src")
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.root().join(path), text).unwrap();
    }

    fn index(
        &mut self,
        job: &Job<Checkpoint>,
        files: &[&str],
        detail: Detail,
        resume: Option<Checkpoint>,
    ) -> WorkResult<Indexed> {
        self.index_covered(job, files, &HashSet::new(), detail, resume)
    }

    fn index_covered(
        &mut self,
        job: &Job<Checkpoint>,
        files: &[&str],
        covered: &HashSet<String>,
        detail: Detail,
        resume: Option<Checkpoint>,
    ) -> WorkResult<Indexed> {
        let files: Vec<String> = files.iter().map(|f| (*f).to_owned()).collect();
        let root = self.root();
        let run = self.store.begin_run(&repository(), next_epoch()).unwrap();
        index(
            job,
            &mut self.store,
            &run,
            &Task { root: &root, files: &files, covered, detail, memory: MemoryBudget::default() },
            resume,
        )
    }

    fn export(&mut self) -> String {
        let mut bytes = Vec::new();
        self.store.export(None, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }
}

#[test]
fn a_file_that_vanishes_after_the_scan_is_a_counted_warning() {
    let mut place = Place::new();
    place.write("a.ts", "export function a() {}\n");
    let indexed = place.index(&Job::detached(), &["a.ts", "gone.ts"], PLAIN, None).unwrap();
    assert_eq!((indexed.tally.files, indexed.tally.skipped["vanished"]), (1, 1));
    let warnings = indexed.tally.warnings.into_list();
    assert!(warnings[0].code == "vanished" && warnings[0].message.contains("gone.ts"), "{warnings:?}");
}

#[test]
fn a_file_that_becomes_a_link_after_the_scan_is_not_followed() {
    let mut place = Place::new();
    std::os::unix::fs::symlink("/etc/passwd", place.root().join("a.ts")).unwrap();
    let indexed = place.index(&Job::detached(), &["a.ts"], PLAIN, None).unwrap();
    assert_eq!((indexed.tally.files, indexed.tally.skipped["unreadable"]), (0, 1));
    assert_eq!(place.export(), "");
}

#[test]
fn bodies_and_members_come_only_when_they_are_asked_for() {
    let mut place = Place::new();
    place.write("a.ts", "export class A {\n  field = 1;\n  run() { return this.field; }\n}\n");
    place.index(&Job::detached(), &["a.ts"], PLAIN, None).unwrap();
    let plain = place.export();
    assert!(!plain.contains("\"body\"") && !plain.contains("\"name\":\"field\""), "{plain}");
    let all = Detail { bodies: true, members: true };
    let indexed = place.index(&Job::detached(), &["a.ts"], all, None).unwrap();
    assert_eq!(indexed.tally.unchanged, 0, "other options make other documents of the same file");
    let full = place.export();
    assert!(
        full.contains("\"body\":\"run() { return this.field; }\"") && full.contains("\"name\":\"field\""),
        "{full}"
    );
    place.index(&Job::detached(), &["a.ts"], PLAIN, None).unwrap();
    assert_eq!(place.export(), plain);
}

#[test]
fn a_covered_file_gets_its_file_entity_and_nothing_else() {
    let mut place = Place::new();
    place.write("a.ts", "export function a() {}\n");
    place.write("b.ts", "export function b() {}\n");
    let covered = HashSet::from(["a.ts".to_owned()]);
    let indexed = place.index_covered(&Job::detached(), &["a.ts", "b.ts"], &covered, PLAIN, None).unwrap();
    assert_eq!((indexed.tally.files, indexed.tally.skipped["covered"]), (2, 1));
    let counts = place.store.counts(None).unwrap();
    assert_eq!((counts.entities["file"], counts.entities["function"]), (2, 1));
}

#[test]
fn an_interrupted_run_goes_on_after_its_checkpoint_and_ends_the_same() {
    let names: Vec<String> = (0..300).map(|n| format!("f{n:03}.ts")).collect();
    let files: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut place = Place::new();
    for name in &files {
        place.write(name, "export function f() { g(); }\nfunction g() {}\n");
    }
    // Interrupted as soon as there is a checkpoint.
    let job = Job::detached();
    let latest = job.latest();
    let checkpoint = std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            loop {
                if let Some(checkpoint) = latest.borrow().checkpoint.clone() {
                    job.interrupt();
                    break checkpoint;
                }
                std::thread::yield_now();
            }
        });
        let ended = place.index(&job, &files, PLAIN, None);
        // A machine that is quick enough may be done before it is told.
        assert!(matches!(ended, Err(WorkError::Interrupted) | Ok(_)));
        watching.join().unwrap()
    });
    let indexed = place.index(&Job::detached(), &files, PLAIN, Some(checkpoint)).unwrap();
    assert_eq!(indexed.tally.files, 300);
    let resumed = place.export();

    let root = place.root();
    let mut fresh = Place::new();
    let run = fresh.store.begin_run(&repository(), next_epoch()).unwrap();
    let task =
        Task { root: &root, files: &names, covered: &HashSet::new(), detail: PLAIN, memory: MemoryBudget::default() };
    index(&Job::detached(), &mut fresh.store, &run, &task, None).unwrap();
    assert_eq!(resumed, fresh.export());
}

#[test]
fn a_checkpoint_of_another_list_of_files_is_not_used() {
    let mut place = Place::new();
    place.write("a.ts", "export function a() {}\n");
    place.write("b.ts", "export function b() {}\n");
    let job = Job::detached();
    place.index(&job, &["a.ts"], PLAIN, None).unwrap();
    let checkpoint = job.latest().borrow().checkpoint.clone();
    let indexed = place.index(&Job::detached(), &["a.ts", "b.ts"], PLAIN, checkpoint).unwrap();
    assert_eq!((indexed.tally.files, indexed.tally.unchanged), (2, 1));
}

#[test]
fn a_store_that_refuses_ends_the_run_and_does_not_hang_it() {
    let names: Vec<String> = (0..1500).map(|n| format!("f{n:04}.ts")).collect();
    let mut place = Place::new();
    for name in &names {
        place.write(name, "export function f() {}\n");
    }
    let root = place.root();
    let old = place.store.begin_run(&repository(), next_epoch()).unwrap();
    let newer = place.store.begin_run(&repository(), next_epoch()).unwrap();
    place.store.finish_links(&newer, "{}").unwrap();
    let task =
        Task { root: &root, files: &names, covered: &HashSet::new(), detail: PLAIN, memory: MemoryBudget::default() };
    let ended = index(&Job::detached(), &mut place.store, &old, &task, None);
    assert!(matches!(&ended, Err(WorkError::Failed(f)) if f.error_type == contracts::errors::ErrorType::Conflict));
    assert_eq!(place.export(), "");
}

#[test]
fn the_scan_of_a_repository_is_what_git_lists() {
    let folder = tempfile::tempdir().unwrap();
    let git = |args: &[&str]| {
        let output = std::process::Command::new("git").current_dir(folder.path()).args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}");
        output.stdout
    };
    git(&["init", "--quiet"]);
    for path in [
        "a.ts",
        "new\nline.py",
        " blank .md",
        "d\u{ef}r/caf\u{e9}.ts",
        "ignored.log",
        "node_modules/x.js",
        "deep/er/x.go",
    ] {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "x").unwrap();
    }
    fs::write(folder.path().join(".gitignore"), "*.log\n").unwrap();
    git(&["add", "a.ts"]);
    let listed = git(&["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let mut expected: Vec<String> =
        listed.split(|b| *b == 0).filter(|p| !p.is_empty()).map(|p| String::from_utf8(p.to_vec()).unwrap()).collect();
    expected.retain(|p| !p.starts_with("node_modules"));
    expected.sort();
    let scan = scan(&Job::<()>::detached(), Path::new(folder.path())).unwrap();
    assert_eq!(scan.files, expected);
    assert_eq!(scan.skipped["ignoredFolder"], 1);
}

#[test]
fn too_little_memory_is_a_failure_that_is_tried_again_and_leaves_whole_files() {
    let mut place = Place::new();
    place.write("a.ts", "export function a() {}\n");
    let (root, files, covered) = (place.root(), vec!["a.ts".to_owned()], HashSet::new());
    let memory = MemoryBudget::new(Some(1));
    let task = Task { root: &root, files: &files, covered: &covered, detail: PLAIN, memory };
    let run = place.store.begin_run(&repository(), next_epoch()).unwrap();
    let Err(WorkError::Failed(failure)) = index(&Job::detached(), &mut place.store, &run, &task, None) else {
        panic!("one byte is enough for nothing");
    };
    assert!(failure.error_type == contracts::errors::ErrorType::MemoryPressure && failure.error_type.retryable());
    assert!(failure.to_string().contains("GANTRY_MAX_MEMORY_MB"), "{failure}");
    assert_eq!(place.export(), "");
}

#[test]
fn a_minified_file_is_a_file_and_nothing_else() {
    let mut place = Place::new();
    place.write("a.min.js", "function a(){}\n");
    let indexed = place.index(&Job::detached(), &["a.min.js"], PLAIN, None).unwrap();
    assert_eq!(indexed.tally.skipped["minified"], 1);
    assert_eq!(place.export().lines().count(), 1);
}
