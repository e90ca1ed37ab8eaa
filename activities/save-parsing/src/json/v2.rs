//! Schema version 2; the crate's front page describes it.

use super::{Scalars, push_scalar, push_str, separate};
use crate::{Member, Operator, Scalar, Value, tape::Members};

enum Frame<'t> {
    Fields(Members<'t>, Value<'t>),
    Items(Members<'t>),
    /// Fields with the same key: the next of them.
    Same(Option<Member<'t>>),
    /// Members of a container that has both fields and items.
    Mixed(Members<'t>),
    /// What ends something.
    Close(&'static [u8]),
}

pub(super) fn write(value: Value<'_>, scalars: Scalars, out: &mut Vec<u8>) {
    let mut stack = Vec::new();
    start(value, scalars, &mut stack, out);
    while let Some(frame) = stack.last_mut() {
        match frame {
            Frame::Fields(members, container) => {
                let container = *container;
                match members.next() {
                    Some(member) if member.repeated() => {}
                    Some(member) => {
                        let Some(key) = member.key else { continue };
                        separate(out);
                        write_key(key, member.is_block(), out);
                        out.push(b':');
                        if member.superseded() {
                            out.push(b'[');
                            stack.push(Frame::Same(Some(member)));
                        } else {
                            field_value(&member, scalars, &mut stack, out);
                        }
                    }
                    None => {
                        repeated_keys(container, out);
                        out.push(b'}');
                        stack.pop();
                    }
                }
            }
            Frame::Items(members) => match members.next() {
                Some(member) => {
                    separate(out);
                    start(member.value, scalars, &mut stack, out);
                }
                None => {
                    out.push(b']');
                    stack.pop();
                }
            },
            Frame::Same(next) => match next.take() {
                Some(member) => {
                    *next = member.next_same();
                    separate(out);
                    field_value(&member, scalars, &mut stack, out);
                }
                None => {
                    out.push(b']');
                    stack.pop();
                }
            },
            Frame::Mixed(members) => match members.next() {
                Some(member) => {
                    separate(out);
                    out.push(b'[');
                    if let Some(key) = member.key {
                        write_key(key, member.is_block(), out);
                    }
                    stack.push(Frame::Close(b"]"));
                    if member.key.is_some() {
                        separate(out);
                    }
                    field_value(&member, scalars, &mut stack, out);
                }
                None => {
                    out.extend_from_slice(b"]}");
                    stack.pop();
                }
            },
            Frame::Close(text) => {
                out.extend_from_slice(text);
                stack.pop();
            }
        }
    }
}

/// A key; one that begins with `$` gets another, since those are this shape's own words.
pub(super) fn write_key(key: Scalar<'_>, block: bool, out: &mut Vec<u8>) {
    if block {
        push_str(&format!("$block:{}", key.text()), out);
    } else if key.bytes.first() == Some(&b'$') {
        push_str(&format!("${}", key.text()), out);
    } else {
        push_scalar(key, out);
    }
}

/// Names the keys whose arrays are several fields and not one list.
fn repeated_keys(container: Value<'_>, out: &mut Vec<u8>) {
    let mut repeated = container.members().filter(|member| member.superseded() && !member.repeated()).peekable();
    if repeated.peek().is_none() {
        return;
    }
    separate(out);
    out.extend_from_slice(b"\"$repeated\":[");
    for member in repeated {
        let Some(key) = member.key else { continue };
        separate(out);
        write_key(key, member.is_block(), out);
    }
    out.push(b']');
}

#[inline]
fn field_value<'t>(member: &Member<'t>, scalars: Scalars, stack: &mut Vec<Frame<'t>>, out: &mut Vec<u8>) {
    if member.operator != Operator::Equal {
        out.extend_from_slice(b"{\"$operator\":\"");
        out.extend_from_slice(member.operator.as_str().as_bytes());
        out.extend_from_slice(b"\",\"$value\":");
        stack.push(Frame::Close(b"}"));
    }
    start(member.value, scalars, stack, out);
}

#[inline]
fn start<'t>(value: Value<'t>, scalars: Scalars, stack: &mut Vec<Frame<'t>>, out: &mut Vec<u8>) {
    if let Some(scalar) = value.scalar() {
        push_typed(scalar, scalars, out);
        return;
    }
    if let Some(header) = value.header() {
        out.extend_from_slice(b"{\"$header\":");
        push_scalar(header, out);
        out.extend_from_slice(b",\"$value\":");
        stack.push(Frame::Close(b"}"));
    }
    match (value.has_fields(), value.has_items()) {
        (true, true) => {
            out.extend_from_slice(b"{\"$mixed\":[");
            stack.push(Frame::Mixed(value.members()));
        }
        (true, false) => {
            out.push(b'{');
            stack.push(Frame::Fields(value.members(), value));
        }
        (false, true) => {
            out.push(b'[');
            stack.push(Frame::Items(value.members()));
        }
        (false, false) if value.is_container() => out.extend_from_slice(b"{}"),
        (false, false) => out.extend_from_slice(b"null"),
    }
}

#[inline]
fn push_typed(scalar: Scalar<'_>, scalars: Scalars, out: &mut Vec<u8>) {
    match scalars {
        Scalars::Text => push_scalar(scalar, out),
        Scalars::Tagged if scalar.quoted => {
            out.extend_from_slice(b"{\"$quoted\":");
            push_scalar(scalar, out);
            out.push(b'}');
        }
        _ if scalar.quoted => push_scalar(scalar, out),
        _ => match scalar.boolean() {
            Some(true) => out.extend_from_slice(b"true"),
            Some(false) => out.extend_from_slice(b"false"),
            None if is_json_number(scalar.bytes) => out.extend_from_slice(scalar.bytes),
            None => push_scalar(scalar, out),
        },
    }
}

/// Whether the text is a number that JSON writes the same way and that keeps its value as a double.
fn is_json_number(bytes: &[u8]) -> bool {
    let digits = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, fraction) = digits.split_at(whole);
    let whole_is_sound = match whole {
        [] => false,
        [b'0', rest @ ..] => rest.is_empty(),
        _ => true,
    };
    let fraction_is_sound = match fraction {
        [] => true,
        [b'.', rest @ ..] => !rest.is_empty() && rest.iter().all(u8::is_ascii_digit),
        _ => false,
    };
    // Fifteen digits are what a double always keeps; `-0` would lose its sign.
    let digits = whole.len() + fraction.len().saturating_sub(1);
    whole_is_sound && fraction_is_sound && digits <= 15 && bytes != b"-0"
}
