//! Answers in one piece.

use std::ops::ControlFlow;

use super::request::{Kind, Request, in_multi, invalid};
use crate::{Query, QueryLimits, Save, SaveError, SaveErrorKind, Schema, json};

/// Bytes of an answer from which on nothing is added to it: ten times the JSON of a big save. Streams have no such end.
const LONGEST_ANSWER: usize = 1 << 30;

impl Request {
    /// Writes the members of the answer, those of a stream as `"entries": [...]`.
    pub(super) fn answer_inline(&self, save: &Save, out: &mut Vec<u8>) -> Result<(), SaveError> {
        match &self.kind {
            Kind::One(operation) => operation.answer(save, self.schema, out),
            Kind::Section(stream) => {
                let mut entries = save.iter_section(&stream.section, stream.strict, self.schema)?;
                out.extend_from_slice(b"\"entries\":[");
                loop {
                    let before = out.len();
                    json::separate(out);
                    if !entries.write_next(out)? {
                        out.truncate(before);
                        break;
                    }
                    check_length(out)?;
                }
                out.push(b']');
                Ok(())
            }
            Kind::Path { query, limit, .. } => {
                out.extend_from_slice(b"\"entries\":[");
                let mut too_long = Ok(());
                let truncated = run(query, *limit, save, self.schema, &mut |key, value| {
                    json::separate(out);
                    push_entry(key, value, out);
                    too_long = check_length(out);
                    if too_long.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                too_long?;
                out.push(b']');
                if truncated {
                    out.extend_from_slice(b",\"truncated\":true");
                }
                Ok(())
            }
            Kind::Several(requests) => {
                out.extend_from_slice(b"\"results\":[");
                for (number, request) in requests.iter().enumerate() {
                    json::separate(out);
                    out.push(b'{');
                    request.answer_inline(save, out).map_err(|error| in_multi(error, number))?;
                    out.push(b'}');
                    check_length(out)?;
                }
                out.push(b']');
                Ok(())
            }
            Kind::Close => Err(invalid("there is no session to close", "ask for something")),
        }
    }
}

/// Runs a query to its end or to `limit` results; says whether there would be more.
pub(super) fn run(
    query: &Query,
    limit: Option<u64>,
    save: &Save,
    schema: Schema,
    visit: &mut dyn FnMut(&str, &[u8]) -> ControlFlow<()>,
) -> Result<bool, SaveError> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut truncated = false;
    query.run(save, schema, &QueryLimits::default(), &mut |key, value| {
        if left == 0 {
            truncated = true;
            return ControlFlow::Break(());
        }
        left -= 1;
        visit(key, value)
    })?;
    Ok(truncated)
}

pub(super) fn push_entry(key: &str, value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"key\":");
    json::push_str(key, out);
    out.extend_from_slice(b",\"value\":");
    out.extend_from_slice(value);
    out.push(b'}');
}

fn check_length(out: &[u8]) -> Result<(), SaveError> {
    if out.len() <= LONGEST_ANSWER {
        return Ok(());
    }
    Err(SaveError::new(
        SaveErrorKind::LimitExceeded,
        format!("the answer is longer than {LONGEST_ANSWER} bytes"),
        "the request",
        "ask for less at once, or by iter_section or query",
    ))
}
