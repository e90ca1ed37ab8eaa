//! Texts of names: colour codes, `$marks$`, and how long a name may get.

/// Longer names are cut: templates of a hostile save could multiply themselves without end.
const MAX_BYTES: usize = 1_000;

/// The text without colour codes, with single spaces, not too long.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len().min(MAX_BYTES));
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            // A code is the mark and one character: `§Y` begins a colour, `§!` ends it. 2.x writes the byte 0x11 for the mark.
            '§' | '\u{11}' => {
                characters.next();
            }
            _ if character.is_whitespace() || character.is_control() => {
                if !plain.is_empty() && !plain.ends_with(' ') {
                    plain.push(' ');
                }
            }
            _ => plain.push(character),
        }
        if plain.len() >= MAX_BYTES {
            break;
        }
    }
    plain.truncate(plain.trim_end().len());
    plain
}

/// Several texts with spaces between those that are not empty.
pub(super) fn joined<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let mut whole = String::new();
    for text in texts.into_iter().filter(|text| !text.is_empty()) {
        if !whole.is_empty() {
            whole.push(' ');
        }
        whole.push_str(text);
        if whole.len() >= MAX_BYTES {
            break;
        }
    }
    plain(&whole)
}

/// The names between `$` and `$`; what follows a `|` in them is how the game formats the value.
pub(super) fn has_marks(text: &str) -> bool {
    text.split_once('$').is_some_and(|(_, rest)| rest.split_once('$').is_some_and(|(mark, _)| is_mark(mark)))
}

/// The text with each `$mark$` replaced.
pub(super) fn fill(text: &str, value: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        match after.split_once('$') {
            Some((mark, behind)) if is_mark(mark) => {
                filled.push_str(&value(mark.split('|').next().unwrap_or_default()));
                rest = behind;
            }
            _ => {
                filled.push('$');
                rest = after;
            }
        }
        if filled.len() >= MAX_BYTES {
            return filled;
        }
    }
    filled.push_str(rest);
    filled
}

fn is_mark(mark: &str) -> bool {
    !mark.is_empty() && !mark.contains(char::is_whitespace)
}
