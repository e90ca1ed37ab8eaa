//! The demo's job on the queue `ingest`: a file of generated events is imported twice, and the service is asked for their sums.

use std::{fmt::Write, fs, time::Instant};

use contracts::{
    queues,
    shared::FileRef,
    workflows::{DEFAULT_IMPORT_PARALLEL, ImportFilesInput, ImportFilesOutput},
};
use serde_json::{Value, json};

use super::{Done, service::Service, ui};
use crate::{connect, follow, import, places::Places, problem::Problem, report, stack::Stack};

/// The agent of the generated events, so that those of others do not count.
const AGENT: &str = "demo";
const SESSIONS: u64 = 20;
const EVENTS: u64 = 5_000;
/// Tokens of each event.
const TOKENS: u64 = 7;

pub(super) async fn run(places: &Places, stack: &Stack) -> Result<Done, Problem> {
    let path = places.state.join("sample-events.jsonl");
    fs::write(&path, sample()).map_err(|e| Problem::io(&format!("writing {}", path.display()), &e))?;
    report::note(&format!("importing {}", path.display()));
    let client = connect::to_dev(places, &stack.dev)?.connect().await?;
    let input = ImportFilesInput {
        files: vec![FileRef::Path { path: path.display().to_string() }],
        parallel: DEFAULT_IMPORT_PARALLEL,
        source: None,
        format: None,
        host_id: Some(places.host_id()),
        done: Vec::new(),
    };
    let begin = Instant::now();
    let started = import::start_with(&client, input.clone()).await?;
    let output = follow::result(&client, &started).await?;
    let took = begin.elapsed();
    report::data(&format!("{}\n", import::imported(&output)))?;
    let again = follow::result(&client, &import::start_with(&client, input).await?).await?;

    let stats: Value = Service::of(stack)?.get(&format!("/api/stats?agent_type={AGENT}")).await?;
    Ok(Done {
        queue: queues::INGEST,
        job: format!("import {EVENTS} events"),
        result: format!("{} stored in {:.2} s", output.stored, took.as_secs_f64()),
        checked: "their number and tokens asked back over HTTP; a second import stored nothing".to_owned(),
        link: ui(stack, &started),
        wrong: wrong(&output, &again, &stats),
    })
}

/// What is not as the generator made it.
fn wrong(output: &ImportFilesOutput, again: &ImportFilesOutput, stats: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut expect = |what: &str, found: Option<u64>, expected: u64| {
        if found != Some(expected) {
            wrong.push(format!("{what}: {found:?}, not {expected}"));
        }
    };
    expect("events stored", Some(output.stored), EVENTS);
    // One line is no event, for the sake of the demonstration.
    expect("lines rejected", Some(output.rejected), 1);
    expect("events stored by the second import", Some(again.stored), 0);
    expect("duplicates of the second import", Some(again.duplicates), EVENTS);
    let number = |name: &str| stats.get(name).and_then(Value::as_u64);
    expect("events that the service counts", number("total_events"), EVENTS);
    expect("tokens that the service counts", number("total_tokens_in"), EVENTS * TOKENS);
    wrong
}

/// Events of some sessions, a line each, and a line that is none.
fn sample() -> String {
    let mut text = String::new();
    let tools = ["Read", "Edit", "Bash"];
    for (n, tool) in (0..EVENTS).zip(tools.iter().cycle()) {
        let event = json!({
            "session_id": format!("demo-{}", n % SESSIONS),
            "agent_type": AGENT,
            "event_type": if n < SESSIONS { "session_start" } else { "tool_use" },
            "tool_name": tool,
            "tokens_in": TOKENS,
            "duration_ms": n % 900,
            "client_timestamp": "2026-02-15T10:00:00Z",
            "metadata": { "n": n },
        });
        // Writing to a text does not fail.
        let _ = writeln!(text, "{event}");
    }
    text.push_str("{\"session_id\": \"demo-0\"}\n");
    text
}
