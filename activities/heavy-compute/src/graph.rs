//! From what a file defines to what the graph says of it.

use graph_store::{EdgeDocument, EdgeKind, EntityDocument, EntityKind, FileGraph, Origin, Repository};

use crate::{
    facts::{FORMAT, FileFacts},
    file::Content,
    language,
    syntax::{Definition, FileSyntax, Kind},
};

/// Changes whenever the documents made of the same file change, so that stored files are made anew.
const EXTRACTOR: &str = "syntax-3";
/// A body longer than this is cut.
const LONGEST_BODY: usize = 3000;

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
    pub fn extractor(self, covered: bool) -> String {
        let flag = |on: bool, name: &'static str| if on { name } else { "" };
        format!(
            "{EXTRACTOR}+{FORMAT}{}{}{}",
            flag(self.bodies, "+bodies"),
            flag(self.members, "+members"),
            flag(covered, "+covered")
        )
    }
}

/// Builds the documents of one file and what is remembered of it. Without `syntax` it is its own entity alone. Edges that
/// names make are not here: what a name means may depend on other files ([`crate::link`]).
pub fn of_file(
    repository: &Repository,
    path: &str,
    content: &Content,
    syntax: Option<&FileSyntax>,
    detail: Detail,
    covered: bool,
) -> (FileGraph, FileFacts) {
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
    let mut edges = Vec::new();
    if let Some(syntax) = syntax {
        let source = content.text.as_deref().unwrap_or_default();
        entities.extend(syntax.entities.iter().map(|d| entity(repository, path, d, syntax, source, detail)));
        let ids: Vec<String> = entities.iter().skip(1).map(EntityDocument::id).collect();
        let edge = |from: &str, to: &str, kind, confidence| {
            EdgeDocument::new(repository, from.to_owned(), to.to_owned(), kind, Origin::Syntax, confidence)
        };
        edges.extend(ids.iter().map(|id| edge(&file_id, id, EdgeKind::Contains, 1.0)));
        let owned = syntax.entities.iter().zip(&ids).filter(|(definition, _)| is_member(definition.kind));
        edges.extend(owned.filter_map(|(definition, id)| {
            let owner = definition.parent?;
            let of_type = syntax.entities.get(owner).is_some_and(|owner| has_members(owner.kind));
            Some(edge(id, ids.get(owner).filter(|_| of_type)?, EdgeKind::MemberOf, 1.0))
        }));
    }
    let facts = syntax.map(|syntax| FileFacts::new(syntax, entities.get(1..).unwrap_or_default())).unwrap_or_default();
    let graph = FileGraph {
        path: path.to_owned(),
        content_sha256: content.sha256.clone(),
        extractor: detail.extractor(covered),
        entities,
        edges,
        facts: facts.to_bytes(),
    };
    (graph, facts)
}

fn is_member(kind: Kind) -> bool {
    matches!(kind, Kind::Method | Kind::Property | Kind::Constant)
}

/// Whether what is in it belongs to it. The methods of an object literal in a function do not belong to the function.
fn has_members(kind: Kind) -> bool {
    !matches!(kind, Kind::Function | Kind::Method)
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

fn kind(kind: Kind) -> EntityKind {
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
