//! The rules of stocks, flows and pops, on saves that have nothing else.

use briefing::{fact::Fact, parts::economy::economy};

use crate::part::Part;

/// The economy of country 0, with `country` in its entry and `sections` behind it.
fn of(country: &str, sections: &str) -> Part {
    Part::of(economy, &format!("country={{ 0={{ {country} }} }}\n{sections}"))
}

const BUDGET: &str = "budget={ current_month={
    income={ none={ } base={ energy=20 food=1.5 } jobs={ energy=4.527 trade=8 physics_research=1 } }
    expenses={ ships={ energy=30.1 } }
    balance={ base={ energy=20 food=1.5 } jobs={ energy=4.527 trade=8 physics_research=1 } ships={ energy=-30.1 } }
    extra_income={ none={ } gifts={ food=2 } }
} }";
const STOCK: &str = "modules={ standard_economy_module={ resources={ trade=1738.5 sr_zro=25 minerals=9 } } }";

#[test]
fn every_stored_resource_is_told_of_and_a_tracked_one_that_is_not_written_is_zero() {
    let economy = of(&format!("{STOCK} {BUDGET}"), "");
    assert_eq!(economy.number("resources.stockpiles.energy"), Some(0.0));
    assert_eq!(economy.number("resources.stockpiles.trade"), Some(1738.5));
    assert_eq!(economy.number("resources.strategic_stockpiles.zro"), Some(25.0));
    assert_eq!(economy.at("resources.strategic_stockpiles.living_metal"), None);
}

#[test]
fn without_strategic_resources_in_store_there_are_no_strategic_stockpiles() {
    let economy = of(&STOCK.replace("sr_zro=25", ""), "");
    assert_eq!(economy.at("resources.strategic_stockpiles"), None);
}

#[test]
fn income_and_expenses_are_sums_over_the_categories_and_the_blocks_beside_them() {
    let economy = of(BUDGET, "");
    assert_eq!(economy.number("resources.monthly_income.energy"), Some(24.527));
    assert_eq!(economy.number("resources.monthly_income.food"), Some(3.5));
    assert_eq!(economy.number("resources.monthly_expenses.energy"), Some(30.1));
    assert_eq!(economy.number("net_monthly.energy"), Some(-5.57));
    assert_eq!(economy.number("net_monthly.trade"), Some(8.0));
    assert_eq!(economy.number("key_resources.research_total"), Some(1.0));
    assert_eq!(economy.number("resources.summary.alloys_net"), Some(0.0));
    assert_eq!(economy.number("resources.by_category.ships.energy"), Some(-30.1));
}

#[test]
fn the_order_of_resources_is_not_that_of_the_file() {
    let economy = of(BUDGET, "");
    assert_eq!(economy.names("net_monthly"), ["energy", "food", "physics_research", "trade"]);
}

#[test]
fn what_is_not_written_is_unknown_and_not_zero() {
    let economy = of("", "");
    for path in ["economy_power", "resources.stockpiles", "resources.net_monthly", "key_resources"] {
        assert_eq!(economy.at(path), Some(Fact::Null), "{path}");
        assert!(economy.reason(path).is_some(), "{path}");
    }
    assert!(economy.reason("pop_statistics.total_pops").unwrap().contains("planets"));
}

const PLANETS: &str = "planets={ planet={ 7={ owner=0 pop_jobs={ 1 2 3 } } 8={ owner=5 pop_jobs={ 4 } } } }";

