//! Every number says why it is so, below the name of its part.

use briefing::{
    Options, brief,
    fact::{Fact, Object},
};
use save_parsing::Save;

use crate::{
    real,
    saves::{self, AGES},
};

/// Paths of the numbers that no explanation holds for.
fn unexplained(object: &Object, path: &str, explained: bool, found: &mut Vec<String>) {
    for member in object.members() {
        let path = if path.is_empty() { member.name.to_string() } else { format!("{path}.{}", member.name) };
        walk(&member.fact, &path, explained || member.why.is_some(), found);
    }
}

fn walk(fact: &Fact, path: &str, explained: bool, found: &mut Vec<String>) {
    match fact {
        Fact::Integer(_) | Fact::Number(_) if !explained => found.push(path.to_owned()),
        Fact::Object(object) => unexplained(object, path, explained, found),
        Fact::List(items) => {
            items.iter().enumerate().for_each(|(at, item)| walk(item, &format!("{path}.{at}"), explained, found));
        }
        _ => {}
    }
}

fn missing(save: &Save) -> Vec<String> {
    let briefing = brief(save, &Options { explain: true, ..Options::default() }).unwrap();
    let mut found = Vec::new();
    for part in briefing.parts.members() {
        // One that holds for the whole part says too little.
        let Fact::Object(object) = &part.fact else { panic!("{} is no object", part.name) };
        unexplained(object, &part.name, false, &mut found);
    }
    found
}

#[test]
fn every_number_is_explained() {
    for age in AGES {
        assert_eq!(missing(&saves::save(age)), [""; 0], "{age:?}");
    }
    for real in real::saves() {
        assert_eq!(missing(&real.save), [""; 0], "{}", real.name);
    }
}

#[test]
fn a_briefing_with_explanations_says_the_same() {
    for age in AGES {
        let save = saves::save(age);
        let plain = brief(&save, &Options::default()).unwrap();
        let explained = brief(&save, &Options { explain: true, ..Options::default() }).unwrap();
        assert_eq!(plain.to_json(), explained.to_json(), "{age:?}");
    }
}

#[test]
fn each_rule_can_be_asked_for() {
    for age in AGES {
        let briefing = brief(&saves::save(age), &Options { explain: true, ..Options::default() }).unwrap();
        for part in briefing.parts.members() {
            let text = briefing.explanation(&part.name).unwrap();
            assert!(!text.is_empty(), "{age:?} {}", part.name);
        }
    }
}
