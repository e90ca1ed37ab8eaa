//! Uses of names: calls, reads, writes, bases and types.

use super::super::flat_tree::{FlatTree, NONE, NodeId};
use super::super::links::{Role, Unresolved};
use super::super::node_kind::{Field, NodeKind};
use super::super::scope::NameId;
use super::super::uses::{NotedId, RESULT, Start};
use super::{Walk, is_blank};

/// How many nodes a chain of selectors may have. Each call of a chain takes its own part of it apart, so it is bounded.
const MAX_CHAIN: usize = 40;
/// How many steps a value may be away from a name to tell what a variable is.
const MAX_VALUE: usize = 4;

/// Types of the language. A package can declare them anew, and none does.
const TYPES: [&[u8]; 23] = [
    b"any",
    b"bool",
    b"byte",
    b"comparable",
    b"complex128",
    b"complex64",
    b"error",
    b"float32",
    b"float64",
    b"int",
    b"int16",
    b"int32",
    b"int64",
    b"int8",
    b"rune",
    b"string",
    b"uint",
    b"uint16",
    b"uint32",
    b"uint64",
    b"uint8",
    b"uintptr",
    b"_",
];
/// Functions of the language. `min`, `max`, `print` and the like are left out: packages have their own.
const FUNCTIONS: [&[u8]; 11] =
    [b"append", b"cap", b"complex", b"delete", b"imag", b"len", b"make", b"new", b"panic", b"real", b"recover"];

/// An expression of names as it stands in the tree.
struct Chain {
    base: NodeId,
    /// Last member first.
    members: Vec<NameId>,
    /// The last node that is part of the names and needs no visit of its own.
    until: NodeId,
}

/// The type of a literal, an assertion or `new(T)`.
fn made_type(tree: &FlatTree<'_>, node: NodeId) -> Option<NodeId> {
    match tree.kind(node) {
        NodeKind::CompositeLiteral | NodeKind::TypeAssertionExpression => tree.child(node, Field::Type),
        NodeKind::CallExpression => {
            let function = tree.child(node, Field::Function).filter(|function| tree.bytes(*function) == b"new")?;
            let arguments =
                tree.child(node, Field::Arguments).filter(|_| tree.kind(function) == NodeKind::Identifier)?;
            tree.only_child(arguments)
        }
        _ => None,
    }
}

