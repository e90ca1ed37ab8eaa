//! `importEvents`.

use std::{path::Path, time::Duration};

use contracts::{errors::ErrorType, shared::FileRef};
use ingest::{http::Redaction, steps, store::Settings as StoreSettings, transfer::ImportCheckpoint};
use kit::{Job, StopReason, WorkError};
use serde_json::{Value, json};

use crate::place::{Place, failure, gzip, line, lines, of_file};

#[test]
fn a_file_is_imported_whatever_its_packing_and_again_brings_nothing() {
    let place = Place::new();
    let text = lines(1200);
    for (name, bytes) in [("a.jsonl", text.clone().into_bytes()), ("b.gz", gzip(&text))] {
        let file = place.file(name, &bytes);
        let first = place.import(file.clone());
        assert_eq!((first.lines, first.stored, first.duplicates, first.rejected), (1200, 1200, 0, 0));
        assert_eq!(first.bytes, text.len() as u64);
        let again = place.import(file);
        assert_eq!((again.stored, again.duplicates), (0, 1200));
    }
    let blob = place.settings.files.blobs.put(&zstd::encode_all(text.as_bytes(), 3).unwrap()).unwrap();
    assert_eq!(place.import(FileRef::Blob(blob)).stored, 1200);
    assert_eq!(place.count(), 3600);
    let ended = place.rows("SELECT DISTINCT status FROM sessions");
    assert_eq!(ended.len(), 1, "imports without a time are of the past: {ended:?}");
}

#[test]
fn what_cannot_be_stored_is_told_line_by_line_without_its_content() {
    let place = Place::new();
    let text = format!("{}\nsecret-of-mine\n\n{{\"session_id\":\"s\"}}\n{}", line(0), line(1));
    let done = place.import(place.file("a.jsonl", text.as_bytes()));
    assert_eq!((done.lines, done.stored, done.rejected), (4, 2, 2));
    let rejects = place.blob(&done.rejects.unwrap());
    let rejects: Vec<Value> = rejects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rejects[0], json!({"line": 2, "errors": ["body: must be a JSON object"]}));
    assert_eq!(rejects[1]["line"], 4);
    let many = "x\n".repeat(100_000);
    let done = place.import(place.file("b.jsonl", many.as_bytes()));
    assert_eq!((done.rejected, place.blob(&done.rejects.unwrap()).lines().count()), (100_000, 100));
}

#[test]
fn an_import_that_is_cancelled_or_killed_goes_on_from_its_checkpoint() {
    // More than five transactions of an import.
    let text = format!("{}broken\n{}", lines(12_000), lines(100));
    let whole = Place::new();
    let at_once = whole.import(whole.file("a.jsonl", text.as_bytes()));
    for commits in [1, 3, 5] {
        let place = Place::new();
        let input = of_file(place.file("a.jsonl", text.as_bytes()));
        let job = Job::detached();
        let mut left = commits;
        // Cancels from the writer's own thread, so that the import is in the middle for sure.
        let (sender, receiver) = std::sync::mpsc::channel();
        let _subscription = place.store().subscribe(move |_| {
            let _ = sender.send(());
        });
        let result = std::thread::scope(|scope| {
            let working = scope.spawn(|| steps::import_events(&job, &place.settings, &input, None));
            while left > 0 && !working.is_finished() {
                left -= usize::from(receiver.recv_timeout(Duration::from_millis(50)).is_ok());
            }
            job.interrupt();
            working.join().unwrap()
        });
        assert_eq!(job.stopped(), Some(StopReason::Cancelled));
        let checkpoint = job.latest().borrow().checkpoint.clone();
        if let Err(error) = result {
            assert_eq!(error, WorkError::Interrupted);
        }
        // As a heartbeat carries it; and once as an attempt that was killed has left it: behind what is stored.
        let carried: Option<ImportCheckpoint> =
            checkpoint.map(|at| serde_json::from_value(serde_json::to_value(at).unwrap()).unwrap());
        let rest = steps::import_events(&Job::detached(), &place.settings, &input, carried).unwrap();
        assert_eq!((rest.lines, rest.rejected, rest.bytes), (at_once.lines, at_once.rejected, at_once.bytes));
        assert_eq!(rest.stored + rest.duplicates, at_once.stored);
        assert!(rest.rejects.is_some(), "told by the attempt that met it");
        let rows = "SELECT event_id, session_id, tokens_in, metadata, source FROM events ORDER BY event_id";
        assert_eq!(place.rows(rows), whole.rows(rows));
        let killed = steps::import_events(&Job::detached(), &place.settings, &input, None).unwrap();
        assert_eq!((killed.stored, killed.duplicates), (0, at_once.stored));
    }
}

#[test]
fn an_import_that_finds_no_room_can_be_cancelled() {
    let narrow = StoreSettings { queue_events: 2, ..StoreSettings::default() };
    let place = Place::with(narrow, Redaction::none());
    let input = of_file(place.file("a.jsonl", lines(5000).as_bytes()));
    // Nobody takes anything while the writer is held up.
    let (hold, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Mutex::new(held);
    let subscription = place.store().subscribe(move |_| {
        let _ = held.lock().unwrap().recv();
    });
    let job = Job::detached();
    std::thread::scope(|scope| {
        let working = scope.spawn(|| steps::import_events(&job, &place.settings, &input, None));
        while place.store().gauges().queued_events == 0 {
            std::thread::yield_now();
        }
        job.interrupt();
        assert_eq!(working.join().unwrap().unwrap_err(), WorkError::Interrupted);
    });
    drop(subscription);
    drop(hold);
}

#[test]
fn files_out_of_reach_and_damaged_ones_are_named() {
    let place = Place::new();
    let error = |file| failure(steps::import_events(&Job::detached(), &place.settings, &of_file(file), None));
    let of = |path: &Path| FileRef::Path { path: path.display().to_string() };
    assert_eq!(error(of(Path::new("/etc/passwd"))).error_type, ErrorType::PathEscape);
    assert_eq!(error(of(&place.folder.path().join("none"))).error_type, ErrorType::NotFound);
    let packed = gzip(&lines(2000));
    let cut = place.file("cut.gz", packed.get(..packed.len() / 2).unwrap());
    let damaged = error(cut);
    assert_eq!(damaged.error_type, ErrorType::ParseError, "{damaged}");
    assert!(damaged.place.contains("cut.gz, byte "), "{damaged}");
}
