//! Sections and their entries, as far as they are asked for.

use crate::{
    SaveError, Scalar, Tape, Tree, Value,
    document::Document,
    entries::{Entries, Entry},
    members::{MemberValue, Problem, Span},
    save::no_section,
    text,
};

/// A section of a save.
#[derive(Debug, Clone, Copy)]
pub struct SectionView<'s> {
    pub(crate) document: &'s Document,
    pub(crate) at: usize,
}

impl<'s> SectionView<'s> {
    fn value_span(self) -> Option<Span> {
        let member = self.document.sections().get(self.at)?.member;
        Some(match member.value {
            MemberValue::Scalar { span, quoted } => {
                Span { start: span.start - usize::from(quoted), end: span.end + usize::from(quoted) }
            }
            MemberValue::Container { span } if member.block => {
                // Without its bracket, where it has one.
                Span { start: span.start, end: span.end.saturating_sub(1).max(span.start) }
            }
            MemberValue::Container { span } => {
                Span { start: member.header.map_or(span.start, |header| header.start), end: span.end }
            }
            MemberValue::Missing => {
                let end = member.end(self.document.text());
                Span { start: end, end }
            }
        })
    }

    /// Its name; empty for a value that stands at the top level without one.
    pub fn name(self) -> std::borrow::Cow<'s, str> {
        self.document
            .sections()
            .get(self.at)
            .map_or_else(Default::default, |section| text::characters(self.document.name(section)))
    }

    /// The text of its value, with the braces.
    pub fn text(self) -> &'s [u8] {
        self.value_span().map(|span| span.of(self.document.text())).unwrap_or_default()
    }

    /// What stands between its name and its value.
    pub fn operator(self) -> crate::Operator {
        self.document.sections().get(self.at).map_or_else(Default::default, crate::Section::operator)
    }

    /// Whether it is a container.
    pub fn is_container(&self) -> bool {
        self.document.sections().get(self.at).is_some_and(crate::Section::is_container)
    }

    /// Its scalar, if it is one.
    pub fn scalar(self) -> Option<Scalar<'s>> {
        match self.document.sections().get(self.at)?.member.value {
            MemberValue::Scalar { span, quoted } => Some(Scalar { bytes: span.of(self.document.text()), quoted }),
            _ => None,
        }
    }

    /// Its damage, if it has one that makes it unreadable.
    pub fn damage(self) -> Option<SaveError> {
        self.document.sound(self.at).err()
    }

    /// Its container where it stands in the text, to be read without an index of its entries; none of a scalar.
    ///
    /// # Errors
    /// That of its damage.
    pub fn block(self) -> Result<Option<crate::RawBlock<'s>>, SaveError> {
        self.document.sound(self.at)?;
        Ok(crate::Raw::of(self.text()).block())
    }

    /// Indexes the entries anew and says how many they are; what a bench measures.
    #[doc(hidden)]
    pub fn reindexed(self) -> usize {
        let span = self.document.sections().get(self.at).and_then(|section| match section.member.value {
            MemberValue::Container { span } => Some(span),
            _ => None,
        });
        span.map_or(0, |span| Entries::of(self.document.text(), span, &self.document.limits).len())
    }

    /// How many entries it has: fields and items.
    ///
    /// # Errors
    /// That of its damage.
    pub fn entry_count(self) -> Result<usize, SaveError> {
        Ok(self.document.entries(self.at)?.map_or(0, Entries::len))
    }

    /// How many of its entries have a key.
    ///
    /// # Errors
    /// That of its damage.
    pub fn field_count(self) -> Result<usize, SaveError> {
        Ok(self.document.entries(self.at)?.map_or(0, |entries| entries.fields))
    }

    /// Its entries in the order of the file.
    ///
    /// # Errors
    /// That of its damage.
    pub fn entries(self) -> Result<impl Iterator<Item = EntryView<'s>>, SaveError> {
        let entries = self.document.entries(self.at)?;
        let view = move |entry| EntryView { section: self, entry };
        Ok(entries.into_iter().flat_map(Entries::iter).map(view))
    }

    /// Its entry with this key; the last one, if there are several.
    ///
    /// # Errors
    /// That of its damage.
    pub fn entry(self, key: &str) -> Result<Option<EntryView<'s>>, SaveError> {
        Ok(self.entries_with(key)?.next())
    }

    /// Its entries with this key, the last one first.
    ///
    /// # Errors
    /// That of its damage.
    pub fn entries_with(self, key: &str) -> Result<impl Iterator<Item = EntryView<'s>>, SaveError> {
        let entries = self.document.entries(self.at)?;
        let view = move |entry| EntryView { section: self, entry };
        let found: Vec<Entry> =
            entries.map(|entries| entries.with_key(self.document.text(), key.as_bytes()).collect()).unwrap_or_default();
        Ok(found.into_iter().map(view))
    }

    /// Parses the whole section.
    ///
    /// # Errors
    /// That of its damage.
    pub fn parse<'t>(self, tape: &'t mut Tape) -> Result<Value<'t>, SaveError>
    where
        's: 't,
    {
        self.document.sound(self.at)?;
        let span = self.value_span().unwrap_or(Span { start: 0, end: 0 });
        let block = self.document.sections().get(self.at).is_some_and(|section| section.member.block);
        let tree = self.parse_span(span, !block, 0, tape)?;
        Ok(if block { tree.whole() } else { tree.root() })
    }

    fn parse_span<'t>(self, span: Span, is_value: bool, depth: u32, tape: &'t mut Tape) -> Result<Tree<'t>, SaveError>
    where
        's: 't,
    {
        let text = span.of(self.document.text());
        tape.parse(text, is_value, depth, self.document.limits.depth).map_err(|problem| {
            let problem = moved(problem, span.start);
            match self.document.sections().get(self.at) {
                Some(section) => self.document.problem(section, problem),
                None => no_section(""),
            }
        })
    }
}

