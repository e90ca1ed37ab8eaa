//! `gantry demo`: real jobs on each queue from start to end, checked.

mod events;
mod saves;
mod service;
mod sessions;

use std::{fs, path::PathBuf, time::Instant};

use contracts::{
    heavy_compute::DEFAULT_ORG,
    queues,
    workflows::{IndexRepo, IndexRepoOutput},
};
use graph_store::Repository;

use crate::{
    arguments::DemoOptions,
    connect, dev, follow, graph,
    index::{self, Request},
    places::Places,
    problem::Problem,
    report,
    run::Started,
    stack::{Options, Stack, describe},
    verify::{LanguageCounts, verify},
};

/// Marks the folder as the demo's own, which it may empty.
const MARKER: &str = "demo-state";

pub(crate) async fn run(places: &Places, options: &DemoOptions) -> Result<(), Problem> {
    let source = match &options.repo {
        Some(source) if !source.is_empty() => source.clone(),
        _ => places.root()?.display().to_string(),
    };
    let request = Request::of_source(&source, DEFAULT_ORG)?;
    let places = places.isolated(fresh_state(places)?);
    report::note("starting Temporal and the workers");
    let stack_options = Options { port_base: options.dev.port_base, home: options.dev.home.clone(), show_logs: false };
    let stack = tokio::select! {
        stack = Stack::start(&places, stack_options) => stack?,
        () = dev::told_to_stop() => return Err(Problem::input("interrupted")),
    };
    describe(&stack.dev);
    let outcome = tokio::select! {
        outcome = all(&places, &stack, &source, &request) => outcome,
        () = dev::told_to_stop() => Err(Problem::input("interrupted")),
    };
    if options.keep && outcome.is_ok() {
        report::note(&format!(
            "everything keeps running until Ctrl-C; from another terminal: GANTRY_HOME={} gantry graph stats",
            places.state.display()
        ));
        dev::told_to_stop().await;
    }
    stack.stop().await;
    outcome
}

/// A job that was done, and what came of looking at its result.
struct Done {
    queue: &'static str,
    job: String,
    result: String,
    checked: String,
    link: String,
    wrong: Vec<String>,
}

/// One job after the other. The last thing on the screen is the table of them.
async fn all(places: &Places, stack: &Stack, source: &str, request: &Request) -> Result<(), Problem> {
    let mut done = Vec::new();
    for queue in queues::ACTIVITY_QUEUES {
        let job = match *queue {
            queues::HEAVY_COMPUTE => index_and_verify(places, stack, source, request).await.map(one),
            queues::INGEST => events::run(places, stack).await.map(one),
            queues::SHIPPING => sessions::run(places, stack).await.map(one),
            queues::SAVE_PARSING => saves::run(places, stack).await,
            other => Err(Problem::wrong_result(format!("the demo has no job for {other}"))),
        };
        match job {
            Ok(jobs) => done.extend(jobs),
            Err(problem) => {
                if problem.hint.is_none() {
                    report::note(&format!("the end of the log of {queue}:\n{}", stack.tail(queue)));
                }
                return Err(problem);
            }
        }
    }
    let rows: Vec<Vec<String>> = done
        .iter()
        .map(|job| {
            let verdict = if job.wrong.is_empty() { job.checked.clone() } else { "WRONG, see below".to_owned() };
            vec![job.queue.to_owned(), job.job.clone(), job.result.clone(), verdict]
        })
        .collect();
    report::data(&format!("{}\n", report::table(&["queue", "job", "result", "checked"], &rows)))?;
    for job in &done {
        report::data(&format!("{}: {}", job.queue, job.link))?;
    }
    let wrong: Vec<String> =
        done.iter().flat_map(|job| job.wrong.iter().map(|what| format!("{}: {what}", job.queue))).collect();
    if wrong.is_empty() {
        return report::data("\nall right");
    }
    Err(Problem::wrong_result(format!("the result is wrong:\n  {}", wrong.join("\n  "))))
}

