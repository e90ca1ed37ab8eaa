//! `writeEvents`, `sweepSessions`.

use contracts::{
    errors::ErrorType,
    ingest::{SweepSessionsInput, WriteEventsInput},
};
use ingest::{
    event::{EventType, NewEvent},
    http::Redaction,
    steps,
    store::Settings as StoreSettings,
};
use kit::{Job, WorkError};
use serde_json::{Value, json};

use crate::place::{Place, failure, gzip, line, lines, objects};

#[test]
fn a_list_that_is_written_twice_by_one_call_is_there_once_and_by_another_again() {
    let place = Place::new();
    let good = json!({"session_id": "s", "agent_type": "codex", "event_type": "error"});
    let named = json!({"session_id": "s", "agent_type": "codex", "event_type": "error", "event_id": "own"});
    let input = WriteEventsInput {
        events: objects(&[good.clone(), json!({"session_id": 7}), named, good]),
        ..WriteEventsInput::default()
    };
    let write = |call: &str| steps::write_events(&Job::detached(), &place.settings, input.clone(), None, call).unwrap();
    let first = write("a");
    assert_eq!((first.received, first.duplicates, first.rejected.len()), (3, 0, 1));
    assert_eq!(first.rejected[0].index, 1);
    assert_eq!(first.rejected[0].errors[0], "session_id: must be a string");
    let again = write("a");
    assert_eq!((again.received, again.duplicates, place.count()), (0, 3, 3));
    let another = write("b");
    assert_eq!((another.received, another.duplicates, place.count()), (2, 1, 5));
}

#[test]
fn an_attempt_goes_on_where_the_one_before_ended_and_counts_for_both() {
    let place = Place::new();
    let events: Vec<Value> = (0..1200).map(|at| serde_json::from_str(&line(at)).unwrap()).collect();
    let input = || WriteEventsInput { events: objects(&events), ..WriteEventsInput::default() };
    let job = Job::detached();
    let seen = job.latest();
    steps::write_events(&job, &place.settings, input(), None, "a").unwrap();
    let end = seen.borrow().checkpoint.unwrap();
    assert_eq!((end.done, end.received), (1200, 1200));
    let half = steps::Written { done: 500, received: 500, duplicates: 0 };
    let rest = steps::write_events(&Job::detached(), &place.settings, input(), Some(half), "a").unwrap();
    assert_eq!((rest.received, rest.duplicates, place.count()), (500, 700, 1200));
}

#[test]
fn a_blob_of_events_is_lines_or_an_array_packed_or_not() {
    let place = Place::new();
    let array = format!(" [{}]", (0..3).map(line).collect::<Vec<_>>().join(","));
    let contents = [
        lines(3).into_bytes(),
        gzip(&lines(3)),
        zstd::encode_all(lines(3).as_bytes(), 3).unwrap(),
        array.clone().into_bytes(),
        gzip(&array),
    ];
    for (at, content) in contents.iter().enumerate() {
        let blob = Some(place.settings.files.blobs.put(content).unwrap());
        let input = WriteEventsInput { blob, ..WriteEventsInput::default() };
        let done = steps::write_events(&Job::detached(), &place.settings, input, None, &at.to_string()).unwrap();
        assert_eq!((done.received, done.rejected.len()), (3, 0), "{at}");
    }
    let damaged = gzip(&lines(300));
    for (content, expected) in
        [(&b"[{}, "[..], ErrorType::ParseError), (damaged.get(..damaged.len() / 2).unwrap(), ErrorType::ParseError)]
    {
        let blob = Some(place.settings.files.blobs.put(content).unwrap());
        let input = WriteEventsInput { blob, ..WriteEventsInput::default() };
        let failed = failure(steps::write_events(&Job::detached(), &place.settings, input, None, "x"));
        assert_eq!(failed.error_type, expected, "{failed}");
    }
    let both =
        WriteEventsInput { events: objects(&[json!({})]), blob: Some(place.settings.files.blobs.put(b"{}").unwrap()) };
    let failed = failure(steps::write_events(&Job::detached(), &place.settings, both, None, "x"));
    assert_eq!(failed.error_type, ErrorType::InvalidInput);
}

#[test]
fn a_full_queue_and_a_full_disk_are_told_apart() {
    let small = StoreSettings { max_bytes: Some(160 * 1024), ..StoreSettings::default() };
    let place = Place::with(small, Redaction::none());
    let large = json!({"session_id": "s", "agent_type": "a", "event_type": "error", "metadata": "x".repeat(9000)});
    let input = || WriteEventsInput { events: objects(&vec![large.clone(); 40]), ..WriteEventsInput::default() };
    let full = failure(steps::write_events(&Job::detached(), &place.settings, input(), None, "x"));
    assert_eq!(full.error_type, ErrorType::DiskFull, "{full}");

    let narrow = StoreSettings { queue_events: 1, ..StoreSettings::default() };
    let place = Place::with(narrow, Redaction::none());
    // The writer takes them one after the other; while one waits, the next finds no room.
    let refused = std::thread::scope(|scope| {
        let pushes: Vec<_> = (0..8)
            .map(|thread| {
                let place = &place;
                scope.spawn(move || {
                    (0..200).find_map(|n| {
                        let one = json!({"session_id": "s", "agent_type": "a", "event_type": "error"});
                        let input = WriteEventsInput { events: objects(&[one]), ..WriteEventsInput::default() };
                        let call = format!("{thread}/{n}");
                        steps::write_events(&Job::detached(), &place.settings, input, None, &call).err()
                    })
                })
            })
            .collect();
        pushes.into_iter().find_map(|push| push.join().unwrap())
    });
    let Some(WorkError::Failed(busy)) = refused else { panic!("the queue was never full") };
    assert_eq!(busy.error_type, ErrorType::RateLimited);
    assert!(busy.retry_after.is_some());
    place.store().close();
    let one = json!({"session_id": "s", "agent_type": "a", "event_type": "error"});
    let input = WriteEventsInput { events: objects(&[one]), ..WriteEventsInput::default() };
    let closed = failure(steps::write_events(&Job::detached(), &place.settings, input, None, "x"));
    assert_eq!(closed.error_type, ErrorType::StoreUnavailable);
}

#[test]
fn secrets_are_blacked_out_of_what_is_written_and_imported() {
    let place = Place::with(StoreSettings::default(), Redaction::new(true, &[], &[]).unwrap());
    let event =
        json!({"session_id": "s", "agent_type": "a", "event_type": "error", "metadata": {"password": "hunter2"}});
    place.import(place.file("a.jsonl", event.to_string().as_bytes()));
    let input = WriteEventsInput { events: objects(&[event]), ..WriteEventsInput::default() };
    steps::write_events(&Job::detached(), &place.settings, input, None, "x").unwrap();
    let rows = place.rows("SELECT metadata FROM events");
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(|row| !row.contains("hunter2")), "{rows:?}");
}

#[test]
fn sessions_are_swept_at_the_time_that_is_given() {
    let place = Place::new();
    place.store().write(vec![NewEvent::new("s", "codex", EventType::Error)]).unwrap().wait().unwrap();
    let sweep = |now: Option<&str>| {
        let input = SweepSessionsInput { now: now.map(str::to_owned) };
        steps::sweep_sessions(&Job::<()>::detached(), &place.settings, &input)
    };
    assert_eq!(sweep(None).unwrap().idled, 0);
    let later = sweep(Some("2999-01-01T00:00:00Z")).unwrap();
    assert_eq!((later.idled, later.ended), (1, 1));
    assert_eq!(failure(sweep(Some("soon"))).error_type, ErrorType::InvalidInput);
}