fn moved(problem: Problem, by: usize) -> Problem {
    match problem {
        Problem::ClosesNothing(at) => Problem::ClosesNothing(at + by),
        Problem::NeverCloses(at) => Problem::NeverCloses(at + by),
        Problem::NeverEnds(at) => Problem::NeverEnds(at + by),
        Problem::NoKey(at) => Problem::NoKey(at + by),
        Problem::TooDeep(at) => Problem::TooDeep(at + by),
    }
}

/// An entry of a section.
#[derive(Debug, Clone, Copy)]
pub struct EntryView<'s> {
    section: SectionView<'s>,
    entry: Entry,
}

impl<'s> EntryView<'s> {
    fn whole(self) -> &'s [u8] {
        self.section.document.text()
    }

    /// Its key; an item has none.
    pub fn key(self) -> Option<Scalar<'s>> {
        let key = self.entry.key?;
        let quoted = !self.entry.block && self.whole().get(self.entry.start) == Some(&b'"');
        Some(Scalar { bytes: key.of(self.whole()), quoted })
    }

    /// What stands between key and value.
    pub fn operator(self) -> crate::Operator {
        self.entry.operator
    }

    /// Whether it is a container; the text may also have `7=none` or the like.
    pub fn is_container(self) -> bool {
        self.entry.container
    }

    /// Whether a later entry of the section has the same key.
    pub fn superseded(self) -> bool {
        self.entry.superseded
    }

    /// The text of its value, with its quotes or braces.
    pub fn value_text(self) -> &'s [u8] {
        self.entry.value.of(self.whole())
    }

    /// Where its value starts; two values never start at the same place.
    pub(crate) fn value_start(self) -> usize {
        self.entry.value.start
    }

    /// Its text from the line break before its key to the end of its value, as the file has it.
    pub fn text(self) -> &'s [u8] {
        let before = self.whole().get(..self.entry.start).unwrap_or_default();
        let indent = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let line = self.entry.start - indent;
        let start = match before.get(..line) {
            Some([.., b'\r', b'\n']) => line - 2,
            Some([.., b'\n']) => line - 1,
            _ => self.entry.start,
        };
        self.whole().get(start..self.entry.value.end).unwrap_or_default()
    }

    /// Parses it.
    ///
    /// # Errors
    /// `ParseError` for damage in it.
    pub fn parse<'t>(self, tape: &'t mut Tape) -> Result<Value<'t>, SaveError>
    where
        's: 't,
    {
        let span = self.entry.value;
        if self.entry.block {
            let span = Span { start: span.start, end: span.end - 1 };
            return Ok(self.section.parse_span(span, false, 1, tape)?.whole());
        }
        Ok(self.section.parse_span(span, true, 1, tape)?.root())
    }
}
