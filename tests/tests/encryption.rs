//! Payload encryption, with both workers and the command line: what the server stores can be read by nobody without the
//! keys, and everything works as without.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::fs;

use base64::{Engine, prelude::BASE64_STANDARD};
use contracts::{search_attributes, shared::Heartbeat};
use e2e::{FailedRun, Process, Repository, Run, World, binary, failure_of, installation_root, temporal_cli, wait_for};
use futures::future::BoxFuture;
use prost::Message;
use runtime::PayloadEncryption;
use rustix::process::Signal;
use serde_json::{Value, json};
use temporalio_client::{Client, UntypedWorkflow, WorkflowFetchHistoryOptions};
use temporalio_common::{
    data_converters::PayloadConversionError,
    payload_visitor::{AsyncPayloadVisitor, PayloadField, PayloadFieldData, PayloadVisitable},
    protos::temporal::api::{
        common::v1::{Payload, WorkflowExecution},
        history::v1::{HistoryEvent, history_event::Attributes},
        workflowservice::v1::{
            DescribeActivityExecutionRequest, DescribeActivityExecutionResponse, DescribeWorkflowExecutionRequest,
            DescribeWorkflowExecutionResponse,
        },
    },
};

/// Stands in inputs, outputs, summaries and failures, and must never be seen by the server.
const SECRET: &str = "marzipan";

/// A world whose processes have the keys of a file that holds this one.
async fn encrypted_world(id: &str) -> (World, String) {
    let mut world = World::new().await;
    fs::write(world.path("keys"), new_key(&world, id).await).unwrap();
    let reference = format!("file:{}", world.path("keys").display());
    world.set("GANTRY_CODEC_KEYS", &reference);
    (world, reference)
}

async fn new_key(world: &World, id: &str) -> String {
    let (code, line, stderr) = world.gantry(&["codec", "keygen", "--id", id]).await;
    assert_eq!(code, 0, "{stderr}");
    line
}

async fn encrypted_client(world: &World, reference: &str) -> Client {
    let encryption = PayloadEncryption::new(Some(reference)).unwrap();
    let temporal = runtime::plain_temporal(&world.address(), "default").unwrap().encrypted(&encryption);
    wait_for("the Temporal server", async || temporal.connect().await.ok()).await
}

/// The history of a run as the server has it.
async fn history(world: &World, workflow_id: &str) -> Vec<HistoryEvent> {
    let handle = world.client().await.get_workflow_handle::<UntypedWorkflow>(workflow_id);
    handle.fetch_history(WorkflowFetchHistoryOptions::default()).into_events().await.unwrap()
}

/// The description of a run as the server has it.
async fn description(world: &World, workflow_id: &str) -> DescribeWorkflowExecutionResponse {
    let client = world.client().await;
    let execution = WorkflowExecution { workflow_id: workflow_id.to_owned(), run_id: String::new() };
    let request = DescribeWorkflowExecutionRequest { namespace: "default".to_owned(), execution: Some(execution) };
    let request = temporalio_client::tonic::Request::new(request);
    client.connection().workflow_service().describe_workflow_execution(request).await.unwrap().into_inner()
}

/// What is in a message from the server in the clear, and the keys that the rest is encrypted with.
#[derive(Default)]
struct Seen {
    plain: Vec<String>,
    keys: std::collections::BTreeSet<String>,
}

impl Seen {
    async fn of<M: Message + PayloadVisitable + std::fmt::Debug>(messages: &mut [M]) -> Self {
        let mut seen = Self::default();
        for message in messages {
            let bytes = message.encode_to_vec();
            let found = bytes.windows(SECRET.len()).any(|part| part.eq_ignore_ascii_case(SECRET.as_bytes()));
            assert!(!found, "{SECRET} stands in {message:?}");
            message.visit_payloads_mut(&mut seen).await.unwrap();
        }
        seen
    }

    fn see(&mut self, path: &str, payload: &Payload) {
        let text = |name: &str| payload.metadata.get(name).map(|v| String::from_utf8_lossy(v).into_owned());
        match text("encryption-key-id") {
            Some(key) if text("encoding").as_deref() == Some("binary/encrypted") => _ = self.keys.insert(key),
            _ => self.plain.push(path.to_owned()),
        }
    }
}

