//! What goes wrong, drawn from a seed.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sample_sessions::Random;
use serde::Serialize;

/// What becomes of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Stored, and answered as it should be.
    None,
    /// Not read to its end by the store; 500, 502 or 503.
    Status(u16),
    /// 429 with this `Retry-After`.
    Throttled(String),
    /// 413 when the body has more bytes than these.
    TooLargeAbove(u64),
    /// The connection is reset before the body is read.
    ResetBeforeReading,
    /// Stored; the connection is reset instead of an answer.
    ResetAfterStoring,
    /// Read and not stored; silence, then the connection is closed.
    Stall(Duration),
    /// Stored, and answered after a while.
    Slow(Duration),
    /// Stored; the answer ends in its middle.
    TruncatedAnswer,
    /// Stored; 200 with a body that is no answer.
    Garbage,
}

impl Fault {
    /// The name under which it is counted.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Status(_) => "status",
            Self::Throttled(_) => "throttled",
            Self::TooLargeAbove(_) => "too_large",
            Self::ResetBeforeReading => "reset_before_reading",
            Self::ResetAfterStoring => "reset_after_storing",
            Self::Stall(_) => "stall",
            Self::Slow(_) => "slow",
            Self::TruncatedAnswer => "truncated_answer",
            Self::Garbage => "garbage",
        }
    }

    /// Whether the body reaches the store.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        matches!(
            self,
            Self::None
                | Self::ResetAfterStoring
                | Self::Slow(_)
                | Self::TruncatedAnswer
                | Self::Garbage
                | Self::TooLargeAbove(_)
        )
    }
}

/// How often something goes wrong, and how much.
#[derive(Debug, Clone)]
pub struct FaultSettings {
    /// What everything is drawn from.
    pub seed: u64,
    /// Requests of 1,000 to which something happens.
    pub permille: u32,
    /// Longest silence.
    pub longest_stall: Duration,
    /// Longest wait that an honest `Retry-After` asks for, in seconds.
    pub longest_retry_after: u64,
    /// Bodies up to so many bytes are never too large: one line must always pass.
    pub always_small_enough: u64,
    /// Whether `Retry-After` may ask for ages, the past, or nothing that can be read.
    pub has_absurd_waits: bool,
}

impl Default for FaultSettings {
    fn default() -> Self {
        Self {
            seed: 1,
            permille: 500,
            longest_stall: Duration::from_millis(1500),
            longest_retry_after: 1,
            always_small_enough: 256 << 10,
            has_absurd_waits: true,
        }
    }
}

/// How often each thing happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FaultCounts {
    /// Requests by the fault's name; `none` among them.
    pub requests: BTreeMap<&'static str, u64>,
}

/// Draws a fault for each request, and counts.
#[derive(Debug)]
pub(crate) struct Faults {
    settings: FaultSettings,
    drawn: Mutex<(Random, FaultCounts)>,
    is_quiet: AtomicBool,
}

impl Faults {
    pub(crate) fn new(settings: FaultSettings) -> Self {
        let random = Random::part(settings.seed, 77);
        Self { settings, drawn: Mutex::new((random, FaultCounts::default())), is_quiet: AtomicBool::new(false) }
    }

    /// From now on nothing goes wrong.
    pub(crate) fn quiet(&self) {
        self.is_quiet.store(true, Ordering::SeqCst);
    }

    pub(crate) fn counts(&self) -> FaultCounts {
        self.drawn.lock().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    pub(crate) fn draw(&self) -> Fault {
        let mut drawn = self.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        let (random, counts) = &mut *drawn;
        let happens = random.permille(u64::from(self.settings.permille));
        let fault =
            if happens && !self.is_quiet.load(Ordering::SeqCst) { choose(&self.settings, random) } else { Fault::None };
        *counts.requests.entry(fault.name()).or_default() += 1;
        fault
    }
}

fn choose(settings: &FaultSettings, random: &mut Random) -> Fault {
    let milliseconds = |longest: Duration| u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
    match random.below(100) {
        0..=24 => Fault::Status(random.pick(&[500, 502, 503])),
        25..=39 => Fault::Throttled(retry_after(settings, random)),
        40..=49 => Fault::TooLargeAbove(settings.always_small_enough + random.below(settings.always_small_enough * 4)),
        50..=59 => Fault::ResetBeforeReading,
        60..=71 => Fault::ResetAfterStoring,
        72..=75 => Fault::Stall(Duration::from_millis(random.below(milliseconds(settings.longest_stall)))),
        76..=83 => Fault::Slow(Duration::from_millis(random.below(milliseconds(settings.longest_stall) / 4))),
        84..=91 => Fault::TruncatedAnswer,
        _ => Fault::Garbage,
    }
}

fn retry_after(settings: &FaultSettings, random: &mut Random) -> String {
    let seconds = random.below(settings.longest_retry_after + 1);
    let is_absurd = settings.has_absurd_waits && random.below(8) == 0;
    match (is_absurd, random.below(3)) {
        (true, 0) => "99999999999999999999".to_owned(),
        (true, 1) => "-5".to_owned(),
        (true, _) => "soon, perhaps".to_owned(),
        (false, 0) => httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(seconds)),
        (false, _) => seconds.to_string(),
    }
}
