//! `gantry job wait`: follows jobs to their end; a progress bar on a terminal, a line for each step elsewhere.

use std::{
    io::{self, IsTerminal},
    time::{Duration, SystemTime},
};

use futures::{StreamExt, stream};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use temporalio_client::Client;
use temporalio_common::protos::temporal::api::{
    activity::v1::ActivityExecutionInfo,
    workflowservice::v1::{GetSystemInfoRequest, PollActivityExecutionRequest},
};
use tonic::{IntoRequest, Status};

use super::{
    arguments::WaitOptions,
    look::{self, Include, Outcome, State},
    payload,
    result::{self, Ended},
    start,
    times::put,
};
use crate::{connect, dev::told_to_stop, places::Places, problem::Problem, report};

const LOOK: Duration = Duration::from_millis(500);
/// Between two questions to a server that does not answer.
const PAUSE: Duration = Duration::from_secs(1);
/// Jobs that are followed at once; the others are looked at when one of these has ended.
const AT_ONCE: usize = 32;

/// One of the jobs that were waited for.
struct Followed {
    id: String,
    ended: Result<(serde_json::Map<String, Value>, Ended), Problem>,
}

pub(crate) async fn run(places: &Places, options: &WaitOptions) -> Result<(), Problem> {
    let client = connect::client(places).await?;
    let display = Display::new();
    let following = stream::iter(options.ids.clone()).map(|id| follow(&client, &display, id)).buffered(AT_ONCE);
    let following = following.collect::<Vec<_>>();
    let limit = async {
        match options.timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    let followed = tokio::select! {
        followed = following => followed,
        () = limit => {
            display.clear();
            let time = options.timeout.unwrap_or_default();
            return Err(Problem::network(format!("not all of them have ended after {}", super::times::span(time)))
                .hint("the jobs go on; waiting again follows them"));
        }
        () = told_to_stop() => {
            display.clear();
            return Err(interrupted(&options.ids.join(" ")));
        }
    };
    display.clear();
    tell(places, options, followed).await
}

async fn tell(places: &Places, options: &WaitOptions, followed: Vec<Followed>) -> Result<(), Problem> {
    let mut first_problem = None;
    let mut jobs = Vec::new();
    for Followed { id, ended } in followed {
        let (mut object, outcome) = match ended {
            Ok((object, ended)) => {
                let mut object = object;
                put(&mut object, "status", Some(ended.state.name()));
                (object, Ok(ended))
            }
            Err(problem) => (serde_json::Map::from_iter([("id".to_owned(), Value::from(id.as_str()))]), Err(problem)),
        };
        let problem = match outcome {
            Ok(Ended { outcome: Outcome::Result(value), state }) => {
                if options.json {
                    object.insert("result".to_owned(), result::whole(places, value).await?);
                } else {
                    report::data(&format!("{id} {}", state.words()))?;
                }
                None
            }
            Ok(ended) => {
                if let Outcome::Failure { words, .. } = &ended.outcome {
                    object.insert("error".to_owned(), words.json());
                }
                if !options.json {
                    report::data(&format!("{id} {}", ended.state.words()))?;
                }
                ended.outcome.problem(&id)
            }
            Err(problem) => {
                object.insert("error".to_owned(), json!({ "message": problem.message }));
                Some(problem)
            }
        };
        jobs.push(Value::Object(object));
        let several = options.ids.len() > 1;
        let problem = problem.map(|problem| if several { problem.about(&id) } else { problem });
        // The first one is how the command ends.
        match (problem, &first_problem) {
            (Some(problem), None) => first_problem = Some(problem),
            (Some(problem), Some(_)) => report::note(&problem.message),
            (None, _) => {}
        }
    }
    if options.json {
        report::data(&json!({ "jobs": jobs }).to_string())?;
    }
    first_problem.map_or(Ok(()), Err)
}

/// Follows one job that was just submitted.
pub(crate) async fn one(client: &Client, id: &str, run_id: &str) -> Result<Ended, Problem> {
    let display = Display::new();
    let ended = tokio::select! {
        ended = to_the_end(client, &display, id, run_id) => ended.map(|(_, ended)| ended),
        () = told_to_stop() => Err(interrupted(id)),
    };
    display.clear();
    ended
}

fn interrupted(ids: &str) -> Problem {
    Problem::input("interrupted before the end")
        .hint(format!("what was followed goes on; to end it: gantry job cancel {ids}"))
}

async fn follow(client: &Client, display: &Display, id: String) -> Followed {
    let described = untiring(client, || look::describe(client, &id, None, Include::default())).await;
    let ended = match described {
        Ok(described) => to_the_end(client, display, &id, &described.run_id).await,
        Err(status) => Err(look::problem(&id, &status)),
    };
    Followed { id, ended }
}

/// Waits for the end of a run, and shows how it stands meanwhile.
async fn to_the_end(
    client: &Client,
    display: &Display,
    id: &str,
    run_id: &str,
) -> Result<(serde_json::Map<String, Value>, Ended), Problem> {
    let mut line = display.line(id);
    let ended = tokio::select! {
        ended = untiring(client, || poll(client, id, run_id)) => ended,
        never = watch(client, &mut line, id, run_id) => match never {},
    };
    ended.map_err(|status| look::problem(id, &status))?;
    let include = Include { outcome: true, ..Default::default() };
    let described = untiring(client, || look::describe(client, id, Some(run_id), include)).await;
    let described = described.map_err(|status| look::problem(id, &status))?;
    let outcome = look::outcome(client, id, &described).await?;
    let outcome = outcome.ok_or_else(|| Problem::network(format!("the job {id:?} ended, but left no outcome")))?;
    Ok((result::identity(id, &described), Ended { state: result::state(&described), outcome }))
}

/// Returns when the run has ended.
async fn poll(client: &Client, id: &str, run_id: &str) -> Result<(), Status> {
    loop {
        let request = PollActivityExecutionRequest {
            namespace: client.options().namespace.clone(),
            activity_id: id.to_owned(),
            run_id: run_id.to_owned(),
        };
        // The server holds the question for a while and then answers without an outcome. Not by way of the client, which
        // would keep it to itself for a while that the server is gone.
        let mut service = client.connection().workflow_service();
        let answer = service.poll_activity_execution(request.into_request()).await?.into_inner();
        if answer.outcome.is_some_and(|outcome| outcome.value.is_some()) {
            return Ok(());
        }
    }
}

/// Asks again as long as the server may come back.
async fn untiring<T, F: Future<Output = Result<T, Status>>>(
    client: &Client,
    mut ask: impl FnMut() -> F,
) -> Result<T, Status> {
    loop {
        match ask().await {
            Err(status) if start::may_pass(&status) => return_of_the_server(client).await,
            answer => return answer,
        }
    }
}

/// Returns when the server answers; says so when that takes a while.
async fn return_of_the_server(client: &Client) {
    let mut service = client.connection().workflow_service();
    let mut told = false;
    loop {
        tokio::time::sleep(PAUSE).await;
        match service.get_system_info(GetSystemInfoRequest::default().into_request()).await {
            Ok(_) if told => return report::note("Temporal answers again"),
            Ok(_) => return,
            Err(_) if told => {}
            Err(status) => {
                told = true;
                let reason = status.message();
                report::note(&format!("Temporal does not answer ({reason}); what is followed goes on when it does"));
            }
        }
    }
}

enum Never {}

async fn watch(client: &Client, line: &mut Line<'_>, id: &str, run_id: &str) -> Never {
    let include = Include { attempts: true, ..Default::default() };
    loop {
        if let Ok(described) = look::describe(client, id, Some(run_id), include).await
            && let Some(info) = &described.info
        {
            line.show(client, info).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What is seen of the jobs that are followed.
struct Display(Option<MultiProgress>);

impl Display {
    fn new() -> Self {
        Self(io::stderr().is_terminal().then(MultiProgress::new))
    }

    fn line(&self, id: &str) -> Line<'_> {
        let bar = self.0.as_ref().map(|bars| {
            let bar = bars.add(ProgressBar::new(0));
            if let Ok(style) = ProgressStyle::with_template("{prefix}  {bar:20}  {elapsed}  {wide_msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(id.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Line { id: id.to_owned(), last: String::new(), bar, bars: self.0.as_ref() }
    }

    fn clear(&self) {
        if let Some(bars) = &self.0 {
            // What cannot be cleared stays on the screen.
            let _ = bars.clear();
        }
    }
}

struct Line<'a> {
    id: String,
    last: String,
    bar: Option<ProgressBar>,
    bars: Option<&'a MultiProgress>,
}

impl Line<'_> {
    async fn show(&mut self, client: &Client, info: &ActivityExecutionInfo) {
        let state = State::of(info, SystemTime::now());
        let progress = look::heartbeat(client, info).await.and_then(|beat| beat.progress);
        let progress = progress.filter(|_| state == State::Running);
        let mut step = match &progress {
            Some(progress) => progress.phase.clone(),
            None => state.words().to_owned(),
        };
        if info.attempt > 1 {
            step = format!("{step} (attempt {}", info.attempt);
            if let Some(failure) = &info.last_failure {
                step = format!("{step}, after: {}", payload::words(client, failure).await.line());
            }
            step.push(')');
        }
        match &self.bar {
            Some(bar) => {
                let counted = progress.filter(|progress| progress.total > 0);
                if let Some(progress) = &counted {
                    bar.set_length(progress.total);
                    bar.set_position(progress.done.min(progress.total));
                    step = format!("{step}: {} of {} {}", progress.done, progress.total, progress.unit);
                }
                bar.set_message(step);
            }
            None if step != self.last => {
                report::note(&format!("{}: {step}", self.id));
                self.last = step;
            }
            None => {}
        }
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        if let (Some(bar), Some(bars)) = (&self.bar, self.bars) {
            bar.finish_and_clear();
            bars.remove(bar);
        }
    }
}