#[test]
fn before_3_0_pops_name_their_species_by_its_place_in_the_list() {
    let pops = "pop={
        1={ species_index=1 category=\"worker\" job=\"miner\" planet=7 happiness=0.5 }
        2={ species_index=1 category=\"worker\" planet=7 }
        3={ species_index=0 category=\"ruler\" job=\"noble\" planet=7 happiness=0.8 }
        4={ species_index=0 category=\"ruler\" job=\"noble\" planet=8 happiness=0.1 }
    }";
    let species = "species={ { name=\"Gecko\" } { name=\"Vag\" } }";
    let economy = of("", &format!("{species}\n{pops}\n{PLANETS}"));
    for (path, expected) in [
        ("total_pops", 3.0),
        ("pop_unit", 1.0),
        ("by_species.Gecko", 1.0),
        ("by_species.Vag", 2.0),
        ("by_stratum.worker", 2.0),
        ("by_job_category.ruler", 1.0),
        ("by_job.miner", 1.0),
        ("happiness_avg", 65.0),
        ("employed_pops", 2.0),
        ("unemployed_pops", 1.0),
    ] {
        assert_eq!(economy.number(&format!("pop_statistics.{path}")), Some(expected), "{path}");
    }
}

#[test]
fn from_3_0_on_pops_name_their_species_by_its_id() {
    let pops = "pop={ 1={ species=30 category=\"worker\" job=\"miner\" planet=7 } }";
    let economy = of("", &format!("species_db={{ 30={{ name=\"Human\" }} }}\n{pops}\n{PLANETS}"));
    assert_eq!(economy.number("pop_statistics.by_species.Human"), Some(1.0));
    assert_eq!(economy.at("pop_statistics.happiness_avg"), Some(Fact::Null));
}

const GROUPS: &str = "pop={ }
pop_groups={
    1={ key={ species=3 category=\"civilian\" } planet=7 size=300 happiness=0.5 }
    2={ key={ species=3 category=\"worker_unemployment\" } planet=7 size=6 }
    3={ key={ species=4 category=\"worker\" } planet=7 size=100 happiness=0.9 }
    4={ key={ species=4 category=\"worker\" } planet=8 size=900 happiness=0.9 }
    5=none
}
pop_jobs={ 1={ type=\"miner\" planet=7 workforce=60.5 } 2={ type=\"farmer\" planet=7 workforce=0 }
    3={ type=\"miner\" planet=7 workforce=40 } 4={ type=\"miner\" planet=8 workforce=900 } }";

#[test]
fn from_4_0_on_pops_are_groups_with_a_size_and_the_unemployed_have_a_stratum() {
    let economy = of("", &format!("{GROUPS}\n{PLANETS}"));
    for (path, expected) in [
        ("total_pops", 406.0),
        ("pop_unit", 100.0),
        ("by_stratum.civilian", 300.0),
        ("by_job.miner", 100.5),
        ("happiness_avg", 60.0),
        ("employed_pops", 400.0),
        ("unemployed_pops", 6.0),
    ] {
        assert_eq!(economy.number(&format!("pop_statistics.{path}")), Some(expected), "{path}");
    }
    assert_eq!(economy.at("pop_statistics.by_job.farmer"), None);
}

#[test]
fn two_species_of_one_name_stay_two() {
    let species = "species_db={ 3={ name=\"Bilnoc\" } 4={ name=\"Bilnoc\" } }";
    let economy = of("", &format!("{species}\n{GROUPS}\n{PLANETS}"));
    assert_eq!(economy.number("pop_statistics.by_species.Bilnoc (3)"), Some(306.0));
    assert_eq!(economy.number("pop_statistics.by_species.Bilnoc (4)"), Some(100.0));
}

#[test]
fn without_the_section_of_jobs_only_the_jobs_are_unknown() {
    let groups = GROUPS.split("pop_jobs").next().unwrap();
    let economy = of("", &format!("{groups}\n{PLANETS}"));
    assert_eq!(economy.number("pop_statistics.total_pops"), Some(406.0));
    assert!(economy.reason("pop_statistics.by_job").unwrap().contains("pop_jobs"));
}

#[test]
fn every_number_says_why_it_is_so() {
    let country = format!("economy_power=1 tech_power=2 {STOCK} {BUDGET}");
    assert_eq!(of(&country, &format!("{GROUPS}\n{PLANETS}")).unexplained(), Vec::<String>::new());
}

#[test]
fn more_resources_than_the_game_has_are_summed_all_the_same() {
    let many: String = (0..50_000).map(|number| format!("r{number}=1 ")).collect();
    let economy = of(&format!("budget={{ current_month={{ income={{ base={{ {many} }} }} }} }}"), "");
    assert_eq!(economy.number("net_monthly.r49999"), Some(1.0));
}

#[test]
fn sizes_that_no_group_has_do_not_break_the_sum() {
    let groups: String = (0..9)
        .map(|id| format!("{id}={{ key={{ species=1 category=\"worker\" }} planet=7 size=9223372036854775807 }} "))
        .collect();
    let economy = of("", &format!("pop_groups={{ {groups} }}\n{PLANETS}"));
    assert!(economy.number("pop_statistics.total_pops").is_some());
}
