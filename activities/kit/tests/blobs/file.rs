//! The store in a folder.

use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime},
};

use contracts::{errors::ErrorType, shared::BlobRef};
use kit::BlobStore;
use sha2::{Digest, Sha256};
use url::Url;

use crate::conformance;

/// A path that a URL has to spell otherwise.
fn odd_folder(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("a b%20c#?é")
}

fn path_of(blob: &BlobRef) -> PathBuf {
    Url::parse(&blob.uri).unwrap().to_file_path().unwrap()
}

fn files_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_in(&path) } else { vec![path] }).collect()
}

#[test]
fn a_folder_is_a_blob_store() {
    let folder = tempfile::tempdir().unwrap();
    let place = odd_folder(&folder);
    let store = BlobStore::in_folder(&place).unwrap().with_scratch(folder.path().join("tmp"));
    assert!(!place.exists());
    conformance::of(&store);
    for path in files_in(&place) {
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(name, hex::encode(Sha256::digest(fs::read(&path).unwrap())), "{}", path.display());
    }
    assert_eq!(files_in(&folder.path().join("tmp")), [] as [PathBuf; 0]);
}

#[test]
fn damage_is_seen_and_putting_again_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = BlobStore::in_folder(&odd_folder(&folder)).unwrap();
    let blob = store.put(b"content").unwrap();
    for damage in ["other!!", "longer than before", ""] {
        fs::write(path_of(&blob), damage).unwrap();
        assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::ParseError, "{damage}");
        assert_eq!(store.fetch(&blob, 100).unwrap_err().error_type, ErrorType::ParseError, "{damage}");
        assert_eq!(store.put(b"content").unwrap(), blob);
        assert_eq!(store.get(&blob).unwrap(), b"content");
    }
    fs::remove_file(path_of(&blob)).unwrap();
    assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::NotFound);
    fs::create_dir(path_of(&blob)).unwrap();
    assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::NotFound);
}

#[test]
fn what_is_there_is_left_alone_until_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let store = BlobStore::in_folder(folder.path()).unwrap();
    let path = path_of(&store.put(b"content").unwrap());
    let before = fs::metadata(&path).unwrap();
    store.put(b"content").unwrap();
    assert_eq!(fs::metadata(&path).unwrap().ino(), before.ino());
    let long_ago = SystemTime::now() - Duration::from_secs(25 * 60 * 60);
    fs::File::options().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    store.put(b"content").unwrap();
    assert!(fs::metadata(&path).unwrap().modified().unwrap() > long_ago);
}

#[test]
fn blobs_of_other_stores_are_read_only_where_that_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let other = BlobStore::in_folder(&folder.path().join("other")).unwrap();
    let blob = other.put(b"theirs").unwrap();
    let own = Url::from_file_path(folder.path().join("own")).unwrap();
    let narrow = BlobStore::open_with(&own, &[], []).unwrap();
    assert_eq!(narrow.get(&blob).unwrap_err().error_type, ErrorType::PathEscape);
    let wide = BlobStore::open_with(&own, &[other.url().clone()], []).unwrap();
    assert_eq!(wide.get(&blob).unwrap(), b"theirs");
    // What is written goes to its own.
    assert!(path_of(&wide.put(b"theirs").unwrap()).starts_with(folder.path().join("own")));
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let store = BlobStore::in_folder(&folder.path().join("file/blobs")).unwrap();
    for failure in [store.probe().unwrap_err(), store.put(b"x").unwrap_err()] {
        assert_eq!(failure.error_type, ErrorType::InvalidInput, "{failure}");
        assert!(failure.place.contains("file/blobs"), "{failure}");
    }
}

const PUT_INTO: &str = "GANTRY_TEST_PUT_INTO";
/// One that is written at once and one that is written in parts.
const SIZES: [usize; 2] = [100_000, 9 * 1024 * 1024];

/// The process that the test below kills; by itself, nothing.
#[test]
fn put_without_end() {
    let Some(folder) = env::var_os(PUT_INTO) else { return };
    let store = BlobStore::in_folder(Path::new(&folder)).unwrap();
    for seed in 0.. {
        store.put(&conformance::bytes(seed, SIZES[usize::try_from(seed % 2).unwrap()])).unwrap();
    }
}

#[test]
fn a_killed_process_leaves_no_half_blob_under_its_name() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..4 {
        let place = folder.path().join(round.to_string());
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "file::put_without_end"])
            .env(PUT_INTO, &place)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        // Each round is killed with another file half written.
        while files_in(&place).len() < 3 + round {
            assert!(child.try_wait().unwrap().is_none(), "the writing process ended by itself");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let names = files_in(&place);
        let whole = names.iter().filter(|path| !path.to_str().unwrap().contains('#'));
        for path in whole {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(name, hex::encode(Sha256::digest(fs::read(path).unwrap())));
        }
        // What was cut off is no obstacle.
        let store = BlobStore::in_folder(&place).unwrap();
        for seed in 0..4 {
            let content = conformance::bytes(seed, SIZES[usize::try_from(seed % 2).unwrap()]);
            assert!(store.get(&store.put(&content).unwrap()).unwrap() == content);
        }
    }
}
