//! One request and what its answer means.
//!
//! | answer | meaning |
//! | --- | --- |
//! | 2xx, not HTML | taken |
//! | 413 | too large: split by lines; one line goes without its raw form, then into quarantine |
//! | 400, 409, 422 | refused: split until the line is found, which goes into quarantine |
//! | 415 to zstd | again in gzip, and gzip from now on |
//! | 401, 403 | no upload until the token's value changes; offsets stay |
//! | 429, 503 | no upload until the time in Retry-After; after a few tries spooled |
//! | 408, 425, other 5xx, a connection that breaks | a few tries, then spooled |
//! | no connection, no answer in time | spooled without a counted attempt; no upload until a probe passes |
//! | 3xx, other 4xx, HTML | not a receiver of sessions: no upload until a probe passes; offsets stay |
//!
//! zstd is used when asked for, or by choice of the server: one that names `zstd` in the `Accept-Encoding` of any answer, that of
//! `/api/health` too, takes it.

pub(crate) mod answer;
pub(crate) mod client;
pub(crate) mod gate;
pub(crate) mod jitter;
pub(crate) mod pace;
mod retry_after;

pub(crate) use answer::Answer;
pub(crate) use client::Client;
pub(crate) use gate::{Admission, Gate};
pub(crate) use pace::Pace;
