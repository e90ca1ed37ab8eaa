//! What calls answer.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::error::{Error, ErrorKind};
use crate::timestamp::Timestamp;

/// Why nothing is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum HoldReason {
    /// The token was refused (401, 403). Ends when its value changes, or with the next probe that passes.
    AuthRejected,
    /// The server could not be reached. One probe at a time, at growing distances.
    Offline,
    /// The server asked for a pause (429, 503).
    RateLimited,
    /// The server answers in a way that no receiver of sessions does (404, a redirection). One probe at a time.
    RemoteRejected,
}

/// All uploads are held back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hold {
    /// Why.
    pub reason: HoldReason,
    /// Since when, in microseconds since 1970.
    pub since: Timestamp,
    /// When the next attempt is due.
    pub until: Timestamp,
    /// HTTP status, where there was an answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<u16>,
    /// What was seen, in one sentence.
    pub message: String,
}

impl Hold {
    /// The hold as a failure, for callers whose way to wait is to fail and be tried again.
    pub fn to_error(&self, url: &str, now: Timestamp) -> Error {
        let (kind, hint) = match self.reason {
            HoldReason::AuthRejected => {
                (ErrorKind::AuthRejected, "give a valid token; nothing is lost and shipping goes on with it")
            }
            HoldReason::Offline => {
                (ErrorKind::NetworkUnavailable, "check the address and the network; it is tried again by itself")
            }
            HoldReason::RateLimited => (ErrorKind::RateLimited, "nothing to do; it goes on when the server allows"),
            HoldReason::RemoteRejected => {
                (ErrorKind::RemoteRejected, "check that the address is that of the server itself")
            }
        };
        let wait = u64::try_from(self.until.0.saturating_sub(now.0)).unwrap_or(0);
        Error { retry_after: Some(Duration::from_micros(wait)), ..Error::new(kind, self.message.clone(), url, hint) }
    }
}

/// Sources of one provider.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sources {
    /// Files there are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files with something new in them.
    pub new_files: u64,
    /// Bytes not yet read.
    pub new_bytes: u64,
}

/// Answer of [`Engine::discover`](super::Engine::discover).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// Files there are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files with something new in them.
    pub new_files: u64,
    /// Bytes not yet read.
    pub new_bytes: u64,
    /// The same by provider.
    pub by_provider: BTreeMap<String, Sources>,
    /// Folders and files that could not be read, and what else a person should know.
    pub warnings: Vec<String>,
}

/// Answer of [`Engine::recover_gaps`](super::Engine::recover_gaps).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recovery {
    /// Files whose queued offset is beyond the acknowledged one.
    pub gaps: u64,
    /// Ranges of them that had no row yet and now have one.
    pub enqueued: u64,
}

/// Answer of [`Engine::ship`](super::Engine::ship). Counts of bytes are source bytes unless they say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipReport {
    /// Files of which something was read.
    pub files: u64,
    /// Bytes read.
    pub source_bytes: u64,
    /// Events in them.
    pub events: u64,
    /// Batches made of them.
    pub batches: u64,
    /// Batches that the server took whole or, after a split, in part.
    pub acknowledged: u64,
    /// Events that the server said were new to it.
    pub events_inserted: u64,
    /// Ranges put aside to be tried later.
    pub spooled: u64,
    /// Lines or ranges that the server refused for good, and lines that no server would understand.
    pub quarantined: u64,
    /// Bytes of bodies before compression.
    pub payload_bytes: u64,
    /// Bytes of bodies as sent.
    pub compressed_bytes: u64,
    /// Bytes that are new and were not settled by this call.
    pub remaining_bytes: u64,
    /// Files that could not be read, or that another call had claimed.
    pub skipped_files: u64,
    /// Whether the caller ended it.
    pub cancelled: bool,
    /// Why it ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Duration in milliseconds.
    pub ms: u64,
}

/// Answer of [`Engine::replay`](super::Engine::replay).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayReport {
    /// Ranges that are settled now.
    pub replayed: u64,
    /// Events in them.
    pub events: u64,
    /// Ranges still waiting.
    pub pending: u64,
    /// Ranges given up.
    pub dead: u64,
    /// Whether the caller ended it.
    pub cancelled: bool,
    /// Why it ended early, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
}

/// Answer of [`Engine::reset`](super::Engine::reset).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetReport {
    /// Files whose offsets are forgotten.
    pub files: u64,
    /// Ranges that are spooled again.
    pub revived: u64,
}

/// Answer of [`dry_run`](super::dry_run).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunReport {
    /// Files of which something was read.
    pub files: u64,
    /// Bytes read.
    pub source_bytes: u64,
    /// Events in them.
    pub events: u64,
    /// The same by role: user, assistant, tool.
    pub events_by_role: BTreeMap<String, u64>,
    /// Bytes of bodies before compression.
    pub payload_bytes: u64,
    /// Bytes of bodies after it.
    pub compressed_bytes: u64,
    /// Batches.
    pub batches: u64,
    /// Lines that no server would understand.
    pub quarantined: u64,
    /// Where the next read would start, for exactly one named file: behind the last whole line (of a document, the time of its last
    /// change in seconds).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_offset: Option<u64>,
    /// Whether the caller ended it.
    pub cancelled: bool,
    /// What a person should know.
    pub warnings: Vec<String>,
    /// Duration in milliseconds.
    pub duration_ms: u64,
}

/// Rows of the spool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SpoolCounts {
    /// Waiting for their time.
    pub pending: u64,
    /// Given up; they come back daily while their source exists, and by [`Reset::Dead`](super::Reset::Dead).
    pub dead: u64,
}

/// One refused line or range.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Quarantined {
    /// File.
    pub path: String,
    /// First byte.
    pub start: u64,
    /// Byte behind the last.
    pub end: u64,
    /// Why.
    pub reason: String,
    /// HTTP status, where a server said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Whether its source is gone or changed, so that it cannot be brought back.
    pub lost: bool,
    /// When.
    pub at: Timestamp,
}

/// The last thing that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// What.
    pub message: String,
    /// When.
    pub at: Timestamp,
}

/// What was shipped since the state was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Throughput {
    /// Events that servers took.
    pub events: u64,
    /// Bytes of source that servers took.
    pub source_bytes: u64,
    /// Bytes of bodies sent for them.
    pub compressed_bytes: u64,
    /// Time that calls spent on it, in milliseconds.
    pub busy_ms: u64,
    /// When a server last took something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_acknowledged: Option<Timestamp>,
}

/// Answer of [`Engine::status`](super::Engine::status).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Files in the state.
    pub tracked: u64,
    /// Bytes of existing sources that no server has acknowledged.
    pub bytes_behind: u64,
    /// Last change of the source that has waited longest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest_unacked: Option<Timestamp>,
    /// Rows of the spool.
    pub spool: SpoolCounts,
    /// Refused lines and ranges.
    pub quarantined: u64,
    /// Ranges whose source was gone or changed before a server had them.
    pub lost: u64,
    /// The latest few of both.
    pub recent_quarantined: Vec<Quarantined>,
    /// The last thing that went wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// What holds uploads back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// What was shipped so far.
    pub throughput: Throughput,
    /// Whether another process holds the lock, and its process id where it can be read.
    pub running: bool,
    /// Process id of the holder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// What a person should know: sources near their clean-up, dead rows, a damaged row.
    pub warnings: Vec<String>,
}
