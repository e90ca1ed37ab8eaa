//! Guardians and what else lives in space: which are there, which are gone and by whom.
//!
//! Told from countries, fleets and flags, never from a search of the text: each kind is a country of its own type, systems
//! and countries bear flags of what they met.

mod catalogue;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::catalogue::{DRAGONS, FORTRESS, KINDS, Kind, SHARD};
use crate::{
    fact::{Object, Why, round},
    model::Model,
};

/// What became of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Alive,
    /// Its ships are there and harm nobody any more.
    Disabled,
    Defeated,
    /// [H] Its system is there, it is not, and nobody has a flag of having killed it.
    NotSpawned,
}

impl Status {
    fn text(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Disabled => "disabled",
            Self::Defeated => "defeated",
            Self::NotSpawned => "not_spawned",
        }
    }
}

/// The fleets of a country, taken together.
#[derive(Debug, Default)]
struct Forces {
    ships: usize,
    /// The first that has ships.
    fleet: Option<u32>,
    power: f64,
    shard: bool,
}

/// What flags tell.
#[derive(Debug, Default)]
struct Flags {
    /// The `X` of `guardians_X_system`, with the system.
    systems: BTreeMap<String, u32>,
    /// The `X` of `killed_X`, with the country.
    killers: BTreeMap<String, u32>,
    /// A country that disabled the fortress.
    disabled: Option<u32>,
}

/// Guardians and fauna, by country; then those without one.
pub fn leviathans(model: &Model<'_>) -> Object {
    let mut leviathans = Object::new();
    let sections = ["country", "fleet", "ships", "galactic_object"];
    if let Some(absent) = sections.into_iter().find(|section| is_absent(model, section)) {
        for name in ["leviathans", "total_count", "defeated_count", "alive_count"] {
            leviathans.unknown(name, model.absent(absent));
        }
        return leviathans;
    }
    let flags = Flags::of(model);
    let forces = forces(model);
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for (country, row) in model.countries.iter() {
        let Some(kind) = catalogue::of_country(&row.kind) else { continue };
        let forces = forces.get(&country);
        let kind = match catalogue::named(SHARD) {
            Some(shard) if row.kind == DRAGONS && forces.is_some_and(|forces| forces.shard) => shard,
            _ => kind,
        };
        let status = match forces.is_some_and(|forces| forces.ships > 0) {
            true if kind.kind == FORTRESS && flags.disabled.is_some() => Status::Disabled,
            true => Status::Alive,
            false => Status::Defeated,
        };
        seen.insert(kind.kind);
        let there = There {
            country,
            power: row.military_power.or(forces.map(|forces| forces.power)),
            kind: &row.kind,
            ships: forces.and_then(|forces| Some((forces.fleet?, forces.ships))),
        };
        rows.push((status, present(model, kind, status, &there, &flags)));
    }
    for kind in KINDS.iter().filter(|kind| !seen.contains(kind.kind)) {
        if let Some((status, row)) = gone(model, kind, &flags) {
            rows.push((status, row));
        }
    }
    let count = |wanted: &[Status]| rows.iter().filter(|(status, _)| wanted.contains(status)).count();
    let (total, defeated) = (rows.len(), count(&[Status::Defeated]));
    let alive = count(&[Status::Alive, Status::Disabled]);
    leviathans.put("leviathans", rows.into_iter().map(|(_, row)| row).collect::<Vec<_>>()).why(model.explaining, || {
        Why::rule(
            "A row for each country whose type is one of a guardian or of fauna, and for each guardian whose system or whose \
             killer bears its flag; reward and threat are known of the game, not of the save",
        )
        .from("country.*.type", format!("{total} rows"))
    });
    for (name, count, rule) in [
        ("total_count", total, "All rows"),
        ("defeated_count", defeated, "Rows that are defeated"),
        ("alive_count", alive, "Rows that are alive, disabled ones among them, for their ships are there"),
    ] {
        leviathans
            .put(name, count)
            .why(model.explaining, || Why::rule(rule).from("country.*.type", format!("{total} rows")));
    }
    leviathans
}

/// Ships are a section `ship` in some versions.
fn is_absent(model: &Model<'_>, section: &str) -> bool {
    match section {
        "ships" => model.section("ships").or_else(|| model.section("ship")).is_none(),
        section => model.section(section).is_none(),
    }
}

impl Flags {
    fn of(model: &Model<'_>) -> Self {
        let mut found = Self::default();
        for (system, row) in model.systems.iter() {
            let Some(flags) = row.flags else { continue };
            flags.each(|flag| {
                let name = flag.name();
                if let Some(guardian) = name.strip_prefix("guardians_").and_then(|name| name.strip_suffix("_system")) {
                    found.systems.entry(guardian.to_owned()).or_insert(system);
                }
            });
        }
        for (country, row) in model.countries.iter() {
            let Some(flags) = row.flags else { continue };
            flags.each(|flag| {
                let name = flag.name();
                if let Some(guardian) = name.strip_prefix("killed_") {
                    found.killers.entry(guardian.to_owned()).or_insert(country);
                } else if name == "disabled_enigmatic_fortress" {
                    found.disabled = found.disabled.or(Some(country));
                }
            });
        }
        found
    }

