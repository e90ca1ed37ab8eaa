//! In whatever batches a file is sent, its events are the same.

use std::{io::Write, path::Path};

use proptest::prelude::*;
use serde_json::{Value, json};
use shipping::{
    batch::{Options, Source, build_lines, metadata_at},
    document::Document,
    provider::by_name,
    redaction::Redactor,
    session::SessionMetadata,
};

use crate::built::{CLAUDE, CODEX, FIRST_SEEN, GEMINI, Read, before, options};

fn line() -> impl Strategy<Value = Vec<u8>> {
    let moment = prop_oneof![
        Just(Value::Null),
        (0..60).prop_map(|second| json!(format!("2026-02-15T10:00:{second:02}Z"))),
        (1_771_149_600..1_771_150_000).prop_map(|second| json!(second)),
    ];
    let text = prop_oneof!["[a-c \"\\\\\n]{0,8}", Just("password".to_owned()), Just("\u{1f600}".to_owned())];
    let cwd = prop_oneof![Just(Value::Null), "/[a-c]{1,2}".prop_map(|cwd| json!(cwd))];
    let usable = (moment, text, cwd, 0..8).prop_map(|(timestamp, text, cwd, kind)| {
        let block = json!([{ "type": "text", "text": text }, { "type": "tool_use", "id": "t", "name": text, "input": { "api_key": text } }]);
        let part = json!([{ "type": "input_text", "text": text }]);
        let line = match kind {
            0 => json!({ "type": "user", "timestamp": timestamp, "cwd": cwd, "message": { "content": text } }),
            1 => json!({ "type": "assistant", "timestamp": timestamp, "message": { "content": block } }),
            2 => json!({ "type": "user", "message": { "content": [{ "type": "tool_result", "content": text }, { "type": "tool_result", "content": text }] } }),
            3 => json!({ "type": "system", "timestamp": timestamp, "cwd": cwd, "gitBranch": text }),
            4 => json!({ "type": "session_meta", "timestamp": timestamp, "payload": { "id": text, "cwd": cwd } }),
            5 => json!({ "type": "session_meta", "payload": { "id": "0199a213-81c0-7800-8aa1-bbab2a035a53", "git": { "branch": text } } }),
            6 => json!({ "type": "response_item", "timestamp": timestamp, "payload": { "type": "message", "role": "user", "content": part } }),
            _ => json!({ "type": "response_item", "payload": { "type": "function_call", "name": "n", "arguments": text, "call_id": "c" } }),
        };
        line.to_string().into_bytes()
    });
    let broken = prop_oneof![
        Just(b"".to_vec()),
        Just(b"\r".to_vec()),
        Just(b"[1]".to_vec()),
        Just(b"{\"a\":".to_vec()),
        Just(b"{\"type\":\"user\",\"message\":{\"content\":\"\xff\\ud800\"}}".to_vec()),
    ];
    prop_oneof![8 => usable, 1 => broken]
}

fn with_rules() -> Options {
    Options { redactor: Redactor::new(&[], &["b+".into()]).unwrap(), cut_media: true, ..options() }
}

/// Builds the lines in batches of so many each, one after the other.
fn batches(source: &Source<'_>, lines: &[Vec<u8>], sizes: &[usize]) -> (Vec<Read>, SessionMetadata) {
    let (mut reads, mut known, mut offset, mut rest) = (Vec::new(), before(), 0, lines);
    let mut sizes = sizes.iter().copied().cycle();
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(sizes.next().unwrap().min(rest.len()));
        rest = later;
        let bytes: Vec<u8> = batch.iter().flat_map(|line| [line.as_slice(), b"\n"].concat()).collect();
        let mut payload = Vec::new();
        let built = build_lines(source, offset, &bytes, &known, &with_rules(), &mut payload);
        let mut again = b"from before".to_vec();
        assert_eq!(build_lines(source, offset, &bytes, &known, &with_rules(), &mut again), built);
        assert_eq!(payload, again, "the same range is the same bytes");
        known = built.after.clone();
        reads.push(Read::new(built, payload));
        offset += bytes.len() as u64;
    }
    (reads, known)
}

proptest! {
    #[test]
    fn any_split_gives_the_same_events(
        lines in prop::collection::vec(line(), 0..24),
        sizes in prop::collection::vec(1_usize..6, 1..6),
        is_codex in any::<bool>(),
    ) {
        let (name, path) = if is_codex { ("codex", CODEX) } else { ("claude", CLAUDE) };
        let source = Source { provider: by_name(name).unwrap(), path: Path::new(path) };
        let (whole, after) = batches(&source, &lines, &[usize::MAX]);
        let (parts, chained) = batches(&source, &lines, &sizes);
        prop_assert_eq!(&chained, &after);
        let events = |reads: &[Read]| reads.iter().flat_map(|read| read.events().to_vec()).collect::<Vec<_>>();
        prop_assert_eq!(events(&parts), events(&whole));
        let sum = |reads: &[Read]| reads.iter().fold((0, 0, 0), |(unusable, lines, redacted), read| {
            (unusable + read.built.unusable_count, lines + read.built.lines, redacted + read.built.redacted)
        });
        prop_assert_eq!(sum(&parts), sum(&whole));
        // All of a file goes to one session.
        let ids: std::collections::BTreeSet<_> = parts.iter().filter(|read| read.built.events > 0).map(|read| read.body["id"].to_string()).collect();
        prop_assert!(ids.len() <= 1, "{:?}", ids);

        let mut file = tempfile::tempfile().unwrap();
        for line in &lines {
            file.write_all(line).unwrap();
            file.write_all(b"\n").unwrap();
        }
        let length = file.metadata().unwrap().len();
        let read_again = metadata_at(&source, &file, length, Some(FIRST_SEEN), &with_rules()).unwrap();
        prop_assert_eq!(read_again, chained);
        let beyond = metadata_at(&source, &file, length + 1, Some(FIRST_SEEN), &with_rules()).unwrap_err();
        prop_assert_eq!(beyond.kind(), std::io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn any_bytes_are_stood(bytes in prop::collection::vec(any::<u8>(), 0..200), near in r#"[{}\[\]":,\\ntypeusr\n]{0,80}"#, start in any::<u32>()) {
        for text in [bytes.as_slice(), near.as_bytes()] {
            for (name, path) in [("claude", CLAUDE), ("codex", CODEX)] {
                let source = Source { provider: by_name(name).unwrap(), path: Path::new(path) };
                let mut payload = Vec::new();
                let built = build_lines(&source, start.into(), text, &before(), &with_rules(), &mut payload);
                Read::new(built, payload);
            }
            let source = Source { provider: by_name("gemini").unwrap(), path: Path::new(GEMINI) };
            let (before, options) = (before(), with_rules());
            if let Ok(document) = Document::open(&source, text, &before, &options) {
                let mut payload = Vec::new();
                Read::new(document.build(0..document.messages(), &mut payload), payload);
            }
        }
    }
}
