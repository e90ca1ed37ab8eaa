//! Very many sessions of an event each: what the service keeps in memory does not grow with them. The soak does it with a
//! million.
#![allow(clippy::unwrap_used, reason = "what goes wrong here is a failed test")]

mod http_stand;

use http_stand::Stand;

const SESSIONS: usize = 50_000;
/// Kilobytes by which the process may grow between the first fifth and the last: pages of the database that are kept, not
/// sessions.
const GROWTH: u64 = 24 * 1024;

fn kilobytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_sessions_take_no_more_memory_than_a_few() {
    let stand = Stand::start().await;
    let mut early = 0;
    for from in (0..SESSIONS).step_by(500) {
        let event = |number| http_stand::event(&format!("session-{number}"));
        let events: Vec<String> = (from..from + 500).map(event).collect();
        let (status, body) = stand.post("/api/events/batch", &format!("{{\"events\":[{}]}}", events.join(","))).await;
        assert_eq!(status, 201, "{body}");
        if from < SESSIONS / 5 {
            early = kilobytes();
        }
    }
    let grown = kilobytes().saturating_sub(early);
    assert!(grown < GROWTH, "{grown} KB more for {SESSIONS} sessions");
    let (_, stats) = stand.get("/api/stats").await;
    assert!(stats.contains(&format!("\"total_events\":{SESSIONS},")), "{stats}");
    let (_, sessions) = stand.get("/api/sessions?limit=1").await;
    assert!(sessions.contains("session-"), "{sessions}");
    stand.stop().await;
}
