//! What takes minutes: `make test-long`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]
#![allow(clippy::print_stderr, reason = "the figures are part of what the long tests are for")]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    time::{Duration, Instant},
};

use e2e::{Job, Process, World, wait_for};

const PATIENCE: Duration = Duration::from_secs(1800);

/// 10,000 jobs are submitted, the submitting command is killed and run again, and all the while one of two workers is
/// replaced every few seconds: each job runs, none twice by its id, and no process grows.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make test-long"]
async fn ten_thousand_jobs_run_once_each_while_workers_and_submitter_restart() {
    const JOBS: usize = 10_000;
    let world = World::new().await;
    let client = world.client().await;
    let file = world.path("jobs.ndjson");
    let mut lines = String::new();
    for n in 0..JOBS {
        let _ = writeln!(
            lines,
            r#"{{"activity":"prepareWorkspace","id":"job-{n:05}","input":{{"repoId":"job-{n:05}","path":"/record"}}}}"#
        );
    }
    fs::write(&file, lines).unwrap();
    let submit = || {
        let mut command = world.command(&e2e::binary("gantry"));
        command.args(["job", "submit-many"]).arg(&file);
        Process::start(command, &world.path("submit-many.log"))
    };
    let (mut killed, mut again) = (Some(submit()), None);
    let mut workers = vec![world.stand_in_worker(&[]), world.stand_in_worker(&[])];
    let (begin, mut restarts, mut largest) = (Instant::now(), 0, 0);
    loop {
        let done = world.recorded().len();
        if done >= JOBS {
            break;
        }
        assert!(begin.elapsed() < PATIENCE, "{done} of {JOBS} after {PATIENCE:?}");
        if let Some(killed) = killed.take_if(|_| done > JOBS / 10) {
            killed.kill();
            // Where it stopped, the next one goes on.
            again = Some(submit());
        }
        if done > restarts * JOBS / 20 {
            restarts += 1;
            let old = workers.remove(0);
            largest = largest.max(old.resident_kib().unwrap_or_default());
            workers.push(world.stand_in_worker(&[]));
            assert!(old.terminate().await.success());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let ran = begin.elapsed();
    assert!(again.unwrap().ended().await.success());
    let recorded = world.recorded();
    let ids: BTreeSet<&str> = recorded.iter().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!((recorded.len(), ids.len()), (JOBS, JOBS));
    for n in (0..JOBS).step_by(97) {
        let job = Job::again(&client, &format!("job-{n:05}"));
        assert!(job.result().await.is_ok());
        assert_eq!(job.attempt().await, 1, "job-{n:05} was lost on the way and came again");
    }
    eprintln!("{JOBS} jobs in {ran:.0?}, {restarts} restarts of a worker, largest worker {:.1} MB", mb(largest));
    // A process grows to its working size and no further; what the SDK keeps of an activity is below 1 kB.
    assert!(largest < 120_000, "a worker grew to {largest} KiB");
}

#[expect(clippy::cast_precision_loss, reason = "shown with one digit")]
fn mb(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: make test-long"]
async fn a_server_that_is_gone_for_a_minute_costs_that_minute_and_nothing_else() {
    let mut world = World::new().await;
    let client = world.client().await;
    let gate = world.path("gate");
    let worker = world.stand_in_worker(&[]);
    let job = Job::start(&client, "running", &format!("/steps?count=3&until={}", gate.display())).await;
    wait_for("the checkpoint at the server", async || {
        let text = job.describe().await?.heartbeat_details::<serde_json::Value>().await.ok()??;
        (text["checkpoint"] == 3).then_some(())
    })
    .await;
    // It ends while nobody can be told; another attempt, if one is needed, has nothing left to do.
    world.kill_server();
    fs::write(&gate, "").unwrap();
    tokio::time::sleep(Duration::from_secs(60)).await;
    world.start_server().await;
    let client = world.client().await;
    assert!(Job::again(&client, "running").result().await.is_ok());
    assert_eq!(world.recorded().len(), 3, "a step was done twice");
    assert!(Job::start(&client, "after", "/echo").await.result().await.is_ok());
    assert!(worker.terminate().await.success());
}
