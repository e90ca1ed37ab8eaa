//! `connect`.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    place::{BINARY, Place, answer, append, line},
    server::{STALL, Server},
};

#[test]
fn a_daemon_catches_up_follows_changes_and_ends_in_peace() {
    let place = Place::new();
    let session = place.session();
    let server = Server::start(200);
    let log = place.text("logs/shipping.log");
    let child = place.start(&["connect", "--url", &server.url, "--log-file", &log, "--json"]);
    server.next();
    append(&session, &line("user", r#""live""#, 3));
    server.next();
    let codex = place.path("home/.codex/sessions/2026/03/01");
    fs::create_dir_all(&codex).unwrap();
    let rollout = codex.join("rollout-2026-03-01T10-00-00-0b5c1a52-5f0e-4c0e-9a53-5d6b8f9c1a78.jsonl");
    fs::write(
        &rollout,
        concat!(
            r#"{"timestamp":"2026-03-01T10:00:00Z","type":"session_meta","payload":{"id":"0b5c1a52-5f0e-4c0e-9a53-5d6b8f9c1a78","cwd":"/home/me/sample"}}"#,
            "\n",
            r#"{"timestamp":"2026-03-01T10:00:01Z","type":"response_item","payload":{"type":"message","role":"user","content":[{"type":"input_text","text":"hello"}]}}"#,
            "\n"
        ),
    )
    .unwrap();
    server.next();

    let second = place.run(&["ship", "--url", &server.url]);
    assert_eq!(second.code, 3, "one at a time: {second:?}");
    let beside = place.run(&["status", "--json"]).of_success().json();
    assert_eq!((&beside["running"], &beside["pid"]), (&true.into(), &child.id().into()));

    kill_process(Pid::from_child(&child), Signal::HUP).unwrap();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = answer(child);
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    assert!(ended.json()["live"].as_u64() >= Some(2), "{ended:?}");
    let log = fs::read_to_string(log).unwrap();
    assert!(log.lines().all(|line| line.contains(" INFO  ")), "{log}");
    assert_eq!(place.run(&["status", "--json"]).json()["bytesBehind"], 0);
}

#[test]
fn a_new_token_in_its_file_ends_a_refusal() {
    let place = Place::new();
    place.session();
    let server = Server::start(401);
    fs::write(place.path("home/.claude/longhouse-device-token"), "revoked").unwrap();
    let mut child = place.start(&["connect", "--url", &server.url]);
    assert_eq!(server.next().token.as_deref(), Some("revoked"));
    // The refusal is known to the daemon once it has told of it.
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("nothing is sent for now, and nothing is lost")));
    server.answer_with(200);
    fs::write(place.path("home/.claude/longhouse-device-token"), "fresh").unwrap();
    while server.next().token.as_deref() != Some("fresh") {}
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(log.filter(|line| line.contains("nothing is sent")).count(), 0, "told once");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A name space of users has a limit of its own, so that this touches nobody else's.
#[test]
#[cfg(target_os = "linux")]
fn where_the_limit_of_watches_is_reached_files_are_looked_at() {
    let place = Place::new();
    let session = place.session();
    for folder in ["q/r/s", "t/u/v"] {
        fs::create_dir_all(session.parent().unwrap().join(folder)).unwrap();
    }
    let server = Server::start(200);
    let limited = "echo 3 > /proc/sys/user/max_inotify_watches && exec \"$0\" \"$@\"";
    let program = ["--user", "--map-root-user", "sh", "-c"];
    let able = Command::new("unshare").args(program).args(["echo 3 > /proc/sys/user/max_inotify_watches"]).output();
    if !able.is_ok_and(|output| output.status.success()) {
        println!("skipped: no name space of users can be made here");
        return;
    }
    let mut command = place.command_of(Path::new("unshare"), &program);
    command.args([limited, BINARY, "connect", "--url", &server.url]).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    server.next();
    let mut log = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(log.any(|line| line.contains("WARN") && line.contains("raise fs.inotify.max_user_watches")));
    append(&session, &line("user", r#""live""#, 3));
    server.next();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_daemon_whose_server_says_nothing_ends_in_peace_and_sends_it_next_time() {
    let place = Place::new();
    place.session();
    let server = Server::start(STALL);
    let child = place.start(&["connect", "--url", &server.url]);
    server.next();
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let ended = answer(child);
    assert_eq!(ended.code, 0, "{ended:?}");
    let server = Server::start(200);
    let told = place.run(&["ship", "--json", "--url", &server.url]).of_success().json();
    assert!(told["events"] == 3 || told["replay"]["events"] == 3, "{told}");
}
