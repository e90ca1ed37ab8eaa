//! What a save is, without its content.

use crate::{Save, Scalar};

/// What a save says of itself, and how big it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Name of the game that was played.
    pub name: Option<String>,
    /// Version of the game, as `Phoenix v4.0.1`.
    pub version: Option<String>,
    /// Date within the game, as `2312.01.01`.
    pub date: Option<String>,
    /// Whether it is an ironman game.
    pub ironman: bool,
    /// Bytes of the file.
    pub zip_bytes: u64,
    /// Bytes of the gamestate.
    pub text_bytes: u64,
    /// The sections in the order of the file.
    pub sections: Vec<SectionSize>,
}

/// The size of one section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionSize {
    /// Its name.
    pub name: String,
    /// Bytes of its value's text.
    pub bytes: u64,
    /// How many entries it has; none of a scalar or a damaged section.
    pub entries: Option<u64>,
    /// What is wrong with it.
    pub damage: Option<String>,
}

impl Save {
    /// Describes the save. The sections' entries are counted, which indexes all of them.
    pub fn inspect(&self) -> Inspection {
        let sections = self.sections().map(|section| SectionSize {
            name: section.name().into_owned(),
            bytes: section.text().len() as u64,
            entries: if section.is_container() { section.entry_count().ok().map(|count| count as u64) } else { None },
            damage: section.damage().map(|damage| damage.to_string()),
        });
        Inspection {
            sha256: self.sha256().to_owned(),
            name: self.stated("name"),
            version: self.stated("version"),
            date: self.stated("date"),
            ironman: self.stated("ironman").is_some_and(|value| value == "yes"),
            zip_bytes: self.file_bytes(),
            text_bytes: self.text().len() as u64,
            sections: sections.collect(),
        }
    }

    /// A scalar of the gamestate's top level, else of the `meta` entry.
    pub fn stated(&self, name: &str) -> Option<String> {
        let scalar = self.sections_named(name).rev().find_map(|section| section.scalar().map(Scalar::text));
        let meta = || {
            let meta = self.meta.as_ref()?;
            meta.named(name).rev().find_map(|at| {
                let section = crate::SectionView { document: meta, at };
                section.scalar().map(Scalar::text)
            })
        };
        scalar.or_else(meta).map(std::borrow::Cow::into_owned)
    }
}
