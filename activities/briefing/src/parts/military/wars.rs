//! The wars that the player is in.

use save_parsing::{Raw, RawBlock, RawField};

use super::battles;
use crate::{
    fact::{Fact, Object, Why},
    model::{Date, Model, Table, id_of},
};

/// A side of a war.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Attacker,
    Defender,
}

/// A war as the save has it.
pub(super) struct War<'s> {
    pub(super) id: u32,
    name: Option<Raw<'s>>,
    start: Option<Raw<'s>>,
    attackers: Vec<u32>,
    defenders: Vec<u32>,
    pub(super) battles: Option<RawBlock<'s>>,
    attacker_goal: Option<RawBlock<'s>>,
    defender_goal: Option<RawBlock<'s>>,
    attacker_exhaustion: f64,
    defender_exhaustion: f64,
}

impl<'s> War<'s> {
    fn of(id: u32, block: RawBlock<'s>) -> Self {
        let mut war = Self {
            id,
            name: None,
            start: None,
            attackers: Vec::new(),
            defenders: Vec::new(),
            battles: None,
            attacker_goal: None,
            defender_goal: None,
            attacker_exhaustion: 0.0,
            defender_exhaustion: 0.0,
        };
        let participants = |value: Raw<'_>| -> Vec<u32> {
            let items = value.block().map(RawBlock::items).unwrap_or_default();
            items.into_iter().filter_map(|item| id_of(item.block()?, "country")).collect()
        };
        block.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"name" => war.name = Some(value),
            b"start_date" => war.start = Some(value),
            b"attackers" => war.attackers = participants(value),
            b"defenders" => war.defenders = participants(value),
            b"battles" => war.battles = value.block(),
            b"attacker_war_goal" => war.attacker_goal = value.block(),
            b"defender_war_goal" => war.defender_goal = value.block(),
            b"attacker_war_exhaustion" => war.attacker_exhaustion = value.number().unwrap_or_default(),
            b"defender_war_exhaustion" => war.defender_exhaustion = value.number().unwrap_or_default(),
            _ => {}
        });
        war
    }

    fn side_of(&self, country: u32) -> Option<Side> {
        if self.attackers.contains(&country) {
            Some(Side::Attacker)
        } else {
            self.defenders.contains(&country).then_some(Side::Defender)
        }
    }
}

/// The facts on the player's wars.
///
/// # Errors
/// Why they are not known.
pub(super) fn wars(model: &Model<'_>) -> Result<Object, String> {
    let section = model.section("war").ok_or_else(|| model.absent("war"))?;
    let mut wars = Vec::new();
    section.each_numbered(|id, value| {
        if let Some(block) = value.block() {
            wars.push((id, War::of(id, block)));
        }
    });
    let wars = Table::new(wars);
    let own: Vec<_> = wars.iter().filter_map(|(_, war)| Some((war, war.side_of(model.player)?))).collect();
    let sources = || {
        own.iter().map(|(war, side)| (format!("war.{}.{}", war.id, side.list()), format!("country={}", model.player)))
    };
    let why = |rule: &'static str| Why::rule(rule).from_all(sources());
    let mut facts = Object::new();
    facts
        .put("wars", own.iter().map(|(war, side)| row(model, war, *side)).collect::<Vec<_>>())
        .why(model.explaining, || why("the wars with the player among attackers[].country or defenders[].country"));
    facts.put("player_at_war", !own.is_empty()).why(model.explaining, || why("whether the player is in a war"));
    facts.put("active_war_count", own.len()).why(model.explaining, || why("number of wars that the player is in"));
    facts.put("count", own.len()).why(model.explaining, || why("number of wars that the player is in"));
    Ok(facts)
}

impl Side {
    /// As the briefing and the save's losses call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attacker => "attacker",
            Self::Defender => "defender",
        }
    }

    fn list(self) -> &'static str {
        match self {
            Self::Attacker => "attackers",
            Self::Defender => "defenders",
        }
    }
}

fn row<'s>(model: &Model<'s>, war: &War<'s>, side: Side) -> Object {
    let path = |field: &str| format!("war.{}.{field}", war.id);
    let mut row = Object::new();
    row.put("name", model.name(war.name, &format!("War {}", war.id)));
    let started = war.start.and_then(Raw::text);
    row.known_or("start_date", started.clone(), "the war has no `start_date`");
    let duration = war.start.and_then(Date::of).zip(model.date).map(|(start, now)| now.days() - start.days());
    row.known_or("duration_days", duration, "the war's start or the day of the save is not written").why(
        model.explaining,
        || {
            let now = model.date.map_or_else(String::new, |date| date.to_string());
            Why::rule("days from start_date to the day of the save; months have 30 days")
                .from(path("start_date"), started.unwrap_or_default())
                .from("date", now)
        },
    );
    row.put("our_side", side.name())
        .why(model.explaining, || Why::rule("the list that has the player").from(path(side.list()), model.player));
    let names = |countries: &[u32]| Fact::texts(countries.iter().map(|country| model.country_name(*country)));
    let mut participants = Object::new();
    participants.put("attackers", names(&war.attackers));
    participants.put("defenders", names(&war.defenders));
    row.put("participants", participants);
    let goal = |goal: Option<RawBlock<'s>>| goal.and_then(|goal| goal.text("type"));
    row.put("war_goal", goal(war.attacker_goal).unwrap_or("unknown".into()));
    row.known_or("defender_war_goal", goal(war.defender_goal), "the defenders have no goal");
    for (name, exhaustion) in
        [("attacker_war_exhaustion", war.attacker_exhaustion), ("defender_war_exhaustion", war.defender_exhaustion)]
    {
        row.put(name, exhaustion)
            .why(model.explaining, || Why::rule("of the war's side, from 0 to 1").from(path(name), exhaustion));
    }
    battles::battle_stats(model, war, side, &mut row);
    row.put("status", "in_progress");
    row
}
