//! What the three saves should say, by topic.

use serde_json::{Value, json};

const NO_ROW: Value = Value::Null;

/// What the three saves should say at each path: s401, s314, s233; a null where a save has no such row.
pub(super) fn expected() -> Vec<(&'static str, [Value; 3])> {
    let mut rows = Vec::new();
    rows.extend(empire());
    rows.extend(forces());
    rows.extend(wealth());
    rows.extend(land());
    rows.extend(world());
    rows
}

fn empire() -> Vec<(&'static str, [Value; 3])> {
    vec![
        ("meta.player_id", [json!(16777223), json!(0), json!(0)]),
        (
            "meta.empire_name",
            [json!("Bilnoc Autocracy"), json!("United Nations of Earth"), json!("Order of the Eternal Flame")],
        ),
        (
            "identity.empire_name",
            [json!("Bilnoc Autocracy"), json!("United Nations of Earth"), json!("Order of the Eternal Flame")],
        ),
        (
            "identity.ethics",
            [
                json!(["xenophobe", "fanatic_militarist"]),
                json!(["fanatic_egalitarian", "xenophile"]),
                json!(["authoritarian", "fanatic_spiritualist"]),
            ],
        ),
        ("identity.authority", [json!("dictatorial"), json!("democratic"), json!("dictatorial")]),
        ("identity.species_class", [json!("MOL"), json!("HUM"), json!("REP")]),
        ("species.player_species.class", [json!("MOL"), json!("HUM"), json!("REP")]),
        ("species.player_species.traits.length", [json!(6), json!(4), json!(7)]),
        ("technology.completed_count", [json!(119), json!(67), json!(114)]),
        ("technology.researched_techs.length", [json!(119), json!(67), json!(114)]),
        (
            "leadership.by_class",
            [
                json!({"scientist": 6, "commander": 3, "official": 3, "envoy": 3}),
                json!({"scientist": 4, "official": 3, "commander": 2, "envoy": 4}),
                json!({"scientist": 5, "admiral": 4, "governor": 1, "ruler": 1}),
            ],
        ),
        ("leadership.count", [json!(15), json!(13), json!(11)]),
        ("leadership.leaders.[id=0].age", [NO_ROW, json!(84), NO_ROW]),
        ("leadership.pool_count", [json!(12), json!(15), json!(16)]),
        ("species.rights.rights.length", [json!(3), json!(3), json!(5)]),
    ]
}

