//! Configuration in two steps: what the environment says ([`RawConfig`]), then what it means ([`WorkerConfig`]), checked
//! once at start.

use std::{
    collections::BTreeMap,
    env,
    net::SocketAddr,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use contracts::{env as names, errors::ErrorType, queues};
use graph_store::{GraphUrl, StoreError};
use kit::{BlobStore, BlobUrlError, GraphCredential, GraphPlace};
use reqwest::Url;

use crate::{host::host_id, logging::LogFormat, slots::Slots};

/// A setting that does not make sense. It names the variable, the value and what is expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{variable}={value:?}: expected {expected}")]
pub struct ConfigError {
    /// The environment variable.
    pub variable: String,
    /// Its value.
    pub value: String,
    /// What it should be.
    pub expected: String,
}

impl ConfigError {
    fn new(variable: &str, value: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { variable: variable.to_owned(), value: value.into(), expected: expected.into() }
    }
}

/// The environment variables that are set, as they are.
#[derive(Debug, Clone, Default)]
pub struct RawConfig(BTreeMap<String, String>);

/// What the replaced system called the folder of workspaces.
const OLDER_WORKSPACES: &str = "WORKSPACE_BASE_PATH";
/// What it called the limit of memory.
const OLDER_MEMORY: &str = "SCIP_PARSE_MAX_MEMORY_MB";
/// Where its graph was.
const OLDER_ARANGO: &str = "ARANGODB_URL";
const OLDER_ARANGO_DATABASE: &str = "ARANGODB_DATABASE";
const OLDER_ARANGO_PASSWORD: &str = "ARANGO_ROOT_PASSWORD";

impl RawConfig {
    /// Reads the environment of this process. An empty variable counts as unset.
    pub fn from_env() -> Self {
        Self::new(env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?))))
    }

    /// Takes the settings from elsewhere.
    pub fn new(settings: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(settings.into_iter().filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The same settings with these variables unset.
    #[must_use]
    pub fn without(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|(k, _)| !names.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect())
    }

    /// The same settings with one more, or another value of it.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut settings = self.0.clone();
        settings.insert(name.to_owned(), value.to_owned());
        Self(settings)
    }

    /// The value of a variable that is set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The state folder, absolute.
    ///
    /// # Errors
    /// When there is no current folder.
    pub fn state_dir(&self) -> Result<PathBuf, ConfigError> {
        absolute(names::HOME, self.get(names::HOME).unwrap_or(".gantry"))
    }

    /// Whether all workers see the same workspaces, so that any of them can go on with any.
    ///
    /// # Errors
    /// When the setting is neither on nor off.
    pub fn shares_workspaces(&self) -> Result<bool, ConfigError> {
        match self.get(names::SHARED_WORKSPACES).map(str::trim) {
            None | Some("" | "0" | "false") => Ok(false),
            Some("1" | "true") => Ok(true),
            Some(other) => Err(ConfigError::new(names::SHARED_WORKSPACES, other, "1 or 0")),
        }
    }

    /// The memory that the process may take, in bytes; none without a limit.
    ///
    /// # Errors
    /// When the setting is no number of megabytes.
    pub fn memory_limit(&self) -> Result<Option<u64>, ConfigError> {
        let older = self.get(OLDER_MEMORY);
        let Some(text) = self.get(names::MAX_MEMORY_MB).or(older) else { return Ok(None) };
        match text.trim().parse::<u64>() {
            Ok(megabytes) if megabytes > 0 => Ok(Some(megabytes.saturating_mul(1_000_000))),
            _ => Err(ConfigError::new(names::MAX_MEMORY_MB, text, "a number of megabytes")),
        }
    }

    /// The URL of the graph store, if one is named.
    ///
    /// # Errors
    /// When the older name of the server is set and that of the database is not.
    pub fn graph_url(&self) -> Result<Option<String>, ConfigError> {
        match (self.get(names::GRAPH_URL), self.get(OLDER_ARANGO), self.get(OLDER_ARANGO_DATABASE)) {
            (Some(url), ..) => Ok(Some(url.to_owned())),
            (None, Some(server), Some(database)) => {
                Ok(Some(format!("arangodb+{}/{database}", server.trim_end_matches('/'))))
            }
            (None, Some(server), None) => {
                Err(ConfigError::new(OLDER_ARANGO, server, format!("{OLDER_ARANGO_DATABASE} beside it")))
            }
            (None, None, _) => Ok(None),
        }
    }

    /// A graph store with the credential that is set for it.
    ///
    /// # Errors
    /// When the URL names no store.
    pub fn graph(&self, url: &str) -> Result<GraphPlace, StoreError> {
        let place: GraphPlace = url.parse()?;
        let whole = |name| self.get(name).map(|reference| GraphCredential::Whole(reference.to_owned()));
        let credential = match &place.url {
            GraphUrl::Sqlite(_) => None,
            GraphUrl::Arango(_) => whole(names::ARANGO_AUTH).or_else(|| {
                self.get(OLDER_ARANGO_PASSWORD)?;
                Some(GraphCredential::PasswordOf("root", format!("env:{OLDER_ARANGO_PASSWORD}")))
            }),
            GraphUrl::Postgres(_) => whole(names::POSTGRES_AUTH),
        };
        Ok(GraphPlace { credential, ..place })
    }

    /// The folder of workspaces: the one that is named, `workspaces` of the state folder, or where an older installation
    /// had it.
    ///
    /// # Errors
    /// When there is no current folder.
    pub fn workspaces(&self) -> Result<PathBuf, ConfigError> {
        match (self.get(names::WORKSPACES), self.get(names::HOME), self.get(OLDER_WORKSPACES)) {
            (Some(folder), ..) => absolute(names::WORKSPACES, folder),
            (None, None, Some(older)) => absolute(OLDER_WORKSPACES, older),
            _ => Ok(self.state_dir()?.join("workspaces")),
        }
    }

    /// The blob store, and those that are only read, of a state folder. It is not asked whether it answers.
    ///
    /// # Errors
    /// When the settings or the credentials do not make sense.
    pub fn blobs(&self, state_dir: &Path) -> Result<BlobStore, ConfigError> {
        open_blobs(&blob_url(self, state_dir)?, &blob_read_urls(self)?, state_dir)
    }

    fn parse<T: std::str::FromStr>(&self, name: &str, default: T, expected: &str) -> Result<T, ConfigError> {
        match self.get(name) {
            None => Ok(default),
            Some(text) => text.trim().parse().map_err(|_| ConfigError::new(name, text, expected)),
        }
    }
}

