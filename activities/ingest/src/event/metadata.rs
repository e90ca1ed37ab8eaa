//! Metadata of an event: compact JSON below a cap. A value is never cut: one that is too large gives way to a summary.

use std::borrow::Cow;

use super::{Limits, parse::members};
use crate::json::{Raw, Scanner, canonical};

/// What a summary of an object keeps, in this order.
const KEPT: [&str; 9] = ["command", "file_path", "query", "pattern", "error", "message", "tool_name", "path", "type"];

const NOTHING: &str = "{}";

/// Compact JSON, and whether it stands for something larger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    json: String,
    truncated: bool,
}

impl Default for Metadata {
    fn default() -> Self {
        Self { json: NOTHING.to_owned(), truncated: false }
    }
}

impl Metadata {
    /// Metadata of any JSON text; `None` when it is none or is nested too deep. For events that are made, not received.
    pub fn from_json(text: &str, limits: &Limits) -> Option<Self> {
        let mut scanner = Scanner::new(text);
        scanner.blanks();
        let value = scanner.value().ok()?;
        scanner.end().ok()?;
        Some(Self::of(Some(value), limits))
    }

    /// What was stored once, taken over as it is.
    pub(crate) fn stored(json: String, truncated: bool) -> Self {
        Self { json, truncated }
    }

    /// Says whether it stands for something larger.
    pub(crate) fn set_truncated(&mut self, truncated: bool) {
        self.truncated = truncated;
    }

    pub(super) fn of(value: Option<Raw<'_>>, limits: &Limits) -> Self {
        let cap = limits.metadata_bytes;
        if cap < NOTHING.len() {
            return Self { json: NOTHING.to_owned(), truncated: true };
        }
        let json = match value {
            None | Some(Raw::Null) => NOTHING.to_owned(),
            Some(value) => canonical(value),
        };
        if json.len() <= cap {
            return Self { json, truncated: false };
        }
        let head = format!("{{\"_truncated\":true,\"_original_bytes\":{}", json.len());
        let fitting =
            [format!("{head}{}}}", kept(&json)), format!("{head}}}")].into_iter().find(|json| json.len() <= cap);
        Self { json: fitting.unwrap_or_else(|| NOTHING.to_owned()), truncated: true }
    }

    /// The text that is stored; that of another program put on one line.
    pub(super) fn on_one_line(&self) -> Cow<'_, str> {
        if !self.json.contains(['\n', '\r']) {
            return Cow::Borrowed(&self.json);
        }
        let unlimited = Limits { metadata_bytes: usize::MAX };
        Cow::Owned(Self::from_json(&self.json, &unlimited).unwrap_or_default().json)
    }

    /// The text that is stored.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Puts another JSON in its place, as redaction does. What is larger than before stays, whatever the cap.
    pub fn map_json(&mut self, change: impl FnOnce(&str) -> Cow<'_, str>) {
        if let Cow::Owned(changed) = change(&self.json) {
            self.json = changed;
        }
    }

    /// Whether it was above the cap and replaced by a summary.
    pub fn truncated(&self) -> bool {
        self.truncated
    }
}

/// The members of an object in compact JSON that a summary keeps, each behind a comma. Nothing of any other value.
fn kept(json: &str) -> String {
    let mut values = [const { None }; KEPT.len()];
    // What is no object has no members; what canonical() wrote is no malformed one.
    let _ = members(&mut Scanner::new(json), |name, scanner| {
        let value = scanner.value()?;
        if let Some(place) = KEPT.iter().position(|kept| *kept == name)
            && let Some(slot) = values.get_mut(place)
        {
            *slot = Some(canonical(value));
        }
        Ok(())
    });
    let pairs = KEPT.iter().zip(values).filter_map(|(name, value)| Some((name, value?)));
    pairs.map(|(name, value)| format!(",\"{name}\":{value}")).collect()
}
