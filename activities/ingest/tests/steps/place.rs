//! A store in a folder of its own, and inputs for it.

use std::{fs, io::Write, sync::Arc};

use contracts::{
    ingest::{ImportEventsInput, ImportEventsOutput, ImportFormat},
    shared::{BlobRef, FileRef},
};
use ingest::{
    event::Limits,
    http::Redaction,
    steps::{self, Settings},
    store::{EventFilter, Settings as StoreSettings, Store},
};
use kit::{AllowedRoots, BlobStore, Failure, Files, Job, WorkError, WorkResult};
use serde_json::{Value, json};

pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) settings: Settings,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(StoreSettings::default(), Redaction::none())
    }

    pub(crate) fn with(store: StoreSettings, redaction: Redaction) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&folder.path().join("ingest.db"), store).unwrap());
        let files = Files {
            roots: AllowedRoots::new([folder.path().to_owned()]),
            blobs: BlobStore::in_folder(&folder.path().join("blobs")).unwrap(),
        };
        let scratch = folder.path().join("tmp");
        Self { settings: Settings { store, files, limits: Limits::default(), redaction, scratch }, folder }
    }

    pub(crate) fn store(&self) -> &Store {
        &self.settings.store
    }

    pub(crate) fn file(&self, name: &str, bytes: &[u8]) -> FileRef {
        let path = self.folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        FileRef::Path { path: path.display().to_string() }
    }

    pub(crate) fn count(&self) -> u64 {
        self.store().events(&EventFilter::default()).unwrap().total
    }

    pub(crate) fn rows(&self, sql: &str) -> Vec<String> {
        let connection = rusqlite::Connection::open(self.folder.path().join("ingest.db")).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            (0..columns).map(|at| Ok(format!("{:?}", row.get_ref(at)?))).collect::<rusqlite::Result<Vec<_>>>()
        };
        statement.query_map([], row).unwrap().map(|row| row.unwrap().join("|")).collect()
    }

    pub(crate) fn import(&self, file: FileRef) -> ImportEventsOutput {
        steps::import_events(&Job::detached(), &self.settings, &of_file(file), None).unwrap()
    }

    pub(crate) fn blob(&self, blob: &BlobRef) -> String {
        String::from_utf8(self.settings.files.blobs.get(blob).unwrap()).unwrap()
    }
}

pub(crate) fn of_file(file: FileRef) -> ImportEventsInput {
    ImportEventsInput { file, format: ImportFormat::Auto, source: "import".into() }
}

pub(crate) fn failure<T: std::fmt::Debug>(result: WorkResult<T>) -> Failure {
    match result.unwrap_err() {
        WorkError::Failed(failure) => failure,
        WorkError::Interrupted => panic!("it was interrupted"),
    }
}

pub(crate) fn line(at: usize) -> String {
    json!({"session_id": format!("s{}", at % 7), "agent_type": "codex", "event_type": "tool_use", "tool_name": "shell",
        "tokens_in": at, "metadata": {"n": at}})
    .to_string()
}

pub(crate) fn lines(count: usize) -> String {
    (0..count).map(|at| line(at) + "\n").collect()
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(text.as_bytes()).unwrap();
    out.finish().unwrap()
}

pub(crate) fn objects(texts: &[Value]) -> Vec<serde_json::Map<String, Value>> {
    texts.iter().map(|text| text.as_object().unwrap().clone()).collect()
}
