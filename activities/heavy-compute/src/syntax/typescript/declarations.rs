//! Functions, interfaces, types, enumerations and namespaces.

use super::super::entities::{Builder, Export, Fold, Found, property_name};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{Target, as_type};
use super::super::signature::parameter_text;
use super::super::text::collapse;
use super::super::uses::Owner;
use super::Walk;

/// Where the statement around a declaration starts, and whether it exports it.
pub(super) struct Statement {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) exported: bool,
}

pub(super) fn parameters(tree: &FlatTree<'_>, function: NodeId) -> String {
    let list = tree.child(function, Field::Parameters).or_else(|| tree.child(function, Field::Parameter));
    list.map(|list| parameter_text(tree, list)).unwrap_or_default()
}

/// Fills in what only functions have. `with_body` is false for heads and signatures.
pub(super) fn describe_function(b: &mut Builder<'_, '_>, index: u32, function: NodeId, with_body: bool) {
    let tree = b.tree;
    let count = if let Some(list) = tree.child(function, Field::Parameters) {
        let real = |parameter: &NodeId| {
            matches!(tree.kind(*parameter), NodeKind::RequiredParameter | NodeKind::OptionalParameter)
                && tree.child(*parameter, Field::Pattern).is_none_or(|pattern| tree.kind(pattern) != NodeKind::This)
        };
        tree.children(list).filter(real).count()
    } else {
        usize::from(tree.child(function, Field::Parameter).is_some())
    };
    let is_async = tree.has_child(function, NodeKind::AsyncToken);
    let return_type = tree.child(function, Field::ReturnType).map(|node| {
        let text = tree.text(node);
        collapse(text.strip_prefix(':').unwrap_or(&text))
    });
    if let Some(definition) = b.definition(index) {
        definition.is_async = Some(is_async);
        definition.parameter_count = u32::try_from(count).ok();
        definition.return_type = return_type.filter(|text| !text.is_empty());
        definition.complexity = with_body.then_some(1);
    }
}

