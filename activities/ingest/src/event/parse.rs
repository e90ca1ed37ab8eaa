//! One event out of one body.

use std::borrow::Cow;

use super::{
    Content, Invalid, Limits, NewEvent,
    fields::{self, Fields},
};
use crate::json::{Malformed, Scanner};

/// The source of an event that names none.
pub(super) const DEFAULT_SOURCE: &str = "api";

/// Layers of quotes that are taken off a body.
const LAYERS: usize = 3;

/// Reads the body of `POST /api/events`, with every leniency of the contract: a text that holds JSON is unwrapped up to
/// three layers, a byte order mark is skipped, bytes that are no text become U+FFFD.
pub fn parse(body: &[u8], content: Content, limits: &Limits) -> Result<NewEvent, Invalid> {
    parse_text(&content.text(body), limits)
}

/// As [`parse`], of a text that is decoded already: a line of NDJSON, a field of another message.
pub fn parse_text(text: &str, limits: &Limits) -> Result<NewEvent, Invalid> {
    parse_from(text, limits, DEFAULT_SOURCE)
}

/// As [`parse_text`], with another source for an event that names none.
pub fn parse_from(text: &str, limits: &Limits, default_source: &str) -> Result<NewEvent, Invalid> {
    let text = unwrap(text);
    let mut scanner = Scanner::new(&text);
    let mut whole = || -> Result<Option<Fields<'_>>, Malformed> {
        let fields = object(&mut scanner)?;
        scanner.end()?;
        Ok(fields)
    };
    match whole() {
        Ok(Some(fields)) => fields::check(&fields, limits, default_source),
        Ok(None) | Err(_) => Err(Invalid::body()),
    }
}

/// The fields of the object at the cursor, and the cursor behind it; `None` when another value stands there.
pub(super) fn object<'a>(scanner: &mut Scanner<'a>) -> Result<Option<Fields<'a>>, Malformed> {
    scanner.blanks();
    if !scanner.next_is(b'{') {
        scanner.value()?;
        return Ok(None);
    }
    let mut fields = Fields::default();
    members(scanner, |name, scanner| {
        let value = scanner.value()?;
        fields.set(name, value);
        Ok(())
    })?;
    Ok(Some(fields))
}

/// Calls back for each member of the object at the cursor; the callback takes the value.
pub(crate) fn members<'a>(
    scanner: &mut Scanner<'a>,
    mut member: impl FnMut(&str, &mut Scanner<'a>) -> Result<(), Malformed>,
) -> Result<(), Malformed> {
    if !scanner.eat(b'{') {
        return Err(scanner.malformed());
    }
    scanner.blanks();
    if scanner.eat(b'}') {
        return Ok(());
    }
    loop {
        scanner.blanks();
        let name = scanner.key()?.decode();
        member(&name, scanner)?;
        scanner.blanks();
        if scanner.eat(b'}') {
            return Ok(());
        }
        if !scanner.eat(b',') {
            return Err(scanner.malformed());
        }
    }
}

/// Takes off the quotes of a body that was encoded more than once, or only put in quotes.
pub(super) fn unwrap(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..LAYERS {
        let trimmed = text.trim_matches(blank);
        if !trimmed.starts_with('"') {
            break;
        }
        let mut scanner = Scanner::new(trimmed);
        let encoded = scanner.text().and_then(|inner| scanner.end().map(|()| inner.decode().into_owned()));
        let inner = match encoded {
            Ok(inner) => inner,
            Err(_) => match trimmed.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) {
                Some(inner) => inner.to_owned(),
                None => break,
            },
        };
        text = Cow::Owned(inner);
    }
    text
}

/// What JavaScript's `trim` takes off.
pub(super) fn blank(character: char) -> bool {
    // NEXT LINE is white space to Unicode and not to JavaScript; with the byte order mark it is the other way round.
    (character.is_whitespace() && character != '\u{85}') || character == '\u{feff}'
}
