//! Lexical scopes of a file: which binding a name means at a place.
//!
//! Scopes are numbered as they open, so the scopes inside one are a run of numbers. Names are resolved all at once
//! after the walk, because declarations are visible before their line: bindings and references of one name are merged
//! in scope order over a stack of the bindings that are open. That takes n log n steps however deep scopes nest, where
//! a search upwards from each reference takes depth times references.

use std::collections::HashMap;

use super::flat_tree::NONE;

pub(super) type ScopeId = u32;
pub(super) type NameId = u32;

/// The scope of the file itself.
pub(super) const FILE_SCOPE: ScopeId = 0;

/// What a name is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// A function or class: more telling than anything else bound to the name in the same scope.
    Callable(u32),
    /// A variable that is an entity.
    Variable(u32),
    /// The receiver parameter of a method of this class.
    Receiver(u32),
    /// What an import statement brings.
    Import(u32),
    /// A parameter or local whose type is noted under this number.
    Instance(u32),
    /// A parameter or local: known not to be an entity of this file.
    Opaque,
    /// Python `global`: the binding of the file.
    Global,
    /// Python `nonlocal`: the next binding outwards.
    Nonlocal,
}

impl Target {
    fn rank(self) -> u8 {
        match self {
            Self::Variable(_) => 0,
            Self::Receiver(_) => 1,
            Self::Opaque | Self::Instance(_) => 2,
            Self::Import(_) => 3,
            Self::Callable(_) => 4,
            Self::Global | Self::Nonlocal => 5,
        }
    }
}

struct Binding {
    name: NameId,
    scope: ScopeId,
    target: Target,
}

struct Reference {
    name: NameId,
    scope: ScopeId,
}

struct Scope {
    /// The first scope that opens after this one closed.
    end: ScopeId,
    /// Names of a Python class body are not seen by the functions in it.
    is_class_body: bool,
}

/// Names are numbered with even numbers. The odd number behind each is the same name among the types of TypeScript, which
/// live beside its values: `const User = ..` and `type User = ..` do not meet.
const TYPE: NameId = 1;

/// The name among the types.
pub(super) fn as_type(name: NameId) -> NameId {
    name | TYPE
}

#[derive(Default)]
pub(super) struct Scopes<'s> {
    names: HashMap<&'s [u8], NameId, foldhash::fast::RandomState>,
    texts: Vec<&'s [u8]>,
    /// Names that imports bind in the scope of the file and nothing else does; known after [`Self::resolve`].
    imports: Vec<(NameId, u32)>,
    scopes: Vec<Scope>,
    bindings: Vec<Binding>,
    references: Vec<Reference>,
}

impl<'s> Scopes<'s> {
    pub(super) fn name(&mut self, name: &'s [u8]) -> NameId {
        let next = count(self.texts.len()).saturating_mul(2);
        *self.names.entry(name).or_insert_with(|| {
            self.texts.push(name);
            next
        })
    }

