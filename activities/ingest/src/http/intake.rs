//! What happens to events between their parsing and their answer: redaction, rate limits, storing; and to those that
//! break the contract.

use std::{collections::HashMap, time::Instant};

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{answer::Problem, app::App, front::Caller, write::RejectedItem};
use crate::{
    event::NewEvent,
    store::{Outcome, Rejected},
};

/// Refused events of one request that are kept to be looked at.
const NOTED: usize = 20;
/// Bytes of a refused event that are kept.
const SAMPLE_BYTES: usize = 500;

#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow)]
    events: Vec<&'a RawValue>,
}

impl App {
    /// Stores events as one request and counts them.
    pub(super) async fn store_events(&self, events: Vec<NewEvent>) -> Result<Vec<Outcome>, Problem> {
        let start = Instant::now();
        let outcomes = self.store.write(events)?.await?;
        self.metrics.write_seconds.observe(start.elapsed().as_secs_f64());
        self.count(&outcomes);
        Ok(outcomes)
    }

    pub(super) fn count(&self, outcomes: &[Outcome]) {
        let stored = outcomes.iter().filter(|outcome| outcome.stored().is_some()).count() as u64;
        self.metrics.accepted.inc_by(stored);
        self.metrics.duplicates.inc_by(outcomes.len() as u64 - stored);
    }

    /// Blacks out what is secret.
    pub(super) fn redact(&self, event: &mut NewEvent) {
        let rules = &self.settings.redaction;
        if !rules.is_empty() {
            event.metadata.map_json(|json| rules.json(json));
        }
    }

    /// Charges the sender and the sessions of these events.
    pub(super) fn charge(&self, caller: Caller, events: &[NewEvent]) -> Result<(), Problem> {
        let now = Instant::now();
        let cost = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        if let Some(limit) = &self.per_token {
            limit.charge([(&caller.0, cost(events.len()))].into_iter(), now).map_err(Problem::TooMany)?;
        }
        if let Some(limit) = &self.per_session {
            let mut sessions: HashMap<&str, u32> = HashMap::new();
            for event in events {
                *sessions.entry(event.session_id.as_str()).or_default() += 1;
            }
            limit.charge(sessions.iter().map(|(session, count)| (session, *count)), now).map_err(Problem::TooMany)?;
        }
        Ok(())
    }

    /// Keeps what was refused: for each what was wrong and the bytes; `count` of them in all.
    pub(super) fn note(&self, origin: &str, refused: &[(Vec<String>, &[u8])], count: u64) {
        self.metrics.rejected.with_label_values(&["invalid"]).inc_by(count);
        let rules = &self.settings.redaction;
        let note = |(errors, bytes): &(Vec<String>, &[u8])| {
            // Redacted before it is cut: half a secret would not be known for one.
            let start = bytes.get(..bytes.len().min(64 * 1024)).unwrap_or_default();
            let text = String::from_utf8_lossy(start);
            let text = rules.json(&text);
            let end = (0..=SAMPLE_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            Rejected {
                at: String::new(),
                origin: origin.to_owned(),
                errors: errors.clone(),
                sample: text.get(..end).unwrap_or_default().to_owned(),
            }
        };
        self.store.note_rejected(refused.iter().take(NOTED).map(note).collect());
    }

    /// Keeps what was refused of a batch.
    pub(super) fn note_batch(&self, bytes: &[u8], rejected: &[RejectedItem]) {
        let outline: Option<Outline<'_>> = serde_json::from_slice(bytes).ok();
        let sample = |index: usize| -> &[u8] {
            outline.as_ref().and_then(|outline| outline.events.get(index)).map_or(&[], |raw| raw.get().as_bytes())
        };
        let noted: Vec<(Vec<String>, &[u8])> =
            rejected.iter().take(NOTED).map(|item| (item.errors.clone(), sample(item.index))).collect();
        self.note("/api/events/batch", &noted, rejected.len() as u64);
    }
}
