//! `GET /api/stats`: the same as the rows themselves say, however the counters came about.

use ingest::{
    event::{EventType, NewEvent},
    store::{Quota, StatsFilter, Store},
    timestamp,
};

use crate::support::{Look, Place, put, simple};

fn usage(session: &str, agent: &str, source: &str, minute: u32, tokens_in: u64) -> NewEvent {
    NewEvent {
        agent_type: agent.to_owned(),
        source: source.to_owned(),
        client_timestamp: Some(format!("2026-02-18T10:{minute:02}:00.000Z")),
        tokens_in,
        tokens_out: 2 * tokens_in,
        cost_usd: Some(0.5),
        model: Some("m".to_owned()),
        ..simple(session, EventType::LlmResponse)
    }
}

fn all(store: &Store) -> ingest::store::Stats {
    store.stats(&StatsFilter::default()).unwrap()
}

/// The rule of the contract, row by row.
fn by_sql(look: &Look) -> (i64, i64, f64) {
    let usage = |alias: &str| {
        let columns = ["cost_usd", "tokens_in", "tokens_out", "cache_read_tokens", "cache_write_tokens"];
        columns.map(|column| format!("COALESCE({alias}.{column}, 0) > 0")).join(" OR ")
    };
    let sql = format!(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN twice THEN 0 ELSE tokens_in END), 0),
           TOTAL(CASE WHEN twice THEN 0 ELSE cost_usd END)
         FROM (SELECT *, e.agent_type = 'codex' AND e.source = 'otel' AND ({}) AND EXISTS (
           SELECT 1 FROM events i WHERE i.session_id = e.session_id AND i.agent_type = 'codex' AND i.source = 'import' AND ({})
             AND datetime(COALESCE(i.client_timestamp, i.created_at)) >= datetime(COALESCE(e.client_timestamp, e.created_at))
         ) AS twice FROM events e)",
        usage("e"),
        usage("i")
    );
    look.0.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
}

fn check(store: &Store, place: &Place) {
    let (events, tokens, cost) = by_sql(&place.look());
    let stats = all(store);
    assert_eq!((stats.total_events, stats.total_tokens_in), (events as u64, tokens as u64));
    assert_eq!(stats.total_tokens_out, 2 * stats.total_tokens_in);
    assert!((stats.total_cost_usd - cost).abs() < 1e-9, "{} {cost}", stats.total_cost_usd);
}

#[test]
fn an_empty_store_has_every_field() {
    let place = Place::new();
    let stats = serde_json::to_string(&all(&place.open())).unwrap();
    let quota = |provider: &str, agent: &str| {
        format!(
            r#"{{"provider":"{provider}","agent_type":"{agent}","status":"unavailable","source":null,"updated_at":null,"account_label":null,"plan_type":null,"limit_id":null,"limit_name":null,"error_message":null,"primary":null,"secondary":null,"credits":null}}"#
        )
    };
    let quotas = format!("[{},{}]", quota("claude", "claude_code"), quota("codex", "codex"));
    assert_eq!(
        stats,
        format!(
            r#"{{"total_events":0,"active_sessions":0,"total_sessions":0,"live_sessions":0,"active_agents":0,"total_tokens_in":0,"total_tokens_out":0,"total_cost_usd":0,"tool_breakdown":{{}},"agent_breakdown":{{}},"model_breakdown":{{}},"branches":[],"quota_monitor":{quotas},"usage_monitor":{quotas}}}"#
        )
    );
}

