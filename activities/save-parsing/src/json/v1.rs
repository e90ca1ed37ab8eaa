//! Schema version 1.
//!
//! Every scalar is a string; a container with fields is an object, one with items alone an array, an empty one an empty
//! array. Of fields with the same key the last counts. Items beside fields go into `remainder`, headers and operators are
//! left out, and an empty container among the items of a list vanishes.

use super::{push_v1, separate};
use crate::{Operator, Value, tape::Members};

enum Frame<'t> {
    /// The fields of a container, and the container itself for its items.
    Fields(Members<'t>, Value<'t>),
    /// The items of a container.
    Items(Members<'t>),
    /// The end of the object around a remainder.
    Close,
}

pub(super) fn write(value: Value<'_>, out: &mut Vec<u8>) {
    let mut stack = Vec::new();
    start(value, &mut stack, out);
    while let Some(frame) = stack.last_mut() {
        match frame {
            Frame::Fields(members, container) => {
                let container = *container;
                if let Some(member) = members.next() {
                    let Some(key) = member.key else { continue };
                    if member.superseded() || container.has_items() && key.bytes == b"remainder" {
                        continue;
                    }
                    separate(out);
                    push_v1(key, out);
                    if member.operator == Operator::Exists {
                        // The reader that this shape comes from takes `?` for a part of the key.
                        out.pop();
                        out.extend_from_slice(b"?\"");
                    }
                    out.push(b':');
                    start(member.value, &mut stack, out);
                } else if container.has_items() {
                    separate(out);
                    out.extend_from_slice(b"\"remainder\":[");
                    *frame = Frame::Close;
                    stack.push(Frame::Items(container.members()));
                } else {
                    out.push(b'}');
                    stack.pop();
                }
            }
            Frame::Items(members) => {
                let Some(member) = members.next() else {
                    out.push(b']');
                    stack.pop();
                    continue;
                };
                let value = member.value;
                let vanishes = value.is_container() && !value.has_fields() && !value.has_items();
                if member.key.is_none() && !vanishes {
                    separate(out);
                    start(value, &mut stack, out);
                }
            }
            Frame::Close => {
                out.push(b'}');
                stack.pop();
            }
        }
    }
}

#[inline]
fn start<'t>(value: Value<'t>, stack: &mut Vec<Frame<'t>>, out: &mut Vec<u8>) {
    if let Some(scalar) = value.scalar() {
        push_v1(scalar, out);
    } else if value.has_fields() {
        out.push(b'{');
        stack.push(Frame::Fields(value.members(), value));
    } else if value.has_items() {
        out.push(b'[');
        stack.push(Frame::Items(value.members()));
    } else if value.is_container() {
        out.extend_from_slice(b"[]");
    } else {
        // `key=` and nothing.
        out.extend_from_slice(b"\"\"");
    }
}
