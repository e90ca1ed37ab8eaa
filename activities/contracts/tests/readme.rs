//! The README's table of settings is the one in `env.rs`. `GANTRY_UPDATE_README=1` writes it anew.
#![allow(clippy::unwrap_used, reason = "in a test, what goes wrong ends it")]

use std::{env, fs, path::Path};

const BEGIN: &str = "<!-- settings: made from activities/contracts/src/env.rs, kept true by a test -->\n";
const END: &str = "<!-- end of settings -->";

#[test]
fn the_readme_lists_every_setting() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let text = fs::read_to_string(&path).unwrap();
    let (head, rest) = text.split_once(BEGIN).unwrap();
    let (table, tail) = rest.split_once(END).unwrap();
    let mut expected = String::from("| variable | meaning | when unset |\n| --- | --- | --- |\n");
    for variable in contracts::env::ALL {
        let unescaped = format!("| `{}` | {} | {} |\n", variable.name, variable.meaning, variable.default);
        expected.push_str(&unescaped);
    }
    if env::var_os("GANTRY_UPDATE_README").is_some() {
        fs::write(&path, format!("{head}{BEGIN}{expected}{END}{tail}")).unwrap();
        return;
    }
    assert_eq!(table, expected, "run: GANTRY_UPDATE_README=1 cargo test -p contracts --test readme");
}
