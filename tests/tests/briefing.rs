//! Briefings through Temporal: real workers, generated saves.
#![allow(clippy::unwrap_used, clippy::panic, reason = "in a test, what goes wrong ends it")]

use std::{fs, path::PathBuf};

use contracts::workflows::{BriefSave, brief_save_id};
use e2e::{Process, World, binary, installation_root, wait_for};
use rustix::process::Signal;
use save_parsing::sample::SampleSave;
use serde_json::Value;
use temporalio_client::WorkflowDescribeOptions;

const SAMPLE: SampleSave = SampleSave { seed: 5, text_bytes: 1_000_000 };
const PARTS: [&str; 18] = [
    "meta",
    "identity",
    "situation",
    "military",
    "economy",
    "territory",
    "diplomacy",
    "defense",
    "leadership",
    "technology",
    "progression",
    "fallen_empires",
    "leviathans",
    "endgame",
    "projects",
    "federation_details",
    "species",
    "strategic_geography",
];

fn worker(world: &World, settings: &[(&str, &str)]) -> Process {
    let mut command = world.command(&binary("gantry-save-parsing"));
    command.envs(settings.iter().copied());
    Process::start(command, &world.path("save-parsing.log"))
}

fn file(world: &World, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = world.path(name);
    fs::write(&path, bytes).unwrap();
    path
}

/// The gamestate of the sample, unpacked.
fn text() -> String {
    String::from_utf8(SAMPLE.gamestate()).unwrap()
}

async fn brief(world: &World, args: &[&str]) -> String {
    let (code, stdout, stderr) = world.gantry(&[&["brief"], args].concat()).await;
    assert_eq!(code, 0, "{stderr}");
    stdout
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"))
}

/// Where two values differ. A number is the same with a fraction of nothing and without, which workflows do not keep.
fn differences(one: &Value, other: &Value, path: &str) -> Vec<String> {
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let names: std::collections::BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            let at = |map: &serde_json::Map<String, Value>, name: &str| map.get(name).cloned().unwrap_or_default();
            names.iter().flat_map(|name| differences(&at(a, name), &at(b, name), &format!("{path}.{name}"))).collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).flat_map(|(a, b)| differences(a, b, &format!("{path}.."))).collect()
        }
        (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => Vec::new(),
        (a, b) if a == b => Vec::new(),
        (a, b) => vec![format!("{path}: {a}, {b}")],
    }
}

