//! Telling definitions apart that share kind, name and signature.
//!
//! In a group, ordered by depth and then by place, the first keeps the plain signature, so that adding a second one
//! does not move its key. Each other gets `@` and its container chain, and a number where that is taken as well; at the
//! top of a file there is no chain, so the number stands alone.

use std::collections::{HashMap, HashSet};

use super::containers::Containers;
use super::entities::Draft;
use super::flat_tree::FlatTree;

/// Makes (kind, name, signature) unique. Names are final here, signatures afterwards.
pub(super) fn break_ties(tree: &FlatTree<'_>, drafts: &mut [Draft], containers: &Containers) {
    let mut order: Vec<usize> = (0..drafts.len()).collect();
    order.sort_by_key(|index| drafts.get(*index).map(|draft| (draft.depth, draft.definition.start_byte, *index)));

    let mut taken = HashSet::with_capacity(drafts.len());
    let mut late = Vec::new();
    for index in order {
        let Some(draft) = drafts.get(index) else { continue };
        let definition = &draft.definition;
        if !taken.insert((definition.kind, definition.name.clone(), definition.signature.clone())) {
            late.push(index);
        }
    }

    let mut numbers: HashMap<(super::model::Kind, String, String), u32> = HashMap::new();
    for index in late {
        let Some(draft) = drafts.get(index) else { continue };
        let chain = containers.chain(draft.container, tree, drafts);
        let definition = &draft.definition;
        let mut base = definition.signature.clone().unwrap_or_default();
        if !chain.is_empty() {
            base.push('@');
            base.push_str(&chain);
            if taken.insert((definition.kind, definition.name.clone(), Some(base.clone()))) {
                set_signature(drafts, index, base);
                continue;
            }
        }
        let number = numbers.entry((definition.kind, definition.name.clone(), base.clone())).or_insert(1);
        let signature = loop {
            *number = number.saturating_add(1);
            let candidate = format!("{base}#{number}");
            if taken.insert((definition.kind, definition.name.clone(), Some(candidate.clone()))) {
                break candidate;
            }
        };
        set_signature(drafts, index, signature);
    }
}

fn set_signature(drafts: &mut [Draft], index: usize, signature: String) {
    if let Some(draft) = drafts.get_mut(index) {
        draft.definition.signature = Some(signature);
    }
}
