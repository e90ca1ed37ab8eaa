//! One world in five versions of the game: each briefing reviewed, and counted a second time.

use briefing::{Options, brief};
use insta::assert_compact_json_snapshot;
use serde_json::Value;

use crate::{
    saves::{self, AGES, Age, tree},
    second_reading::disagreements,
};

pub(crate) fn briefing(age: Age) -> Value {
    brief(&saves::save(age), &Options::default()).unwrap().to_json()
}

#[test]
fn each_version_has_its_briefing() {
    for age in AGES {
        let briefing = brief(&saves::save(age), &Options::default()).unwrap();
        assert_compact_json_snapshot!(age.label(), briefing);
    }
}

#[test]
fn a_second_reading_of_each_version_counts_the_same() {
    for age in AGES {
        let wrong = disagreements(&saves::save(age), &briefing(age));
        assert!(wrong.is_empty(), "{age:?}:\n{}", wrong.join("\n"));
    }
}

#[test]
fn the_saves_are_sound() {
    for age in AGES {
        let text = saves::text(age);
        let save = saves::of(text.clone());
        assert!(save.damages().is_empty(), "{age:?}: {:?}", save.damages());
        let parts = tree::parse(&text);
        assert_eq!(tree::parse(&tree::print(&parts)), parts);
    }
}
