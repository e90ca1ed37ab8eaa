//! Uses of names as they are noted during the walk, and the paths they turn out to be.

use std::collections::{BTreeMap, HashMap};

use super::entities::{Draft, Export as Visibility};
use super::flat_tree::{NONE, NodeId};
use super::links::{self, Evidence, Export, Import, Imported, Links, NamePath, Role, Root, Step, TypeOf, Unresolved};
use super::model::{Said, Site, Statement, StatementForm};
use super::scope::{FILE_SCOPE, NameId, ScopeId, Scopes, Target};

/// How many steps a path may have; chains of calls can be as long as the file.
const MAX_STEPS: usize = 12;
/// How many declarations are followed from a value to its type.
const MAX_ALIASES: usize = 8;
/// Stands for [`Step::Result`] among the members of a noted path.
pub(super) const RESULT: NameId = NONE - 1;

/// Who uses a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A definition, or the file with [`NONE`].
    Definition(u32),
    /// A decorator stands before what it decorates: the definition made of this node, or else the other owner.
    Upcoming(NodeId, u32),
}

/// Where a noted path starts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// A use of a name, by its number from [`Scopes::refer`].
    Reference(u32),
    /// Names that can mean a value or a type: the first of two references.
    Either(u32),
    /// `this`, `self`: an instance of the class.
    Own(u32),
    /// `super`: an instance of the bases of the class.
    Base(u32),
    /// What an import brings that has no name of its own: `require("x").f()`.
    Import(u32),
}

/// A path as it was written: its start, and the members from there.
#[derive(Clone, Copy)]
struct Noted {
    start: Start,
    members: (u32, u32),
}

pub(super) type NotedId = u32;

/// Classes by the order in which the walk met them; some have no definition.
#[derive(Default)]
pub(super) struct Classes {
    entities: Vec<u32>,
}

impl Classes {
    pub(super) fn add(&mut self, entity: u32) -> u32 {
        self.entities.push(entity);
        u32::try_from(self.entities.len()).unwrap_or(NONE).saturating_sub(1)
    }

    pub(super) fn entity(&self, class: u32) -> u32 {
        self.entities.get(class as usize).copied().unwrap_or(NONE)
    }
}

#[derive(Default)]
pub(super) struct Uses {
    noted: Vec<Noted>,
    members: Vec<NameId>,
    sites: Vec<(Owner, Role, NotedId, u32)>,
    types: Vec<(u32, NameId, NotedId)>,
    imports: Vec<(NameId, WhatName, bool, bool)>,
    exports: Vec<(NameId, NotedId)>,
    exported_definitions: Vec<(NameId, u32)>,
    star_exports: Vec<u32>,
    /// Declarations that are the default export, by their node.
    default_exports: Vec<NodeId>,
    unresolved: Vec<(Owner, Unresolved, u32)>,
    statements: Vec<Statement>,
    accessors: Vec<u32>,
    /// Definitions by the node they were made of, for decorators and default exports.
    upcoming: HashMap<NodeId, u32>,
    package: Option<NameId>,
}

/// [`Imported`] with a name that is not in the file's table yet.
#[derive(Clone, Copy)]
pub(super) enum WhatName {
    Module,
    Required,
    Default,
    Name(NameId),
    Everything,
    Nothing,
}

impl Uses {
    /// Notes a path; its members are in source order.
    pub(super) fn path(&mut self, start: Start, members: impl IntoIterator<Item = NameId>) -> NotedId {
        let from = count(self.members.len());
        self.members.extend(members);
        self.noted.push(Noted { start, members: (from, count(self.members.len())) });
        count(self.noted.len()).saturating_sub(1)
    }

    /// Notes a use; `at` is where the last name of the path stands.
    pub(super) fn site(&mut self, owner: Owner, role: Role, path: NotedId, at: u32) {
        self.sites.push((owner, role, path, at));
    }

