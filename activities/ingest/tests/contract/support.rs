//! A store in a folder that goes away, and short ways to fill and to look into it.

use std::path::PathBuf;

use ingest::{
    event::{Content, EventType, Limits, NewEvent, parse},
    store::{Outcome, Settings, Store},
};
use rusqlite::{Connection, types::Value};
use tempfile::TempDir;

pub(crate) struct Place {
    folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.path("ingest.db")
    }

    pub(crate) fn open(&self) -> Store {
        Store::open(&self.database(), Settings::default()).unwrap()
    }

    /// Another program that looks into the file.
    pub(crate) fn look(&self) -> Look {
        Look(Connection::open(self.database()).unwrap())
    }
}

pub(crate) struct Look(pub(crate) Connection);

impl Look {
    pub(crate) fn text(&self, sql: &str) -> Option<String> {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    pub(crate) fn number(&self, sql: &str) -> i64 {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// All rows, each as one line.
    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let mut statement = self.0.prepare(sql).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            let values: Vec<String> =
                (0..columns).map(|column| format!("{:?}", row.get::<_, Value>(column).unwrap())).collect();
            Ok(values.join("|"))
        };
        statement.query_map([], row).unwrap().map(Result::unwrap).collect()
    }
}

pub(crate) fn event(json: &str) -> NewEvent {
    parse(json.as_bytes(), Content::Utf8, &Limits::default()).unwrap_or_else(|invalid| panic!("{json}: {invalid}"))
}

pub(crate) fn simple(session: &str, event_type: EventType) -> NewEvent {
    NewEvent::new(session, "agent", event_type)
}

pub(crate) fn with_id(session: &str, id: &str) -> NewEvent {
    NewEvent { event_id: Some(id.to_owned()), ..simple(session, EventType::ToolUse) }
}

/// Stores one event.
pub(crate) fn put(store: &Store, event: NewEvent) -> Outcome {
    store.write(vec![event]).unwrap().wait().unwrap()[0]
}
