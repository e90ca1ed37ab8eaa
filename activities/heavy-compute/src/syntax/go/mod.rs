//! Go: one pass over the tree with a stack of what is open.
//!
//! Names of the package are visible everywhere. A local name is visible from the end of its declaration to the end of
//! the block around it, so each declaration opens a scope of its own for the rest of its block.

mod bindings;
mod comments;
mod functions;
mod imports;
mod outline;
mod types;
mod uses;
mod variables;

use std::collections::{HashMap, HashSet};

use super::complexity::is_decision;
use super::entities::{Builder, Export, Inside};
use super::flat_tree::{FlatTree, NONE, NodeId};
use super::model::StatementForm;
use super::model::{Error, Options};
use super::node_kind::NodeKind;
use super::scope::{FILE_SCOPE, NameId, ScopeId};
use super::uses::{Owner, Rules};
use outline::Outline;

/// What a package shares is found by its entities; nobody can import what a file imported.
pub(super) const RULES: Rules = Rules { everything_is_exported: false, unbound_may_be_elsewhere: true };

const NODES_PER_CHECK: u32 = 16_384;

/// What holds until the subtree of a node ends.
#[derive(Clone, Copy)]
struct Frame {
    until: NodeId,
    /// The scope that opened with the frame and closes with it.
    opened: ScopeId,
    scope: ScopeId,
    /// Whether declarations are those of the package.
    is_package: bool,
    inside: Inside,
    owner: Owner,
    /// The function whose complexity is being counted.
    counter: u32,
    /// The declaration whose names are visible once the frame is closed.
    declares: NodeId,
    /// What a type switch declares in each of its cases.
    alias: NodeId,
}

const OUTSIDE: Inside = Inside { parent: NONE, container: NONE };

const ROOT: Frame = Frame {
    until: NONE,
    opened: NONE,
    scope: FILE_SCOPE,
    is_package: true,
    inside: OUTSIDE,
    owner: Owner::Definition(NONE),
    counter: NONE,
    declares: NONE,
    alias: NONE,
};

struct Walk<'b, 't, 's> {
    b: &'b mut Builder<'t, 's>,
    tree: &'t FlatTree<'s>,
    outline: Outline<'s>,
    frames: Vec<Frame>,
    /// Types that are entities already, by the node of their specification: a method can stand before its type.
    types: HashMap<NodeId, u32>,
    /// Package-level functions that are values of variables, by their literal.
    claims: HashMap<NodeId, u32>,
    /// The variables that own the values of a declaration, by the value.
    owners: HashMap<NodeId, u32>,
    /// Names in embedded types, which are noted as bases.
    bases: HashSet<NodeId>,
    /// What the file declares for its package.
    package_names: HashSet<NameId>,
    guessed_imports: Vec<(NameId, u32)>,
    /// Names up to this node belong to an expression that has been noted.
    noted_until: NodeId,
}

pub(super) fn walk<'t, 's>(
    tree: &'t FlatTree<'s>,
    options: Options,
    cancelled: &dyn Fn() -> bool,
) -> Result<Builder<'t, 's>, Error> {
    let mut builder = Builder::new(tree, options);
    let file = builder.scopes.open();
    debug_assert_eq!(file, FILE_SCOPE, "the file's scope opens first");
    let mut walk = Walk {
        b: &mut builder,
        tree,
        outline: Outline::new(tree),
        frames: vec![Frame { opened: file, ..ROOT }],
        types: HashMap::new(),
        claims: HashMap::new(),
        owners: HashMap::new(),
        bases: HashSet::new(),
        package_names: HashSet::new(),
        guessed_imports: Vec::new(),
        noted_until: 0,
    };
    let mut at = 0;
    let mut until_check = NODES_PER_CHECK;
    while at < tree.len() {
        until_check -= 1;
        if until_check == 0 {
            until_check = NODES_PER_CHECK;
            if cancelled() {
                return Err(Error::Cancelled);
            }
        }
        while walk.frames.len() > 1 && walk.frames.last().is_some_and(|frame| frame.until <= at) {
            walk.pop();
        }
        at = walk.visit(at).max(at.saturating_add(1));
    }
    while !walk.frames.is_empty() {
        walk.pop();
    }
    walk.bind_guessed_imports();
    Ok(builder)
}

