//! `gantry ship`: starts the workflow that ships the sessions of this host, or of another one, and follows it.

mod dry_run;

use std::{path::Path, time::Instant};

use contracts::{
    queues,
    workflows::{
        ShipSessions, ShipSessionsInput, ShipSessionsOutput, WatchSessions, WatchSessionsInput, ship_sessions_id,
        watch_sessions_id,
    },
};
use serde_json::{Value, json};
use temporalio_client::Client;

use crate::{
    arguments::ShipOptions,
    connect,
    places::Places,
    problem::Problem,
    report,
    run::{self, Started, Title, Workflow},
};

pub(crate) async fn run(places: &Places, options: &ShipOptions) -> Result<(), Problem> {
    if options.dry_run {
        return dry_run::run(places, options);
    }
    let host = options.host.clone().unwrap_or_else(|| places.host_id());
    let client = connect::client(places).await?;
    if options.watch {
        return watch(places, &client, options, &host).await;
    }
    let input = input(options)?;
    let begin = Instant::now();
    let started = start(&client, &host, input).await?;
    let link = started.ui_link(places, &client);
    if options.detach {
        return told(&started, &host, link, options.json);
    }
    if let Some(link) = &link {
        report::note(&format!("run: {link}"));
    }
    let output = started.followed(&client).await?;
    if options.json {
        let ms = u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX);
        return report::data(&answer(&started, &host, &output, ms, link)?.to_string());
    }
    report::data(&shipped(&output))
}

/// Starts the run of a host, or joins the one that goes on.
pub(crate) async fn start(
    client: &Client,
    host: &str,
    input: ShipSessionsInput,
) -> Result<Started<ShipSessions>, Problem> {
    let title = Title {
        workflow_id: ship_sessions_id(host),
        system: queues::SHIPPING,
        repo: None,
        summary: format!("ship the sessions of {host}"),
    };
    run::start(client, ShipSessions, input, title).await
}

/// Starts the watch of a host, or joins it; it goes on until it is cancelled.
async fn watch(places: &Places, client: &Client, options: &ShipOptions, host: &str) -> Result<(), Problem> {
    if !options.paths.is_empty() || options.max_bytes.is_some() || !options.providers.is_empty() {
        return Err(Problem::input("--watch goes for everything on the host")
            .hint("leave the paths, --providers and --max-bytes out, or --watch"));
    }
    let title = Title {
        workflow_id: watch_sessions_id(host),
        system: queues::SHIPPING,
        repo: None,
        summary: format!("watch the sessions of {host}"),
    };
    let started = run::start(client, WatchSessions, WatchSessionsInput::default(), title).await?;
    told(&started, host, started.ui_link(places, client), options.json)?;
    report::note(&format!("to end it: temporal workflow cancel --workflow-id '{}'", started.workflow_id));
    Ok(())
}

fn told<W: Workflow>(started: &Started<W>, host: &str, link: Option<String>, as_json: bool) -> Result<(), Problem> {
    if as_json {
        let mut object = json!({ "workflowId": started.workflow_id, "runId": started.run_id, "hostId": host });
        add_link(&mut object, link);
        return report::data(&object.to_string());
    }
    report::data(&format!("started {} (run {})", started.workflow_id, started.run_id))?;
    link.map_or(Ok(()), |link| report::data(&link))
}

fn input(options: &ShipOptions) -> Result<ShipSessionsInput, Problem> {
    // The files of another host cannot be looked for here.
    let paths: Result<Vec<String>, Problem> = match options.host {
        Some(_) => Ok(options.paths.iter().map(|path| path.display().to_string()).collect()),
        None => options.paths.iter().map(|path| here(path)).collect(),
    };
    let some = |list: Vec<String>| (!list.is_empty()).then_some(list);
    Ok(ShipSessionsInput {
        host_id: None,
        providers: some(options.providers.clone()),
        paths: some(paths?),
        max_bytes: options.max_bytes,
    })
}

fn here(path: &Path) -> Result<String, Problem> {
    let real = path.canonicalize().map_err(|e| {
        Problem::io(&format!("{}", path.display()), &e).hint("give a session file, or a folder that holds some")
    })?;
    real.to_str().map(str::to_owned).ok_or_else(|| {
        Problem::input(format!("{}: the path is not UTF-8", real.display())).hint("rename the file or the folder")
    })
}

fn answer(
    started: &Started<ShipSessions>,
    host: &str,
    output: &ShipSessionsOutput,
    duration_ms: u64,
    link: Option<String>,
) -> Result<Value, Problem> {
    let mut object = serde_json::to_value(output)
        .map_err(|e| Problem::input(format!("the result of the run cannot be written as JSON: {e}")))?;
    if let Some(fields) = object.as_object_mut() {
        fields.insert("workflowId".to_owned(), started.workflow_id.clone().into());
        fields.insert("runId".to_owned(), started.run_id.clone().into());
        fields.insert("hostId".to_owned(), host.into());
        fields.insert("durationMs".to_owned(), duration_ms.into());
    }
    add_link(&mut object, link);
    Ok(object)
}

fn add_link(object: &mut Value, link: Option<String>) {
    if let (Some(fields), Some(link)) = (object.as_object_mut(), link) {
        fields.insert("uiUrl".to_owned(), link.into());
    }
}

/// The result of a run, for people.
pub(crate) fn shipped(output: &ShipSessionsOutput) -> String {
    let megabytes = |bytes: u64| format!("{:.1} MB", report::megabytes(bytes));
    let row = |what: &str, value: String| vec![what.to_owned(), value];
    let mut rows = vec![
        row("read", megabytes(output.source_bytes)),
        row("sent", megabytes(output.compressed_bytes)),
        row("events", output.events.to_string()),
        row("bodies taken", format!("{} of {}", output.acknowledged, output.batches)),
    ];
    for (what, count) in [
        ("put into the spool", output.spooled),
        ("shipped from the spool", output.replayed),
        ("waiting in the spool", output.pending),
        ("given up", output.dead),
        ("refused for good", output.quarantined),
    ] {
        if count > 0 {
            rows.push(row(what, count.to_string()));
        }
    }
    if output.remaining_bytes > 0 {
        rows.push(row("left for another run", megabytes(output.remaining_bytes)));
    }
    let mut parts = vec![
        report::counts(&format!("{} session files", output.files), &output.by_provider),
        report::table(&["shipped", ""], &rows),
    ];
    parts.extend(output.warnings.iter().map(|w| format!("warning: {} ({}x): {}", w.code, w.count, w.message)));
    parts.join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_shipped_reads_well() {
        let output = ShipSessionsOutput {
            files: 12,
            source_bytes: 3_140_000,
            events: 240,
            batches: 12,
            acknowledged: 11,
            spooled: 1,
            replayed: 1,
            compressed_bytes: 600_000,
            by_provider: [("claude".to_owned(), 10), ("codex".to_owned(), 2)].into(),
            ..ShipSessionsOutput::default()
        };
        insta::assert_snapshot!(shipped(&output));
    }

    #[test]
    fn a_path_that_is_not_there_is_a_problem_of_the_filesystem() {
        assert_eq!(here(Path::new("/no/such/session.jsonl")).unwrap_err().code, 4);
    }
}
