//! A text with its index: the gamestate, or the meta entry.

use std::sync::OnceLock;

use crate::{
    Damage, Limits, SaveError, Section,
    buffers::Pooled,
    entries::Entries,
    index::{Index, describe},
    keys::{KeyTable, NONE},
    members::MemberValue,
    text,
};

#[derive(Debug)]
pub(crate) struct Document {
    text: Pooled,
    index: Index,
    entries: Vec<OnceLock<Box<Entries>>>,
    names: KeyTable,
    /// Of each section, the one before it with the same name.
    earlier: Vec<u32>,
    pub(crate) limits: Limits,
}

/// The name of a section that has one.
fn name_of<'t>(text: &'t [u8], section: Option<&Section>) -> Option<&'t [u8]> {
    section?.member.key.map(|key| key.of(text))
}

impl Document {
    pub(crate) fn new(text: Pooled, limits: &Limits) -> Self {
        let index = Index::of(&text, limits);
        let entries = index.sections.iter().map(|_| OnceLock::new()).collect();
        let mut names = KeyTable::default();
        names.reset(index.sections.len());
        let name = |at: u32| name_of(&text, index.sections.get(at as usize)).unwrap_or_default();
        let earlier = index.sections.iter().zip(0u32..).map(|(section, at)| {
            let name_here = name_of(&text, Some(section))?;
            names.insert(at, name_here, name)
        });
        let earlier = earlier.map(|earlier| earlier.unwrap_or(NONE)).collect();
        Self { text, index, entries, names, earlier, limits: limits.clone() }
    }

    pub(crate) fn text(&self) -> &[u8] {
        &self.text
    }

    /// The text without the mark that says it is UTF-8.
    pub(crate) fn text_after_mark(&self) -> &[u8] {
        self.text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.text)
    }

    pub(crate) fn sections(&self) -> &[Section] {
        &self.index.sections
    }

    pub(crate) fn reindexed(&self) -> usize {
        Index::of(&self.text, &self.limits).sections.len()
    }

    pub(crate) fn damages(&self) -> &[Damage] {
        &self.index.damages
    }

    pub(crate) fn name(&self, section: &Section) -> &[u8] {
        section.member.key.map(|key| key.of(&self.text)).unwrap_or_default()
    }

    /// The numbers of the sections with this name, in the order of the file.
    pub(crate) fn named(&self, name: &str) -> impl DoubleEndedIterator<Item = usize> + use<> {
        let name_at = |at: u32| name_of(&self.text, self.index.sections.get(at as usize)).unwrap_or_default();
        let last = self.names.find(name.as_bytes(), name_at);
        let earlier = |at: &u32| self.earlier.get(*at as usize).copied().filter(|earlier| *earlier != NONE);
        let mut numbers: Vec<usize> = std::iter::successors(last, earlier).map(|at| at as usize).collect();
        numbers.reverse();
        numbers.into_iter()
    }

    /// The section, unless it is damaged.
    pub(crate) fn sound(&self, at: usize) -> Result<&Section, SaveError> {
        let Some(section) = self.index.sections.get(at) else { return Err(crate::save::no_section("")) };
        match section.damage.and_then(|damage| self.index.damages.get(damage)) {
            Some(damage) => Err(damage.error()),
            None => Ok(section),
        }
    }

    /// The entries of a section; none of a scalar. Made at the first call.
    pub(crate) fn entries(&self, at: usize) -> Result<Option<&Entries>, SaveError> {
        let section = self.sound(at)?;
        let (MemberValue::Container { span }, Some(cell)) = (section.member.value, self.entries.get(at)) else {
            return Ok(None);
        };
        let mut span = span;
        if section.member.block {
            // A parameter block has no opening brace; its bracket ends it as the end of the text would.
            span.start -= 1;
            span.end -= 1;
        }
        let entries = cell.get_or_init(|| Box::new(Entries::of(&self.text, span, &self.limits)));
        match entries.problem {
            Some(problem) => Err(self.problem(section, problem)),
            None => Ok(Some(entries)),
        }
    }

    /// The failure that a problem within a section is.
    pub(crate) fn problem(&self, section: &Section, problem: crate::members::Problem) -> SaveError {
        let name = text::characters(self.name(section)).into_owned();
        describe(&self.text, problem, Some(name), true).error()
    }
}
