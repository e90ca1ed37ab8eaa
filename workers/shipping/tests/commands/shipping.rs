//! `ship`.

use std::{fs, process::Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    place::{Place, answer, append, finish, line},
    server::{STALL, Server},
};

#[test]
fn a_dry_run_tells_everything_and_changes_nothing() {
    let place = Place::new();
    let session = place.session();
    let before = place.tree();
    let answer = place.run(&["ship", "--dry-run", "--json"]).of_success();
    let told = answer.json();
    assert_eq!((&told["files"], &told["events"], &told["batches"]), (&1.into(), &3.into(), &1.into()));
    assert_eq!(told["sourceBytes"], session.metadata().unwrap().len());
    assert_eq!(told["eventsByRole"], serde_json::json!({ "assistant": 2, "tool": 0, "user": 1 }));
    for name in ["payloadBytes", "compressedBytes", "peakRssBytes"] {
        assert!(told[name].as_u64() > Some(0), "{name}: {told}");
    }
    assert!(told["durationMs"].is_u64() && told["quarantined"] == 0 && told.get("event_count").is_none());
    let people = place.run(&["ship", "--dry-run"]).of_success().stdout;
    assert!(people.starts_with("would ship 1 file of "), "{people}");
    place.run(&["status"]).of_success();
    assert_eq!(place.tree(), before);
}

#[test]
fn a_dry_run_of_one_file_has_its_older_fields_and_waits_for_the_end_of_a_line() {
    let place = Place::new();
    let session = place.session();
    let whole = session.metadata().unwrap().len();
    let torn = format!("{}{}", fs::read_to_string(&session).unwrap(), line("user", r#""half a li"#, 3));
    fs::write(&session, torn).unwrap();
    let told = place.run(&["--json", "ship", "--dry-run", session.to_str().unwrap()]).of_success().json();
    assert_eq!((&told["event_count"], &told["last_offset"]), (&3.into(), &whole.into()));
}

#[test]
fn what_is_new_is_sent_once() {
    let place = Place::new();
    let session = place.session();
    fs::write(place.path("token"), "s3cret\n").unwrap();
    let server = Server::start(200);
    let token = format!("file:{}", place.text("token"));
    let args = ["ship", "--json", "--url", &server.url, "--token", &token];
    let told = place.run(&args).of_success();
    assert!(!told.stderr.contains("s3cret") && !told.stdout.contains("s3cret"));
    let told = told.json();
    let sent = server.next();
    assert_eq!((sent.token.as_deref(), sent.encoding.as_deref()), (Some("s3cret"), Some("gzip")));
    assert_eq!(told["compressedBytes"], sent.bytes);
    assert_eq!((&told["files"], &told["events"], &told["acknowledged"]), (&1.into(), &3.into(), &1.into()));
    assert!(told["peakRssBytes"].as_u64() > Some(0) && told["durationMs"].is_u64());

    let again = place.run(&["ship", "--url", &server.url, "--token", &token]).of_success();
    assert!(again.stdout.starts_with("nothing new ("), "{again:?}");
    append(&session, &line("user", r#""and again""#, 4));
    let more = place.run(&args).of_success().json();
    assert_eq!((&more["events"], server.rest()), (&1.into(), 1));
    let status = place.run(&["status", "--json"]).of_success().json();
    assert_eq!((&status["tracked"], &status["bytesBehind"]), (&1.into(), &0.into()));
}

#[test]
fn a_server_that_is_away_loses_nothing_and_is_code_3() {
    let place = Place::new();
    place.session();
    let away = place.run(&["ship", "--url", "http://127.0.0.1:1", "--log-level", "off"]);
    assert_eq!(away.code, 3, "{away:?}");
    assert!(away.stderr.contains("nothing is lost") && away.stderr.contains("http://127.0.0.1:1"), "{away:?}");
    let status = place.run(&["status", "--json"]).of_success().json();
    assert_eq!((&status["spool"]["pending"], &status["hold"]["reason"]), (&1.into(), &"offline".into()), "{status}");
    // The pause lasts some seconds, and what waits is not forgotten in them.
    let soon = place.run(&["ship", "--json", "--url", "http://127.0.0.1:1"]);
    assert_eq!(soon.json()["replay"]["pending"], 1, "{soon:?}");
    assert!(soon.code == 3 && soon.stderr.contains("sends what waits"), "{soon:?}");
}

#[test]
fn a_refused_token_is_code_3_and_a_typed_one_is_hidden() {
    let place = Place::new();
    place.session();
    let server = Server::start(401);
    let args = ["ship", "--json", "--url", &server.url, "--token", "t0ken"];
    let refused = place.run(&args);
    assert_eq!((refused.code, server.next().token.as_deref()), (3, Some("t0ken")), "{refused:?}");
    assert!(refused.stderr.contains("--token was given the token itself"), "{refused:?}");
    assert!(!refused.stderr.contains("t0ken") && !refused.stdout.contains("t0ken"), "{refused:?}");
    assert_eq!(refused.json()["hold"]["reason"], "authRejected");
    server.answer_with(200);
    assert_eq!(place.run(&["ship", "--json", "--url", &server.url, "--token", "new"]).json()["events"], 3);
}

#[test]
fn files_that_hold_nothing_are_a_parse_error() {
    let place = Place::new();
    let session = place.session();
    fs::write(&session, "this\nis no\nsession\n").unwrap();
    let answer = place.run(&["ship", "--dry-run", "--json", session.to_str().unwrap()]);
    assert_eq!((answer.code, &answer.json()["quarantined"]), (2, &3.into()), "{answer:?}");
    let missing = place.run(&["ship", "--dry-run", &place.text("home/.claude/projects/x/missing.jsonl")]);
    assert!([1, 4].contains(&missing.code) && missing.stderr.contains("missing.jsonl"), "{missing:?}");
}

#[test]
fn a_signal_ends_a_ship_that_waits_for_its_server_and_nothing_is_lost() {
    let place = Place::new();
    place.session();
    for signals in [&[Signal::TERM][..], &[Signal::INT, Signal::INT]] {
        let server = Server::start(STALL);
        let child = place.start(&["ship", "--json", "--url", &server.url]);
        server.next();
        for signal in signals {
            kill_process(Pid::from_child(&child), *signal).unwrap();
        }
        let ended = answer(child);
        assert_eq!(ended.code, 128 + signals.first().unwrap().as_raw(), "{ended:?}");
    }
    let server = Server::start(200);
    let told =
        finish(place.command(&["ship", "--json", "--url", &server.url]).stdin(Stdio::null())).of_success().json();
    assert!(told["events"] == 3 || told["replay"]["events"] == 3, "{told}");
    assert_eq!(server.rest(), 1);
}
