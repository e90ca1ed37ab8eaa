//! How far the player is with those who were before all others.

use super::Events;
use crate::{
    fact::{Object, Why},
    model::Model,
};

/// Those who were before: the key of their flags, their name, the flag of the systems that lie in their realm.
///
/// The flags of Vultaum, Yuht and Irassians are a guess. [H]
const PRECURSORS: [(&str, &str, &str); 9] = [
    ("vultaum", "Vultaum Star Assembly", "precursor_1"),
    ("yuht", "Yuhtaan (First Colonizers)", "precursor_2"),
    ("first_league", "First League", "precursor_3"),
    ("irassian", "Irassian Concordat", "precursor_4"),
    ("cybrex", "Cybrex (Ancient Machines)", "precursor_5"),
    ("zroni", "Zroni (Psionic Precursors)", "precursor_zroni_1"),
    ("baol", "Baol", "precursor_baol_1"),
    ("inetian", "Inetian Traders", "precursor_inetian"),
    ("adakkaria", "adAkkaria Convention", "precursor_adakkaria"),
];

/// What the country's flags say of one of them.
#[derive(Debug, Default)]
struct Trace {
    /// Flags that tell of it, as they are named.
    flags: Vec<String>,
    intro: bool,
    homeworld: bool,
    system: bool,
    /// Flags with a number: places where something of it was found.
    sites: usize,
}

impl Trace {
    /// The last of the stages that a flag or a completed chain tells of.
    fn stage(&self, completed: bool) -> Option<&'static str> {
        let stages = [
            (completed, "completed"),
            (self.system, "system_located"),
            (self.homeworld, "homeworld_found"),
            (self.intro, "started"),
            (self.sites > 0, "collecting_artifacts"),
        ];
        stages.into_iter().find(|(reached, _)| *reached).map(|(_, stage)| stage)
    }
}

/// What is known of those whom the player has met or can meet, by key.
pub(super) fn progress(model: &Model<'_>, events: &Events<'_>) -> Object {
    let mut progress = Object::new();
    let flags = model.own_country().and_then(|country| country.flags);
    let mut names = Vec::new();
    if let Some(flags) = flags {
        flags.each(|flag| names.push(flag.name()));
    }
    let home = model.own.get("starting_system").and_then(crate::model::id);
    let home_flags = home.and_then(|home| model.systems.get(home)).and_then(|system| system.flags);
    let home_known = !model.systems.is_empty() || model.section("galactic_object").is_some();
    for (key, name, realm) in PRECURSORS {
        let trace = trace(key, names.iter().map(AsRef::as_ref));
        let completed = events.completed.iter().find(|chain| chain.contains(key) && chain.contains("homeworld"));
        let stage = trace.stage(completed.is_some());
        let assigned = home_flags.is_some_and(|flags| flags.get(realm).is_some());
        if stage.is_none() && !assigned {
            continue;
        }
        let mut row = Object::new();
        row.put("name", name);
        row.put("found", stage.is_some());
        row.put("stage", stage.unwrap_or("not_begun"));
        row.put("homeworld_found", trace.homeworld || completed.is_some());
        artifacts(model, events, key, stage, &mut row);
        row.put("sites_found", trace.sites).why(model.explaining, || {
            Why::rule("Flags of the country that are the precursor's key and a number")
                .from(model.own_path("flags"), trace.sites)
        });
        row.known_or("assigned", home_known.then_some(assigned), model.absent("galactic_object"));
        progress.put(key, row).why(model.explaining, || {
            let why = Why::rule(
                "The stage is the last that a flag of the country or a completed chain tells of; assigned is the precursor \
                 in whose realm the starting system lies",
            )
            .from_all(trace.flags.iter().map(|flag| (model.own_path(&format!("flags.{flag}")), "set")));
            let why = match completed {
                Some(chain) => why.from(model.own_path("events.completed_event_chain"), chain),
                None => why,
            };
            match home.filter(|_| assigned) {
                Some(home) => why.from(format!("galactic_object.{home}.flags.{realm}"), "set"),
                None => why,
            }
        });
    }
    progress
}

fn artifacts(model: &Model<'_>, events: &Events<'_>, key: &str, stage: Option<&str>, row: &mut Object) {
    let (chain, counter) = (format!("{key}_chain"), format!("{key}_artifacts"));
    let counted = events.counter(&chain, &counter);
    // A chain that is over takes its counter with it; before it begins nothing is collected.
    let over = stage == Some("completed") || events.completed.iter().any(|completed| *completed == chain);
    let artifacts = counted.or(if over { None } else { Some(0) });
    row.known_or("artifacts", artifacts, "the chain of events is over and its counter is gone").why(
        model.explaining,
        || {
            Why::rule("The counter of artifacts of the precursor's chain of events; 0 before the chain begins").from(
                model.own_path(&format!("events.event_chain[event_chain={chain}].counter.{counter}")),
                artifacts.unwrap_or_default(),
            )
        },
    );
}

fn trace<'f>(key: &str, flags: impl Iterator<Item = &'f str>) -> Trace {
    let mut trace = Trace::default();
    for flag in flags {
        let Some(rest) = flag.strip_prefix(key).and_then(|rest| rest.strip_prefix('_')) else { continue };
        match rest {
            "intro" => trace.intro = true,
            "world_found" | "homeworld" => trace.homeworld = true,
            "system" => trace.system = true,
            number if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => trace.sites += 1,
            _ => continue,
        }
        trace.flags.push(flag.to_owned());
    }
    trace
}
