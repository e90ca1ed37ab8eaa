//! `gantry queue pause` and `gantry queue resume`: the server's own rate limit, set to 0 and back.

use std::time::SystemTime;

use serde_json::{Value, json};

use runtime::host_in;

use crate::{
    problem::Problem,
    queue::{
        arguments::Which,
        dispatch::Dispatch,
        limit,
        names::{Kind, kind_of, ours},
        pause_note::{LONGEST_REASON, PauseNote},
        server::Server,
        survey,
        view::View,
    },
    report,
};

/// What became of one queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) queue: String,
    pub(crate) paused: bool,
    /// Something was changed; else it was so already.
    pub(crate) changed: bool,
    /// Of a paused queue the limit that it had, of a resumed one the limit that it has.
    pub(crate) limit: Option<f32>,
    pub(crate) waiting: u64,
    /// It was paused with another tool, so that nobody knows its earlier limit.
    pub(crate) foreign: bool,
}

impl Change {
    fn json(&self) -> Value {
        let name = if self.paused { "previousRateLimit" } else { "rateLimit" };
        json!({
            "queue": self.queue,
            "paused": self.paused,
            "changed": self.changed,
            name: self.limit.map(limit::number),
            "backlog": self.waiting,
        })
    }
}

pub(crate) async fn pause(server: &Server, which: &Which, reason: Option<&str>, as_json: bool) -> Result<(), Problem> {
    check_reason(reason)?;
    let mut all = Vec::new();
    let mut running = None;
    for view in chosen(server, which).await? {
        let changes = pause_all_of(server, &view, reason).await?;
        let runs = view.running(SystemTime::now());
        running = running.into_iter().chain(runs).reduce(|a, b| a + b);
        if !as_json {
            say_paused(&view, &changes, runs);
        }
        all.extend(changes);
    }
    if as_json { print(&all, running) } else { Ok(()) }
}

pub(crate) async fn resume(server: &Server, which: &Which, as_json: bool) -> Result<(), Problem> {
    let mut all = Vec::new();
    for view in chosen(server, which).await? {
        let changes = resume_all_of(server, &view).await?;
        if !as_json {
            say_resumed(&view, &changes, server.partitions(view.queue(), Kind::Activity).await);
        }
        all.extend(changes);
    }
    if as_json { print(&all, None) } else { Ok(()) }
}

fn print(changes: &[Change], running: Option<u32>) -> Result<(), Problem> {
    let waiting: u64 = changes.iter().map(|change| change.waiting).sum();
    let queues: Vec<Value> = changes.iter().map(Change::json).collect();
    let mut answer = json!({ "queues": queues, "waiting": waiting });
    if let (Some(fields), Some(running)) = (answer.as_object_mut(), running) {
        fields.insert("running".to_owned(), running.into());
    }
    report::data(&answer.to_string())
}

/// The server takes so much and no more, and the note of the pause needs room beside it.
pub(crate) fn check_reason(reason: Option<&str>) -> Result<(), Problem> {
    match reason {
        Some(text) if text.len() > LONGEST_REASON => {
            Err(Problem::input(format!("the reason has {} bytes, at most {LONGEST_REASON} are kept", text.len())))
        }
        _ => Ok(()),
    }
}

/// The queues that a command is about, each with its host queues. Refuses those that cannot be paused.
pub(crate) async fn chosen(server: &Server, which: &Which) -> Result<Vec<View>, Problem> {
    let Some(queue) = &which.queue else { return survey::activity_queues(server).await };
    let view = survey::one(server, queue).await?;
    check_can_be_limited(&view)?;
    Ok(vec![view])
}

/// Refuses queues that the server cannot limit, and names that are most likely mistyped.
pub(crate) fn check_can_be_limited(view: &View) -> Result<(), Problem> {
    let queue = view.queue();
    if view.kind() == Kind::Workflow {
        return Err(Problem::input(format!(
            "queue {queue} has workflow tasks, and the server has no rate limit for those"
        ))
        .hint(
            "pause the activity queues instead, workflows then wait at their next activity: gantry queue pause --all",
        ));
    }
    if kind_of(queue).is_none() && view.dispatch.is_unknown() && view.workers.is_empty() {
        let known: Vec<&str> = ours().filter(|(_, kind)| *kind == Kind::Activity).map(|(name, _)| name).collect();
        return Err(Problem::input(format!("nobody has used a queue {queue} in the last minutes"))
            .hint(format!("Gantry's activity queues are: {}", known.join(", "))));
    }
    Ok(())
}