#[test]
fn breakdowns_descend_and_filters_hold_for_events_only() {
    let place = Place::new();
    let store = place.open();
    let tool = |agent: &str, tool: &str| NewEvent {
        agent_type: agent.to_owned(),
        tool_name: Some(tool.to_owned()),
        branch: Some(format!("{agent}'s")),
        ..simple(agent, EventType::ToolUse)
    };
    store
        .write(vec![tool("a", "Read"), tool("a", "Bash"), tool("a", "Bash"), tool("b", "Edit")])
        .unwrap()
        .wait()
        .unwrap();
    put(&store, NewEvent { agent_type: "b".to_owned(), ..simple("b", EventType::SessionEnd) });
    let stats = all(&store);
    let pairs =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect::<Vec<_>>();
    assert_eq!(stats.tool_breakdown, pairs(&[("Bash", 2), ("Edit", 1), ("Read", 1)]));
    assert_eq!(stats.agent_breakdown, pairs(&[("a", 3), ("b", 2)]));
    assert_eq!((stats.active_sessions, stats.live_sessions, stats.total_sessions, stats.active_agents), (1, 1, 2, 1));
    let of_b = store.stats(&StatsFilter { agent_type: Some("b".to_owned()), since: Some(String::new()) }).unwrap();
    assert_eq!((of_b.total_events, of_b.tool_breakdown), (2, pairs(&[("Edit", 1)])));
    assert_eq!((of_b.total_sessions, of_b.branches.len()), (2, 2));
}

#[test]
fn since_is_read_as_sqlite_reads_it() {
    let place = Place::new();
    let store = place.open();
    put(&store, simple("s", EventType::Response));
    let now = timestamp::now_seconds();
    let since =
        |text: &str| store.stats(&StatsFilter { agent_type: None, since: Some(text.to_owned()) }).unwrap().total_events;
    assert_eq!(since(&timestamp::to_sqlite(now - 120)), 1);
    assert_eq!(since(&timestamp::to_sqlite(now + 120)), 0);
    assert_eq!(since("2020-01-01T00:00:00+02:00"), 1);
    assert_eq!(since("2020-01-01"), 1);
    assert_eq!(since("no time"), 0);
    assert_eq!(since("now"), u64::from(place.look().number("SELECT created_at >= datetime('now') FROM events") > 0));
}

#[test]
fn since_is_the_same_as_counting_rows_at_every_second() {
    let place = Place::new();
    drop(place.open());
    let look = place.look();
    // Over days, hours and seconds, some on their borders, in no order.
    let seconds: Vec<i64> = (0..400).map(|at| 1_771_286_400 + (at * 7919 % 400) * 1800 - at % 3).collect();
    for (at, second) in seconds.iter().enumerate() {
        let values = rusqlite::params![format!("a{}", at % 3), timestamp::to_sqlite(*second), at as i64];
        let sql = "INSERT INTO events (session_id, agent_type, event_type, created_at, tokens_in) VALUES ('s', ?1, 'response', ?2, ?3)";
        look.0.execute(sql, values).unwrap();
    }
    let store = place.open();
    for at in (0..400).step_by(13) {
        let since = timestamp::to_sqlite(seconds[at] + [0, 1, -1, 1799][at % 4]);
        let filter = StatsFilter { agent_type: Some("a1".to_owned()), since: Some(since.clone()) };
        let sql = format!(
            "SELECT COUNT(*) * 1000000 + COALESCE(SUM(tokens_in), 0) FROM events WHERE agent_type = 'a1' AND created_at >= '{since}'"
        );
        let stats = store.stats(&filter).unwrap();
        assert_eq!((stats.total_events * 1_000_000 + stats.total_tokens_in) as i64, look.number(&sql), "{since}");
    }
}

#[test]
fn usage_that_came_live_and_by_import_is_summed_once() {
    let place = Place::new();
    let store = place.open();
    let steps: [&[NewEvent]; 6] = [
        &[
            usage("s", "codex", "otel", 10, 100),
            usage("s", "codex", "otel", 20, 10),
            usage("t", "codex", "otel", 10, 1),
        ],
        &[usage("s", "codex", "import", 15, 1000), usage("s", "claude_code", "otel", 5, 7)],
        &[usage("s", "codex", "otel", 15, 10_000), usage("s", "codex", "otel", 16, 100_000)],
        &[NewEvent { tokens_in: 0, tokens_out: 0, cost_usd: None, ..usage("t", "codex", "import", 59, 0) }],
        &[usage("s", "codex", "import", 12, 1_000_000), usage("s", "codex", "import", 16, 10_000_000)],
        &[usage("s", "codex", "otel", 40, 5), usage("s", "codex", "otel", 2, 6), usage("t", "codex", "import", 10, 8)],
    ];
    for events in steps {
        store.write(events.to_vec()).unwrap().wait().unwrap();
        check(&store, &place);
    }
    assert!(!store.verify_counters().unwrap(), "the counters were right");
    drop(store);
    check(&place.open(), &place);
}

