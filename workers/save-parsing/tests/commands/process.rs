//! How a session's process begins, waits and ends.

use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdout, Stdio},
};

use rustix::process::{Pid, Signal, kill_process};
use save_parsing::sample::SampleSave;

use crate::place::{Answer, Place};

/// A place with `big.sav`, whose streams are far bigger than a pipe.
fn with_big_save() -> Place {
    let place = Place::new();
    place.file("big.sav", &SampleSave { seed: 7, text_bytes: 2_000_000 }.gamestate());
    place
}

const PLANETS: &[u8] = b"{\"op\":\"query\",\"path\":\"planets.planet.*\"}\n";
const COUNTRIES: &[u8] = b"{\"op\":\"iter_section\",\"section\":\"country\"}\n";

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// Sends a request and reads the first frame.
fn begun(child: &mut Child, request: &[u8]) -> BufReader<ChildStdout> {
    child.stdin.as_mut().unwrap().write_all(request).unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut frame = String::new();
    stdout.read_line(&mut frame).unwrap();
    assert!(frame.starts_with("{\"ok\":true"), "{frame}");
    stdout
}

#[test]
fn the_end_of_stdin_is_the_end() {
    let place = Place::new();
    let answer = Answer::from(place.command(&["serve", "--path", "a.sav"]).output().unwrap());
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), "", ""));
    // The last line needs no end.
    let mut child = place.serve("a.sav", &[]);
    child.stdin.take().unwrap().write_all(br#"{"op":"count_keys","keys":[]}"#).unwrap();
    let answer = Answer::from(child.wait_with_output().unwrap());
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "{\"ok\":true,\"counts\":{}}\n"));
}

#[test]
fn nothing_after_close_is_answered() {
    let answer = Place::new().session("a.sav", &[], &[br#"{"op":"close"}"#, br#"{"op":"count_keys","keys":[]}"#]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "{\"ok\":true,\"closed\":true}\n"));
}

#[test]
fn a_client_that_goes_away_ends_it() {
    let place = with_big_save();
    let mut child = place.serve("big.sav", &[]);
    drop(begun(&mut child, PLANETS));
    let answer = Answer::from(child.wait_with_output().unwrap());
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));

    let sections = ["extract-save", "big.sav", "--sections", "planets"];
    for args in [&sections[..], &["iter-save", "big.sav", "--section", "country"]] {
        let mut child = place.command(args).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 10]).unwrap();
        drop(stdout);
        let answer = Answer::from(child.wait_with_output().unwrap());
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn signals_end_it_between_frames() {
    let place = with_big_save();
    for one in [Signal::TERM, Signal::INT] {
        // Waiting for a request.
        let mut child = place.serve("a.sav", &[]);
        let stdout = begun(&mut child, b"{\"op\":\"count_keys\",\"keys\":[]}\n");
        signal(&child, one);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{one:?}");
        drop(stdout);

        // In the middle of a stream, whose reader is slow: what was begun is whole.
        let mut child = place.serve("big.sav", &[]);
        let mut stdout = begun(&mut child, COUNTRIES);
        signal(&child, one);
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(0), "{one:?}");
        assert!(rest.is_empty() || rest.ends_with('\n'));
        for frame in rest.lines() {
            serde_json::from_str::<serde_json::Value>(frame).unwrap();
        }
    }
}

#[test]
fn a_client_that_reads_nothing_does_not_hold_it_after_a_signal() {
    let place = with_big_save();
    let mut child = place.serve("big.sav", &[]);
    let stdout = begun(&mut child, PLANETS);
    signal(&child, Signal::TERM);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    drop(stdout);
}

#[test]
fn without_requests_it_ends_when_asked_to() {
    let place = Place::new();
    let mut child = place.serve("a.sav", &["--idle-timeout", "0.05"]);
    let stdin = child.stdin.take();
    let answer = Answer::from(child.wait_with_output().unwrap());
    drop(stdin);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""));
    assert_eq!(answer.stderr, "gantry-save-parsing: no request for 0.05 s: the session ends\n");
}

#[test]
fn streams_do_not_make_it_grow() {
    const REQUESTS: usize = 500;
    let place = with_big_save();
    let mut child = place.serve("big.sav", &[]);
    let ask = br#"{"op":"iter_section","section":"ships","batch_size":1000000}"#;
    let mut stdin = child.stdin.take().unwrap();
    // More requests than it keeps, before anything is read: who writes waits, and who reads nothing gets nothing more.
    let writer = std::thread::spawn(move || {
        for _ in 0..REQUESTS {
            stdin.write_all(ask).and_then(|()| stdin.write_all(b"\n")).unwrap();
        }
        stdin
    });
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let (mut done, mut bytes, mut frame) = (0, 0, String::new());
    while done < REQUESTS {
        frame.clear();
        bytes += stdout.read_line(&mut frame).unwrap();
        done += usize::from(frame.starts_with("{\"ok\":true,\"done\":true"));
    }
    let stdin = writer.join().unwrap();
    if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", child.id())) {
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
        assert!(peak * 1024 < bytes / 2, "{peak} kB, {bytes} bytes were streamed");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn stderr_may_be_closed() {
    let place = Place::new();
    let mut command = place.command(&["serve", "--path", "none.sav"]);
    let answer = Answer::from(command.stderr(Stdio::null()).output().unwrap());
    assert_eq!(answer.code, Some(1));
    assert!(answer.stdout.contains("FileNotFound"));
}
