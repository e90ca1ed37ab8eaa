//! `exportEvents`, and back.

use std::fs;

use contracts::{errors::ErrorType, ingest::ExportEventsInput, shared::FileRef};
use ingest::{
    event::{EventType, NewEvent},
    steps,
    store::StatsFilter,
};
use kit::{Job, WorkError};

use crate::place::{Place, failure};

fn fill(place: &Place) {
    let mut events: Vec<NewEvent> = (0..1300_u64)
        .map(|at| {
            let mut event = NewEvent::new(format!("s{}", at % 9), "codex", EventType::ToolUse);
            event.event_id = (at % 3 == 0).then(|| format!("own-{at}"));
            event.tool_name = (at % 2 == 0).then(|| "shell".to_owned());
            event.project = (at % 5 == 0).then(|| "orchard".to_owned());
            event.model = Some("gpt-5".to_owned());
            event.tokens_in = at * 10;
            event.client_timestamp = Some("2026-03-04T05:06:07.089Z".to_owned());
            event
        })
        .collect();
    events.push(NewEvent::new("s1", "codex", EventType::SessionEnd));
    place.store().write(events).unwrap().wait().unwrap();
}

#[test]
fn an_export_that_is_imported_into_an_empty_store_is_the_same_database() {
    let from = Place::new();
    fill(&from);
    let export =
        |input: ExportEventsInput| steps::export_events(&Job::<()>::detached(), &from.settings, &input).unwrap();
    let all = export(ExportEventsInput::default());
    assert_eq!(all.rows, 1301);
    assert_eq!(export(ExportEventsInput::default()).blob, all.blob, "the same rows are the same bytes");

    let to = Place::new();
    let content = from.settings.files.blobs.get(&all.blob).unwrap();
    let there = to.settings.files.blobs.put(&content).unwrap();
    let done = to.import(FileRef::Blob(there.clone()));
    assert_eq!((done.stored, done.rejected, done.lines), (1301, 0, 1301));
    for sql in
        ["SELECT * FROM events ORDER BY id", "SELECT * FROM sessions ORDER BY id", "SELECT * FROM agents ORDER BY id"]
    {
        assert_eq!(to.rows(sql), from.rows(sql), "{sql}");
    }
    let stats = |place: &Place| {
        let mut stats = place.store().stats(&StatsFilter::default()).unwrap();
        // The last digits of a sum are those of the order of its parts.
        stats.total_cost_usd = (stats.total_cost_usd * 1e9).round();
        serde_json::to_value(stats).unwrap()
    };
    assert_eq!(stats(&to), stats(&from));
    let again = to.import(FileRef::Blob(there));
    assert_eq!((again.stored, again.duplicates), (0, 1301));
}

#[test]
fn an_export_goes_where_it_is_told_within_what_the_worker_may_touch() {
    let place = Place::new();
    fill(&place);
    let export = |dest: &str, until: Option<&str>| {
        let input = ExportEventsInput {
            dest: Some(dest.to_owned()),
            until: until.map(str::to_owned),
            ..ExportEventsInput::default()
        };
        steps::export_events(&Job::<()>::detached(), &place.settings, &input)
    };
    let folder = place.folder.path().join("out");
    fs::create_dir(&folder).unwrap();
    let named = folder.join("events.jsonl.zst");
    let done = export(&named.display().to_string(), None).unwrap();
    assert_eq!(done.blob.uri, format!("file://{}", named.display()));
    let text = zstd::decode_all(fs::read(&named).unwrap().as_slice()).unwrap();
    assert_eq!(text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).count(), 1301);
    let own = export(&format!("file://{}", folder.display()), None).unwrap();
    assert_eq!(own.blob.sha256, done.blob.sha256);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing else is left: {names:?}");
    assert_eq!(export(&named.display().to_string(), Some("2020-01-01")).unwrap().rows, 0);
    assert_eq!(failure(export("/etc/events", None)).error_type, ErrorType::PathEscape);
    for wrong in ["s3://key:secret@bucket", "ftp://host/x", ""] {
        match export(wrong, Some("soon")) {
            Err(WorkError::Failed(failure)) => {
                assert_eq!(failure.error_type, ErrorType::InvalidInput, "{wrong}");
                assert!(!failure.to_string().contains("key:secret"), "{failure}");
            }
            other => panic!("{other:?}"),
        }
    }
    let job = Job::<()>::detached();
    job.interrupt();
    let stopped = steps::export_events(&job, &place.settings, &ExportEventsInput::default());
    assert_eq!(stopped.unwrap_err(), WorkError::Interrupted);
}

#[test]
fn a_span_of_time_begins_at_its_first_moment_and_ends_before_its_last() {
    let place = Place::new();
    fill(&place);
    let connection = rusqlite::Connection::open(place.folder.path().join("ingest.db")).unwrap();
    let first: String = connection.query_row("SELECT MIN(created_at) FROM events", [], |row| row.get(0)).unwrap();
    let rows = |since: Option<&str>, until: Option<&str>| {
        let input = ExportEventsInput {
            since: since.map(str::to_owned),
            until: until.map(str::to_owned),
            ..ExportEventsInput::default()
        };
        steps::export_events(&Job::<()>::detached(), &place.settings, &input).unwrap().rows
    };
    assert_eq!(rows(Some(&first), None), 1301);
    assert_eq!(rows(None, Some(&first)), 0);
    let wrong = ExportEventsInput { since: Some("soon".into()), ..ExportEventsInput::default() };
    let failed = failure(steps::export_events(&Job::<()>::detached(), &place.settings, &wrong));
    assert_eq!((failed.error_type, failed.place.as_str()), (ErrorType::InvalidInput, "since"));
}
