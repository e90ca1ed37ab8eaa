//! Views of a parsed value.

use std::borrow::Cow;

use super::{
    BLOCK, CONTAINER, HAS_FIELDS, HAS_ITEMS, HEADER, KEY, KIND, MISSING, Node, OPERATOR_SHIFT, OPERATORS, QUOTED,
    REPEATED, SCALAR, SUPERSEDED, same::after,
};
use crate::{keys::NONE, lexer::Operator, text};

/// A parsed value with the text that it is of.
#[derive(Debug, Clone, Copy)]
pub struct Tree<'t> {
    text: &'t [u8],
    nodes: &'t [Node],
}

impl<'t> Tree<'t> {
    pub(super) fn new(text: &'t [u8], nodes: &'t [Node]) -> Self {
        Self { text, nodes }
    }

    /// The container around the value: it holds one item, or what a text without braces holds.
    pub fn whole(self) -> Value<'t> {
        Value { tree: self, at: 0 }
    }

    /// The value.
    pub fn root(self) -> Value<'t> {
        self.whole().members().next().map_or(Value { tree: self, at: usize::MAX }, |member| member.value)
    }

    fn node(self, at: usize) -> Node {
        self.nodes.get(at).copied().unwrap_or(Node { start: 0, end: 0, same: NONE, flags: MISSING })
    }
}

/// A scalar: a word, a number, a date or a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scalar<'t> {
    /// Its bytes, without the quotes but with the backslashes.
    pub bytes: &'t [u8],
    /// Whether it stood in quotes.
    pub quoted: bool,
}

impl<'t> Scalar<'t> {
    /// The text: UTF-8, or windows-1252 where it is no UTF-8; `\"` and `\\` resolved in a quoted one.
    pub fn text(self) -> Cow<'t, str> {
        text::decode(self.bytes, self.quoted)
    }

    /// The number, if it is one.
    pub fn number(self) -> Option<f64> {
        std::str::from_utf8(self.bytes).ok()?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The whole number, if it is one.
    pub fn integer(self) -> Option<i64> {
        std::str::from_utf8(self.bytes).ok()?.parse().ok()
    }

    /// Whether it is `yes` or `no`, unquoted.
    pub fn boolean(self) -> Option<bool> {
        match self.bytes {
            b"yes" if !self.quoted => Some(true),
            b"no" if !self.quoted => Some(false),
            _ => None,
        }
    }
}

/// A value in a tree.
#[derive(Debug, Clone, Copy)]
pub struct Value<'t> {
    tree: Tree<'t>,
    at: usize,
}

/// A member of a container: a field if it has a key, else an item.
#[derive(Debug, Clone, Copy)]
pub struct Member<'t> {
    /// The key of a field.
    pub key: Option<Scalar<'t>>,
    /// The operator of a field.
    pub operator: Operator,
    /// The value.
    pub value: Value<'t>,
    key_at: usize,
}

impl<'t> Member<'t> {
    fn key_flag(&self, flag: u32) -> bool {
        self.key.is_some() && self.value.tree.node(self.key_at).flags & flag != 0
    }

    /// Whether a later field of the container has the same key.
    pub fn superseded(&self) -> bool {
        self.key_flag(SUPERSEDED)
    }

    /// Whether an earlier field of the container has the same key.
    pub fn repeated(&self) -> bool {
        self.key_flag(REPEATED)
    }

    /// Whether it is a parameter block, `[[name] ... ]`.
    pub fn is_block(&self) -> bool {
        self.key_flag(BLOCK)
    }

    /// The next field of the container with the same key.
    pub fn next_same(&self) -> Option<Member<'t>> {
        let tree = self.value.tree;
        let same = tree.node(self.key_at).same;
        (self.key.is_some() && same != NONE).then(|| member_at(tree, same as usize))
    }
}