/// Pauses a queue and its host queues. What is paused already keeps the limit that it goes back to.
pub(crate) async fn pause_all_of(server: &Server, view: &View, reason: Option<&str>) -> Result<Vec<Change>, Problem> {
    let hosts: Vec<&str> = view.hosts.iter().filter_map(|host| host_in(host.queue(), view.queue())).collect();
    let mut changes = Vec::new();
    for member in view.family() {
        let dispatch = &member.dispatch;
        // The queue itself comes first and remembers the hosts, so that a pause that was cut off can be undone as well.
        let hosts = if std::ptr::eq(member, view) { hosts.as_slice() } else { &[] };
        let note = note_for(dispatch, hosts, reason);
        let text = note.to_text();
        let changed = !dispatch.is_paused() || text != dispatch.limit.reason;
        if changed {
            server.set_limit(&dispatch.queue, Some(0.0), text).await?;
        }
        changes.push(Change {
            queue: dispatch.queue.clone(),
            paused: true,
            changed,
            limit: note.previous,
            waiting: dispatch.backlog,
            foreign: false,
        });
    }
    Ok(changes)
}

fn note_for(dispatch: &Dispatch, hosts: &[&str], reason: Option<&str>) -> PauseNote {
    let mut note = match dispatch.pause() {
        None => PauseNote { previous: dispatch.limit.limit, ..Default::default() },
        Some(old) => old,
    };
    for host in hosts {
        if !note.hosts.iter().any(|known| known == host) {
            note.hosts.push((*host).to_owned());
        }
    }
    if let Some(reason) = reason {
        reason.clone_into(&mut note.reason);
    }
    if dispatch.is_paused() && note.to_text() != dispatch.limit.reason && note.since.is_none() {
        note.since = dispatch.limit.at.as_ref().map(|at| at.text.clone());
    }
    note
}

/// Gives a queue and its host queues the limits back that they had before they were paused.
pub(crate) async fn resume_all_of(server: &Server, view: &View) -> Result<Vec<Change>, Problem> {
    let mut changes = Vec::new();
    // The queue itself comes last: it remembers the hosts, should this be cut off.
    for member in view.hosts.iter().chain([view]) {
        let dispatch = &member.dispatch;
        let note = dispatch.pause();
        let limit = note.as_ref().map_or(dispatch.limit.limit, |note| note.previous);
        if note.is_some() {
            server.set_limit(&dispatch.queue, limit, String::new()).await?;
        }
        changes.push(Change {
            queue: dispatch.queue.clone(),
            paused: false,
            changed: note.is_some(),
            limit,
            waiting: dispatch.backlog,
            foreign: note.is_some() && PauseNote::from_text(&dispatch.limit.reason).is_none(),
        });
    }
    changes.rotate_right(1);
    Ok(changes)
}

fn say_paused(view: &View, changes: &[Change], running: Option<u32>) {
    let queue = view.queue();
    let word = if changes.iter().any(|change| change.changed) { "paused" } else { "already paused:" };
    report::note(&format!("{word} {}", names(changes)));
    let runs = match running {
        Some(running) => format!("{running} run and go on"),
        None => "what runs goes on".to_owned(),
    };
    report::note(&format!("  about {} wait and stay, {runs}, new tasks keep queueing", view.waiting()));
    report::note(
        "  time-outs keep running: what waits longer than its schedule-to-start or schedule-to-close time-out fails, and\n  \
         an index run that waits for its host for more than 2 minutes starts over",
    );
    if view.hosts.is_empty() && kind_of(queue).is_some() && !queue.contains('@') {
        report::note("  no host queue is known; one that appears later is not paused until you pause again");
    }
    report::note(&format!("  go on with: gantry queue resume {queue}"));
}

fn say_resumed(view: &View, changes: &[Change], partitions: Option<usize>) {
    let changed: Vec<Change> = changes.iter().filter(|change| change.changed).cloned().collect();
    if changed.is_empty() {
        report::note(&format!("{} is not paused", view.queue()));
        return;
    }
    report::note(&format!("resumed {}; the first task starts in about a second", names(&changed)));
    if let Some(partitions) = partitions.filter(|n| *n > 1) {
        // Seen with 4 partitions: a partition that no poll waits at is not looked at again until one comes.
        report::note(&format!(
            "  the server splits the queue into {partitions} partitions: where few slots are free, some tasks wait for a\n  \
             worker's next poll, which can take minutes"
        ));
    }
    for change in &changed {
        if change.foreign {
            report::note(&format!(
                "  {} was paused with another tool, its earlier limit is not known: it has none now",
                change.queue
            ));
        } else if change.limit.is_some() {
            report::note(&format!("  {} is limited to {} again", change.queue, limit::text(change.limit)));
        }
    }
    report::note(&format!("  about {} wait", view.waiting()));
}

fn names(changes: &[Change]) -> String {
    changes.iter().map(|change| change.queue.as_str()).collect::<Vec<_>>().join(", ")
}
