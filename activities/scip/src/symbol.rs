//! Symbol strings (SCIP wire format, grammar of `Symbol`).
//!
//! ```text
//! symbol     = "local " simple | scheme " " manager " " name " " version " " descriptor+
//! descriptor = id "/"  namespace      id "#"  type             id "."  term       id ":"  meta      id "!"  macro
//!              id "(" simple? ")."  method                     "[" id "]"  type parameter           "(" id ")"  parameter
//! id         = simple | "`" any text, "``" for a backtick "`"
//! simple     = one or more of letters, digits, _ + - $
//! ```
//!
//! In the first four fields a blank is written as two, and an empty one (but the scheme) as `.`. Blanks and line breaks
//! inside of backticks are part of the name. Reading is one pass without recursion; only a name with an escape in it is copied.
//!
//! Two things are read that the grammar does not have, because indexers write them: descriptors behind a local name, and
//! letters of other scripts. The grammar's letters are ASCII. Others are written back in
//! backticks. A field of the package that begins with a blank cannot be told from the one before it
//! ending with one; it is read as the latter.

mod descriptor;
mod error;
mod format;
mod owner;

use std::borrow::Cow;

pub use descriptor::{Descriptor, DescriptorKind, Descriptors};
pub use error::{SymbolError, SymbolFault};
pub use format::format_global;

use descriptor::{Names, simple_length};
use owner::Shape;

/// A symbol string, looked at where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Symbol<'a> {
    /// Means something in its own document only.
    Local(LocalSymbol<'a>),
    /// Means the same in every index.
    Global(GlobalSymbol<'a>),
}

/// A symbol that means something in its own document only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalSymbol<'a> {
    /// What tells it from the others of the document.
    pub id: &'a str,
    /// Descriptors behind the name, which the grammar does not have and indexers write: the parameters of a lambda
    /// (scip-python, `local 7(text)`), the constructor of a local class (scip-typescript). Mostly empty.
    pub descriptors: &'a str,
}

/// The package that a symbol belongs to. A part is empty where the string says `.`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Package<'a> {
    /// `npm`, `pip`, `gomod` ..
    pub manager: Cow<'a, str>,
    /// The name that the manager knows it by.
    pub name: Cow<'a, str>,
    /// Its version.
    pub version: Cow<'a, str>,
}

/// A symbol that means the same in every index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GlobalSymbol<'a> {
    text: &'a str,
    /// The indexer's name, mostly.
    pub scheme: Cow<'a, str>,
    /// Where it is from.
    pub package: Package<'a>,
    descriptors: usize,
    shape: Shape<'a>,
}

/// How a local symbol begins.
const LOCAL: &str = "local ";

/// Whether the string is a local symbol, without reading the rest of it.
#[must_use]
pub fn is_local(text: &str) -> bool {
    text.starts_with(LOCAL)
}

impl<'a> Symbol<'a> {
    /// Reads a symbol string.
    ///
    /// # Errors
    /// Where the string leaves the grammar.
    pub fn parse(text: &'a str) -> Result<Self, SymbolError> {
        if text.starts_with(LOCAL) {
            return LocalSymbol::parse(text).map(Self::Local);
        }
        GlobalSymbol::parse(text).map(Self::Global)
    }

    /// The global symbol, if it is one.
    #[must_use]
    pub fn global(&self) -> Option<&GlobalSymbol<'a>> {
        match self {
            Self::Global(symbol) => Some(symbol),
            Self::Local(_) => None,
        }
    }

    /// Whether it means something in its own document only.
    #[must_use]
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Local(_))
    }
}

impl<'a> LocalSymbol<'a> {
    fn parse(text: &'a str) -> Result<Self, SymbolError> {
        let rest = text.get(LOCAL.len()..).unwrap_or_default();
        let (id, descriptors) = rest.split_at(simple_length(rest));
        if id.is_empty() {
            return Err(SymbolError { offset: LOCAL.len(), fault: SymbolFault::LocalId });
        }
        if !descriptors.is_empty() {
            // Read for its errors only.
            Shape::of(text, text.len() - descriptors.len())?;
        }
        Ok(Self { id, descriptors })
    }
}