/// What a worker process runs with.
#[derive(Debug, Clone)]
pub struct WorkerConfig {
    /// The queue that the process serves.
    pub queue: &'static str,
    /// This host's own name; its queue is `<queue>@<host id>`.
    pub host_id: String,
    /// The state folder, absolute.
    pub state_dir: PathBuf,
    /// URL of the graph store.
    pub graph_url: String,
    /// URL of the blob store.
    pub blob_url: Url,
    /// Blob stores that blobs are only read from.
    pub blob_read_urls: Vec<Url>,
    /// Folders that an input may name a path in.
    pub allowed_roots: Vec<PathBuf>,
    /// Activities that work at once in the whole process.
    pub slots: Slots,
    /// The memory that the process may take, in bytes.
    pub memory_limit: Option<u64>,
    /// Threads of the CPU pool.
    pub cpu_threads: usize,
    /// Attempts after which fresh Workers take over: the SDK keeps some bytes of each.
    pub recycle_after: u64,
    /// Where `/live`, `/ready` and `/metrics` are served.
    pub admin_listen: SocketAddr,
    /// From SIGTERM until running work is asked to give its task back.
    pub grace: Duration,
    /// Log filter.
    pub log_filter: String,
    /// Log format.
    pub log_format: LogFormat,
    /// Deployment name and build id, when the worker takes part in worker versioning.
    pub deployment: Option<(String, String)>,
}

