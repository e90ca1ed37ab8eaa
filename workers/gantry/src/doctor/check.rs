//! What a check found.

use std::time::Duration;

use serde_json::{Value, json};

use crate::problem::Problem;

/// Longest time of one check.
const LONGEST: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Ok,
    Warning,
    Failed,
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Check {
    pub(super) name: String,
    pub(super) status: Status,
    pub(super) detail: String,
    pub(super) hint: Option<String>,
}

impl Check {
    pub(super) fn ok(name: &str, detail: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status: Status::Ok, detail: detail.into(), hint: None }
    }

    pub(super) fn bad(name: &str, status: Status, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name: name.to_owned(), status, detail: detail.into(), hint: Some(hint.into()) }
    }

    pub(super) fn failed(name: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::bad(name, Status::Failed, detail, hint)
    }

    pub(super) fn warning(name: &str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::bad(name, Status::Warning, detail, hint)
    }

    pub(super) fn problem(name: &str, problem: Problem) -> Self {
        Self { name: name.to_owned(), status: Status::Failed, detail: problem.message, hint: problem.hint }
    }

    pub(super) fn of<T>(name: &str, result: Result<T, Problem>, detail: impl FnOnce(T) -> String) -> Self {
        match result {
            Ok(found) => Self::ok(name, detail(found)),
            Err(problem) => Self::problem(name, problem),
        }
    }

    pub(super) fn json(&self) -> Value {
        let mut check = json!({ "name": self.name, "status": self.status.as_str(), "detail": self.detail });
        if let (Some(fields), Some(hint)) = (check.as_object_mut(), &self.hint) {
            fields.insert("hint".to_owned(), hint.clone().into());
        }
        check
    }
}

/// What a check finds, or that it found nothing in time.
pub(super) async fn within(name: &str, check: impl Future<Output = Check>) -> Check {
    match tokio::time::timeout(LONGEST, check).await {
        Ok(check) => check,
        Err(_) => Check::failed(
            name,
            format!("nothing was found out in {} s", LONGEST.as_secs()),
            "what it asks hangs: a disk, a network folder or a server under load",
        ),
    }
}

/// The same for a check that may block.
pub(super) async fn blocking(name: &'static str, check: impl FnOnce() -> Check + Send + 'static) -> Check {
    let checked = async {
        let checked = tokio::task::spawn_blocking(check).await;
        checked.unwrap_or_else(|e| Check::failed(name, e.to_string(), "this is a defect of gantry"))
    };
    within(name, checked).await
}
