//! Calls as they are noted during the walk, and what they turn out to call.

use std::collections::HashMap;

use super::entities::Draft;
use super::flat_tree::{NONE, NodeId};
use super::model::{Call, Caller, Evidence};
use super::scope::{NameId, ScopeId, Scopes, Target};

/// How many base classes are looked at for one call; cycles end here as well.
const MAX_BASES: usize = 32;

/// Who makes a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// A definition, or the file with [`NONE`].
    Definition(u32),
    /// A decorator stands before what it decorates: the definition made of this node, or else the other owner.
    Upcoming(NodeId, u32),
}

enum Callee {
    /// `f()`, with `construct` for `new f()`.
    Name { reference: u32, constructor: Option<NameId> },
    /// `x.m()`.
    Member { receiver: u32, method: NameId },
    /// `this.m()`.
    Own { class: u32, method: NameId },
    /// `super.m()`.
    Base { class: u32, method: NameId },
}

struct Class {
    entity: u32,
    bases: Vec<u32>,
}

/// Classes with what a receiver of theirs can reach.
#[derive(Default)]
pub(super) struct Classes {
    list: Vec<Class>,
    methods: HashMap<(u32, NameId), u32>,
}

impl Classes {
    pub(super) fn add(&mut self, entity: u32) -> u32 {
        self.list.push(Class { entity, bases: Vec::new() });
        u32::try_from(self.list.len()).unwrap_or(NONE).saturating_sub(1)
    }

    /// A base class by its reference.
    pub(super) fn add_base(&mut self, class: u32, reference: u32) {
        if let Some(class) = self.list.get_mut(class as usize)
            && class.bases.len() < MAX_BASES
        {
            class.bases.push(reference);
        }
    }

    /// The last one wins, as it does at run time.
    pub(super) fn add_method(&mut self, class: u32, name: NameId, entity: u32) {
        self.methods.insert((class, name), entity);
    }

    pub(super) fn entity(&self, class: u32) -> u32 {
        self.list.get(class as usize).map_or(NONE, |class| class.entity)
    }
}

#[derive(Default)]
pub(super) struct CallSites {
    sites: Vec<(Owner, Callee)>,
    /// Definitions by the node they were made of, for decorators.
    upcoming: HashMap<NodeId, u32>,
}

impl CallSites {
    pub(super) fn name(&mut self, owner: Owner, reference: u32) {
        self.sites.push((owner, Callee::Name { reference, constructor: None }));
    }

    /// `new C()` calls the class, and its constructor if it has one.
    pub(super) fn construct(&mut self, owner: Owner, reference: u32, constructor: NameId) {
        self.sites.push((owner, Callee::Name { reference, constructor: Some(constructor) }));
    }

    pub(super) fn member(&mut self, owner: Owner, receiver: u32, method: NameId) {
        self.sites.push((owner, Callee::Member { receiver, method }));
    }

    pub(super) fn own(&mut self, owner: Owner, class: u32, method: NameId) {
        self.sites.push((owner, Callee::Own { class, method }));
    }

    pub(super) fn base(&mut self, owner: Owner, class: u32, method: NameId) {
        self.sites.push((owner, Callee::Base { class, method }));
    }

    /// Says that a decorator's owner is waiting for the definition made of `node`.
    pub(super) fn expect(&mut self, node: NodeId) {
        self.upcoming.insert(node, NONE);
    }

    pub(super) fn made(&mut self, node: NodeId, entity: u32) {
        if !self.upcoming.is_empty()
            && let Some(waiting) = self.upcoming.get_mut(&node)
        {
            *waiting = entity;
        }
    }

    pub(super) fn resolve(&self, scopes: &mut Scopes<'_>, classes: &Classes, drafts: &[Draft]) -> Vec<Call> {
        let meaning = scopes.resolve();
        let lookup = Lookup { meaning: &meaning, classes, drafts };
        let mut calls: Vec<Call> = Vec::with_capacity(self.sites.len());
        for (owner, callee) in &self.sites {
            let owner = match *owner {
                Owner::Definition(index) => index,
                Owner::Upcoming(node, otherwise) => {
                    self.upcoming.get(&node).copied().filter(|index| *index != NONE).unwrap_or(otherwise)
                }
            };
            let caller = if owner == NONE { Caller::File } else { Caller::Definition(owner as usize) };
            let mut add = |callee: Option<u32>, evidence| {
                if let Some(callee) = callee {
                    calls.push(Call { caller, callee: callee as usize, evidence });
                }
            };
            match *callee {
                Callee::Name { reference, constructor } => {
                    let target = lookup.definition(reference);
                    add(target, Evidence::Lexical);
                    if let (Some(class), Some(constructor)) =
                        (target.and_then(|target| lookup.class(target)), constructor)
                    {
                        add(lookup.classes.methods.get(&(class, constructor)).copied(), Evidence::Lexical);
                    }
                }
                Callee::Member { receiver, method } => match lookup.meaning(receiver) {
                    Some(Target::Receiver(class)) => add(lookup.method(class, method, true), Evidence::Receiver),
                    Some(Target::Callable(entity)) => {
                        let found = lookup.class(entity).and_then(|class| lookup.method(class, method, true));
                        add(found, Evidence::ClassName);
                    }
                    _ => {}
                },
                Callee::Own { class, method } => add(lookup.method(class, method, true), Evidence::Receiver),
                Callee::Base { class, method } => add(lookup.method(class, method, false), Evidence::Receiver),
            }
        }
        calls.sort_unstable_by_key(|call| (call.caller, call.callee, std::cmp::Reverse(call.evidence)));
        calls.dedup_by_key(|call| (call.caller, call.callee));
        calls
    }
}

struct Lookup<'a> {
    meaning: &'a [Option<Target>],
    classes: &'a Classes,
    drafts: &'a [Draft],
}

impl Lookup<'_> {
    fn meaning(&self, reference: u32) -> Option<Target> {
        self.meaning.get(reference as usize).copied().flatten()
    }

    fn definition(&self, reference: u32) -> Option<u32> {
        match self.meaning(reference)? {
            Target::Callable(entity) | Target::Variable(entity) => Some(entity),
            Target::Receiver(_) | Target::Opaque | Target::Global | Target::Nonlocal => None,
        }
    }

    fn class(&self, entity: u32) -> Option<u32> {
        self.drafts.get(entity as usize).map(|draft| draft.class).filter(|class| *class != NONE)
    }

    /// The method a receiver of the class finds: its own, else that of the nearest base in this file.
    fn method(&self, class: u32, name: NameId, own: bool) -> Option<u32> {
        let mut seen = vec![class];
        let mut waiting = vec![class];
        let mut skip = !own;
        while let Some(class) = waiting.pop() {
            if !std::mem::take(&mut skip)
                && let Some(method) = self.classes.methods.get(&(class, name))
            {
                return Some(*method);
            }
            let bases = self.classes.list.get(class as usize).map_or(&[][..], |class| &class.bases);
            for base in bases.iter().rev() {
                let base = self.definition(*base).and_then(|entity| self.class(entity));
                if let Some(base) = base.filter(|base| !seen.contains(base) && seen.len() < MAX_BASES) {
                    seen.push(base);
                    waiting.push(base);
                }
            }
        }
        None
    }
}

/// Where the walk stands with respect to calls.
#[derive(Clone, Copy)]
pub(super) struct CallContext {
    pub(super) owner: Owner,
    pub(super) scope: ScopeId,
    /// The class `this` and `super` belong to.
    pub(super) class: u32,
}
