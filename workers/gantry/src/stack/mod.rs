//! Everything that `gantry dev` runs: the Temporal server, the Rust workers, one of which serves events over HTTP, and the
//! TypeScript worker.

mod child;
mod ports;
mod settings;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use child::{Child, ChildSpec};
use contracts::{env as names, queues, search_attributes};
use rustix::fs::{FlockOperation, flock};
use settings::{Common, Events, Sessions, setting};

use crate::{
    codec::{
        self,
        endpoint::{Admission, Endpoint},
    },
    connect,
    places::{DevState, Places},
    problem::Problem,
    report,
};

/// How long the stack has to come up. The slowest part is the first start of the server on a slow disk.
const START: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(50);
const SERVER: &str = "temporal";
const NAMESPACE: &str = "default";
const EVENTS_PORT: u16 = 3142;

/// How a stack is run.
#[derive(Debug, Clone)]
pub(crate) struct Options {
    /// Port of the Temporal server; its UI and the workers get those after it.
    pub(crate) port_base: Option<u16>,
    /// Home folder whose sessions are shipped; one with generated sessions when nothing is named.
    pub(crate) home: Option<PathBuf>,
    /// Show the logs of all processes on stderr.
    pub(crate) show_logs: bool,
}

/// A running stack.
pub(crate) struct Stack {
    pub(crate) dev: DevState,
    dev_path: PathBuf,
    /// In the order of their start; stopped from the last to the first.
    children: Vec<Child>,
    codec: Option<Endpoint>,
    _lock: File,
    _ports: ports::Ports,
}

impl Stack {
    /// Starts everything and returns when all of it is ready.
    pub(crate) async fn start(places: &Places, options: Options) -> Result<Self, Problem> {
        let state = &places.state;
        let logs = state.join("logs");
        fs::create_dir_all(&logs).map_err(|e| Problem::io(&format!("making {}", logs.display()), &e))?;
        let lock = lock(state)?;
        // All that is needed is looked up before anything is started.
        let (cli, node) = (places.temporal_cli()?, places.node()?);
        let workflows = places.workflow_worker()?;
        let binaries: Result<Vec<PathBuf>, Problem> =
            queues::ACTIVITY_QUEUES.iter().map(|queue| places.binary(&format!("gantry-{queue}"))).collect();
        let binaries = binaries?;
        let root = places.root()?.to_owned();

        let mut ports = ports::Ports::new(options.port_base);
        let temporal = ports.take("Temporal", 7233)?;
        let ui = ports.take("the Temporal UI", 8233)?;
        let mut admin = BTreeMap::new();
        for queue in queues::ACTIVITY_QUEUES.iter().chain([&queues::WORKFLOWS]) {
            admin.insert(*queue, ports.take(queue, queues::admin_port(queue).unwrap_or(0))?);
        }
        let events = Events { port: ports.take("the service of events", EVENTS_PORT)?, folder: state.clone() };
        let encryption = connect::encryption(places)?;
        let codec = match encryption.is_on() {
            true => Some(ports.take("the codec endpoint", codec::arguments::USUAL_PORT)?),
            false => None,
        };
        let (http, metrics) = (ports.any("Temporal over HTTP")?, ports.any("Temporal's metrics")?);

        let address = format!("127.0.0.1:{temporal}");
        let graph_url = setting(places, names::GRAPH_URL, format!("sqlite:{}", state.join("graph.db").display()));
        let blobs = url::Url::from_file_path(state.join("blobs")).map(String::from);
        let blob_url = setting(places, names::BLOB_URL, blobs.unwrap_or_default());
        let profile = state.join("temporal.toml");
        let text = format!("[profile.default]\naddress = \"{address}\"\nnamespace = \"{NAMESPACE}\"\n");
        fs::write(&profile, text).map_err(|e| Problem::io(&format!("writing {}", profile.display()), &e))?;
        let sessions = Sessions::prepare(state, options.home.as_deref(), events.url())?;
        let dev = DevState {
            pid: rustix::process::getpid().as_raw_nonzero().get(),
            temporal_address: address.clone(),
            namespace: NAMESPACE.to_owned(),
            ui_url: format!("http://127.0.0.1:{ui}"),
            codec_endpoint: codec.map(|port| format!("http://127.0.0.1:{port}")),
            codec_keys: encryption.reference().map(str::to_owned),
            graph_url: graph_url.clone(),
            blob_url: blob_url.clone(),
            state_dir: state.clone(),
            log_dir: logs.clone(),
            admin: admin.iter().map(|(queue, port)| ((*queue).to_owned(), format!("127.0.0.1:{port}"))).collect(),
            events: Some(events.state()),
            sessions: Some(sessions.state()),
        };
        let mut stack = Self {
            dev,
            dev_path: places.dev_state_path(),
            children: Vec::new(),
            codec: None,
            _lock: lock,
            _ports: ports,
        };
        if let Some(port) = codec {
            let admission = Admission { origins: codec::origins_of_ui(&stack.dev.ui_url)?, auth: None };
            stack.codec =
                Some(Endpoint::start(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), encryption, admission).await?);
        }

