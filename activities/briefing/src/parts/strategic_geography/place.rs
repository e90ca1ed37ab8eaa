//! Where empires lie, and in which direction from each other.

use std::collections::HashMap;

use crate::model::Model;

/// The mean of the coordinates of some systems.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Centroid {
    x: f64,
    y: f64,
    systems: u32,
}

impl Centroid {
    fn add(&mut self, x: f64, y: f64) {
        self.x += x;
        self.y += y;
        self.systems += 1;
    }

    /// Its coordinates; none of no systems.
    pub(super) fn place(self) -> Option<(f64, f64)> {
        let systems = f64::from(self.systems);
        (self.systems > 0).then(|| (self.x / systems, self.y / systems))
    }
}

/// The centroids of all who control systems.
pub(super) fn centroids(model: &Model<'_>) -> HashMap<u32, Centroid> {
    let mut centroids: HashMap<u32, Centroid> = HashMap::new();
    for (_, system) in model.systems.iter() {
        if let Some(controller) = system.controller {
            centroids.entry(controller).or_default().add(system.x, system.y);
        }
    }
    centroids
}

const DIRECTIONS: [&str; 8] = ["east", "northeast", "north", "northwest", "west", "southwest", "south", "southeast"];

/// The direction from one place to another. It takes +x as west and +y as south, as the map of the game seems to [U].
pub(super) fn direction(from: (f64, f64), to: (f64, f64)) -> &'static str {
    let (east, north) = (from.0 - to.0, from.1 - to.1);
    let angle = north.atan2(east).to_degrees().rem_euclid(360.0) + 22.5;
    // What is beyond the last sector is the first one again.
    let sector = DIRECTIONS.iter().zip(1u32..).find(|(_, end)| angle < 45.0 * f64::from(*end));
    sector.map_or("east", |(name, _)| name)
}
