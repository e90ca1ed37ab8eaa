//! `gantry job`: a job is one activity without a workflow.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{collections::BTreeSet, fs, io::Write, os::unix::fs::PermissionsExt, path::Path, process::Stdio};

use contracts::workflows::{IndexRepo, index_repo_id};
use e2e::{Process, Repository, Run, World, binary, wait_for};
use rustix::process::Signal;
use serde_json::{Value, json};
use temporalio_client::WorkflowFetchHistoryOptions;
use temporalio_common::protos::temporal::api::history::v1::history_event::Attributes;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Runs `gantry job ARGS --json` and takes its one object.
async fn job(world: &World, args: &[&str]) -> (i32, Value) {
    let args: Vec<&str> = ["job"].iter().chain(args).chain(&["--json"]).copied().collect();
    let (code, stdout, stderr) = world.gantry(&args).await;
    let answer = if stdout.is_empty() { json!({ "stderr": stderr }) } else { json(&stdout) };
    (code, answer)
}

/// The same, with something to read.
fn job_with_stdin(world: &World, args: &[&str], text: &str) -> (i32, Value) {
    let mut command = world.command(&binary("gantry"));
    command.arg("job").args(args).arg("--json").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), json(&String::from_utf8(output.stdout).unwrap()))
}

/// Submits a job of the stand-in; its run.
async fn submit(world: &World, id: &str, path: &str) -> String {
    let input = json!({ "repoId": id, "path": path }).to_string();
    let (code, answer) = job(world, &["submit", "prepareWorkspace", "--id", id, "--input", &input]).await;
    assert_eq!((code, &answer["alreadySubmitted"]), (0, &json!(false)), "{answer}");
    answer["runId"].as_str().unwrap().to_owned()
}

async fn state(world: &World, id: &str) -> String {
    job(world, &["describe", id]).await.1["state"].as_str().unwrap_or_default().to_owned()
}

async fn until_state(world: &World, id: &str, wanted: &str) {
    let what = format!("the job {id} to be {wanted}");
    wait_for(&what, async || (state(world, id).await == wanted).then_some(())).await;
}

/// Waits until the server's list, which lags behind, has this many jobs.
async fn until_listed(world: &World, query: &str, count: u64) {
    let what = format!("{count} jobs of {query}");
    wait_for(&what, async || {
        let (_, answer) = job(world, &["list", "--count", "--query", query]).await;
        (answer["count"].as_u64() == Some(count)).then_some(())
    })
    .await;
}

fn write_lines(path: &Path, lines: impl IntoIterator<Item = Value>) {
    let text: String = lines.into_iter().map(|line| format!("{line}\n")).collect();
    fs::write(path, text).unwrap();
}

fn line(repo: &str) -> Value {
    json!({ "activity": "prepareWorkspace", "input": { "repoId": repo, "path": "/record" } })
}