impl AsyncPayloadVisitor for Seen {
    fn visit<'a>(&'a mut self, field: PayloadField<'a>) -> BoxFuture<'a, Result<(), PayloadConversionError>> {
        match field.data {
            PayloadFieldData::Single(payload) => self.see(field.path, payload),
            PayloadFieldData::Repeated(payloads) => payloads.iter().for_each(|p| self.see(field.path, p)),
            PayloadFieldData::Payloads(payloads) => payloads.payloads.iter().for_each(|p| self.see(field.path, p)),
        }
        Box::pin(async { Ok(()) })
    }
}

/// That every payload of a run, in its history and its description, is encrypted with one of these keys. Search attributes
/// are indexed by the server and stay as they are.
async fn assert_encrypted(world: &World, workflow_id: &str, keys: &[&str]) {
    let mut events = history(world, workflow_id).await;
    // The SDK writes the name of a patch itself, past the codec. Nothing else may stand there.
    events.retain(|event| match &event.attributes {
        Some(Attributes::MarkerRecordedEventAttributes(marker)) if marker.marker_name == "core_patch" => {
            let data: Vec<&Payload> = marker.details.values().flat_map(|details| &details.payloads).collect();
            let text: String = data.iter().map(|payload| String::from_utf8_lossy(&payload.data)).collect();
            assert!(data.len() == 1 && text.contains("runScip") && text.len() < 64, "{text}");
            false
        }
        _ => true,
    });
    let started = events.iter().any(|event| match &event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(_)) => {
            let summary = event.user_metadata.as_ref().and_then(|metadata| metadata.summary.as_ref());
            assert!(summary.is_some(), "the activities have summaries");
            true
        }
        _ => false,
    });
    assert!(started, "there is something to look at");
    let mut descriptions = [description(world, workflow_id).await];
    for seen in [Seen::of(&mut events).await, Seen::of(&mut descriptions).await] {
        let plain: Vec<_> = seen.plain.iter().filter(|path| !path.contains("SearchAttributes")).collect();
        assert!(plain.is_empty(), "{plain:?}");
        assert!(seen.keys.iter().all(|key| keys.contains(&key.as_str())), "{:?}", seen.keys);
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// What is in all payloads of a history in JSON.
fn payloads_of(value: &Value) -> String {
    let own = value.get("data").and_then(Value::as_str).map(|data| BASE64_STANDARD.decode(data).unwrap());
    let own = own.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let parts: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    parts.into_iter().map(payloads_of).fold(own, |all, part| all + &part)
}

/// `gantry codec serve`, and its address.
async fn codec_endpoint(world: &World, args: &[&str]) -> (Process, String) {
    let mut command = world.command(&binary("gantry"));
    command.args(["codec", "serve", "--listen", "127.0.0.1:0"]).args(args);
    let process = Process::start(command, &world.path("codec.log"));
    let url = wait_for("the codec endpoint", async || {
        let printed = process.printed();
        printed.lines().find_map(|line| Some(line.strip_prefix("codec endpoint: ")?.to_owned()))
    })
    .await;
    (process, url)
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_a_run_can_be_read_without_the_keys_and_everything_with_them() {
    let (world, _) = encrypted_world("k1").await;
    let (_heavy, _workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    let sample = Repository::sample(&world.path(SECRET));
    let path = sample.folder.to_str().unwrap();
    let (code, stdout, stderr) = world.gantry(&["index", path, "--repo-id", "r1", "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(json(&stdout)["byKind"]["class"], 2);
    assert_encrypted(&world, "index/default/r1", &["k1"]).await;
    let description = description(&world, "index/default/r1").await;
    let attributes = description.workflow_execution_info.unwrap().search_attributes.unwrap().indexed_fields;
    assert_eq!(attributes[search_attributes::REPO].data, b"\"r1\"", "the server can still find runs");

    let outside = format!("file:///{SECRET}");
    let (code, _, stderr) = world.gantry(&["index", &outside, "--repo-id", "r2"]).await;
    assert_eq!(code, 4, "{stderr}");
    assert!(stderr.contains("PathEscape") && stderr.contains("GANTRY_ALLOWED_ROOTS"), "{stderr}");
    assert!(stderr.contains(SECRET), "who has the keys is told the place: {stderr}");
    assert_encrypted(&world, "index/default/r2", &["k1"]).await;

    let (endpoint, url) = codec_endpoint(&world, &[]).await;
    let show = |codec: &[&str]| {
        let mut command = world.command(&temporal_cli());
        command.args(["workflow", "show", "--workflow-id", "index/default/r2", "--output", "json"]).args(codec);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let (raw, decoded) = (payloads_of(&json(&show(&[]))), payloads_of(&json(&show(&["--codec-endpoint", &url]))));
    assert!(raw.len() > 100 && !raw.contains(SECRET));
    assert!(decoded.contains(SECRET) && decoded.contains("GANTRY_ALLOWED_ROOTS"), "{decoded}");
    assert!(endpoint.terminate().await.success());

    let mut without = world.command(&binary("gantry"));
    without.env_remove("GANTRY_CODEC_KEYS").args(["index", path, "--repo-id", "r1"]);
    let output = without.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(3), "{said}");
    assert!(said.contains("encrypted with the key k1") && said.contains("GANTRY_CODEC_KEYS is not set here"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_and_failures_are_encrypted_and_shown_to_who_has_the_keys() {
    let (world, reference) = encrypted_world("k1").await;
    let (_worker, _workflows) = (world.stand_in_worker(&[]), world.workflow_worker());
    let client = encrypted_client(&world, &reference).await;

    let path = format!("/steps?count=3&until=/no/such/file&{SECRET}");
    let steps = Run::start(&client, "steps", json!({ "path": path })).await;
    let beat = wait_for("the heartbeat after the last step", async || {
        let mut pending = description(&world, "index/default/steps").await.pending_activities.into_iter().next()?;
        runtime::decode_message(&client, &mut pending).await.ok()?;
        let beat: Heartbeat<u64> = serde_json::from_slice(&pending.heartbeat_details?.payloads.first()?.data).ok()?;
        Some(beat).filter(|beat| beat.checkpoint == Some(3))
    })
    .await;
    assert_eq!(beat.progress.unwrap().phase, "step");
    assert_encrypted(&world, "index/default/steps", &["k1"]).await;

    let folder = world.path("joined");
    fs::create_dir(&folder).unwrap();
    let mut gantry = world.command(&binary("gantry"));
    gantry.args(["index", folder.to_str().unwrap(), "--repo-id", "steps"]);
    let following = Process::start(gantry, &world.path("following.log"));
    wait_for("the heartbeat on the terminal", async || following.printed().contains("step 3 of 3 steps").then_some(()))
        .await;
    following.signal(Signal::INT);
    steps.cancel().await;
    assert_eq!(steps.result().await, Err(FailedRun::Cancelled));

    let path = format!("/fail?type=ParseError&{SECRET}");
    let failing = Run::start(&client, "failing", json!({ "path": path })).await;
    let Err(FailedRun::Failed(Some(_), Some(details), _)) = failing.result().await else { panic!("it fails") };
    assert_eq!((details.what.as_str(), &details.r#where), ("told to fail", &path));
    assert_encrypted(&world, "index/default/failing", &["k1"]).await;
    let failures =
        history(&world, "index/default/failing").await.into_iter().filter_map(|event| match event.attributes {
            Some(Attributes::ActivityTaskFailedEventAttributes(failed)) => failed.failure,
            Some(Attributes::WorkflowExecutionFailedEventAttributes(failed)) => failed.failure,
            _ => None,
        });
    let failures: Vec<_> = failures.collect();
    assert_eq!(failures.len(), 2);
    for failure in failures {
        let causes = std::iter::successors(Some(&failure), |failure| failure.cause.as_deref());
        causes.for_each(|failure| assert_eq!(failure.message, "Encoded failure"));
        assert!(matches!(failure_of(&failure), FailedRun::Failed(Some(_), None, _)), "types stay readable");
    }
}

/// The description of a job as the server has it, with all that it can tell.
async fn job_description(world: &World, id: &str) -> DescribeActivityExecutionResponse {
    let request = DescribeActivityExecutionRequest {
        namespace: "default".to_owned(),
        activity_id: id.to_owned(),
        include_input: true,
        include_outcome: true,
        include_heartbeat_details: true,
        include_last_failure: true,
        ..Default::default()
    };
    let request = temporalio_client::tonic::Request::new(request);
    let client = world.client().await;
    client.connection().workflow_service().describe_activity_execution(request).await.unwrap().into_inner()
}

async fn assert_job_encrypted(world: &World, id: &str) {
    let mut descriptions = [job_description(world, id).await];
    let seen = Seen::of(&mut descriptions).await;
    let plain: Vec<_> = seen.plain.iter().filter(|path| !path.contains("SearchAttributes")).collect();
    assert!(plain.is_empty() && seen.keys.iter().eq(["k1"]), "{plain:?} {:?}", seen.keys);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_encrypted_and_shown_to_who_has_the_keys() {
    let (world, _) = encrypted_world("k1").await;
    let _worker = world.stand_in_worker(&[]);
    let done = world.path("done");
    let submit = async |id: &str, path: &str| {
        let input = json!({ "repoId": id, "path": path }).to_string();
        let args = ["job", "submit", "prepareWorkspace", "--id", id, "--input", &input, "--summary", SECRET];
        let (code, _, stderr) = world.gantry(&args).await;
        assert_eq!(code, 0, "{stderr}");
    };
    let described = async |id: &str| json(&world.gantry(&["job", "describe", id, "--json"]).await.1);

    submit("j1", &format!("/steps?count=2&until={}&{SECRET}", done.display())).await;
    let answer = wait_for("the heartbeat of the job", async || {
        let answer = described("j1").await;
        (answer["checkpoint"] == 2).then_some(answer)
    })
    .await;
    assert_eq!((&answer["summary"], &answer["progress"]["phase"]), (&json!(SECRET), &json!("step")), "{answer}");
    assert!(job_description(&world, "j1").await.info.unwrap().heartbeat_details.is_some());
    assert_job_encrypted(&world, "j1").await;
    fs::write(&done, "").unwrap();
    let (code, _, stderr) = world.gantry(&["job", "wait", "j1"]).await;
    assert_eq!(code, 0, "{stderr}");
    let (code, result, stderr) = world.gantry(&["job", "result", "j1"]).await;
    assert!(code == 0 && result.contains(SECRET), "{result}{stderr}");
    assert!(job_description(&world, "j1").await.outcome.is_some());
    assert_job_encrypted(&world, "j1").await;

    submit("j2", &format!("/fail?type=ParseError&{SECRET}")).await;
    let (code, _, stderr) = world.gantry(&["job", "wait", "j2"]).await;
    assert!(code == 2 && stderr.contains("told to fail") && stderr.contains(SECRET), "{code} {stderr}");
    assert_job_encrypted(&world, "j2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_replaced_and_old_histories_stay_readable() {
    let (world, reference) = encrypted_world("k1").await;
    let worker = world.stand_in_worker(&[]);
    let workflows = world.workflow_worker();
    let client = encrypted_client(&world, &reference).await;
    let fail = json!({ "path": format!("/fail?type=ParseError&{SECRET}") });
    let result = Run::start(&client, "before", fail.clone()).await.result().await;
    assert!(matches!(result, Err(FailedRun::Failed(Some(_), Some(_), _))), "{result:?}");
    assert_encrypted(&world, "index/default/before", &["k1"]).await;

    let old = fs::read_to_string(world.path("keys")).unwrap();
    fs::write(world.path("keys"), format!("{}{old}", new_key(&world, "k2").await)).unwrap();
    let (code, checked, _) = world.gantry(&["codec", "check", "--json"]).await;
    let checked = json(&checked);
    assert_eq!((code, &checked["encrypts"], &checked["decrypts"]), (0, &json!("k2"), &json!(["k2", "k1"])));
    // The TypeScript worker reads its keys at its start; the Rust worker takes the new one up as it runs.
    assert!(workflows.terminate().await.success());
    let _workflows = world.workflow_worker();
    let client = encrypted_client(&world, &reference).await;
    let result = Run::start(&client, "after", fail).await.result().await;
    assert!(matches!(result, Err(FailedRun::Failed(Some(_), Some(_), _))), "{result:?}");
    assert_encrypted(&world, "index/default/after", &["k2"]).await;

    let mut before = history(&world, "index/default/before").await;
    for event in &mut before {
        runtime::decode_message(&client, event).await.unwrap();
    }
    let bytes: Vec<u8> = before.iter().flat_map(Message::encode_to_vec).collect();
    assert!(bytes.windows(SECRET.len()).any(|part| part == SECRET.as_bytes()));
    let log = worker.printed();
    assert!(worker.terminate().await.success(), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_without_the_key_says_which_one_and_heals_when_it_comes() {
    let (world, reference) = encrypted_world("k1").await;
    let keys_of_worker = world.path("keys-of-worker");
    fs::write(&keys_of_worker, new_key(&world, "k9").await).unwrap();
    let foreign = format!("file:{}", keys_of_worker.display());
    let (worker, _workflows) = (world.stand_in_worker(&[("GANTRY_CODEC_KEYS", &foreign)]), world.workflow_worker());
    let client = encrypted_client(&world, &reference).await;
    let run = Run::start(&client, "healing", json!({ "path": "/fail?type=ParseError" })).await;
    let message =
        wait_for("an attempt that failed", async || Some(run.pending("prepareWorkspace").await?.last_failure?.message))
            .await;
    for part in ["the key k1", "GANTRY_CODEC_KEYS", foreign.as_str()] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let keys = fs::read_to_string(world.path("keys")).unwrap();
    fs::write(&keys_of_worker, &keys).unwrap();
    let result = run.result().await;
    let key = keys.split(':').nth(1).unwrap().trim();
    assert!(!worker.printed().contains(key) && !message.contains(key), "no key is shown");
    assert!(matches!(result, Err(FailedRun::Failed(Some(_), Some(_), _))), "{result:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_made_and_looked_at_and_never_shown() {
    let mut world = World::without_server();
    let (code, _, stderr) = world.gantry(&["codec", "check"]).await;
    assert!(code == 1 && stderr.contains("not encrypted") && stderr.contains("gantry codec keygen"), "{stderr}");
    let (code, stdout, stderr) = world.gantry(&["codec", "keygen", "--id", "a b"]).await;
    assert!(code == 1 && stdout.is_empty() && stderr.contains("1 to 63 letters"), "{stderr}");
    let (code, one, _) = world.gantry(&["codec", "keygen"]).await;
    let (id, key) = one.trim().split_once(':').unwrap();
    assert_eq!((code, id.len(), key.len()), (0, 8, 44));

    world.set("GANTRY_CODEC_KEYS", &one);
    for args in [&["codec", "check"][..], &["codec", "serve"], &["index", "."], &["doctor"]] {
        let (code, stdout, stderr) = world.gantry(args).await;
        assert!(code == 1 || args == ["doctor"], "{args:?}: {stderr}");
        let said = format!("{stdout}{stderr}");
        assert!(said.contains("env:NAME or file:PATH") && !said.contains(key), "{args:?}: {said}");
    }
    world.set("KEYS", &format!("# ours\n{one}"));
    world.set("GANTRY_CODEC_KEYS", "env:KEYS");
    let (code, stdout, stderr) = world.gantry(&["codec", "check"]).await;
    assert!(code == 0 && stdout.contains(id) && stdout.contains("encrypts and decrypts"), "{stdout}{stderr}");
    assert!(!format!("{stdout}{stderr}").contains(key));
    let (code, _, stderr) = world.gantry(&["codec", "serve", "--listen", "0.0.0.0:0"]).await;
    assert!(code == 1 && stderr.contains("--auth"), "{stderr}");
    let (code, _, stderr) = world.gantry(&["codec", "serve", "--auth", "t0ken"]).await;
    assert!(code == 1 && stderr.contains("env:NAME or file:PATH") && !stderr.contains("t0ken"), "{stderr}");
    let (code, _, stderr) = world.gantry(&["codec", "serve", "--allow-origin", "ui.example"]).await;
    assert!(code == 1 && stderr.contains("http://127.0.0.1:8233"), "{stderr}");

    world.set("KEYS", &format!("{one}\n{key}"));
    let mut worker = world.heavy_worker(&[]);
    let status = worker.ended().await;
    let said = worker.printed();
    assert_eq!((status.code(), said.lines().count()), (Some(1), 1), "{said}");
    assert!(said.contains("env:KEYS, line 3") && !said.contains(key), "{said}");
}

/// What is set in the shell for a cluster must not reach the stack on this machine, which has no TLS.
const OF_A_CLUSTER: [(&str, &str); 5] = [
    ("TEMPORAL_TLS", "true"),
    ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/no/such/authority.pem"),
    ("TEMPORAL_TLS_SERVER_NAME", "temporal.example"),
    ("TEMPORAL_API_KEY", "of-a-cluster"),
    ("TEMPORAL_NAMESPACE", "production"),
];

#[tokio::test(flavor = "multi_thread")]
async fn dev_encrypts_decodes_for_its_ui_and_keeps_a_clusters_settings_out() {
    let world = World::without_server();
    let sample = Repository::sample(&world.path(SECRET));
    fs::write(world.path("keys"), new_key(&world, "k1").await).unwrap();
    let local = |settings: &[(&str, &str)], args: &[&str]| {
        let mut command = world.command(&binary("gantry"));
        command.env_remove("TEMPORAL_ADDRESS").env_remove("TEMPORAL_CONFIG_FILE").envs(OF_A_CLUSTER);
        command.env("GANTRY_ROOT", installation_root()).envs(settings.iter().copied()).args(args);
        command
    };
    let keys = format!("file:{}", world.path("keys").display());
    let start = local(&[("GANTRY_CODEC_KEYS", &keys)], &["dev", "--port-base", "26100"]);
    let mut dev = Process::start(start, &world.path("dev.log"));
    wait_for("gantry dev", async || dev.printed().contains("ready; Ctrl-C").then_some(())).await;
    let state = json(&fs::read_to_string(world.state.join("dev.json")).unwrap());
    assert_eq!(state["codecKeys"], keys);
    let (endpoint, ui) = (state["codecEndpoint"].as_str().unwrap(), state["uiUrl"].as_str().unwrap());

    // Another terminal, in which nothing says how to decrypt.
    let output = local(&[], &["index", sample.folder.to_str().unwrap(), "--repo-id", "r1", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(json(std::str::from_utf8(&output.stdout).unwrap())["byKind"]["class"], 2);
    let temporal = runtime::plain_temporal(state["temporalAddress"].as_str().unwrap(), "default").unwrap();
    let handle = temporal.connect().await.unwrap().get_workflow_handle::<UntypedWorkflow>("index/default/r1");
    let mut events = handle.fetch_history(WorkflowFetchHistoryOptions::default()).into_events().await.unwrap();
    assert_eq!(Seen::of(&mut events).await.keys.into_iter().collect::<Vec<_>>(), ["k1"]);

    // What the UI does: it is told of the endpoint, and asks it for what it shows.
    let http = reqwest::Client::new();
    let settings = http.get(format!("{ui}/api/v1/settings")).send().await.unwrap().text().await.unwrap();
    assert_eq!(json(&settings)["Codec"]["Endpoint"], endpoint, "{settings}");
    let page = http.get(format!("{ui}/api/v1/namespaces/default/workflows/index%2Fdefault%2Fr1/history"));
    let page = json(&page.send().await.unwrap().text().await.unwrap());
    let input = &page["history"]["events"][0]["workflowExecutionStartedEventAttributes"]["input"];
    let decode = http.post(format!("{endpoint}/decode")).header("origin", ui).header("x-namespace", "default");
    let answer = decode.json(input).send().await.unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"].to_str().unwrap(), ui);
    let decoded = json(&answer.text().await.unwrap());
    assert_eq!(decoded["payloads"][0]["metadata"]["encoding"], "anNvbi9wbGFpbg==", "{input} {decoded}");

    dev.signal(Signal::INT);
    assert!(dev.ended().await.success(), "{}", dev.printed());
    assert!(http.post(format!("{endpoint}/decode")).send().await.is_err(), "the endpoint ends with the stack");
}
