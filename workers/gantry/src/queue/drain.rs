//! `gantry queue drain`: pause, then wait until nothing runs.
//!
//! Two sources have to agree. Each worker of these queues has to tell, in a heartbeat sent after the pause, that none of
//! its slots is taken: it knows even of work that the server has given up. And the server must not count an attempt as
//! running: that covers workers that send no heartbeats.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime},
};

use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    problem::Problem,
    queue::{
        arguments::Which,
        names::Kind,
        pause,
        running::{self, Attempts},
        server::Server,
        survey,
        view::{Paused, View},
        worker::{Seen, short_identity},
    },
    report,
};

const LOOK: Duration = Duration::from_millis(500);
/// A task that was handed out just before the pause is in its worker by then.
const SETTLED: Duration = Duration::from_secs(1);

/// What still runs, named one by one.
const SHOWN: usize = 8;
/// A worker that was told to stop takes no task after that.
const LAST_POLL: Duration = Duration::from_secs(3);

/// What is asked for.
pub(crate) struct Request<'a> {
    pub(crate) which: &'a Which,
    pub(crate) reason: Option<&'a str>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) json: bool,
}

/// How far it is.
#[derive(Debug, Default)]
struct Progress {
    /// By worker, its last heartbeat from before the pause was settled.
    before: Option<BTreeMap<String, Option<SystemTime>>>,
    busy: Vec<String>,
    /// Fell silent with work in hand. The server gives that to another worker after the resume.
    lost: BTreeSet<String>,
    attempts: Attempts,
    waiting: u64,
}

pub(crate) async fn run(server: &Server, request: Request<'_>) -> Result<(), Problem> {
    let begin = Instant::now();
    pause::pause(server, request.which, request.reason, false).await?;
    let failed = |e| Problem::io("watching for signals", &e);
    let mut interrupt = signal(SignalKind::interrupt()).map_err(failed)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(failed)?;
    let mut progress = Progress::default();
    let name = if request.which.all { "--all" } else { request.which.queue.as_deref().unwrap_or_default() };
    let resume = format!("still paused; go on with: gantry queue resume {name}");
    let patience = request.timeout.unwrap_or(Duration::MAX);
    tokio::select! {
        () = until_drained(server, request.which, begin, &mut progress) => {}
        () = tokio::time::sleep(patience) => {
            // Best effort: the names of what runs, beside what the workers told.
            if let Ok(members) = members(server, request.which).await {
                let queues = members.iter().map(View::queue).collect();
                progress.attempts = running::started(server, &queues).await.unwrap_or_default();
            }
            if request.json {
                report::data(&progress.json(false, begin).to_string())?;
            }
            return Err(Problem::network(format!("not drained in time: {}", progress.still())).hint(resume));
        }
        _ = interrupt.recv() => return Err(Problem::network("interrupted before it was drained").hint(resume)),
        _ = terminate.recv() => return Err(Problem::network("interrupted before it was drained").hint(resume)),
    }
    if request.json {
        return report::data(&progress.json(true, begin).to_string());
    }
    for lost in &progress.lost {
        report::note(&format!("{lost} fell silent with work in hand; that is tried again after the resume"));
    }
    report::note(&format!("drained: nothing runs, about {} wait; {resume}", progress.waiting));
    Ok(())
}

