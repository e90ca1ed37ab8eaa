//! The galactic community and its resolutions.

use std::{borrow::Cow, collections::HashMap};

use save_parsing::{Raw, RawBlock};

use super::resolution;
use crate::{
    fact::{Object, Why},
    model::{Date, Fields, Model, id, ids},
};

/// [H] The names stand in localisation files; a type says most of its name.
const NAMED: &str =
    "named from the `type` of the resolution: its family, then the other words; lists in their own order";

const SECTION: &str = "galactic_community";

/// Adds the galactic community: none before 2.6, and not formed while it has no members.
pub(super) fn put(model: &Model<'_>, out: &mut Object) {
    match model.section(SECTION) {
        Some(section) => {
            let kinds = model.section("resolution").map(kinds).unwrap_or_default();
            out.put(SECTION, Community { model, fields: Fields::of(section), kinds }.facts());
        }
        None => out.unknown(SECTION, format!("{}; the community came with 2.6", model.absent(SECTION))),
    }
}

/// The types of the resolutions by their ids.
fn kinds(section: RawBlock<'_>) -> HashMap<u32, Cow<'_, str>> {
    let mut kinds = HashMap::new();
    section.each_numbered(|id, value| {
        if let Some(kind) = value.block().and_then(|resolution| resolution.text("type")) {
            kinds.insert(id, kind);
        }
    });
    kinds
}

struct Community<'m, 's> {
    model: &'m Model<'s>,
    fields: Fields<'s>,
    kinds: HashMap<u32, Cow<'s, str>>,
}

impl Community<'_, '_> {
    fn facts(&self) -> Object {
        let members = self.list("members");
        let formed = if members.is_empty() { "the community is not formed" } else { "the save does not say" };
        let council = self.list("council");
        let emissaries = self.list("emissaries").len();
        let mut out = Object::new();
        let explaining = self.model.explaining;
        let is_member = members.contains(&self.model.player);
        let why = |rule: &'static str, key: &str, value: usize| Why::rule(rule).from(format!("{SECTION}.{key}"), value);

        let count = members.len();
        out.put("members", members).why(explaining, || why("ids of countries, as written", "members", count));
        out.put("members_count", count).why(explaining, || why("how many members there are", "members", count));
        out.put("player_is_member", is_member)
            .why(explaining, || why("whether the player's country is among them", "members", count));
        let seats = council.len();
        out.put("council_members", council).why(explaining, || why("ids of countries, as written", "council", seats));
        let positions = self.fields.integer("council_positions");
        self.stated(&mut out, "council_positions", "council_positions", positions, formed);
        let veto = self.fields.get("council_veto").map(Raw::is_yes);
        self.stated(&mut out, "council_veto", "council_veto", veto, formed);
        out.put("emissaries_count", emissaries).why(explaining, || why("how many there are", "emissaries", emissaries));
        self.resolutions(&mut out, formed);
        out
    }

    fn resolutions(&self, out: &mut Object, formed: &'static str) {
        let explaining = self.model.explaining;
        let voting = self.fields.get("voting").and_then(id);
        self.stated(out, "voting_resolution_id", "voting", voting, "no resolution is voted on");
        let name = voting.and_then(|id| self.name(id));
        let reason = "no resolution is voted on, or the save does not have it";
        out.known_or("voting_resolution_name", name, reason).why(explaining, || {
            let id = voting.unwrap_or_default();
            let kind = self.kinds.get(&id).map(|kind| &**kind).unwrap_or_default();
            Why::heuristic(NAMED).from(format!("resolution.{id}.type"), kind)
        });
        self.stated(
            out,
            "last_resolution_id",
            "last",
            self.fields.get("last").and_then(id),
            "no resolution was voted on",
        );
        self.stated(out, "days_until_election", "days", self.fields.integer("days"), formed);
        for name in ["community_formed", "council_established"] {
            let date = self.fields.get(name).filter(|date| Date::of(*date).is_some()).and_then(Raw::text);
            self.stated(out, name, name, date, formed);
        }
        let stages = ["proposed", "passed", "failed"].map(|stage| (stage, self.list(stage)));
        for (stage, ids) in &stages {
            out.put(format!("{stage}_count"), ids.len())
                .why(explaining, || Why::rule("how many the list has").from(format!("{SECTION}.{stage}"), ids.len()));
        }
        let rows = |ids: &Vec<u32>| ids.iter().map(|id| self.row(*id)).collect::<Vec<_>>();
        let resolutions: Object = stages.iter().map(|(stage, ids)| (*stage, rows(ids))).collect();
        out.put("resolutions", resolutions).why(explaining, || {
            Why::heuristic(NAMED).from_all(stages.iter().map(|(stage, ids)| (format!("{SECTION}.{stage}"), ids.len())))
        });
    }

    /// A value as the community states it, or why it does not.
    fn stated(
        &self,
        out: &mut Object,
        name: &'static str,
        key: &str,
        value: Option<impl Into<crate::fact::Fact>>,
        reason: &'static str,
    ) {
        let source = self.fields.text(key).unwrap_or_default();
        out.known_or(name, value, reason)
            .why(self.model.explaining, || Why::rule("as written").from(format!("{SECTION}.{key}"), source));
    }

    fn list(&self, key: &str) -> Vec<u32> {
        self.fields.block(key).map(ids).unwrap_or_default()
    }

    fn name(&self, id: u32) -> Option<String> {
        self.kinds.get(&id).map(|kind| resolution::name(kind))
    }

    fn row(&self, id: u32) -> Object {
        let mut row = Object::new();
        row.put("id", id);
        row.known_or("name", self.name(id), "the save does not have this resolution");
        row
    }
}