    fn killer(&self, kind: &Kind) -> Option<u32> {
        self.killers.get(kind.flag?).copied()
    }
}

/// The fleets of the countries that are of a kind.
fn forces(model: &Model<'_>) -> HashMap<u32, Forces> {
    let mut found: HashMap<u32, Forces> = model
        .countries
        .iter()
        .filter(|(_, row)| catalogue::of_country(&row.kind).is_some())
        .map(|(country, _)| (country, Forces::default()))
        .collect();
    for (number, fleet) in model.fleets.iter() {
        let Some(forces) = fleet.owner.and_then(|owner| found.get_mut(&owner)) else { continue };
        let ships = fleet.ships.iter().filter(|ship| model.ships.get(**ship).is_some()).count();
        if ships > 0 {
            forces.fleet = forces.fleet.or(Some(number));
        }
        forces.ships += ships;
        forces.power += fleet.military_power;
        forces.shard |= fleet.name.is_some() && model.name(fleet.name, "").eq_ignore_ascii_case("shard");
    }
    found
}

/// What there is of one that has a country.
struct There<'t> {
    country: u32,
    /// The type of the country.
    kind: &'t str,
    power: Option<f64>,
    /// The first of its fleets that has ships, and how many ships all of them have.
    ships: Option<(u32, usize)>,
}

fn present(model: &Model<'_>, kind: &Kind, status: Status, there: &There<'_>, flags: &Flags) -> Object {
    let mut row = described(
        kind,
        status,
        || {
            let path = format!("country.{}", there.country);
            let why = Why::rule(
                "Alive while a fleet of the country has a ship; the fortress is disabled once a country has that flag",
            )
            .from(format!("{path}.type"), there.kind);
            let why = match there.ships {
                Some((fleet, ships)) => {
                    why.from(format!("fleet.{fleet}.ships"), format!("{ships} ships in all fleets"))
                }
                None => why,
            };
            match flags.disabled {
                Some(country) if status == Status::Disabled => {
                    why.from(format!("country.{country}.flags.disabled_enigmatic_fortress"), "set")
                }
                _ => why,
            }
        },
        model.explaining,
    );
    row.put("country_id", there.country);
    row.known_or(
        "military_power",
        there.power.map(|power| round(power, 2)),
        "neither the country nor a fleet states it",
    )
    .why(model.explaining, || {
        Why::rule("The game's own figure of the country, else the sum of its fleets'")
            .from(format!("country.{}.military_power", there.country), there.power.unwrap_or_default())
    });
    if let Some(killer) = flags.killer(kind).filter(|_| status == Status::Defeated) {
        row.put("defeated_by", killer);
    }
    row
}

/// A guardian without a country, if flags tell of it.
fn gone(model: &Model<'_>, kind: &Kind, flags: &Flags) -> Option<(Status, Object)> {
    let flag = kind.flag?;
    let (system, killer) = (flags.systems.get(flag), flags.killer(kind));
    let status = match (system, killer) {
        (None, None) => return None,
        (_, Some(_)) => Status::Defeated,
        (Some(_), None) if kind.comes_later => Status::NotSpawned,
        (Some(_), None) => Status::Defeated,
    };
    let mut row = described(
        kind,
        status,
        || {
            let rule = "Its system bears a flag and no country of its type is there. One that comes only when it is found and \
                    that nobody has a flag of having killed has not come yet; any other is defeated";
            let why = if status == Status::NotSpawned { Why::heuristic(rule) } else { Why::rule(rule) };
            let systems =
                system.map(|system| (format!("galactic_object.{system}.flags.guardians_{flag}_system"), "set"));
            let killers = killer.map(|killer| (format!("country.{killer}.flags.killed_{flag}"), "set"));
            why.from_all(systems.into_iter().chain(killers))
        },
        model.explaining,
    );
    if let Some(killer) = killer {
        row.put("defeated_by", killer);
    }
    Some((status, row))
}

fn described(kind: &Kind, status: Status, why: impl FnOnce() -> Why, explaining: bool) -> Object {
    const NO_TABLE: &str = "what the game gives for it, and how it fights, is in no save and not known here";
    let mut row = Object::new();
    row.put("type", kind.kind);
    row.put("name", kind.name);
    row.put("status", status.text()).why(explaining, why);
    row.known_or("reward", kind.reward, NO_TABLE);
    row.known_or("threat", kind.threat, NO_TABLE);
    row
}
