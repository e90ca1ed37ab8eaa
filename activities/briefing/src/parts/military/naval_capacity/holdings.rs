//! What starbases and megastructures bring.

use super::sources::{Sources, amount};
use crate::{
    model::Model,
    parts::military::megastructures::{self, Status},
};

/// Modules that add to the limit, with the labels of what they add and of what an office adds to them.
const ANCHORAGES: [(&str, &str, &str); 2] = [
    ("anchorage", "Anchorages", "Naval Logistics Office bonus"),
    ("orbital_ring_anchorage", "Orbital ring anchorages", "Orbital naval logistics bonus"),
];
const ANCHORAGE: f64 = 5.0;
const OFFICE: &str = "naval_logistics_office";
/// What an office adds to each anchorage of its starbase.
const OFFICE_BONUS: f64 = 3.0;

const MEGASTRUCTURES: [(&str, f64); 13] = [
    ("strategic_coordination_center_1", 200.0),
    ("strategic_coordination_center_2", 200.0),
    ("strategic_coordination_center_3", 300.0),
    ("strategic_coordination_center_restored", 300.0),
    ("galactic_crucible_1", 150.0),
    ("galactic_crucible_2", 225.0),
    ("galactic_crucible_3", 300.0),
    ("galactic_crucible_4", 375.0),
    ("crisis_sphere_0", 200.0),
    ("crisis_sphere_1", 300.0),
    ("crisis_sphere_2", 400.0),
    ("crisis_sphere_3", 500.0),
    ("shroud_seal", 10.0),
];

/// Adds all of it.
pub(super) fn add(model: &Model<'_>, sources: &mut Sources) {
    match model.own_starbases() {
        Ok(starbases) => {
            for (id, starbase) in starbases {
                let modules = starbase.slots("modules");
                for (module, label, bonus) in ANCHORAGES {
                    let count = modules.iter().filter(|name| **name == module).count();
                    let Some(count) = u32::try_from(count).ok().filter(|count| *count > 0) else { continue };
                    let (path, value) = (model.starbase_path(id, "modules"), format!("{count} {module}"));
                    sources.flat("starbases", label, f64::from(count) * ANCHORAGE, path, value);
                    if starbase.slots("buildings").iter().any(|building| building == OFFICE) {
                        let (path, value) =
                            (model.starbase_path(id, "buildings"), format!("{OFFICE}, {count} {module}"));
                        sources.flat("starbases", bonus, f64::from(count) * OFFICE_BONUS, path, value);
                    }
                }
            }
        }
        Err(reason) => sources.unresolved("starbases", "starbase_mgr", reason),
    }
    match megastructures::all(model) {
        Some(all) => {
            for (id, megastructure) in all.iter().filter(|(_, row)| row.owner == Some(model.player)) {
                if matches!(megastructure.status(), Status::Complete | Status::Restored)
                    && let Some(ships) = amount(&MEGASTRUCTURES, &megastructure.kind)
                {
                    let kind = &megastructure.kind;
                    let path = format!("megastructures.{id}.type");
                    sources.flat("megastructures", format!("Megastructure ({kind})"), ships, path, kind.clone());
                }
            }
        }
        None => sources.unresolved("megastructures", "megastructures", model.absent("megastructures")),
    }
}
