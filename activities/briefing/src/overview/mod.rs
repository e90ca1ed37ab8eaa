//! A briefing as a sheet: what a player wants to know first, in the order in which it matters.

mod empire;
mod forces;
mod galaxy;
mod neighbours;
mod progress;
mod wealth;

use serde_json::Value;

use crate::sheet::{Look, Sheet, words};

/// Columns of the text form.
const WIDTH: usize = 80;

/// The briefing as text of at most 80 columns.
pub fn text(briefing: &Value) -> String {
    sheet(briefing).text(WIDTH)
}

/// The briefing as a page of its own: one file, without scripts, that needs no network.
pub fn html(briefing: &Value) -> String {
    sheet(briefing).html()
}

/// The briefing as a sheet.
pub fn sheet(briefing: &Value) -> Sheet {
    let look = Look(briefing);
    let sections = vec![
        empire::situation(look),
        wealth::economy(look),
        wealth::planets(look),
        wealth::pops(look),
        forces::wars(look),
        forces::fleets(look),
        forces::starbases(look),
        neighbours::relations(look),
        neighbours::borders(look),
        neighbours::claims(look),
        progress::technology(look),
        progress::leaders(look),
        progress::traditions(look),
        progress::politics(look),
        galaxy::powers(look),
        galaxy::creatures(look),
        galaxy::undertakings(look),
    ];
    Sheet {
        title: look.text("meta.empire_name").to_owned(),
        subtitle: empire::subtitle(look),
        sections,
        notes: notes(look),
    }
}

fn notes(look: Look<'_>) -> Vec<String> {
    let mut notes: Vec<String> =
        look.items("_warnings").filter_map(|warning| Some(format!("Warning: {}", warning.0.as_str()?))).collect();
    let unknown = look.members("_unknown").len();
    if unknown > 0 {
        notes.push(format!("{unknown} facts are not in this save; the JSON form says why, under `_unknown`."));
    }
    notes
}

/// Keys as a list in words: `fanatic militarist, xenophobe`.
fn list(keys: &[&str]) -> String {
    keys.iter().map(|key| words(key)).collect::<Vec<_>>().join(", ")
}

/// Counts as a list: `corvette 20, frigate 21`.
fn counts(look: Look<'_>, path: &str) -> String {
    let counts = look.counts(path).into_iter();
    counts
        .map(|(name, count)| format!("{} {}", words(name), crate::sheet::figure(count)))
        .collect::<Vec<_>>()
        .join(", ")
}

/// Names of a list of `{ id, name }`.
fn names(look: Look<'_>, path: &str) -> String {
    look.items(path).map(|item| item.text("name")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests;
