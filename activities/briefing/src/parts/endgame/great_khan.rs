//! Marauders and the khan who may unite them.

use crate::{
    fact::{Object, Why},
    model::Model,
};

/// Clans that may bring forth a khan; the raid fleets that they send out are countries too, but no clans.
const CLANS: [&str; 2] = ["dormant_marauders", "ruined_marauders"];

/// The clans under a khan.
const KHANATE: &str = "awakened_marauders";

/// Flags of the end of a khan [U].
const ENDED: [&[u8]; 3] = [b"great_khan_dead", b"great_khan_defeated", b"khan_successor"];

/// Marauders and the khan who may unite them.
pub(super) fn great_khan(model: &Model<'_>) -> Object {
    let explaining = model.explaining;
    let clans: Vec<_> = model.countries.iter().filter(|(_, country)| CLANS.contains(&&*country.kind)).collect();
    let khanate = model.countries.iter().find(|(_, country)| country.kind == KHANATE).map(|(id, _)| id);
    let types = || clans.iter().map(|(id, country)| (format!("country.{id}.type"), country.kind.to_string()));
    let risen = || {
        let value = khanate.map_or_else(|| "no country".to_owned(), |id| format!("country {id}"));
        Why::rule("a country of type awakened_marauders").from("country", value)
    };

    let mut out = Object::new();
    out.put("marauders_present", !clans.is_empty() || khanate.is_some())
        .why(explaining, || Why::rule("there are clans, or a khan who united them").from_all(types()));
    out.put("marauder_count", clans.len())
        .why(explaining, || Why::rule("countries of type dormant_marauders and ruined_marauders").from_all(types()));
    out.put("khan_risen", khanate.is_some()).why(explaining, risen);
    let ended = ended(model);
    let status = match (&ended, khanate) {
        (Some(_), _) => Some("defeated"),
        (None, Some(_)) => Some("active"),
        (None, None) => None,
    };
    out.known_or("khan_status", status, "no khan has risen").why(explaining, || {
        let why = Why::heuristic(
            "defeated by a flag great_khan_dead, great_khan_defeated or khan_successor; else active if risen",
        );
        ended.iter().fold(why, |why, path| why.from(path.clone(), "there"))
    });
    out.known_or("khan_country_id", khanate, "no khan has risen").why(explaining, risen);
    out.known_or("khan_empire_name", khanate.map(|id| model.country_name(id)), "no khan has risen")
        .why(explaining, risen);
    out
}

/// The path of a flag, of the galaxy or of a country, that tells the end of a khan.
fn ended(model: &Model<'_>) -> Option<String> {
    let galaxy = model.section("flags").map(|flags| ("flags".to_owned(), flags));
    let countries =
        model.countries.iter().filter_map(|(id, country)| Some((format!("country.{id}.flags"), country.flags?)));
    galaxy.into_iter().chain(countries).find_map(|(path, flags)| {
        let mut found = None;
        flags.each(|flag| {
            if flag.key.is_some_and(|key| ENDED.contains(&key)) {
                found = Some(format!("{path}.{}", flag.name()));
            }
        });
        found
    })
}
