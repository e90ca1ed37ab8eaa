//! Events through Temporal and over HTTP: real workers, one store that both write to.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use contracts::{shared::Heartbeat, workflows::ImportFiles};
use e2e::{Process, World, binary, wait_for};
use sample_sessions::{Plan, Shape, write_home};
use serde_json::{Value, json};
use temporalio_client::WorkflowDescribeOptions;

/// A world with a store of events.
struct Events {
    world: World,
}

impl Events {
    async fn new() -> Self {
        Self { world: World::new().await }
    }

    /// The worker, as soon as it takes events.
    async fn worker(&self, settings: &[(&str, &str)]) -> Process {
        let worker = self.starting(settings);
        self.serving().await;
        worker
    }

    fn starting(&self, settings: &[(&str, &str)]) -> Process {
        let mut command = self.world.command(&binary("gantry-ingest"));
        command.envs(settings.iter().copied());
        Process::start(command, &self.world.path("ingest.log"))
    }

    async fn serving(&self) {
        wait_for("the service of events", async || {
            reqwest::get(self.url("/ready")).await.ok().filter(|answer| answer.status().is_success())
        })
        .await;
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.world.events_port)
    }

    async fn get(&self, path: &str) -> Value {
        let text = reqwest::get(self.url(path)).await.unwrap().error_for_status().unwrap().text().await.unwrap();
        serde_json::from_str(&text).unwrap()
    }

    async fn total(&self) -> u64 {
        self.get("/api/stats").await["total_events"].as_u64().unwrap()
    }

    async fn post(&self, event: &Value) -> u16 {
        let request = reqwest::Client::new().post(self.url("/api/events")).header("content-type", "application/json");
        request.body(event.to_string()).send().await.unwrap().status().as_u16()
    }

    /// Runs `gantry`, which succeeds with one object.
    async fn gantry(&self, args: &[&str]) -> Value {
        let (code, stdout, stderr) = self.world.gantry(args).await;
        assert_eq!(code, 0, "{stdout}{stderr}");
        serde_json::from_str(&stdout).unwrap()
    }

    fn file(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.world.path(name);
        fs::write(&path, bytes).unwrap();
        path.display().to_string()
    }
}

fn event(name: &str, n: u64) -> Value {
    json!({
        "event_id": format!("{name}-{n}"),
        "session_id": format!("{name}-{}", n % 7),
        "agent_type": "codex",
        "event_type": "tool_use",
        "tool_name": "Bash",
        "tokens_in": 3,
        "client_timestamp": "2026-02-15T10:00:00Z",
        "metadata": { "n": n, "text": "é".repeat(20) },
    })
}

fn lines(name: &str, count: u64) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        writeln!(text, "{}", event(name, n)).unwrap();
        text
    })
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

