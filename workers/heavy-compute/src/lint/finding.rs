//! One thing that is wrong, as people and programs read it.

use std::{
    borrow::Cow,
    io::{self, Write},
    path::Path,
};

use scip_index::{
    Range,
    lint::{self, Severity},
};
use serde::Serialize;

use crate::arguments::OutputFormat;

/// A finding of the format's own linter, or one of the file or its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    severity: Severity,
    code: &'static str,
    /// Path of the document; empty for something outside of documents.
    document: String,
    range: Option<Range>,
    message: String,
    /// Where the part begins in the index, in bytes.
    offset: u64,
}

/// The same as an object. Lines and characters count from zero, as in the index.
#[derive(Debug, Serialize)]
struct Line<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Cow<'a, str>>,
    severity: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[u32; 4]>,
    message: &'a str,
    offset: u64,
}

impl Finding {
    pub(super) fn of(found: lint::Finding) -> Self {
        let lint::Finding { document, offset, range, code, message } = found;
        Self { severity: code.severity(), code: code.name(), document, range, message, offset }
    }

    /// Something wrong with the file as a whole from `offset` on.
    pub(super) fn of_file(code: &'static str, message: String, offset: u64) -> Self {
        Self { severity: Severity::Problem, code, document: String::new(), range: None, message, offset }
    }

    /// Something wrong between a document and its file.
    pub(super) fn of_source(
        code: &'static str,
        document: &str,
        range: Option<Range>,
        message: String,
        offset: u64,
    ) -> Self {
        Self { severity: Severity::Problem, code, document: document.to_owned(), range, message, offset }
    }

    pub(super) fn severity(&self) -> Severity {
        self.severity
    }

    /// Writes it as a line. `input` is named where there are several.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, format: OutputFormat, input: Option<&Path>, out: &mut dyn Write) -> io::Result<()> {
        match format {
            OutputFormat::Json => {
                let range =
                    self.range.map(|Range { start, end }| [start.line, start.character, end.line, end.character]);
                let line = Line {
                    input: input.map(Path::to_string_lossy),
                    severity: self.severity_name(),
                    code: self.code,
                    path: &self.document,
                    range,
                    message: &self.message,
                    offset: self.offset,
                };
                writeln!(out, "{}", serde_json::to_string(&line)?)
            }
            OutputFormat::Summary => writeln!(out, "{}", self.text(input)),
        }
    }

    fn text(&self, input: Option<&Path>) -> String {
        let mut place = input.map(|input| format!("{}: ", input.display())).unwrap_or_default();
        if !self.document.is_empty() {
            place.push_str(&self.document);
            if let Some(Range { start, .. }) = self.range {
                // As editors count: from one.
                place.push_str(&format!(":{}:{}", u64::from(start.line) + 1, u64::from(start.character) + 1));
            }
            place.push_str(": ");
        }
        let (severity, Self { code, message, offset, .. }) = (self.severity_name(), self);
        plain(&format!("{place}{severity}: {code}: {message} (part at byte {offset} of the index)"))
    }

    fn severity_name(&self) -> &'static str {
        match self.severity {
            Severity::Problem => "problem",
            Severity::Note => "note",
        }
    }
}

/// One line that does nothing to a terminal, whatever a foreign file has put into its names.
fn plain(text: &str) -> String {
    let written = text.chars().map(|found| match found {
        found if found.is_control() => found.escape_default().to_string(),
        found => found.to_string(),
    });
    written.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_spelled_out() {
        assert_eq!(plain("a\u{1b}[31m\nbä\u{9b}"), "a\\u{1b}[31m\\nbä\\u{9b}");
    }
}
