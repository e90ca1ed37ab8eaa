//! Errors that a further try does not mend.

use std::time::Duration;

use graph_store::{ArangoOptions, StoreError};
use serde_json::json;

use crate::{
    sources::{assert_same, function, index, links, undisturbed, versions},
    support,
    world::{Own, open_at, own, quick, with_first_version},
};

#[test]
fn patience_has_an_end() {
    let own = own();
    let mut store = own.open();
    own.fault(&json!({ "kind": "refuse", "number": 21003, "path": "/_api/import", "times": 1_000_000 }));
    let impatient = ArangoOptions { patience: Duration::from_millis(50), ..quick() };
    let error = index(&mut *own.open_with(impatient).unwrap(), 2, &versions()[0]).unwrap_err();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("21003, queue full") && text.contains("gave up after"), "{text}");
    own.calm();
    index(&mut *store, 3, &versions()[0]).unwrap();
    assert_same(&mut *store, &undisturbed(&versions()[0]), "afterwards");

    let nobody = ArangoOptions { patience: Duration::from_millis(50), ..quick() };
    let error = open_at("127.0.0.1:1", nobody).err().unwrap();
    assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[test]
fn a_document_that_is_refused_is_named_with_the_reason() {
    let own = own();
    let sources = &versions()[0];
    let (f, call) = (function("a.ts", "f"), &links(sources).0[0].edges[0]);
    for (key, id) in [(&f.key, f.id()), (&call.key, format!("calls/{}", call.key))] {
        // Import first, then the array that names it.
        own.fault(&json!({ "kind": "key", "key": key, "number": 1620, "times": 2 }));
        let error = index(&mut *own.open(), 2, sources).unwrap_err();
        assert!(matches!(error, StoreError::Rejected { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("1 of ") && text.contains(&id) && text.contains("1620, schema violated"), "{text}");
    }
    own.calm();
    index(&mut *own.open(), 3, sources).unwrap();
    assert_same(&mut *own.open(), &undisturbed(sources), "afterwards");
}

#[test]
fn a_document_that_another_transaction_holds_is_written_when_it_is_free() {
    let own = own();
    let sources = &versions()[0];
    own.fault(&json!({ "kind": "key", "key": function("a.ts", "f").key, "number": 1200, "times": 4 }));
    own.fault(&json!({ "kind": "key", "key": links(sources).0[0].edges[0].key, "number": 1200, "times": 3 }));
    index(&mut *own.open(), 2, sources).unwrap();
    assert_same(&mut *own.open(), &undisturbed(sources), "afterwards");
}

#[test]
fn a_token_that_expires_is_renewed_where_that_is_possible() {
    let own = own();
    let mut store = own.open();
    let [first, second, _] = versions();
    index(&mut *store, 1, &first).unwrap();
    own.double.order("expire", &json!({})).unwrap();
    index(&mut *store, 2, &second).unwrap();
    assert_same(&mut *store, &undisturbed(&second), "afterwards");

    let wrong = ArangoOptions { credential: Some("root:wrong".parse().unwrap()), ..quick() };
    let nobody = ArangoOptions { credential: None, ..quick() };
    let forged = ArangoOptions { credential: Some("eyJh.eyJl.c2ln".parse().unwrap()), ..quick() };
    for options in [wrong, nobody, forged] {
        let error = own.open_with(options).err().unwrap();
        assert!(matches!(error, StoreError::AuthRejected { .. }), "{error}");
        assert!(!error.to_string().contains("wrong") && !error.to_string().contains("eyJ"), "{error}");
    }
}

#[test]
fn a_token_of_a_second_is_renewed_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    // So short that it counts as ended at once: each request logs in.
    let own =
        Own { double: support::double(folder.path(), &["--auth", "root:s3cret", "--token-lifetime", "1"]), folder };
    let mut store = own.open();
    for (epoch, sources) in (1..).zip(&versions()) {
        index(&mut *store, epoch, sources).unwrap();
        assert_same(&mut *store, &undisturbed(sources), "afterwards");
    }
}

#[test]
fn a_collection_that_was_removed_is_named() {
    let own = with_first_version();
    let mut store = own.open();
    let status = support::raw(own.double.address, "DELETE", "/_db/graph/_api/collection/calls", "root:s3cret");
    assert_eq!(status, 200);
    let error = index(&mut *store, 2, &versions()[1]).unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("1203"), "{error}");
    let error = own.open_with(quick()).err().unwrap();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("calls") && error.to_string().contains("index again"), "{error}");
}
