//! The countries: the player (0), an enemy (1), an ally (2), a trader (16777219), and what the game calls countries too.

use super::{Age, V2_3, V3_0, V3_4, V3_14, V4_0};

pub(super) fn countries(age: Age) -> String {
    let mut text = "country={\n".to_owned();
    text += &player(age);
    text += &others(age);
    text += &creatures(age);
    text + "\t10=none\n}\n"
}

fn fleets(age: Age, ids: &[u32]) -> String {
    if age < V3_4 {
        let ids: String = ids.iter().map(|id| format!("{id} ")).collect();
        return format!("owned_fleets={{ {ids}}} ");
    }
    let ids: String = ids.iter().map(|id| format!("{{ fleet={id} ownership_status=normal }} ")).collect();
    format!("fleets_manager={{ owned_fleets={{ {ids}}} }} ")
}

fn adjective(age: Age, whole: &str, adjective: &str, rest: &str) -> String {
    age.name(
        whole,
        &format!(
            "key=\"%ADJECTIVE%\" variables={{ {{ key=\"adjective\" value={{ key=\"SPEC_{adjective}\" }} }} {{ key=\"1\" value={{ key=\"{rest}\" }} }} }}"
        ),
    )
}

/// The 33554549 is one that no game would give to a fleet so early; it tells an id from an order.
const FLEETS: [u32; 13] = [112, 100, 101, 103, 110, 111, 113, 114, 115, 116, 33_554_549, 117, 118];

fn player(age: Age) -> String {
    let mut text = format!("\t0={{ flag={{ }} {} ", adjective(age, "Tarkan Union", "Tarkan", "Union"));
    text += "tech_status={ technology=\"tech_lasers_1\" level=1 technology=\"tech_doctrine_navy_size_1\" level=1 \
             technology=\"tech_repeatable_naval_cap\" level=3 technology=\"tech_ground_defense_planning\" level=1 ";
    text += "physics_queue={ { progress=120.500 technology=\"tech_lasers_2\" date=\"2286.01.01\" } } society_queue={ } \
             engineering_queue={ { progress=3 technology=\"tech_destroyers\" date=\"2287.01.01\" } } ";
    text += "potential={ \"tech_lgate_activation\"=17 } alternatives={ physics={ \"tech_shields_2\" \"tech_lasers_2\" } society={ } engineering={ \"tech_mining_2\" } } ";
    text += age.since(V3_0, "leaders={ physics=2 engineering=16777220 } } ", "} ");
    text += &if age < V4_0 {
        BUDGET.to_owned()
    } else {
        BUDGET.replace("physics_research=2.25", "physics_research=2.25 trade=8")
    };
    text += &events(age);
    text += "military_power=622.5 economy_power=410.25 victory_rank=3 victory_score=900 tech_power=512 ";
    text += match age {
        V2_3 => "fleet_size=42.000 sapient=7 employable_pops=7 starbase_capacity=6.000 ",
        V3_0 => "fleet_size=42.000 employable_pops=8 starbase_capacity=6.000 ",
        V3_4 | V3_14 => "fleet_size=42 used_naval_capacity=42 employable_pops=8 starbase_capacity=6 ",
        V4_0 => "fleet_size=42 used_naval_capacity=42 num_sapient_pops=820 starbase_capacity=6 ",
    };
    text += "num_upgraded_starbase=1 capital=10 ";
    text += age.since(V3_0, "species_index=1 ", "founder_species_ref=1 ");
    text += "ethos={ ethic=\"ethic_fanatic_egalitarian\" ethic=\"ethic_xenophile\" } ";
    text += "government={ type=\"gov_representative_democracy\" authority=\"auth_democratic\" civics={ \"civic_beacon_of_liberty\" \"civic_citizen_service\" } ";
    text += age.since(V3_0, "} ", "origin=\"origin_default\" } ");
    text += "flags={ first_league_intro=62808000 first_league_1=62808001 first_league_7=62808002 killed_hatchling=62808003 } ";
    text += "variables={ num_lcluster_clues =4.000 } ruler=1 ";
    text += "active_policies={ { policy=\"diplomatic_stance\" selected=\"diplo_stance_belligerent\" } { policy=\"trade_policy\" selected=\"trade_policy_default\" } } ";
    text += "edicts={ { edict=\"grand_fleet\" date=\"2290.01.01\" } } ";
    text += "starting_system=0 owned_leaders={ 16777220 1 2 3 999 } ";
    text += &fleets(age, &FLEETS);
    text += "owned_megastructures={ 1 2 3 4 } traditions={ \"tr_supremacy_adopt\" \"tr_supremacy_fleet_logistical_corps\" \"tr_harmony_adopt\" \"tr_harmony_finish\" } ";
    text += age.since(V3_0, "", "tradition_categories={ \"tradition_supremacy\" \"tradition_harmony\" } ");
    text += "ascension_perks={ \"ap_one_vision\" \"ap_galactic_force_projection\" } owned_armies={ 1 2 3 999 } ";
    text += age.since(V3_0, "owned_planets={ 10 20 } ", "owned_planets={ 10 20 30 } ");
    text += "controlled_planets={ 10 20 21 30 } ";
    text += match age {
        V2_3 => "alliance=0 ",
        _ => "federation=0 relics={ \"r_galatron\" } last_received_relic=\"r_galatron\" ",
    };
    text += if age >= V3_4 { "subjects={ 12 } " } else { "" };
    text += &relations(age);
    text + &modules(age) + "}\n"
}

