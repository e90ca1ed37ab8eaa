//! Small saves that are complete: one world as five versions of the game would write it.

mod affairs;
mod empires;
mod forces;
mod galaxy;
mod people;
pub(crate) mod tree;
mod worlds;

use save_parsing::{Limits, Save};

/// Which version writes the save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Age {
    V2_3,
    V3_0,
    V3_4,
    V3_14,
    V4_0,
}

pub(crate) use Age::{V2_3, V3_0, V3_4, V3_14, V4_0};

pub(crate) const AGES: [Age; 5] = [V2_3, V3_0, V3_4, V3_14, V4_0];

impl Age {
    /// As the save states it.
    pub(crate) fn version(self) -> &'static str {
        match self {
            V2_3 => "Wolfe v2.3.3",
            V3_0 => "Dick v3.0.1",
            V3_4 => "Cepheus v3.4.5",
            V3_14 => "Circinus v3.14.15926",
            V4_0 => "Phoenix v4.0.1",
        }
    }

    /// What snapshots are called after.
    pub(crate) fn label(self) -> &'static str {
        match self {
            V2_3 => "2_3",
            V3_0 => "3_0",
            V3_4 => "3_4",
            V3_14 => "3_14",
            V4_0 => "4_0",
        }
    }

    /// `name=` with a text, which versions before 3.4 write, or with a block.
    fn name(self, text: &str, block: &str) -> String {
        if self < V3_4 { format!("name=\"{text}\"") } else { format!("name={{ {block} }}") }
    }

    /// A name that is a key of its own in a block, or literal as a text.
    fn plain(self, text: &str, key: &str) -> String {
        self.name(text, &format!("key=\"{key}\""))
    }

    /// One of two texts: that of versions before `since`, and that of those from it on.
    fn since(self, since: Self, before: &'static str, after: &'static str) -> &'static str {
        if self < since { before } else { after }
    }
}

/// The gamestate.
pub(crate) fn text(age: Age) -> String {
    let sections = [
        galaxy::head(age),
        people::species(age),
        people::pops(age),
        galaxy::systems(age),
        galaxy::starbases(age),
        worlds::planets(age),
        worlds::construction(age),
        empires::countries(age),
        people::leaders(age),
        people::factions(age),
        forces::fleets(age),
        forces::ships(age),
        forces::designs(age),
        forces::armies(age),
        forces::wars(age),
        forces::megastructures(age),
        affairs::federations(age),
        affairs::community(age),
        affairs::agreements(age),
        affairs::truces(age),
        affairs::digs(age),
        affairs::bypasses(age),
        affairs::flags(age),
    ];
    sections.concat()
}

/// The save.
pub(crate) fn save(age: Age) -> Save {
    of(text(age))
}

/// A save of any text.
pub(crate) fn of(text: impl Into<Vec<u8>>) -> Save {
    Save::from_bytes(text.into(), &Limits::default()).unwrap()
}