    pub(super) fn unresolved_call(&mut self, owner: Owner, why: Unresolved, at: u32) {
        self.unresolved.push((owner, why, at));
    }

    pub(super) fn statement(&mut self, form: StatementForm, start: u32, end: u32) {
        self.statements.push(Statement { form, start, end });
    }

    /// What a definition gives; `member` is [`NONE`] for the definition itself.
    pub(super) fn type_of(&mut self, definition: u32, member: NameId, path: NotedId) {
        if definition != NONE {
            self.types.push((definition, member, path));
        }
    }

    pub(super) fn accessor(&mut self, definition: u32) {
        self.accessors.push(definition);
    }

    pub(super) fn import(&mut self, module: NameId, imported: WhatName) -> u32 {
        self.add_import(module, imported, false, true)
    }

    /// A step on the way to a module that a statement names.
    pub(super) fn import_on_the_way(&mut self, module: NameId) -> u32 {
        self.add_import(module, WhatName::Module, false, false)
    }

    pub(super) fn reexport(&mut self, module: NameId, imported: WhatName) -> u32 {
        self.add_import(module, imported, true, true)
    }

    fn add_import(&mut self, module: NameId, imported: WhatName, reexport: bool, stated: bool) -> u32 {
        self.imports.push((module, imported, reexport, stated));
        count(self.imports.len()).saturating_sub(1)
    }

    pub(super) fn export(&mut self, name: NameId, path: NotedId) {
        self.exports.push((name, path));
    }

    pub(super) fn export_definition(&mut self, name: NameId, definition: u32) {
        self.exported_definitions.push((name, definition));
    }

    pub(super) fn export_everything(&mut self, import: u32) {
        self.star_exports.push(import);
    }

    pub(super) fn export_default(&mut self, declaration: NodeId) {
        self.expect(declaration);
        self.default_exports.push(declaration);
    }

    pub(super) fn belongs_to_package(&mut self, name: NameId) {
        self.package = Some(name);
    }

    /// Says that something waits for the definition made of `node`.
    pub(super) fn expect(&mut self, node: NodeId) {
        self.upcoming.entry(node).or_insert(NONE);
    }

    pub(super) fn made(&mut self, node: NodeId, entity: u32) {
        if !self.upcoming.is_empty()
            && let Some(waiting) = self.upcoming.get_mut(&node)
        {
            *waiting = entity;
        }
    }

    fn definition_of(&self, node: NodeId) -> Option<u32> {
        self.upcoming.get(&node).copied().filter(|index| *index != NONE)
    }

