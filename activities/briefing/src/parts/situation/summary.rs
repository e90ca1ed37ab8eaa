//! The economy and the fallen empires in a few figures.

use crate::{
    fact::{Fact, Object, Why},
    model::Model,
};

use super::{copy_from, find};

const NET: &str = "economy.net_monthly";

/// Resources of which each has a figure of its own.
const NETS: [(&str, &str); 4] = [
    ("energy_net", "energy"),
    ("minerals_net", "minerals"),
    ("alloys_net", "alloys"),
    ("consumer_goods_net", "consumer_goods"),
];

const RESEARCH: [&str; 3] = ["physics_research", "society_research", "engineering_research"];

/// Resources that hurt when they run out.
const VITAL: [&str; 5] = ["energy", "minerals", "food", "consumer_goods", "alloys"];

/// What the empire gains and loses each month.
pub(super) fn economy(model: &Model<'_>, parts: &Object) -> Object {
    let mut out = Object::new();
    let net = find(parts, NET);
    match net.as_ref().and_then(|net| net.fact.object()) {
        Some(net) => figures(model, parts, net, &mut out),
        None => {
            let reason = net.and_then(|net| net.unknown).unwrap_or_else(|| "the monthly budget is not known".into());
            for name in NETS.iter().map(|(name, _)| *name).chain(["research_net", "resources_in_deficit"]) {
                out.unknown(name, reason.clone());
            }
        }
    }
    out.put(
        "_note",
        "Net values per month as they stand: judge them by the size of the empire and the phase of the game",
    );
    out
}

fn figures(model: &Model<'_>, parts: &Object, net: &Object, out: &mut Object) {
    let amount = |resource: &str| net.get(resource).and_then(Fact::number).unwrap_or_default();
    let source = |resource: &&'static str| (format!("{NET}.{resource} of this briefing"), amount(resource));
    for (name, resource) in NETS {
        match find(parts, &format!("{NET}.{resource}")) {
            Some(found) => out.copy(name, Some(&found)),
            None => out.put(name, 0.0).why(model.explaining, || {
                Why::rule("0: the budget of the month has neither income nor expenses of it")
                    .from(model.own_path("budget"), resource)
            }),
        }
    }
    let research = RESEARCH.iter().map(|resource| amount(resource)).sum();
    out.put("research_net", Fact::rounded(research, 2)).why(model.explaining, || {
        Why::rule("sum of the three kinds of research").from_all(RESEARCH.iter().map(source))
    });
    let deficits = VITAL.iter().filter(|resource| amount(resource) < 0.0).count();
    out.put("resources_in_deficit", deficits).why(model.explaining, || {
        Why::rule("how many of energy, minerals, food, consumer_goods and alloys lose more than they gain")
            .from_all(VITAL.iter().map(source))
    });
}

/// The fallen empires; none if there are none.
pub(super) fn fallen_empires(model: &Model<'_>, parts: &Object) -> Option<Object> {
    let total = find(parts, "fallen_empires.total_count")?;
    if total.fact.number() == Some(0.0) {
        return None;
    }
    let mut out = Object::new();
    for (name, path) in [
        ("total_count", "fallen_empires.total_count"),
        ("dormant_count", "fallen_empires.dormant_count"),
        ("awakened_count", "fallen_empires.awakened_count"),
        ("war_in_heaven", "fallen_empires.war_in_heaven"),
    ] {
        copy_from(&mut out, name, parts, path);
    }
    let rows = match find(parts, "fallen_empires.fallen_empires").map(|list| list.fact) {
        Some(Fact::List(rows)) => rows,
        _ => Vec::new(),
    };
    let brief = |row: &Fact| {
        let mut brief = Object::new();
        for name in ["name", "status", "archetype", "power_ratio"] {
            brief.copy(name, row.object().and_then(|row| row.named(name)));
        }
        brief
    };
    out.put("empires", rows.iter().map(brief).collect::<Vec<_>>()).why(model.explaining, || {
        Why::rule("the rows of fallen_empires of this briefing, shortened")
            .from("fallen_empires.fallen_empires", rows.len())
    });
    Some(out)
}
