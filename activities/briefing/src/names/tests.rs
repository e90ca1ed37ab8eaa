use std::{fs, path::PathBuf, sync::Arc};

use save_parsing::{Limits, Raw, Save};

use super::{Name, NameSource, Names};
use crate::{Options, brief};

fn resolve(text: &str) -> Name {
    Names::default().resolve(Some(Raw::of(text.as_bytes())), "default")
}

fn display(text: &str) -> String {
    resolve(text).display
}

/// `{ key="K" variables={ { key="name" value={...} } } }`; a value that is no block becomes a key.
fn template(key: &str, variables: &[(&str, &str)]) -> String {
    let value = |value: &str| if value.starts_with('{') { value.to_owned() } else { format!("{{ key=\"{value}\" }}") };
    let variables: Vec<_> =
        variables.iter().map(|(name, of)| format!("{{ key=\"{name}\" value={} }}", value(of))).collect();
    format!("{{ key=\"{key}\" variables={{ {} }} }}", variables.join(" "))
}

#[test]
fn nothing_is_the_default() {
    let missing = Name { display: "Empire 7".into(), raw_key: None, source: NameSource::Missing, confidence: 0.0 };
    for name in [None, Some(Raw::of(b"\"\"")), Some(Raw::of(b"{ }")), Some(Raw::of(b"{ key=\"\" }"))] {
        assert_eq!(Names::default().resolve(name, "Empire 7"), missing);
    }
    // A colour and nothing in it.
    assert_eq!(Names::default().resolve(Some(Raw::of("\"§Y§!\"".as_bytes())), "Empire 7"), missing);
}

#[test]
fn texts_are_names_without_their_colours() {
    let name = resolve("\"Order of the Eternal Flame\"");
    assert_eq!((name.source, name.confidence), (NameSource::Literal, 1.0));
    assert_eq!(name.raw_key.as_deref(), Some("Order of the Eternal Flame"));
    assert_eq!(display("\"Relic found: §YThe Omnicodex§!\""), "Relic found: The Omnicodex");
    assert_eq!(display("\"\u{11}HRhass\u{11}! lost\""), "Rhass lost");
}

#[test]
fn texts_that_look_like_keys_are_read_as_keys_unless_the_save_has_none() {
    assert_eq!(display("\"SPEC_Bilnoc\""), "Bilnoc");
    assert_eq!(display("\"VOIDWORMS\""), "Voidworms");
    assert_eq!(resolve("\"XURA\"").source, NameSource::Literal);
    assert_eq!(display("\"mp_Order of the Flame\""), "mp_Order of the Flame");
    let literal = Names::default().with_literal_texts(true);
    assert_eq!(literal.resolve(Some(Raw::of(b"\"BLORP_KA\"")), "").display, "BLORP_KA");
    assert_eq!(literal.resolve_text("ZEALOTS", "").source, NameSource::Literal);
    assert_eq!(literal.resolve_text("NAME_Gargantua", "").display, "Gargantua");
    assert_eq!(literal.resolve_text("$NAME_Grand_Dragon$", "").display, "Grand Dragon");
    assert_eq!(literal.resolve_text("Cash $my$", "").display, "Cash $my$");
}

#[test]
fn literal_blocks_are_plain() {
    let name = resolve("{ key=\"NAME_of_mine\" literal=yes }");
    assert_eq!((name.display.as_str(), name.source, name.confidence), ("NAME_of_mine", NameSource::Literal, 1.0));
}

