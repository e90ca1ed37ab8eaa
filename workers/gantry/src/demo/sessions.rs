//! The demo's job on the queue `shipping`: a generated home is shipped, and the receiver is asked for every event of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use contracts::{queues, workflows::ShipSessionsInput};
use serde::Deserialize;

use super::{Done, ui};
use crate::{
    connect, follow,
    places::{Places, SessionsState},
    problem::Problem,
    report, ship,
    stack::Stack,
};

/// Session, file, offset and ordinal. Events of a document, whose offsets are all 0, share one where their moments differ.
type Key = (String, String, u64, u32);
/// How many events there are of each.
type Events = BTreeMap<Key, u64>;

pub(super) async fn run(places: &Places, stack: &Stack) -> Result<Done, Problem> {
    let Some(sessions) = &stack.dev.sessions else {
        return Err(Problem::wrong_result("the stack ships no sessions"));
    };
    report::note(&format!("shipping the sessions of {}", sessions.home.display()));
    let client = connect::to_dev(places, &stack.dev)?.connect().await?;
    let host = places.raw.get(contracts::env::HOST_ID).map_or_else(runtime::host_id, str::to_owned);
    let begin = Instant::now();
    let started = ship::start(&client, &host, ShipSessionsInput::default()).await?;
    let output = follow::result(&client, &started).await?;
    let took = begin.elapsed();
    report::data(&format!("{}\n", ship::shipped(&output)))?;

    let mut wrong = Vec::new();
    let received = received(sessions).await?;
    if let Some(manifest) = &sessions.manifest {
        let expected = expected(manifest)?;
        let more = |one: &Events, other: &Events| -> u64 {
            one.iter().map(|(key, count)| count.saturating_sub(other.get(key).copied().unwrap_or(0))).sum()
        };
        let all: u64 = expected.values().sum();
        for (count, what) in [
            (more(&expected, &received), "are missing"),
            (more(&received, &expected), "came twice or are of no session"),
        ] {
            if count > 0 {
                wrong.push(format!("{count} events {what}; there should be {all}"));
            }
        }
    }
    Ok(Done {
        queue: queues::SHIPPING,
        job: format!("ship {} session files", output.files),
        result: format!("{} events in {:.2} s", output.events, took.as_secs_f64()),
        checked: format!("{} events asked back from the receiver, each there once", received.values().sum::<u64>()),
        link: ui(stack, &started),
        wrong,
    })
}

/// Every event that must have come, by what the generator noted.
fn expected(manifest: &std::path::Path) -> Result<Events, Problem> {
    let failed = |e: std::io::Error| Problem::io(&format!("reading {}", manifest.display()), &e);
    let mut events = Events::new();
    for event in sample_sessions::read_manifest(manifest).map_err(failed)? {
        let event = event.map_err(failed)?;
        *events.entry((event.session_id, event.source_path, event.source_offset, event.item_index)).or_default() += 1;
    }
    Ok(events)
}

#[derive(Deserialize)]
struct SessionsPage {
    sessions: Vec<SessionRow>,
    next: Option<String>,
}

#[derive(Deserialize)]
struct SessionRow {
    id: String,
}

#[derive(Deserialize)]
struct EventsPage {
    events: Vec<EventRow>,
    next: Option<i64>,
}

#[derive(Deserialize)]
struct EventRow {
    source_path: String,
    source_offset: u64,
    item_index: Option<u32>,
}

/// Every event that the receiver has, and how often.
async fn received(sessions: &SessionsState) -> Result<Events, Problem> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build();
    let http = http.map_err(|e| Problem::network(format!("setting up the way to the receiver: {e}")))?;
    let token =
        kit::Secret::resolve(&sessions.token).map_err(|f| Problem::input(format!("{}: {}", f.what, f.place)))?;
    let get = async |path: String| {
        let url = format!("{}/api/agents/sessions{path}", sessions.receiver);
        let answer = http.get(&url).header("x-agents-token", token.expose()).send().await;
        let failed = |e: reqwest::Error| Problem::network(format!("asking the receiver: {e}"));
        answer.and_then(reqwest::Response::error_for_status).map_err(failed)?.bytes().await.map_err(failed)
    };
    let odd = |e: serde_json::Error| Problem::wrong_result(format!("the receiver's answer: {e}"));
    let mut events = Events::new();
    let mut after = String::new();
    loop {
        let page: SessionsPage =
            serde_json::from_slice(&get(format!("?limit=1000&after={after}")).await?).map_err(odd)?;
        for session in page.sessions {
            let mut after = 0;
            loop {
                let path = format!("/{}/events?limit=1000&after={after}", session.id);
                let page: EventsPage = serde_json::from_slice(&get(path).await?).map_err(odd)?;
                for event in page.events {
                    let index = event.item_index.unwrap_or_default();
                    *events.entry((session.id.clone(), event.source_path, event.source_offset, index)).or_default() +=
                        1;
                }
                match page.next {
                    Some(next) => after = next,
                    None => break,
                }
            }
        }
        match page.next {
            Some(next) => after = next,
            None => return Ok(events),
        }
    }
}
