//! Rust, Java, C, C++, C#, PHP and Ruby: one engine over a query for each grammar.
//!
//! A query marks definitions, calls, comments and branches by captures in the style of tags queries
//! (`@definition.function`, `@name`, `@reference.call`). What it finds is sorted by place, so that one sweep with a stack
//! of what is open says what encloses what; nothing recurses, and nothing is looked up from the root of the tree.

mod calls;
mod comments;
mod declarator;
mod header;
mod heading;
mod item;
mod language;
mod nesting;
mod parameters;
mod query;
mod settle;

pub(super) use header::{heal, settle_header};
pub(super) use language::Language;

use tree_sitter::Tree;

use super::model::{Error, FileSyntax, Options};

/// A range of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn bytes(self, source: &[u8]) -> &[u8] {
        super::text::slice(source, self.start, self.end)
    }
}

/// Extracts what a tree of one of these languages defines, and the calls that a name or a receiver resolves in the file.
pub(super) fn extract(
    language: Language,
    tree: &Tree,
    source: &[u8],
    options: Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<FileSyntax, Error> {
    let found = query::run(language, tree, source, cancelled)?;
    let nested = nesting::nest(language, source, found, options, cancelled)?;
    Ok(settle::settle(language, source, nested, options, tree.root_node().has_error()))
}
