//! From the text of one source file to its definitions, and to the names that it uses, imports and exports.
//!
//! Nothing here reads files, talks to a store or knows other files: the same bytes give the same answer. Every input
//! has an answer as well, whatever its encoding, depth or syntax errors.
//!
//! A language is a walk of its own over the flattened tree (`typescript`, `python`, `go`) or a query (`tags`), and feeds the
//! same builder; keys are shared by all, scopes and the paths of names by the walks.

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
mod tags;
mod text;
mod tie_breaker;
mod typescript;
mod uses;

pub use grammar::Grammar;
pub use model::{Definition, Error, FileSyntax, Kind, Options, Place, Said, Site, Statement, StatementForm};

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
    let grammar = tags::settle_header(grammar, source);
    let is_typescript = matches!(grammar, Grammar::TypeScript | Grammar::Tsx);
    let readable = if is_typescript { healing::without_variance(source) } else { None };
    // The grammar of Go wants a line end behind the last declaration, unlike the language.
    let ended = (grammar == Grammar::Go && !source.ends_with(b"\n")).then(|| [source, b"\n"].concat());
    let readable = readable.as_deref().or(ended.as_deref()).unwrap_or(source);
    let mut tree = grammar::parse(grammar, readable, cancelled)?;
    if let Some(language) = tags::Language::of(grammar) {
        if tree.root_node().has_error()
            && matches!(grammar, Grammar::C | Grammar::Cpp)
            && let Some(healed) = tags::heal(source)
        {
            tree = grammar::parse(grammar, &healed, cancelled)?;
        }
        return tags::extract(language, &tree, source, options, cancelled);
    }
    if tree.root_node().has_error()
        && is_typescript
        && let Some(healed) = healing::heal(readable, &tree, grammar == Grammar::Tsx)
    {
        let edited = healing::edited(&tree, readable, &healed);
        let again = grammar::parse_again(grammar, &healed, Some(&edited), cancelled)?;
        if healing::broken_count(&again) < healing::broken_count(&tree) {
            tree = again;
        }
    }
    let has_errors = tree.root_node().has_error();
    let flat = FlatTree::build(&tree, grammar.tables(), source, cancelled)?;
    drop(tree);
    let (builder, rules) = match grammar {
        Grammar::TypeScript | Grammar::Tsx => (typescript::walk(&flat, options, cancelled)?, typescript::RULES),
        Grammar::Go => (go::walk(&flat, options, cancelled)?, go::RULES),
        _ => (python::walk(&flat, options, cancelled)?, python::RULES),
    };
    Ok(builder.finish(rules, has_errors))
}