const BUDGET: &str = "budget={ current_month={ \
    income={ none={ } country_base={ energy=20.000 minerals=10.500 physics_research=10 influence=3 unity=2.5 } planet_jobs={ energy=11.125 alloys=7 physics_research=2.25 } trade_routes={ energy=4 } } \
    expenses={ ship_components={ alloys=3.5 } planet_buildings={ energy=40.125 minerals=0.25 } armies={ energy=1.5 } } \
    balance={ none={ } country_base={ energy=20.000 minerals=10.500 physics_research=10 influence=3 unity=2.5 } planet_jobs={ energy=11.125 alloys=7 physics_research=2.25 } trade_routes={ energy=4 } ship_components={ alloys=-3.5 } planet_buildings={ energy=-40.125 minerals=-0.25 } armies={ energy=-1.5 } } } \
    last_month={ income={ country_base={ energy=999 } } } } ";

fn events(age: Age) -> String {
    let mut text = "events={ poi={ { id=\"home\" event_chain=\"first_league_chain\" } } ".to_owned();
    text += "special_project={ id=6 special_project=\"ANCIENT_RUINS\" scope={ type=planet id=21 } planet=21 status=completed } ";
    text += "special_project={ id=4 special_project=\"DEBRIS_PROJECT\" debris=67108896 days_left=699.5 } ";
    text += "special_project={ id=9 special_project=\"COMMON_GROUND\" days_left=1200 } ";
    text += "event_chain={ event_chain=\"first_league_chain\" counter={ first_league_artifacts=5 } } event_chain={ event_chain=\"l_cluster_chain\" counter={ lcluster_clues=2 } } ";
    text += "completed_event_chain=\"market_founding_chain\" completed_event_chain=\"horizon_signal_chain\" ";
    text += if age >= V3_14 { "situations={ 13 } } " } else { "} " };
    text
}

fn relations(age: Age) -> String {
    let opinion = |number: &str| if age < V3_0 { String::new() } else { format!("relation_current={number} ") };
    let embassy = age.since(V3_0, "", "embassy=yes ");
    let rows = [
        (1, "killed_ships=5 contact=yes hostile=yes borders=yes is_rival=yes closed_borders=yes trust=0 communications=yes ".to_owned() + &opinion("-312.5")),
        (2, "contact=yes alliance=yes defensive_pact=yes migration_access=yes research_agreement=yes trust=61.250 communications=yes truce=6 ".to_owned() + embassy + &opinion("420")),
        (16_777_219, "contact=yes commercial_pact=yes non_aggression_pledge=yes trust=20 communications=yes truce=5 ".to_owned()),
        (4, "contact=yes neutral=yes ".to_owned()),
        (7, "contact=yes hostile=yes ".to_owned()),
    ];
    let mut text = "relations_manager={ ".to_owned();
    for (country, flags) in rows {
        text += &format!("relation={{ owner=0 country={country} border_range=89 {flags}}} ");
    }
    text += if age >= V3_4 {
        "relation={ owner=0 country=12 contact=yes subject=yes communications=yes relation_current=10 } "
    } else {
        ""
    };
    // Theirs to others may stand there too.
    text + "relation={ owner=1 country=2 hostile=yes communications=yes } } "
}

fn modules(age: Age) -> String {
    let mut text = "modules={ standard_economy_module={ resources={ energy=1234.5 minerals=800 food=12.75 influence=99 unity=5 alloys=300 sr_zro=3 ".to_owned();
    text += age.since(V4_0, "minor_artifacts=2 } } ", "minor_artifacts=2 trade=50.5 } } ");
    text += "standard_leader_module={ enabled=yes leaders={ 50 } } standard_diplomacy_module={ rivals={ 1 } defensive_pact=1 non_aggression_pledge=1 rival=1 closed_borders=1 migration_pacts=1 } ";
    let (key, other) = (
        age.since(V3_0, "species", "species_index"),
        "citizenship=\"citizenship_full\" living_standard=\"living_standard_normal\" slavery=\"slavery_indentured\" purge=\"purge_displacement\" military_service=\"military_service_full\" population_control=\"population_control_no\" colonization_control=\"colonization_control_yes\" migration_control=\"migration_control_no\"",
    );
    text += &format!(
        "standard_species_rights_module={{ default={{ {key}=4294967295 {other} }} primary={{ {key}=1 {other} }} species_rights={{ {{ {key}=2 {other} }} }} }} }} "
    );
    text
}

