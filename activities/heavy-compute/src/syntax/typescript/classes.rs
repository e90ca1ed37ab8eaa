//! Classes and the members of classes and interfaces.

use super::super::entities::{Export, Fold, Found, property_name};
use super::super::flat_tree::{NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{ScopeId, Target, as_type};
use super::super::uses::Owner;
use super::Walk;
use super::declarations::{describe_function, parameters};
use super::uses::unwrap_expression;

impl Walk<'_, '_, '_> {
    pub(super) fn class(&mut self, node: NodeId) {
        let own_name = self.tree.child(node, Field::Name);
        let claimed = if self.claims.is_empty() { None } else { self.claims.remove(&node) };
        let is_expression = self.tree.kind(node) == NodeKind::Class;
        let index = claimed.or_else(|| {
            let mut found = self.named(node, own_name?, Kind::Class);
            if is_expression {
                let own = self.tree.node(node);
                found.start = own.start;
                found.end = own.end;
                found.export = Export::No;
            }
            let inside = self.frame().inside;
            self.b.add(found, inside)
        });
        if let Some(index) = index {
            self.b.uses.made(node, index);
        }
        let target = index.map_or(Target::Opaque, Target::Callable);
        if !is_expression && let Some(name) = own_name {
            let name = self.b.name_id(name);
            self.b.scopes.bind(self.frame().scope, name, target);
            self.b.scopes.bind(self.frame().scope, as_type(name), target);
        }

        let class = self.b.classes.add(index.unwrap_or(NONE));
        self.push_scope(node);
        let scope = self.frame().scope;
        if is_expression && let Some(name) = own_name {
            let name = self.b.name_id(name);
            self.b.scopes.bind(scope, name, target);
            self.b.scopes.bind(scope, as_type(name), target);
        }
        let inside = index.map(|index| self.b.inside(index, self.frame().inside));
        if let Some(frame) = self.frames.last_mut() {
            frame.class = class;
            frame.counter = NONE;
            frame.ambient = false;
            if let (Some(index), Some(inside)) = (index, inside) {
                frame.inside = inside;
                frame.owner = Owner::Definition(index);
            }
        }
        if let Some(draft) = index.and_then(|index| self.b.drafts.get_mut(index as usize)) {
            draft.class = class;
            draft.member_scope = scope;
        }
    }

    pub(super) fn method_definition(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else {
            self.push_function(node, NONE);
            return;
        };
        let in_class = self.tree.kind(self.tree.parent(node)) == NodeKind::ClassBody;
        let class = if in_class { self.frame().class } else { NONE };
        let index = self.add_method(node, node, name, true);
        if let Some(index) = index {
            self.b.uses.made(node, index);
        }
        if in_class && self.tree.bytes(name) == b"constructor" {
            self.parameter_properties(node);
        }
        self.push_function(node, index.unwrap_or(NONE));
        if let Some(frame) = self.frames.last_mut() {
            frame.class = class;
        }
    }

    pub(super) fn method_head(&mut self, node: NodeId) {
        let class = match self.tree.kind(self.tree.parent(node)) {
            NodeKind::ClassBody => self.frame().class,
            NodeKind::InterfaceBody => NONE,
            // Methods of type literals have no symbol and collide.
            _ => return self.anonymous_signature(node),
        };
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let index = self.add_method(node, node, name, false);
        self.push_function(node, index.unwrap_or(NONE));
        if let Some(frame) = self.frames.last_mut() {
            frame.class = class;
        }
    }

    /// `member` is the whole member, `function` what has the parameters.
    pub(super) fn add_method(&mut self, member: NodeId, function: NodeId, name: NodeId, has_body: bool) -> Option<u32> {
        let frame = self.frame();
        let text = property_name(self.tree, name);
        let owner = self.b.owner_prefix(frame.inside.parent);
        let whole = self.tree.node(member);
        let found = Found {
            kind: Kind::Method,
            signature: Some(format!("{owner}{text}({})", parameters(self.tree, function))),
            name: text,
            name_node: Some(name),
            start: self.decorated_start(member),
            end: whole.end,
            export: self.member_export(member, frame.inside.parent),
            scope: NONE,
            has_body,
        };
        let fold = if self.tree.has_child(member, NodeKind::GetToken) {
            Fold::Getter
        } else if self.tree.has_child(member, NodeKind::SetToken) {
            Fold::Setter
        } else {
            Fold::Method
        };
        let known = self.b.drafts.len();
        let index = match self.fold_scope_of_members(member) {
            Some(scope) => self.b.add_or_fold(found, frame.inside, scope, fold),
            None => self.b.add(found, frame.inside),
        }?;
        if has_body || self.b.drafts.len() > known {
            describe_function(self.b, index, function, has_body);
        }
        // Calling what a getter returns is not a call of the getter.
        if matches!(fold, Fold::Getter | Fold::Setter) {
            self.b.uses.accessor(index);
        }
        Some(index)
    }

    /// Overloads fold within one class or one interface; methods of object literals never do.
    fn fold_scope_of_members(&mut self, member: NodeId) -> Option<ScopeId> {
        let frame = self.frame();
        match self.tree.kind(self.tree.parent(member)) {
            NodeKind::ClassBody => Some(frame.scope),
            NodeKind::InterfaceBody => {
                let draft = self.b.drafts.get_mut(frame.inside.parent as usize)?;
                if draft.member_scope == NONE {
                    let scope = self.b.scopes.open();
                    self.b.scopes.close(scope);
                    draft.member_scope = scope;
                }
                Some(draft.member_scope)
            }
            _ => None,
        }
    }

    fn member_export(&self, member: NodeId, parent: u32) -> Export {
        let hidden = self.tree.children(member).any(|child| match self.tree.kind(child) {
            NodeKind::AccessibilityModifier => self.tree.bytes(child) != b"public",
            NodeKind::PrivatePropertyIdentifier => true,
            _ => false,
        });
        if hidden || parent == NONE { Export::No } else { Export::Yes }
    }

    /// Where a class member starts: at the first of the decorators before it.
    fn decorated_start(&mut self, member: NodeId) -> u32 {
        let own = self.tree.node(member);
        match self.decorators {
            Some((parent, start)) if parent == own.parent => {
                self.decorators = None;
                start
            }
            _ => own.start,
        }
    }

    pub(super) fn field(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let value = self.tree.child(node, Field::Value).map(|value| unwrap_expression(self.tree, value));
        if let Some(function) = value.filter(|value| self.tree.kind(*value).is_function_expression()) {
            if let Some(index) = self.add_method(node, function, name, true) {
                self.claims.insert(function, index);
                self.b.uses.made(node, index);
                self.push_owner(node, index);
            }
        } else {
            self.field_type(node, name, value);
            self.add_member(Kind::Property, node, name);
        }
    }

    /// Remembers what a field of the enclosing class or interface holds.
    fn field_type(&mut self, node: NodeId, name: NodeId, value: Option<NodeId>) {
        let class = self.frame().inside.parent;
        let declared = match self.tree.child(node, Field::Type) {
            Some(annotation) => self.type_path(annotation),
            None => value.and_then(|value| self.value_path(value)),
        };
        if let Some(declared) = declared.filter(|_| class != NONE) {
            let name = self.b.name_id(name);
            self.b.uses.type_of(class, name, declared);
        }
    }

    pub(super) fn property_signature(&mut self, node: NodeId) {
        if self.tree.kind(self.tree.parent(node)) == NodeKind::InterfaceBody
            && let Some(name) = self.tree.child(node, Field::Name)
        {
            self.field_type(node, name, None);
            self.add_member(Kind::Property, node, name);
        }
    }

    /// A parameter of a constructor that is a member of the class as well.
    fn parameter_properties(&mut self, constructor: NodeId) {
        let Some(list) = self.tree.child(constructor, Field::Parameters) else { return };
        for parameter in self.tree.children(list) {
            let is_member = self.tree.has_child(parameter, NodeKind::AccessibilityModifier)
                || self.tree.bytes(parameter).starts_with(b"readonly ");
            let name = self.tree.child(parameter, Field::Pattern);
            if is_member && let Some(name) = name.filter(|name| self.tree.kind(*name) == NodeKind::Identifier) {
                self.field_type(parameter, name, None);
                self.add_member(Kind::Property, parameter, name);
            }
        }
    }

    pub(super) fn add_member(&mut self, kind: Kind, node: NodeId, name: NodeId) {
        let start = self.decorated_start(node);
        let computed = self.tree.kind(name) == NodeKind::ComputedPropertyName;
        let frame = self.frame();
        if !self.b.options.include_members || computed || frame.inside.parent == NONE {
            return;
        }
        let found = Found {
            kind,
            name: property_name(self.tree, name),
            name_node: Some(name),
            signature: None,
            start,
            end: self.tree.node(node).end,
            export: self.member_export(node, frame.inside.parent),
            scope: NONE,
            has_body: true,
        };
        self.b.add(found, frame.inside);
    }
}
