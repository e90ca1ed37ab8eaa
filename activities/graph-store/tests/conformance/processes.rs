//! Several processes and one store, and a process that ends in the middle.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, Command, Stdio},
};

use graph_store::{FileGraph, GraphUrl, OpenOptions, StoreError, open_with};

use crate::{
    Home,
    fixtures::{assert_whole, export, file_of, named, next_epoch, run},
    postgres, support,
};

/// Writes of a process that writes.
const BATCHES: usize = 25;

/// What an ArangoDB server wants to hear; empty for the other stores.
fn credential_for(url: &str) -> String {
    let is_arango = url.starts_with("arangodb");
    is_arango.then(|| support::server().credential.clone()).flatten().unwrap_or_default()
}

/// How the stores of processes are opened.
fn options() -> OpenOptions {
    let credential = env::var("GANTRY_TEST_CREDENTIAL").ok().filter(|text| !text.is_empty());
    OpenOptions { arango: support::options(credential.as_deref()).arango, ..postgres::options() }
}

/// A process of this program that runs [`process`], when it is told to go.
struct Process(Child);

impl Process {
    fn start(task: &str, url: &str, name: &str) -> Self {
        Self::of(Command::new(env::current_exe().unwrap()), task, url, name)
    }

    fn of(mut command: Command, task: &str, url: &str, name: &str) -> Self {
        command
            .args(["--exact", "processes::process", "--ignored", "--nocapture"])
            .env("GANTRY_TEST_TASK", task)
            .env("GANTRY_TEST_STORE", url)
            .env("GANTRY_TEST_NAME", name)
            .env("GANTRY_TEST_CREDENTIAL", credential_for(url))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Self(command.spawn().unwrap())
    }

    fn go(&mut self) {
        writeln!(self.0.stdin.as_mut().unwrap(), "go").unwrap();
    }

    /// What it says, line by line.
    fn lines(&mut self) -> impl Iterator<Item = String> + use<> {
        BufReader::new(self.0.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok)
            .filter_map(|line| line.strip_prefix("said ").map(str::to_owned))
    }

    fn ended_well(mut self) {
        // What it says to the end has to go somewhere.
        if self.0.stdout.is_some() {
            self.lines().for_each(drop);
        }
        assert!(self.0.wait().unwrap().success());
    }
}

fn say(word: impl std::fmt::Display) {
    // Not what the test harness holds back.
    let mut out = std::io::stdout().lock();
    writeln!(out, "said {word}").unwrap();
    out.flush().unwrap();
}