#[test]
fn each_template_of_the_table_reads_as_its_rule_says() {
    let nested = |key: &str, value: &str| template(key, &[("1", value)]);
    let empire = template("%ADJECTIVE%", &[("adjective", "SPEC_Fafossan"), ("1", "Empire")]);
    let literal = |text: &str| format!("{{ key=\"{text}\" literal=yes }}");
    let rows = [
        (empire.clone(), "Fafossan Empire"),
        (template("%ADJECTIVE%", &[("adjective", "SPEC_Kelbrid")]), "Kelbrid"),
        (nested("%ADJ%", &nested("Galactic", &empire)), "Galactic Fafossan Empire"),
        (
            nested(
                "%ADJ%",
                &nested("Holy", &template("%ADJECTIVE%", &[("adjective", "SPEC_MaKar"), ("1", "Commonwealth")])),
            ),
            "Holy MaKar Commonwealth",
        ),
        (template("AofB", &[("1", "Concordat"), ("2", "Furud")]), "Concordat of Furud"),
        (template("AofBpfx", &[("1", "Furud"), ("2", "Concordat")]), "Furud Concordat"),
        (
            template("AassocB", &[("1", &nested("%ADJ%", &nested("Alien", "Rights"))), ("2", "Alliance")]),
            "Alien Rights Alliance",
        ),
        (
            template(
                "war_vs_adjectives",
                &[("1", "NAME_ADJ_Chosen"), ("2", "SPEC_Bilnoc"), ("3", "Xeno_Purification_War")],
            ),
            "Chosen - Bilnoc Xeno Purification War",
        ),
        (
            template("war_name_vs_adj", &[("1", "DefenseLeague"), ("2", "SPEC_Lishian"), ("3", "Annexation_Attempt")]),
            "DefenseLeague - Lishian Annexation Attempt",
        ),
        (template("%SEQ%", &[("fmt", "HUMAN1_FLEET"), ("num", "3")]), "Fleet #3"),
        (template("%SEQ%", &[("fmt", "HUMAN1_ASSAULTLEGION"), ("num", "12")]), "12 Assaultlegion"),
        (template("%SEQ%", &[("fmt", "HIVE1_assault_army_ORD"), ("num", "2")]), "2 Assault Army"),
        (template("%LEADER_1%", &[("1", "MACHINE4_CHR_Computer"), ("2", "MACHINE4_CHR_Klein")]), "Computer Klein"),
        (template("%LEADER_2%", &[("1", "AVI4_CHR_Cuix"), ("2", "TOX3_CHA_Iskamol")]), "Cuix Iskamol"),
        (template("PREFIX_NAME_FORMAT", &[("NAME", "AVI4_SHIP_GustyLaiu"), ("PREFIX", "TPC")]), "TPC GustyLaiu"),
        (
            template("SUFFIX_NAME_FORMAT", &[("NAME", "AQUATIC4_SHIP_Fabricator"), ("SUFFIX", &literal("II"))]),
            "Fabricator II",
        ),
        (
            template("PLANET_NAME_FORMAT", &[("PARENT", "SPEC_Kelbrid_system"), ("NUMERAL", &literal("VII"))]),
            "Kelbrid System VII",
        ),
        (template("SUBPLANET_NAME_FORMAT", &[("PARENT", "Ziamon"), ("NUMERAL", &literal("a"))]), "Ziamon a"),
        (template("ASTEROID_NAME_FORMAT", &[("prefix", "DTLF-"), ("suffix", "11B1")]), "DTLF-11B1"),
        (template("STAR_NAME_1_OF_1", &[("NAME", "Ziamon")]), "Ziamon"),
        (template("STAR_NAME_2_OF_3", &[("NAME", "Alpha_Centauri")]), "Alpha Centauri B"),
        (template("NEW_COLONY_NAME_1", &[("NAME", "NAME_Alpha_Centauri")]), "Alpha Centauri 1"),
        (template("HABITAT_PLANET_NAME", &[("NAME", "Ziamon")]), "Ziamon Habitat"),
        (template("HABITAT_PLANET_NAME", &[("x", "Orbit"), ("from.solar_system.GetName", "Ziamon")]), "Ziamon Habitat"),
        (template("HABITAT_PLANET_NAME", &[("FROM.planet.GetName", "NAME_Sol")]), "Sol Habitat"),
        (
            template("TRANS_FLEET_NAME", &[("COUNTRY", "NAME_The_Chosen"), ("NUMBER", &literal("1"))]),
            "The Chosen Transport Fleet 1",
        ),
        (template("shipclass_mining_station_name", &[("PLANET", "Ziamon")]), "Ziamon Mining Station"),
        (template("%ACRONYM%", &[("base", &nested("%ADJ%", &nested("Galactic", &empire)))]), "GFE"),
        (template("$base$ $affix$", &[("base", "SPEC_Lishian"), ("affix", "Illustratum")]), "Lishian Illustratum"),
        (template("$affix$$base$", &[("base", "NAME_Ketling"), ("affix", "Post-")]), "Post-Ketling"),
    ];
    for (text, expected) in rows {
        let name = resolve(&text);
        assert_eq!(name.display, expected, "{text}");
        assert_eq!((name.source, name.confidence), (NameSource::Template, 0.9), "{text}");
    }
}

