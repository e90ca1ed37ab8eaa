//! What is wrong with an index, as a list.

mod document;
mod finding;

use std::collections::HashSet;
use std::io::{Read, Seek};
use std::path::Path;

pub use finding::{Code, Finding, Severity};

use crate::error::{Damage, PartKind, ReadError};
use crate::range::Range;
use crate::reader::{IndexReader, Part};

/// What a whole index has, and how often each kind of finding came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Documents that could be read.
    pub documents: u64,
    /// Occurrences in them.
    pub occurrences: u64,
    /// Symbol informations in them.
    pub symbols: u64,
    /// External symbols that could be read.
    pub external_symbols: u64,
    /// Findings, notes left out.
    pub problems: u64,
    /// Notes.
    pub notes: u64,
}

/// For [`Linter::new`]: whether a regular file stands below `root`. A link is none, as the format wants it.
pub fn files_under(root: &Path) -> impl Fn(&str) -> bool {
    |path| root.join(path).symlink_metadata().is_ok_and(|found| found.is_file())
}

/// Checks an index part by part. Memory grows with the number of documents (their paths) and with the largest one.
pub struct Linter<'f> {
    exists: Option<&'f dyn Fn(&str) -> bool>,
    paths: HashSet<Box<str>>,
    metadata: bool,
    summary: Summary,
}

impl std::fmt::Debug for Linter<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Linter").field("summary", &self.summary).finish_non_exhaustive()
    }
}

impl<'f> Linter<'f> {
    /// `exists` tells whether the project has a file of that path; it is never asked for a path that leaves the project.
    /// Without it, missing files are not looked for.
    #[must_use]
    pub fn new(exists: Option<&'f dyn Fn(&str) -> bool>) -> Self {
        Self { exists, paths: HashSet::new(), metadata: false, summary: Summary::default() }
    }

    /// Checks everything that `reader` still has, and gives each finding in the order of the index.
    ///
    /// # Errors
    /// When the rest of the index cannot be read; what was found before has been given.
    pub fn index<R: Read + Seek>(
        mut self,
        reader: &mut IndexReader<R>,
        mut found: impl FnMut(Finding),
    ) -> Result<Summary, ReadError> {
        while let Some(part) = reader.next_part()? {
            self.part(&part, &mut found);
        }
        Ok(self.summary)
    }

    /// Checks one part.
    pub fn part(&mut self, part: &Part<'_>, found: &mut dyn FnMut(Finding)) {
        let offset = match part {
            Part::Metadata(block) => block.offset(),
            Part::Document(block) => block.offset(),
            Part::ExternalSymbol(block) => block.offset(),
            Part::Damaged(damage) => damage.offset,
        };
        let mut report = Report { summary: &mut self.summary, found, document: "", offset };
        let is_metadata = matches!(part, Part::Metadata(_) | Part::Damaged(Damage { part: PartKind::Metadata, .. }));
        if is_metadata && self.metadata {
            report.add(Code::Metadata, None, "metadata stands twice in the index".to_owned());
        } else if !is_metadata && !self.metadata {
            report.add(Code::Metadata, None, "the index does not begin with metadata".to_owned());
        }
        self.metadata = true;
        let damage = match part {
            Part::Metadata(block) => block.message().err(),
            Part::ExternalSymbol(block) => {
                block.symbol().map(|symbol| document::external_symbol(&symbol, &mut report)).err()
            }
            Part::Document(block) => match block.checked_document() {
                Ok(view) => {
                    report.document = view.relative_path;
                    document::path(view.relative_path, self.exists, &mut self.paths, &mut report);
                    document::contents(&view, &mut report);
                    None
                }
                Err(damage) => Some(damage),
            },
            Part::Damaged(damage) => Some(damage.clone()),
        };
        if let Some(damage) = damage {
            report.add(Code::Damaged, None, damage.to_string());
        }
    }
}

/// Where findings go, with what they have in common.
struct Report<'r> {
    summary: &'r mut Summary,
    found: &'r mut dyn FnMut(Finding),
    document: &'r str,
    offset: u64,
}

impl Report<'_> {
    fn add(&mut self, code: Code, range: Option<Range>, message: String) {
        match code.severity() {
            Severity::Problem => self.summary.problems += 1,
            Severity::Note => self.summary.notes += 1,
        }
        (self.found)(Finding { document: self.document.to_owned(), offset: self.offset, range, code, message });
    }
}
