//! Variables, and constants that hold functions and classes.

use super::super::entities::{Export, Fold, Found, property_name};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{ScopeId, Target};
use super::super::uses::NotedId;
use super::Walk;
use super::bindings::bound_names;
use super::declarations::{describe_function, parameters};
use super::uses::unwrap_expression;

/// Where the names of a declaration go.
#[derive(Clone, Copy)]
struct Destination {
    scope: ScopeId,
    fold_scope: ScopeId,
    is_module: bool,
}

/// What a variable holds.
#[derive(Clone, Copy)]
struct Made {
    /// A module, or names of one: bound to the import already.
    imported: bool,
    declared: Option<NotedId>,
}

/// Start, end and visibility of a declared variable.
#[derive(Clone, Copy)]
struct Extent {
    start: u32,
    end: u32,
    export: Export,
}

/// The function a constant gets by calling a plain or `React.` function with it: `memo(() => ..)`. What a method is
/// called with (`.map(() => ..)`) is a callback instead.
fn wrapped_function(tree: &FlatTree<'_>, value: NodeId) -> Option<NodeId> {
    let mut call = value;
    loop {
        if tree.kind(call) != NodeKind::CallExpression {
            return None;
        }
        let callee = tree.child(call, Field::Function)?;
        let plain = match tree.kind(callee) {
            NodeKind::Identifier => tree.bytes(callee) != b"require",
            NodeKind::MemberExpression => {
                tree.child(callee, Field::Object).is_some_and(|object| tree.bytes(object) == b"React")
            }
            _ => false,
        };
        if !plain {
            return None;
        }
        let arguments = tree.child(call, Field::Arguments)?;
        let mut inner_call = None;
        for argument in tree.children(arguments) {
            let argument = unwrap_expression(tree, argument);
            if tree.kind(argument).is_function_expression() {
                return Some(argument);
            }
            if tree.kind(argument) == NodeKind::CallExpression {
                inner_call = inner_call.or(Some(argument));
            }
        }
        call = inner_call?;
    }
}

pub(super) fn const_signature(tree: &FlatTree<'_>, name: &str, function: NodeId) -> String {
    let parameters = parameters(tree, function);
    if parameters.is_empty() { format!("const {name}") } else { format!("const {name} = ({parameters})") }
}