/// The last run about a save.
async fn run_of(world: &World, inspected: &Value) -> String {
    let id = brief_save_id(inspected["sha256"].as_str().unwrap());
    let handle = world.client().await.get_workflow_handle::<BriefSave>(id);
    let described = handle.describe(WorkflowDescribeOptions::default()).await.unwrap().into_raw();
    described.workflow_execution_info.unwrap().execution.unwrap().run_id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_save_is_briefed_once_whatever_it_is_called_and_as_the_command_without_temporal_does() {
    let world = World::new().await;
    let (_worker, _workflows) = (worker(&world, &[]), world.workflow_worker());
    let save = file(&world, "a.sav", SAMPLE.zip());
    let save = save.to_str().unwrap();
    let briefing = json(&brief(&world, &[save, "--json"]).await);
    let missing: Vec<&str> = PARTS.into_iter().filter(|part| !briefing[*part].is_object()).collect();
    assert_eq!(missing, Vec::<&str>::new());
    assert_eq!(briefing["meta"]["player_id"], SAMPLE.counts().player);
    let alone = world.command(&binary("gantry-save-parsing")).args(["brief", save, "--json"]).output().unwrap();
    let alone = json(&String::from_utf8(alone.stdout).unwrap());
    assert_eq!(differences(&briefing, &alone, ""), Vec::<String>::new());

    let (_, inspected, _) = world.gantry(&["save", "inspect", save, "--json"]).await;
    let inspected = json(&inspected);
    let first = run_of(&world, &inspected).await;
    let copy = file(&world, "copy.sav", SAMPLE.zip());
    assert_eq!(json(&brief(&world, &[copy.to_str().unwrap(), "--json"]).await), briefing);
    assert_eq!(run_of(&world, &inspected).await, first, "equal saves are one");

    let told = brief(&world, &[save]).await;
    assert!(told.lines().count() > 5 && told.contains(briefing["meta"]["empire_name"].as_str().unwrap()), "{told}");
    assert_eq!(told.lines().filter(|line| line.chars().count() > 80).collect::<Vec<_>>(), Vec::<&str>::new());
    let page = world.path("briefing.html");
    brief(&world, &[save, "--html", "--output", page.to_str().unwrap()]).await;
    assert!(fs::read_to_string(page).unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(run_of(&world, &inspected).await, first, "another form is no other briefing");

    let why = brief(&world, &[save, "--explain", "meta.date"]).await;
    assert!(why.starts_with("meta.date = "), "{why}");
    let (code, _, stderr) = world.gantry(&["brief", save, "--explain", "no.such"]).await;
    assert!(code == 1 && stderr.contains("InvalidInput") && stderr.contains("economy"), "{code}: {stderr}");
    let (code, _, stderr) = world.gantry(&["brief", save, "--player", "999999"]).await;
    assert!(code == 1 && stderr.contains("there is no country 999999"), "{code}: {stderr}");
    assert_eq!(run_of(&world, &inspected).await, first, "and neither is a question about it");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_is_told_before_anything_is_started() {
    let world = World::without_server();
    let save = file(&world, "a.sav", "text");
    let save = save.to_str().unwrap();
    for (args, code, part) in [
        (vec!["brief", "/no/such.sav"], 4, "/no/such.sav: No such file"),
        (vec!["brief", "--diff", save, "/no/such.sav"], 4, "/no/such.sav: No such file"),
        (vec!["brief", world.path("").to_str().unwrap()], 1, "is a folder"),
        (vec!["brief", "--watch", save], 1, "is no folder"),
        (vec!["brief", "--watch", "/no/such/folder"], 4, "No such file"),
        (vec!["brief"], 1, "<SAVE|--watch <FOLDER>|--diff <OLD> <NEW>>"),
        (vec!["brief", save, "--json", "--html"], 1, "cannot be used with"),
        (vec!["brief", save], 3, "gantry dev"),
    ] {
        let (found, stdout, stderr) = world.gantry(&args).await;
        assert_eq!((found, stdout.as_str()), (code, ""), "{args:?}: {stderr}");
        assert!(stderr.contains(part), "{args:?}: {stderr}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_saves_of_a_campaign_are_compared() {
    let world = World::new().await;
    let (_worker, _workflows) = (worker(&world, &[]), world.workflow_worker());
    let old = text();
    let date = old.lines().find_map(|line| line.strip_prefix("date=\"")).unwrap().trim_end_matches('"');
    let year: u32 = date.split('.').next().unwrap().parse().unwrap();
    let new = old.replace(&format!("\"{date}\""), &format!("\"{}.01.01\"", year + 10));
    let (old, new) = (file(&world, "old.txt", &old), file(&world, "new.txt", new));
    let (old, new) = (old.to_str().unwrap(), new.to_str().unwrap());
    let changed = json(&brief(&world, &["--diff", old, new, "--json"]).await);
    assert_eq!(changed["old"]["date"], date, "{changed}");
    assert_eq!(changed["new"]["date"], format!("{}.01.01", year + 10));
    assert!(changed["days"].as_i64().unwrap() > 3_000, "{changed}");
    let told = brief(&world, &["--diff", old, new]).await;
    assert!(told.contains(date), "{told}");
    assert_eq!(told.lines().filter(|line| line.chars().count() > 80).collect::<Vec<_>>(), Vec::<&str>::new());

    let other = file(&world, "other.sav", SampleSave { seed: 6, text_bytes: 300_000 }.zip());
    let args = ["brief", "--diff", old, other.to_str().unwrap()];
    let (code, _, stderr) = world.gantry(&args).await;
    assert!(code == 1 && stderr.contains("campaign"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_save_is_briefed_with_warnings_and_one_that_is_none_is_refused() {
    let world = World::new().await;
    let (_worker, _workflows) = (worker(&world, &[]), world.workflow_worker());
    let whole = text();
    let cut = &whole[..whole.len() - 3_000];
    let damaged = file(&world, "damaged.txt", cut);
    let (code, stdout, stderr) = world.gantry(&["brief", damaged.to_str().unwrap(), "--json"]).await;
    assert_eq!(code, 0, "{stderr}");
    assert!(!json(&stdout)["_warnings"].as_array().unwrap().is_empty(), "{stdout}");
    assert!(stderr.contains("warning: "), "{stderr}");
    let told = brief(&world, &[damaged.to_str().unwrap()]).await;
    assert!(told.contains("Warning: "), "{told}");

    let zip = SAMPLE.zip();
    let half = file(&world, "half.sav", &zip[..zip.len() / 2]);
    let (code, _, stderr) = world.gantry(&["brief", half.to_str().unwrap()]).await;
    assert!(code == 2 && stderr.contains("ParseError"), "{code}: {stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_worker_of_this_host_answers_another_one_gets_the_save() {
    let world = World::new().await;
    let _worker = worker(&world, &[("GANTRY_HOST_ID", "elsewhere"), ("GANTRY_ALLOWED_ROOTS", "/nowhere")]);
    let _workflows = world.workflow_worker();
    let save = file(&world, "a.sav", SAMPLE.zip());
    let (code, stdout, stderr) = world.gantry(&["brief", save.to_str().unwrap(), "--json"]).await;
    assert!(code == 0 && stderr.contains("blob store"), "{code}: {stderr}");
    assert_eq!(json(&stdout)["meta"]["player_id"], SAMPLE.counts().player);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_new_save_of_a_watched_folder_is_told_in_a_line() {
    let world = World::new().await;
    let (_worker, _workflows) = (worker(&world, &[]), world.workflow_worker());
    let folder = world.path("saves");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("old.sav"), SampleSave { seed: 9, text_bytes: 300_000 }.zip()).unwrap();
    let watch = |log: &str, args: &[&str]| {
        let mut command = world.command(&binary("gantry"));
        command.env("GANTRY_ROOT", installation_root()).args(["brief", "--watch", folder.to_str().unwrap()]).args(args);
        Process::start(command, &world.path(log))
    };
    let told = async |process: &Process, part: &str| {
        wait_for(part, async || process.printed().contains(part).then_some(())).await;
    };
    let mut first = watch("first.log", &[]);
    told(&first, "watching: watch-saves/test-host").await;
    let id = "watch-saves/test-host";
    wait_for("the watch to wait", async || {
        let handle = world.client().await.get_workflow_handle::<contracts::workflows::WatchSaves>(id);
        let described = handle.describe(WorkflowDescribeOptions::default()).await.ok()?.into_raw();
        let pending = described.pending_activities.first()?;
        // The second look of the watch is the first that waits.
        (pending.activity_id != "1").then_some(())
    })
    .await;
    fs::write(folder.join("one.sav"), SAMPLE.zip()).unwrap();
    told(&first, "one.sav").await;
    let briefed = json(&brief(&world, &[folder.join("one.sav").to_str().unwrap(), "--json"]).await);
    let line = format!(
        "{}  {}: ",
        briefed["meta"]["date"].as_str().unwrap(),
        briefed["meta"]["empire_name"].as_str().unwrap()
    );
    assert!(first.printed().contains(&line), "{line}: {}", first.printed());
    assert!(!first.printed().contains("old.sav"), "it was there before: {}", first.printed());
    first.signal(Signal::INT);
    assert!(first.ended().await.success());

    // It goes on, and whoever joins it is told what is new, damaged saves and those that were briefed before too.
    let second = watch("second.log", &["--json"]);
    told(&second, "watching: watch-saves/test-host").await;
    fs::write(folder.join("two.sav"), SampleSave { seed: 7, text_bytes: 300_000 }.zip()).unwrap();
    told(&second, "two.sav").await;
    fs::write(folder.join("equal.sav"), SAMPLE.zip()).unwrap();
    told(&second, "equal.sav").await;
    let printed = second.printed();
    let lines: Vec<Value> = printed.lines().filter(|line| line.starts_with('{')).map(json).collect();
    assert_eq!(lines.len(), 2, "{printed}");
    assert_eq!(lines[1]["briefing"], briefed);

    let other = world.path("other");
    fs::create_dir(&other).unwrap();
    let (code, _, stderr) = world.gantry(&["brief", "--watch", other.to_str().unwrap()]).await;
    assert!(code == 1 && stderr.contains("watches") && stderr.contains("workflow cancel"), "{code}: {stderr}");
}
