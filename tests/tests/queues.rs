//! `gantry queue` and `gantry top` against a real server and real workers.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{collections::BTreeSet, fs};

use e2e::{Job, Process, World, binary, wait_for};
use rustix::process::Signal;
use serde_json::{Value, json};
use temporalio_client::{Client, tonic::IntoRequest};
use temporalio_common::protos::temporal::api::{
    enums::v1::{TaskQueueKind, TaskQueueType},
    taskqueue::v1::{RateLimit, TaskQueue},
    workflowservice::v1::{
        PollActivityTaskQueueRequest, PollWorkflowTaskQueueRequest, UpdateTaskQueueConfigRequest,
        update_task_queue_config_request::RateLimitUpdate,
    },
};

const QUEUE: &str = "heavy-compute";
const HOST_QUEUE: &str = "heavy-compute@test-host";

/// Runs `gantry` with `--json`, which has to succeed.
async fn answer(world: &World, args: &[&str]) -> Value {
    let (code, stdout, stderr) = world.gantry(&[args, &["--json"]].concat()).await;
    assert_eq!(code, 0, "{args:?}: {stderr}");
    serde_json::from_str(&stdout).unwrap_or_else(|e| panic!("{e}: {stdout}"))
}

/// Runs `gantry`, which has to fail with this code; what it said.
async fn refused(world: &World, args: &[&str], expected: i32) -> String {
    let (code, stdout, stderr) = world.gantry(args).await;
    assert_eq!((code, stdout.as_str()), (expected, ""), "{args:?}: {stderr}");
    stderr
}

async fn describe(world: &World, queue: &str) -> Value {
    answer(world, &["queue", "describe", queue]).await
}

/// Waits until the server counts so many tasks that wait.
async fn wait_for_backlog(world: &World, queue: &str, count: u64) {
    wait_for("the backlog", async || (describe(world, queue).await["backlog"] == count).then_some(())).await;
}

