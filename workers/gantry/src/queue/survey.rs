//! Finds the queues and puts together what the server and the workers tell about them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime},
};

use futures::future::try_join_all;
use runtime::{host_in, host_of};
use temporalio_client::Client;

use crate::{
    problem::Problem,
    queue::{
        dispatch::Dispatch,
        names::{Kind, kind_of, ours},
        server::Server,
        view::View,
        worker::Seen,
    },
};

/// How often the waiting activities of host queues are looked through, which costs more than the rest.
const LOOK_THROUGH: Duration = Duration::from_secs(10);
/// How long a worker has to show that it is there.
const MOMENT: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// Looks at Gantry's queues again and again.
pub(crate) struct Survey {
    server: Server,
    /// By queue, the hosts that single activities wait for.
    awaited: BTreeMap<String, BTreeSet<String>>,
    looked: Option<Instant>,
}

impl Survey {
    pub(crate) fn new(server: Server) -> Self {
        Self { server, awaited: BTreeMap::new(), looked: None }
    }

    /// Gantry's queues, with the host queues that can be known of: of workers that polled or sent a heartbeat in the last
    /// minutes, of hosts that a pause remembers, and of hosts that single activities wait for.
    pub(crate) async fn look(&mut self) -> Result<Vec<View>, Problem> {
        let bases: Vec<(&str, Kind)> = ours().collect();
        self.look_for(&bases).await
    }

    async fn look_for(&mut self, bases: &[(&str, Kind)]) -> Result<Vec<View>, Problem> {
        if self.looked.is_none_or(|looked| looked.elapsed() > LOOK_THROUGH) {
            for (base, _) in bases.iter().filter(|(_, kind)| *kind == Kind::Activity) {
                self.awaited.insert((*base).to_owned(), self.server.hosts_with_activities(base).await?);
            }
            self.looked = Some(Instant::now());
        }
        let questions = bases.iter().map(|(base, kind)| ((*base).to_owned(), *kind));
        let (workers, dispatches) = futures::try_join!(self.server.workers(), self.server.describe_all(questions))?;
        let none = BTreeSet::new();
        let families = dispatches.into_iter().map(|dispatch| {
            let awaited = self.awaited.get(&dispatch.queue).unwrap_or(&none);
            family(&self.server, dispatch, &workers, awaited)
        });
        try_join_all(families).await
    }
}

/// One queue of any name, with its host queues.
pub(crate) async fn one(server: &Server, queue: &str) -> Result<View, Problem> {
    let kind = match kind_of(queue) {
        Some(kind) => kind,
        None => guess_kind(server, queue).await?,
    };
    let mut views = Survey::new(server.clone()).look_for(&[(queue, kind)]).await?;
    views.pop().ok_or_else(|| Problem::network(format!("the server tells nothing about queue {queue}")))
}

/// Whether a queue has workers, as far as one can tell; one that is just starting has a moment to show.
pub(crate) async fn somebody_works_on(client: &Client, queue: &str) -> Result<bool, Problem> {
    let server = Server::new(client.clone());
    let begin = Instant::now();
    loop {
        if one(&server, queue).await?.workers_there(SystemTime::now()) > 0 {
            return Ok(true);
        }
        if begin.elapsed() > MOMENT {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// All activity queues of Gantry.
pub(crate) async fn activity_queues(server: &Server) -> Result<Vec<View>, Problem> {
    let bases: Vec<(&str, Kind)> = ours().filter(|(_, kind)| *kind == Kind::Activity).collect();
    Survey::new(server.clone()).look_for(&bases).await
}

/// The kind of a queue that is not Gantry's: an activity queue, unless there is only something to see of the other one.
async fn guess_kind(server: &Server, queue: &str) -> Result<Kind, Problem> {
    let questions = [Kind::Activity, Kind::Workflow].map(|kind| (queue.to_owned(), kind));
    let unknown: Vec<bool> = server.describe_all(questions).await?.iter().map(Dispatch::is_unknown).collect();
    Ok(if unknown == [true, false] { Kind::Workflow } else { Kind::Activity })
}

async fn family(
    server: &Server,
    dispatch: Dispatch,
    workers: &[Seen],
    awaited: &BTreeSet<String>,
) -> Result<View, Problem> {
    let base = dispatch.queue.clone();
    let mut hosts = awaited.clone();
    hosts.extend(workers.iter().filter_map(|worker| host_in(&worker.queue, &base).map(str::to_owned)));
    // A worker that has just started polls before it sends a heartbeat for each of its queues. Only activities have host
    // queues.
    let pollers = dispatch.pollers.iter().filter(|_| dispatch.kind == Kind::Activity);
    hosts.extend(pollers.filter_map(|poller| host_of(&poller.identity, &base)).map(str::to_owned));
    hosts.extend(dispatch.pause().into_iter().flat_map(|note| note.hosts));
    let questions = hosts.iter().map(|host| (contracts::queues::host_queue(&base, host), dispatch.kind));
    let hosts = server.describe_all(questions).await?;
    let with_workers = |dispatch: Dispatch, hosts| {
        let workers = workers.iter().filter(|worker| worker.queue == dispatch.queue).cloned().collect();
        View { dispatch, workers, hosts }
    };
    let hosts = hosts.into_iter().map(|host| with_workers(host, Vec::new())).collect();
    Ok(with_workers(dispatch, hosts))
}
