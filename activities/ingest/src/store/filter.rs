//! What `GET /api/events` and `GET /api/sessions` ask for and get.

use serde::Serialize;

use crate::event::CommittedEvent;

/// What events to list. Empty texts count as absent; all conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are those of the columns")]
pub struct EventFilter {
    pub agent_type: Option<String>,
    pub event_type: Option<String>,
    pub tool_name: Option<String>,
    pub session_id: Option<String>,
    pub branch: Option<String>,
    pub model: Option<String>,
    pub source: Option<String>,
    /// Stored at or after, as SQLite's `datetime()` reads it.
    pub since: Option<String>,
    /// Stored at or before, as SQLite's `datetime()` reads it.
    pub until: Option<String>,
    /// Only events with a smaller id: the cursor of a page.
    pub before_id: Option<i64>,
    /// 50 when absent or 0; at most 10,000.
    pub limit: Option<u64>,
    /// Events to leave out first.
    pub offset: Option<u64>,
}

/// A page of events, newest first.
#[derive(Debug)]
pub struct EventPage {
    /// The rows.
    pub events: Vec<CommittedEvent>,
    /// How many match in all, `before_id` and paging left aside.
    pub total: u64,
}

/// What sessions to list. Empty texts count as absent; all conditions must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are those of the columns")]
pub struct SessionFilter {
    pub status: Option<String>,
    /// All but this status.
    pub exclude_status: Option<String>,
    pub agent_type: Option<String>,
    /// Last event at or after, as SQLite's `datetime()` reads it.
    pub since: Option<String>,
    /// 50 when absent; 0 or less: as many as there are, up to 10,000.
    pub limit: Option<i64>,
}

/// Sessions; its JSON is the body of `GET /api/sessions`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct SessionPage {
    /// Active first, then idle, then ended; in each the newest event first.
    pub sessions: Vec<SessionRow>,
    /// How many are in `sessions`.
    pub total: u64,
}

/// One session with what its events add up to.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[allow(missing_docs, reason = "the names are those of the columns")]
pub struct SessionRow {
    pub id: String,
    pub agent_id: String,
    pub agent_type: String,
    pub project: Option<String>,
    pub branch: Option<String>,
    /// `active`, `idle` or `ended`.
    pub status: String,
    pub started_at: String,
    pub ended_at: Option<String>,
    pub last_event_at: String,
    pub metadata: Option<String>,
    pub event_count: u64,
    pub tokens_in: u64,
    pub tokens_out: u64,
    #[serde(serialize_with = "super::stats::as_number")]
    pub total_cost_usd: f64,
    pub files_edited: u64,
    pub lines_added: i64,
    pub lines_removed: i64,
}
