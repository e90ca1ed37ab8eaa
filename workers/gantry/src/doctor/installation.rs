//! The installation: tools and binaries.

use std::{path::Path, process::Stdio, time::Duration};

use contracts::queues;
use futures::future::join_all;

use super::check::Check;
use crate::{
    places::{Places, on_path},
    problem::Problem,
};

pub(super) async fn checks(places: &Places) -> Vec<Check> {
    let mut checks = vec![Check::ok(
        "gantry",
        format!("{} with contracts {}", env!("CARGO_PKG_VERSION"), contracts::contracts_hash()),
    )];
    let git = on_path("git").ok_or_else(|| Problem::filesystem("git is not on PATH").hint("install git 2.38 or newer"));
    let tools = [("git", git), ("node", places.node()), ("temporal", places.temporal_cli())];
    let tools = tools.into_iter().map(|(name, found)| async move {
        let version = match &found {
            Ok(path) => version_of(path).await,
            Err(_) => String::new(),
        };
        Check::of(name, found, |path| format!("{version} ({})", path.display()))
    });
    checks.extend(join_all(tools).await);
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
