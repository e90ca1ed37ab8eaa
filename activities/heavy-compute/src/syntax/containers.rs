//! What encloses a definition by name: definitions, and the keys of object literals around it.

use super::entities::Draft;
use super::flat_tree::{FlatTree, NONE, NodeId};
use super::text::{MAX_REPEATED_NAME, prefix};

/// Deep nesting would make each chain as long as the file; the innermost names tell most.
const MAX_CHAIN: usize = 32;

#[derive(Clone, Copy)]
pub(super) enum ContainerName {
    Definition(u32),
    /// The key of an object literal, the trait of an implementation, or an owner that is defined elsewhere.
    Token(NodeId),
}

struct Container {
    parent: u32,
    depth: u32,
    name: ContainerName,
}

#[derive(Default)]
pub(super) struct Containers {
    list: Vec<Container>,
}

impl Containers {
    pub(super) fn add(&mut self, parent: u32, name: ContainerName) -> u32 {
        let id = u32::try_from(self.list.len()).unwrap_or(NONE);
        let depth = self.depth(parent).saturating_add(1);
        self.list.push(Container { parent, depth, name });
        id
    }

    pub(super) fn depth(&self, container: u32) -> u32 {
        self.list.get(container as usize).map_or(0, |container| container.depth)
    }

    /// The names from the outside in, joined by dots; empty at the top of the file.
    pub(super) fn chain(&self, innermost: u32, tree: &FlatTree<'_>, drafts: &[Draft]) -> String {
        let mut names: Vec<String> = Vec::new();
        let mut at = innermost;
        while let Some(container) = self.list.get(at as usize) {
            if names.len() == MAX_CHAIN {
                break;
            }
            names.push(match container.name {
                ContainerName::Definition(index) => drafts
                    .get(index as usize)
                    .map(|draft| prefix(&draft.definition.name, MAX_REPEATED_NAME).to_owned())
                    .unwrap_or_default(),
                ContainerName::Token(node) => {
                    let key = super::entities::property_name(tree, node);
                    prefix(&key, MAX_REPEATED_NAME).to_owned()
                }
            });
            at = container.parent;
        }
        names.reverse();
        names.join(".")
    }
}
