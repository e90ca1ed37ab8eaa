//! Answers: JSON whatever happens, and never a path, a name of a file or a text of the database.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};
use serde::Serialize;

use super::guard::Refusal;
use crate::store::StoreError;

/// The body of every answer that is an error.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// What is wrong.
    pub error: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The limit that was passed, in bytes or clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
}

/// Why a request is not answered with what it asked for. The label counts it in the metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// 400: with the text of the contract.
    BadRequest(&'static str),
    /// 400: what is compressed is damaged.
    Damaged,
    /// 400: the body ended before its length.
    Incomplete,
    /// 408: the body did not come in time.
    TooSlow,
    /// 413: more bytes than the limit.
    TooLarge(u64),
    /// 413: more inflated bytes per compressed byte than is believed.
    Ratio(u64),
    /// 415: a content encoding that is not read.
    Encoding,
    /// 415: a charset that is not read.
    Charset,
    /// 401 and 403.
    Refused(Refusal),
    /// 404.
    NotFound,
    /// 429.
    TooMany(Duration),
    /// 503: the queue of the store is full.
    Busy(Duration),
    /// 503: another program holds the lock of the database.
    Locked(Duration),
    /// 503: the file of the database, or its folder, cannot be written.
    ReadOnly(Duration),
    /// 503: the service is going down.
    Closing,
    /// 507: no space, or the limit of the database's size.
    Full,
    /// 500: everything else; what it was stands in the log.
    Internal,
}

impl Problem {
    /// A name for the metrics.
    pub fn label(&self) -> &'static str {
        match self {
            Self::BadRequest(_) => "malformed",
            Self::Damaged | Self::Incomplete => "damaged",
            Self::TooSlow => "too_slow",
            Self::TooLarge(_) | Self::Ratio(_) => "too_large",
            Self::Encoding => "encoding",
            Self::Charset => "charset",
            Self::Refused(Refusal::Token) => "token",
            Self::Refused(Refusal::Origin | Refusal::Host) => "origin",
            Self::NotFound => "not_found",
            Self::TooMany(_) => "rate_limit",
            Self::Busy(_) => "busy",
            Self::Locked(_) => "locked",
            Self::ReadOnly(_) => "read_only",
            Self::Closing => "closing",
            Self::Full => "disk_full",
            Self::Internal => "internal",
        }
    }

    /// The answer.
    pub fn answer(&self) -> Response<Body> {
        let (status, error, hint): (StatusCode, String, Option<&str>) = match self {
            Self::BadRequest(error) => (StatusCode::BAD_REQUEST, (*error).into(), None),
            Self::Damaged => (StatusCode::BAD_REQUEST, "The compressed body is damaged".into(), None),
            Self::Incomplete => (StatusCode::BAD_REQUEST, "The body is shorter than its length".into(), None),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "The body did not arrive in time".into(), None),
            Self::TooLarge(limit) => (
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("The body is larger than {limit} bytes"),
                Some("send smaller batches, or POST /api/events/ndjson, which takes any number of lines"),
            ),
            Self::Ratio(limit) => {
                (StatusCode::PAYLOAD_TOO_LARGE, format!("The body inflates to more than {limit} times its size"), None)
            }
            Self::Encoding => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Unsupported content encoding".into(),
                Some("use gzip, deflate, br or zstd"),
            ),
            Self::Charset => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported charset".into(), Some("use utf-8")),
            Self::Refused(Refusal::Token) => {
                (StatusCode::UNAUTHORIZED, "A token is needed".into(), Some("send Authorization: Bearer TOKEN"))
            }
            Self::Refused(Refusal::Origin) => (
                StatusCode::FORBIDDEN,
                "Pages of this origin may not use the service".into(),
                Some("name it in GANTRY_INGEST_ALLOWED_ORIGINS"),
            ),
            Self::Refused(Refusal::Host) => (
                StatusCode::FORBIDDEN,
                "The service is not known by this host name".into(),
                Some("name it in GANTRY_INGEST_ALLOWED_HOSTS"),
            ),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not found".into(), None),
            Self::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "Rate limit reached".into(), None),
            Self::Busy(_) => (StatusCode::SERVICE_UNAVAILABLE, "The queue is full".into(), None),
            Self::Locked(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Another program has locked the database".into(),
                Some("end what else writes to it, and send the request again"),
            ),
            Self::ReadOnly(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "The database cannot be written".into(),
                Some("see to the permissions of its file and folder, and send the request again"),
            ),
            Self::Closing => (StatusCode::SERVICE_UNAVAILABLE, "The service is going down".into(), None),
            Self::Full => (StatusCode::INSUFFICIENT_STORAGE, "There is no space left to store events".into(), None),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal error".into(), None),
        };
        let limit = match self {
            Self::TooLarge(limit) | Self::Ratio(limit) => Some(*limit),
            _ => None,
        };
        let mut answer = json(status, &ErrorBody { error, hint: hint.map(str::to_owned), limit });
        let wait = match self {
            Self::TooMany(wait) | Self::Busy(wait) | Self::Locked(wait) | Self::ReadOnly(wait) => Some(*wait),
            Self::Closing => Some(Duration::from_secs(5)),
            _ => None,
        };
        if let Some(wait) = wait {
            // Whole seconds, at least one.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        if *self == Self::Refused(Refusal::Token) {
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        answer
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy { retry_after } => Self::Busy(retry_after),
            StoreError::Closed => Self::Closing,
            StoreError::DiskFull(what) => {
                tracing::error!(what, "the store is full");
                Self::Full
            }
            StoreError::Locked(what) => {
                tracing::warn!(what, "the store is locked");
                // It was waited for already, for as long as the store does.
                Self::Locked(Duration::from_secs(1))
            }
            StoreError::ReadOnly(what) => {
                tracing::error!(what, "the store cannot be written");
                Self::ReadOnly(Duration::from_secs(10))
            }
            error => {
                tracing::error!(%error, "the store failed");
                Self::Internal
            }
        }
    }
}

/// An answer with a JSON body.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(body) {
        Ok(bytes) => json_bytes(status, bytes),
        Err(error) => {
            tracing::error!(%error, "an answer has no JSON");
            json_bytes(StatusCode::INTERNAL_SERVER_ERROR, br#"{"error":"Internal error"}"#.to_vec())
        }
    }
}

/// An answer whose body is JSON already.
pub(super) fn json_bytes(status: StatusCode, bytes: impl Into<Body>) -> Response<Body> {
    let mut answer = Response::new(bytes.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    answer
}