impl WorkerConfig {
    /// Checks the settings of a worker of this queue.
    ///
    /// # Errors
    /// The first setting that does not make sense.
    pub fn new(queue: &'static str, raw: &RawConfig) -> Result<Self, ConfigError> {
        let state_dir = raw.state_dir()?;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let slots = slots(raw, queue, cores)?;
        let recycle_after: u64 = raw.parse(names::RECYCLE_AFTER, 100_000, RECYCLE_AFTER)?;
        if recycle_after == 0 {
            return Err(ConfigError::new(names::RECYCLE_AFTER, "0", RECYCLE_AFTER));
        }
        let default_listen = SocketAddr::from(([127, 0, 0, 1], queues::admin_port(queue).unwrap_or(0)));
        let grace: u64 = raw.parse(names::GRACE_SECONDS, 10, "a number of seconds from 0 to 86400")?;
        if grace > 86_400 {
            return Err(ConfigError::new(
                names::GRACE_SECONDS,
                grace.to_string(),
                "a number of seconds from 0 to 86400",
            ));
        }
        let log_format = match raw.get(names::LOG_FORMAT) {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(other) => return Err(ConfigError::new(names::LOG_FORMAT, other, "text or json")),
        };
        Ok(Self {
            queue,
            host_id: host(raw)?,
            graph_url: match raw.graph_url()? {
                Some(url) => url,
                None => format!("sqlite:{}", state_dir.join("graph.db").display()),
            },
            blob_url: blob_url(raw, &state_dir)?,
            blob_read_urls: blob_read_urls(raw)?,
            allowed_roots: allowed_roots(raw, &state_dir)?,
            slots,
            cpu_threads: match slots {
                Slots::Fixed(slots) => slots,
                Slots::ByResources => cores,
            },
            recycle_after,
            memory_limit: raw.memory_limit()?,
            admin_listen: raw.parse(
                names::ADMIN_LISTEN,
                default_listen,
                "HOST:PORT with a numeric host, for example 0.0.0.0:9601",
            )?,
            grace: Duration::from_secs(grace),
            log_filter: raw.get(names::LOG).unwrap_or("info").to_owned(),
            log_format,
            deployment: deployment(raw)?,
            state_dir,
        })
    }

    /// The queues that the process polls: its own, and that of its host.
    pub fn queues(&self) -> [String; 2] {
        [self.queue.to_owned(), self.host_queue()]
    }

    /// Opens the blob store and looks whether it can be used. One that only does not answer may do so later.
    ///
    /// # Errors
    /// When the settings or the credentials are wrong, or the folder cannot be written.
    pub fn open_blobs(&self) -> Result<BlobStore, ConfigError> {
        let blobs = open_blobs(&self.blob_url, &self.blob_read_urls, &self.state_dir)?;
        let wrong = |expected: String| ConfigError::new(names::BLOB_URL, self.blob_url.as_str(), expected);
        match blobs.probe() {
            Err(failure) if failure.error_type == ErrorType::StoreUnavailable => {
                tracing::warn!(%failure, "the blob store does not answer yet");
            }
            Err(failure) => return Err(wrong(format!("a store that this worker can use: {failure}"))),
            Ok(()) => {}
        }
        Ok(blobs)
    }

    /// The queue that only this host's workers poll.
    pub fn host_queue(&self) -> String {
        queues::host_queue(self.queue, &self.host_id)
    }
}

const SLOTS: &str = "a number from 1 to 1024, or auto";
const RECYCLE_AFTER: &str = "a number of activities, 1 or more";

fn slots(raw: &RawConfig, queue: &str, cores: usize) -> Result<Slots, ConfigError> {
    match raw.get(names::SLOTS) {
        Some("auto") => Ok(Slots::ByResources),
        None if queues::fills_cores(queue) => Ok(Slots::Fixed(cores)),
        None => Ok(Slots::ByResources),
        Some(text) => match text.trim().parse() {
            Ok(slots @ 1..=1024) => Ok(Slots::Fixed(slots)),
            _ => Err(ConfigError::new(names::SLOTS, text, SLOTS)),
        },
    }
}

