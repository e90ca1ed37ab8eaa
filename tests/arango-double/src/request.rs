//! Requests, taken apart.

use std::{collections::HashMap, io::Read as _};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;

use crate::envelope::{Error, Result};

/// The largest body, as the server has it.
const LARGEST: u64 = 1 << 30;

/// A request, taken apart.
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) database: String,
    /// Without the database.
    pub(crate) path: String,
    parameters: HashMap<String, String>,
    headers: HashMap<String, String>,
    pub(crate) body: Bytes,
}

impl Request {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// A yes or no in any of the spellings that the server takes.
    pub(crate) fn flag(&self, name: &str, otherwise: bool) -> bool {
        match self.parameter(name).map(str::to_ascii_lowercase).as_deref() {
            Some("true" | "1" | "yes" | "on" | "y" | "") => true,
            Some(_) => false,
            None => otherwise,
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Reads a request whole. One in chunks is refused, as the server does.
pub(crate) async fn read(request: hyper::Request<Incoming>) -> Result<Request> {
    let (parts, body) = request.into_parts();
    if parts.headers.contains_key("transfer-encoding") {
        return Err(Error::new(411, 411, "length required"));
    }
    let text = |v: &hyper::header::HeaderValue| String::from_utf8_lossy(v.as_bytes()).into_owned();
    let headers: HashMap<String, String> =
        parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let collected = body.collect().await.map_err(|_| Error::new(400, 400, "the body broke off"))?;
    let mut body = collected.to_bytes();
    if headers.get("content-encoding").is_some_and(|e| e == "gzip") {
        let mut plain = Vec::new();
        let mut decoder = flate2::read::MultiGzDecoder::new(&body[..]).take(LARGEST);
        decoder.read_to_end(&mut plain).map_err(|_| Error::new(400, 400, "the body is not what it is said to be"))?;
        body = plain.into();
    }
    let path = parts.uri.path();
    let (database, path) = match path.strip_prefix("/_db/") {
        Some(rest) => rest.split_once('/').map_or((rest, "/".to_owned()), |(db, path)| (db, format!("/{path}"))),
        None => ("_system", path.to_owned()),
    };
    let query = url::form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes());
    let parameters = query.map(|(name, value)| (name.into_owned(), value.into_owned())).collect();
    Ok(Request { method: parts.method.to_string(), database: database.to_owned(), path, parameters, headers, body })
}
