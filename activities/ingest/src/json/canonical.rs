//! A value as `JSON.stringify(JSON.parse(text))` prints it.

use super::{Raw, number, ordered, text};

/// The compact JSON of a value: keys that are whole numbers first, then the others in their order; the last value of a
/// repeated key in the place of the first; numbers as JavaScript prints them.
pub fn canonical(value: Raw<'_>) -> String {
    let mut out = String::new();
    match value {
        Raw::Null => out.push_str("null"),
        Raw::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Raw::Number(raw) => number::write_raw(&mut out, raw),
        Raw::Text(text) => text::write_text(&mut out, &text.decode()),
        Raw::Container { raw, odd: true, .. } => ordered::write(&mut out, raw),
        Raw::Container { raw, spaced: true, .. } => without_blanks(&mut out, raw),
        Raw::Container { raw, .. } => out.push_str(raw),
    }
    out
}

/// Leaves out the blanks between the parts of a value that has no escapes.
fn without_blanks(out: &mut String, raw: &str) {
    out.reserve(raw.len());
    for (position, part) in raw.split('"').enumerate() {
        if position > 0 {
            out.push('"');
        }
        if position % 2 == 1 {
            out.push_str(part);
        } else {
            for word in part.split_ascii_whitespace() {
                out.push_str(word);
            }
        }
    }
}
