//! What goes wrong between a store and its server.

use std::thread;

use graph_store::{GraphStore, PostgresGraph, PostgresOptions, StoreError, Written};
use postgres::Client;

use super::{
    PostgresHome,
    relay::{Cut, Relay},
    server::{Database, Server, options},
};
use crate::{
    Home,
    fixtures::{assert_whole, export, file, links, repository, run},
};

const KEY: i64 = 42;

/// From now on a write stops when its entities are put and its edges are not, until the lock is let go.
fn stop_before_edges(client: &mut Client) {
    client
        .batch_execute(
            "CREATE FUNCTION gantry.wait() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM pg_advisory_xact_lock(42); RETURN NULL; END $$;
             CREATE TRIGGER wait BEFORE INSERT ON gantry.edge EXECUTE FUNCTION gantry.wait();",
        )
        .unwrap();
    client.execute("SELECT pg_advisory_lock($1)", &[&KEY]).unwrap();
}

fn until_waiting(client: &mut Client, waiting: i64) {
    let sql = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database
               WHERE datname = current_database()) OR NOT granted AND locktype = 'transactionid'";
    while client.query_one(sql, &[]).unwrap().get::<_, i64>(0) < waiting {
        thread::yield_now();
    }
}

#[test]
fn a_server_that_is_killed_in_a_batch_loses_the_batch_alone_and_is_written_on() {
    let Some(mut server) = Server::start() else { return };
    let database = Database::on(&server.url);
    let mut store = PostgresGraph::open(&database.url, PostgresOptions::default()).unwrap();
    let first = run(&mut store);
    store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap();
    let before = export(&mut store);
    let batch = [file("a.ts", "2", &["f", "g"]), file("b.ts", "1", &["h"])];
    let mut beside = database.connect();
    stop_before_edges(&mut beside);
    thread::scope(|scope| {
        let writing = scope.spawn(|| (store.replace_files(&first, &batch).unwrap_err(), store));
        until_waiting(&mut beside, 1);
        server.kill();
        let (lost, mut store) = writing.join().unwrap();
        assert!(matches!(lost, StoreError::Unavailable { .. }), "{lost}");
        let gone = store.repositories().unwrap_err();
        assert!(matches!(gone, StoreError::Unavailable { .. }), "{gone}");
        server.start_again();
        assert_eq!(export(&mut store), before, "nothing of the batch");
        let mut beside = database.connect();
        beside.batch_execute("DROP TRIGGER wait ON gantry.edge").unwrap();
        store.replace_files(&first, &batch).unwrap();
        assert_whole(&export(&mut store));
        assert_ne!(export(&mut store), before);
    });
}

#[test]
fn a_wire_that_is_cut_at_a_commit_leaves_all_or_nothing_and_the_call_can_be_repeated() {
    if !PostgresHome::is_there() {
        return;
    }
    for (cut, again) in [
        (Cut::BeforeCommit, Written { written: 3, removed: 0 }),
        // It had been carried out.
        (Cut::AfterCommit, Written::default()),
    ] {
        let home = PostgresHome::new();
        let relay = Relay::to(&home.database.url);
        let mut store = PostgresGraph::open(&relay.url, options().postgres).unwrap();
        let first = run(&mut store);
        let files = [file("a.ts", "1", &["f"])];
        relay.cut(cut);
        let lost = store.replace_files(&first, &files).unwrap_err();
        assert!(matches!(lost, StoreError::Unavailable { .. }), "{lost}");
        assert_eq!(store.replace_files(&first, &files).unwrap(), again);

        relay.cut(cut);
        store.link_files(&first, &[links("a.ts", "1", Vec::new())], &[]).unwrap_err();
        store.link_files(&first, &[links("a.ts", "1", Vec::new())], &[]).unwrap();
        relay.cut(cut);
        store.finish_links(&first, "linked").unwrap_err();
        store.finish_links(&first, "linked").unwrap();
        assert_eq!(store.link_summary(&repository()).unwrap().as_deref(), Some("linked"));
        let fresh = PostgresHome::new();
        let mut fresh = fresh.open();
        let only = run(&mut *fresh);
        fresh.replace_files(&only, &files).unwrap();
        assert_eq!(export(&mut store), export(&mut *fresh));
    }
}

