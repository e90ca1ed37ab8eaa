//! How far one path of names is followed.

use std::cell::Cell;

/// How many paths may lie on the way of one: re-exports of re-exports, types of types. Cycles end here.
const DEEPEST: u32 = 48;
/// How many paths are followed for one in all: where each has several ways on, the depth alone bounds nothing.
const MOST: u32 = 4096;

/// What all that is followed for one path shares.
pub(super) struct Tank(Cell<u32>);

impl Tank {
    pub(super) fn full() -> Self {
        Self(Cell::new(MOST))
    }

    pub(super) fn fuel(&self) -> Fuel<'_> {
        Fuel { depth: DEEPEST, tank: self }
    }
}

/// What is left at one place on the way.
#[derive(Clone, Copy)]
pub(super) struct Fuel<'a> {
    depth: u32,
    tank: &'a Tank,
}

impl Fuel<'_> {
    /// What is left one path further; nothing where the way ends.
    pub(super) fn spend(self) -> Option<Self> {
        let depth = self.depth.checked_sub(1)?;
        self.tank.0.set(self.tank.0.get().checked_sub(1)?);
        Some(Self { depth, ..self })
    }

    /// The same, where the next one to spend notices the end.
    pub(super) fn lowered(self) -> Self {
        Self { depth: self.depth.saturating_sub(1), ..self }
    }
}
