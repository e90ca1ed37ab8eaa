//! Uses of names: calls, reads, writes, bases and types.

use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::links::{Role, Unresolved};
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::{NameId, Target};
use super::super::text::slice;
use super::super::uses::{NotedId, Owner, RESULT, Start};
use super::Walk;

/// How many wrappers of a type are looked through: `Optional[Annotated[T, ..]]`.
const MAX_WRAPPERS: usize = 8;
/// How many nodes a chain of attributes may have. Each call of a chain takes its own part of it apart, so it is bounded.
const MAX_CHAIN: usize = 40;
/// Types that give what they wrap, as far as members are concerned.
const WRAPPERS: [&[u8]; 9] =
    [b"Optional", b"Annotated", b"Awaitable", b"Coroutine", b"Final", b"ClassVar", b"Type", b"type", b"Required"];

fn unwrap_parentheses(tree: &FlatTree<'_>, node: NodeId) -> NodeId {
    let mut node = node;
    while tree.kind(node) == NodeKind::ParenthesizedExpression {
        let Some(inner) = tree.only_child(node) else { break };
        node = inner;
    }
    node
}

fn is_super(tree: &FlatTree<'_>, object: NodeId) -> bool {
    tree.kind(object) == NodeKind::Call
        && tree.child(object, Field::Function).is_some_and(|callee| tree.bytes(callee) == b"super")
}

/// An expression of names as it stands in the tree.
struct Chain {
    base: NodeId,
    /// Last member first.
    members: Vec<NameId>,
    /// The last node that is part of the names and needs no visit of its own.
    until: NodeId,
}

