//! The queues and who works on them.

use std::time::{Duration, SystemTime};

use contracts::queues;
use temporalio_client::Client;

use super::check::{Check, Status};
use crate::{
    duration::short,
    queue::{
        dispatch::{ASKED_LATELY, Poller, Version},
        server::Server,
        survey::Survey,
        view::{Paused, View},
        worker::{contracts_of, short_identity},
    },
};

/// Clocks that differ by less do no harm.
const SKEW: Duration = Duration::from_secs(2);
/// Longest look at all queues.
const LONGEST: Duration = Duration::from_secs(15);

pub(super) async fn checks(client: &Client) -> Vec<Check> {
    const NAME: &str = "queues";
    let mut survey = Survey::new(Server::new(client.clone()));
    let views = match tokio::time::timeout(LONGEST, survey.look()).await {
        Ok(Ok(views)) => views,
        Ok(Err(problem)) => return vec![Check::problem(NAME, problem)],
        Err(_) => {
            let detail = format!("the server told nothing in {} s", LONGEST.as_secs());
            return vec![Check::failed(NAME, detail, "see the server's log")];
        }
    };
    let now = SystemTime::now();
    let mut checks: Vec<Check> = views.iter().map(|view| polled(view, now)).collect();
    at_least_one(&mut checks);
    checks.push(paused(&views));
    checks.push(versions(&views, now));
    checks.push(contracts_match(&views, &contracts::contracts_hash(), now));
    checks.push(clock(&views, now));
    checks
}

/// Whether a poller goes on asking, as far as one can tell.
fn is_there(view: &View, poller: &Poller, now: SystemTime) -> bool {
    let mut workers = view.workers.iter().filter(|worker| worker.identity == poller.identity).peekable();
    if workers.peek().is_some() {
        return workers.any(|worker| worker.polls(now));
    }
    poller.age(now).is_some_and(|age| age < ASKED_LATELY)
}

fn polled(view: &View, now: SystemTime) -> Check {
    let queue = view.queue();
    let name = format!("queue {queue}");
    let there: Vec<&str> = view
        .dispatch
        .pollers
        .iter()
        .filter(|poller| is_there(view, poller, now))
        .map(|poller| short_identity(&poller.identity))
        .collect();
    if !there.is_empty() {
        return Check::ok(&name, format!("polled by {}", there.join(", ")));
    }
    let program =
        if queue == queues::WORKFLOWS { "the TypeScript worker".to_owned() } else { format!("gantry-{queue}") };
    let last = view.dispatch.pollers.iter().filter_map(|poller| Some((poller.age(now)?, &poller.identity))).min();
    let detail = match last {
        Some((age, who)) => format!("nobody polls it; {} did {} ago", short_identity(who), short(age)),
        None => "nobody polls it".to_owned(),
    };
    let hint = format!("start {program}, or gantry dev");
    if queue == queues::WORKFLOWS || !view.dispatch.pollers.is_empty() || view.dispatch.backlog > 0 {
        return Check::failed(&name, detail, hint);
    }
    // An installation need not do everything.
    Check::warning(&name, format!("{detail}, and nothing waits in it"), hint)
}

/// Without any worker nothing can be done.
fn at_least_one(checks: &mut [Check]) {
    let of_activities = |check: &&mut Check| check.name != format!("queue {}", queues::WORKFLOWS);
    let mut queues: Vec<&mut Check> = checks.iter_mut().filter(of_activities).collect();
    if queues.iter().all(|check| check.status != Status::Ok) {
        queues.iter_mut().for_each(|check| check.status = Status::Failed);
    }
}

fn paused(views: &[View]) -> Check {
    const NAME: &str = "paused queues";
    let some: Vec<&View> = views.iter().filter(|view| view.paused() != Paused::No).collect();
    if some.is_empty() {
        return Check::ok(NAME, "none");
    }
    let members = some.iter().flat_map(|view| view.family()).filter(|view| view.dispatch.is_paused());
    let text = |view: &View| {
        let reason = view.dispatch.pause().map(|note| note.reason).unwrap_or_default();
        let by = &view.dispatch.limit.by;
        format!(
            "{}{}{}, {} wait",
            view.queue(),
            if by.is_empty() { String::new() } else { format!(" by {by}") },
            if reason.is_empty() { String::new() } else { format!(" ({reason})") },
            view.dispatch.backlog
        )
    };
    let detail: Vec<String> = members.map(text).collect();
    let resume: Vec<String> = some.iter().map(|view| format!("gantry queue resume {}", view.queue())).collect();
    Check::warning(NAME, detail.join("; "), format!("nothing new starts there until: {}", resume.join("; ")))
}

