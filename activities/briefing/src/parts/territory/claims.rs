//! Claims of the player on systems, and claims of others on the player's.

use std::borrow::Cow;

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Object, Why},
    model::{Model, System, id},
};

/// A claim on a system.
struct Claim<'s> {
    system: u32,
    owner: u32,
    date: Option<Cow<'s, str>>,
    strength: i64,
    controller: Option<u32>,
}

/// Claims by and against the player, by the names of the systems.
pub(super) fn claims(model: &Model<'_>) -> Object {
    let (mut ours, mut against) = (Vec::new(), Vec::new());
    for (number, system) in model.systems.iter() {
        let held = system.controller == Some(model.player) || system.legal_owner == Some(model.player);
        for claim in on(number, system).into_iter().filter(|claim| held || claim.owner == model.player) {
            let list = if claim.owner == model.player { &mut ours } else { &mut against };
            list.push((model.system_name(number), claim));
        }
    }
    let held = model.own_starbases();
    let unheld = || held.as_ref().err().cloned().unwrap_or_default();
    let mut claims = Object::new();
    for (name, list, with_owner, rule) in [
        (
            "player_claims",
            &mut ours,
            true,
            "Claims of the player on systems; current_owner controls the system now. A strength of 10 is given by the game \
             for a system lost in war",
        ),
        (
            "claims_against_player",
            &mut against,
            false,
            "Claims of others on systems that the player controls or, where the save tells it, owns by law",
        ),
    ] {
        list.sort_by(|(name, claim), (other_name, other)| {
            (name, claim.system, claim.owner).cmp(&(other_name, other.system, other.owner))
        });
        let rows: Vec<Object> =
            list.iter().map(|(name, claim)| row(model, name, claim, with_owner.then(unheld))).collect();
        // Without the starbases nobody knows which systems are the player's.
        let known = with_owner || held.is_ok();
        claims.known_or(name, known.then_some(rows), unheld()).why(model.explaining, || {
            Why::rule(rule).from_all(list.iter().map(|(_, claim)| {
                (format!("galactic_object.{}.claims[*][owner={}]", claim.system, claim.owner), claim.strength)
            }))
        });
    }
    for (name, list, of) in
        [("player_claims_count", &ours, "player_claims"), ("claims_against_count", &against, "claims_against_player")]
    {
        let known = of == "player_claims" || held.is_ok();
        claims.known_or(name, known.then_some(list.len()), unheld()).why(model.explaining, || {
            Why::rule(format!("Rows of {of}")).from("galactic_object.*.claims", format!("{} claims", list.len()))
        });
    }
    claims
}

fn on<'s>(number: u32, system: &System<'s>) -> Vec<Claim<'s>> {
    let items = system.claims.map(RawBlock::items).unwrap_or_default();
    let claim = |item: Raw<'s>| {
        let (mut owner, mut date, mut strength) = (None, None, 1);
        item.block()?.each(|RawField { key, value }| match key.unwrap_or_default() {
            b"owner" => owner = id(value),
            b"date" => date = value.text(),
            b"claims" => strength = value.integer().unwrap_or(1),
            _ => {}
        });
        Some(Claim { system: number, owner: owner?, date, strength, controller: system.controller })
    };
    items.into_iter().filter_map(claim).collect()
}

/// `unheld` says why nobody knows who controls the system, if nobody does; without it the row does not tell.
fn row(model: &Model<'_>, system: &str, claim: &Claim<'_>, unheld: Option<String>) -> Object {
    let mut row = Object::new();
    row.put("system_id", claim.system.to_string());
    row.put("system_name", system);
    row.put("claimant_id", claim.owner);
    row.put("claimant_name", model.country_name(claim.owner));
    row.known_or("date", claim.date.clone(), "the claim has no date");
    row.put("strength", claim.strength);
    if let Some(unheld) = unheld {
        let reason = if unheld.is_empty() { "nobody controls the system".to_owned() } else { unheld };
        row.known_or("current_owner", claim.controller, reason);
    }
    row
}
