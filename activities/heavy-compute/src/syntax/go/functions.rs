//! Functions, methods and function literals.

use super::super::entities::{Export, Found, property_name};
use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::links::Role;
use super::super::model::Kind;
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{FILE_SCOPE, Target};
use super::super::signature::parameter_text;
use super::super::text::{MAX_REPEATED_NAME, collapse, prefix};
use super::super::uses::{Owner, Start};
use super::{OUTSIDE, ROOT, Walk, is_blank, visibility};

pub(super) fn parameters(tree: &FlatTree<'_>, function: NodeId) -> String {
    tree.child(function, Field::Parameters).map(|list| parameter_text(tree, list)).unwrap_or_default()
}

/// The receiver of a method: `(s *Stack[T])`.
#[derive(Default)]
pub(super) struct Receiver {
    pub(super) name: Option<NodeId>,
    pub(super) base: Option<NodeId>,
    arguments: Option<NodeId>,
    is_pointer: bool,
}

impl Receiver {
    pub(super) fn of(tree: &FlatTree<'_>, method: NodeId) -> Self {
        let mut receiver = Self::default();
        let list = tree.child(method, Field::Receiver);
        let Some(entry) = list.and_then(|list| tree.child_of_kind(list, NodeKind::ParameterDeclaration)) else {
            return receiver;
        };
        receiver.name = tree.child(entry, Field::Name);
        let mut part = tree.child(entry, Field::Type);
        while let Some(node) = part {
            part = match tree.kind(node) {
                NodeKind::ParenthesizedType => tree.only_child(node),
                NodeKind::PointerType => {
                    receiver.is_pointer = true;
                    tree.only_child(node)
                }
                NodeKind::GenericType => {
                    receiver.arguments = tree.child(node, Field::TypeArguments);
                    tree.child(node, Field::Type)
                }
                NodeKind::TypeIdentifier => {
                    receiver.base = Some(node);
                    None
                }
                _ => None,
            };
        }
        receiver
    }
}

