//! A syntax tree as one array in source order.
//!
//! Every later step asks for parents, siblings and fields many times. Through the parser's own nodes each question is a
//! search from the root; here it is an index, nothing recurses however deep the input nests, and no index can be out of
//! bounds: an unknown node answers like an empty one.

use std::borrow::Cow;
use std::cell::Cell;

use tree_sitter::{Tree, TreeCursor};

use super::grammar::Tables;
use super::model::Error;
use super::node_kind::{Field, NodeKind};
use super::text;

/// Position of a node in the array; parents come before children.
pub(super) type NodeId = u32;

/// Stands for "no node", "no definition" and the like, so that records stay small.
pub(super) const NONE: u32 = u32::MAX;

/// How many wrappers of a name are looked through: parentheses, casts.
const MAX_WRAPPERS: usize = 64;

/// How many nodes are flattened between two looks at the cancel flag.
const NODES_PER_CHECK: u32 = 8192;

#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: NodeKind,
    pub(super) field: Field,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) parent: NodeId,
    /// The node after this one's subtree.
    pub(super) next: NodeId,
}

const NO_NODE: Node = Node { kind: NodeKind::Skipped, field: Field::None, start: 0, end: 0, parent: NONE, next: 0 };

/// How many nodes of room a thread keeps for its next file. Getting fresh pages for every file costs more than filling
/// them; files that need more than this are few.
const KEPT_NODES: usize = 128 * 1024;

thread_local! {
    static ROOM: Cell<Vec<Node>> = const { Cell::new(Vec::new()) };
}

/// The tree of one source. Texts are those of `source`, also when a healed copy of it was parsed.
pub(super) struct FlatTree<'s> {
    nodes: Vec<Node>,
    source: &'s [u8],
}

impl<'s> FlatTree<'s> {
    pub(super) fn build(
        tree: &Tree,
        tables: &Tables,
        source: &'s [u8],
        cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, Error> {
        let mut flat = Self { nodes: ROOM.take(), source };
        flat.fill(tree.walk(), tables, cancelled)?;
        Ok(flat)
    }

    /// Tokens alone, side by side, for a language that finds its definitions in another way.
    pub(super) fn of_tokens(source: &'s [u8], tokens: impl Iterator<Item = (NodeKind, u32, u32)>) -> Self {
        let mut flat = Self { nodes: ROOM.take(), source };
        for (kind, start, end) in tokens {
            flat.push(Node { kind, field: Field::None, start, end, parent: NONE, next: 0 });
        }
        flat
    }

    fn fill(&mut self, mut cursor: TreeCursor<'_>, tables: &Tables, cancelled: &dyn Fn() -> bool) -> Result<(), Error> {
        let mut open: Vec<NodeId> = Vec::new();
        let mut parent = NONE;
        let mut until_check = NODES_PER_CHECK;
        loop {
            until_check -= 1;
            if until_check == 0 {
                until_check = NODES_PER_CHECK;
                if cancelled() {
                    return Err(Error::Cancelled);
                }
            }
            let node = cursor.node();
            let (kind, descend) = tables.kind(node.kind_id());
            if kind != NodeKind::Skipped {
                let field = cursor.field_id().map_or(Field::None, |id| tables.field(id.get()));
                // What was parsed can have a line end more than the source.
                let start = u32::try_from(node.start_byte().min(self.source.len())).unwrap_or(NONE);
                let end = u32::try_from(node.end_byte().min(self.source.len())).unwrap_or(NONE);
                let id = self.push(Node { kind, field, start, end, parent, next: 0 });
                if descend && cursor.goto_first_child() {
                    open.push(id);
                    parent = id;
                    continue;
                }
            }
            while !cursor.goto_next_sibling() {
                let Some(closed) = open.pop() else { return Ok(()) };
                self.close(closed);
                parent = open.last().copied().unwrap_or(NONE);
                if !cursor.goto_parent() {
                    return Ok(());
                }
            }
        }
    }

    fn push(&mut self, mut node: Node) -> NodeId {
        let id = self.len();
        node.next = id.saturating_add(1);
        self.nodes.push(node);
        id
    }

    fn close(&mut self, id: NodeId) {
        let next = self.len();
        if let Some(node) = self.nodes.get_mut(id as usize) {
            node.next = next;
        }
    }

    pub(super) fn len(&self) -> u32 {
        // A node covers at least one token, so a source below 4 GiB cannot reach the limit.
        u32::try_from(self.nodes.len()).unwrap_or(NONE)
    }

    pub(super) fn source(&self) -> &'s [u8] {
        self.source
    }

