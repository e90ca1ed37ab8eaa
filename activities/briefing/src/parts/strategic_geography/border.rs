//! The player's border: which lanes lead to whose systems.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Model;

/// What lies between the player and a neighbour.
#[derive(Debug, Default)]
pub(super) struct Neighbour {
    /// Our systems with a lane to theirs.
    pub(super) ours: BTreeSet<u32>,
    /// Their systems with a lane to ours.
    pub(super) theirs: BTreeSet<u32>,
    /// Lanes between the two, bridges included.
    pub(super) lanes: usize,
}

/// One of the player's systems at the border.
#[derive(Debug, Default)]
pub(super) struct BorderSystem {
    /// Lanes to other systems of the player.
    pub(super) friendly: usize,
    /// Countries one lane away.
    pub(super) neighbours: BTreeSet<u32>,
}

/// The border, neighbours and systems by their ids.
#[derive(Debug, Default)]
pub(super) struct Border {
    /// The countries one lane away.
    pub(super) neighbours: BTreeMap<u32, Neighbour>,
    /// Those systems of the player that have a neighbour.
    pub(super) systems: BTreeMap<u32, BorderSystem>,
}

impl Border {
    /// Follows each lane out of the player's systems.
    pub(super) fn of(model: &Model<'_>) -> Self {
        let mut border = Self::default();
        for (id, system) in model.own_systems() {
            let mut at = BorderSystem::default();
            for lane in system.lanes.iter().filter(|lane| **lane != id) {
                let Some(controller) = model.systems.get(*lane).and_then(|other| other.controller) else { continue };
                if controller == model.player {
                    at.friendly += 1;
                    continue;
                }
                at.neighbours.insert(controller);
                let neighbour = border.neighbours.entry(controller).or_default();
                neighbour.ours.insert(id);
                neighbour.theirs.insert(*lane);
                neighbour.lanes += 1;
            }
            if !at.neighbours.is_empty() {
                border.systems.insert(id, at);
            }
        }
        border
    }

    /// The neighbours with their ids, that with the most lanes first.
    pub(super) fn by_lanes(&self) -> Vec<(u32, &Neighbour)> {
        let mut neighbours: Vec<_> = self.neighbours.iter().map(|(id, neighbour)| (*id, neighbour)).collect();
        neighbours.sort_by_key(|(id, neighbour)| (std::cmp::Reverse(neighbour.lanes), *id));
        neighbours
    }

    /// [H] Systems through which a neighbour must come: those at the border to one that borders at most two of ours. The one with
    /// the fewest lanes to our own systems first.
    pub(super) fn chokepoints(&self) -> Vec<(u32, &BorderSystem)> {
        let is_narrow = |id: &u32| self.neighbours.get(id).is_some_and(|neighbour| neighbour.ours.len() <= 2);
        let narrow = self.systems.iter().filter(|(_, system)| system.neighbours.iter().any(is_narrow));
        let mut chokepoints: Vec<_> = narrow.map(|(id, system)| (*id, system)).collect();
        chokepoints.sort_by_key(|(id, system)| (system.friendly, *id));
        chokepoints
    }
}
