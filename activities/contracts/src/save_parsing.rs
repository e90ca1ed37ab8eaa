//! The queue `save-parsing`: a save is opened once and asked often.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    Attempts, Policy,
    declare::declare_activities,
    queues,
    shared::{BlobRef, FileRef, Phases, Warning},
};

/// The shape of JSON that older clients rely on: every scalar a string, the last of several equal keys.
pub const DEFAULT_SCHEMA_VERSION: u8 = 1;

fn default_schema_version() -> u8 {
    DEFAULT_SCHEMA_VERSION
}

declare_activities! {
    queue = queues::SAVE_PARSING;

    /// Finds the saves in a folder that are whole and new, and waits for one if there is none.
    FindSaves = "findSaves": FindSavesInput => FindSavesOutput,
        Policy { start_to_close_s: 15 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };

    /// Tells what a save is: its game's version and date, its size, its sections.
    InspectSave = "inspectSave": InspectSaveInput => InspectSaveOutput,
        Policy { start_to_close_s: 2 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };

    /// Tells what matters in a save: the briefing, and a page of it for people if one is asked for.
    BuildBriefing = "buildBriefing": BuildBriefingInput => BuildBriefingOutput,
        Policy { start_to_close_s: 2 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };

    /// Answers a list of questions about a save.
    QuerySave = "querySave": QuerySaveInput => QuerySaveOutput,
        Policy { start_to_close_s: 2 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };

    /// Writes a section of a save to the blob store, a line of JSON for each entry.
    ExportSection = "exportSection": ExportSectionInput => ExportSectionOutput,
        Policy { start_to_close_s: 5 * 60, heartbeat_s: 30, attempts: Attempts::AtMost(5) };
}

/// Input of [`FindSaves`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct FindSavesInput {
    /// The folder, absolute and inside of the folders that the worker may read. Folders in it are looked into too.
    pub folder: String,
    /// Only saves that were written after this one; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<SaveMark>,
    /// Wait so many seconds for a save if there is none; 600 at most.
    #[serde(default)]
    #[ts(as = "Option<u32>", optional)]
    pub wait_seconds: u32,
}

/// A place in the order in which saves are written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SaveMark {
    /// When the file was last changed, in milliseconds since 1970.
    pub modified_ms: u64,
    /// The file, for those of one moment.
    pub path: String,
}

/// What [`FindSaves`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct FindSavesOutput {
    /// Saves that are whole, the oldest first.
    pub saves: Vec<FoundSave>,
    /// What to look after next time: behind the saves that are named here, before those that are not finished.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mark: Option<SaveMark>,
    /// Files that their game is still writing, or left unfinished.
    pub unfinished: Vec<String>,
}

/// A save that is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct FoundSave {
    /// The file.
    pub path: String,
    /// Its size.
    pub bytes: u64,
    /// When it was last changed, in milliseconds since 1970.
    pub modified_ms: u64,
}

/// Input of [`InspectSave`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct InspectSaveInput {
    /// The save.
    pub save: FileRef,
    /// Count the entries of each section too.
    #[serde(default)]
    #[ts(as = "Option<bool>", optional)]
    pub entries: bool,
}

/// What [`InspectSave`] tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct InspectSaveOutput {
    /// SHA-256 of the save file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// What the player called the game.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub name: Option<String>,
    /// Version of the game that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub version: Option<String>,
    /// Date inside of the game.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub date: Option<String>,
    /// Whether the player may not go back to an older save.
    pub ironman: bool,
    /// Size of the save file.
    pub zip_bytes: u64,
    /// Size of the text in it.
    pub text_bytes: u64,
    /// Its top-level keys, in the order of the file; equal ones together.
    pub sections: Vec<SaveSection>,
    /// Wall time of each phase.
    pub phases: Phases,
    /// High-water mark of the worker's resident memory when the activity ended.
    pub peak_rss_bytes: u64,
}

