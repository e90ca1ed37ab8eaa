//! Following a path of names: through imports and re-exports, into classes and their bases, along declared types.

use std::collections::{HashMap, HashSet, VecDeque};

use graph_store::EntityKind;

use super::{
    Family, FileId, Linker, Package,
    fuel::{Fuel, Tank},
};
use crate::syntax::links::{Imported, NamePath, Role, Root, Step};

/// How many modules are searched for one name that comes through `export *`.
const MAX_STAR_MODULES: usize = 512;
/// How many bases are searched for one member.
const MAX_BASES: usize = 64;

/// What a path means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A definition.
    Entity(FileId, u32),
    /// A member that has no entity of its own; what is known is what it belongs to.
    MemberOf(FileId, u32),
    /// An instance, or what a call returns: not what is named but what it is of.
    InstanceOf(FileId, u32),
    /// A field without an entity of its own: what it belongs to, and what it holds.
    Field((FileId, u32), Box<Meaning>),
    /// A module that is a file.
    Module(FileId),
    /// What `require` gives: a module or what it exports as a whole.
    Required(FileId),
    /// A folder that is a module: a namespace package of Python, a package of Go.
    Folder(u32),
    /// Something of a package outside of the repository.
    Package(Package),
    /// The module is of the repository, and has no such name; or there is no such file.
    Missing,
    /// Nothing is known.
    Unknown,
}

/// A meaning, and what was met on the way to it.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) meaning: Meaning,
    /// Definitions that the path leads through, each a use of it.
    pub(super) through: Vec<(FileId, u32)>,
    /// Found through a type, a base or a star: less sure than a name.
    pub(super) indirect: bool,
}

impl Resolved {
    fn of(meaning: Meaning) -> Self {
        Self { meaning, through: Vec::new(), indirect: false }
    }
}

