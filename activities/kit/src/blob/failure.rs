//! Errors of object stores as failures of an activity.

use std::{error::Error as _, io};

use contracts::errors::ErrorType;
use object_store::{Error, ObjectStoreScheme, client::HttpError};

use super::address::Address;
use crate::Failure;

const CREDENTIALS: &str = "give the worker credentials for it: AWS_*, GOOGLE_* or AZURE_* in its environment";
const ADDRESS: &str = "check GANTRY_BLOB_URL and what AWS_*, GOOGLE_* or AZURE_* say of region and endpoint";

/// What was being done when the error came up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Reading,
    Writing,
}

/// The failure that an object store's error is. `place` is the URL of a blob or of a store.
#[expect(clippy::needless_pass_by_value, reason = "called in `map_err`")]
pub(super) fn of_store(address: &Address, doing: Doing, place: String, error: Error) -> Failure {
    let verb = match doing {
        Doing::Reading => "reading from the blob store",
        Doing::Writing => "writing to the blob store",
    };
    if address.scheme == ObjectStoreScheme::Local
        && !matches!(error, Error::NotFound { .. })
        && let Some(io) = in_chain::<io::Error>(&error)
    {
        return Failure { place, ..Failure::io(verb, std::path::Path::new(""), io) };
    }
    let text = error.to_string();
    let (error_type, hint) = match &error {
        Error::NotFound { .. } if doing == Doing::Writing => (ErrorType::StoreRejected, "make the bucket first"),
        Error::NotFound { .. } => {
            (ErrorType::NotFound, "it was removed, or is in another store; run the workflow again to make it anew")
        }
        _ if doing == Doing::Reading && is_access_denied(&error) => (
            ErrorType::AuthRejected,
            "let the worker read it; S3 says this also of a blob that is not there, to one who may not list the bucket",
        ),
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => (ErrorType::AuthRejected, CREDENTIALS),
        Error::NotSupported { .. } | Error::NotImplemented { .. } => {
            (ErrorType::Unsupported, "choose another kind of blob store")
        }
        _ => match status(&text) {
            Some(405 | 501) => {
                (ErrorType::Unsupported, "choose another kind of blob store, or a server that takes PUT")
            }
            Some(408 | 429 | 500..) => (ErrorType::StoreUnavailable, "it is tried again"),
            Some(_) if code(&text).is_some_and(is_about_credentials) => (ErrorType::AuthRejected, CREDENTIALS),
            Some(_) => (ErrorType::StoreRejected, ADDRESS),
            // The client says so of a redirect that leads nowhere.
            None if text.contains("incorrectly configured region") => (ErrorType::StoreRejected, ADDRESS),
            None => (ErrorType::StoreUnavailable, "it is tried again; see that the store runs and can be reached"),
        },
    };
    Failure::new(error_type, format!("{verb}: {}", brief(&error, &text)), place, hint)
}

/// Whether the store has no such bucket or container.
pub(super) fn lacks_bucket(error: &Error) -> bool {
    matches!(code(&error.to_string()), Some("NoSuchBucket" | "ContainerNotFound"))
}

/// Whether the store says no to this one request and not to whoever asks.
pub(super) fn is_access_denied(error: &Error) -> bool {
    matches!(error, Error::PermissionDenied { .. })
        && matches!(code(&error.to_string()), None | Some("AccessDenied" | "AuthorizationPermissionMismatch"))
}

/// The store's own words where it has some, else the innermost reason: what stands around them is the request.
fn brief(error: &Error, text: &str) -> String {
    if let Some(code) = code(text) {
        return match tag(text, "Message") {
            Some(message) => format!("{code}: {message}"),
            None => code.to_owned(),
        };
    }
    if let Some(status) = status(text) {
        return format!("the server answered with status {status}");
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    match in_chain::<HttpError>(error) {
        Some(http) => format!("{:?}: {innermost}", http.kind()),
        None => innermost.to_string(),
    }
}

fn in_chain<T: std::error::Error + 'static>(error: &Error) -> Option<&T> {
    let mut source = error.source();
    while let Some(error) = source {
        if let Some(found) = error.downcast_ref::<T>() {
            return Some(found);
        }
        source = error.source();
    }
    None
}

/// The status of a refused request. The client's error has no other way to it than its text.
fn status(text: &str) -> Option<u16> {
    let (_, rest) = text.split_once("status code: ")?;
    rest.get(..3)?.parse().ok()
}

/// The error code in an answer of S3 and of the stores that answer alike.
fn code(text: &str) -> Option<&str> {
    tag(text, "Code")
}

fn tag<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(content, _)| content.trim())
}

/// Codes that S3 sends with status 400 and that are about the credentials all the same.
fn is_about_credentials(code: &str) -> bool {
    matches!(code, "ExpiredToken" | "InvalidToken" | "TokenRefreshRequired" | "AuthorizationHeaderMalformed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::blob_url;

    fn generic(text: &str) -> Error {
        Error::Generic { store: "S3", source: text.to_owned().into() }
    }

    #[test]
    fn what_another_attempt_can_mend_is_told_from_what_it_cannot() {
        let address = Address::new(&blob_url("s3://bucket/p").unwrap()).unwrap();
        let of = |error| of_store(&address, Doing::Writing, "s3://bucket/p".into(), error);
        let answer =
            |status: &str, body: &str| generic(&format!("Server returned non-2xx status code: {status}: {body}"));
        let cases = [
            (answer("503 Service Unavailable", ""), ErrorType::StoreUnavailable),
            (answer("429 Too Many Requests", ""), ErrorType::StoreUnavailable),
            (answer("405 Method Not Allowed", ""), ErrorType::Unsupported),
            (answer("400 Bad Request", "<Error><Code>ExpiredToken</Code></Error>"), ErrorType::AuthRejected),
            (answer("400 Bad Request", "<Error><Code>InvalidRequest</Code></Error>"), ErrorType::StoreRejected),
            (
                generic("Received redirect, this normally indicates an incorrectly configured region"),
                ErrorType::StoreRejected,
            ),
            (generic("connection closed"), ErrorType::StoreUnavailable),
        ];
        for (error, expected) in cases {
            let text = error.to_string();
            assert_eq!(of(error).error_type, expected, "{text}");
        }
    }

    #[test]
    fn a_full_disk_and_a_closed_folder_are_what_they_are() {
        let address = Address::new(&blob_url("file:///blobs").unwrap()).unwrap();
        for (kind, expected) in [
            (io::ErrorKind::StorageFull, ErrorType::DiskFull),
            (io::ErrorKind::PermissionDenied, ErrorType::PermissionDenied),
        ] {
            let error = Error::Generic { store: "LocalFileSystem", source: Box::new(io::Error::from(kind)) };
            assert_eq!(of_store(&address, Doing::Writing, "file:///blobs".into(), error).error_type, expected);
        }
    }

    #[test]
    fn the_stores_own_words_are_what_is_said() {
        let text = "Error performing PUT http://h/b/x in 3ms - Server returned non-2xx status code: 404 Not Found: \
                    <Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>";
        let error = Error::NotFound { path: "x".into(), source: text.into() };
        assert!(lacks_bucket(&error));
        assert_eq!(brief(&error, &error.to_string()), "NoSuchBucket: The specified bucket does not exist");
    }
}