fn forces() -> Vec<(&'static str, [Value; 3])> {
    vec![
        ("military.fleets.military_fleet_count", [json!(0), json!(2), json!(7)]),
        ("military.military_fleets", [json!(0), json!(2), json!(7)]),
        ("military.fleets.civilian_fleet_count", [json!(10), json!(4), json!(7)]),
        ("military.fleets.transport_fleet_count", [json!(1), json!(0), json!(0)]),
        ("military.military_ships", [json!(0), json!(41), json!(98)]),
        ("military.fleets.military_ships", [json!(0), json!(41), json!(98)]),
        (
            "military.ship_classes",
            [json!({}), json!({"corvette": 20, "frigate": 21}), json!({"corvette": 48, "destroyer": 44, "cruiser": 6})],
        ),
        ("military.fleets.total_military_power 2", [json!(0), json!(3040.55), json!(17901.60)]),
        ("military.naval_capacity.used", [json!(0), json!(41), json!(160)]),
        ("military.naval_capacity.used_starbase_capacity", [json!(12), json!(4), json!(9)]),
        ("military.naval_capacity.starbase_capacity", [json!(12), json!(4), json!(11)]),
        ("military.naval_capacity.analysis.derived_limit", [json!(494), json!(100), NO_ROW]),
        ("military.naval_capacity.analysis.breakdown.flat_additions_total", [json!(259), json!(0), NO_ROW]),
        ("military.naval_capacity.analysis.breakdown.multiplier_total", [json!(0.6), json!(1), NO_ROW]),
        ("military.naval_capacity.analysis.confidence", [json!("estimated"), json!("estimated"), json!("estimated")]),
        ("military.naval_capacity.analysis.safe_to_claim_limit", [json!(false), json!(false), json!(false)]),
        (
            "military.naval_capacity.analysis.unresolved_source_families",
            [json!(["galactic_community_resolutions"]), json!([]), NO_ROW],
        ),
        ("military.fleets.starbases.starholds", [json!(12), json!(3), json!(2)]),
        ("military.fleets.starbases.starports", [json!(0), json!(1), json!(11)]),
        ("military.fleets.starbases.outposts", [json!(25), json!(9), json!(38)]),
        ("military.fleets.starbases.total_upgraded", [json!(12), json!(4), json!(13)]),
        ("military.fleets.starbases.total_systems", [json!(37), json!(13), json!(51)]),
        (
            "defense.by_level",
            [
                json!({"starhold": 12, "outpost": 25}),
                json!({"starhold": 3, "starport": 1, "outpost": 9}),
                json!({"starhold": 2, "starport": 11, "outpost": 38}),
            ],
        ),
        ("defense.starbases.sum defense_platform_count", [json!(540), json!(28), json!(0)]),
        ("defense.total_defense_score", [json!(29800), json!(2190), json!(1700)]),
        ("defense.starbases.count occupied_from", [NO_ROW, NO_ROW, json!(10)]),
        ("military.armies.count", [json!(9), json!(8), json!(18)]),
        ("military.armies.total_strength", [json!(3200), json!(2000), json!(4500)]),
        ("military.wars.count", [json!(2), json!(0), json!(1)]),
        ("situation.war_count", [json!(2), json!(0), json!(1)]),
        ("military.wars.wars.0.our_side", [json!("defender"), NO_ROW, json!("attacker")]),
        ("military.wars.wars.0.battle_stats.our_victories", [json!(0), NO_ROW, json!(16)]),
        ("military.wars.wars.0.battle_stats.their_victories", [json!(2), NO_ROW, json!(0)]),
        ("military.wars.wars.0.battle_stats.our_ship_losses", [json!(1), NO_ROW, json!(2)]),
        ("military.wars.wars.0.battle_stats.their_ship_losses", [json!(1), NO_ROW, json!(69)]),
        ("military.wars.wars.1.our_side", [json!("defender"), NO_ROW, NO_ROW]),
        ("military.wars.wars.1.battle_stats.our_victories", [json!(0), NO_ROW, NO_ROW]),
        ("military.wars.wars.1.battle_stats.their_victories", [json!(11), NO_ROW, NO_ROW]),
        ("military.wars.wars.1.battle_stats.our_ship_losses", [json!(2), NO_ROW, NO_ROW]),
        ("military.wars.wars.1.battle_stats.their_ship_losses", [json!(32), NO_ROW, NO_ROW]),
        ("fallen_empires.fallen_empires.length", [json!(2), json!(4), json!(4)]),
        ("fallen_empires.fallen_empires.[country_id=11].name", [json!("Vuur Guardians"), NO_ROW, NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=16777226].name", [json!("Maloqui Shard"), NO_ROW, NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=16777226].opinion_of_player", [json!(10), NO_ROW, NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=16].name", [NO_ROW, json!("Jhennlot Vestige"), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=16].power_ratio", [NO_ROW, json!(121.2), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=17].name", [NO_ROW, json!("Ithill Ancients"), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=17].power_ratio", [NO_ROW, json!(253.1), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=18].name", [NO_ROW, json!("Model-16 Continuance"), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=18].power_ratio", [NO_ROW, json!(107.5), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=19].name", [NO_ROW, json!("Ebusian Protectors"), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=19].power_ratio", [NO_ROW, json!(175.0), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=19].opinion_of_player", [NO_ROW, json!(30), NO_ROW]),
        ("fallen_empires.fallen_empires.[country_id=30].name", [NO_ROW, NO_ROW, json!("Zelvan Vestige")]),
        ("fallen_empires.fallen_empires.[country_id=30].power_ratio", [NO_ROW, NO_ROW, json!(13.3)]),
        ("fallen_empires.fallen_empires.[country_id=31].name", [NO_ROW, NO_ROW, json!("Kar-Du Forerunners")]),
        ("fallen_empires.fallen_empires.[country_id=31].power_ratio", [NO_ROW, NO_ROW, json!(12.6)]),
        ("fallen_empires.fallen_empires.[country_id=32].name", [NO_ROW, NO_ROW, json!("Zero-Zero-One Continuance")]),
        ("fallen_empires.fallen_empires.[country_id=32].power_ratio", [NO_ROW, NO_ROW, json!(12.9)]),
        ("fallen_empires.fallen_empires.[country_id=33].name", [NO_ROW, NO_ROW, json!("Wessari Conservers")]),
        ("fallen_empires.fallen_empires.[country_id=33].power_ratio", [NO_ROW, NO_ROW, json!(20.9)]),
    ]
}

fn wealth() -> Vec<(&'static str, [Value; 3])> {
    vec![
        ("economy.resources.monthly_income.energy 2", [json!(474.53), json!(419.35), json!(716.32)]),
        ("economy.resources.monthly_expenses.energy 2", [json!(1200.74), json!(253.64), json!(614.58)]),
        ("economy.net_monthly.energy", [json!(-726.21), json!(165.71), json!(101.74)]),
        ("economy.key_resources.minerals", [json!(181.43), json!(162.00), json!(159.55)]),
        ("economy.key_resources.alloys", [json!(0.88), json!(24.09), json!(29.66)]),
        ("economy.key_resources.consumer_goods", [json!(132.16), json!(10.61), json!(19.53)]),
        ("economy.key_resources.research_total", [json!(325.73), json!(291.00), json!(652.33)]),
        ("situation.economy.resources_in_deficit", [json!(1), json!(0), json!(0)]),
        ("economy.resources.stockpiles.energy 2", [json!(0), json!(65000), json!(10737.18)]),
        ("economy.resources.monthly_income.trade 2", [json!(508.83), NO_ROW, NO_ROW]),
        ("economy.resources.monthly_expenses.trade 2", [json!(296.97), NO_ROW, NO_ROW]),
        ("economy.net_monthly.trade", [json!(211.86), NO_ROW, NO_ROW]),
        ("economy.resources.stockpiles.trade 2", [json!(1738.51), NO_ROW, NO_ROW]),
        ("economy.pop_statistics.total_pops", [json!(11120), json!(82), json!(226)]),
        ("economy.pop_statistics.pop_unit", [json!(100), json!(1), json!(1)]),
        ("economy.pop_statistics.by_stratum.specialist", [json!(4590), json!(30), json!(86)]),
        ("economy.pop_statistics.by_stratum.worker", [json!(3400), json!(48), json!(123)]),
        ("economy.pop_statistics.by_stratum.ruler", [json!(500), json!(4), json!(17)]),
        ("economy.pop_statistics.by_stratum.civilian", [json!(2541), NO_ROW, NO_ROW]),
        ("economy.pop_statistics.by_stratum.dystopian_specialist", [json!(83), NO_ROW, NO_ROW]),
        ("economy.pop_statistics.unemployed_pops", [json!(6), json!(0), json!(1)]),
        ("economy.pop_statistics.employed_pops", [json!(11114), json!(82), json!(225)]),
        ("economy.pop_statistics.happiness_avg", [json!(87.6), json!(92.9), json!(54.0)]),
        ("economy.pop_statistics.by_species.Bilnoc", [json!(11120), NO_ROW, NO_ROW]),
        ("economy.pop_statistics.by_species.Gecko", [NO_ROW, NO_ROW, json!(125)]),
        ("economy.pop_statistics.by_species.Sejethari", [NO_ROW, NO_ROW, json!(77)]),
        ("economy.pop_statistics.by_species.Vag-Oross", [NO_ROW, NO_ROW, json!(24)]),
        ("territory.planets.planets.[id=99].population", [json!(9816), NO_ROW, NO_ROW]),
        ("territory.planets.planets.[id=3770].population", [json!(1304), NO_ROW, NO_ROW]),
        ("territory.planets.planets.[id=3].population", [NO_ROW, json!(51), NO_ROW]),
        ("territory.planets.planets.[id=332].population", [NO_ROW, json!(18), NO_ROW]),
        ("territory.planets.planets.[id=2141].population", [NO_ROW, json!(13), NO_ROW]),
        ("territory.planets.planets.[id=1].population", [NO_ROW, NO_ROW, json!(64)]),
        ("territory.planets.planets.[id=586].population", [NO_ROW, NO_ROW, json!(41)]),
        ("territory.planets.planets.[id=837].population", [NO_ROW, NO_ROW, json!(38)]),
        ("territory.planets.planets.[id=9670].population", [NO_ROW, NO_ROW, json!(31)]),
        ("territory.planets.planets.[id=587].population", [NO_ROW, NO_ROW, json!(24)]),
        ("territory.planets.planets.[id=6245].population", [NO_ROW, NO_ROW, json!(21)]),
        ("territory.planets.planets.[id=2137].population", [NO_ROW, NO_ROW, json!(7)]),
        ("territory.planets.planets.[id=99].district_count", [json!(22), NO_ROW, NO_ROW]),
        ("territory.planets.planets.[id=3770].district_count", [json!(13), NO_ROW, NO_ROW]),
        ("territory.planets.planets.[id=3].district_count", [NO_ROW, json!(18), NO_ROW]),
        ("territory.planets.planets.[id=332].district_count", [NO_ROW, json!(7), NO_ROW]),
        ("territory.planets.planets.[id=2141].district_count", [NO_ROW, json!(4), NO_ROW]),
        ("territory.planets.planets.[id=1].district_count", [NO_ROW, NO_ROW, json!(16)]),
        ("territory.planets.planets.[id=586].district_count", [NO_ROW, NO_ROW, json!(11)]),
        ("territory.planets.planets.[id=837].district_count", [NO_ROW, NO_ROW, json!(11)]),
        ("territory.planets.planets.[id=9670].district_count", [NO_ROW, NO_ROW, json!(9)]),
        ("territory.planets.planets.[id=587].district_count", [NO_ROW, NO_ROW, json!(7)]),
        ("territory.planets.planets.[id=6245].district_count", [NO_ROW, NO_ROW, json!(6)]),
        ("territory.planets.planets.[id=2137].district_count", [NO_ROW, NO_ROW, json!(2)]),
        ("territory.planets.total_pops", [json!(11120), json!(82), json!(226)]),
        ("territory.colonies.total_population", [json!(11120), json!(82), json!(226)]),
        ("territory.celestial_bodies_in_territory", [json!(92), json!(41), json!(153)]),
    ]
}

fn land() -> Vec<(&'static str, [Value; 3])> {
    vec![
        ("territory.claims.player_claims_count", [json!(10), json!(0), json!(12)]),
        ("territory.claims.player_claims.count current_owner=player", [json!(0), json!(0), json!(9)]),
        ("territory.claims.claims_against_count", [json!(11), json!(5), json!(15)]),
        ("territory.archaeology.length", [json!(13), json!(3), json!(30)]),
        ("territory.archaeology.[site_id=18].days_left", [json!(51.5), NO_ROW, NO_ROW]),
        ("strategic_geography.total_player_systems", [json!(37), json!(13), json!(51)]),
        (
            "strategic_geography.empire_centroid",
            [json!({"x": -245.7, "y": -190.4}), json!({"x": 137.4, "y": 100.0}), json!({"x": 2.3, "y": 171.6})],
        ),
        (
            "strategic_geography.border_neighbors.rows empire_id hyperlanes shared_border_systems their_systems",
            [
                json!([[12, 5, 4, 3], [16777222, 4, 3, 2], [43, 2, 2, 2]]),
                json!([[1, 4, 4, 2], [3, 2, 1, 2], [13, 1, 1, 1]]),
                json!([[10, 6, 6, 4], [22, 5, 4, 2], [34, 4, 3, 2], [6, 2, 2, 1], [29, 2, 2, 2]]),
            ],
        ),
    ]
}

fn world() -> Vec<(&'static str, [Value; 3])> {
    vec![
        ("diplomacy.relation_count", [json!(21), json!(16), json!(50)]),
        ("situation.contact_count", [json!(21), json!(16), json!(50)]),
        ("situation.empire_contact_count", [json!(13), json!(4), json!(33)]),
        (
            "diplomacy.closed_borders.rows id",
            [json!([[1], [43], [16777220], [16777222], [16777224], [16777225]]), json!([[3]]), json!([[23], [29]])],
        ),
        ("diplomacy.non_aggression_pacts.rows id", [json!([]), json!([[13]]), json!([[29]])]),
        ("diplomacy.defensive_pacts.rows id", [json!([]), json!([]), json!([[9], [22]])]),
        ("diplomacy.commercial_pacts.rows id", [json!([]), json!([]), json!([[1], [2], [22]])]),
        ("diplomacy.migration_treaties.rows id", [json!([]), json!([]), json!([[22]])]),
        ("diplomacy.rivals.rows id", [json!([]), json!([]), json!([[6], [10]])]),
        ("diplomacy.relations.[country_id=12].overlord", [json!(true), NO_ROW, NO_ROW]),
        ("diplomacy.relations.count embassy", [json!(4), NO_ROW, NO_ROW]),
        ("diplomacy.relations.count has_truce", [NO_ROW, NO_ROW, json!(0)]),
        ("diplomacy.relations.[country_id=14].empire_name", [json!("Concordat of Furud"), NO_ROW, NO_ROW]),
        ("diplomacy.summary.neutral", [json!(1), NO_ROW, NO_ROW]),
        ("federation_details.federation_id", [NO_ROW, NO_ROW, NO_ROW]),
        ("endgame.great_khan.marauder_count", [json!(0), json!(1), json!(2)]),
        ("endgame.lgate.lgate_enabled", [json!(true), json!(true), json!(true)]),
        ("endgame.lgate.insights_collected", [json!(0), json!(0), json!(1)]),
        ("endgame.lgate.lgate_opened", [json!(false), json!(false), json!(false)]),
        (
            "leviathans.guardians",
            [
                json!(["enigmatic_fortress", "ether_drake", "scavenger_bot", "stellarite"]),
                json!([
                    "dimensional_horror",
                    "elderly_tiyanki",
                    "enigmatic_fortress",
                    "ether_drake",
                    "hive_asteroids",
                    "infinity_machine",
                    "scavenger_bot"
                ]),
                json!([
                    "automated_dreadnought",
                    "dimensional_horror",
                    "elderly_tiyanki",
                    "enigmatic_fortress",
                    "ether_drake",
                    "infinity_machine",
                    "scavenger_bot",
                    "shard",
                    "stellarite",
                    "wraith"
                ]),
            ],
        ),
        ("leviathans.leviathans.[type=wraith].defeated_by", [json!(25), NO_ROW, NO_ROW]),
        ("projects.active_count", [json!(0), json!(4), json!(11)]),
        ("projects.soonest_completion", [NO_ROW, NO_ROW, json!(699)]),
        ("projects.active_projects.count days_left", [json!(0), json!(0), json!(6)]),
        ("projects.precursor_progress.inetian.found", [json!(false), NO_ROW, NO_ROW]),
        ("projects.precursor_progress.cybrex.artifacts", [NO_ROW, json!(1), NO_ROW]),
        ("projects.precursor_progress.cybrex.sites_found", [NO_ROW, json!(2), NO_ROW]),
        ("projects.precursor_progress.first_league.artifacts", [NO_ROW, NO_ROW, json!(5)]),
        ("projects.precursor_progress.first_league.sites_found", [NO_ROW, NO_ROW, json!(4)]),
        (
            "progression.factions.factions.rows name support_percent 3",
            [
                json!([["Bilnoc Superiority Movement", 0.806], ["Knights of the Void", 0.194]]),
                json!([["Liberty Now Initiative", 0.763], ["Alien Rights Alliance", 0.237]]),
                NO_ROW,
            ],
        ),
        (
            "progression.factions.factions.rows type support_percent 3",
            [
                NO_ROW,
                NO_ROW,
                json!([
                    ["xenoist", 0.349],
                    ["traditionalist", 0.279],
                    ["totalitarian", 0.159],
                    ["technologist", 0.121],
                    ["supremacist", 0.060],
                    ["isolationist", 0.029]
                ]),
            ],
        ),
    ]
}
