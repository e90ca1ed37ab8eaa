//! What the commands print: data on stdout, everything else on stderr. A reader that went away is no error of ours.

use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::ending::Ending;

/// Says something on stderr.
pub(crate) fn note(text: &str) {
    // Where stderr is closed there is nobody to tell.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Says what a person should know.
pub(crate) fn warning(text: &str) {
    note(&format!("{} {text}", style("33", "warning:")));
}

/// Says why a command failed, and what to do.
pub(crate) fn error(what: &str, hint: Option<&str>) {
    note(&format!("{} {what}", style("31", "error:")));
    if let Some(hint) = hint {
        note(&format!("{} {hint}", style("36", " hint:")));
    }
}

/// Prints a text and ends its last line.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn line(text: &str) -> Result<(), Ending> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{text}").and_then(|()| stdout.flush()).map_err(|e| Ending::stdout(&e))
}

/// Prints the one object that a command answers.
///
/// # Errors
/// When stdout cannot be written.
pub(crate) fn object(answer: &impl Serialize) -> Result<(), Ending> {
    let text = serde_json::to_string(answer);
    line(&text.map_err(|error| Ending::Failed { code: 1, what: format!("writing the answer: {error}"), hint: None })?)
}

/// Whether what is written to stderr may be coloured and overwritten.
pub(crate) fn is_for_people() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

fn style(code: &str, text: &str) -> String {
    let plain = !is_for_people() || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if plain { text.to_owned() } else { format!("\u{1b}[{code};1m{text}\u{1b}[0m") }
}
