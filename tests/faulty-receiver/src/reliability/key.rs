//! By what an event of the manifest and one of the server are known to be the same, and whether all are there.

use std::collections::HashMap;

use anyhow::Context;
use sample_sessions::{ExpectedEvent, text_sha256};
use session_receiver::{Store, StoredEvent};

/// Everything that a manifest says of an event but its moment, which the shipper makes up where the source has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) source_path: String,
    pub(super) source_offset: u64,
    item_index: Option<u64>,
    session_id: String,
    role: String,
    tool_name: Option<String>,
    tool_call_id: Option<String>,
    text_sha256: String,
}

impl Key {
    pub(super) fn of_manifest(event: &ExpectedEvent) -> Self {
        Self {
            source_path: event.source_path.clone(),
            source_offset: event.source_offset,
            item_index: Some(u64::from(event.item_index)),
            session_id: event.session_id.clone(),
            role: event.role.name().to_owned(),
            tool_name: event.tool_name.clone(),
            tool_call_id: event.tool_call_id.clone(),
            text_sha256: event.text_sha256.clone(),
        }
    }

    fn of_server(session_id: &str, event: StoredEvent) -> Self {
        let input = event.tool_input_json.as_ref().map(|input| input.get());
        Self {
            text_sha256: text_sha256(event.content_text.as_deref(), event.tool_output_text.as_deref(), input),
            source_path: event.source_path,
            source_offset: u64::try_from(event.source_offset).unwrap_or(u64::MAX),
            item_index: event.item_index.and_then(|index| u64::try_from(index).ok()),
            session_id: session_id.to_owned(),
            role: event.role,
            tool_name: event.tool_name,
            tool_call_id: event.tool_call_id,
        }
    }
}

/// How often each event is on the server.
pub(super) fn on_the_server(store: &Store) -> anyhow::Result<HashMap<Key, u64>> {
    const PAGE: u64 = 1000;
    let (mut found, mut last_session) = (HashMap::new(), String::new());
    loop {
        let sessions = store.sessions(&last_session, PAGE)?;
        let Some(last) = sessions.last() else { return Ok(found) };
        last_session.clone_from(&last.id);
        for session in sessions {
            let mut after = 0;
            loop {
                let events = store.events(&session.id, after, PAGE)?.context("a session is gone")?;
                let Some(last) = events.last() else { break };
                after = last.number;
                for event in events {
                    *found.entry(Key::of_server(&session.id, event)).or_default() += 1;
                }
            }
        }
    }
}

/// What may be on the server besides what must be.
pub(super) trait History {
    /// Whether this event was in a file once.
    fn was_there(&self, key: &Key) -> bool;
    /// Where else this event may be: where its file was when it was shipped.
    fn other_places(&self, key: &Key) -> &[Key];
}

/// What is there, and what is wrong with it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Compared {
    /// Events that must be there.
    pub(super) events: u64,
    /// Events of earlier content that are there as well.
    pub(super) earlier: u64,
    pub(super) wrong: Vec<(String, Key)>,
}

/// Every expected event is found as often as it is expected, earlier ones at most once, and no others.
pub(super) fn compare(expected: HashMap<Key, u64>, mut found: HashMap<Key, u64>, history: &impl History) -> Compared {
    let mut compared = Compared { events: expected.values().sum(), ..Compared::default() };
    for (key, times) in expected {
        match found.remove(&key).unwrap_or(0) {
            there if there == times => {}
            0 if history.other_places(&key).iter().any(|place| found.contains_key(place)) => {}
            0 => compared.wrong.push(("missing".to_owned(), key)),
            there => compared.wrong.push((format!("{there} times instead of {times}"), key)),
        }
    }
    for (key, times) in found {
        compared.earlier += 1;
        if !history.was_there(&key) {
            compared.wrong.push(("never written".to_owned(), key));
        } else if times > 1 {
            compared.wrong.push((format!("earlier content {times} times"), key));
        }
    }
    compared.wrong.sort();
    compared
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Past {
        earlier: Vec<Key>,
        moved: Vec<Key>,
    }

    impl History for Past {
        fn was_there(&self, key: &Key) -> bool {
            self.earlier.contains(key)
        }

        fn other_places(&self, _: &Key) -> &[Key] {
            &self.moved
        }
    }

    fn key(offset: u64) -> Key {
        Key {
            source_path: "/home/a.jsonl".to_owned(),
            source_offset: offset,
            item_index: Some(0),
            session_id: "s".to_owned(),
            role: "user".to_owned(),
            tool_name: None,
            tool_call_id: None,
            text_sha256: "t".to_owned(),
        }
    }

    fn problems(expected: &[u64], found: &[(u64, u64)], past: &Past) -> Vec<String> {
        let expected = expected.iter().map(|offset| (key(*offset), 1)).collect();
        let found = found.iter().map(|(offset, times)| (key(*offset), *times)).collect();
        compare(expected, found, past)
            .wrong
            .into_iter()
            .map(|(problem, key)| format!("{} {problem}", key.source_offset))
            .collect()
    }

    #[test]
    fn what_is_lost_doubled_or_made_up_is_found() {
        let none = Past { earlier: Vec::new(), moved: Vec::new() };
        assert!(problems(&[1, 2], &[(1, 1), (2, 1)], &none).is_empty());
        assert_eq!(problems(&[1, 2], &[(1, 1)], &none), ["2 missing"]);
        assert_eq!(problems(&[1], &[(1, 2)], &none), ["1 2 times instead of 1"]);
        assert_eq!(problems(&[1], &[(1, 1), (3, 1)], &none), ["3 never written"]);
        let past = Past { earlier: vec![key(7)], moved: vec![key(7)] };
        assert!(problems(&[1], &[(1, 1), (7, 1)], &past).is_empty());
        assert_eq!(problems(&[1], &[(1, 1), (7, 2)], &past), ["7 earlier content 2 times"]);
        assert!(problems(&[1], &[(7, 1)], &past).is_empty(), "it is where its file was before");
    }
}