fn path_of(blob: &Value) -> PathBuf {
    reqwest::Url::parse(blob["uri"].as_str().unwrap()).unwrap().to_file_path().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_imported_with_a_bad_one_among_them_and_again_without_a_new_event() {
    let events = Events::new().await;
    let (_worker, _workflows) = (events.worker(&[]).await, events.world.workflow_worker());
    let damaged = gzip(&lines("e", 3_000));
    let mixed = format!("{}no JSON\n\n{{\"session_id\": \"d\"}}\n", lines("d", 10));
    let files = [
        events.file("a.jsonl", lines("a", 400).as_bytes()),
        events.file("b.jsonl.gz", &gzip(&lines("b", 300))),
        events.file("c.jsonl.zst", &zstd::encode_all(lines("c", 200).as_bytes(), 1).unwrap()),
        events.file("d.jsonl", mixed.as_bytes()),
        events.file("e.jsonl.gz", &damaged[..damaged.len() / 2]),
    ];
    let args = |files: &[String]| {
        let fixed = ["import", "--json", "--parallel", "3"].map(str::to_owned);
        fixed.into_iter().chain(files.iter().cloned()).collect::<Vec<String>>()
    };
    let with_bad = args(&files);
    let (code, stdout, stderr) = events.world.gantry(&with_bad.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert!(code == 2 && stderr.contains("1 of 5 files") && stderr.contains("e.jsonl.gz"), "{code}: {stderr}");
    let told: Value = serde_json::from_str(&stdout).unwrap();
    let stored: Vec<u64> = told["files"].as_array().unwrap().iter().map(|f| f["stored"].as_u64().unwrap()).collect();
    assert_eq!(stored, [400, 300, 200, 10, 0], "{told}");
    assert_eq!(told["files"][4]["error"]["type"], "ParseError", "{told}");
    let rejects = fs::read_to_string(path_of(&told["files"][3]["rejects"])).unwrap();
    let rejects: Vec<Value> = rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rejects.iter().map(|r| r["line"].as_u64().unwrap()).collect::<Vec<_>>(), [11, 13]);
    assert!(rejects[1]["errors"][0].as_str().unwrap().starts_with("agent_type: "), "{rejects:?}");

    // What could be read of the damaged file is stored too, and counted by nobody but the store.
    let total = events.total().await;
    assert!((910..3_910).contains(&total), "{total}");
    let good = args(&files[..4]);
    let again = events.gantry(&good.iter().map(String::as_str).collect::<Vec<_>>()).await;
    assert_eq!((&again["stored"], &again["duplicates"], &again["rejected"]), (&0.into(), &910.into(), &2.into()));
    assert_eq!(again["files"].as_array().unwrap().len(), 4);
    assert_eq!(events.total().await, total);

    let (code, stdout, stderr) = events.world.gantry(&["import", &files[0]]).await;
    assert!(code == 0 && stdout.contains("1 file, 0.1 MB: 400 lines, 0 stored, 400 duplicates"), "{stdout}{stderr}");
    let no_events = events.file("f.txt", b"not\nan\nevent\n");
    let (code, _, stderr) = events.world.gantry(&["import", &no_events]).await;
    assert!(code == 2 && stderr.contains("no line of"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_too_long_for_one_history_has_one_answer() {
    const FILES: u64 = 310;
    let events = Events::new().await;
    let (_worker, _workflows) = (events.worker(&[]).await, events.world.workflow_worker());
    let files: Vec<String> =
        (0..FILES).map(|n| events.file(&format!("{n}.jsonl"), lines(&format!("f{n}"), 2).as_bytes())).collect();
    let fixed = ["import", "--json", "--parallel", "8"];
    let args: Vec<&str> = fixed.into_iter().chain(files.iter().map(String::as_str)).collect();
    let imported = events.gantry(&args).await;
    assert_eq!(imported["files"].as_array().unwrap().len(), files.len());
    assert_eq!((&imported["stored"], &imported["files"][309]["stored"]), (&(2 * FILES).into(), &2.into()));
    assert_eq!(events.total().await, 2 * FILES);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_told_before_anything_is_started() {
    let world = World::without_server();
    let there = world.path("there.jsonl");
    fs::write(&there, lines("a", 1)).unwrap();
    let there = there.to_str().unwrap();
    for (args, part) in [
        (vec!["import", there, "/no/such.jsonl"], "/no/such.jsonl: No such file"),
        (vec!["import", "-"], "standard input cannot be imported"),
        (vec!["import", world.path("").to_str().unwrap()], "is a folder"),
        (vec!["import", "--format", "rar", there], "invalid value 'rar'"),
        (vec!["import", "--parallel", "0", there], "--parallel"),
        (vec!["import"], "<FILE>"),
    ] {
        let (code, stdout, stderr) = world.gantry(&args).await;
        assert_eq!((code, stdout.as_str()), (1, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(part), "{args:?}: {stderr}");
    }
    let (code, _, stderr) = world.gantry(&["import", there]).await;
    assert!(code == 3 && stderr.contains("gantry dev"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_the_middle_of_a_file_stores_every_event_once() {
    // Enough to be in the middle of when the server has heard of it.
    const COUNT: u64 = 240_000;
    let events = Events::new().await;
    let (worker, _workflows) = (events.worker(&[]).await, events.world.workflow_worker());
    let file = events.file("large.jsonl", lines("l", COUNT).as_bytes());
    let id = events.gantry(&["import", &file, "--detach", "--json"]).await["workflowId"].as_str().unwrap().to_owned();
    let run = events.world.client().await.get_workflow_handle::<ImportFiles>(id);
    wait_for("a checkpoint of importEvents", async || {
        let described = run.describe(WorkflowDescribeOptions::default()).await.ok()?.into_raw();
        let beat = described.pending_activities.first()?.heartbeat_details.as_ref()?.payloads.first()?.clone();
        let beat: Heartbeat<Value> = serde_json::from_slice(&beat.data).ok()?;
        beat.checkpoint?["lines"].as_u64().filter(|lines| *lines > 0)
    })
    .await;
    let before = events.total().await;
    worker.kill();
    assert!(before < COUNT, "the worker was done before it was killed");
    let worker = events.worker(&[]).await;
    let imported = events.gantry(&["import", &file, "--json"]).await;
    assert_eq!(imported["lines"], COUNT, "{imported}");
    assert_eq!(imported["stored"].as_u64().unwrap() + imported["duplicates"].as_u64().unwrap(), COUNT);
    // An attempt that began anew would have met everything that the first one stored.
    assert!(imported["duplicates"].as_u64().unwrap() < before, "{before} were there: {imported}");
    assert_eq!(events.total().await, COUNT);
    assert!(worker.terminate().await.success());
    let open = rusqlite::Connection::open(events.world.state.join("ingest.db")).unwrap();
    let ids: u64 = open.query_row("SELECT count(DISTINCT event_id) FROM events", [], |row| row.get(0)).unwrap();
    assert_eq!(ids, COUNT);
}

#[tokio::test(flavor = "multi_thread")]
async fn http_works_while_temporal_is_away_and_the_worker_comes_back_with_it() {
    let mut world = World::without_server();
    world.set("GANTRY_LOG", "info");
    let mut events = Events { world };
    let worker = events.worker(&[]).await;
    assert_eq!(events.post(&event("early", 0)).await, 201);
    events.world.start_server().await;
    let workflows = events.world.workflow_worker();
    let file = events.file("a.jsonl", lines("a", 50).as_bytes());
    let imported = events.gantry(&["import", &file, "--json"]).await;
    assert_eq!(imported["stored"], 50, "{imported}");

    events.world.kill_server();
    for n in 1..20 {
        assert_eq!(events.post(&event("early", n)).await, 201, "HTTP needs no Temporal");
    }
    assert_eq!(events.total().await, 70);
    events.world.start_server().await;
    let file = events.file("b.jsonl", lines("b", 30).as_bytes());
    let imported = events.gantry(&["import", &file, "--json"]).await;
    assert_eq!(imported["stored"], 30, "{imported}");
    assert_eq!(events.total().await, 100);
    assert!(worker.terminate().await.success() && workflows.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn shipped_sessions_are_among_the_events() {
    let mut world = World::new().await;
    let home = world.path("home").parent().unwrap().canonicalize().unwrap().join("home");
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    write_home(&home, &Plan { seed: 12, shape: Shape::Bytes(600_000) }, &mut |event| {
        *expected.entry(event.session_id.clone()).or_default() += 1;
        Ok(())
    })
    .unwrap();
    fs::write(world.path("token"), "t0ken\n").unwrap();
    let token = format!("file:{}", world.path("token").display());
    world.set("GANTRY_SHIPPING_HOME", home.to_str().unwrap());
    world.set("GANTRY_SHIPPING_URL", &format!("http://127.0.0.1:{}", world.events_port));
    world.set("GANTRY_SHIPPING_TOKEN", &token);
    world.set("GANTRY_SHIPPING_DATABASE", &world.path("shipper.db").display().to_string());
    let events = Events { world };
    let _worker = events.worker(&[("GANTRY_INGEST_AGENTS_TOKEN", &token)]).await;
    let _shipping =
        Process::start(events.world.command(&binary("gantry-shipping")), &events.world.path("shipping.log"));
    let _workflows = events.world.workflow_worker();
    let shipped = events.gantry(&["ship", "--json"]).await;
    let all: u64 = expected.values().sum();
    assert_eq!(shipped["acknowledged"], shipped["batches"], "{shipped}");
    let rows = events.get("/api/events?source=shipper&limit=1").await;
    assert_eq!(rows["total"], all, "{shipped}");
    let listed = events.get("/api/sessions?limit=10000").await;
    let ids: Vec<&str> = listed["sessions"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap()).collect();
    assert!(expected.keys().all(|id| ids.contains(&id.as_str())) && ids.len() == expected.len(), "{ids:?}");

    let (code, _, stderr) = events.world.gantry(&["ship"]).await;
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(events.get("/api/events?source=shipper&limit=1").await["total"], all, "nothing twice");
    let refused = reqwest::Client::new().post(events.url("/api/agents/ingest")).body("{}").send().await.unwrap();
    assert_eq!(refused.status().as_u16(), 401, "only who has the token ships");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_swept_by_a_job() {
    let events = Events::new().await;
    let _worker = events.worker(&[]).await;
    assert_eq!(events.post(&event("s", 1)).await, 201);
    let status = async || events.get("/api/sessions").await["sessions"][0]["status"].clone();
    assert_eq!(status().await, "active");
    let now = events.get("/api/sessions").await["sessions"][0]["last_event_at"].as_str().unwrap().to_owned();
    let later = format!("{}T{}Z", &now[..10], "23:59:59");
    let sweep = async |now: &str| {
        let input = json!({ "now": now }).to_string();
        let job = events.gantry(&["job", "submit", "sweepSessions", "--input", &input, "--wait", "--json"]).await;
        job["result"].clone()
    };
    assert_eq!(sweep(&now.replace(' ', "T")).await, json!({ "idled": 0, "ended": 0 }));
    // So far ahead that it is not only idle; the last minutes of a day are left to the next one.
    if &now[11..16] < "23:45" {
        assert_eq!(sweep(&later).await["ended"], 1);
        assert_eq!(status().await, "ended");
    }
    let (code, _, stderr) =
        events.world.gantry(&["job", "submit", "sweepSessions", "--input", r#"{"now": "noon"}"#, "--wait"]).await;
    assert!(code == 1 && stderr.contains("InvalidInput"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_imported_elsewhere_is_the_same_store() {
    let events = Events::new().await;
    let (worker, _workflows) = (events.worker(&[]).await, events.world.workflow_worker());
    let file = events.file("a.jsonl", lines("a", 700).as_bytes());
    events.gantry(&["import", &file, "--json"]).await;
    assert_eq!(events.post(&event("h", 1)).await, 201);
    let rows = events.get("/api/events?limit=10000").await;
    let sessions = events.get("/api/sessions?limit=10000").await;
    let input = json!({ "dest": events.world.path("") }).to_string();
    let job = events.gantry(&["job", "submit", "exportEvents", "--input", &input, "--wait", "--json"]).await;
    assert_eq!(job["result"]["rows"], 701, "{job}");
    let exported = path_of(&job["result"]["blob"]);
    assert!(worker.terminate().await.success());

    let other = events.world.path("other.db");
    let worker = events.worker(&[("GANTRY_INGEST_DB_PATH", other.to_str().unwrap())]).await;
    assert_eq!(events.total().await, 0);
    let imported = events.gantry(&["import", exported.to_str().unwrap(), "--json"]).await;
    assert_eq!(imported["stored"], 701, "{imported}");
    assert_eq!(events.get("/api/events?limit=10000").await, rows);
    let ids = |listed: &Value| -> Vec<String> {
        let mut ids: Vec<String> =
            listed["sessions"].as_array().unwrap().iter().map(|s| s["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&events.get("/api/sessions?limit=10000").await), ids(&sessions));
    // The same rows are the same bytes, wherever they are.
    let job = events.gantry(&["job", "submit", "exportEvents", "--input", "{}", "--wait", "--json"]).await;
    let hash = |path: &Path| fs::read(path).unwrap();
    assert_eq!(hash(&path_of(&job["result"]["blob"])), hash(&exported));
    assert!(worker.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_worker_of_this_host_answers_another_one_gets_the_files() {
    let events = Events::new().await;
    let elsewhere = [("GANTRY_HOST_ID", "elsewhere"), ("GANTRY_ALLOWED_ROOTS", "/nowhere")];
    let (_worker, _workflows) = (events.worker(&elsewhere).await, events.world.workflow_worker());
    let file = events.file("a.jsonl", lines("a", 20).as_bytes());
    let (code, stdout, stderr) = events.world.gantry(&["import", &file, "--json"]).await;
    assert!(code == 0 && stderr.contains("blob store"), "{code}: {stderr}");
    let imported: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(imported["stored"], 20, "{imported}");
}
