//! From what a file defines to what the graph says of it.

use graph_store::{EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, Origin, Repository};

use crate::{
    facts::{FORMAT, FileFacts},
    file::Content,
    language,
    scip::{Joined, SymbolEntity},
    syntax::{Definition, FileSyntax, Kind},
};

/// Changes whenever the documents made of the same file change, so that stored files are made anew.
const EXTRACTOR: &str = "syntax-3";
/// A body longer than this is cut.
const LONGEST_BODY: usize = 3000;
/// How sure the place of an entity is that only an index knows.
const FROM_INDEX: f64 = 0.9;

/// What is kept of each file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// Source text of functions, methods and classes.
    pub bodies: bool,
    /// Fields, properties and enum members as entities.
    pub members: bool,
}

impl Detail {
    /// Names what makes the documents; stored with each file.
    pub fn extractor(self, coverage: Coverage<'_>) -> String {
        let flag = |on: bool, name: &'static str| if on { name } else { "" };
        let (bodies, members) = (flag(self.bodies, "+bodies"), flag(self.members, "+members"));
        let coverage = match coverage {
            Coverage::None => String::new(),
            Coverage::Listed => "+covered".to_owned(),
            Coverage::Document { digest, .. } => format!("+scip:{digest}"),
        };
        format!("{EXTRACTOR}+{FORMAT}{bodies}{members}{coverage}")
    }

    /// Whether a stored file was made with an index and with this detail.
    pub fn is_from_index(self, extractor: &str) -> bool {
        let plain = self.extractor(Coverage::None);
        extractor.strip_prefix(plain.as_str()).is_some_and(|rest| rest.starts_with("+scip:"))
    }
}

/// Who knows what a file holds.
#[derive(Debug, Clone, Copy)]
pub enum Coverage<'a> {
    /// Its syntax tree alone.
    None,
    /// An index that is not here: the file gets its own entity alone.
    Listed,
    /// The document of an index.
    Document {
        /// Hash of the document and of the place of its index.
        digest: &'a str,
        /// The document and the file as one, once they are joined.
        joined: Option<&'a Joined>,
    },
}

/// Builds the documents of one file and what is remembered of it. Without `syntax` it is its own entity alone. Edges that
/// names make are not here: what a name means may depend on other files ([`crate::link`]).
pub fn of_file(
    repository: &Repository,
    path: &str,
    content: &Content,
    syntax: Option<&FileSyntax>,
    detail: Detail,
    coverage: Coverage<'_>,
) -> (FileGraph, FileFacts) {
    let joined = match coverage {
        Coverage::Document { joined, .. } => joined,
        Coverage::None | Coverage::Listed => None,
    };
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut file = EntityDocument::new(repository, path, EntityKind::File, name, None, Origin::Syntax);
    file.language = language::of_path(path).map(str::to_owned);
    file.content_sha256 = Some(content.sha256.clone());
    file.lines = content.lines;
    file.bytes = Some(content.bytes);
    if let Some(lines) = content.lines.filter(|n| *n > 0) {
        file.start_line = Some(1);
        file.end_line = u32::try_from(lines).ok();
    }
    let file_id = file.id();
    let mut entities = vec![file];
    if let Some(syntax) = syntax {
        let source = content.text.as_deref().unwrap_or_default();
        entities.extend(syntax.entities.iter().map(|d| entity(repository, path, d, syntax, source, detail)));
    }
    if let Some(joined) = joined {
        let first = entities.len();
        entities.extend(joined.entities.iter().map(|found| of_symbol(repository, path, found)));
        for (at, found) in (first..).zip(&joined.entities) {
            let parent = found.parent.and_then(|parent| entities.get(parent as usize + 1)).map(|p| p.name.clone());
            if let Some(entity) = entities.get_mut(at) {
                entity.parent = parent;
            }
        }
    }
    let facts = FileFacts::new(syntax, joined, entities.get(1..).unwrap_or_default());
    let mut edges = Vec::new();
    for (document, fact) in entities.iter().skip(1).zip(&facts.entities) {
        // What only an index knows is known from a place where the tree is broken, or where there is none.
        let confidence = if document.origin == Origin::Scip { FROM_INDEX } else { 1.0 };
        let mut edge = |from: &str, to: &str, kind| {
            let (from, to) = (from.to_owned(), to.to_owned());
            edges.push(EdgeDocument::new(repository, from, to, kind, document.origin, confidence));
        };
        let id = document.id();
        edge(&file_id, &id, EdgeKind::Contains);
        let owner = fact.parent.filter(|_| is_member(fact.kind));
        if let Some(owner) = owner.and_then(|owner| entities.get(owner as usize + 1)).filter(|o| has_members(o.kind)) {
            edge(&id, &owner.id(), EdgeKind::MemberOf);
        }
    }
    let graph = FileGraph {
        path: path.to_owned(),
        content_sha256: content.sha256.clone(),
        extractor: detail.extractor(coverage),
        entities,
        edges,
        facts: facts.to_bytes(),
    };
    (graph, facts)
}