#[test]
fn a_connection_that_was_closed_while_nobody_used_it_is_made_anew() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let mut store = home.store();
    let first = run(&mut store);
    let close = || {
        let sql = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
                   WHERE application_name = 'gantry' AND datname = current_database()";
        assert_eq!(home.database.connect().query(sql, &[]).unwrap().len(), 1);
    };
    close();
    store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap();
    close();
    assert_eq!(store.repositories().unwrap().len(), 1);
    close();
    assert_eq!(export(&mut store).lines().count(), 3);
}

#[test]
fn a_table_that_is_gone_is_said_and_the_rest_still_answers() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let mut store = home.store();
    let first = run(&mut store);
    store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap();
    home.database.connect().batch_execute("DROP TABLE gantry.edge").unwrap();
    let damaged = store.replace_files(&first, &[file("a.ts", "2", &["f"])]).unwrap_err();
    assert!(matches!(damaged, StoreError::Damaged { .. }), "{damaged}");
    assert!(damaged.to_string().contains("gantry.edge") && damaged.to_string().contains("index again"), "{damaged}");
    assert_eq!(store.indexed_files(&repository()).unwrap()["a.ts"].content_sha256, "1", "nothing was written");
}

#[test]
fn several_that_create_the_tables_at_once_create_them_once() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    for _ in 0..5 {
        home.database.connect().batch_execute("DROP SCHEMA IF EXISTS gantry CASCADE").unwrap();
        let barrier = std::sync::Barrier::new(6);
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    barrier.wait();
                    assert!(home.store().repositories().unwrap().is_empty());
                });
            }
        });
    }
}

#[test]
fn an_attempt_that_was_given_up_in_the_middle_of_a_write_is_waited_for_and_then_kept_out() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let (mut zombie, mut successor) = (home.store(), home.store());
    let old = run(&mut zombie);
    zombie.replace_files(&old, &[file("a.ts", "0", &["f"])]).unwrap();
    let new = run(&mut successor);
    let mut beside = home.database.connect();
    stop_before_edges(&mut beside);
    thread::scope(|scope| {
        let writing = scope.spawn(|| zombie.replace_files(&old, &[file("a.ts", "1", &["f", "g"])]).unwrap());
        until_waiting(&mut beside, 1);
        let waiting = scope.spawn(|| successor.replace_files(&new, &[file("a.ts", "2", &["h"])]).unwrap());
        until_waiting(&mut beside, 2);
        beside.execute("SELECT pg_advisory_unlock($1)", &[&KEY]).unwrap();
        // The file, g, file to g, f to g; then h alone with its edge, and the file.
        assert_eq!(writing.join().unwrap(), Written { written: 4, removed: 0 });
        assert_eq!(waiting.join().unwrap(), Written { written: 3, removed: 5 });
    });
    assert!(matches!(zombie.replace_files(&old, &[]), Err(StoreError::Fenced { .. })));
    let fresh = PostgresHome::new();
    let mut fresh = fresh.open();
    let only = run(&mut *fresh);
    fresh.replace_files(&only, &[file("a.ts", "2", &["h"])]).unwrap();
    assert_eq!(export(&mut successor), export(&mut *fresh));
}

#[test]
fn a_transaction_that_others_were_in_the_way_of_is_run_again_but_not_for_ever() {
    if !PostgresHome::is_there() {
        return;
    }
    let home = PostgresHome::new();
    let mut store = home.store();
    let first = run(&mut store);
    let mut beside = home.database.connect();
    // Numbers of a sequence are not given back by a transaction that fails.
    beside
        .batch_execute(
            "CREATE SEQUENCE gantry.tries;
             CREATE FUNCTION gantry.conflict() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('gantry.tries') <> 3 THEN RAISE EXCEPTION 'deadlock' USING ERRCODE = '40P01'; END IF;
                 RETURN NULL;
             END $$;
             CREATE TRIGGER conflict BEFORE INSERT ON gantry.edge EXECUTE FUNCTION gantry.conflict();",
        )
        .unwrap();
    assert_eq!(store.replace_files(&first, &[file("a.ts", "1", &["f"])]).unwrap().written, 3);
    let gave_up = store.replace_files(&first, &[file("a.ts", "2", &["f"])]).unwrap_err();
    assert!(matches!(gave_up, StoreError::Unavailable { .. }), "{gave_up}");
    let tries: i64 = beside.query_one("SELECT last_value FROM gantry.tries", &[]).unwrap().get(0);
    assert_eq!(tries, 3 + 5);
    assert_eq!(store.indexed_files(&repository()).unwrap()["a.ts"].content_sha256, "1");
}
