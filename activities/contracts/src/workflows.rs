//! Workflows: their types, ids, inputs, results and queries. They run on [`crate::queues::WORKFLOWS`].

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use ts_rs::TS;

use crate::{
    errors::ErrorType,
    heavy_compute::{CallSites, GraphCounts, IndexReport, SymbolReferences, WorkspaceGcError},
    ingest::ImportFormat,
    save_parsing::{BriefingFormat, SaveMark},
    shared::{BlobRef, Counts, FileRef, LanguageCount, Phases, Warning},
};

/// Workflow type that indexes one repository.
pub const INDEX_REPO: &str = "indexRepo";
/// Query of [`INDEX_REPO`], [`SHIP_SESSIONS`] and [`IMPORT_FILES`] that answers a [`RunProgress`].
pub const GET_PROGRESS: &str = "getProgress";

/// Workflow type that removes old workspaces on every host.
pub const CLEANUP_WORKSPACES: &str = "cleanupWorkspaces";
/// Id of the [`CLEANUP_WORKSPACES`] workflow, and of the schedule that starts it each day.
pub const CLEANUP_WORKSPACES_ID: &str = "workspace-gc";

/// Workflow type that ships what the sessions of a host hold and ends.
pub const SHIP_SESSIONS: &str = "shipSessions";

/// Workflow type that goes on shipping the sessions of a host.
pub const WATCH_SESSIONS: &str = "watchSessions";
/// Workflow type that makes the briefing of one save.
pub const BRIEF_SAVE: &str = "briefSave";
/// Workflow type that looks at the saves of a folder as they are written, and starts a [`BRIEF_SAVE`] for each.
pub const WATCH_SAVES: &str = "watchSaves";

/// Workflow type that writes the events of some files to the event store.
pub const IMPORT_FILES: &str = "importFiles";

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

/// The workflow [`BRIEF_SAVE`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct BriefSave;

/// The workflow [`IMPORT_FILES`], for typed clients.
#[derive(Debug, Clone, Copy)]
pub struct ImportFiles;

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
        BRIEF_SAVE, BriefSave, BriefSaveInput, CHANGED, CLEANUP_WORKSPACES, Changed, CleanupWorkspaces,
        CleanupWorkspacesInput, CleanupWorkspacesOutput, GET_PROGRESS, GetProgress, IMPORT_FILES, INDEX_REPO,
        ImportFiles, ImportFilesInput, ImportFilesOutput, IndexRepo, IndexRepoInput, IndexRepoOutput, RunProgress,
        SHIP_SESSIONS, ShipSessions, ShipSessionsInput, ShipSessionsOutput, WATCH_SAVES, WATCH_SESSIONS, WatchSaves,
        WatchSavesInput, WatchSessions, WatchSessionsInput,
    };
    use crate::{save_parsing::BuildBriefingOutput, shared::OrBlob};

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
        BriefSave = BRIEF_SAVE: BriefSaveInput => OrBlob<BuildBriefingOutput>;
        CleanupWorkspaces = CLEANUP_WORKSPACES: CleanupWorkspacesInput => CleanupWorkspacesOutput;
        ImportFiles = IMPORT_FILES: ImportFilesInput => ImportFilesOutput;
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
    /// the graph is complete. [`SHIP_SESSIONS`]: 5 when the files are found, 90 when all are shipped. [`IMPORT_FILES`]: the
    /// part of the files that is done.
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

/// How many hexadecimal digits of a hash stand in a workflow's id.
const ID_DIGITS: usize = 16;

/// Id of the [`BRIEF_SAVE`] workflow of a save, by the SHA-256 of its file in hexadecimal digits.
pub fn brief_save_id(sha256: &str) -> String {
    format!("brief/{}", sha256.get(..ID_DIGITS).unwrap_or(sha256))
}

/// Input of [`BRIEF_SAVE`]. Its result is that of [`crate::save_parsing::BuildBriefing`], or the blob that holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct BriefSaveInput {
    /// The save.
    pub save: FileRef,
    /// Whether a page for people is wanted, and which.
    #[serde(default)]
    #[ts(as = "Option<BriefingFormat>", optional)]
    pub format: BriefingFormat,
    /// SHA-256 that the save has; one that is another by now, because the game wrote it again, fails with Conflict. Not
    /// looked at when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sha256: Option<String>,
    /// The host that has the save; any worker when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host_id: Option<String>,
    /// A path in the briefing whose value is to be explained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub explain: Option<String>,
    /// Number of the country whose briefing it is; that of the first player when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub player: Option<u32>,
    /// A folder of the game's texts on that host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub localisation: Option<String>,
}

