//! From what uses mean to the edges of one file.

use std::collections::{BTreeMap, BTreeSet};

use contracts::heavy_compute::CallSites;
use graph_store::{Access, EdgeDocument, EdgeKind, EntityKind, FileLinks, Origin, Repository, entity_hash};
use sha2::{Digest, Sha256};

use super::{File, FileId, Linker, Package, indexed::References, resolve::Meaning};
use crate::{
    facts::key_number,
    syntax::links::{Imported, Role, Root, Step, Use},
};

/// What a name in another file can be at best: nobody has compiled the two together.
const OTHER_FILE: f64 = 0.8;
/// Through a declared type, a base class or a star.
const INDIRECT: f64 = 0.7;
/// How many members of a target an edge names.
const MOST_MEMBERS: usize = 16;

/// The links of one file, and what they point to.
pub(super) struct OfFile {
    pub(super) links: FileLinks,
    pub(super) packages: BTreeSet<Package>,
    pub(super) calls: CallSites,
    /// What the references of an index turned out to be.
    pub(super) references: References,
}

/// Where an edge points to, ordered so that the result is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// Collection and key.
    Document(&'static str, u64),
    Package(Package),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    pub(super) origin: Origin,
    pub(super) confidence: f64,
    pub(super) access: BTreeSet<Access>,
    pub(super) reexport: bool,
    pub(super) members: BTreeSet<String>,
}

impl Edge {
    pub(super) fn new(evidence: Evidence) -> Self {
        let Evidence { origin, confidence } = evidence;
        Self { origin, confidence, access: BTreeSet::new(), reexport: false, members: BTreeSet::new() }
    }
}

/// From where an edge is known, and how sure it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Evidence {
    pub(super) origin: Origin,
    pub(super) confidence: f64,
}

fn by_syntax(confidence: f64) -> Evidence {
    Evidence { origin: Origin::Syntax, confidence }
}

pub(super) struct Edges<'a> {
    pub(super) linker: &'a Linker<'a>,
    repository: &'a Repository,
    pub(super) file: &'a File,
    pub(super) id: FileId,
    edges: BTreeMap<(End, End, EdgeKind), Edge>,
    calls: CallSites,
    pub(super) references: References,
}

impl Linker<'_> {
    pub(super) fn edges_of(&self, repository: &Repository, id: FileId) -> OfFile {
        let Some(file) = self.files.get(id as usize) else {
            let links = FileLinks { path: String::new(), digest: String::new(), edges: Vec::new() };
            let (packages, calls) = (BTreeSet::new(), CallSites::default());
            return OfFile { links, packages, calls, references: References::default() };
        };
        let mut edges = Edges {
            linker: self,
            repository,
            file,
            id,
            edges: BTreeMap::new(),
            calls: CallSites::default(),
            references: References::default(),
        };
        edges.imports();
        let answered = file.facts.index.as_deref().map(|index| edges.indexed(index)).unwrap_or_default();
        for (used, index) in file.facts.links.uses.iter().zip(0..) {
            let sites = used.sites.saturating_sub(answered.of_use(index));
            if sites > 0 {
                edges.used(used, sites);
            }
        }
        edges.overrides();
        for (why, sites) in &file.facts.links.unresolved {
            edges.miss(why.as_str(), sites.saturating_sub(answered.of_unresolved(*why)));
        }
        edges.finish()
    }
}

