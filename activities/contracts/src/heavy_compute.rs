//! The queue `heavy-compute`: from a repository to a code graph.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Attempts, Policy,
    declare::declare_activities,
    queues,
    shared::{BlobRef, Counts, LanguageCount, Phases, Warning},
};

/// The organisation that a repository belongs to when nobody says otherwise.
pub const DEFAULT_ORG: &str = "default";

/// After how many days without a use a checkout is removed when nobody says otherwise.
pub const DEFAULT_MAX_AGE_DAYS: u32 = 7;

fn default_max_age_days() -> u32 {
    DEFAULT_MAX_AGE_DAYS
}

fn default_org() -> String {
    DEFAULT_ORG.to_owned()
}

declare_activities! {
    queue = queues::HEAVY_COMPUTE;

    /// Makes a folder with the sources ready: a local folder as it is, or a checkout of a remote repository.
    PrepareWorkspace = "prepareWorkspace": PrepareWorkspaceInput => PrepareWorkspaceOutput,
        Policy { start_to_close_s: 30 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Runs the SCIP indexers that fit, and writes the entities and edges of the files that an index covers.
    RunScip = "runScip": RunScipInput => RunScipOutput,
        Policy { start_to_close_s: 30 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Parses the files that no index covers and writes their entities and edges.
    ParseRest = "parseRest": ParseRestInput => ParseRestOutput,
        Policy { start_to_close_s: 30 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Removes from the graph what the scan no longer found and counts what is there.
    FinishIndex = "finishIndex": FinishIndexInput => FinishIndexOutput,
        Policy { start_to_close_s: 10 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Removes checkouts that nobody has used for some days. It works on the host that runs it.
    WorkspaceGc = "workspaceGc": WorkspaceGcInput => WorkspaceGcOutput,
        Policy { start_to_close_s: 30 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };

    /// Asks the server which hosts have workspaces: those whose own queue somebody polls.
    ListWorkspaceHosts = "listWorkspaceHosts": ListWorkspaceHostsInput => ListWorkspaceHostsOutput,
        Policy { start_to_close_s: 2 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };
}

/// Exactly one of `repoUrl` and `path` is given; at most one of `branch`, `tag` and `commit`, and none with `path`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct PrepareWorkspaceInput {
    /// `https`, `http`, `ssh` or `file` URL of a git repository. A URL with a password in it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub repo_url: Option<String>,
    /// A local folder, indexed in place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub path: Option<String>,
    /// Part of every key in the graph.
    pub repo_id: String,
    /// Whose repository it is.
    #[serde(default = "default_org")]
    #[ts(as = "Option<String>", optional)]
    pub org_id: String,
    /// Branch to check out; the remote's default branch when nothing is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub branch: Option<String>,
    /// Tag to check out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub tag: Option<String>,
    /// Commit to check out, 40 hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub commit: Option<String>,
    /// Reference to `user:password` or to a token, `env:NAME` or `file:PATH`, resolved by the worker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub credential: Option<String>,
    /// Fetch even if the checkout is fresh.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub force: bool,
}

/// What [`PrepareWorkspace`] made ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct PrepareWorkspaceOutput {
    /// Absolute path of the folder, on the host behind `host_queue`.
    pub workspace_dir: String,
    /// Queue of the host that has the folder; what follows is sent there.
    pub host_queue: String,
    /// Commit that is checked out; absent for a folder that is no repository or has no commit yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub commit: Option<String>,
    /// Branch that is checked out, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub branch: Option<String>,
    /// Files that the scan found.
    pub file_count: u64,
    /// Languages by number of files, most first.
    pub languages: Vec<LanguageCount>,
    /// Folders, relative to the workspace, that hold a package manifest; `.` alone when there is none.
    pub package_roots: Vec<String>,
    /// SCIP indexers that are installed and whose marker file the workspace has.
    pub indexers: Vec<String>,
    /// Whether an earlier checkout was young enough to be taken as it was, without a fetch.
    pub fresh: bool,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
    /// Wall time of each phase.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
}

/// Input of [`RunScip`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct RunScipInput {
    /// The folder that `prepareWorkspace` made ready.
    pub workspace_dir: String,
    /// Part of every key in the graph.
    pub repo_id: String,
    /// Whose repository it is.
    #[serde(default = "default_org")]
    #[ts(as = "Option<String>", optional)]
    pub org_id: String,
    /// Folders, relative to the workspace, that indexers run in; found by their manifests when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub package_roots: Option<Vec<String>>,
    /// Indexers to run, by their commands; all that are installed and fit when absent, none when empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub indexers: Option<Vec<String>>,
    /// Indexes that are there already: absolute paths, or relative to the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub scip_files: Option<Vec<String>>,
    /// Commit that is indexed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub commit: Option<String>,
    /// Keep the source text of functions, methods and classes in the graph.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub include_bodies: bool,
    /// Make entities of fields, properties and enum members too.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub include_members: bool,
}

/// What [`RunScip`] found and wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct RunScipOutput {
    /// The indexes that were read, and the indexers that made none.
    pub indexes: Vec<IndexReport>,
    /// Entities of the covered files in the store, file entities included.
    pub entities: u64,
    /// Edges that start in them, by kind.
    pub edges: Counts,
    /// Packages outside of the repository that they use.
    pub packages: u64,
    /// A JSON array of the covered paths, for `parseRest`; absent when there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub covered: Option<BlobRef>,
    /// How many there are.
    pub covered_count: u64,
    /// Covered files by language.
    pub by_language: Counts,
    /// Covered files that the store already had; nothing was written for them.
    pub unchanged: u64,
    /// Entities and edges that are new or different.
    pub written: u64,
    /// What the definitions of the indexes turned out to be.
    pub definitions: SymbolDefinitions,
    /// What the references of the indexes turned out to be.
    pub references: SymbolReferences,
    /// References into the repository that have no answer, by reason.
    pub unresolved: Counts,
    /// Documents that were passed over: damaged, of no file of the workspace, or made of another state of their file.
    pub skipped_documents: u64,
    /// Wall time of each phase.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// One index that [`RunScip`] read, or an indexer that made none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct IndexReport {
    /// Who made it, as the index says, else the command that should have.
    pub indexer: String,
    /// The folder that its paths are relative to, relative to the workspace; `.` for the workspace itself.
    pub root: String,
    /// Documents in it.
    pub documents: u64,
    /// Occurrences of symbols in the documents that were read.
    pub occurrences: u64,
    /// Size of the index.
    pub bytes: u64,
    /// Milliseconds that the indexer ran; none for an index that was there.
    pub ms: u64,
    /// Whether an index of the same sources was there already.
    pub reused: bool,
    /// Why there is no index, or not all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub warning: Option<String>,
}

