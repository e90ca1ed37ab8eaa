//! Tags, varints and lengths: the protobuf encoding, over a slice.
//!
//! Offsets in errors count from the start of the index, not of the slice, so that they mean the same to everybody.

use thiserror::Error;

/// How deep groups may be nested; the limit that protobuf readers agree on.
pub const MAX_GROUP_DEPTH: usize = 100;

/// Bytes that cannot be the encoding of a message.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("at byte {offset}: {fault}")]
pub struct WireError {
    /// Where, in bytes from the start of the index.
    pub offset: u64,
    /// What is wrong there.
    pub fault: WireFault,
}

/// What is wrong with some bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum WireFault {
    /// A number goes on after its tenth byte, or is over 64 bits.
    #[error("a varint is longer than 64 bits")]
    VarintTooLong,
    /// A value goes beyond the end of what holds it.
    #[error("{needed} bytes are announced and {left} are left")]
    CutOff {
        /// Bytes that the value needs.
        needed: u64,
        /// Bytes that there are.
        left: u64,
    },
    /// Field number zero, or one over 29 bits.
    #[error("{0} is no field number")]
    FieldNumber(u64),
    /// Wire types 6 and 7 have no meaning.
    #[error("{0} is no wire type")]
    WireType(u8),
    /// A field that is known has another type than it must.
    #[error("field {field} has a value of another type than the format says")]
    FieldType {
        /// Number of the field.
        field: u32,
    },
    /// A group ends that did not begin, or another one than did.
    #[error("group {0} ends where it is not open")]
    GroupEnd(u32),
    /// Groups in groups in groups.
    #[error("groups are nested deeper than {MAX_GROUP_DEPTH}")]
    GroupDepth,
    /// A string that is none.
    #[error("the text of field {field} is not UTF-8")]
    NotUtf8 {
        /// Number of the field.
        field: u32,
    },
    /// A part that is larger than the reader's limit.
    #[error("it is larger than the limit of {limit} bytes; raise the limit if the file can be trusted")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// What the generated decoder says where it and this reader differ.
    #[error("{0}")]
    Decode(String),
}

/// How a value is laid out (protobuf encoding, wire types 0 to 5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireType {
    Varint,
    Fixed64,
    Length,
    GroupStart,
    GroupEnd,
    Fixed32,
}

/// What stands before each value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) field: u32,
    pub(crate) wire: WireType,
}

impl Tag {
    #[inline]
    pub(crate) fn parse(key: u64) -> Result<Self, WireFault> {
        let wire = match key & 7 {
            0 => WireType::Varint,
            1 => WireType::Fixed64,
            2 => WireType::Length,
            3 => WireType::GroupStart,
            4 => WireType::GroupEnd,
            5 => WireType::Fixed32,
            other => return Err(WireFault::WireType(u8::try_from(other).unwrap_or(u8::MAX))),
        };
        match u32::try_from(key >> 3) {
            Ok(field) if field != 0 && field < 1 << 29 => Ok(Self { field, wire }),
            _ => Err(WireFault::FieldNumber(key >> 3)),
        }
    }
}

/// Where tags and values come from: a slice, or a file that is too large for one.
pub(crate) trait Source {
    type Error;
    fn varint(&mut self) -> Result<u64, Self::Error>;
    fn advance(&mut self, bytes: u64) -> Result<(), Self::Error>;
    fn fault(&self, fault: WireFault) -> Self::Error;
}

/// Goes past the value behind `tag`, whatever its type. Groups are followed with a list, not by recursion.
pub(crate) fn skip<S: Source>(source: &mut S, tag: Tag) -> Result<(), S::Error> {
    let mut open: Vec<u32> = Vec::new();
    let mut tag = tag;
    loop {
        match tag.wire {
            WireType::Varint => {
                source.varint()?;
            }
            WireType::Fixed64 => source.advance(8)?,
            WireType::Fixed32 => source.advance(4)?,
            WireType::Length => {
                let length = source.varint()?;
                source.advance(length)?;
            }
            WireType::GroupStart if open.len() >= MAX_GROUP_DEPTH => return Err(source.fault(WireFault::GroupDepth)),
            WireType::GroupStart => open.push(tag.field),
            WireType::GroupEnd => {
                if open.pop() != Some(tag.field) {
                    return Err(source.fault(WireFault::GroupEnd(tag.field)));
                }
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        let key = source.varint()?;
        tag = Tag::parse(key).map_err(|fault| source.fault(fault))?;
    }
}

/// Puts one more byte into a varint; `index` counts from zero. True when it was the last.
#[inline]
pub(crate) fn varint_step(value: &mut u64, index: u32, byte: u8) -> Result<bool, WireFault> {
    if index >= 10 || (index == 9 && byte > 1) {
        return Err(WireFault::VarintTooLong);
    }
    *value |= u64::from(byte & 0x7f) << (7 * index);
    Ok(byte & 0x80 == 0)
}

/// The 32-bit number of a varint: the lower half, as every protobuf reader takes it.
#[inline]
pub(crate) fn int32(value: u64) -> i32 {
    let [a, b, c, d, ..] = value.to_le_bytes();
    i32::from_le_bytes([a, b, c, d])
}

/// The value of one field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Value<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// A fixed-width number or a group; no field of the format is one.
    Other,
}

/// One field of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field<'a> {
    pub(crate) number: u32,
    pub(crate) value: Value<'a>,
    /// Where the tag is.
    pub(crate) offset: u64,
    /// Where the value's bytes begin.
    pub(crate) body: u64,
}

