//! Naval capacity: what is stored, and the estimate of its limit.

use serde_json::{Value, json};

use crate::saves::{Country, brief, explained};

/// Sections that a save of 4.x has, with nothing in them.
const EMPTY_4: &str = "fleet={ } ships={ } pop_groups={ } pop_jobs={ } starbase_mgr={ starbases={ } } galactic_object={ } megastructures={ } leaders={ }";

fn capacity(country: &str, sections: &str) -> Value {
    brief(&Country(country), sections)["military"]["naval_capacity"].take()
}

fn unresolved(country: &str, sections: &str) -> Value {
    capacity(country, sections)["analysis"]["unresolved_source_families"].take()
}

#[test]
fn the_capacity_used_is_fleet_size_before_3_4_and_may_have_decimals() {
    let before = capacity("fleet_size=160.000 starbase_capacity=11.000 num_upgraded_starbase=9", "");
    assert_eq!(before["used"], 160);
    assert_eq!(before["fleet_size"], 160);
    assert_eq!(before["starbase_capacity"], 11);
    assert_eq!(before["used_starbase_capacity"], 9);
    let later = capacity("fleet_size=3 used_naval_capacity=51.5", "");
    assert_eq!(later["used"], 51.5);
    assert_eq!(later["fleet_size"], 3);
}

#[test]
fn a_limit_is_claimed_in_4_x_when_everything_is_known() {
    let facts = capacity(
        "used_naval_capacity=60 tech_status={ technology=\"tech_doctrine_navy_size_1\" level=1 }",
        &format!("galaxy={{ difficulty=captain }} {EMPTY_4}"),
    );
    assert_eq!(facts["max"], 75);
    assert_eq!(facts["max_is_unknown"], false);
    let analysis = &facts["analysis"];
    assert_eq!(analysis["confidence"], "high_derived");
    assert_eq!(analysis["limit"], 75);
    assert_eq!(analysis["status"], "under");
    assert_eq!(analysis["over_by"], Value::Null);
    assert_eq!(analysis["upkeep_penalty_applies"], false);
    assert_eq!(analysis["safe_to_claim_limit"], true);
    assert_eq!(analysis["safe_to_claim_penalty"], false);
    assert_eq!(
        analysis["reasons"],
        json!([
            "Base naval cap 50.",
            "Technology (tech_doctrine_navy_size_1): +25 flat.",
            "No unresolved naval-cap source families were detected."
        ])
    );
}

#[test]
fn more_in_use_than_the_limit_is_over_it() {
    let facts = capacity("used_naval_capacity=60", EMPTY_4);
    let analysis = &facts["analysis"];
    assert_eq!(analysis["status"], "over");
    assert_eq!(analysis["over_by"], 10);
    assert_eq!(analysis["derived_over_by"], 10);
    assert_eq!(analysis["upkeep_penalty_applies"], true);
    assert_eq!(analysis["safe_to_claim_penalty"], true);
    assert_eq!(capacity("used_naval_capacity=50", EMPTY_4)["analysis"]["status"], "at_limit");
}

#[test]
fn nothing_is_claimed_before_4_x_whose_values_the_table_holds() {
    let sections = "fleet={ } ships={ } pop={ } starbase_mgr={ starbases={ } } galactic_object={ } megastructures={ }";
    let facts = capacity("used_naval_capacity=60", sections);
    assert_eq!(facts["max"], Value::Null);
    let analysis = &facts["analysis"];
    assert_eq!(analysis["unresolved_source_families"], json!([]));
    assert_eq!(analysis["confidence"], "estimated");
    assert_eq!(analysis["limit"], Value::Null);
    assert_eq!(analysis["derived_limit"], 50);
    assert_eq!(analysis["status"], "unknown");
    assert_eq!(analysis["derived_status"], "over");
    assert_eq!(analysis["safe_to_claim_over_cap"], false);
}

#[test]
fn difficulty_helps_the_player_at_civilian_and_cadet_only() {
    let limit = |difficulty: &str| {
        capacity("", &format!("galaxy={{ difficulty={difficulty} }}"))["analysis"]["derived_limit"].clone()
    };
    assert_eq!(limit("civilian"), 100);
    assert_eq!(limit("cadet"), 75);
    for difficulty in ["ensign", "captain", "commodore", "admiral", "grand_admiral"] {
        assert_eq!(limit(difficulty), 50, "{difficulty}");
    }
}

#[test]
fn a_technology_in_research_counts_nothing_and_a_repeatable_one_by_its_level() {
    let country = r#"tech_status={
        technology="tech_doctrine_navy_size_1" level=1 technology="tech_repeatable_naval_cap" level=3
        society_queue={ { progress=4 technology="tech_doctrine_navy_size_2" } }
    }"#;
    let facts = capacity(country, "");
    assert_eq!(
        facts["analysis"]["breakdown"]["flat_additions"],
        json!({ "Repeatable naval-cap tech": 60.0, "Technology (tech_doctrine_navy_size_1)": 25.0 })
    );
}

