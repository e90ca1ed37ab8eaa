//! Export statements, and the assignments that export in CommonJS.

use super::super::entities::{Export, Found, property_name};
use super::super::flat_tree::{NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::FILE_SCOPE;
use super::Walk;
use super::calls::unwrap_expression;
use super::declarations::{describe_function, parameters};
use super::variables::const_signature;

const DEFAULT_NAME: &str = "default";

/// What an assignment to a member means.
enum Assigned {
    /// `exports.x`, `module.exports.x`.
    Export(NodeId),
    /// `module.exports`.
    Module,
    /// `K.prototype.m`.
    Prototype(NodeId),
}

impl Walk<'_, '_, '_> {
    pub(super) fn export_statement(&mut self, node: NodeId) {
        let tree = self.tree;
        let scope = self.frame().scope;
        if tree.child(node, Field::Source).is_none() {
            if let Some(clause) = tree.child_of_kind(node, NodeKind::ExportClause) {
                for specifier in tree.children(clause) {
                    if let Some(name) = tree.child(specifier, Field::Name) {
                        self.b.export_name(scope, name);
                    }
                }
            }
            // `export = name`
            if let Some(name) = tree.child_of_kind(node, NodeKind::Identifier) {
                self.b.export_name(scope, name);
            }
        }
        if let Some(value) = tree.child(node, Field::Value) {
            self.default_export(node, value);
        }
    }

    /// `value` is exported as a whole by the statement `node`.
    fn default_export(&mut self, node: NodeId, value: NodeId) {
        let value = unwrap_expression(self.tree, value);
        let kind = match self.tree.kind(value) {
            NodeKind::Identifier => {
                let scope = self.frame().scope;
                self.b.export_name(scope, value);
                return;
            }
            NodeKind::Class => Kind::Class,
            NodeKind::Object => Kind::Variable,
            kind if kind.is_function_expression() => Kind::Function,
            _ => return,
        };
        let name_node = self.tree.child(value, Field::Name);
        let name = name_node.map_or_else(|| DEFAULT_NAME.to_owned(), |node| property_name(self.tree, node));
        let signature = (kind == Kind::Function).then(|| format!("function {name}({})", parameters(self.tree, value)));
        let whole = self.tree.node(node);
        let found = Found {
            kind,
            name,
            name_node,
            signature,
            start: whole.start,
            end: whole.end,
            export: Export::Yes,
            scope: NONE,
            has_body: true,
        };
        let inside = self.frame().inside;
        let Some(index) = self.b.add(found, inside) else { return };
        match kind {
            Kind::Function => {
                describe_function(self.b, index, value, true);
                self.claims.insert(value, index);
            }
            Kind::Class => {
                self.claims.insert(value, index);
            }
            _ => {}
        }
        self.push_owner(node, index);
    }

    pub(super) fn assignment(&mut self, node: NodeId) {
        let (Some(left), Some(right)) = (self.tree.child(node, Field::Left), self.tree.child(node, Field::Right))
        else {
            return;
        };
        let Some(assigned) = self.assigned(left) else { return };
        let statement = self.tree.parent(node);
        let whole = if self.tree.kind(statement) == NodeKind::ExpressionStatement { statement } else { node };
        let value = unwrap_expression(self.tree, right);
        match assigned {
            Assigned::Module if self.tree.kind(value) == NodeKind::Object => self.export_keys(value),
            Assigned::Module if self.tree.kind(value) == NodeKind::Identifier => {
                self.b.export_name(FILE_SCOPE, value);
            }
            Assigned::Module => self.default_export(whole, value),
            Assigned::Export(_) if self.tree.kind(value) == NodeKind::Identifier => {
                self.b.export_name(FILE_SCOPE, value);
            }
            Assigned::Export(name) => self.assigned_value(whole, name, value, Export::Yes),
            Assigned::Prototype(name) => self.assigned_value(whole, name, value, Export::No),
        }
    }

    fn assigned_value(&mut self, node: NodeId, name_node: NodeId, value: NodeId, export: Export) {
        let kind = match self.tree.kind(value) {
            NodeKind::Class => Kind::Class,
            kind if kind.is_function_expression() => Kind::Function,
            _ => return,
        };
        let name = property_name(self.tree, name_node);
        let whole = self.tree.node(node);
        let found = Found {
            kind,
            signature: (kind == Kind::Function).then(|| const_signature(self.tree, &name, value)),
            name,
            name_node: Some(name_node),
            start: whole.start,
            end: whole.end,
            export,
            scope: NONE,
            has_body: true,
        };
        let inside = self.frame().inside;
        let Some(index) = self.b.add(found, inside) else { return };
        if kind == Kind::Function {
            describe_function(self.b, index, value, true);
        }
        self.claims.insert(value, index);
        self.push_owner(node, index);
    }

    fn export_keys(&mut self, object: NodeId) {
        for member in self.tree.children(object) {
            let name = match self.tree.kind(member) {
                NodeKind::ShorthandPropertyIdentifier => Some(member),
                NodeKind::Pair => self.tree.child(member, Field::Value),
                _ => None,
            };
            if let Some(name) = name {
                self.b.export_name(FILE_SCOPE, name);
            }
        }
    }

    fn assigned(&self, left: NodeId) -> Option<Assigned> {
        let tree = self.tree;
        if tree.kind(left) != NodeKind::MemberExpression {
            return None;
        }
        let object = tree.child(left, Field::Object)?;
        let property = tree.child(left, Field::Property)?;
        match (tree.bytes(object), tree.bytes(property)) {
            (b"module", b"exports") => return Some(Assigned::Module),
            (b"exports" | b"module.exports", _) => return Some(Assigned::Export(property)),
            _ => {}
        }
        let is_prototype = tree.kind(object) == NodeKind::MemberExpression
            && tree.child(object, Field::Property).is_some_and(|inner| tree.bytes(inner) == b"prototype")
            && tree.child(object, Field::Object).is_some_and(|inner| tree.kind(inner) == NodeKind::Identifier);
        is_prototype.then_some(Assigned::Prototype(property))
    }
}
