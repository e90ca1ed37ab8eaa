//! The queue `shipping`: agent sessions from files to a server, each event once. The files are the host's own, so all of it
//! runs on the host queue; the common queue is for hosts that are alone.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Attempts, Policy,
    declare::declare_activities,
    queues,
    shared::{Counts, Warning},
};

const HOUR: u32 = 60 * 60;
const WEEK: u32 = 7 * 24 * HOUR;

declare_activities! {
    queue = queues::SHIPPING;

    /// Finds the session files of the agents and tells how much of them is not shipped yet.
    DiscoverSessions = "discoverSessions": DiscoverSessionsInput => DiscoverSessionsOutput,
        Policy { start_to_close_s: 10 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Ships what is new in the named files, or in all of them.
    ShipBatch = "shipBatch": ShipBatchInput => ShipBatchOutput,
        Policy { start_to_close_s: 6 * HOUR, heartbeat_s: 30, attempts: Attempts::Within(WEEK) };

    /// Ships the ranges that could not be shipped before.
    ReplaySpool = "replaySpool": ReplaySpoolInput => ReplaySpoolOutput,
        Policy { start_to_close_s: HOUR, heartbeat_s: 30, attempts: Attempts::Within(WEEK) };

    /// Puts into the spool what an ended process had taken up and not shipped.
    RecoverGaps = "recoverGaps": RecoverGapsInput => RecoverGapsOutput,
        Policy { start_to_close_s: 10 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Tells what is shipped and what is not.
    ShippingStatus = "shippingStatus": ShippingStatusInput => ShippingStatusOutput,
        Policy { start_to_close_s: 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };
}

/// Input of [`DiscoverSessions`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct DiscoverSessionsInput {
    /// Agents whose sessions are meant, for example `claude`; all that the host ships when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub providers: Option<Vec<String>>,
    /// Files and folders, absolute and inside of the folders that the worker may read; the agents' own folders when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub paths: Option<Vec<String>>,
}

/// What [`DiscoverSessions`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct DiscoverSessionsOutput {
    /// Session files.
    pub files: u64,
    /// Their size together.
    pub bytes: u64,
    /// Files that hold something that is not shipped yet.
    pub new_files: u64,
    /// How much that is.
    pub new_bytes: u64,
    /// Files by agent.
    pub by_provider: Counts,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// What is to be shipped: `"new"`, which is everything that is not shipped yet, or a list of files and folders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(untagged)]
#[ts(export_to = "types.ts")]
pub enum ShipScope {
    /// `"new"`.
    Everything(EverythingNew),
    /// Files and folders, absolute and inside of the folders that the worker may read.
    Paths(Vec<String>),
}

/// The word `new`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub enum EverythingNew {
    /// What is not shipped yet.
    New,
}

/// Input of [`ShipBatch`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ShipBatchInput {
    /// What is to be shipped.
    pub scope: ShipScope,
    /// Agents whose sessions are meant; all that the host ships when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub providers: Option<Vec<String>>,
    /// Stop after about so many bytes of source; `remainingBytes` then says what is left. No bound when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub max_bytes: Option<u64>,
}

/// What [`ShipBatch`] shipped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ShipBatchOutput {
    /// Files of which something was shipped or spooled.
    pub files: u64,
    /// How much of them, in bytes.
    pub source_bytes: u64,
    /// Events in the bodies that were sent.
    pub events: u64,
    /// Bodies that were sent.
    pub batches: u64,
    /// Bodies that the server took.
    pub acknowledged: u64,
    /// Bodies that it did not take now; the spool holds their ranges.
    pub spooled: u64,
    /// Lines that the server refused for good; `gantry-shipping status` shows them.
    pub quarantined: u64,
    /// Size of what was sent.
    pub compressed_bytes: u64,
    /// What is left, in bytes of source, for another batch.
    pub remaining_bytes: u64,
    /// Wall time in milliseconds.
    pub ms: u64,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
    /// What was met on the way.
    pub warnings: Vec<Warning>,
}

/// Input of [`ReplaySpool`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ReplaySpoolInput {
    /// Ranges at most; all that are due when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub limit: Option<u64>,
}

/// What [`ReplaySpool`] shipped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ReplaySpoolOutput {
    /// Ranges that the server took.
    pub replayed: u64,
    /// Events in them.
    pub events: u64,
    /// Ranges that wait for their next attempt.
    pub pending: u64,
    /// Ranges that are not tried any more by themselves.
    pub dead: u64,
}

/// Input of [`RecoverGaps`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct RecoverGapsInput {}

/// What [`RecoverGaps`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct RecoverGapsOutput {
    /// Files that had been taken up further than they were shipped.
    pub gaps: u64,
    /// Ranges that went into the spool for it.
    pub enqueued: u64,
}

/// Input of [`ShippingStatus`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ShippingStatusInput {}

/// What [`ShippingStatus`] tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ShippingStatusOutput {
    /// Files that the state knows.
    pub tracked: u64,
    /// Bytes of them that no server has acknowledged.
    pub bytes_behind: u64,
    /// RFC 3339: since when the oldest of those files has been waiting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub oldest_unacked: Option<String>,
    /// Ranges that could not be shipped.
    pub spool: SpoolCounts,
    /// Ranges that the server refused for good.
    pub quarantined: u64,
    /// What went wrong last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub last_error: Option<String>,
    /// What a person should look at, for example a session that its agent is about to delete.
    pub warnings: Vec<Warning>,
}

/// Ranges in the spool.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SpoolCounts {
    /// Waiting for their next attempt.
    pub pending: u64,
    /// Not tried any more by themselves.
    pub dead: u64,
}
