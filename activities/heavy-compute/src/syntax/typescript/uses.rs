//! Uses of names: calls, reads, writes and types.

use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::links::{Role, Unresolved};
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{NameId, as_type};
use super::super::uses::{NotedId, Owner, RESULT, Start, UseContext, WhatName};
use super::Walk;

/// How many members a decorator looks ahead for the one it decorates.
const MAX_DECORATORS: usize = 64;
/// How many wrappers of a type are looked through: `Promise<Readonly<T> | null>`.
const MAX_WRAPPERS: usize = 8;
/// How many nodes a chain of members may have. Each call of a chain takes its own part of it apart, so it is bounded.
const MAX_CHAIN: usize = 40;
/// Types that give what they wrap, as far as members are concerned.
const WRAPPERS: [&[u8]; 7] =
    [b"Promise", b"PromiseLike", b"Awaited", b"Readonly", b"Partial", b"Required", b"NonNullable"];

/// The expression inside parentheses, casts and assertions, one layer off.
fn wrapped_expression(tree: &FlatTree<'_>, node: NodeId) -> Option<NodeId> {
    match tree.kind(node) {
        NodeKind::ParenthesizedExpression
        | NodeKind::NonNullExpression
        | NodeKind::AsExpression
        | NodeKind::SatisfiesExpression => tree.only_child(node),
        NodeKind::InstantiationExpression => tree.child(node, Field::Function).or_else(|| tree.only_child(node)),
        // The type comes first.
        NodeKind::TypeAssertion => tree.children(node).filter(|child| tree.kind(*child) != NodeKind::Comment).last(),
        _ => None,
    }
}

/// The expression inside all of them.
pub(super) fn unwrap_expression(tree: &FlatTree<'_>, node: NodeId) -> NodeId {
    let mut node = node;
    while let Some(inner) = wrapped_expression(tree, node) {
        node = inner;
    }
    node
}

/// `require("x")` and `import("x")`: the string.
pub(super) fn required_module(tree: &FlatTree<'_>, node: NodeId) -> Option<(NodeId, bool)> {
    if tree.kind(node) != NodeKind::CallExpression {
        return None;
    }
    let function = tree.child(node, Field::Function)?;
    let dynamic = tree.kind(function) == NodeKind::Import;
    if !dynamic && tree.bytes(function) != b"require" {
        return None;
    }
    let module = tree.only_child(tree.child(node, Field::Arguments)?)?;
    (tree.kind(module) == NodeKind::String).then_some((module, dynamic))
}

/// An expression of names as it stands in the tree.
pub(super) struct Chain {
    base: NodeId,
    /// Last member first.
    members: Vec<NameId>,
    /// The last node that is part of the names and needs no visit of its own.
    until: NodeId,
}

