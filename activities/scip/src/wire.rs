//! Tags, varints and lengths: the protobuf encoding, over a slice.
//!
//! Offsets in errors count from the start of the index, not of the slice, so that they mean the same to everybody.

mod cursor;

use thiserror::Error;

pub(crate) use cursor::{Cursor, Field};

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
