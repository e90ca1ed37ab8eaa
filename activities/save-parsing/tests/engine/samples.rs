//! The generated saves: the same for a seed, of the size asked for, consistent by id.

use std::collections::HashSet;

use save_parsing::{Limits, Save, Tape, sample::SampleSave};

use crate::support::save as open;

fn sample() -> SampleSave {
    SampleSave { seed: 7, text_bytes: 2_000_000 }
}

fn ids(save: &Save, section: &str) -> HashSet<String> {
    let entries = save.section(section).unwrap().entries().unwrap();
    entries.filter(|entry| entry.is_container()).map(|entry| entry.key().unwrap().text().into_owned()).collect()
}

/// The scalars under names, in every entry of a section that is a container.
fn found(save: &Save, path: &str) -> Vec<String> {
    let mut all = Vec::new();
    let query = save_parsing::Query::parse(path).unwrap();
    query
        .run(save, save_parsing::Schema::V1, &save_parsing::QueryLimits::default(), &mut |_, value| {
            all.push(serde_json::from_slice::<String>(value).unwrap());
            save_parsing::Flow::Continue(())
        })
        .unwrap();
    all
}

#[test]
fn the_same_seed_makes_the_same_bytes() {
    assert!(sample().zip() == sample().zip());
    assert!(sample().gamestate() != SampleSave { seed: 8, ..sample() }.gamestate());
}

#[test]
fn the_size_is_about_what_is_asked_for() {
    for text_bytes in [1_000_000u64, 5_000_000, 20_000_000] {
        let made = SampleSave { seed: 3, text_bytes }.gamestate().len() as u64;
        assert!((text_bytes * 3 / 4..text_bytes * 5 / 4).contains(&made), "{text_bytes}: {made}");
    }
}

#[test]
fn it_opens_as_a_save_without_damage() {
    let save = Save::from_bytes(sample().zip(), &Limits::default()).unwrap();
    assert!(save.damages().is_empty(), "{:?}", save.damages());
    let mut tape = Tape::default();
    for section in save.sections() {
        section.parse(&mut tape).unwrap();
    }
    let inspection = save.inspect();
    assert_eq!(inspection.version.as_deref(), Some("Phoenix v4.0.1"));
    assert_eq!(inspection.sections.iter().filter(|section| section.name == "saved_event_target").count(), 24);
    let ratio = inspection.text_bytes / inspection.zip_bytes;
    assert!((8..30).contains(&ratio), "real saves shrink to a tenth or a twentieth, this one to {ratio}");
}

#[test]
fn its_numbers_are_those_it_says() {
    let save = open(sample().gamestate());
    let counts = sample().counts();
    for (section, count) in [
        ("country", counts.countries),
        ("galactic_object", counts.systems),
        ("fleet", counts.fleets),
        ("ships", counts.ships),
        ("leaders", counts.leaders),
        ("war", counts.wars),
    ] {
        assert_eq!(ids(&save, section).len(), count, "{section}");
    }
    assert_eq!(found(&save, "planets.planet.*.planet_class").len(), counts.planets);
    assert_eq!(found(&save, "player[0].country"), [counts.player.to_string()]);
    assert_ne!(counts.player, 0);
}

#[test]
fn everything_it_refers_to_is_there() {
    let save = open(sample().gamestate());
    let (countries, fleets, ships) = (ids(&save, "country"), ids(&save, "fleet"), ids(&save, "ships"));
    let (systems, leaders) = (ids(&save, "galactic_object"), ids(&save, "leaders"));
    let planets: HashSet<String> = found(&save, "galactic_object.*.planet").into_iter().collect();
    for (path, known) in [
        ("country.*.fleets_manager.owned_fleets[*].fleet", &fleets),
        ("country.*.owned_planets[*]", &planets),
        ("country.*.owned_leaders[*]", &leaders),
        ("country.*.relations_manager.relation.country", &countries),
        ("country.*.starting_system", &systems),
        ("fleet.*.ships[*]", &ships),
        ("fleet.*.movement_manager.coordinate.origin", &systems),
        ("ships.*.fleet", &fleets),
        ("leaders.*.country", &countries),
        ("war.*.attackers[*].country", &countries),
        ("war.*.defenders[*].country", &countries),
        ("planets.planet.*.owner", &countries),
        ("planets.planet.*.coordinate.origin", &systems),
        ("starbase_mgr.starbases.*.station", &ships),
        ("galactic_object.*.hyperlane[*].to", &systems),
        ("pop_groups.*.planet", &planets),
    ] {
        let referred = found(&save, path);
        assert!(!referred.is_empty(), "{path}");
        for id in referred {
            assert!(known.contains(&id), "{path}: {id}");
        }
    }
    // Every fleet belongs to one empire.
    let owned = found(&save, "country.*.fleets_manager.owned_fleets[*].fleet");
    assert_eq!(owned.len(), fleets.len());
    assert_eq!(owned.into_iter().collect::<HashSet<_>>(), fleets);
}

#[test]
fn it_has_what_makes_saves_hard_to_read() {
    let text = String::from_utf8(sample().gamestate()).unwrap();
    for hard in ["\\\"Silent\\\"", "=none\n", "\n \n", "\n=", "Ô", "literal=yes"] {
        assert!(text.contains(hard), "{hard:?}");
    }
}
