//! Edges of files that an index covers: what a symbol stands for is known once all files are.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use graph_store::{Access, EdgeKind, EntityKind, Origin};

use super::{
    File, FileId, Linker, Package,
    edges::{Asked, Edge, Edges, Evidence, OfFile, Outcome},
    resolve::Meaning,
    standard,
};
use crate::{
    graph,
    linking::LinkSummary,
    scip::facts::{Context, IndexFacts, PackageName, SymbolForm, SymbolReference},
    syntax::{
        Said,
        links::{Role, Unresolved},
    },
};

/// A compiler has said it.
const SURE: Evidence = Evidence { origin: Origin::Scip, confidence: 1.0 };
/// Of a part that has no entity: the owner is used through it.
const THROUGH_A_PART: Evidence = Evidence { origin: Origin::Scip, confidence: 0.9 };
/// What is called is known, that it is called is a guess.
const GUESSED: Evidence = Evidence { origin: Origin::Scip, confidence: 0.8 };

type Hashed<V> = HashMap<u64, V, foldhash::fast::RandomState>;

/// What indexes define, over all files.
#[derive(Default)]
pub(super) struct Symbols {
    /// By hash: the file, the entity if it is not the file itself, and what decides between several definitions.
    table: Hashed<(FileId, Option<u32>, u8)>,
    /// Packages of which a file of the repository defines something.
    packages: HashSet<(String, String)>,
}

impl Symbols {
    /// Of several definitions the one with a body counts, then the first in the order of paths and of the file.
    pub(super) fn new(files: &[File]) -> Self {
        let mut symbols = Self::default();
        for (file, id) in files.iter().zip(0..) {
            let Some(index) = &file.facts.index else { continue };
            for definition in &index.definitions {
                let found = (id, definition.entity, definition.rank);
                let known = symbols.table.entry(definition.symbol).or_insert(found);
                if (found.2, found.0) < (known.2, known.0) {
                    *known = found;
                }
            }
            for package in &index.own_packages {
                if let Some(PackageName { manager, name, .. }) = index.packages.get(*package as usize) {
                    symbols.packages.insert((manager.clone(), name.clone()));
                }
            }
        }
        symbols
    }

    fn get(&self, symbol: u64) -> Option<(FileId, Option<u32>)> {
        self.table.get(&symbol).map(|(file, entity, _)| (*file, *entity))
    }
}

/// What the references of one file turned out to be, in places.
#[derive(Debug, Default)]
pub(super) struct References {
    direct: u64,
    lifted: u64,
    own_scope: u64,
    package: u64,
    unresolved: BTreeMap<&'static str, u64>,
}

/// Places of the syntax that an index has explained.
#[derive(Default)]
pub(super) struct Answered {
    uses: HashMap<u32, u32>,
    unresolved: BTreeMap<Unresolved, u32>,
}

impl Answered {
    pub(super) fn of_use(&self, index: u32) -> u32 {
        self.uses.get(&index).copied().unwrap_or_default()
    }

    pub(super) fn of_unresolved(&self, why: Unresolved) -> u32 {
        self.unresolved.get(&why).copied().unwrap_or_default()
    }

    fn add(&mut self, said: Said, sites: u32) {
        let known = match said {
            Said::Use(index) => self.uses.entry(index).or_default(),
            Said::Unresolved(why) => self.unresolved.entry(why).or_default(),
            Said::Nothing => return,
        };
        *known = known.saturating_add(sites);
    }
}

/// What a symbol turned out to be.
enum Found {
    /// It stands for this.
    Whole(FileId, Option<u32>),
    /// It is a part of this.
    Part(FileId, u32),
    Package(Package),
    /// It is of the repository, and nothing is known of it.
    Nothing,
}

