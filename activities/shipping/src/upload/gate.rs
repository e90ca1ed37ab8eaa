//! Holding back for all: what one upload learns of the server, every other one obeys.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::answer::Answer;
use super::jitter;
use crate::config::Secret;
use crate::engine::{Clock, Hold, HoldReason};
use crate::timestamp::Timestamp;

/// First distance between two probes; it doubles.
const FIRST_PROBE: Duration = Duration::from_secs(5);
/// The longest.
const LAST_PROBE: Duration = Duration::from_secs(300);
/// First pause that a throttling server gets that names none; it doubles.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// How soon to ask again while another upload finds out.
const LOOK: Duration = Duration::from_millis(25);
/// After so many bodies in a row that the server failed on, it counts as away.
const FAILED_IN_A_ROW: u32 = 5;

/// Whether an upload may begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Admission {
    /// Now. The answer is to be told to [`Gate::heard`], with this pass.
    Go(Pass),
    /// Ask again after this.
    Wait(Duration),
    /// Not for now.
    Held(Hold),
    /// Ask whether anybody is there first, then [`Gate::heard`].
    Probe,
}

/// What was known when an upload began: its answer undoes nothing that was learned since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pass(u64);

#[derive(Debug, Default)]
struct State {
    /// Grows with each hold.
    generation: u64,
    hold: Option<Hold>,
    /// The token that was refused. A different one is tried at once.
    refused: Option<Option<Secret>>,
    /// How often in a row a hold was renewed.
    renewed: u32,
    /// How often in a row a pause was asked for.
    throttled: u32,
    failed: u32,
    /// Whether the hold's time is over and one upload is finding out.
    probing: bool,
    changed: bool,
}

/// The state of the server as far as it is known here.
#[derive(Debug)]
pub(crate) struct Gate {
    state: Mutex<State>,
    max_wait: Duration,
}

