//! What a receiver must hold once everything was shipped.

use std::{
    fmt,
    fs::File,
    io::{self, BufRead, BufReader, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::json::compact;

/// Whose session it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Claude Code, and its sub-agents.
    Claude,
    /// Codex.
    Codex,
    /// Gemini CLI.
    Gemini,
}

/// Who speaks in an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model, with text or with a call of a tool.
    Assistant,
    /// What a tool answered.
    Tool,
}

impl Provider {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
            Self::Gemini => "gemini",
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Role {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::Tool => "tool",
        }
    }
}

/// One event that must arrive, once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExpectedEvent {
    /// Whose session.
    pub provider: Provider,
    /// UUID of the session for the server.
    pub session_id: String,
    /// The file, below the folder that the home was written to, as that folder was given.
    pub source_path: String,
    /// Byte at which the event's line starts; 0 in a document of Gemini.
    pub source_offset: u64,
    /// Ordinal of the event in its line; in a document of Gemini among the events with the same timestamp.
    pub item_index: u32,
    /// Who speaks.
    pub role: Role,
    /// [`text_sha256`] of the text: content, output of a tool, or input of a tool.
    pub text_sha256: String,
    /// Name of the called tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_name: Option<String>,
    /// What ties a call to its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// As the source writes it; absent where the source has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<String>,
}

/// Lower-case hexadecimal SHA-256 of an event's text: of `content`, else of `output`, else of `input` (JSON, without the
/// white space outside strings), else of nothing.
#[must_use]
pub fn text_sha256(content: Option<&str>, output: Option<&str>, input: Option<&str>) -> String {
    let digest = match (content.or(output), input) {
        (Some(text), _) => Sha256::digest(text.as_bytes()),
        (None, Some(input)) => Sha256::digest(compact(input).as_bytes()),
        (None, None) => Sha256::digest(b""),
    };
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        text.push(char::from(b"0123456789abcdef"[usize::from(byte >> 4)]));
        text.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        text
    })
}

/// Writes a manifest as one JSON object a line.
#[derive(Debug)]
pub struct ManifestWriter<W: Write> {
    out: W,
    events: u64,
}

impl<W: Write> ManifestWriter<W> {
    /// Buffers nothing itself.
    pub fn new(out: W) -> Self {
        Self { out, events: 0 }
    }

    /// Adds an event.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn add(&mut self, event: &ExpectedEvent) -> io::Result<()> {
        self.events += 1;
        serde_json::to_writer(&mut self.out, event)?;
        self.out.write_all(b"\n")
    }

    /// Flushes, and says how many events were written.
    ///
    /// # Errors
    /// When what is buffered cannot be written.
    pub fn finish(mut self) -> io::Result<u64> {
        self.out.flush()?;
        Ok(self.events)
    }
}

/// Reads a manifest that [`ManifestWriter`] wrote.
///
/// # Errors
/// When the file cannot be opened; each item when a line cannot be read.
pub fn read_manifest(path: &Path) -> io::Result<impl Iterator<Item = io::Result<ExpectedEvent>> + use<>> {
    Ok(BufReader::new(File::open(path)?).lines().map(|line| Ok(serde_json::from_str(&line?)?)))
}
