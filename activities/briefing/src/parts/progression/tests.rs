use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

fn part(country: &str, more: &str) -> Value {
    let text =
        format!("player={{ {{ name=\"A\" country=0 }} }} country={{ 0={{ name={{ key=N }} {country} }} }} {more}");
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options::default()).unwrap();
    serde_json::to_value(progression(&model)).unwrap()
}

#[test]
fn lists_that_the_game_leaves_out_are_empty() {
    let part = part("", "");
    assert_eq!(part["ascension_perks"], json!({ "ascension_perks": [], "count": 0 }));
    assert_eq!(part["traditions"], json!({ "traditions": [], "by_tree": {}, "count": 0 }));
    assert_eq!(
        part["relics"],
        json!({
            "relics": [], "count": 0, "last_activated_relic": null, "last_received_relic": null, "activation_cooldown_days": null,
        })
    );
}

#[test]
fn perks_and_relics_are_as_written() {
    let part =
        part(r#"ascension_perks={ "ap_b" "ap_a" } relics={ "r_omnicodex" } last_activated_relic="r_omnicodex""#, "");
    assert_eq!(part["ascension_perks"], json!({ "ascension_perks": ["ap_b", "ap_a"], "count": 2 }));
    assert_eq!((&part["relics"]["count"], &part["relics"]["last_activated_relic"]), (&json!(1), &json!("r_omnicodex")));
}

#[test]
fn traditions_belong_to_the_longest_of_the_countrys_trees() {
    let traditions = r#"traditions={ "tr_discovery_adopt" "tr_aptitude_old_adopt" "tr_discovery_finish" "odd" }"#;
    let new =
        part(&format!("tradition_categories={{ \"tradition_aptitude\" \"tradition_aptitude_old\" }} {traditions}"), "");
    let tree = |picked: &[&str], adopted: bool, finished: bool| json!({ "picked": picked, "adopted": adopted, "finished": finished });
    let discovery = tree(&["tr_discovery_adopt", "tr_discovery_finish"], true, true);
    let (aptitude, unknown) = (tree(&["tr_aptitude_old_adopt"], true, false), tree(&["odd"], false, false));
    assert_eq!(
        new["traditions"]["by_tree"],
        json!({ "discovery": discovery, "aptitude_old": aptitude, "unknown": unknown })
    );
    // 2.x has no list of trees.
    let old = part(traditions, "");
    assert_eq!(
        old["traditions"]["by_tree"],
        json!({ "discovery": discovery, "aptitude": aptitude, "unknown": unknown })
    );
    assert_eq!(old["traditions"]["count"], 4);
}

#[test]
fn the_community_lists_all_its_members_and_resolutions() {
    let many: Vec<_> = (0..60).map(|id| id.to_string()).collect();
    let many = many.join(" ");
    let resolutions: String =
        (0..60).map(|id| format!("{id}={{ type=\"resolution_greatergood_workers_rights\" }} ")).collect();
    let community = format!(
        "galactic_community={{ members={{ {many} }} council={{ 3 1 }} council_positions=2 council_veto=yes emissaries={{ 7 8 9 }}
        proposed={{ {many} }} passed={{ 2 77 }} voting=5 last=4294967295 days=721 election=180 community_formed=\"2254.01.01\" }}
        resolution={{ {resolutions} }}"
    );
    let part = part("", &community);
    let community = &part["galactic_community"];
    assert_eq!((&community["members_count"], &community["player_is_member"]), (&json!(60), &json!(true)));
    assert_eq!((&community["council_members"], &community["council_positions"]), (&json!([3, 1]), &json!(2)));
    assert_eq!((&community["council_veto"], &community["emissaries_count"]), (&json!(true), &json!(3)));
    assert_eq!(
        (&community["voting_resolution_id"], &community["voting_resolution_name"]),
        (&json!(5), &json!("Greater Good: Workers Rights"))
    );
    assert_eq!((&community["last_resolution_id"], &community["days_until_election"]), (&Value::Null, &json!(721)));
    assert_eq!(
        (&community["community_formed"], &community["council_established"]),
        (&json!("2254.01.01"), &Value::Null)
    );
    let counts = ["proposed_count", "passed_count", "failed_count"].map(|name| community[name].as_i64().unwrap());
    assert_eq!((counts, community["resolutions"]["proposed"].as_array().unwrap().len()), ([60, 2, 0], 60));
    let passed = json!([{ "id": 2, "name": "Greater Good: Workers Rights" }, { "id": 77, "name": null }]);
    assert_eq!(community["resolutions"]["passed"], passed);
}

#[test]
fn a_community_that_is_not_formed_is_empty_and_before_2_6_there_is_none() {
    let unformed = &part("", "galactic_community={ election=180 }")["galactic_community"];
    assert_eq!((&unformed["members_count"], &unformed["days_until_election"]), (&json!(0), &Value::Null));
    assert_eq!(part("", "")["galactic_community"], Value::Null);
}

#[test]
fn resolutions_are_named_by_their_families() {
    for (kind, name) in [
        ("resolution_galacticreforms_form_council", "Galactic Reforms: Form Council"),
        ("resolution_galactic_market_form", "Galactic Market: Form"),
        ("resolution_galactic_market_ban", "Galactic Market Ban"),
        ("resolution_rulesofwar_guardian_angels", "Rules of War: Guardian Angels"),
        ("resolution_commerce_buzzword_standardization", "Commerce: Buzzword Standardization"),
        ("resolution_commerced_up", "Commerced Up"),
        ("resolution_cosmic_storms_shared_knowledge", "Cosmic Storms Shared Knowledge"),
    ] {
        assert_eq!(resolution::name(kind), name);
    }
}

#[test]
fn factions_are_ours_by_their_support() {
    let factions = r#"pop_factions={ 26={ country=0 type="supremacist" name={ key="Knights_of_the_Void" } support_percent=0.2
        support_power=57 members={ 1 2 3 } } 30={ country=0 type="xenoist" support_percent=0.2 faction_approval=0.5 }
        15={ country=1 support_percent=0.9 } 9=none 40={ country=0 type="progressive" support_percent=0.6 } }"#;
    let part = part("", factions);
    let rows = part["factions"]["factions"].as_array().unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert_eq!((ids.as_slice(), &part["factions"]["count"]), (["40", "26", "30"].as_slice(), &json!(3)));
    assert_eq!(
        rows[1],
        json!({
            "id": "26", "country_id": 0, "type": "supremacist", "name": "Knights of the Void", "support_percent": 0.2,
            "support_power": 57.0, "approval": 0.0, "members_count": 3,
        })
    );
}

#[test]
fn in_2_x_the_support_has_another_name_and_gestalts_have_no_factions() {
    let factions =
        r#"pop_factions={ 91={ country=0 type="xenoist" name="Xeno Liberty" support=0.349 faction_approval=0.300 } }"#;
    let row = &part("", factions)["factions"]["factions"][0];
    assert_eq!((&row["support_percent"], &row["support_power"]), (&json!(0.349), &Value::Null));
    let hive = part("government={ authority=auth_hive_mind }", factions);
    assert_eq!(hive["factions"], json!({ "is_gestalt": true, "factions": [], "count": 0 }));
    assert_eq!(part("", "")["factions"], json!({ "is_gestalt": false, "factions": null, "count": null }));
}
