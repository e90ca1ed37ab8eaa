//! A section entry by entry.

use crate::{EntryView, Save, SaveError, Schema, SectionView, Tape, json, save::no_section, tape::with_tape};

/// The entries of a section, each as `{"key": ..., "value": ...}`. One entry is in memory at a time.
pub struct EntryStream<'s> {
    entries: Box<dyn Iterator<Item = EntryView<'s>> + 's>,
    /// Schema version 1 only: what has items beside its entries ends with one named `remainder`.
    remainder: Option<SectionView<'s>>,
    schema: Schema,
    tape: Tape,
}

impl Save {
    /// The entries of the section `name` in the order of the file.
    ///
    /// Schema version 1 gives the entries with a key of the last section with this name that is a container, of several with
    /// one key the last; a list, a scalar and what is not there give none. Version 2 gives the members of every section
    /// with this name; items have the key `null`. With `strict`, a name that is not there is an error.
    ///
    /// # Errors
    /// That of the section's damage, `SectionNotFound`.
    pub fn iter_section(&self, name: &str, strict: bool, schema: Schema) -> Result<EntryStream<'_>, SaveError> {
        let found: Vec<usize> = self.gamestate.named(name).collect();
        if found.is_empty() && strict {
            return Err(no_section(name));
        }
        let mut views: Vec<SectionView<'_>> =
            found.into_iter().map(|at| SectionView { document: &self.gamestate, at }).collect();
        let mut remainder = None;
        if schema == Schema::V1 {
            views = views.into_iter().rev().find(SectionView::is_container).into_iter().collect();
            if let [section] = views.as_slice()
                && section.field_count()? > 0
                && section.entry_count()? > section.field_count()?
            {
                remainder = Some(*section);
            }
        }
        let mut lists = Vec::new();
        for view in views {
            lists.push(view.entries()?);
        }
        let wanted = move |entry: &EntryView<'_>| schema != Schema::V1 || entry.key().is_some() && !entry.superseded();
        let entries = Box::new(lists.into_iter().flatten().filter(wanted));
        Ok(EntryStream { entries, remainder, schema, tape: Tape::default() })
    }
}

impl EntryStream<'_> {
    /// Writes the next entry as one object; false when there is none left.
    ///
    /// # Errors
    /// `ParseError` for damage in the entry.
    pub fn write_next(&mut self, out: &mut Vec<u8>) -> Result<bool, SaveError> {
        let Some(entry) = self.entries.next() else { return self.write_remainder(out) };
        out.extend_from_slice(b"{\"key\":");
        match entry.key() {
            Some(key) => self.schema.write_key(key, out),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(b",\"value\":");
        entry.write_field(self.schema, &mut self.tape, out)?;
        out.push(b'}');
        Ok(true)
    }

    fn write_remainder(&mut self, out: &mut Vec<u8>) -> Result<bool, SaveError> {
        let Some(section) = self.remainder.take() else { return Ok(false) };
        out.extend_from_slice(b"{\"key\":\"remainder\",\"value\":[");
        section.write_items(&mut self.tape, out)?;
        out.extend_from_slice(b"]}");
        Ok(true)
    }
}

impl EntryView<'_> {
    /// Writes its value, with its operator where schema version 2 keeps it.
    pub(crate) fn write_field(self, schema: Schema, tape: &mut Tape, out: &mut Vec<u8>) -> Result<(), SaveError> {
        let close = schema.open_operator(self.operator(), out);
        schema.write(self.parse(tape)?, out);
        out.extend_from_slice(close);
        Ok(())
    }
}

impl SectionView<'_> {
    /// Writes its value, a big one entry by entry.
    ///
    /// # Errors
    /// That of its damage.
    pub fn write(self, schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
        let (all, fields) = (self.entry_count()?, self.field_count()?);
        let plain = fields == all && all > 0 && self.has_no_header();
        if schema != Schema::V1 || !plain {
            return with_tape(|tape| {
                schema.write(self.parse(tape)?, out);
                Ok(())
            });
        }
        let mut tape = Tape::default();
        out.push(b'{');
        for entry in self.entries()?.filter(|entry| !entry.superseded()) {
            let Some(key) = entry.key() else { continue };
            json::separate(out);
            schema.write_key(key, out);
            if entry.operator() == crate::Operator::Exists {
                out.pop();
                out.extend_from_slice(b"?\"");
            }
            out.push(b':');
            schema.write(entry.parse(&mut tape)?, out);
        }
        out.push(b'}');
        Ok(())
    }

    fn has_no_header(self) -> bool {
        self.text().first() == Some(&b'{')
    }

    /// As [`SectionView::write`], with its operator where schema version 2 keeps it.
    pub(crate) fn write_field(self, schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
        let close = schema.open_operator(self.operator(), out);
        self.write(schema, out)?;
        out.extend_from_slice(close);
        Ok(())
    }

    fn write_items(self, tape: &mut Tape, out: &mut Vec<u8>) -> Result<(), SaveError> {
        for entry in self.entries()?.filter(|entry| entry.key().is_none()) {
            let value = entry.parse(tape)?;
            if value.is_container() && !value.has_fields() && !value.has_items() {
                continue;
            }
            json::separate(out);
            Schema::V1.write(value, out);
        }
        Ok(())
    }
}