impl Edges<'_> {
    fn imports(&mut self) {
        let links = &self.file.facts.links;
        let from = self.of_file(self.id);
        for (index, import) in links.imports.iter().enumerate().filter(|(_, import)| import.stated) {
            let index = u32::try_from(index).unwrap_or(u32::MAX);
            let reexport = import.reexport;
            let module = self.linker.module_of_import(self.id, index);
            let edge = |confidence| Edge { reexport, ..Edge::new(by_syntax(confidence)) };
            match &module {
                Meaning::Module(module) | Meaning::Required(module) => {
                    self.add(from.clone(), self.of_file(*module), EdgeKind::Imports, edge(1.0));
                }
                Meaning::Folder(folder) => {
                    let files: Vec<FileId> = self.linker.go.files(*folder, &self.linker.files).collect();
                    for file in files {
                        self.add(from.clone(), self.of_file(file), EdgeKind::Imports, edge(1.0));
                    }
                }
                Meaning::Package(package) => {
                    self.add(from.clone(), End::Package(package.clone()), EdgeKind::Imports, edge(1.0));
                    continue;
                }
                _ => continue,
            }
            if !matches!(import.imported, Imported::Default | Imported::Name(_)) {
                continue;
            }
            let path = crate::syntax::links::NamePath { root: Root::Import(index), steps: Vec::new() };
            match self.linker.resolve(self.id, &path).meaning {
                Meaning::Entity(file, entity) | Meaning::MemberOf(file, entity) => {
                    if let Some(to) = self.of_entity(file, entity) {
                        self.add(from.clone(), to, EdgeKind::Imports, edge(OTHER_FILE));
                    }
                }
                // `from package import module`
                Meaning::Module(file) => self.add(from.clone(), self.of_file(file), EdgeKind::Imports, edge(1.0)),
                Meaning::Package(package) => {
                    self.add(from.clone(), End::Package(package), EdgeKind::Imports, edge(OTHER_FILE));
                }
                _ => {}
            }
        }
    }

    /// `sites` are the places that no index has explained.
    fn used(&mut self, used: &Use, sites: u32) {
        let mut resolved = self.linker.resolve(self.id, &used.path);
        // Calling a module of CommonJS calls what it exports.
        if let Meaning::Required(_) = resolved.meaning
            && let Some(default) = self.linker.default_of(&resolved.meaning)
        {
            resolved.meaning = default;
        }
        if let Meaning::Entity(file, entity) = resolved.meaning
            && let Some(holder) = self.linker.files.get(file as usize)
        {
            let asks_for_type = self.asks_for_type(used.source, used.role);
            resolved.meaning = Meaning::Entity(file, holder.as_asked(entity, asks_for_type));
        }
        let (id, own) = (self.id, used.evidence.confidence());
        let way = if resolved.indirect { INDIRECT } else { 1.0 };
        let confidence = |file: Option<FileId>| {
            let reach = if file == Some(id) { 1.0 } else { OTHER_FILE };
            by_syntax(own.min(reach).min(way))
        };
        let Some(from) = self.source(used.source) else { return };
        let through = std::mem::take(&mut resolved.through);
        for (file, entity) in through {
            self.refer(used.source, from.clone(), (file, entity), Access::Read, confidence(Some(file)));
        }
        let asked = Asked { source: used.source, role: used.role, sites };
        match &resolved.meaning {
            Meaning::Entity(file, entity) => {
                self.answer(asked, from, (*file, *entity), confidence(Some(*file)));
            }
            Meaning::MemberOf(file, entity) | Meaning::Field((file, entity), _) => {
                let access = if used.role == Role::Write { Access::Write } else { Access::Read };
                self.refer(used.source, from, (*file, *entity), access, confidence(Some(*file)));
                self.count(asked, Outcome::Miss("unknownMember"));
            }
            Meaning::Package(package) => self.answer_package(asked, from, package.clone(), confidence(None)),
            Meaning::Missing => self.count(asked, Outcome::Miss("notFound")),
            Meaning::Module(_) | Meaning::Required(_) | Meaning::Folder(_) => {
                self.count(asked, Outcome::Miss("expression"));
            }
            Meaning::InstanceOf(..) | Meaning::Unknown => {
                let why = match (used.path.root, used.path.steps.last()) {
                    (Root::Unbound(_), _) => "builtin",
                    (_, Some(Step::Result)) => "expression",
                    _ => "untypedReceiver",
                };
                self.count(asked, Outcome::Miss(why));
            }
        }
    }

    /// The edge for something that is used, and the account of it.
    pub(super) fn answer(&mut self, asked: Asked, from: End, to: (FileId, u32), evidence: Evidence) {
        let (file, entity) = to;
        let accessor = self.linker.is_accessor(file, entity);
        let role = if accessor && asked.role == Role::Call { Role::Read } else { asked.role };
        self.count(asked, if accessor { Outcome::Miss("getter") } else { Outcome::Definition(file) });
        match role {
            Role::Call => {
                if let Some(constructor) = self.linker.constructor(file, entity) {
                    self.link(from.clone(), (file, constructor), EdgeKind::Calls, evidence);
                }
                self.link(from, to, EdgeKind::Calls, evidence);
            }
            Role::Extends => self.link(from, to, EdgeKind::Extends, evidence),
            Role::Implements => self.link(from, to, EdgeKind::Implements, evidence),
            Role::MemberOf => self.link(from, to, EdgeKind::MemberOf, evidence),
            Role::Type => self.refer(asked.source, from, to, Access::Type, evidence),
            Role::Read => self.refer(asked.source, from, to, Access::Read, evidence),
            Role::Write => self.refer(asked.source, from, to, Access::Write, evidence),
        }
    }

    /// The same for something of a package outside of the repository.
    pub(super) fn answer_package(&mut self, asked: Asked, from: End, package: Package, evidence: Evidence) {
        self.count(asked, Outcome::Package);
        let (kind, access) = match asked.role {
            Role::Call => (EdgeKind::Calls, None),
            Role::Extends => (EdgeKind::Extends, None),
            Role::Implements => (EdgeKind::Implements, None),
            Role::MemberOf => return,
            Role::Type => (EdgeKind::References, Some(Access::Type)),
            Role::Read => (EdgeKind::References, Some(Access::Read)),
            Role::Write => (EdgeKind::References, Some(Access::Write)),
        };
        let edge = Edge { access: access.into_iter().collect(), ..Edge::new(evidence) };
        self.add(from, End::Package(package), kind, edge);
    }

    /// Methods that replace a method of a base, or do what an interface asks for.
    fn overrides(&mut self) {
        let methods = self.file.facts.entities.iter().zip(0..).filter(|(entity, _)| entity.kind == EntityKind::Method);
        let found: Vec<(u32, super::inheritance::Inherited)> = methods
            .flat_map(|(_, method)| {
                self.linker.inherited_methods(self.id, method).into_iter().map(move |base| (method, base))
            })
            .collect();
        for (method, base) in found {
            if let (Some(from), Some(to)) = (self.of_entity(self.id, method), self.of_entity(base.file, base.method)) {
                let kind = if base.of_interface { EdgeKind::Implements } else { EdgeKind::Overrides };
                self.add(from, to, kind, Edge::new(by_syntax(INDIRECT)));
            }
        }
    }

    pub(super) fn asks_for_type(&self, source: Option<u32>, role: Role) -> bool {
        matches!(role, Role::Type | Role::Implements) || role == Role::Extends && self.is_interface(source)
    }

    fn is_interface(&self, entity: Option<u32>) -> bool {
        entity.and_then(|entity| self.file.kind(entity)) == Some(EntityKind::Interface)
    }

    pub(super) fn source(&self, source: Option<u32>) -> Option<End> {
        match source {
            None => Some(self.of_file(self.id)),
            Some(entity) => self.of_entity(self.id, entity),
        }
    }

    pub(super) fn link(&mut self, from: End, to: (FileId, u32), kind: EdgeKind, evidence: Evidence) {
        let Some(to) = self.of_entity(to.0, to.1) else { return };
        // A function that calls itself is worth an edge; anything else that points to itself tells nothing.
        if from != to || kind == EdgeKind::Calls {
            self.add(from, to, kind, Edge::new(evidence));
        }
    }

    fn refer(&mut self, source: Option<u32>, from: End, to: (FileId, u32), access: Access, evidence: Evidence) {
        if self.is_inside(source, to) {
            return;
        }
        if let Some(to) = self.of_entity(to.0, to.1).filter(|to| *to != from) {
            let edge = Edge { access: BTreeSet::from([access]), ..Edge::new(evidence) };
            self.add(from, to, EdgeKind::References, edge);
        }
    }

    /// What stands inside of a definition and leads through it tells nothing of it.
    pub(super) fn is_inside(&self, source: Option<u32>, of: (FileId, u32)) -> bool {
        of.0 == self.id && source.is_some_and(|source| self.file.encloses(of.1, source))
    }

    pub(super) fn add(&mut self, from: End, to: End, kind: EdgeKind, edge: Edge) {
        if from == to && kind != EdgeKind::Calls {
            return;
        }
        match self.edges.entry((from, to, kind)) {
            std::collections::btree_map::Entry::Vacant(new) => {
                new.insert(edge);
            }
            std::collections::btree_map::Entry::Occupied(mut known) => {
                let known = known.get_mut();
                // What a compiler says stands, whoever else says it.
                if edge.origin == Origin::Scip {
                    known.origin = Origin::Scip;
                }
                known.confidence = known.confidence.max(edge.confidence);
                known.access.extend(edge.access);
                known.reexport |= edge.reexport;
                known.members.extend(edge.members);
            }
        }
    }

    pub(super) fn of_file(&self, file: FileId) -> End {
        let path = self.linker.files.get(file as usize).map_or("", |file| file.path.as_str());
        let key = entity_hash(&self.repository.repo_id, path, EntityKind::File.as_str(), path, "");
        End::Document(EntityKind::File.collection(), key_number(&key))
    }

    pub(super) fn of_entity(&self, file: FileId, entity: u32) -> Option<End> {
        let (kind, key) = self.linker.files.get(file as usize)?.entity_id(entity)?;
        Some(End::Document(kind.collection(), key))
    }

    pub(super) fn count(&mut self, asked: Asked, outcome: Outcome) {
        if asked.role != Role::Call {
            return;
        }
        let sites = u64::from(asked.sites);
        match outcome {
            Outcome::Definition(file) => {
                self.calls.total += sites;
                if file == self.id {
                    self.calls.same_file += sites;
                } else {
                    self.calls.other_file += sites;
                }
            }
            Outcome::Package => {
                self.calls.total += sites;
                self.calls.package += sites;
            }
            Outcome::Miss(why) => self.miss(why, asked.sites),
        }
    }

    fn miss(&mut self, reason: &str, sites: u32) {
        if sites == 0 {
            return;
        }
        self.calls.total += u64::from(sites);
        *self.calls.unresolved.entry(reason.to_owned()).or_default() += u64::from(sites);
    }

    fn finish(self) -> OfFile {
        let mut sha = Sha256::new();
        let mut packages = BTreeSet::new();
        let mut documents = Vec::with_capacity(self.edges.len());
        for ((from, to, kind), edge) in &self.edges {
            let (from, to) = (self.id_of(from), self.id_of(to));
            let Edge { origin, confidence, access, reexport, members } = edge;
            sha.update(format!("{from} {to} {kind:?} {origin:?} {confidence} {access:?} {reexport} {members:?}\n"));
            let mut document = EdgeDocument::new(self.repository, from, to, *kind, *origin, *confidence);
            document.members = members.iter().take(MOST_MEMBERS).cloned().collect();
            document.access = edge.access.iter().copied().collect();
            document.reexport = edge.reexport;
            documents.push(document);
        }
        for (_, to, _) in self.edges.into_keys() {
            if let End::Package(package) = to {
                packages.insert(package);
            }
        }
        let digest = hex::encode(sha.finalize());
        let links = FileLinks { path: self.file.path.clone(), digest, edges: documents };
        OfFile { links, packages, calls: self.calls, references: self.references }
    }

    fn id_of(&self, end: &End) -> String {
        match end {
            End::Document(collection, key) => format!("{collection}/{key:016x}"),
            End::Package(package) => package.document(self.repository).id(),
        }
    }
}

/// What is asked of a target.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    pub(super) source: Option<u32>,
    pub(super) role: Role,
    pub(super) sites: u32,
}

/// What a call turned out to be.
#[derive(Clone, Copy)]
pub(super) enum Outcome {
    Definition(FileId),
    Package,
    Miss(&'static str),
}

impl Linker<'_> {
    /// What runs when an instance of a class is made.
    fn constructor(&self, file: FileId, entity: u32) -> Option<u32> {
        let source = self.files.get(file as usize).filter(|f| f.kind(entity) == Some(EntityKind::Class))?;
        ["constructor", "__init__"].iter().find_map(|name| source.members.get(&(entity, (*name).to_owned())).copied())
    }

    fn is_accessor(&self, file: FileId, entity: u32) -> bool {
        self.files.get(file as usize).is_some_and(|file| file.facts.links.accessors.contains(&entity))
    }
}
