//! A body that the server will not take as it is: its lines in ever smaller bodies, until what is at fault is alone.

use super::deliver::Delivery;
use super::opening::Unread;
use super::run::{Numbers, Run, What};
use super::step::{Range, make};
use crate::batch::Options;
use crate::state::{Fate, Part};

/// So many bodies of one batch may be refused before the rest of it goes into quarantine unseen.
const MOST_REFUSALS: u32 = 256;
/// So many lines at the start of a batch may be refused one by one, with nothing taken, before all of it is.
const REFUSED_AT_FIRST: u32 = 8;

/// What was found out of a range so far.
struct Parts<'a> {
    range: Range<'a>,
    parts: Vec<Part>,
    at: u64,
    limit: u64,
    refusals: u32,
    lines_refused: u32,
    taken: bool,
}

impl Parts<'_> {
    fn whole(&self) -> u64 {
        self.range.end - self.range.start
    }

    /// The part from where we are up to `end` has this fate.
    fn push(&mut self, end: u64, fate: Fate, before: crate::session::SessionMetadata) {
        let mended = match (self.parts.last_mut(), &fate) {
            (Some(last), Fate::Taken) if last.fate == Fate::Taken => {
                last.end = end;
                true
            }
            _ => false,
        };
        if !mended {
            self.parts.push(Part { start: self.at, end, fate, before: Some(before) });
        }
        self.at = end;
    }
}

impl Run<'_> {
    /// Ships a range in parts, after the whole of it was refused.
    pub(super) fn in_parts(&self, range: Range<'_>, refusal: &Delivery, mut numbers: Numbers) -> Result<What, Unread> {
        let limit = match refusal {
            Delivery::Encode => range.end - range.start,
            _ => (range.end - range.start).div_ceil(2),
        };
        let (at, mut before) = (range.start, range.before.clone());
        let mut parts = Parts { range, parts: Vec::new(), at, limit, refusals: 0, lines_refused: 0, taken: false };
        numbers.compressed_bytes = 0;
        while parts.at < parts.range.end {
            let mut lease = self.pool.take();
            let bounds = (parts.at, Some(parts.range.end));
            let options = &self.engine.options;
            let range = &parts.range;
            let made = make(range.job, &range.file, bounds, parts.limit, &before, options, &mut lease.scratch)?;
            let Some(made) = made else {
                // The file shrank meanwhile; its next opening says what that means.
                drop(lease);
                break;
            };
            let bytes = made.end - parts.at;
            if made.built.events == 0 {
                parts.push(made.end, Fate::Taken, before);
                before = made.built.after;
                continue;
            }
            let encoding = self.engine.encoding();
            let body = self.encode(&mut lease.scratch, encoding)?;
            drop(lease);
            let mut delivery = self.deliver(&body, encoding, bytes, &mut |_| {});
            drop(body);
            let single = made.built.lines <= 1;
            if single && matches!(delivery, Delivery::TooLarge) {
                delivery = self.without_raw(&parts, &before)?;
            }
            match delivery {
                Delivery::Taken { inserted, sent } => {
                    numbers.inserted += inserted;
                    numbers.compressed_bytes += sent;
                    parts.taken = true;
                    parts.push(made.end, Fate::Taken, before);
                    before = made.built.after;
                }
                Delivery::Encode => {}
                Delivery::Held => break,
                Delivery::Later { error, counts } => {
                    let end = parts.range.end;
                    parts.push(end, Fate::Spooled { error, counts }, before.clone());
                }
                Delivery::TooLarge if single => {
                    let reason = "one line is larger than the server takes, even without its raw form".to_owned();
                    parts.push(made.end, Fate::Refused { status: 413, reason }, before);
                    before = made.built.after;
                }
                Delivery::TooLarge => parts.limit = bytes.div_ceil(2),
                Delivery::Refused { status, reason } => {
                    parts.refusals += 1;
                    parts.lines_refused += u32::from(single);
                    let hopeless = !parts.taken && parts.lines_refused >= REFUSED_AT_FIRST;
                    if hopeless || parts.refusals >= MOST_REFUSALS {
                        if !parts.taken {
                            parts.parts.clear();
                            parts.at = parts.range.start;
                        }
                        let end = parts.range.end;
                        parts.push(end, Fate::Refused { status, reason }, before.clone());
                    } else if single {
                        parts.push(made.end, Fate::Refused { status, reason }, before);
                        before = made.built.after;
                        // The culprit is found; what is behind it is most likely well.
                        if parts.taken {
                            parts.limit = parts.whole();
                        }
                    } else {
                        parts.limit = bytes.div_ceil(2);
                    }
                }
            }
        }
        let ends = parts.at < parts.range.end;
        let spooled = matches!(parts.parts.last(), Some(Part { fate: Fate::Spooled { .. }, .. }));
        if ends {
            // Only what was found out is written; the rest is as if it had never been read.
            numbers.source_bytes = parts.at - parts.range.start;
            parts.range.after = before;
            parts.range.unusable.retain(|line| line.0 < parts.at);
        } else if !spooled {
            parts.range.after = before;
        }
        let Parts { range, parts, .. } = parts;
        Ok(self.settled(range, parts, numbers, ends))
    }

    /// One line without its raw form, which is at least half of it.
    fn without_raw(&self, parts: &Parts<'_>, before: &crate::session::SessionMetadata) -> Result<Delivery, Unread> {
        let options = Options { omit_raw: true, ..self.engine.options.clone() };
        let range = &parts.range;
        let mut lease = self.pool.take();
        let bounds = (parts.at, Some(range.end));
        let Some(made) = make(range.job, &range.file, bounds, 1, before, &options, &mut lease.scratch)? else {
            return Ok(Delivery::Held);
        };
        let encoding = self.engine.encoding();
        let body = self.encode(&mut lease.scratch, encoding)?;
        drop(lease);
        let delivery = self.deliver(&body, encoding, made.end - parts.at, &mut |_| {});
        drop(body);
        Ok(delivery)
    }
}
