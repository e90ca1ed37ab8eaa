//! One value as a flat list of nodes, and views of it.

mod same;
mod value;

use std::cell::RefCell;

use crate::{
    keys::{KeyTable, NONE},
    lexer::{Lexer, Operator, Token},
    members::{Problem, is_header},
};

use same::{after, mark, same_keys};
pub use value::{Member, Members, Scalar, Tree, Value};

/// What a node is, in its lowest bits.
const KIND: u32 = 0b111;
const SCALAR: u32 = 0;
const CONTAINER: u32 = 1;
const MISSING: u32 = 2;
const QUOTED: u32 = 1 << 3;
const KEY: u32 = 1 << 4;
const HEADER: u32 = 1 << 5;
/// A key or a container of `[[name] ... ]`.
const BLOCK: u32 = 1 << 6;
/// A key that a later field of the container has as well.
const SUPERSEDED: u32 = 1 << 7;
/// A key that an earlier field of the container has as well.
const REPEATED: u32 = 1 << 8;
const HAS_FIELDS: u32 = 1 << 9;
const HAS_ITEMS: u32 = 1 << 10;
const OPERATOR_SHIFT: u32 = 16;

const OPERATORS: [Operator; 8] = [
    Operator::Equal,
    Operator::Exact,
    Operator::Less,
    Operator::LessOrEqual,
    Operator::Greater,
    Operator::GreaterOrEqual,
    Operator::NotEqual,
    Operator::Exists,
];

#[derive(Debug, Clone, Copy)]
struct Node {
    /// Of a scalar, its first byte.
    start: u32,
    /// Of a scalar, after its last byte; of a container, the node after it.
    end: u32,
    /// Of a key, the next field with the same key.
    same: u32,
    flags: u32,
}

/// A parsed value. Kept and filled again, it costs no memory anew.
#[derive(Debug, Default)]
pub struct Tape {
    nodes: Vec<Node>,
    open: Vec<u32>,
    keys: KeyTable,
}

thread_local! {
    static SPARE: RefCell<Vec<Tape>> = const { RefCell::new(Vec::new()) };
}

/// Lends a tape that was used before.
pub(crate) fn with_tape<R>(work: impl FnOnce(&mut Tape) -> R) -> R {
    let mut tape = SPARE.with_borrow_mut(Vec::pop).unwrap_or_default();
    let result = work(&mut tape);
    SPARE.with_borrow_mut(|spare| {
        // A huge one is not kept for the life of the thread.
        if spare.len() < 4 && tape.nodes.capacity() <= 1 << 20 {
            spare.push(tape);
        }
    });
    result
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

impl Tape {
    /// Parses `text`: of one value, a scalar or a container with its braces, or else of members. `depth` is the depth that the value
    /// itself stands at and `cap` the deepest that is allowed. The problem's offset is that in `text`.
    pub(crate) fn parse<'t>(
        &'t mut self,
        text: &'t [u8],
        is_value: bool,
        depth: u32,
        cap: u32,
    ) -> Result<Tree<'t>, Problem> {
        self.nodes.clear();
        self.open.clear();
        if u32::try_from(text.len()).is_err() {
            return Err(Problem::TooDeep(0));
        }
        // The value is the one item of a container around it.
        self.nodes.push(Node { start: 0, end: 0, same: NONE, flags: CONTAINER });
        self.open.push(0);
        Builder { text, lexer: Lexer::new(text, 0), tape: self, room: cap.saturating_sub(depth) as usize }
            .run(is_value)?;
        Ok(Tree::new(text, &self.nodes))
    }
}

struct Builder<'t, 'tape> {
    text: &'t [u8],
    lexer: Lexer<'t>,
    tape: &'tape mut Tape,
    room: usize,
}

/// What the last token of a container was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// Nothing that an operator or a brace could belong to.
    Nothing,
    /// A scalar that is an item or a key still.
    Loose,
    /// A scalar that is the value of a field.
    Value,
    /// A key with its operator.
    Key,
}

impl Builder<'_, '_> {
    fn push(&mut self, start: usize, end: usize, flags: u32) {
        self.tape.nodes.push(Node { start: narrow(start), end: narrow(end), same: NONE, flags });
    }

