//! Briefings and differences as JSON, text and pages.

use std::{
    io::{self, Write},
    path::Path,
};

use briefing::{InOrder, diff, overview};
use serde_json::Value;

use crate::problem::Problem;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Json,
    Text,
    Html,
}

impl Form {
    pub(super) fn of(json: bool, html: bool) -> Self {
        match (json, html) {
            (true, _) => Self::Json,
            (_, true) => Self::Html,
            _ => Self::Text,
        }
    }

    pub(super) fn briefing(self, briefing: &Value) -> String {
        match self {
            Self::Json => serde_json::to_string_pretty(&InOrder(briefing)).unwrap_or_default() + "\n",
            Self::Text => overview::text(briefing),
            Self::Html => overview::html(briefing),
        }
    }

    pub(super) fn difference(self, difference: &Value) -> String {
        match self {
            Self::Json => format!("{difference:#}\n"),
            Self::Text => diff::text(difference),
            Self::Html => diff::html(difference),
        }
    }
}

/// Writes it where it is wanted; a file is never half.
pub(super) fn write(output: &Path, drawn: &str) -> Result<(), Problem> {
    if output == Path::new("-") {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(drawn.as_bytes()).and_then(|()| stdout.flush());
        return written.map_err(|e| Problem::io("writing to stdout", &e));
    }
    let failed = |e: io::Error| Problem::io(&format!("writing {}", output.display()), &e);
    let folder = output.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    file.write_all(drawn.as_bytes()).map_err(failed)?;
    file.persist(output).map_err(|e| failed(e.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parts_are_printed_in_their_order() {
        let drawn = Form::Json.briefing(&json!({"_unknown": {}, "economy": {}, "meta": {"date": "2300.01.01"}}));
        let places = ["\"meta\"", "\"economy\"", "\"_unknown\""].map(|name| drawn.find(name).unwrap());
        assert!(places.is_sorted(), "{drawn}");
        assert_eq!(serde_json::from_str::<Value>(&drawn).unwrap()["meta"]["date"], "2300.01.01");
    }
}
