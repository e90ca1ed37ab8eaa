//! An ArangoDB to test against: a stand-in in a process of its own, or the server that `GANTRY_TEST_ARANGO_URL` names (its
//! credential in `GANTRY_TEST_ARANGO_AUTH`).

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::{
    path::Path,
    process::Command,
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arango_double::Double;
use graph_store::{ArangoOptions, GraphUrl, OpenOptions};

/// This test program again, as the stand-in.
fn command() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["support::stand_in", "--exact", "--ignored", "--nocapture"]);
    command
}

/// No test: the process that the tests talk to.
#[test]
#[ignore = "started by other tests"]
fn stand_in() {
    let Ok(arguments) = std::env::var("ARANGO_DOUBLE") else { return };
    let settings = arango_double::Settings::from_arguments(arguments.lines().map(str::to_owned)).unwrap();
    arango_double::serve(settings).unwrap();
}

/// A stand-in of one's own, with its data in a folder.
pub(crate) fn double(folder: &Path, arguments: &[&str]) -> Double {
    Double::start(&folder.join("arango.log"), arguments, command).unwrap()
}

/// Waits that suit a test.
pub(crate) fn quick() -> ArangoOptions {
    ArangoOptions {
        patience: Duration::from_secs(20),
        first_wait: Duration::from_millis(2),
        ..ArangoOptions::default()
    }
}

/// A server for all tests of this program.
pub(crate) struct Server {
    pub(crate) endpoint: String,
    pub(crate) credential: Option<String>,
    _double: Option<(Double, tempfile::TempDir)>,
}

pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| match std::env::var("GANTRY_TEST_ARANGO_URL") {
        Ok(url) => Server {
            // The database in it is not used: each test has one of its own.
            endpoint: url.rsplit_once('/').map_or(url.clone(), |(endpoint, _)| endpoint.to_owned()),
            credential: std::env::var("GANTRY_TEST_ARANGO_AUTH").ok(),
            _double: None,
        },
        Err(_) => {
            let folder = tempfile::tempdir().unwrap();
            let double = double(folder.path(), &["--auth", "root:s3cret"]);
            Server {
                endpoint: format!("arangodb+http://{}", double.address),
                credential: Some("root:s3cret".to_owned()),
                _double: Some((double, folder)),
            }
        }
    })
}

/// A database that nobody else uses.
pub(crate) fn new_database(endpoint: &str) -> GraphUrl {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{endpoint}/gantry_test_{}_{number}", std::process::id()).parse().unwrap()
}

pub(crate) fn options(credential: Option<&str>) -> OpenOptions {
    let credential = credential.map(|text| text.parse().unwrap());
    OpenOptions { arango: ArangoOptions { credential, ..quick() }, ..OpenOptions::default() }
}

/// A request that the store itself never makes.
pub(crate) fn ask(server: &Server, method: reqwest::Method, path: &str) -> serde_json::Value {
    static CLIENT: OnceLock<(tokio::runtime::Runtime, reqwest::Client)> = OnceLock::new();
    let (runtime, client) = CLIENT.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        (runtime, reqwest::Client::builder().no_proxy().build().unwrap())
    });
    let endpoint = server.endpoint.trim_start_matches("arangodb+");
    let mut request = client.request(method, format!("{endpoint}{path}"));
    if let Some((user, password)) = server.credential.as_deref().and_then(|c| c.split_once(':')) {
        request = request.basic_auth(user, Some(password));
    }
    let bytes = runtime.block_on(async { request.send().await.unwrap().bytes().await.unwrap() });
    serde_json::from_slice(&bytes).unwrap()
}

fn name(url: &GraphUrl) -> String {
    url.to_string().rsplit('/').next().unwrap().to_owned()
}

/// The checksums of all collections: they differ after each write.
pub(crate) fn state(url: &GraphUrl) -> Vec<u8> {
    let (server, database) = (server(), name(url));
    let all = ask(server, reqwest::Method::GET, &format!("/_db/{database}/_api/collection"));
    let mut sums = Vec::new();
    for collection in all["result"].as_array().unwrap().iter().filter(|c| c["isSystem"] != true) {
        let name = collection["name"].as_str().unwrap();
        let path = format!("/_db/{database}/_api/collection/{name}/checksum?withRevisions=true");
        let sum = ask(server, reqwest::Method::GET, &path);
        sums.push(format!("{name} {}\n", sum["checksum"]));
    }
    sums.sort();
    sums.concat().into_bytes()
}

pub(crate) fn drop_database(url: &GraphUrl) {
    ask(server(), reqwest::Method::DELETE, &format!("/_db/_system/_api/database/{}", name(url)));
}

/// A request by hand; its status.
pub(crate) fn raw(address: std::net::SocketAddr, method: &str, path: &str, user: &str) -> u16 {
    use std::io::{Read as _, Write as _};

    use base64::Engine as _;
    let user = base64::engine::general_purpose::STANDARD.encode(user);
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    let head =
        format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: basic {user}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default()
}