/// Definitions of the indexes, parameters and other parts without entities left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SymbolDefinitions {
    /// Entities of the syntax trees of the covered files.
    pub entities: u64,
    /// Those of them that an index defines too.
    pub joined: u64,
    /// Entities that only an index knows.
    pub from_index: u64,
}

/// References of the indexes to symbols that are not local to a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SymbolReferences {
    /// All of them.
    pub total: u64,
    /// To an entity, or a file.
    pub direct: u64,
    /// To something without an entity, and so to what it belongs to.
    pub lifted: u64,
    /// To something of the definition that the reference stands in: no edge.
    pub own_scope: u64,
    /// To a package outside of the repository.
    pub package: u64,
    /// The rest.
    pub unresolved: u64,
}

/// Input of [`ParseRest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ParseRestInput {
    /// The folder that `prepareWorkspace` made ready.
    pub workspace_dir: String,
    /// Part of every key in the graph.
    pub repo_id: String,
    /// Whose repository it is.
    #[serde(default = "default_org")]
    #[ts(as = "Option<String>", optional)]
    pub org_id: String,
    /// A JSON array of paths that an index covered: what `runScip` made of them stays. One that it left nothing for gets its
    /// file entity and nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub covered: Option<BlobRef>,
    /// Commit that is indexed; remembered in the store's bookkeeping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub commit: Option<String>,
    /// Keep the source text of functions, methods and classes in the graph.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub include_bodies: bool,
    /// Make entities of fields, properties and enum members too.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub include_members: bool,
}

