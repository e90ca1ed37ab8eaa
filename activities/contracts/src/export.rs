//! Writes the TypeScript side of the contracts.

use std::{fmt::Write as _, fs, path::Path};

use sha2::{Digest, Sha256};
use ts_rs::{Config, TS};

use crate::{
    Declared,
    errors::{ErrorDetails, ErrorType},
    heavy_compute, ingest, queues, save_parsing, search_attributes,
    shared::{FileRef, OrBlob, Progress},
    shipping,
    workflows::{
        self, BriefSaveInput, CleanupWorkspacesInput, CleanupWorkspacesOutput, ImportFilesInput, ImportFilesOutput,
        IndexRepoInput, IndexRepoOutput, RunProgress, ShipSessionsInput, ShipSessionsOutput, WatchSavesInput,
        WatchSessionsInput,
    },
};

/// The TypeScript could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A type could not be exported.
    #[error("exporting a type to TypeScript: {0}")]
    Type(#[from] ts_rs::ExportError),
    /// A file could not be written.
    #[error("writing {path}: {source}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Every activity of every queue.
pub fn all_activities() -> impl Iterator<Item = &'static Declared> {
    [heavy_compute::ACTIVITIES, ingest::ACTIVITIES, save_parsing::ACTIVITIES, shipping::ACTIVITIES]
        .into_iter()
        .flatten()
}

const HEADER: &str = "// Generated from activities/contracts by `make contracts`. Do not edit.\n";

/// Writes the types, the typed proxies and the constants into `folder`.
///
/// The output is a function of the contracts alone, so a fresh export can be compared with the checked-in one.
///
/// # Errors
/// When a type cannot be exported or a file cannot be written.
pub fn export_typescript(folder: &Path) -> Result<(), ExportError> {
    let config = Config::new().with_out_dir(folder).with_large_int("number").with_import_extension(Some("js"));
    for activity in all_activities() {
        (activity.export)(&config)?;
    }
    ErrorType::export_all(&config)?;
    ErrorDetails::export_all(&config)?;
    Progress::export_all(&config)?;
    FileRef::export_all(&config)?;
    OrBlob::<ts_rs::Dummy>::export_all(&config)?;
    BriefSaveInput::export_all(&config)?;
    CleanupWorkspacesInput::export_all(&config)?;
    CleanupWorkspacesOutput::export_all(&config)?;
    ImportFilesInput::export_all(&config)?;
    ImportFilesOutput::export_all(&config)?;
    IndexRepoInput::export_all(&config)?;
    IndexRepoOutput::export_all(&config)?;
    RunProgress::export_all(&config)?;
    ShipSessionsInput::export_all(&config)?;
    ShipSessionsOutput::export_all(&config)?;
    WatchSavesInput::export_all(&config)?;
    WatchSessionsInput::export_all(&config)?;
    for (file, prefix, activities) in [
        ("heavy-compute.ts", "HeavyCompute", heavy_compute::ACTIVITIES),
        ("ingest.ts", "Ingest", ingest::ACTIVITIES),
        ("save-parsing.ts", "SaveParsing", save_parsing::ACTIVITIES),
        ("shipping.ts", "Shipping", shipping::ACTIVITIES),
    ] {
        write(folder, file, &proxies(prefix, activities, &config))?;
    }
    write(folder, "names.ts", &names())
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), ExportError> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|source| ExportError::Write { path: path.display().to_string(), source })
}

