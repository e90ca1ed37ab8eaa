//! What has to be known of a file before its walk: a method can stand before its type, and a comment belongs to what
//! comes after it.

use std::collections::{HashMap, HashSet};

use super::super::flat_tree::{FlatTree, NodeId};
use super::super::node_kind::{Field, NodeKind};
use super::comments::Comments;

pub(super) struct Outline<'s> {
    pub(super) comments: Comments,
    /// Types of the package by name.
    types: HashMap<&'s [u8], NodeId>,
    generic_functions: HashSet<&'s [u8]>,
    /// How many specifications a declaration or a list of them has.
    group_sizes: HashMap<NodeId, u32>,
}

impl<'s> Outline<'s> {
    pub(super) fn new(tree: &FlatTree<'s>) -> Self {
        let mut outline = Self {
            comments: Comments::default(),
            types: HashMap::new(),
            generic_functions: HashSet::new(),
            group_sizes: HashMap::new(),
        };
        let mut function_ends = 0;
        for id in 0..tree.len() {
            let node = tree.node(id);
            match node.kind {
                NodeKind::Comment => outline.comments.add(tree, id),
                NodeKind::TypeSpec | NodeKind::TypeAlias | NodeKind::ConstSpec | NodeKind::VarSpec => {
                    let size = outline.group_sizes.entry(node.parent).or_insert(0);
                    *size = size.saturating_add(1);
                    let is_type = matches!(node.kind, NodeKind::TypeSpec | NodeKind::TypeAlias);
                    if is_type
                        && id >= function_ends
                        && let Some(name) = tree.child(id, Field::Name)
                    {
                        outline.types.entry(tree.bytes(name)).or_insert(id);
                    }
                }
                NodeKind::FunctionDeclaration | NodeKind::MethodDeclaration | NodeKind::FuncLiteral => {
                    function_ends = function_ends.max(node.next);
                    if tree.child(id, Field::TypeParameters).is_some()
                        && let Some(name) = tree.child(id, Field::Name)
                    {
                        outline.generic_functions.insert(tree.bytes(name));
                    }
                }
                _ => {}
            }
        }
        outline
    }

    /// The specification of a type of the package.
    pub(super) fn type_spec(&self, name: &[u8]) -> Option<NodeId> {
        self.types.get(name).copied()
    }

    pub(super) fn is_type(&self, name: &[u8]) -> bool {
        self.types.contains_key(name)
    }

    /// Whether `name[..]` can be an instance of something generic instead of an element.
    pub(super) fn is_generic(&self, name: &[u8]) -> bool {
        self.generic_functions.contains(name) || self.is_type(name)
    }

    pub(super) fn is_alone(&self, group: NodeId) -> bool {
        self.group_sizes.get(&group) == Some(&1)
    }

    /// Where a specification's declaration starts and ends, and its documentation.
    pub(super) fn extent(&self, tree: &FlatTree<'_>, spec: NodeId) -> Extent {
        let own = tree.node(spec);
        let around = tree.node(own.parent);
        let in_list = around.kind == NodeKind::VarSpecList;
        let declaration = if in_list { tree.node(around.parent) } else { around };
        let is_declaration = matches!(
            declaration.kind,
            NodeKind::TypeDeclaration | NodeKind::ConstDeclaration | NodeKind::VarDeclaration
        );
        // Only a closing parenthesis can follow the specification in its declaration.
        let is_grouped = in_list || own.end != declaration.end;
        if !is_declaration {
            return Extent { start: own.start, end: own.end, doc: self.comments.doc_before(tree, own.start) };
        }
        if !is_grouped {
            let doc = self.comments.doc_before(tree, declaration.start);
            return Extent { start: declaration.start, end: declaration.end, doc };
        }
        let doc = self
            .comments
            .doc_before(tree, own.start)
            .or_else(|| self.is_alone(own.parent).then(|| self.comments.doc_before(tree, declaration.start)).flatten());
        Extent { start: own.start, end: own.end, doc }
    }
}

pub(super) struct Extent {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) doc: Option<String>,
}
