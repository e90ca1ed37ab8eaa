//! When sessions are active, idle and ended.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use ingest::{
    event::{EventType, NewEvent},
    lifecycle::Timeouts,
    store::{Notice, SessionFilter, Settings, StatsFilter, Store, Swept},
    timestamp,
};

use crate::support::{Place, put, simple};

fn state(place: &Place, session: &str) -> (String, bool) {
    let row =
        place.look().0.query_row("SELECT status, ended_at IS NOT NULL FROM sessions WHERE id = ?1", [session], |row| {
            Ok((row.get(0)?, row.get(1)?))
        });
    row.unwrap()
}

fn of(status: &str, ended: bool) -> (String, bool) {
    (status.to_owned(), ended)
}

fn ago(minutes: i64) -> Option<String> {
    Some(timestamp::to_iso(timestamp::now_millis() - minutes * 60_000))
}

#[test]
fn the_end_of_a_session_by_agent_and_the_way_back() {
    let place = Place::new();
    let store = place.open();
    for (agent, status, ended) in [("claude_code", "idle", false), ("codex", "ended", true)] {
        let event = |event_type| NewEvent { agent_type: agent.to_owned(), ..simple(agent, event_type) };
        put(&store, event(EventType::SessionStart));
        assert_eq!(state(&place, agent), of("active", false));
        put(&store, event(EventType::SessionEnd));
        assert_eq!(state(&place, agent), of(status, ended));
        put(&store, event(EventType::Response));
        assert_eq!(state(&place, agent), of("active", false));
        // The last of a transaction decides.
        let both = vec![event(EventType::SessionEnd), event(EventType::Response), event(EventType::SessionEnd)];
        store.write(both).unwrap().wait().unwrap();
        assert_eq!(state(&place, agent), of(status, ended));
    }
}

#[test]
fn imports_of_the_past_end_a_session_and_recent_ones_do_not() {
    let place = Place::new();
    let store = place.open();
    let import = |session: &str, event_type, client_timestamp| NewEvent {
        source: "import".to_owned(),
        client_timestamp,
        ..simple(session, event_type)
    };
    put(&store, import("no time", EventType::Response, None));
    put(&store, import("old", EventType::Response, ago(31)));
    put(&store, import("recent", EventType::Response, ago(29)));
    put(&store, import("recent end", EventType::SessionEnd, ago(1)));
    assert_eq!(state(&place, "no time"), of("ended", true));
    assert_eq!(state(&place, "old"), of("ended", true));
    assert_eq!(state(&place, "recent"), of("active", false));
    assert_eq!(state(&place, "recent end"), of("active", false));
}

#[test]
fn how_old_is_the_past() {
    let minutes = |session_minutes, auto_import_minutes| {
        Timeouts { session_minutes, auto_import_minutes }.recent().as_secs() / 60
    };
    assert_eq!([minutes(5, 10), minutes(5, 20), minutes(5, 0), minutes(10, 0), minutes(99, 1)], [30, 60, 30, 60, 30]);
}

#[test]
fn a_sweep_makes_idle_and_ends_and_tells() {
    let place = Place::new();
    let store = place.open();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let hears = Arc::clone(&heard);
    let _listening = store.subscribe(move |notice| {
        if let Notice::Swept(swept) = notice {
            hears.lock().unwrap().push(*swept);
        }
    });
    put(&store, simple("s", EventType::Response));
    let in_minutes = |minutes: u64| Some(SystemTime::now() + Duration::from_secs(minutes * 60));
    assert_eq!(store.sweep(in_minutes(4)).unwrap(), Swept::default());
    assert_eq!(store.sweep(in_minutes(6)).unwrap(), Swept { idled: 1, ended: 0 });
    assert_eq!(state(&place, "s"), of("idle", false));
    assert_eq!(store.sweep(in_minutes(6)).unwrap(), Swept::default(), "a second sweep is harmless");
    put(&store, simple("t", EventType::Response));
    assert_eq!(store.sweep(in_minutes(11)).unwrap(), Swept { idled: 1, ended: 2 }, "straight to its end");
    assert_eq!(state(&place, "t"), of("ended", true));
    assert_eq!(*heard.lock().unwrap(), [Swept { idled: 1, ended: 0 }, Swept { idled: 1, ended: 2 }]);
}

#[test]
fn whoever_asks_for_statistics_or_sessions_sweeps_first() {
    let asks: [fn(&Store); 2] = [
        |store| {
            store.stats(&StatsFilter::default()).unwrap();
        },
        |store| {
            store.sessions(&SessionFilter::default()).unwrap();
        },
    ];
    for ask in asks {
        let place = Place::new();
        drop(place.open());
        place
            .look()
            .0
            .execute_batch(
                "INSERT INTO sessions (id, agent_id, agent_type, last_event_at)
                 VALUES ('s', 'a-default', 'a', datetime('now', '-7 minutes'))",
            )
            .unwrap();
        let store = Store::open(&place.database(), Settings::default()).unwrap();
        ask(&store);
        assert_eq!(state(&place, "s"), of("idle", false));
    }
}
