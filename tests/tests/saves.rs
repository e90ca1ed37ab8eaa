//! Saves through Temporal: real workers, generated saves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use contracts::{
    queues,
    workflows::{WatchSaves, WatchSavesInput, watch_saves_id},
};
use e2e::{Process, World, binary, wait_for};
use save_parsing::sample::SampleSave;
use serde_json::Value;
use temporalio_client::WorkflowStartOptions;

const SAMPLE: SampleSave = SampleSave { seed: 5, text_bytes: 1_000_000 };

fn worker(world: &World, settings: &[(&str, &str)]) -> Process {
    let mut command = world.command(&binary("gantry-save-parsing"));
    command.envs(settings.iter().copied());
    Process::start(command, &world.path("save-parsing.log"))
}

fn sample(world: &World, name: &str) -> PathBuf {
    let path = world.path(name);
    fs::write(&path, SAMPLE.zip()).unwrap();
    path
}

async fn gantry(world: &World, args: &[&str]) -> Value {
    let (code, stdout, stderr) = world.gantry(args).await;
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_is_inspected_asked_and_written_out() {
    let world = World::new().await;
    let _worker = worker(&world, &[]);
    let save = sample(&world, "a.sav");
    let save = save.to_str().unwrap();
    let counts = SAMPLE.counts();

    let inspected = gantry(&world, &["save", "inspect", save, "--json"]).await;
    let country = inspected["sections"].as_array().unwrap().iter().find(|s| s["name"] == "country").unwrap().clone();
    // One entry is the text `none`, as in real saves.
    let entries = counts.countries + 1;
    assert_eq!(country["entries"], entries);
    assert_eq!(inspected["textBytes"], SAMPLE.gamestate().len());

    let player = format!("country.{}.name", counts.player);
    let answered = gantry(&world, &["save", "query", save, &player, "--json"]).await;
    assert_eq!(answered["cached"], true, "it is open since the first question");
    assert_eq!(answered["sha256"], inspected["sha256"]);
    assert_eq!(answered["results"][0]["entries"].as_array().unwrap().len(), 1, "{answered}");

    // More than a payload holds comes by the blob store, and nobody notices.
    let all = gantry(
        &world,
        &["save", "query", save, "--op", r#"{"op":"extract_sections","sections":["country"]}"#, "--json"],
    )
    .await;
    assert_eq!(all["results"][0]["data"]["country"].as_object().unwrap().len(), entries);

    let lines = world.path("country.ndjson");
    let exported =
        gantry(&world, &["save", "export", save, "country", "--output", lines.to_str().unwrap(), "--json"]).await;
    let text = fs::read_to_string(&lines).unwrap();
    assert_eq!(text.lines().count(), entries);
    assert_eq!(exported["entries"], entries);
    assert_eq!(exported["bytes"], text.len());
    assert!(text.lines().all(|line| serde_json::from_str::<Value>(line).unwrap()["key"].is_string()));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_worker_of_this_host_answers_another_one_gets_the_save() {
    let world = World::new().await;
    let _worker = worker(&world, &[("GANTRY_HOST_ID", "elsewhere"), ("GANTRY_ALLOWED_ROOTS", "/nowhere")]);
    let save = sample(&world, "a.sav");
    let (code, stdout, stderr) = world.gantry(&["save", "inspect", save.to_str().unwrap(), "--json"]).await;
    assert!(code == 0 && stderr.contains("blob store"), "{stderr}");
    let inspected: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(inspected["textBytes"], SAMPLE.gamestate().len());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_save_or_a_question_is_told() {
    let world = World::new().await;
    let _worker = worker(&world, &[]);
    let half = world.path("half.sav");
    let zip = SAMPLE.zip();
    fs::write(&half, &zip[..zip.len() / 2]).unwrap();
    let (code, _, stderr) = world.gantry(&["save", "inspect", half.to_str().unwrap()]).await;
    assert!(code == 2 && stderr.contains("ParseError"), "{code}: {stderr}");

    let save = sample(&world, "a.sav");
    let save = save.to_str().unwrap();
    let (code, _, stderr) = world.gantry(&["save", "export", save, "no_such"]).await;
    assert!(code != 0 && stderr.contains("SectionNotFound"), "{code}: {stderr}");
    let (code, _, stderr) = world.gantry(&["save", "query", save, "country.[["]).await;
    assert!(code == 1 && stderr.contains("InvalidInput"), "{code}: {stderr}");
    let (code, _, stderr) = world.gantry(&["save", "inspect", "/etc/hostname"]).await;
    assert!(code != 0 && stderr.contains("PathEscape"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_of_a_watched_folder_is_looked_at_when_it_is_whole() {
    let world = World::new().await;
    let (_worker, _workflows) = (worker(&world, &[]), world.workflow_worker());
    let folder = world.path("saves");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("old.sav"), SAMPLE.zip()).unwrap();
    let client = world.client().await;
    let input = WatchSavesInput { folder: folder.display().to_string(), host_id: None, after: None };
    let options = WorkflowStartOptions::new(queues::WORKFLOWS, watch_saves_id("test-host")).build();
    let run = client.start_workflow(WatchSaves, input, options).await.unwrap();
    let looked = async |name: &str| {
        let wanted = format!("look at {}", folder.join(name).display());
        wait_for("a save to be looked at", async || {
            history(&world, "watch-saves/test-host").await.contains(&wanted).then_some(())
        })
        .await;
    };
    wait_for("the watch to wait", async || {
        history(&world, "watch-saves/test-host").await.contains("wait for a save").then_some(())
    })
    .await;
    let zip = SAMPLE.zip();
    fs::write(folder.join("new.sav"), &zip[..zip.len() - 1]).unwrap();
    fs::write(folder.join("first.sav"), &zip).unwrap();
    looked("first.sav").await;
    let new = format!("look at {}", folder.join("new.sav").display());
    assert!(!history(&world, "watch-saves/test-host").await.contains(&new), "it is not whole yet");
    append(&folder.join("new.sav"), &zip[zip.len() - 1..]);
    looked("new.sav").await;
    let old = format!("look at {}", folder.join("old.sav").display());
    assert!(!history(&world, "watch-saves/test-host").await.contains(&old), "it was there before");
    drop(run);
}

fn append(path: &Path, bytes: &[u8]) {
    use std::io::Write;
    fs::File::options().append(true).open(path).unwrap().write_all(bytes).unwrap();
}

/// The history of a run, as the Temporal command line prints it.
async fn history(world: &World, workflow_id: &str) -> String {
    let mut command = tokio::process::Command::new(e2e::temporal_cli());
    command.args(["workflow", "show", "--workflow-id", workflow_id, "--output", "json", "--address", &world.address()]);
    let output = command.kill_on_drop(true).output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    decoded(&text)
}

/// Payloads are base64 there; those that matter here are JSON strings.
fn decoded(text: &str) -> String {
    use base64::Engine;
    let mut out = String::new();
    for data in text.split("\"data\": \"").skip(1).filter_map(|rest| rest.split('"').next()) {
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(data) {
            out.push_str(&String::from_utf8_lossy(&bytes));
            out.push('\n');
        }
    }
    out
}
