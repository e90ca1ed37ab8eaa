//! The queue `ingest`: events of agent sessions into the event store, each once, and out of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Attempts, Policy,
    declare::declare_activities,
    queues,
    shared::{BlobRef, FileRef, Phases},
};

const HOUR: u32 = 60 * 60;
const DAY: u32 = 24 * HOUR;
const WEEK: u32 = 7 * DAY;

/// Where events come from that say nothing about it themselves and are imported from a file.
pub const IMPORT_SOURCE: &str = "import";

fn import_source() -> String {
    IMPORT_SOURCE.to_owned()
}

declare_activities! {
    queue = queues::INGEST;

    /// Writes a list of events, as the HTTP batch does.
    WriteEvents = "writeEvents": WriteEventsInput => WriteEventsOutput,
        Policy { start_to_close_s: 5 * 60, heartbeat_s: 30, attempts: Attempts::Within(DAY) };

    /// Writes the events of a file, a line each; a new attempt goes on where the last one came to.
    ImportEvents = "importEvents": ImportEventsInput => ImportEventsOutput,
        Policy { start_to_close_s: 6 * HOUR, heartbeat_s: 30, attempts: Attempts::Within(WEEK) };

    /// Writes the events of a span of time to a file, a line of JSON each, in a form that can be imported again.
    ExportEvents = "exportEvents": ExportEventsInput => ExportEventsOutput,
        Policy { start_to_close_s: 6 * HOUR, heartbeat_s: 30, attempts: Attempts::AtMost(10) };

    /// Marks sessions as idle, or as ended, that nothing was heard of for some time.
    SweepSessions = "sweepSessions": SweepSessionsInput => SweepSessionsOutput,
        Policy { start_to_close_s: 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };
}

/// The TypeScript type of an event: an object with the fields that `POST /api/events` takes.
#[derive(Debug, Clone, Copy, TS)]
#[ts(export_to = "types.ts", type = "Record<string, unknown>")]
pub struct EventObject;

/// Input of [`WriteEvents`]. At most one of `events` and `blob` is given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WriteEventsInput {
    /// The events.
    #[serde(default)]
    #[ts(as = "Option<Vec<EventObject>>", optional)]
    pub events: Vec<serde_json::Map<String, serde_json::Value>>,
    /// A blob of events, a JSON object a line or one JSON array, plain or compressed with gzip or zstd.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub blob: Option<BlobRef>,
}

/// What [`WriteEvents`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct WriteEventsOutput {
    /// Events that were stored.
    pub received: u64,
    /// Events that the store had already, or that came twice.
    pub duplicates: u64,
    /// Events that cannot be stored.
    pub rejected: Vec<RejectedEvent>,
    /// Wall time of each phase.
    pub phases: Phases,
}

/// An event that cannot be stored, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct RejectedEvent {
    /// Its place in the list, from 0.
    pub index: u64,
    /// What is wrong, `field: message` each.
    pub errors: Vec<String>,
}

/// How a file of events is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub enum ImportFormat {
    /// Told by its first bytes.
    #[default]
    Auto,
    /// A JSON object a line.
    Jsonl,
    /// The same, compressed with gzip.
    Gzip,
    /// The same, compressed with zstd.
    Zstd,
}

/// Input of [`ImportEvents`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ImportEventsInput {
    /// The file.
    pub file: FileRef,
    /// How it is written.
    #[serde(default)]
    #[ts(as = "Option<ImportFormat>", optional)]
    pub format: ImportFormat,
    /// Where its events come from, for those that do not say so themselves.
    #[serde(default = "import_source")]
    #[ts(as = "Option<String>", optional)]
    pub source: String,
}

/// What [`ImportEvents`] did, over all of its attempts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ImportEventsOutput {
    /// Lines of the file, without empty ones.
    pub lines: u64,
    /// Events that were stored.
    pub stored: u64,
    /// Events that the store had already, or that came twice.
    pub duplicates: u64,
    /// Lines that cannot be stored.
    pub rejected: u64,
    /// Those lines, if there are any, with their numbers and what is wrong with them; a JSON object a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rejects: Option<BlobRef>,
    /// Size of the file's text.
    pub bytes: u64,
    /// Wall time of each phase.
    pub phases: Phases,
}

/// Input of [`ExportEvents`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ExportEventsInput {
    /// Events that were stored at or after this time, for example `2026-01-31` or `2026-01-31T12:00:00Z`; from the first one
    /// when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub since: Option<String>,
    /// Events that were stored before this time; to the last one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub until: Option<String>,
    /// A file or folder: a URL of any object store, or a path inside of the folders that the worker may touch. The blob
    /// store when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub dest: Option<String>,
}

/// What [`ExportEvents`] wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ExportEventsOutput {
    /// The file.
    pub blob: BlobRef,
    /// Events in it.
    pub rows: u64,
    /// Wall time of each phase.
    pub phases: Phases,
}

/// Input of [`SweepSessions`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SweepSessionsInput {
    /// The time that sessions are judged at, for example `2026-01-31T12:00:00Z`; the worker's own when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub now: Option<String>,
}

/// What [`SweepSessions`] did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SweepSessionsOutput {
    /// Sessions that are idle now and were active before.
    pub idled: u64,
    /// Sessions that are ended now and were not before.
    pub ended: u64,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Input, schema_of};

    #[test]
    fn an_import_that_says_only_its_file_is_complete() {
        let text = json!({ "file": { "path": "/events.jsonl" } }).to_string();
        let input = serde_json::from_str::<Input<ImportEventsInput>>(&text).unwrap().into_result().unwrap();
        assert_eq!((input.format, input.source.as_str()), (ImportFormat::Auto, "import"));
        let schema = jsonschema::draft202012::new(&schema_of::<ImportEventsInput>()).unwrap();
        assert!(schema.is_valid(&json!({ "file": { "path": "/e" }, "format": "zstd" })));
        assert!(!schema.is_valid(&json!({ "file": { "path": "/e" }, "format": "xz" })));
    }

    #[test]
    fn an_event_is_an_object_of_any_fields() {
        let decode = |text: &str| serde_json::from_str::<Input<WriteEventsInput>>(text).unwrap().into_result();
        assert_eq!(decode(r#"{"events": [{"any": {"thing": [1]}}, {}]}"#).unwrap().events.len(), 2);
        assert_eq!(decode("{}").unwrap(), WriteEventsInput::default());
        assert!(decode(r#"{"events": [1]}"#).unwrap_err().field.starts_with("events"));
        let schema = jsonschema::draft202012::new(&schema_of::<WriteEventsInput>()).unwrap();
        assert!(schema.is_valid(&json!({ "events": [{ "any": { "thing": [1] } }] })));
    }
}
