//! Workflows: their types, ids, inputs, results and queries. They run on [`crate::queues::WORKFLOWS`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    heavy_compute::{CallSites, GraphCounts, IndexReport, SymbolReferences, WorkspaceGcError},
    save_parsing::SaveMark,
    shared::{Counts, LanguageCount, Phases, Warning},
};

/// Workflow type that indexes one repository.
pub const INDEX_REPO: &str = "indexRepo";
/// Query of [`INDEX_REPO`] and [`SHIP_SESSIONS`] that answers a [`RunProgress`].
pub const GET_PROGRESS: &str = "getProgress";

/// Workflow type that removes old workspaces on every host.
pub const CLEANUP_WORKSPACES: &str = "cleanupWorkspaces";
/// Id of the [`CLEANUP_WORKSPACES`] workflow, and of the schedule that starts it each day.
pub const CLEANUP_WORKSPACES_ID: &str = "workspace-gc";

/// Workflow type that ships what the sessions of a host hold and ends.
pub const SHIP_SESSIONS: &str = "shipSessions";

/// Workflow type that goes on shipping the sessions of a host.
pub const WATCH_SESSIONS: &str = "watchSessions";
/// Workflow type that looks at the saves of a folder as they are written.
pub const WATCH_SAVES: &str = "watchSaves";

/// Signal of [`WATCH_SESSIONS`]: something changed, look now.
pub const CHANGED: &str = "changed";

/// The workflow [`CLEANUP_WORKSPACES`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct CleanupWorkspaces;

/// The workflow [`INDEX_REPO`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct IndexRepo;

/// The workflow [`SHIP_SESSIONS`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct ShipSessions;

/// The workflow [`WATCH_SESSIONS`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct WatchSessions;

/// The workflow [`WATCH_SAVES`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct WatchSaves;

/// The signal [`CHANGED`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct Changed;

/// The query [`GET_PROGRESS`] of a workflow, for typed clients.
#[derive(Debug, Clone, Copy, Default)]
pub struct GetProgress<W>(std::marker::PhantomData<W>);

impl<W> GetProgress<W> {
    /// The query.
    pub const fn new() -> Self {
        Self(std::marker::PhantomData)
    }
}

#[cfg(feature = "temporal")]
mod definitions {
    use temporalio_common::{HasWorkflowDefinition, QueryDefinition, SignalDefinition, WorkflowDefinition};

    use super::{
        CHANGED, CLEANUP_WORKSPACES, Changed, CleanupWorkspaces, CleanupWorkspacesInput, CleanupWorkspacesOutput,
        GET_PROGRESS, GetProgress, INDEX_REPO, IndexRepo, IndexRepoInput, IndexRepoOutput, RunProgress, SHIP_SESSIONS,
        ShipSessions, ShipSessionsInput, ShipSessionsOutput, WATCH_SAVES, WATCH_SESSIONS, WatchSaves, WatchSavesInput,
        WatchSessions, WatchSessionsInput,
    };

    macro_rules! workflows {
        ($($marker:ident = $name:ident: $input:ty => $output:ty;)+) => {$(
            impl WorkflowDefinition for $marker {
                type Input = $input;
                type Output = $output;
                fn name(&self) -> &str {
                    $name
                }
            }

            impl HasWorkflowDefinition for $marker {
                type Run = Self;
            }
        )+};
    }

    workflows! {
        CleanupWorkspaces = CLEANUP_WORKSPACES: CleanupWorkspacesInput => CleanupWorkspacesOutput;
        IndexRepo = INDEX_REPO: IndexRepoInput => IndexRepoOutput;
        ShipSessions = SHIP_SESSIONS: ShipSessionsInput => ShipSessionsOutput;
        WatchSaves = WATCH_SAVES: WatchSavesInput => ();
        WatchSessions = WATCH_SESSIONS: WatchSessionsInput => ();
    }