impl Walk<'_, '_, '_> {
    /// Climbs from a declaration to what belongs to it in front: `export`, `declare`, decorators.
    pub(super) fn statement(&self, node: NodeId) -> Statement {
        let tree = self.tree;
        let own = tree.node(node);
        let mut found = Statement { start: own.start, end: own.end, exported: self.frame().ambient };
        let mut parent = own.parent;
        while matches!(
            tree.kind(parent),
            NodeKind::ExportStatement | NodeKind::AmbientDeclaration | NodeKind::ExpressionStatement
        ) {
            let around = tree.node(parent);
            found.start = around.start;
            found.end = found.end.max(around.end);
            found.exported |= around.kind == NodeKind::ExportStatement;
            parent = around.parent;
        }
        found
    }

    pub(super) fn function_declaration(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else {
            self.push_function(node, NONE);
            return;
        };
        let index = self.declare_function(node, name, true);
        if let Some(index) = index {
            let name = self.b.name_id(name);
            self.b.scopes.bind(self.frame().scope, name, Target::Callable(index));
        }
        self.push_function(node, index.unwrap_or(NONE));
    }

    pub(super) fn function_head(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let index = self.declare_function(node, name, false);
        if let Some(index) = index {
            let name = self.b.name_id(name);
            self.b.scopes.bind(self.frame().scope, name, Target::Callable(index));
        }
        self.push_function(node, index.unwrap_or(NONE));
    }

    fn declare_function(&mut self, node: NodeId, name: NodeId, has_body: bool) -> Option<u32> {
        let frame = self.frame();
        let statement = self.statement(node);
        let text = property_name(self.tree, name);
        let found = Found {
            kind: Kind::Function,
            signature: Some(format!("function {text}({})", parameters(self.tree, node))),
            name: text,
            name_node: Some(name),
            start: statement.start,
            end: statement.end,
            export: if statement.exported { Export::Yes } else { Export::Listed },
            scope: frame.scope,
            has_body,
        };
        let known = self.b.drafts.len();
        let index = self.b.add_or_fold(found, frame.inside, frame.fold_scope, Fold::Function)?;
        if has_body || self.b.drafts.len() > known {
            describe_function(self.b, index, node, has_body);
        }
        self.b.uses.made(node, index);
        Some(index)
    }

    pub(super) fn function_expression(&mut self, node: NodeId) {
        let index = if self.claims.is_empty() { None } else { self.claims.remove(&node) };
        let keeps_this = self.tree.kind(node) == NodeKind::ArrowFunction
            || self.tree.kind(self.tree.parent(node)) == NodeKind::PublicFieldDefinition;
        let class = if keeps_this { self.frame().class } else { NONE };
        self.push_function(node, index.unwrap_or(NONE));
        if let Some(frame) = self.frames.last_mut() {
            frame.class = class;
        }
        if let Some(name) = self.tree.child(node, Field::Name) {
            let target = index.map_or(Target::Opaque, Target::Callable);
            let name = self.b.name_id(name);
            self.b.scopes.bind(self.frame().scope, name, target);
        }
    }

    /// The inside of a function; `index` is its definition if it has one.
    pub(super) fn push_function(&mut self, node: NodeId, index: u32) {
        let mut frame = self.inner(node);
        let scope = self.b.scopes.open();
        frame.opened = scope;
        frame.scope = scope;
        frame.var_scope = scope;
        frame.fold_scope = scope;
        frame.scope_is_module = false;
        frame.var_scope_is_module = false;
        frame.ambient = false;
        frame.class = NONE;
        frame.counter = index;
        if index != NONE {
            frame.inside = self.b.inside(index, frame.inside);
            frame.owner = Owner::Definition(index);
        }
        self.frames.push(frame);
        self.bind_parameters(scope, node);
        if index != NONE
            && let Some(annotation) = self.tree.child(node, Field::ReturnType)
            && let Some(result) = self.type_path(annotation)
        {
            self.b.uses.type_of(index, NONE, result);
        }
    }

    pub(super) fn interface(&mut self, node: NodeId) {
        if let Some(index) = self.merged(node, Kind::Interface) {
            self.bind_type(node, index);
            self.push_type(node, index);
        }
    }

    fn bind_type(&mut self, node: NodeId, index: u32) {
        if let Some(name) = self.tree.child(node, Field::Name) {
            let name = self.b.name_id(name);
            self.b.scopes.bind(self.frame().scope, as_type(name), Target::Callable(index));
        }
    }

    /// The inside of a type, with a scope for its type parameters.
    fn push_type(&mut self, node: NodeId, index: u32) {
        self.push_scope(node);
        let inside = self.b.inside(index, self.frame().inside);
        if let Some(frame) = self.frames.last_mut() {
            frame.inside = inside;
            frame.owner = Owner::Definition(index);
        }
    }

    pub(super) fn type_alias(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let found = self.named(node, name, Kind::Type);
        let inside = self.frame().inside;
        let Some(index) = self.b.add(found, inside) else { return };
        self.bind_type(node, index);
        self.push_type(node, index);
        if let Some(value) = self.tree.child(node, Field::Value)
            && let Some(same) = self.type_path(value)
        {
            self.b.uses.type_of(index, NONE, same);
        }
    }

    pub(super) fn enumeration(&mut self, node: NodeId) {
        let Some(index) = self.merged(node, Kind::Enum) else { return };
        if let Some(name) = self.tree.child(node, Field::Name) {
            self.bind_definition(name, index);
        }
        self.push_owner(node, index);
        if self.b.options.include_members
            && let Some(body) = self.tree.child(node, Field::Body)
        {
            for member in self.tree.children(body) {
                let name = match self.tree.kind(member) {
                    NodeKind::EnumAssignment => self.tree.child(member, Field::Name),
                    NodeKind::Comment => None,
                    _ => Some(member),
                };
                if let Some(name) = name {
                    self.add_member(Kind::Constant, member, name);
                }
            }
        }
    }

    pub(super) fn namespace(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        let declared = self.tree.kind(self.tree.parent(node)) == NodeKind::AmbientDeclaration;
        let is_string = self.tree.kind(name) == NodeKind::String;
        let outer_ambient = self.frame().ambient;
        let Some(index) = self.merged(node, Kind::Namespace) else { return };
        if is_string && let Some(draft) = self.b.drafts.get_mut(index as usize) {
            // Other files name an ambient module by its string.
            draft.export = Export::Yes;
        }
        if self.tree.kind(name) == NodeKind::Identifier {
            self.bind_definition(name, index);
        }
        self.push_namespace(node, index, declared || outer_ambient);
    }

    pub(super) fn ambient(&mut self, node: NodeId) {
        if !self.tree.has_child(node, NodeKind::GlobalToken) {
            return;
        }
        let frame = self.frame();
        let statement = self.statement(node);
        let found = Found {
            kind: Kind::Namespace,
            name: "global".to_owned(),
            name_node: None,
            signature: None,
            start: statement.start,
            end: statement.end,
            export: Export::Yes,
            scope: frame.scope,
            has_body: true,
        };
        let token = self.tree.child_of_kind(node, NodeKind::GlobalToken);
        let index = self.b.add_or_fold(
            Found { name_node: token, ..found },
            frame.inside,
            frame.fold_scope,
            Fold::Merged(Kind::Namespace),
        );
        if let Some(index) = index {
            if let Some(definition) = self.b.definition(index) {
                definition.name_byte = None;
            }
            self.push_namespace(node, index, true);
        }
    }

    /// An enumeration or a namespace: a value and a type, and never more telling than a class or function of its name.
    fn bind_definition(&mut self, name: NodeId, index: u32) {
        let name = self.b.name_id(name);
        let scope = self.frame().scope;
        self.b.scopes.bind(scope, name, Target::Variable(index));
        self.b.scopes.bind(scope, as_type(name), Target::Variable(index));
    }

    fn push_namespace(&mut self, node: NodeId, index: u32, ambient: bool) {
        self.push_owner(node, index);
        let scope = self.b.scopes.open();
        let shared = match self.b.drafts.get_mut(index as usize) {
            Some(draft) if draft.member_scope == NONE => {
                draft.member_scope = scope;
                scope
            }
            Some(draft) => draft.member_scope,
            None => scope,
        };
        if let Some(frame) = self.frames.last_mut() {
            frame.opened = scope;
            frame.scope = scope;
            frame.var_scope = scope;
            frame.fold_scope = shared;
            frame.scope_is_module = true;
            frame.var_scope_is_module = true;
            frame.ambient = ambient;
            frame.class = NONE;
            frame.counter = NONE;
        }
    }

    /// A declaration that merges with others of its name and kind.
    fn merged(&mut self, node: NodeId, kind: Kind) -> Option<u32> {
        let name = self.tree.child(node, Field::Name)?;
        let found = self.named(node, name, kind);
        let frame = self.frame();
        self.b.add_or_fold(found, frame.inside, frame.fold_scope, Fold::Merged(kind))
    }

    /// A declaration without a signature.
    pub(super) fn named(&self, node: NodeId, name: NodeId, kind: Kind) -> Found {
        let statement = self.statement(node);
        Found {
            kind,
            name: property_name(self.tree, name),
            name_node: Some(name),
            signature: None,
            start: statement.start,
            end: statement.end,
            export: if statement.exported { Export::Yes } else { Export::Listed },
            scope: self.frame().scope,
            has_body: true,
        }
    }
}
