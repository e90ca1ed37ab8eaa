use save_parsing::{Limits, Save};
use serde_json::{Value, json};

use super::*;
use crate::Options;

/// A galaxy of systems `(id, x, y, controller, lanes)`, starbases as versions from 3.4 on write them or as 2.x does.
fn galaxy(systems: &[(u32, i32, i32, u32, &[u32])], since_3_4: bool) -> String {
    let system = |(id, x, y, _, lanes): &(u32, i32, i32, u32, &[u32])| {
        let lanes: String = lanes.iter().map(|to| format!("{{ to={to} length=1 }} ")).collect();
        let starbase = if since_3_4 { format!("starbases={{ {id} }}") } else { format!("starbase={id}") };
        format!("{id}={{ name=\"S{id}\" coordinate={{ x={x} y={y} }} hyperlane={{ {lanes} }} {starbase} }}\n")
    };
    let list = |entry: &dyn Fn(u32) -> String| systems.iter().map(|(id, ..)| entry(*id)).collect::<String>();
    let starbases = list(&|id| format!("{id}={{ station={id} }} "));
    let starbases = if since_3_4 {
        format!("starbase_mgr={{ starbases={{ {starbases} }} }}")
    } else {
        format!("starbases={{ {starbases} }}")
    };
    let countries: String = (0..4)
        .map(|country| {
            let fleets = systems.iter().filter(|(.., controller, _)| *controller == country);
            let fleet = |id: u32| if since_3_4 { format!("{{ fleet={id} }} ") } else { format!("{id} ") };
            let fleets: String = fleets.map(|(id, ..)| fleet(*id)).collect();
            let owned = format!("owned_fleets={{ {fleets} }}");
            let owned = if since_3_4 { format!("fleets_manager={{ {owned} }}") } else { owned };
            format!("{country}={{ name=\"Empire {country}\" type=\"default\" {owned} }}\n")
        })
        .collect();
    let systems: String = systems.iter().map(system).collect();
    format!(
        "player={{ {{ name=\"P\" country=0 }} }} country={{ {countries} }} galactic_object={{ {systems} }} {starbases}
        ships={{ {} }} fleet={{ {} }}",
        list(&|id| format!("{id}={{ fleet={id} }} ")),
        list(&|id| format!("{id}={{ station=yes }} ")),
    )
}

fn part(text: String) -> Value {
    let save = Save::from_bytes(text.into_bytes(), &Limits::default()).unwrap();
    let model = Model::open(&save, &Options { explain: true, ..Options::default() }).unwrap();
    serde_json::to_value(strategic_geography(&model)).unwrap()
}

/// Ours are 1, 2 and 3; 10 and 11 are of empire 1, 20 of empire 2, 30 is nobody's neighbour.
const SYSTEMS: [(u32, i32, i32, u32, &[u32]); 7] = [
    (1, 0, 0, 0, &[2, 10, 11]),
    (2, 10, 0, 0, &[1, 3, 10]),
    (3, 20, 1, 0, &[2, 20, 10]),
    (10, 100, 0, 1, &[1, 2, 3]),
    (11, 100, 0, 1, &[1]),
    (20, 10, -100, 2, &[3, 30]),
    (30, 0, 0, 3, &[20]),
];

#[test]
fn neighbours_share_distinct_systems_and_are_ranked_by_lanes() {
    let part = part(galaxy(&SYSTEMS, true));
    let expected = json!([
        {
            "empire_name": "Empire 1", "empire_id": 1, "direction": "west", "shared_border_systems": 3, "hyperlanes": 4,
            "their_systems": 2, "country_type": "default",
        },
        {
            "empire_name": "Empire 2", "empire_id": 2, "direction": "north", "shared_border_systems": 1, "hyperlanes": 1,
            "their_systems": 1, "country_type": "default",
        },
    ]);
    assert_eq!(part["border_neighbors"], expected);
    assert_eq!(part["total_player_systems"], 3);
    assert_eq!(part["empire_centroid"], json!({ "x": 10.0, "y": 0.3 }));
}

#[test]
fn a_chokepoint_borders_a_neighbour_with_few_ways_in() {
    let part = part(galaxy(&SYSTEMS, true));
    let expected = json!([
        { "system_name": "S3", "system_id": 3, "friendly_connections": 1, "enemy_neighbors": ["Empire 1", "Empire 2"] },
    ]);
    assert_eq!(part["chokepoints"], expected);
}

#[test]
fn saves_of_2_x_have_a_geography_too() {
    assert_eq!(part(galaxy(&SYSTEMS, false)), part(galaxy(&SYSTEMS, true)));
}

#[test]
fn the_order_of_systems_in_the_file_does_not_matter() {
    let mut turned = SYSTEMS;
    turned.reverse();
    assert_eq!(part(galaxy(&turned, true)), part(galaxy(&SYSTEMS, true)));
}

#[test]
fn an_empire_without_systems_has_no_centre_and_no_neighbours() {
    let part = part(galaxy(&[(10, 1, 1, 1, &[])], true));
    let expected =
        json!({ "border_neighbors": [], "chokepoints": [], "empire_centroid": null, "total_player_systems": 0 });
    assert_eq!(part, expected);
}

#[test]
fn without_starbases_nothing_is_known() {
    let text = galaxy(&SYSTEMS, true).replace("starbase_mgr", "other");
    assert_eq!(part(text)["total_player_systems"], Value::Null);
}

#[test]
fn all_eight_directions_are_told() {
    let towards = [
        (-10.0, 0.0, "east"),
        (-10.0, -10.0, "northeast"),
        (0.0, -10.0, "north"),
        (10.0, -10.0, "northwest"),
        (10.0, 0.0, "west"),
        (10.0, 10.0, "southwest"),
        (0.0, 10.0, "south"),
        (-10.0, 10.0, "southeast"),
        (-10.0, 1.0, "east"),
    ];
    for (x, y, expected) in towards {
        assert_eq!(direction((0.0, 0.0), (x, y)), expected, "{x}, {y}");
    }
}