fn recorded(world: &World) -> BTreeSet<String> {
    world.recorded().iter().filter_map(|line| Some(line.split_once(' ')?.0.to_owned())).collect()
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_holds_back_what_waits_outlives_the_server_and_ends_with_the_old_limit() {
    let mut world = World::new().await;
    let client = world.client().await;
    let _worker = world.stand_in_worker(&[]);
    let go = world.path("go");
    let running = Job::start(&client, "running", &format!("/wait?until={}", go.display())).await;
    wait_for("the running job", async || running.worker().await).await;
    let limited = answer(&world, &["queue", "rate-limit", QUEUE, "50"]).await;
    assert_eq!(limited["rateLimit"], json!(50.0));

    let paused = answer(&world, &["queue", "pause", QUEUE, "--reason", "disk swap"]).await;
    let of_queues =
        |field: &str| paused["queues"].as_array().unwrap().iter().map(|q| q[field].clone()).collect::<Vec<_>>();
    assert_eq!(of_queues("queue"), [QUEUE, HOST_QUEUE]);
    assert_eq!(of_queues("previousRateLimit"), [json!(50.0), Value::Null]);
    let mut waiting = Vec::new();
    for id in ["a", "b", "c"] {
        waiting.push(Job::start(&client, id, "/record").await);
    }
    waiting.push(Job::start_on(&client, HOST_QUEUE, "h", "/record").await);
    fs::write(&go, "").unwrap();
    assert!(running.result().await.is_ok(), "what runs goes on");

    // A host that comes later is not paused. Its worker asks for tasks of the common queue too, so once it has done
    // its own job it would have had the others.
    let _late = world.stand_in_worker(&[("GANTRY_HOST_ID", "late")]);
    let canary = Job::start_on(&client, "heavy-compute@late", "canary", "/record").await;
    assert!(canary.result().await.is_ok());
    assert_eq!(recorded(&world), names(&["canary"]));
    // The server counts anew every few seconds.
    wait_for_backlog(&world, QUEUE, 3).await;
    wait_for_backlog(&world, HOST_QUEUE, 1).await;
    let seen = describe(&world, QUEUE).await;
    assert_eq!((&seen["paused"], &seen["partlyPaused"]), (&json!(true), &json!(true)));
    assert_eq!((&seen["backlog"], &seen["rateLimit"]), (&json!(3), &json!(0.0)));
    assert_eq!((&seen["pause"]["reason"], &seen["pause"]["previousRateLimit"]), (&json!("disk swap"), &json!(50.0)));
    let hosts = seen["hostQueues"].as_array().unwrap();
    let of_host = |name: &str| hosts.iter().find(|host| host["queue"] == name).unwrap();
    assert_eq!((&of_host(HOST_QUEUE)["backlog"], &of_host("heavy-compute@late")["paused"]), (&json!(1), &json!(false)));
    let (_, table, _) = world.gantry(&["queue", "list"]).await;
    assert!(table.contains("partly paused") && table.contains("(50/s)"), "{table}");

    // Pausing again takes the new host in and keeps the first limit.
    answer(&world, &["queue", "pause", QUEUE]).await;
    let seen = describe(&world, QUEUE).await;
    assert_eq!((&seen["partlyPaused"], &seen["pause"]["previousRateLimit"]), (&json!(false), &json!(50.0)));
    assert_eq!(seen["pause"]["reason"], "disk swap");
    let (_, stdout, _) = world.gantry(&["doctor", "--json"]).await;
    let check = check_of(&stdout, "paused queues");
    assert_eq!(check["status"], "warning");
    let detail = check["detail"].as_str().unwrap();
    assert!(detail.contains("heavy-compute by ") && detail.contains("(disk swap), 3 wait"), "{detail}");

    world.kill_server();
    world.start_server().await;
    wait_for("the pause after the restart", async || {
        let (code, stdout, _) = world.gantry(&["queue", "describe", QUEUE, "--json"]).await;
        let seen: Value = serde_json::from_str(&stdout).ok().filter(|_| code == 0)?;
        (seen["paused"] == true && seen["backlog"] == 3).then_some(())
    })
    .await;
    assert_eq!(recorded(&world), names(&["canary"]));

    // The note of the pause knows the hosts, even those whose workers the restarted server has not heard of.
    let resumed = answer(&world, &["queue", "resume", QUEUE]).await;
    let of_queues: Vec<&Value> = resumed["queues"].as_array().unwrap().iter().map(|q| &q["queue"]).collect();
    assert_eq!(of_queues, [QUEUE, "heavy-compute@late", HOST_QUEUE]);
    for job in &waiting {
        wait_for("a job that waited", async || job.result().await.ok()).await;
    }
    assert_eq!(recorded(&world), names(&["a", "b", "c", "h", "canary"]));
    let shown = answer(&world, &["queue", "rate-limit", QUEUE]).await;
    assert_eq!((&shown["rateLimit"], &shown["effectiveRateLimit"]), (&json!(50.0), &json!(50.0)));
    let again = answer(&world, &["queue", "resume", QUEUE]).await;
    assert!(again["queues"].as_array().unwrap().iter().all(|q| q["changed"] == false), "{again}");
}

fn check_of(doctor: &str, name: &str) -> Value {
    let doctor: Value = serde_json::from_str(doctor).unwrap_or_else(|e| panic!("{e}: {doctor}"));
    let checks = doctor["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap_or_else(|| panic!("{name} in {doctor}")).clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_checked_and_one_that_is_set_during_a_pause_waits_for_its_end() {
    let world = World::new().await;
    for (limit, word) in [("-1", "at least"), ("NaN", "at least"), ("inf", "at least"), ("0", "gantry queue pause")] {
        let (code, _, stderr) = world.gantry(&["queue", "rate-limit", QUEUE, limit]).await;
        assert!(code != 0 && stderr.contains(word), "{limit}: {code} {stderr}");
    }
    let stderr = refused(&world, &["queue", "pause", "workflows"], 1).await;
    assert!(stderr.contains("workflow tasks") && stderr.contains("--all"), "{stderr}");
    let stderr = refused(&world, &["queue", "rate-limit", "workflows", "5"], 1).await;
    assert!(stderr.contains("workflow tasks"), "{stderr}");
    let stderr = refused(&world, &["queue", "pause", "heavy-compte"], 1).await;
    assert!(stderr.contains("Gantry's activity queues are: heavy-compute"), "{stderr}");
    let stderr = refused(&world, &["queue", "pause", QUEUE, "--reason", &"x".repeat(301)], 1).await;
    assert!(stderr.contains("301 bytes"), "{stderr}");

    let shown = answer(&world, &["queue", "rate-limit", QUEUE, "0.1", "--fairness-key-default", "2"]).await;
    assert_eq!((&shown["rateLimit"], &shown["fairnessKeyRateLimit"]), (&json!(0.1), &json!(2.0)));
    let paused = answer(&world, &["queue", "pause", "--all"]).await;
    assert_eq!(paused["queues"][0]["previousRateLimit"], json!(0.1));
    let shown = answer(&world, &["queue", "rate-limit", QUEUE, "7"]).await;
    assert_eq!(
        (&shown["paused"], &shown["rateLimit"], &shown["previousRateLimit"]),
        (&json!(true), &json!(0.0), &json!(7.0))
    );
    answer(&world, &["queue", "resume", "--all"]).await;
    let shown = answer(&world, &["queue", "rate-limit", QUEUE]).await;
    assert_eq!((&shown["paused"], &shown["rateLimit"]), (&json!(false), &json!(7.0)));
    let shown = answer(&world, &["queue", "rate-limit", QUEUE, "off", "--fairness-key-default", "off"]).await;
    assert_eq!((&shown["rateLimit"], &shown["fairnessKeyRateLimit"]), (&Value::Null, &Value::Null));
    assert_eq!(shown["effectiveRateLimitSource"], "server");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_tool_paused_is_resumed_without_a_limit_and_says_so() {
    let world = World::new().await;
    let client = world.client().await;
    let config = UpdateTaskQueueConfigRequest {
        namespace: "default".to_owned(),
        identity: "somebody".to_owned(),
        task_queue: QUEUE.to_owned(),
        task_queue_type: TaskQueueType::Activity.into(),
        update_queue_rate_limit: Some(RateLimitUpdate {
            rate_limit: Some(RateLimit { requests_per_second: 0.0 }),
            reason: "by hand".to_owned(),
        }),
        ..Default::default()
    };
    client.connection().workflow_service().update_task_queue_config(config.into_request()).await.unwrap();
    let seen = describe(&world, QUEUE).await;
    assert_eq!(
        (&seen["paused"], &seen["pause"]["reason"], &seen["pause"]["by"]),
        (&json!(true), &json!("by hand"), &json!("somebody"))
    );
    let (code, _, stderr) = world.gantry(&["queue", "resume", QUEUE]).await;
    assert!(code == 0 && stderr.contains("paused with another tool"), "{stderr}");
    assert_eq!(describe(&world, QUEUE).await["rateLimit"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_ends_when_nothing_runs_and_leaves_the_queue_paused_when_it_is_cut_off() {
    let world = World::new().await;
    let client = world.client().await;
    let _worker = world.stand_in_worker(&[("GANTRY_SLOTS", "1")]);
    let go = world.path("go");
    let running = Job::start(&client, "long-one", &format!("/wait?until={}", go.display())).await;
    wait_for("the running job", async || running.worker().await).await;
    let waiting = Job::start(&client, "next", "/echo").await;

    let (code, stdout, stderr) = world.gantry(&["queue", "drain", QUEUE, "--timeout", "1500ms", "--json"]).await;
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("gantry queue resume heavy-compute"), "{stderr}");
    let ended: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((&ended["drained"], &ended["running"][0]["of"]), (&json!(false), &json!("job long-one")));

    let drain = |log: &str| {
        let mut command = world.command(&binary("gantry"));
        command.args(["queue", "drain", QUEUE]);
        Process::start(command, &world.path(log))
    };
    let mut first = drain("drain-1.log");
    wait_for("the word", async || first.printed().contains("waiting for: gantry-").then_some(())).await;
    first.signal(Signal::INT);
    assert_eq!(first.ended().await.code(), Some(3));
    assert!(first.printed().contains("interrupted") && first.printed().contains("still paused"), "{}", first.printed());
    assert_eq!(describe(&world, QUEUE).await["paused"], true);

    let mut second = drain("drain-2.log");
    // The worker told of its slot in a heartbeat.
    wait_for("the busy worker", async || second.printed().contains("runs 1 on heavy-compute").then_some(())).await;
    fs::write(&go, "").unwrap();
    let status = second.ended().await;
    assert!(status.success() && second.printed().contains("drained: nothing runs"), "{}", second.printed());
    assert!(running.result().await.is_ok());
    assert!(waiting.worker().await.is_none());
    wait_for_backlog(&world, QUEUE, 1).await;
    let (_, stdout, _) = world.gantry(&["queue", "describe", QUEUE]).await;
    assert!(stdout.contains("paused") && stdout.contains("about 1, the oldest for"), "{stdout}");
    answer(&world, &["queue", "resume", QUEUE]).await;
    assert!(waiting.result().await.is_ok());
}

#[tokio::test(flavor = "multi_thread")]
async fn queues_are_described_with_and_without_workers() {
    let world = World::new().await;
    let client = world.client().await;
    let nobody = describe(&world, "nobody-knows-it").await;
    assert_eq!((&nobody["backlog"], &nobody["paused"], &nobody["slots"]), (&json!(0), &json!(false), &Value::Null));
    let (_, stdout, stderr) = world.gantry(&["queue", "describe", "nobody-knows-it"]).await;
    assert!(
        stderr.contains("has seen nothing of queue nobody-knows-it") && stdout.contains("nobody has asked"),
        "{stderr}"
    );

    // Waiting work makes a host queue known even when no worker of it was ever seen.
    Job::start_on(&client, "heavy-compute@gone", "left-behind", "/echo").await;
    wait_for_backlog(&world, "heavy-compute@gone", 1).await;
    wait_for("the host queue", async || {
        let list = answer(&world, &["queue", "list"]).await;
        let hosts = list["queues"][0]["hostQueues"].as_array()?;
        hosts.iter().any(|host| host["queue"] == "heavy-compute@gone" && host["backlog"] == 1).then_some(())
    })
    .await;

    let _worker = world.stand_in_worker(&[("GANTRY_SLOTS", "3")]);
    let seen = wait_for("the worker's slots", async || {
        let seen = describe(&world, QUEUE).await;
        (!seen["slots"].is_null() && !seen["pollers"].as_array()?.is_empty()).then_some(seen)
    })
    .await;
    assert_eq!(seen["slots"]["total"], 3);
    assert_eq!((&seen["kind"], &seen["partitions"]), (&json!("activity"), &json!(1)));
    let poller = &seen["pollers"][0];
    let hash = contracts::contracts_hash();
    assert!(poller["identity"].as_str().unwrap().contains("@test-host contracts:"), "{poller}");
    assert_eq!((&poller["contracts"], &poller["versioned"]), (&json!(hash), &json!(false)));
    assert!(poller["lastSeenAgeMs"].is_u64() && seen["workers"][0]["heartbeatAgeMs"].is_u64(), "{seen}");
    let expected = [
        "queue",
        "pollers",
        "backlog",
        "backlogAgeMs",
        "addRate",
        "dispatchRate",
        "paused",
        "rateLimit",
        "slots",
        "versions",
    ];
    let fields = seen.as_object().unwrap();
    assert!(expected.iter().all(|field| fields.contains_key(*field)), "{seen}");
    assert_eq!(seen["versions"][0]["current"], true);

    // Workflow workers name their host too, but have no queue of it.
    let request = PollWorkflowTaskQueueRequest {
        namespace: "default".to_owned(),
        identity: "gantry-workflows:7@host contracts:0123456789ab".to_owned(),
        task_queue: Some(TaskQueue { name: "workflows".to_owned(), ..Default::default() }),
        ..Default::default()
    };
    let mut service = client.connection().workflow_service();
    tokio::spawn(async move { service.poll_workflow_task_queue(request.into_request()).await });
    let workflows = wait_for("the workflow poller", async || {
        let seen = describe(&world, "workflows").await;
        (seen["pollers"].as_array()?.len() == 1).then_some(seen)
    })
    .await;
    assert_eq!((&workflows["kind"], &workflows["hostQueues"]), (&json!("workflow"), &json!([])));

    let list = answer(&world, &["queue", "list"]).await;
    let listed: Vec<&Value> = list["queues"].as_array().unwrap().iter().map(|queue| &queue["queue"]).collect();
    assert_eq!(listed, [QUEUE, "ingest", "save-parsing", "shipping", "workflows"]);
    // Without a terminal it is printed once.
    let (code, stdout, stderr) = world.gantry(&["top"]).await;
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("gantry-heavy-compute:") && stdout.contains("heavy-compute@gone"), "{stdout}");
    assert!(stdout.contains("1 jobs open"), "{stdout}");
}

/// Asks for tasks as a worker would, once.
async fn poll_as(client: &Client, queue: &str, identity: &str) {
    let request = PollActivityTaskQueueRequest {
        namespace: "default".to_owned(),
        identity: identity.to_owned(),
        task_queue: Some(TaskQueue {
            name: queue.to_owned(),
            kind: TaskQueueKind::Normal.into(),
            ..Default::default()
        }),
        ..Default::default()
    };
    let mut service = client.connection().workflow_service();
    tokio::spawn(async move { service.poll_activity_task_queue(request.into_request()).await });
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_who_has_other_contracts_and_for_whom_it_cannot_tell() {
    let world = World::new().await;
    let client = world.client().await;
    let _worker = world.stand_in_worker(&[]);
    let contracts = async |part: &str| {
        wait_for(part, async || {
            let (_, stdout, _) = world.gantry(&["doctor", "--json"]).await;
            let check = check_of(&stdout, "contracts");
            check["detail"].as_str()?.contains(part).then_some(check)
        })
        .await
    };
    assert_eq!(contracts("the same as all 2 workers").await["status"], "ok");
    poll_as(&client, QUEUE, "1@somewhere").await;
    assert_eq!(contracts("cannot tell for 1@somewhere on heavy-compute").await["status"], "warning");
    poll_as(&client, HOST_QUEUE, "gantry-heavy-compute:7@old contracts:ffffffffffff").await;
    let check = contracts("gantry-heavy-compute:7@old on heavy-compute@test-host has ffffffffffff").await;
    assert_eq!(check["status"], "failed");
    assert!(check["hint"].as_str().unwrap().contains("replace those workers"), "{check}");
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_tells_of_versions_that_get_nothing_and_of_current_ones_that_nobody_runs() {
    let world = World::new().await;
    let versions = async |status: &str, part: &str| {
        wait_for(part, async || {
            let (_, stdout, _) = world.gantry(&["doctor", "--json"]).await;
            let check = check_of(&stdout, "worker versions");
            (check["status"] == status && check["detail"].as_str()?.contains(part)).then_some(check)
        })
        .await
    };
    let version = |build| {
        [("TEMPORAL_DEPLOYMENT_NAME", "gantry-heavy"), ("TEMPORAL_WORKER_BUILD_ID", build), ("GANTRY_HOST_ID", build)]
    };
    let first = world.stand_in_worker(&version("one"));
    let check =
        versions("failed", "heavy-compute is polled by version one of gantry-heavy, and no version is current").await;
    assert!(check["hint"].as_str().unwrap().contains("--deployment-name gantry-heavy --build-id one --yes"), "{check}");
    world.make_current("gantry-heavy", "one").await;
    versions("ok", "the current versions are running").await;
    let _second = world.stand_in_worker(&version("two"));
    versions("warning", "gives nothing new to version two").await;
    assert!(first.terminate().await.success());
    versions(
        "failed",
        "gives its tasks to version one of gantry-heavy, which nobody runs; it is polled by version two",
    )
    .await;
}
