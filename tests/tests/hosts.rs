//! Two hosts with folders of their own: the one that has the workspace dies, and the run goes on at the other.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::path::Path;

use contracts::{
    queues,
    workflows::{CLEANUP_WORKSPACES_ID, CleanupWorkspaces, CleanupWorkspacesInput},
};
use e2e::{Process, Repository, Run, World, checkpoint_of, wait_for};
use serde_json::json;
use temporalio_client::{WorkflowGetResultOptions, WorkflowStartOptions};

/// Enough to be killed in the middle of, in any build profile.
const FILES: usize = 1200;

struct Hosts {
    world: World,
    repository: Repository,
}

impl Hosts {
    async fn new() -> Self {
        let mut world = World::new().await;
        // One graph; everything else is each host's own.
        let graph = format!("sqlite:{}", world.state.join("graph.db").display());
        world.set("GANTRY_GRAPH_URL", &graph);
        let repository = Repository::large(&world.path("big"), FILES);
        Self { world, repository }
    }

    fn url(&self) -> String {
        format!("file://{}", self.repository.folder.display())
    }

    fn worker(&self, host: &str, settings: &[(&str, &str)]) -> Process {
        let home = self.world.path(host).display().to_string();
        let own = [("GANTRY_HOME", home.as_str()), ("GANTRY_HOST_ID", host), ("GANTRY_SLOTS", "1")];
        self.world.heavy_worker(&[&own, settings].concat())
    }

    /// Waits until files are being written.
    async fn middle(run: &Run) {
        wait_for("a checkpoint of parseRest", async || {
            run.pending("parseRest").await.as_ref().and_then(checkpoint_of).filter(|done| *done > 0)
        })
        .await;
    }

    /// The graph of a run that nothing disturbs, in a world of its own.
    async fn undisturbed(&self) -> String {
        let world = World::new().await;
        let (_heavy, _workflows) = (world.heavy_worker(&[("GANTRY_ALLOWED_ROOTS", "/")]), world.workflow_worker());
        let run = Run::start(&world.client().await, "big", json!({ "repoUrl": self.url() })).await;
        run.result().await.unwrap();
        world.export()
    }
}

fn holds_checkout(workspaces: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(workspaces) else { return false };
    entries.flatten().any(|entry| entry.path().join("checkout/src").is_dir())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_host_dies_begins_again_on_another_host() {
    let hosts = Hosts::new().await;
    let (first, _workflows) = (hosts.worker("first", &[]), hosts.world.workflow_worker());
    let input = json!({ "repoUrl": hosts.url(), "hostTimeoutSeconds": 2 });
    let run = Run::start(&hosts.world.client().await, "big", input).await;
    Hosts::middle(&run).await;
    first.kill();
    let second = hosts.worker("second", &[]);
    let output = run.result().await.unwrap();
    assert_eq!(usize::try_from(output.counts.files).unwrap(), FILES);
    // It cloned for itself, and what the first host had written was not written again.
    assert!(holds_checkout(&hosts.world.path("first/workspaces")));
    assert!(holds_checkout(&hosts.world.path("second/workspaces")));
    assert!(output.unchanged > 0, "{output:?}");
    assert_eq!(hosts.world.export(), hosts.undisturbed().await);
    drop(second);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_shared_workspaces_another_host_goes_on_where_the_dead_one_was() {
    let hosts = Hosts::new().await;
    let workspaces = hosts.world.path("shared/workspaces").display().to_string();
    let blobs = format!("file://{}", hosts.world.path("shared/blobs").display());
    let shared = [
        ("GANTRY_SHARED_WORKSPACES", "1"),
        ("GANTRY_WORKSPACES", workspaces.as_str()),
        ("GANTRY_BLOB_URL", blobs.as_str()),
    ];
    let (first, _workflows) = (hosts.worker("first", &shared), hosts.world.workflow_worker());
    let run = Run::start(&hosts.world.client().await, "big", json!({ "repoUrl": hosts.url() })).await;
    Hosts::middle(&run).await;
    first.kill();
    let second = hosts.worker("second", &shared);
    let output = run.result().await.unwrap();
    assert_eq!(usize::try_from(output.counts.files).unwrap(), FILES);
    assert!(second.printed().contains("going on after the last checkpoint"), "{}", second.printed());
    assert!(holds_checkout(Path::new(&workspaces)));
    assert!(!holds_checkout(&hosts.world.path("second/workspaces")), "nothing is cloned twice");
    assert_eq!(hosts.world.export(), hosts.undisturbed().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn old_workspaces_are_removed_on_every_host() {
    let hosts = Hosts::new().await;
    let (client, _workflows) = (hosts.world.client().await, hosts.world.workflow_worker());
    let sample = Repository::sample(&hosts.world.path("sample"));
    let input = json!({ "repoUrl": format!("file://{}", sample.folder.display()) });
    for host in ["first", "second"] {
        let worker = hosts.worker(host, &[]);
        Run::start(&client, host, input.clone()).await.result().await.unwrap();
        worker.terminate().await;
        assert!(holds_checkout(&hosts.world.path(&format!("{host}/workspaces"))));
    }
    let (_first, second) = (hosts.worker("first", &[]), hosts.worker("second", &[]));
    let cleanup = async |max_age_days| {
        let options = WorkflowStartOptions::new(queues::WORKFLOWS, CLEANUP_WORKSPACES_ID).build();
        let input = CleanupWorkspacesInput { max_age_days: Some(max_age_days) };
        let run = client.start_workflow(CleanupWorkspaces, input, options).await.unwrap();
        run.get_result(WorkflowGetResultOptions::default()).await.unwrap()
    };
    // A host counts once somebody polls its queue.
    let kept =
        wait_for("both hosts to be seen", async || Some(cleanup(7).await).filter(|output| output.hosts.len() == 2))
            .await;
    assert_eq!((kept.removed, kept.kept, kept.skipped), (0, 2, vec![]));
    let removed = cleanup(0).await;
    let queues: Vec<&str> = removed.hosts.iter().map(|host| host.host_queue.as_str()).collect();
    assert_eq!(queues, ["heavy-compute@first", "heavy-compute@second"]);
    assert_eq!((removed.removed, removed.kept, removed.freed_bytes > 0), (2, 0, true));
    for host in ["first", "second"] {
        assert!(!holds_checkout(&hosts.world.path(&format!("{host}/workspaces"))));
    }
    drop(second);
}