impl Gate {
    /// Open, or held as an earlier run left it: a server's wish for a pause outlives us. Everything else may be other with a new start,
    /// the address and the token first of all, and is found out by the first upload.
    pub(crate) fn new(max_wait: Duration, hold: Option<Hold>) -> Self {
        let hold = hold.filter(|hold| hold.reason == HoldReason::RateLimited);
        Self { state: Mutex::new(State { hold, ..State::default() }), max_wait }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What holds uploads back.
    pub(crate) fn hold(&self) -> Option<Hold> {
        self.state().hold.clone()
    }

    /// The hold, if it is another one than at the last such question.
    pub(crate) fn changed(&self) -> Option<Option<Hold>> {
        let mut state = self.state();
        std::mem::take(&mut state.changed).then(|| state.hold.clone())
    }

    /// Whether an upload with this token may begin.
    pub(crate) fn admit(&self, token: Option<&Secret>, clock: &dyn Clock) -> Admission {
        let now = clock.now();
        let mut state = self.state();
        let Some(hold) = state.hold.clone() else { return Admission::Go(Pass(state.generation)) };
        if state.refused.as_ref().is_some_and(|refused| refused.as_ref() != token) {
            state.open();
            return Admission::Go(Pass(state.generation));
        }
        let left = Duration::from_micros(u64::try_from(hold.until.0.saturating_sub(now.0)).unwrap_or(0));
        if hold.reason == HoldReason::RateLimited {
            return match left {
                Duration::ZERO => {
                    state.lift();
                    Admission::Go(Pass(state.generation))
                }
                left if left <= self.max_wait => Admission::Wait(left),
                _ => Admission::Held(hold),
            };
        }
        if left > Duration::ZERO {
            return Admission::Held(hold);
        }
        if state.probing {
            return Admission::Wait(LOOK);
        }
        state.probing = true;
        if hold.reason == HoldReason::Offline { Admission::Probe } else { Admission::Go(Pass(state.generation)) }
    }

    /// An upload that was admitted did not come to an answer.
    pub(crate) fn unheard(&self) {
        self.state().probing = false;
    }

    /// The token cannot be had: as if the server had refused it, until there is one.
    pub(crate) fn without_token(&self, message: String, clock: &dyn Clock) {
        let mut state = self.state();
        state.refused = Some(None);
        state.renew(clock.now(), HoldReason::AuthRejected, None, message);
    }

    /// What an answer says of the server. `token` is what it was asked with.
    pub(crate) fn heard(&self, answer: &Answer, pass: Pass, token: Option<&Secret>, clock: &dyn Clock) {
        let now = clock.now();
        let mut state = self.state();
        state.probing = false;
        match answer {
            Answer::Taken { .. } | Answer::TooLarge | Answer::Refused { .. } | Answer::UnknownEncoding => {
                if state.generation == pass.0 {
                    state.open();
                }
            }
            Answer::Unauthorized { status } => {
                state.refused = Some(token.cloned());
                let message = format!("the server refuses the token ({status})");
                state.renew(now, HoldReason::AuthRejected, Some(*status), message);
            }
            Answer::Unreachable { reason, .. } => state.renew(now, HoldReason::Offline, None, reason.clone()),
            Answer::Misdirected { status, reason } => {
                state.renew(now, HoldReason::RemoteRejected, Some(*status), reason.clone());
            }
            Answer::Throttled { status, after } => {
                let pause = after.unwrap_or_else(|| doubled(FIRST_PAUSE, state.throttled, LAST_PROBE));
                state.throttled = state.throttled.saturating_add(1);
                let until = later(now, pause, 4);
                if state.hold.as_ref().is_none_or(|hold| hold.reason != HoldReason::RateLimited || hold.until < until) {
                    let message = format!("the server asks for a pause ({status})");
                    state.set(Hold {
                        reason: HoldReason::RateLimited,
                        since: now,
                        until,
                        status: Some(*status),
                        message,
                    });
                }
            }
            // One body may fail for what is in it; see `gave_up`.
            Answer::Failed { .. } => {}
        }
    }

    /// A body was tried as often as it is worth. After some of them in a row it is the server that is at fault.
    pub(crate) fn gave_up(&self, reason: &str, status: Option<u16>, clock: &dyn Clock) {
        let mut state = self.state();
        state.failed = state.failed.saturating_add(1);
        if state.failed >= FAILED_IN_A_ROW || state.hold.is_some() {
            state.renew(clock.now(), HoldReason::Offline, status, reason.to_owned());
        }
    }

    /// The answer to a probe: any at all means that somebody is there.
    pub(crate) fn probed(&self, answer: &Answer, clock: &dyn Clock) {
        match answer {
            Answer::Unreachable { .. } | Answer::Misdirected { status: 200..=399, .. } => {
                self.heard(answer, Pass(0), None, clock);
            }
            _ => {
                let mut state = self.state();
                state.probing = false;
                // The distances go on growing until something is taken.
                state.lift();
            }
        }
    }
}

impl State {
    /// Everything is well.
    fn open(&mut self) {
        self.lift();
        (self.renewed, self.throttled, self.failed) = (0, 0, 0);
    }

    /// Uploads may begin; whether they succeed is not known.
    fn lift(&mut self) {
        self.changed |= self.hold.is_some();
        self.hold = None;
        self.refused = None;
    }

    fn set(&mut self, hold: Hold) {
        self.generation += 1;
        self.hold = Some(hold);
        self.changed = true;
    }

    fn renew(&mut self, now: Timestamp, reason: HoldReason, status: Option<u16>, message: String) {
        let same = self.hold.as_ref().filter(|hold| hold.reason == reason);
        // Uploads that were under way together fail together; that is one failure.
        if same.is_some_and(|hold| hold.until > now) {
            return;
        }
        let since = same.map_or(now, |hold| hold.since);
        if same.is_none() {
            tracing::warn!(%message, ?reason, "uploads are held back");
        }
        let until = later(now, doubled(FIRST_PROBE, self.renewed, LAST_PROBE), 10);
        self.renewed = self.renewed.saturating_add(1);
        self.set(Hold { reason, since, until, status, message });
    }
}

fn doubled(first: Duration, times: u32, last: Duration) -> Duration {
    first.saturating_mul(2_u32.saturating_pow(times.min(16))).min(last)
}

/// A moment so much later, and up to a part of it more.
fn later(now: Timestamp, wait: Duration, part: u64) -> Timestamp {
    let micros = u64::try_from(wait.as_micros()).unwrap_or(u64::MAX / 2);
    let more = jitter::spread(now.0.cast_unsigned(), micros / part);
    Timestamp(now.0.saturating_add(i64::try_from(micros.saturating_add(more)).unwrap_or(i64::MAX)))
}
