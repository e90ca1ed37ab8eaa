//! The demo's job on the queue `shipping`: a generated home is shipped, and the receiver is asked for every event of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use contracts::{queues, workflows::ShipSessionsInput};
use serde::Deserialize;

use super::{Done, service::Service, ui};
use crate::{connect, follow, places::Places, problem::Problem, report, ship, stack::Stack};

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
    let host = places.host_id();
    let begin = Instant::now();
    let started = ship::start(&client, &host, ShipSessionsInput::default()).await?;
    let output = follow::result(&client, &started).await?;
    let took = begin.elapsed();
    report::data(&format!("{}\n", ship::shipped(&output)))?;

    let mut wrong = Vec::new();
    let service = Service::of(stack)?;
    let received = received(&service).await?;
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
    wrong.extend(among_the_events(&service, &received).await?);
    Ok(Done {
        queue: queues::SHIPPING,
        job: format!("ship {} session files", output.files),
        result: format!("{} events in {:.2} s", output.events, took.as_secs_f64()),
        checked: format!(
            "{} events asked back from the receiver, each there once, and among the events",
            received.values().sum::<u64>()
        ),
        link: ui(stack, &started),
        wrong,
    })
}

/// What the service does not show of the sessions, among the events of others.
async fn among_the_events(service: &Service, received: &Events) -> Result<Vec<String>, Problem> {
    let rows: Total = service.get("/api/events?source=shipper&limit=1").await?;
    let listed: SessionsPage = service.get("/api/sessions?limit=10000").await?;
    let (all, shown) = (received.values().sum::<u64>(), rows.total);
    let mut wrong = Vec::new();
    if shown != all {
        wrong.push(format!("{shown} of {all} events are among those of /api/events"));
    }
    let listed: BTreeSet<&str> = listed.sessions.iter().map(|session| session.id.as_str()).collect();
    let shipped: BTreeSet<&str> = received.keys().map(|(session, ..)| session.as_str()).collect();
    let missing = shipped.difference(&listed).count();
    if missing > 0 {
        wrong.push(format!("{missing} of {} sessions are missing in /api/sessions", shipped.len()));
    }
    Ok(wrong)
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
struct Total {
    total: u64,
}

/// A page of `/api/agents/sessions`, or of `/api/sessions`, which has no next one.
#[derive(Deserialize)]
struct SessionsPage {
    sessions: Vec<SessionRow>,
    #[serde(default)]
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
async fn received(service: &Service) -> Result<Events, Problem> {
    let mut events = Events::new();
    let mut after = String::new();
    loop {
        let page: SessionsPage = service.get(&format!("/api/agents/sessions?limit=1000&after={after}")).await?;
        for session in page.sessions {
            let mut after = 0;
            loop {
                let path = format!("/api/agents/sessions/{}/events?limit=1000&after={after}", session.id);
                let page: EventsPage = service.get(&path).await?;
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
