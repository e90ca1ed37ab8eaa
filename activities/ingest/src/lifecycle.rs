//! When a session is active, idle, ended. Pure rules; [`crate::store`] applies them.

use std::time::Duration;

use crate::{
    event::{EventType, NewEvent},
    shipped, timestamp,
};

/// The times that the rules go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Minutes without an event until an active session is idle; twice that until an idle one is ended.
    pub session_minutes: u64,
    /// Minutes between two imports by the caller; 0 when there are none.
    pub auto_import_minutes: u64,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { session_minutes: 5, auto_import_minutes: 10 }
    }
}

impl Timeouts {
    /// How old an imported event may be to count as of now.
    pub fn recent(&self) -> Duration {
        let minutes = match self.auto_import_minutes {
            0 => self.session_minutes.saturating_mul(6),
            minutes => minutes.saturating_mul(3),
        };
        Duration::from_secs(minutes.max(30).saturating_mul(60))
    }
}

/// What a stored event makes of its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Something happens in it.
    Active,
    /// Nothing happened for a while, or an agent that comes back said goodbye.
    Idle,
    /// It is over, until another event comes.
    Ended,
}

impl State {
    /// As it stands in the store.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Idle => "idle",
            Self::Ended => "ended",
        }
    }
}

impl Timeouts {
    /// Whether an event tells of the past: imported or shipped, and without a time or with an old one. `now` in milliseconds since
    /// 1970.
    pub fn historical(&self, event: &NewEvent, now: i64) -> bool {
        if event.source != "import" && event.source != shipped::SOURCE {
            return false;
        }
        let recent = i64::try_from(self.recent().as_millis()).unwrap_or(i64::MAX);
        let time = event.client_timestamp.as_deref().and_then(timestamp::parse);
        time.is_none_or(|time| now.saturating_sub(time) > recent)
    }

    /// What an event that was stored makes of its session.
    pub fn after(&self, event: &NewEvent, now: i64) -> State {
        if self.historical(event, now) {
            return State::Ended;
        }
        // The end that a recent import tells of is often one of a snapshot, not of the session.
        match event.event_type {
            EventType::SessionEnd if event.source == "import" => State::Active,
            // Stays in sight for a while.
            EventType::SessionEnd if event.agent_type == "claude_code" => State::Idle,
            EventType::SessionEnd => State::Ended,
            _ => State::Active,
        }
    }
}

/// What a sweep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// Sessions that became idle, those that ended in the same sweep included.
    pub idled: u64,
    /// Sessions that ended.
    pub ended: u64,
}
