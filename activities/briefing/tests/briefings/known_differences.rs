//! The briefings of the program that this one replaces say the same, but for what `known_differences.txt` lists as wrong in them.

use std::collections::BTreeSet;

use crate::{differences::differences, real};

const LIST: &str = include_str!("known_differences.txt");

/// A line of the list.
struct Known {
    line: usize,
    saves: Vec<&'static str>,
    path: Vec<&'static str>,
}

impl Known {
    fn matches(&self, path: &[String]) -> bool {
        let (steps, rest) = match self.path.split_last() {
            Some((&"**", steps)) => (steps, true),
            _ => (self.path.as_slice(), false),
        };
        let long = if rest { path.len() >= steps.len() } else { path.len() == steps.len() };
        long && steps.iter().zip(path).all(|(step, name)| *step == "*" || step == name)
    }
}

/// `SAVES | PATH | REASON`; a step `*` of the path is any one, `**` at its end all that is below.
fn list() -> Vec<Known> {
    let lines = LIST.lines().enumerate().filter(|(_, text)| !text.is_empty() && !text.starts_with('#'));
    let known = lines.map(|(at, text)| {
        let parts: Vec<&str> = text.splitn(3, '|').map(str::trim).collect();
        let [saves, path, reason] = parts.as_slice() else { panic!("line {}: three parts are wanted", at + 1) };
        assert!(!reason.is_empty(), "line {}: say why", at + 1);
        Known { line: at + 1, saves: saves.split(' ').collect(), path: path.split('.').collect() }
    });
    known.collect()
}

#[test]
fn the_old_briefings_differ_where_they_are_known_to_be_wrong_and_nowhere_else() {
    let list = list();
    let mut wrong = Vec::new();
    for real in real::saves() {
        let Some(old) = &real.old else { continue };
        let mut needed = BTreeSet::new();
        for difference in differences(old, &real.briefing) {
            let known: Vec<&Known> = list
                .iter()
                .filter(|known| known.saves.contains(&real.name.as_str()) && known.matches(&difference.path))
                .collect();
            needed.extend(known.iter().map(|known| known.line));
            if known.is_empty() {
                wrong.push(format!("{} {}: {}", real.name, difference.path.join("."), difference.what));
            }
        }
        let named = list.iter().filter(|known| known.saves.contains(&real.name.as_str()));
        let idle = named.filter(|known| !needed.contains(&known.line));
        wrong.extend(idle.map(|known| format!("{}: line {} of the list is not needed", real.name, known.line)));
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}
