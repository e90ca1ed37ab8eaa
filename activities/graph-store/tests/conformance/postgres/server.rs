//! A PostgreSQL for the tests, and databases on it.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use graph_store::{GraphUrl, OpenOptions, PostgresOptions, PostgresUrl};
use postgres::{Client, NoTls};

/// A server of the tests' own. It ends, and its folder goes, when this process ends, however it ends: it reads from a pipe
/// of which the other end is here.
pub(crate) struct Server {
    /// Of its first database.
    pub(crate) url: PostgresUrl,
    process: Child,
    words: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Server {
    /// None, said on stderr, where there is no PostgreSQL; in CI that is an error.
    pub(crate) fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/postgres-server.sh");
        let mut process = Command::new(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let words = process.stdin.take();
        let mut answers = BufReader::new(process.stdout.take().unwrap());
        let mut url = String::new();
        answers.read_line(&mut url).unwrap();
        if url.is_empty() {
            let status = process.wait().unwrap();
            assert_eq!(status.code(), Some(3), "PostgreSQL did not start");
            assert!(env::var_os("CI").is_none(), "there is no PostgreSQL; fetch it with `make ci-setup`");
            eprintln!(
                "SKIPPED: PostgreSQL is not tested, since it is not there; fetch it with scripts/fetch-postgres.sh"
            );
            return None;
        }
        Some(Self { url: parse(url.trim()), process, words, answers })
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.say("kill");
    }

    /// Starts it again.
    pub(crate) fn start_again(&mut self) {
        self.say("start");
    }

    fn say(&mut self, word: &str) {
        writeln!(self.words.as_mut().unwrap(), "{word}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert!(!answer.is_empty(), "PostgreSQL did not {word}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.words.take());
        self.process.wait().unwrap();
    }
}

fn parse(url: &str) -> PostgresUrl {
    match url.parse().unwrap() {
        GraphUrl::Postgres(url) => url,
        other => panic!("{other}"),
    }
}

/// The server of all tests but those that kill it: the one of `GANTRY_TEST_POSTGRES_URL`, whose user may create databases,
/// else one of our own.
pub(crate) fn shared() -> Option<&'static PostgresUrl> {
    static URL: OnceLock<Option<PostgresUrl>> = OnceLock::new();
    static OWN: Mutex<Option<Server>> = Mutex::new(None);
    URL.get_or_init(|| match env::var("GANTRY_TEST_POSTGRES_URL") {
        Ok(url) => Some(parse(&url)),
        Err(_) => {
            let server = Server::start()?;
            let url = server.url.clone();
            // Nobody drops it: it ends with the process.
            *OWN.lock().unwrap() = Some(server);
            Some(url)
        }
    })
    .as_ref()
}

/// A database that nobody else uses.
pub(crate) struct Database {
    server: PostgresUrl,
    pub(crate) url: PostgresUrl,
}

/// Databases of our own shared server that are empty again: to make one and to drop it takes half a second.
static FREE: Mutex<Vec<PostgresUrl>> = Mutex::new(Vec::new());

impl Database {
    pub(crate) fn on(server: &PostgresUrl) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let mut free = FREE.lock().unwrap();
        if let Some(place) = free.iter().position(|free| is_of(free, server)) {
            return Self { server: server.clone(), url: free.swap_remove(place) };
        }
        drop(free);
        let database = format!("gantry_test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        connect(server)
            .batch_execute(&format!("CREATE DATABASE {database} ENCODING 'UTF8' TEMPLATE template0"))
            .unwrap();
        Self { server: server.clone(), url: PostgresUrl { database, ..server.clone() } }
    }

    /// A connection beside the store.
    pub(crate) fn connect(&self) -> Client {
        connect(&self.url)
    }
}

fn is_of(database: &PostgresUrl, server: &PostgresUrl) -> bool {
    (&database.host, database.port) == (&server.host, server.port)
}

impl Drop for Database {
    fn drop(&mut self) {
        // A server that a test has killed takes its databases along.
        if env::var_os("GANTRY_TEST_POSTGRES_URL").is_some() {
            if let Ok(mut client) = config(&self.server).connect(NoTls) {
                let _ = client.batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", self.url.database));
            }
        } else if let Ok(mut client) = config(&self.url).connect(NoTls)
            && client.batch_execute("DROP SCHEMA IF EXISTS gantry CASCADE").is_ok()
        {
            FREE.lock().unwrap().push(self.url.clone());
        }
    }
}

pub(crate) fn connect(url: &PostgresUrl) -> Client {
    config(url).connect(NoTls).unwrap()
}

fn config(url: &PostgresUrl) -> postgres::Config {
    let mut config = postgres::Config::new();
    config.user(&url.user).host(&url.host).port(url.port).dbname(&url.database);
    if let Some(password) = password() {
        config.password(password);
    }
    config
}

/// Of the user of `GANTRY_TEST_POSTGRES_URL`.
fn password() -> Option<String> {
    env::var("GANTRY_TEST_POSTGRES_PASSWORD").ok()
}

/// What opens a store on the shared server.
pub(crate) fn options() -> OpenOptions {
    let postgres = password().map(|p| PostgresOptions::with_password(&p)).unwrap_or_default();
    OpenOptions { postgres, ..OpenOptions::default() }
}
