//! A session that is one JSON document, rewritten as a whole: its messages to the bodies of requests.

use std::{borrow::Cow, collections::HashMap, ops::Range, path::Path};

use crate::{
    batch::{Built, Options, Source, UNUSABLE_NAMED, UnusableLine},
    edit,
    payload::{Body, Place},
    provider::Provider,
    session::SessionMetadata,
    timestamp::Timestamp,
};

/// Why a document gives nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Perhaps it is being rewritten at this moment; a later reading shows.
    #[error("the document is not valid JSON at byte {offset}")]
    NotJson {
        /// Where it stops being JSON.
        offset: u64,
    },
    /// It is JSON, but holds no messages in any place known.
    #[error("the document is JSON, but not a session: there are no messages in it")]
    NotASession,
}

/// A document read once, from which bodies of any ranges of its messages can be built.
#[derive(Debug)]
pub struct Document<'a> {
    provider: &'static dyn Provider,
    path: &'a Path,
    options: &'a Options,
    /// With everything replaced that has to be.
    text: Cow<'a, str>,
    messages: Vec<Message>,
    /// What a range that starts at 0 reports: replacements, messages that are none.
    whole: Built,
}

/// Where a message stands, and what its events need to know of the document before it.
#[derive(Debug)]
struct Message {
    range: Range<usize>,
    moment: Timestamp,
    /// Events of the same moment before it.
    before: u32,
}

impl<'a> Document<'a> {
    /// Reads a whole file of a provider whose layout is [`Layout::Document`](crate::provider::Layout::Document). `before` is what
    /// is known from an earlier reading of the same file, or [`SessionMetadata::starting`].
    ///
    /// # Errors
    /// When it is no session. A document that a writer is half through reads as no JSON: wait for its next change.
    pub fn open(
        source: &Source<'a>,
        bytes: &'a [u8],
        before: &SessionMetadata,
        options: &'a Options,
    ) -> Result<Self, DocumentError> {
        let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let edits = options.edits(&text);
        let text = if edits.is_empty() { text } else { Cow::Owned(edit::apply(&text, 0, &edits)) };
        let Source { provider, path } = *source;
        let mut whole = Built { after: before.clone(), ..Built::default() };
        whole.count_edits(&edits);
        let messages = read(provider, path, &text, &mut whole)?;
        Ok(Self { provider, path, options, text, messages, whole })
    }

    /// How many messages it holds.
    pub fn messages(&self) -> u32 {
        u32::try_from(self.messages.len()).unwrap_or(u32::MAX)
    }

    /// What is known of the session by the whole document.
    pub fn metadata(&self) -> &SessionMetadata {
        &self.whole.after
    }

    /// All messages in ranges of at most `limit` bytes of source each, but at least one message.
    pub fn ranges(&self, limit: u64) -> Vec<Range<u32>> {
        let (mut ranges, mut start, mut bytes) = (Vec::new(), 0, 0);
        for (message, index) in self.messages.iter().zip(0..) {
            let length = message.range.len() as u64;
            if index > start && bytes + length > limit {
                ranges.push(start..index);
                (start, bytes) = (index, 0);
            }
            bytes += length;
        }
        if start < self.messages() {
            ranges.push(start..self.messages());
        }
        ranges
    }

    /// The body of one request from a range of the messages. [`Built::after`] speaks of the whole document, whatever the range; the
    /// counts of media, secrets and unusable messages are those of the whole document in the range that starts at 0, and none in
    /// others. `payload` is overwritten.
    pub fn build(&self, messages: Range<u32>, payload: &mut Vec<u8>) -> Built {
        let mut built = if messages.start == 0 {
            self.whole.clone()
        } else {
            Built { after: self.whole.after.clone(), ..Built::default() }
        };
        let mut body = Body::new(payload, self.path);
        let wanted =
            usize::try_from(messages.start).unwrap_or(usize::MAX)..usize::try_from(messages.end).unwrap_or(usize::MAX);
        let end = wanted.end.min(self.messages.len());
        let mut moment = Vec::new();
        for message in self.messages.get(wanted.start..end).unwrap_or_default() {
            built.lines += 1;
            let text = self.text.get(message.range.clone()).unwrap_or_default();
            let Ok(record) = self.provider.read(text) else { continue };
            if !record.events.is_empty() && !body.is_open() {
                let names = built.after.names(self.provider, self.path);
                body.open(self.provider.name(), &self.options.device_id, &names);
            }
            moment.clear();
            message.moment.push(&mut moment);
            let mut raw = (!self.options.omit_raw).then_some(text);
            for (event, item) in record.events.iter().zip(message.before..) {
                // Every record of a document stands at 0, as the older daemon has it.
                let place = Place { timestamp: &moment, offset: 0, item, odd: record.odd, raw: raw.take() };
                body.event(event, &place);
                built.count(event.role);
            }
        }
        body.close(&built.after);
        built
    }
}

/// Goes over all messages once, for what each needs to know of those before it.
fn read(
    provider: &'static dyn Provider,
    path: &Path,
    text: &str,
    whole: &mut Built,
) -> Result<Vec<Message>, DocumentError> {
    let outline = provider.outline(text)?;
    let session = &mut whole.after;
    session.name(provider.names(path, outline.session));
    let moments = outline.moments.map(|moment| moment.and_then(Timestamp::of_json));
    for moment in moments.into_iter().flatten() {
        session.reach(moment);
    }
    // Before the first message with a moment of its own it is that of the start; and each reading begins anew.
    session.last_timestamp = moments.first().copied().flatten();
    let mut of_moment: HashMap<Timestamp, u32> = HashMap::new();
    let mut messages = Vec::with_capacity(outline.messages.len());
    for range in outline.messages {
        let message = text.get(range.clone()).unwrap_or_default();
        match provider.read(message) {
            Ok(record) => {
                let moment = session.pass(provider, path, &record);
                let seen = of_moment.entry(moment).or_default();
                messages.push(Message { range, moment, before: *seen });
                *seen = seen.saturating_add(u32::try_from(record.events.len()).unwrap_or(u32::MAX));
            }
            Err(reason) => {
                whole.unusable_count += 1;
                if whole.unusable.len() < UNUSABLE_NAMED {
                    let (offset, bytes) = (range.start as u64, range.len() as u64);
                    whole.unusable.push(UnusableLine { offset, bytes, reason });
                }
            }
        }
    }
    Ok(messages)
}