    #[inline]
    pub(super) fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id as usize).copied().unwrap_or(NO_NODE)
    }

    #[inline]
    pub(super) fn kind(&self, id: NodeId) -> NodeKind {
        self.nodes.get(id as usize).map_or(NodeKind::Skipped, |node| node.kind)
    }

    pub(super) fn parent(&self, id: NodeId) -> NodeId {
        self.node(id).parent
    }

    pub(super) fn bytes(&self, id: NodeId) -> &'s [u8] {
        let node = self.node(id);
        text::slice(self.source, node.start, node.end)
    }

    pub(super) fn text(&self, id: NodeId) -> Cow<'s, str> {
        String::from_utf8_lossy(self.bytes(id))
    }

    pub(super) fn children(&self, id: NodeId) -> Children<'_, 's> {
        Children { tree: self, at: id.saturating_add(1), end: self.node(id).next }
    }

    /// The first child under a field. Callers ask this of nodes with few children only.
    pub(super) fn child(&self, id: NodeId, field: Field) -> Option<NodeId> {
        self.children(id).find(|child| self.node(*child).field == field)
    }

    pub(super) fn child_of_kind(&self, id: NodeId, kind: NodeKind) -> Option<NodeId> {
        self.children(id).find(|child| self.kind(*child) == kind)
    }

    pub(super) fn has_child(&self, id: NodeId, kind: NodeKind) -> bool {
        self.child_of_kind(id, kind).is_some()
    }

    /// The first child that is not a comment.
    pub(super) fn only_child(&self, id: NodeId) -> Option<NodeId> {
        self.children(id).find(|child| self.kind(*child) != NodeKind::Comment)
    }

    /// Where the last name of an expression of names starts: that of `c` in `a.b.c`. An expression without a name starts
    /// where it starts.
    pub(super) fn last_name(&self, expression: NodeId) -> u32 {
        let mut at = expression;
        for _ in 0..MAX_WRAPPERS {
            let next = match self.kind(at) {
                NodeKind::MemberExpression | NodeKind::NestedIdentifier => self.child(at, Field::Property),
                NodeKind::Attribute => self.child(at, Field::Attribute),
                // `x["name"]`
                NodeKind::SubscriptExpression => {
                    self.child(at, Field::Index).filter(|index| self.kind(*index) == NodeKind::String)
                }
                NodeKind::SelectorExpression => self.child(at, Field::Selected),
                NodeKind::QualifiedType | NodeKind::NestedTypeIdentifier => self.child(at, Field::Name),
                NodeKind::GenericType => self.child(at, Field::Name).or_else(|| self.child(at, Field::Type)),
                NodeKind::TypeInstantiationExpression => self.child(at, Field::Type),
                NodeKind::InstantiationExpression => self.child(at, Field::Function).or_else(|| self.only_child(at)),
                NodeKind::IndexExpression => self.child(at, Field::Operand),
                NodeKind::ParenthesizedExpression
                | NodeKind::NonNullExpression
                | NodeKind::AsExpression
                | NodeKind::SatisfiesExpression
                | NodeKind::ParenthesizedType
                | NodeKind::PointerType => self.only_child(at),
                _ => None,
            };
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        self.node(at).start
    }

    /// The node after the subtree of `id`, if it has the same parent.
    pub(super) fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        let node = self.node(id);
        (self.node(node.next).parent == node.parent && node.next < self.len()).then_some(node.next)
    }
}

impl Drop for FlatTree<'_> {
    fn drop(&mut self) {
        let mut nodes = std::mem::take(&mut self.nodes);
        nodes.clear();
        nodes.shrink_to(KEPT_NODES);
        // A thread that ends keeps nothing.
        let _ = ROOM.try_with(|room| room.set(nodes));
    }
}

pub(super) struct Children<'t, 's> {
    tree: &'t FlatTree<'s>,
    at: NodeId,
    end: NodeId,
}

impl Iterator for Children<'_, '_> {
    type Item = NodeId;

    fn next(&mut self) -> Option<NodeId> {
        if self.at >= self.end {
            return None;
        }
        let id = self.at;
        self.at = self.tree.node(id).next.max(id.saturating_add(1));
        Some(id)
    }
}
