//! Documents of the graph: entities and edges, in the spelling that readers of the graph know (`snake_case`, absent and
//! never null).

use serde::{Deserialize, Serialize};

use crate::key::{edge_hash, entity_hash};

macro_rules! kinds {
    ($(#[$meta:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $text:literal in $collection:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The spelling in documents and keys.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The collection that holds documents of this kind.
            pub fn collection(self) -> &'static str {
                match self { $(Self::$variant => $collection),+ }
            }

            /// The kind that is spelt so.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }

            /// Every collection of these kinds, ordered.
            pub fn collections() -> Vec<&'static str> {
                let mut collections = vec![$($collection),+];
                collections.sort_unstable();
                collections.dedup();
                collections
            }
        }
    };
}

kinds! {
    /// What an entity is.
    EntityKind {
        /// A source file.
        File = "file" in "files",
        /// A module inside a file.
        Module = "module" in "files",
        /// A namespace.
        Namespace = "namespace" in "files",
        /// A folder.
        Directory = "directory" in "files",
        /// A function.
        Function = "function" in "functions",
        /// A function of a class or an object.
        Method = "method" in "functions",
        /// A decorator.
        Decorator = "decorator" in "functions",
        /// Something that an index names without saying what it is.
        Unknown = "unknown" in "functions",
        /// A class.
        Class = "class" in "classes",
        /// A struct.
        Struct = "struct" in "classes",
        /// A trait.
        Trait = "trait" in "classes",
        /// An interface.
        Interface = "interface" in "interfaces",
        /// A variable.
        Variable = "variable" in "variables",
        /// A constant, such as a member of an enum.
        Constant = "constant" in "variables",
        /// A field or a property.
        Property = "property" in "variables",
        /// A type alias.
        Type = "type" in "variables",
        /// An enumeration.
        Enum = "enum" in "variables",
        /// A package outside of the repository.
        Package = "package" in "packages",
    }
}

kinds! {
    /// What an edge says of its two ends. Each kind has a collection of its own name.
    EdgeKind {
        /// A file contains an entity.
        Contains = "contains" in "contains",
        /// An entity calls another.
        Calls = "calls" in "calls",
        /// An entity refers to another.
        References = "references" in "references",
        /// A file imports.
        Imports = "imports" in "imports",
        /// A class extends another.
        Extends = "extends" in "extends",
        /// A class implements an interface.
        Implements = "implements" in "implements",
        /// A method or field belongs to a class.
        MemberOf = "member_of" in "member_of",
        /// A method overrides another.
        Overrides = "overrides" in "overrides",
    }
}

/// What a reference does with its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Access {
    /// It is read.
    Read,
    /// It is named as a type.
    Type,
    /// It is assigned to.
    Write,
}

/// From where a document is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// A syntax tree.
    Syntax,
    /// A SCIP index.
    Scip,
}