fn absolute(variable: &str, path: &str) -> Result<PathBuf, ConfigError> {
    std::path::absolute(path).map_err(|e| ConfigError::new(variable, path, format!("a path ({e})")))
}

fn host(raw: &RawConfig) -> Result<String, ConfigError> {
    let id = raw.get(names::HOST_ID).map_or_else(host_id, str::to_owned);
    let expected = "1 to 63 letters, digits, dots, dashes or underscores";
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if id.len() > 63 || !id.chars().all(allowed) {
        return Err(ConfigError::new(names::HOST_ID, id, expected));
    }
    Ok(id)
}

fn open_blobs(url: &Url, readable: &[Url], state_dir: &Path) -> Result<BlobStore, ConfigError> {
    let opened = BlobStore::open(url, readable);
    let opened = opened.map_err(|e| ConfigError::new(names::BLOB_URL, url.as_str(), e.expected))?;
    Ok(opened.with_scratch(state_dir.join("tmp")))
}

fn blob_url(raw: &RawConfig, state_dir: &Path) -> Result<Url, ConfigError> {
    match raw.get(names::BLOB_URL) {
        Some(text) => kit::blob_url(text).map_err(|e| wrong_blob_url(names::BLOB_URL, text, &e)),
        None => Url::from_file_path(state_dir.join("blobs"))
            .map_err(|()| ConfigError::new(names::HOME, state_dir.display().to_string(), "an absolute path")),
    }
}

fn blob_read_urls(raw: &RawConfig) -> Result<Vec<Url>, ConfigError> {
    let texts = raw.get(names::BLOB_READ_URLS).unwrap_or_default();
    let texts = texts.split(|c: char| c == ',' || c.is_whitespace()).filter(|text| !text.is_empty());
    texts.map(|text| kit::blob_url(text).map_err(|e| wrong_blob_url(names::BLOB_READ_URLS, text, &e))).collect()
}

fn wrong_blob_url(variable: &str, text: &str, error: &BlobUrlError) -> ConfigError {
    ConfigError::new(variable, if error.secret { "(not shown)" } else { text }, &error.expected)
}

fn allowed_roots(raw: &RawConfig, state_dir: &Path) -> Result<Vec<PathBuf>, ConfigError> {
    let Some(text) = raw.get(names::ALLOWED_ROOTS) else { return Ok(vec![state_dir.to_owned()]) };
    let roots: Vec<PathBuf> = env::split_paths(text).filter(|p| !p.as_os_str().is_empty()).collect();
    match roots.iter().find(|p| !p.is_absolute()) {
        Some(_) => Err(ConfigError::new(names::ALLOWED_ROOTS, text, "absolute paths, separated by `:`")),
        None => Ok(roots),
    }
}

