//! What a session is called and what is known of it so far.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    json,
    provider::{Names, Provider, Record},
    timestamp::Timestamp,
};

/// What the bytes of a source before some offset say of its session: a pure function of those bytes, of the path and of
/// `first_seen`. A batch that starts at that offset needs it, so it is kept in the state beside the offset; where it is not
/// known (an older daemon went on meanwhile), the head of the file is read again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionMetadata {
    /// UUID of the session for the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What the agent itself calls the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider_session_id: Option<String>,
    /// First working folder that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cwd: Option<String>,
    /// First git branch that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<String>,
    /// First version of the agent that was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Earliest moment of any line so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Latest moment of any line so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Moment of the last line that had one: what a line without one gets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_timestamp: Option<Timestamp>,
    /// When the file was last modified as this state first saw it: what lines get before any has a moment of its own. Stored, so
    /// that the same range is the same bytes for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_seen: Option<Timestamp>,
}

impl SessionMetadata {
    /// Of the start of a file that was last modified at this moment as it was first seen.
    pub fn starting(first_seen: Timestamp) -> Self {
        Self { first_seen: Some(first_seen), ..Self::default() }
    }

    /// Goes over one record, and returns its moment: its own, else that of the record before, else when the file was first seen.
    pub(crate) fn pass(&mut self, provider: &dyn Provider, path: &Path, record: &Record<'_>) -> Timestamp {
        let own = record.timestamp.and_then(Timestamp::of_json);
        if let Some(moment) = own {
            self.reach(moment);
            self.last_timestamp = own;
        }
        let first = |place: &mut Option<String>, value: Option<&str>| {
            if place.is_none()
                && let Some(value) = value.map(json::decode).filter(|value| !value.is_empty())
            {
                *place = Some(value.into_owned());
            }
        };
        first(&mut self.cwd, record.cwd);
        first(&mut self.git_branch, record.git_branch);
        first(&mut self.version, record.version);
        if self.cwd.is_none()
            && let Some(hint) = record.path_hint
        {
            self.cwd = provider.cwd_of(&json::decode(hint));
        }
        // The name is settled by the first event at the latest, so that no two events of a file go to different sessions, in
        // whatever batches it is sent.
        if self.id.is_none() && (record.session.is_some() || !record.events.is_empty()) {
            self.name(provider.names(path, record.session));
        }
        own.or(self.last_timestamp).or(self.first_seen).unwrap_or(Timestamp(0))
    }

    /// Takes names where there are none yet.
    pub(crate) fn name(&mut self, names: Names) {
        if self.id.is_none() {
            self.id = Some(names.id);
            self.provider_session_id.get_or_insert(names.provider_session_id);
        }
    }

    /// The names, which stand at the first event at the latest.
    pub(crate) fn names(&self, provider: &dyn Provider, path: &Path) -> Names {
        let by_path = provider.names(path, None);
        Names {
            id: self.id.clone().unwrap_or(by_path.id),
            provider_session_id: self.provider_session_id.clone().unwrap_or(by_path.provider_session_id),
        }
    }

    /// Widens the session to a moment.
    pub(crate) fn reach(&mut self, moment: Timestamp) {
        self.started_at = Some(self.started_at.map_or(moment, |start| start.min(moment)));
        self.ended_at = Some(self.ended_at.map_or(moment, |end| end.max(moment)));
    }
}
