//! `gantry queue describe` and `gantry queue list`.

use std::time::SystemTime;

use serde_json::json;

use crate::{
    duration::short,
    problem::Problem,
    queue::{
        dispatch::{Dispatch, Poller},
        limit,
        names::Kind,
        server::Server,
        survey::{self, Survey},
        view::{Paused, View},
        worker::{Seen, Slots},
    },
    report,
};

/// Prints one queue.
pub(crate) async fn describe(server: &Server, queue: &str, as_json: bool) -> Result<(), Problem> {
    let view = survey::one(server, queue).await?;
    let now = SystemTime::now();
    if as_json {
        let mut answer = view.json(now);
        if let Some(fields) = answer.as_object_mut() {
            fields.insert("partitions".to_owned(), server.partitions(queue, view.kind()).await.into());
        }
        return report::data(&answer.to_string());
    }
    if view.dispatch.is_unknown() && view.workers.is_empty() {
        report::note(&format!(
            "the server has seen nothing of queue {queue} lately; `gantry queue list` shows Gantry's"
        ));
    }
    report::data(&text(&view, now))
}

/// Prints all queues of Gantry.
pub(crate) async fn list(server: &Server, as_json: bool) -> Result<(), Problem> {
    let views = Survey::new(server.clone()).look().await?;
    let now = SystemTime::now();
    if as_json {
        let queues: Vec<_> = views.iter().map(|view| view.json(now)).collect();
        return report::data(&json!({ "queues": queues }).to_string());
    }
    report::data(&table(&views, now))
}

/// One row for each queue and host queue.
pub(crate) fn table(views: &[View], now: SystemTime) -> String {
    let head = ["queue", "state", "waiting", "oldest", "added/s", "started/s", "running", "workers", "limit"];
    let rows: Vec<Vec<String>> =
        views.iter().flat_map(|view| view.family().map(move |member| row(member, view, now))).collect();
    report::table(&head, &rows)
}

fn row(member: &View, of: &View, now: SystemTime) -> Vec<String> {
    let dispatch = &member.dispatch;
    let state = if std::ptr::eq(member, of) { of.paused() } else { own_pause(member) };
    let state = match (state, dispatch.pollers.is_empty()) {
        (Paused::Yes, _) => "paused",
        (Paused::Partly, _) => "partly paused",
        (Paused::No, true) => "no pollers",
        (Paused::No, false) => "open",
    };
    let live = member.workers.iter().filter(|worker| worker.is_live(now)).count();
    vec![
        dispatch.queue.clone(),
        state.to_owned(),
        dispatch.backlog.to_string(),
        if dispatch.backlog == 0 { "-".to_owned() } else { short(dispatch.backlog_age) },
        format!("{:.1}", dispatch.add_rate),
        format!("{:.1}", dispatch.dispatch_rate),
        running(member.slots(now)),
        live.to_string(),
        limit_in_short(dispatch),
    ]
}

/// `5/s`; of a paused queue, in brackets, what it goes back to.
pub(crate) fn limit_in_short(dispatch: &Dispatch) -> String {
    let limit = match dispatch.pause() {
        Some(note) => note.previous.map(|limit| format!("({limit}/s)")),
        None => dispatch.limit.limit.map(|limit| format!("{limit}/s")),
    };
    limit.unwrap_or_else(|| "-".to_owned())
}

fn own_pause(view: &View) -> Paused {
    if view.dispatch.is_paused() { Paused::Yes } else { Paused::No }
}

/// `2/4`: two of four slots are taken.
pub(crate) fn running(slots: Option<Slots>) -> String {
    match slots {
        None => "-".to_owned(),
        Some(slots) => match slots.total() {
            Some(total) => format!("{}/{total}", slots.used),
            None => slots.used.to_string(),
        },
    }
}