/// Versioning is on only when both are set: a versioned worker gets nothing until somebody makes its version current.
fn deployment(raw: &RawConfig) -> Result<Option<(String, String)>, ConfigError> {
    const NAME: &str = "TEMPORAL_DEPLOYMENT_NAME";
    const BUILD_ID: &str = "TEMPORAL_WORKER_BUILD_ID";
    let (Some(name), Some(build_id)) = (raw.get(NAME), raw.get(BUILD_ID)) else { return Ok(None) };
    for (variable, value) in [(NAME, name), (BUILD_ID, build_id)] {
        if value.len() > 63 {
            return Err(ConfigError::new(variable, value, "at most 63 characters"));
        }
    }
    Ok(Some((name.to_owned(), build_id.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(settings: &[(&str, &str)]) -> Result<WorkerConfig, ConfigError> {
        let raw = RawConfig::new(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
        WorkerConfig::new(queues::HEAVY_COMPUTE, &raw)
    }

    #[test]
    fn nothing_set_gives_the_documented_defaults() {
        let config = config(&[("GANTRY_HOME", "/state"), ("GANTRY_HOST_ID", "h")]).unwrap();
        assert_eq!(config.graph_url, "sqlite:/state/graph.db");
        assert_eq!(config.blob_url.as_str(), "file:///state/blobs");
        assert_eq!(config.blob_read_urls, []);
        assert_eq!(config.allowed_roots, [Path::new("/state")]);
        assert_eq!(config.admin_listen.to_string(), "127.0.0.1:9601");
        assert_eq!(config.host_queue(), "heavy-compute@h");
        assert_eq!(config.grace, Duration::from_secs(10));
        assert_eq!(config.deployment, None);
        assert_eq!(config.slots, Slots::Fixed(thread::available_parallelism().unwrap().get()));
        assert_eq!(config.recycle_after, 100_000);
    }

    #[test]
    fn the_older_name_of_the_folder_of_workspaces_holds_when_no_state_folder_is_named() {
        let of = |settings: &[(&str, &str)]| {
            RawConfig::new(settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))).workspaces().unwrap()
        };
        let older = ("WORKSPACE_BASE_PATH", "/data/workspaces");
        assert_eq!(of(&[older]), Path::new("/data/workspaces"));
        assert_eq!(of(&[older, ("GANTRY_HOME", "/state")]), Path::new("/state/workspaces"));
        let named = ("GANTRY_WORKSPACES", "/shared");
        assert_eq!(of(&[older, named, ("GANTRY_HOME", "/state")]), Path::new("/shared"));
    }

    #[test]
    fn a_wrong_value_is_named_with_what_is_expected() {
        let wrong = [
            ("GANTRY_SLOTS", "many"),
            ("GANTRY_SLOTS", "0"),
            ("GANTRY_RECYCLE_AFTER", "0"),
            ("GANTRY_ADMIN_LISTEN", "9601"),
            ("GANTRY_GRACE_SECONDS", "-1"),
            ("GANTRY_LOG_FORMAT", "xml"),
            ("GANTRY_BLOB_URL", "ftp://host/blobs"),
            ("GANTRY_BLOB_URL", "s3:///prefix"),
            ("GANTRY_BLOB_READ_URLS", "blobs"),
            ("GANTRY_ALLOWED_ROOTS", "/a:b"),
            ("GANTRY_HOST_ID", "a/b"),
        ];
        for (variable, value) in wrong {
            let error = config(&[(variable, value)]).unwrap_err();
            assert_eq!((error.variable.as_str(), error.value.as_str()), (variable, value));
            assert!(!error.expected.is_empty());
        }
    }

    #[test]
    fn blob_stores_are_urls_and_one_with_a_password_is_not_repeated() {
        let read = "s3://bucket/prefix, https://host/blobs  file:///other";
        let both = config(&[("GANTRY_BLOB_URL", "s3://bucket"), ("GANTRY_BLOB_READ_URLS", read)]).unwrap();
        assert_eq!(both.blob_url.as_str(), "s3://bucket");
        let read: Vec<_> = both.blob_read_urls.iter().map(Url::as_str).collect();
        assert_eq!(read, ["s3://bucket/prefix", "https://host/blobs", "file:///other"]);
        for variable in ["GANTRY_BLOB_URL", "GANTRY_BLOB_READ_URLS"] {
            let error = config(&[(variable, "s3://key:hunter2@bucket")]).unwrap_err();
            assert_eq!(error.variable, variable);
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn a_blob_folder_that_cannot_be_used_is_an_error_at_start() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().display().to_string();
        config(&[("GANTRY_HOME", &state)]).unwrap().open_blobs().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let below_a_file = format!("file://{}/blobs", file.display());
        let error = config(&[("GANTRY_HOME", &state), ("GANTRY_BLOB_URL", &below_a_file)]).unwrap().open_blobs();
        assert_eq!(error.unwrap_err().variable, "GANTRY_BLOB_URL");
    }

    #[test]
    fn versioning_needs_both_names() {
        assert_eq!(config(&[("TEMPORAL_DEPLOYMENT_NAME", "d")]).unwrap().deployment, None);
        let both = config(&[("TEMPORAL_DEPLOYMENT_NAME", "d"), ("TEMPORAL_WORKER_BUILD_ID", "b")]).unwrap();
        assert_eq!(both.deployment, Some(("d".into(), "b".into())));
    }
}