impl<'a> Field<'a> {
    #[cold]
    fn wrong_type(&self) -> WireError {
        WireError { offset: self.offset, fault: WireFault::FieldType { field: self.number } }
    }

    #[inline]
    pub(crate) fn varint(&self) -> Result<u64, WireError> {
        match self.value {
            Value::Varint(value) => Ok(value),
            Value::Bytes(_) | Value::Other => Err(self.wrong_type()),
        }
    }

    #[inline]
    pub(crate) fn int32(&self) -> Result<i32, WireError> {
        self.varint().map(int32)
    }

    #[inline]
    pub(crate) fn text(&self) -> Result<&'a str, WireError> {
        std::str::from_utf8(self.raw()?).map_err(|error| WireError {
            offset: self.body.saturating_add(error.valid_up_to() as u64),
            fault: WireFault::NotUtf8 { field: self.number },
        })
    }

    /// Text for people, which need not be UTF-8.
    #[inline]
    pub(crate) fn raw(&self) -> Result<&'a [u8], WireError> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            Value::Varint(_) | Value::Other => Err(self.wrong_type()),
        }
    }

    #[inline]
    pub(crate) fn message(&self) -> Result<Cursor<'a>, WireError> {
        Ok(Cursor::new(self.raw()?, self.body))
    }

    /// Gives each number of a repeated field, which may come one by one or packed into a block.
    #[inline]
    pub(crate) fn int32s(&self, mut each: impl FnMut(i32)) -> Result<(), WireError> {
        match self.value {
            Value::Varint(value) => each(int32(value)),
            Value::Bytes(bytes) => {
                let mut packed = Cursor::new(bytes, self.body);
                while !packed.is_empty() {
                    each(int32(packed.varint()?));
                }
            }
            Value::Other => return Err(self.wrong_type()),
        }
        Ok(())
    }
}

/// Reads the fields of one message in the order in which they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    offset: u64,
}

impl<'a> Cursor<'a> {
    /// `offset` is where `bytes` begin in the index.
    #[inline]
    pub(crate) fn new(bytes: &'a [u8], offset: u64) -> Self {
        Self { rest: bytes, offset }
    }

    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    #[inline]
    fn bytes(&mut self, length: u64) -> Result<&'a [u8], WireError> {
        let split = usize::try_from(length).ok().and_then(|length| self.rest.split_at_checked(length));
        let Some((bytes, rest)) = split else {
            let left = self.rest.len() as u64;
            return Err(self.fault(WireFault::CutOff { needed: length, left }));
        };
        self.rest = rest;
        self.offset = self.offset.saturating_add(length);
        Ok(bytes)
    }

    /// The next field, or `None` at the end of the message.
    #[inline]
    pub(crate) fn field(&mut self) -> Result<Option<Field<'a>>, WireError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let offset = self.offset;
        let key = self.varint()?;
        let tag = Tag::parse(key).map_err(|fault| WireError { offset, fault })?;
        let mut body = self.offset;
        let value = match tag.wire {
            WireType::Varint => Value::Varint(self.varint()?),
            WireType::Length => {
                let length = self.varint()?;
                body = self.offset;
                Value::Bytes(self.bytes(length)?)
            }
            WireType::Fixed64 | WireType::Fixed32 | WireType::GroupStart | WireType::GroupEnd => {
                skip(self, tag)?;
                Value::Other
            }
        };
        Ok(Some(Field { number: tag.field, value, offset, body }))
    }
}

impl Source for Cursor<'_> {
    type Error = WireError;

    #[inline]
    fn varint(&mut self) -> Result<u64, WireError> {
        if let Some((&byte, rest)) = self.rest.split_first()
            && byte < 0x80
        {
            self.rest = rest;
            self.offset = self.offset.saturating_add(1);
            return Ok(u64::from(byte));
        }
        let mut value = 0;
        for index in 0.. {
            let Some((&byte, rest)) = self.rest.split_first() else {
                return Err(self.fault(WireFault::CutOff { needed: 1, left: 0 }));
            };
            let last = varint_step(&mut value, index, byte).map_err(|fault| self.fault(fault))?;
            self.rest = rest;
            self.offset = self.offset.saturating_add(1);
            if last {
                break;
            }
        }
        Ok(value)
    }

    #[inline]
    fn advance(&mut self, bytes: u64) -> Result<(), WireError> {
        self.bytes(bytes).map(|_| ())
    }

    #[cold]
    fn fault(&self, fault: WireFault) -> WireError {
        WireError { offset: self.offset, fault }
    }
}
