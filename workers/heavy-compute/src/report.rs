//! What the commands print: data on stdout, everything else on stderr.
#![expect(clippy::print_stderr, reason = "the one module that prints")]

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::ending::Ending;

/// Says something on stderr.
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Says why a command failed, and what to do.
pub(crate) fn error(what: &str, hint: Option<&str>) {
    eprintln!("{} {what}", style("31", "error:"));
    if let Some(hint) = hint {
        eprintln!("{} {hint}", style("36", " hint:"));
    }
}

/// Prints the one object that a command answers.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn object(answer: &impl Serialize) -> Result<(), Ending> {
    let text = serde_json::to_string(answer).map_err(|e| Ending::other(1, format!("writing the answer: {e}")))?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|e| Ending::stdout(&e))
}

fn style(code: &str, text: &str) -> String {
    let plain = !io::stderr().is_terminal() || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty());
    if plain { text.to_owned() } else { format!("\u{1b}[{code};1m{text}\u{1b}[0m") }
}
