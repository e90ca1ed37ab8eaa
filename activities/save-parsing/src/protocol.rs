//! Questions as JSON objects, one a line, and their answers: what `serve` speaks and what `querySave` takes.
//!
//! A request is an object with `op` and the members that [`Operation`] names, or one of these:
//!
//! | op | members | answer |
//! |---|---|---|
//! | `iter_section` | `section`, `batch_size`?, `strict`? | a stream of `{key, value}` |
//! | `query` | `path`, `limit`? | a stream of `{key, value}`: where a value stands, and the value; `path` as [`crate::path`] has it, its section must be there |
//! | `close` | | `{"ok":true,"closed":true}` |
//!
//! Any of them may have `schema_version` (1 or 2) and, for version 2, `scalars` (`text`, `typed`, `tagged`); members that mean
//! nothing here are passed over. `multi` holds questions with one answer each, and `query`.
//!
//! A [`Session`] answers by frames, a line each, `ok` first:
//!
//! - one answer: `{"ok":true,...}` with the members that [`Operation`] names;
//! - a stream: `{"ok":true,"stream":true,"op":...,"section":...}`, then `{"ok":true,"entry":{...}}` for each entry, or with a
//!   `batch_size` above 1 `{"ok":true,"entries":[...]}` for so many at most, then `{"ok":true,"done":true,...}`. A `query` has
//!   `path` in the place of `section`, and ends with `"truncated":true` if `limit` ended it;
//! - a failure: `{"ok":false,"error":...,"message":...,"line":...,"col":...,"exit_code":...}` and the versions. It ends a stream.
//!   Line and column are those of the save, `null` where it is not about a place in it.

mod failure;
mod frame;
mod inline;
mod request;
mod session;

use serde_json::{Map, Value};

use crate::{Save, SaveError, Schema};

pub use failure::ExitCode;
pub use request::{LONGEST_REQUEST, Request};
pub use session::{Session, Sink, Turn};

/// Answers one question with the members of a JSON object in its braces, without `ok`. Streams come as `"entries": [...]`.
///
/// # Errors
/// `InvalidInput` for a request that makes no sense or is `close`, else that of the question; [`SaveError::object`] is its JSON.
pub fn answer(save: &Save, op: &Map<String, Value>, schema: Schema) -> Result<Vec<u8>, SaveError> {
    let request = Request::from_map(op, schema)?;
    let mut out = vec![b'{'];
    request.answer_inline(save, &mut out)?;
    out.push(b'}');
    Ok(out)
}