#[test]
fn what_the_country_has_chosen_multiplies() {
    let country = r#"
        government={ civics={ "civic_citizen_service" "civic_nationalistic_zeal" } }
        traditions={ "tr_supremacy_adopt" "tr_supremacy_fleet_logistical_corps" }
        ascension_perks={ "ap_galactic_force_projection" }
        active_policies={ { policy="war_philosophy" selected="diplo_stance_supremacist" } { policy="diplomatic_stance" selected="diplo_stance_belligerent" } }
        edicts={ { edict="grand_fleet" date="1.01.01" } { edict="research_subsidies" } }
    "#;
    let facts = capacity(country, "");
    let breakdown = &facts["analysis"]["breakdown"];
    assert_eq!(breakdown["flat_additions_total"], 170.0);
    assert_eq!(
        breakdown["multiplier_additions"],
        json!({
            "Civic (citizen_service)": 0.15,
            "Diplomatic stance (diplo_stance_belligerent)": 0.1,
            "Edict (grand_fleet)": 0.2,
            "Tradition (tr_supremacy_fleet_logistical_corps)": 0.2,
        })
    );
    assert_eq!(breakdown["multiplier_total"], 0.65);
    assert_eq!(facts["analysis"]["derived_limit"], 363);
    let families = facts["analysis"]["unresolved_source_families"].as_array().unwrap();
    assert!(families.contains(&json!("councilor_civic_modifiers")));
}

#[test]
fn an_office_adds_to_the_anchorages_of_its_own_starbase() {
    let save = r#"
fleet={ 1={ ships={ 1 } station=yes } 2={ ships={ 2 } station=yes } }
ships={ 1={ fleet=1 } 2={ fleet=2 } }
galactic_object={ 1={ starbases={ 1 } } 2={ starbases={ 2 } } }
starbase_mgr={ starbases={
  1={ level="starbase_level_starport" station=1 modules={ 1=anchorage 0=anchorage } buildings={ 0=naval_logistics_office } }
  2={ level="starbase_level_starport" station=2 modules={ 0=anchorage 1=shipyard } }
} }
megastructures={ 1={ type="strategic_coordination_center_restored" owner=0 } 2={ type="galactic_crucible_1" owner=0 build_queue=4 } }
"#;
    let facts = capacity("owned_fleets={ 1 2 }", save);
    assert_eq!(
        facts["analysis"]["breakdown"]["flat_additions"],
        json!({
            "Anchorages": 15.0,
            "Megastructure (strategic_coordination_center_restored)": 300.0,
            "Naval Logistics Office bonus": 6.0,
        })
    );
}

/// Planet 1 is the player's.
const JOBS_4: &str = r#"
planets={ planet={ 1={ owner=0 pop_jobs={ 1 2 3 } } 2={ owner=5 pop_jobs={ 4 } } } }
pop_jobs={
  1={ type="soldier" workforce=150 planet=1 }
  2={ type="squire" workforce=0 planet=1 }
  3={ type="entertainer" workforce=100 planet=1 }
  4={ type="soldier" workforce=1000 planet=2 }
}
"#;

#[test]
fn soldiers_count_by_workforce_from_4_0_on() {
    let facts = capacity("tech_status={ technology=\"tech_ground_defense_planning\" level=1 }", JOBS_4);
    assert_eq!(facts["analysis"]["breakdown"]["flat_additions"], json!({ "Soldier jobs": 4.5 }));
    assert!(facts["analysis"]["reasons"].as_array().unwrap().contains(&json!("Soldier jobs: +4.50 flat.")));
    let families = facts["analysis"]["unresolved_source_families"].as_array().unwrap();
    assert!(families.contains(&json!("specialist_entertainer_variants")));
    assert!(!families.contains(&json!("specialist_job_variants")), "nobody works as squire");
}

#[test]
fn soldiers_are_pops_before_4_0() {
    let save = r#"
planets={ planet={ 1={ owner=0 pop={ 1 2 } } 2={ owner=5 pop={ 3 } } } }
pop={ 1={ job="soldier" planet=1 } 2={ job="soldier" planet=1 } 3={ job="soldier" planet=2 } 4=none 5={ planet=1 } }
"#;
    assert_eq!(capacity("", save)["analysis"]["breakdown"]["flat_additions"], json!({ "Soldier jobs": 4.0 }));
}

#[test]
fn leaders_for_hire_change_nothing() {
    let save = format!(
        "{} leaders={{ 1={{ class=\"commander\" traits=\"leader_trait_fleet_organizer\" }} 2={{ class=\"commander\" traits=\"x\" }} }}",
        EMPTY_4.replace("leaders={ }", "")
    );
    assert_eq!(unresolved("used_naval_capacity=1 owned_leaders={ 2 }", &save), json!([]));
    assert_eq!(unresolved("used_naval_capacity=1 owned_leaders={ 1 2 }", &save), json!(["leader_trait_modifiers"]));
}

