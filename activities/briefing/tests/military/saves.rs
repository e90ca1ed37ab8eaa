//! Small saves: a country of the player, and what a test puts beside it.
#![expect(clippy::unwrap_used, reason = "a test whose save cannot be read shall fail")]

use briefing::{Briefing, Options, fact::Fact};
use save_parsing::{Limits, Save};
use serde_json::Value;

/// Fields of the player's country, 0. Countries 1 to 9 are empty.
pub(crate) struct Country<'t>(pub(crate) &'t str);

fn briefing(player: Option<u32>, country: &Country<'_>, sections: &str) -> Briefing {
    let others: String = (1..10).map(|id| format!("{id}={{ name=\"C{id}\" type=\"default\" }}\n")).collect();
    let empty = |name: &&str| !sections.contains(&format!("{name}={{"));
    let empty: String =
        ["galaxy", "planets"].iter().filter(|name| empty(name)).map(|name| format!("{name}={{ }}\n")).collect();
    let text = format!(
        "version=\"Test v0\"\ndate=\"2300.01.01\"\nplayer={{ {{ name=\"me\" country=0 }} }}\n\
         country={{ 0={{ name=\"Us\" type=\"default\" {} }}\n{others} }}\n{empty}{sections}\n",
        country.0
    );
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    briefing::brief(&save, &Options { player, explain: true, ..Options::default() }).unwrap()
}

/// The briefing of country 0.
pub(crate) fn brief(country: &Country<'_>, sections: &str) -> Value {
    briefing(None, country, sections).to_json()
}

/// The briefing of another country.
pub(crate) fn brief_as(player: u32, country: &Country<'_>, sections: &str) -> Value {
    briefing(Some(player), country, sections).to_json()
}

/// Paths of numbers in a part of the briefing of country 0 that no explanation is given for.
pub(crate) fn explained(country: &Country<'_>, sections: &str, part: &str) -> Vec<String> {
    let briefing = briefing(None, country, sections);
    let mut missing = Vec::new();
    walk(briefing.parts.get(part).unwrap(), part, false, &mut missing);
    missing
}

fn walk(fact: &Fact, path: &str, why: bool, missing: &mut Vec<String>) {
    match fact {
        Fact::Integer(_) | Fact::Number(_) if !why => missing.push(path.to_owned()),
        Fact::List(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{path}.{at}"), why, missing);
            }
        }
        Fact::Object(object) => {
            for member in object.members() {
                walk(&member.fact, &format!("{path}.{}", member.name), why || member.why.is_some(), missing);
            }
        }
        _ => {}
    }
}
