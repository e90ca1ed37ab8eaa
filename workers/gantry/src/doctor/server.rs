//! The Temporal server and the namespace.

use futures::future::join_all;
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, DescribeNamespaceResponse, GetSystemInfoRequest,
};
use tonic::IntoRequest;

use super::{
    check::{Check, within},
    workers,
};
use crate::{
    connect,
    duration::short,
    places::Places,
    problem::Problem,
    queue::server::{bounded, problem},
    setup,
};

/// The first server with single activities, which `gantry job` uses.
const OLDEST: (u32, u32) = (1, 31);
const DAY: i64 = 86_400;

pub(super) async fn checks(places: &Places) -> Vec<Check> {
    const NAME: &str = "Temporal server";
    let temporal = match connect::settings(places) {
        Ok(temporal) => temporal,
        Err(problem) => return vec![Check::problem(NAME, problem)],
    };
    let client = match temporal.connect().await {
        Ok(client) => client,
        Err(error) => {
            let missing = matches!(error, runtime::ConnectError::NoNamespace { .. });
            let problem = Problem::from(error);
            let hint = "set TEMPORAL_NAMESPACE, or create it: gantry setup --create-namespace";
            return vec![Check::problem(NAME, if missing { problem.hint(hint) } else { problem })];
        }
    };
    let mut service = client.connection().workflow_service();
    let info = bounded(service.get_system_info(GetSystemInfoRequest::default().into_request())).await;
    let version = info.map(|info| info.server_version).unwrap_or_default();
    let mut checks = vec![server(&version, &temporal.address())];
    checks.extend(namespace(&client).await);
    let (attributes, queues) =
        futures::join!(within("search attributes", search_attributes(&client)), workers::checks(&client));
    checks.push(attributes);
    checks.push(fairness(places));
    checks.extend(queues);
    join_all(checks.into_iter().map(std::future::ready)).await
}

fn server(version: &str, address: &str) -> Check {
    const NAME: &str = "Temporal server";
    let text = |version: &str| format!("{version} at {address}");
    match parsed(version) {
        None => Check::warning(
            NAME,
            text("an unknown version"),
            format!("it does not tell a version Gantry can read; {}.{} or newer is needed", OLDEST.0, OLDEST.1),
        ),
        Some(found) if found < OLDEST => Check::failed(
            NAME,
            text(version),
            format!("single activities (gantry job) need {}.{} or newer, fairness 1.29: update it", OLDEST.0, OLDEST.1),
        ),
        Some(_) => Check::ok(NAME, text(version)),
    }
}

/// Major and minor of `1.32.0` or `1.31.0-151.2`.
fn parsed(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim_start_matches('v').split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

async fn namespace(client: &Client) -> Vec<Check> {
    let name = client.options().namespace.clone();
    let request = DescribeNamespaceRequest { namespace: name.clone(), ..Default::default() };
    let mut service = client.connection().workflow_service();
    match bounded(service.describe_namespace(request.into_request())).await {
        Ok(found) => vec![retention(&name, &found), features(&found)],
        Err(status) => vec![Check::problem("namespace", problem("asking about the namespace", &status))],
    }
}

fn retention(name: &str, found: &DescribeNamespaceResponse) -> Check {
    const NAME: &str = "namespace";
    let seconds = found
        .config
        .as_ref()
        .and_then(|config| config.workflow_execution_retention_ttl.as_ref())
        .map_or(0, |ttl| ttl.seconds);
    let text = short(std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or_default()));
    let detail = format!("{name}, finished runs and the ids of finished jobs are kept for {text}");
    if seconds >= DAY {
        return Check::ok(NAME, detail);
    }
    Check::warning(
        NAME,
        detail,
        format!(
            "a job submitted again under the same id after that runs again: temporal operator namespace update \
             --retention 168h --namespace {name}"
        ),
    )
}

fn features(found: &DescribeNamespaceResponse) -> Check {
    const NAME: &str = "server features";
    let capabilities = found.namespace_info.as_ref().and_then(|info| info.capabilities).unwrap_or_default();
    if !capabilities.standalone_activities {
        return Check::failed(
            NAME,
            "single activities are switched off",
            "gantry job needs them: set activity.enableStandalone=true in the server's dynamic configuration",
        );
    }
    if !capabilities.worker_heartbeats {
        return Check::warning(
            NAME,
            "worker heartbeats are switched off",
            "gantry queue and gantry top cannot tell what runs: set frontend.WorkerHeartbeatsEnabled=true in the \
             server's dynamic configuration",
        );
    }
    Check::ok(NAME, "single activities and worker heartbeats are on")
}

async fn search_attributes(client: &Client) -> Check {
    const NAME: &str = "search attributes";
    match setup::registered(client).await {
        Err(status) => Check::problem(NAME, problem("listing search attributes", &status)),
        Ok(found) if !found.wrong.is_empty() => {
            Check::problem(NAME, setup::wrong_type(&found.wrong, &client.options().namespace))
        }
        Ok(found) if !found.missing.is_empty() => {
            let names: Vec<&str> = found.missing.iter().map(|(name, _)| *name).collect();
            Check::failed(NAME, format!("missing: {}", names.join(", ")), "register them: gantry setup")
        }
        Ok(_) => Check::ok(NAME, "all registered"),
    }
}

/// A server does not tell its dynamic configuration; only what we started ourselves is known.
fn fairness(places: &Places) -> Check {
    const NAME: &str = "fairness";
    let ours = places.raw.get("TEMPORAL_ADDRESS").is_none() && places.dev_state().is_some();
    if ours {
        return Check::ok(NAME, "matching.enableFairness is set by gantry dev");
    }
    Check::warning(
        NAME,
        "a server does not tell whether fairness is on",
        "fairness keys need matching.enableFairness=true in the server's dynamic configuration",
    )
}

#[cfg(test)]
mod tests {
    use temporalio_common::protos::temporal::api::namespace::v1::NamespaceConfig;

    use super::{super::check::Status, *};

    #[test]
    fn an_old_server_fails_and_an_odd_version_is_a_warning() {
        for (version, status) in [
            ("1.31.0", Status::Ok),
            ("1.32.0-153.1", Status::Ok),
            ("v2.0.0", Status::Ok),
            ("1.30.4", Status::Failed),
            ("1.9.0", Status::Failed),
            ("cloud", Status::Warning),
            ("", Status::Warning),
        ] {
            assert_eq!(server(version, "h:1").status, status, "{version}");
        }
    }

    #[test]
    fn less_than_a_day_of_retention_is_a_warning() {
        let found = |seconds| {
            let ttl = std::time::Duration::from_secs(seconds).try_into().ok();
            let config = NamespaceConfig { workflow_execution_retention_ttl: ttl, ..Default::default() };
            DescribeNamespaceResponse { config: Some(config), ..Default::default() }
        };
        assert_eq!(retention("n", &found(86_400)).status, Status::Ok);
        let short = retention("n", &found(3600));
        assert_eq!(short.status, Status::Warning);
        assert!(short.detail.contains("1h00m") && short.hint.unwrap().contains("--namespace n"));
    }

    #[test]
    fn features_that_are_off_are_named() {
        assert_eq!(features(&DescribeNamespaceResponse::default()).status, Status::Failed);
    }
}