    /// Turns what was noted into paths. `default` is the name of a default export.
    pub(super) fn finish(
        mut self,
        scopes: &mut Scopes<'_>,
        classes: &Classes,
        drafts: &[Draft],
        rules: Rules,
        places: bool,
    ) -> Linked {
        let statements = std::mem::take(&mut self.statements);
        let mut places = Places::new(places);
        let meaning = scopes.resolve();
        let default = scopes.name(b"default");
        let mut names = Names { scopes, index: HashMap::new(), texts: Vec::new() };
        let imports = self.imports.iter().map(|(module, imported, reexport, stated)| Import {
            module: names.index(*module),
            imported: match *imported {
                WhatName::Module => Imported::Module,
                WhatName::Required => Imported::Required,
                WhatName::Default => Imported::Default,
                WhatName::Name(name) => Imported::Name(names.index(name)),
                WhatName::Everything => Imported::Everything,
                WhatName::Nothing => Imported::Nothing,
            },
            reexport: *reexport,
            stated: *stated,
        });
        let imports: Vec<Import> = imports.collect();
        let lookup = Lookup { uses: &self, meaning: &meaning, classes };
        let unbound_may_be_elsewhere = rules.unbound_may_be_elsewhere
            || self
                .imports
                .iter()
                .any(|(_, imported, reexport, _)| matches!(imported, WhatName::Everything) && !reexport);
        let mut unresolved: BTreeMap<Unresolved, u32> = BTreeMap::new();
        for (owner, why, at) in &self.unresolved {
            *unresolved.entry(*why).or_default() += 1;
            places.add(*at, self.owner(*owner), Role::Call, Said::Unresolved(*why));
        }
        let mut uses: HashMap<(Option<u32>, Role, NamePath), Merged> = HashMap::new();
        for (owner, role, noted, at) in &self.sites {
            let source = self.owner(*owner);
            let said = match lookup.expand(*noted, Wanted::Use, &mut names) {
                Expanded::Path(path, evidence) => {
                    // A definition's own name token, or a value that is a constant of it, is no use of it.
                    let own = path.steps.is_empty() && source.map(Root::Definition) == Some(path.root);
                    let unbound = matches!(path.root, Root::Unbound(_)) && !unbound_may_be_elsewhere;
                    if *role == Role::Call && unbound {
                        Said::Unresolved(Unresolved::Builtin)
                    } else if unbound || own && *role != Role::Call {
                        Said::Nothing
                    } else {
                        let ordinal = count(uses.len());
                        let merged =
                            uses.entry((source, *role, path)).or_insert(Merged { evidence, sites: 0, ordinal });
                        merged.evidence = merged.evidence.min(evidence);
                        merged.sites = merged.sites.saturating_add(1);
                        Said::Use(merged.ordinal)
                    }
                }
                Expanded::Unresolved(why) if *role == Role::Call => Said::Unresolved(why),
                Expanded::Unresolved(_) => Said::Nothing,
            };
            if let Said::Unresolved(why) = said {
                *unresolved.entry(why).or_default() += 1;
            }
            places.add(*at, source, *role, said);
        }
        let mut exports: Vec<Export> = Vec::new();
        for (name, noted) in &self.exports {
            if let Expanded::Path(path, _) = lookup.expand(*noted, Wanted::Use, &mut names) {
                exports.push(Export { name: Some(names.index(*name)), path });
            }
        }
        for node in &self.default_exports {
            if let Some(definition) = self.definition_of(*node) {
                let path = NamePath { root: Root::Definition(definition), steps: Vec::new() };
                exports.push(Export { name: Some(names.index(default)), path });
            }
        }
        for (name, definition) in &self.exported_definitions {
            let path = NamePath { root: Root::Definition(*definition), steps: Vec::new() };
            exports.push(Export { name: Some(names.index(*name)), path });
        }
        // The last of several definitions of a name is the one that others get.
        for (index, draft) in drafts.iter().enumerate().rev() {
            let of_file = draft.scope == FILE_SCOPE && draft.name_id != NONE;
            let seen = rules.everything_is_exported || (draft.definition.exported && draft.export != Visibility::No);
            if let Some(root) = u32::try_from(index).ok().filter(|_| of_file && seen) {
                let path = NamePath { root: Root::Definition(root), steps: Vec::new() };
                exports.push(Export { name: Some(names.index(draft.name_id)), path });
            }
        }
        if rules.everything_is_exported {
            for (name, import) in names.scopes.imports_of_file().iter().copied() {
                let path = NamePath { root: Root::Import(import), steps: Vec::new() };
                exports.push(Export { name: Some(names.index(name)), path });
            }
        }
        for import in &self.star_exports {
            let path = NamePath { root: Root::Import(*import), steps: Vec::new() };
            exports.push(Export { name: None, path });
        }
        let types = self.types.iter().filter_map(|(definition, member, noted)| {
            let Expanded::Path(path, _) = lookup.expand(*noted, Wanted::Type, &mut names) else { return None };
            let own = path.steps.is_empty() && path.root == Root::Definition(*definition)
                || matches!(path.root, Root::Unbound(_)) && !unbound_may_be_elsewhere;
            let member = (*member != NONE).then(|| names.index(*member));
            (!own).then_some(TypeOf { definition: *definition, member, path })
        });
        let types = types.collect();
        let package = self.package.map(|name| names.index(name));
        let mut uses: Vec<(links::Use, u32)> = uses
            .into_iter()
            .map(|((source, role, path), Merged { evidence, sites, ordinal })| {
                (links::Use { source, role, path, evidence, sites }, ordinal)
            })
            .collect();
        uses.sort_unstable_by(|(a, _), (b, _)| (a.source, a.role, &a.path).cmp(&(b.source, b.role, &b.path)));
        let sites = places.ordered(uses.iter().map(|(_, ordinal)| *ordinal));
        let uses = uses.into_iter().map(|(used, _)| used).collect();
        let unresolved = unresolved.into_iter().collect();
        let accessors = self.accessors.clone();
        let links = Links { names: names.texts, package, imports, exports, types, accessors, uses, unresolved };
        Linked { links, sites, statements }
    }

