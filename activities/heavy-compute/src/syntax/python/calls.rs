//! Calls and decorators.

use super::super::calls::Owner;
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::Walk;

fn unwrap_parentheses(tree: &FlatTree<'_>, node: NodeId) -> NodeId {
    let mut node = node;
    while tree.kind(node) == NodeKind::ParenthesizedExpression {
        let Some(inner) = tree.only_child(node) else { break };
        node = inner;
    }
    node
}

impl Walk<'_, '_, '_> {
    pub(super) fn call(&mut self, node: NodeId) {
        if let Some(callee) = self.tree.child(node, Field::Function) {
            self.callee(callee);
        }
    }

    pub(super) fn decorator(&mut self, node: NodeId) {
        let tree = self.tree;
        let mut frame = self.inner(node);
        let around = tree.parent(node);
        if self.decorated.0 != around {
            self.decorated = (around, tree.child(around, Field::Definition));
        }
        if let Some(definition) = self.decorated.1 {
            let otherwise = match frame.owner {
                Owner::Definition(index) | Owner::Upcoming(_, index) => index,
            };
            frame.owner = Owner::Upcoming(definition, otherwise);
            self.b.calls.expect(definition);
        }
        self.frames.push(frame);
        let Some(expression) = tree.only_child(node) else { return };
        let expression = unwrap_parentheses(tree, expression);
        // A decorator with arguments is a call, which the walk reaches by itself.
        if tree.kind(expression) != NodeKind::Call {
            self.callee(expression);
        }
    }

    fn callee(&mut self, callee: NodeId) {
        let tree = self.tree;
        let context = self.context();
        let callee = unwrap_parentheses(tree, callee);
        match tree.kind(callee) {
            NodeKind::Identifier => {
                let name = self.b.name_id(callee);
                let reference = self.b.scopes.refer(context.scope, name);
                self.b.calls.name(context.owner, reference);
            }
            NodeKind::Attribute => {
                let (Some(object), Some(attribute)) =
                    (tree.child(callee, Field::Object), tree.child(callee, Field::Attribute))
                else {
                    return;
                };
                let method = self.b.name_id(attribute);
                let object = unwrap_parentheses(tree, object);
                if tree.kind(object) == NodeKind::Identifier {
                    let name = self.b.name_id(object);
                    let receiver = self.b.scopes.refer(context.scope, name);
                    self.b.calls.member(context.owner, receiver, method);
                } else if context.class != NONE && is_super(tree, object) {
                    self.b.calls.base(context.owner, context.class, method);
                }
            }
            _ => {}
        }
    }
}

fn is_super(tree: &FlatTree<'_>, object: NodeId) -> bool {
    tree.kind(object) == NodeKind::Call
        && tree.child(object, Field::Function).is_some_and(|callee| tree.bytes(callee) == b"super")
}
