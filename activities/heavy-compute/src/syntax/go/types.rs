//! Types: structs with their fields, interfaces with their methods, and the others.

use super::super::entities::{Found, property_name};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, ScopeId, Target};
use super::super::text::{MAX_REPEATED_NAME, prefix};
use super::super::uses::Owner;
use super::functions::parameters;
use super::{OUTSIDE, Walk, is_blank};

/// What a specification says its type is.
fn underlying(tree: &FlatTree<'_>, spec: NodeId) -> Option<NodeId> {
    let mut node = tree.child(spec, Field::Type)?;
    while tree.kind(node) == NodeKind::ParenthesizedType {
        node = tree.only_child(node)?;
    }
    Some(node)
}

/// The name of a type without its pointers, package and type arguments.
pub(super) fn type_name(tree: &FlatTree<'_>, node: NodeId) -> Option<NodeId> {
    let mut node = node;
    loop {
        node = match tree.kind(node) {
            NodeKind::TypeIdentifier => return Some(node),
            NodeKind::PointerType | NodeKind::ParenthesizedType => tree.only_child(node)?,
            NodeKind::GenericType => tree.child(node, Field::Type)?,
            NodeKind::QualifiedType => tree.child(node, Field::Name)?,
            _ => return None,
        };
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn type_spec(&mut self, node: NodeId) {
        let tree = self.tree;
        let Some(name) = tree.child(node, Field::Name) else { return };
        let index = if self.frame().is_package {
            let known = self.package_type(node);
            // A second type of the name, in a broken file, has not been met by its methods.
            known.or_else(|| self.declare_type(node, name, OUTSIDE, FILE_SCOPE))
        } else {
            let scope = self.push_rest();
            let inside = self.frame().inside;
            let index = self.declare_type(node, name, inside, scope);
            if index.is_none() {
                self.bind_opaque(scope, name);
            }
            index
        };
        let mut frame = self.inner(node);
        frame.scope = self.b.scopes.open();
        frame.opened = frame.scope;
        frame.counter = NONE;
        if let Some(index) = index {
            frame.inside = self.b.inside(index, frame.inside);
            frame.owner = Owner::Definition(index);
        }
        self.frames.push(frame);
        if let Some(list) = tree.child(node, Field::TypeParameters) {
            self.bind_names_of(frame.scope, list);
        }
        if let Some(index) = index
            && tree.kind(node) == NodeKind::TypeAlias
            && let Some(path) = tree.child(node, Field::Type).and_then(|of| self.type_path(of))
        {
            self.b.uses.type_of(index, NONE, path);
        }
        if let (Some(index), Some(underlying)) = (index, underlying(tree, node)) {
            match tree.kind(underlying) {
                NodeKind::StructType => self.fields(underlying, index),
                NodeKind::InterfaceType => self.elements(underlying, index),
                _ => {}
            }
        }
    }

    /// The entity of a type of the package, made now if it is met for the first time.
    pub(super) fn package_type(&mut self, spec: NodeId) -> Option<u32> {
        if let Some(index) = self.types.get(&spec) {
            return Some(*index);
        }
        let name = self.tree.child(spec, Field::Name)?;
        let index = self.declare_type(spec, name, OUTSIDE, FILE_SCOPE)?;
        self.types.insert(spec, index);
        Some(index)
    }

    fn declare_type(&mut self, spec: NodeId, name: NodeId, inside: super::Inside, scope: ScopeId) -> Option<u32> {
        let tree = self.tree;
        if is_blank(tree, name) {
            return None;
        }
        let kind = match underlying(tree, spec).map(|node| tree.kind(node)) {
            _ if tree.kind(spec) == NodeKind::TypeAlias => Kind::Type,
            Some(NodeKind::StructType) => Kind::Struct,
            Some(NodeKind::InterfaceType) => Kind::Interface,
            _ => Kind::Type,
        };
        let extent = self.outline.extent(tree, spec);
        let found = Found {
            start: extent.start,
            end: extent.end,
            scope,
            ..self.declared(kind, spec, name, property_name(tree, name))
        };
        let index = self.b.add(found, inside)?;
        let class = self.b.classes.add(index);
        if let Some(draft) = self.b.drafts.get_mut(index as usize) {
            draft.class = class;
            draft.definition.doc = extent.doc;
        }
        self.bind(scope, name, Target::Callable(index));
        Some(index)
    }

    fn fields(&mut self, structure: NodeId, index: u32) {
        let tree = self.tree;
        let Some(list) = tree.child_of_kind(structure, NodeKind::FieldDeclarationList) else { return };
        for field in tree.children(list).filter(|child| tree.kind(*child) == NodeKind::FieldDeclaration) {
            let mut names = tree.children(field).filter(|child| tree.node(*child).field == Field::Name).peekable();
            if names.peek().is_none() {
                self.embedded(field, index);
            }
            let declared = tree.child(field, Field::Type).and_then(|of| self.type_path(of));
            for name in names {
                if let Some(declared) = declared {
                    let name = self.b.name_id(name);
                    self.b.uses.type_of(index, name, declared);
                }
                self.field(field, name, index);
            }
        }
    }

    /// An embedded field is named like its type, and lends its methods.
    fn embedded(&mut self, field: NodeId, index: u32) {
        let tree = self.tree;
        let Some(embedded) = tree.child(field, Field::Type) else { return };
        let Some(name) = type_name(tree, embedded) else { return };
        self.base(index, embedded);
        if let Some(declared) = self.type_path(embedded) {
            let name = self.b.name_id(name);
            self.b.uses.type_of(index, name, declared);
        }
        self.field(field, name, index);
    }

    fn field(&mut self, field: NodeId, name: NodeId, index: u32) {
        if !self.b.options.include_members || is_blank(self.tree, name) {
            return;
        }
        let found = Found { scope: NONE, ..self.declared(Kind::Property, field, name, property_name(self.tree, name)) };
        let inside = self.b.inside(index, OUTSIDE);
        let member = self.b.add(found, inside).unwrap_or(NONE);
        self.document(member, self.tree.node(field).start);
    }

    /// The methods of an interface; what it embeds is none of its own.
    fn elements(&mut self, interface: NodeId, index: u32) {
        let tree = self.tree;
        let Some(owner) = self.b.drafts.get(index as usize) else { return };
        let shown = prefix(&owner.definition.name, MAX_REPEATED_NAME).to_owned();
        for element in tree.children(interface) {
            if tree.kind(element) == NodeKind::TypeElem {
                let mut types = tree.children(element).filter(|part| tree.kind(*part) != NodeKind::Comment);
                if let Some(only) = types.next().filter(|_| types.next().is_none()) {
                    self.base(index, only);
                }
            }
            if tree.kind(element) != NodeKind::MethodElem {
                continue;
            }
            let Some(name) = tree.child(element, Field::Name) else { continue };
            if is_blank(tree, name) {
                continue;
            }
            let text = property_name(tree, name);
            let found = Found {
                signature: Some(format!("({shown}).{text}({})", parameters(tree, element))),
                scope: NONE,
                has_body: false,
                ..self.declared(Kind::Method, element, name, text)
            };
            let inside = self.b.inside(index, OUTSIDE);
            let Some(method) = self.b.add(found, inside) else { continue };
            self.result_type(method, element);
            self.owners.insert(element, method);
            self.describe(method, element, false);
            self.document(method, tree.node(element).start);
        }
    }
}