        let common = Common {
            state: state.clone(),
            root,
            graph_url,
            blob_url,
            // The user's own machine and the user's own files.
            allowed_roots: setting(places, names::ALLOWED_ROOTS, "/".to_owned()),
            profile,
        };
        let mut arguments = server_arguments(state, temporal, ui, http, metrics);
        arguments
            .extend(stack.dev.codec_endpoint.iter().flat_map(|url| ["--ui-codec-endpoint".to_owned(), url.clone()]));
        let server = ChildSpec::new(SERVER, &cli).args(arguments);
        let mut processes = Vec::new();
        for (queue, binary) in queues::ACTIVITY_QUEUES.iter().zip(&binaries) {
            let mut environment = common.of_worker(admin.get(queue).copied().unwrap_or(0));
            match *queue {
                queues::SHIPPING => environment.extend(sessions.of_shipper()),
                queues::INGEST => environment.extend(events.of_worker(&sessions)),
                _ => {}
            }
            processes.push(ChildSpec::new(queue, binary).envs(environment));
        }
        processes.push(
            ChildSpec::new(queues::WORKFLOWS, &node)
                .args([String::from("--enable-source-maps"), workflows.display().to_string()])
                .envs(common.of_worker(admin.get(queues::WORKFLOWS).copied().unwrap_or(0))),
        );
        if let Err(problem) = stack.start_all(server, processes, options.show_logs).await {
            stack.stop().await;
            return Err(problem);
        }
        stack.record()?;
        Ok(stack)
    }

    /// Stops everything: workers drain first, the server goes last.
    pub(crate) async fn stop(mut self) {
        // Without an error to report: what is left of the file does not count once this process is gone.
        let _ = fs::remove_file(&self.dev_path);
        // There is no server yet where it could not even be started.
        let workers = self.children.split_off(self.children.len().min(1));
        futures::future::join_all(workers.into_iter().map(Child::stop)).await;
        futures::future::join_all(self.children.drain(..).map(Child::stop)).await;
        if let Some(codec) = self.codec {
            codec.stop().await;
        }
    }

    /// Link to a run in the Temporal UI.
    pub(crate) fn ui_link(&self, workflow_id: &str, run_id: &str) -> String {
        ui_link(&self.dev.ui_url, &self.dev.namespace, workflow_id, run_id)
    }

    fn record(&self) -> Result<(), Problem> {
        let bytes = serde_json::to_vec_pretty(&self.dev).map_err(|e| Problem::filesystem(e.to_string()))?;
        fs::write(&self.dev_path, bytes).map_err(|e| Problem::io(&format!("writing {}", self.dev_path.display()), &e))
    }

    /// The server first: workers that find it at once are ready sooner.
    async fn start_all(
        &mut self,
        server: ChildSpec,
        workers: impl IntoIterator<Item = ChildSpec>,
        show_logs: bool,
    ) -> Result<(), Problem> {
        let logs = self.dev.log_dir.clone();
        self.children.push(Child::start(server, &logs, show_logs)?);
        let temporal = runtime::plain_temporal(&self.dev.temporal_address, &self.dev.namespace)?;
        let begin = Instant::now();
        while let Err(error) = temporal.connect().await {
            self.check(begin, SERVER, &error.to_string())?;
            tokio::time::sleep(LOOK).await;
        }
        for worker in workers {
            self.children.push(Child::start(worker, &logs, show_logs)?);
        }
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&self) -> Result<(), Problem> {
        // A proxy that is set for cloning does not lead to this machine's workers.
        let http = reqwest::Client::builder().no_proxy().build();
        let http = http.map_err(|e| Problem::network(format!("setting up the way to the workers: {e}")))?;
        let begin = Instant::now();
        let workers = self.dev.admin.iter().map(|(queue, address)| (queue.clone(), format!("http://{address}/ready")));
        let events = self.dev.events.iter().map(|events| (queues::INGEST.to_owned(), format!("{}/ready", events.url)));
        for (queue, url) in workers.chain(events) {
            let mut last = String::from("no answer yet");
            loop {
                match http.get(&url).timeout(Duration::from_secs(3)).send().await {
                    Ok(answer) if answer.status().is_success() => break,
                    Ok(answer) => last = answer.text().await.unwrap_or_default(),
                    Err(error) => last = if error.is_connect() { last } else { error.to_string() },
                }
                self.check(begin, &queue, &last)?;
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(())
    }

    /// Fails when a process does not start, or when it takes too long.
    fn check(&self, begin: Instant, name: &str, last: &str) -> Result<(), Problem> {
        if let Some(name) = self.children.iter().find_map(Child::gave_up) {
            let hint = format!("its log says why:\n{}", self.tail(&name));
            return Err(Problem::network(format!("{name} does not start")).hint(hint));
        }
        if begin.elapsed() > START {
            let hint = format!("the end of its log:\n{}", self.tail(name));
            return Err(Problem::network(format!("{name} is not ready after {} s: {last}", START.as_secs())).hint(hint));
        }
        Ok(())
    }

    /// The last lines of a process's log.
    pub(crate) fn tail(&self, name: &str) -> String {
        let text = fs::read_to_string(self.dev.log_dir.join(format!("{name}.log"))).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines.get(lines.len().saturating_sub(15)..).unwrap_or_default().join("\n")
    }
}

/// Link to a run in a Temporal UI.
pub(crate) fn ui_link(ui_url: &str, namespace: &str, workflow_id: &str, run_id: &str) -> String {
    let encode =
        |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let base = ui_url.trim_end_matches('/');
    format!("{base}/namespaces/{}/workflows/{}/{}/history", encode(namespace), encode(workflow_id), encode(run_id))
}

fn server_arguments(state: &Path, port: u16, ui: u16, http: u16, metrics: u16) -> Vec<String> {
    let mut arguments: Vec<String> =
        ["server", "start-dev", "--ip", "127.0.0.1", "--log-level", "warn"].map(String::from).into();
    for (flag, port) in [("--port", port), ("--ui-port", ui), ("--http-port", http), ("--metrics-port", metrics)] {
        arguments.extend([flag.to_owned(), port.to_string()]);
    }
    arguments.extend(["--db-filename".to_owned(), state.join("temporal.db").display().to_string()]);
    for (name, kind) in search_attributes::ALL {
        arguments.extend(["--search-attribute".to_owned(), format!("{name}={}", kind.as_str())]);
    }
    // Fairness is off by default on a server of one's own. The second makes retries and timers precise to 10 ms, not 1 s.
    // One partition, not four: order and fairness hold for the whole queue, and a paused queue goes on at once.
    for setting in [
        "matching.enableFairness=true",
        "history.timerProcessorMaxTimeShift=\"10ms\"",
        "matching.numTaskqueueReadPartitions=1",
        "matching.numTaskqueueWritePartitions=1",
    ] {
        arguments.extend(["--dynamic-config-value".to_owned(), setting.to_owned()]);
    }
    arguments
}

fn lock(state: &Path) -> Result<File, Problem> {
    let path = state.join("dev.lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|e| Problem::io(&format!("opening {}", path.display()), &e))?;
    flock(&file, FlockOperation::NonBlockingLockExclusive).map_err(|_| {
        Problem::input(format!("a gantry dev or demo runs in {} already", state.display()))
            .hint("use that one, stop it, or choose another state folder with GANTRY_HOME")
    })?;
    Ok(file)
}

/// Prints what runs where.
pub(crate) fn describe(dev: &DevState) {
    let mut rows = vec![
        vec!["Temporal UI".to_owned(), dev.ui_url.clone()],
        vec!["Temporal".to_owned(), format!("{} (namespace {})", dev.temporal_address, dev.namespace)],
    ];
    for (queue, address) in &dev.admin {
        rows.push(vec![format!("queue {queue}"), format!("http://{address}/ready")]);
    }
    if let (Some(endpoint), Some(keys)) = (&dev.codec_endpoint, &dev.codec_keys) {
        rows.push(vec![
            "codec endpoint".to_owned(),
            format!("{endpoint} (payloads are encrypted with the keys of {keys})"),
        ]);
    }
    rows.push(vec!["graph".to_owned(), dev.graph_url.clone()]);
    if let Some(events) = &dev.events {
        rows.push(vec!["events".to_owned(), events.url.clone()]);
    }
    if let Some(sessions) = &dev.sessions {
        rows.push(vec!["sessions of".to_owned(), sessions.home.display().to_string()]);
        rows.push(vec!["are shipped to".to_owned(), sessions.receiver.clone()]);
    }
    rows.push(vec!["logs".to_owned(), dev.log_dir.display().to_string()]);
    report::note(&report::table(&["running", "where"], &rows));
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_workflow_id_with_slashes_is_one_part_of_the_link() {
        assert_eq!(
            super::ui_link("http://127.0.0.1:8233/", "default", "index/default/a b", "run"),
            "http://127.0.0.1:8233/namespaces/default/workflows/index%2Fdefault%2Fa%20b/run/history"
        );
    }
}
