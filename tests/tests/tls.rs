//! Both workers and the command line through a front that speaks TLS and asks for certificates and API keys.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use e2e::{
    Certificates, Demands, Process, Repository, SERVER_NAME, TlsProxy, World, binary, installation_root, wait_for,
};
use serde_json::Value;

const API_KEY: &str = "the-right-api-key";

type Settings = Vec<(&'static str, String)>;

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

fn authority(certificates: &Certificates) -> (&'static str, String) {
    ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", text(&certificates.authority))
}

fn server_name() -> (&'static str, String) {
    ("TEMPORAL_TLS_SERVER_NAME", SERVER_NAME.to_owned())
}

fn address(proxy: &TlsProxy) -> (&'static str, String) {
    ("TEMPORAL_ADDRESS", proxy.address())
}

fn client((certificate, key): (&PathBuf, &PathBuf)) -> [(&'static str, String); 2] {
    [("TEMPORAL_TLS_CLIENT_CERT_PATH", text(certificate)), ("TEMPORAL_TLS_CLIENT_KEY_PATH", text(key))]
}

/// Indexes a repository with all three programs, which know the server by the front alone.
async fn index_through(world: &World, proxy: &TlsProxy) {
    let (heavy, workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    let sample = Repository::sample(&world.path("sample"));
    let (code, stdout, stderr) = world.gantry(&["index", &text(&sample.folder), "--repo-id", "s", "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    let answer: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(answer["byKind"]["class"], 2);
    let (code, doctor, stderr) = world.gantry(&["doctor"]).await;
    assert_eq!(code, 0, "{doctor}{stderr}");
    let queries = proxy.forwarded();
    assert!(queries > 20, "{queries} requests came through");
    for (worker, name) in [(heavy, "heavy-compute"), (workflows, "workflows")] {
        let log = worker.printed();
        assert!(worker.terminate().await.success(), "{name}: {log}");
        assert!(!log.contains(API_KEY), "{name} shows the API key: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_certificate_and_an_api_key_from_the_environment_let_everything_in() {
    let mut world = World::new().await;
    let certificates = Certificates::new(&world.path("certificates"));
    let demands = Demands { client_certificate: true, api_key: Some(API_KEY.to_owned()) };
    let proxy = TlsProxy::start(&world.address(), &certificates, demands).await;
    let settings = [address(&proxy), authority(&certificates), server_name(), ("TEMPORAL_API_KEY", API_KEY.to_owned())];
    for (name, value) in settings.into_iter().chain(client((&certificates.client.0, &certificates.client.1))) {
        world.set(name, &value);
    }
    index_through(&world, &proxy).await;
    assert_eq!(proxy.refused(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_temporal_toml_lets_everything_in() {
    let mut world = World::new().await;
    let certificates = Certificates::new(&world.path("certificates"));
    let demands = Demands { client_certificate: true, api_key: Some(API_KEY.to_owned()) };
    let proxy = TlsProxy::start(&world.address(), &certificates, demands).await;
    let profile = format!(
        "[profile.front]\naddress = \"{}\"\nnamespace = \"default\"\napi_key = \"{API_KEY}\"\n\n\
         [profile.front.tls]\nserver_name = \"{SERVER_NAME}\"\nserver_ca_cert_path = \"{}\"\n\
         client_cert_path = \"{}\"\nclient_key_path = \"{}\"\n",
        proxy.address(),
        text(&certificates.authority),
        text(&certificates.client.0),
        text(&certificates.client.1)
    );
    fs::write(world.path("temporal.toml"), profile).unwrap();
    let file = text(&world.path("temporal.toml"));
    for (name, value) in
        [("TEMPORAL_ADDRESS", ""), ("TEMPORAL_CONFIG_FILE", file.as_str()), ("TEMPORAL_PROFILE", "front")]
    {
        world.set(name, value);
    }
    index_through(&world, &proxy).await;
    assert_eq!(proxy.refused(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_in_one_line_with_what_to_check() {
    let world = World::new().await;
    let (ours, other) = (Certificates::new(&world.path("ours")), Certificates::new(&world.path("other")));
    let key = Demands { api_key: Some(API_KEY.to_owned()), ..Demands::default() };
    let keyed = TlsProxy::start(&world.address(), &ours, key).await;
    let open = TlsProxy::start(&world.address(), &ours, Demands::default()).await;
    let wrong_key = ("TEMPORAL_API_KEY", "a-wrong-api-key".to_owned());
    // What Rust says, what TypeScript says.
    let cases: [(Settings, &str, &str); 8] = [
        (vec![address(&open), authority(&other), server_name()], "UnknownIssuer; TEMPORAL_TLS_SERVER_CA_CERT_PATH", ""),
        (vec![address(&open), authority(&ours)], "not valid for name \"127.0.0.1\"", "TEMPORAL_TLS_SERVER_NAME"),
        (
            vec![address(&keyed), authority(&ours), server_name(), wrong_key],
            "unauthorized.; check TEMPORAL_API_KEY",
            "",
        ),
        (vec![address(&keyed), authority(&ours), server_name()], "unauthorized.; set TEMPORAL_API_KEY", ""),
        (
            vec![("TEMPORAL_ADDRESS", world.address()), authority(&ours), server_name()],
            "InvalidContentType; it does not speak TLS there",
            "",
        ),
        (
            [address(&open), authority(&ours)].into_iter().chain(client((&ours.client.0, &other.client.1))).collect(),
            "TEMPORAL_TLS_CLIENT_KEY_PATH is not the key of TEMPORAL_TLS_CLIENT_CERT_PATH",
            "key values mismatch",
        ),
        (vec![address(&open), ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/no/such.pem".to_owned())], "/no/such.pem", ""),
        (
            vec![address(&open), ("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "true".to_owned())],
            "is not supported: name the authority",
            "",
        ),
    ];
    for (n, (settings, rust, typescript)) in cases.iter().enumerate() {
        let typescript = if typescript.is_empty() { rust } else { typescript };
        let with = |mut command: Command| {
            command.envs(settings.iter().map(|(name, value)| (name, value)));
            command
        };
        let mut setup = with(world.command(&binary("gantry")));
        let worker = with(world.command(&binary("gantry-heavy-compute")));
        let mut workflows = with(world.command(Path::new("node")));
        workflows.arg(installation_root().join("workflows-ts/dist/src/worker.js"));
        let output = tokio::task::spawn_blocking(move || setup.arg("setup").output().unwrap());
        let mut worker = Process::start(worker, &world.path(&format!("worker-{n}.log")));
        let mut workflows = Process::start(workflows, &world.path(&format!("workflows-{n}.log")));
        let ended = (worker.ended().await, workflows.ended().await);
        let output = output.await.unwrap();
        let (gantry, worker) = (String::from_utf8(output.stderr).unwrap(), worker.printed());
        assert_eq!((output.status.code(), ended.0.code(), ended.1.code()), (Some(3), Some(1), Some(1)), "{rust}");
        for said in [&gantry, &worker] {
            assert!(said.contains(rust) && said.lines().count() == 1, "{rust}: {said}");
        }
        let workflows = workflows.printed();
        let last = workflows.lines().last().unwrap();
        assert!(last.contains(typescript), "{typescript}: {workflows}");
        let all = format!("{gantry}{worker}{workflows}");
        assert!(!all.contains("api-key") && !all.contains("transport error"), "{all}");
    }
}

/// The server tells of the missing certificate only after the client has begun to talk, and its words may get lost then.
#[tokio::test(flavor = "multi_thread")]
async fn a_missing_client_certificate_is_asked_for_whether_the_alert_arrives_or_not() {
    let mut world = World::new().await;
    let certificates = Certificates::new(&world.path("certificates"));
    let demands = Demands { client_certificate: true, ..Demands::default() };
    let proxy = TlsProxy::start(&world.address(), &certificates, demands).await;
    for (name, value) in [address(&proxy), authority(&certificates), server_name()] {
        world.set(name, &value);
    }
    let (code, _, stderr) = world.gantry(&["setup"]).await;
    assert!(code == 3 && stderr.contains("client certificate: TEMPORAL_TLS_CLIENT_CERT_PATH"), "{stderr}");
    let (worker, workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    for process in [&worker, &workflows] {
        let said = wait_for("the word", async || {
            let printed = process.printed();
            printed.contains("TEMPORAL_TLS_CLIENT_CERT_PATH").then_some(printed)
        })
        .await;
        assert!(said.contains("client certificate"), "{said}");
    }
    assert_eq!(proxy.forwarded(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_whose_key_is_refused_meanwhile_says_so_and_goes_on_when_it_is_taken_again() {
    let mut world = World::new().await;
    let certificates = Certificates::new(&world.path("certificates"));
    let demands = Demands { api_key: Some(API_KEY.to_owned()), ..Demands::default() };
    let proxy = TlsProxy::start(&world.address(), &certificates, demands).await;
    for (name, value) in
        [address(&proxy), authority(&certificates), server_name(), ("TEMPORAL_API_KEY", API_KEY.to_owned())]
    {
        world.set(name, &value);
    }
    let worker = world.heavy_worker(&[("TEMPORAL_CODEC_ENDPOINT", "http://127.0.0.1:8234")]);
    wait_for("the worker's start", async || worker.printed().contains("worker started").then_some(())).await;
    assert!(
        worker.printed().contains("payloads are encrypted by the keys of GANTRY_CODEC_KEYS"),
        "{}",
        worker.printed()
    );
    proxy.demand_api_key("the-next-api-key");
    wait_for("the word", async || worker.printed().contains("unauthorized.; check TEMPORAL_API_KEY").then_some(()))
        .await;
    proxy.demand_api_key(API_KEY);
    wait_for("the end of it", async || worker.printed().contains("lets us in again").then_some(())).await;
    let log = worker.printed();
    assert!(!log.contains("api-key"), "{log}");
    assert!(worker.terminate().await.success(), "{log}");
}
