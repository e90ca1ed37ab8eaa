//! What changes the limit of the naval capacity, as it is found.

use std::collections::BTreeMap;

use crate::fact::round;

/// What one source adds: ships' worth, or a part of the whole.
#[derive(Debug, Default)]
pub(super) struct Addition {
    /// How much.
    pub(super) amount: f64,
    /// Where it was found in the save, and what stands there.
    pub(super) found: Vec<(String, String)>,
}

/// Everything found so far.
#[derive(Debug, Default)]
pub(super) struct Sources {
    /// Added before all multipliers, by label.
    pub(super) flat: BTreeMap<String, Addition>,
    /// Multipliers, which add up, by label.
    pub(super) multipliers: BTreeMap<String, Addition>,
    /// Families of sources that have been added up.
    pub(super) modeled: BTreeMap<&'static str, ()>,
    /// Families of sources that are there or could be, and whose effect is not known.
    pub(super) unresolved: BTreeMap<&'static str, Vec<(String, String)>>,
}

impl Sources {
    /// Adds to what a label has already.
    pub(super) fn flat(
        &mut self,
        family: &'static str,
        label: impl Into<String>,
        amount: f64,
        path: String,
        value: impl Into<String>,
    ) {
        add(&mut self.flat, label.into(), amount, 3, (path, value.into()));
        self.modeled.insert(family, ());
    }

    /// Adds a multiplier to what a label has already; 0.1 is ten percent.
    pub(super) fn multiplier(
        &mut self,
        family: &'static str,
        label: impl Into<String>,
        amount: f64,
        path: String,
        value: impl Into<String>,
    ) {
        add(&mut self.multipliers, label.into(), amount, 6, (path, value.into()));
        self.modeled.insert(family, ());
    }

    /// Names a family whose effect is not known.
    pub(super) fn unresolved(&mut self, family: &'static str, path: impl Into<String>, value: impl Into<String>) {
        self.unresolved.entry(family).or_default().push((path.into(), value.into()));
    }

    /// The sum of what is added before multipliers.
    pub(super) fn flat_total(&self) -> f64 {
        round(self.flat.values().map(|addition| addition.amount).sum(), 3)
    }

    /// The sum of the multipliers.
    pub(super) fn multiplier_total(&self) -> f64 {
        round(self.multipliers.values().map(|addition| addition.amount).sum(), 6)
    }
}

fn add(to: &mut BTreeMap<String, Addition>, label: String, amount: f64, decimals: i32, found: (String, String)) {
    let addition = to.entry(label).or_default();
    addition.amount = round(addition.amount + amount, decimals);
    addition.found.push(found);
}

/// What a table says of a name.
pub(super) fn amount(table: &[(&str, f64)], name: &str) -> Option<f64> {
    table.iter().find(|(known, _)| *known == name).map(|(_, amount)| *amount)
}
