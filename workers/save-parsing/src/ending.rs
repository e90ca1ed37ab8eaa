//! How a command ends when it does not succeed.
#![expect(clippy::print_stderr, reason = "the one module that prints on stderr")]

use std::{fmt::Display, io};

use save_parsing::{SaveError, SaveErrorKind, Schema, TOOL_VERSION, protocol::ExitCode};
use serde_json::json;

/// Why a command ended without an answer.
#[derive(Debug)]
pub(crate) enum Ending {
    /// An argument can be read and makes no sense.
    Argument(String),
    /// The save, or the question about it.
    Save { error: SaveError, schema: Schema },
    /// It was told on stdout already; the exit code is left.
    Told(ExitCode),
    /// Whoever read the output has seen enough.
    BrokenPipe,
    /// The worker did not start, or ended, or is not ready.
    Worker(String),
    /// Something around the work.
    Other(String),
}

impl Ending {
    pub(crate) fn argument(what: impl Into<String>) -> Self {
        Self::Argument(what.into())
    }

    /// stdout could not be written.
    pub(crate) fn stdout(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Self::Other(format!("writing to stdout: {error}")),
        }
    }

    pub(crate) fn code(&self) -> u8 {
        match self {
            Self::Argument(_) => ExitCode::BadRequest.number(),
            Self::Save { error, .. } => error.exit_code().number(),
            Self::Told(code) => code.number(),
            Self::Worker(_) => 1,
            Self::BrokenPipe => 0,
            Self::Other(_) => ExitCode::Failed.number(),
        }
    }

    /// Says it on stderr, as one JSON object.
    pub(crate) fn tell(&self) {
        let (schema, code, message, position) = match self {
            Self::Argument(what) => (Schema::V1, "InvalidArgument", what.clone(), None),
            Self::Save { error, schema } if error.kind == SaveErrorKind::InvalidInput => {
                (*schema, "InvalidArgument", error.to_string(), None)
            }
            Self::Save { error, schema } => (*schema, error.code(), error.to_string(), error.position()),
            Self::Other(what) => (Schema::V1, "IoError", what.clone(), None),
            Self::Worker(what) => {
                eprintln!("error: {what}");
                return;
            }
            Self::Told(_) | Self::BrokenPipe => return,
        };
        let mut object = String::new();
        let members = [
            ("schema_version", json!(schema.version())),
            ("tool_version", json!(TOOL_VERSION)),
            ("error", json!(code)),
            ("message", json!(message)),
            ("line", json!(position.map(|position| position.line))),
            ("col", json!(position.map(|position| position.col))),
        ];
        for (name, value) in members {
            object.push(if object.is_empty() { '{' } else { ',' });
            object.push_str(&format!("\"{name}\":{value}"));
        }
        eprintln!("{object}}}");
    }
}

/// Says something on stderr that is no failure.
pub(crate) fn note(text: impl Display) {
    eprintln!("gantry-save-parsing: {text}");
}
