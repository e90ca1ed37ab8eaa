//! The worker as a process: start, health, metrics, settings, drain.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::process::Command;

use e2e::{Process, World, binary, free_port, wait_for};

/// The address that the worker says it serves `/live`, `/ready` and `/metrics` on.
async fn admin(worker: &Process) -> String {
    wait_for("the worker's start", async || worker.admin_address()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_waits_for_a_missing_server_and_says_so() {
    let mut world = World::without_server();
    let worker = world.heavy_worker(&[("GANTRY_ADMIN_LISTEN", "127.0.0.1:0")]);
    let said = format!("Temporal at {} does not answer", world.address());
    wait_for("the word", async || worker.printed().contains(&said).then_some(())).await;
    wait_for("the second try", async || worker.printed().contains("trying again in 0.50 s").then_some(())).await;
    world.start_server().await;
    let address = admin(&worker).await;
    let ready = async || {
        let answer = reqwest::get(format!("http://{address}/ready")).await.ok()?;
        Some((answer.status().as_u16(), answer.text().await.ok()?))
    };
    wait_for("readiness", async || ready().await.filter(|(status, _)| *status == 200)).await;
    assert_eq!(reqwest::get(format!("http://{address}/live")).await.unwrap().status().as_u16(), 200);
    let metrics = reqwest::get(format!("http://{address}/metrics")).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("temporal_num_pollers{"), "{metrics}");

    world.kill_server();
    let (_, why) = wait_for("unreadiness", async || ready().await.filter(|(status, _)| *status == 503)).await;
    assert!(why.contains("Temporal"), "{why}");
    world.start_server().await;
    wait_for("readiness again", async || ready().await.filter(|(status, _)| *status == 200)).await;

    let log = worker.printed();
    assert!(worker.terminate().await.success(), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_waits_for_its_server_can_be_told_to_stop() {
    let world = World::without_server();
    let worker = world.heavy_worker(&[]);
    wait_for("the word", async || worker.printed().contains("does not answer").then_some(())).await;
    assert!(worker.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_settings_end_the_worker_with_one_clear_line() {
    let world = World::without_server();
    let foreign = world.path("diary.db");
    std::fs::write(&foreign, "dear diary, this is no database\n".repeat(9)).unwrap();
    let foreign = format!("sqlite:{}", foreign.display());
    let cases = [
        (("GANTRY_SLOTS", "many"), "GANTRY_SLOTS=\"many\": expected a number from 1 to 1024, or auto"),
        (("GANTRY_LOG", "=,="), "GANTRY_LOG="),
        (("GANTRY_GRAPH_URL", "mysql://db"), "no store for \"mysql\""),
        (("GANTRY_GRAPH_URL", "arangodb+http://me:secret@db/x"), "GANTRY_ARANGO_AUTH"),
        (("GANTRY_GRAPH_URL", foreign.as_str()), "is not a Gantry graph"),
        (("TEMPORAL_ADDRESS", "no address"), "Temporal's settings"),
    ];
    for ((name, value), expected) in cases {
        let mut command: Command = world.command(&binary("gantry-heavy-compute"));
        command.env(name, value);
        let log = world.path(&format!("{}.log", expected.len()));
        let mut process = Process::start(command, &log);
        let status = process.ended().await;
        let printed = process.printed();
        assert_eq!(status.code(), Some(1), "{printed}");
        assert!(printed.contains(expected) && printed.lines().count() == 1, "{printed}");
    }
}

/// Exit code of `--check-health` for the worker that listens there, and what it says.
fn check_health(world: &World, listen: &str) -> (Option<i32>, String) {
    let mut command = world.command(&binary("gantry-heavy-compute"));
    // A proxy that is set for cloning must not come between the check and this host.
    command.arg("--check-health").env("GANTRY_ADMIN_LISTEN", listen).env("http_proxy", "http://127.0.0.1:9");
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_of_an_image_says_what_the_worker_lacks() {
    let mut world = World::without_server();
    // Also of a worker that clones through a proxy: its own metrics are not behind it.
    let address = format!("127.0.0.1:{}", free_port());
    let worker = world.heavy_worker(&[("http_proxy", "http://127.0.0.1:9"), ("GANTRY_ADMIN_LISTEN", &address)]);
    wait_for("the word", async || worker.printed().contains("does not answer").then_some(())).await;
    let (code, said) = check_health(&world, &address);
    assert_eq!((code, said.as_str()), (Some(1), "gantry-heavy-compute: not ready: waiting for Temporal\n"));

    world.start_server().await;
    wait_for("a passed check", async || (check_health(&world, &address).0 == Some(0)).then_some(())).await;

    assert!(worker.terminate().await.success());
    let (code, said) = check_health(&world, &address);
    assert_eq!(code, Some(1));
    assert!(
        said.contains("no answer from") && said.contains("GANTRY_ADMIN_LISTEN") && said.lines().count() == 1,
        "{said}"
    );
}