    fn owner(&self, owner: Owner) -> Option<u32> {
        let owner = match owner {
            Owner::Definition(index) => index,
            Owner::Upcoming(node, otherwise) => self.definition_of(node).unwrap_or(otherwise),
        };
        (owner != NONE).then_some(owner)
    }
}

/// What [`Uses::finish`] makes.
pub(super) struct Linked {
    pub(super) links: Links,
    pub(super) sites: Vec<Site>,
    pub(super) statements: Vec<Statement>,
}

/// Uses of one path by one definition in one role.
struct Merged {
    evidence: Evidence,
    sites: u32,
    /// How many others were met before.
    ordinal: u32,
}

/// The places of uses, for those who ask.
pub(super) struct Places {
    sites: Vec<Site>,
    wanted: bool,
}

impl Places {
    pub(super) fn new(wanted: bool) -> Self {
        Self { sites: Vec::new(), wanted }
    }

    /// Adds a place; a use is meant by its ordinal until [`Self::ordered`].
    pub(super) fn add(&mut self, at: u32, source: Option<u32>, role: Role, said: Said) {
        if self.wanted {
            self.sites.push(Site { at, source, role, said });
        }
    }

    /// The places in order; `ordinals` are those of the uses in the order in which they are kept.
    pub(super) fn ordered(mut self, ordinals: impl ExactSizeIterator<Item = u32>) -> Vec<Site> {
        if !self.wanted {
            return Vec::new();
        }
        let mut kept = vec![0; ordinals.len()];
        for (index, ordinal) in ordinals.enumerate() {
            if let Some(slot) = kept.get_mut(ordinal as usize) {
                *slot = count(index);
            }
        }
        for site in &mut self.sites {
            if let Said::Use(ordinal) = &mut site.said {
                *ordinal = kept.get(*ordinal as usize).copied().unwrap_or(NONE);
            }
        }
        self.sites.sort_unstable_by_key(|site| (site.at, site.role, site.source, site.said));
        self.sites
    }
}

/// How a language treats names.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// Every name of the file's own scope can be imported, those that it imported itself too (Python, Go).
    pub(super) everything_is_exported: bool,
    /// A name that nothing binds may come from another file of the package. It may as well where a star import is.
    pub(super) unbound_may_be_elsewhere: bool,
}

/// The names that the result refers to.
struct Names<'a, 's> {
    scopes: &'a Scopes<'s>,
    index: HashMap<NameId, u32>,
    texts: Vec<String>,
}

impl Names<'_, '_> {
    fn index(&mut self, name: NameId) -> u32 {
        let next = count(self.texts.len());
        *self.index.entry(name).or_insert_with(|| {
            self.texts.push(String::from_utf8_lossy(self.scopes.text(name)).into_owned());
            next
        })
    }
}

/// Whether a local value itself is asked for, or what it is an instance of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Use,
    Type,
}

enum Expanded {
    Path(NamePath, Evidence),
    Unresolved(Unresolved),
}

