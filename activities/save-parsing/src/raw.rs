//! Values where they stand in the text: a container is read member by member, and what is nested in it is passed over until
//! it is asked for. Nothing is stored, everything borrows the text, so a value outlives whatever was read around it.

use std::borrow::Cow;

use crate::{
    Scalar,
    members::{Member, MemberValue, Problem, Sink, Span, Stop, read_members},
    text,
};

/// A value as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub enum Raw<'s> {
    /// `key=` and nothing behind it.
    Missing,
    /// A word, a number, a date or a string.
    Scalar(Scalar<'s>),
    /// A container, with or without a header.
    Block(RawBlock<'s>),
}

/// A container as it stands in the text.
#[derive(Debug, Clone, Copy)]
pub struct RawBlock<'s> {
    /// From the opening brace on; what stands behind the closing one is never read.
    text: &'s [u8],
}

/// A member of a container: a field if it has a key, else an item.
#[derive(Debug, Clone, Copy)]
pub struct RawField<'s> {
    /// The key of a field, without quotes; none of an item.
    pub key: Option<&'s [u8]>,
    /// The value.
    pub value: Raw<'s>,
}

impl<'s> RawField<'s> {
    /// The key as a whole number, which is how the entries of a section are named.
    pub fn number(&self) -> Option<u32> {
        std::str::from_utf8(self.key?).ok()?.parse().ok()
    }

    /// The key as text.
    pub fn name(&self) -> Cow<'s, str> {
        text::characters(self.key.unwrap_or_default())
    }
}

impl<'s> Raw<'s> {
    /// The value that `text` is: with its quotes or braces, and its header.
    pub fn of(text: &'s [u8]) -> Self {
        let text = text.trim_ascii_start();
        match text.first() {
            None => Self::Missing,
            Some(b'{') => Self::Block(RawBlock { text }),
            Some(b'"') => {
                let bytes = text.get(1..).unwrap_or_default().trim_ascii_end();
                Self::Scalar(Scalar { bytes: bytes.strip_suffix(b"\"").unwrap_or(bytes), quoted: true })
            }
            Some(_) => match memchr::memchr(b'{', text) {
                Some(open) => Self::Block(RawBlock { text: text.get(open..).unwrap_or_default() }),
                None => Self::Scalar(Scalar { bytes: text.trim_ascii_end(), quoted: false }),
            },
        }
    }

    /// The scalar, if it is one.
    pub fn scalar(self) -> Option<Scalar<'s>> {
        match self {
            Self::Scalar(scalar) => Some(scalar),
            Self::Missing | Self::Block(_) => None,
        }
    }

    /// The container, if it is one.
    pub fn block(self) -> Option<RawBlock<'s>> {
        match self {
            Self::Block(block) => Some(block),
            Self::Missing | Self::Scalar(_) => None,
        }
    }

    /// The text of a scalar.
    pub fn text(self) -> Option<Cow<'s, str>> {
        self.scalar().map(Scalar::text)
    }

    /// The number that a scalar is, quoted or not.
    pub fn number(self) -> Option<f64> {
        self.scalar()?.number()
    }

    /// The whole number that a scalar is; one with decimals loses them.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a number beyond i64 becomes the nearest one, which no save holds"
    )]
    pub fn integer(self) -> Option<i64> {
        let scalar = self.scalar()?;
        scalar.integer().or_else(|| scalar.number().map(|number| number.trunc() as i64))
    }

    /// Whether it is `yes`.
    pub fn is_yes(self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.bytes == b"yes")
    }
}

impl<'s> RawBlock<'s> {
    /// Tells of each member in the order of the file.
    pub fn each(self, tell: impl FnMut(RawField<'s>)) {
        let mut teller = Teller { text: self.text, tell };
        read_members(self.text, 1, 1, u32::MAX, &mut teller);
    }

    /// The members in the order of the file.
    pub fn members(self) -> Vec<RawField<'s>> {
        let mut members = Vec::new();
        self.each(|member| members.push(member));
        members
    }

