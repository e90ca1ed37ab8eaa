//! Who the empire is and how things stand.

use crate::sheet::{Cell, Look, Section, Tone, figure, words};

use super::{list, names};

pub(super) fn subtitle(look: Look<'_>) -> Vec<String> {
    let join = |parts: Vec<String>| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" - ");
    vec![
        join(vec![look.text("meta.date").to_owned(), look.text("meta.version").to_owned()]),
        join(vec![
            list(&look.texts("identity.ethics")),
            words(look.text("identity.authority")),
            words(look.text("identity.government")),
        ]),
        join(vec![
            format!("{} ({})", look.text("identity.species_name"), look.text("identity.species_class"))
                .replace(" ()", ""),
            list(&look.texts("identity.civics")),
            words(look.text("identity.origin").trim_start_matches("origin_")),
        ]),
    ]
}

pub(super) fn situation(look: Look<'_>) -> Section {
    let mut section = Section::new("Situation");
    let wars = look.number("situation.war_count").unwrap_or_default();
    let war = if wars > 0.0 { Cell::new(format!("in {}", plural(wars, "war")), Tone::Bad) } else { "none".into() };
    let deficits: Vec<String> = ["energy", "minerals", "food", "consumer_goods", "alloys"]
        .into_iter()
        .filter(|name| look.number(&format!("economy.net_monthly.{name}")).is_some_and(|net| net < 0.0))
        .map(words)
        .collect();
    let deficit = if deficits.is_empty() { Cell::from("none") } else { Cell::new(deficits.join(", "), Tone::Bad) };
    let crisis = match look.text("situation.crisis_type") {
        "" if look.is("situation.crisis_active") => Cell::new("active", Tone::Bad),
        "" => "none".into(),
        crisis => Cell::new(words(crisis), Tone::Bad),
    };
    let contacts =
        look.number("situation.contact_count").map(|all| match look.number("situation.empire_contact_count") {
            Some(empires) => format!("{}, {} in all", plural(empires, "empire"), figure(all)),
            None => figure(all),
        });
    section.pairs([
        ("Phase", Cell::from(words(look.text("situation.game_phase")))),
        ("Wars", war),
        ("Deficits", deficit),
        ("Crisis", crisis),
        ("Contacts", contacts.unwrap_or_default().into()),
        ("Allies", names(look, "diplomacy.allies").into()),
        ("Rivals", names(look, "diplomacy.rivals").into()),
        ("Victory rank", look.figure("military.victory_rank").into()),
    ]);
    section
}

/// `2 wars`, `1 war`.
pub(super) fn plural(count: f64, one: &str) -> String {
    let figure = figure(count);
    if figure == "1" { format!("1 {one}") } else { format!("{figure} {one}s") }
}