impl Edges<'_> {
    /// The edges that an index tells, and what of the syntax is explained by them.
    pub(super) fn indexed(&mut self, index: &IndexFacts) -> Answered {
        let mut answered = Answered::default();
        self.references.own_scope += u64::from(index.own_scope);
        for reference in &index.references {
            if self.reference(index, reference) {
                answered.add(reference.said, reference.sites);
            }
        }
        self.implementations(index);
        answered
    }

    /// Adds the edge of a reference; answers whether there is something to be said of it.
    fn reference(&mut self, index: &IndexFacts, reference: &SymbolReference) -> bool {
        let sites = u64::from(reference.sites);
        let found = self.find(index, reference);
        let (from, role) = match reference.context {
            Context::Use(role) => (self.source(reference.source), Some(role)),
            Context::Import | Context::Reexport => (self.source(None), None),
        };
        let Some(from) = from else { return false };
        let asked = Asked { source: reference.source, role: role.unwrap_or(Role::Read), sites: reference.sites };
        let evidence = if index.guessed && role == Some(Role::Call) { GUESSED } else { SURE };
        match found {
            Found::Whole(file, Some(entity)) => {
                self.references.direct += sites;
                if role.is_none() {
                    self.import(reference, (file, Some(entity)), evidence);
                    return true;
                }
                // A name that is a type and a value has a symbol for each, and both stand at every use.
                let asks_for_type = self.asks_for_type(reference.source, asked.role);
                let holder = self.linker.files.get(file as usize);
                let entity = holder.map_or(entity, |holder| holder.as_asked(entity, asks_for_type));
                // Making an instance runs the constructor, which is what an index points to, and uses the class.
                if role == Some(Role::Call)
                    && let Some(class) = self.linker.class_of_constructor(file, entity)
                {
                    self.link(from.clone(), (file, class), EdgeKind::Calls, evidence);
                }
                self.answer(asked, from, (file, entity), evidence);
                true
            }
            Found::Whole(file, None) => {
                self.references.direct += sites;
                if role.is_none() {
                    self.import(reference, (file, None), evidence);
                } else if file != self.id {
                    let edge = Edge { access: BTreeSet::from([access(asked.role)]), ..Edge::new(evidence) };
                    self.add(from, self.of_file(file), EdgeKind::References, edge);
                }
                // What the syntax makes of the module's name leads further.
                false
            }
            Found::Part(file, entity) => {
                if self.is_inside(reference.source, (file, entity)) {
                    self.references.own_scope += sites;
                    self.count(asked, Outcome::Miss("localValue"));
                    return true;
                }
                self.references.lifted += sites;
                if role.is_none() {
                    self.import(reference, (file, Some(entity)), THROUGH_A_PART);
                    return true;
                }
                if let Some(to) = self.of_entity(file, entity).filter(|to| *to != from) {
                    let member = reference.member.and_then(|name| index.names.get(name as usize));
                    let edge = Edge {
                        access: BTreeSet::from([access(asked.role)]),
                        members: member.cloned().into_iter().collect(),
                        ..Edge::new(THROUGH_A_PART)
                    };
                    self.add(from, to, EdgeKind::References, edge);
                }
                self.count(asked, Outcome::Miss("unknownMember"));
                true
            }
            Found::Package(package) => {
                self.references.package += sites;
                // The import statement names the package itself.
                if role.is_some() {
                    self.answer_package(asked, from, package, evidence);
                }
                true
            }
            Found::Nothing => {
                let why = match reference.form {
                    SymbolForm::Key => "objectKey",
                    SymbolForm::Parameter => "parameter",
                    SymbolForm::Module => "module",
                    _ if reference.base == 0 => "noDefinition",
                    _ => "noOwner",
                };
                *self.references.unresolved.entry(why).or_default() += sites;
                false
            }
        }
    }

    fn import(&mut self, reference: &SymbolReference, to: (FileId, Option<u32>), evidence: Evidence) {
        let to = match to {
            (file, Some(entity)) => self.of_entity(file, entity),
            (file, None) => Some(self.of_file(file)),
        };
        if let Some(to) = to {
            let reexport = reference.context == Context::Reexport;
            self.add(self.of_file(self.id), to, EdgeKind::Imports, Edge { reexport, ..Edge::new(evidence) });
        }
    }

    fn find(&self, index: &IndexFacts, reference: &SymbolReference) -> Found {
        let symbols = &self.linker.symbols;
        if let Some((file, entity)) = symbols.get(reference.symbol) {
            return Found::Whole(file, entity);
        }
        if let Some((file, Some(entity))) = Some(reference.base).filter(|base| *base != 0).and_then(|b| symbols.get(b))
        {
            return Found::Part(file, entity);
        }
        let Some(package) = index.packages.get(reference.package as usize) else { return Found::Nothing };
        let in_repository = symbols.packages.contains(&(package.manager.clone(), package.name.clone()));
        if in_repository || package.name.is_empty() {
            return Found::Nothing;
        }
        // The import statement knows the package by the name that it is installed under.
        let stated = match reference.said {
            Said::Use(used) => self.file.facts.links.uses.get(used as usize),
            _ => None,
        };
        match stated.map(|used| self.linker.resolve(self.id, &used.path).meaning) {
            Some(Meaning::Package(package)) => Found::Package(package),
            _ => Found::Package(outside(package)),
        }
    }

    /// Methods that stand for others, and classes with their bases: the kind of the other decides what it is.
    fn implementations(&mut self, index: &IndexFacts) {
        for implementation in &index.implementations {
            let Some((file, Some(entity))) = self.linker.symbols.get(implementation.symbol) else { continue };
            let of = self.linker.files.get(file as usize);
            let parent = of.and_then(|file| file.facts.entities.get(entity as usize)?.parent);
            let Some(EntityKind::Method) = self.file.kind(implementation.entity) else { continue };
            let of_interface = parent
                .and_then(|parent| of?.kind(parent))
                .is_some_and(|kind| matches!(kind, EntityKind::Interface | EntityKind::Type | EntityKind::Trait));
            let kind = if of_interface { EdgeKind::Implements } else { EdgeKind::Overrides };
            if let Some(from) = self.of_entity(self.id, implementation.entity) {
                self.link(from, (file, entity), kind, SURE);
            }
        }
    }
}

