//! Blob stores: what holds for each of them, and what each of them has of its own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stderr, reason = "in a test, what goes wrong ends it")]

mod conformance;
mod file;
mod http;
mod moto;
mod s3;

use kit::BlobStore;

#[test]
fn a_store_in_memory_is_a_blob_store() {
    conformance::of(&BlobStore::in_memory().unwrap());
}

#[test]
fn a_store_does_not_show_its_credentials() {
    let environment = [("AWS_ACCESS_KEY_ID", "hunter1"), ("AWS_SECRET_ACCESS_KEY", "hunter2")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let store = BlobStore::open_with(&kit::blob_url("s3://bucket/prefix").unwrap(), &[], environment).unwrap();
    assert_eq!(format!("{store:?}"), "BlobStore { own: s3://bucket/prefix, readable: [] }");
}
