//! Sessions that are one document: always read and shipped as a whole. Its offset in the state is the time of its last change in
//! seconds.

use std::fs::File;
use std::io::Read;
use std::ops::Range;

use super::deliver::Delivery;
use super::opening::{Opened, Unread};
use super::run::{Job, Numbers, Run, What};
use super::step;
use crate::batch::{Built, Options, Source};
use crate::document::Document;
use crate::session::SessionMetadata;
use crate::state::{Fate, Origin, Part, Settled};

/// A longer document is no session. It would have to be held in memory as a whole, in bytes.
const LONGEST: u64 = 256 * 1024 * 1024;

/// All of a document.
///
/// # Errors
///
/// What the system says; `FileTooLarge` for one that is too long.
pub(super) fn read(mut file: &File, size: u64) -> std::io::Result<Vec<u8>> {
    if size > LONGEST {
        let what = format!("a document of {size} bytes is too long to be a session; {LONGEST} is the most");
        return Err(std::io::Error::new(std::io::ErrorKind::FileTooLarge, what));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0).saturating_add(2));
    file.by_ref().take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How far the messages of a document got.
#[derive(Default)]
struct Sent {
    numbers: Numbers,
    refused: Option<(u16, String)>,
    after: Option<SessionMetadata>,
    unusable: Vec<(u64, u64, &'static str)>,
}

impl Run<'_> {
    pub(super) fn document(&self, job: &Job, opened: &Opened, before: &SessionMetadata) -> Result<What, Unread> {
        let size = opened.identity.bytes;
        let bytes = read(&opened.file, size)?;
        let source = Source { provider: job.provider, path: &job.path };
        let document = match Document::open(&source, &bytes, before, &self.engine.options) {
            Ok(document) => document,
            // Perhaps its writer is half through; it is read again when it has changed.
            Err(error) if job.origin == Origin::New => {
                let provider = job.provider.name();
                self.engine.database.same_again(&job.key, provider, &opened.identity, self.now())?;
                return Ok(What::Skipped { why: Some(format!("{}: {error}", job.path.display())) });
            }
            Err(error) => {
                let fate = Fate::Spooled { error: error.to_string(), counts: true };
                return Ok(whole(job, opened, fate, before.clone(), Sent::default()));
            }
        };
        let mut sent = Sent::default();
        sent.numbers.source_bytes = size;
        let mut fate = Fate::Taken;
        let mut waiting: Vec<Range<u32>> = document.ranges(self.engine.limit.bytes());
        waiting.reverse();
        while let Some(messages) = waiting.pop() {
            match self.messages(job, &document, messages.clone(), size, &mut sent)? {
                None => {}
                Some(Delivery::Held) => return Ok(What::Unsettled),
                Some(Delivery::Later { error, counts }) => {
                    fate = Fate::Spooled { error, counts };
                    break;
                }
                Some(Delivery::Encode) => waiting.push(messages),
                Some(refusal) => self.smaller(job, &bytes, before, messages, refusal, &mut waiting, &mut sent)?,
            }
            if job.origin == Origin::New && sent.after.as_ref().is_some_and(|after| self.engine.excluded.covers(after))
            {
                let after = sent.after.unwrap_or_default();
                self.engine.database.exclude(
                    &job.key,
                    job.provider.name(),
                    &opened.identity,
                    &after,
                    self.engine.excluded.mark(),
                    self.now(),
                )?;
                return Ok(What::Skipped { why: None });
            }
        }
        if let (Some((status, reason)), Fate::Taken) = (sent.refused.take(), &fate) {
            fate = Fate::Refused { status, reason };
        }
        let after = sent.after.take().unwrap_or_else(|| before.clone());
        Ok(whole(job, opened, fate, after, sent))
    }

    /// Sends some messages. `None` when that is done.
    fn messages(
        &self,
        job: &Job,
        document: &Document<'_>,
        messages: Range<u32>,
        size: u64,
        sent: &mut Sent,
    ) -> Result<Option<Delivery>, Unread> {
        let mut lease = self.pool.take();
        let built = document.build(messages, &mut lease.scratch.payload);
        if job.origin == Origin::New && self.engine.excluded.covers(&built.after) {
            sent.after = Some(built.after);
            return Ok(None);
        }
        if built.events == 0 {
            sent.count(built, 0, 0, 0);
            return Ok(None);
        }
        let payload = lease.scratch.payload.len();
        let encoding = self.engine.encoding();
        let body = self.encode(&mut lease.scratch, encoding)?;
        drop(lease);
        let delivery = self.deliver(&body, encoding, size, &mut |_| {});
        drop(body);
        match delivery {
            Delivery::Taken { inserted, sent: bytes } => {
                sent.count(built, inserted, bytes, payload);
                Ok(None)
            }
            other => Ok(Some(other)),
        }
    }

    /// Messages that the server will not take together: in halves, and one alone without its raw form.
    #[expect(clippy::too_many_arguments, reason = "the state of a loop that is too long for one function")]
    fn smaller(
        &self,
        job: &Job,
        bytes: &[u8],
        before: &SessionMetadata,
        messages: Range<u32>,
        refusal: Delivery,
        waiting: &mut Vec<Range<u32>>,
        sent: &mut Sent,
    ) -> Result<(), Unread> {
        let middle = messages.start + (messages.end - messages.start) / 2;
        if middle > messages.start {
            waiting.push(middle..messages.end);
            waiting.push(messages.start..middle);
            return Ok(());
        }
        let refusal = match refusal {
            Delivery::TooLarge => {
                let options = Options { omit_raw: true, ..self.engine.options.clone() };
                let source = Source { provider: job.provider, path: &job.path };
                let Ok(document) = Document::open(&source, bytes, before, &options) else { return Ok(()) };
                match self.messages(job, &document, messages.clone(), 0, sent)? {
                    None => return Ok(()),
                    Some(Delivery::Held | Delivery::Later { .. } | Delivery::Encode) => {
                        waiting.push(messages);
                        return Ok(());
                    }
                    Some(refusal) => refusal,
                }
            }
            refusal => refusal,
        };
        let (status, reason) = match refusal {
            Delivery::Refused { status, reason } => (status, reason),
            _ => (413, "it is larger than the server takes, even without its raw form".to_owned()),
        };
        sent.refused = Some((status, format!("message {}: {reason}", messages.start)));
        Ok(())
    }
}

/// A document with its fate.
fn whole(job: &Job, opened: &Opened, fate: Fate, after: SessionMetadata, sent: Sent) -> What {
    let end = u64::try_from(opened.identity.modified / 1_000_000_000).unwrap_or(0).max(opened.position);
    let settled = Settled {
        path: job.key.clone(),
        provider: job.provider.name(),
        document: true,
        origin: job.origin,
        parts: vec![Part { start: opened.position, end, fate, before: None }],
        after,
        identity: opened.identity,
        fingerprint: None,
        unusable: sent.unusable,
    };
    What::Batch { settled: Box::new(settled), numbers: sent.numbers, ends: true }
}

impl Sent {
    fn count(&mut self, built: Built, inserted: u64, sent: u64, payload: usize) {
        let of = step::numbers(&built, 0, payload);
        self.numbers.events += of.events;
        self.numbers.inserted += inserted;
        self.numbers.payload_bytes += of.payload_bytes;
        self.numbers.compressed_bytes += sent;
        self.numbers.unusable += of.unusable;
        self.unusable.extend(step::unusable(&built));
        self.after = Some(built.after);
    }
}