/// Waits, and says what it waits for. A server that does not answer is waited for too.
async fn until_drained(server: &Server, which: &Which, begin: Instant, progress: &mut Progress) {
    let mut said = String::new();
    loop {
        let state = match look(server, which, begin, progress).await {
            Ok(true) => return,
            Ok(false) => format!("waiting for: {}", progress.still()),
            Err(problem) => format!("waiting for the server: {problem}"),
        };
        if state != said {
            report::note(&state);
            said = state;
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn look(server: &Server, which: &Which, begin: Instant, progress: &mut Progress) -> Result<bool, Problem> {
    let views = match &which.queue {
        Some(queue) => vec![survey::one(server, queue).await?],
        None => survey::activity_queues(server).await?,
    };
    // A host whose worker came meanwhile.
    for view in views.iter().filter(|view| view.paused() != Paused::Yes) {
        pause::pause_all_of(server, view, None).await?;
    }
    progress.waiting = views.iter().map(View::waiting).sum();
    let members: Vec<&View> = views.iter().flat_map(View::family).collect();
    let now = SystemTime::now();
    let idle = progress.workers_are_idle(members.iter().flat_map(|member| &member.workers), begin, now);
    if !idle {
        return Ok(false);
    }
    let queues: BTreeSet<&str> = members.iter().map(|member| member.queue()).collect();
    progress.attempts = running::started(server, &queues).await?;
    if progress.attempts.complete || mute_pollers(&members).is_empty() {
        return Ok(progress.attempts.found.is_empty());
    }
    progress.busy = mute_pollers(&members);
    Ok(false)
}

/// The queues and all their host queues.
async fn members(server: &Server, which: &Which) -> Result<Vec<View>, Problem> {
    let views = match &which.queue {
        Some(queue) => vec![survey::one(server, queue).await?],
        None => survey::activity_queues(server).await?,
    };
    Ok(views.iter().flat_map(View::family).cloned().collect())
}

/// Pollers that send no heartbeats, so that only the server knows of their work.
fn mute_pollers(members: &[&View]) -> Vec<String> {
    let told = |member: &View, identity: &str| member.workers.iter().any(|worker| worker.identity == identity);
    let mute = members.iter().flat_map(|member| {
        let pollers = member.dispatch.pollers.iter().map(|poller| poller.identity.as_str());
        pollers.filter(|identity| !told(member, identity))
    });
    mute.map(|identity| {
        format!("{} (sends no heartbeats, too much is open to look for its work)", short_identity(identity))
    })
    .collect()
}

impl Progress {
    fn workers_are_idle<'a>(
        &mut self,
        workers: impl Iterator<Item = &'a Seen> + Clone,
        begin: Instant,
        now: SystemTime,
    ) -> bool {
        let heartbeat = |worker: &Seen| worker.heartbeat.as_ref().map(|heartbeat| heartbeat.time);
        if self.before.is_none() && begin.elapsed() >= SETTLED {
            self.before = Some(workers.clone().map(|worker| (worker.key.clone(), heartbeat(worker))).collect());
        }
        self.busy.clear();
        let Some(before) = &self.before else {
            self.busy.push("the pause to settle".to_owned());
            return false;
        };
        for worker in workers.filter(|worker| !worker.stopped) {
            let name = short_identity(&worker.identity);
            let used = worker.slots(Kind::Activity).map_or(0, |slots| slots.used);
            if worker.is_silent(now) {
                if used > 0 {
                    self.lost.insert(format!("{name} on {}", worker.queue));
                }
                continue;
            }
            if worker.stopping && used == 0 && worker.age(now).is_some_and(|age| age > LAST_POLL) {
                // It takes nothing any more and may not say another word. The server still tells of what it has.
                continue;
            }
            // Another clock than ours: told apart from before, never compared with now.
            let told_since = before.get(&worker.key).is_none_or(|old| *old != heartbeat(worker));
            if used > 0 {
                self.busy.push(format!("{name} runs {used} on {}", worker.queue));
            } else if !told_since {
                self.busy.push(format!("{name} to report on {}", worker.queue));
            }
        }
        self.busy.is_empty()
    }

    fn still(&self) -> String {
        let attempts = self.attempts.found.iter().map(running::Attempt::text);
        let all: Vec<String> = self.busy.iter().cloned().chain(attempts).collect();
        match all.len() {
            0 => "the server to answer".to_owned(),
            1..=SHOWN => all.join("; "),
            n => format!("{}; and {} more", all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("; "), n - SHOWN),
        }
    }

    fn json(&self, drained: bool, begin: Instant) -> serde_json::Value {
        json!({
            "drained": drained,
            "waiting": self.waiting,
            "running": self.attempts.found.iter().map(running::Attempt::json).collect::<Vec<_>>(),
            "waitingFor": self.busy,
            "lost": self.lost,
            "durationMs": crate::queue::worker::millis(begin.elapsed()),
        })
    }
}
