//! Calls and conversions.

use super::super::flat_tree::{FlatTree, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::Walk;

/// What is called, and what else its form could mean.
struct Callee {
    node: NodeId,
    /// `f[..]`: an instance of a generic function, or an element.
    is_indexed: bool,
    /// `(*T)`: a pointer type, or what a pointer points to.
    is_starred: bool,
}

fn callee(tree: &FlatTree<'_>, node: NodeId) -> Callee {
    let mut callee = Callee { node, is_indexed: false, is_starred: false };
    loop {
        let inner = match tree.kind(callee.node) {
            NodeKind::ParenthesizedExpression => tree.only_child(callee.node),
            NodeKind::IndexExpression => {
                callee.is_indexed = true;
                tree.child(callee.node, Field::Operand)
            }
            NodeKind::TypeInstantiationExpression | NodeKind::GenericType => tree.child(callee.node, Field::Type),
            NodeKind::PointerType => tree.only_child(callee.node),
            NodeKind::UnaryExpression if tree.bytes(callee.node).starts_with(b"*") => {
                callee.is_starred = true;
                tree.child(callee.node, Field::Operand)
            }
            _ => return callee,
        };
        let Some(inner) = inner else { return callee };
        callee.node = inner;
    }
}

/// The name in front of `.method`: through parentheses, `*` and `&`, and the type of a literal.
fn receiver(tree: &FlatTree<'_>, operand: NodeId) -> Option<NodeId> {
    let mut node = operand;
    loop {
        node = match tree.kind(node) {
            NodeKind::Identifier => return Some(node),
            NodeKind::ParenthesizedExpression | NodeKind::PointerType => tree.only_child(node)?,
            NodeKind::UnaryExpression if tree.bytes(node).starts_with(b"*") || tree.bytes(node).starts_with(b"&") => {
                tree.child(node, Field::Operand)?
            }
            NodeKind::CompositeLiteral | NodeKind::GenericType => tree.child(node, Field::Type)?,
            _ => return None,
        };
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn call(&mut self, node: NodeId) {
        if let Some(function) = self.tree.child(node, Field::Function) {
            self.callee(function);
        }
    }

    /// `T(x)` in the forms that can be nothing else.
    pub(super) fn conversion(&mut self, node: NodeId) {
        if let Some(to) = self.tree.child(node, Field::Type) {
            self.callee(to);
        }
    }

    fn callee(&mut self, function: NodeId) {
        let tree = self.tree;
        let context = self.context();
        let callee = callee(tree, function);
        match tree.kind(callee.node) {
            NodeKind::Identifier => {
                let text = tree.bytes(callee.node);
                if (callee.is_indexed && !self.outline.is_generic(text))
                    || (callee.is_starred && !self.outline.is_type(text))
                {
                    return;
                }
                let name = self.b.name_id(callee.node);
                let reference = self.b.scopes.refer(context.scope, name);
                self.b.calls.name(context.owner, reference);
            }
            NodeKind::SelectorExpression if !callee.is_indexed && !callee.is_starred => {
                let (Some(operand), Some(method)) =
                    (tree.child(callee.node, Field::Operand), tree.child(callee.node, Field::Selected))
                else {
                    return;
                };
                let method = self.b.name_id(method);
                if let Some(name) = receiver(tree, operand) {
                    let name = self.b.name_id(name);
                    let receiver = self.b.scopes.refer(context.scope, name);
                    self.b.calls.member(context.owner, receiver, method);
                }
            }
            _ => {}
        }
    }
}
