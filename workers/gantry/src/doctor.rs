//! `gantry doctor`: checks what has to be there, and says what to do about what is not.

use std::{path::Path, process::Stdio, time::Duration};

use contracts::queues;
use graph_store::{GraphStore, GraphUrl, SqliteGraph};
use serde_json::json;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    enums::v1::TaskQueueType,
    taskqueue::v1::TaskQueue,
    workflowservice::v1::{DescribeNamespaceRequest, DescribeTaskQueueRequest, GetSystemInfoRequest},
};
use tonic::IntoRequest;

use crate::{connect, places::Places, problem::Problem, report, setup};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Ok,
    Warning,
    Failed,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

struct Check {
    name: String,
    status: Status,
    detail: String,
    hint: Option<String>,
}

impl Check {
    fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status: Status::Ok, detail: detail.into(), hint: None }
    }

    fn bad(name: &str, status: Status, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status, detail: detail.into(), hint: Some(hint.into()) }
    }

    fn of<T>(name: &str, result: Result<T, Problem>, detail: impl FnOnce(T) -> String) -> Self {
        match result {
            Ok(found) => Self::ok(name, detail(found)),
            Err(problem) => {
                Self { name: name.to_owned(), status: Status::Failed, detail: problem.message, hint: problem.hint }
            }
        }
    }
}

pub(crate) async fn run(places: &Places, as_json: bool) -> Result<(), Problem> {
    let mut checks = installation(places).await;
    checks.push(state_folder(&places.state));
    checks.push(graph(places));
    checks.extend(server(places).await);
    let failed = checks.iter().filter(|c| c.status == Status::Failed).count();
    if as_json {
        let list: Vec<_> = checks
            .iter()
            .map(|c| {
                let mut check = json!({ "name": c.name, "status": c.status.as_str(), "detail": c.detail });
                if let (Some(fields), Some(hint)) = (check.as_object_mut(), &c.hint) {
                    fields.insert("hint".to_owned(), hint.clone().into());
                }
                check
            })
            .collect();
        report::data(&json!({ "ok": failed == 0, "version": env!("CARGO_PKG_VERSION"), "checks": list }).to_string())?;
    } else {
        let mut rows = Vec::new();
        for check in &checks {
            rows.push(vec![check.status.as_str().to_owned(), check.name.clone(), check.detail.clone()]);
            if let Some(hint) = &check.hint {
                rows.push(vec![String::new(), String::new(), format!("-> {hint}")]);
            }
        }
        report::data(&report::table(&["status", "check", "what was found"], &rows))?;
    }
    if failed == 0 { Ok(()) } else { Err(Problem::network(format!("{failed} of {} checks failed", checks.len()))) }
}

async fn installation(places: &Places) -> Vec<Check> {
    let mut checks = vec![Check::ok(
        "gantry",
        format!("{} with contracts {}", env!("CARGO_PKG_VERSION"), contracts::contracts_hash()),
    )];
    let tools = [
        (
            "git",
            crate::places::on_path("git")
                .ok_or_else(|| Problem::filesystem("git is not on PATH").hint("install git 2.38 or newer")),
        ),
        ("node", places.node()),
        ("temporal", places.temporal_cli()),
    ];
    for (name, found) in tools {
        let version = match &found {
            Ok(path) => version_of(path).await,
            Err(_) => String::new(),
        };
        checks.push(Check::of(name, found, |path| format!("{version} ({})", path.display())));
    }
    for queue in queues::ACTIVITY_QUEUES {
        let name = format!("gantry-{queue}");
        checks.push(Check::of(&name, places.binary(&name), |path| path.display().to_string()));
    }
    checks.push(Check::of("workflows-ts", places.workflow_worker(), |path| path.display().to_string()));
    checks
}

