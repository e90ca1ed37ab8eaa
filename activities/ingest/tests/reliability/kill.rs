//! SIGKILL under load: what was acknowledged over HTTP is there, once.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use ingest::store::{Settings, Store};

use crate::process::{Process, SERVES, post};

/// One sender: it posts batches of its own numbers and repeats what was not answered.
struct Sender {
    name: usize,
    acknowledged: usize,
}

impl Sender {
    fn events(&self) -> usize {
        [1, 7, 20][self.name % 3]
    }

    async fn send(mut self, address: std::net::SocketAddr, all: Arc<AtomicUsize>) -> Self {
        loop {
            let numbers = self.acknowledged..self.acknowledged + self.events();
            let event = |number: usize| {
                format!(
                    r#"{{"session_id":"s{}","agent_type":"a","event_type":"error","event_id":"{}-{number}"}}"#,
                    self.name, self.name
                )
            };
            let events: Vec<String> = numbers.map(event).collect();
            let (path, body) = match events.as_slice() {
                [event] => ("/api/events", event.clone()),
                events => ("/api/events/batch", format!(r#"{{"events":[{}]}}"#, events.join(","))),
            };
            match post(address, path, &body).await {
                Some((200 | 201, ..)) => {
                    self.acknowledged += self.events();
                    all.fetch_add(self.events(), Ordering::Relaxed);
                }
                _ => return self,
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_event_that_was_acknowledged_is_there_once_after_kills_under_load() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("events.db");
    let mut senders: Vec<Sender> = (0..6).map(|name| Sender { name, acknowledged: 0 }).collect();
    for round in 0..6 {
        let mut process = Process::spawn(SERVES, &database, |_| {}).unwrap();
        let address = process.address();
        let all = Arc::new(AtomicUsize::new(0));
        let sending: Vec<_> =
            senders.drain(..).map(|sender| tokio::spawn(sender.send(address, Arc::clone(&all)))).collect();
        while all.load(Ordering::Relaxed) < 200 + round * 61 {
            assert!(!sending.iter().all(tokio::task::JoinHandle::is_finished), "nobody is answered");
            tokio::task::yield_now().await;
        }
        process.kill();
        for sender in sending {
            senders.push(sender.await.unwrap());
        }
    }
    let store = Store::open(&database, Settings::default()).unwrap();
    let connection = rusqlite::Connection::open(&database).unwrap();
    let mut statement = connection.prepare("SELECT event_id FROM events").unwrap();
    let mut found: HashMap<String, usize> = HashMap::new();
    for id in statement.query_map([], |row| row.get(0)).unwrap() {
        *found.entry(id.unwrap()).or_default() += 1;
    }
    for sender in &senders {
        for number in 0..sender.acknowledged {
            assert_eq!(found.get(&format!("{}-{number}", sender.name)), Some(&1), "{number} of {}", sender.name);
        }
    }
    assert!(found.values().all(|count| *count == 1));
    assert_eq!(store.stats(&Default::default()).unwrap().total_events, found.len() as u64);
    let whole: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(whole, "ok");
}