#[test]
fn other_templates_read_as_their_key_and_their_values() {
    let name = resolve(&template("Friends_of_Liberty", &[("1", "Initiative")]));
    assert_eq!(
        (name.display.as_str(), name.source, name.confidence),
        ("Friends of Liberty Initiative", NameSource::Fallback, 0.85)
    );
    assert_eq!(name.raw_key.as_deref(), Some("Friends_of_Liberty"));
    assert_eq!(display(&template("%NEW%", &[("1", "Ziamon"), ("2", "Rings")])), "Ziamon Rings");
    assert_eq!(display(&template("format.imp", &[("a", "Great"), ("b", "SPEC_Vuur")])), "Great Vuur");
    assert_eq!(display(&template("STARBASE_STATION_NAME_FORMAT_NON_PRIMARY", &[("PLANET", "Breek")])), "Breek");
}

#[test]
fn marks_without_variables_are_keys() {
    assert_eq!(display("{ key=\"$NAME_Lone_Defender_ship$\" }"), "Lone Defender ship");
}

#[test]
fn keys_read_as_their_rules_say() {
    let rows = [
        ("AWAKENED_EMPIRE_2", "Awakened Empire 2"),
        ("FALLEN_EMPIRE_1", "Fallen Empire 1"),
        ("TRANS_FLEET", "Transport Fleet"),
        ("shipclass_mining_station_name", "Mining Station"),
        ("HUMAN1_FLEET", "Human 1 Fleet"),
        ("EMPIRE_DESIGN_ixidar", "Ixidar"),
        ("EMPIRE_DESIGN_humans1", "United Nations of Earth"),
        ("NAME_The_Chosen", "The Chosen"),
        ("NAME_Hillos_fleet", "Hillos fleet"),
        ("NAME_Caravaneer_Fleet3", "Caravaneer Fleet3"),
        ("NAME_ADJ_Chosen", "Chosen"),
        ("MOL4_CHR_Nodess", "Nodess"),
        ("PLANT_CHR_Rhizome_of", "Rhizome of"),
        ("AVI2_PLANET_TSondek", "TSondek"),
        ("PLANT_FLEET_WhirlingCorolla", "WhirlingCorolla"),
        ("MACHINE3_RULER_Braket", "Braket"),
        ("TARGET_ORBITAL_NAME", "Target Orbital"),
        ("HUMAN1_FLEET_StrikeForceGriffin", "StrikeForceGriffin"),
        ("TOX1_SHIP_Host_of_Maggots", "Host of Maggots"),
        ("PRESCRIPTED_species_name_voor", "Voor"),
        ("PRESCRIPTED_adjective_yatunan_radicals", "Yatunan Radicals"),
        ("PRESCRIPTED_ship_prefix_voor", "Voor"),
        ("PRESCRIPTED_plantoid", "Plantoid"),
        ("PRESCRIPTED_species_name_humans3", "Humans 3"),
        ("SPEC_Uva-Xavani_planet", "Uva-Xavani Planet"),
        ("SPEC_Model-16", "Model-16"),
        ("SPEC_NEX", "NEX"),
        ("ADJ_VUUR", "Vuur"),
        ("EMPIRE_vuur", "Vuur"),
        ("COUNTRY_vuur_name", "Vuur"),
        ("CIV_vuur", "Vuur"),
        ("Knights_of_the_Void", "Knights of the Void"),
        ("GRAND_FLEET_VIII_OF_MANY", "Grand Fleet VIII OF Many"),
        ("1ST_DEFENSE_LEGION", "1st Defense Legion"),
        ("DefenseLeague", "DefenseLeague"),
        ("Ziamon", "Ziamon"),
    ];
    for (key, expected) in rows {
        let name = resolve(&format!("{{ key=\"{key}\" }}"));
        assert_eq!(name.display, expected, "{key}");
        assert_eq!(name.source, NameSource::LocalizationKey, "{key}");
        assert!((0.65..=0.8).contains(&name.confidence), "{key}: {}", name.confidence);
    }
}

#[test]
fn what_has_no_end_is_cut() {
    let mut deep = String::from("{ key=\"Bottom\" }");
    for _ in 0..500 {
        deep = template("Level", &[("1", &deep)]);
    }
    let levels = display(&deep).matches("Level").count();
    assert!((16..=18).contains(&levels), "{levels}");
    // Ten marks on each of sixteen levels would be 10^16 words.
    let marks = "$1$".repeat(10);
    let mut wide = String::from("{ key=\"Wide\" }");
    for _ in 0..16 {
        wide = template(&marks, &[("1", &wide)]);
    }
    assert!(display(&wide).len() < 2_000);
}

fn folder(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Names) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let names = Names::new(Some(Arc::new(folder.path().to_owned())));
    (folder, names)
}

fn with(names: &Names, text: &str) -> Name {
    names.resolve(Some(Raw::of(text.as_bytes())), "default")
}

