//! A run through Temporal that writes to a server ends in the graph that the embedded store holds.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{fs, process::Command};

use arango_double::Double;
use e2e::{Repository, World};

/// This test program again, as the stand-in.
fn command() -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["stand_in", "--exact", "--ignored", "--nocapture"]);
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

/// Indexes a repository twice, once changed, and answers what `gantry graph export` prints then.
async fn indexed(world: &World) -> String {
    let (_heavy, _workflows) = (world.heavy_worker(&[]), world.workflow_worker());
    let sample = Repository::sample(&world.path("sample"));
    let path = sample.folder.to_str().unwrap();
    for text in ["export const first = 1;\n", "export function second() {}\n"] {
        fs::write(sample.folder.join("added.ts"), text).unwrap();
        let (code, _, stderr) = world.gantry(&["index", path, "--repo-id", "s", "--no-indexers"]).await;
        assert_eq!(code, 0, "{stderr}");
    }
    let (code, export, stderr) = world.gantry(&["graph", "export", "--repo-id", "s"]).await;
    assert!(code == 0 && export.contains("\"second\"") && !export.contains("\"first\""), "{stderr}{export}");
    export
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_writes_to_arangodb_what_the_embedded_store_holds() {
    let embedded = indexed(&World::new().await).await;
    let mut world = World::new().await;
    let double = Double::start(&world.path("arango.log"), &["--auth", "root:s3cret"], command).unwrap();
    fs::write(world.path("secret"), "root:s3cret\n").unwrap();
    world.set("GANTRY_GRAPH_URL", &format!("arangodb+http://{}/graph", double.address));
    let reference = format!("file:{}", world.path("secret").display());
    world.set("GANTRY_ARANGO_AUTH", &reference);
    assert_eq!(indexed(&world).await, embedded);
    assert!(!world.state.join("graph.db").exists(), "nothing is kept beside it");
    let (code, doctor, _) = world.gantry(&["doctor"]).await;
    assert!(code == 0 && doctor.contains("arangodb+http://") && !doctor.contains("s3cret"), "{doctor}");
}
