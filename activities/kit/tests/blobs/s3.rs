//! The store in a bucket, against moto.

use contracts::{errors::ErrorType, shared::BlobRef};
use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt, path::Path};

use crate::{
    conformance,
    moto::{BUCKET, Moto, Wire, block_on, store_at},
};

fn key_of(blob: &BlobRef) -> Path {
    Path::from(format!("some where/{}/{}", &blob.sha256[..2], blob.sha256))
}

#[test]
fn a_bucket_is_a_blob_store() {
    let Some(moto) = Moto::start(&[]) else { return };
    let folder = tempfile::tempdir().unwrap();
    let store = moto.store(BUCKET).with_scratch(folder.path().join("tmp"));
    conformance::of(&store);
    // Copies have no name, so nothing stays behind whatever happens.
    assert_eq!(std::fs::read_dir(folder.path().join("tmp")).unwrap().count(), 0);

    let blob = store.put(b"content").unwrap();
    let bucket = moto.bucket();
    for damage in ["other!!", "longer than before", ""] {
        block_on(bucket.put(&key_of(&blob), damage.into())).unwrap();
        assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::ParseError, "{damage}");
        assert_eq!(store.fetch(&blob, 100).unwrap_err().error_type, ErrorType::ParseError, "{damage}");
    }
    // Of another size, it is not taken for what is to be stored.
    store.put(b"content").unwrap();
    assert_eq!(store.get(&blob).unwrap(), b"content");
    block_on(bucket.delete(&key_of(&blob))).unwrap();
    assert_eq!(store.get(&blob).unwrap_err().error_type, ErrorType::NotFound);

    let missing = moto.store("no-such-bucket");
    for failure in [missing.probe().unwrap_err(), missing.put(b"x").unwrap_err()] {
        assert_eq!(failure.error_type, ErrorType::StoreRejected, "{failure}");
        assert!(failure.what.contains("NoSuchBucket"), "{failure}");
    }
    let large = conformance::bytes(1, 9 * 1024 * 1024);
    assert_eq!(missing.put(&large).unwrap_err().error_type, ErrorType::StoreRejected);
}

#[test]
fn a_bucket_behind_tls_is_a_blob_store_if_its_certificate_is_trusted() {
    let Some(moto) = Moto::start_with_tls() else { return };
    let failure = moto.store(BUCKET).put(b"content").unwrap_err();
    assert_eq!(failure.error_type, ErrorType::StoreUnavailable, "{failure}");
    assert!(failure.what.to_lowercase().contains("certificate"), "{failure}");
    let store = moto.store_with(BUCKET, &[("AWS_ALLOW_INVALID_CERTIFICATES", "true")]);
    let blob = store.put(b"content").unwrap();
    assert_eq!(store.get(&blob).unwrap(), b"content");
}

#[test]
fn credentials_that_are_refused_are_said_to_be() {
    // The bucket is made while nobody is asked who they are.
    let Some(moto) = Moto::start(&[("INITIAL_NO_AUTH_ACTION_COUNT", "1")]) else { return };
    let store = moto.store(BUCKET);
    let sha256 = "0f".repeat(32);
    let blob = BlobRef { uri: format!("{}/0f/{sha256}", store.url()), sha256, bytes: 1 };
    let large = conformance::bytes(1, 9 * 1024 * 1024);
    let failures = [
        store.probe().unwrap_err(),
        store.put(b"x").unwrap_err(),
        store.put(&large).unwrap_err(),
        store.get(&blob).unwrap_err(),
        store.fetch(&blob, 1).unwrap_err(),
    ];
    for failure in failures {
        assert_eq!(failure.error_type, ErrorType::AuthRejected, "{failure}");
        assert!(!failure.to_string().contains("hunter2"), "{failure}");
    }
}

#[test]
fn a_server_that_goes_away_in_the_middle_leaves_nothing_half() {
    let Some(mut moto) = Moto::start(&[]) else { return };
    let large = conformance::bytes(1, 30 * 1024 * 1024);
    let blob = moto.store(BUCKET).put(&large).unwrap();

    let wire = Wire::to(&moto.address, 12 * 1024 * 1024);
    let far = store_at(&wire.endpoint, BUCKET, &[]);
    assert_eq!(far.fetch(&blob, u64::MAX).unwrap_err().error_type, ErrorType::StoreUnavailable);
    assert!(wire.is_cut());

    let other = conformance::bytes(2, 30 * 1024 * 1024);
    let wire = Wire::to(&moto.address, 12 * 1024 * 1024);
    let far = store_at(&wire.endpoint, BUCKET, &[]);
    assert_eq!(far.put(&other).unwrap_err().error_type, ErrorType::StoreUnavailable);
    assert!(wire.is_cut());
    let names: Vec<_> = block_on(moto.bucket().list(None).try_collect()).unwrap();
    assert_eq!(names.len(), 1);

    moto.kill();
    let near = moto.store(BUCKET);
    for failure in [near.get(&blob).unwrap_err(), near.put(b"x").unwrap_err(), near.probe().unwrap_err()] {
        assert_eq!(failure.error_type, ErrorType::StoreUnavailable, "{failure}");
    }
}
