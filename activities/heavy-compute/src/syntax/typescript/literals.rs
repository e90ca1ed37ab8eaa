//! Object literals: their methods are definitions, their keys tell equal ones apart.

use super::super::containers::ContainerName;
use super::super::flat_tree::NodeId;
use super::super::node_kind::Field;
use super::Walk;
use super::uses::unwrap_expression;

impl Walk<'_, '_, '_> {
    pub(super) fn pair(&mut self, node: NodeId) {
        let (Some(key), Some(value)) = (self.tree.child(node, Field::Key), self.tree.child(node, Field::Value)) else {
            return;
        };
        let inner = unwrap_expression(self.tree, value);
        if self.tree.kind(inner).is_function_expression() {
            if let Some(index) = self.add_method(node, inner, key, true) {
                self.claims.insert(inner, index);
                self.push_owner(node, index);
            }
            return;
        }
        let is_leaf = self.tree.node(value).next == value.saturating_add(1);
        if !is_leaf {
            let mut frame = self.inner(node);
            frame.inside.container = self.b.containers.add(frame.inside.container, ContainerName::Token(key));
            self.frames.push(frame);
        }
    }
}
