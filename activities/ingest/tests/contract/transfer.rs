//! Files of events in and out.

use std::{fs, io::Write, path::Path};

use ingest::{
    event::EventType,
    store::Store,
    transfer::{
        Control, ExportOptions, Format, ImportCheckpoint, ImportOptions, Imported, TransferError, export, import,
    },
};

use crate::support::{Place, event, put, simple};

fn run(store: &Store, file: &Path, options: &ImportOptions) -> Imported {
    import(store, file, options, None, &mut |_| Control::Continue).unwrap()
}

fn lines(count: usize) -> String {
    (0..count)
        .map(|at| {
            let id = if at % 3 == 0 { format!("\"event_id\":\"own-{at}\",") } else { String::new() };
            format!("{{{id}\"session_id\":\"s{}\",\"agent_type\":\"codex\",\"event_type\":\"response\",\"tokens_in\":{at}}}\n", at % 4)
        })
        .collect()
}

fn dump(place: &Place) -> Vec<String> {
    place.look().rows("SELECT event_id, session_id, event_type, source, tokens_in, metadata, cost_usd, client_timestamp FROM events ORDER BY event_id")
}

fn packed(text: &str, format: Format) -> Vec<u8> {
    match format {
        Format::Gzip => {
            // Of two members, as `cat` makes of two files.
            let (first, second) = text.split_at(text.len() / 2);
            [first, second]
                .into_iter()
                .flat_map(|part| {
                    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                    encoder.write_all(part.as_bytes()).unwrap();
                    encoder.finish().unwrap()
                })
                .collect()
        }
        Format::Zstd => zstd::stream::encode_all(text.as_bytes(), 3).unwrap(),
        Format::Plain | Format::Auto => text.as_bytes().to_vec(),
    }
}

#[test]
fn every_packing_brings_the_same_and_again_brings_nothing() {
    for format in [Format::Plain, Format::Gzip, Format::Zstd] {
        let place = Place::new();
        let file = place.path("events");
        fs::write(&file, packed(&lines(1200), format)).unwrap();
        let store = place.open();
        let first = run(&store, &file, &ImportOptions::default());
        assert_eq!((first.end.stored, first.end.duplicates, first.end.lines, first.end.rejected), (1200, 0, 1200, 0));
        assert_eq!(first.end.offset as usize, lines(1200).len());
        let again = run(&store, &file, &ImportOptions { chunk_rows: 7, ..ImportOptions::default() });
        assert_eq!((again.end.stored, again.end.duplicates), (0, 1200));
        assert_eq!(
            place.look().number("SELECT COUNT(*) FROM sessions WHERE status = 'ended'"),
            4,
            "imports without a time are of the past"
        );
        assert_eq!(place.look().number("SELECT COUNT(*) FROM events WHERE source = 'import'"), 1200);
    }
}

#[test]
fn bad_lines_are_counted_sampled_and_left_out() {
    let place = Place::new();
    let file = place.path("events.jsonl");
    let text =
        format!("\u{feff}{}\n\r\nnot json\n{{\"session_id\":\"s\"}}\n{}{{\"cut", lines(2), "x".repeat(3000) + "\n");
    fs::write(&file, text).unwrap();
    let options = ImportOptions { max_line_bytes: 1000, reject_samples: 3, ..ImportOptions::default() };
    let imported = run(&place.open(), &file, &options);
    assert_eq!((imported.end.stored, imported.end.rejected, imported.end.lines), (2, 4, 8));
    let rejects: Vec<_> = imported.rejects.iter().map(|reject| (reject.line, reject.errors[0].as_str())).collect();
    assert_eq!(
        rejects,
        [(5, "body: must be a JSON object"), (6, "agent_type: must be a string"), (7, "line: must be shorter")]
    );
    assert_eq!((imported.rejects[0].sample.as_str(), imported.rejects[2].sample.len()), ("not json", 200));
}

#[test]
fn an_import_that_is_stopped_anywhere_goes_on_to_the_same_end() {
    let whole = Place::new();
    let text = format!("{}broken\n{}", lines(30), lines(40).replace("own-", "other-"));
    for format in [Format::Plain, Format::Gzip, Format::Zstd] {
        let file = whole.path(&format!("{format:?}"));
        fs::write(&file, packed(&text, format)).unwrap();
        let options = ImportOptions { chunk_rows: 4, ..ImportOptions::default() };
        let at_once = Place::new();
        let end = run(&at_once.open(), &file, &options).end;
        for stop_after in 0..20 {
            let place = Place::new();
            let store = place.open();
            let (mut calls, mut last) = (0, ImportCheckpoint::default());
            let stopped = import(&store, &file, &options, None, &mut |checkpoint| {
                last = checkpoint.clone();
                calls += 1;
                if calls > stop_after { Control::Stop } else { Control::Continue }
            });
            if let Err(error) = stopped {
                assert!(matches!(error, TransferError::Stopped), "{error}");
                // As a heartbeat carries it.
                let json = serde_json::to_string(&last).unwrap();
                let from = serde_json::from_str(&json).unwrap();
                let rest = import(&store, &file, &options, Some(from), &mut |_| Control::Continue).unwrap();
                assert_eq!(rest.end, end, "stopped after {stop_after}");
            }
            assert_eq!(dump(&place), dump(&at_once), "stopped after {stop_after}");
        }
    }
}

