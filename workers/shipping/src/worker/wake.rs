//! Changes of session files wake the workflow that ships them.

use std::{path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use contracts::{
    queues, search_attributes,
    workflows::{Changed, WatchSessions, WatchSessionsInput, watch_sessions_id},
};
use runtime::Temporal;
use shipping::{
    config::Config,
    watch::{self, Inbox, Timing, Work},
};
use temporalio_client::{Client, WorkflowIdConflictPolicy, WorkflowStartOptions};
use temporalio_common::search_attributes::{SearchAttributeKey, SearchAttributes};
use tokio::{runtime::Handle, sync::watch as flag};

/// Changes that come closer together are one signal: a signal costs the history a few events.
const COALESCE: Duration = Duration::from_secs(1);
/// Between two attempts to reach a server that does not answer.
const PAUSE: Duration = Duration::from_secs(5);

/// A watcher in a thread of its own, and a task that sends its signals. It ends when this goes out of scope.
pub(super) struct Waking {
    inbox: Arc<Inbox>,
    watcher: Option<JoinHandle<()>>,
}

impl Waking {
    /// Watches the files of `config` for the workflow of this host.
    pub(super) fn start(config: &Config, temporal: &Temporal, host_id: &str) -> Self {
        let (changed, changes) = flag::channel(0u64);
        Handle::current().spawn(send(temporal.clone(), watch_sessions_id(host_id), changes));
        let inbox = Arc::new(Inbox::default());
        let watched = watch::Watched {
            // The workflow polls by itself; what happens here is only that a change is seen sooner.
            timing: Timing::default(),
            ..watch::watched(config, Vec::new())
        };
        let (theirs, bell) = (inbox.clone(), Bell { changed });
        let watcher = std::thread::spawn(move || {
            watch::run(&bell, watched, &theirs);
        });
        Self { inbox, watcher: Some(watcher) }
    }
}

impl Drop for Waking {
    fn drop(&mut self) {
        self.inbox.stop();
        if let Some(watcher) = self.watcher.take() {
            // A panic of the watcher was logged where it happened.
            let _ = watcher.join();
        }
    }
}

/// Rings at each change. Scans and replays are the workflow's.
struct Bell {
    changed: flag::Sender<u64>,
}

impl Work for Bell {
    fn live(&self, _: Vec<PathBuf>) -> bool {
        self.changed.send_modify(|changes| *changes += 1);
        true
    }

    fn scan(&self) {}

    fn replay(&self) {}

    fn tend(&self) -> bool {
        false
    }

    fn stop(&self) {}
}

/// Sends a signal for every bunch of changes, and one at the start, which also starts the workflow where it does not run.
async fn send(temporal: Temporal, workflow_id: String, mut changes: flag::Receiver<u64>) {
    let client = loop {
        match temporal.connect().await {
            Ok(client) => break client,
            Err(error) => tracing::debug!(%error, "no connection for the signals of changes yet"),
        }
        tokio::time::sleep(PAUSE).await;
    };
    loop {
        changes.mark_unchanged();
        while let Err(error) = signal(&client, &workflow_id).await {
            tracing::warn!(%error, "a change could not be signalled; the workflow's own poll finds it");
            tokio::time::sleep(PAUSE).await;
        }
        tokio::time::sleep(COALESCE).await;
        if changes.changed().await.is_err() {
            return;
        }
    }
}

async fn signal(client: &Client, workflow_id: &str) -> Result<(), String> {
    let system = SearchAttributeKey::<String>::keyword(search_attributes::SYSTEM);
    let options = WorkflowStartOptions::new(queues::WORKFLOWS, workflow_id)
        .id_conflict_policy(WorkflowIdConflictPolicy::UseExisting)
        .search_attributes(SearchAttributes::new([system.value_set(queues::SHIPPING.to_owned())]))
        .static_summary("ship the sessions of this host as they grow".to_owned())
        .build();
    client
        .signal_with_start_workflow(WatchSessions, WatchSessionsInput::default(), Changed, (), options)
        .await
        .map(drop)
        .map_err(|error| error.to_string())
}