impl Walk<'_, '_, '_> {
    pub(super) fn variable_declarator(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let destination = self.destination(self.tree.kind(self.tree.parent(node)) == NodeKind::VariableDeclaration);
        let extent = self.extent(node);
        let value = self.tree.child(node, Field::Value).map(|value| unwrap_expression(self.tree, value));
        let annotation = self.tree.child(node, Field::Type);
        let imported = value.is_some_and(|value| self.required_value(name, value, destination.scope));
        let declared = match (annotation, value) {
            _ if imported => None,
            (Some(annotation), _) => self.type_path(annotation),
            (None, Some(value)) => self.value_path(value),
            (None, None) => None,
        };
        if self.tree.kind(name) != NodeKind::Identifier {
            self.variables(name, destination, extent, imported);
            return;
        }
        let made = Made { imported, declared };
        let index = match value.map(|value| (value, self.tree.kind(value))) {
            Some((value, kind)) if kind.is_function_expression() => {
                self.constant_function(name, value, value, destination, extent)
            }
            Some((value, NodeKind::Class)) => self.constant_class(name, value, destination, extent),
            Some((value, _)) if destination.is_module => match wrapped_function(self.tree, value) {
                Some(function) => self.constant_function(name, value, function, destination, extent),
                None => self.variable(name, destination, extent, made),
            },
            _ => self.variable(name, destination, extent, made),
        };
        if let Some(index) = index {
            self.push_owner(node, index);
        }
    }

    pub(super) fn for_in(&mut self, node: NodeId) {
        let outer = self.destination(true);
        self.push_scope(node);
        let Some(pattern) = self.tree.child(node, Field::Left) else { return };
        let Some(kind) = self.tree.child(node, Field::Kind) else { return };
        if self.tree.kind(kind) == NodeKind::VarToken {
            let whole = self.tree.node(pattern);
            let extent = Extent { start: whole.start, end: whole.end, export: Export::Listed };
            self.variables(pattern, outer, extent, false);
        } else {
            self.bind_pattern(self.frame().scope, pattern);
        }
    }

    fn destination(&self, is_var: bool) -> Destination {
        let frame = self.frame();
        if is_var {
            let fold_scope = if frame.scope == frame.var_scope { frame.fold_scope } else { frame.var_scope };
            Destination { scope: frame.var_scope, fold_scope, is_module: frame.var_scope_is_module }
        } else {
            Destination { scope: frame.scope, fold_scope: frame.fold_scope, is_module: frame.scope_is_module }
        }
    }

    /// The whole statement for the only variable of a declaration, else what declares this one.
    fn extent(&self, declarator: NodeId) -> Extent {
        let tree = self.tree;
        let own = tree.node(declarator);
        let statement = self.statement(own.parent);
        let export = if statement.exported { Export::Yes } else { Export::Listed };
        let is_only = tree.child_of_kind(own.parent, NodeKind::VariableDeclarator) == Some(declarator)
            && own.next == tree.node(own.parent).next;
        if is_only {
            Extent { start: statement.start, end: statement.end, export }
        } else {
            Extent { start: own.start, end: own.end, export }
        }
    }

    fn constant_function(
        &mut self,
        name: NodeId,
        value: NodeId,
        function: NodeId,
        destination: Destination,
        extent: Extent,
    ) -> Option<u32> {
        let text = property_name(self.tree, name);
        // What a wrapper hands out need not take these parameters.
        let signature =
            if value == function { const_signature(self.tree, &text, function) } else { format!("const {text}") };
        let index = self.declare(Kind::Function, name, Some(signature), destination, extent)?;
        describe_function(self.b, index, function, true);
        self.claims.insert(function, index);
        Some(index)
    }

    fn constant_class(&mut self, name: NodeId, class: NodeId, destination: Destination, extent: Extent) -> Option<u32> {
        let index = self.declare(Kind::Class, name, None, destination, extent)?;
        self.claims.insert(class, index);
        Some(index)
    }

    fn declare(
        &mut self,
        kind: Kind,
        name: NodeId,
        signature: Option<String>,
        destination: Destination,
        extent: Extent,
    ) -> Option<u32> {
        let found = self.found(kind, name, signature, destination, extent);
        let inside = self.frame().inside;
        let index = self.b.add(found, inside)?;
        let name = self.b.name_id(name);
        self.b.scopes.bind(destination.scope, name, Target::Callable(index));
        Some(index)
    }

    fn found(
        &self,
        kind: Kind,
        name: NodeId,
        signature: Option<String>,
        destination: Destination,
        extent: Extent,
    ) -> Found {
        Found {
            kind,
            name: property_name(self.tree, name),
            name_node: Some(name),
            signature,
            start: extent.start,
            end: extent.end,
            export: extent.export,
            scope: destination.scope,
            has_body: true,
        }
    }

    /// One name; an entity only at the level of the module.
    fn variable(&mut self, name: NodeId, destination: Destination, extent: Extent, made: Made) -> Option<u32> {
        if !destination.is_module {
            if !made.imported {
                self.bind_value(destination.scope, name, made.declared);
            }
            return None;
        }
        let found = self.found(Kind::Variable, name, None, destination, extent);
        let inside = self.frame().inside;
        let fold = Fold::Merged(Kind::Variable);
        let index = self.b.add_or_fold(found, inside, destination.fold_scope, fold)?;
        if let Some(declared) = made.declared {
            self.b.uses.type_of(index, NONE, declared);
        }
        // What `require` answers is an import, which is bound already.
        if !made.imported {
            let name = self.b.name_id(name);
            self.b.scopes.bind(destination.scope, name, Target::Variable(index));
        }
        Some(index)
    }

    fn variables(&mut self, pattern: NodeId, destination: Destination, extent: Extent, imported: bool) {
        for name in bound_names(self.tree, pattern) {
            self.variable(name, destination, extent, Made { imported, declared: None });
        }
    }
}