#[test]
fn localisation_files_win() {
    let english = "\u{feff}l_english:\n # names\n SPEC_Bilnoc:0 \"Bilnoc §YPeople§!\" # old\n NAME_Sol: \"Sol\\nPrime\"\n \
                   NEW_COLONY_NAME_1:1 \"Nova $NAME|Y$\"\n Galactic:0 \"Galactic\"\n Said:0 \"The \"Great\" $NAME_Sol$\"\n";
    let files: &[(&str, &[u8])] = &[
        ("english/names_l_english.yml", english.as_bytes()),
        ("replace/mine_l_english.yml", b"l_english:\r\n Voor:0 \"Voor!\"\r\n"),
        ("english/zz_l_english.yml", b"l_english:\n Voor:0 \"other\"\n"),
        ("german/names_l_german.yml", b"l_german:\n NAME_Sol:0 \"Sonne\"\n"),
    ];
    let (_folder, names) = folder(files);
    let name = with(&names, "{ key=\"SPEC_Bilnoc\" }");
    assert_eq!(
        (name.display.as_str(), name.source, name.confidence),
        ("Bilnoc People", NameSource::LocalizationKey, 1.0)
    );
    assert_eq!(with(&names, "\"NAME_Sol\"").display, "Sol Prime");
    assert_eq!(with(&names, "{ key=\"Said\" }").display, "The \"Great\" Sol Prime");
    assert_eq!(with(&names, "{ key=\"Voor\" }").display, "Voor!");
    let colony = with(&names, &template("NEW_COLONY_NAME_1", &[("NAME", "NAME_Sol")]));
    assert_eq!((colony.display.as_str(), colony.source), ("Nova Sol Prime", NameSource::LocalizationKey));
    // A text without a place for the variables is a word before them.
    assert_eq!(with(&names, &template("Galactic", &[("1", "SPEC_Bilnoc")])).display, "Galactic Bilnoc People");
    assert_eq!(with(&names, "{ key=\"SPEC_Vuur\" }").display, "Vuur");
    assert!(names.warnings().is_empty(), "{:?}", names.warnings());
}

#[test]
fn references_that_go_in_circles_end() {
    let circle = format!("l_english:\n A_key:0 \"{}\"\n", "$A_key$".repeat(50));
    let (_folder, names) = folder(&[("a_l_english.yml", circle.as_bytes())]);
    assert!(with(&names, "{ key=\"A_key\" }").display.len() < 5_000);
}

#[test]
fn bad_localisation_files_are_told_of_and_the_rules_remain() {
    let files: &[(&str, &[u8])] = &[
        ("a_l_english.yml", b"l_german:\n SPEC_Vuur:0 \"no\"\n"),
        ("b_l_english.yml", b"l_english:\n nonsense\n SPEC_Nim:0 \"Nim \xff\"\n SPEC_Half:0 \"no end\n"),
    ];
    let (_folder, names) = folder(files);
    assert!(names.warnings().is_empty(), "nothing is read before it is needed");
    assert_eq!(with(&names, "{ key=\"SPEC_Vuur\" }").display, "Vuur");
    assert_eq!(with(&names, "{ key=\"SPEC_Nim\" }").display, "Nim \u{fffd}");
    let warnings = names.warnings().join("\n");
    for part in ["a_l_english.yml: does not begin with `l_english:`", "b_l_english.yml: is not UTF-8", "line 2 is not"]
    {
        assert!(warnings.contains(part), "{part} in {warnings}");
    }
    let gone = Names::new(Some(Arc::new(PathBuf::from("no-such-folder"))));
    assert_eq!(with(&gone, "{ key=\"SPEC_Vuur\" }").display, "Vuur");
    assert_eq!(gone.warnings().len(), 1, "{:?}", gone.warnings());
    let text = b"player={ { name=A country=0 } } country={ 0={ name={ key=\"SPEC_Vuur\" } } }";
    let save = Save::from_bytes(text.to_vec(), &Limits::default()).unwrap();
    let options = Options { localisation: Some(Arc::new(PathBuf::from("no-such-folder"))), ..Options::default() };
    let briefing = brief(&save, &options).unwrap();
    assert!(briefing.warnings.iter().any(|warning| warning.contains("no-such-folder")), "{:?}", briefing.warnings);
    let (_folder, empty) = folder(&[]);
    with(&empty, "{ key=\"SPEC_Vuur\" }");
    assert!(empty.warnings().first().unwrap().contains("no English texts"));
}
