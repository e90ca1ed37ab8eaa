//! Where things are: the installation, the state folder, the tools, the running `gantry dev`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use contracts::env as names;
use kit::{BlobStore, GraphPlace};
use runtime::{RawConfig, Traces};
use serde::{Deserialize, Serialize};

use crate::problem::Problem;

/// Where things are.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    /// The state folder.
    pub(crate) state: PathBuf,
    /// Folder of this binary and its siblings.
    pub(crate) binaries: PathBuf,
    /// The folder that holds `workflows-ts/` and `.tools/`, if there is one.
    pub(crate) root: Option<PathBuf>,
    pub(crate) raw: RawConfig,
    /// Set where a collector of traces is configured.
    pub(crate) traces: Option<Arc<Traces>>,
}

/// What a running `gantry dev` chose. Other commands read it, so that nothing has to be configured on a laptop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct DevState {
    pub(crate) pid: i32,
    pub(crate) temporal_address: String,
    pub(crate) namespace: String,
    pub(crate) ui_url: String,
    /// Where payloads are decoded for the UI, if they are encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) codec_endpoint: Option<String>,
    /// Where the keys of the encryption are, as a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) codec_keys: Option<String>,
    pub(crate) graph_url: String,
    pub(crate) blob_url: String,
    pub(crate) state_dir: PathBuf,
    pub(crate) log_dir: PathBuf,
    /// Address of `/live`, `/ready` and `/metrics` by queue.
    pub(crate) admin: std::collections::BTreeMap<String, String>,
    /// Where events are taken and kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) events: Option<EventsState>,
    /// Whose sessions are shipped, and where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sessions: Option<SessionsState>,
}

/// Where the events of a running `gantry dev` are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventsState {
    /// URL of the service.
    pub(crate) url: String,
    /// Its file.
    pub(crate) database: PathBuf,
}

/// Where the sessions of a running `gantry dev` come from and go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SessionsState {
    /// The home folder that holds the agents' own.
    pub(crate) home: PathBuf,
    /// URL of the server that they go to.
    pub(crate) receiver: String,
    /// Reference to the token that it is shown.
    pub(crate) token: String,
    /// The shipper's state.
    pub(crate) database: PathBuf,
    /// What events a generated home holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) manifest: Option<PathBuf>,
}

impl Places {
    pub(crate) fn find() -> Result<Self, Problem> {
        let raw = RawConfig::from_env();
        let exe = env::current_exe()
            .and_then(|p| p.canonicalize())
            .map_err(|e| Problem::filesystem(format!("where this program is: {e}")))?;
        let binaries = exe.parent().map(Path::to_owned).unwrap_or_default();
        let root = match raw.get(names::ROOT) {
            Some(root) => Some(PathBuf::from(root)),
            None => binaries.ancestors().find(|f| f.join("workflows-ts").is_dir()).map(Path::to_owned),
        };
        let traces = Traces::from_env("gantry")?.map(Arc::new);
        Ok(Self { state: raw.state_dir()?, binaries, root, raw, traces })
    }

    /// The same installation with a state folder of its own, and no setting of stores, servers and folders.
    pub(crate) fn isolated(&self, state: PathBuf) -> Self {
        let shared = [names::HOME, names::GRAPH_URL, names::BLOB_URL, names::UI_URL, names::ALLOWED_ROOTS];
        let raw = self.raw.without(&shared).without(&[names::BLOB_READ_URLS, "TEMPORAL_ADDRESS"]);
        Self { state, raw, ..self.clone() }
    }

    /// What the workers of this machine call their host.
    pub(crate) fn host_id(&self) -> String {
        self.raw.get(names::HOST_ID).map_or_else(runtime::host_id, str::to_owned)
    }

    pub(crate) fn root(&self) -> Result<&Path, Problem> {
        self.root.as_deref().ok_or_else(|| {
            Problem::filesystem(format!("no folder above {} holds workflows-ts", self.binaries.display()))
                .hint("set GANTRY_ROOT to the installation root")
        })
    }

    /// A binary beside this one.
    pub(crate) fn binary(&self, name: &str) -> Result<PathBuf, Problem> {
        let path = self.binaries.join(name);
        if path.is_file() {
            return Ok(path);
        }
        Err(Problem::filesystem(format!("{} is not there", path.display())).hint("build it: make build"))
    }

    /// The Temporal command line: on PATH, or fetched by the installation.
    pub(crate) fn temporal_cli(&self) -> Result<PathBuf, Problem> {
        let fetched = self.root.as_ref().map(|root| root.join(".tools/bin/temporal")).filter(|p| p.is_file());
        fetched
            .or_else(|| on_path("temporal"))
            .ok_or_else(|| Problem::filesystem("the Temporal command line is not there").hint("fetch it: make setup"))
    }

    pub(crate) fn node(&self) -> Result<PathBuf, Problem> {
        on_path("node").ok_or_else(|| {
            Problem::filesystem("node is not on PATH").hint("install Node.js 20.3 or newer: https://nodejs.org")
        })
    }

    /// The compiled TypeScript worker; its workflow bundle lies in the same folder.
    pub(crate) fn workflow_worker(&self) -> Result<PathBuf, Problem> {
        let dist = self.root()?.join("workflows-ts/dist");
        let worker = dist.join("src/worker.js");
        if worker.is_file() && dist.join("workflow-bundle.js").is_file() {
            return Ok(worker);
        }
        Err(Problem::filesystem(format!("{} is not built", worker.display())).hint("build it: make build"))
    }

    /// The graph store: as configured, else that of the running `gantry dev`, else the state folder's.
    pub(crate) fn graph(&self) -> Result<GraphPlace, Problem> {
        let url = match (self.raw.graph_url()?, self.dev_state()) {
            (Some(url), _) => url,
            (None, Some(dev)) => dev.graph_url,
            (None, None) => format!("sqlite:{}", self.state.join("graph.db").display()),
        };
        Ok(self.raw.graph(&url)?)
    }

    /// The blob store that the workers write to: as configured, else that of the running `gantry dev`, else the state
    /// folder's.
    pub(crate) fn blobs(&self) -> Result<BlobStore, Problem> {
        let dev = self.dev_state();
        let raw = match (self.raw.get(names::BLOB_URL), &dev) {
            (None, Some(dev)) => self.raw.with(names::BLOB_URL, &dev.blob_url),
            _ => self.raw.clone(),
        };
        Ok(raw.blobs(dev.as_ref().map_or(&self.state, |dev| &dev.state_dir))?)
    }

    pub(crate) fn dev_state_path(&self) -> PathBuf {
        self.state.join("dev.json")
    }

    /// The `gantry dev` that runs in this state folder. What one left that was killed does not count.
    pub(crate) fn dev_state(&self) -> Option<DevState> {
        let bytes = fs::read(self.dev_state_path()).ok()?;
        let dev: DevState = serde_json::from_slice(&bytes).ok()?;
        let pid = rustix::process::Pid::from_raw(dev.pid)?;
        rustix::process::test_kill_process(pid).is_ok().then_some(dev)
    }
}

/// An executable on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|p| p.is_file() && rustix::fs::access(p, rustix::fs::Access::EXEC_OK).is_ok())
}
