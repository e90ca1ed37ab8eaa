//! The state of things at a glance, put together from the other parts.

mod phase;
mod summary;
#[cfg(test)]
mod tests;

use crate::{
    fact::{Fact, NamedFact, Object, Why},
    model::Model,
};

/// What the situation is; `parts` are the others, by name.
pub fn situation(model: &Model<'_>, parts: &Object) -> Object {
    let mut out = Object::new();
    phase::put(model, &mut out);
    let copy = |out: &mut Object, name: &'static str, path: &'static str| copy_from(out, name, parts, path);
    copy(&mut out, "at_war", "military.wars.player_at_war");
    copy(&mut out, "war_count", "military.wars.active_war_count");
    contacts(model, parts, &mut out);
    copy(&mut out, "rivals", "diplomacy.rivals");
    copy(&mut out, "allies", "diplomacy.allies");
    copy(&mut out, "crisis_active", "endgame.crisis.crisis_active");
    if out.get("crisis_active") == Some(&Fact::Bool(true)) {
        copy(&mut out, "crisis_type", "endgame.crisis.crisis_type");
        copy(&mut out, "player_is_crisis_fighter", "endgame.crisis.player_is_crisis_fighter");
    }
    copy(&mut out, "wars", "military.wars.wars");
    out.put("economy", summary::economy(model, parts));
    if let Some(fallen) = summary::fallen_empires(model, parts) {
        out.put("fallen_empires", fallen);
    }
    out
}

/// The fact at a path of the other parts, through objects only, with the nearest explanation around it.
fn find(parts: &Object, path: &str) -> Option<NamedFact> {
    let (mut why, mut object) = (None, parts);
    let mut steps = path.split('.').peekable();
    loop {
        let member = object.named(steps.next()?)?;
        why = member.why.clone().or(why);
        if steps.peek().is_none() {
            return Some(NamedFact { why, ..member.clone() });
        }
        object = member.fact.object()?;
    }
}

/// Puts in what stands at a path of the other parts, with its explanation or the reason why it is null.
fn copy_from(out: &mut Object, name: &'static str, parts: &Object, path: &'static str) {
    match find(parts, path) {
        Some(found) => out.copy(name, Some(&found)),
        None => out.unknown(name, format!("`{path}` of this briefing is not known")),
    }
}

/// Types of countries that are empires to deal with, unlike fauna, enclaves and primitives.
const EMPIRES: [&str; 3] = ["default", "fallen_empire", "awakened_fallen_empire"];

fn contacts(model: &Model<'_>, parts: &Object, out: &mut Object) {
    const COUNT: &str = "diplomacy.relation_count";
    let count = find(parts, COUNT);
    let made = count.as_ref().and_then(|count| count.fact.number()).map(|count| count > 0.0);
    let unknown = "the relations of the country are not known";
    out.known_or("contacts_made", made, unknown).why(model.explaining, || {
        Why::rule("there is a relation, be it to fauna or primitives")
            .from("diplomacy.relation_count of this briefing", shown(count.as_ref()))
    });
    copy_from(out, "contact_count", parts, COUNT);
    let empires = match find(parts, "diplomacy.relations").map(|relations| relations.fact) {
        Some(Fact::List(rows)) => Some(rows.iter().filter(|row| is_empire(row)).count()),
        _ => None,
    };
    out.known_or("empire_contact_count", empires, unknown).why(model.explaining, || {
        Why::rule("relations to countries of type default, fallen_empire and awakened_fallen_empire")
            .from("diplomacy.relations of this briefing", shown(count.as_ref()))
    });
}

fn is_empire(relation: &Fact) -> bool {
    matches!(relation.at("country_type"), Some(Fact::Text(kind)) if EMPIRES.contains(&kind.as_str()))
}

fn shown(fact: Option<&NamedFact>) -> String {
    match fact.and_then(|fact| fact.fact.number()) {
        Some(number) => number.to_string(),
        None => "unknown".to_owned(),
    }
}
