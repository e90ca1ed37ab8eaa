//! The home that is written, and the list of its events.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use sample_sessions::{
    ExpectedEvent, ManifestWriter, Plan, Provider, Role, SampleFile, Shape, read_manifest, write_home,
};

fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn home(folder: &Path, seed: u64, shape: Shape) -> Vec<ExpectedEvent> {
    let mut events = Vec::new();
    write_home(folder, &Plan { seed, shape }, &mut |event| {
        events.push(event);
        Ok(())
    })
    .unwrap();
    events
}

#[test]
fn the_same_seed_writes_the_same_bytes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = home(one.path(), 3, Shape::Bytes(600_000));
    let second = home(two.path(), 3, Shape::Bytes(600_000));
    assert_eq!(files(one.path()), files(two.path()));
    assert_eq!(first.len(), second.len());
    let other = tempfile::tempdir().unwrap();
    home(other.path(), 4, Shape::Bytes(600_000));
    assert_ne!(files(one.path()), files(other.path()));
}

#[test]
fn growing_in_steps_writes_what_one_run_writes() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let whole = home(one.path(), 11, Shape::Bytes(300_000));
    let mut events = Vec::new();
    for source in (Plan { seed: 11, shape: Shape::Bytes(300_000) }).sources() {
        let mut file = SampleFile::create(two.path(), &source).unwrap();
        while file.bytes() < source.bytes {
            let mut add = |event| {
                events.push(event);
                Ok(())
            };
            file.append(1, &mut add).unwrap();
            if file.bytes() < source.bytes {
                file.tear().unwrap();
            }
        }
        // A line that was torn as it reached the size is ended, as it is in one run.
        if !fs::read(file.path()).unwrap().ends_with(b"\n") {
            file.append(1, &mut |event| {
                events.push(event);
                Ok(())
            })
            .unwrap();
        }
        if source.is_torn {
            file.tear().unwrap();
        }
    }
    let (left, right) = (files(one.path()), files(two.path()));
    assert_eq!(left.keys().collect::<Vec<_>>(), right.keys().collect::<Vec<_>>());
    for (path, bytes) in &left {
        assert!(right[path] == *bytes, "{}", path.display());
    }
    let keys = |events: &[ExpectedEvent]| {
        events.iter().map(|e| (e.source_offset, e.item_index, e.role, e.text_sha256.clone())).collect::<BTreeSet<_>>()
    };
    assert_eq!(keys(&whole), keys(&events));
}

#[test]
fn every_event_is_at_the_start_of_a_line_and_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let events = home(folder.path(), 21, Shape::FilesOfBytes { files: 60, bytes: 4_000_000 });
    let written = files(folder.path());
    let mut keys = BTreeSet::new();
    for event in &events {
        let path = Path::new(&event.source_path).strip_prefix(std::path::absolute(folder.path()).unwrap()).unwrap();
        let bytes = &written[path];
        let at = usize::try_from(event.source_offset).unwrap();
        assert!(at == 0 || bytes[at - 1] == b'\n', "{event:?}");
        if event.provider != Provider::Gemini {
            assert!(bytes[at..].contains(&b'\n'), "a line without its end stands for nothing: {event:?}");
            assert!(keys.insert((path.to_owned(), at, event.item_index)), "{event:?}");
        }
    }
    for role in [Role::User, Role::Assistant, Role::Tool] {
        for provider in [Provider::Claude, Provider::Codex, Provider::Gemini] {
            assert!(events.iter().any(|e| e.role == role && e.provider == provider), "{role:?} {provider}");
        }
    }
    for document in written.iter().filter(|(path, _)| path.extension().is_some_and(|e| e == "json")) {
        let read: serde_json::Value = serde_json::from_slice(document.1).unwrap();
        assert!(read["messages"].is_array());
    }
    assert!(written.values().any(|bytes| bytes.windows(2).any(|pair| pair == b"\r\n")));
    assert!(written.values().any(|bytes| String::from_utf8(bytes.clone()).is_err()));
    assert!(events.iter().any(|event| event.timestamp.is_none()));
    assert!(written.values().any(|bytes| !bytes.ends_with(b"\n")));
}

#[test]
fn a_home_is_as_large_as_was_asked_for() {
    for shape in [Shape::Bytes(3_000_000), Shape::Single(3_000_000), Shape::Equal { files: 30, bytes: 100_000 }] {
        let folder = tempfile::tempdir().unwrap();
        home(folder.path(), 2, shape);
        let bytes: usize = files(folder.path()).values().map(Vec::len).sum();
        assert!((2_700_000..3_900_000).contains(&bytes), "{shape:?}: {bytes}");
    }
}

#[test]
fn a_manifest_reads_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let events = home(folder.path(), 1, Shape::Bytes(100_000));
    let path = folder.path().join("manifest.ndjson");
    let mut manifest = ManifestWriter::new(fs::File::create(&path).unwrap());
    events.iter().for_each(|event| manifest.add(event).unwrap());
    assert_eq!(manifest.finish().unwrap(), events.len() as u64);
    assert_eq!(read_manifest(&path).unwrap().map(Result::unwrap).collect::<Vec<_>>(), events);
}

#[test]
fn a_file_that_is_cut_back_and_moved_goes_on_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let plan = Plan { seed: 6, shape: Shape::FilesOfBytes { files: 20, bytes: 400_000 } };
    let source = plan.sources().find(|source| source.path.components().any(|c| c.as_os_str() == "subagents")).unwrap();
    let mut file = SampleFile::create(folder.path(), &source).unwrap();
    let mut events = Vec::new();
    file.append(40, &mut |event| {
        events.push(event);
        Ok(())
    })
    .unwrap();
    let (cut, before) = (events[events.len() / 2].source_offset, fs::read(file.path()).unwrap());
    file.cut_back(cut).unwrap();
    file.tear().unwrap();
    let (old, place) = (file.session_id().to_owned(), folder.path().join(".claude/projects/-other/agent-1.jsonl"));
    file.move_to(&place).unwrap();
    assert_ne!(file.session_id(), old, "the id is made of the path");
    let mut later = Vec::new();
    file.append(20, &mut |event| {
        later.push(event);
        Ok(())
    })
    .unwrap();
    let after = fs::read(&place).unwrap();
    let cut = usize::try_from(cut).unwrap();
    assert_eq!((&after[..cut], after.len() as u64), (&before[..cut], file.bytes()));
    assert!(later.iter().all(|e| e.source_offset >= cut as u64 && e.session_id == file.session_id()));
    assert!(later.iter().all(|e| e.source_path == place.display().to_string()));
}
