//! What a call of a model costs: a table of prices in US dollars per million tokens.

use std::{collections::HashMap, path::Path};

/// The table that comes with the program.
const TABLE: &str = include_str!("model-prices.tsv");

const COLUMNS: [&str; 8] =
    ["provider", "model", "aliases", "above_prompt_tokens", "input", "output", "cache_read", "cache_write"];

/// Tokens of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(missing_docs, reason = "the names are those of an event")]
pub struct Tokens {
    pub input: u64,
    pub output: u64,
    pub cache_read: u64,
    pub cache_write: u64,
}

/// Prices of prompts above a size, in US dollars per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Band {
    above: u64,
    input: f64,
    output: f64,
    cache_read: f64,
    cache_write: f64,
}

/// The table.
#[derive(Debug, Clone)]
pub struct Prices {
    /// By model, ascending by size.
    bands: HashMap<String, Vec<Band>>,
    /// Other names of models.
    aliases: HashMap<String, String>,
}

/// A line of the table that says no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the price table: {what}")]
pub struct BadTable {
    /// From 1; 0 when the file could not be read.
    pub line: usize,
    /// What is wrong.
    pub what: String,
}

impl Default for Prices {
    /// The table that comes with the program.
    fn default() -> Self {
        // A test reads it.
        Self::parse(TABLE).unwrap_or_else(|_| Self { bands: HashMap::new(), aliases: HashMap::new() })
    }
}

impl Prices {
    /// Reads a table: tab-separated, a header line, the columns provider, model, aliases (separated by commas),
    /// above_prompt_tokens, input, output, cache_read, cache_write. Lines that begin with `#` are left out.
    ///
    /// # Errors
    /// For the first line that is none.
    pub fn parse(table: &str) -> Result<Self, BadTable> {
        let mut prices = Self { bands: HashMap::new(), aliases: HashMap::new() };
        let lines = table.lines().enumerate().map(|(at, line)| (at + 1, line.trim_end_matches('\r')));
        let mut lines = lines.filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        match lines.next() {
            Some((_, header)) if header.split('\t').eq(COLUMNS) => {}
            found => {
                let line = found.map_or(1, |(line, _)| line);
                return Err(BadTable { line, what: format!("expected the columns {}", COLUMNS.join(", ")) });
            }
        }
        for (line, text) in lines {
            prices.add(text).map_err(|what| BadTable { line, what })?;
        }
        for bands in prices.bands.values_mut() {
            bands.sort_by_key(|band| band.above);
        }
        Ok(prices)
    }

    /// Reads the table of a file.
    ///
    /// # Errors
    /// When it cannot be read, or as [`Prices::parse`].
    pub fn read(file: &Path) -> Result<Self, BadTable> {
        let table = std::fs::read_to_string(file)
            .map_err(|error| BadTable { line: 0, what: format!("{}: {error}", file.display()) })?;
        Self::parse(&table)
    }

    fn add(&mut self, line: &str) -> Result<(), String> {
        let columns: Vec<&str> = line.split('\t').collect();
        let [_provider, model, aliases, above, prices @ ..] = columns.as_slice() else {
            return Err(format!("{} columns, not {}", columns.len(), COLUMNS.len()));
        };
        let prices: Vec<f64> = prices.iter().filter_map(|price| price.parse().ok()).collect();
        let [input, output, cache_read, cache_write] = prices.as_slice() else {
            return Err("four prices are expected".to_owned());
        };
        if model.is_empty() || !prices.iter().all(|price| price.is_finite() && *price >= 0.0) {
            return Err("a model and prices of 0 or more are expected".to_owned());
        }
        let above = above.parse().map_err(|_| format!("\"{above}\" is no count of tokens"))?;
        for alias in aliases.split(',').filter(|alias| !alias.is_empty()) {
            self.aliases.insert(alias.to_owned(), (*model).to_owned());
        }
        self.bands.entry((*model).to_owned()).or_default().push(Band {
            above,
            input: *input,
            output: *output,
            cache_read: *cache_read,
            cache_write: *cache_write,
        });
        Ok(())
    }

    /// US dollars for a call; `None` for a model that is not in the table. A provider before the name is left out.
    pub fn cost(&self, model: &str, tokens: Tokens) -> Option<f64> {
        let mut name = model;
        for provider in ["anthropic/", "openai/", "google/"] {
            name = name.strip_prefix(provider).unwrap_or(name);
        }
        let bands = self.bands.get(name).or_else(|| self.bands.get(self.aliases.get(name)?))?;
        let prompt = tokens.input.saturating_add(tokens.cache_read).saturating_add(tokens.cache_write);
        // The band from 0 holds for an empty prompt too.
        let band = bands.iter().rev().find(|band| prompt > band.above).or_else(|| bands.first())?;
        let part = |tokens: u64, price: f64| {
            #[expect(clippy::cast_precision_loss, reason = "counts of tokens stay below 2^53")]
            let tokens = tokens as f64;
            tokens * (price / 1_000_000.0)
        };
        Some(
            part(tokens.input, band.input)
                + part(tokens.output, band.output)
                + part(tokens.cache_read, band.cache_read)
                + part(tokens.cache_write, band.cache_write),
        )
    }
}
