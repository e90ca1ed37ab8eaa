//! Sessions through Temporal: a generated home, real workers, the reference receiver.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use e2e::{Process, World, binary, free_port, wait_for};
use sample_sessions::{Plan, Shape, write_home};
use serde_json::Value;
use session_receiver::Store;

/// Session, file, offset, ordinal; events of a document share one where their moments differ.
type Events = BTreeMap<(String, String, u64, u32), u64>;

/// A world with a home to ship and a place for the receiver.
struct Shipping {
    world: World,
    home: PathBuf,
    port: u16,
    expected: Events,
}

impl Shipping {
    async fn new(bytes: u64) -> Self {
        let mut world = World::new().await;
        let home = world.path("home").parent().unwrap().canonicalize().unwrap().join("home");
        let mut expected = Events::new();
        write_home(&home, &Plan { seed: 11, shape: Shape::Bytes(bytes) }, &mut |event| {
            let key = (event.session_id.clone(), event.source_path.clone(), event.source_offset, event.item_index);
            *expected.entry(key).or_default() += 1;
            Ok(())
        })
        .unwrap();
        let port = free_port();
        fs::write(world.path("token"), "t0ken\n").unwrap();
        let token = format!("file:{}", world.path("token").display());
        world.set("GANTRY_SHIPPING_HOME", home.to_str().unwrap());
        world.set("GANTRY_SHIPPING_URL", &format!("http://127.0.0.1:{port}"));
        world.set("GANTRY_SHIPPING_TOKEN", &token);
        let database = world.path("shipper.db").display().to_string();
        world.set("GANTRY_SHIPPING_DATABASE", &database);
        Self { world, home, port, expected }
    }

    fn worker(&self, settings: &[(&str, &str)]) -> Process {
        let mut command = self.world.command(&binary("gantry-shipping"));
        command.envs(settings.iter().copied());
        Process::start(command, &self.world.path("shipping.log"))
    }

    async fn receiver(&self) -> Process {
        let mut command = self.world.command(&binary("gantry-session-receiver"));
        command.args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        command
            .arg("--database")
            .arg(self.database())
            .arg("--token")
            .arg(format!("file:{}", self.world.path("token").display()));
        let receiver = Process::start(command, &self.world.path("receiver.log"));
        let url = format!("http://127.0.0.1:{}/api/health", self.port);
        wait_for("the receiver", async || reqwest::get(&url).await.ok().filter(|a| a.status().is_success())).await;
        receiver
    }

    fn database(&self) -> PathBuf {
        self.world.path("received.db")
    }

    /// What the receiver has. It must have ended.
    fn received(&self) -> Events {
        let store = Store::open(&self.database()).unwrap();
        let mut events = Events::new();
        for session in store.sessions("", 10_000).unwrap() {
            for event in store.events(&session.id, 0, 1_000_000).unwrap().unwrap() {
                let offset = u64::try_from(event.source_offset).unwrap();
                let index = u32::try_from(event.item_index.unwrap()).unwrap();
                *events.entry((session.id.clone(), event.source_path, offset, index)).or_default() += 1;
            }
        }
        events
    }

