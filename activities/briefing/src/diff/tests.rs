use serde_json::{Value, json};

use super::*;

fn old() -> Value {
    json!({
        "meta": {"campaign_id": "c1", "player_id": 0, "date": "2300.01.01", "empire_name": "United Nations"},
        "economy": {"resources": {"stockpiles": {"energy": 100.1, "food": 5.0}}, "net_monthly": {"energy": -1.5},
                    "pop_statistics": {"total_pops": 80}},
        "territory": {"planets": {"planets": [{"id": "3", "name": "Earth", "population": 50}, {"id": "9", "name": "Mars", "population": 4}]}},
        "military": {"fleets": {"fleets": [{"id": "1", "name": "First", "ships": 20}]},
                     "wars": {"wars": [{"name": "Old war", "start_date": "2290.01.01", "our_side": "attacker", "battle_stats": {"our_victories": 2}},
                                       {"name": "Long war", "start_date": "2291.01.01", "our_side": "defender", "battle_stats": {"our_victories": 1}}]},
                     "ship_classes": {"corvette": 20}},
        "diplomacy": {"treaties": [{"country_id": 4, "empire_name": "Neighbour", "type": "commercial_pact"}]},
        "technology": {"researched_techs": ["tech_a"]},
    })
}

fn new() -> Value {
    json!({
        "meta": {"campaign_id": "c1", "player_id": 0, "date": "2302.01.01", "empire_name": "United Nations"},
        "economy": {"resources": {"stockpiles": {"energy": 350.4}}, "net_monthly": {"energy": 2.5},
                    "pop_statistics": {"total_pops": 82}},
        "territory": {"planets": {"planets": [{"id": "3", "name": "Earth", "population": 54}, {"id": "12", "name": "Venus", "population": 1}]}},
        "military": {"fleets": {"fleets": [{"id": "1", "name": "First", "ships": 25}, {"id": "2", "name": "Second", "ships": 3}]},
                     "wars": {"wars": [{"name": "Long war", "start_date": "2291.01.01", "our_side": "defender", "battle_stats": {"our_victories": 3}},
                                       {"name": "New war", "start_date": "2301.01.01", "our_side": "defender"}]},
                     "ship_classes": {"corvette": 25, "destroyer": 3}},
        "diplomacy": {"treaties": [{"country_id": 4, "empire_name": "Neighbour", "type": "defensive_pact"}]},
        "technology": {"researched_techs": ["tech_a", "tech_lasers_2"]},
    })
}

#[test]
fn what_came_went_and_changed_is_told() {
    let found = compare(&old(), &new()).unwrap();
    assert_eq!(found["days"], 720);
    assert_eq!(found["resources"]["energy"]["stock"], json!({"old": 100.1, "new": 350.4, "change": 250.3}));
    assert_eq!(found["resources"]["energy"]["net"]["change"], 4);
    assert_eq!(found["resources"]["food"]["stock"]["new"], 0, "a resource that is not listed is none of it");
    assert_eq!(found["planets"]["gained"], json!([{"id": "12", "name": "Venus", "population": 1}]));
    assert_eq!(found["planets"]["lost"][0]["name"], "Mars");
    assert_eq!(found["planets"]["changed"][0]["population"]["change"], 4);
    assert_eq!(found["fleets"]["changed"][0]["ships"]["new"], 25);
    assert_eq!(found["ship_classes"]["destroyer"], json!({"old": 0, "new": 3, "change": 3}));
    assert_eq!(
        (&found["wars"]["begun"][0]["name"], &found["wars"]["ended"][0]["name"]),
        (&json!("New war"), &json!("Old war"))
    );
    assert_eq!(found["wars"]["going_on"][0]["battle_stats"]["our_victories"]["change"], 2);
    assert_eq!(found["treaties"]["gained"], json!([{"empire_name": "Neighbour", "type": "defensive_pact"}]));
    assert_eq!(found["technology"]["gained"], json!(["tech_lasers_2"]));
    let text = text(&found);
    for told in [
        "UNITED NATIONS: WHAT CHANGED",
        "2 years",
        "+250.3",
        "Venus",
        "New war",
        "defensive pact with Neighbour",
        "lasers 2",
    ] {
        assert!(text.contains(told), "{told} is not in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(html(&found).contains("Venus"));
}

#[test]
fn a_save_beside_itself_has_not_changed() {
    let found = compare(&new(), &new()).unwrap();
    assert!(text(&found).contains("Nothing changed"), "{}", text(&found));
}

#[test]
fn a_figure_that_one_side_does_not_know_is_not_taken_for_zero() {
    let mut old = old();
    old["economy"]["pop_statistics"] = json!({"total_pops": null});
    let found = compare(&old, &new()).unwrap();
    assert_eq!(found["pops"]["total_pops"], json!({"old": null, "new": 82, "change": null}));
    assert!(text(&found).contains("unknown to 82"));
}

#[test]
fn saves_of_two_campaigns_or_empires_are_refused() {
    let mut other = new();
    other["meta"]["campaign_id"] = json!("c2");
    assert!(matches!(compare(&old(), &other), Err(DiffError::TwoCampaigns { .. })));
    let mut other = new();
    other["meta"]["player_id"] = json!(7);
    assert!(matches!(compare(&old(), &other), Err(DiffError::TwoEmpires { .. })));
}