    impl<W: WorkflowDefinition + 'static> QueryDefinition for GetProgress<W> {
        type Workflow = W;
        type Input = ();
        type Output = RunProgress;
        fn name(&self) -> &str {
            GET_PROGRESS
        }
    }

    impl SignalDefinition for Changed {
        type Workflow = WatchSessions;
        type Input = ();
        fn name(&self) -> &str {
            CHANGED
        }
    }
}

/// Id of the [`INDEX_REPO`] workflow of a repository, so that two runs of one repository cannot overlap.
pub fn index_repo_id(org_id: &str, repo_id: &str) -> String {
    format!("index/{org_id}/{repo_id}")
}

/// Input of [`INDEX_REPO`]. Exactly one of `repoUrl` and `path` is given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct IndexRepoInput {
    /// URL of a git repository.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub repo_url: Option<String>,
    /// A folder on the worker's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub path: Option<String>,
    /// Part of every key in the graph; taken from the workflow id (`index/<orgId>/<repoId>`) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub repo_id: Option<String>,
    /// Whose repository it is; `default` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub org_id: Option<String>,
    /// Branch to index; the remote's default branch when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub branch: Option<String>,
    /// Reference to a credential, `env:NAME` or `file:PATH`, resolved by the worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub credential: Option<String>,
    /// SCIP indexers to run, by their commands; all that are installed and fit when absent, none when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub indexers: Option<Vec<String>>,
    /// SCIP indexes that are there already: absolute paths, or relative to the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub scip_files: Option<Vec<String>>,
    /// Seconds that work waits for the host that has the workspace before it begins again on another; 120 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host_timeout_seconds: Option<u32>,
    /// Workflows to start when the graph is complete; they outlive this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<Vec<FollowUp>>,
}

/// A workflow that starts when another one is done. It gets that one's result as its input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct FollowUp {
    /// Its workflow type.
    pub workflow_type: String,
    /// Its task queue.
    pub task_queue: String,
}

/// Result of [`INDEX_REPO`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct IndexRepoOutput {
    /// Part of every key in the graph.
    pub repo_id: String,
    /// Whose repository it is.
    pub org_id: String,
    /// Commit that was indexed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub commit: Option<String>,
    /// Languages of the scanned files, most files first.
    pub languages: Vec<LanguageCount>,
    /// What the graph now holds of this repository.
    pub counts: GraphCounts,
    /// Files that were not parsed, by reason.
    pub skipped: Counts,
    /// Files whose content the store already had.
    pub unchanged: u64,
    /// Entities and edges that are new or different; an unchanged repository has none.
    #[serde(default)]
    pub written: u64,
    /// Entities and edges that were removed.
    pub removed: u64,
    /// What the calls of all parsed files turned out to be.
    #[serde(default)]
    pub calls: CallSites,
    /// The SCIP indexes that were joined with the sources, and the indexers that made none.
    #[serde(default)]
    pub indexes: Vec<IndexReport>,
    /// Files that an index covers.
    #[serde(default)]
    pub covered: u64,
    /// What the references of the indexes turned out to be.
    #[serde(default)]
    pub references: SymbolReferences,
    /// The activities that ran, in order.
    pub activities: Vec<ActivityReport>,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// Time and memory of one activity of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ActivityReport {
    /// Activity type.
    pub activity: String,
    /// Wall time of each of its phases.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when it ended.
    pub peak_rss_bytes: u64,
}

/// Answer of [`GET_PROGRESS`]. The heartbeat of the running activity tells more: it is in the description of the
/// workflow, under its pending activities, as a [`crate::shared::Heartbeat`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct RunProgress {
    /// 0 to 100. [`INDEX_REPO`]: 25 when the workspace is ready, 50 when indexes are joined, 75 when the rest is parsed, 95 when
    /// the graph is complete. [`SHIP_SESSIONS`]: 5 when the files are found, 90 when all are shipped.
    pub percent: u8,
    /// What is being done now, for people.
    pub step: String,
    /// Activity that is running, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub activity: Option<String>,
}

