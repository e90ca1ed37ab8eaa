//! Servers and attempts that end in the middle.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
};

use arango_double::order;
use graph_store::StoreError;
use serde_json::json;

use crate::{
    sources::{assert_same, index, undisturbed, versions},
    world::{WRITES, at_every_write},
};

#[test]
fn the_server_is_killed_in_each_write_and_started_again() {
    let [_, second, _] = versions();
    let expected = undisturbed(&second);
    for after in [false, true] {
        at_every_write(|own, write| {
            let mut store = own.open();
            own.fault(&json!({ "kind": "die", "path": WRITES, "skip": write, "after": after }));
            let (address, double) = (own.double.address, &mut own.double);
            let finished = AtomicBool::new(false);
            let deaths = thread::scope(|scope| {
                scope.spawn(|| {
                    let done = index(&mut *store, 2, &versions()[1]);
                    finished.store(true, Ordering::SeqCst);
                    // So that whoever waits for a death need not wait for ever.
                    let _ = order(address, "die", &json!({}));
                    done.unwrap();
                });
                let mut deaths = 0;
                while !finished.load(Ordering::SeqCst) {
                    double.wait().unwrap();
                    double.restart().unwrap();
                    deaths += 1;
                }
                deaths
            });
            assert_same(&mut *own.open(), &expected, &format!("write {write}, after: {after}"));
            deaths > 1
        });
    }
}

#[test]
fn an_attempt_ends_at_each_write_and_the_next_one_makes_it_right() {
    let [_, second, third] = versions();
    let expected = [undisturbed(&second), undisturbed(&third)];
    for (next, expected) in [&second, &third].into_iter().zip(&expected) {
        at_every_write(|own, write| {
            own.fault(&json!({ "kind": "refuse", "path": WRITES, "skip": write, "status": 500, "number": 4 }));
            let ended = index(&mut *own.open(), 2, &second);
            own.calm();
            if let Err(error) = &ended {
                assert!(matches!(error, StoreError::Rejected { .. }), "{error}");
                assert!(error.to_string().contains("error 4"), "{error}");
            }
            let mut store = own.open();
            index(&mut *store, 3, next).unwrap();
            assert_same(&mut *store, expected, &format!("write {write}"));
            // What was contested is written once more, and then there is nothing left to do.
            index(&mut *store, 4, next).unwrap();
            index(&mut *store, 5, next).unwrap();
            let settled = own.transactions();
            index(&mut *store, 6, next).unwrap();
            assert_eq!(own.transactions(), settled, "write {write}");
            assert_same(&mut *store, expected, &format!("write {write}"));
            ended.is_err()
        });
    }
}

/// An attempt is given up while its write is on the way; its successor does all its work; then the write arrives. The
/// successor finds files changed, files that the attempt brings, and files that the attempt removes.
#[test]
fn a_write_that_comes_after_the_successor_is_undone_by_the_next_run() {
    let [first, second, third] = versions();
    for wanted in [&third, &first] {
        let expected = undisturbed(wanted);
        at_every_write(|own, write| {
            own.fault(&json!({ "kind": "hold", "path": WRITES, "skip": write }));
            let mut zombie = own.open();
            let second = second.clone();
            let (held, ended) = mpsc::channel();
            let attempt = thread::spawn({
                let held = held.clone();
                move || {
                    let result = index(&mut *zombie, 2, &second);
                    let _ = held.send(false);
                    result
                }
            });
            let address = own.double.address;
            thread::spawn(move || {
                if order(address, "held", &json!({})).is_ok() {
                    let _ = held.send(true);
                }
            });
            if !ended.recv().unwrap() {
                attempt.join().unwrap().unwrap();
                return false;
            }
            let mut successor = own.open();
            index(&mut *successor, 3, wanted).unwrap();
            assert_same(&mut *successor, &expected, &format!("before the late write {write}"));
            own.double.order("release", &json!({})).unwrap();
            if let Err(error) = attempt.join().unwrap() {
                assert!(matches!(error, StoreError::Fenced { .. } | StoreError::Unavailable { .. }), "{error}");
            }
            let mut epoch = 4;
            while let Err(error) = index(&mut *successor, epoch, wanted) {
                assert!(matches!(error, StoreError::Unavailable { .. }), "{error}");
                epoch += 1;
                assert!(epoch < 8, "write {write}: {error}");
            }
            assert_same(&mut *successor, &expected, &format!("after the late write {write}"));
            true
        });
    }
}