    /// How many events the receiver has committed, while it runs.
    fn count(&self) -> u64 {
        let open = rusqlite::Connection::open_with_flags(self.database(), rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY);
        open.and_then(|db| db.query_row("SELECT count(*) FROM event", [], |row| row.get(0))).unwrap_or(0)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_of_a_home_arrives_once_and_a_second_run_sends_nothing() {
    let shipping = Shipping::new(2_000_000).await;
    let receiver = shipping.receiver().await;
    let (code, stdout, stderr) = shipping.world.gantry(&["ship", "--dry-run", "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    let dry: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(dry["events"], shipping.expected.values().sum::<u64>(), "{dry}");
    assert!(!shipping.world.path("shipper.db").exists() && shipping.count() == 0, "nothing is sent or remembered");
    let (_worker, _workflows) = (shipping.worker(&[]), shipping.world.workflow_worker());
    let (code, stdout, stderr) = shipping.world.gantry(&["ship", "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    let first: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(first["hostId"], "test-host");
    assert_eq!(first["acknowledged"], first["batches"]);
    assert_eq!((&first["pending"], &first["remainingBytes"]), (&0.into(), &0.into()));

    let (code, stdout, stderr) = shipping.world.gantry(&["ship"]).await;
    assert!(code == 0 && stdout.contains("session files"), "{stdout}{stderr}");
    let (code, status, stderr) =
        shipping.world.gantry(&["job", "submit", "shippingStatus", "--input", "{}", "--wait", "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["result"]["bytesBehind"], 0, "{status}");
    receiver.terminate().await;
    assert_eq!(shipping.received(), shipping.expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_killed_on_the_way_loses_and_repeats_nothing() {
    let shipping = Shipping::new(8_000_000).await;
    let receiver = shipping.receiver().await;
    let _workflows = shipping.world.workflow_worker();
    // Slow enough to be in the middle for a while.
    let worker = shipping.worker(&[("GANTRY_SHIPPING_MAX_MBPS", "0.4")]);
    let (code, _, stderr) = shipping.world.gantry(&["ship", "--detach"]).await;
    assert_eq!(code, 0, "{stderr}");
    wait_for("the first events", async || (shipping.count() > 0).then_some(())).await;
    worker.kill();
    let all: u64 = shipping.expected.values().sum();
    assert!(shipping.count() < all, "the worker was done before it was killed");
    let _other = shipping.worker(&[]);
    let (code, _, stderr) = shipping.world.gantry(&["ship"]).await;
    assert_eq!(code, 0, "{stderr}");
    receiver.terminate().await;
    assert_eq!(shipping.received(), shipping.expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_is_waited_for() {
    let shipping = Shipping::new(500_000).await;
    let (_worker, _workflows) = (shipping.worker(&[]), shipping.world.workflow_worker());
    let (code, _, stderr) = shipping.world.gantry(&["ship", "--detach"]).await;
    assert_eq!(code, 0, "{stderr}");
    let noted = || shipping.world.path("shipping.log");
    wait_for("the worker to meet no server", async || {
        fs::read_to_string(noted()).unwrap_or_default().contains("NetworkUnavailable").then_some(())
    })
    .await;
    let receiver = shipping.receiver().await;
    let (code, _, stderr) = shipping.world.gantry(&["ship"]).await;
    assert_eq!(code, 0, "{stderr}");
    // The joined run may have ended with ranges that were not due yet.
    wait_for("the spool to be empty", async || {
        let (code, _, _) = shipping.world.gantry(&["ship"]).await;
        (code == 0 && shipping.count() == shipping.expected.values().sum::<u64>()).then_some(())
    })
    .await;
    receiver.terminate().await;
    assert_eq!(shipping.received(), shipping.expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_fails_the_run_and_is_told() {
    let shipping = Shipping::new(300_000).await;
    let _receiver = shipping.receiver().await;
    fs::write(shipping.world.path("other"), "another").unwrap();
    let other = format!("file:{}", shipping.world.path("other").display());
    let (_worker, _workflows) =
        (shipping.worker(&[("GANTRY_SHIPPING_TOKEN", &other)]), shipping.world.workflow_worker());
    let (code, _, stderr) = shipping.world.gantry(&["ship"]).await;
    assert!(code == 3 && stderr.contains("AuthRejected"), "{code}: {stderr}");
    assert!(!stderr.contains("another"), "the token is not shown: {stderr}");
    assert_eq!(shipping.count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_a_file_wakes_the_watch_of_its_host() {
    let shipping = Shipping::new(300_000).await;
    let receiver = shipping.receiver().await;
    let (_worker, _workflows) = (shipping.worker(&[("GANTRY_SHIPPING_WATCH", "1")]), shipping.world.workflow_worker());
    let all: u64 = shipping.expected.values().sum();
    wait_for("what was there", async || (shipping.count() == all).then_some(())).await;
    append(&shipping.home.join(".claude/projects/new/0f8fad5b-d9cb-469f-a165-70867728950e.jsonl"));
    wait_for("what is new", async || (shipping.count() == all + 1).then_some(())).await;
    let (code, stdout, stderr) = shipping.world.gantry(&["ship", "--watch", "--json"]).await;
    assert!(code == 0 && stdout.contains("watch/test-host"), "{stdout}{stderr}");
    receiver.terminate().await;
}

fn append(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
    let line =
        r#"{"type":"user","uuid":"u1","timestamp":"2026-02-15T10:00:00Z","message":{"role":"user","content":"hello"}}"#;
    writeln!(file, "{line}").unwrap();
}
