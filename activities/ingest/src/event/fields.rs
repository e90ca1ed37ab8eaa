//! The rules of single fields, in the order in which errors list them.

use std::borrow::Cow;

use super::{EventType, FieldError, Invalid, Limits, Metadata, NewEvent, Status, parse::blank};
use crate::{json::Raw, timestamp};

/// The greatest whole number that JSON's readers agree on; a larger count is refused, since sums of such would be wrong.
const LARGEST: f64 = 9_007_199_254_740_991.0;

macro_rules! fields {
    ($($field:ident),+ $(,)?) => {
        /// The values of the fields that an event knows, as they stand in the body. The last of a repeated one.
        #[derive(Debug, Default)]
        pub(super) struct Fields<'a> {
            $($field: Option<Raw<'a>>),+
        }

        impl<'a> Fields<'a> {
            pub(super) fn set(&mut self, name: &str, value: Raw<'a>) {
                match name {
                    $(stringify!($field) => self.$field = Some(value),)+
                    _ => {}
                }
            }
        }
    };
}

fields!(
    session_id,
    agent_type,
    event_type,
    status,
    event_id,
    tool_name,
    branch,
    project,
    model,
    duration_ms,
    tokens_in,
    tokens_out,
    cache_read_tokens,
    cache_write_tokens,
    cost_usd,
    client_timestamp,
    source,
    metadata,
);

/// Checks all fields. `default_source` is that of an event that names none.
pub(super) fn check(fields: &Fields<'_>, limits: &Limits, default_source: &str) -> Result<NewEvent, Invalid> {
    let mut errors = Errors(Vec::new());
    let session_id = errors.required("session_id", fields.session_id);
    let agent_type = errors.required("agent_type", fields.agent_type);
    let event_type = errors.event_type(fields.event_type);
    let status = errors.status(fields.status, event_type);
    let event_id = errors.text("event_id", fields.event_id);
    let tool_name = errors.text("tool_name", fields.tool_name);
    let branch = errors.text("branch", fields.branch);
    let project = errors.text("project", fields.project);
    let model = errors.text("model", fields.model);
    let duration_ms = errors.count("duration_ms", fields.duration_ms);
    let tokens_in = errors.count("tokens_in", fields.tokens_in);
    let tokens_out = errors.count("tokens_out", fields.tokens_out);
    let cache_read_tokens = errors.count("cache_read_tokens", fields.cache_read_tokens);
    let cache_write_tokens = errors.count("cache_write_tokens", fields.cache_write_tokens);
    let cost_usd = errors.amount("cost_usd", fields.cost_usd);
    let client_timestamp = errors.timestamp("client_timestamp", fields.client_timestamp);
    let source = errors.text("source", fields.source);
    if !errors.0.is_empty() {
        return Err(Invalid { details: errors.0 });
    }
    Ok(NewEvent {
        event_id,
        session_id,
        agent_type,
        event_type,
        tool_name,
        status,
        tokens_in: tokens_in.unwrap_or_default(),
        tokens_out: tokens_out.unwrap_or_default(),
        cache_read_tokens: cache_read_tokens.unwrap_or_default(),
        cache_write_tokens: cache_write_tokens.unwrap_or_default(),
        branch,
        project,
        duration_ms: duration_ms.filter(|duration| *duration > 0),
        client_timestamp,
        metadata: Metadata::of(fields.metadata, limits),
        model,
        cost_usd,
        source: source.unwrap_or_else(|| default_source.to_owned()),
    })
}

fn given(value: Option<Raw<'_>>) -> Option<Raw<'_>> {
    value.filter(|value| *value != Raw::Null)
}

struct Errors(Vec<FieldError>);

impl Errors {
    fn push(&mut self, field: &'static str, message: impl Into<Cow<'static, str>>) {
        self.0.push(FieldError { field, message: message.into() });
    }

    fn one_of(&mut self, field: &'static str, names: impl Iterator<Item = &'static str>) {
        self.push(field, format!("must be one of: {}", names.collect::<Vec<_>>().join(", ")));
    }

    fn required(&mut self, field: &'static str, value: Option<Raw<'_>>) -> String {
        let Some(Raw::Text(text)) = value else {
            self.push(field, "must be a string");
            return String::new();
        };
        let text = trimmed(text.decode());
        if text.is_empty() {
            self.push(field, "must be a non-empty string");
        }
        text
    }

    fn event_type(&mut self, value: Option<Raw<'_>>) -> EventType {
        let name = self.required("event_type", value);
        EventType::from_name(&name).unwrap_or_else(|| {
            self.one_of("event_type", EventType::ALL.into_iter().map(EventType::as_str));
            // Any: an error is listed.
            EventType::Response
        })
    }

    fn status(&mut self, value: Option<Raw<'_>>, event_type: EventType) -> Status {
        let default = if event_type == EventType::Error { Status::Error } else { Status::Success };
        match given(value) {
            None => default,
            Some(Raw::Text(text)) => Status::from_name(&text.decode()).unwrap_or_else(|| {
                self.one_of("status", Status::ALL.into_iter().map(Status::as_str));
                default
            }),
            Some(_) => {
                self.push("status", "must be a string when provided");
                default
            }
        }
    }

    fn text(&mut self, field: &'static str, value: Option<Raw<'_>>) -> Option<String> {
        match given(value)? {
            Raw::Text(text) => Some(trimmed(text.decode())).filter(|text| !text.is_empty()),
            _ => {
                self.push(field, "must be a string when provided");
                None
            }
        }
    }

    fn count(&mut self, field: &'static str, value: Option<Raw<'_>>) -> Option<u64> {
        let value = given(value)?;
        let number = if let Raw::Number(raw) = value { raw.parse::<f64>().ok() } else { None };
        match number.filter(|number| number.fract() == 0.0 && (0.0..=LARGEST).contains(number)) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a whole number from 0 to 2^53 - 1, checked in the line above"
            )]
            Some(number) => Some(number as u64),
            None => {
                self.push(field, "must be a non-negative integer when provided");
                None
            }
        }
    }

    fn amount(&mut self, field: &'static str, value: Option<Raw<'_>>) -> Option<f64> {
        let value = given(value)?;
        let number = if let Raw::Number(raw) = value { raw.parse::<f64>().ok() } else { None };
        match number.filter(|number| number.is_finite() && *number >= 0.0) {
            Some(number) => Some(number.abs()),
            None => {
                self.push(field, "must be a non-negative number when provided");
                None
            }
        }
    }

    fn timestamp(&mut self, field: &'static str, value: Option<Raw<'_>>) -> Option<String> {
        let Raw::Text(text) = given(value)? else {
            self.push(field, "must be an ISO timestamp string when provided");
            return None;
        };
        let millis = timestamp::parse(&text.decode());
        if millis.is_none() {
            self.push(field, "must be a valid timestamp");
        }
        millis.map(timestamp::to_iso)
    }
}

fn trimmed(text: Cow<'_, str>) -> String {
    match text.trim_matches(blank) {
        trimmed if trimmed.len() < text.len() => trimmed.to_owned(),
        _ => text.into_owned(),
    }
}
