//! Other empires: relations, borders, claims.

use crate::sheet::{Cell, Column, Look, Section, figures_of, words, words_of};

const RELATIONS: [Column; 4] = [words_of("Empire"), figures_of("Opinion"), figures_of("Trust"), words_of("Between us")];

/// What stands between two countries, as people say it; the rest of a relation's flags is of no interest at a glance.
const TIES: [(&str, &str); 16] = [
    ("overlord", "we are the overlord"),
    ("subject", "we are the subject"),
    ("federation_member", "federation"),
    ("defensive_pact", "defensive pact"),
    ("non_aggression_pact", "non-aggression"),
    ("commercial_pact", "commerce"),
    ("research_agreement", "research"),
    ("migration_treaty", "migration"),
    ("embassy", "embassy"),
    ("rival", "rival"),
    ("closed_borders", "we closed our borders"),
    ("their_borders_closed", "they closed theirs"),
    ("has_truce", "truce"),
    ("guarantee", "guarantee"),
    ("hostile", "hostile"),
    ("secret_fealty", "secret fealty"),
];

pub(super) fn relations(look: Look<'_>) -> Section {
    let mut section = Section::new("Relations");
    let empires = look.items("diplomacy.relations").filter(|relation| {
        matches!(relation.text("country_type"), "" | "default" | "fallen_empire" | "awakened_fallen_empire")
    });
    // Those with whom something is agreed or wrong come first, as they are.
    let ties = |relation: &Look<'_>| -> Vec<&str> {
        TIES.iter().filter(|(flag, _)| relation.is(flag)).map(|(_, words)| *words).collect()
    };
    let mut empires: Vec<Look<'_>> = empires.collect();
    empires.sort_by_key(|relation| ties(relation).is_empty());
    let row = |relation: &Look<'_>| {
        let ties = ties(relation);
        vec![
            Cell::from(relation.text("empire_name")),
            Cell::net(relation.number("opinion")),
            relation.figure("trust").into(),
            ties.join(", ").into(),
        ]
    };
    section.table(&RELATIONS, empires.iter().map(row).collect(), 25);
    let federation = look.at("federation_details");
    if federation.number("federation_id").is_some() {
        section.pairs([
            ("Federation", Cell::from(words(federation.text("type").trim_end_matches("_federation")))),
            ("Level", federation.figure("level").into()),
            ("Cohesion", federation.figure("cohesion").into()),
        ]);
    }
    section
}

const BORDERS: [Column; 4] =
    [words_of("Neighbour"), words_of("To the"), figures_of("Border systems"), figures_of("Lanes")];

pub(super) fn borders(look: Look<'_>) -> Section {
    let mut section = Section::new("Borders");
    let row = |neighbour: Look<'_>| {
        vec![
            Cell::from(neighbour.text("empire_name")),
            neighbour.text("direction").into(),
            neighbour.figure("shared_border_systems").into(),
            neighbour.figure("hyperlanes").into(),
        ]
    };
    section.table(&BORDERS, look.items("strategic_geography.border_neighbors").map(row).collect(), 15);
    let chokepoints: Vec<&str> =
        look.items("strategic_geography.chokepoints").map(|point| point.text("system_name")).collect();
    section.pairs([
        ("Systems", look.figure("strategic_geography.total_player_systems")),
        ("Chokepoints", chokepoints.join(", ")),
    ]);
    section
}

const CLAIMS: [Column; 4] = [words_of("System"), words_of("Claimed by"), figures_of("Strength"), words_of("Since")];

pub(super) fn claims(look: Look<'_>) -> Section {
    let mut section = Section::new("Claims");
    let rows = |path: &str| -> Vec<Vec<Cell>> {
        let row = |claim: Look<'_>| {
            vec![
                Cell::from(claim.text("system_name")),
                claim.text("claimant_name").into(),
                claim.figure("strength").into(),
                claim.text("date").into(),
            ]
        };
        look.items(path).map(row).collect()
    };
    let against = rows("territory.claims.claims_against_player");
    if !against.is_empty() {
        section.text("On systems of ours");
        section.table(&CLAIMS, against, 12);
    }
    let ours: Vec<&str> = look.items("territory.claims.player_claims").map(|claim| claim.text("system_name")).collect();
    section.pairs([("Ours", ours.join(", "))]);
    section
}
