//! Ten thousand connections that say nothing.
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod http_stand;

use http_stand::{Stand, event};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

const CONNECTIONS: u64 = 10_000;
/// Ends of the service, files of the store, and what a test has open anyway.
const MORE: u64 = 1_024 + 300;
/// Kilobytes by which the process may grow: a thousand connections that are served, and ten thousand sockets here.
const GROWTH: u64 = 48 * 1024;

fn kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_idle_connections_are_bounded_and_nobody_waits_for_them() {
    let limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|most| most < CONNECTIONS + MORE) {
        println!("skipped: the system allows {:?} open files, and both ends are here", limit.maximum);
        return;
    }
    if limit.current.is_some_and(|current| current < CONNECTIONS + MORE) {
        setrlimit(Resource::Nofile, Rlimit { current: Some(CONNECTIONS + MORE), maximum: limit.maximum }).unwrap();
    }
    let stand = Stand::start().await;
    assert_eq!(stand.post("/api/events", &event("s")).await.0, 201);
    let before = kilobytes();
    let mut idle = Vec::new();
    for number in 1..=CONNECTIONS {
        idle.push(tokio::net::TcpStream::connect(stand.address).await.unwrap());
        if number % 1_000 == 0 {
            assert_eq!(stand.post("/api/events", &event("s")).await.0, 201);
        }
    }
    assert!(stand.figure("connections").await <= 1_025);
    assert!(stand.figure("connections_evicted_total").await >= CONNECTIONS - 1_024);
    let grown = kilobytes().saturating_sub(before);
    assert!(grown < GROWTH, "{grown} KB for {CONNECTIONS} idle connections");
    drop(idle);
    assert!(stand.get("/api/stats").await.1.contains("\"total_events\":11,"));
    stand.stop().await;
}