async fn version_of(program: &Path) -> String {
    let output =
        tokio::process::Command::new(program).arg("--version").stdin(Stdio::null()).kill_on_drop(true).output();
    match tokio::time::timeout(Duration::from_secs(5), output).await {
        Ok(Ok(output)) => String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().trim().to_owned(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "does not answer".to_owned(),
    }
}

fn state_folder(state: &Path) -> Check {
    const NAME: &str = "state folder";
    let existing = state.ancestors().find(|f| f.exists()).unwrap_or(state);
    if rustix::fs::access(existing, rustix::fs::Access::WRITE_OK).is_ok() {
        let note = if existing == state { "" } else { " (made when it is needed)" };
        return Check::ok(NAME, format!("{}{note}", state.display()));
    }
    Check::bad(
        NAME,
        Status::Failed,
        format!("{} cannot be written", state.display()),
        "set GANTRY_HOME to a folder that can",
    )
}

fn graph(places: &Places) -> Check {
    const NAME: &str = "graph store";
    let url = match places.graph_url() {
        Ok(url) => url,
        Err(problem) => return Check::of::<()>(NAME, Err(problem), |()| String::new()),
    };
    let GraphUrl::Sqlite(path) = &url;
    if !path.exists() {
        return Check::ok(NAME, format!("{url} (made by the first run)"));
    }
    let opened = SqliteGraph::open_existing(path).and_then(|mut store| store.repositories());
    Check::of(NAME, opened.map_err(Problem::from), |all| format!("{url} with {} repositories", all.len()))
}

async fn server(places: &Places) -> Vec<Check> {
    const NAME: &str = "Temporal server";
    let temporal = match connect::settings(places) {
        Ok(temporal) => temporal,
        Err(problem) => return vec![Check::of::<()>(NAME, Err(problem), |()| String::new())],
    };
    let client = match temporal.connect().await {
        Ok(client) => client,
        Err(error) => return vec![Check::of::<()>(NAME, Err(error.into()), |()| String::new())],
    };
    let mut service = client.connection().workflow_service();
    let info = service.get_system_info(GetSystemInfoRequest::default().into_request()).await;
    let version = info.map(|i| i.into_inner().server_version).unwrap_or_else(|_| "unknown version".to_owned());
    let mut checks = vec![Check::ok(NAME, format!("{version} at {}", temporal.address()))];
    checks.push(namespace(&client).await);
    checks.push(search_attributes(&client).await);
    checks.push(fairness(places));
    for queue in queues::ACTIVITY_QUEUES {
        checks.push(pollers(&client, queue, TaskQueueType::Activity).await);
    }
    checks.push(pollers(&client, queues::WORKFLOWS, TaskQueueType::Workflow).await);
    checks
}

async fn namespace(client: &Client) -> Check {
    let namespace = client.options().namespace.clone();
    let request = DescribeNamespaceRequest { namespace: namespace.clone(), ..Default::default() };
    let answer = client.connection().workflow_service().describe_namespace(request.into_request()).await;
    let answer = answer.map_err(|s| Problem::network(s.message().to_owned()));
    Check::of("namespace", answer, |answer| {
        let retention = answer.into_inner().config.and_then(|c| c.workflow_execution_retention_ttl);
        let days = retention.map_or(0, |d| d.seconds / 86_400);
        format!("{namespace}, finished runs are kept {days} days")
    })
}

async fn search_attributes(client: &Client) -> Check {
    const NAME: &str = "search attributes";
    match setup::missing_search_attributes(client).await {
        Ok(missing) if missing.is_empty() => Check::ok(NAME, "all registered"),
        Ok(missing) => {
            let names: Vec<&str> = missing.iter().map(|(name, _)| *name).collect();
            Check::bad(NAME, Status::Failed, format!("missing: {}", names.join(", ")), "register them: gantry setup")
        }
        Err(problem) => Check::of::<()>(NAME, Err(problem), |()| String::new()),
    }
}

/// A server does not tell its dynamic configuration; only what we started ourselves is known.
fn fairness(places: &Places) -> Check {
    const NAME: &str = "fairness";
    let ours = places.raw.get("TEMPORAL_ADDRESS").is_none() && places.dev_state().is_some();
    if ours {
        return Check::ok(NAME, "matching.enableFairness is set by gantry dev");
    }
    Check::bad(
        NAME,
        Status::Warning,
        "a server does not tell whether fairness is on",
        "fairness keys need matching.enableFairness=true in the server's dynamic configuration",
    )
}

async fn pollers(client: &Client, queue: &str, kind: TaskQueueType) -> Check {
    let name = format!("queue {queue}");
    let request = DescribeTaskQueueRequest {
        namespace: client.options().namespace.clone(),
        task_queue: Some(TaskQueue { name: queue.to_owned(), ..Default::default() }),
        task_queue_type: kind.into(),
        ..Default::default()
    };
    match client.connection().workflow_service().describe_task_queue(request.into_request()).await {
        Ok(answer) => {
            let answer = answer.into_inner();
            let who: Vec<String> = answer.pollers.into_iter().map(|p| p.identity).collect();
            if who.is_empty() {
                let program = if queue == queues::WORKFLOWS {
                    "the TypeScript worker".to_owned()
                } else {
                    format!("gantry-{queue}")
                };
                return Check::bad(&name, Status::Failed, "nobody polls it", format!("start {program}, or gantry dev"));
            }
            Check::ok(&name, format!("polled in the last minutes by {}", who.join(", ")))
        }
        Err(status) => Check::bad(&name, Status::Failed, status.message(), "see the server's log"),
    }
}