/// Id of the [`SHIP_SESSIONS`] workflow of a host; its activities run on that host's queue.
pub fn ship_sessions_id(host_id: &str) -> String {
    format!("ship/{host_id}")
}

/// Id of the [`WATCH_SESSIONS`] workflow of a host; its activities run on that host's queue.
pub fn watch_sessions_id(host_id: &str) -> String {
    format!("watch/{host_id}")
}

/// Input of [`SHIP_SESSIONS`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ShipSessionsInput {
    /// Whose sessions; taken from the workflow id (`ship/<hostId>`) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host_id: Option<String>,
    /// Agents whose sessions are meant, for example `claude`; all that the host ships when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub providers: Option<Vec<String>>,
    /// Files and folders; everything that is new when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paths: Option<Vec<String>>,
    /// Stop after about so many bytes of source; no bound when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_bytes: Option<u64>,
}

/// Result of [`SHIP_SESSIONS`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ShipSessionsOutput {
    /// Session files on the host.
    pub files: u64,
    /// Bytes of source that were shipped or spooled.
    pub source_bytes: u64,
    /// Events in the bodies that were sent.
    pub events: u64,
    /// Bodies that were sent.
    pub batches: u64,
    /// Bodies that the server took at once.
    pub acknowledged: u64,
    /// Bodies that it did not.
    pub spooled: u64,
    /// Lines that it refused for good.
    pub quarantined: u64,
    /// Ranges of the spool that it took afterwards.
    pub replayed: u64,
    /// Ranges that wait in the spool.
    pub pending: u64,
    /// Ranges that are not tried any more by themselves.
    pub dead: u64,
    /// Size of what was sent.
    pub compressed_bytes: u64,
    /// What is left because of `maxBytes`, in bytes of source.
    pub remaining_bytes: u64,
    /// Files by agent.
    pub by_provider: Counts,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// Input of [`WATCH_SESSIONS`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WatchSessionsInput {
    /// Whose sessions; taken from the workflow id (`watch/<hostId>`) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host_id: Option<String>,
    /// Seconds between two looks while nothing signals a change; 30 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub poll_seconds: Option<u32>,
}

/// Id of the [`WATCH_SAVES`] workflow of a host; its activities run on that host's queue.
pub fn watch_saves_id(host_id: &str) -> String {
    format!("watch-saves/{host_id}")
}

/// Input of [`WATCH_SAVES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WatchSavesInput {
    /// The folder, absolute and inside of the folders that the worker may read.
    pub folder: String,
    /// Whose folder; taken from the workflow id (`watch-saves/<hostId>`) when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host_id: Option<String>,
    /// The last save that was looked at; those that are there when the watch begins are left out when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<SaveMark>,
}

/// Input of [`CLEANUP_WORKSPACES`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct CleanupWorkspacesInput {
    /// Workspaces that were used within so many days stay; 7 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_age_days: Option<u32>,
}

/// Result of [`CLEANUP_WORKSPACES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct CleanupWorkspacesOutput {
    /// Workspaces that were removed, on all hosts together.
    pub removed: u64,
    /// Bytes that they took up.
    pub freed_bytes: u64,
    /// Workspaces that stay.
    pub kept: u64,
    /// The hosts that answered, ordered by queue.
    pub hosts: Vec<CleanedHost>,
    /// Queues of hosts that did not take the work in time: gone, or busy all the while.
    pub skipped: Vec<String>,
}

/// What was done on one host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct CleanedHost {
    /// Its queue.
    pub host_queue: String,
    /// Workspaces that were removed.
    pub removed: u64,
    /// Bytes that they took up.
    pub freed_bytes: u64,
    /// Workspaces that stay.
    pub kept: u64,
    /// What could not be looked at or removed.
    pub errors: Vec<WorkspaceGcError>,
}
