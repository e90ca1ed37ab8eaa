//! A body once it is read: a session, and events of it.

mod hash;
mod parse;
mod text;

use std::fmt;

use crate::refusal::{Refusal, SchemaFailure};

/// Who speaks in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The person.
    User,
    /// The model, with text or with a call of a tool.
    Assistant,
    /// What a tool answered.
    Tool,
    /// The agent itself.
    System,
}

impl Role {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
            Self::System => "system",
        }
    }

    /// By its name on the wire.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        [Self::User, Self::Assistant, Self::Tool, Self::System].into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a body says of its session. Moments are microseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionHead {
    /// UUID, in lower case with hyphens.
    pub id: String,
    /// `claude`, `codex`, `gemini`, or another.
    pub provider: String,
    /// `production` where nothing is said.
    pub environment: String,
    /// Name of the project.
    pub project: Option<String>,
    /// Which machine sent it.
    pub device_id: Option<String>,
    /// Working folder.
    pub cwd: Option<String>,
    /// Address of the repository.
    pub git_repo: Option<String>,
    /// Branch.
    pub git_branch: Option<String>,
    /// When the part of the session in this body started.
    pub started_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// What the agent itself calls the session.
    pub provider_session_id: Option<String>,
}

/// One event of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Who speaks.
    pub role: Role,
    /// What was said.
    pub content_text: Option<String>,
    /// Which tool is called.
    pub tool_name: Option<String>,
    /// A JSON object, as it was sent.
    pub tool_input_json: Option<String>,
    /// What the tool answered.
    pub tool_output_text: Option<String>,
    /// Microseconds since 1970-01-01 UTC.
    pub timestamp: i64,
    /// The file it comes from.
    pub source_path: String,
    /// Byte of the file at which its line starts.
    pub source_offset: i64,
    /// What ties a call to its result.
    pub tool_call_id: Option<String>,
    /// Ordinal among the events of its line.
    pub item_index: Option<i64>,
    /// The line, where this is its first event.
    pub raw_json: Option<String>,
}

/// A body: events of one session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Whose events.
    pub session: SessionHead,
    /// In the order of the body.
    pub events: Vec<Event>,
}

impl Batch {
    /// As many failures are listed in a refusal.
    pub const MOST_FAILURES: usize = 100;

    /// Reads an inflated body. Event by event: a tree of the whole is never built, nothing recurses into foreign JSON, and unknown
    /// fields are passed over.
    ///
    /// # Errors
    /// [`Refusal::Unreadable`] when it is not JSON in UTF-8, [`Refusal::Schema`] with every field that is not as it must be,
    /// [`Refusal::TooLarge`] with more than `most_events`.
    pub fn parse(body: &[u8], most_events: u64) -> Result<Self, Refusal> {
        parse::parse(body, most_events)
    }

    /// About what it takes in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.events.iter().map(Event::bytes).sum()
    }
}

impl Event {
    /// About what it takes in memory, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let texts = [
            &self.content_text,
            &self.tool_name,
            &self.tool_input_json,
            &self.tool_output_text,
            &self.tool_call_id,
            &self.raw_json,
        ];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        (size_of::<Self>() + self.source_path.len() + texts) as u64
    }
}

/// Collects what is wrong with a body.
#[derive(Debug, Default)]
pub(super) struct Failures {
    listed: Vec<SchemaFailure>,
    count: u64,
}

impl Failures {
    pub(super) fn add(&mut self, at: impl FnOnce() -> String, problem: impl Into<String>) {
        self.count += 1;
        if self.listed.len() < Batch::MOST_FAILURES {
            self.listed.push(SchemaFailure { at: at(), problem: problem.into() });
        }
    }

    pub(super) fn into_result(self) -> Result<(), Refusal> {
        if self.count == 0 { Ok(()) } else { Err(Refusal::Schema { failures: self.listed, count: self.count }) }
    }
}
