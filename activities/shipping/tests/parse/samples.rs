//! A generated home, and what its generator says a server must hold of it.

use std::{collections::BTreeMap, fs, fs::File};

use sample_sessions::{ExpectedEvent, Plan, Shape, text_sha256, write_home};
use serde_json::{Value, value::RawValue};
use shipping::{
    batch::{Built, Source, build_lines},
    config::Homes,
    discovery::{SessionFile, discover},
    document::Document,
    lines,
    provider::{Layout, registry},
    session::SessionMetadata,
    timestamp::Timestamp,
};

use crate::built::{Read, options};

/// Session, path, offset and ordinal.
type Key = (String, String, u64, u64);
/// Provider, role, text, tool, call.
type Said = (String, String, String, Option<String>, Option<String>);

fn read(file: &SessionFile, limit: u64) -> Vec<Read> {
    let source = Source { provider: file.provider, path: &file.path };
    let (options, mut known) = (options(), SessionMetadata::starting(file.modified));
    let mut reads = Vec::new();
    let mut push = |built: Built, payload: &[u8]| reads.push(Read::new(built, payload.to_vec()));
    let (mut bytes, mut payload) = (Vec::new(), Vec::new());
    if file.provider.layout() == Layout::Document {
        bytes = fs::read(&file.path).unwrap();
        if let Ok(document) = Document::open(&source, &bytes, &known, &options) {
            for range in document.ranges(limit) {
                push(document.build(range, &mut payload), &payload);
            }
        }
        return reads;
    }
    let opened = File::open(&file.path).unwrap();
    let mut at = 0;
    loop {
        let end = lines::read(&opened, at, None, limit, &mut bytes).unwrap();
        if end == at {
            return reads;
        }
        let built = build_lines(&source, at, &bytes, &known, &options, &mut payload);
        known = built.after.clone();
        push(built, &payload);
        at = end;
    }
}

#[derive(serde::Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    events: Vec<Inputs<'a>>,
}

#[derive(serde::Deserialize)]
struct Inputs<'a> {
    #[serde(borrow)]
    tool_input_json: Option<&'a RawValue>,
}

fn received(reads: &[Read], out: &mut BTreeMap<Key, Said>) {
    for read in reads.iter().filter(|read| read.built.events > 0) {
        let body: Body<'_> = serde_json::from_str(&read.payload).unwrap();
        for (event, inputs) in read.events().iter().zip(body.events) {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let (content, output) = (text(&event["content_text"]), text(&event["tool_output_text"]));
            let hash = text_sha256(content.as_deref(), output.as_deref(), inputs.tool_input_json.map(RawValue::get));
            let key = (
                text(&read.body["id"]).unwrap(),
                text(&event["source_path"]).unwrap(),
                event["source_offset"].as_u64().unwrap(),
                event["item_index"].as_u64().unwrap(),
            );
            let key = if key.2 == 0 && read.body["provider"] == "gemini" {
                (key.0, key.1 + event["timestamp"].as_str().unwrap(), key.2, key.3)
            } else {
                key
            };
            let said = (
                text(&read.body["provider"]).unwrap(),
                text(&event["role"]).unwrap(),
                hash,
                text(&event["tool_name"]),
                text(&event["tool_call_id"]),
            );
            assert_eq!(out.insert(key.clone(), said), None, "twice: {key:?}");
        }
    }
}

#[test]
fn every_expected_event_is_built_once_and_no_other() {
    let home = tempfile::tempdir().unwrap();
    let mut expected: Vec<ExpectedEvent> = Vec::new();
    write_home(
        home.path(),
        &Plan { seed: 3, shape: Shape::FilesOfBytes { files: 60, bytes: 4_000_000 } },
        &mut |event| {
            expected.push(event.clone());
            Ok(())
        },
    )
    .unwrap();
    let found = discover(&Homes::under(home.path()), registry());
    assert!(found.warnings.is_empty());
    let mut built = BTreeMap::new();
    for file in &found.files {
        received(&read(file, 50_000), &mut built);
    }
    let mut unmatched = Vec::new();
    for event in &expected {
        let path = home.path().join(&event.source_path).display().to_string();
        let path = match event.provider {
            // All offsets of a document are 0; its ordinals count within a moment.
            sample_sessions::Provider::Gemini => {
                path + &event.timestamp.as_deref().and_then(Timestamp::parse).unwrap().to_string()
            }
            _ => path,
        };
        let key = (event.session_id.clone(), path, event.source_offset, event.item_index.into());
        let said = (
            event.provider.name().to_owned(),
            event.role.name().to_owned(),
            event.text_sha256.clone(),
            event.tool_name.clone(),
            event.tool_call_id.clone(),
        );
        if built.remove(&key).as_ref() != Some(&said) {
            unmatched.push((key, said));
        }
    }
    assert!(
        unmatched.is_empty() && built.is_empty(),
        "{} not built as expected, first {:?}; {} not expected, first {:?}",
        unmatched.len(),
        unmatched.first(),
        built.len(),
        built.first_key_value()
    );
}
