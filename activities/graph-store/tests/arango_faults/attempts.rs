//! Servers and attempts that end in the middle.

use std::{
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
};

use arango_double::order;
use graph_store::{GraphStore, StoreError, StoreResult};
use serde_json::json;

use crate::{
    sources::{Sources, assert_same, index, index_with, undisturbed, versions},
    world::{Own, WRITES, at_every_write, at_writes, own, with_first_version},
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

/// An attempt that is given up while its write is on the way.
struct Zombie {
    attempt: JoinHandle<StoreResult<()>>,
}

impl Zombie {
    /// Goes on until its write is held; none if there are not as many.
    fn start(own: &Own, write: u64) -> Option<Self> {
        own.fault(&json!({ "kind": "hold", "path": WRITES, "skip": write }));
        let mut store = own.open();
        let (held, ended) = mpsc::channel();
        let attempt = thread::spawn({
            let held = held.clone();
            move || {
                let [_, second, _] = versions();
                let result = index(&mut *store, 2, &second);
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
        if ended.recv().unwrap() {
            return Some(Self { attempt });
        }
        attempt.join().unwrap().unwrap();
        None
    }

    /// Lets the write arrive, and the attempt go on as far as it gets; whether that was to its end.
    fn release(self, own: &Own) -> bool {
        own.double.order("release", &json!({})).unwrap();
        match self.attempt.join().unwrap() {
            Ok(()) => true,
            Err(error) => {
                assert!(matches!(error, StoreError::Fenced { .. } | StoreError::Unavailable { .. }), "{error}");
                false
            }
        }
    }
}

/// Runs until it succeeds; each run before that has to fail with an error that is worth another try.
fn index_again(store: &mut dyn GraphStore, sources: &Sources, when: &str) {
    for epoch in 4..8 {
        match index(store, epoch, sources) {
            Ok(()) => return,
            Err(error) => assert!(matches!(error, StoreError::Unavailable { .. }), "{when}: {error}"),
        }
    }
    panic!("{when}: no run succeeds");
}

/// The successor finds files changed, files that the attempt brings, and files that the attempt removes, or an empty store;
/// when it has done all its work, the write arrives.
#[test]
fn a_write_that_comes_after_the_successor_is_undone_by_the_next_run() {
    let [first, _, third] = versions();
    let empty = own();
    drop(empty.open());
    for (begin, wanted) in
        [(&with_first_version(), &third), (&with_first_version(), &first), (&empty, &third), (&empty, &first)]
    {
        let expected = undisturbed(wanted);
        at_writes(begin, 1, |own, write| {
            let Some(zombie) = Zombie::start(own, write) else { return false };
            let mut successor = own.open();
            index(&mut *successor, 3, wanted).unwrap();
            assert_same(&mut *successor, &expected, &format!("before the late write {write}"));
            assert!(!zombie.release(own) || *wanted == first);
            index_again(&mut *successor, wanted, &format!("after the late write {write}"));
            assert_same(&mut *successor, &expected, &format!("after the late write {write}"));
            true
        });
    }
}

/// The write arrives before the successor has linked: then it finds that itself.
#[test]
fn a_write_that_comes_while_the_successor_works_is_found_by_it() {
    let [first, _, third] = versions();
    let mut found = 0;
    for wanted in [&third, &first] {
        let expected = undisturbed(wanted);
        at_every_write(|own, write| {
            let Some(zombie) = Zombie::start(own, write) else { return false };
            let mut successor = own.open();
            let mut went_on = false;
            let result = index_with(&mut *successor, 3, wanted, || went_on = zombie.release(own));
            if let Err(error) = &result {
                assert!(error.to_string().contains("run again"), "{error}");
                found += 1;
            }
            // Who has found nothing to write has taken no right away.
            if result.is_err() || went_on {
                index_again(&mut *successor, wanted, &format!("after the late write {write}"));
            }
            assert_same(&mut *successor, &expected, &format!("after the late write {write}"));
            true
        });
    }
    assert!(found > 0, "some of them have to be found");
}
