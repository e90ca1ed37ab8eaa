//! `scip-parse --lint`: what is wrong with indexes, line by line.

mod finding;
mod sources;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use kit::{Job, WorkError};
use scip_index::{
    IndexReader, Part, ReadError,
    lint::{Linter, Severity, files_under},
};
use serde::Serialize;

use crate::{
    arguments::{OutputFormat, ScipOptions},
    ending::Ending,
    index_file,
    lint::{finding::Finding, sources::Sources},
    progress::Share,
    report, scip,
    surroundings::Surroundings,
    work,
};

const PHASE: &str = "check";
const SHARES: &[Share] = &[(PHASE, 0, 98)];

/// The sum of what was looked at and found.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Totals {
    indexes: u64,
    documents: u64,
    occurrences: u64,
    problems: u64,
    notes: u64,
}

/// Why a check ended early.
enum Stop {
    Work(WorkError),
    Write(io::Error),
}

impl<E: Into<WorkError>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Work(error.into())
    }
}

pub(crate) fn run(options: &ScipOptions) -> Result<(), Ending> {
    let surroundings = Surroundings::read()?;
    let sources = options.workspace_dir.as_deref().map(|folder| scip::sources(&surroundings, folder)).transpose()?;
    let mut indexes = Vec::with_capacity(options.input.len());
    for path in &options.input {
        indexes.push((path.clone(), index_file::open(&surroundings.absolute(path)?)?));
    }
    let format = options.output_format;
    let checked = work::run::<(), _>(SHARES, move |job| {
        let mut check =
            Check { job, format, sources, totals: Totals::default(), out: BufWriter::new(io::stdout().lock()) };
        match check.all(indexes) {
            Ok(()) => Ok(Ok(check.totals)),
            Err(Stop::Write(error)) => Ok(Err(error)),
            Err(Stop::Work(error)) => Err(error),
        }
    })?;
    let totals = checked.map_err(|error| Ending::stdout(&error))?;
    match totals.problems {
        0 => {
            report::note("PROGRESS:100 Complete");
            Ok(())
        }
        // As for an index that cannot be read: whoever joins it with sources loses something.
        problems => Err(Ending::other(2, format!("the indexes have problems: {problems}, each a line on stdout"))),
    }
}

/// One call of the command.
struct Check<'j, W: Write> {
    job: &'j Job<()>,
    format: OutputFormat,
    sources: Option<PathBuf>,
    totals: Totals,
    out: W,
}

impl<W: Write> Check<'_, W> {
    /// Checks the indexes and writes what is found, and the sum.
    fn all(&mut self, indexes: Vec<(PathBuf, IndexReader<File>)>) -> Result<(), Stop> {
        let bytes: u64 = indexes.iter().map(|(_, reader)| reader.length()).sum();
        let many = indexes.len() > 1;
        let mut before = 0;
        for (path, mut reader) in indexes {
            let length = reader.length();
            self.totals.indexes += 1;
            self.one(&path, many, &mut reader, (before, bytes))?;
            before += length;
        }
        self.sum().map_err(Stop::Write)
    }

    fn one(
        &mut self,
        path: &Path,
        many: bool,
        reader: &mut IndexReader<File>,
        (before, bytes): (u64, u64),
    ) -> Result<(), Stop> {
        let folder = self.sources.clone();
        let exists = folder.as_deref().map(files_under);
        let mut linter = Linter::new(exists.as_ref().map(|exists| exists as &dyn Fn(&str) -> bool));
        let mut sources = folder.as_deref().map(Sources::new);
        let named = Some(path).filter(|_| many);
        let (mut parts, length) = (0_u64, reader.length());
        loop {
            let at = reader.offset();
            self.job.proceed()?;
            self.job.progress(PHASE, before + at, bytes, "bytes");
            let mut found = Vec::new();
            let part = reader.next_part();
            match &part {
                Ok(Some(part)) => {
                    parts += 1;
                    linter.part(part, &mut |finding| found.push(Finding::of(finding)));
                    found.extend(sources.as_mut().and_then(|sources| sources.check(part)));
                    self.totals.add(part);
                }
                Ok(None) if parts == 0 => {
                    found.push(Finding::of_file("no-index", index_file::nothing_in(length).to_owned(), at));
                }
                Ok(None) => {}
                Err(error) => found.push(Finding::of_file("unreadable", error.to_string(), at)),
            }
            for finding in &found {
                self.totals.note(finding.severity());
                finding.write(self.format, named, &mut self.out).map_err(Stop::Write)?;
            }
            match part {
                Ok(Some(_)) => {}
                Ok(None) => return Ok(()),
                Err(error @ ReadError::Io { .. }) => return Err(index_file::unreadable(path, error).into()),
                Err(_) => return Ok(()),
            }
        }
    }

    fn sum(&mut self) -> io::Result<()> {
        let Totals { indexes, documents, occurrences, problems, notes } = &self.totals;
        match self.format {
            OutputFormat::Json => writeln!(self.out, "{}", serde_json::json!({ "summary": self.totals }))?,
            OutputFormat::Summary => writeln!(
                self.out,
                "problems: {problems}, notes: {notes}; indexes: {indexes}, documents: {documents}, occurrences: {occurrences}"
            )?,
        }
        self.out.flush()
    }
}

impl Totals {
    fn add(&mut self, part: &Part<'_>) {
        if let Part::Document(block) = part
            && let Ok(document) = block.checked_document()
        {
            self.documents += 1;
            self.occurrences += u64::try_from(document.occurrences().count()).unwrap_or(u64::MAX);
        }
    }

    fn note(&mut self, severity: Severity) {
        match severity {
            Severity::Problem => self.problems += 1,
            Severity::Note => self.notes += 1,
        }
    }
}
