//! Why a request is not taken, and the answer that says so. Always JSON.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::json;

/// One thing that a body has and the schema does not allow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaFailure {
    /// `events[3].role`, and the like.
    pub at: String,
    /// What is wrong there.
    pub problem: String,
}

/// Why a request is not taken. Nothing of it was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The body cannot be inflated, or is not JSON.
    #[error("the body cannot be read: {0}")]
    Unreadable(String),
    /// No token, or not the right one.
    #[error("the token is missing or wrong; send it as X-Agents-Token or as Authorization: Bearer")]
    Unauthorized,
    /// Nobody may send: no token is set up where others can reach this.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// The address knows other methods.
    #[error("this address does not know the method")]
    MethodNotAllowed,
    /// The body did not come within its time.
    #[error("the body did not arrive in time")]
    TimedOut,
    /// Larger than a limit.
    #[error("the body is over the limit {limit} of {most}: send less at a time")]
    TooLarge {
        /// Name of the limit.
        limit: &'static str,
        /// Its value.
        most: u64,
    },
    /// A `Content-Encoding` that is not known.
    #[error("Content-Encoding {0:?} is not known; gzip, zstd and identity are")]
    UnknownEncoding(String),
    /// Readable, but not what it should be.
    #[error("the body does not have the form of a batch of events")]
    Schema {
        /// The first of them, at most [`crate::Batch::MOST_FAILURES`].
        failures: Vec<SchemaFailure>,
        /// How many there are.
        count: u64,
    },
    /// Too much in too short a time.
    #[error("too many events for now; try again in {seconds} s")]
    RateLimited {
        /// When to come again.
        seconds: u64,
    },
    /// More is waiting to be written than fits.
    #[error("the queue of the store is full; try again in {seconds} s")]
    Busy {
        /// When to come again.
        seconds: u64,
    },
    /// The store cannot write, or cannot read.
    #[error("the store failed: {0}")]
    Store(String),
}

impl Refusal {
    /// The answer's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownEncoding(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Schema { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The name by which programs know it.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable_body",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden(_) => "forbidden",
            Self::NotFound(_) => "not_found",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TimedOut => "timed_out",
            Self::TooLarge { .. } => "too_large",
            Self::UnknownEncoding(_) => "unknown_encoding",
            Self::Schema { .. } => "schema",
            Self::RateLimited { .. } => "rate_limited",
            Self::Busy { .. } => "busy",
            Self::Store(_) => "store",
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.code(), "message": self.to_string() });
        let mut retry_after = None;
        match &self {
            Self::TooLarge { limit, most } => {
                body["limit"] = json!(limit);
                body["most"] = json!(most);
            }
            Self::Schema { failures, count } => {
                body["failures"] = json!(failures);
                body["failure_count"] = json!(count);
            }
            Self::RateLimited { seconds } | Self::Busy { seconds } => retry_after = Some(*seconds),
            _ => {}
        }
        let mut response = (self.status(), Json(body)).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
