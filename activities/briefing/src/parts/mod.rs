//! The parts of a briefing.

pub mod defense;
pub mod diplomacy;
pub mod economy;
pub mod endgame;
pub mod fallen_empires;
pub mod federation_details;
pub mod identity;
pub mod leadership;
pub mod leviathans;
pub mod meta;
pub mod military;
pub mod progression;
pub mod projects;
pub mod situation;
pub mod species;
pub mod strategic_geography;
pub mod technology;
pub mod territory;

use std::{
    panic::resume_unwind,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use crate::{fact::Object, model::Model};

/// The names of the parts in their order.
pub const NAMES: [&str; 18] = [
    "meta",
    "identity",
    "situation",
    "military",
    "economy",
    "territory",
    "diplomacy",
    "federation_details",
    "defense",
    "leadership",
    "technology",
    "fallen_empires",
    "species",
    "endgame",
    "leviathans",
    "projects",
    "progression",
    "strategic_geography",
];

/// Computes a part.
pub type Part = fn(&Model<'_>) -> Object;

/// The parts that need no other, those that read most first.
pub const INDEPENDENT: [(&str, Part); 17] = [
    ("economy", |model| economy::economy(model)),
    ("military", |model| military::military(model)),
    ("leadership", |model| leadership::leadership(model)),
    ("diplomacy", |model| diplomacy::diplomacy(model)),
    ("territory", |model| territory::territory(model)),
    ("defense", |model| defense::defense(model)),
    ("meta", |model| meta::meta(model)),
    ("identity", |model| identity::identity(model)),
    ("federation_details", |model| federation_details::federation_details(model)),
    ("technology", |model| technology::technology(model)),
    ("fallen_empires", |model| fallen_empires::fallen_empires(model)),
    ("species", |model| species::species(model)),
    ("endgame", |model| endgame::endgame(model)),
    ("leviathans", |model| leviathans::leviathans(model)),
    ("projects", |model| projects::projects(model)),
    ("progression", |model| progression::progression(model)),
    ("strategic_geography", |model| strategic_geography::strategic_geography(model)),
];

/// So many parts are computed at once.
const THREADS: usize = 2;

/// All parts, by name and in their order.
pub fn all(model: &Model<'_>) -> Object {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some((name, part)) = INDEPENDENT.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push((*name, part(model)));
        }
        done
    };
    let done = thread::scope(|scope| {
        let others: Vec<_> = (1..THREADS).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            done.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
        }
        done
    });
    let mut parts: Object = done.into_iter().collect();
    let situation = situation::situation(model, &parts);
    parts.put("situation", situation);
    let mut ordered = Object::new();
    for name in NAMES {
        ordered.copy(name, parts.named(name));
    }
    ordered
}
