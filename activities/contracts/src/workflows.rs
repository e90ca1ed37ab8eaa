//! Workflows: their types, ids, inputs, results and queries. They run on [`crate::queues::WORKFLOWS`].

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    heavy_compute::{CallSites, GraphCounts, IndexReport, SymbolReferences, WorkspaceGcError},
    shared::{Counts, LanguageCount, Phases, Warning},
};

/// Workflow type that indexes one repository.
pub const INDEX_REPO: &str = "indexRepo";
/// Query of [`INDEX_REPO`] that answers an [`IndexRepoProgress`].
pub const GET_PROGRESS: &str = "getProgress";

/// Workflow type that removes old workspaces on every host.
pub const CLEANUP_WORKSPACES: &str = "cleanupWorkspaces";
/// Id of the [`CLEANUP_WORKSPACES`] workflow, and of the schedule that starts it each day.
pub const CLEANUP_WORKSPACES_ID: &str = "workspace-gc";

/// The workflow [`CLEANUP_WORKSPACES`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct CleanupWorkspaces;

/// The workflow [`INDEX_REPO`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct IndexRepo;

/// The query [`GET_PROGRESS`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct GetProgress;

#[cfg(feature = "temporal")]
mod definitions {
    use temporalio_common::{HasWorkflowDefinition, QueryDefinition, WorkflowDefinition};

    use super::{
        CLEANUP_WORKSPACES, CleanupWorkspaces, CleanupWorkspacesInput, CleanupWorkspacesOutput, GET_PROGRESS,
        GetProgress, INDEX_REPO, IndexRepo, IndexRepoInput, IndexRepoOutput, IndexRepoProgress,
    };

    impl WorkflowDefinition for CleanupWorkspaces {
        type Input = CleanupWorkspacesInput;
        type Output = CleanupWorkspacesOutput;
        fn name(&self) -> &str {
            CLEANUP_WORKSPACES
        }
    }

    impl WorkflowDefinition for IndexRepo {
        type Input = IndexRepoInput;
        type Output = IndexRepoOutput;
        fn name(&self) -> &str {
            INDEX_REPO
        }
    }

    impl HasWorkflowDefinition for CleanupWorkspaces {
        type Run = Self;
    }

    impl HasWorkflowDefinition for IndexRepo {
        type Run = Self;
    }

    impl QueryDefinition for GetProgress {
        type Workflow = IndexRepo;
        type Input = ();
        type Output = IndexRepoProgress;
        fn name(&self) -> &str {
            GET_PROGRESS
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
pub struct IndexRepoProgress {
    /// 0, then 25 when the workspace is ready, 50 when indexes are joined, 75 when the rest is parsed, 95 when the graph is
    /// complete, 100 at the end.
    pub percent: u8,
    /// What is being done now, for people.
    pub step: String,
    /// Activity that is running, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub activity: Option<String>,
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