/// Looks for queues whose tasks go to versions that nobody runs.
fn versions(views: &[View], now: SystemTime) -> Check {
    const NAME: &str = "worker versions";
    let mut versioned = 0;
    let mut idle = Vec::new();
    for view in views.iter().flat_map(View::family) {
        let there: Vec<&Poller> = view.dispatch.pollers.iter().filter(|poller| is_there(view, poller, now)).collect();
        let found: Vec<&Version> =
            there.iter().filter(|poller| poller.versioned).filter_map(|poller| poller.version.as_ref()).collect();
        let plain = there.iter().any(|poller| !poller.versioned);
        versioned += found.len();
        let queue = view.queue();
        match &view.dispatch.current {
            Some(current) if !there.is_empty() && !found.contains(&current) => {
                return Check::failed(
                    NAME,
                    format!(
                        "{queue} gives its tasks to version {} of {}, which nobody runs; it is polled by {}",
                        current.build_id,
                        current.deployment,
                        builds(&found)
                    ),
                    format!("start a worker of that version, or {}", make_current(&found, &current.deployment)),
                );
            }
            None if !plain && !found.is_empty() => {
                return Check::failed(
                    NAME,
                    format!("{queue} is polled by {}, and no version is current: its tasks wait", builds(&found)),
                    make_current(&found, ""),
                );
            }
            current => {
                let ramping = view.dispatch.ramping.as_ref().map(|(version, _)| version);
                idle.extend(found.iter().filter(|v| current.as_ref() != Some(**v) && ramping != Some(**v)).map(
                    |version| {
                        format!("{queue} gives nothing new to version {} of {}", version.build_id, version.deployment)
                    },
                ));
            }
        }
    }
    idle.sort();
    idle.dedup();
    if !idle.is_empty() {
        return Check::warning(
            NAME,
            idle.join("; "),
            "stop its workers once they are idle, or make it current: temporal worker deployment set-current-version",
        );
    }
    Check::ok(NAME, if versioned == 0 { "no worker is versioned" } else { "the current versions are running" })
}

fn builds(versions: &[&Version]) -> String {
    if versions.is_empty() {
        return "workers without a version".to_owned();
    }
    let mut names: Vec<String> =
        versions.iter().map(|v| format!("version {} of {}", v.build_id, v.deployment)).collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

/// The command that lets these workers have the tasks.
fn make_current(versions: &[&Version], deployment: &str) -> String {
    let command = "temporal worker deployment set-current-version";
    match versions.first() {
        Some(v) => format!(
            "let this one have them: {command} --deployment-name {} --build-id {} --yes",
            v.deployment, v.build_id
        ),
        None => format!("let these have them: {command} --deployment-name {deployment} --unversioned --yes"),
    }
}

/// Compares the contracts of everybody who is there with those of this program.
fn contracts_match(views: &[View], ours: &str, now: SystemTime) -> Check {
    const NAME: &str = "contracts";
    let mut others = Vec::new();
    let mut unknown = Vec::new();
    let mut same = 0;
    for view in views.iter().flat_map(View::family) {
        let pollers = view.dispatch.pollers.iter().filter(|poller| is_there(view, poller, now));
        let workers = view.workers.iter().filter(|worker| worker.polls(now));
        let mut identities: Vec<&str> =
            pollers.map(|p| p.identity.as_str()).chain(workers.map(|w| w.identity.as_str())).collect();
        identities.sort_unstable();
        identities.dedup();
        for identity in identities {
            match contracts_of(identity) {
                Some(hash) if hash == ours => same += 1,
                Some(hash) => others.push(format!("{} on {} has {hash}", short_identity(identity), view.queue())),
                None => unknown.push(format!("{identity} on {}", view.queue())),
            }
        }
    }
    if !others.is_empty() {
        return Check::failed(
            NAME,
            format!("this gantry has {ours}, but {}", others.join(", ")),
            "workers and gantry have to be of one version: replace those workers, or use the gantry of their version",
        );
    }
    if !unknown.is_empty() {
        return Check::warning(
            NAME,
            format!("cannot tell for {}", unknown.join(", ")),
            "these are not workers of Gantry, or of an older version",
        );
    }
    if same == 0 {
        return Check::ok(NAME, format!("{ours}; there is no worker to compare with"));
    }
    Check::ok(NAME, format!("{ours}, the same as all {same} workers"))
}

/// Nobody tells the time, but nothing that has happened can lie ahead.
fn clock(views: &[View], now: SystemTime) -> Check {
    const NAME: &str = "clock";
    let ahead = |time: SystemTime| time.duration_since(now).unwrap_or_default();
    let pollers = views.iter().flat_map(View::family).flat_map(|view| &view.dispatch.pollers);
    let polls = pollers.filter_map(|p| Some((ahead(p.last_seen.as_ref()?.time), "the server")));
    let workers = views.iter().flat_map(View::family).flat_map(|view| &view.workers);
    let told = workers.filter_map(|w| Some((ahead(w.heartbeat.as_ref()?.time), short_identity(&w.identity))));
    match polls.chain(told).max() {
        None => Check::ok(NAME, "there is nothing to compare it with"),
        Some((ahead, whose)) if ahead > SKEW => Check::warning(
            NAME,
            format!("the clock of {whose} is at least {} ahead of this machine's", short(ahead)),
            "set the clocks by NTP; ages and time-outs are wrong by that much",
        ),
        Some(_) => Check::ok(NAME, "not behind the server or a worker"),
    }
}