impl Linker<'_> {
    pub(super) fn resolve(&self, file: FileId, path: &NamePath) -> Resolved {
        self.follow(file, path, Tank::full().fuel())
    }

    fn follow(&self, file: FileId, path: &NamePath, fuel: Fuel<'_>) -> Resolved {
        let Some(fuel) = fuel.spend() else { return Resolved::of(Meaning::Unknown) };
        let Some(source) = self.files.get(file as usize) else { return Resolved::of(Meaning::Unknown) };
        let mut steps = path.steps.iter();
        let mut at = match path.root {
            Root::Definition(entity) => Resolved::of(Meaning::Entity(file, entity)),
            Root::Import(import) => self.import(file, import, fuel),
            Root::Unbound(name) => self.unbound(file, source.facts.links.name(name), fuel),
            Root::BaseOf(entity) => {
                let meaning = match steps.next() {
                    Some(Step::Member(name)) => {
                        let name = source.facts.links.name(*name);
                        self.inherited((file, entity), name, fuel).unwrap_or(Meaning::Unknown)
                    }
                    // `super(..)`: the constructor of the base.
                    _ => self.first_base(file, entity, fuel).unwrap_or(Meaning::Unknown),
                };
                Resolved { meaning, through: Vec::new(), indirect: true }
            }
        };
        for step in steps {
            if let Meaning::Entity(of, entity) = at.meaning
                && let Some(holder) = self.files.get(of as usize)
            {
                at.meaning = Meaning::Entity(of, holder.as_asked(entity, false));
            }
            // Only what the path names is used by it, not what a type says of it.
            if let Meaning::Entity(of, entity) = at.meaning {
                at.through.push((of, entity));
            }
            at = match step {
                Step::Member(name) => self.member(at, source.facts.links.name(*name), fuel),
                Step::Result => self.result(at, fuel),
            };
        }
        at
    }

    /// What an import statement brings.
    pub(super) fn import(&self, file: FileId, import: u32, fuel: Fuel<'_>) -> Resolved {
        let Some(source) = self.files.get(file as usize) else { return Resolved::of(Meaning::Unknown) };
        let module = self.module_of_import(file, import);
        let Some(import) = source.facts.links.imports.get(import as usize) else {
            return Resolved::of(Meaning::Unknown);
        };
        let meaning = match (import.imported, module) {
            (Imported::Required, Meaning::Module(module)) => Meaning::Required(module),
            (Imported::Module | Imported::Required | Imported::Everything | Imported::Nothing, module) => module,
            (Imported::Default, Meaning::Module(module)) => match self.exported(module, "default", fuel) {
                Some(found) => return found,
                // A module without a default export is CommonJS: what it exports is the default.
                None => Meaning::Required(module),
            },
            (Imported::Name(name), module @ (Meaning::Module(_) | Meaning::Folder(_))) => {
                return self.member(Resolved::of(module), source.facts.links.name(name), fuel);
            }
            (_, other) => other,
        };
        Resolved::of(meaning)
    }

    /// A name that its file does not bind: of its package, or of a star import.
    fn unbound(&self, file: FileId, name: &str, fuel: Fuel<'_>) -> Resolved {
        let Some(source) = self.files.get(file as usize) else { return Resolved::of(Meaning::Unknown) };
        if source.family == Family::Go
            && let Some((of, entity)) = self.go.name(file, name)
        {
            return Resolved::of(Meaning::Entity(of, entity));
        }
        // The last star import wins, as it does at run time. Of packages it is not known what names they have.
        for (index, import) in source.facts.links.imports.iter().enumerate().rev() {
            if import.imported != Imported::Everything || import.reexport {
                continue;
            }
            let module = self.module_of_import(file, u32::try_from(index).unwrap_or(u32::MAX));
            if matches!(module, Meaning::Module(_) | Meaning::Folder(_)) {
                let found = self.member(Resolved::of(module), name, fuel);
                if !matches!(found.meaning, Meaning::Missing | Meaning::Unknown) {
                    return Resolved { indirect: true, ..found };
                }
            }
        }
        Resolved::of(Meaning::Unknown)
    }

    /// A name that a module exports, its own or handed on.
    fn exported(&self, module: FileId, name: &str, fuel: Fuel<'_>) -> Option<Resolved> {
        let fuel = fuel.spend()?;
        let mut seen = HashSet::from([module]);
        let mut waiting = VecDeque::from([module]);
        let mut first = true;
        while let Some(at) = waiting.pop_front() {
            let source = self.files.get(at as usize)?;
            if let Some(export) = source.exports.get(name).and_then(|i| source.facts.links.exports.get(*i as usize)) {
                let found = self.follow(at, &export.path, fuel);
                return Some(Resolved { through: Vec::new(), indirect: found.indirect || !first, ..found });
            }
            first = false;
            if name == "default" {
                return None;
            }
            let imports = source.facts.links.imports.iter().zip(0..);
            for (_, import) in imports.filter(|(import, _)| import.imported == Imported::Everything) {
                if let Meaning::Module(next) = self.module_of_import(at, import)
                    && seen.len() < MAX_STAR_MODULES
                    && seen.insert(next)
                {
                    waiting.push_back(next);
                }
            }
        }
        None
    }

    pub(super) fn default_export(&self, module: FileId, fuel: Fuel<'_>) -> Option<Meaning> {
        self.exported(module, "default", fuel).map(|found| found.meaning)
    }

    fn member(&self, of: Resolved, name: &str, fuel: Fuel<'_>) -> Resolved {
        let Resolved { meaning, through, indirect } = of;
        let (meaning, indirectly) = match meaning {
            Meaning::Module(module) => match self.exported(module, name, fuel) {
                Some(found) => (found.meaning, found.indirect),
                None => (self.submodule(module, name).unwrap_or(Meaning::Missing), false),
            },
            Meaning::Required(module) => match self.exported(module, name, fuel) {
                Some(found) => (found.meaning, found.indirect),
                None => match self.exported(module, "default", fuel) {
                    Some(default) => (self.member(default, name, fuel.lowered()).meaning, true),
                    None => (Meaning::Missing, false),
                },
            },
            Meaning::Folder(folder) => (self.member_of_folder(folder, name), false),
            Meaning::Entity(file, entity) | Meaning::InstanceOf(file, entity) => {
                return self.member_of_entity((file, entity), name, through, indirect, fuel);
            }
            Meaning::Field(_, of) => {
                return self.member(Resolved { meaning: *of, through, indirect: true }, name, fuel.lowered());
            }
            Meaning::MemberOf(..) | Meaning::Unknown => (Meaning::Unknown, true),
            Meaning::Package(package) => (Meaning::Package(package), indirect),
            Meaning::Missing => (Meaning::Missing, false),
        };
        Resolved { meaning, through, indirect: indirect || indirectly }
    }

    fn member_of_entity(
        &self,
        (file, entity): (FileId, u32),
        name: &str,
        through: Vec<(FileId, u32)>,
        indirect: bool,
        fuel: Fuel<'_>,
    ) -> Resolved {
        let found =
            |through, meaning, indirectly: bool| Resolved { meaning, through, indirect: indirect || indirectly };
        let Some(fuel) = fuel.spend() else { return found(through, Meaning::Unknown, true) };
        let Some(source) = self.files.get(file as usize) else { return found(through, Meaning::Unknown, true) };
        match source.kind(entity) {
            Some(EntityKind::Function) | None => return found(through, Meaning::Unknown, true),
            Some(EntityKind::Property | EntityKind::Constant) => {
                let owner = source.facts.entities.get(entity as usize);
                let of = owner.and_then(|p| self.type_of(file, p.parent?, Some(&p.name), fuel));
                return match of {
                    Some(of) => self.member(Resolved { meaning: of, through, indirect: true }, name, fuel),
                    None => found(through, Meaning::Unknown, true),
                };
            }
            // Reading a method and going on is going through a getter.
            Some(EntityKind::Method) => {
                let accessor = source.facts.links.accessors.contains(&entity);
                return match self.type_of(file, entity, None, fuel).filter(|_| accessor) {
                    Some(of) => self.member(Resolved { meaning: of, through, indirect: true }, name, fuel),
                    None => found(through, Meaning::Unknown, true),
                };
            }
            _ => {}
        }
        if let Some(own) = self.own_member((file, entity), name, fuel) {
            return found(through, own, false);
        }
        if let Some(inherited) = self.inherited((file, entity), name, fuel) {
            return found(through, inherited, true);
        }
        // A variable of a known type, or another name of a type.
        if let Some(of) = self.type_of(file, entity, None, fuel)
            && of != Meaning::Entity(file, entity)
        {
            return self.member(Resolved { meaning: of, through, indirect: true }, name, fuel);
        }
        found(through, Meaning::MemberOf(file, entity), true)
    }

    /// A member of a definition by its own text: a method, or a field whose type is known.
    fn own_member(&self, (file, entity): (FileId, u32), name: &str, fuel: Fuel<'_>) -> Option<Meaning> {
        let source = self.files.get(file as usize)?;
        if let Some(member) = source.members.get(&(entity, name.to_owned())) {
            return Some(Meaning::Entity(file, *member));
        }
        if let Some((of, method)) = self.methods.get(&(file, entity)).and_then(|methods| methods.get(name)) {
            return Some(Meaning::Entity(*of, *method));
        }
        let of = self.type_of(file, entity, Some(name), fuel)?;
        Some(Meaning::Field((file, entity), Box::new(of)))
    }

    fn inherited(&self, class: (FileId, u32), name: &str, fuel: Fuel<'_>) -> Option<Meaning> {
        let mut seen = HashSet::from([class]);
        let mut waiting = VecDeque::from([class]);
        let mut outside = None;
        while let Some(at) = waiting.pop_front() {
            if at != class
                && let Some(found) = self.own_member(at, name, fuel)
            {
                return Some(found);
            }
            for base in self.bases(at, fuel) {
                match base {
                    Meaning::Entity(file, entity) if seen.len() < MAX_BASES && seen.insert((file, entity)) => {
                        waiting.push_back((file, entity));
                    }
                    Meaning::Package(package) => outside = outside.or(Some(Meaning::Package(package))),
                    _ => {}
                }
            }
        }
        outside
    }

    /// What a class extends or implements, in the order of the source.
    pub(super) fn bases(&self, (file, entity): (FileId, u32), fuel: Fuel<'_>) -> Vec<Meaning> {
        let Some(fuel) = fuel.spend() else { return Vec::new() };
        let Some(source) = self.files.get(file as usize) else { return Vec::new() };
        let uses = &source.facts.links.uses;
        let from = uses.partition_point(|used| used.source < Some(entity));
        let own = uses.get(from..).unwrap_or_default().iter().take_while(|used| used.source == Some(entity));
        own.filter(|used| matches!(used.role, Role::Extends | Role::Implements))
            .map(|used| self.follow(file, &used.path, fuel).meaning)
            .map(|meaning| self.class_of(meaning, fuel))
            .collect()
    }

    fn first_base(&self, file: FileId, entity: u32, fuel: Fuel<'_>) -> Option<Meaning> {
        self.bases((file, entity), fuel).into_iter().next()
    }

    /// The class behind a name that stands for it: the default of a CommonJS module.
    fn class_of(&self, meaning: Meaning, fuel: Fuel<'_>) -> Meaning {
        match meaning {
            Meaning::Required(module) => self.exported(module, "default", fuel).map_or(Meaning::Unknown, |d| d.meaning),
            other => other,
        }
    }

    /// What a declaration or a value says something is.
    pub(super) fn type_of(&self, file: FileId, entity: u32, member: Option<&str>, fuel: Fuel<'_>) -> Option<Meaning> {
        let fuel = fuel.spend()?;
        let source = self.files.get(file as usize)?;
        let links = &source.facts.links;
        let member = match member {
            None => None,
            Some(name) => Some(links.names.iter().position(|known| known == name).and_then(|n| u32::try_from(n).ok())?),
        };
        let known = links.types.get(*source.types.get(&(entity, member))? as usize)?;
        match self.follow(file, &known.path, fuel).meaning {
            Meaning::Entity(of, entity) | Meaning::InstanceOf(of, entity) => Some(Meaning::InstanceOf(of, entity)),
            Meaning::Package(package) => Some(Meaning::Package(package)),
            Meaning::Required(module) => match self.exported(module, "default", fuel)?.meaning {
                Meaning::Entity(of, entity) => Some(Meaning::InstanceOf(of, entity)),
                other => Some(other),
            },
            _ => None,
        }
    }

    /// What calling something gives.
    fn result(&self, of: Resolved, fuel: Fuel<'_>) -> Resolved {
        let Resolved { meaning, through, .. } = of;
        let meaning = match meaning {
            Meaning::Entity(file, entity) => match self.files.get(file as usize).and_then(|f| f.kind(entity)) {
                Some(EntityKind::Function | EntityKind::Method) => {
                    self.type_of(file, entity, None, fuel).unwrap_or(Meaning::Unknown)
                }
                // In Go, calling a type converts to it.
                Some(EntityKind::Class | EntityKind::Struct | EntityKind::Interface | EntityKind::Type) => {
                    Meaning::InstanceOf(file, entity)
                }
                _ => Meaning::Unknown,
            },
            Meaning::Required(module) => match self.exported(module, "default", fuel) {
                Some(default) => return self.result(default, fuel.lowered()),
                None => Meaning::Unknown,
            },
            Meaning::Package(package) => Meaning::Package(package),
            _ => Meaning::Unknown,
        };
        Resolved { meaning, through, indirect: true }
    }

    /// Methods that are written in another file than their type.
    pub(super) fn methods_of_other_files(&self) -> HashMap<(FileId, u32), HashMap<String, (FileId, u32)>> {
        let mut methods: HashMap<(FileId, u32), HashMap<String, (FileId, u32)>> = HashMap::new();
        for (file, id) in self.files.iter().zip(0..) {
            for used in file.facts.links.uses.iter().filter(|used| used.role == Role::MemberOf) {
                let Some(method) = used.source else { continue };
                if let Meaning::Entity(of, entity) = self.resolve(id, &used.path).meaning
                    && let Some(name) = file.facts.entities.get(method as usize).map(|m| m.name.clone())
                {
                    methods.entry((of, entity)).or_default().insert(name, (id, method));
                }
            }
        }
        methods
    }
}
