//! What the agents write, line by line, and the events that each line stands for.

mod claude;
mod codex;
mod gemini;

pub(crate) use self::{claude::Claude, codex::Codex, gemini::Gemini};

use crate::{
    manifest::{ExpectedEvent, Provider, Role, text_sha256},
    random::Random,
};

/// What the events of one file have in common.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) provider: Provider,
    pub(crate) session_id: String,
    pub(crate) source_path: String,
}

/// An event as its line is written.
#[derive(Default)]
pub(crate) struct Item<'a> {
    pub(crate) content: Option<&'a str>,
    pub(crate) output: Option<&'a str>,
    pub(crate) input: Option<&'a str>,
    pub(crate) tool_name: Option<&'a str>,
    pub(crate) tool_call_id: Option<&'a str>,
}

/// Collects the events of one line.
pub(crate) struct Line<'a> {
    pub(crate) place: &'a Place,
    pub(crate) offset: u64,
    pub(crate) timestamp: Option<String>,
    pub(crate) next_item: u32,
    pub(crate) events: &'a mut Vec<ExpectedEvent>,
}

impl Line<'_> {
    pub(crate) fn expect(&mut self, role: Role, item: &Item<'_>) {
        self.events.push(ExpectedEvent {
            provider: self.place.provider,
            session_id: self.place.session_id.clone(),
            source_path: self.place.source_path.clone(),
            source_offset: self.offset,
            item_index: self.next_item,
            role,
            text_sha256: text_sha256(item.content, item.output, item.input),
            tool_name: item.tool_name.map(str::to_owned),
            tool_call_id: item.tool_call_id.map(str::to_owned),
            timestamp: self.timestamp.clone(),
        });
        self.next_item += 1;
    }
}

/// The clock of a session, in milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone)]
pub(crate) struct Clock(pub(crate) u64);

impl Clock {
    /// Some moment of the first half of 2026.
    pub(crate) fn start(random: &mut Random) -> Self {
        Self(1_767_225_600_000 + random.below(180 * 86_400_000))
    }

    pub(crate) fn tick(&mut self, random: &mut Random) -> String {
        self.0 += random.long_tailed(700, 8);
        crate::moment::rfc3339(self.0)
    }
}

/// Ends a line: LF, now and then CRLF.
pub(crate) fn end_line(random: &mut Random, out: &mut Vec<u8>) {
    out.extend_from_slice(if random.permille(15) { b"\r\n" } else { b"\n" });
}

/// Lines that are no lines of a session: torn, not JSON, not an object, blank. They stand for nothing and end in LF.
pub(crate) fn unusable_line(random: &mut Random, out: &mut Vec<u8>) {
    out.extend_from_slice(random.pick::<&[u8]>(&[
        b"{\"type\":\"assistant\",\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"te",
        b"not JSON at all",
        b"[1, 2, 3]",
        b"\"a string\"",
        b"null",
        b"17",
        b"",
        b"   \t ",
        b"\0\0\0\0\0\0\0\0\0\0\0\0",
        b"{\"type\":\"user\",}",
        b"\xff\xfe broken bytes",
    ]));
}
