//! `gantry setup` and what `gantry doctor` says about a namespace.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::process::Command;

use e2e::{World, binary, installation_root, temporal_cli};
use serde_json::{Value, json};

const NAMES: [&str; 4] = ["GantrySystem", "GantryRepo", "GantryRoute", "GantryBytes"];

/// Runs `gantry` in a namespace: exit code, stdout as JSON if it is some, stderr.
fn gantry(world: &World, namespace: &str, args: &[&str]) -> (i32, Value, String) {
    let mut command = world.command(&binary("gantry"));
    command.env("TEMPORAL_NAMESPACE", namespace).env("GANTRY_ROOT", installation_root()).args(args);
    let output = command.output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap_or_default(), stderr)
}

fn operator(world: &World, args: &[&str]) {
    let mut command: Command = world.command(&temporal_cli());
    let output = command.arg("operator").args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn check(world: &World, namespace: &str, name: &str) -> Value {
    let (_, doctor, _) = gantry(world, namespace, &["doctor", "--json"]);
    doctor["checks"].as_array().unwrap().iter().find(|check| check["name"] == name).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_namespace_is_made_ready_once_and_left_alone_afterwards() {
    let world = World::new().await;
    let (code, _, stderr) = gantry(&world, "team", &["setup"]);
    assert_eq!(code, 3);
    assert!(stderr.contains("no namespace \"team\"") && stderr.contains("gantry setup --create-namespace"), "{stderr}");
    assert!(check(&world, "team", "Temporal server")["hint"].as_str().unwrap().contains("--create-namespace"));
    let (code, _, stderr) = gantry(&world, "team", &["setup", "--create-namespace", "--retention", "soon"]);
    assert!(code != 0 && stderr.contains("7d"), "{stderr}");

    let (code, made, stderr) = gantry(&world, "team", &["setup", "--create-namespace", "--retention", "2h", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(
        made,
        json!({ "namespace": "team", "created": true, "retentionSeconds": 7200, "registered": NAMES, "present": [] })
    );
    let short = check(&world, "team", "namespace");
    assert_eq!(short["status"], "warning");
    assert!(short["detail"].as_str().unwrap().contains("2h00m"), "{short}");

    let (code, again, _) = gantry(&world, "team", &["setup", "--create-namespace", "--json"]);
    assert_eq!(
        (code, again),
        (0, json!({ "namespace": "team", "created": false, "registered": [], "present": NAMES }))
    );
    let (code, _, stderr) = gantry(&world, "team", &["setup"]);
    assert_eq!((code, stderr.as_str()), (0, "all search attributes are registered\n"));
    assert_eq!(check(&world, "team", "search attributes")["status"], "ok");

    let (code, scheduled, stderr) = gantry(&world, "team", &["setup", "--schedules", "--json"]);
    assert_eq!((code, &scheduled["scheduled"]), (0, &json!(["workspace-gc"])), "{stderr}");
    let (code, _, stderr) = gantry(&world, "team", &["setup", "--schedules"]);
    assert!(code == 0 && stderr.ends_with("all schedules are there\n"), "{stderr}");

    let (_, made, _) = gantry(&world, "other", &["setup", "--create-namespace", "--json"]);
    assert_eq!(made["retentionSeconds"], 604_800);
    assert_eq!(check(&world, "other", "namespace")["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_search_attribute_is_named_and_one_of_another_type_is_not_touched() {
    let world = World::new().await;
    operator(&world, &["namespace", "create", "--namespace", "bare", "--retention", "72h"]);
    let missing = check(&world, "bare", "search attributes");
    assert_eq!((&missing["status"], &missing["hint"]), (&json!("failed"), &json!("register them: gantry setup")));
    assert!(missing["detail"].as_str().unwrap().contains("GantryRepo"), "{missing}");

    operator(&world, &["search-attribute", "create", "--namespace", "bare", "--name", "GantryBytes", "--type", "Text"]);
    let (code, _, stderr) = gantry(&world, "bare", &["setup"]);
    assert_eq!(code, 3);
    assert!(
        stderr.contains("GantryBytes is Text, Gantry needs Int") && stderr.contains("cannot be changed"),
        "{stderr}"
    );
    let wrong = check(&world, "bare", "search attributes");
    assert!(wrong["detail"].as_str().unwrap().contains("GantryBytes is Text"), "{wrong}");

    operator(&world, &["search-attribute", "remove", "--namespace", "bare", "--name", "GantryBytes", "--yes"]);
    let (code, made, stderr) = gantry(&world, "bare", &["setup", "--json"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(made["registered"], json!(NAMES));
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_ends_without_a_server_and_says_what_it_could_look_at() {
    let world = World::without_server();
    let (code, doctor, _) = gantry(&world, "default", &["doctor", "--json"]);
    assert_eq!((code, &doctor["ok"]), (3, &json!(false)));
    let names: Vec<&str> = doctor["checks"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    for name in ["git", "gantry-heavy-compute", "state folder", "free space", "graph store", "blob store"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let server = &doctor["checks"].as_array().unwrap()[names.len() - 1];
    assert_eq!((&server["name"], &server["status"]), (&json!("Temporal server"), &json!("failed")));
}
