//! Names as people read them.
//!
//! Up to 3.0 a save holds names as text. Later it holds keys of the game's localisation files, alone or with variables, which
//! cannot be translated exactly without those files: with a folder of them they win, without one the rules of `key` and
//! `template` tell what the key most probably reads.

mod key;
mod localisation;
mod template;
mod text;

use std::{
    cell::Cell,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use save_parsing::Raw;

use localisation::Localisation;

/// Where a displayed name comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameSource {
    /// Written so in the save.
    Literal,
    /// Put together from a template and its variables.
    Template,
    /// From a key by rule, or by the game's own localisation files.
    LocalizationKey,
    /// From the key of a template that no rule is known for.
    Fallback,
    /// There is none.
    Missing,
}

impl NameSource {
    /// As the briefing writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Template => "template",
            Self::LocalizationKey => "localization_key",
            Self::Fallback => "fallback",
            Self::Missing => "missing",
        }
    }
}

/// A name with where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// As people read it.
    pub display: String,
    /// The key or text of the save.
    pub raw_key: Option<String>,
    /// Where it comes from.
    pub source: NameSource,
    /// How sure that is, from 0 to 1.
    pub confidence: f64,
}

impl Name {
    fn missing(default: &str) -> Self {
        Self { display: default.to_owned(), raw_key: None, source: NameSource::Missing, confidence: 0.0 }
    }
}

/// More references of localised texts to others are not followed for one name: texts that refer to themselves have no end.
const MAX_REFERENCES: usize = 100;

/// What a key or a template reads, before it is told of which key.
struct Reading {
    display: String,
    source: NameSource,
    confidence: f64,
}

/// The rules of names, with the game's localisation files if they were given.
#[derive(Debug, Default)]
pub struct Names {
    folder: Option<Arc<PathBuf>>,
    localisation: OnceLock<Localisation>,
    literal_texts: bool,
}

impl Names {
    /// The rules, with a folder of the game's localisation files, which then win. The folder is read when the first key is
    /// to be translated.
    pub fn new(localisation: Option<Arc<PathBuf>>) -> Self {
        Self { folder: localisation, ..Self::default() }
    }

    /// The rules for a save whose texts are names as they are: up to version 3.0, which is told from the player's country
    /// having a text for its name. Only what begins with `NAME_` is a key there.
    #[must_use]
    pub fn with_literal_texts(mut self, literal: bool) -> Self {
        self.literal_texts = literal;
        self
    }

    /// The name that a value is; `default` if there is none.
    pub fn resolve(&self, name: Option<Raw<'_>>, default: &str) -> Name {
        match name {
            Some(Raw::Block(block)) => {
                let Some(key) = block.text("key").filter(|key| !key.trim().is_empty()) else {
                    return Name::missing(default);
                };
                named(template::read(self, block, 0), &key, default)
            }
            Some(other) => self.resolve_text(&other.text().unwrap_or_default(), default),
            None => Name::missing(default),
        }
    }

    /// The name that a text is, which may be a key; `default` if it is empty.
    pub fn resolve_text(&self, name: &str, default: &str) -> Name {
        if name.trim().is_empty() {
            return Name::missing(default);
        }
        // What the game's own events name has a key even where all other texts are names.
        let reading = if text::has_marks(name) && name.contains("$NAME_") {
            let display = self.filled(name, &[], 0);
            Reading { display, source: NameSource::Template, confidence: template::KNOWN }
        } else if key::is_key(name) && (!self.literal_texts || name.starts_with("NAME_")) {
            self.key(name)
        } else {
            literal(name)
        };
        named(reading, name, default)
    }

    /// What went wrong with the localisation files, in words; nothing if none were given or needed.
    pub fn warnings(&self) -> &[String] {
        self.localisation.get().map(Localisation::warnings).unwrap_or_default()
    }

    /// What a key without variables reads.
    fn key(&self, key: &str) -> Reading {
        match self.localised(key) {
            Some(text) => {
                // A reference is a key of the files too, or the name of something that only the game knows.
                let display = self.filled(text, &[], 0);
                Reading { display, source: NameSource::LocalizationKey, confidence: 1.0 }
            }
            None => key::read(key),
        }
    }

    /// The text of the game's own files for a key.
    fn localised(&self, key: &str) -> Option<&str> {
        let folder = self.folder.as_ref()?;
        self.localisation.get_or_init(|| Localisation::read(folder)).get(key)
    }

    /// A text with its `$marks$` replaced by the variables of those names, else by what the localisation files have for them.
    fn filled(&self, text: &str, variables: &[(String, String)], depth: usize) -> String {
        self.filled_within(text, variables, depth, &Cell::new(MAX_REFERENCES))
    }

    fn filled_within(
        &self,
        text: &str,
        variables: &[(String, String)],
        depth: usize,
        references: &Cell<usize>,
    ) -> String {
        let unknown = |mark: &str| match self.localised(mark) {
            Some(text) if depth < template::MAX_DEPTH && references.get() > 0 => {
                references.set(references.get() - 1);
                self.filled_within(text, variables, depth + 1, references)
            }
            _ => key::read(mark).display,
        };
        text::plain(&text::fill(text, |mark| {
            variables
                .iter()
                .find(|(name, _)| name == mark)
                .map(|(_, value)| value.clone())
                .unwrap_or_else(|| unknown(mark))
        }))
    }
}

fn literal(name: &str) -> Reading {
    Reading { display: text::plain(name), source: NameSource::Literal, confidence: 1.0 }
}

fn named(reading: Reading, raw_key: &str, default: &str) -> Name {
    let Reading { display, source, confidence } = reading;
    if display.is_empty() {
        return Name::missing(default);
    }
    Name { display, raw_key: Some(raw_key.to_owned()), source, confidence }
}

#[cfg(test)]
mod tests;