/// The interface, the policies and one typed caller for each activity of a queue.
fn proxies(prefix: &str, activities: &[Declared], config: &Config) -> String {
    let mut types: Vec<String> = activities.iter().flat_map(|a| [(a.input)(config), (a.output)(config)]).collect();
    types.push("OrBlob".to_owned());
    types.sort();
    types.dedup();
    let mut out = String::from(HEADER);
    let queue = activities.first().map_or("", |a| a.queue);
    let _ = writeln!(out, "import {{ proxyActivities }} from '@temporalio/workflow';");
    let _ = writeln!(out, "import {{ type CallOptions, optionsFor, type Policy, whole }} from '../call.js';");
    let _ = writeln!(out, "import type {{ {} }} from './types.js';", types.join(", "));
    let _ = writeln!(out, "\nexport const {prefix}Queue = '{queue}';");
    let _ = writeln!(out, "\nexport interface {prefix}Activities {{");
    for a in activities {
        let _ = writeln!(out, "  /** {} */", a.summary.trim());
        let _ = writeln!(out, "  {}(input: {}): Promise<OrBlob<{}>>;", a.name, (a.input)(config), (a.output)(config));
    }
    let _ = writeln!(out, "}}\n\nexport const {prefix}Policies = {{");
    for a in activities {
        let p = a.policy;
        let _ = writeln!(
            out,
            "  {}: {{ startToCloseS: {}, heartbeatS: {}, maxAttempts: {}{} }},",
            a.name,
            p.start_to_close_s,
            p.heartbeat_s,
            p.attempts.maximum(),
            p.attempts.schedule_to_close_s().map(|s| format!(", scheduleToCloseS: {s}")).unwrap_or_default()
        );
    }
    let _ = writeln!(out, "}} as const satisfies Record<keyof {prefix}Activities, Policy>;");
    for a in activities {
        let _ = writeln!(out, "\n/** {} */", a.summary.trim());
        let _ = writeln!(
            out,
            "export function {name}(input: {input}, options: CallOptions): Promise<{output}> {{",
            name = a.name,
            input = (a.input)(config),
            output = (a.output)(config)
        );
        let _ = writeln!(
            out,
            "  const proxy = proxyActivities<{prefix}Activities>(optionsFor({prefix}Queue, {prefix}Policies.{}, options));",
            a.name
        );
        let _ = writeln!(out, "  return proxy.{}(input).then(whole);\n}}", a.name);
    }
    out
}

fn names() -> String {
    let mut out = String::from(HEADER);
    let _ = writeln!(out, "export const WORKFLOWS_QUEUE = '{}';", queues::WORKFLOWS);
    let _ =
        writeln!(out, "export const WORKFLOWS_ADMIN_PORT = {};", queues::admin_port(queues::WORKFLOWS).unwrap_or(0));
    let _ = writeln!(out, "export const DEFAULT_ORG = '{}';", heavy_compute::DEFAULT_ORG);
    let _ = writeln!(out, "export const GET_PROGRESS = '{}';", workflows::GET_PROGRESS);
    let _ = writeln!(out, "export const SIGNAL_CHANGED = '{}';", workflows::CHANGED);
    let _ = writeln!(out, "export const MAX_IMPORT_FILES = {};", workflows::MAX_IMPORT_FILES);
    let _ = writeln!(out, "export const DEFAULT_IMPORT_PARALLEL = {};", workflows::DEFAULT_IMPORT_PARALLEL);
    let _ = writeln!(out, "export const CONTRACTS_HASH = '{}';", contracts_hash());
    let _ = writeln!(out, "export const SearchAttributes = {{");
    for (name, _) in search_attributes::ALL {
        let _ = writeln!(out, "  {}: '{name}',", name.trim_start_matches("Gantry").to_lowercase());
    }
    let _ = writeln!(out, "}} as const;");
    let _ = writeln!(out, "export const RETRYABLE = {{");
    for error in ErrorType::ALL {
        let _ = writeln!(out, "  {error}: {},", error.retryable());
    }
    let _ = writeln!(out, "}} as const;");
    out
}

/// 12 hexadecimal digits that change whenever an activity's name, queue, policy or shape changes. Both sides log it at
/// start, so that a mismatch between the Rust and the TypeScript worker can be seen.
pub fn contracts_hash() -> String {
    let config = Config::new().with_large_int("number");
    let mut hash = Sha256::new();
    for a in all_activities() {
        hash.update(format!("{} {} {:?} {} {}\n", a.name, a.queue, a.policy, (a.input)(&config), (a.output)(&config)));
        hash.update(without_comments(&(a.shape)(&config)));
    }
    let mut text = hex::encode(hash.finalize());
    text.truncate(12);
    text
}

/// The documentation of a type is no part of its shape.
fn without_comments(declaration: &str) -> String {
    let mut out = String::new();
    let mut rest = declaration;
    while let Some((code, comment)) = rest.split_once("/**") {
        out.push_str(code);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documentation_does_not_change_the_hash() {
        assert_eq!(without_comments("{ /** A. */ a: number, /** B. */ b: string }"), "{  a: number,  b: string }");
    }

    #[test]
    fn the_export_is_the_same_each_time() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        export_typescript(one.path()).unwrap();
        export_typescript(other.path()).unwrap();
        for entry in fs::read_dir(one.path()).unwrap() {
            let name = entry.unwrap().file_name();
            assert_eq!(
                fs::read(one.path().join(&name)).unwrap(),
                fs::read(other.path().join(&name)).unwrap(),
                "{name:?}"
            );
        }
    }
}