/// Files that one [`IMPORT_FILES`] takes at most: what it reports of each has to fit into one payload.
pub const MAX_IMPORT_FILES: u32 = 2000;

/// Files that are imported at once when nobody says otherwise.
pub const DEFAULT_IMPORT_PARALLEL: u32 = 2;

fn default_import_parallel() -> u32 {
    DEFAULT_IMPORT_PARALLEL
}

/// Id of the [`IMPORT_FILES`] workflow of some files: the first 16 hexadecimal digits of SHA-256 over their paths and URIs,
/// sorted, each once, with line feeds between them. The same path is another file on another host, so `<host id>:` stands
/// before each path where a host is named.
pub fn import_files_id(files: &[FileRef], host_id: Option<&str>) -> String {
    let mut names: Vec<String> = files
        .iter()
        .map(|file| match file {
            FileRef::Blob(blob) => blob.uri.clone(),
            FileRef::Path { path } => host_id.map_or_else(|| path.clone(), |host| format!("{host}:{path}")),
        })
        .collect();
    names.sort();
    names.dedup();
    let mut digits = hex::encode(Sha256::digest(names.join("\n")));
    digits.truncate(ID_DIGITS);
    format!("import/{digits}")
}

/// Input of [`IMPORT_FILES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ImportFilesInput {
    /// The files, [`MAX_IMPORT_FILES`] at most.
    pub files: Vec<FileRef>,
    /// How many are imported at once.
    #[serde(default = "default_import_parallel")]
    #[ts(as = "Option<u32>", optional)]
    pub parallel: u32,
    /// Where their events come from, for those that do not say so themselves; `import` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub source: Option<String>,
    /// How all of them are written; told by the first bytes of each when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub format: Option<ImportFormat>,
    /// The host that has the files; any worker when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub host_id: Option<String>,
    /// What the runs before this one have done of a long list. The workflow itself sets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(as = "Option<Vec<ImportedFile>>", optional)]
    pub done: Vec<ImportedFile>,
}

/// Result of [`IMPORT_FILES`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ImportFilesOutput {
    /// The files in the order of the input, each once.
    pub files: Vec<ImportedFile>,
    /// Lines of all files, without empty ones.
    pub lines: u64,
    /// Events that were stored.
    pub stored: u64,
    /// Events that the store had already, or that came twice.
    pub duplicates: u64,
    /// Lines that cannot be stored.
    pub rejected: u64,
    /// Size of the text of all files.
    pub bytes: u64,
}

/// What became of one file of [`IMPORT_FILES`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ImportedFile {
    /// The file.
    pub file: FileRef,
    /// Its lines, without empty ones.
    pub lines: u64,
    /// Events that were stored.
    pub stored: u64,
    /// Events that the store had already, or that came twice.
    pub duplicates: u64,
    /// Lines that cannot be stored.
    pub rejected: u64,
    /// Those lines, if there are any, with their numbers and what is wrong with them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rejects: Option<BlobRef>,
    /// Size of its text.
    pub bytes: u64,
    /// Why it could not be imported. The counts are 0 then, though some of its events may be stored; an import of the same
    /// file stores none of them twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub error: Option<ImportError>,
}

/// Why a file could not be imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ImportError {
    /// The error's type.
    #[serde(rename = "type")]
    pub error_type: ErrorType,
    /// For people: what happened, and what can be done.
    pub message: String,
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

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(names: &[&str]) -> Vec<FileRef> {
        names.iter().map(|name| FileRef::Path { path: (*name).to_owned() }).collect()
    }

    #[test]
    fn an_import_is_named_by_its_files_in_whatever_order_they_are_given() {
        // printf '/a\n/b' | sha256sum
        let id = import_files_id(&paths(&["/a", "/b"]), None);
        assert_eq!(id, "import/920e113638336091");
        assert_eq!(import_files_id(&paths(&["/b", "/a", "/b"]), None), id);
        assert_ne!(import_files_id(&paths(&["/a"]), None), id);
    }

    #[test]
    fn one_path_on_two_hosts_is_two_files_and_a_blob_is_one() {
        let path = paths(&["/a"]);
        assert_ne!(import_files_id(&path, Some("one")), import_files_id(&path, Some("two")));
        let blob = [FileRef::Blob(BlobRef { uri: "s3://b/k".to_owned(), sha256: "ab".repeat(32), bytes: 1 })];
        assert_eq!(import_files_id(&blob, Some("one")), import_files_id(&blob, Some("two")));
    }

    #[test]
    fn a_briefing_is_named_by_the_first_digits_of_its_save() {
        assert_eq!(brief_save_id(&"0123456789abcdef".repeat(4)), "brief/0123456789abcdef");
        assert_eq!(brief_save_id("ab"), "brief/ab");
    }
}
