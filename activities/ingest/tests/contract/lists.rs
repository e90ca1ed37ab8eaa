//! `GET /api/events` and `GET /api/sessions`.

use ingest::{
    event::{EventType, NewEvent},
    store::{EventFilter, SessionFilter},
};

use crate::support::{Place, event, put, simple};

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn events_newest_first_with_filters_pages_and_the_total() {
    let place = Place::new();
    let store = place.open();
    for number in 0..120 {
        let tool_name = some(if number % 2 == 0 { "Bash" } else { "Read" });
        let session = if number % 3 == 0 { "s" } else { "t" };
        put(&store, NewEvent { tool_name, model: some("m"), ..simple(session, EventType::ToolUse) });
    }
    let list = |filter: EventFilter| {
        let page = store.events(&filter).unwrap();
        (page.events.iter().map(|event| event.id).collect::<Vec<_>>(), page.total)
    };
    let (ids, total) = list(EventFilter::default());
    assert_eq!((ids, total), ((71..=120).rev().collect(), 120));
    let page = EventFilter { limit: Some(2), offset: Some(3), ..EventFilter::default() };
    assert_eq!(list(page), (vec![117, 116], 120));
    let cursor = EventFilter { before_id: Some(3), ..EventFilter::default() };
    assert_eq!(list(cursor), (vec![2, 1], 120));
    let both = EventFilter { tool_name: some("Bash"), session_id: some("s"), limit: Some(3), ..EventFilter::default() };
    assert_eq!(list(both), (vec![115, 109, 103], 20));
    let none = EventFilter { tool_name: some("Nothing"), agent_type: some(""), ..EventFilter::default() };
    assert_eq!(list(none), (vec![], 0));
    let counted = |filter: EventFilter| list(EventFilter { limit: Some(1), ..filter }).1;
    assert_eq!(counted(EventFilter { event_type: some("tool_use"), model: some("m"), ..EventFilter::default() }), 120);
    assert_eq!(counted(EventFilter { source: some("hook"), ..EventFilter::default() }), 0);
    assert_eq!(
        counted(EventFilter { since: some("2020-01-01"), until: some("2020-01-02"), ..EventFilter::default() }),
        0
    );
    assert_eq!(
        counted(EventFilter { since: some("2020-01-01"), until: some("2999-01-02"), ..EventFilter::default() }),
        120
    );
    assert_eq!(counted(EventFilter { since: some("2020-01-01"), branch: some("b"), ..EventFilter::default() }), 0);
    assert_eq!(counted(EventFilter { until: some("no time"), ..EventFilter::default() }), 0);
    assert_eq!(store.events_after(118, 10).unwrap().iter().map(|event| event.id).collect::<Vec<_>>(), [119, 120]);
    assert_eq!(store.last_id().unwrap(), 120);
}

#[test]
fn sessions_active_first_with_what_their_events_add_up_to() {
    let place = Place::new();
    let store = place.open();
    put(&store, simple("over", EventType::SessionEnd));
    put(&store, NewEvent { agent_type: "claude_code".to_owned(), ..simple("away", EventType::SessionEnd) });
    for edit in ["a.rs", "b.rs", "a.rs"] {
        put(
            &store,
            event(&format!(
                r#"{{"session_id":"here","agent_type":"agent","event_type":"tool_use","tool_name":"Edit","tokens_in":2,"tokens_out":3,
                "cost_usd":0.5,"metadata":{{"file_path":"{edit}","lines_added":4,"lines_removed":1}}}}"#
            )),
        );
    }
    let page = store.sessions(&SessionFilter::default()).unwrap();
    let of = |page: &ingest::store::SessionPage| page.sessions.iter().map(|row| row.id.clone()).collect::<Vec<_>>();
    assert_eq!((of(&page), page.total), (vec!["here".to_owned(), "away".to_owned(), "over".to_owned()], 3));
    let here = &page.sessions[0];
    assert_eq!((here.event_count, here.tokens_in, here.tokens_out, here.files_edited), (3, 6, 9, 2));
    assert_eq!((here.lines_added, here.lines_removed, here.total_cost_usd), (12, 3, 1.5));
    let filtered = |filter: SessionFilter| of(&store.sessions(&filter).unwrap());
    assert_eq!(filtered(SessionFilter { exclude_status: some("ended"), ..SessionFilter::default() }), ["here", "away"]);
    assert_eq!(filtered(SessionFilter { status: some("ended"), ..SessionFilter::default() }), ["over"]);
    assert_eq!(filtered(SessionFilter { agent_type: some("claude_code"), ..SessionFilter::default() }), ["away"]);
    assert_eq!(filtered(SessionFilter { limit: Some(1), ..SessionFilter::default() }), ["here"]);
    assert_eq!(filtered(SessionFilter { limit: Some(0), ..SessionFilter::default() }).len(), 3);
    assert!(filtered(SessionFilter { since: some("2999-01-01"), ..SessionFilter::default() }).is_empty());
    let (session, events) = store.session("here", 2).unwrap().unwrap();
    assert_eq!((session.event_count, events.iter().map(|event| event.id).collect::<Vec<_>>()), (3, vec![5, 4]));
    assert!(store.session("nowhere", 2).unwrap().is_none());
}
