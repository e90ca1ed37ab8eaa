//! Many events out of one body.

use super::{
    Content, Invalid, Limits, NewEvent, fields,
    parse::{DEFAULT_SOURCE, members, object, unwrap},
};
use crate::json::{Malformed, Scanner};

/// The body is not `{ events: [...] }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("Expected {{ events: [...] }}")]
pub struct NotABatch;

type Items = Vec<Result<NewEvent, Invalid>>;

/// Reads the body of `POST /api/events/batch`: each item by itself, in order.
pub fn parse_batch(body: &[u8], content: Content, limits: &Limits) -> Result<Items, NotABatch> {
    let text = content.text(body);
    let text = unwrap(&text);
    let mut scanner = Scanner::new(&text);
    scanner.blanks();
    let mut events = None;
    members(&mut scanner, |name, scanner| {
        if name == "events" {
            events = items(scanner, limits)?;
        } else {
            scanner.value()?;
        }
        Ok(())
    })
    .and_then(|()| scanner.end())
    .map_err(|_| NotABatch)?;
    events.ok_or(NotABatch)
}

/// The items of the array at the cursor; `None` when another value stands there.
fn items(scanner: &mut Scanner<'_>, limits: &Limits) -> Result<Option<Items>, Malformed> {
    if !scanner.eat(b'[') {
        scanner.value()?;
        return Ok(None);
    }
    let mut items = Vec::new();
    scanner.blanks();
    if scanner.eat(b']') {
        return Ok(Some(items));
    }
    loop {
        items.push(match object(scanner)? {
            Some(fields) => fields::check(&fields, limits, DEFAULT_SOURCE),
            None => Err(Invalid::body()),
        });
        scanner.blanks();
        if scanner.eat(b']') {
            return Ok(Some(items));
        }
        if !scanner.eat(b',') {
            return Err(scanner.malformed());
        }
    }
}
