//! Fleets, ships, designs, armies, wars, megastructures.

use super::{Age, V3_0, V3_4, V3_14, V4_0};

/// Id, name, ships, what else: all but the last are of countries that have them in their lists.
const FLEETS: [(u32, &str, &[u32], &str); 22] = [
    (100, "Tarka Starbase", &[1000, 1001, 1002], "station=yes military_power=512.25"),
    (101, "Bel Outpost", &[1010], "station=yes military_power=80"),
    (102, "Corun Outpost", &[1020], "station=yes military_power=80"),
    (103, "Dorn Starbase", &[1030, 1031], "station=yes military_power=300"),
    (104, "Esk Outpost", &[1040], "station=yes"),
    (105, "Fen Starbase", &[1050], "station=yes"),
    (106, "Gath Starbase", &[1060], "station=yes"),
    (110, "First Fleet", &[2000, 2001, 2002, 2003, 2999], "military_power=412.51"),
    // A warship that has almost no weapons.
    (111, "Scout Wing", &[2010], "military_power=60"),
    (112, "Explorer", &[2020], "civilian=yes military_power=0.000"),
    (113, "Carriers", &[2030], "military_power=28.6"),
    (114, "Builder", &[2040], "civilian=yes"),
    // Both flags: a station.
    (115, "Mine", &[2050], "station=yes civilian=yes"),
    (117, "Ring", &[1100], "station=yes military_power=20"),
    // Nothing tells what it is.
    (118, "Odd One", &[2061], "military_power=99.9"),
    (120, "Velor Armada", &[2070], "military_power=880"),
    (160, "Ether Drake", &[2080], "military_power=30000"),
    (170, "Amoeba", &[2090], "military_power=50"),
    (171, "Enigmatic Fortress", &[2100], "station=yes military_power=40000"),
    (180, "Raider Camp", &[1080], "station=yes military_power=3000"),
    (190, "Swarm", &[2110], "military_power=90000"),
    (33_554_549, "Strays", &[2060], "military_power=150"),
];

/// Id, fleet, design.
const SHIPS: [(u32, u32, u32); 31] = [
    (1000, 100, 1),
    (1001, 100, 20),
    (1002, 100, 20),
    (1010, 101, 2),
    (1020, 102, 2),
    (1030, 103, 3),
    (1031, 103, 21),
    (1040, 104, 2),
    (1050, 105, 1),
    (1060, 106, 1),
    (1080, 180, 4),
    (1100, 117, 5),
    (2000, 110, 10),
    (2001, 110, 10),
    (2002, 110, 10),
    (2003, 110, 11),
    (2010, 111, 10),
    (2020, 112, 12),
    (2030, 113, 13),
    (2040, 114, 14),
    (2050, 115, 15),
    // Its design is gone.
    (2060, 33_554_549, 77),
    (2061, 118, 12),
    (2070, 120, 11),
    (2080, 160, 16),
    (2090, 170, 17),
    (2100, 171, 18),
    (2110, 190, 19),
    // Of a fleet that is gone.
    (2120, 116, 10),
    (2121, 4_294_967_295, 10),
    (33_554_600, 110, 10),
];

pub(super) fn fleets(age: Age) -> String {
    let mut text = "fleet={\n".to_owned();
    for (id, name, ships, rest) in FLEETS {
        // Rings came late, the crisis later.
        if (id == 117 && age < V3_4) || (id == 190 && age < V3_14) {
            continue;
        }
        let name = if id == 110 {
            age.name("1st Fleet", "key=\"%SEQ%\" variables={ { key=\"fmt\" value={ key=\"MAM1_FLEET\" } } { key=\"num\" value={ key=\"1\" } } }")
        } else {
            age.plain(name, &name.replace(' ', "_"))
        };
        let ships: String = ships.iter().map(|ship| format!("{ship} ")).collect();
        let owner = if age < V3_0 { owner(id) } else { String::new() };
        text += &format!("\t{id}={{ {name} ships={{ {ships}}} combat={{ }} {owner}{rest} }}\n");
    }
    text + "\t121=none\n}\n"
}

fn owner(fleet: u32) -> String {
    let owner = match fleet {
        102 | 104 | 120 => 1,
        105 => 2,
        106 => 16_777_219,
        160 => 6,
        170 => 7,
        171 => 13,
        180 => 8,
        _ => 0,
    };
    format!("owner={owner} ")
}

pub(super) fn ships(age: Age) -> String {
    let mut text = "ships={\n".to_owned();
    for (id, fleet, design) in SHIPS {
        let design = if age < V4_0 {
            format!("ship_design={design} design_upgrade=17")
        } else {
            format!("ship_design_implementation={{ design={design} upgrade=4294967295 growth_stage=0 }}")
        };
        text += &format!("\t{id}={{ fleet={fleet} {} reserve=0 {design} hitpoints=300 }}\n", age.plain("A", "A"));
    }
    text + "\t2200=none\n}\n"
}

