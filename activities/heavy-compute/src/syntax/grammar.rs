//! Which grammar reads a file, and parsing with it.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use tree_sitter::{Language, ParseOptions, ParseState, Parser, Tree};

use super::model::Error;
use super::node_kind::{Field, NodeKind};

/// A grammar that is compiled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Grammar {
    /// TypeScript without JSX, where `<T>x` is a cast.
    TypeScript,
    /// TypeScript with JSX, which reads every JavaScript file as well.
    Tsx,
    /// Python and its stub files.
    Python,
    /// Go, also files that a build constraint leaves out.
    Go,
    /// Rust.
    Rust,
    /// Java.
    Java,
    /// C.
    C,
    /// C++.
    Cpp,
    /// A `.h` file: C++ if its text looks like it, else C.
    Header,
    /// C#.
    CSharp,
    /// PHP, with the text around it.
    Php,
    /// Ruby.
    Ruby,
}

impl Grammar {
    /// The grammar for a path, by its extension in lower case.
    #[must_use]
    pub fn for_path(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        let (stem, extension) = name.rsplit_once('.')?;
        if stem.is_empty() {
            return None;
        }
        match extension.to_ascii_lowercase().as_str() {
            "ts" | "mts" | "cts" => Some(Self::TypeScript),
            "tsx" | "js" | "jsx" | "mjs" | "cjs" => Some(Self::Tsx),
            "py" | "pyi" => Some(Self::Python),
            "go" => Some(Self::Go),
            "rs" => Some(Self::Rust),
            "java" => Some(Self::Java),
            "c" => Some(Self::C),
            "cc" | "cpp" | "cxx" | "hh" | "hpp" | "hxx" => Some(Self::Cpp),
            "h" => Some(Self::Header),
            "cs" => Some(Self::CSharp),
            "php" | "phtml" => Some(Self::Php),
            "rb" | "rake" | "gemspec" => Some(Self::Ruby),
            _ => None,
        }
    }

    pub(super) fn language(self) -> Language {
        match self {
            Self::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
            Self::Tsx => tree_sitter_typescript::LANGUAGE_TSX.into(),
            Self::Python => tree_sitter_python::LANGUAGE.into(),
            Self::Go => tree_sitter_go::LANGUAGE.into(),
            Self::Rust => tree_sitter_rust::LANGUAGE.into(),
            Self::Java => tree_sitter_java::LANGUAGE.into(),
            Self::C | Self::Header => tree_sitter_c::LANGUAGE.into(),
            Self::Cpp => tree_sitter_cpp::LANGUAGE.into(),
            Self::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
            Self::Php => tree_sitter_php::LANGUAGE_PHP.into(),
            Self::Ruby => tree_sitter_ruby::LANGUAGE.into(),
        }
    }

    pub(super) fn tables(self) -> &'static Tables {
        static TYPESCRIPT: LazyLock<Tables> = LazyLock::new(|| Tables::new(Grammar::TypeScript));
        static TSX: LazyLock<Tables> = LazyLock::new(|| Tables::new(Grammar::Tsx));
        static PYTHON: LazyLock<Tables> = LazyLock::new(|| Tables::new(Grammar::Python));
        static GO: LazyLock<Tables> = LazyLock::new(|| Tables::new(Grammar::Go));
        // What is read by a query is never flattened.
        static EMPTY: Tables = Tables { kinds: Vec::new(), fields: Vec::new() };
        match self {
            Self::TypeScript => &TYPESCRIPT,
            Self::Tsx => &TSX,
            Self::Python => &PYTHON,
            Self::Go => &GO,
            Self::Rust | Self::Java | Self::C | Self::Cpp | Self::Header | Self::CSharp | Self::Php | Self::Ruby => {
                &EMPTY
            }
        }
    }
}

/// The grammar's numbers for kinds and fields in our own terms.
pub(super) struct Tables {
    kinds: Vec<(NodeKind, bool)>,
    fields: Vec<Field>,
}

impl Tables {
    fn new(grammar: Grammar) -> Self {
        let language = grammar.language();
        let ids = |count: usize| 0..u16::try_from(count).unwrap_or(u16::MAX);
        let kinds = ids(language.node_kind_count())
            .map(|id| {
                let kind = match language.node_kind_for_id(id) {
                    Some(name) => NodeKind::of(name, language.node_kind_is_named(id)),
                    None => NodeKind::Other,
                };
                (kind, kind.descends(grammar == Grammar::Python))
            })
            .collect();
        let fields = ids(language.field_count().saturating_add(1))
            .map(|id| language.field_name_for_id(id).map_or(Field::None, Field::of))
            .collect();
        Self { kinds, fields }
    }

    /// The kind of a node, and whether there is something in it. Error nodes carry an id beyond the table.
    #[inline]
    pub(super) fn kind(&self, id: u16) -> (NodeKind, bool) {
        self.kinds.get(usize::from(id)).copied().unwrap_or((NodeKind::Error, true))
    }

    #[inline]
    pub(super) fn field(&self, id: u16) -> Field {
        self.fields.get(usize::from(id)).copied().unwrap_or(Field::None)
    }
}

thread_local! {
    // Taken out while in use, so a cancel callback that extracts something itself gets a parser of its own.
    static PARSER: Cell<Option<(Grammar, Parser)>> = const { Cell::new(None) };
}

/// Parses `source`, asking `cancelled` every few hundred steps.
pub(super) fn parse(grammar: Grammar, source: &[u8], cancelled: &dyn Fn() -> bool) -> Result<Tree, Error> {
    parse_again(grammar, source, None, cancelled)
}

/// The same where `source` is an edited form of what `old` was parsed from: only what the edits touch is parsed anew.
pub(super) fn parse_again(
    grammar: Grammar,
    source: &[u8],
    old: Option<&Tree>,
    cancelled: &dyn Fn() -> bool,
) -> Result<Tree, Error> {
    let mut parser = match PARSER.take() {
        Some((loaded, parser)) if loaded == grammar => parser,
        Some((_, mut parser)) => {
            parser.set_language(&grammar.language())?;
            parser
        }
        None => {
            let mut parser = Parser::new();
            parser.set_language(&grammar.language())?;
            parser
        }
    };
    let mut stop = |_: &ParseState| if cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let options = ParseOptions::new().progress_callback(&mut stop);
    let tree = parser.parse_with_options(&mut |at, _| source.get(at..).unwrap_or_default(), old, Some(options));
    // A stopped parser would go on with the old source otherwise.
    parser.reset();
    PARSER.set(Some((grammar, parser)));
    tree.ok_or(Error::Cancelled)
}

#[cfg(test)]
mod tests {
    use super::{Grammar, NodeKind};

    #[test]
    fn every_kind_the_extraction_knows_exists_in_a_grammar() {
        let languages = [Grammar::TypeScript, Grammar::Tsx, Grammar::Python, Grammar::Go].map(Grammar::language);
        for (name, named) in NodeKind::names() {
            let exists = languages.iter().any(|language| language.id_for_node_kind(name, named) != 0);
            assert!(exists, "no grammar has {name}");
        }
    }
}
