//! What countries have with each other, digs, gates, and the flags of the galaxy.

use super::{Age, V2_3, V3_0, V3_4, V3_14, V4_0};

pub(super) fn federations(age: Age) -> String {
    let name = age.plain("Free Pact", "Free_Pact");
    if age < V3_0 {
        return format!(
            "alliance={{\n\t0={{ {name} members={{ 2 0 }} associates={{ 16777219 }} start_date=\"2270.01.01\" leader=2 }}\n\t1=none\n}}\n"
        );
    }
    format!(
        "federation={{\n\t0={{ {name} federation_progression={{ federation_type=\"research_federation\" experience=1240.05 cohesion=87.5 \
         laws={{ law_category_centralization=centralization_low law_category_voting_weight=vote_weight_equal }} levels=2 perks={{ \"research_federation_passive_1\" }} }} \
         members={{ 2 0 }} associates={{ 16777219 }} start_date=\"2270.01.01\" leader=2 }}\n\t1=none\n}}\n"
    )
}

pub(super) fn community(age: Age) -> String {
    if age == V2_3 {
        return String::new();
    }
    if age == V3_4 {
        // Not formed.
        return "galactic_community={ emissaries={ } }\n".to_owned();
    }
    let mut text = "galactic_community={ members={ 2 0 16777219 } proposed={ 2 } passed={ 0 } failed={ 3 } emissaries={ 16777220 } voting=1 last=0 days=721 election=180 community_formed=\"2254.01.01\" ".to_owned();
    text +=
        age.since(V4_0, "", "council={ 2 0 } council_positions=2 council_veto=yes council_established=\"2270.01.01\" ");
    text += "}\n";
    text += "resolution={ 0={ type=\"resolution_galactic_market_form\" country=2 } 1={ type=\"resolution_mutualdefense_the_readied_shield\" country=1 } \
             2={ type=\"resolution_sanctions_administrative\" } 3={ type=\"resolution_something_new\" } 4=none }\n";
    text
}

pub(super) fn agreements(age: Age) -> String {
    if age < V3_4 {
        return String::new();
    }
    "agreements={ agreements={ 0={ owner=0 target=12 active_status=active date_added=\"2280.12.07\" term_data={ has_sensors=yes has_access=yes \
     agreement_preset=\"preset_vassal_balanced\" discrete_terms={ { key=specialist_type value=specialist_none } { key=naval_capacity value=naval_cap_unmodified } } } } 1=none } }\n"
        .to_owned()
}

pub(super) fn truces(_: Age) -> String {
    "truce={ 5={ name=\"\" start_date=\"2280.01.01\" truce_type=war } 6=none }\n".to_owned()
}

pub(super) fn digs(age: Age) -> String {
    let mut text = "archaeological_sites={ sites={\n".to_owned();
    for (id, kind, place, rest) in [
        (
            7,
            "site_a",
            21,
            "index=2 clues=3 days_left=51.5 difficulty=4 locked=no visible_to={ 0 1 } excavator_fleet=112 completed={ { country=0 date=\"2270.01.01\" } { country=1 date=\"2271.01.01\" } }",
        ),
        (
            2,
            "site_b",
            40,
            "index=0 clues=0 days_left=90 difficulty=2 locked=yes visible_to={ 0 } excavator_fleet=4294967295 completed={ }",
        ),
        (
            3,
            "site_c",
            50,
            "index=0 clues=0 days_left=90 difficulty=2 locked=no visible_to={ 1 } excavator_fleet=4294967295",
        ),
    ] {
        text += &format!("\t{id}={{ location={{ type=2 id={place} }} type=\"{kind}\" {rest} }}\n");
    }
    text += "\t8=none\n} }\n";
    if age < V3_4 {
        text = text.replace("days_left=90 ", "days_left=90.000 ");
    }
    text
}

pub(super) fn bypasses(age: Age) -> String {
    let active = if age >= V4_0 { "yes" } else { "no" };
    format!(
        "bypasses={{ 0={{ type=\"gateway\" active=yes connections={{ 2 }} owner={{ type=6 id=2 }} }} 1={{ type=\"lgate\" active={active} owner={{ type=6 id=4 }} }} 2=none }}\n"
    )
}

pub(super) fn flags(age: Age) -> String {
    let more = match age {
        V2_3 | V3_0 => "",
        V3_4 => "great_khan_dead=62808003",
        V3_14 => "war_in_heaven_ongoing=62808003 galactic_crisis_happened=62808004",
        V4_0 => "l_cluster_opened=62808003",
    };
    format!("flags={{ game_started=62808000 spawn_caravaneer_1={{ flag_date=62808000 flag_days=10 }} {more} }}\n")
}
