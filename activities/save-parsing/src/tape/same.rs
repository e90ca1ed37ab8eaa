//! Which keys of a container are the same.

use super::{CONTAINER, HEADER, KEY, KIND, Node, REPEATED, SUPERSEDED, narrow};
use crate::keys::{KeyTable, NONE};

/// The node after the value at `at`, its header with it.
#[inline]
pub(super) fn after(nodes: &[Node], at: usize) -> usize {
    let mut at = at;
    while let Some(node) = nodes.get(at) {
        if node.flags & HEADER != 0 {
            at += 1;
        } else if node.flags & KIND == CONTAINER {
            return node.end as usize;
        } else {
            return at + 1;
        }
    }
    at
}

/// A number that keys have in common if they are the same, and seldom if they are not; none where the text ends too soon to
/// tell cheaply.
#[inline]
pub(super) fn mark(text: &[u8], key: Node) -> Option<u64> {
    let len = key.end.wrapping_sub(key.start);
    let head = u64::from_le_bytes(*text.get(key.start as usize..)?.first_chunk::<8>()?);
    let word = if len < 8 {
        // What follows the key is shifted out.
        head.checked_shl(64 - 8 * len).unwrap_or(0)
    } else {
        let tail = u64::from_le_bytes(*text.get(..key.end as usize)?.last_chunk::<8>()?);
        head ^ tail.rotate_left(23)
    };
    let mixed = (word ^ u64::from(len)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Some((mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9))
}

pub(super) fn same_keys(text: &[u8], nodes: &mut [Node], first: usize, fields: usize, keys: &mut KeyTable) {
    let bytes = |nodes: &[Node], at: u32| {
        nodes.get(at as usize).and_then(|node| text.get(node.start as usize..node.end as usize)).unwrap_or_default()
    };
    // Of a pair, and most containers are, no table is needed.
    let pair = fields == 2;
    if !pair {
        keys.reset(fields);
    }
    let mut before = NONE;
    let mut at = first;
    while let Some(node) = nodes.get(at) {
        if node.flags & KEY == 0 {
            at = after(nodes, at);
            continue;
        }
        let here = narrow(at);
        let key = bytes(nodes, here);
        let earlier = if !pair {
            keys.insert(here, key, |other| bytes(nodes, other))
        } else if before != NONE && bytes(nodes, before) == key {
            Some(before)
        } else {
            None
        };
        if let Some(earlier) = earlier {
            if let Some(node) = nodes.get_mut(earlier as usize) {
                node.flags |= SUPERSEDED;
                node.same = here;
            }
            if let Some(node) = nodes.get_mut(at) {
                node.flags |= REPEATED;
            }
        }
        before = here;
        at = after(nodes, at + 1);
    }
}
