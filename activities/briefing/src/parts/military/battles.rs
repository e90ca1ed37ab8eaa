//! The battles of a war.
//!
//! A battle in the save speaks of attackers and defenders in two senses. `attacker_victory`, `attacker_losses`,
//! `defender_losses` and `*_war_exhaustion` mean the sides of the war. The lists `attackers` and `defenders` hold the countries
//! that lost and those that won, whichever side of the war they are on: in each of 705 battles of five saves
//! `attacker_victory=yes` goes with a list `attackers` of the war's defenders, and `no` with one of its attackers.

use std::collections::HashMap;

use save_parsing::{RawBlock, RawField};

use super::wars::{Side, War};
use crate::{
    fact::{Object, Why},
    model::{Model, id, ids},
};

/// How many places of battle are listed.
const MAX_LOCATIONS: usize = 5;

struct Battle {
    /// The countries that fought, of both sides.
    countries: Vec<u32>,
    /// Battles of armies have none.
    system: Option<u32>,
    /// Whether the attackers of the war won it.
    attackers_won: bool,
    attacker_losses: i64,
    defender_losses: i64,
    armies: bool,
}

impl Battle {
    fn of(block: RawBlock<'_>) -> Self {
        let mut battle = Self {
            countries: Vec::new(),
            system: None,
            attackers_won: false,
            attacker_losses: 0,
            defender_losses: 0,
            armies: false,
        };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"attackers" | b"defenders" => battle.countries.extend(value.block().map(ids).unwrap_or_default()),
            b"system" => battle.system = id(value),
            b"attacker_victory" => battle.attackers_won = value.is_yes(),
            b"attacker_losses" => battle.attacker_losses = value.integer().unwrap_or_default(),
            b"defender_losses" => battle.defender_losses = value.integer().unwrap_or_default(),
            b"type" => battle.armies = value.text().is_some_and(|kind| kind == "armies"),
            _ => {}
        });
        battle
    }
}

/// What came of some of the battles, as a side of the war sees it.
#[derive(Default)]
struct Score {
    battles: usize,
    won: usize,
    ships: Losses,
    armies: Losses,
}

#[derive(Default)]
struct Losses {
    ours: i64,
    theirs: i64,
}

impl Score {
    fn add(&mut self, battle: &Battle, side: Side) {
        let attacking = side == Side::Attacker;
        self.battles += 1;
        self.won += usize::from(battle.attackers_won == attacking);
        let (ours, theirs) = if attacking {
            (battle.attacker_losses, battle.defender_losses)
        } else {
            (battle.defender_losses, battle.attacker_losses)
        };
        let losses = if battle.armies { &mut self.armies } else { &mut self.ships };
        (losses.ours, losses.theirs) = (losses.ours.saturating_add(ours), losses.theirs.saturating_add(theirs));
    }

    fn facts(&self) -> Object {
        let mut facts = Object::new();
        facts.put("total_battles", self.battles);
        facts.put("our_victories", self.won);
        facts.put("their_victories", self.battles - self.won);
        facts.put("our_ship_losses", self.ships.ours);
        facts.put("their_ship_losses", self.ships.theirs);
        facts.put("our_army_losses", self.armies.ours);
        facts.put("their_army_losses", self.armies.theirs);
        facts
    }
}

/// Where battles took place, in the order in which the first ones of each place did.
#[derive(Default)]
struct Locations {
    all: Vec<Location>,
    places: HashMap<u32, usize>,
}

struct Location {
    system: u32,
    battles: usize,
    losses: i64,
}

impl Locations {
    fn add(&mut self, battle: &Battle) {
        let Some(system) = battle.system else { return };
        let losses = battle.attacker_losses.saturating_add(battle.defender_losses);
        let place = *self.places.entry(system).or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(Location { system, battles: 0, losses: 0 });
        }
        if let Some(location) = self.all.get_mut(place) {
            location.battles += 1;
            location.losses = location.losses.saturating_add(losses);
        }
    }

    fn facts(mut self, model: &Model<'_>) -> Vec<Object> {
        self.all.sort_by_key(|location| std::cmp::Reverse(location.battles));
        let fact = |location: &Location| {
            let mut fact = Object::new();
            fact.put("system", model.system_name(location.system));
            fact.put("battles", location.battles);
            fact.put("total_losses", location.losses);
            fact
        };
        self.all.iter().take(MAX_LOCATIONS).map(fact).collect()
    }
}

/// Puts `battle_stats` into the row of a war: the battles that the player fought in; and `side_battles`: those of its whole side.
pub(super) fn battle_stats(model: &Model<'_>, war: &War<'_>, side: Side, row: &mut Object) {
    let (mut own, mut all, mut locations) = (Score::default(), Score::default(), Locations::default());
    if let Some(battles) = war.battles {
        battles.each(|item| {
            let Some(battle) = item.value.block().map(Battle::of) else { return };
            all.add(&battle, side);
            if battle.countries.contains(&model.player) {
                own.add(&battle, side);
                locations.add(&battle);
            }
        });
    }
    let why = |which: &str, score: &Score| {
        let (ours, theirs) = match side {
            Side::Attacker => ("attacker", "defender"),
            Side::Defender => ("defender", "attacker"),
        };
        let wins = if side == Side::Attacker { "yes" } else { "no" };
        Why::rule(format!(
            "{which}: our side of the war is its {ours}, so attacker_victory={wins} is a victory of ours, our losses are \
             {ours}_losses and theirs {theirs}_losses (the battle's lists `attackers` and `defenders` hold who lost and who won, \
             not the sides); losses of ships or, in battles of type=armies, of armies"
        ))
        .from(format!("war.{}.battles", war.id), format!("{} of {} battles", score.battles, all.battles))
    };
    let mut stats = own.facts();
    stats.put("battle_locations", locations.facts(model)).why(model.explaining, || {
        Why::rule("the battles with the player by system, those with most battles first, at most 5; losses of both sides; battles of \
                   armies name no system")
        .from(format!("war.{}.battles", war.id), format!("{} battles", own.battles))
    });
    row.put("battle_stats", stats)
        .why(model.explaining, || why("the battles with the player in `attackers` or `defenders`", &own));
    row.put("side_battles", all.facts())
        .why(model.explaining, || why("all battles of the war, those of our allies too", &all));
}