impl Walk<'_, '_, '_> {
    pub(super) fn function(&mut self, node: NodeId) {
        let tree = self.tree;
        let name = tree.child(node, Field::Name).filter(|name| !is_blank(tree, *name));
        let index = name.and_then(|name| {
            let text = property_name(tree, name);
            // The runtime calls each `init` of a file, nothing else can.
            let is_init = text == "init";
            let found = Found {
                signature: Some(format!("func {text}({})", parameters(tree, node))),
                ..self.declared(Kind::Function, node, name, text)
            };
            let index = self.b.add(found, OUTSIDE)?;
            if !is_init {
                self.bind(FILE_SCOPE, name, Target::Callable(index));
            }
            Some(index)
        });
        let index = index.unwrap_or(NONE);
        self.describe(index, node, tree.child(node, Field::Body).is_some());
        self.document(index, tree.node(node).start);
        self.push_declared(node, index);
        self.result_type(index, node);
    }

    pub(super) fn method(&mut self, node: NodeId) {
        let tree = self.tree;
        let receiver = Receiver::of(tree, node);
        let base = receiver.base.map(|base| property_name(tree, base)).unwrap_or_default();
        let owner = receiver.base.and_then(|base| self.outline.type_spec(tree.bytes(base)));
        let owner = owner.and_then(|spec| self.package_type(spec));
        let name = tree.child(node, Field::Name).filter(|name| !is_blank(tree, *name));
        let index = name.and_then(|name| {
            let text = property_name(tree, name);
            let star = if receiver.is_pointer { "*" } else { "" };
            let shown = prefix(&base, MAX_REPEATED_NAME);
            let mut found = Found {
                signature: Some(format!("({star}{shown}).{text}({})", parameters(tree, node))),
                scope: NONE,
                ..self.declared(Kind::Method, node, name, text)
            };
            if visibility(&base) == Export::No {
                found.export = Export::No;
            }
            let inside = owner.map_or(OUTSIDE, |owner| self.b.inside(owner, OUTSIDE));
            self.b.add(found, inside)
        });
        let index = index.unwrap_or(NONE);
        self.describe(index, node, tree.child(node, Field::Body).is_some());
        self.document(index, tree.node(node).start);
        if let Some(base) = receiver.base.filter(|_| owner.is_none() && index != NONE) {
            let at = tree.node(base).start;
            let base = self.b.name_id(base);
            let reference = self.b.scopes.refer(FILE_SCOPE, base);
            let path = self.b.uses.path(Start::Reference(reference), []);
            self.b.uses.site(Owner::Definition(index), Role::MemberOf, path, at);
        }
        if let Some(list) = tree.child(node, Field::Receiver) {
            self.noted_until = self.noted_until.max(tree.node(list).next.saturating_sub(1));
        }
        self.push_declared(node, index);
        // `[K, V]` of a receiver names the type's parameters.
        let scope = self.frame().scope;
        let arguments = receiver.arguments.map(|list| tree.children(list)).into_iter().flatten();
        for name in arguments.filter_map(|argument| {
            if tree.kind(argument) == NodeKind::TypeElem { tree.only_child(argument) } else { Some(argument) }
        }) {
            if tree.kind(name) == NodeKind::TypeIdentifier {
                self.bind_opaque(scope, name);
            }
        }
        self.result_type(index, node);
    }

    /// What a method calls its receiver, in the scope of its body.
    pub(super) fn bind_receiver(&mut self, method: NodeId) {
        let tree = self.tree;
        let receiver = Receiver::of(tree, method);
        let (Some(name), Some(base)) = (receiver.name, receiver.base) else { return };
        let owner = self.outline.type_spec(tree.bytes(base)).and_then(|spec| self.package_type(spec));
        let class = owner.and_then(|owner| self.b.drafts.get(owner as usize)).map_or(NONE, |draft| draft.class);
        let target = if class == NONE {
            let base = self.b.name_id(base);
            let reference = self.b.scopes.refer(FILE_SCOPE, base);
            Target::Instance(self.b.uses.path(Start::Reference(reference), []))
        } else {
            Target::Receiver(class)
        };
        let scope = self.frame().scope;
        self.bind(scope, name, target);
    }

    pub(super) fn function_literal(&mut self, node: NodeId) {
        let index = if self.claims.is_empty() { None } else { self.claims.remove(&node) };
        let index = index.unwrap_or(NONE);
        self.push_function(node, index);
        self.result_type(index, node);
    }

    /// Go knows no functions in functions: what looks like one in a broken place is one of the package.
    fn push_declared(&mut self, node: NodeId, index: u32) {
        self.push_function(node, index);
        if let Some(frame) = self.frames.last_mut()
            && index == NONE
        {
            frame.inside = ROOT.inside;
            frame.owner = ROOT.owner;
        }
    }

    /// A function without its body, in which its types mean something; `index` is its definition if it has one.
    fn push_function(&mut self, node: NodeId, index: u32) {
        let mut frame = self.inner(node);
        frame.scope = self.b.scopes.open();
        frame.opened = frame.scope;
        frame.is_package = false;
        frame.counter = index;
        if index != NONE {
            frame.inside = self.b.inside(index, frame.inside);
            frame.owner = Owner::Definition(index);
        }
        self.frames.push(frame);
        if let Some(list) = self.tree.child(node, Field::TypeParameters) {
            self.bind_names_of(frame.scope, list);
        }
    }

    /// Fills in what only functions have.
    pub(super) fn describe(&mut self, index: u32, function: NodeId, with_body: bool) {
        let tree = self.tree;
        let entries = tree.child(function, Field::Parameters).map(|list| tree.children(list)).into_iter().flatten();
        let count: usize = entries
            .filter(|entry| matches!(tree.kind(*entry), NodeKind::ParameterDeclaration | NodeKind::VariadicParameter))
            .map(|entry| tree.children(entry).filter(|child| tree.node(*child).field == Field::Name).count().max(1))
            .sum();
        let return_type = tree.child(function, Field::Result).map(|result| match tree.kind(result) {
            NodeKind::ParameterList => format!("({})", parameter_text(tree, result)),
            _ => collapse(&tree.text(result)),
        });
        if let Some(definition) = self.b.definition(index) {
            definition.parameter_count = u32::try_from(count).ok();
            definition.return_type = return_type;
            definition.complexity = with_body.then_some(1);
        }
    }

    pub(super) fn document(&mut self, index: u32, start: u32) {
        if index != NONE {
            let doc = self.outline.comments.doc_before(self.tree, start);
            if let Some(definition) = self.b.definition(index) {
                definition.doc = doc;
            }
        }
    }

    /// A definition as wide as `node`, without a signature.
    pub(super) fn declared(&self, kind: Kind, node: NodeId, name: NodeId, text: String) -> Found {
        let whole = self.tree.node(node);
        Found {
            kind,
            export: visibility(&text),
            name: text,
            name_node: Some(name),
            signature: None,
            start: whole.start,
            end: whole.end,
            scope: FILE_SCOPE,
            has_body: true,
        }
    }
}
