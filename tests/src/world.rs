//! A test's own world: a state folder, a Temporal server, a client.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use contracts::search_attributes;
use graph_store::GraphStore;
use runtime::Temporal;
use temporalio_client::Client;

use crate::{Process, binary, installation_root, temporal_cli};

/// Longest wait for anything. Only a broken test gets there, so it can be long.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until `condition` gives something.
///
/// # Panics
/// When that takes too long; the text says what was waited for.
pub async fn wait_for<T>(what: &str, mut condition: impl AsyncFnMut() -> Option<T>) -> T {
    let begin = Instant::now();
    loop {
        if let Some(found) = condition().await {
            return found;
        }
        assert!(begin.elapsed() < PATIENCE, "waited {PATIENCE:?} for {what}");
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}

/// A Temporal server of the test's own, and everything beside it.
#[derive(Debug)]
pub struct World {
    /// The state folder.
    pub state: PathBuf,
    port: u16,
    metrics_port: u16,
    /// Where a service of events listens, if there is one.
    pub events_port: u16,
    server: Option<Process>,
    folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
}

impl World {
    /// A world with a running server.
    pub async fn new() -> Self {
        let mut world = Self::without_server();
        world.start_server().await;
        world
    }

    /// A world whose server is not started yet.
    pub fn without_server() -> Self {
        kit::install_tls_provider();
        let folder = tempfile::tempdir().expect("a folder can be made");
        let state = folder.path().join("state");
        fs::create_dir(&state).expect("a folder can be made");
        Self {
            state,
            port: free_port(),
            metrics_port: free_port(),
            events_port: free_port(),
            server: None,
            folder,
            settings: Vec::new(),
        }
    }

    /// Sets an environment variable of every process that is started from now on, the server's excepted.
    pub fn set(&mut self, name: &str, value: &str) {
        self.settings.push((name.to_owned(), value.to_owned()));
    }

    /// A path in the test's own folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `host:port` of the server.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// `host:port` of the server's own metrics.
    pub fn server_metrics(&self) -> String {
        format!("127.0.0.1:{}", self.metrics_port)
    }

    /// Starts the server, on the data it had before, and waits until it answers.
    pub async fn start_server(&mut self) {
        let mut command = Command::new(temporal_cli());
        command.args(["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--log-level", "error"]);
        command.args(["--port", &self.port.to_string(), "--http-port", &free_port().to_string()]);
        command.args(["--metrics-port", &self.metrics_port.to_string()]);
        command.arg("--db-filename").arg(self.path("temporal.db"));
        // Retries and metrics at once, where a server takes its time; one partition, as `gantry dev` has it.
        for setting in [
            "history.timerProcessorMaxTimeShift=\"10ms\"",
            "matching.backlogMetricsEmitInterval=\"1s\"",
            "matching.numTaskqueueReadPartitions=1",
            "matching.numTaskqueueWritePartitions=1",
        ] {
            command.args(["--dynamic-config-value", setting]);
        }
        for (name, kind) in search_attributes::ALL {
            command.args(["--search-attribute", &format!("{name}={}", kind.as_str())]);
        }
        self.server = Some(Process::start(command, &self.path("temporal.log")));
        self.client().await;
    }

    /// kill -9 of the server.
    pub fn kill_server(&mut self) {
        self.server.take().expect("the server runs").kill();
    }

    fn temporal(&self) -> Temporal {
        runtime::plain_temporal(&self.address(), "default").expect("the address is one")
    }

    /// A client, as soon as the server answers.
    pub async fn client(&self) -> Client {
        let temporal = self.temporal();
        wait_for("the Temporal server", async || temporal.connect().await.ok()).await
    }

    /// A command with this world's environment and no other configuration.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars().filter(|(n, _)| n.starts_with("TEMPORAL_") || n.starts_with("GANTRY_")) {
            command.env_remove(name);
        }
        command
            .current_dir(self.folder.path())
            .env("TEMPORAL_ADDRESS", self.address())
            .env("TEMPORAL_CONFIG_FILE", self.path("no.toml"))
            .env("GANTRY_HOME", &self.state)
            .env("GANTRY_HOST_ID", "test-host")
            .env("GANTRY_ALLOWED_ROOTS", self.folder.path())
            .env("GANTRY_GRACE_SECONDS", "1")
            .env("GANTRY_ADMIN_LISTEN", "127.0.0.1:0")
            .env("GANTRY_INGEST_PORT", self.events_port.to_string())
            .env("NO_COLOR", "1")
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts `gantry-heavy-compute`; `settings` are further environment variables.
    pub fn heavy_worker(&self, settings: &[(&str, &str)]) -> Process {
        let mut command = self.command(&binary("gantry-heavy-compute"));
        command.envs(settings.iter().copied());
        Process::start(command, &self.path("heavy-compute.log"))
    }

    /// Starts the worker whose `prepareWorkspace` does what the test says (see `src/bin/stand-in-worker.rs`).
    pub fn stand_in_worker(&self, settings: &[(&str, &str)]) -> Process {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let mut command = self.command(&binary("stand-in-worker"));
        command.env("STAND_IN_LOG", self.path("stand-in.txt")).envs(settings.iter().copied());
        let n = STARTED.fetch_add(1, Ordering::Relaxed);
        Process::start(command, &self.path(&format!("stand-in-worker-{n}.log")))
    }

    /// The lines that stand-ins have recorded.
    pub fn recorded(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("stand-in.txt")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// Starts the TypeScript worker.
    pub fn workflow_worker(&self) -> Process {
        let worker = installation_root().join("workflows-ts/dist/src/worker.js");
        assert!(worker.is_file(), "{} is not built; run `make test`, which builds it first", worker.display());
        let mut command = self.command(Path::new("node"));
        command.arg(worker);
        Process::start(command, &self.path("workflows.log"))
    }

    /// Makes a version of a deployment the current one, as soon as the server knows it.
    pub async fn make_current(&self, deployment: &str, build_id: &str) {
        wait_for("the version to become current", async || {
            let mut command = tokio::process::Command::new(temporal_cli());
            command.args(["worker", "deployment", "set-current-version", "--yes", "--ignore-missing-task-queues"]);
            command.args(["--deployment-name", deployment, "--build-id", build_id, "--address", &self.address()]);
            command.kill_on_drop(true).output().await.ok().filter(|output| output.status.success())
        })
        .await;
    }

    /// Runs `gantry` to its end: exit code, stdout, stderr.
    pub async fn gantry(&self, args: &[&str]) -> (i32, String, String) {
        let mut command = tokio::process::Command::from(self.command(&binary("gantry")));
        command.env("GANTRY_ROOT", installation_root()).args(args).kill_on_drop(true);
        let output =
            tokio::time::timeout(PATIENCE, command.output()).await.expect("gantry ends").expect("gantry starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// The graph, opened from the test.
    pub fn graph(&self) -> Box<dyn GraphStore> {
        self.graph_in(&self.state)
    }

    /// The graph of another state folder.
    pub fn graph_in(&self, state: &Path) -> Box<dyn GraphStore> {
        let url = format!("sqlite:{}", state.join("graph.db").display()).parse().expect("a path makes a URL");
        graph_store::open(&url).expect("the graph can be opened")
    }

    /// The whole graph as text, checked: no edge hangs in the air, nothing is there twice.
    pub fn export(&self) -> String {
        export(self.graph().as_mut())
    }
}

/// Exports and checks a graph.
fn export(store: &mut dyn GraphStore) -> String {
    let mut bytes = Vec::new();
    store.export(None, &mut bytes).expect("the graph can be exported");
    let text = String::from_utf8(bytes).expect("the export is UTF-8");
    let documents: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect();
    let id = |d: &serde_json::Value| {
        format!("{}/{}", d["collection"].as_str().unwrap_or(""), d["_key"].as_str().unwrap_or(""))
    };
    let ids: std::collections::HashSet<String> = documents.iter().map(id).collect();
    assert_eq!(ids.len(), documents.len(), "a document is there twice");
    for document in &documents {
        for end in ["_from", "_to"].iter().filter_map(|name| document[*name].as_str()) {
            assert!(ids.contains(end), "{document} points to nothing");
        }
    }
    text
}

/// A port below those that the system hands out by itself, so that no connection of another test can take it between
/// here and the moment a server listens.
pub fn free_port() -> u16 {
    const FIRST: u32 = 20_000;
    const PORTS: u32 = 12_000;
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    loop {
        let n = TAKEN.fetch_add(1, Ordering::Relaxed);
        // Test programs that run at once begin at different places.
        let port = FIRST + (std::process::id().wrapping_mul(97).wrapping_add(n)) % PORTS;
        let port = u16::try_from(port).expect("the range ends below 65536");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
