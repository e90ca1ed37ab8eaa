//! How many live on a planet.

use std::collections::HashMap;

use crate::model::Model;

/// The populations of 4.x, by planet; before that a planet lists its pops itself.
pub(super) enum Populations {
    /// Up to 3.x.
    Listed,
    /// From 4.0 on.
    Grouped(HashMap<u32, i64>),
    /// From 4.0 on, and the groups cannot be read.
    Damaged,
}

impl Populations {
    /// Of all planets.
    pub(super) fn of(model: &Model<'_>) -> Self {
        match &model.pop_groups {
            Some(groups) => {
                let mut planets = HashMap::new();
                for (_, group) in groups.iter() {
                    if let Some(planet) = group.planet {
                        *planets.entry(planet).or_default() += group.size;
                    }
                }
                Self::Grouped(planets)
            }
            // A save of 4.x that has lost its groups is no earlier one.
            None if ["pop_groups", "pop_jobs"].iter().any(|name| model.save.section(name).is_some()) => Self::Damaged,
            None => Self::Listed,
        }
    }

    /// Of one planet that lists so many pops itself.
    pub(super) fn of_planet(&self, planet: u32, listed: usize) -> Option<i64> {
        match self {
            Self::Listed => i64::try_from(listed).ok(),
            Self::Grouped(planets) => Some(planets.get(&planet).copied().unwrap_or_default()),
            Self::Damaged => None,
        }
    }
}
