//! TypeScript and JavaScript: one pass over the tree with a stack of what is open.

mod bindings;
mod classes;
mod declarations;
mod exports;
mod imports;
mod literals;
mod uses;
mod variables;

use std::collections::HashMap;

use super::complexity::is_decision;
use super::entities::{Builder, Inside};
use super::flat_tree::{FlatTree, NONE, NodeId};
use super::model::StatementForm;
use super::model::{Error, Options};
use super::node_kind::NodeKind;
use super::scope::{FILE_SCOPE, ScopeId};
use super::uses::{Owner, Rules};

/// Only what a module exports can be imported, and nothing but imports brings names from elsewhere.
pub(super) const RULES: Rules = Rules { everything_is_exported: false, unbound_may_be_elsewhere: false };

const NODES_PER_CHECK: u32 = 16_384;

/// What holds until the subtree of a node ends.
#[derive(Clone, Copy)]
struct Frame {
    until: NodeId,
    /// The scope that opened with the frame and closes with it.
    opened: ScopeId,
    /// Where `let`, `const`, `class` and functions are bound.
    scope: ScopeId,
    /// Where `var` is bound.
    var_scope: ScopeId,
    /// Where repeated declarations meet: the scope, or one that merged namespaces share.
    fold_scope: ScopeId,
    /// Bindings of `scope`, and of `var_scope`, are entities: the file or a namespace.
    scope_is_module: bool,
    var_scope_is_module: bool,
    /// Inside `declare`, where everything is visible without a keyword.
    ambient: bool,
    inside: Inside,
    owner: Owner,
    /// The class that `this` and `super` belong to.
    class: u32,
    /// The function whose complexity is being counted.
    counter: u32,
}

struct Walk<'b, 't, 's> {
    b: &'b mut Builder<'t, 's>,
    tree: &'t FlatTree<'s>,
    frames: Vec<Frame>,
    /// Function and class expressions that a declaration further out has already turned into a definition.
    claims: HashMap<NodeId, u32>,
    /// The first of the decorators that wait for their class member: its parent and its start.
    decorators: Option<(NodeId, u32)>,
    /// Names and members up to this node belong to an expression that has been noted.
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
    let root = Frame {
        until: NONE,
        opened: file,
        scope: file,
        var_scope: file,
        fold_scope: file,
        scope_is_module: true,
        var_scope_is_module: true,
        ambient: false,
        inside: Inside { parent: NONE, container: NONE },
        owner: Owner::Definition(NONE),
        class: NONE,
        counter: NONE,
    };
    let mut walk =
        Walk { b: &mut builder, tree, frames: vec![root], claims: HashMap::new(), decorators: None, noted_until: 0 };
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
    Ok(builder)
}

impl Walk<'_, '_, '_> {
    fn frame(&self) -> Frame {
        // The root frame is popped after the walk only.
        self.frames.last().copied().unwrap_or(Frame {
            until: NONE,
            opened: NONE,
            scope: FILE_SCOPE,
            var_scope: FILE_SCOPE,
            fold_scope: FILE_SCOPE,
            scope_is_module: true,
            var_scope_is_module: true,
            ambient: false,
            inside: Inside { parent: NONE, container: NONE },
            owner: Owner::Definition(NONE),
            class: NONE,
            counter: NONE,
        })
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

    fn push_scope(&mut self, node: NodeId) {
        let mut frame = self.inner(node);
        let scope = self.b.scopes.open();
        frame.opened = scope;
        frame.scope = scope;
        frame.fold_scope = scope;
        frame.scope_is_module = false;
        self.frames.push(frame);
    }

    /// What stands in `node` belongs to the definition `index`.
    fn push_owner(&mut self, node: NodeId, index: u32) {
        let mut frame = self.inner(node);
        frame.inside = self.b.inside(index, frame.inside);
        frame.owner = Owner::Definition(index);
        self.frames.push(frame);
    }

    pub(super) fn brings_or_hands_out(&mut self, form: StatementForm, node: NodeId) {
        let place = self.tree.node(node);
        self.b.uses.statement(form, place.start, place.end);
    }

    /// Visits one node; answers where the walk goes on.
    fn visit(&mut self, node: NodeId) -> NodeId {
        let into = node.saturating_add(1);
        let kind = self.tree.kind(node);
        match kind {
            NodeKind::Other | NodeKind::PropertyIdentifier | NodeKind::String | NodeKind::TypeLeaf => {}
            NodeKind::Identifier | NodeKind::MemberExpression | NodeKind::ShorthandPropertyIdentifier => {
                self.read(node);
            }
            NodeKind::TypeIdentifier => self.type_name(node),
            NodeKind::NestedTypeIdentifier => {
                self.type_name(node);
                return self.tree.node(node).next;
            }
            NodeKind::TypeParameterNode | NodeKind::InferType | NodeKind::MappedTypeClause => self.type_parameter(node),
            NodeKind::CallSignature | NodeKind::IndexSignature => self.anonymous_signature(node),
            NodeKind::Comment => self.b.saw_comment(node),
            NodeKind::FunctionDeclaration | NodeKind::GeneratorFunctionDeclaration => self.function_declaration(node),
            NodeKind::FunctionSignature => self.function_head(node),
            NodeKind::ArrowFunction | NodeKind::FunctionExpression | NodeKind::GeneratorFunction => {
                self.function_expression(node);
            }
            NodeKind::ClassDeclaration | NodeKind::AbstractClassDeclaration | NodeKind::Class => self.class(node),
            NodeKind::ExtendsClause => self.base_class(node),
            NodeKind::MethodDefinition => self.method_definition(node),
            NodeKind::MethodSignature | NodeKind::AbstractMethodSignature => self.method_head(node),
            NodeKind::PublicFieldDefinition => self.field(node),
            NodeKind::PropertySignature => self.property_signature(node),
            NodeKind::InterfaceDeclaration => self.interface(node),
            NodeKind::TypeAliasDeclaration => self.type_alias(node),
            NodeKind::EnumDeclaration => self.enumeration(node),
            NodeKind::Module | NodeKind::InternalModule => self.namespace(node),
            NodeKind::AmbientDeclaration => self.ambient(node),
            NodeKind::VariableDeclarator => self.variable_declarator(node),
            NodeKind::AssignmentExpression | NodeKind::AugmentedAssignmentExpression => self.assignment(node),
            NodeKind::Pair => self.pair(node),
            NodeKind::ForInStatement => self.for_in(node),
            NodeKind::ForStatement | NodeKind::SwitchBody => self.push_scope(node),
            NodeKind::CatchClause => self.catch(node),
            NodeKind::StatementBlock => self.block(node),
            NodeKind::ClassStaticBlock => self.static_block(node),
            NodeKind::ImportStatement => {
                self.brings_or_hands_out(StatementForm::Import, node);
                self.import_statement(node);
                return self.tree.node(node).next;
            }
            NodeKind::ImportAlias => {
                self.import_alias(node);
                return self.tree.node(node).next;
            }
            NodeKind::ExportStatement => self.export_statement(node),
            NodeKind::ExportClause => {
                self.brings_or_hands_out(StatementForm::Export, node);
                return self.tree.node(node).next;
            }
            NodeKind::CallExpression => self.call(node),
            NodeKind::NewExpression => self.construction(node),
            NodeKind::JsxOpeningElement | NodeKind::JsxSelfClosingElement => self.jsx_element(node),
            NodeKind::JsxClosingElement => return self.tree.node(node).next,
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
