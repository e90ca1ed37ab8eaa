//! Names that assignments, loops, patterns, parameters and imports bind.

use super::super::entities::{Export, Fold, Found, property_name};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, NameId, ScopeId, Target};
use super::super::uses::{NotedId, Owner};
use super::{Place, Walk};

/// The identifiers and attributes an assignment target binds, in source order.
fn bound_targets(tree: &FlatTree<'_>, target: NodeId) -> Vec<NodeId> {
    let mut names = Vec::new();
    let mut waiting = vec![target];
    while let Some(node) = waiting.pop() {
        match tree.kind(node) {
            NodeKind::Identifier | NodeKind::Attribute => names.push(node),
            NodeKind::PatternList
            | NodeKind::TuplePattern
            | NodeKind::ListPattern
            | NodeKind::ListSplatPattern
            | NodeKind::DictionarySplatPattern
            | NodeKind::Tuple
            | NodeKind::List
            | NodeKind::ListSplat
            | NodeKind::ExpressionList
            | NodeKind::ParenthesizedExpression
            | NodeKind::AsPatternTarget
            | NodeKind::Error => waiting.extend(tree.children(node)),
            _ => {}
        }
    }
    names.sort_unstable();
    names
}

impl Walk<'_, '_, '_> {
    pub(super) fn assignment(&mut self, node: NodeId) {
        let Some(left) = self.tree.child(node, Field::Left) else { return };
        self.note_export_list(node, left);
        let declared = self.declared_value(node, left);
        let index = self.bind_targets(left, Some(node), declared);
        if let (Some(index), Some(declared)) = (index, declared) {
            self.b.uses.type_of(index, NONE, declared);
        }
        if let Some(index) = index.filter(|_| self.tree.kind(left) == NodeKind::Identifier) {
            let mut frame = self.inner(node);
            frame.inside = self.b.inside(index, frame.inside);
            frame.owner = Owner::Definition(index);
            self.frames.push(frame);
        } else {
            self.written(left);
        }
    }

    /// What an assignment says its one target is: the annotation, or what is called to make the value.
    fn declared_value(&mut self, assignment: NodeId, left: NodeId) -> Option<NotedId> {
        if !matches!(self.tree.kind(left), NodeKind::Identifier | NodeKind::Attribute) {
            return None;
        }
        if let Some(annotation) = self.tree.child(assignment, Field::Type) {
            return self.type_path(annotation);
        }
        let value = self.tree.child(assignment, Field::Right)?;
        self.value_path(value, self.tree.kind(left) == NodeKind::Attribute)
    }

    pub(super) fn augmented_assignment(&mut self, node: NodeId) {
        let Some(left) = self.tree.child(node, Field::Left) else { return };
        self.note_export_list(node, left);
        self.bind_targets(left, Some(node), None);
        self.written(left);
    }

    pub(super) fn loop_variable(&mut self, node: NodeId) {
        if let Some(left) = self.tree.child(node, Field::Left) {
            self.bind_targets(left, None, None);
        }
    }

    pub(super) fn named_expression(&mut self, node: NodeId) {
        if let Some(name) = self.tree.child(node, Field::Name) {
            self.bind_targets(name, None, None);
        }
    }

    /// `with .. as x`, `except .. as x`, `case .. as x`.
    pub(super) fn alias(&mut self, node: NodeId) {
        let alias = self.tree.child(node, Field::Alias).or_else(|| {
            let in_case = self.tree.kind(node) == NodeKind::AsPattern;
            in_case.then(|| self.tree.child_of_kind(node, NodeKind::Identifier)).flatten()
        });
        if let Some(alias) = alias {
            let value = self.tree.only_child(node).filter(|_| self.tree.kind(node) == NodeKind::AsPattern);
            let declared = value.and_then(|value| self.value_path(value, false));
            self.bind_targets(alias, None, declared);
        }
    }

    /// A bare name in a pattern captures; a dotted one is looked up.
    pub(super) fn capture(&mut self, node: NodeId) {
        for child in self.tree.children(node) {
            let name = match self.tree.kind(child) {
                NodeKind::DottedName => {
                    let mut parts = self.tree.children(child);
                    parts.next().filter(|_| parts.next().is_none())
                }
                NodeKind::Identifier if self.tree.kind(node) == NodeKind::SplatPattern => Some(child),
                _ => None,
            };
            if let Some(name) = name.filter(|name| self.tree.bytes(*name) != b"_") {
                self.bind_targets(name, None, None);
            }
        }
    }

    pub(super) fn comprehension(&mut self, node: NodeId) {
        let mut frame = self.inner(node);
        let scope = self.b.scopes.open();
        frame.opened = scope;
        frame.scope = scope;
        self.frames.push(frame);
    }

    pub(super) fn comprehension_variable(&mut self, node: NodeId) {
        let Some(left) = self.tree.child(node, Field::Left) else { return };
        let scope = self.frame().scope;
        for name in bound_targets(self.tree, left) {
            if self.tree.kind(name) == NodeKind::Identifier {
                let name = self.b.name_id(name);
                self.b.scopes.bind(scope, name, Target::Opaque);
            }
        }
    }

    pub(super) fn bind_parameters(&mut self, list: NodeId, receiver_of: u32) {
        let scope = self.frame().scope;
        let mut receiver_of = receiver_of;
        for parameter in self.tree.children(list) {
            let name = match self.tree.kind(parameter) {
                NodeKind::Comment => continue,
                NodeKind::DefaultParameter | NodeKind::TypedDefaultParameter => self.tree.child(parameter, Field::Name),
                NodeKind::TypedParameter => self.tree.only_child(parameter),
                _ => Some(parameter),
            };
            let Some(name) = name else { continue };
            let declared = match self.tree.child(parameter, Field::Type) {
                Some(annotation) if receiver_of == NONE => self.type_path(annotation),
                _ => None,
            };
            let target = if receiver_of != NONE && self.tree.kind(name) == NodeKind::Identifier {
                Target::Receiver(receiver_of)
            } else {
                declared.map_or(Target::Opaque, Target::Instance)
            };
            receiver_of = NONE;
            for name in bound_targets(self.tree, name) {
                let name = self.b.name_id(name);
                self.b.scopes.bind(scope, name, target);
            }
        }
    }

    pub(super) fn outer_names(&mut self, node: NodeId, global: bool) {
        let scope = self.frame().binding_scope;
        if scope == FILE_SCOPE {
            return;
        }
        for name in self.tree.children(node) {
            let id = self.b.name_id(name);
            let target = if global { Target::Global } else { Target::Nonlocal };
            self.b.scopes.bind(scope, id, target);
            if global {
                self.globals.insert((scope, id));
            }
        }
    }

    /// Binds what a target names; answers the variable if the module has got one of it. `statement` is what the
    /// variable's lines are then, else the name alone.
    fn bind_targets(&mut self, target: NodeId, statement: Option<NodeId>, declared: Option<NotedId>) -> Option<u32> {
        let frame = self.frame();
        let mut made = None;
        for name in bound_targets(self.tree, target) {
            if self.tree.kind(name) == NodeKind::Attribute {
                self.attribute_member(name, declared);
                continue;
            }
            let id = self.b.name_id(name);
            match frame.place {
                Place::Function if self.globals.contains(&(frame.binding_scope, id)) => {
                    self.bound_as_global.push(name);
                }
                Place::Function => self.bind_local(frame.binding_scope, id, declared),
                Place::Class => {
                    self.bind_local(frame.binding_scope, id, declared);
                    let class = self.b.classes.entity(frame.class);
                    if let Some(declared) = declared.filter(|_| class != NONE) {
                        self.b.uses.type_of(class, id, declared);
                    }
                    self.member(name, name, frame.inside.parent, frame.class);
                }
                Place::Module => made = self.module_variable(name, statement.unwrap_or(name)),
            }
        }
        made
    }

    fn bind_local(&mut self, scope: ScopeId, name: NameId, declared: Option<NotedId>) {
        self.b.scopes.bind(scope, name, declared.map_or(Target::Opaque, Target::Instance));
    }

    /// One variable for each name, made at its first binding; nothing where a definition has the name.
    fn module_variable(&mut self, name: NodeId, extent: NodeId) -> Option<u32> {
        let id = self.b.name_id(name);
        if self.b.is_folded(FILE_SCOPE, id, Fold::Function) {
            return None;
        }
        let is_first = !self.b.is_folded(FILE_SCOPE, id, Fold::Merged(Kind::Variable));
        if !is_first {
            return None;
        }
        let whole = self.tree.node(extent);
        let text = property_name(self.tree, name);
        let found = Found {
            kind: Kind::Variable,
            name: text,
            name_node: Some(name),
            signature: None,
            start: whole.start,
            end: whole.end,
            export: Export::Listed,
            scope: FILE_SCOPE,
            has_body: true,
        };
        let inside = super::ROOT.inside;
        let index = self.b.add_or_fold(found, inside, FILE_SCOPE, Fold::Merged(Kind::Variable))?;
        self.bind(name, FILE_SCOPE, Target::Variable(index));
        Some(index)
    }

    /// A name that functions bind with `global` and the module never does is a variable of the module all the same.
    pub(super) fn globals_without_module_binding(&mut self) {
        for name in std::mem::take(&mut self.bound_as_global) {
            let id = self.b.name_id(name);
            if !self.module_names.contains(&id) {
                self.module_variable(name, name);
            }
        }
    }

    /// `self.x = ..` makes a member of the class.
    fn attribute_member(&mut self, attribute: NodeId, declared: Option<NotedId>) {
        let frame = self.frame();
        if frame.class == NONE || frame.place != Place::Function {
            return;
        }
        let (Some(object), Some(name)) =
            (self.tree.child(attribute, Field::Object), self.tree.child(attribute, Field::Attribute))
        else {
            return;
        };
        if matches!(self.tree.bytes(object), b"self" | b"cls") {
            let class = self.b.classes.entity(frame.class);
            if let Some(declared) = declared {
                let id = self.b.name_id(name);
                self.b.uses.type_of(class, id, declared);
            }
            self.member(attribute, name, class, frame.class);
        }
    }

    fn member(&mut self, node: NodeId, name: NodeId, parent: u32, class: u32) {
        if !self.b.options.include_members || parent == NONE {
            return;
        }
        let id = self.b.name_id(name);
        if !self.members.insert((class, id)) {
            return;
        }
        let text = property_name(self.tree, name);
        let whole = self.tree.node(node);
        let hidden = text.starts_with('_') && !text.ends_with("__");
        let found = Found {
            kind: Kind::Property,
            name: text,
            name_node: Some(name),
            signature: None,
            start: whole.start,
            end: whole.end,
            export: if hidden { Export::No } else { Export::Yes },
            scope: NONE,
            has_body: true,
        };
        let inside = self.b.inside(parent, super::ROOT.inside);
        self.b.add(found, inside);
    }
}
