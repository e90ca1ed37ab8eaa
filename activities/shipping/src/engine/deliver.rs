//! One body on its way to the server, for as long as it is worth trying now.

use std::time::Duration;

use bytes::Bytes;

use super::run::Run;
use super::scratch::Scratch;
use super::{Engine, Hold};
use crate::config::EncodingChoice;
use crate::encoding::Encoding;
use crate::upload::{Admission, Answer, jitter};

/// How long a wait may be before the caller is asked again.
const SLICE: Duration = Duration::from_millis(200);
/// First wait for a server that failed; it doubles.
const FIRST_RETRY: Duration = Duration::from_secs(1);

/// What became of a body.
#[derive(Debug)]
pub(super) enum Delivery {
    /// The server has it.
    Taken { inserted: u64, sent: u64 },
    /// Not now; its range is to be spooled.
    Later { error: String, counts: bool },
    /// Not now, and nothing of it is to be written: uploads are held back, or the caller ended the call.
    Held,
    /// Too large.
    TooLarge,
    /// In another compression.
    Encode,
    /// Never as it is.
    Refused { status: u16, reason: String },
}

impl Engine {
    /// How bodies are compressed now.
    pub(super) fn encoding(&self) -> Encoding {
        match self.config.encoding {
            EncodingChoice::Gzip(level) => Encoding::Gzip(level),
            EncodingChoice::Zstd(_) if self.client.refused_zstd() => Encoding::Gzip(1),
            EncodingChoice::Zstd(level) => Encoding::Zstd(level),
            EncodingChoice::Auto { zstd, .. } if self.client.takes_zstd() == Some(true) => Encoding::Zstd(zstd),
            EncodingChoice::Auto { gzip, .. } => Encoding::Gzip(gzip),
        }
    }

    /// Whether uploads are held back as a call begins; what is due to be found out is found out.
    pub(super) fn enter(&self, proceed: &dyn Fn() -> bool) -> Option<Hold> {
        let token = match self.config.token.resolve() {
            Ok(token) => token,
            Err(error) => {
                self.gate.without_token(error.to_string(), &*self.clock);
                return self.gate.hold();
            }
        };
        match self.gate.admit(token.as_ref(), &*self.clock) {
            Admission::Held(hold) => return Some(hold),
            Admission::Probe => self.probe(proceed),
            Admission::Go(_) => self.gate.unheard(),
            Admission::Wait(_) => {}
        }
        let chooses = matches!(self.config.encoding, EncodingChoice::Auto { .. });
        if chooses && self.gate.hold().is_none() && self.client.should_ask() {
            self.probe(proceed);
        }
        self.gate.hold().filter(|hold| hold.reason == super::HoldReason::Offline)
    }

    fn probe(&self, proceed: &dyn Fn() -> bool) {
        match self.client.probe(proceed) {
            Some(answer) => self.gate.probed(&answer, &*self.clock),
            None => self.gate.unheard(),
        }
    }
}

impl Run<'_> {
    /// Compresses `scratch.payload`.
    pub(super) fn encode(&self, scratch: &mut Scratch, encoding: Encoding) -> std::io::Result<Bytes> {
        Ok(self.bodies.body(scratch.encode(encoding)?))
    }

    /// Sends a body made of `source_bytes`. `waiting` is called before each wait for the server.
    pub(super) fn deliver(
        &self,
        body: &Bytes,
        encoding: Encoding,
        source_bytes: u64,
        waiting: &mut dyn FnMut(&Self),
    ) -> Delivery {
        let engine = self.engine;
        let sent = u64::try_from(body.len()).unwrap_or(u64::MAX);
        let mut attempt = 0;
        let mut paced = false;
        loop {
            waiting(self);
            if !self.proceed() {
                return Delivery::Held;
            }
            let token = match engine.config.token.resolve() {
                Ok(token) => token,
                Err(error) => {
                    engine.gate.without_token(error.to_string(), &*engine.clock);
                    self.stop();
                    return Delivery::Held;
                }
            };
            let pass = match engine.gate.admit(token.as_ref(), &*engine.clock) {
                Admission::Go(pass) => pass,
                Admission::Wait(wait) => {
                    self.sleep(wait);
                    continue;
                }
                Admission::Held(_) => {
                    self.stop();
                    return Delivery::Held;
                }
                Admission::Probe => {
                    engine.probe(&|| self.proceed());
                    continue;
                }
            };
            if !paced {
                paced = true;
                let wait = engine.pace.turn(body.len(), engine.clock.now());
                if !self.sleep(wait) {
                    engine.gate.unheard();
                    return Delivery::Held;
                }
            }
            let Some(answer) = engine.client.post(body.clone(), encoding.token(), token.as_ref(), &|| self.proceed())
            else {
                engine.gate.unheard();
                return Delivery::Held;
            };
            engine.gate.heard(&answer, pass, token.as_ref(), &*engine.clock);
            attempt += 1;
            let last = attempt >= engine.config.attempts.max(1);
            match answer {
                Answer::Taken { inserted } => {
                    engine.limit.passed();
                    return Delivery::Taken { inserted, sent };
                }
                Answer::TooLarge => {
                    engine.limit.too_large(source_bytes);
                    return Delivery::TooLarge;
                }
                Answer::UnknownEncoding if matches!(encoding, Encoding::Zstd(_)) => {
                    engine.client.refuse_zstd();
                    return Delivery::Encode;
                }
                Answer::UnknownEncoding => {
                    let reason = "the server does not even take gzip (415)".to_owned();
                    let answer = Answer::Misdirected { status: 415, reason };
                    engine.gate.heard(&answer, pass, token.as_ref(), &*engine.clock);
                    self.stop();
                    return Delivery::Held;
                }
                Answer::Refused { status, reason } => return Delivery::Refused { status, reason },
                Answer::Unauthorized { .. } | Answer::Misdirected { .. } => {
                    self.stop();
                    return Delivery::Held;
                }
                Answer::Unreachable { reason, slow } => {
                    if slow {
                        engine.limit.too_slow(source_bytes);
                    }
                    self.stop();
                    return Delivery::Later { error: reason, counts: false };
                }
                Answer::Throttled { status, .. } if last => {
                    return Delivery::Later { error: format!("the server asks for a pause ({status})"), counts: true };
                }
                Answer::Throttled { .. } => {}
                Answer::Failed { reason, status } if last => {
                    if status.is_none() {
                        engine.limit.too_slow(source_bytes);
                    }
                    engine.gate.gave_up(&reason, status, &*engine.clock);
                    return Delivery::Later { error: reason, counts: true };
                }
                Answer::Failed { .. } => {
                    let wait = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(attempt.min(8) - 1));
                    let spread = jitter::spread(sent ^ u64::from(attempt), 250);
                    if !self.sleep(wait + Duration::from_millis(spread)) {
                        return Delivery::Held;
                    }
                }
            }
        }
    }

    /// Waits, unless the caller ends the call.
    fn sleep(&self, mut left: Duration) -> bool {
        while left > Duration::ZERO {
            if !self.proceed() {
                return false;
            }
            let slice = left.min(SLICE);
            self.engine.clock.sleep(slice);
            left -= slice;
        }
        true
    }
}