impl Walk<'_, '_, '_> {
    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(ROOT)
    }

    fn pop(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.opened != NONE {
            self.b.scopes.close(frame.opened);
        }
        // A frame that ends with the block around it declares for nothing.
        if frame.declares != NONE && self.frame().until > frame.until {
            self.declare_locals(frame.declares);
        }
    }

    /// A frame for the subtree of `node` that differs from the enclosing one by what the caller changes.
    fn inner(&self, node: NodeId) -> Frame {
        Frame { until: self.tree.node(node).next, opened: NONE, declares: NONE, ..self.frame() }
    }

    fn push_scope(&mut self, node: NodeId) {
        let mut frame = self.inner(node);
        frame.scope = self.b.scopes.open();
        frame.opened = frame.scope;
        frame.is_package = false;
        self.frames.push(frame);
    }

    /// What stands in `node` belongs to the definition `index`.
    fn push_owner(&mut self, node: NodeId, index: u32) {
        let mut frame = self.inner(node);
        frame.inside = self.b.inside(index, frame.inside);
        frame.owner = Owner::Definition(index);
        self.frames.push(frame);
    }

    /// Visits one node; answers where the walk goes on.
    fn visit(&mut self, node: NodeId) -> NodeId {
        let into = node.saturating_add(1);
        let kind = self.tree.kind(node);
        if !self.owners.is_empty()
            && let Some(owner) = self.owners.remove(&node)
        {
            self.push_owner(node, owner);
        }
        match kind {
            NodeKind::Other | NodeKind::PropertyIdentifier | NodeKind::String => {}
            NodeKind::Identifier
            | NodeKind::TypeIdentifier
            | NodeKind::SelectorExpression
            | NodeKind::QualifiedType => self.read(node),
            NodeKind::KeyedElement => self.keyed_element(node),
            NodeKind::PackageClause => {
                self.package_clause(node);
                return self.tree.node(node).next;
            }
            NodeKind::ImportSpec => {
                let place = self.tree.node(node);
                self.b.uses.statement(StatementForm::Import, place.start, place.end);
                self.import(node);
                return self.tree.node(node).next;
            }
            NodeKind::FunctionDeclaration => self.function(node),
            NodeKind::MethodDeclaration => self.method(node),
            NodeKind::FuncLiteral => self.function_literal(node),
            NodeKind::TypeSpec | NodeKind::TypeAlias => self.type_spec(node),
            NodeKind::ConstSpec | NodeKind::VarSpec => self.variable_spec(node),
            NodeKind::ShortVarDeclaration | NodeKind::RangeClause | NodeKind::ReceiveStatement => {
                self.short_declaration(node);
            }
            NodeKind::Block => self.block(node),
            NodeKind::IfStatement | NodeKind::ForStatement => self.push_scope(node),
            NodeKind::ExpressionSwitchStatement | NodeKind::TypeSwitchStatement | NodeKind::SelectStatement => {
                self.switch(node);
            }
            NodeKind::ExpressionCase | NodeKind::TypeCase | NodeKind::DefaultCase | NodeKind::CommunicationCase => {
                self.case(node);
            }
            NodeKind::CallExpression => self.call(node),
            NodeKind::TypeConversionExpression => self.conversion(node),
            _ => {}
        }
        if is_decision(kind) {
            let counter = self.frame().counter;
            if counter != NONE {
                self.b.decision(counter);
            }
        }
        into
    }
}

/// Other packages can name what starts with an upper-case letter.
fn visibility(name: &str) -> Export {
    if name.chars().next().is_some_and(char::is_uppercase) { Export::Yes } else { Export::No }
}

/// Nothing can refer to `_`: what is declared under it is no entity.
fn is_blank(tree: &FlatTree<'_>, name: NodeId) -> bool {
    tree.bytes(name) == b"_"
}
