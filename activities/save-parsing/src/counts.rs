//! Keys and their values anywhere in a text, in one pass and without a tree.
//!
//! What stands before an operator is a key, so the pass stops at operators alone.

use std::collections::HashMap;

use crate::{
    blocks::Blocks,
    lexer::{Lexer, Token, is_plain},
    text,
};

/// How many fields below the top level have each of the keys.
pub(crate) fn count_keys(text: &[u8], keys: &[&str]) -> Vec<u64> {
    let mut counts = vec![0u64; keys.len()];
    let wanted: HashMap<&[u8], usize, foldhash::fast::RandomState> =
        keys.iter().enumerate().map(|(number, key)| (key.as_bytes(), number)).collect();
    each_key(text, keys.iter().copied(), |key, _, depth| {
        if depth > 0
            && let Some(count) = wanted.get(key).and_then(|number| counts.get_mut(*number))
        {
            *count += 1;
        }
        true
    });
    counts
}

/// Whether a field has each of the keys with the scalar beside it.
pub(crate) fn contains_pairs(text: &[u8], pairs: &[(&str, &str)]) -> Vec<bool> {
    let mut found = vec![false; pairs.len()];
    let mut left = pairs.len();
    let mut wanted: HashMap<&[u8], HashMap<&str, usize>, foldhash::fast::RandomState> = HashMap::default();
    for (number, (key, value)) in pairs.iter().enumerate() {
        wanted.entry(key.as_bytes()).or_default().insert(value, number);
    }
    if pairs.is_empty() {
        return found;
    }
    each_key(text, pairs.iter().map(|(key, _)| *key), |key, operator, _| {
        let Some(values) = wanted.get(key) else { return true };
        let Some(value) = value_at(text, operator) else { return true };
        if let Some(found) = values.get(&*value).and_then(|number| found.get_mut(*number)).filter(|found| !**found) {
            *found = true;
            left -= 1;
        }
        left > 0
    });
    found
}

/// The scalar after an operator.
fn value_at(text: &[u8], operator: usize) -> Option<std::borrow::Cow<'_, str>> {
    let mut lexer = Lexer::new(text, operator);
    // The operator may be the second byte of one.
    lexer.next(false)?;
    match lexer.next(false)? {
        Token::Scalar { start, end, quoted } => {
            let value = text::decode(text.get(start..end)?, quoted);
            // `a = b = 1`: `b` is a key.
            let is_key = !quoted && matches!(lexer.next(false), Some(Token::Operator(..)));
            (!is_key).then_some(value)
        }
        _ => None,
    }
}

/// Calls `visit` with the key, the offset of its operator and its depth for each key whose last byte is that of one of
/// `keys`, until it says false.
fn each_key<'k>(text: &[u8], keys: impl Iterator<Item = &'k str>, mut visit: impl FnMut(&[u8], usize, i64) -> bool) {
    let mut last_bytes = [false; 256];
    for key in keys {
        if let Some(last) = key.as_bytes().last().and_then(|last| last_bytes.get_mut(usize::from(*last))) {
            *last = true;
        }
    }
    let mut blocks = Blocks::<true>::new(text, 0);
    let mut depth = 0i64;
    while let Some(block) = blocks.next() {
        let mut operators = block.operators;
        while operators != 0 {
            let bit = operators & operators.wrapping_neg();
            operators ^= bit;
            let operator = block.base + bit.trailing_zeros() as usize;
            let Some(key) = key_before(text, operator, &last_bytes) else { continue };
            let before = bit - 1;
            let opened = i64::from((block.open & before).count_ones());
            let closed = i64::from((block.close & before).count_ones());
            if !visit(key, operator, (depth + opened - closed).max(0)) {
                return;
            }
        }
        depth += i64::from(block.open.count_ones()) - i64::from(block.close.count_ones());
        depth = depth.max(0);
    }
}

/// The scalar before an operator, if its last byte is wanted; none before the second byte of an operator.
#[inline]
fn key_before<'t>(text: &'t [u8], operator: usize, last_bytes: &[bool; 256]) -> Option<&'t [u8]> {
    let mut end = operator;
    let mut last = *text.get(end.checked_sub(1)?)?;
    if !is_plain(last) {
        if matches!(last, b'!' | b'?') && text.get(operator) == Some(&b'=') {
            end -= 1;
        }
        while let Some(byte) = end.checked_sub(1).and_then(|at| text.get(at))
            && matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | b';')
        {
            end -= 1;
        }
        last = *text.get(end.checked_sub(1)?)?;
    }
    if last == b'"' {
        let end = end - 1;
        let start = opening_quote(text, end)?;
        let key = text.get(start..end)?;
        let wanted = key.last().is_none_or(|last| last_bytes.get(usize::from(*last)) == Some(&true));
        return wanted.then_some(key);
    }
    if last_bytes.get(usize::from(last)) != Some(&true) {
        return None;
    }
    let mut start = end;
    while let Some(byte) = start.checked_sub(1).and_then(|at| text.get(at))
        && (is_plain(*byte) || matches!(byte, b'!' | b'?' | b']'))
    {
        start -= 1;
    }
    // `=` may stand before it, of the field whose value would have been here: then the key is what it looks like.
    text.get(start..end).filter(|key| !key.is_empty())
}

/// Where the string that ends at `end` begins, after its quote.
fn opening_quote(text: &[u8], end: usize) -> Option<usize> {
    let mut before = end;
    loop {
        let quote = memchr::memrchr(b'"', text.get(..before)?)?;
        let backslashes = text.get(..quote)?.iter().rev().take_while(|byte| **byte == b'\\').count();
        if backslashes % 2 == 0 {
            return Some(quote + 1);
        }
        before = quote;
    }
}