    /// The fields whose key is a whole number, in the order of the file: the entries of a section.
    pub fn each_numbered(self, mut tell: impl FnMut(u32, Raw<'s>)) {
        self.each(|member| {
            if let Some(number) = member.number() {
                tell(number, member.value);
            }
        });
    }

    /// The entries of a section with their members, in one pass: `begin` makes a row of each container whose key is a whole
    /// number, `read` is told of its members. As [`Self::each_numbered`] with [`Self::each`] for each entry, which pass over the
    /// text of an entry twice.
    pub fn rows<T>(self, begin: impl FnMut(Self) -> T, read: impl FnMut(&mut T, RawField<'s>)) -> Vec<(u32, T)> {
        let mut rows = Rows { text: self.text, begin, read, rows: Vec::new() };
        read_members(self.text, 1, 1, u32::MAX, &mut rows);
        rows.rows
    }

    /// As [`Self::rows`], for a section whose entries are in a field of it: `planets={ planet={ 0={ ... } } }`.
    pub fn rows_within<T>(
        self,
        field: &str,
        begin: impl FnMut(Self) -> T,
        read: impl FnMut(&mut T, RawField<'s>),
    ) -> Vec<(u32, T)> {
        let rows = Rows { text: self.text, begin, read, rows: Vec::new() };
        let mut within = Within { text: self.text, field: field.as_bytes(), rows };
        read_members(self.text, 1, 1, u32::MAX, &mut within);
        within.rows.rows
    }

    /// The value of the last field named `key`.
    pub fn get(self, key: &str) -> Option<Raw<'s>> {
        let mut found = None;
        self.each(|member| {
            if member.key == Some(key.as_bytes()) {
                found = Some(member.value);
            }
        });
        found
    }

    /// The values of the fields named `key`, in the order of the file.
    pub fn all(self, key: &str) -> Vec<Raw<'s>> {
        let mut found = Vec::new();
        self.each(|member| {
            if member.key == Some(key.as_bytes()) {
                found.push(member.value);
            }
        });
        found
    }

    /// The items, without the fields.
    pub fn items(self) -> Vec<Raw<'s>> {
        let mut items = Vec::new();
        self.each(|member| {
            if member.key.is_none() {
                items.push(member.value);
            }
        });
        items
    }

    /// The container that the last field named `key` is.
    pub fn block(self, key: &str) -> Option<RawBlock<'s>> {
        self.get(key)?.block()
    }

    /// The text of the last field named `key`.
    pub fn text(self, key: &str) -> Option<Cow<'s, str>> {
        self.get(key)?.text()
    }

    /// The number that the last field named `key` is.
    pub fn number(self, key: &str) -> Option<f64> {
        self.get(key)?.number()
    }

    /// The whole number that the last field named `key` is; one with decimals loses them.
    pub fn integer(self, key: &str) -> Option<i64> {
        self.get(key)?.integer()
    }

    /// Whether the last field named `key` is `yes`.
    pub fn is_yes(self, key: &str) -> bool {
        self.get(key).is_some_and(Raw::is_yes)
    }
}

struct Rows<'s, B, R, T> {
    text: &'s [u8],
    begin: B,
    read: R,
    rows: Vec<(u32, T)>,
}

impl<'s, T, B: FnMut(RawBlock<'s>) -> T, R: FnMut(&mut T, RawField<'s>)> Sink for Rows<'s, B, R, T> {
    fn member(&mut self, _: Member) {}

    fn problem(&mut self, _: Problem) -> Option<usize> {
        None
    }

    fn enter(&mut self, key: Span, open: usize) -> Option<usize> {
        let number = std::str::from_utf8(key.of(self.text)).ok()?.parse().ok()?;
        let text = self.text.get(open..)?;
        let mut row = (self.begin)(RawBlock { text });
        let read = &mut self.read;
        let stop = read_members(text, 1, 2, u32::MAX, &mut Teller { text, tell: |member| read(&mut row, member) });
        self.rows.push((number, row));
        Some(end_of(stop, open, self.text))
    }
}

struct Within<'s, 'f, B, R, T> {
    text: &'s [u8],
    field: &'f [u8],
    rows: Rows<'s, B, R, T>,
}

impl<'s, T, B: FnMut(RawBlock<'s>) -> T, R: FnMut(&mut T, RawField<'s>)> Sink for Within<'s, '_, B, R, T> {
    fn member(&mut self, _: Member) {}

    fn problem(&mut self, _: Problem) -> Option<usize> {
        None
    }

    fn enter(&mut self, key: Span, open: usize) -> Option<usize> {
        if key.of(self.text) != self.field {
            return None;
        }
        self.rows.text = self.text.get(open..)?;
        let stop = read_members(self.rows.text, 1, 2, u32::MAX, &mut self.rows);
        Some(end_of(stop, open, self.text))
    }
}

/// Where a container ends that began at `open`.
fn end_of(stop: Stop, open: usize, text: &[u8]) -> usize {
    match stop {
        Stop::Closed(close) => open + close + 1,
        Stop::EndOfText => text.len(),
    }
}

struct Teller<'s, F> {
    text: &'s [u8],
    tell: F,
}

impl<'s, F: FnMut(RawField<'s>)> Sink for Teller<'s, F> {
    fn member(&mut self, member: Member) {
        let value = match member.value {
            MemberValue::Missing => Raw::Missing,
            MemberValue::Scalar { span, quoted } => Raw::Scalar(Scalar { bytes: span.of(self.text), quoted }),
            // What a parameter block holds is read by nobody who reads values where they stand.
            MemberValue::Container { .. } if member.block => Raw::Missing,
            MemberValue::Container { span } => Raw::Block(RawBlock { text: span.of(self.text) }),
        };
        (self.tell)(RawField { key: member.key.map(|key| key.of(self.text)), value });
    }

    fn problem(&mut self, _: Problem) -> Option<usize> {
        None
    }
}
