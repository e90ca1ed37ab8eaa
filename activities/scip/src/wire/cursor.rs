//! The fields of one message in a slice.

use super::{Source, Tag, WireError, WireFault, WireType, int32, skip, varint_step};

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

    /// A varint of more than one byte.
    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64, WireError> {
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
        self.long_varint()
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
