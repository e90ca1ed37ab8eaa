//! Methods that stand for a method of a base class or an interface.

use std::collections::{HashSet, VecDeque};

use graph_store::EntityKind;

use super::{FileId, Linker, fuel::Tank, resolve::Meaning};

/// How many bases are looked at for one method.
const MAX_BASES: usize = 64;
/// Every class has its own; having one replaces nothing.
const CONSTRUCTORS: [&str; 4] = ["constructor", "__init__", "__new__", "__post_init__"];

/// A method of a base.
pub(super) struct Inherited {
    pub(super) file: FileId,
    pub(super) method: u32,
    /// Whether it only says what has to be there.
    pub(super) of_interface: bool,
}

impl Linker<'_> {
    /// The nearest method of each base that a method stands for.
    pub(super) fn inherited_methods(&self, file: FileId, method: u32) -> Vec<Inherited> {
        let mut found = Vec::new();
        let Some(entity) = self.files.get(file as usize).and_then(|f| f.facts.entities.get(method as usize)) else {
            return found;
        };
        let Some(class) = entity.parent.filter(|_| !CONSTRUCTORS.contains(&entity.name.as_str())) else {
            return found;
        };
        let tank = Tank::full();
        let mut seen = HashSet::from([(file, class)]);
        let mut waiting = VecDeque::from([(file, class)]);
        while let Some(at) = waiting.pop_front() {
            for base in self.bases(at, tank.fuel()) {
                let Meaning::Entity(of, base) = base else { continue };
                if seen.len() >= MAX_BASES || !seen.insert((of, base)) {
                    continue;
                }
                let Some(source) = self.files.get(of as usize) else { continue };
                match source.members.get(&(base, entity.name.clone())) {
                    Some(method) if source.kind(*method) == Some(EntityKind::Method) => {
                        let of_interface = matches!(
                            source.kind(base),
                            Some(EntityKind::Interface | EntityKind::Type | EntityKind::Trait)
                        );
                        found.push(Inherited { file: of, method: *method, of_interface });
                    }
                    // What is further up is replaced by the nearer one already.
                    _ => waiting.push_back((of, base)),
                }
            }
        }
        found
    }

    /// What a CommonJS module exports as a whole.
    pub(super) fn default_of(&self, meaning: &Meaning) -> Option<Meaning> {
        let Meaning::Required(module) = meaning else { return None };
        self.default_export(*module, Tank::full().fuel())
    }
}
