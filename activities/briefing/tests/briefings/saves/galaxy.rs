//! What stands at the top, the systems and who holds them.
//!
//! The player (0) holds systems 0, 1 and 3; 3 is taken from country 1, which holds 4 and has taken 2.

use super::{Age, V3_0, V3_4, V3_14, V4_0};

pub(super) fn head(age: Age) -> String {
    let mut text = format!("version=\"{}\"\n", age.version());
    text += "name=\"A title of the player's own\"\ndate=\"2287.04.11\"\n";
    text += "player={ { name=\"One\" country=0 } { name=\"Two\" country=2 } }\ntick=2\n";
    text += "galaxy={ template=\"small\" num_empires=3 difficulty=";
    text += age.since(V4_0, "captain", "cadet");
    text += " name=\"0b5ad1f4-7f0e-4f5c-8f3e-000000000001\" mid_game_start=100 end_game_start=200 victory_year=300";
    // Versions before 3.4 do not write it; the gates tell it.
    text += age.since(V3_4, " }\n", " lgate_enabled=yes }\n");
    text
}

/// Id, name, coordinate, planets, starbase, lanes, whatever else.
type Row = (u32, &'static str, &'static str, &'static [u32], Option<u32>, &'static [u32], &'static str);

pub(super) fn systems(age: Age) -> String {
    let rows: [Row; 10] = [
        (0, "Tarka", "x=-10.5 y=20", &[10], Some(0), &[1, 3, 7], "flags={ precursor_3=62808000 }"),
        (1, "Bel", "x=10 y=30.25", &[20, 21], Some(1), &[0, 2, 5], "claims={ { owner=1 date=\"2280.02.03\" } }"),
        (2, "Corun", "x=40 y=-20", &[], Some(2), &[1, 4], "claims={ { owner=1 date=\"2281.05.06\" claims=10 } }"),
        (3, "Dorn", "x=-40 y=-30", &[30], Some(3), &[0, 4], "claims={ { owner=0 date=\"2279.01.01\" claims=2 } }"),
        (
            4,
            "Esk",
            "x=-60 y=-60",
            &[40],
            Some(4),
            &[3, 2, 8],
            "claims={ { owner=2 date=\"2270.01.01\" claims=1 } { owner=0 date=\"2282.07.08\" claims=3 } }",
        ),
        (5, "Fen", "x=80 y=60", &[50], Some(5), &[1, 6], ""),
        (6, "Gath", "x=120 y=90", &[60], Some(6), &[5], ""),
        (7, "Hol", "x=0 y=100", &[70], None, &[0, 9], "flags={ guardians_dragon_system=62808000 }"),
        (8, "Irr", "x=-120 y=-90", &[], Some(8), &[4], ""),
        (9, "Jun", "x=0 y=160", &[], None, &[7], "flags={ guardians_wraith_system=62808000 }"),
    ];
    let mut text = "galactic_object={\n".to_owned();
    for (id, name, place, planets, starbase, lanes, more) in rows {
        text += &format!("\t{id}={{ coordinate={{ {place} origin=4294967295 randomized=yes }} type=star ");
        text += &age.plain(name, &format!("NAME_{name}"));
        for planet in planets {
            text += &format!(" planet={planet}");
        }
        text += " star_class=\"sc_g\" hyperlane={ ";
        for to in lanes {
            text += &format!("{{ to={to} length=20.000 }} ");
        }
        text += "} ";
        text += more;
        // An orbital ring shares the home system with its starbase.
        let ring = if id == 0 && age >= V3_4 { " 10" } else { "" };
        let starbase = starbase.unwrap_or(u32::MAX);
        text +=
            &if age < V3_4 { format!(" starbase={starbase}") } else { format!(" starbases={{ {starbase}{ring} }}") };
        text += " }\n";
    }
    text += "\t10=none\n}\n";
    text
}

pub(super) fn starbases(age: Age) -> String {
    // Id, level, station, owner by law, system, modules, buildings.
    let rows = [
        (0, "starport", 1000, 0, 0, "0=anchorage 1=gun_battery 2=hangar_bay", "0=naval_logistics_office"),
        (1, "outpost", 1010, 0, 1, "", ""),
        (2, "outpost", 1020, 0, 2, "", ""),
        (3, "starhold", 1030, 1, 3, "0=shipyard 1=anchorage", "0=crew_quarters 1=defense_grid"),
        (4, "outpost", 1040, 1, 4, "", ""),
        (5, "starport", 1050, 2, 5, "0=trading_hub", ""),
        (6, "starport", 1060, 16_777_219, 6, "0=trading_hub", ""),
        (8, "marauder", 1080, 8, 8, "", ""),
        (10, "orbital_ring_tier_1", 1100, 0, 0, "0=orbital_ring_anchorage", ""),
    ];
    let mut text = age.since(V3_0, "starbases={\n", "starbase_mgr={ starbases={\n").to_owned();
    for (id, level, station, owner, system, modules, buildings) in rows {
        if id == 10 && age < V3_4 {
            continue;
        }
        text += &format!("\t{id}={{ level=\"starbase_level_{level}\" ");
        if id == 0 {
            text += "type=\"sshipyard\" ";
        }
        text += &format!("modules={{ {modules} }} buildings={{ {buildings} }} next_build_item_id=6 ");
        // Docked: fleets, not platforms.
        text += if id == 0 { "orbitals={ 0=112 1=114 2=4294967295 } " } else { "" };
        text += &format!("ship_design=1 station={station} ");
        if age <= V3_0 {
            text += &format!("owner={owner} ");
        }
        if age < V3_0 {
            text += &format!("system={system} ");
        }
        text += "}\n";
    }
    text += "\t7=none\n";
    text += age.since(V3_0, "}\n", "} }\n");
    if age >= V3_14 {
        text += "natural_wormholes={ }\n";
    }
    text
}