impl<'a> GlobalSymbol<'a> {
    fn parse(text: &'a str) -> Result<Self, SymbolError> {
        let mut at = 0;
        let scheme = field(text, &mut at)?;
        if scheme.is_empty() || scheme.starts_with("local") {
            return Err(SymbolError { offset: 0, fault: SymbolFault::Scheme });
        }
        let manager = placeholder(field(text, &mut at)?);
        let name = placeholder(field(text, &mut at)?);
        let version = placeholder(field(text, &mut at)?);
        let descriptors = at;
        let shape = Shape::of(text, descriptors)?;
        Ok(Self { text, scheme, package: Package { manager, name, version }, descriptors, shape })
    }

    /// The whole string.
    #[must_use]
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Scheme and package with the blank behind them: equal for two symbols of one package.
    #[must_use]
    pub fn package_text(&self) -> &'a str {
        self.text.get(..self.descriptors).unwrap_or(self.text)
    }

    /// The part behind the package.
    #[must_use]
    pub fn descriptor_text(&self) -> &'a str {
        self.text.get(self.descriptors..).unwrap_or_default()
    }

    /// Its descriptors from the outside inwards; at least one.
    #[must_use]
    pub fn descriptors(&self) -> Descriptors<'a> {
        Descriptors(Names::new(self.text, self.descriptors))
    }

    /// The last descriptor: what the symbol itself is.
    #[must_use]
    pub fn last(&self) -> &Descriptor<'a> {
        &self.shape.last
    }

    /// The name as a person would say it.
    #[must_use]
    pub fn simple_name(&self) -> &str {
        &self.shape.last.name
    }

    /// Bytes of the prefix that names the thing which the symbol belongs to or is: the longest one made of namespaces,
    /// types and methods, or of namespaces and one term. A parameter, a field or a key of a literal is lifted by it to the
    /// function, type or variable that has it.
    #[must_use]
    pub fn base_length(&self) -> usize {
        self.shape.base
    }

    /// The string up to [`Self::base_length`], itself a symbol. Only scheme and package are left where the first descriptor
    /// is none of those, and then it is no symbol; see [`Self::has_base`].
    #[must_use]
    pub fn base(&self) -> &'a str {
        self.text.get(..self.shape.base).unwrap_or(self.text)
    }

    /// Whether there is a base with at least one descriptor.
    #[must_use]
    pub fn has_base(&self) -> bool {
        self.shape.base > self.descriptors
    }

    /// Whether the symbol is its own base.
    #[must_use]
    pub fn is_base(&self) -> bool {
        self.shape.base == self.text.len()
    }

    /// The symbol that holds this one: the base of what is left without the last descriptor. `None` at the top.
    #[must_use]
    pub fn owner(&self) -> Option<&'a str> {
        let end = self.shape.owner;
        (end > self.descriptors).then(|| self.text.get(..end)).flatten()
    }

    /// Whether it stands for a whole file or package: namespaces only, or those and the meta `__init__`, as Python's indexer
    /// writes a module.
    #[must_use]
    pub fn is_module(&self) -> bool {
        self.shape.module
    }
}

/// One of the fields before the descriptors, up to its single blank, which is passed.
fn field<'a>(text: &'a str, at: &mut usize) -> Result<Cow<'a, str>, SymbolError> {
    let start = *at;
    let rest = text.get(start..).unwrap_or_default();
    let mut end = 0;
    let mut escaped = false;
    loop {
        let Some(blank) = rest.bytes().skip(end).position(|byte| byte == b' ') else {
            return Err(SymbolError { offset: text.len(), fault: SymbolFault::Fields });
        };
        end += blank;
        if rest.as_bytes().get(end + 1) != Some(&b' ') {
            break;
        }
        escaped = true;
        end += 2;
    }
    *at = start + end + 1;
    let field = rest.get(..end).unwrap_or_default();
    Ok(if escaped { Cow::Owned(field.replace("  ", " ")) } else { Cow::Borrowed(field) })
}

fn placeholder(field: Cow<'_, str>) -> Cow<'_, str> {
    if field == "." { Cow::Borrowed("") } else { field }
}
