//! What the processes of a stack are told by their environment.

use std::path::{Path, PathBuf};

use contracts::env as names;

use crate::{
    places::{EventsState, Places, SessionsState},
    problem::Problem,
};

/// Name of the home folder that a stack generates in its state folder.
const GENERATED_HOME: &str = "home";
/// How much of sessions a generated home holds: enough to see, shipped in a blink.
const GENERATED_BYTES: u64 = 4_000_000;
/// One home is like the other.
const GENERATED_SEED: u64 = 1;

/// What every worker of a stack is told.
#[derive(Debug, Clone)]
pub(super) struct Common {
    pub(super) state: PathBuf,
    pub(super) root: PathBuf,
    pub(super) graph_url: String,
    pub(super) blob_url: String,
    pub(super) allowed_roots: String,
    pub(super) profile: PathBuf,
}

impl Common {
    /// The environment of a worker whose admin server listens on `port`.
    pub(super) fn of_worker(&self, port: u16) -> Vec<(String, String)> {
        [
            (names::HOME, self.state.display().to_string()),
            (names::ROOT, self.root.display().to_string()),
            (names::GRAPH_URL, self.graph_url.clone()),
            (names::BLOB_URL, self.blob_url.clone()),
            (names::ADMIN_LISTEN, format!("127.0.0.1:{port}")),
            (names::ALLOWED_ROOTS, self.allowed_roots.clone()),
            ("TEMPORAL_CONFIG_FILE", self.profile.display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// Where the sessions of a stack come from and go to. Nothing of the person's own is touched unless a home was named.
#[derive(Debug, Clone)]
pub(super) struct Sessions {
    pub(super) home: PathBuf,
    manifest: Option<PathBuf>,
    pub(super) receiver: String,
    pub(super) token: PathBuf,
    pub(super) database: PathBuf,
}

impl Sessions {
    /// Makes a home with generated sessions, unless one is named, and a token that the two sides share: without one the
    /// shipper would look for the person's own.
    pub(super) fn prepare(state: &Path, home: Option<&Path>, receiver: String) -> Result<Self, Problem> {
        let real = |path: &Path| path.canonicalize().map_err(|e| Problem::io(&format!("{}", path.display()), &e));
        let (home, manifest) = match home {
            Some(home) => (real(home)?, None),
            None => {
                // Sessions are named by their paths, so the list and the shipper have to mean the same ones.
                let state = real(state)?;
                let (home, manifest) = (state.join(GENERATED_HOME), state.join("home-events.ndjson"));
                generated(&home, &manifest)?;
                (home, Some(manifest))
            }
        };
        let token = state.join("session-token");
        if !token.exists() {
            write_private(&token, &uuid::Uuid::new_v4().simple().to_string())?;
        }
        Ok(Self { home, manifest, receiver, token, database: state.join("shipper.db") })
    }

    fn token_reference(&self) -> String {
        format!("file:{}", self.token.display())
    }

    /// What other commands are told.
    pub(super) fn state(&self) -> SessionsState {
        SessionsState {
            home: self.home.clone(),
            receiver: self.receiver.clone(),
            token: self.token_reference(),
            database: self.database.clone(),
            manifest: self.manifest.clone(),
        }
    }

    /// What the shipping worker is told.
    pub(super) fn of_shipper(&self) -> Vec<(String, String)> {
        [
            (names::SHIPPING_HOME, self.home.display().to_string()),
            (names::SHIPPING_URL, self.receiver.clone()),
            (names::SHIPPING_TOKEN, self.token_reference()),
            (names::SHIPPING_DATABASE, self.database.display().to_string()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// Where the events of a stack are taken and kept.
#[derive(Debug, Clone)]
pub(super) struct Events {
    pub(super) port: u16,
    /// The folder of its files.
    pub(super) folder: PathBuf,
}

impl Events {
    fn database(&self) -> PathBuf {
        self.folder.join("ingest.db")
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What other commands are told.
    pub(super) fn state(&self) -> EventsState {
        EventsState { url: self.url(), database: self.database() }
    }

    /// What the worker is told. Whoever is on this machine may write and read without a token, whatever a service that this
    /// shell is set up for wants; who ships sessions shows that of the stack.
    pub(super) fn of_worker(&self, sessions: &Sessions) -> Vec<(String, String)> {
        [
            (names::INGEST_HOST, "127.0.0.1".to_owned()),
            (names::INGEST_PORT, self.port.to_string()),
            (names::INGEST_DB_PATH, self.database().display().to_string()),
            (names::INGEST_SESSIONS_DB, self.folder.join("sessions.db").display().to_string()),
            (names::INGEST_AGENTS_TOKEN, sessions.token_reference()),
            (names::INGEST_TOKEN, String::new()),
            (names::INGEST_WRITE_TOKENS, String::new()),
            (names::INGEST_READ_TOKENS, String::new()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec()
    }
}

/// The stack's settings, with what the environment says otherwise.
pub(super) fn setting(places: &Places, name: &str, default: String) -> String {
    places.raw.get(name).map_or(default, str::to_owned)
}

/// A home with sessions that nobody had, and the list of the events in it, which is there once the home is whole.
fn generated(home: &Path, manifest: &Path) -> Result<(), Problem> {
    use sample_sessions::{ManifestWriter, Plan, Shape, write_home};
    if manifest.exists() {
        return Ok(());
    }
    let failed = |e: std::io::Error| Problem::io(&format!("making sample sessions in {}", home.display()), &e);
    if home.exists() {
        std::fs::remove_dir_all(home).map_err(failed)?;
    }
    let folder = manifest.parent().unwrap_or(Path::new("."));
    let mut list = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    let mut events = ManifestWriter::new(std::io::BufWriter::new(&mut list));
    let plan = Plan { seed: GENERATED_SEED, shape: Shape::Bytes(GENERATED_BYTES) };
    write_home(home, &plan, &mut |event| events.add(&event)).map_err(failed)?;
    events.finish().map_err(failed)?;
    list.persist(manifest).map_err(|e| failed(e.error))?;
    Ok(())
}

fn write_private(path: &Path, text: &str) -> Result<(), Problem> {
    use std::{io::Write, os::unix::fs::OpenOptionsExt};
    let failed = |e: std::io::Error| Problem::io(&format!("writing {}", path.display()), &e);
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
