//! The watcher over a real file system, with work that only remembers what it was given.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use shipping::watch::{Inbox, Summary, Timing, Watched, Work, run};

/// How long a test waits for what must come. Nothing waits so long unless it fails.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug, PartialEq, Eq)]
enum Seen {
    Live(Vec<PathBuf>),
    Scan,
    Replay,
}

/// Tells what it is given, writes to files of its own as the engine does, and keeps scans back while it is told to.
struct Remembering {
    seen: Mutex<Sender<Seen>>,
    database: PathBuf,
    /// While it is true, a scan does not end.
    backfill: (Mutex<bool>, Condvar),
}

impl Remembering {
    fn saw(&self, what: Seen) {
        // Where the folder is not there yet, there is no database in it either.
        if let Ok(mut file) = OpenOptions::new().create(true).append(true).open(&self.database) {
            file.write_all(b"row").unwrap();
        }
        // A test that has ended listens no more.
        let _ = self.seen.lock().unwrap().send(what);
    }

    fn end_backfill(&self) {
        *self.backfill.0.lock().unwrap() = false;
        self.backfill.1.notify_all();
    }
}

impl Work for Remembering {
    fn live(&self, paths: Vec<PathBuf>) -> bool {
        for path in &paths {
            // The file may be gone again.
            let _ = fs::read(path);
        }
        self.saw(Seen::Live(paths));
        true
    }

    fn scan(&self) {
        self.saw(Seen::Scan);
        drop(self.backfill.1.wait_while(self.backfill.0.lock().unwrap(), |runs| *runs).unwrap());
    }

    fn replay(&self) {
        self.saw(Seen::Replay);
    }

    fn tend(&self) -> bool {
        false
    }

    fn stop(&self) {
        self.end_backfill();
    }
}

struct World {
    folder: tempfile::TempDir,
    seen: Receiver<Seen>,
    inbox: Arc<Inbox>,
    work: Arc<Remembering>,
    watcher: thread::JoinHandle<Summary>,
}

impl World {
    /// A watcher of `projects`, whose database lies among the sessions: the worst place. The first scan is a long backfill.
    fn start(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path());
        let (seen, receiver) = channel();
        let root = folder.path().join("home/projects");
        let database = root.join("own.jsonl");
        let backfill = (Mutex::new(true), Condvar::new());
        let work = Arc::new(Remembering { seen: Mutex::new(seen), database: database.clone(), backfill });
        let timing = Timing { scan: PATIENCE * 60, replay: PATIENCE * 60, ..Timing::default() };
        let accepts = Arc::new(|path: &Path| path.extension().is_some_and(|end| end == "jsonl"));
        let watched = Watched { roots: vec![root], own: vec![database], accepts, timing };
        let inbox = Arc::new(Inbox::default());
        let watcher = {
            let (inbox, work) = (Arc::clone(&inbox), Arc::clone(&work));
            thread::spawn(move || run(&*work, watched, &inbox))
        };
        Self { folder, seen: receiver, inbox, work, watcher }
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("home/projects")
    }

    fn next(&self) -> Seen {
        self.seen.recv_timeout(PATIENCE).unwrap()
    }

    fn started(&self) {
        let first: Vec<Seen> = [self.next(), self.next()].into();
        assert!(first.contains(&Seen::Scan) && first.contains(&Seen::Replay), "{first:?}");
    }

    /// Waits until the live lane was given a file. A change may be told in several parts, and so be given again later.
    fn live(&self, name: &str) {
        let file = self.root().join(name);
        loop {
            match self.next() {
                Seen::Live(paths) if paths.contains(&file) => return,
                Seen::Live(paths) => assert!(!paths.contains(&self.work.database), "its own file"),
                other => assert_eq!(other, Seen::Live(vec![file.clone()])),
            }
        }
    }

    fn append(&self, name: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.root().join(name)).unwrap();
        file.write_all(b"{}\n").unwrap();
    }

    /// Ends the watcher; what it did, and what was seen that nobody asked about.
    fn stop(self) -> (Summary, Vec<Seen>) {
        self.inbox.stop();
        let summary = self.watcher.join().unwrap();
        (summary, self.seen.try_iter().collect())
    }
}

#[test]
fn changes_go_at_once_beside_a_backfill_and_own_writes_wake_nobody() {
    let world = World::start(|folder| {
        fs::create_dir_all(folder.join("home/projects/p")).unwrap();
        fs::write(folder.join("home/projects/p/before.jsonl"), "{}\n").unwrap();
    });
    world.started();
    world.append("p/a.jsonl");
    world.live("p/a.jsonl");
    world.append("p/before.jsonl");
    world.live("p/before.jsonl");
    File::create(world.root().join("p/.a.jsonl.swp")).unwrap();
    fs::rename(world.root().join("p/.a.jsonl.swp"), world.root().join("p/renamed.jsonl")).unwrap();
    world.live("p/renamed.jsonl");
    fs::create_dir_all(world.root().join("new/deep")).unwrap();
    world.append("new/deep/b.jsonl");
    world.live("new/deep/b.jsonl");
    world.work.end_backfill();
    world.inbox.scan_now();
    while world.next() != Seen::Scan {}
    let database = world.work.database.clone();
    let (summary, rest) = world.stop();
    let of_own = |seen: &&Seen| matches!(seen, Seen::Live(paths) if paths.contains(&database));
    assert_eq!(rest.iter().find(of_own), None);
    assert_eq!((summary.scans, summary.missed), (2, 0));
    assert!(summary.live < 20, "reading the files must not be taken for a change: {summary:?}");
}

#[test]
fn a_root_that_appears_goes_and_comes_again_is_watched() {
    let world = World::start(|_| {});
    world.started();
    for round in ["first", "second"] {
        fs::create_dir_all(world.root()).unwrap();
        world.append(&format!("{round}.jsonl"));
        world.live(&format!("{round}.jsonl"));
        world.append("again.jsonl");
        world.live("again.jsonl");
        fs::remove_dir_all(world.folder.path().join("home")).unwrap();
    }
    world.stop();
}
