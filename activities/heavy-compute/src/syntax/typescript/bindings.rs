//! Names that patterns, parameters, imports and statements bind.

use super::super::flat_tree::{FlatTree, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{ScopeId, Target, as_type};
use super::super::uses::NotedId;
use super::Walk;

/// The identifiers a pattern binds, in source order. Default values are expressions and bind nothing.
pub(super) fn bound_names(tree: &FlatTree<'_>, pattern: NodeId) -> Vec<NodeId> {
    let mut names = Vec::new();
    let mut waiting = vec![pattern];
    while let Some(node) = waiting.pop() {
        match tree.kind(node) {
            NodeKind::Identifier | NodeKind::ShorthandPropertyIdentifierPattern => names.push(node),
            NodeKind::AssignmentPattern | NodeKind::ObjectAssignmentPattern => {
                waiting.extend(tree.child(node, Field::Left));
            }
            NodeKind::PairPattern => waiting.extend(tree.child(node, Field::Value)),
            NodeKind::ObjectPattern | NodeKind::ArrayPattern | NodeKind::RestPattern | NodeKind::Error => {
                waiting.extend(tree.children(node));
            }
            _ => {}
        }
    }
    names.sort_unstable();
    names
}

impl Walk<'_, '_, '_> {
    pub(super) fn bind_opaque(&mut self, scope: ScopeId, name: NodeId) {
        let name = self.b.name_id(name);
        self.b.scopes.bind(scope, name, Target::Opaque);
    }

    /// A local value, with its type where that is known.
    pub(super) fn bind_value(&mut self, scope: ScopeId, name: NodeId, declared: Option<NotedId>) {
        let name = self.b.name_id(name);
        self.b.scopes.bind(scope, name, declared.map_or(Target::Opaque, Target::Instance));
    }

    pub(super) fn bind_pattern(&mut self, scope: ScopeId, pattern: NodeId) {
        for name in bound_names(self.tree, pattern) {
            self.bind_opaque(scope, name);
        }
    }

    pub(super) fn bind_parameters(&mut self, scope: ScopeId, function: NodeId) {
        if let Some(parameter) = self.tree.child(function, Field::Parameter) {
            self.bind_pattern(scope, parameter);
        }
        let Some(list) = self.tree.child(function, Field::Parameters) else { return };
        for parameter in self.tree.children(list) {
            let Some(pattern) = self.tree.child(parameter, Field::Pattern) else { continue };
            let annotation = self.tree.child(parameter, Field::Type);
            match annotation.filter(|_| self.tree.kind(pattern) == NodeKind::Identifier) {
                Some(annotation) => {
                    let declared = self.type_path(annotation);
                    self.bind_value(scope, pattern, declared);
                }
                None => self.bind_pattern(scope, pattern),
            }
        }
    }

    pub(super) fn block(&mut self, node: NodeId) {
        // The body of a function or a namespace shares the scope that opened with it.
        let opened_by_parent = matches!(
            self.tree.kind(self.tree.parent(node)),
            NodeKind::FunctionDeclaration
                | NodeKind::GeneratorFunctionDeclaration
                | NodeKind::ArrowFunction
                | NodeKind::FunctionExpression
                | NodeKind::GeneratorFunction
                | NodeKind::MethodDefinition
                | NodeKind::Module
                | NodeKind::InternalModule
                | NodeKind::AmbientDeclaration
                | NodeKind::ClassStaticBlock
        );
        if !opened_by_parent {
            self.push_scope(node);
        }
    }

    pub(super) fn static_block(&mut self, node: NodeId) {
        self.push_scope(node);
        if let Some(frame) = self.frames.last_mut() {
            frame.var_scope = frame.scope;
            frame.var_scope_is_module = false;
        }
    }

    pub(super) fn catch(&mut self, node: NodeId) {
        self.push_scope(node);
        let scope = self.frame().scope;
        if let Some(pattern) = self.tree.child(node, Field::Parameter) {
            self.bind_pattern(scope, pattern);
        }
    }

    /// Type parameters, `infer T` and the key of a mapped type: names of types that are no entities.
    pub(super) fn type_parameter(&mut self, node: NodeId) {
        let name = match self.tree.kind(node) {
            NodeKind::InferType => self.tree.child_of_kind(node, NodeKind::TypeIdentifier),
            _ => self.tree.child(node, Field::Name),
        };
        if let Some(name) = name {
            let name = self.b.name_id(name);
            self.b.scopes.bind(self.frame().scope, as_type(name), Target::Opaque);
        }
    }

    /// A function type or a signature without a name: its parameters are seen in it alone.
    pub(super) fn anonymous_signature(&mut self, node: NodeId) {
        self.push_scope(node);
        self.bind_parameters(self.frame().scope, node);
    }
}