    fn run(&mut self, is_value: bool) -> Result<(), Problem> {
        // A value may have a header, and may be nothing at all, as behind a key.
        let mut last = if is_value { Last::Key } else { Last::Nothing };
        let mut in_block = false;
        while let Some(token) = self.lexer.next(in_block) {
            match token {
                Token::Scalar { start, end, quoted } => {
                    self.push(start, end, SCALAR | if quoted { QUOTED } else { 0 });
                    last = if last == Last::Key { Last::Value } else { Last::Loose };
                }
                Token::Operator(at, operator) => {
                    self.operator(at, operator, last)?;
                    last = Last::Key;
                }
                Token::Open(at) => {
                    self.header(last);
                    self.enter(at, 0)?;
                    (last, in_block) = (Last::Nothing, false);
                }
                Token::OpenBlock { start, end } => {
                    self.missing(last);
                    self.push(start, end, SCALAR | KEY | BLOCK);
                    self.enter(start, BLOCK)?;
                    (last, in_block) = (Last::Nothing, true);
                }
                Token::Close(at) if in_block => return Err(Problem::ClosesNothing(at)),
                Token::Close(at) | Token::CloseBlock(at) => {
                    self.missing(last);
                    in_block = self.leave(at)?;
                    last = Last::Nothing;
                }
                Token::Unterminated(at) => return Err(Problem::NeverEnds(at)),
            }
        }
        self.missing(last);
        match self.tape.open.as_slice() {
            [_] => {
                self.close_node(0);
                Ok(())
            }
            [.., inner] => {
                let start = self.tape.nodes.get(*inner as usize).map_or(0, |node| node.start as usize);
                Err(Problem::NeverCloses(start))
            }
            [] => Ok(()),
        }
    }

    fn operator(&mut self, at: usize, operator: Operator, last: Last) -> Result<(), Problem> {
        let flags = KEY | (u32::from(operator as u8) << OPERATOR_SHIFT);
        match last {
            Last::Loose => {}
            Last::Value => {
                // `a = b = 1`: the first key has no value.
                if let Some(scalar) = self.tape.nodes.last().copied() {
                    if let Some(value) = self.tape.nodes.last_mut() {
                        value.flags = MISSING;
                    }
                    self.tape.nodes.push(scalar);
                }
            }
            Last::Nothing | Last::Key => return Err(Problem::NoKey(at)),
        }
        if let Some(key) = self.tape.nodes.last_mut() {
            key.flags |= flags;
        }
        Ok(())
    }

    /// `key = rgb {`, and the same without a key where the word is a colour's.
    fn header(&mut self, last: Last) {
        let text = self.text;
        if let Some(node) = self.tape.nodes.last_mut()
            && node.flags & QUOTED == 0
            && (last == Last::Value
                || last == Last::Loose
                    && is_header(text.get(node.start as usize..node.end as usize).unwrap_or_default()))
        {
            node.flags |= HEADER;
        }
    }

    fn enter(&mut self, at: usize, flags: u32) -> Result<(), Problem> {
        if self.tape.open.len() > self.room {
            return Err(Problem::TooDeep(at));
        }
        self.tape.open.push(narrow(self.tape.nodes.len()));
        self.push(at, 0, CONTAINER | flags);
        Ok(())
    }

    fn missing(&mut self, last: Last) {
        if last == Last::Key {
            self.push(0, 0, MISSING);
        }
    }

    /// Closes the innermost container and says whether the one around it is a parameter block.
    fn leave(&mut self, at: usize) -> Result<bool, Problem> {
        if self.tape.open.len() < 2 {
            return Err(Problem::ClosesNothing(at));
        }
        let Some(container) = self.tape.open.pop() else { return Err(Problem::ClosesNothing(at)) };
        self.close_node(container);
        let outer = self.tape.open.last().and_then(|outer| self.tape.nodes.get(*outer as usize));
        Ok(outer.is_some_and(|outer| outer.flags & BLOCK != 0))
    }

    /// Notes where a container ends, what it holds and which of its keys are the same.
    fn close_node(&mut self, container: u32) {
        let Tape { nodes, keys, .. } = &mut *self.tape;
        let end = narrow(nodes.len());
        let mut at = container as usize + 1;
        let (mut fields, mut items) = (0usize, 0usize);
        let (mut seen, mut maybe_same) = ([0u64; 8], false);
        while let Some(node) = nodes.get(at) {
            if node.flags & KEY != 0 {
                fields += 1;
                maybe_same |= mark(self.text, *node).is_none_or(|mark| {
                    let Some(word) = seen.get_mut(usize::try_from(mark >> 61).unwrap_or(0)) else { return true };
                    let bit = 1 << ((mark >> 55) & 63);
                    let known = *word & bit != 0;
                    *word |= bit;
                    known
                });
                at += 1;
            } else {
                items += 1;
            }
            at = after(nodes, at);
        }
        if maybe_same {
            same_keys(self.text, nodes, container as usize + 1, fields, keys);
        }
        // A field's value was counted with its key.
        if let Some(node) = nodes.get_mut(container as usize) {
            node.end = end;
            node.flags |= if fields > 0 { HAS_FIELDS } else { 0 } | if items > 0 { HAS_ITEMS } else { 0 };
        }
    }
}
