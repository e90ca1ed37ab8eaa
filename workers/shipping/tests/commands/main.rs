//! The commands of the built binary, as people and programs call them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

mod daemon;
mod place;
mod server;
mod service;
mod shipping;
mod state;

use std::{os::unix::fs::symlink, process::Stdio};

use crate::place::{Place, answer, finish};

#[test]
fn help_and_version() {
    let place = Place::new();
    for (name, args) in [
        ("help", &["--help"][..]),
        ("ship_help", &["ship", "--help"]),
        ("connect_help", &["connect", "--help"]),
        ("status_help", &["status", "--help"]),
        ("reset_help", &["reset", "--help"]),
        ("install_service_help", &["install-service", "--help"]),
    ] {
        let answer = place.run(args);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""));
        insta::assert_snapshot!(name, answer.stdout);
    }
    let version = place.run(&["version"]).stdout;
    assert!(version.starts_with("gantry-shipping ") && version == place.run(&["--version"]).stdout, "{version}");
}

#[test]
fn mistakes_end_with_their_code_and_say_what_to_do() {
    let place = Place::new();
    let session = place.session();
    let session = session.to_str().unwrap();
    std::fs::write(place.path("words.db"), "this is no database, and long enough to be looked at".repeat(100)).unwrap();
    let words = place.text("words.db");
    let cases: [(&[&str], i32, &str); 16] = [
        (&["--no-such-flag"], 1, "unexpected argument '--no-such-flag'"),
        (&["shipp"], 1, "unrecognized subcommand"),
        (&["ship", "--compression", "brotli"], 1, "possible values: gzip, zstd, auto"),
        (&["ship", "--level", "13"], 1, "gzip has the levels 1 to 12"),
        (&["ship", "--max-mbps", "0"], 1, "give a number above 0"),
        (&["ship", "--redact-pattern", "("], 1, "("),
        (&["ship", "--providers", "emacs"], 1, "emacs"),
        (&["ship", "--workers", "0"], 1, "--workers"),
        (&["ship", "--url", "nonsense"], 1, "give an address such as"),
        (&["ship", "--db", &words], 3, "words.db"),
        (&["status", "--db", &words], 3, "words.db"),
        (&["reset"], 1, "required arguments"),
        (&["reset", "--all", "--dead"], 1, "cannot be used with"),
        (&["reset", "--all", session], 1, "cannot be used with"),
        (&["install-service", "--token", "t0ken"], 1, "file:PATH"),
        (&["install-service", "--print", "upstart"], 1, "possible values"),
    ];
    for (args, code, hint) in cases {
        let answer = place.run(args);
        assert_eq!((answer.code, answer.stdout.as_str()), (code, ""), "{args:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(hint), "{args:?}: {}", answer.stderr);
        assert!(!answer.stderr.contains("t0ken"), "{}", answer.stderr);
    }
}

#[test]
fn the_older_name_means_the_same_program() {
    let place = Place::new();
    let session = place.session();
    let link = place.path("longhouse-engine");
    symlink(place::BINARY, &link).unwrap();
    let args = ["ship", "--dry-run", "--json", session.to_str().unwrap()];
    let older = finish(&mut place.command_of(&link, &args)).of_success().json();
    assert_eq!((&older["event_count"], &older["last_offset"]), (&3.into(), &session.metadata().unwrap().len().into()));
    assert_eq!(finish(&mut place.command_of(&link, &["version"])).stdout, place.run(&["version"]).stdout);
    // Without a command it is no worker under this name.
    let nothing = finish(&mut place.command_of(&link, &[]));
    assert!(nothing.code == 0 && nothing.stdout.contains("install-service"), "{nothing:?}");
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let place = Place::new();
    place.session();
    for args in [&["--help"][..], &["status"], &["status", "--json"], &["ship", "--dry-run", "--json"]] {
        let mut child = place.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let answer = answer(child);
        assert_eq!((answer.code, answer.stderr.as_str()), (0, ""), "{args:?}");
    }
}