pub(crate) fn is_member(kind: EntityKind) -> bool {
    matches!(kind, EntityKind::Method | EntityKind::Property | EntityKind::Constant)
}

/// Whether what is in it belongs to it. The methods of an object literal in a function do not belong to the function.
pub(crate) fn has_members(kind: EntityKind) -> bool {
    !matches!(kind, EntityKind::Function | EntityKind::Method)
}

fn of_symbol(repository: &Repository, path: &str, found: &SymbolEntity) -> EntityDocument {
    let signature = found.signature.clone();
    let mut entity = EntityDocument::new(repository, path, found.kind, &found.name, signature, Origin::Scip);
    entity.start_line = Some(found.start_line);
    entity.end_line = Some(found.end_line);
    entity.language = language::of_path(path).map(str::to_owned);
    entity
}

fn entity(
    repository: &Repository,
    path: &str,
    definition: &Definition,
    syntax: &FileSyntax,
    source: &[u8],
    detail: Detail,
) -> EntityDocument {
    let kind = kind(definition.kind);
    let mut entity =
        EntityDocument::new(repository, path, kind, &definition.name, definition.signature.clone(), Origin::Syntax);
    entity.start_line = Some(definition.start_line);
    entity.end_line = Some(definition.end_line);
    entity.language = language::of_path(path).map(str::to_owned);
    entity.exported = Some(definition.exported);
    entity.doc.clone_from(&definition.doc);
    entity.parent = definition.parent.and_then(|n| syntax.entities.get(n)).map(|p| p.name.clone());
    entity.is_async = definition.is_async;
    entity.parameter_count = definition.parameter_count;
    entity.return_type.clone_from(&definition.return_type);
    entity.complexity = definition.complexity;
    if detail.bodies
        && matches!(definition.kind, Kind::Function | Kind::Method | Kind::Class | Kind::Struct | Kind::Trait)
    {
        let body = definition.body(source);
        entity.body = Some(body.lines().take(LONGEST_BODY).collect::<Vec<_>>().join("\n"));
    }
    entity
}

pub(crate) fn kind(kind: Kind) -> EntityKind {
    match kind {
        Kind::Class => EntityKind::Class,
        Kind::Struct => EntityKind::Struct,
        Kind::Trait => EntityKind::Trait,
        Kind::Interface => EntityKind::Interface,
        Kind::Type => EntityKind::Type,
        Kind::Enum => EntityKind::Enum,
        Kind::Function => EntityKind::Function,
        Kind::Method => EntityKind::Method,
        Kind::Variable => EntityKind::Variable,
        Kind::Namespace => EntityKind::Namespace,
        Kind::Module => EntityKind::Module,
        Kind::Property => EntityKind::Property,
        Kind::Constant => EntityKind::Constant,
    }
}