impl Walk<'_, '_, '_> {
    /// Takes `a.b().c` apart; nothing where it does not start with a name.
    fn chain(&mut self, expression: NodeId) -> Option<Chain> {
        let tree = self.tree;
        let mut node = expression;
        let mut members = Vec::new();
        let mut until = NONE;
        for _ in 0..MAX_CHAIN {
            match tree.kind(node) {
                NodeKind::ParenthesizedExpression => node = tree.only_child(node)?,
                NodeKind::Attribute => {
                    let attribute = tree.child(node, Field::Attribute)?;
                    members.push(self.b.name_id(attribute));
                    node = tree.child(node, Field::Object)?;
                }
                NodeKind::AwaitExpression => node = tree.only_child(node)?,
                NodeKind::Call if is_super(tree, node) && self.frame().class != NONE => {
                    return Some(Chain { base: node, members, until: until.min(node) });
                }
                NodeKind::Call => {
                    until = until.min(node.saturating_sub(1));
                    members.push(RESULT);
                    node = tree.child(node, Field::Function)?;
                }
                NodeKind::Identifier => return Some(Chain { base: node, members, until: until.min(node) }),
                _ => return None,
            }
        }
        None
    }

    fn note(&mut self, chain: &Chain) -> NotedId {
        let context = self.context();
        let start = if self.tree.kind(chain.base) == NodeKind::Call {
            Start::Base(context.class)
        } else {
            let name = self.b.name_id(chain.base);
            Start::Reference(self.b.scopes.refer(context.scope, name))
        };
        self.b.uses.path(start, chain.members.iter().rev().copied())
    }

    /// Notes what an expression is, for the type of what it is assigned to. A plain name tells something only where
    /// it hands on a parameter: `self.store = store`.
    pub(super) fn value_path(&mut self, value: NodeId, plain_names: bool) -> Option<NotedId> {
        let value = unwrap_parentheses(self.tree, value);
        let tells = match self.tree.kind(value) {
            NodeKind::Call | NodeKind::AwaitExpression => true,
            NodeKind::Identifier => plain_names,
            _ => false,
        };
        let chain = self.chain(value).filter(|chain| tells && chain.members.len() <= 4)?;
        Some(self.note(&chain))
    }

    fn used(&mut self, expression: NodeId, role: Role) {
        let (owner, at) = (self.context().owner, self.tree.last_name(expression));
        match self.chain(expression) {
            Some(chain) => {
                self.noted_until = self.noted_until.max(chain.until);
                let noted = self.note(&chain);
                self.b.uses.site(owner, role, noted, at);
            }
            None if role == Role::Call => {
                let callee = unwrap_parentheses(self.tree, expression);
                let member = self.tree.kind(callee) == NodeKind::Attribute;
                let why = if member { Unresolved::UntypedReceiver } else { Unresolved::Expression };
                self.b.uses.unresolved_call(owner, why, at);
            }
            None => {}
        }
    }

    pub(super) fn call(&mut self, node: NodeId) {
        if let Some(callee) = self.tree.child(node, Field::Function) {
            self.used(callee, Role::Call);
        }
    }

    pub(super) fn written(&mut self, left: NodeId) {
        if matches!(self.tree.kind(left), NodeKind::Identifier | NodeKind::Attribute) {
            self.used(left, Role::Write);
        }
    }

    /// A name or an attribute that nothing around it has noted.
    pub(super) fn read(&mut self, node: NodeId) {
        if node <= self.noted_until {
            return;
        }
        let tree = self.tree;
        let own = tree.node(node);
        let mut parent = tree.node(own.parent);
        let names = matches!(
            (parent.kind, own.field),
            (NodeKind::Attribute, Field::Attribute)
                | (NodeKind::FunctionDefinition | NodeKind::ClassDefinition | NodeKind::KeywordArgument, Field::Name)
                | (NodeKind::KeywordPattern, _)
        );
        if names {
            return;
        }
        if parent.kind == NodeKind::Subscript && own.field == Field::Value {
            parent = tree.node(parent.parent);
        }
        let is_base = parent.kind == NodeKind::ArgumentList && tree.kind(parent.parent) == NodeKind::ClassDefinition;
        let role = if is_base { Role::Extends } else { self.frame().role };
        self.used(node, role);
    }

    pub(super) fn annotation(&mut self, node: NodeId) {
        if self.frame().role != Role::Type {
            let mut frame = self.inner(node);
            frame.role = Role::Type;
            self.frames.push(frame);
        }
    }

    pub(super) fn type_parameters(&mut self, node: NodeId) {
        // The arguments of a generic type look the same; only a definition's own parameters are bound.
        let of_definition =
            matches!(self.tree.kind(self.tree.parent(node)), NodeKind::FunctionDefinition | NodeKind::ClassDefinition);
        if !of_definition {
            return;
        }
        let scope = self.frame().scope;
        for parameter in self.tree.children(node) {
            if let Some(name) = self.tree.only_child(parameter) {
                let name = self.b.name_id(name);
                self.b.scopes.bind(scope, name, Target::Opaque);
            }
        }
    }

    /// A type that is written as a string because it is defined further down.
    pub(super) fn forward_reference(&mut self, string: NodeId) {
        if self.frame().role != Role::Type {
            return;
        }
        if let Some(noted) = self.quoted_path(string) {
            let owner = self.context().owner;
            let content = self.tree.child_of_kind(string, NodeKind::StringContent).unwrap_or(string);
            self.b.uses.site(owner, Role::Type, noted, self.tree.node(content).start);
        }
    }

    fn quoted_path(&mut self, string: NodeId) -> Option<NotedId> {
        let content = self.tree.node(self.tree.child_of_kind(string, NodeKind::StringContent)?);
        let text = slice(self.tree.source(), content.start, content.end);
        let plain = text.len() <= 256
            && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
            && text.first().is_some_and(|byte| !byte.is_ascii_digit());
        if !plain {
            return None;
        }
        let mut parts = text.split(|byte| *byte == b'.');
        let name = self.b.scopes.name(parts.next()?);
        let reference = self.b.scopes.refer(self.frame().scope, name);
        let members: Vec<NameId> = parts.map(|part| self.b.scopes.name(part)).collect();
        Some(self.b.uses.path(Start::Reference(reference), members))
    }

    /// What an annotation says a value is, if that is one name.
    pub(super) fn type_path(&mut self, annotation: NodeId) -> Option<NotedId> {
        let tree = self.tree;
        let mut node = annotation;
        for _ in 0..MAX_WRAPPERS {
            node = match tree.kind(node) {
                NodeKind::PythonType => tree.only_child(node)?,
                NodeKind::Identifier | NodeKind::Attribute => {
                    let chain = self.chain(node)?;
                    return Some(self.note(&chain));
                }
                NodeKind::String => return self.quoted_path(node),
                // `T | None`
                NodeKind::BinaryOperator | NodeKind::UnionType => {
                    let mut named = tree.children(node).filter(|part| tree.bytes(*part) != b"None");
                    let only = named.next()?;
                    if named.next().is_some() {
                        return None;
                    }
                    only
                }
                NodeKind::GenericType => {
                    let name = tree.only_child(node)?;
                    if WRAPPERS.contains(&tree.bytes(name)) {
                        tree.only_child(tree.child_of_kind(node, NodeKind::TypeParameterNode)?)?
                    } else {
                        name
                    }
                }
                NodeKind::Subscript => {
                    let value = tree.child(node, Field::Value)?;
                    let last = tree.bytes(value).rsplit(|byte| *byte == b'.').next().unwrap_or_default();
                    if WRAPPERS.contains(&last) { tree.child(node, Field::Subscript)? } else { value }
                }
                _ => return None,
            };
        }
        None
    }

    pub(super) fn decorator(&mut self, node: NodeId) {
        let tree = self.tree;
        let mut frame = self.inner(node);
        let around = tree.parent(node);
        if self.decorated.0 != around {
            self.decorated = (around, tree.child(around, Field::Definition));
        }
        if let Some(definition) = self.decorated.1 {
            let otherwise = match frame.owner {
                Owner::Definition(index) | Owner::Upcoming(_, index) => index,
            };
            frame.owner = Owner::Upcoming(definition, otherwise);
            self.b.uses.expect(definition);
        }
        self.frames.push(frame);
        let Some(expression) = tree.only_child(node) else { return };
        let expression = unwrap_parentheses(tree, expression);
        // A decorator with arguments is a call, which the walk reaches by itself.
        if tree.kind(expression) != NodeKind::Call {
            self.used(expression, Role::Call);
        }
    }
}
