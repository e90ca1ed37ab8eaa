//! Answers, and errors in the form that drivers recognise.

use serde_json::{Value, json};

/// An answer before it is sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Of a `HEAD`, and of 304.
    pub(crate) without_body: bool,
}

impl Answer {
    pub(crate) fn new(status: u16, body: Value) -> Self {
        Self { status, body, headers: Vec::new(), without_body: false }
    }

    pub(crate) fn with(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// An error: HTTP status, number, text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Error {
    pub(crate) status: u16,
    pub(crate) number: u64,
    pub(crate) message: String,
}

pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    pub(crate) fn new(status: u16, number: u64, message: impl Into<String>) -> Self {
        Self { status, number, message: message.into() }
    }

    /// An error that has one status and one text in the server.
    pub(crate) fn numbered(number: u64) -> Self {
        let (status, message) = match number {
            11 => (403, "forbidden"),
            503 => (503, "service unavailable"),
            600 => (400, "invalid JSON"),
            1004 => (403, "read only"),
            1200 => (409, "write-write conflict"),
            1202 => (404, "document not found"),
            1203 => (404, "collection or view not found"),
            1204 => (400, "parameter 'collection' not found"),
            1205 => (400, "illegal document identifier"),
            1207 => (409, "duplicate name"),
            1208 => (400, "illegal name"),
            1210 => (409, "unique constraint violated"),
            1221 => (400, "illegal document key"),
            1226 => (400, "missing document key"),
            1227 => (400, "invalid document type"),
            1228 => (404, "database not found"),
            1233 => (400, "edge attribute missing or invalid"),
            1501 => (400, "syntax error"),
            1600 => (404, "cursor not found"),
            1620 => (400, "schema validation failed"),
            21003 => (503, "queue is full"),
            21004 => (412, "queue time violated"),
            _ => (400, "bad parameter"),
        };
        Self::new(status, number, message)
    }

    pub(crate) fn answer(&self) -> Answer {
        let body = json!({
            "error": true, "code": self.status, "errorNum": self.number, "errorMessage": self.message,
        });
        Answer::new(self.status, body)
    }

    /// In the place of a document of an array.
    pub(crate) fn in_place(&self) -> Value {
        json!({ "error": true, "errorNum": self.number, "errorMessage": self.message })
    }
}
