//! A home, a server and a clock that does not wait.

mod server;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use shipping::config::{Config, Homes, Secret, TokenSource};
use shipping::engine::{Clock, Engine, Lane, ReplayReport, Scope, ShipReport, Status, Unattended};
use shipping::timestamp::Timestamp;
use tempfile::TempDir;

pub(crate) use server::{Reply, Server};

/// Waiting moves it.
#[derive(Debug)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn forward(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }

    fn sleep(&self, duration: Duration) {
        self.forward(duration);
    }
}

pub(crate) const HOUR: Duration = Duration::from_secs(3600);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) struct World {
    folder: TempDir,
    pub(crate) server: Server,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) config: Config,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start();
        let token = TokenSource::Literal(Secret::new("secret-of-the-test"));
        let database = folder.path().join("state/shipper.db");
        let mut config = Config::new(Homes::under(folder.path()), server.url(), token, database);
        config.workers = 2;
        config.batch_bytes = 1000;
        config.device_id = "shipper-test".to_owned();
        // Later than any file that a test writes, so that ages are what the test makes them.
        let clock = Arc::new(TestClock(AtomicI64::new(SystemTimeNow::micros())));
        Self { folder, server, clock, config }
    }

    pub(crate) fn home(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine_with(self.config.clone())
    }

    pub(crate) fn engine_with(&self, config: Config) -> Engine {
        Engine::open_with_clock(config, self.clock.clone()).unwrap()
    }

    /// A session of Claude with so many lines of about 200 bytes.
    pub(crate) fn session(&self, number: u32, lines: u32) -> PathBuf {
        let path = self.home().join(format!(".claude/projects/-work-demo/{}.jsonl", id(number)));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, (0..lines).map(|line| text_line(number, line)).collect::<String>()).unwrap();
        path
    }

    pub(crate) fn document(&self, texts: &[&str]) -> PathBuf {
        let path = self.home().join(format!(".gemini/tmp/{}/chats/session-1.json", "ab".repeat(32)));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let messages: Vec<_> = texts
            .iter()
            .enumerate()
            .map(|(n, text)| {
                serde_json::json!({"id": n.to_string(), "timestamp": format!("2026-02-01T10:00:{n:02}.000Z"), "type": "user", "content": text})
            })
            .collect();
        let document =
            serde_json::json!({"sessionId": id(77), "startTime": "2026-02-01T10:00:00.000Z", "messages": messages});
        fs::write(&path, document.to_string()).unwrap();
        path
    }

    pub(crate) fn database(&self) -> Connection {
        Connection::open(&self.config.database).unwrap()
    }

    pub(crate) fn status(&self) -> Status {
        Engine::status_with_clock(&self.config, &*self.clock).unwrap()
    }

    /// Acked and queued.
    pub(crate) fn offsets(&self, path: &Path) -> (u64, u64) {
        self.database()
            .query_row("SELECT acked_offset, queued_offset FROM file_state WHERE path = ?1", [path.to_str()], |row| {
                Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get::<_, i64>(1)?.cast_unsigned()))
            })
            .unwrap_or_default()
    }

    /// Rows of the spool: start, end, retries, status.
    pub(crate) fn spool(&self) -> Vec<(u64, u64, u64, String)> {
        let database = self.database();
        let mut query = database
            .prepare("SELECT start_offset, end_offset, retry_count, status FROM spool_queue ORDER BY file_path, start_offset")
            .unwrap();
        let rows = query.query_map([], |row| {
            let number = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.cast_unsigned());
            Ok((number(0)?, number(1)?, number(2)?, row.get(3)?))
        });
        rows.unwrap().map(Result::unwrap).collect()
    }
}

pub(crate) fn copy_state(from: &Path, to: &Path) {
    for suffix in ["", "-wal"] {
        let (from, to) = (format!("{}{suffix}", from.display()), format!("{}{suffix}", to.display()));
        if Path::new(&from).exists() {
            fs::copy(from, to).unwrap();
        }
    }
}

struct SystemTimeNow;

impl SystemTimeNow {
    fn micros() -> i64 {
        Timestamp::of_system(std::time::SystemTime::now()).0 + 60_000_000
    }
}

pub(crate) fn id(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}

/// A line of exactly 200 bytes.
pub(crate) fn text_line(session: u32, line: u32) -> String {
    padded(&format!("text {session}/{line}"), line, 200)
}

pub(crate) fn padded(text: &str, line: u32, length: usize) -> String {
    let make = |text: &str| {
        let at = format!("2026-02-01T10:{:02}:{:02}.000Z", line / 60 % 60, line % 60);
        format!(
            "{{\"type\":\"user\",\"uuid\":\"u{line}\",\"timestamp\":\"{at}\",\"cwd\":\"/work/demo\",\"message\":{{\"content\":\"{text}\"}}}}\n"
        )
    };
    let bare = make(text).len();
    make(&format!("{text}{}", ".".repeat(length.saturating_sub(bare))))
}

pub(crate) fn append(path: &Path, text: &str) {
    fs::OpenOptions::new().append(true).open(path).unwrap().write_all(text.as_bytes()).unwrap();
}

pub(crate) fn ship(engine: &Engine) -> ShipReport {
    engine.ship(&Scope::new(), Lane::Backfill, &Unattended).unwrap()
}

pub(crate) fn replay(engine: &Engine) -> ReplayReport {
    engine.replay(None, &Unattended).unwrap()
}

/// The first words of every event that came, with how often.
pub(crate) fn counted(texts: Vec<String>) -> BTreeMap<String, u32> {
    let mut counts = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}