#[test]
fn a_leader_of_2_3_has_the_traits_of_its_class_only() {
    let save = format!(
        "{} leaders={{ 1={{ class=\"admiral\" roles={{ admiral={{ trait=\"leader_trait_x\" }} ruler={{ trait=\"leader_trait_fleet_organizer\" }} }} }} }}",
        EMPTY_4.replace("leaders={ }", "")
    );
    assert_eq!(unresolved("owned_leaders={ 1 }", &save), json!([]));
    let ruler = save.replace("class=\"admiral\"", "class=\"ruler\"");
    assert_eq!(unresolved("owned_leaders={ 1 }", &ruler), json!(["leader_trait_modifiers"]));
}

#[test]
fn resolutions_bind_members_only_and_only_when_passed() {
    let save = |members: &str, passed: &str| {
        format!(
            "{EMPTY_4} galactic_community={{ members={{ {members} }} passed={{ {passed} }} proposed={{ 1 }} }}
            resolution={{ 1={{ type=\"resolution_mutualdefense_the_readied_shield\" }} 2={{ type=\"resolution_galactic_market_form\" }} }}"
        )
    };
    assert_eq!(unresolved("", &save("0 5", "1 2")), json!(["galactic_community_resolutions"]));
    assert_eq!(unresolved("", &save("5", "1 2")), json!([]));
    assert_eq!(unresolved("", &save("0 5", "2")), json!([]));
}

#[test]
fn terms_of_our_own_agreements_count_whichever_side_we_are_on() {
    let save = |owner: u32, target: u32, term: &str, preset: &str| {
        format!(
            "{EMPTY_4} agreements={{ agreements={{ 3={{ owner={owner} target={target} term_data={{ agreement_preset=\"{preset}\"
            discrete_terms={{ {{ key=subject_loyalty value=a }} {{ key=naval_capacity value={term} }} }} }} }} }} }}"
        )
    };
    let subject = capacity("", &save(5, 0, "naval_cap_satrapy", "preset_vassal"));
    assert_eq!(
        subject["analysis"]["breakdown"]["multiplier_additions"],
        json!({ "Subject term (naval_cap_satrapy)": -0.3 })
    );
    assert_eq!(subject["analysis"]["derived_limit"], 35);
    assert_eq!(unresolved("", &save(0, 5, "naval_cap_unmodified", "preset_vassal")), json!([]));
    assert_eq!(unresolved("", &save(0, 5, "naval_cap_satrapy", "preset_vassal")), json!(["subject_terms"]));
    assert_eq!(unresolved("", &save(5, 0, "naval_cap_other", "preset_vassal")), json!(["subject_terms"]));
    assert_eq!(
        unresolved("", &save(0, 5, "naval_cap_unmodified", "preset_scholarium_mean_03")),
        json!(["specialist_subject_penalties"])
    );
    assert_eq!(unresolved("", &save(6, 5, "naval_cap_other", "preset_scholarium")), json!([]), "others' agreement");
}

#[test]
fn modifiers_are_read_in_both_ways_of_writing_them() {
    let repeated = "timed_modifier={ modifier=\"resolution_sanctions_military_1\" days=4 } timed_modifier={ modifier=\"x\" days=1 }";
    let items = "timed_modifier={ items={ { modifier=\"x\" days=1 } { modifier=\"resolution_sanctions_military_1\" days=4 } } }";
    assert_eq!(unresolved(repeated, EMPTY_4), json!(["timed_modifiers"]));
    assert_eq!(unresolved(items, EMPTY_4), json!(["timed_modifiers"]));
    assert_eq!(unresolved("relics={ \"r_core_of_the_reckoning\" }", EMPTY_4), json!(["relic_effects"]));
}

#[test]
fn a_federation_that_is_neutral_adds_ships() {
    let save = "federation={ 8={ federation_progression={ perks={ { level=1 type=\"neutral\" } { level=2 type=\"other\" } } } } }";
    assert_eq!(
        capacity("federation=8", save)["analysis"]["breakdown"]["flat_additions"],
        json!({ "Federation perk (neutral)": 20.0 })
    );
    assert_eq!(capacity("federation=4294967295", save)["analysis"]["breakdown"]["flat_additions"], json!({}));
}

#[test]
fn a_section_that_cannot_be_read_leaves_the_estimate_open() {
    let families = unresolved("used_naval_capacity=1", "pop_groups={ }");
    assert_eq!(families, json!(["jobs", "megastructures", "starbases"]));
}

#[test]
fn every_number_of_the_estimate_says_why() {
    let country =
        "used_naval_capacity=60 fleet_size=1 tech_status={ technology=\"tech_doctrine_navy_size_1\" level=1 }";
    assert_eq!(explained(&Country(country), JOBS_4, "military"), Vec::<String>::new());
}