struct Lookup<'a> {
    uses: &'a Uses,
    meaning: &'a [Option<Target>],
    classes: &'a Classes,
}

impl Lookup<'_> {
    fn meaning(&self, reference: u32) -> Option<Target> {
        self.meaning.get(reference as usize).copied().flatten()
    }

    /// Follows local values to what they were declared as.
    fn expand(&self, noted: NotedId, wanted: Wanted, names: &mut Names<'_, '_>) -> Expanded {
        let mut at = noted;
        let mut evidence = Evidence::Lexical;
        // Innermost last; each part in source order.
        let mut parts: Vec<(u32, u32)> = Vec::new();
        for followed in 0..=MAX_ALIASES {
            let Some(Noted { start, members }) = self.uses.noted.get(at as usize).copied() else { break };
            parts.push(members);
            let plain = members.0 == members.1;
            let unknown = if plain { Unresolved::LocalValue } else { Unresolved::UntypedReceiver };
            let reference = match start {
                Start::Reference(reference) => reference,
                Start::Either(first) if self.meaning(first).is_some() => first,
                Start::Either(first) => first.saturating_add(1),
                Start::Own(class) => return self.of_class(class, Root::Definition, &parts, names),
                Start::Base(class) => return self.of_class(class, Root::BaseOf, &parts, names),
                Start::Import(import) => return path(self, Root::Import(import), &parts, evidence, names),
            };
            let root = match self.meaning(reference) {
                Some(Target::Callable(entity) | Target::Variable(entity)) => Root::Definition(entity),
                Some(Target::Import(import)) => Root::Import(import),
                Some(Target::Receiver(class)) => {
                    return if plain && followed == 0 && wanted == Wanted::Use {
                        Expanded::Unresolved(Unresolved::LocalValue)
                    } else {
                        self.of_class(class, Root::Definition, &parts, names)
                    };
                }
                Some(Target::Instance(declared)) => {
                    // The value itself is a local; only what it holds can be known elsewhere.
                    if followed == 0 && plain && wanted == Wanted::Use {
                        return Expanded::Unresolved(Unresolved::LocalValue);
                    }
                    evidence = Evidence::Typed;
                    at = declared;
                    continue;
                }
                Some(Target::Opaque | Target::Global | Target::Nonlocal) => return Expanded::Unresolved(unknown),
                None => {
                    let Some(name) = names.scopes.name_of(reference) else { break };
                    Root::Unbound(names.index(name))
                }
            };
            return path(self, root, &parts, evidence, names);
        }
        Expanded::Unresolved(Unresolved::UntypedReceiver)
    }

    fn of_class(&self, class: u32, root: fn(u32) -> Root, parts: &[(u32, u32)], names: &mut Names<'_, '_>) -> Expanded {
        match self.classes.entity(class) {
            NONE => Expanded::Unresolved(Unresolved::UntypedReceiver),
            entity => path(self, root(entity), parts, Evidence::Receiver, names),
        }
    }
}

fn path(
    lookup: &Lookup<'_>,
    root: Root,
    parts: &[(u32, u32)],
    evidence: Evidence,
    names: &mut Names<'_, '_>,
) -> Expanded {
    let mut steps = Vec::new();
    for (from, to) in parts.iter().rev() {
        for member in lookup.uses.members.get(*from as usize..*to as usize).unwrap_or_default() {
            if steps.len() == MAX_STEPS {
                return Expanded::Unresolved(Unresolved::UntypedReceiver);
            }
            steps.push(if *member == RESULT { Step::Result } else { Step::Member(names.index(*member)) });
        }
    }
    Expanded::Path(NamePath { root, steps }, evidence)
}

/// Where the walk stands with respect to uses.
#[derive(Clone, Copy)]
pub(super) struct UseContext {
    pub(super) owner: Owner,
    pub(super) scope: ScopeId,
    /// The class `this` and `super` belong to.
    pub(super) class: u32,
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}
