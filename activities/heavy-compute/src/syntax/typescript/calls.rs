//! Calls, constructions, elements and decorators.

use super::super::calls::{CallContext, Owner};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::Walk;

/// How many members a decorator looks ahead for the one it decorates.
const MAX_DECORATORS: usize = 64;

/// The expression inside parentheses, casts and assertions.
pub(super) fn unwrap_expression(tree: &FlatTree<'_>, node: NodeId) -> NodeId {
    let mut node = node;
    loop {
        let inner = match tree.kind(node) {
            NodeKind::ParenthesizedExpression
            | NodeKind::NonNullExpression
            | NodeKind::AsExpression
            | NodeKind::SatisfiesExpression => tree.only_child(node),
            NodeKind::InstantiationExpression => tree.child(node, Field::Function).or_else(|| tree.only_child(node)),
            // The type comes first.
            NodeKind::TypeAssertion => {
                tree.children(node).filter(|child| tree.kind(*child) != NodeKind::Comment).last()
            }
            _ => return node,
        };
        let Some(inner) = inner else { return node };
        node = inner;
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn call(&mut self, node: NodeId) {
        if let Some(callee) = self.tree.child(node, Field::Function) {
            let context = self.context();
            self.callee(callee, context, false);
        }
    }

    pub(super) fn construction(&mut self, node: NodeId) {
        if let Some(callee) = self.tree.child(node, Field::Constructor) {
            let context = self.context();
            self.callee(callee, context, true);
        }
    }

    pub(super) fn jsx_element(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        // A lower-case element is one of the platform's.
        let intrinsic = self.tree.bytes(name).first().is_none_or(u8::is_ascii_lowercase);
        if self.tree.kind(name) == NodeKind::Identifier && !intrinsic {
            let context = self.context();
            self.callee(name, context, false);
        }
    }

    pub(super) fn decorator(&mut self, node: NodeId) {
        let tree = self.tree;
        let parent = tree.parent(node);
        if matches!(tree.kind(parent), NodeKind::ClassBody | NodeKind::ExportStatement) {
            if self.decorators.is_none_or(|(waiting, _)| waiting != parent) {
                self.decorators = Some((parent, tree.node(node).start));
            }
            let mut target = tree.next_sibling(node);
            for _ in 0..MAX_DECORATORS {
                let Some(sibling) = target else { break };
                if !matches!(tree.kind(sibling), NodeKind::Decorator | NodeKind::Comment) {
                    break;
                }
                target = tree.next_sibling(sibling);
            }
            if let Some(target) = target {
                let mut frame = self.inner(node);
                let otherwise = match frame.owner {
                    Owner::Definition(index) | Owner::Upcoming(_, index) => index,
                };
                frame.owner = Owner::Upcoming(target, otherwise);
                self.b.calls.expect(target);
                self.frames.push(frame);
            }
        }
        let Some(expression) = tree.only_child(node) else { return };
        let expression = unwrap_expression(tree, expression);
        // A decorator with arguments is a call, which the walk reaches by itself.
        if tree.kind(expression) != NodeKind::CallExpression {
            let context = self.context();
            self.callee(expression, context, false);
        }
    }

    fn callee(&mut self, callee: NodeId, context: CallContext, construct: bool) {
        let tree = self.tree;
        let callee = unwrap_expression(tree, callee);
        match tree.kind(callee) {
            NodeKind::Identifier => {
                let name = self.b.name_id(callee);
                let reference = self.b.scopes.refer(context.scope, name);
                if construct {
                    let constructor = self.b.scopes.name(b"constructor");
                    self.b.calls.construct(context.owner, reference, constructor);
                } else {
                    self.b.calls.name(context.owner, reference);
                }
            }
            NodeKind::MemberExpression if !construct => {
                let (Some(object), Some(property)) =
                    (tree.child(callee, Field::Object), tree.child(callee, Field::Property))
                else {
                    return;
                };
                let method = self.b.name_id(property);
                let object = unwrap_expression(tree, object);
                match tree.kind(object) {
                    NodeKind::This if context.class != NONE => self.b.calls.own(context.owner, context.class, method),
                    NodeKind::Super if context.class != NONE => self.b.calls.base(context.owner, context.class, method),
                    NodeKind::Identifier => {
                        let name = self.b.name_id(object);
                        let receiver = self.b.scopes.refer(context.scope, name);
                        self.b.calls.member(context.owner, receiver, method);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}
