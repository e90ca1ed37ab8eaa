//! Every declared activity is registered by exactly one worker, and every worker registers only what is declared.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::Arc,
};

use contracts::{Attempts, queues};
use heavy_compute::{Hosts, Settings};
use kit::{AllowedRoots, BlobStore, Drain, Files, Runner};
use temporalio_sdk::WorkerOptions;

/// What each queue's worker registers. A new queue adds a line here.
fn workers() -> BTreeMap<&'static str, BTreeSet<String>> {
    let folder = PathBuf::from("/nowhere");
    let settings = Arc::new(Settings {
        host_queue: queues::host_queue(queues::HEAVY_COMPUTE, "host"),
        workspaces: folder.clone(),
        indexes: folder.clone(),
        indexer_limits: heavy_compute::indexer::Limits::default(),
        graph: "sqlite:/nowhere/graph.db".parse().unwrap(),
        blobs: BlobStore::in_memory().unwrap(),
        roots: AllowedRoots::new([folder]),
        hosts: Hosts::new(|| Ok(Vec::new())),
        memory: heavy_compute::memory::MemoryBudget::default(),
    });
    let mut heavy = WorkerOptions::new(queues::HEAVY_COMPUTE).build();
    let runner = Runner::new(1, settings.blobs.clone(), Drain::default());
    heavy_compute::register(&mut heavy, &settings, &runner);
    let mut shipping = WorkerOptions::new(queues::SHIPPING).build();
    let roots = || AllowedRoots::new([PathBuf::from("/nowhere")]);
    let home = shipping::config::Homes::under(&PathBuf::from("/nowhere"));
    let config = shipping::config::Config::new(
        home,
        "http://localhost:8080",
        shipping::config::TokenSource::None,
        "/nowhere/shipper.db",
    );
    shipping::register(&mut shipping, &Arc::new(shipping::steps::Settings::new(config, roots())), &runner);
    let mut saves = WorkerOptions::new(queues::SAVE_PARSING).build();
    let files = Files { roots: roots(), blobs: settings.blobs.clone() };
    let of_saves = save_parsing::steps::Settings::new(files, save_parsing::steps::USUAL_MEMORY);
    let of_saves = Arc::new(of_saves);
    save_parsing::register(&mut saves, &of_saves, &runner);
    briefing::register(&mut saves, &of_saves, &runner);
    let events = tempfile::tempdir().unwrap();
    let mut ingest = WorkerOptions::new(queues::INGEST).build();
    let of_ingest = ingest::steps::Settings {
        store: Arc::new(
            ingest::store::Store::open(&events.path().join("ingest.db"), ingest::store::Settings::default()).unwrap(),
        ),
        files: Files { roots: roots(), blobs: settings.blobs.clone() },
        limits: ingest::event::Limits::default(),
        redaction: ingest::http::Redaction::none(),
        scratch: events.path().to_owned(),
    };
    ingest::register(&mut ingest, &Arc::new(of_ingest), &runner);
    BTreeMap::from([
        (queues::HEAVY_COMPUTE, registered(&heavy)),
        (queues::INGEST, registered(&ingest)),
        (queues::SAVE_PARSING, registered(&saves)),
        (queues::SHIPPING, registered(&shipping)),
    ])
}

/// The SDK keeps the names to itself; its debug text is exactly them.
fn registered(options: &WorkerOptions) -> BTreeSet<String> {
    format!("{:?}", options.activities()).split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_declared_activity_is_registered_by_exactly_the_worker_of_its_queue() {
    let mut declared: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for activity in contracts::all_activities() {
        let new = declared.entry(activity.queue).or_default().insert(activity.name.to_owned());
        assert!(new, "{} is declared twice", activity.name);
    }
    assert_eq!(workers(), declared);
    assert_eq!(declared.keys().copied().collect::<Vec<_>>(), queues::ACTIVITY_QUEUES);
}

#[test]
fn every_activity_has_a_heartbeat_and_a_bound() {
    for activity in contracts::all_activities() {
        let policy = activity.policy;
        assert!(policy.heartbeat_s > 0 && policy.heartbeat_s <= policy.start_to_close_s, "{}", activity.name);
        match policy.attempts {
            Attempts::AtMost(attempts) => assert!(attempts > 1, "{}: a deploy costs an attempt", activity.name),
            Attempts::Within(seconds) => {
                assert!(seconds > policy.start_to_close_s, "{}: room for another", activity.name);
            }
        }
    }
}