impl Walk<'_, '_, '_> {
    /// Takes `a.b().c` apart; nothing where it does not start with a name.
    pub(super) fn chain(&mut self, expression: NodeId) -> Option<Chain> {
        let tree = self.tree;
        let mut node = expression;
        let mut members = Vec::new();
        let mut until = NONE;
        for _ in 0..MAX_CHAIN {
            if let Some(inner) = wrapped_expression(tree, node) {
                node = inner;
                continue;
            }
            match tree.kind(node) {
                NodeKind::MemberExpression => {
                    let property = tree.child(node, Field::Property)?;
                    members.push(self.b.name_id(property));
                    node = tree.child(node, Field::Object)?;
                }
                NodeKind::AwaitExpression => node = tree.only_child(node)?,
                NodeKind::CallExpression if required_module(tree, node).is_some() => {
                    return Some(Chain { base: node, members, until: until.min(node) });
                }
                NodeKind::CallExpression => {
                    until = until.min(node.saturating_sub(1));
                    members.push(RESULT);
                    node = tree.child(node, Field::Function)?;
                }
                NodeKind::NewExpression => {
                    until = until.min(node.saturating_sub(1));
                    members.push(RESULT);
                    node = tree.child(node, Field::Constructor)?;
                }
                NodeKind::Identifier | NodeKind::This | NodeKind::Super => {
                    return Some(Chain { base: node, members, until: until.min(node) });
                }
                _ => return None,
            }
        }
        None
    }

    fn note(&mut self, chain: &Chain) -> Option<NotedId> {
        let context = self.context();
        let start = match self.tree.kind(chain.base) {
            NodeKind::Identifier => {
                let name = self.b.name_id(chain.base);
                Start::Reference(self.b.scopes.refer(context.scope, name))
            }
            NodeKind::This if context.class != NONE => Start::Own(context.class),
            NodeKind::Super if context.class != NONE => Start::Base(context.class),
            NodeKind::CallExpression => {
                let (module, dynamic) = required_module(self.tree, chain.base)?;
                Start::Import(self.module_import(module, if dynamic { WhatName::Module } else { WhatName::Required })?)
            }
            _ => return None,
        };
        Some(self.b.uses.path(start, chain.members.iter().rev().copied()))
    }

    /// Notes what an expression is, for the type of what it is assigned to.
    pub(super) fn value_path(&mut self, value: NodeId) -> Option<NotedId> {
        let kind = self.tree.kind(value);
        if !matches!(kind, NodeKind::NewExpression | NodeKind::CallExpression | NodeKind::AwaitExpression) {
            return None;
        }
        let chain = self.chain(value)?;
        if chain.members.len() > 4 {
            return None;
        }
        self.note(&chain)
    }

    /// The import that a `require("x")` or `import("x")` stands for.
    pub(super) fn module_import(&mut self, module: NodeId, imported: WhatName) -> Option<u32> {
        let name = self.module_name(module)?;
        Some(self.b.uses.import(name, imported))
    }

    /// A module's name without its quotes.
    pub(super) fn module_name(&mut self, string: NodeId) -> Option<NameId> {
        let token = self.tree.node(string);
        let inner = (token.start.saturating_add(1), token.end.saturating_sub(1));
        if token.kind != NodeKind::String || inner.0 >= inner.1 || inner.1 - inner.0 > 1024 {
            return None;
        }
        let text = super::super::text::slice(self.tree.source(), inner.0, inner.1);
        Some(self.b.scopes.name(text))
    }

    fn used(&mut self, expression: NodeId, role: Role) {
        let (owner, at) = (self.context().owner, self.tree.last_name(expression));
        let chain = self.chain(expression);
        let noted = chain.as_ref().and_then(|chain| self.note(chain));
        match (chain, noted) {
            (Some(chain), Some(noted)) => {
                self.noted_until = self.noted_until.max(chain.until);
                self.b.uses.site(owner, role, noted, at);
            }
            (chain, _) if role == Role::Call => {
                let why = match chain {
                    Some(_) => Unresolved::UntypedReceiver,
                    None if self.tree.kind(unwrap_expression(self.tree, expression)) == NodeKind::MemberExpression => {
                        Unresolved::UntypedReceiver
                    }
                    None => Unresolved::Expression,
                };
                self.b.uses.unresolved_call(owner, why, at);
            }
            _ => {}
        }
    }

    pub(super) fn call(&mut self, node: NodeId) {
        if required_module(self.tree, node).is_some() {
            self.required(node);
            return;
        }
        if let Some(callee) = self.tree.child(node, Field::Function) {
            self.used(callee, Role::Call);
        }
    }

    /// A `require` or `import()` that no declaration takes apart: what it loads is known all the same.
    fn required(&mut self, node: NodeId) {
        if node <= self.noted_until {
            return;
        }
        if let Some((module, dynamic)) = required_module(self.tree, node) {
            self.module_import(module, if dynamic { WhatName::Module } else { WhatName::Required });
            self.noted_until = node.saturating_add(1);
        }
    }

    pub(super) fn construction(&mut self, node: NodeId) {
        if let Some(callee) = self.tree.child(node, Field::Constructor) {
            self.used(callee, Role::Call);
        }
    }

    pub(super) fn jsx_element(&mut self, node: NodeId) {
        let Some(name) = self.tree.child(node, Field::Name) else { return };
        // A lower-case element is one of the platform's.
        let kind = self.tree.kind(name);
        let intrinsic =
            kind == NodeKind::Identifier && self.tree.bytes(name).first().is_none_or(u8::is_ascii_lowercase);
        if intrinsic {
            self.noted_until = self.noted_until.max(name);
        } else if matches!(kind, NodeKind::Identifier | NodeKind::MemberExpression) {
            self.used(name, Role::Call);
        }
    }

    /// A name or a member that nothing around it has noted.
    pub(super) fn read(&mut self, node: NodeId) {
        if node <= self.noted_until {
            return;
        }
        // The label of a tuple's element.
        let parent = self.tree.parent(node);
        let label = self.tree.node(node).field == Field::Name
            && matches!(self.tree.kind(parent), NodeKind::RequiredParameter | NodeKind::OptionalParameter);
        if !label {
            self.used(node, Role::Read);
        }
    }

    pub(super) fn written(&mut self, left: NodeId) {
        let target = unwrap_expression(self.tree, left);
        if matches!(self.tree.kind(target), NodeKind::Identifier | NodeKind::MemberExpression) {
            self.used(target, Role::Write);
        }
    }

    pub(super) fn base_class(&mut self, node: NodeId) {
        if let Some(value) = self.tree.child(node, Field::Value)
            && self.frame().class != NONE
        {
            self.used(value, Role::Extends);
        }
    }

    pub(super) fn type_name(&mut self, node: NodeId) {
        let tree = self.tree;
        let own = tree.node(node);
        let mut parent = own.parent;
        match tree.kind(parent) {
            NodeKind::GenericType if own.field == Field::Name => parent = tree.parent(parent),
            NodeKind::TypeParameterNode | NodeKind::InferType if own.field != Field::Value => return,
            NodeKind::MappedTypeClause if own.field == Field::Name => return,
            NodeKind::NestedTypeIdentifier => return,
            _ => {}
        }
        let role = match tree.kind(parent) {
            NodeKind::ImplementsClause => Role::Implements,
            NodeKind::ExtendsTypeClause => Role::Extends,
            _ => Role::Type,
        };
        if let Some(noted) = self.type_reference(node) {
            let owner = self.context().owner;
            self.b.uses.site(owner, role, noted, tree.last_name(node));
        }
    }

    /// A type by its name, plain or in a namespace.
    fn type_reference(&mut self, node: NodeId) -> Option<NotedId> {
        let scope = self.context().scope;
        match self.tree.kind(node) {
            NodeKind::TypeIdentifier => {
                let name = self.b.name_id(node);
                let reference = self.b.scopes.refer(scope, as_type(name));
                Some(self.b.uses.path(Start::Reference(reference), []))
            }
            NodeKind::NestedTypeIdentifier => {
                let member = self.tree.child(node, Field::Name)?;
                let mut members = vec![self.b.name_id(member)];
                let mut module = self.tree.child(node, Field::Module)?;
                while self.tree.kind(module) == NodeKind::NestedIdentifier {
                    let property = self.tree.child(module, Field::Property)?;
                    members.push(self.b.name_id(property));
                    module = self.tree.child(module, Field::Object)?;
                }
                self.noted_until = self.noted_until.max(module);
                let name = self.b.name_id(module);
                let reference = self.b.scopes.refer(scope, name);
                Some(self.b.uses.path(Start::Reference(reference), members.into_iter().rev()))
            }
            _ => None,
        }
    }

    /// What an annotation says a value is, if that is one name.
    pub(super) fn type_path(&mut self, annotation: NodeId) -> Option<NotedId> {
        let mut node = annotation;
        for _ in 0..MAX_WRAPPERS {
            let tree = self.tree;
            node = match tree.kind(node) {
                NodeKind::TypeAnnotation | NodeKind::ParenthesizedType | NodeKind::ReadonlyType => {
                    tree.only_child(node)?
                }
                NodeKind::UnionType => {
                    let mut named = tree.children(node).filter(|part| tree.kind(*part) != NodeKind::TypeLeaf);
                    let only = named.next()?;
                    if named.next().is_some() {
                        return None;
                    }
                    only
                }
                NodeKind::GenericType => {
                    let name = tree.child(node, Field::Name)?;
                    if WRAPPERS.contains(&tree.bytes(name)) {
                        tree.only_child(tree.child_of_kind(node, NodeKind::TypeArguments)?)?
                    } else {
                        name
                    }
                }
                NodeKind::ThisType => {
                    let class = self.context().class;
                    return (class != NONE).then(|| self.b.uses.path(Start::Own(class), []));
                }
                _ => return self.type_reference(node),
            };
        }
        None
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
                self.b.uses.expect(target);
                self.frames.push(frame);
            }
        }
        let Some(expression) = tree.only_child(node) else { return };
        let expression = unwrap_expression(tree, expression);
        // A decorator with arguments is a call, which the walk reaches by itself.
        if tree.kind(expression) != NodeKind::CallExpression {
            self.used(expression, Role::Call);
        }
    }

    pub(super) fn context(&self) -> UseContext {
        let frame = self.frame();
        UseContext { owner: frame.owner, scope: frame.scope, class: frame.class }
    }
}
