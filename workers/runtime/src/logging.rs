//! Logs: to stderr, a readable line or a JSON object each.

use std::io::{self, IsTerminal};

use tracing_subscriber::EnvFilter;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// A line for people.
    Text,
    /// A JSON object.
    Json,
}

/// Sends the process's log to stderr. Does nothing when a log is already set up.
///
/// # Errors
/// When the filter cannot be read; the text says where it is wrong.
pub fn init_logging(filter: &str, format: LogFormat) -> Result<(), String> {
    // The SDK tells of each failed poll and each retried call; those are ours to tell, once and in plain words.
    let with_sdk = format!("temporalio_sdk=warn,temporalio_sdk_core=error,temporalio_client=error,{filter}");
    let parsed = EnvFilter::try_new(&with_sdk).map_err(|e| format!("GANTRY_LOG={filter:?}: {e}"))?;
    let builder = tracing_subscriber::fmt().with_env_filter(parsed).with_writer(io::stderr);
    // A log that is already set up stays.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => {
            let colour = io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty());
            builder.with_ansi(colour).with_target(false).try_init()
        }
    };
    Ok(())
}