#[test]
fn rows_of_another_program_are_counted_when_the_file_is_opened() {
    let place = Place::new();
    let store = place.open();
    put(&store, usage("s", "codex", "otel", 10, 100));
    drop(store);
    place
        .look()
        .0
        .execute_batch(
            "INSERT INTO events (session_id, agent_type, event_type, source, tokens_in, tokens_out, client_timestamp, cost_usd)
             VALUES ('s', 'codex', 'brand_new_type', 'import', 3, 6, '2026-02-18T11:00:00.000Z', 0.25),
                    ('s', 'x', 'response', NULL, NULL, NULL, NULL, NULL)",
        )
        .unwrap();
    let store = place.open();
    check(&store, &place);
    let page = store.events_after(1, 10).unwrap();
    assert_eq!((page[0].event_type(), page[1].event.source.as_str()), ("brand_new_type", ""));
    assert!(page[0].json().windows(27).any(|part| part == br#""event_type":"brand_new_typ"#));
    // Until they are counted the rows themselves are asked; then the counters.
    while place.look().number("SELECT value FROM gantry_meta WHERE key = 'counted'") < 3 {
        std::thread::yield_now();
    }
    check(&store, &place);
}

#[test]
fn counters_that_lie_are_found_and_built_anew() {
    let place = Place::new();
    let store = place.open();
    for number in 0..20 {
        put(&store, usage("s", "a", "api", number, 1));
    }
    assert!(!store.verify_counters().unwrap());
    place.look().0.execute_batch("DELETE FROM events WHERE id > 15").unwrap();
    assert!(store.verify_counters().unwrap());
    store.probe().unwrap();
    check(&store, &place);
    put(&store, usage("s", "a", "api", 1, 1));
    check(&store, &place);
}

#[test]
fn sums_do_not_overflow() {
    let place = Place::new();
    let store = place.open();
    let huge =
        NewEvent { tokens_in: 9_007_199_254_740_991, cost_usd: Some(f64::MAX), ..simple("s", EventType::LlmResponse) };
    store.write(vec![huge.clone(); 2000]).unwrap().wait().unwrap();
    drop(store);
    let store = place.open();
    store.write(vec![huge; 2]).unwrap().wait().unwrap();
    let stats = all(&store);
    assert_eq!((stats.total_events, stats.total_cost_usd), (2002, f64::MAX));
    assert!(stats.total_tokens_in >= 1 << 59);
    assert!(!serde_json::to_string(&stats).unwrap().contains("null,\"tool"));
}

#[test]
fn quotas_are_ours_else_those_of_the_existing_system() {
    let place = Place::new();
    drop(place.open());
    let columns = "provider TEXT PRIMARY KEY, agent_type TEXT, status TEXT, source TEXT, updated_at TEXT, account_label TEXT,
        plan_type TEXT, limit_id TEXT, limit_name TEXT, error_message TEXT, primary_used_percent REAL, primary_window_minutes INTEGER,
        primary_resets_at TEXT, secondary_used_percent REAL, secondary_window_minutes INTEGER, secondary_resets_at TEXT,
        credits_has_credits INTEGER, credits_unlimited INTEGER, credits_balance TEXT";
    place
        .look()
        .0
        .execute_batch(&format!(
            "CREATE TABLE provider_quotas ({columns}); INSERT INTO provider_quotas (provider, agent_type, status,
             primary_used_percent, primary_window_minutes) VALUES ('codex', 'codex', 'available', 30.5, 300)"
        ))
        .unwrap();
    let store = place.open();
    let codex = all(&store).quota_monitor[1].clone();
    let window = codex.primary.clone().unwrap();
    assert_eq!(
        (codex.status.as_str(), window.remaining_percent, window.window_minutes),
        ("available", 69.5, Some(300))
    );
    store.set_quota(Quota { status: "error".to_owned(), ..codex }).unwrap();
    assert_eq!(all(&store).usage_monitor[1].status, "error");
    assert_eq!(all(&store).quota_monitor[0].provider, "claude");
}