pub(super) fn designs(age: Age) -> String {
    let mut text = "ship_design={\n".to_owned();
    for (id, size) in [
        (1, "starbase_starport"),
        (2, "starbase_outpost"),
        (3, "starbase_starhold"),
        (4, "starbase_marauder"),
        (5, "orbital_ring_tier_1"),
        (10, "corvette"),
        (11, "destroyer"),
        (12, "science"),
        (13, "transport"),
        (14, "constructor"),
        (15, "mining_station"),
        (16, "guardian_dragon"),
        (17, "amoeba"),
        (18, "enigmatic_fortress"),
        (19, "swarm_mothership"),
        (20, "military_station_medium"),
        (21, "ion_cannon"),
    ] {
        text += &if age < V4_0 {
            format!(
                "\t{id}={{ {} ship_size=\"{size}\" section={{ template=\"X\" slot=\"core\" }} }}\n",
                age.plain("D", "D")
            )
        } else {
            format!(
                "\t{id}={{ name={{ key=\"D\" }} growth_stages={{ {{ ship_size=\"{size}\" section={{ }} }} {{ ship_size=\"{size}_grown\" }} }} }}\n"
            )
        };
    }
    text + "\t78=none\n}\n"
}

pub(super) fn armies(age: Age) -> String {
    let mut text = "army={\n".to_owned();
    for (id, kind, health, place, owner) in [
        (1, "defense_army", "250.000", "planet=10", 0),
        (2, "defense_army", "250.25", "planet=20", 0),
        (3, "assault_army", "200", "planet=4294967295 ship=2030", 0),
        (4, "assault_army", "200", "planet=40", 1),
    ] {
        text += &format!(
            "\t{id}={{ {} type=\"{kind}\" health=1 max_health={health} {place} owner={owner} }}\n",
            age.plain("1st", "1st")
        );
    }
    text + "\t5=none\n}\n"
}

/// The battle's lists name the losing and the winning countries; victory, losses and exhaustion speak of the sides of the war.
pub(super) fn wars(age: Age) -> String {
    let name = age.name(
        "Velor - Tarkan War",
        "key=\"war_vs_adjectives\" variables={ { key=\"1\" value={ key=\"SPEC_Velor\" } } { key=\"2\" value={ key=\"%ADJECTIVE%\" variables={ { key=\"adjective\" value={ key=\"SPEC_Tarkan\" } } } } } { key=\"3\" value={ key=\"War\" } } }",
    );
    let battle = |lost: u32, won: u32, system: u32, victory: &str, attacker: u32, defender: u32, rest: &str| {
        format!(
            "{{ defenders={{ {won} }} attackers={{ {lost} }} system={system} planet=4294967295 attacker_war_exhaustion=0.05 defender_war_exhaustion=0.1 attacker_victory={victory} attacker_losses={attacker} defender_losses={defender} {rest} }} "
        )
    };
    let mut text = format!("war={{\n\t33554434={{ {name} start_date=\"2281.01.01\" ");
    text += "attackers={ { call_type=primary country=1 caller=4294967295 } } defenders={ { call_type=primary country=0 } { call_type=defensive country=2 caller=0 } } ";
    text += "battles={ ";
    text += &battle(1, 0, 4, "no", 3, 1, "date=\"2282.01.01\" type=ships");
    text += &battle(0, 1, 2, "yes", 0, 2, "date=\"2283.01.01\" type=ships");
    text += &battle(0, 1, 4_294_967_295, "yes", 4, 5, "type=armies");
    text += &battle(1, 2, 5, "no", 7, 0, "date=\"2284.01.01\" type=ships");
    text += "} attacker_war_goal={ type=\"wg_conquest\" } defender_war_goal={ type=\"wg_humiliation\" } attacker_war_exhaustion=0.25 defender_war_exhaustion=0.5 }\n";
    // The player has no part in it.
    let other = age.plain("Oss - Ketlon War", "Trade_War");
    text += &format!(
        "\t5={{ {other} start_date=\"2286.01.01\" attackers={{ {{ call_type=primary country=16777219 }} }} defenders={{ {{ call_type=primary country=5 }} }} battles={{ }} attacker_war_goal={{ type=\"wg_plunder\" }} }}\n"
    );
    text + "\t1=none\n}\n"
}

pub(super) fn megastructures(age: Age) -> String {
    let mut text = "megastructures={\n".to_owned();
    for (id, kind, owner, rest) in [
        (0, "ring_world_ruined", u32::MAX, "planet=4294967295"),
        (1, "think_tank_1", 0, "planet=4294967295 upgrade={ upgrade_to=\"think_tank_2\" progress=12 }"),
        (2, "gateway_restored", 0, "planet=4294967295 upgrade={ upgrade_to=\"\" }"),
        (3, "strategic_coordination_center_2", 0, "planet=21"),
        (4, "lgate_base", 0, "bypass=1"),
        (5, "orbital_arc_furnace_destroyed", 1, "planet=40"),
    ] {
        let owner = if owner == u32::MAX { String::new() } else { format!("owner={owner}") };
        let queue = age.since(V3_0, "", "orbitals={ } build_queue=4294967295 dismantle_progress=0");
        text += &format!("\t{id}={{ type=\"{kind}\" coordinate={{ x=1 y=2 origin=0 }} {owner} {rest} {queue} }}\n");
    }
    text + "\t6=none\n}\n"
}
