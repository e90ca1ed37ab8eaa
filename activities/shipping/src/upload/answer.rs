//! What an answer means.

use std::time::Duration;

use reqwest::header::{self, HeaderMap};
use serde::Deserialize;

use super::retry_after;
use crate::timestamp::Timestamp;

/// An answer, or that there was none, by what is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The server has it.
    Taken {
        /// Events that were new to it, where it says so.
        inserted: u64,
    },
    /// The body is too large.
    TooLarge,
    /// It does not know this compression.
    UnknownEncoding,
    /// The token is refused.
    Unauthorized {
        /// 401 or 403.
        status: u16,
    },
    /// It wants a pause.
    Throttled {
        /// 429 or 503.
        status: u16,
        /// How long, where it says so.
        after: Option<Duration>,
    },
    /// It failed, perhaps not the next time.
    Failed {
        /// In words.
        reason: String,
        /// HTTP status; none where the connection broke.
        status: Option<u16>,
    },
    /// It will not take this body ever.
    Refused {
        /// 400, 409 or 422.
        status: u16,
        /// The start of what it said.
        reason: String,
    },
    /// Whatever answers there is no receiver of sessions.
    Misdirected {
        /// HTTP status.
        status: u16,
        /// In words.
        reason: String,
    },
    /// Nobody answered.
    Unreachable {
        /// In words.
        reason: String,
        /// Whether there was a connection, but no answer in time.
        slow: bool,
    },
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reply {
    events_inserted: u64,
}

/// Whether an answer names zstd among what the server takes; `None` where it names nothing.
pub(super) fn takes_zstd(headers: &HeaderMap) -> Option<bool> {
    let value = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    Some(value.split(',').any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        let weight = weight.trim().trim_start_matches("q=");
        name.trim().eq_ignore_ascii_case("zstd") && weight.parse::<f32>().map_or(true, |weight| weight > 0.0)
    }))
}

/// What a status, its headers and the start of its body mean.
pub(super) fn meaning(status: u16, headers: &HeaderMap, body: &[u8], now: Timestamp) -> Answer {
    let after = || headers.get(header::RETRY_AFTER).and_then(|value| retry_after::parse(value.to_str().ok()?, now));
    match status {
        200..=299 if is_html(headers, body) => {
            let reason = format!(
                "a web page came back ({status}) where a receiver of sessions should be: a login of the network?"
            );
            Answer::Misdirected { status, reason }
        }
        200..=299 => {
            let reply: Reply = serde_json::from_slice(body).unwrap_or_default();
            Answer::Taken { inserted: reply.events_inserted }
        }
        300..=399 => {
            let reason = format!("the server points elsewhere ({status}); a token is not carried there by itself");
            Answer::Misdirected { status, reason }
        }
        401 | 403 => Answer::Unauthorized { status },
        408 | 425 => Answer::Failed { reason: format!("the server answered {status}"), status: Some(status) },
        413 => Answer::TooLarge,
        415 => Answer::UnknownEncoding,
        400 | 409 | 422 => Answer::Refused { status, reason: start_of(status, body) },
        429 => Answer::Throttled { status, after: after() },
        503 if headers.contains_key(header::RETRY_AFTER) => Answer::Throttled { status, after: after() },
        500..=599 => Answer::Failed { reason: format!("the server answered {status}"), status: Some(status) },
        _ => Answer::Misdirected {
            status,
            reason: format!("the address is not that of a receiver of sessions ({status})"),
        },
    }
}

fn is_html(headers: &HeaderMap, body: &[u8]) -> bool {
    let typed = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    typed.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("text/html"))
        || body.trim_ascii_start().first() == Some(&b'<')
}

/// The start of what a server said, in one line and without control characters: it ends up on terminals.
fn start_of(status: u16, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..body.len().min(1024)).unwrap_or_default());
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(300).collect();
    match clean.trim() {
        "" => format!("the server answered {status}"),
        said => format!("the server answered {status}: {said}"),
    }
}