    pub(super) fn text(&self, name: NameId) -> &'s [u8] {
        self.texts.get(name as usize / 2).copied().unwrap_or_default()
    }

    /// The name that a use was noted with.
    pub(super) fn name_of(&self, reference: u32) -> Option<NameId> {
        self.references.get(reference as usize).map(|used| used.name)
    }

    /// Names of the file that stand for imports, after [`Self::resolve`].
    pub(super) fn imports_of_file(&self) -> &[(NameId, u32)] {
        &self.imports
    }

    pub(super) fn open(&mut self) -> ScopeId {
        self.scopes.push(Scope { end: NONE, is_class_body: false });
        count(self.scopes.len()).saturating_sub(1)
    }

    pub(super) fn open_class_body(&mut self) -> ScopeId {
        let id = self.open();
        if let Some(scope) = self.scopes.get_mut(id as usize) {
            scope.is_class_body = true;
        }
        id
    }

    pub(super) fn close(&mut self, id: ScopeId) {
        let end = count(self.scopes.len());
        if let Some(scope) = self.scopes.get_mut(id as usize) {
            scope.end = end;
        }
    }

    pub(super) fn bind(&mut self, scope: ScopeId, name: NameId, target: Target) {
        self.bindings.push(Binding { name, scope, target });
    }

    /// Notes a use of a name; the answer is at the returned index of [`Self::resolve`].
    pub(super) fn refer(&mut self, scope: ScopeId, name: NameId) -> u32 {
        self.references.push(Reference { name, scope });
        count(self.references.len()).saturating_sub(1)
    }

    /// What each noted use means; nothing where the name is not bound in the file.
    pub(super) fn resolve(&mut self) -> Vec<Option<Target>> {
        let mut bindings = std::mem::take(&mut self.bindings);
        // The sort is stable: of equals the last one in the source stays, which is the one that wins at run time.
        bindings.sort_by_key(|binding| (binding.name, binding.scope, binding.target.rank()));
        bindings.reverse();
        bindings.dedup_by_key(|binding| (binding.name, binding.scope));
        bindings.reverse();

        self.imports = bindings
            .iter()
            .filter(|binding| binding.scope == FILE_SCOPE)
            .filter_map(|binding| match binding.target {
                Target::Import(import) => Some((binding.name, import)),
                _ => None,
            })
            .collect();
        let mut order: Vec<u32> = (0..count(self.references.len())).collect();
        order.sort_by_key(|index| self.references.get(*index as usize).map(|used| (used.name, used.scope)));

        let mut answers = vec![None; self.references.len()];
        let mut rest = bindings.as_slice();
        let mut open: Vec<&Binding> = Vec::new();
        let mut current = NONE;
        for index in order {
            let Some(used) = self.references.get(index as usize) else { continue };
            if used.name != current {
                current = used.name;
                open.clear();
                let skip = rest.partition_point(|binding| binding.name < current);
                rest = rest.get(skip..).unwrap_or_default();
            }
            while let Some((next, others)) = rest.split_first() {
                if next.name != current || next.scope > used.scope {
                    break;
                }
                self.close_before(&mut open, next.scope);
                open.push(next);
                rest = others;
            }
            self.close_before(&mut open, used.scope);
            if let Some(answer) = answers.get_mut(index as usize) {
                *answer = self.innermost(&open, used.scope);
            }
        }
        answers
    }

    fn close_before(&self, open: &mut Vec<&Binding>, scope: ScopeId) {
        let ended = |binding: &&Binding| self.scopes.get(binding.scope as usize).is_none_or(|open| open.end <= scope);
        while open.last().is_some_and(ended) {
            open.pop();
        }
    }

    fn innermost(&self, open: &[&Binding], scope: ScopeId) -> Option<Target> {
        for binding in open.iter().rev() {
            let hidden = binding.scope != scope
                && self.scopes.get(binding.scope as usize).is_some_and(|scope| scope.is_class_body);
            if hidden {
                continue;
            }
            match binding.target {
                Target::Nonlocal => {}
                Target::Global => {
                    let file = open.first().filter(|first| first.scope == FILE_SCOPE);
                    return file.map(|first| first.target);
                }
                target => return Some(target),
            }
        }
        None
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(NONE)
}

#[cfg(test)]
mod tests {
    use super::{Scopes, Target};

    #[test]
    fn the_innermost_open_scope_wins_and_class_bodies_are_seen_from_inside_only() {
        let mut scopes = Scopes::default();
        let name = scopes.name(b"f");
        let file = scopes.open();
        let class = scopes.open_class_body();
        let in_class = scopes.refer(class, name);
        let method = scopes.open();
        let in_method = scopes.refer(method, name);
        scopes.close(method);
        scopes.close(class);
        let shadow = scopes.open();
        let inner = scopes.open();
        let in_shadow = scopes.refer(inner, name);
        scopes.close(inner);
        scopes.close(shadow);
        let after = scopes.refer(file, name);
        scopes.close(file);
        scopes.bind(file, name, Target::Callable(1));
        scopes.bind(class, name, Target::Callable(2));
        scopes.bind(shadow, name, Target::Opaque);
        let answers = scopes.resolve();
        let at = |index: u32| answers[index as usize];
        assert_eq!(at(in_class), Some(Target::Callable(2)));
        assert_eq!(at(in_method), Some(Target::Callable(1)));
        assert_eq!(at(in_shadow), Some(Target::Opaque));
        assert_eq!(at(after), Some(Target::Callable(1)));
    }
}
