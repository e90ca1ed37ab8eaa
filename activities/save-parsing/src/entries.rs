//! Where the entries of one section stand.

use crate::{
    Limits,
    keys::{KeyTable, NONE},
    lexer::Operator,
    members::{Member, MemberValue, Problem, Sink, Span, read_members},
};

const QUOTED: u8 = 1;
const CONTAINER: u8 = 2;
const MISSING: u8 = 4;
const KEY: u8 = 8;
const BLOCK: u8 = 16;

/// A member of a section; offsets count from the section's start.
#[derive(Debug, Clone, Copy)]
struct Packed {
    key: u32,
    key_end: u32,
    start: u32,
    /// Of the header or the value.
    value: u32,
    end: u32,
    /// The last earlier entry with the same key.
    earlier: u32,
    flags: u8,
    operator: Operator,
    superseded: bool,
}

/// The entries of a section in the order of the file, every duplicate with its own place.
#[derive(Debug)]
pub(crate) struct Entries {
    base: usize,
    list: Vec<Packed>,
    keys: KeyTable,
    pub(crate) problem: Option<Problem>,
    pub(crate) fields: usize,
}

/// One entry; offsets are those of the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry {
    pub(crate) key: Option<Span>,
    /// Of the text from the key on.
    pub(crate) start: usize,
    /// The value with its header, quotes or braces.
    pub(crate) value: Span,
    pub(crate) operator: Operator,
    pub(crate) container: bool,
    pub(crate) block: bool,
    /// A later entry has the same key.
    pub(crate) superseded: bool,
}

impl Entries {
    /// Reads the container at `span`, a section of `text`.
    pub(crate) fn of(text: &[u8], span: Span, limits: &Limits) -> Self {
        let mut builder = Builder { base: span.start, list: Vec::new(), problem: None, text_len: span.end };
        if u32::try_from(span.end - span.start).is_ok() {
            // Never beyond the section, whatever is open at its end.
            let within = text.get(..span.end).unwrap_or(text);
            read_members(within, span.start + 1, 1, limits.depth, &mut builder);
        } else {
            builder.problem = Some(Problem::TooDeep(span.start));
        }
        let Builder { mut list, problem, .. } = builder;
        list.shrink_to_fit();
        let mut keys = KeyTable::default();
        let fields = list.iter().filter(|entry| entry.flags & KEY != 0).count();
        keys.reset(fields);
        for at in 0..list.len() {
            let Some(entry) = list.get(at).copied() else { break };
            if entry.flags & KEY == 0 {
                continue;
            }
            let number = u32::try_from(at).unwrap_or(NONE);
            let earlier = keys.insert(number, key_of(text, span.start, &entry), |other| {
                list.get(other as usize).map_or(&[], |other| key_of(text, span.start, other))
            });
            if let Some(earlier) = earlier {
                if let Some(entry) = list.get_mut(at) {
                    entry.earlier = earlier;
                }
                if let Some(entry) = list.get_mut(earlier as usize) {
                    entry.superseded = true;
                }
            }
        }
        Self { base: span.start, list, keys, problem, fields }
    }

    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    pub(crate) fn get(&self, at: usize) -> Option<Entry> {
        let packed = self.list.get(at)?;
        let place = |offset: u32| self.base + offset as usize;
        let has = |flag: u8| packed.flags & flag != 0;
        Some(Entry {
            key: has(KEY).then(|| Span { start: place(packed.key), end: place(packed.key_end) }),
            start: place(packed.start),
            value: Span { start: place(packed.value), end: place(packed.end) },
            operator: packed.operator,
            container: has(CONTAINER),
            block: has(BLOCK),
            superseded: packed.superseded,
        })
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Entry> {
        (0..self.list.len()).filter_map(|at| self.get(at))
    }

    /// The entries with this key, the last one first.
    pub(crate) fn with_key(&self, text: &[u8], key: &[u8]) -> impl Iterator<Item = Entry> {
        let last = self
            .keys
            .find(key, |other| self.list.get(other as usize).map_or(&[], |other| key_of(text, self.base, other)));
        let numbers = std::iter::successors(last, |at| {
            self.list.get(*at as usize).map(|entry| entry.earlier).filter(|earlier| *earlier != NONE)
        });
        numbers.filter_map(|at| self.get(at as usize))
    }
}

fn key_of<'t>(text: &'t [u8], base: usize, entry: &Packed) -> &'t [u8] {
    text.get(base + entry.key as usize..base + entry.key_end as usize).unwrap_or_default()
}

struct Builder {
    base: usize,
    list: Vec<Packed>,
    problem: Option<Problem>,
    text_len: usize,
}

impl Sink for Builder {
    fn member(&mut self, member: Member) {
        let narrow = |offset: usize| u32::try_from(offset.saturating_sub(self.base)).unwrap_or(u32::MAX);
        let key = member.key.unwrap_or(Span { start: self.base, end: self.base });
        let (value, end, kind) = match member.value {
            MemberValue::Missing => (key.end, key.end, MISSING),
            MemberValue::Scalar { span, quoted: true } => (span.start - 1, span.end + 1, QUOTED),
            MemberValue::Scalar { span, quoted: false } => (span.start, span.end, 0),
            MemberValue::Container { span } => {
                (member.header.map_or(span.start, |header| header.start), span.end, CONTAINER)
            }
        };
        let flags = kind | if member.key.is_some() { KEY } else { 0 } | if member.block { BLOCK } else { 0 };
        self.list.push(Packed {
            key: narrow(key.start),
            key_end: narrow(key.end),
            start: narrow(member.start),
            value: narrow(value),
            end: narrow(end),
            earlier: NONE,
            flags,
            operator: member.operator,
            superseded: false,
        });
    }

    fn problem(&mut self, problem: Problem) -> Option<usize> {
        self.problem.get_or_insert(problem);
        // One is enough: the section is not answered for.
        Some(self.text_len)
    }
}
