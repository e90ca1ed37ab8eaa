//! Python: one pass over the tree with a stack of what is open.

mod bindings;
mod definitions;
mod exports;
mod imports;
mod uses;

use std::collections::HashSet;

use super::complexity::is_decision;
use super::entities::{Builder, Inside};
use super::flat_tree::{FlatTree, NONE, NodeId};
use super::links::Role;
use super::model::StatementForm;
use super::model::{Error, Options};
use super::node_kind::NodeKind;
use super::scope::{FILE_SCOPE, NameId, ScopeId};
use super::uses::{Owner, Rules, UseContext};

/// Every name of a module can be imported from it, what it imported itself too.
pub(super) const RULES: Rules = Rules { everything_is_exported: true, unbound_may_be_elsewhere: false };

const NODES_PER_CHECK: u32 = 16_384;

/// What kind of body a name is bound in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Module,
    Class,
    Function,
}

/// What holds until the subtree of a node ends.
#[derive(Clone, Copy)]
struct Frame {
    until: NodeId,
    /// The scope that opened with the frame and closes with it.
    opened: ScopeId,
    scope: ScopeId,
    /// Where assignments bind: comprehensions have a scope of their own, but not for these.
    binding_scope: ScopeId,
    place: Place,
    inside: Inside,
    owner: Owner,
    /// The class whose body or method this is.
    class: u32,
    /// The function whose complexity is being counted.
    counter: u32,
    /// What reading a name means here: in an annotation it is a type.
    role: Role,
}

const ROOT: Frame = Frame {
    until: NONE,
    opened: NONE,
    scope: FILE_SCOPE,
    binding_scope: FILE_SCOPE,
    place: Place::Module,
    inside: Inside { parent: NONE, container: NONE },
    owner: Owner::Definition(NONE),
    class: NONE,
    counter: NONE,
    role: Role::Read,
};

struct Walk<'b, 't, 's> {
    b: &'b mut Builder<'t, 's>,
    tree: &'t FlatTree<'s>,
    frames: Vec<Frame>,
    /// Names a function declared `global`.
    globals: HashSet<(ScopeId, NameId)>,
    /// Where such names are bound, in case the module itself never does.
    bound_as_global: Vec<NodeId>,
    /// Names the module binds itself.
    module_names: HashSet<NameId>,
    /// Attributes that are members already.
    members: HashSet<(u32, NameId)>,
    has_export_list: bool,
    /// A decorated definition and what it defines, so that each of its decorators need not look for it.
    decorated: (NodeId, Option<NodeId>),
    /// Names and attributes up to this node belong to an expression that has been noted.
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
        frames: vec![Frame { opened: file, ..ROOT }],
        globals: HashSet::new(),
        bound_as_global: Vec::new(),
        module_names: HashSet::new(),
        members: HashSet::new(),
        has_export_list: false,
        decorated: (NONE, None),
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
    walk.globals_without_module_binding();
    walk.settle_exports();
    Ok(builder)
}

impl Walk<'_, '_, '_> {
    fn frame(&self) -> Frame {
        self.frames.last().copied().unwrap_or(ROOT)
    }

    fn pop(&mut self) {
        if let Some(frame) = self.frames.pop()
            && frame.opened != NONE
        {
            self.b.scopes.close(frame.opened);
        }
    }

    /// A frame for the subtree of `node` that differs from the enclosing one by what the caller changes.
    fn inner(&self, node: NodeId) -> Frame {
        Frame { until: self.tree.node(node).next, opened: NONE, ..self.frame() }
    }

    fn context(&self) -> UseContext {
        let frame = self.frame();
        UseContext { owner: frame.owner, scope: frame.scope, class: frame.class }
    }

    /// Visits one node; answers where the walk goes on.
    fn visit(&mut self, node: NodeId) -> NodeId {
        let into = node.saturating_add(1);
        let kind = self.tree.kind(node);
        match kind {
            NodeKind::Other | NodeKind::StringContent => {}
            NodeKind::Identifier | NodeKind::Attribute => self.read(node),
            NodeKind::String => self.forward_reference(node),
            NodeKind::PythonType => self.annotation(node),
            NodeKind::TypeParameterNode => self.type_parameters(node),
            NodeKind::FunctionDefinition => self.function(node),
            NodeKind::ClassDefinition => self.class(node),
            NodeKind::TypeAliasStatement => self.type_alias(node),
            NodeKind::Lambda => self.lambda(node),
            NodeKind::ListComprehension
            | NodeKind::SetComprehension
            | NodeKind::DictionaryComprehension
            | NodeKind::GeneratorExpression => self.comprehension(node),
            NodeKind::ForInClause => self.comprehension_variable(node),
            NodeKind::Assignment => self.assignment(node),
            NodeKind::AugmentedAssignment => self.augmented_assignment(node),
            NodeKind::ForStatement => self.loop_variable(node),
            NodeKind::NamedExpression => self.named_expression(node),
            NodeKind::AsPattern | NodeKind::ExceptClause => self.alias(node),
            NodeKind::CasePattern | NodeKind::UnionPattern | NodeKind::KeywordPattern | NodeKind::SplatPattern => {
                self.capture(node);
            }
            NodeKind::ImportStatement | NodeKind::ImportFromStatement | NodeKind::FutureImportStatement => {
                let place = self.tree.node(node);
                self.b.uses.statement(StatementForm::Import, place.start, place.end);
                self.import(node);
                return self.tree.node(node).next;
            }
            NodeKind::GlobalStatement | NodeKind::NonlocalStatement => {
                self.outer_names(node, kind == NodeKind::GlobalStatement);
            }
            NodeKind::Call => self.call(node),
            NodeKind::Decorator => self.decorator(node),
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
