//! What every queue shares, shown with a stand-in activity: inputs, results, slots, cancel, drain, recycling, faults.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use contracts::{errors::ErrorType, shared::OrBlob};
use e2e::{FailedRun, Job, Process, World, wait_for};
use rustix::process::Signal;
use serde_json::json;

const HOST_QUEUE: &str = "heavy-compute@test-host";

async fn metrics(worker: &Process) -> Option<String> {
    let address = worker.admin_address()?;
    reqwest::get(format!("http://{address}/metrics")).await.ok()?.text().await.ok()
}

/// The sum of a metric over its labels.
fn value(metrics: &str, name: &str) -> f64 {
    let of_name = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with(['{', ' ']));
    metrics.lines().filter(of_name).filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

fn failed_with(ended: Result<impl Sized, FailedRun>) -> (ErrorType, String) {
    match ended {
        Err(FailedRun::Failed(Some(error_type), details, message)) => {
            (error_type, details.map_or(message, |d| format!("{} at {}", d.what, d.r#where)))
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it did not fail"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_input_that_is_not_as_the_contract_says_fails_once_with_the_field() {
    let world = World::new().await;
    let client = world.client().await;
    let _worker = world.stand_in_worker(&[]);
    let cases = [
        ("missing", json!({ "path": "/echo" }), "missing field `repoId` at the input"),
        ("mistyped", json!({ "repoId": "r", "force": "yes" }), "expected a boolean at force"),
        ("no object", json!("r"), "at the input"),
    ];
    for (id, input, expected) in cases {
        let job = Job::start_raw(&client, id, &input).await;
        let (error_type, what) = failed_with(job.result().await);
        assert_eq!(error_type, ErrorType::InvalidInput);
        assert!(what.contains(expected), "{what}");
        assert_eq!(job.attempt().await, 1);
    }
    // A newer client may send more.
    let job = Job::start_raw(&client, "unknown", &json!({ "repoId": "r", "path": "/echo", "later": 1 })).await;
    assert!(job.result().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_of_3_mib_goes_to_a_blob_by_itself() {
    let world = World::new().await;
    let client = world.client().await;
    let worker = world.stand_in_worker(&[]);
    let small = Job::start(&client, "small", "/large?bytes=200000").await;
    assert!(matches!(small.result().await.unwrap(), OrBlob::Value(_)));
    let large = Job::start(&client, "large", "/large?bytes=3145728").await;
    let OrBlob::Blob(blob) = large.result().await.unwrap() else { panic!("3 MiB came as they are") };
    let blob = blob.result_blob;
    let path = blob.uri.strip_prefix("file://").unwrap();
    let whole: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!(whole["warnings"][0]["message"].as_str().unwrap().len(), 3_145_728);
    let metrics = metrics(&worker).await.unwrap();
    assert_eq!(value(&metrics, "gantry_results_offloaded_total"), 1.0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_is_a_failure_with_a_type_and_the_worker_goes_on() {
    let world = World::new().await;
    let client = world.client().await;
    let worker = world.stand_in_worker(&[]);
    let job = Job::start(&client, "panics", "/panic").await;
    let (error_type, what) = failed_with(job.result().await);
    assert_eq!(error_type, ErrorType::Internal);
    assert!(what.contains("the stand-in was told to panic"), "{what}");
    assert_eq!(job.attempt().await, 20);
    assert!(Job::start(&client, "after", "/echo").await.result().await.is_ok());
    // The log line and the metric come from the same event.
    let metrics = metrics(&worker).await.unwrap();
    assert!(metrics.contains(r#"error_type="Internal",outcome="failed",queue="heavy-compute"} 20"#), "{metrics}");
    let log = worker.printed();
    assert_eq!(log.lines().filter(|l| l.contains("activity failed") && l.contains("told to panic")).count(), 20);
    assert!(log.contains("activity_id=\"panics\"") || log.contains("activity_id=panics"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn both_queues_of_a_worker_share_one_budget_and_who_waits_keeps_its_heartbeat() {
    let world = World::new().await;
    let client = world.client().await;
    let worker = world.stand_in_worker(&[("GANTRY_SLOTS", "1")]);
    let gate = world.path("gate");
    let first = Job::start(&client, "first", &format!("/wait?until={}", gate.display())).await;
    wait_for("the first job's start", async || first.worker().await).await;
    let waits = async || (value(&metrics(&worker).await?, "gantry_slots_waiting") == 1.0).then_some(());
    // One after the other: which of two tasks a poller gets first is the server's choice.
    let second = Job::start_on(&client, HOST_QUEUE, "second", "/record").await;
    wait_for("the second to wait for its turn", waits).await;
    // Longer than the heartbeat time-out, which would end an attempt that is silent while it waits.
    let beat = async || second.describe().await?.last_heartbeat_time();
    let begin = wait_for("a heartbeat", beat).await;
    wait_for("heartbeats for longer than their time-out", async || {
        (beat().await?.duration_since(begin).ok()?.as_secs() >= 4).then_some(())
    })
    .await;
    // Who waits can be cancelled, and leaves its place to the next.
    second.cancel().await;
    assert!(matches!(second.result().await, Err(FailedRun::Cancelled)));
    let third = Job::start_on(&client, HOST_QUEUE, "third", "/record").await;
    wait_for("the third to be handed to the worker", async || third.worker().await).await;
    wait_for("the third to wait for its turn", waits).await;
    assert!(world.recorded().is_empty());
    fs::write(&gate, "").unwrap();
    assert!(first.result().await.is_ok());
    assert!(third.result().await.is_ok());
    assert_eq!((second.attempt().await, third.attempt().await, world.recorded().len()), (1, 1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn slots_by_resources_run_many_that_wait() {
    let world = World::new().await;
    let client = world.client().await;
    let worker = world.stand_in_worker(&[("GANTRY_SLOTS", "auto")]);
    let gate = world.path("gate");
    let mut jobs = Vec::new();
    for n in 0..12 {
        jobs.push(Job::start(&client, &format!("waits-{n}"), &format!("/wait?until={}", gate.display())).await);
    }
    // More than there are cores, also on a busy host: so many do not ask for resources first.
    wait_for("eight at once", async || {
        let text = metrics(&worker).await?;
        let running = value(&text, "gantry_activities_started_total") - value(&text, "gantry_slots_waiting");
        (running >= 8.0).then_some(())
    })
    .await;
    fs::write(&gate, "").unwrap();
    for job in jobs {
        assert!(job.result().await.is_ok());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn recycling_loses_no_task_and_keeps_a_long_activity() {
    let world = World::new().await;
    let client = world.client().await;
    let worker = world.stand_in_worker(&[("GANTRY_RECYCLE_AFTER", "40"), ("GANTRY_SLOTS", "4")]);
    let gate = world.path("gate");
    let long = Job::start(&client, "long", &format!("/wait?until={}", gate.display())).await;
    wait_for("the long job's start", async || long.worker().await).await;
    let mut jobs = Vec::new();
    for n in 0..240 {
        jobs.push(Job::start(&client, &format!("quick-{n:03}"), "/record").await);
    }
    for job in &jobs {
        assert!(job.result().await.is_ok());
    }
    fs::write(&gate, "").unwrap();
    assert!(long.result().await.is_ok());
    let metrics = metrics(&worker).await.unwrap();
    assert!(value(&metrics, "gantry_workers_recycled_total") >= 3.0, "{metrics}");
    for job in jobs.iter().chain([&long]) {
        assert_eq!(job.attempt().await, 1, "a task was lost and came again");
    }
    let ids: BTreeSet<String> = world.recorded().iter().map(|l| l.split(' ').next().unwrap().to_owned()).collect();
    assert_eq!((ids.len(), world.recorded().len()), (240, 240));
    assert!(worker.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_outlasts_the_grace_period_goes_on_elsewhere_from_its_checkpoint() {
    let world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let first = world.stand_in_worker(&[("GANTRY_GRACE_SECONDS", "0")]);
    let job = Job::start(&client, "steps", &format!("/steps?count=5&until={}", gate.display())).await;
    wait_for("the last step", async || (world.recorded().len() == 5).then_some(())).await;
    let second = world.stand_in_worker(&[]);
    wait_for("the second worker", async || second.admin_address()).await;
    let log = first.log();
    assert!(first.terminate().await.success());
    assert!(fs::read_to_string(log).unwrap().contains("outcome=\"given_back\""));
    wait_for("the second attempt", async || (job.attempt().await == 2 && job.worker().await.is_some()).then_some(()))
        .await;
    fs::write(&gate, "").unwrap();
    assert!(job.result().await.is_ok());
    // No step was done twice.
    assert_eq!(world.recorded().len(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_ignores_everything_cannot_keep_the_process_and_is_tried_again() {
    let world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let first = world.stand_in_worker(&[("GANTRY_GRACE_SECONDS", "0")]);
    let job = Job::start(&client, "blocks", &format!("/block?until={}", gate.display())).await;
    wait_for("the job's start", async || job.worker().await).await;
    // It goes on after a cancellation, with heartbeats, and its result counts: it never said that it stopped.
    let log = first.log();
    assert!(first.terminate().await.success());
    assert!(fs::read_to_string(log).unwrap().contains("work did not stop in time"));
    let _second = world.stand_in_worker(&[]);
    wait_for("the second attempt", async || (job.attempt().await == 2).then_some(())).await;
    fs::write(&gate, "").unwrap();
    assert!(job.result().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_goes_on_after_its_cancellation_still_gives_its_result() {
    let world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let _worker = world.stand_in_worker(&[]);
    let job = Job::start(&client, "deaf", &format!("/block?until={}", gate.display())).await;
    wait_for("the job's start", async || job.worker().await).await;
    job.cancel().await;
    let beat = async || job.describe().await?.last_heartbeat_time();
    let begin = wait_for("a heartbeat", beat).await;
    wait_for("heartbeats after the cancellation", async || {
        (beat().await?.duration_since(begin).ok()?.as_secs() >= 4).then_some(())
    })
    .await;
    fs::write(&gate, "").unwrap();
    assert!(job.result().await.is_ok());
    assert_eq!(job.attempt().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_and_a_stopped_worker_lose_their_work_to_another() {
    let world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let path = format!("/steps?count=3&until={}", gate.display());
    for (id, how) in [("killed", Signal::KILL), ("stopped", Signal::STOP)] {
        let before = world.recorded().len();
        let victim = world.stand_in_worker(&[]);
        let job = Job::start(&client, id, &path).await;
        wait_for("the checkpoint at the server", async || {
            let text = job.describe().await?.heartbeat_details::<serde_json::Value>().await.ok()??;
            (text["checkpoint"] == 3).then_some(())
        })
        .await;
        victim.signal(how);
        let _successor = world.stand_in_worker(&[]);
        wait_for("the second attempt", async || {
            (job.attempt().await == 2 && job.worker().await.is_some()).then_some(())
        })
        .await;
        fs::write(&gate, "").unwrap();
        assert!(job.result().await.is_ok());
        assert_eq!(world.recorded().len() - before, 3, "{id}: it began anew");
        fs::remove_file(&gate).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_comes_back_finds_the_work_done() {
    let mut world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let worker = world.stand_in_worker(&[]);
    let job = Job::start(&client, "outlives", &format!("/wait?until={}", gate.display())).await;
    wait_for("the job's start", async || job.worker().await).await;
    world.kill_server();
    let ready = async || {
        let address = worker.admin_address()?;
        Some(reqwest::get(format!("http://{address}/ready")).await.ok()?.status().as_u16())
    };
    wait_for("unreadiness", async || (ready().await? == 503).then_some(())).await;
    fs::write(&gate, "").unwrap();
    world.start_server().await;
    wait_for("readiness", async || (ready().await? == 200).then_some(())).await;
    let client = world.client().await;
    assert!(Job::again(&client, "outlives").result().await.is_ok());
    assert!(Job::start(&client, "after", "/echo").await.result().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_versions_of_a_worker_run_side_by_side_and_the_current_one_gets_the_work() {
    let world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let version = |build: &'static str, host: &'static str| {
        [("TEMPORAL_DEPLOYMENT_NAME", "heavy"), ("TEMPORAL_WORKER_BUILD_ID", build), ("GANTRY_HOST_ID", host)]
    };
    let one = world.stand_in_worker(&version("v1", "one"));
    wait_for("the first version", async || one.admin_address()).await;
    let job = Job::start(&client, "waits-for-a-version", "/record").await;
    let long = Job::start(&client, "begun-by-v1", &format!("/wait?until={}", gate.display())).await;
    world.make_current("heavy", "v1").await;
    assert!(job.result().await.is_ok());
    let of = |identity: String| identity.split_once('@').unwrap().1.split(' ').next().unwrap().to_owned();
    assert_eq!(of(wait_for("the long job's start", async || long.worker().await).await), "one");

    let two = world.stand_in_worker(&version("v2", "two"));
    wait_for("the second version", async || two.admin_address()).await;
    let ran_by = async |id: &str| {
        let job = Job::start(&client, id, "/echo").await;
        assert!(job.result().await.is_ok());
        of(job.last_worker().await)
    };
    for n in 0..5 {
        assert_eq!(ran_by(&format!("before-{n}")).await, "one");
    }
    world.make_current("heavy", "v2").await;
    // The server takes a moment to tell all its parts.
    let mut tries = 0;
    wait_for("a job on the second version", async || {
        tries += 1;
        (ran_by(&format!("soon-{tries}")).await == "two").then_some(())
    })
    .await;
    for n in 0..5 {
        assert_eq!(ran_by(&format!("after-{n}")).await, "two");
    }
    // Host queues are not versioned: the host of the old version still gets its own work.
    let at_home = Job::start_on(&client, "heavy-compute@one", "at-home", "/echo").await;
    assert!(at_home.result().await.is_ok());
    fs::write(&gate, "").unwrap();
    assert!(long.result().await.is_ok());
    assert_eq!(long.attempt().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_identity_of_a_worker_tells_its_queue_host_and_contracts() {
    let world = World::new().await;
    let client = world.client().await;
    let _worker = world.stand_in_worker(&[]);
    let job = Job::start(&client, "who", "/echo").await;
    assert!(job.result().await.is_ok());
    let identity = job.last_worker().await;
    assert!(identity.starts_with("gantry-heavy-compute:") && identity.contains("@test-host "), "{identity}");
    assert!(identity.ends_with(&format!("contracts:{}", contracts::contracts_hash())), "{identity}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_run_once_each_while_their_workers_restart() {
    const JOBS: usize = 300;
    let world = World::new().await;
    let client = world.client().await;
    let mut workers = vec![world.stand_in_worker(&[]), world.stand_in_worker(&[])];
    let mut jobs = BTreeMap::new();
    for n in 0..JOBS {
        let id = format!("job-{n:03}");
        jobs.insert(id.clone(), Job::start(&client, &id, "/record").await);
        // One of the two is replaced again and again while work is waiting.
        if n % 60 == 59 {
            let old = workers.remove(0);
            workers.push(world.stand_in_worker(&[]));
            assert!(old.terminate().await.success());
        }
    }
    for (id, job) in &jobs {
        assert!(job.result().await.is_ok(), "{id}");
        assert_eq!(job.attempt().await, 1, "{id} was lost on the way and came again");
    }
    let lines = world.recorded();
    let ids: BTreeSet<&str> = lines.iter().map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!((lines.len(), ids.len()), (JOBS, JOBS));
    let processes: BTreeSet<&str> = lines.iter().map(|l| l.split(' ').nth(1).unwrap()).collect();
    assert!(processes.len() > 2, "the restarts came too late to matter");
}