fn text(view: &View, now: SystemTime) -> String {
    let dispatch = &view.dispatch;
    let mut facts = vec![("queue", format!("{} ({} tasks)", dispatch.queue, dispatch.kind.as_str()))];
    facts.push(("state", state_text(view, now)));
    if dispatch.is_paused() && view.paused() == Paused::Partly {
        facts.push(("", "partly: some host queues are not paused; pause it again".to_owned()));
    }
    let waiting = if dispatch.backlog == 0 {
        "nothing".to_owned()
    } else {
        format!("about {}, the oldest for {}", dispatch.backlog, short(dispatch.backlog_age))
    };
    facts.push(("waiting", waiting));
    facts.push(("in 30 s", format!("{:.1} added/s, {:.1} started/s", dispatch.add_rate, dispatch.dispatch_rate)));
    facts.push(("running", running_text(view, now)));
    if dispatch.kind == Kind::Activity {
        facts.push(("rate limit", limit_text(view)));
    }
    if let Some(current) = &dispatch.current {
        facts.push(("goes to", format!("version {} of {}", current.build_id, current.deployment)));
    }
    if let Some((version, share)) = &dispatch.ramping {
        facts.push(("ramping", format!("version {} of {}, {share} %", version.build_id, version.deployment)));
    }
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut parts =
        vec![facts.iter().map(|(name, fact)| format!("{name:width$}  {fact}")).collect::<Vec<_>>().join("\n")];
    if !view.workers.is_empty() {
        parts.push(workers_table(view, now));
    }
    if !dispatch.pollers.is_empty() {
        parts.push(pollers_table(view, now));
    }
    if !view.hosts.is_empty() {
        parts.push(table(&view.hosts, now));
    }
    parts.join("\n\n")
}

fn state_text(view: &View, now: SystemTime) -> String {
    let dispatch = &view.dispatch;
    let Some(note) = dispatch.pause() else {
        return match view.paused() {
            Paused::Partly => "open, some host queues are paused".to_owned(),
            _ if dispatch.pollers.is_empty() => "nobody has asked for its tasks in the last 5 minutes".to_owned(),
            _ => "open".to_owned(),
        };
    };
    let mut text = "paused".to_owned();
    if let Some(at) = dispatch.limit.at.as_ref().filter(|_| note.since.is_none()) {
        text += &format!(" {} ago", short(at.age(now)));
    } else if let Some(since) = &note.since {
        text += &format!(" since {since}");
    }
    if !dispatch.limit.by.is_empty() {
        text += &format!(" by {}", dispatch.limit.by);
    }
    if !note.reason.is_empty() {
        text += &format!(": {}", note.reason);
    }
    text
}

fn running_text(view: &View, now: SystemTime) -> String {
    let (Some(slots), Some(age)) = (view.slots(now), view.report_age(now)) else {
        return "no worker tells".to_owned();
    };
    format!("{} slots taken, as told up to {} ago", running(Some(slots)), short(age))
}

fn limit_text(view: &View) -> String {
    let dispatch = &view.dispatch;
    let mut text = match dispatch.pause() {
        Some(note) => format!("0 while paused, then {}", limit::text(note.previous)),
        None => limit::text(dispatch.limit.limit),
    };
    if let Some((limit, "worker")) = dispatch.effective {
        text += &format!("; its workers ask for {limit}/s");
    }
    if let Some(limit) = dispatch.fairness_limit {
        text += &format!("; {limit}/s for each fairness key");
    }
    text
}

fn workers_table(view: &View, now: SystemTime) -> String {
    let row = |worker: &Seen| {
        vec![
            worker.identity.clone(),
            worker.state(now).to_owned(),
            worker.build_id.clone(),
            running(worker.slots(view.kind())),
            worker.age(now).map_or_else(|| "never".to_owned(), |age| format!("{} ago", short(age))),
        ]
    };
    let rows: Vec<Vec<String>> = view.workers.iter().map(row).collect();
    report::table(&["worker", "state", "build", "running", "heartbeat"], &rows)
}

fn pollers_table(view: &View, now: SystemTime) -> String {
    let row = |poller: &Poller| {
        let version = match (&poller.version, poller.versioned) {
            (Some(version), true) => format!("{}:{}", version.deployment, version.build_id),
            _ => "unversioned".to_owned(),
        };
        let seen = poller.age(now).map_or_else(|| "unknown".to_owned(), |age| format!("{} ago", short(age)));
        vec![poller.identity.clone(), version, seen]
    };
    let rows: Vec<Vec<String>> = view.dispatch.pollers.iter().map(row).collect();
    report::table(&["poller (may be gone since)", "version", "last seen"], &rows)
}
