//! What holds for every blob store.

use std::{io::Read, thread};

use contracts::{errors::ErrorType, shared::BlobRef};
use kit::{BlobStore, Failure, OpenedFile};
use sha2::{Digest, Sha256};

/// More than two pieces, and no whole number of them.
const LARGE: usize = 20 * 1024 * 1024 + 17;

type Put<'a> = &'a dyn Fn(&[u8]) -> Result<BlobRef, Failure>;

/// Bytes that differ from piece to piece.
pub(crate) fn bytes(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed | 1;
    let mut out = Vec::with_capacity(length + 8);
    while out.len() < length {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        out.extend_from_slice(&state.to_le_bytes());
    }
    out.truncate(length);
    out
}

pub(crate) fn content(opened: Result<OpenedFile, Failure>) -> Vec<u8> {
    let mut opened = opened.unwrap();
    let mut content = Vec::new();
    opened.file.read_to_end(&mut content).unwrap();
    assert_eq!(opened.bytes, content.len() as u64);
    assert_eq!(opened.sha256, Some(hex::encode(Sha256::digest(&content))));
    content
}

/// Runs the suite in a store that nothing was put in yet.
pub(crate) fn of(store: &BlobStore) {
    store.probe().unwrap();
    what_was_put_comes_back(store);
    a_large_blob_comes_back_however_it_was_put(store);
    a_reference_is_checked(store);
    many_may_put_the_same(store);
    it_can_be_used_from_wherever(store);
    store.probe().unwrap();
}

fn what_was_put_comes_back(store: &BlobStore) {
    for expected in [&b""[..], b"content", b"\0\xff"] {
        let blob = store.put(expected).unwrap();
        let sha256 = hex::encode(Sha256::digest(expected));
        let base = store.url().as_str().trim_end_matches('/');
        assert_eq!(blob.uri, format!("{base}/{}/{sha256}", &sha256[..2]));
        assert_eq!((&blob.sha256, blob.bytes), (&sha256, expected.len() as u64));
        assert_eq!(store.put(expected).unwrap(), blob);
        assert_eq!(store.get(&blob).unwrap(), expected);
        assert_eq!(content(store.fetch(&blob, blob.bytes)), expected);
    }
}

fn a_large_blob_comes_back_however_it_was_put(store: &BlobStore) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large");
    let puts: [Put<'_>; 3] = [
        &|content| store.put(content),
        &|content| {
            std::fs::write(&path, content).unwrap();
            store.put_file(&path)
        },
        &|content| store.put_reader(content),
    ];
    for (seed, put) in (1..).zip(puts) {
        let large = bytes(seed, LARGE);
        let blob = put(&large).unwrap();
        assert_eq!((blob.bytes, &blob.sha256), (LARGE as u64, &hex::encode(Sha256::digest(&large))));
        assert!(content(store.fetch(&blob, LARGE as u64)) == large);
        assert!(store.get(&blob).unwrap() == large);
        assert_eq!(put(&large).unwrap(), blob);
    }
    let failure = store.put_file(folder.path()).unwrap_err();
    assert_eq!(failure.error_type, ErrorType::InvalidInput);
    assert_eq!(store.put_file(&folder.path().join("missing")).unwrap_err().error_type, ErrorType::NotFound);
}

fn a_reference_is_checked(store: &BlobStore) {
    let blob = store.put(b"what is referred to").unwrap();
    let refused = |blob: &BlobRef, limit| {
        let get = store.get(blob).unwrap_err();
        let fetch = store.fetch(blob, limit).unwrap_err();
        assert_eq!(get.error_type, fetch.error_type, "{get}, {fetch}");
        get.error_type
    };
    let escapes = [
        BlobRef { uri: "file:///etc/passwd".into(), ..blob.clone() },
        BlobRef { uri: "s3://elsewhere/x".into(), ..blob.clone() },
        BlobRef { uri: blob.uri.replace("://", "s://"), ..blob.clone() },
        BlobRef { uri: format!("{}?x", blob.uri), ..blob.clone() },
        BlobRef { uri: String::new(), ..blob.clone() },
        BlobRef { sha256: "../../etc/passwd".into(), ..blob.clone() },
        BlobRef { sha256: blob.sha256.to_uppercase(), ..blob.clone() },
        BlobRef { sha256: "0".repeat(64), ..blob.clone() },
    ];
    for escape in &escapes {
        assert_eq!(refused(escape, u64::MAX), ErrorType::PathEscape, "{escape:?}");
    }
    for wrong in [0, 1, blob.bytes + 1] {
        assert_eq!(refused(&BlobRef { bytes: wrong, ..blob.clone() }, u64::MAX), ErrorType::ParseError, "{wrong}");
    }
    let huge = BlobRef { bytes: u64::MAX, ..blob.clone() };
    assert_eq!(refused(&huge, u64::MAX - 1), ErrorType::LimitExceeded);
    let limit = store.fetch(&blob, blob.bytes - 1).unwrap_err();
    assert_eq!(limit.error_type, ErrorType::LimitExceeded);
    let sha256 = hex::encode(Sha256::digest(b"never put"));
    let uri = format!("{}/{}/{sha256}", store.url(), &sha256[..2]);
    assert_eq!(refused(&BlobRef { uri, sha256, bytes: 9 }, u64::MAX), ErrorType::NotFound);
}

fn many_may_put_the_same(store: &BlobStore) {
    let same = bytes(7, 300_000);
    let blobs: Vec<BlobRef> = thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| store.clone().put(&same).unwrap())).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert!(blobs.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(store.get(&blobs[0]).unwrap() == same);
}

/// A thread without a runtime is where the rest of the suite runs. Here: a runtime that has one thread.
fn it_can_be_used_from_wherever(store: &BlobStore) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (folder, sync) = (tempfile::tempdir().unwrap(), store.clone());
    let path = folder.path().join("file");
    std::fs::write(&path, "from a file").unwrap();
    runtime.block_on(async {
        let blob = store.put_async(b"from an async task".to_vec()).await.unwrap();
        assert_eq!(store.get_async(&blob).await.unwrap(), b"from an async task");
        assert_eq!(content(store.fetch_async(&blob, 100).await), b"from an async task");
        let file = store.put_file_async(path).await.unwrap();
        let on_a_blocking_thread = tokio::task::spawn_blocking(move || {
            assert_eq!(sync.get(&file).unwrap(), b"from a file");
            sync.put(b"from a blocking thread").unwrap()
        });
        // Not where it belongs, but it ends.
        assert_eq!(store.get(&on_a_blocking_thread.await.unwrap()).unwrap(), b"from a blocking thread");
        let many = (0..40).map(|i| store.put_async(format!("one of many {i}").into_bytes()));
        assert!(futures::future::join_all(many).await.into_iter().all(|put| put.is_ok()));
    });
}
