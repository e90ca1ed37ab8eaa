//! Whole sections as one object.

use super::{GAME, TOOL_VERSION, distinct};
use crate::{Save, SaveError, Schema, SectionView, json, save::no_section, tape::with_tape};

impl Save {
    /// Writes sections as one object: `schema_version`, `tool_version`, `game`, then each of them that is there, `meta` with
    /// what the zip file's other entry holds.
    ///
    /// By schema version 1 the last of several sections with one name counts; by version 2 they are an array, and
    /// `$repeated` names them.
    ///
    /// # Errors
    /// That of a damaged section, `SectionNotFound` of one that is not there if `strict`.
    pub fn write_sections(
        &self,
        names: &[String],
        strict: bool,
        schema: Schema,
        out: &mut Vec<u8>,
    ) -> Result<(), SaveError> {
        out.push(b'{');
        let versions =
            format!("\"schema_version\":{},\"tool_version\":\"{TOOL_VERSION}\",\"game\":\"{GAME}\"", schema.version());
        out.extend_from_slice(versions.as_bytes());
        let mut repeated = Vec::new();
        for name in distinct(names.iter().map(String::as_str)) {
            let sections: Vec<SectionView<'_>> = self.sections_named(name).collect();
            let before = out.len();
            out.push(b',');
            json::push_str(name, out);
            out.push(b':');
            match (schema, sections.as_slice()) {
                (_, []) if name == "meta" && self.meta.is_some() => self.write_meta(schema, out)?,
                (_, []) if strict => return Err(no_section(name)),
                (_, []) => out.truncate(before),
                (Schema::V1, [.., last]) => last.write(schema, out)?,
                (Schema::V2(_), [only]) => only.write_field(schema, out)?,
                (Schema::V2(_), several) => {
                    repeated.push(name);
                    out.push(b'[');
                    for section in several {
                        json::separate(out);
                        section.write_field(schema, out)?;
                    }
                    out.push(b']');
                }
            }
        }
        if !repeated.is_empty() {
            out.extend_from_slice(b",\"$repeated\":[");
            for name in repeated {
                json::separate(out);
                json::push_str(name, out);
            }
            out.push(b']');
        }
        out.push(b'}');
        Ok(())
    }

    /// Writes what the `meta` entry holds as one object; nothing if there is none.
    ///
    /// # Errors
    /// That of damage in it.
    pub fn write_meta(&self, schema: Schema, out: &mut Vec<u8>) -> Result<(), SaveError> {
        let Some(meta) = &self.meta else { return Ok(()) };
        if let Some(damage) = meta.damages().first() {
            return Err(damage.error());
        }
        with_tape(|tape| {
            let tree = tape.parse(meta.text_after_mark(), false, 0, meta.limits.depth);
            let tree = tree.map_err(|problem| crate::index::describe(meta.text(), problem, None, true).error())?;
            schema.write(tree.whole(), out);
            Ok(())
        })
    }
}