#[test]
fn a_file_that_changed_is_not_gone_on_with() {
    let place = Place::new();
    let file = place.path("events.jsonl");
    fs::write(&file, lines(10)).unwrap();
    let store = place.open();
    let end = run(&store, &file, &ImportOptions::default()).end;
    fs::write(&file, lines(11)).unwrap();
    let error = import(&store, &file, &ImportOptions::default(), Some(end), &mut |_| Control::Continue).unwrap_err();
    assert!(matches!(error, TransferError::Changed), "{error}");
}

#[test]
fn a_damaged_archive_says_where_and_keeps_what_came_before() {
    let place = Place::new();
    let file = place.path("events.gz");
    let mut bytes = packed(&lines(5000), Format::Gzip);
    bytes.truncate(bytes.len() * 3 / 4);
    fs::write(&file, bytes).unwrap();
    let store = place.open();
    let mut last = None;
    let error = import(&store, &file, &ImportOptions::default(), None, &mut |checkpoint| {
        last = Some(checkpoint.clone());
        Control::Continue
    })
    .unwrap_err();
    let TransferError::File { offset, .. } = error else { panic!("{error}") };
    let last = last.unwrap();
    assert!(offset > 1000 && last.offset == offset, "every whole line before {offset} is done: {last:?}");
    assert_eq!(store.stats(&Default::default()).unwrap().total_events, last.stored);
    assert!(
        import(&store, &place.path("nowhere"), &ImportOptions::default(), None, &mut |_| Control::Continue).is_err()
    );
}

/// Events of every shape.
fn fill(store: &Store) {
    for at in 0..700 {
        put(store, simple(&format!("s{}", at % 5), EventType::ALL[at % 12]));
    }
    put(
        store,
        event(
            r#"{"session_id":"full","agent_type":"claude_code","event_type":"tool_use","event_id":"e\n","tool_name":"Bash","status":"timeout",
            "tokens_in":1,"tokens_out":2,"cache_read_tokens":3,"cache_write_tokens":4,"branch":"b","project":"p","model":"gpt-5","source":"hook",
            "duration_ms":5,"client_timestamp":"2026-02-18T18:06:41+01:00","metadata":{"b":[1.5,"\u0000 \u2028"],"1":null}}"#,
        ),
    );
    let long = "x".repeat(20_000);
    put(
        store,
        event(&format!(
            r#"{{"session_id":"full","agent_type":"codex","event_type":"session_end","metadata":"{long}"}}"#
        )),
    );
}

fn exported(store: &Store, options: &ExportOptions) -> Vec<u8> {
    let mut out = Vec::new();
    export(store, &mut out, options, &mut |_| Control::Continue).unwrap();
    out
}

#[test]
fn an_export_is_the_same_each_time_and_goes_on_by_id() {
    let place = Place::new();
    let store = place.open();
    fill(&store);
    for format in [Format::Plain, Format::Gzip, Format::Zstd] {
        let options = ExportOptions { format, ..ExportOptions::default() };
        assert_eq!(exported(&store, &options), exported(&store, &options));
    }
    let all = exported(&store, &ExportOptions::default());
    assert_eq!(all.iter().filter(|byte| **byte == b'\n').count(), 702);
    for line in all.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let row: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(line).unwrap();
        assert_eq!(row.len(), 22);
    }
    let rest = exported(&store, &ExportOptions { after_id: 700, ..ExportOptions::default() });
    assert!(all.ends_with(&rest) && !rest.is_empty());
    let none = ExportOptions { since: Some("2999-01-01".to_owned()), ..ExportOptions::default() };
    assert!(exported(&store, &none).is_empty());
}

#[test]
fn an_export_that_is_put_back_is_the_same_database() {
    let from = Place::new();
    let store = from.open();
    fill(&store);
    from.look().0.execute_batch("DELETE FROM events WHERE id IN (3, 4, 400)").unwrap();
    let file = from.path("all.jsonl.zst");
    fs::write(&file, exported(&store, &ExportOptions { format: Format::Zstd, ..ExportOptions::default() })).unwrap();
    let to = Place::new();
    let copy = to.open();
    let options = ImportOptions { restore: true, ..ImportOptions::default() };
    let imported = run(&copy, &file, &options);
    assert_eq!((imported.end.stored, imported.end.rejected), (699, 0));
    // When a session began and an agent came is taken from its first event, and some of these are gone.
    for sql in [
        "SELECT * FROM events ORDER BY id",
        "SELECT id, agent_id, agent_type, project, branch, status, ended_at, last_event_at, metadata FROM sessions ORDER BY id",
        "SELECT id, agent_type, name, last_seen_at FROM agents ORDER BY id",
    ] {
        assert_eq!(to.look().rows(sql), from.look().rows(sql));
    }
    assert!(!copy.verify_counters().unwrap());
    let again = run(&copy, &file, &options);
    assert_eq!((again.end.stored, again.end.duplicates), (0, 699));
    // What comes after has a new id.
    assert_eq!(put(&copy, simple("s", EventType::Error)).stored(), Some(703));
}

#[test]
fn an_export_imported_elsewhere_is_the_same_but_for_id_and_time() {
    let from = Place::new();
    let store = from.open();
    fill(&store);
    let file = from.path("all.jsonl");
    fs::write(&file, exported(&store, &ExportOptions::default())).unwrap();
    let to = Place::new();
    run(&to.open(), &file, &ImportOptions::default());
    let rows = "SELECT session_id, agent_type, event_type, tool_name, status, tokens_in, tokens_out, branch, project, duration_ms,
        client_timestamp, metadata, model, cost_usd, cache_read_tokens, cache_write_tokens, source FROM events ORDER BY id";
    assert_eq!(to.look().rows(rows), from.look().rows(rows));
}
