//! What an import comes to: for people, as JSON, and as an exit code.

use contracts::{
    shared::FileRef,
    workflows::{ImportFilesOutput, ImportedFile},
};
use serde_json::Value;

use crate::{problem::Problem, report};

/// Files that have a row even where nothing is to be said about them.
const ROWS: usize = 20;

/// One object: the output of the workflow, and which run it is of.
pub(super) fn object(
    workflow_id: &str,
    run_id: &str,
    output: &ImportFilesOutput,
    duration_ms: u64,
    link: Option<String>,
) -> Result<Value, Problem> {
    let mut object = serde_json::to_value(output)
        .map_err(|e| Problem::wrong_result(format!("the result of the run cannot be written as JSON: {e}")))?;
    if let Some(fields) = object.as_object_mut() {
        fields.insert("workflowId".to_owned(), workflow_id.into());
        fields.insert("runId".to_owned(), run_id.into());
        fields.insert("durationMs".to_owned(), duration_ms.into());
    }
    Ok(with_link(object, link))
}

pub(super) fn with_link(mut object: Value, link: Option<String>) -> Value {
    if let (Some(fields), Some(link)) = (object.as_object_mut(), link) {
        fields.insert("uiUrl".to_owned(), link.into());
    }
    object
}

/// The result, for people.
pub(crate) fn imported(output: &ImportFilesOutput) -> String {
    let few = output.files.len() <= ROWS;
    let shown: Vec<&ImportedFile> = output.files.iter().filter(|file| few || has_something_to_say(file)).collect();
    let rows: Vec<Vec<String>> = shown.iter().map(|file| row(file)).collect();
    let mut parts = Vec::new();
    if !rows.is_empty() {
        parts.push(report::table(&["file", "lines", "stored", "duplicates", "rejected"], &rows));
    }
    let files = match output.files.len() {
        1 => "1 file".to_owned(),
        n => format!("{n} files"),
    };
    parts.push(format!(
        "{files}, {:.1} MB: {} lines, {} stored, {} duplicates, {} rejected",
        report::megabytes(output.bytes),
        output.lines,
        output.stored,
        output.duplicates,
        output.rejected
    ));
    let said: Vec<String> = shown.iter().flat_map(|file| said(file)).collect();
    if !said.is_empty() {
        parts.push(said.join("\n"));
    }
    parts.join("\n\n")
}

fn row(file: &ImportedFile) -> Vec<String> {
    let counts = [file.lines, file.stored, file.duplicates, file.rejected];
    let count = |n: u64| if file.error.is_some() { "-".to_owned() } else { n.to_string() };
    [name(&file.file)].into_iter().chain(counts.map(count)).collect()
}

fn has_something_to_say(file: &ImportedFile) -> bool {
    file.error.is_some() || file.rejected > 0
}

fn said(file: &ImportedFile) -> Vec<String> {
    let name = name(&file.file);
    let error = file.error.iter().map(|error| format!("{name}: {}: {}", error.error_type, error.message));
    let rejects = file.rejects.iter().map(|blob| format!("{name}: its rejected lines are in {}", blob.uri));
    error.chain(rejects).collect()
}

fn name(file: &FileRef) -> String {
    match file {
        FileRef::Path { path } => path.clone(),
        FileRef::Blob(blob) => blob.uri.clone(),
    }
}

/// Whether all is well: every file was read to its end, and none of them holds something else than events.
///
/// # Errors
/// What was wrong with the first file that failed.
pub(super) fn ending(output: &ImportFilesOutput) -> Result<(), Problem> {
    let failed: Vec<&ImportedFile> = output.files.iter().filter(|file| file.error.is_some()).collect();
    let all = output.files.len();
    if let Some((file, error)) = failed.first().and_then(|file| Some((file, file.error.as_ref()?))) {
        let message = format!("{} of {all} files could not be imported: {}", failed.len(), name(&file.file));
        return Err(Problem::of_type(Some(error.error_type), message)
            .hint("the same command again imports what is left: what is stored already is stored once"));
    }
    match output.files.iter().find(|file| file.lines > 0 && file.rejected == file.lines) {
        None => Ok(()),
        Some(file) => Err(Problem::wrong_result(format!("no line of {} is an event", name(&file.file)))
            .hint("docs/ingest.md tells what an event has to say")),
    }
}

#[cfg(test)]
mod tests {
    use contracts::{errors::ErrorType, shared::BlobRef, workflows::ImportError};

    use super::*;

    fn file(path: &str, [lines, stored, duplicates, rejected]: [u64; 4]) -> ImportedFile {
        ImportedFile {
            file: FileRef::Path { path: path.to_owned() },
            lines,
            stored,
            duplicates,
            rejected,
            rejects: None,
            bytes: lines * 300,
            error: None,
        }
    }

    fn output(files: Vec<ImportedFile>) -> ImportFilesOutput {
        let sum = |of: fn(&ImportedFile) -> u64| files.iter().map(of).sum();
        ImportFilesOutput {
            lines: sum(|f| f.lines),
            stored: sum(|f| f.stored),
            duplicates: sum(|f| f.duplicates),
            rejected: sum(|f| f.rejected),
            bytes: sum(|f| f.bytes),
            files,
        }
    }

    fn mixed() -> ImportFilesOutput {
        let mut odd = file("/srv/b.jsonl.gz", [2_000, 1_997, 0, 3]);
        odd.rejects =
            Some(BlobRef { uri: "file:///srv/blobs/ab/abcd".to_owned(), sha256: "ab".repeat(32), bytes: 400 });
        let mut failed = file("/srv/c.jsonl", [0; 4]);
        let message = "the packed data is damaged at byte 4096; unpack it to see what can be saved".to_owned();
        failed.error = Some(ImportError { error_type: ErrorType::ParseError, message });
        output(vec![file("/srv/a.jsonl", [12_000, 11_000, 1_000, 0]), odd, failed])
    }

    #[test]
    fn what_was_imported_reads_well() {
        insta::assert_snapshot!(imported(&mixed()));
    }

    #[test]
    fn of_many_files_those_are_shown_that_have_something_to_say() {
        let mut files: Vec<ImportedFile> = (0..30).map(|n| file(&format!("/srv/{n}.jsonl"), [10, 10, 0, 0])).collect();
        assert!(!imported(&output(files.clone())).contains("/srv/"));
        files.extend(mixed().files);
        let told = imported(&output(files));
        assert!(told.contains("33 files") && told.contains("/srv/b.jsonl.gz"), "{told}");
        assert!(!told.contains("/srv/a.jsonl"), "{told}");
    }

    #[test]
    fn the_exit_code_is_that_of_the_first_file_that_failed() {
        let problem = ending(&mixed()).unwrap_err();
        assert_eq!((problem.code, problem.message.as_str()), (2, "1 of 3 files could not be imported: /srv/c.jsonl"));
        assert_eq!(ending(&output(vec![file("/srv/a", [5, 3, 0, 2])])), Ok(()), "rejected lines are told, no failure");
        assert_eq!(ending(&output(vec![file("/srv/a", [0; 4])])), Ok(()), "an empty file");
        let problem = ending(&output(vec![file("/srv/a", [5, 0, 0, 5])])).unwrap_err();
        assert_eq!((problem.code, problem.message.as_str()), (2, "no line of /srv/a is an event"));
    }
}
