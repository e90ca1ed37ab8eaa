//! The demo's job on the queue `save-parsing`: a generated save is asked for what its generator put into it,
//! and briefed.

use std::{fs, path::Path, time::Instant};

use briefing::overview;
use contracts::{
    queues,
    save_parsing::{InspectSave, InspectSaveInput, InspectSaveOutput, QuerySave, QuerySaveInput, QuerySaveOutput},
};
use save_parsing::sample::SampleSave;
use serde_json::{Map, Value, json};
use temporalio_client::Client;

use super::{Done, ui};
use crate::{brief::brief_once, connect, places::Places, problem::Problem, report, save::Asking, stack::Stack};

/// Parts of a briefing.
const PARTS: usize = 18;
/// As large as a save of the middle of a game, made in a moment.
const SAMPLE: SampleSave = SampleSave { seed: 1, text_bytes: 20_000_000 };

pub(super) async fn run(places: &Places, stack: &Stack) -> Result<Vec<Done>, Problem> {
    let path = places.state.join("sample.sav");
    fs::write(&path, SAMPLE.zip()).map_err(|e| Problem::io(&format!("writing {}", path.display()), &e))?;
    report::note(&format!("asking {}", path.display()));
    let client = connect::to_dev(places, &stack.dev)?.connect().await?;
    let asking = Asking::of(places, client.clone(), &path)?;
    let begin = Instant::now();
    let (inspected, _): (InspectSaveOutput, _) =
        asking.ask::<InspectSave>(|save| InspectSaveInput { save, entries: true }).await?;
    let first = begin.elapsed();

    let counts = SAMPLE.counts();
    let player = counts.player.to_string();
    let question = |op: Value| op.as_object().cloned().unwrap_or_default();
    let ops: Vec<Map<String, Value>> = vec![
        question(json!({ "op": "get_entry", "section": "country", "key": player })),
        question(json!({ "op": "query", "path": "country.*.name" })),
    ];
    let begin = Instant::now();
    let (answers, job): (QuerySaveOutput, String) =
        asking.ask::<QuerySave>(|save| QuerySaveInput { save, ops: ops.clone(), schema_version: 1 }).await?;
    let again = begin.elapsed();
    report::data(&format!(
        "{}: {}, {}, {} sections; first answer in {:.0} ms, the next in {:.0} ms\n",
        inspected.name.as_deref().unwrap_or("a save"),
        inspected.version.as_deref().unwrap_or("no version"),
        inspected.date.as_deref().unwrap_or("no date"),
        inspected.sections.len(),
        first.as_secs_f64() * 1000.0,
        again.as_secs_f64() * 1000.0,
    ))?;

    let mut wrong = Vec::new();
    let entries = |name: &str| inspected.sections.iter().find(|s| s.name == name).and_then(|s| s.entries);
    for (section, expected) in [("leaders", counts.leaders), ("galactic_object", counts.systems)] {
        if entries(section) != u64::try_from(expected).ok() {
            wrong.push(format!("{section} has {:?} entries, not {expected}", entries(section)));
        }
    }
    let names = answers.results.get(1).and_then(|r| r.get("entries")).and_then(Value::as_array).map_or(0, Vec::len);
    if names != counts.countries {
        wrong.push(format!("{names} countries have a name, not {}", counts.countries));
    }
    if answers.results.first().and_then(|r| r.get("found")) != Some(&Value::Bool(true)) {
        wrong.push(format!("the player's country {player} was not found"));
    }
    if !answers.cached {
        wrong.push("the save was opened again for the second question".to_owned());
    }
    let asked = Done {
        queue: queues::SAVE_PARSING,
        job: format!("open and ask a save of {:.1} MB", report::megabytes(inspected.text_bytes)),
        result: format!("{} countries, {} systems, {} leaders", counts.countries, counts.systems, counts.leaders),
        checked: "counted by the worker and by the generator alike".to_owned(),
        link: format!("gantry job describe {job}"),
        wrong,
    };
    Ok(vec![asked, briefed(places, stack, &client, &path, &inspected).await?])
}

/// The same save is briefed twice, which one run does.
async fn briefed(
    places: &Places,
    stack: &Stack,
    client: &Client,
    path: &Path,
    inspected: &InspectSaveOutput,
) -> Result<Done, Problem> {
    report::note(&format!("briefing {}", path.display()));
    let begin = Instant::now();
    let made = brief_once(places, client, path).await?;
    let took = begin.elapsed();
    let again = brief_once(places, client, path).await?;
    let briefing = &made.output.briefing;
    let text = overview::text(briefing);
    // Whose it is, and the first section.
    report::data(&format!("{}\n", text.split("\n\n").take(2).collect::<Vec<_>>().join("\n\n")))?;

    let mut wrong = Vec::new();
    let mut expect = |what: &str, found: Option<&Value>, expected: Value| {
        if found != Some(&expected) {
            wrong.push(format!("{what}: {}, not {expected}", found.unwrap_or(&Value::Null)));
        }
    };
    let meta = |name: &str| briefing.get("meta").and_then(|meta| meta.get(name));
    expect("the date of the briefing", meta("date"), json!(inspected.date));
    expect("the version in the briefing", meta("version"), json!(inspected.version));
    expect("the country of the player", meta("player_id"), json!(SAMPLE.counts().player));
    expect("the parts of the briefing", Some(&json!(parts(briefing))), json!(PARTS));
    expect("the run of a second briefing", Some(&json!(again.started.run_id)), json!(made.started.run_id));
    expect("the second briefing", Some(&again.output.briefing), briefing.clone());
    Ok(Done {
        queue: queues::SAVE_PARSING,
        job: "brief the player of the save".to_owned(),
        result: format!("{} parts in {:.2} s", parts(briefing), took.as_secs_f64()),
        checked: "beside what the generator wrote; a second briefing is the same run".to_owned(),
        link: ui(stack, &made.started),
        wrong,
    })
}

/// How many parts it has, but for what it says of itself.
fn parts(briefing: &Value) -> usize {
    briefing.as_object().map_or(0, |parts| parts.keys().filter(|name| !name.starts_with('_')).count())
}
