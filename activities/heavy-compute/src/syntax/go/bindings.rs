//! Names that parameters, statements and cases bind.

use super::super::flat_tree::{NONE, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, ScopeId, Target};
use super::super::uses::NotedId;
use super::{Walk, is_blank};

impl Walk<'_, '_, '_> {
    pub(super) fn bind_opaque(&mut self, scope: ScopeId, name: NodeId) {
        self.bind(scope, name, Target::Opaque);
    }

    pub(super) fn bind(&mut self, scope: ScopeId, name: NodeId, target: Target) {
        if !is_blank(self.tree, name) {
            let name = self.b.name_id(name);
            if scope == FILE_SCOPE {
                self.package_names.insert(name);
            }
            self.b.scopes.bind(scope, name, target);
        }
    }

    /// Parameters and named results, in the scope of the body: their types mean what they mean outside of it.
    fn bind_parameters(&mut self, function: NodeId, outside: ScopeId) {
        let tree = self.tree;
        for field in [Field::Parameters, Field::Result] {
            let list = tree.child(function, field).filter(|list| tree.kind(*list) == NodeKind::ParameterList);
            let Some(list) = list else { continue };
            for entry in tree.children(list) {
                let declared = self.in_scope(outside, |walk| {
                    // `..T` is a slice.
                    let is_plain = tree.kind(entry) == NodeKind::ParameterDeclaration;
                    tree.child(entry, Field::Type).filter(|_| is_plain).and_then(|of| walk.type_path(of))
                });
                let scope = self.frame().scope;
                for name in tree.children(entry).filter(|child| tree.node(*child).field == Field::Name) {
                    self.bind_value(scope, name, declared);
                }
            }
        }
    }

    fn bind_value(&mut self, scope: ScopeId, name: NodeId, declared: Option<NotedId>) {
        self.bind(scope, name, declared.map_or(Target::Opaque, Target::Instance));
    }

    fn in_scope<T>(&mut self, scope: ScopeId, work: impl FnOnce(&mut Self) -> T) -> T {
        let mut frame = self.frame();
        frame.scope = scope;
        frame.opened = NONE;
        frame.declares = NONE;
        self.frames.push(frame);
        let done = work(self);
        self.frames.pop();
        done
    }

    /// What the entries of a list of parameters or type parameters are named.
    pub(super) fn bind_names_of(&mut self, scope: ScopeId, list: NodeId) {
        let tree = self.tree;
        for entry in tree.children(list) {
            for name in tree.children(entry).filter(|child| tree.node(*child).field == Field::Name) {
                self.bind_opaque(scope, name);
            }
        }
    }

    pub(super) fn block(&mut self, node: NodeId) {
        let outside = self.frame().scope;
        self.push_scope(node);
        let around = self.tree.parent(node);
        match self.tree.kind(around) {
            NodeKind::MethodDeclaration => {
                self.bind_receiver(around);
                self.bind_parameters(around, outside);
            }
            NodeKind::FunctionDeclaration | NodeKind::FuncLiteral => self.bind_parameters(around, outside),
            _ => {}
        }
    }

    pub(super) fn switch(&mut self, node: NodeId) {
        self.push_scope(node);
        let is_type_switch = self.tree.kind(node) == NodeKind::TypeSwitchStatement;
        let alias = self.tree.child(node, Field::Alias).filter(|_| is_type_switch);
        if let Some(frame) = self.frames.last_mut() {
            frame.alias = alias.unwrap_or(NONE);
        }
    }

    /// `switch x := v.(type)` declares in each of its cases.
    pub(super) fn case(&mut self, node: NodeId) {
        let tree = self.tree;
        self.push_scope(node);
        let frame = self.frame();
        if frame.alias != NONE {
            // With several types, or none, it stays what it was.
            let mut types = tree.children(node).filter(|child| tree.node(*child).field == Field::Type);
            let only = types.next().filter(|_| types.next().is_none());
            let declared = only.and_then(|only| self.type_path(only));
            for name in tree.children(frame.alias).filter(|child| tree.kind(*child) == NodeKind::Identifier) {
                self.bind_value(frame.scope, name, declared);
            }
        }
    }

    /// `a, b := ..`, `for k, v := range ..`, `case v := <-c`.
    pub(super) fn short_declaration(&mut self, node: NodeId) {
        if self.tree.kind(node) == NodeKind::ShortVarDeclaration || self.tree.has_child(node, NodeKind::DeclareToken) {
            self.declare_after(node);
            if let Some(left) = self.tree.child(node, Field::Left) {
                self.noted_until = self.noted_until.max(self.tree.node(left).next.saturating_sub(1));
            }
        }
    }

    /// The names of `node` are visible behind it.
    pub(super) fn declare_after(&mut self, node: NodeId) {
        if self.frame().is_package {
            return;
        }
        let mut frame = self.inner(node);
        frame.declares = node;
        self.frames.push(frame);
    }

    pub(super) fn declare_locals(&mut self, node: NodeId) {
        let tree = self.tree;
        let (names, values): (Vec<NodeId>, Option<NodeId>) = match tree.kind(node) {
            NodeKind::ConstSpec | NodeKind::VarSpec => {
                let names = tree.children(node).filter(|child| tree.node(*child).field == Field::Name);
                (names.collect(), tree.child(node, Field::Value))
            }
            kind => {
                let left = tree.child(node, Field::Left).map(|left| tree.children(left)).into_iter().flatten();
                let names = left.filter(|child| tree.kind(*child) == NodeKind::Identifier);
                let values = tree.child(node, Field::Right).filter(|_| kind == NodeKind::ShortVarDeclaration);
                (names.collect(), values)
            }
        };
        let annotation = tree.child(node, Field::Type).and_then(|of| self.type_path(of));
        let values = values.map(|list| tree.children(list)).into_iter().flatten();
        let mut values = values.filter(|value| tree.kind(*value) != NodeKind::Comment);
        // What the values are is said before the names are known.
        let declared: Vec<(NodeId, Option<NotedId>)> = names
            .into_iter()
            .map(|name| {
                let value = values.next();
                (name, annotation.or_else(|| value.and_then(|value| self.value_path(value))))
            })
            .collect();
        let scope = self.push_rest();
        for (name, declared) in declared {
            self.bind_value(scope, name, declared);
        }
    }

    /// A scope for the rest of the block around.
    pub(super) fn push_rest(&mut self) -> ScopeId {
        let mut frame = self.frame();
        frame.scope = self.b.scopes.open();
        frame.opened = frame.scope;
        frame.declares = NONE;
        self.frames.push(frame);
        frame.scope
    }
}
