//! Keys of the game's localisation files, read without the files: what a key says of itself.

use super::{NameSource, Reading, text};

/// What the game's own empires are called, whose keys do not say it.
const PRESCRIPTED: [(&str, &str); 6] = [
    ("EMPIRE_DESIGN_humans1", "United Nations of Earth"),
    ("EMPIRE_DESIGN_humans2", "Commonwealth of Man"),
    ("PRESCRIPTED_species_name_humans1", "Human"),
    ("PRESCRIPTED_species_name_humans2", "Human"),
    ("PRESCRIPTED_adjective_humans1", "Human"),
    ("PRESCRIPTED_adjective_humans2", "Human"),
];

/// What is cut from the beginning of a key, the first that fits.
const PREFIXES: [&str; 18] = [
    "fleet_type_shipclass_",
    "shipclass_",
    "EMPIRE_DESIGN_",
    "PRESCRIPTED_species_name_",
    "PRESCRIPTED_species_plural_",
    "PRESCRIPTED_species_adjective_",
    "PRESCRIPTED_adjective_",
    "PRESCRIPTED_ruler_name_",
    "PRESCRIPTED_ruler_title_",
    "PRESCRIPTED_planet_name_",
    "PRESCRIPTED_system_name_",
    "PRESCRIPTED_ship_prefix_",
    "PRESCRIPTED_",
    "SPEC_",
    "ADJ_",
    "EMPIRE_",
    "COUNTRY_",
    "CIV_",
];

/// What separates the list of names that a name comes from, `HUMAN1`, from the name.
const LISTS: [&str; 4] = ["_CHR_", "_CHA_", "_PLANET_", "_SHIP_"];

/// The same where it could be a word of the name: only behind a list with a number, or before a name with small letters.
const DOUBTFUL_LISTS: [&str; 4] = ["_CLASS_", "_FLEET_", "_ARMY_", "_RULER_"];

/// Whether a text of a save after 3.0 is a key [H].
pub(super) fn is_key(name: &str) -> bool {
    if name.contains(char::is_whitespace) {
        return false;
    }
    let letters = name.chars().filter(|character| character.is_alphabetic()).count();
    let capitals = letters > 4 && name.chars().all(|character| !character.is_lowercase());
    name.contains('_') || capitals
}

/// What a key reads by the rules, the first that fits.
pub(super) fn read(key: &str) -> Reading {
    let (display, confidence) = rule(key);
    Reading { display: text::plain(&display), source: NameSource::LocalizationKey, confidence }
}

fn rule(key: &str) -> (String, f64) {
    if let Some((_, name)) = PRESCRIPTED.iter().find(|(prescripted, _)| *prescripted == key) {
        return ((*name).to_owned(), 0.8);
    }
    // What people have typed in stands where a key could.
    if key.contains(char::is_whitespace) {
        return (key.to_owned(), 0.8);
    }
    for (prefix, name) in [("AWAKENED_EMPIRE_", "Awakened Empire "), ("FALLEN_EMPIRE_", "Fallen Empire ")] {
        if let Some(number) = key.strip_prefix(prefix) {
            return (format!("{name}{}", spaced(number)), 0.8);
        }
    }
    if key == "TRANS_FLEET" || key == "TRANS_FLEET_NAME" {
        return ("Transport Fleet".to_owned(), 0.8);
    }
    if let Some(name) = key.strip_prefix("NAME_ADJ_").or_else(|| key.strip_prefix("NAME_")) {
        return (spaced(name), 0.8);
    }
    if let Some(list) = key.strip_suffix("_FLEET") {
        return (format!("{} Fleet", words(&before_digits(list))), 0.7);
    }
    if let Some(name) = of_list(key) {
        return (name.split('_').map(|word| lowered(word, false)).collect::<Vec<_>>().join(" "), 0.8);
    }
    let cut = PREFIXES.iter().find_map(|prefix| key.strip_prefix(prefix));
    let name = cut.unwrap_or(key);
    let name = name.strip_suffix("_name").or_else(|| name.strip_suffix("_NAME")).unwrap_or(name);
    (words(&before_digits(name)), if cut.is_some() { 0.75 } else { 0.65 })
}

/// `HUMAN1_CHR_Bao`: what stands behind the list of names.
fn of_list(key: &str) -> Option<&str> {
    let split = |separator: &&str| {
        let (list, name) = key.split_once(*separator)?;
        let sure = !DOUBTFUL_LISTS.contains(separator)
            || list.ends_with(|last: char| last.is_ascii_digit())
            || name.contains(char::is_lowercase);
        (sure && !name.is_empty() && !list.contains(char::is_lowercase)).then_some(name)
    };
    LISTS.iter().chain(&DOUBTFUL_LISTS).find_map(split)
}

/// What a numbered army or fleet is called, without the list that its name comes from: `HUMAN1_ASSAULTLEGION`.
pub(super) fn without_list(key: &str) -> &str {
    let key = key.strip_suffix("_ORD").unwrap_or(key);
    match key.split_once('_') {
        Some((list, name))
            if !name.is_empty() && list.chars().all(|of| of.is_ascii_uppercase() || of.is_ascii_digit()) =>
        {
            name
        }
        _ => key,
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

/// A space before the digits at the end, if a letter stands before them.
fn before_digits(name: &str) -> String {
    let stem = name.trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = name.get(stem.len()..).unwrap_or_default();
    if digits.is_empty() || !stem.ends_with(char::is_alphabetic) { name.to_owned() } else { format!("{stem} {digits}") }
}

/// A key's words, each as people would write it.
pub(super) fn words(name: &str) -> String {
    let written = name.split(['_', ' ']).filter(|word| !word.is_empty()).map(|word| lowered(word, true));
    written.collect::<Vec<_>>().join(" ")
}

/// A word of capitals with only the first kept, and if `raise`, a word of small letters with the first raised. Short words and
/// Roman numerals stay as they are.
fn lowered(word: &str, raise: bool) -> String {
    let ordinal = word.trim_start_matches(|character: char| character.is_ascii_digit());
    if ordinal.len() < word.len() && matches!(ordinal, "ST" | "ND" | "RD" | "TH") {
        return word.to_lowercase();
    }
    let letters = || word.chars().filter(|character| character.is_alphabetic());
    let (upper, lower) = (letters().all(char::is_uppercase), letters().all(char::is_lowercase));
    if letters().count() <= 3 || word == "VIII" || !(upper || (lower && raise)) {
        return word.to_owned();
    }
    let mut first = true;
    let character = |character: char| {
        let raised = first && character.is_alphabetic();
        first &= !character.is_alphabetic();
        if raised { character.to_uppercase().collect::<String>() } else { character.to_lowercase().collect() }
    };
    word.chars().map(character).collect()
}
