//! Whether the ranges of a document are in its file.

use std::{
    io::Read,
    path::{Path, PathBuf},
};

use kit::AllowedRoots;
use scip_index::{
    DocumentView, Part, Range, path,
    position::{Convention, Encoding, LineTable},
};

use crate::lint::finding::Finding;

/// Larger sources are passed over.
const MOST_BYTES: u64 = 64 << 20;
const BYTE_ORDER_MARK: char = '\u{feff}';

/// The folder of the sources, and who made the index that is read.
pub(super) struct Sources {
    folder: PathBuf,
    roots: AllowedRoots,
    tool: String,
}

impl Sources {
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), roots: AllowedRoots::new([folder.to_owned()]), tool: String::new() }
    }

    /// Compares a document with its file; one finding for all ranges that are not in it. A file that is not there, or is
    /// not UTF-8, is not compared.
    pub(super) fn check(&mut self, part: &Part<'_>) -> Option<Finding> {
        match part {
            Part::Metadata(block) => {
                self.tool = block.message().ok().and_then(|metadata| metadata.tool_info).unwrap_or_default().name;
                None
            }
            Part::Document(block) => {
                let document = block.checked_document().ok()?;
                let text = self.text(document.relative_path)?;
                self.compare(&document, &text, block.offset())
            }
            Part::ExternalSymbol(_) | Part::Damaged(_) => None,
        }
    }

    fn text(&self, relative: &str) -> Option<String> {
        path::check(relative).ok()?;
        // Links on the way are followed as long as they stay inside.
        let opened = self.roots.open_file(&self.folder.join(relative)).ok()?;
        let mut text = String::new();
        let read = opened.file.take(MOST_BYTES + 1).read_to_string(&mut text).ok()?;
        (u64::try_from(read).ok()? <= MOST_BYTES).then_some(text)
    }

    fn compare(&self, document: &DocumentView<'_>, text: &str, offset: u64) -> Option<Finding> {
        let readings = self.readings(document.position_encoding, text);
        let inside = |range: Range| readings.iter().any(|table| table.span(range).is_some());
        let (mut all, mut outside, mut first) = (0_u64, 0_u64, None);
        for occurrence in document.occurrences().map_while(Result::ok) {
            let enclosing = Some(occurrence.enclosing_range).filter(|range| !range.is_missing());
            for range in [Some(occurrence.range), enclosing].into_iter().flatten().flat_map(|raw| raw.range()) {
                all += 1;
                if !inside(range) {
                    outside += 1;
                    first.get_or_insert(range);
                }
            }
        }
        let message = || {
            format!(
                "{outside} of {all} ranges are not in the file, the first one here; was it changed after the indexer ran?"
            )
        };
        first.map(|range| {
            Finding::of_source("range-outside-file", document.relative_path, Some(range), message(), offset)
        })
    }

    /// The ways in which the indexer may have counted: several where nobody tells, since a lint does not guess.
    fn readings<'t>(&self, position_encoding: i32, text: &'t str) -> Vec<LineTable<'t>> {
        let convention = Convention::of(position_encoding, &self.tool);
        let encodings = match Encoding::of(position_encoding, &self.tool) {
            Some(known) => vec![known],
            None => vec![Encoding::Utf8, Encoding::Utf16, Encoding::Utf32],
        };
        // Some indexers drop the mark, some count it.
        let texts = [Some(text), text.strip_prefix(BYTE_ORDER_MARK)];
        texts
            .into_iter()
            .flatten()
            .flat_map(|text| {
                encodings.iter().map(move |&encoding| LineTable::new(text, Convention { encoding, ..convention }))
            })
            .collect()
    }
}
