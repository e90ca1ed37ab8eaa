//! `install-service`.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::place::{Place, finish};

#[test]
fn either_unit_is_printed_and_nothing_is_written() {
    let place = Place::new();
    let before = place.tree();
    let token = format!("file:{}", place.text("a token%"));
    for manager in ["systemd", "launchd"] {
        let args = ["install-service", "--print", manager, "--url", "https://example.org", "--token", &token];
        let more = ["--compression", "zstd", "--exclude-project", "secret-*", "--keep-copies"];
        let unit = place.run(&[&args[..], &more].concat()).of_success();
        assert_eq!(unit.stderr, "");
        insta::assert_snapshot!(format!("unit_of_{manager}"), place.normalised(&unit.stdout));
    }
    assert_eq!(place.tree(), before);
}

#[test]
#[cfg(target_os = "linux")]
fn a_unit_is_installed_started_and_removed() {
    let place = Place::new();
    fs::create_dir(place.path("bin")).unwrap();
    // It writes down what it is told.
    let manager = format!("#!/bin/sh\necho \"$@\" >> '{}'\n", place.text("told"));
    fs::write(place.path("bin/systemctl"), manager).unwrap();
    fs::set_permissions(place.path("bin/systemctl"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", place.text("bin"), std::env::var("PATH").unwrap());
    let run = |args: &[&str]| finish(place.command(args).env("PATH", &path)).of_success();
    let file = place.path("home/.config/systemd/user/gantry-shipping.service");
    let done = run(&["install-service", "--url", "https://example.org"]);
    assert_eq!((done.stdout, done.stderr), (format!("installed: {}\n", file.display()), String::new()));
    assert!(fs::read_to_string(&file).unwrap().contains("\"connect\""));
    run(&["install-service", "--uninstall"]);
    assert!(!file.exists());
    assert_eq!(
        fs::read_to_string(place.path("told")).unwrap(),
        "--user daemon-reload\n--user enable gantry-shipping.service\n--user restart gantry-shipping.service\n\
         --user disable --now gantry-shipping.service\n--user daemon-reload\n"
    );
    assert_eq!(run(&["install-service", "--uninstall"]).stdout, "there is no such service\n");
}

#[test]
#[cfg(target_os = "linux")]
fn a_manager_that_cannot_be_reached_is_told_and_the_unit_is_there() {
    let place = Place::new();
    let mut command = place.command(&["install-service", "--json"]);
    let done = finish(command.env("PATH", place.path("empty")).env("AGENTS_API_TOKEN", "t0ken")).of_success();
    assert!(done.stderr.contains("variable AGENTS_API_TOKEN") && !done.stderr.contains("t0ken"), "{done:?}");
    assert!(done.stderr.contains("do it yourself: systemctl --user daemon-reload"), "{done:?}");
    assert_eq!(done.json()["undone"].as_array().unwrap().len(), 3);
    assert!(place.path("home/.config/systemd/user/gantry-shipping.service").exists());
}
