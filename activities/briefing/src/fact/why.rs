//! Why a fact is as it is: a rule, and the values of the save that it was given.

use std::{borrow::Cow, fmt};

/// Why a fact is as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// The rule in words.
    pub rule: Cow<'static, str>,
    /// Whether the rule is a guess, which the game does not confirm.
    pub heuristic: bool,
    /// Where in the save the values come from, and what they are.
    pub sources: Vec<Source>,
}

/// A value of the save that a fact comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The path in the save, as `country.0.budget.current_month.income`.
    pub path: String,
    /// The value there, or what was counted.
    pub value: String,
}

/// More sources than these are counted instead of listed.
const MAX_SOURCES: usize = 50;

impl Why {
    /// A rule in words.
    pub fn rule(rule: impl Into<Cow<'static, str>>) -> Self {
        Self { rule: rule.into(), heuristic: false, sources: Vec::new() }
    }

    /// A rule in words that is a guess.
    pub fn heuristic(rule: impl Into<Cow<'static, str>>) -> Self {
        Self { heuristic: true, ..Self::rule(rule) }
    }

    /// Adds where a value comes from.
    #[must_use]
    pub fn from(mut self, path: impl Into<String>, value: impl fmt::Display) -> Self {
        self.sources.push(Source { path: path.into(), value: value.to_string() });
        self
    }

    /// Adds where many values come from; beyond a number of them the rest is counted.
    #[must_use]
    pub fn from_all<P: Into<String>, V: fmt::Display>(mut self, sources: impl IntoIterator<Item = (P, V)>) -> Self {
        let mut left_out = 0usize;
        for (path, value) in sources {
            if self.sources.len() < MAX_SOURCES {
                self = self.from(path, value);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 { self.from("...", format!("{left_out} more")) } else { self }
    }
}
