//! Failures as clients know them.

use crate::{GAME, SaveError, SaveErrorKind, Schema, TOOL_VERSION, json};

/// What a process ends with, and what a failure carries as `exit_code`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// The file is not there.
    FileNotFound = 1,
    /// It cannot be read as a save, or anything else went wrong.
    Failed = 2,
    /// The request or the arguments make no sense.
    BadRequest = 3,
}

impl ExitCode {
    /// The number.
    pub fn number(self) -> u8 {
        self as u8
    }
}

impl SaveError {
    /// The short name on the wire: `FileNotFound`, `InvalidRequest`, else that of the contract.
    pub fn code(&self) -> &'static str {
        match self.kind {
            SaveErrorKind::NotFound => "FileNotFound",
            SaveErrorKind::InvalidInput => "InvalidRequest",
            _ => self.type_name(),
        }
    }

    /// The exit code that goes with it.
    pub fn exit_code(&self) -> ExitCode {
        match self.kind {
            SaveErrorKind::NotFound => ExitCode::FileNotFound,
            SaveErrorKind::InvalidInput | SaveErrorKind::SectionNotFound => ExitCode::BadRequest,
            _ => ExitCode::Failed,
        }
    }

    /// `{"error":...,"message":...,"line":...,"col":...,"exit_code":...,"schema_version":...,"tool_version":...,"game":...}`
    pub fn object(&self, schema: Schema) -> Vec<u8> {
        let mut out = vec![b'{'];
        self.write_members(self.code(), schema, &mut out);
        out.push(b'}');
        out
    }

    /// The members of the object, under another name if need be.
    pub(super) fn write_members(&self, code: &str, schema: Schema, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"error\":");
        json::push_str(code, out);
        out.extend_from_slice(b",\"message\":");
        match self.kind {
            // Clients look for this very sentence.
            SaveErrorKind::SectionNotFound => json::push_str(&self.what, out),
            _ => json::push_str(&self.to_string(), out),
        }
        let (line, col) = match self.position() {
            Some(position) => (position.line.to_string(), position.col.to_string()),
            None => ("null".to_owned(), "null".to_owned()),
        };
        let rest = format!(
            ",\"line\":{line},\"col\":{col},\"exit_code\":{},\"schema_version\":{},\"tool_version\":\"{TOOL_VERSION}\",\"game\":\"{GAME}\"",
            self.exit_code().number(),
            schema.version(),
        );
        out.extend_from_slice(rest.as_bytes());
    }
}