/// Two files and many more documents, so that a write takes a while.
fn batch(name: &str, n: usize) -> Vec<FileGraph> {
    let names: Vec<String> = (0..150).map(|i| format!("f{i}_{}", n % 3)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    ["a.ts", "b.ts"].map(|path| file_of(&named(name), path, &n.to_string(), &names)).into()
}

#[test]
#[ignore = "what the other tests here start as a process of its own"]
fn process() {
    let Ok(task) = env::var("GANTRY_TEST_TASK") else { return };
    let (url, name) = (env::var("GANTRY_TEST_STORE").unwrap(), env::var("GANTRY_TEST_NAME").unwrap());
    let url: GraphUrl = url.parse().unwrap();
    std::io::stdin().lines().next().unwrap().unwrap();
    if task == "fill" {
        return fill(&url);
    }
    let mut store = open_with(&url, options()).unwrap();
    if task == "open" {
        return assert!(store.repositories().unwrap().is_empty());
    }
    // Unlike those of tests, epochs of processes do not come from one counter.
    let run = store.begin_run(&named(&name), i64::MAX).unwrap();
    let most = if task == "write for ever" { usize::MAX } else { BATCHES };
    let known = store.indexed_files(&named(&name)).unwrap().get("a.ts").map(|f| f.content_sha256.parse().unwrap());
    for n in (known.map_or(0, |n: usize| n + 1)..).take(most) {
        store.replace_files(&run, &batch(&name, n)).unwrap();
        say(n);
    }
    store.tidy().unwrap();
}

pub(crate) fn several_processes_that_open_a_new_store_at_once_make_one<H: Home>() {
    for _ in 0..3 {
        let home = H::new();
        let mut all: Vec<Process> = (0..4).map(|_| Process::start("open", &home.url(), "")).collect();
        all.iter_mut().for_each(Process::go);
        all.into_iter().for_each(Process::ended_well);
        home.check();
    }
}

pub(crate) fn eight_processes_that_write_lose_nothing<H: Home>() {
    let home = H::new();
    let mut all: Vec<Process> =
        (0..8).map(|n| Process::start("write", &home.url(), &format!("repository{n}"))).collect();
    all.iter_mut().for_each(Process::go);
    all.into_iter().for_each(Process::ended_well);
    home.check();
    let mut store = home.open();
    let other = H::new();
    let mut fresh = other.open();
    for n in 0..8 {
        let name = format!("repository{n}");
        let run = fresh.begin_run(&named(&name), next_epoch()).unwrap();
        fresh.replace_files(&run, &batch(&name, BATCHES - 1)).unwrap();
    }
    assert_eq!(export(&mut *store), export(&mut *fresh));
}

pub(crate) fn a_writer_that_is_killed_in_a_batch_leaves_whole_batches<H: Home>() {
    let home = H::new();
    let mut next = 0;
    for round in 0..4 {
        let mut process = Process::start("write for ever", &home.url(), "demo");
        process.go();
        let said = process.lines().nth(round).unwrap();
        process.0.kill().unwrap();
        process.0.wait().unwrap();
        home.check();
        let mut store = home.open();
        assert_whole(&export(&mut *store));
        let files = store.indexed_files(&named("demo")).unwrap();
        let written: usize = files["a.ts"].content_sha256.parse().unwrap();
        assert_eq!(files["b.ts"].content_sha256, written.to_string(), "one batch");
        assert!(written >= said.parse().unwrap(), "what was committed is there");
        assert!(written >= next, "each goes on where the one before ended");
        next = written + 1;
        let other = H::new();
        let mut fresh = other.open();
        let run = run(&mut *fresh);
        fresh.replace_files(&run, &batch("demo", written)).unwrap();
        assert_eq!(export(&mut *store), export(&mut *fresh));
    }
}

/// On a disk of a few megabytes, in a process of its own.
fn fill(url: &GraphUrl) {
    let GraphUrl::Sqlite(path) = url else { panic!("{url}") };
    let ballast = path.with_file_name("ballast");
    std::fs::write(&ballast, vec![1; 1 << 20]).unwrap();
    let mut store = open_with(url, options()).unwrap();
    let run = run(&mut *store);
    let names: Vec<String> = (0..500).map(|i| format!("function{i}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut n, mut before) = (0, String::new());
    let full = loop {
        let files = [file_of(&named("demo"), &format!("{n}.ts"), "1", &names)];
        match store.replace_files(&run, &files) {
            Ok(_) => before = export(&mut *store),
            Err(full) => break full,
        }
        n += 1;
    };
    assert!(matches!(full, StoreError::DiskFull { .. }), "{full}");
    assert_eq!(export(&mut *store), before, "nothing half");
    drop(store);
    // Also for who opens it on a disk that is full.
    let mut store = open_with(url, options()).unwrap();
    assert_eq!(export(&mut *store), before);
    std::fs::remove_file(ballast).unwrap();
    store.replace_files(&run, &[file_of(&named("demo"), &format!("{n}.ts"), "1", &["f"])]).unwrap();
    assert_whole(&export(&mut *store));
    say(n);
}

#[test]
fn a_disk_that_fills_up_is_said_and_nothing_half_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new("unshare");
    command
        .args(["--user", "--map-root-user", "--mount", "sh", "-c"])
        .args(["mount -t tmpfs -o size=4m tmpfs \"$0\" && echo said mounted && exec \"$@\""])
        .arg(folder.path())
        .arg(env::current_exe().unwrap());
    let url = format!("sqlite:{}", folder.path().join("graph.db").display());
    let mut process = Process::of(command, "fill", &url, "");
    let mut lines = process.lines();
    if lines.next().is_none() {
        eprintln!("SKIPPED: a full disk is not tested, since this user may not mount one");
        return;
    }
    process.go();
    let batches: usize = lines.next().unwrap().parse().unwrap();
    assert!(batches > 0);
    lines.for_each(drop);
    process.ended_well();
}
