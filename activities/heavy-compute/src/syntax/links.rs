//! What a file says of names that other files may define, and of its own names that other files may use.
//!
//! Kept with the file in the store's bookkeeping, so that a change elsewhere is followed without parsing this file again.
//! Definitions are referred to by their index in [`FileSyntax::entities`](super::FileSyntax), names by their index in
//! [`Links::names`].

use serde::{Deserialize, Serialize};

/// What a use does with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Calls it, makes one of it, renders or decorates with it.
    Call,
    /// A class or interface that extends it.
    Extends,
    /// A class that implements it.
    Implements,
    /// A method that belongs to it, where that is a type of another file.
    MemberOf,
    /// Names it as a type.
    Type,
    /// Reads it.
    Read,
    /// Assigns to it.
    Write,
}

/// Where a path of names starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Root {
    /// A definition of this file.
    Definition(u32),
    /// The bases of a class of this file, the class itself left out: `super`.
    BaseOf(u32),
    /// What an import statement brings, by its index in [`Links::imports`].
    Import(u32),
    /// A name that nothing in this file binds: of the package, of a star import, of the language, by its index in
    /// [`Links::names`].
    Unbound(u32),
}

/// One step from a definition to what it holds or gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    /// `.name`, by its index in [`Links::names`].
    Member(u32),
    /// What a call returns, or an instance of a class.
    Result,
}

/// A root and the steps from there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NamePath {
    /// Where it starts.
    pub root: Root,
    /// What is reached from there, one after the other.
    pub steps: Vec<Step>,
}

/// How sure the way from a use to the root of its path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Evidence {
    /// The name resolves through the lexical scopes of the file. It can still be assigned again at run time.
    Lexical,
    /// `this`, `self`, `super()` or another receiver of the enclosing class. Another file can override the method.
    Receiver,
    /// The declared type of a variable or a parameter, or the value it was made with.
    Typed,
    /// The only definition of that name in the file; nothing else is known of the scope.
    UniqueName,
}

impl Evidence {
    /// How sure an edge with this evidence is, from 0 to 1, as long as it stays in one file.
    #[must_use]
    pub fn confidence(self) -> f64 {
        match self {
            Self::Lexical => 0.9,
            Self::Receiver => 0.8,
            Self::Typed => 0.7,
            Self::UniqueName => 0.5,
        }
    }
}

/// Uses of one path by one definition in one role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The innermost definition around it; none at the level of the file.
    pub source: Option<u32>,
    /// What is done with it.
    pub role: Role,
    /// What is used.
    pub path: NamePath,
    /// The best evidence among them.
    pub evidence: Evidence,
    /// How many places that is.
    pub sites: u32,
}

/// What an import takes from its module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Imported {
    /// The module itself: a namespace.
    Module,
    /// What CommonJS hands out: the namespace, or the one value that was assigned to `module.exports`.
    Required,
    /// Its default export.
    Default,
    /// One of its names, by its index in [`Links::names`].
    Name(u32),
    /// All of its names, into the scope of the file.
    Everything,
    /// Nothing: it is only loaded.
    Nothing,
}

/// One name of an import statement, or the statement itself where it names nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Import {
    /// The module as written, by its index in [`Links::names`]; with its leading dots in Python.
    pub module: u32,
    /// What is taken.
    pub imported: Imported,
    /// Whether the statement hands it on: `export .. from`.
    pub reexport: bool,
    /// Whether it stands for a statement of the source and not only for a step on the way, as `a` does in `import a.b`.
    pub stated: bool,
}

/// A name that other files can import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The name that others use, by its index in [`Links::names`]; `None` for all names of an import's module.
    pub name: Option<u32>,
    /// What it is.
    pub path: NamePath,
}

/// What a variable, field or function gives, as far as the source says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeOf {
    /// The variable or function, or the class that has the field.
    pub definition: u32,
    /// The field, by its index in [`Links::names`].
    pub member: Option<u32>,
    /// Its type, or of a function what it returns.
    pub path: NamePath,
}

/// Why nobody can say what a call calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Unresolved {
    /// A name of the language or of its platform: `print`, `console.log`.
    Builtin,
    /// A parameter or another local value.
    LocalValue,
    /// A method of a value whose type is not written down.
    UntypedReceiver,
    /// A name that is not of this file, in a language of which only the file itself is known.
    NotInFile,
    /// The callee is no name: `f()()`, `a[i]()`.
    Expression,
}

impl Unresolved {
    /// The name of the reason in counts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::LocalValue => "localValue",
            Self::UntypedReceiver => "untypedReceiver",
            Self::NotInFile => "notInFile",
            Self::Expression => "expression",
        }
    }
}

/// All of that for one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// Every name that the others refer to by index.
    pub names: Vec<String>,
    /// The package that the file says it belongs to, where all files of a package share their names (Go).
    pub package: Option<u32>,
    /// Import statements.
    pub imports: Vec<Import>,
    /// Names that others can import.
    pub exports: Vec<Export>,
    /// Types of variables, fields and results.
    pub types: Vec<TypeOf>,
    /// Getters and setters: reading them is no call.
    pub accessors: Vec<u32>,
    /// Uses, ordered.
    pub uses: Vec<Use>,
    /// Calls that no other file can explain, by reason.
    pub unresolved: Vec<(Unresolved, u32)>,
}

impl Links {
    /// The name behind an index.
    #[must_use]
    pub fn name(&self, index: u32) -> &str {
        self.names.get(index as usize).map_or("", String::as_str)
    }
}
