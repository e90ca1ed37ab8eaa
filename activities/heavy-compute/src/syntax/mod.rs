//! From the text of one source file to its definitions, and to the names that it uses, imports and exports.
//!
//! Nothing here reads files, talks to a store or knows other files: the same bytes give the same answer. Every input
//! has an answer as well, whatever its encoding, depth or syntax errors.
//!
//! A language is a walk of its own over the flattened tree (`typescript`, `python`, `go`) that feeds the same builder; scopes,
//! keys, documentation and the paths of names are shared.

mod complexity;
mod containers;
mod doc_comment;
mod entities;
mod flat_tree;
mod go;
mod grammar;
mod healing;
pub mod links;
mod model;
mod node_kind;
mod python;
mod scope;
mod signature;
mod text;
mod tie_breaker;
mod typescript;
mod uses;

pub use grammar::Grammar;
pub use model::{Definition, Error, FileSyntax, Kind, Options, Place};

use flat_tree::FlatTree;

/// Extracts what `source` defines and what it says of names.
///
/// `cancelled` is asked every few hundred steps of the parser and now and then during the walk.
///
/// # Errors
///
/// [`Error::Cancelled`] when `cancelled` said so; the others when nothing can be parsed at all. Syntax errors are no
/// error: what surrounds them is extracted.
pub fn extract(
    grammar: Grammar,
    source: &[u8],
    options: Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<FileSyntax, Error> {
    if u32::try_from(source.len()).is_err() {
        return Err(Error::TooLarge);
    }
    let mut tree = match grammar {
        // The grammar wants a line end behind the last declaration, unlike the language.
        Grammar::Go if !source.ends_with(b"\n") => grammar::parse(grammar, &[source, b"\n"].concat(), cancelled)?,
        _ => grammar::parse(grammar, source, cancelled)?,
    };
    if tree.root_node().has_error()
        && matches!(grammar, Grammar::TypeScript | Grammar::Tsx)
        && let Some(healed) = healing::heal(source, &tree)
    {
        let again = grammar::parse(grammar, &healed, cancelled)?;
        if !again.root_node().has_error() {
            tree = again;
        }
    }
    let has_errors = tree.root_node().has_error();
    let flat = FlatTree::build(&tree, grammar.tables(), source, cancelled)?;
    drop(tree);
    let (builder, rules) = match grammar {
        Grammar::TypeScript | Grammar::Tsx => (typescript::walk(&flat, options, cancelled)?, typescript::RULES),
        Grammar::Python => (python::walk(&flat, options, cancelled)?, python::RULES),
        Grammar::Go => (go::walk(&flat, options, cancelled)?, go::RULES),
    };
    Ok(builder.finish(rules, has_errors))
}
