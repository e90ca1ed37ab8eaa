//! What one record of a session says: a line, or a message of a document. All of it borrowed from the record where it can be.

use crate::json;

/// Who speaks in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The person.
    User,
    /// The agent, which also calls tools.
    Assistant,
    /// A tool, with what it answers.
    Tool,
}

impl Role {
    /// As the wire spells it.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// A text of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// A JSON string as it is written in the record.
    Literal(&'a str),
    /// Several of them, with a line feed between each two.
    Joined(Vec<&'a str>),
    /// Text that was decoded.
    Decoded(String),
    /// A JSON value that is no string, sent as the text that it is.
    Json(&'a str),
}

impl<'a> Text<'a> {
    /// Parts of a text; one alone is itself.
    pub fn joined(parts: Vec<&'a str>) -> Self {
        match parts.as_slice() {
            [one] => Self::Literal(one),
            _ => Self::Joined(parts),
        }
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Literal(literal) => *literal == "\"\"",
            // Two empty parts are a line feed.
            Self::Joined(parts) => parts.is_empty(),
            Self::Decoded(text) => text.is_empty(),
            Self::Json(_) => false,
        }
    }

    /// Whether it says nothing but white space.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Literal(literal) => json::is_blank(literal),
            Self::Joined(parts) => parts.iter().all(|literal| json::is_blank(literal)),
            Self::Decoded(text) => text.trim().is_empty(),
            Self::Json(_) => false,
        }
    }
}

/// What a tool was called with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input<'a> {
    /// A JSON object as it is written in the record.
    Object(&'a str),
    /// A JSON object that was written inside a string.
    Decoded(String),
    /// A JSON string that should have been an object: sent as the member `raw` of one, because the server takes objects only.
    Raw(&'a str),
}

/// One event. Names, ids and texts are JSON strings as they are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content_text: Option<Text<'a>>,
    /// Which tool is called.
    pub tool_name: Option<&'a str>,
    /// With what.
    pub tool_input: Option<Input<'a>>,
    /// What it answers.
    pub tool_output: Option<Text<'a>>,
    /// Which call this is, or answers.
    pub tool_call_id: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// Something said.
    pub fn said(role: Role, text: Text<'a>) -> Self {
        Self {
            role,
            content_text: Some(text),
            tool_name: None,
            tool_input: None,
            tool_output: None,
            tool_call_id: None,
        }
    }

    /// A tool called.
    pub fn called(name: Option<&'a str>, input: Option<Input<'a>>, id: Option<&'a str>) -> Self {
        Self {
            role: Role::Assistant,
            content_text: None,
            tool_name: name,
            tool_input: input,
            tool_output: None,
            tool_call_id: id,
        }
    }

    /// A tool's answer.
    pub fn answered(output: Text<'a>, id: Option<&'a str>) -> Self {
        Self {
            role: Role::Tool,
            content_text: None,
            tool_name: None,
            tool_input: None,
            tool_output: Some(output),
            tool_call_id: id,
        }
    }
}

/// One record. Everything but the events is a JSON value as it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its moment.
    pub timestamp: Option<&'a str>,
    /// The working folder it names.
    pub cwd: Option<&'a str>,
    /// The git branch it names.
    pub git_branch: Option<&'a str>,
    /// The version of the agent it names.
    pub version: Option<&'a str>,
    /// What it says that the session is called; heeded only before the first event of a session.
    pub session: Option<&'a str>,
    /// Its events, in order.
    pub events: Vec<Event<'a>>,
    /// A path of which the working folder may be guessed where none is named.
    pub path_hint: Option<&'a str>,
    /// Whether it holds JSON that strict readers refuse, which is repaired as it is sent.
    pub odd: bool,
}