/// What [`ParseRest`] found and wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ParseRestOutput {
    /// Files that have a file entity.
    pub files: u64,
    /// Entities of the repository in the store when the activity ended, file entities included. Files that are gone still
    /// count; `finishIndex` removes them.
    pub entities: u64,
    /// Edges of the repository, likewise, by kind.
    pub edges: Counts,
    /// Entities by kind.
    pub by_kind: Counts,
    /// Files by language.
    pub by_language: Counts,
    /// Files that got a file entity and nothing else, or nothing at all, by reason.
    pub skipped: Counts,
    /// Files whose content the store already had; nothing was written for them.
    pub unchanged: u64,
    /// Entities and edges that are new or different. An unchanged repository has none.
    #[serde(default)]
    pub written: u64,
    /// Entities and edges that are no longer there.
    pub removed: u64,
    /// What the calls of all parsed files turned out to be.
    #[serde(default)]
    pub calls: CallSites,
    /// A JSON array of every path that was scanned, for `finishIndex`.
    pub scanned: BlobRef,
    /// Wall time of each phase.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// Calls, constructions, rendered elements and decorators of a repository, counted in places of the source.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct CallSites {
    /// All of them.
    pub total: u64,
    /// Those that call a definition of the same file.
    pub same_file: u64,
    /// Those that call a definition of another file.
    pub other_file: u64,
    /// Those that call into a package outside of the repository.
    pub package: u64,
    /// The rest, by reason.
    pub unresolved: Counts,
}

/// Input of [`FinishIndex`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct FinishIndexInput {
    /// Part of every key in the graph.
    pub repo_id: String,
    /// Whose repository it is.
    #[serde(default = "default_org")]
    #[ts(as = "Option<String>", optional)]
    pub org_id: String,
    /// A JSON array of every path that was scanned.
    pub scanned: BlobRef,
    /// Commit that is indexed; remembered in the store's bookkeeping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub commit: Option<String>,
}

/// What [`FinishIndex`] removed, and what is there now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct FinishIndexOutput {
    /// Entities of files that are gone.
    pub removed_entities: u64,
    /// Edges from and to entities that are gone.
    pub removed_edges: u64,
    /// What the graph now holds of this repository.
    pub counts: GraphCounts,
    /// Wall time of each phase.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
}

/// What a graph holds, of one repository or in all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct GraphCounts {
    /// File entities.
    pub files: u64,
    /// All entities.
    pub entities: u64,
    /// All edges.
    pub edges: u64,
    /// Entities by kind.
    pub by_kind: Counts,
    /// Edges by kind.
    pub edges_by_kind: Counts,
    /// Files by language.
    pub by_language: Counts,
}

/// Input of [`WorkspaceGc`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WorkspaceGcInput {
    /// A folder of workspaces, absolute and inside of the folders that the worker may read; the worker's own when nothing
    /// is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub base_path: Option<String>,
    /// Workspaces that were used within so many days stay.
    #[serde(default = "default_max_age_days")]
    #[ts(as = "Option<u32>", optional)]
    pub max_age_days: u32,
    /// Tell what would be removed, and remove nothing.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub dry_run: bool,
}

/// What [`WorkspaceGc`] removed, or, of a dry run, would have removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WorkspaceGcOutput {
    /// Absolute paths of the workspaces and of kept indexes, and of what unfinished work left in others.
    pub removed: Vec<String>,
    /// Bytes that their files took up on the disk.
    pub freed_bytes: u64,
    /// Workspaces that stay: used lately, or in use.
    pub kept: u64,
    /// What could not be looked at or removed.
    pub errors: Vec<WorkspaceGcError>,
    /// Wall time of each phase.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
}

/// Something in the folder of workspaces that [`WorkspaceGc`] had to leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WorkspaceGcError {
    /// Its absolute path.
    pub path: String,
    /// Why.
    pub message: String,
}

/// Input of [`ListWorkspaceHosts`]: nothing needs to be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ListWorkspaceHostsInput {}

/// The hosts that [`ListWorkspaceHosts`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ListWorkspaceHostsOutput {
    /// Their queues, ordered. One of a host that went away in the last minutes can be among them.
    pub host_queues: Vec<String>,
}