impl Linker<'_> {
    /// The class whose constructor this is.
    fn class_of_constructor(&self, file: FileId, entity: u32) -> Option<u32> {
        let known = self.files.get(file as usize)?.facts.entities.get(entity as usize)?;
        let constructs = known.kind == EntityKind::Method && matches!(known.name.as_str(), "constructor" | "__init__");
        known.parent.filter(|_| constructs)
    }
}

fn access(role: Role) -> Access {
    match role {
        Role::Type | Role::Extends | Role::Implements => Access::Type,
        Role::Write => Access::Write,
        Role::Read | Role::Call | Role::MemberOf => Access::Read,
    }
}

/// A package by the names that import statements would give it.
fn outside(package: &PackageName) -> Package {
    let named = |manager: &'static str, name: &str| Package { manager: manager.into(), name: name.to_owned() };
    match package.manager.as_str() {
        "npm" => match package.name.strip_prefix("@types/") {
            Some("node") => named("node", "node"),
            // `@types/a__b` describes `@a/b`.
            Some(typed) => match typed.split_once("__") {
                Some((scope, name)) => named("npm", &format!("@{scope}/{name}")),
                None => named("npm", typed),
            },
            None => named("npm", &package.name),
        },
        "python" => {
            let top = package.module.split('.').next().filter(|top| !top.is_empty()).unwrap_or(&package.name);
            named(if standard::is_python(top) { "python" } else { "pypi" }, top)
        }
        "gomod" => named("go", &package.name),
        other => Package { manager: other.to_owned().into(), name: package.name.clone() },
    }
}

/// Adds what linking found of a covered file.
pub(super) fn add_file(summary: &mut LinkSummary, file: &File, index: &IndexFacts, found: &OfFile) {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let (definitions, references, of) = (&mut summary.definitions, &mut summary.references, &found.references);
    definitions.entities += u64::from(index.entities);
    definitions.joined += u64::from(index.joined);
    definitions.from_index += count(file.facts.entities.len()).saturating_sub(u64::from(index.entities));
    references.direct += of.direct;
    references.lifted += of.lifted;
    references.own_scope += of.own_scope;
    references.package += of.package;
    let unresolved: u64 = of.unresolved.values().sum();
    references.unresolved += unresolved;
    references.total += of.direct + of.lifted + of.own_scope + of.package + unresolved;
    for (why, sites) in &of.unresolved {
        *summary.unresolved.entry((*why).to_owned()).or_default() += sites;
    }
    summary.covered_entities += count(file.facts.entities.len()) + 1;
    let mut edges = |kind: EdgeKind, n: u64| {
        if n > 0 {
            *summary.covered_edges.entry(kind.as_str().to_owned()).or_default() += n;
        }
    };
    edges(EdgeKind::Contains, count(file.facts.entities.len()));
    let owned = file.facts.entities.iter().filter(|entity| {
        let owner = entity.parent.and_then(|owner| file.kind(owner));
        graph::is_member(entity.kind) && owner.is_some_and(graph::has_members)
    });
    edges(EdgeKind::MemberOf, count(owned.count()));
    for edge in &found.links.edges {
        edges(edge.kind, 1);
    }
}