fn scalar_at(tree: Tree<'_>, node: Node) -> Scalar<'_> {
    let bytes = tree.text.get(node.start as usize..node.end as usize).unwrap_or_default();
    Scalar { bytes, quoted: node.flags & QUOTED != 0 }
}

#[inline]
fn member_at(tree: Tree<'_>, at: usize) -> Member<'_> {
    let node = tree.node(at);
    if node.flags & KEY == 0 {
        return Member { key: None, operator: Operator::Equal, value: Value { tree, at }, key_at: at };
    }
    let operator = OPERATORS.get((node.flags >> OPERATOR_SHIFT) as usize).copied().unwrap_or_default();
    Member { key: Some(scalar_at(tree, node)), operator, value: Value { tree, at: at + 1 }, key_at: at }
}

impl<'t> Value<'t> {
    fn node(self) -> Node {
        self.tree.node(self.at)
    }

    /// The scalar, if it is one.
    #[inline]
    pub fn scalar(self) -> Option<Scalar<'t>> {
        let node = self.node();
        (node.flags & (KIND | HEADER) == SCALAR).then(|| scalar_at(self.tree, node))
    }

    /// The word before a container, as in `rgb { 1 2 3 }`.
    pub fn header(self) -> Option<Scalar<'t>> {
        let node = self.node();
        (node.flags & HEADER != 0).then(|| scalar_at(self.tree, node))
    }

    /// The container itself, behind its header.
    #[inline]
    fn bare(self) -> Value<'t> {
        if self.node().flags & HEADER != 0 { Value { at: self.at + 1, ..self } } else { self }
    }

    /// Whether it is a container; an empty one may be meant as a list or as an object.
    pub fn is_container(self) -> bool {
        self.bare().node().flags & KIND == CONTAINER
    }

    /// Whether it stands where a value should be and is none: `key=` and nothing.
    pub fn is_missing(self) -> bool {
        self.node().flags & KIND == MISSING
    }

    /// Whether the container has at least one field.
    pub fn has_fields(self) -> bool {
        self.bare().node().flags & HAS_FIELDS != 0
    }

    /// Whether the container has at least one item.
    pub fn has_items(self) -> bool {
        self.bare().node().flags & HAS_ITEMS != 0
    }

    /// The members of a container in the order of the file; of anything else, none.
    #[inline]
    pub fn members(self) -> Members<'t> {
        let bare = self.bare();
        let node = bare.node();
        let end = if node.flags & KIND == CONTAINER { node.end as usize } else { 0 };
        Members { tree: self.tree, at: bare.at.wrapping_add(1), end }
    }

    /// The values of the fields named `key`, in the order of the file.
    pub fn all(self, key: &'t str) -> impl Iterator<Item = Value<'t>> {
        let found = self.fields().find(|field| field.key.is_some_and(|name| name.bytes == key.as_bytes()));
        std::iter::successors(found, Member::next_same).map(|field| field.value)
    }

    /// The value of the last field named `key`.
    pub fn get(self, key: &'t str) -> Option<Value<'t>> {
        self.all(key).last()
    }

    /// The text of the last field named `key`, if that is a scalar.
    pub fn text(self, key: &'t str) -> Option<Cow<'t, str>> {
        self.get(key)?.scalar().map(Scalar::text)
    }

    /// The fields, without the items.
    pub fn fields(self) -> impl Iterator<Item = Member<'t>> {
        self.members().filter(|member| member.key.is_some())
    }

    /// The items, without the fields.
    pub fn items(self) -> impl Iterator<Item = Value<'t>> {
        self.members().filter(|member| member.key.is_none()).map(|member| member.value)
    }
}

/// The members of a container.
#[derive(Debug, Clone)]
pub struct Members<'t> {
    tree: Tree<'t>,
    at: usize,
    end: usize,
}

impl<'t> Iterator for Members<'t> {
    type Item = Member<'t>;

    #[inline]
    fn next(&mut self) -> Option<Member<'t>> {
        if self.at >= self.end {
            return None;
        }
        let member = member_at(self.tree, self.at);
        self.at = after(self.tree.nodes, member.value.at);
        Some(member)
    }
}