/// The repositories that jobs have recorded, and how many records there are.
fn recorded(world: &World) -> (BTreeSet<String>, usize) {
    let lines = world.recorded();
    (lines.iter().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect(), lines.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn help() {
    let world = World::without_server();
    for (name, args) in [
        ("job_help", vec!["job", "--help"]),
        ("job_submit_help", vec!["job", "submit", "--help"]),
        ("job_submit_many_help", vec!["job", "submit-many", "--help"]),
    ] {
        let (code, stdout, stderr) = world.gantry(&args).await;
        assert_eq!((code, stderr.as_str()), (0, ""));
        insta::assert_snapshot!(name, stdout);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_before_anything_is_sent() {
    // There is no server: whatever gets that far fails with another message.
    let world = World::without_server();
    let large = world.path("large.json");
    fs::write(&large, json!({ "repoId": "x".repeat(2 * 1024 * 1024) }).to_string()).unwrap();
    let large = format!("@{}", large.display());
    let (key, id) = ("k".repeat(65), "i".repeat(1001));
    let good = r#"{"repoId": "r"}"#;
    let cases: [&[&str]; 10] = [
        &["prepareWorkspac"],
        &["prepareWorkspace", "--input", r#"{"repo_id": "r", "path": 7, "colour": "red"}"#],
        &["finishIndex", "--input", r#"{"repoId": "r", "scanned": {"uri": "u", "sha256": 1, "bytes": -1}}"#],
        &["prepareWorkspace", "--input", "{"],
        &["prepareWorkspace", "--input", &large],
        &["prepareWorkspace", "--input", good, "--priority", "9", "--fairness-weight", "0"],
        &["prepareWorkspace", "--input", good, "--fairness-key", &key, "--id", &id],
        &["prepareWorkspace", "--input", good, "--delay", "soon"],
        &["prepareWorkspace", "--input", good, "--reuse", "allow"],
        &["prepareWorkspace", "--input", good],
    ];
    let mut told = String::new();
    for case in cases {
        let args: Vec<&str> = ["job", "submit"].iter().chain(case).copied().collect();
        let (code, stdout, stderr) = world.gantry(&args).await;
        assert_eq!(stdout, "");
        let stderr = stderr.replace(&world.address(), "ADDRESS").replace(&key, "KEY").replace(&id, "ID");
        told.push_str(&format!("{code}: {stderr}\n"));
    }
    for command in ["cancel", "retry"] {
        let (code, _, stderr) = world.gantry(&["job", command, "--query", "  "]).await;
        told.push_str(&format!("{code}: {stderr}\n"));
    }
    insta::assert_snapshot!("job_mistakes", told);
}

#[tokio::test(flavor = "multi_thread")]
async fn activities_and_their_schemas_are_shown() {
    let world = World::without_server();
    let (code, activities) = job(&world, &["activities"]).await;
    let names: Vec<&str> =
        activities["activities"].as_array().unwrap().iter().map(|a| a["name"].as_str().unwrap()).collect();
    let declared: Vec<&str> = contracts::all_activities().map(|a| a.name).collect();
    assert_eq!((code, names), (0, declared.clone()));
    for name in &declared {
        let (code, schema, _) = world.gantry(&["job", "schema", name]).await;
        let schema = json(&schema);
        assert_eq!((code, &schema["$schema"]), (0, &json!("https://json-schema.org/draft/2020-12/schema")));
        assert_eq!(schema["additionalProperties"], false, "{name}");
    }
    let (_, list, _) = world.gantry(&["job", "schema"]).await;
    assert!(declared.iter().all(|name| list.contains(name)), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_runs_and_can_be_looked_at() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    let file = world.path("input.json");
    fs::write(&file, r#"{"repoId": "r", "path": "/echo"}"#).unwrap();
    let input = format!("@{}", file.display());
    let (code, submitted) = job(
        &world,
        &[
            &["submit", "prepareWorkspace", "--input", &input, "--id", "full", "--wait", "--timeout", "5m"][..],
            &["--priority", "2", "--fairness-key", "tenant", "--fairness-weight", "0.1"],
            &["--summary", "one \"good\" job"],
        ]
        .concat(),
    )
    .await;
    assert_eq!((code, &submitted["status"], &submitted["queue"]), (0, &json!("completed"), &json!("heavy-compute")));
    assert_eq!(submitted["result"]["packageRoots"], json!(["r"]));

    let (code, described) = job(&world, &["describe", "full", "--input"]).await;
    assert_eq!(code, 0);
    let expected = json!({
        "id": "full", "runId": submitted["runId"], "activity": "prepareWorkspace", "queue": "heavy-compute",
        "status": "completed", "state": "completed", "attempt": 1, "maxAttempts": 10,
        "priority": 2, "fairnessKey": "tenant", "fairnessWeight": 0.1, "summary": "one \"good\" job",
        "input": { "repoId": "r", "path": "/echo" },
        // As the contract has them, and what was asked for; the server shortens an attempt to the whole.
        "timeoutsS": { "scheduleToClose": 300.0, "startToClose": 300.0, "heartbeat": 30.0 },
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&described[name], value, "{name}");
    }
    for name in ["submittedAt", "startedAt", "endedAt"] {
        assert!(described[name].as_str().is_some_and(|time| time.ends_with('Z')), "{name}: {described}");
    }
    assert!(described["worker"].is_string() && described["durationMs"].is_u64(), "{described}");
    let (_, text, _) = world.gantry(&["job", "describe", "full", "--input"]).await;
    let lines = text.lines().count();
    // Each field has its line; `state` says what `status` does.
    assert_eq!(lines, described.as_object().unwrap().len() - 1, "{text}");

    let (code, result, _) = world.gantry(&["job", "result", "full"]).await;
    assert_eq!((code, json(&result)), (0, submitted["result"].clone()));

    let args = ["submit", "prepareWorkspace", "--id", "full", "--input", "@-"];
    let (code, again) = job_with_stdin(&world, &args, &fs::read_to_string(file).unwrap());
    assert_eq!((code, &again["alreadySubmitted"], &again["runId"]), (0, &json!(true), &submitted["runId"]));

    // Two without an id are two.
    let two = [0, 1].map(async |_| {
        let args = ["submit", "prepareWorkspace", "--input", r#"{"repoId": "r"}"#];
        job(&world, &args).await.1["id"].as_str().unwrap().to_owned()
    });
    let [first, second] = two;
    let (first, second) = (first.await, second.await);
    assert!(first.starts_with("prepareWorkspace/") && first != second, "{first} {second}");
    let (code, waited) = job(&world, &["wait", &first, &second]).await;
    assert_eq!(code, 0, "{waited}");
    assert!(waited["jobs"].as_array().unwrap().iter().all(|job| job["status"] == "completed"), "{waited}");

    until_listed(&world, "ExecutionStatus = 'Completed'", 3).await;
    let (code, listed, _) = world.gantry(&["job", "list", "--json", "--status", "completed"]).await;
    let listed: Vec<Value> = listed.lines().map(json).collect();
    let ids: Vec<&str> = listed.iter().map(|job| job["id"].as_str().unwrap()).collect();
    assert_eq!((code, ids.len(), *ids.last().unwrap()), (0, 3, "full"), "the last one that ended comes first");
    assert!(listed.iter().all(|job| job["activity"] == "prepareWorkspace" && job["durationMs"].is_u64()));
    for (filter, count) in [
        (vec!["--status", "failed"], 0),
        (vec!["--activity", "prepareWorkspace", "--queue", "heavy-compute"], 3),
        (vec!["--activity", "it's"], 0),
        (vec!["--queue", "other"], 0),
        (vec!["--query", "GantrySystem = 'heavy-compute' OR ActivityId = 'x'", "--status", "completed"], 3),
        (vec!["--limit", "2"], 2),
    ] {
        let args: Vec<&str> = ["job", "list", "--json"].iter().chain(&filter).copied().collect();
        let (code, listed, stderr) = world.gantry(&args).await;
        assert_eq!((code, listed.lines().count()), (0, count), "{filter:?}: {stderr}");
    }
    let (code, _, stderr) = world.gantry(&["job", "list", "--query", "nonsense ="]).await;
    assert!(code == 1 && stderr.contains("invalid query"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_result_is_fetched_from_the_blob_store() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    submit(&world, "large", "/large?bytes=300000").await;
    let (code, waited) = job(&world, &["wait", "large"]).await;
    assert_eq!(code, 0, "{waited}");
    let message = |result: &Value| result["warnings"][0]["message"].as_str().map(str::len);
    assert_eq!(message(&waited["jobs"][0]["result"]), Some(300_000));
    let (code, whole, _) = world.gantry(&["job", "result", "large"]).await;
    assert_eq!((code, message(&json(&whole))), (0, Some(300_000)));
    let (code, raw, _) = world.gantry(&["job", "result", "large", "--raw"]).await;
    let blob = json(&raw)["resultBlob"].clone();
    assert!(code == 0 && blob["bytes"].as_u64() > Some(300_000), "{raw}");

    let path = blob["uri"].as_str().unwrap().strip_prefix("file://").unwrap().to_owned();
    fs::remove_file(path).unwrap();
    let (code, stdout, stderr) = world.gantry(&["job", "result", "large"]).await;
    assert_eq!((code, stdout.as_str()), (4, ""), "{stderr}");
    assert!(stderr.contains("NotFound") && stderr.contains("--raw"), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_is_one_job_unless_said_otherwise() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    let go = world.path("go");
    let wait = format!("/wait?until={}", go.display());
    let run = submit(&world, "one", &wait).await;
    let input = json!({ "repoId": "one", "path": wait }).to_string();
    let again = async |more: &[&str]| {
        let args = [&["submit", "prepareWorkspace", "--id", "one", "--input", &input], more].concat();
        job(&world, &args).await
    };
    // While it runs.
    for policy in [&[][..], &["--reuse", "allow"], &["--reuse", "allow-failed"], &["--conflict", "use-existing"]] {
        let (code, answer) = again(policy).await;
        assert_eq!((code, &answer["alreadySubmitted"], &answer["runId"]), (0, &json!(true), &json!(run)), "{policy:?}");
    }
    let (code, answer) = again(&["--conflict", "fail"]).await;
    assert!(code == 1 && answer["stderr"].as_str().unwrap().contains(&run), "{answer}");
    let args = ["job", "submit", "prepareWorkspace", "--id", "one", "--input", r#"{"repoId": "other"}"#];
    let (code, _, stderr) = world.gantry(&args).await;
    assert!(code == 0 && stderr.contains("has another input"), "{stderr}");

    // When it has succeeded.
    fs::write(&go, "").unwrap();
    assert_eq!(job(&world, &["wait", "one"]).await.0, 0);
    for policy in [&["--wait"][..], &["--reuse", "allow-failed"]] {
        let (code, answer) = again(policy).await;
        assert_eq!((code, &answer["alreadySubmitted"], &answer["runId"]), (0, &json!(true), &json!(run)), "{policy:?}");
    }
    assert_eq!(again(&["--conflict", "fail"]).await.0, 1);
    let (code, answer) = again(&["--reuse", "allow", "--wait"]).await;
    assert_eq!((code, &answer["alreadySubmitted"], &answer["status"]), (0, &json!(false), &json!("completed")));
    assert_ne!(answer["runId"], json!(run));

    // When it has failed.
    let failing = json!({ "repoId": "f", "path": "/fail?type=ParseError" }).to_string();
    let fail = async |more: &[&str]| {
        let args = [&["submit", "prepareWorkspace", "--id", "f", "--wait", "--input", &failing], more].concat();
        job(&world, &args).await
    };
    let (code, first) = fail(&[]).await;
    let error = json!({
        "type": "ParseError", "what": "told to fail", "where": "/fail?type=ParseError", "hint": "tell it something else",
        "message": "told to fail: /fail?type=ParseError (tell it something else)",
    });
    assert_eq!((code, &first["status"], &first["error"]), (2, &json!("failed"), &error));
    let (code, same) = fail(&[]).await;
    assert_eq!((code, &same["alreadySubmitted"], &same["runId"]), (2, &json!(true), &first["runId"]));
    let (_, other) = fail(&["--reuse", "allow-failed"]).await;
    assert_eq!(other["alreadySubmitted"], json!(false));
    assert_ne!(other["runId"], first["runId"]);

    let (code, described) = job(&world, &["describe", "f"]).await;
    assert_eq!((code, &described["state"], &described["error"]), (0, &json!("failed"), &error));
    for command in ["result", "wait"] {
        let (code, stdout, stderr) = world.gantry(&["job", command, "f"]).await;
        assert_eq!(code, 2, "{stdout}{stderr}");
        assert!(
            stderr.contains("ParseError: told to fail: /fail") && stderr.contains("tell it something else"),
            "{stderr}"
        );
    }
    let (code, gone) = job(&world, &["describe", "f", "--run-id", first["runId"].as_str().unwrap()]).await;
    assert_eq!((code, &gone["runId"]), (0, &first["runId"]), "an earlier run can be looked at");
    let (code, none) = job(&world, &["describe", "none"]).await;
    assert!(code == 1 && none["stderr"].as_str().unwrap().contains("there is no job \"none\""), "{none}");
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_cancelled_and_retried_by_query() {
    const JOBS: usize = 12;
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[("GANTRY_SLOTS", "16")]);
    let go = world.path("go");
    let steps = format!("/steps?count=1&until={}", go.display());
    for n in 0..JOBS {
        submit(&world, &format!("j{n}"), &steps).await;
    }
    submit(&world, "done", "/record").await;
    wait_for("all to run", async || (recorded(&world).1 == JOBS + 1).then_some(())).await;
    until_state(&world, "done", "completed").await;
    let (code, running) = job(&world, &["result", "j0"]).await;
    assert_eq!((code, &running["status"]), (3, &json!("running")));
    wait_for("progress", async || {
        let (_, described) = job(&world, &["describe", "j0"]).await;
        (described["progress"] == json!({ "phase": "step", "done": 1, "total": 1, "unit": "steps" })).then_some(())
    })
    .await;

    let all = "ActivityType = 'prepareWorkspace'";
    until_listed(&world, "ExecutionStatus = 'Running'", u64::try_from(JOBS).unwrap()).await;
    let (code, _, stderr) = world.gantry(&["job", "cancel", "--query", all]).await;
    assert!(code == 1 && stderr.contains("finds 12 jobs; nothing was done"), "{stderr}");
    let cancel = ["cancel", "--query", all, "--yes", "--reason", "enough"];
    let (code, cancelled) = job(&world, &cancel).await;
    assert_eq!((code, &cancelled["requested"], &cancelled["matched"]), (0, &json!(12), &json!(12)));
    for n in 0..JOBS {
        until_state(&world, &format!("j{n}"), "cancelled").await;
    }
    let (_, described) = job(&world, &["describe", "j0"]).await;
    assert_eq!((&described["cancelReason"], &described["error"]["type"]), (&json!("enough"), &json!("Cancelled")));
    assert_eq!(world.gantry(&["job", "result", "j0"]).await.0, 1);
    let (code, ended) = job(&world, &["cancel", "j0", "done"]).await;
    assert_eq!((code, &ended["ended"], &ended["requested"]), (0, &json!(2), &json!(0)));

    until_listed(&world, "ExecutionStatus = 'Canceled'", u64::try_from(JOBS).unwrap()).await;
    let (code, _, stderr) = world.gantry(&["job", "retry", "--query", all]).await;
    assert!(code == 1 && stderr.contains("finds 12 jobs; nothing was done"), "{stderr}");
    // A bracket that is closed too early does not get completed jobs in.
    let sly = "ActivityId = 'j0') OR (ActivityId = 'done'";
    let retried =
        json!({ "matched": 1, "retried": 1, "running": 0, "completed": 0, "replaced": 0, "gone": 0, "failed": 0 });
    assert_eq!(job(&world, &["retry", "--query", sly]).await, (0, retried));
    let retry = ["retry", "--query", all, "--yes"];
    let (code, retried) = job(&world, &retry).await;
    assert_eq!(
        (code, &retried["matched"], &retried["retried"], &retried["replaced"]),
        (0, &json!(12), &json!(11), &json!(1))
    );
    fs::write(&go, "").unwrap();
    for n in 0..JOBS {
        until_state(&world, &format!("j{n}"), "completed").await;
    }
    // Once more, by query and by name: each of them has completed since.
    let (code, again) = job(&world, &retry).await;
    assert_eq!((code, &again["matched"], &again["retried"]), (0, &json!(12), &json!(0)));
    let (code, again) = job(&world, &["retry", "j0", "done", "none"]).await;
    assert_eq!((code, &again["completed"], &again["gone"], &again["retried"]), (1, &json!(2), &json!(1), &json!(0)));
    let (repos, records) = recorded(&world);
    assert_eq!((repos.len(), records), (JOBS + 1, 2 * JOBS + 1), "each ran once, and once more when it was retried");

    // The same input and options.
    let (_, described) = job(&world, &["describe", "j1", "--input"]).await;
    assert_eq!(described["input"], json!({ "repoId": "j1", "path": steps }));
    assert_eq!((&described["maxAttempts"], &described["timeoutsS"]["heartbeat"]), (&json!(10), &json!(30.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_job_is_retried_with_its_options_and_two_at_once_are_one() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    let input = json!({ "repoId": "r", "path": "/fail?type=NotFound" }).to_string();
    let submit = [
        &["submit", "prepareWorkspace", "--id", "f", "--input", &input, "--priority", "1", "--summary", "again"][..],
        &["--fairness-key", "k", "--fairness-weight", "3", "--timeout", "1h", "--wait"],
    ]
    .concat();
    assert_eq!(job(&world, &submit).await.0, 4);
    let (_, before) = job(&world, &["describe", "f", "--input"]).await;
    let ((first, _), (second, _)) = tokio::join!(job(&world, &["retry", "f"]), job(&world, &["retry", "f"]));
    assert_eq!((first, second), (0, 0));
    wait_for("the end of the second run", async || {
        let (_, now) = job(&world, &["describe", "f", "--input"]).await;
        (now["runId"] != before["runId"] && now["state"] == "failed").then_some(now)
    })
    .await;
    let (_, after) = job(&world, &["describe", "f", "--input"]).await;
    for name in ["input", "priority", "fairnessKey", "fairnessWeight", "summary", "timeoutsS", "maxAttempts", "queue"] {
        assert!(!before[name].is_null() && before[name] == after[name], "{name}: {before} {after}");
    }
    until_listed(&world, "ActivityId = 'f'", 2).await;
    until_listed(&world, "GantrySystem = 'heavy-compute'", 2).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delayed_job_says_so_and_can_be_called_off() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    let input = r#"{"repoId": "later", "path": "/record"}"#;
    let args = ["submit", "prepareWorkspace", "--id", "later", "--input", input, "--delay", "1h30m"];
    assert_eq!(job(&world, &args).await.0, 0);
    let (_, described) = job(&world, &["describe", "later"]).await;
    assert_eq!((&described["state"], &described["status"]), (&json!("delayed"), &json!("running")));
    assert!(described["startsAt"].as_str() > described["submittedAt"].as_str(), "{described}");
    assert_eq!(job(&world, &["cancel", "later"]).await.0, 0);
    until_state(&world, "later", "cancelled").await;
    assert_eq!(recorded(&world).1, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_between_two_attempts_tells_of_the_last_and_the_next() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    let go = world.path("go");
    submit(&world, "patient", &format!("/fail-until?file={}", go.display())).await;
    let described = wait_for("the pause behind the first attempts", async || {
        let (_, described) = job(&world, &["describe", "patient"]).await;
        (described["state"] == "backingOff").then_some(described)
    })
    .await;
    assert_eq!(
        (&described["status"], &described["lastFailure"]["type"]),
        (&json!("running"), &json!("StoreUnavailable"))
    );
    assert!(described["nextAttemptAt"].as_str() > described["startedAt"].as_str(), "{described}");
    assert!(described.get("error").is_none() && described.get("endedAt").is_none(), "{described}");
    let (code, running) = job(&world, &["retry", "patient"]).await;
    assert_eq!((code, &running["running"], &running["retried"]), (0, &json!(1), &json!(0)));
    fs::write(&go, "").unwrap();
    until_state(&world, "patient", "completed").await;
    let (_, described) = job(&world, &["describe", "patient"]).await;
    assert!(described["attempt"].as_u64() >= Some(2), "{described}");
}

#[tokio::test(flavor = "multi_thread")]
async fn waiting_outlives_the_server_and_ends_without_the_job() {
    let mut world = World::new().await;
    let _worker = world.stand_in_worker(&[]);
    let go = world.path("go");
    submit(&world, "long", &format!("/wait?until={}", go.display())).await;
    let (code, _, stderr) = world.gantry(&["job", "wait", "long", "--timeout", "1ms"]).await;
    assert!(code == 3 && stderr.contains("the jobs go on"), "{stderr}");

    let waiting = |log: &str| {
        let mut command = world.command(&binary("gantry"));
        command.args(["job", "wait", "long"]);
        Process::start(command, &world.path(log))
    };
    let mut interrupted = waiting("interrupted.log");
    wait_for("it to follow", async || interrupted.printed().contains("long: ").then_some(())).await;
    interrupted.signal(Signal::INT);
    assert_eq!(interrupted.ended().await.code(), Some(1));
    assert!(interrupted.printed().contains("gantry job cancel long"), "{}", interrupted.printed());

    let mut waiting = waiting("waiting.log");
    wait_for("it to follow", async || waiting.printed().contains("long: runs").then_some(())).await;
    world.kill_server();
    wait_for("a word", async || waiting.printed().contains("Temporal does not answer").then_some(())).await;
    world.start_server().await;
    wait_for("a word", async || waiting.printed().contains("Temporal answers again").then_some(())).await;
    fs::write(&go, "").unwrap();
    assert!(waiting.ended().await.success(), "{}", waiting.printed());
    assert!(waiting.printed().ends_with("long completed\n"), "{}", waiting.printed());
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_jobs_are_read_with_the_keys_and_retried_without_them() {
    let world = World::new().await;
    let keys = world.path("keys");
    let (code, made, stderr) = world.gantry(&["codec", "keygen"]).await;
    assert_eq!(code, 0, "{stderr}");
    fs::write(&keys, made).unwrap();
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o600)).unwrap();
    let reference = format!("file:{}", keys.display());
    let _worker = world.stand_in_worker(&[("GANTRY_CODEC_KEYS", &reference)]);
    let with_keys = |args: &[&str]| {
        let mut command = world.command(&binary("gantry"));
        command.arg("job").args(args).arg("--json").env("GANTRY_CODEC_KEYS", &reference);
        let output = command.output().unwrap();
        let (text, errors) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert!(!text.is_empty(), "{errors}");
        (output.status.code().unwrap(), json(&text))
    };
    let input = json!({ "repoId": "r", "path": "/fail?type=NotFound" }).to_string();
    // Longer than what is left of the summary's room when it is encrypted.
    let summary = "s".repeat(1000);
    let submit = ["submit", "prepareWorkspace", "--id", "f", "--input", &input, "--summary", &summary, "--wait"];
    let (code, failed) = with_keys(&submit);
    assert_eq!((code, &failed["error"]["what"]), (4, &json!("told to fail")), "{failed}");

    let (_, seen) = with_keys(&["describe", "f", "--input"]);
    assert_eq!(seen["input"]["repoId"], "r");
    assert!(seen["summary"].as_str().unwrap().starts_with("sssss"), "{seen}");
    let (code, blind) = job(&world, &["describe", "f", "--input"]).await;
    assert_eq!((code, &blind["state"], &blind["error"]["type"]), (0, &json!("failed"), &json!("NotFound")));
    let text = blind.to_string();
    assert!(!text.contains("sssss") && !text.contains("told to fail") && !text.contains("/fail"), "{text}");
    assert!(blind["input"].as_str().unwrap().contains("cannot be decoded here"), "{blind}");

    let (code, retried) = job(&world, &["retry", "f"]).await;
    assert_eq!((code, &retried["retried"]), (0, &json!(1)), "{retried}");
    let (code, again) = with_keys(&["wait", "f"]);
    assert_eq!((code, &again["jobs"][0]["error"]), (4, &failed["error"]));
    assert_ne!(again["jobs"][0]["runId"], failed["runId"]);

    let echo = json!({ "repoId": "r", "path": "/echo" }).to_string();
    let (code, _) = with_keys(&["submit", "prepareWorkspace", "--id", "ok", "--input", &echo, "--wait"]);
    assert_eq!(code, 0);
    let (code, _, stderr) = world.gantry(&["job", "result", "ok"]).await;
    assert!(code != 0 && stderr.contains("GANTRY_CODEC_KEYS"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_does_what_the_activity_does_in_a_workflow() {
    let world = World::new().await;
    let (_heavy, _workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    let sample = Repository::sample(&world.path("sample"));
    let client = world.client().await;
    Run::start(&client, "same", json!({ "path": sample.folder })).await.result().await.unwrap();
    let run = client.get_workflow_handle::<IndexRepo>(index_repo_id("default", "same"));
    let events = run.fetch_history(WorkflowFetchHistoryOptions::default()).into_events().await.unwrap();
    let first = events.iter().find_map(|event| match &event.attributes {
        Some(Attributes::ActivityTaskCompletedEventAttributes(completed)) => completed.result.clone(),
        _ => None,
    });
    let mut in_workflow: Value = serde_json::from_slice(&first.unwrap().payloads[0].data).unwrap();

    let input = json!({ "path": sample.folder, "repoId": "same" }).to_string();
    let (code, answer) = job(&world, &["submit", "prepareWorkspace", "--input", &input, "--wait"]).await;
    assert_eq!(code, 0, "{answer}");
    let mut as_job = answer["result"].clone();
    for output in [&mut in_workflow, &mut as_job] {
        assert_eq!(output["fileCount"], 6);
        // Time and memory are each run's own.
        for name in ["phases", "peakRssBytes"] {
            assert!(output.as_object_mut().unwrap().remove(name).is_some(), "{name}");
        }
    }
    assert_eq!(in_workflow, as_job);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_jobs_is_submitted_once() {
    let world = World::new().await;
    let _worker = world.stand_in_worker(&[("GANTRY_SLOTS", "8")]);
    let file = world.path("jobs.ndjson");
    let name = file.to_str().unwrap();
    let full = json!({
        "activity": "prepareWorkspace", "input": { "repoId": "full", "path": "/record" }, "id": "full", "priority": 5,
        "fairnessKey": "k", "fairnessWeight": 2.5, "delay": "0s", "timeout": "1h", "summary": "s", "taskQueue": "heavy-compute",
    });
    // A mark at the beginning, both ends of lines, a blank line, one that is there twice, and no end of the last one.
    let text = format!("\u{feff}{}\r\n\n{}\n{}\n{full}", line("a"), line("b"), line("a"));
    fs::write(&file, &text).unwrap();
    let (code, summary) = job(&world, &["submit-many", name]).await;
    let counts = |summary: &Value| {
        ["lines", "submitted", "alreadySubmitted", "duplicateLines", "invalid", "failed"]
            .map(|name| summary[name].as_u64().unwrap())
    };
    assert_eq!((code, counts(&summary)), (0, [4, 3, 0, 1, 0, 0]), "{summary}");
    assert!(summary["durationMs"].is_u64() && summary["perSecond"].is_f64(), "{summary}");
    let (_, described) = job(&world, &["describe", "full"]).await;
    assert_eq!(
        (&described["priority"], &described["fairnessKey"], &described["fairnessWeight"]),
        (&json!(5), &json!("k"), &json!(2.5))
    );
    wait_for("all to run", async || (recorded(&world).1 == 3).then_some(())).await;

    let (code, summary) = job(&world, &["submit-many", name]).await;
    assert_eq!((code, counts(&summary), &summary["resumedAfterLine"]), (0, [0; 6], &json!(4)));
    let (code, summary) = job(&world, &["submit-many", name, "--restart"]).await;
    assert_eq!((code, counts(&summary)), (0, [4, 0, 4, 0, 0, 0]));

    // The file grows.
    fs::write(&file, format!("{text}\n{}\n", line("c"))).unwrap();
    let (code, summary) = job(&world, &["submit-many", name]).await;
    assert_eq!((code, counts(&summary)), (0, [1, 1, 0, 0, 0, 0]));
    // What was done changes.
    fs::write(&file, text.replace("\"b\"", "\"x\"")).unwrap();
    let (code, _, stderr) = world.gantry(&["job", "submit-many", name]).await;
    assert!(code == 1 && stderr.contains("have changed since") && stderr.contains("--restart"), "{stderr}");
    write_lines(&file, [line("x")]);
    assert_eq!(job(&world, &["submit-many", name]).await.0, 1, "it is shorter now");
    assert_eq!(counts(&job(&world, &["submit-many", name, "--restart"]).await.1), [1, 1, 0, 0, 0, 0]);
    // The same lines become something else.
    let (code, _, stderr) = world.gantry(&["job", "submit-many", name, "--activity", "prepareWorkspace"]).await;
    assert!(code == 1 && stderr.contains("another --activity"), "{stderr}");

    // How far it is has to be written down.
    let (code, _, stderr) = world.gantry(&["job", "submit-many", name, "--progress", "/proc/none"]).await;
    assert!(code == 4 && stderr.contains("--progress PATH"), "{stderr}");

    // Bare inputs from stdin: the same ids as those of whole lines.
    let bare = ["submit-many", "-", "--activity", "prepareWorkspace"];
    let inputs = "{\"path\": \"/record\", \"repoId\": \"a\"}\n{\"repoId\": \"d\", \"path\": \"/record\"}";
    let (code, summary) = job_with_stdin(&world, &bare, inputs);
    assert_eq!((code, counts(&summary)), (0, [2, 1, 1, 0, 0, 0]));
    // Stdin too can be gone on with, when its beginning is the same.
    let progress = world.path("stdin.progress");
    let kept = [&bare[..], &["--progress", progress.to_str().unwrap()]].concat();
    assert_eq!(counts(&job_with_stdin(&world, &kept, inputs).1), [2, 0, 2, 0, 0, 0]);
    let longer = format!("{inputs}\n{{\"repoId\": \"e\", \"path\": \"/record\"}}");
    let (code, summary) = job_with_stdin(&world, &kept, &longer);
    assert_eq!((code, counts(&summary), &summary["resumedAfterLine"]), (0, [1, 1, 0, 0, 0, 0], &json!(1)));

    let all: BTreeSet<String> = ["a", "b", "c", "d", "e", "full", "x"].map(str::to_owned).into();
    wait_for("all to run", async || (recorded(&world).0 == all).then_some(())).await;
    assert_eq!(recorded(&world).1, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_line_stops_the_file_or_is_put_aside() {
    let world = World::new().await;
    let file = world.path("jobs.ndjson");
    let name = file.to_str().unwrap();
    let bad = json!({ "activity": "prepareWorkspace", "input": { "repo": 1 }, "prority": 1 });
    let not_utf8 = b"{\"activity\": \"\xff\"}\n";
    write_lines(&file, [line("a"), line("b"), bad.clone(), line("c"), line("d")]);
    let (code, stdout, stderr) = world.gantry(&["job", "submit-many", name]).await;
    assert_eq!(code, 1, "{stdout}");
    assert!(stdout.starts_with("2 jobs submitted of 3 lines"), "{stdout}");
    insta::assert_snapshot!("job_bad_line", stderr.replace(name, "FILE"));
    until_listed(&world, "ActivityType = 'prepareWorkspace'", 2).await;

    // Corrected, it goes on behind what was submitted.
    write_lines(&file, [line("a"), line("b"), line("x"), line("c"), line("d")]);
    let (code, summary) = job(&world, &["submit-many", name]).await;
    assert_eq!((code, &summary["submitted"], &summary["resumedAfterLine"]), (0, &json!(3), &json!(2)), "{summary}");

    let mut bytes = format!("{}\n{bad}\n", line("e")).into_bytes();
    bytes.extend(not_utf8);
    bytes.extend(vec![b' '; 8 * 1024 * 1024 + 1]);
    bytes.extend(format!("\n{}\n", line("f")).into_bytes());
    let other = world.path("other.ndjson");
    fs::write(&other, &bytes).unwrap();
    let name = other.to_str().unwrap();
    for _ in 0..2 {
        let (code, summary) = job(&world, &["submit-many", name, "--skip-invalid", "--restart"]).await;
        assert_eq!((code, &summary["invalid"], &summary["lines"]), (0, &json!(3), &json!(5)), "{summary}");
        let rejects = fs::read_to_string(summary["rejects"].as_str().unwrap()).unwrap();
        let rejects: Vec<Value> = rejects.lines().map(json).collect();
        let lines: Vec<&Value> = rejects.iter().map(|reject| &reject["line"]).collect();
        assert_eq!(lines, [&json!(2), &json!(3), &json!(4)]);
        assert_eq!(json(rejects[0]["text"].as_str().unwrap()), bad);
        assert_eq!(rejects[0]["mistakes"][0]["field"], "prority");
        assert!(rejects[2]["mistakes"][0]["what"].as_str().unwrap().contains("longer than"), "{}", rejects[2]);
    }
    until_listed(&world, "ActivityType = 'prepareWorkspace'", 7).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_jobs_that_is_interrupted_in_every_way_becomes_each_job_once() {
    const LINES: usize = 240;
    let mut world = World::new().await;
    let _worker = world.stand_in_worker(&[("GANTRY_SLOTS", "16")]);
    let file = world.path("jobs.ndjson");
    let with_id = |n: usize| {
        let mut line = line(&format!("r{n}"));
        line["id"] = format!("j{n}").into();
        line
    };
    write_lines(&file, (0..LINES).map(with_id));
    let start = |world: &World, log: &str| {
        let mut command = world.command(&binary("gantry"));
        command.args(["job", "submit-many", "--concurrency", "4", "--patience", "500ms"]).arg(&file);
        Process::start(command, &world.path(log))
    };
    let until_submitted = async |world: &World, n: usize| {
        let id = format!("j{n}");
        wait_for("a line to be submitted", async || (!state(world, &id).await.is_empty()).then_some(())).await;
    };

    let killed = start(&world, "killed.log");
    until_submitted(&world, 10).await;
    killed.kill();

    let mut interrupted = start(&world, "interrupted.log");
    until_submitted(&world, 60).await;
    interrupted.signal(Signal::INT);
    assert_eq!(interrupted.ended().await.code(), Some(1), "{}", interrupted.printed());
    assert!(interrupted.printed().contains("run the same again"), "{}", interrupted.printed());

    let mut without_server = start(&world, "without-server.log");
    until_submitted(&world, 120).await;
    world.kill_server();
    assert_eq!(without_server.ended().await.code(), Some(3), "{}", without_server.printed());
    assert!(without_server.printed().contains("run the same again"), "{}", without_server.printed());
    world.start_server().await;

    let (code, summary) = job(&world, &["submit-many", file.to_str().unwrap()]).await;
    assert_eq!((code, &summary["failed"]), (0, &json!(0)), "{summary}");
    assert!(summary["resumedAfterLine"].as_u64() > Some(0) && summary["submitted"].as_u64() > Some(0), "{summary}");
    wait_for("all jobs", async || (recorded(&world).0.len() == LINES).then_some(())).await;
    assert_eq!(recorded(&world).1, LINES, "a job ran twice");
}
