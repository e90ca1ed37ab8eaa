//! The federation.

#[cfg(test)]
mod tests;

use save_parsing::{Raw, RawBlock, RawField};

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, id, ids},
};

/// What the game writes of a federation, as raw values.
#[derive(Default)]
struct Federation<'s> {
    name: Option<Raw<'s>>,
    leader: Option<u32>,
    members: Vec<u32>,
    associates: Vec<u32>,
    progression: Option<RawBlock<'s>>,
}

/// The facts in their order; the first is the id.
const FIELDS: [&str; 10] =
    ["type", "level", "cohesion", "experience", "laws", "members", "president", "name", "associates", "perks"];

/// The federation: all null or empty for an empire that is in none.
pub fn federation_details(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    let place = ["federation", "alliance"].iter().find_map(|key| Some((*key, id(model.own.get(key)?)?)));
    let Some((section, number)) = place else {
        none(&mut out);
        return out;
    };
    out.put("federation_id", number)
        .why(model.explaining, || Why::rule("the federation of the country").from(model.own_path(section), number));
    let path = format!("{section}.{number}");
    let entry = model.section(section).and_then(|entries| entries.block(&number.to_string()));
    let Some(entry) = entry else {
        let reason = match model.section(section) {
            Some(_) => format!("the section `{section}` has no entry {number}"),
            None => model.absent(section),
        };
        for field in FIELDS {
            out.unknown(field, reason.clone());
        }
        return out;
    };
    let federation = read(entry);
    progress(model, &federation, &path, &mut out);
    let members = |name: &'static str, list: &[u32], out: &mut Object| {
        out.put(name, list.to_vec()).why(model.explaining, || {
            Why::rule("ids of countries as listed").from(format!("{path}.{name}"), list.len())
        });
    };
    members("members", &federation.members, &mut out);
    out.known_or("president", federation.leader, "the federation names no leader").why(model.explaining, || {
        Why::rule("`leader`: the country that presides").from(format!("{path}.leader"), shown(federation.leader))
    });
    out.put("name", model.name(federation.name, &format!("Federation {number}")))
        .why(model.explaining, || Why::rule("its name as people read it").from(format!("{path}.name"), "name"));
    members("associates", &federation.associates, &mut out);
    perks(model, &federation, &path, &mut out);
    out
}

fn shown(id: Option<u32>) -> String {
    id.map_or_else(|| "none".to_owned(), |id| id.to_string())
}

fn none(out: &mut Object) {
    let reason = "the empire is in no federation";
    out.unknown("federation_id", reason);
    for field in FIELDS {
        match field {
            "members" | "associates" | "perks" => {
                out.put(field, Fact::List(Vec::new()));
            }
            "laws" => {
                out.put(field, Object::new());
            }
            _ => out.unknown(field, reason),
        }
    }
}

fn read(entry: RawBlock<'_>) -> Federation<'_> {
    let mut federation = Federation::default();
    entry.each(|RawField { key, value }| match key.unwrap_or_default() {
        b"name" => federation.name = Some(value),
        b"leader" => federation.leader = id(value),
        b"members" => federation.members = value.block().map(ids).unwrap_or_default(),
        b"associates" => federation.associates = value.block().map(ids).unwrap_or_default(),
        b"federation_progression" => federation.progression = value.block(),
        _ => {}
    });
    federation
}

/// Why an alliance of 2.x has neither laws nor levels.
const BEFORE_LEVELS: &str = "before 2.6 federations have no type, levels and laws";

fn progress(model: &Model<'_>, federation: &Federation<'_>, path: &str, out: &mut Object) {
    let Some(progression) = federation.progression else {
        for field in ["type", "level", "cohesion", "experience", "laws"] {
            out.unknown(field, BEFORE_LEVELS);
        }
        return;
    };
    let path = |key: &str| format!("{path}.federation_progression.{key}");
    let kind = progression.text("federation_type");
    out.known_or("type", kind.clone(), "the federation names no type").why(model.explaining, || {
        Why::rule("`federation_type` as written").from(path("federation_type"), kind.as_deref().unwrap_or("none"))
    });
    let level = progression.integer("levels").unwrap_or_default();
    out.put("level", level)
        .why(model.explaining, || Why::rule("`levels`; 0 where it is left out").from(path("levels"), level));
    for key in ["cohesion", "experience"] {
        let number = progression.number(key).unwrap_or_default();
        out.put(key, number)
            .why(model.explaining, || Why::rule("as written; 0 where it is left out").from(path(key), number));
    }
    let mut laws = Object::new();
    if let Some(block) = progression.block("laws") {
        block.each(|law| {
            if law.key.is_some()
                && let Some(value) = law.value.text()
            {
                laws.put(law.name().into_owned(), value);
            }
        });
    }
    out.put("laws", laws)
        .why(model.explaining, || Why::rule("laws by their category, as written").from(path("laws"), "laws"));
}

fn perks(model: &Model<'_>, federation: &Federation<'_>, path: &str, out: &mut Object) {
    let Some(progression) = federation.progression else {
        out.unknown("perks", BEFORE_LEVELS);
        return;
    };
    let rows = progression.block("perks").map(RawBlock::items).unwrap_or_default();
    let perks = rows.into_iter().filter_map(Raw::block).map(|row| {
        let mut perk = Object::new();
        perk.put("level", row.integer("level").unwrap_or_default());
        perk.put("type", row.text("type").unwrap_or_default());
        perk
    });
    let perks: Vec<_> = perks.collect();
    out.put("perks", perks.clone()).why(model.explaining, || {
        Why::rule("level and type of each perk, as listed")
            .from(format!("{path}.federation_progression.perks"), perks.len())
    });
}
