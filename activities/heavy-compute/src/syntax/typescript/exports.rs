//! Export statements, and the assignments that export in CommonJS.

use super::super::entities::{Export, Found, property_name};
use super::super::flat_tree::{NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, NameId, as_type};
use super::super::uses::{NotedId, Start};
use super::Walk;
use super::declarations::{describe_function, parameters};
use super::uses::unwrap_expression;
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
        if let Some(source) = tree.child(node, Field::Source) {
            self.reexports(node, source);
            return;
        }
        if let Some(clause) = tree.child_of_kind(node, NodeKind::ExportClause) {
            for specifier in tree.children(clause) {
                if let Some(name) = tree.child(specifier, Field::Name) {
                    self.b.export_name(scope, name);
                    let alias = tree.child(specifier, Field::Alias).unwrap_or(name);
                    self.export_as(alias, name);
                }
            }
        }
        // `export = name`
        if let Some(name) = tree.child_of_kind(node, NodeKind::Identifier) {
            self.b.export_name(scope, name);
            self.export_default_name(name);
        }
        if let Some(value) = tree.child(node, Field::Value) {
            self.default_export(node, value);
        } else if tree.has_child(node, NodeKind::DefaultToken)
            && let Some(declaration) = tree.child(node, Field::Declaration)
        {
            self.b.uses.export_default(declaration);
        }
    }

    /// Exports what `name` means here, value or type, as `alias`.
    fn export_as(&mut self, alias: NodeId, name: NodeId) {
        let alias = self.b.name_id(alias);
        self.export_name_as(alias, name);
    }

    fn export_default_name(&mut self, name: NodeId) {
        let default = self.b.scopes.name(DEFAULT_NAME.as_bytes());
        self.export_name_as(default, name);
        self.noted_until = self.noted_until.max(name);
    }

    fn export_name_as(&mut self, alias: NameId, name: NodeId) {
        let path = self.name_path(name);
        self.b.uses.export(alias, path);
    }

    /// What a name means here, as a value or else as a type.
    fn name_path(&mut self, name: NodeId) -> NotedId {
        let scope = self.frame().scope;
        let name = self.b.name_id(name);
        let first = self.b.scopes.refer(scope, name);
        self.b.scopes.refer(scope, as_type(name));
        self.b.uses.path(Start::Either(first), [])
    }

    /// `a.b.c` in an import alias.
    pub(super) fn nested_path(&mut self, value: NodeId) -> Option<NotedId> {
        let tree = self.tree;
        let mut members = Vec::new();
        let mut node = value;
        while tree.kind(node) == NodeKind::NestedIdentifier {
            let property = tree.child(node, Field::Property)?;
            members.push(self.b.name_id(property));
            node = tree.child(node, Field::Object)?;
        }
        let scope = self.frame().scope;
        let name = self.b.name_id(node);
        let first = self.b.scopes.refer(scope, name);
        self.b.scopes.refer(scope, as_type(name));
        Some(self.b.uses.path(Start::Either(first), members.into_iter().rev()))
    }

    /// `value` is exported as a whole by the statement `node`.
    fn default_export(&mut self, node: NodeId, value: NodeId) {
        let value = unwrap_expression(self.tree, value);
        let kind = match self.tree.kind(value) {
            NodeKind::Identifier => {
                let scope = self.frame().scope;
                self.b.export_name(scope, value);
                self.export_default_name(value);
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
        self.b.uses.export_default(value);
        self.b.uses.made(value, index);
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
        let Some(assigned) = self.assigned(left) else {
            self.written(left);
            return;
        };
        self.noted_until = self.noted_until.max(right.saturating_sub(1));
        let statement = self.tree.parent(node);
        let whole = if self.tree.kind(statement) == NodeKind::ExpressionStatement { statement } else { node };
        let value = unwrap_expression(self.tree, right);
        match assigned {
            Assigned::Module if self.tree.kind(value) == NodeKind::Object => self.export_keys(value),
            Assigned::Module if self.tree.kind(value) == NodeKind::Identifier => {
                self.b.export_name(FILE_SCOPE, value);
                self.export_default_name(value);
            }
            Assigned::Module => self.default_export(whole, value),
            Assigned::Export(name) if self.tree.kind(value) == NodeKind::Identifier => {
                self.b.export_name(FILE_SCOPE, value);
                self.export_as(name, value);
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
        let exported = self.b.name_id(name_node);
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
        if export == Export::Yes {
            self.b.uses.export_definition(exported, index);
        }
        self.claims.insert(value, index);
        self.push_owner(node, index);
    }

    fn export_keys(&mut self, object: NodeId) {
        for member in self.tree.children(object) {
            let (key, name) = match self.tree.kind(member) {
                NodeKind::ShorthandPropertyIdentifier => (Some(member), Some(member)),
                NodeKind::Pair => (self.tree.child(member, Field::Key), self.tree.child(member, Field::Value)),
                _ => (None, None),
            };
            if let (Some(key), Some(name)) = (key, name) {
                self.b.export_name(FILE_SCOPE, name);
                if matches!(self.tree.kind(name), NodeKind::Identifier | NodeKind::ShorthandPropertyIdentifier) {
                    self.export_as(key, name);
                }
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
