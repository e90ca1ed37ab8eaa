//! Variables and constants of the package, and where their values belong.

use super::super::entities::{Found, property_name};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, Target};
use super::functions::parameters;
use super::outline::Extent;
use super::{OUTSIDE, Walk, is_blank};

/// A comment over one specification is repeated for this many of its names.
const MAX_DOCUMENTED: usize = 16;

/// The function literal a value is, with or without parentheses.
fn literal(tree: &FlatTree<'_>, value: NodeId) -> Option<NodeId> {
    let mut node = value;
    while tree.kind(node) == NodeKind::ParenthesizedExpression {
        node = tree.only_child(node)?;
    }
    (tree.kind(node) == NodeKind::FuncLiteral).then_some(node)
}

impl Walk<'_, '_, '_> {
    pub(super) fn variable_spec(&mut self, node: NodeId) {
        if !self.frame().is_package {
            self.declare_after(node);
            return;
        }
        let tree = self.tree;
        let extent = self.outline.extent(tree, node);
        let values = tree.child(node, Field::Value).map(|list| tree.children(list)).into_iter().flatten();
        let values: Vec<NodeId> = values.filter(|value| tree.kind(*value) != NodeKind::Comment).collect();
        let names: Vec<NodeId> = tree.children(node).filter(|child| tree.node(*child).field == Field::Name).collect();
        let is_paired = values.len() == names.len();
        let annotation = tree.child(node, Field::Type).and_then(|of| self.type_path(of));
        for (at, name) in names.into_iter().enumerate() {
            let value = values.get(at).copied();
            let paired = value.filter(|_| is_paired);
            let Some(index) = self.package_variable(name, paired, &extent, at < MAX_DOCUMENTED) else { continue };
            if paired.and_then(|value| literal(tree, value)).is_none()
                && let Some(declared) = annotation.or_else(|| value.and_then(|value| self.value_path(value)))
            {
                self.b.uses.type_of(index, NONE, declared);
            }
        }
    }

    fn package_variable(
        &mut self,
        name: NodeId,
        value: Option<NodeId>,
        extent: &Extent,
        documented: bool,
    ) -> Option<u32> {
        let tree = self.tree;
        if is_blank(tree, name) {
            return None;
        }
        let text = property_name(tree, name);
        // As in the other languages, what holds a function from the start is one, although Go lets it be replaced.
        let function = value.and_then(|value| literal(tree, value));
        let (kind, signature) = match function {
            Some(function) => (Kind::Function, Some(format!("var {text} = ({})", parameters(tree, function)))),
            None => (Kind::Variable, None),
        };
        let found = Found { signature, start: extent.start, end: extent.end, ..self.declared(kind, name, name, text) };
        let index = self.b.add(found, OUTSIDE)?;
        let target = if function.is_some() { Target::Callable(index) } else { Target::Variable(index) };
        self.bind(FILE_SCOPE, name, target);
        if documented && let Some(definition) = self.b.definition(index) {
            definition.doc.clone_from(&extent.doc);
        }
        if let Some(function) = function {
            self.describe(index, function, true);
            self.claims.insert(function, index);
        } else if let Some(value) = value {
            self.owners.insert(value, index);
        }
        Some(index)
    }
}
