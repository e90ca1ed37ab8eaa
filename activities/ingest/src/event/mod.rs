//! What an event is: the contract of `POST /api/events`, field by field, and the row that is stored.

mod batch;
mod body;
mod fields;
mod metadata;
mod parse;
mod row;

use std::{borrow::Cow, fmt};

pub use batch::{NotABatch, parse_batch};
pub use body::{Content, UnsupportedCharset};
pub use metadata::Metadata;
pub(crate) use parse::members;
pub use parse::{parse, parse_from, parse_text};
pub use row::{COLUMNS, CommittedEvent};

/// How large the metadata of an event may be: bytes of UTF-8 of its compact JSON, inclusive. Anything above is replaced by
/// a summary, never cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes; 10 KiB by default.
    pub metadata_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { metadata_bytes: 10 * 1024 }
    }
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub enum EventType {
    ToolUse,
    SessionStart,
    SessionEnd,
    Error,
    LlmRequest,
    LlmResponse,
    Response,
    FileChange,
    GitCommit,
    PlanStep,
    UserPrompt,
    InstructionLoad,
}

impl EventType {
    /// In the order in which an error lists them.
    pub const ALL: [Self; 12] = [
        Self::ToolUse,
        Self::SessionStart,
        Self::SessionEnd,
        Self::Error,
        Self::LlmRequest,
        Self::LlmResponse,
        Self::Response,
        Self::FileChange,
        Self::GitCommit,
        Self::PlanStep,
        Self::UserPrompt,
        Self::InstructionLoad,
    ];

    /// As it stands in a body and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ToolUse => "tool_use",
            Self::SessionStart => "session_start",
            Self::SessionEnd => "session_end",
            Self::Error => "error",
            Self::LlmRequest => "llm_request",
            Self::LlmResponse => "llm_response",
            Self::Response => "response",
            Self::FileChange => "file_change",
            Self::GitCommit => "git_commit",
            Self::PlanStep => "plan_step",
            Self::UserPrompt => "user_prompt",
            Self::InstructionLoad => "instruction_load",
        }
    }

    /// The type of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are those of the contract")]
pub enum Status {
    Success,
    Error,
    Timeout,
}

impl Status {
    /// In the order in which an error lists them.
    pub const ALL: [Self; 3] = [Self::Success, Self::Error, Self::Timeout];

    /// As it stands in a body and in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Error => "error",
            Self::Timeout => "timeout",
        }
    }

    /// The status of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }
}

/// An event that keeps the contract and is not stored yet. Texts are trimmed; an absent one is `None`, never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Unique over the whole store when present.
    pub event_id: Option<String>,
    /// Never empty.
    pub session_id: String,
    /// Never empty, any text.
    pub agent_type: String,
    /// One of twelve.
    pub event_type: EventType,
    /// Of a `tool_use`.
    pub tool_name: Option<String>,
    /// `success` unless the body says otherwise or the type is `error`.
    pub status: Status,
    /// Tokens of the prompt that came from no cache.
    pub tokens_in: u64,
    /// Tokens of the answer.
    pub tokens_out: u64,
    /// Tokens of the prompt read from a cache.
    pub cache_read_tokens: u64,
    /// Tokens of the prompt written to a cache.
    pub cache_write_tokens: u64,
    /// Git branch.
    pub branch: Option<String>,
    /// Name of the project.
    pub project: Option<String>,
    /// Milliseconds; 0 is stored as nothing.
    pub duration_ms: Option<u64>,
    /// UTC, `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    pub client_timestamp: Option<String>,
    /// Compact JSON below the cap.
    pub metadata: Metadata,
    /// As the provider calls it.
    pub model: Option<String>,
    /// US dollars, finite. [`crate::store::Store`] fills it from the price table when it is absent.
    pub cost_usd: Option<f64>,
    /// Where it came from; `api` by default.
    pub source: String,
}

impl NewEvent {
    /// An event with the three required fields and the default of every other.
    pub fn new(session_id: impl Into<String>, agent_type: impl Into<String>, event_type: EventType) -> Self {
        Self {
            event_id: None,
            session_id: session_id.into(),
            agent_type: agent_type.into(),
            event_type,
            tool_name: None,
            status: if event_type == EventType::Error { Status::Error } else { Status::Success },
            tokens_in: 0,
            tokens_out: 0,
            cache_read_tokens: 0,
            cache_write_tokens: 0,
            branch: None,
            project: None,
            duration_ms: None,
            client_timestamp: None,
            metadata: Metadata::default(),
            model: None,
            cost_usd: None,
            source: "api".to_owned(),
        }
    }

    /// Whether tokens or a cost are on it.
    pub fn carries_usage(&self) -> bool {
        self.tokens_in > 0
            || self.tokens_out > 0
            || self.cache_read_tokens > 0
            || self.cache_write_tokens > 0
            || self.cost_usd.is_some_and(|cost| cost > 0.0)
    }

    /// About how many bytes it takes in memory; bounds the queue.
    pub fn weight(&self) -> usize {
        let texts = [&self.event_id, &self.tool_name, &self.branch, &self.project, &self.model, &self.client_timestamp];
        size_of::<Self>()
            + self.session_id.len()
            + self.agent_type.len()
            + self.source.len()
            + self.metadata.json().len()
            + texts.into_iter().flatten().map(String::len).sum::<usize>()
    }
}

/// One thing that is wrong with an event.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct FieldError {
    /// Name of the field, or `body`.
    pub field: &'static str,
    /// In the words of the contract.
    pub message: Cow<'static, str>,
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.message)
    }
}

/// Everything that is wrong with an event, in the order of the contract. Serialised it is the `details` of the answer; the
/// [`fmt::Display`] of each entry is what a batch answers.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct Invalid {
    /// Never empty.
    pub details: Vec<FieldError>,
}

impl Invalid {
    /// What is no event at all.
    pub fn body() -> Self {
        Self { details: vec![FieldError { field: "body", message: Cow::Borrowed("must be a JSON object") }] }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, detail) in self.details.iter().enumerate() {
            write!(formatter, "{}{detail}", if position == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Invalid {}
