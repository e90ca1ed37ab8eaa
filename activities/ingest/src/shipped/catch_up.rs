//! What the receiver's store has and the events' store has not: after a crash between the two, and of a receiver that ran
//! alone before.

use session_receiver::Store as Sessions;

use super::event;
use crate::{
    event::{Limits, NewEvent},
    store::{Lane, Store, StoreError},
};

/// Under this name the events' store remembers up to which number of the receiver's store it has everything.
const REMEMBERED: &str = "sessions:caught-up";

/// What a catching up did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CatchUp {
    /// Events that were missing and are there now.
    pub stored: u64,
    /// Events that were looked at and were there.
    pub known: u64,
    /// Whether the end was reached.
    pub finished: bool,
}

/// Why it broke off. What was stored until then is remembered.
#[derive(Debug, thiserror::Error)]
pub enum CatchUpError {
    /// The receiver's store.
    #[error(transparent)]
    Sessions(#[from] session_receiver::StoreError),
    /// The events' store.
    #[error(transparent)]
    Events(#[from] StoreError),
}

/// Goes through what came since the last time. Every part is stored together with how far it is, behind whatever live
/// events wait. `change` is the redaction; `proceed` is asked before every part.
///
/// # Errors
/// See [`CatchUpError`].
pub fn catch_up(
    sessions: &Sessions,
    store: &Store,
    limits: &Limits,
    change: &dyn Fn(&mut NewEvent),
    proceed: &dyn Fn() -> bool,
) -> Result<CatchUp, CatchUpError> {
    let end = sessions.last_number()?;
    // A number beyond the end is one of another file.
    let mut at = remembered(store)?.filter(|at| *at <= end).unwrap_or(0);
    let mut done = CatchUp::default();
    while proceed() {
        let page = sessions.replay(at)?;
        if page.batches.is_empty() {
            done.finished = true;
            return Ok(done);
        }
        let rows = page.batches.iter().flat_map(|batch| {
            batch.events.iter().map(|shipped| {
                let mut row = event(&batch.session, shipped, limits);
                change(&mut row);
                row
            })
        });
        let outcomes = store.write_remembering_on(Lane::Background, rows.collect(), vec![mark(page.last)])?.wait()?;
        let stored = outcomes.iter().filter(|outcome| outcome.stored().is_some()).count();
        done.stored += u64::try_from(stored).unwrap_or(u64::MAX);
        done.known += u64::try_from(outcomes.len() - stored).unwrap_or(u64::MAX);
        at = page.last;
    }
    Ok(done)
}

/// Remembers that the events' store has everything that the receiver's has now. Only true when no body is under way.
///
/// # Errors
/// See [`CatchUpError`].
pub fn remember(sessions: &Sessions, store: &Store) -> Result<(), CatchUpError> {
    let last = sessions.last_number()?;
    if remembered(store)? != Some(last) {
        store.write_remembering(Vec::new(), vec![mark(last)])?.wait()?;
    }
    Ok(())
}

#[expect(clippy::cast_possible_truncation, reason = "it was made of a whole number below 2^53")]
fn remembered(store: &Store) -> Result<Option<i64>, StoreError> {
    Ok(store.remembered(REMEMBERED)?.map(|number| number as i64))
}

#[expect(clippy::cast_precision_loss, reason = "numbers of rows stay below 2^53")]
fn mark(number: i64) -> (String, f64) {
    (REMEMBERED.to_owned(), number as f64)
}
