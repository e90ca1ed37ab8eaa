//! Writing to an ArangoDB server, with the arguments and variables of the older commands too.

use std::{fs, process::Command};

use arango_double::Double;
use graph_store::Repository;
use kit::{GraphCredential, GraphPlace};

use crate::place::Place;

/// This test program again, as the stand-in.
fn command() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["arango::stand_in", "--exact", "--ignored", "--nocapture"]);
    command
}

/// No test: the server that the tests talk to.
#[test]
#[ignore = "started by other tests"]
fn stand_in() {
    let Ok(arguments) = std::env::var("ARANGO_DOUBLE") else { return };
    let settings = arango_double::Settings::from_arguments(arguments.lines().map(str::to_owned)).unwrap();
    arango_double::serve(settings).unwrap();
}

fn export(place: &GraphPlace) -> String {
    let mut bytes = Vec::new();
    let repository = Repository { org_id: "default".into(), repo_id: "sample".into() };
    place.open().unwrap().export(Some(&repository), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_way_to_name_a_server_writes_what_the_embedded_store_holds() {
    let place = Place::new();
    place.remote();
    let remote = place.text("remote");
    let double = Double::start(&place.path("arango.log"), &["--auth", "root:s3cret"], command).unwrap();
    let server = format!("http://{}", double.address);
    fs::write(place.path("secret"), "root:s3cret\n").unwrap();
    let reference = format!("file:{}", place.text("secret"));
    let args = ["parse-rest", "--workspace-dir", &remote, "--repo-id", "sample"];
    assert_eq!(place.run(&args).json()["files"], 3);
    let embedded = export(&format!("sqlite:{}", place.text("state/graph.db")).parse().unwrap());
    assert!(embedded.lines().count() > 5);

    let at = |database: &str| GraphPlace {
        credential: Some(GraphCredential::Whole(reference.clone())),
        ..format!("arangodb+{server}/{database}").parse::<GraphPlace>().unwrap()
    };
    // "root:s3cret" in base64, as the older command takes it.
    let by_arguments = ["--arango-url", &server, "--arango-db", "one", "--batch-size", "1000"];
    for (auth, warned) in [("cm9vdDpzM2NyZXQ=", true), (reference.as_str(), false)] {
        let answer = place.run(&[&args[..], &by_arguments, &["--arango-auth", auth]].concat());
        assert_eq!(answer.json()["entityCount"], 5, "{}", answer.stderr);
        assert_eq!(answer.stderr.contains("--arango-auth"), warned, "{}", answer.stderr);
        assert!(!answer.stderr.contains("s3cret") && !answer.stderr.contains("cm9v"), "{}", answer.stderr);
        assert_eq!(export(&at("one")), embedded);
    }

    let by_variables = |variables: &[(&str, &str)]| {
        let mut command = place.command(&args);
        command.envs(variables.iter().copied());
        crate::place::finish(&mut command)
    };
    let url = format!("arangodb+{server}/two");
    let answer = by_variables(&[("GANTRY_GRAPH_URL", &url), ("GANTRY_ARANGO_AUTH", &reference)]);
    assert_eq!(answer.code, 0, "{}", answer.stderr);
    assert_eq!(export(&at("two")), embedded);
    let older = [("ARANGODB_URL", server.as_str()), ("ARANGODB_DATABASE", "three"), ("ARANGO_ROOT_PASSWORD", "s3cret")];
    assert_eq!(by_variables(&older).code, 0);
    assert_eq!(export(&at("three")), embedded);

    let refused = by_variables(&[("GANTRY_GRAPH_URL", &url)]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("GANTRY_ARANGO_AUTH"), "{}", refused.stderr);
}
