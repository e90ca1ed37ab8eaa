//! Types that several activities use.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Data too big for a payload, kept in the blob store under the hash of its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct BlobRef {
    /// Where it is, for example `file:///var/lib/gantry/blobs/ab/ab12...`.
    pub uri: String,
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Size of the content.
    pub bytes: u64,
}

/// A file that an activity reads: on the worker's own host, or in the blob store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(untagged)]
#[ts(export_to = "types.ts")]
pub enum FileRef {
    /// In the blob store.
    Blob(BlobRef),
    /// On the worker's host.
    Path {
        /// Absolute, and inside of the folders that the worker may read (`GANTRY_ALLOWED_ROOTS`).
        path: String,
    },
}

/// What an activity answers on the wire: its output, or, where that is over [`MAX_RESULT_BYTES`], the blob that holds it
/// as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(untagged)]
#[ts(export_to = "types.ts")]
pub enum OrBlob<T> {
    /// The output is in the blob store.
    Blob(ResultBlob),
    /// The output itself.
    Value(T),
}

/// Where the output of an activity is when it was too big for a payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[ts(export_to = "types.ts")]
pub struct ResultBlob {
    /// The output as JSON.
    pub result_blob: BlobRef,
}

/// Longest result, as JSON, that stands in the history itself; a longer one goes to the blob store.
pub const MAX_RESULT_BYTES: usize = 256 * 1024;

/// Something a run met and went on from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct Warning {
    /// A stable name, for example `fileVanished`.
    pub code: String,
    /// For people: what happened, and the first place where it did.
    pub message: String,
    /// How often it happened.
    pub count: u64,
}

/// Wall time of each phase of an activity, in milliseconds.
pub type Phases = BTreeMap<String, u64>;

/// A count for each name, for example for each kind of edge.
pub type Counts = BTreeMap<String, u64>;

/// How far an activity has come. Part of every heartbeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct Progress {
    /// What is being done now, for example `parse`.
    pub phase: String,
    /// How much of it is done, in `unit`.
    pub done: u64,
    /// How much there is in all, in `unit`; 0 while that is not known.
    pub total: u64,
    /// What is counted, for example `files`.
    pub unit: String,
}

/// The details of every heartbeat: how far the work has come, and from where the next attempt goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Heartbeat<C> {
    /// How far the work has come.
    pub progress: Option<Progress>,
    /// From where the next attempt goes on; what it holds is the activity's own affair.
    pub checkpoint: Option<C>,
}

/// A number of files in one language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct LanguageCount {
    /// For example `typescript`.
    pub language: String,
    /// Files in it.
    pub files: u64,
}