impl Walk<'_, '_, '_> {
    /// Takes `a.b().c` apart; nothing where it does not start with a name.
    fn chain(&mut self, expression: NodeId) -> Option<Chain> {
        let tree = self.tree;
        let mut node = expression;
        let mut members = Vec::new();
        let mut until = NONE;
        for _ in 0..MAX_CHAIN {
            if let Some(made) = made_type(tree, node) {
                // What is asserted stands before the type.
                if tree.kind(node) == NodeKind::TypeAssertionExpression {
                    until = until.min(node.saturating_sub(1));
                }
                node = made;
                continue;
            }
            match tree.kind(node) {
                NodeKind::ParenthesizedExpression | NodeKind::ParenthesizedType | NodeKind::PointerType => {
                    node = tree.only_child(node)?;
                }
                NodeKind::UnaryExpression
                    if tree.bytes(node).starts_with(b"*") || tree.bytes(node).starts_with(b"&") =>
                {
                    node = tree.child(node, Field::Operand)?;
                }
                NodeKind::SelectorExpression => {
                    let selected = tree.child(node, Field::Selected)?;
                    members.push(self.b.name_id(selected));
                    node = tree.child(node, Field::Operand)?;
                }
                NodeKind::CallExpression => {
                    members.push(RESULT);
                    node = tree.child(node, Field::Function)?;
                }
                NodeKind::IndexExpression => {
                    node = tree.child(node, Field::Operand)?;
                    // Else an element, of which nothing is known.
                    if tree.kind(node) != NodeKind::Identifier || !self.outline.is_generic(tree.bytes(node)) {
                        return None;
                    }
                }
                NodeKind::GenericType | NodeKind::TypeInstantiationExpression => {
                    node = tree.child(node, Field::Type)?;
                }
                NodeKind::QualifiedType => {
                    let name = tree.child(node, Field::Name)?;
                    members.push(self.b.name_id(name));
                    // The name is a node of a kind that is visited, unlike that of a selector.
                    let base = tree.child(node, Field::Package)?;
                    return Some(Chain { base, members, until: until.min(name) });
                }
                NodeKind::Identifier | NodeKind::TypeIdentifier => {
                    return Some(Chain { base: node, members, until: until.min(node) });
                }
                _ => return None,
            }
        }
        None
    }

    fn note(&mut self, chain: &Chain) -> NotedId {
        let scope = self.frame().scope;
        let name = self.b.name_id(chain.base);
        let reference = self.b.scopes.refer(scope, name);
        self.b.uses.path(Start::Reference(reference), chain.members.iter().rev().copied())
    }

    fn is_predeclared(&self, chain: &Chain) -> bool {
        let text = self.tree.bytes(chain.base);
        chain.members.is_empty()
            && (TYPES.contains(&text) || FUNCTIONS.contains(&text))
            && !self.outline.is_generic(text)
    }

    /// What a type expression says a value is, if that is one name or a pointer to it.
    pub(super) fn type_path(&mut self, node: NodeId) -> Option<NotedId> {
        let is_name = matches!(
            self.tree.kind(node),
            NodeKind::TypeIdentifier
                | NodeKind::QualifiedType
                | NodeKind::GenericType
                | NodeKind::PointerType
                | NodeKind::ParenthesizedType
        );
        let chain = self.chain(node).filter(|chain| is_name && !self.is_predeclared(chain))?;
        Some(self.note(&chain))
    }

    /// What an expression is, for the type of what it is assigned to.
    pub(super) fn value_path(&mut self, value: NodeId) -> Option<NotedId> {
        let chain = self.chain(value)?;
        let tells = chain.members.len() <= MAX_VALUE && !FUNCTIONS.contains(&self.tree.bytes(chain.base));
        (tells && !self.is_predeclared(&chain)).then(|| self.note(&chain))
    }

    /// What a function returns, of several results the first: the others are mostly errors.
    pub(super) fn result_type(&mut self, index: u32, function: NodeId) {
        let tree = self.tree;
        let result = tree.child(function, Field::Result).and_then(|result| match tree.kind(result) {
            NodeKind::ParameterList => tree
                .child_of_kind(result, NodeKind::ParameterDeclaration)
                .and_then(|first| tree.child(first, Field::Type)),
            _ => Some(result),
        });
        if let Some(path) = result.filter(|_| index != NONE).and_then(|result| self.type_path(result)) {
            self.b.uses.type_of(index, NONE, path);
        }
    }

    fn used(&mut self, expression: NodeId, role: Role) {
        let (owner, at) = (self.frame().owner, self.tree.last_name(expression));
        match self.chain(expression) {
            Some(chain) => {
                self.noted_until = self.noted_until.max(chain.until);
                if !self.is_predeclared(&chain) {
                    let noted = self.note(&chain);
                    self.b.uses.site(owner, role, noted, at);
                } else if role == Role::Call && FUNCTIONS.contains(&self.tree.bytes(chain.base)) {
                    // The others are conversions.
                    self.b.uses.unresolved_call(owner, Unresolved::Builtin, at);
                }
            }
            None if role == Role::Call => {
                let member = self.tree.kind(expression) == NodeKind::SelectorExpression;
                let why = if member { Unresolved::UntypedReceiver } else { Unresolved::Expression };
                self.b.uses.unresolved_call(owner, why, at);
            }
            None => {}
        }
    }

    pub(super) fn call(&mut self, node: NodeId) {
        if let Some(function) = self.tree.child(node, Field::Function) {
            self.used(function, Role::Call);
        }
    }

    /// `T(x)` in the forms that can be nothing else; of those without a name, as `[]byte(x)`, nothing is to be said.
    pub(super) fn conversion(&mut self, node: NodeId) {
        if let Some(to) = self.tree.child(node, Field::Type)
            && self.chain(to).is_some()
        {
            self.used(to, Role::Call);
        }
    }

    /// What a struct or an interface embeds: it has the methods of that.
    pub(super) fn base(&mut self, index: u32, embedded: NodeId) {
        let Some(chain) = self.chain(embedded) else { return };
        self.bases.insert(chain.base);
        if !self.is_predeclared(&chain) {
            let noted = self.note(&chain);
            let at = self.tree.last_name(embedded);
            self.b.uses.site(super::Owner::Definition(index), Role::Extends, noted, at);
        }
    }

    /// The key of a struct literal is a field, that of a map a value.
    pub(super) fn keyed_element(&mut self, node: NodeId) {
        let tree = self.tree;
        let literal = tree.node(tree.parent(tree.parent(node)));
        let of = tree.children(tree.parent(tree.parent(node))).next();
        let is_map =
            literal.kind == NodeKind::CompositeLiteral && of.is_some_and(|of| tree.kind(of) == NodeKind::MapType);
        let key = tree.only_child(node).and_then(|key| tree.only_child(key));
        if let Some(key) = key.filter(|key| !is_map && tree.kind(*key) == NodeKind::Identifier) {
            self.noted_until = self.noted_until.max(key);
        }
    }

    /// A name or a chain of names that nothing around it has noted.
    pub(super) fn read(&mut self, node: NodeId) {
        if node <= self.noted_until || is_blank(self.tree, node) {
            return;
        }
        let tree = self.tree;
        let own = tree.node(node);
        let parent = tree.node(own.parent);
        let declares = own.field == Field::Name
            && matches!(
                parent.kind,
                NodeKind::FunctionDeclaration
                    | NodeKind::TypeSpec
                    | NodeKind::TypeAlias
                    | NodeKind::ConstSpec
                    | NodeKind::VarSpec
                    | NodeKind::ParameterDeclaration
                    | NodeKind::VariadicParameter
                    | NodeKind::TypeParameterDeclaration
            );
        if declares || own.parent == self.frame().alias {
            return;
        }
        if !self.bases.is_empty() && tree.kind(node) != NodeKind::SelectorExpression {
            let base = if own.kind == NodeKind::QualifiedType { tree.child(node, Field::Package) } else { Some(node) };
            if base.is_some_and(|base| self.bases.remove(&base)) {
                self.noted_until = self.noted_until.max(own.next.saturating_sub(1));
                return;
            }
        }
        let is_assigned = parent.kind == NodeKind::IncStatement
            || (parent.field == Field::Left
                && matches!(
                    tree.kind(parent.parent),
                    NodeKind::AssignmentStatement | NodeKind::RangeClause | NodeKind::ReceiveStatement
                ));
        let role = match own.kind {
            NodeKind::TypeIdentifier | NodeKind::QualifiedType => Role::Type,
            _ if is_assigned => Role::Write,
            _ => Role::Read,
        };
        self.used(node, role);
    }
}
