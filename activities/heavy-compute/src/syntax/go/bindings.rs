//! Names that parameters, statements and cases bind.

use super::super::flat_tree::{NONE, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{ScopeId, Target};
use super::{Walk, is_blank};

impl Walk<'_, '_, '_> {
    pub(super) fn bind_opaque(&mut self, scope: ScopeId, name: NodeId) {
        self.bind(scope, name, Target::Opaque);
    }

    pub(super) fn bind(&mut self, scope: ScopeId, name: NodeId, target: Target) {
        if !is_blank(self.tree, name) {
            let name = self.b.name_id(name);
            self.b.scopes.bind(scope, name, target);
        }
    }

    /// Type parameters, parameters and named results of a function.
    pub(super) fn bind_parameters(&mut self, scope: ScopeId, function: NodeId) {
        let tree = self.tree;
        for field in [Field::TypeParameters, Field::Parameters, Field::Result] {
            let Some(list) = tree.child(function, field) else { continue };
            if matches!(tree.kind(list), NodeKind::ParameterList | NodeKind::TypeParameterList) {
                self.bind_names_of(scope, list);
            }
        }
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
        // The body of a function shares the scope that opened with it.
        let opened_by_parent = matches!(
            self.tree.kind(self.tree.parent(node)),
            NodeKind::FunctionDeclaration | NodeKind::MethodDeclaration | NodeKind::FuncLiteral
        );
        if !opened_by_parent {
            self.push_scope(node);
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
            for name in tree.children(frame.alias).filter(|child| tree.kind(*child) == NodeKind::Identifier) {
                self.bind_opaque(frame.scope, name);
            }
        }
    }

    /// `a, b := ..`, `for k, v := range ..`, `case v := <-c`.
    pub(super) fn short_declaration(&mut self, node: NodeId) {
        if self.tree.kind(node) == NodeKind::ShortVarDeclaration || self.tree.has_child(node, NodeKind::DeclareToken) {
            self.declare_after(node);
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
        let scope = self.push_rest();
        match tree.kind(node) {
            NodeKind::ConstSpec | NodeKind::VarSpec => {
                for name in tree.children(node).filter(|child| tree.node(*child).field == Field::Name) {
                    self.bind_opaque(scope, name);
                }
            }
            _ => {
                let Some(left) = tree.child(node, Field::Left) else { return };
                for name in tree.children(left).filter(|child| tree.kind(*child) == NodeKind::Identifier) {
                    self.bind_opaque(scope, name);
                }
            }
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
