//! What Prometheus sees of a worker: a real Prometheus with the configuration of docker/prometheus, and the queries of the
//! dashboard in docker/grafana.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use e2e::{Process, Repository, Run, World, free_port, installation_root, wait_for};
use serde_json::{Value, json};
use temporalio_client::Client;

/// Prometheus as fetched, or on PATH. Where CI is set it has to be there.
fn prometheus() -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = [installation_root().join(".tools/bin")].into_iter().chain(env::split_paths(&path));
    let found = folders.map(|folder| folder.join("prometheus")).find(|program| program.is_file());
    if found.is_none() {
        let how = "there is no Prometheus; fetch it with scripts/fetch-prometheus.sh";
        assert!(env::var_os("CI").is_none_or(|ci| ci.is_empty()), "{how}");
        #[expect(
            clippy::explicit_write,
            reason = "nobody shall believe that this was tested: it goes past the capture"
        )]
        writeln!(std::io::stderr(), "SKIPPED: {how}").unwrap();
    }
    found
}

/// The configuration of docker/prometheus with other addresses in place of the names of compose.yaml, and a quicker beat.
fn configuration(targets: &[(&str, String)]) -> String {
    let mut text = fs::read_to_string(installation_root().join("docker/prometheus/prometheus.yml")).unwrap();
    let mut replace = |what: &str, with: &str| {
        assert_eq!(text.matches(what).count(), 1, "{what} in {text}");
        text = text.replace(what, with);
    };
    replace("scrape_interval: 15s", "scrape_interval: 1s");
    replace("scrape_timeout: 10s", "scrape_timeout: 1s");
    for (name, address) in targets {
        if let Some((host, port)) = name.split_once(':') {
            replace(&format!("[{host}:{port}]"), &format!("[\"{address}\"]"));
        } else {
            let port = if *name == "workflows" { 9606 } else { 9601 };
            let by_name =
                format!("dns_sd_configs:\n      - {{ names: [{name}], type: A, port: {port}, refresh_interval: 15s }}");
            replace(&by_name, &format!("static_configs: [{{ targets: [\"{address}\"] }}]"));
        }
    }
    text
}

/// A running Prometheus.
struct Server {
    _process: Process,
    address: String,
}

impl Server {
    fn start(world: &World, program: &Path, configuration: &str) -> Self {
        let file = world.path("prometheus.yml");
        fs::write(&file, configuration).unwrap();
        let address = format!("127.0.0.1:{}", free_port());
        let mut command = Command::new(program);
        command.arg(format!("--config.file={}", file.display()));
        command.arg(format!("--storage.tsdb.path={}", world.path("prometheus").display()));
        command.arg(format!("--web.listen-address={address}"));
        Self { _process: Process::start(command, &world.path("prometheus.log")), address }
    }

    /// The series that a query gives now; `None` while Prometheus does not answer.
    ///
    /// # Panics
    /// When Prometheus does not take the query.
    async fn query(&self, query: &str) -> Option<Vec<Value>> {
        let url = reqwest::Url::parse_with_params(&format!("http://{}/api/v1/query", self.address), [("query", query)]);
        let answer: Value = reqwest::get(url.unwrap()).await.ok()?.json().await.ok()?;
        assert_ne!(answer["errorType"], "bad_data", "{query}: {answer}");
        Some(answer["data"]["result"].as_array()?.clone())
    }

    /// Waits for a value of each series of a query that all of `values` takes.
    async fn wait(&self, query: &str, values: impl Fn(&[f64]) -> bool) {
        wait_for(query, async || {
            let series = self.query(query).await?;
            let numbers =
                series.iter().map(|one| one["value"][1].as_str()?.parse().ok()).collect::<Option<Vec<f64>>>()?;
            values(&numbers).then_some(())
        })
        .await;
    }
}

/// The queries of the dashboard, for one queue.
fn dashboard_queries(queue: &str) -> Vec<String> {
    let file = installation_root().join("docker/grafana/dashboards/gantry-queues.json");
    let dashboard: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let queries: Vec<String> = targets
        .map(|target| target["expr"].as_str().unwrap().replace("$queue", queue).replace("$__rate_interval", "1m"))
        .collect();
    assert!(queries.len() > 5 && queries.iter().all(|query| !query.contains('$')), "{queries:?}");
    queries
}

/// A run that succeeds and one that fails.
async fn run_and_fail(world: &World, client: &Client, sample: &Repository) {
    Run::start(client, "sample", json!({ "path": sample.folder })).await.result().await.unwrap();
    Run::start(client, "gone", json!({ "path": world.path("gone") })).await.result().await.unwrap_err();
}

#[tokio::test(flavor = "multi_thread")]
async fn prometheus_sees_the_queues_and_the_dashboard_shows_them() {
    let Some(program) = prometheus() else { return };
    let world = World::new().await;
    let workers = [("heavy-compute", world.heavy_worker(&[])), ("workflows", world.workflow_worker())];
    let mut targets = vec![("temporal:8000", world.server_metrics())];
    for (queue, worker) in &workers {
        targets.push((queue, wait_for("a worker's start", async || worker.admin_address()).await));
    }
    let prometheus = Server::start(&world, &program, &configuration(&targets));
    prometheus.wait("up", |up| up == [1.0, 1.0, 1.0]).await;
    let pollers = r#"temporal_num_pollers{job="heavy-compute",task_queue="heavy-compute",poller_type="activity_task"}"#;
    prometheus.wait(pollers, |pollers| matches!(pollers, [n] if *n > 0.0)).await;

    // A rate is the difference of two scrapes, so there is one of everything in the first, and more in a later one.
    let client = world.client().await;
    let sample = Repository::sample(&world.path("sample"));
    run_and_fail(&world, &client, &sample).await;
    for seen in ["temporal_activity_execution_failed", "temporal_workflow_failed", "temporal_workflow_completed"] {
        prometheus.wait(seen, |series| !series.is_empty()).await;
    }
    run_and_fail(&world, &client, &sample).await;
    for queue in ["heavy-compute", "workflows"] {
        for query in dashboard_queries(queue) {
            // What the worker of workflows does not do, and the other way round.
            let foreign = if queue == "workflows" { "temporal_activity_" } else { "temporal_workflow_" };
            if query.contains(foreign) {
                assert_eq!(prometheus.query(&query).await.unwrap(), Vec::<Value>::new(), "{query}");
            } else {
                prometheus.wait(&query, |series| !series.is_empty() && series.iter().all(|n| n.is_finite())).await;
            }
        }
    }
}