/// A top-level key of a save.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct SaveSection {
    /// The key.
    pub name: String,
    /// Size of its text.
    pub bytes: u64,
    /// How often it stands in the save.
    pub occurrences: u64,
    /// Entries in it, if they were asked for and it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub entries: Option<u64>,
}

/// What a briefing is wanted as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub enum BriefingFormat {
    /// The object alone.
    #[default]
    Json,
    /// A page of plain text too.
    Text,
    /// A page of HTML too, whole in itself.
    Html,
}

/// Input of [`BuildBriefing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct BuildBriefingInput {
    /// The save.
    pub save: FileRef,
    /// SHA-256 that the save has; one that is another by now, because the game wrote it again, fails with Conflict. Not
    /// looked at when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub sha256: Option<String>,
    /// Whether a page for people is wanted, and which.
    #[serde(default)]
    #[ts(as = "Option<BriefingFormat>", optional)]
    pub format: BriefingFormat,
    /// A path in the briefing, for example `economy.net_monthly.energy`: how its value came about is told too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub explain: Option<String>,
    /// Number of the country whose briefing it is; that of the first player when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub player: Option<u32>,
    /// A folder of the game's texts, absolute and inside of the folders that the worker may read. Names stand for
    /// themselves when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub localisation: Option<String>,
}

/// What [`BuildBriefing`] tells; over 256 KiB the whole of it is in a blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct BuildBriefingOutput {
    /// The briefing: an object with its parts at the top level.
    #[ts(type = "Record<string, unknown>")]
    pub briefing: serde_json::Value,
    /// The page, if the format asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub page: Option<String>,
    /// How the value at the asked path came about, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub explanation: Option<String>,
    /// SHA-256 of the save file, 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// Version of what made the briefing: the same save and the same version make the same briefing.
    pub engine_version: String,
    /// Whether the briefing was there already.
    pub cached: bool,
    /// Wall time of each phase.
    pub phases: Phases,
    /// What the save has in another way than expected.
    pub warnings: Vec<Warning>,
}

/// Input of [`QuerySave`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct QuerySaveInput {
    /// The save.
    pub save: FileRef,
    /// Operations as `gantry-save-parsing serve` takes them, for example `{"op": "get_entry", "section": "country", "key": "0"}`.
    #[ts(type = "Array<Record<string, unknown>>")]
    pub ops: Vec<serde_json::Map<String, serde_json::Value>>,
    /// 1: every scalar a string, the last of several equal keys. 2: nothing lost.
    #[serde(default = "default_schema_version")]
    #[ts(as = "Option<u8>", optional)]
    pub schema_version: u8,
}

/// What [`QuerySave`] answers; over 256 KiB the whole of it is in a blob.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct QuerySaveOutput {
    /// SHA-256 of the save file.
    pub sha256: String,
    /// An answer for each operation, in their order: the reply of `serve` without `ok`, or `{"error": .., "message": ..}`.
    #[ts(type = "Array<Record<string, unknown>>")]
    pub results: Vec<serde_json::Value>,
    /// Whether the save was in the worker's memory already.
    pub cached: bool,
    /// Wall time of each phase.
    pub phases: Phases,
}

/// Input of [`ExportSection`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ExportSectionInput {
    /// The save.
    pub save: FileRef,
    /// A top-level key.
    pub section: String,
    /// 1: every scalar a string, the last of several equal keys. 2: nothing lost.
    #[serde(default = "default_schema_version")]
    #[ts(as = "Option<u8>", optional)]
    pub schema_version: u8,
}

/// What [`ExportSection`] wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
#[ts(export_to = "types.ts")]
pub struct ExportSectionOutput {
    /// NDJSON, compressed with zstd: one `{"key": .., "value": ..}` a line, in the order of the file.
    pub blob: BlobRef,
    /// Lines in it.
    pub entries: u64,
    /// Size before compression.
    pub bytes: u64,
    /// Wall time of each phase.
    pub phases: Phases,
}