fn others(age: Age) -> String {
    let founder = |species: u32| match age {
        V2_3 => format!("species_index={species}"),
        _ => format!("founder_species_ref={species}"),
    };
    let government = |kind: &str, authority: &str| {
        format!("government={{ type=\"gov_{kind}\" authority=\"auth_{authority}\" civics={{ }} }}")
    };
    let back = |country: u32, flags: &str| {
        format!("relations_manager={{ relation={{ owner={country} country=0 contact=yes {flags} }} }}")
    };
    let ours = age.since(V3_0, "closed_borders=yes", "closed_borders=yes relation_current=-290");
    let mut text = String::new();
    text += &format!(
        "\t1={{ {} type=\"default\" military_power=900 {} ethos={{ ethic=\"ethic_authoritarian\" ethic=\"ethic_militarist\" }} {} {}{} }}\n",
        adjective(age, "Velor Hegemony", "Velor", "Hegemony"),
        founder(2),
        government("plutocratic_oligarchy", "oligarchic"),
        fleets(age, &[102, 104, 120]),
        back(1, ours),
    );
    text += &format!(
        "\t2={{ {} type=\"default\" military_power=500 {} ethos={{ ethic=\"ethic_pacifist\" }} {} {}{} {} }}\n",
        adjective(age, "Ketlon Concord", "Ketlon", "Concord"),
        founder(3),
        government("moral_democracy", "democratic"),
        fleets(age, &[105]),
        back(2, age.since(V3_0, "", "relation_current=400")),
        age.since(V3_0, "alliance=0", "federation=0"),
    );
    text += &format!(
        "\t16777219={{ {} type=\"default\" military_power=100 {} ethos={{ ethic=\"ethic_materialist\" }} {} {}{} }}\n",
        age.plain("Oss Combine", "Oss_Combine"),
        founder(4),
        government("megacorporation", "corporate"),
        fleets(age, &[106]),
        back(16_777_219, ""),
    );
    let awakened = age.since(V3_14, "fallen_empire", "awakened_fallen_empire");
    for (id, name, kind, ethic, power, opinion) in [
        (4, "Jhen Vestige", "fallen_empire", "fanatic_xenophobe", "6225", "30"),
        (5, "Ither Ancients", awakened, "fanatic_spiritualist", "124500.5", ""),
    ] {
        let flags =
            if age < V3_0 || opinion.is_empty() { String::new() } else { format!("relation_current={opinion}") };
        text += &format!(
            "\t{id}={{ {} type=\"{kind}\" military_power={power} {} ethos={{ ethic=\"ethic_{ethic}\" }} {} }}\n",
            age.plain(name, &name.replace(' ', "_")),
            founder(3),
            back(id, &flags),
        );
    }
    if age >= V3_4 {
        text += &format!(
            "\t12={{ {} type=\"default\" {} overlord=0 {} }}\n",
            age.plain("", "Small_Subject"),
            founder(2),
            back(12, "subject=yes")
        );
    }
    text
}

fn creatures(age: Age) -> String {
    let mut text = String::new();
    let crisis = match age {
        V2_3 | V3_4 => None,
        // Its country is there before it comes.
        V3_0 => Some(("ai_empire", "Contingency", &[][..])),
        V3_14 => Some(("swarm", "Prethoryn Scourge", &[190][..])),
        V4_0 => Some(("extradimensional", "Unbidden", &[190][..])),
    };
    let khan = if age == V3_4 { "awakened_marauders" } else { "dormant_marauders" };
    let mut rows = vec![
        (6, "guardian_dragon", "Ether Drake", &[160][..]),
        (7, "amoeba", "Space Amoebas", &[170][..]),
        (8, khan, "Raiders of Irr", &[180][..]),
        (11, "enclave", "Curators", &[][..]),
        (13, "guardian_fortress", "Enigmatic Fortress", &[171][..]),
        (14, "primitive", "Small Folk", &[][..]),
    ];
    rows.extend(crisis.map(|(kind, name, fleets)| (9, kind, name, fleets)));
    for (id, kind, name, ids) in rows {
        let flags = match kind {
            "guardian_fortress" => "flags={ disabled_enigmatic_fortress=62808000 }",
            _ => "",
        };
        let name = age.plain(name, &format!("NAME_{}", name.replace(' ', "_")));
        text += &format!("\t{id}={{ {name} type=\"{kind}\" military_power=10 {flags} {}}}\n", fleets(age, ids));
    }
    text
}
