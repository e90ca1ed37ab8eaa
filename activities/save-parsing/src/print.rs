//! Values as text again.

use crate::{Member, Operator, Scalar, Value, tape::Members};

/// Prints a value as text that parses to the same value: every field, operator, header and quote in its order, one member a
/// line, indented by tabs.
pub fn print(value: Value<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut stack: Vec<(Members<'_>, u8)> = Vec::new();
    start(value, &mut stack, &mut out);
    while let Some((members, close)) = stack.last_mut() {
        let close = *close;
        if let Some(member) = members.next() {
            line(stack.len(), &mut out);
            print_member(&member, &mut stack, &mut out);
        } else {
            stack.pop();
            line(stack.len(), &mut out);
            out.push(close);
        }
    }
    out
}

fn line(depth: usize, out: &mut Vec<u8>) {
    out.push(b'\n');
    out.resize(out.len() + depth, b'\t');
}

fn print_member<'t>(member: &Member<'t>, stack: &mut Vec<(Members<'t>, u8)>, out: &mut Vec<u8>) {
    let Some(key) = member.key else { return start(member.value, stack, out) };
    if member.is_block() {
        out.extend_from_slice(b"[[");
        out.extend_from_slice(key.bytes);
        out.push(b']');
        stack.push((member.value.members(), b']'));
        return;
    }
    print_scalar(key, out);
    if !key.quoted && matches!(key.bytes.last(), Some(b'!' | b'?')) {
        // It would become a part of the operator.
        out.push(b' ');
    }
    out.extend_from_slice(member.operator.as_str().as_bytes());
    if member.value.is_missing() && member.operator != Operator::Equal {
        // Two operators in a row would read as one.
        out.push(b' ');
    }
    start(member.value, stack, out);
}

fn start<'t>(value: Value<'t>, stack: &mut Vec<(Members<'t>, u8)>, out: &mut Vec<u8>) {
    if let Some(scalar) = value.scalar() {
        return print_scalar(scalar, out);
    }
    if let Some(header) = value.header() {
        print_scalar(header, out);
        out.push(b' ');
    }
    if value.is_container() {
        out.push(b'{');
        stack.push((value.members(), b'}'));
    }
}

fn print_scalar(scalar: Scalar<'_>, out: &mut Vec<u8>) {
    if scalar.quoted {
        out.push(b'"');
    }
    out.extend_from_slice(scalar.bytes);
    if scalar.quoted {
        out.push(b'"');
    }
}