/// A node of the graph.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityDocument {
    /// [`entity_hash`] of repository, path, kind, name and signature; of a file, the name in the hash is its whole path.
    #[serde(rename = "_key")]
    pub key: String,
    /// Whose repository it is.
    pub org_id: String,
    /// The repository.
    pub repo_id: String,
    /// What it is.
    pub kind: EntityKind,
    /// Its simple name; of a file, the last part of its path.
    pub name: String,
    /// Path relative to the repository, with `/`.
    pub file_path: String,
    /// First line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_line: Option<u32>,
    /// Last line, from 1, inclusive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_line: Option<u32>,
    /// Language of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Part of the key where the kind has one, for example `function NAME(PARAMS)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Whether other files can use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exported: Option<bool>,
    /// Its documentation comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doc: Option<String>,
    /// Name of the definition that encloses it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether it is an async function.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_async: Option<bool>,
    /// Number of parameters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter_count: Option<u32>,
    /// Its declared return type, as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_type: Option<String>,
    /// Cyclomatic complexity, 1 for straight code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complexity: Option<u32>,
    /// From where it is known.
    pub origin: Origin,
    /// Its source text, when that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Of a file: SHA-256 of its content, 64 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_sha256: Option<String>,
    /// Of a text file: its number of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<u64>,
    /// Of a file: its size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl EntityDocument {
    /// A document with its key and nothing optional.
    pub fn new(
        repository: &crate::Repository,
        path: &str,
        kind: EntityKind,
        name: &str,
        signature: Option<String>,
        origin: Origin,
    ) -> Self {
        let hashed_name = if kind == EntityKind::File { path } else { name };
        Self {
            key: entity_hash(
                &repository.repo_id,
                path,
                kind.as_str(),
                hashed_name,
                signature.as_deref().unwrap_or_default(),
            ),
            org_id: repository.org_id.clone(),
            repo_id: repository.repo_id.clone(),
            kind,
            name: name.to_owned(),
            file_path: path.to_owned(),
            start_line: None,
            end_line: None,
            language: None,
            signature,
            exported: None,
            doc: None,
            parent: None,
            is_async: None,
            parameter_count: None,
            return_type: None,
            complexity: None,
            origin,
            body: None,
            content_sha256: None,
            lines: None,
            bytes: None,
        }
    }

    /// `collection/key`, what edges point with.
    pub fn id(&self) -> String {
        format!("{}/{}", self.kind.collection(), self.key)
    }
}

/// An edge of the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EdgeDocument {
    /// [`edge_hash`] of the two ids and the kind.
    #[serde(rename = "_key")]
    pub key: String,
    /// Qualified id of the entity it starts at.
    #[serde(rename = "_from")]
    pub from: String,
    /// Qualified id of the entity it points to.
    #[serde(rename = "_to")]
    pub to: String,
    /// Whose repository it is.
    pub org_id: String,
    /// The repository.
    pub repo_id: String,
    /// What it says.
    pub kind: EdgeKind,
    /// From where it is known.
    pub origin: Origin,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
    /// Of a reference: what is done with the target, ordered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub access: Vec<Access>,
    /// Of an import: whether the importing file hands it on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reexport: bool,
    /// Of a reference: members of the target that are meant and have no entity, ordered; not more than some.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

impl EdgeDocument {
    /// A document with its key.
    pub fn new(
        repository: &crate::Repository,
        from: String,
        to: String,
        kind: EdgeKind,
        origin: Origin,
        confidence: f64,
    ) -> Self {
        Self {
            key: edge_hash(&from, &to, kind.as_str()),
            from,
            to,
            org_id: repository.org_id.clone(),
            repo_id: repository.repo_id.clone(),
            kind,
            origin,
            confidence,
            access: Vec::new(),
            reexport: false,
            members: Vec::new(),
        }
    }
}

/// All that a graph knows of one file: the unit of writing. An edge is one of its own or one of its [`FileLinks`], never
/// both.
#[derive(Debug, Clone, PartialEq)]
pub struct FileGraph {
    /// Path relative to the repository, with `/`.
    pub path: String,
    /// SHA-256 of the content.
    pub content_sha256: String,
    /// Names the version and the options of what made the documents; a file is unchanged only if this is the same too.
    pub extractor: String,
    /// The file's own entity and those of what it defines.
    pub entities: Vec<EntityDocument>,
    /// The edges that the file alone makes: what it contains and what belongs to what. Their ends are entities that are stored
    /// or come in the same call; a store may refuse others.
    pub edges: Vec<EdgeDocument>,
    /// What the indexer remembers of the file, in a form of its own; kept in the bookkeeping and not exported.
    pub facts: Vec<u8>,
}

/// The edges of one file that depend on other files as well.
#[derive(Debug, Clone, PartialEq)]
pub struct FileLinks {
    /// Path relative to the repository, with `/`.
    pub path: String,
    /// Stands for all that is in `edges`: files whose digest is the stored one need not be written.
    pub digest: String,
    /// The edges, which start in the file. They point to entities that are stored or in the packages of the same call; a
    /// store may refuse others.
    pub edges: Vec<EdgeDocument>,
}
