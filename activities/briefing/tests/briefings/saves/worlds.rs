//! Planets and what is built on them. The player has the capital (10), a colony (20), and from 3.0 on a habitat (30).

use super::{Age, V2_3, V3_0, V3_4, V3_14, V4_0};

pub(super) fn planets(age: Age) -> String {
    let mut text = "planets={ planet={\n".to_owned();
    text += &capital(age);
    text += &colony(age);
    text += &habitat(age);
    for (id, name, class, system, owner) in [
        (21, "Bel II", "gas_giant", 1, None),
        (40, "Esk I", "arid", 4, Some(1)),
        (50, "Fen I", "ocean", 5, Some(2)),
        (60, "Gath I", "tundra", 6, Some(16_777_219)),
        (70, "Hol I", "toxic", 7, None),
    ] {
        let owned = owner.map(|owner| format!("owner={owner} controller={owner}")).unwrap_or_default();
        text += &format!("\t{id}={{ {} planet_class=\"pc_{class}\" ", age.plain(name, name));
        text += &format!("coordinate={{ x=1.5 y=2 origin={system} }} planet_size=16 {owned} ");
        text += if id == 40 && age < V4_0 { "pop={ 9 } }\n" } else { "}\n" };
    }
    text += "\t71=none\n} }\n";
    text
}

const NUMBERS: &str = "stability=67.5 migration=0.000 crime=4.26 amenities=30.5 amenities_usage=25.25 free_amenities=5.25 \
                       total_housing=24.000 housing_usage=20 free_housing=4.000";

fn capital(age: Age) -> String {
    let mut text = "\t10={ ".to_owned();
    text += &age.name(
        "Tarka Prime",
        "key=\"PLANET_NAME_FORMAT\" variables={ { key=\"PARENT\" value={ key=\"NAME_Tarka\" } } { key=\"NUMERAL\" value={ key=\"III\" literal=yes } } }",
    );
    text +=
        " planet_class=\"pc_continental\" coordinate={ x=12.000 y=-4 origin=0 } planet_size=18 owner=0 controller=0 ";
    text += match age {
        V2_3 | V3_0 | V3_4 => {
            "timed_modifier={ modifier=\"recent_conquest\" days=120 } timed_modifier={ modifier=\"assist_research\" days=-1 } "
        }
        _ => {
            "timed_modifier={ items={ { modifier=\"recent_conquest\" days=120 } { modifier=\"assist_research\" days=-1 } } } "
        }
    };
    text += "planet_modifier=\"pm_titanic_life\" final_designation=\"col_capital\" ";
    text += match age {
        V2_3 => {
            "pop={ 1 2 3 4 5 } district=\"district_city\" district=\"district_city\" district=\"district_generator\" buildings={ 0 1 4294967295 } "
        }
        V3_0 | V3_4 | V3_14 => {
            "pop={ 1 2 3 4 5 } district=\"district_city\" district=\"district_city\" district=\"district_generator\" buildings={ 0 1 } "
        }
        V4_0 => "pop_groups={ 1 2 3 4 5 } pop_jobs={ 0 1 } districts={ 0 1 2 } num_sapient_pops=520 ",
    };
    text += "last_building_changed=\"building_capital\" last_district_changed=\"district_city\" ";
    text + NUMBERS + " }\n"
}

fn colony(age: Age) -> String {
    let mut text = "\t20={ ".to_owned();
    text +=
        &age.name("New Tarka", "key=\"NEW_COLONY_NAME_1\" variables={ { key=\"NAME\" value={ key=\"NAME_Bel\" } } }");
    text += " planet_class=\"pc_frozen\" coordinate={ x=-7 y=9 origin=1 } planet_size=9 owner=0 controller=0 ";
    text += match age {
        V2_3 => "pop={ 6 7 } district=\"district_mining\" branch_office_owner=16777219 branch_office_buildings={ 4 } ",
        V3_0 => "pop={ 6 7 } district=\"district_mining\" branch_office_owner=16777219 branch_office_buildings={ 4 } ",
        V3_4 | V3_14 => {
            "pop={ 6 7 } district=\"district_mining\" externally_owned_buildings={ { building_owner=16777219 owner_type=corporate buildings={ 4 } } } "
        }
        V4_0 => {
            "pop_groups={ 6 7 } pop_jobs={ 2 } districts={ 3 } externally_owned_buildings={ { building_owner=16777219 owner_type=corporate buildings={ 4 } } } num_sapient_pops=200 "
        }
    };
    text + "stability=50 crime=0 amenities=3 free_amenities=-1 total_housing=5 free_housing=3 }\n"
}

fn habitat(age: Age) -> String {
    if age < V3_0 {
        return format!(
            "\t30={{ {} planet_class=\"pc_habitat\" coordinate={{ origin=3 }} planet_size=6 }}\n",
            age.plain("Ring", "Ring")
        );
    }
    let mut text = "\t30={ ".to_owned();
    text += &age
        .name("Dorn Habitat", "key=\"HABITAT_PLANET_NAME\" variables={ { key=\"NAME\" value={ key=\"NAME_Dorn\" } } }");
    text += " planet_class=\"pc_habitat\" coordinate={ x=3 y=3 origin=3 } planet_size=6 owner=0 controller=0 ";
    text += age.since(
        V4_0,
        "pop={ 8 } district=\"district_hab_housing\" ",
        "pop_groups={ 8 } districts={ 4 } num_sapient_pops=100 ",
    );
    text + "stability=55.125 amenities=4 free_amenities=2 total_housing=6 free_housing=5 }\n"
}

/// The buildings, which planets name by id; from 4.0 on by way of districts and zones.
pub(super) fn construction(age: Age) -> String {
    let mut text = "buildings={ 0={ type=\"building_capital\" } 1={ type=\"building_foundry_1\" } 2={ type=\"building_research_lab_1\" } \
                    3=none 4={ type=\"building_private_mining_consortium\" } }\n"
        .to_owned();
    if age >= V3_4 {
        text = text.replace("type=\"building_capital\"", "type=\"building_capital\" position=0");
    }
    if age >= V4_0 {
        text += "districts={ 0={ zones={ 0 1 } type=\"district_city\" level=6 } 1={ zones={ 4294967295 } type=\"district_generator\" level=4 } \
                 2={ type=\"district_mining\" level=2 } 3={ zones={ 2 } type=\"district_city\" level=1 } \
                 4={ zones={ } type=\"district_hab_housing\" level=3 } 5=none }\n\
                 zones={ 0={ type=\"zone_default\" buildings={ 0 1 3 } } 1={ type=\"zone_research\" buildings={ 2 4294967295 } } 2={ type=\"zone_default\" buildings={ } } }\n";
    }
    text
}
