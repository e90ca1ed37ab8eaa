//! A failure as the server keeps it, in the words of the contract.

use contracts::errors::{ErrorDetails, ErrorType};
use serde_json::{Map, Value};
use temporalio_common::protos::temporal::api::{
    enums::v1::TimeoutType,
    failure::v1::{Failure, failure::FailureInfo},
};

use crate::problem::Problem;

/// What a failure says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Words {
    /// Its type, if it is one of the contract.
    pub(crate) error_type: Option<ErrorType>,
    /// Its type as the server knows it.
    kind: String,
    pub(crate) details: Option<ErrorDetails>,
    pub(crate) message: String,
}

impl Words {
    /// The words of the first failure of ours down the chain of causes, else those of the last one. The failure's
    /// payloads have to be decoded.
    pub(crate) fn of(failure: &Failure) -> Self {
        let mut failure = failure.clone();
        runtime::reveal_failure(&mut failure);
        let failure = &failure;
        let mut words = Self { error_type: None, kind: String::new(), details: None, message: failure.message.clone() };
        let mut next = Some(failure);
        while let Some(failure) = next {
            if !failure.message.is_empty() {
                words.message.clone_from(&failure.message);
            }
            match &failure.failure_info {
                Some(FailureInfo::ApplicationFailureInfo(info)) => {
                    words.kind.clone_from(&info.r#type);
                    words.error_type = ErrorType::from_name(&info.r#type);
                    if words.error_type.is_some() {
                        let payload = info.details.as_ref().and_then(|d| d.payloads.first());
                        words.details = payload.and_then(|p| serde_json::from_slice(&p.data).ok());
                        return words;
                    }
                }
                Some(FailureInfo::TimeoutFailureInfo(info)) => words.kind = timeout(info.timeout_type()).to_owned(),
                Some(FailureInfo::CanceledFailureInfo(_)) => "Cancelled".clone_into(&mut words.kind),
                Some(FailureInfo::TerminatedFailureInfo(_)) => "Terminated".clone_into(&mut words.kind),
                _ => {}
            }
            next = failure.cause.as_deref();
        }
        words
    }

    /// Whether no worker took the work in the time that it was given for that.
    pub(crate) fn nobody_took_it(&self) -> bool {
        self.kind == timeout(TimeoutType::ScheduleToStart)
    }

    /// For people, on one line.
    pub(crate) fn line(&self) -> String {
        match &self.details {
            Some(details) => format!("{}: {}: {}", self.kind, details.what, details.r#where),
            None if self.kind.is_empty() => self.message.clone(),
            None => format!("{}: {}", self.kind, self.message),
        }
    }

    /// The problem of whoever waited for what failed; `elsewhere` says where more can be found.
    pub(crate) fn problem(&self, elsewhere: &str) -> Problem {
        match &self.details {
            Some(details) => Problem::of_type(self.error_type, self.line()).hint(details.hint.clone()),
            None => Problem::of_type(self.error_type, self.message.clone()).hint(elsewhere),
        }
    }

    /// `{ type, message, what, where, hint }`, without those that are not known.
    pub(crate) fn json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                object.insert(name.to_owned(), value.into());
            }
        };
        put("type", &self.kind);
        put("message", &self.message);
        if let Some(details) = &self.details {
            put("what", &details.what);
            put("where", &details.r#where);
            put("hint", &details.hint);
        }
        object.into()
    }
}

fn timeout(kind: TimeoutType) -> &'static str {
    match kind {
        TimeoutType::StartToClose => "StartToCloseTimeout",
        TimeoutType::ScheduleToStart => "ScheduleToStartTimeout",
        TimeoutType::ScheduleToClose => "ScheduleToCloseTimeout",
        TimeoutType::Heartbeat => "HeartbeatTimeout",
        TimeoutType::Unspecified => "Timeout",
    }
}
