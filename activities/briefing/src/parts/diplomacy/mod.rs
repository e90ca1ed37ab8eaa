//! Relations and treaties.

mod relation;
mod sensors;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use crate::{
    fact::{Fact, Object, Why},
    model::{Model, holds_opinions, id},
};

use relation::{FLAGS, Partner, truces};

/// Why opinions are null.
const NO_OPINIONS: &str = "before 3.0 a save holds no opinions";

/// The lists of partners, each with the fields of a relation that put one into it.
const LISTS: [(&str, &[&str]); 7] = [
    ("allies", &["defensive_pact", "federation_member"]),
    ("rivals", &["rival"]),
    ("defensive_pacts", &["defensive_pact"]),
    ("non_aggression_pacts", &["non_aggression_pact"]),
    ("closed_borders", &["closed_borders"]),
    ("migration_treaties", &["migration_treaty"]),
    ("commercial_pacts", &["commercial_pact"]),
];

/// Relations and treaties.
pub fn diplomacy(model: &Model<'_>) -> Object {
    let mut out = Object::new();
    match partners(model) {
        Some(partners) => relations(model, &partners, &mut out),
        None => {
            let reason = format!("the country {} has no `relations_manager`", model.player);
            let lists = LISTS.iter().map(|(list, _)| *list);
            for name in ["relations", "treaties"].into_iter().chain(lists).chain(["relation_count", "summary"]) {
                out.unknown(name, reason.clone());
            }
        }
    }
    sensors::put(model, &mut out);
    let alliance = ["federation", "alliance"].iter().find_map(|key| id(model.own.get(key)?));
    out.known_or("federation", alliance, "the empire is in no federation").why(model.explaining, || {
        Why::rule("the federation of the country, `alliance` in 2.x")
            .from(model.own_path("federation"), shown(alliance))
    });
    out
}

fn shown(id: Option<u32>) -> String {
    id.map_or_else(|| "none".to_owned(), |id| id.to_string())
}

fn partners<'m, 's>(model: &'m Model<'s>) -> Option<Vec<Partner<'m, 's>>> {
    let own = model.own_country()?;
    own.relations?;
    let truces = truces(model);
    Some(
        own.partners(model.player)
            .into_iter()
            .map(|(id, block)| Partner::of(model, id, block, truces.as_ref()))
            .collect(),
    )
}

fn relations(model: &Model<'_>, partners: &[Partner<'_, '_>], out: &mut Object) {
    let opinions = holds_opinions(&model.countries);
    let path = model.own_path("relations_manager");
    let explaining = model.explaining;
    let rows: Vec<Object> = partners.iter().map(|partner| partner.row(model, opinions)).collect();
    out.put("relations", rows).why(explaining, || {
        Why::rule(
            "each `relation` of the player in the order of the file; a flag is there if its key is `yes`: non_aggression_pact is \
             `non_aggression_pledge`, migration_treaty `migration_access`, federation_member `alliance`, rival `is_rival` (ours of \
             them), has_contact `communications`; closed_borders: we closed ours; their_borders_closed: their relation says so; \
             overlord: they are in our `subjects`; subject: they are our `overlord`; has_truce: `truce` names one that still is",
        )
        .from(path.clone(), format!("{} relations", partners.len()))
    });
    let treaties = partners.iter().flat_map(|partner| {
        FLAGS.iter().filter(|flag| flag.treaty && partner.is(flag.field)).map(|flag| {
            let mut treaty = Object::new();
            treaty.put("country_id", partner.id);
            treaty.put("empire_name", partner.name.clone());
            treaty.put("type", flag.field);
            treaty
        })
    });
    out.put("treaties", treaties.collect::<Vec<_>>()).why(explaining, || {
        Why::rule("one for each pact, rivalry and closed border of each relation").from(path.clone(), "relations")
    });
    for (list, fields) in LISTS {
        let members = partners.iter().filter(|partner| fields.iter().any(|field| partner.is(field)));
        out.put(list, members.map(Partner::named).collect::<Vec<_>>()).why(explaining, || {
            let keys = FLAGS.iter().filter(|flag| fields.contains(&flag.field)).map(|flag| flag.key);
            let keys = keys.collect::<Vec<_>>().join("=yes or ");
            Why::rule(format!("partners of the relations with {keys}=yes")).from(path.clone(), "relations")
        });
    }
    out.put("relation_count", partners.len()).why(explaining, || {
        Why::rule("number of relations, fauna, enclaves and primitives among them").from(path.clone(), partners.len())
    });
    out.put("summary", summary(model, partners, opinions)).why(explaining, || {
        Why::rule("relations by the sign of `relation_current`; one without it has 0").from(path.clone(), "relations")
    });
}

fn summary(model: &Model<'_>, partners: &[Partner<'_, '_>], opinions: bool) -> Object {
    let mut out = Object::new();
    for (name, sign) in [("positive", Ordering::Greater), ("negative", Ordering::Less), ("neutral", Ordering::Equal)] {
        let of_sign: Vec<_> =
            partners.iter().filter(|partner| partner.opinion.partial_cmp(&0.0) == Some(sign)).collect();
        // Nobody is of no opinion in any version.
        let count = (opinions || partners.is_empty()).then(|| Fact::from(of_sign.len()));
        out.known_or(name, count, NO_OPINIONS).why(model.explaining, || {
            let sources = of_sign.iter().map(|partner| (partner.path(model, "relation_current"), partner.opinion));
            Why::rule("relations by the sign of `relation_current`; one without it has 0").from_all(sources)
        });
    }
    out.put("total_contacts", partners.len()).why(model.explaining, || {
        Why::rule("number of relations").from(model.own_path("relations_manager"), partners.len())
    });
    out
}