fn one(job: Done) -> Vec<Done> {
    vec![job]
}

/// The page of a run in the Temporal UI of the stack.
fn ui<W>(stack: &Stack, started: &Started<W>) -> String {
    stack.ui_link(&started.workflow_id, &started.run_id)
}

async fn index_and_verify(places: &Places, stack: &Stack, source: &str, request: &Request) -> Result<Done, Problem> {
    report::note(&format!("indexing {source}"));
    let client = connect::to_dev(places, &stack.dev)?.connect().await?;
    let begin = Instant::now();
    let (started, output) = index_once(&client, request).await?;
    let first = begin.elapsed();
    report::data(&report::indexed(&output))?;

    let begin = Instant::now();
    let (_, again) = index_once(&client, request).await?;
    let second = begin.elapsed();
    report::data(&format!(
        "\nrun in {:.2} s; again, with nothing changed, in {:.2} s: {} of {} files unchanged",
        first.as_secs_f64(),
        second.as_secs_f64(),
        again.unchanged,
        again.counts.files
    ))?;

    let repository = Repository { org_id: request.org_id.clone(), repo_id: request.repo_id.clone() };
    let sources = request.input.path.as_ref().map(PathBuf::from);
    let verify = || {
        let (_, mut store) = graph::open(places)?;
        verify(store.as_mut(), &repository, &again.counts, sources.as_deref())
    };
    // A store may wait for a server, which no thread of the async runtime should.
    let verified = std::thread::scope(|scope| scope.spawn(verify).join());
    let mut verdict = verified.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    if output.counts != again.counts || again.removed > 0 {
        verdict.wrong.push("a second run changed the graph".to_owned());
    }
    let mut languages: Vec<_> = verdict.by_language.iter().collect();
    languages.sort_by_key(|(name, counts)| (std::cmp::Reverse(counts.entities), (*name).clone()));
    let row = |(name, counts): &(&String, &LanguageCounts)| {
        vec![(*name).clone(), counts.files.to_string(), counts.entities.to_string(), counts.edges.to_string()]
    };
    let rows: Vec<Vec<String>> = languages.iter().map(row).collect();
    report::data(&format!("\n{}\n", report::table(&["language", "files", "entities", "edges"], &rows)))?;
    Ok(Done {
        queue: queues::HEAVY_COMPUTE,
        job: format!("index {source}"),
        result: format!(
            "{} files, {} entities, {} edges",
            again.counts.files, again.counts.entities, again.counts.edges
        ),
        checked: format!(
            "{} documents read back, every key computed anew, every edge's ends found, {} files hashed again",
            verdict.documents, verdict.hashed_files
        ),
        link: ui(stack, &started),
        wrong: verdict.wrong,
    })
}

async fn index_once(
    client: &temporalio_client::Client,
    request: &Request,
) -> Result<(Started<IndexRepo>, IndexRepoOutput), Problem> {
    let started = index::start(client, request).await?;
    let output = follow::result(client, &started).await?;
    Ok((started, output))
}

/// An empty state folder of the demo's own, so that what it shows comes from this run.
fn fresh_state(places: &Places) -> Result<PathBuf, Problem> {
    let state = places.state.join("demo");
    let failed = |e: std::io::Error| Problem::io(&format!("making {} ready", state.display()), &e);
    if state.exists() {
        if places.isolated(state.clone()).dev_state().is_some() {
            return Err(
                Problem::input(format!("a gantry demo runs in {} already", state.display())).hint("stop it first")
            );
        }
        if !state.join(MARKER).exists() {
            return Err(Problem::filesystem(format!("{} is not a demo's", state.display()))
                .hint("move it away, or choose another state folder with GANTRY_HOME"));
        }
        fs::remove_dir_all(&state).map_err(failed)?;
    }
    fs::create_dir_all(&state).map_err(failed)?;
    fs::write(state.join(MARKER), "").map_err(failed)?;
    Ok(state)
}
