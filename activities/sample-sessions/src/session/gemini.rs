//! Documents of Gemini CLI: one JSON object that is written anew at every turn.

use super::{Clock, Item, Line, Place};
use crate::{
    json::{field, text},
    manifest::{ExpectedEvent, Role},
    prose,
    random::Random,
};

/// Writes the messages of one document.
#[derive(Debug, Clone)]
pub(crate) struct Gemini {
    pub(crate) place: Place,
    /// What the document calls itself.
    own_id: String,
    random: Random,
    clock: Clock,
    cwd: String,
    started: String,
    is_first: bool,
    /// The last moment and how many events have it.
    last: (String, u32),
    longest: u64,
}

impl Gemini {
    /// `longest` is about the size of a large message, in bytes.
    pub(crate) fn new(place: Place, seed: u64, own_id: String, longest: u64) -> Self {
        let mut random = Random::new(seed);
        let mut clock = Clock::start(&mut random);
        Self {
            cwd: format!("/home/dev/work/{}", prose::project(&mut random)),
            started: clock.tick(&mut random),
            clock,
            place,
            own_id,
            random,
            is_first: true,
            last: (String::new(), 0),
            longest,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.0
    }

    /// What stands before the messages.
    pub(crate) fn head(&self) -> Vec<u8> {
        let mut out = b"{\n  \"sessionId\": ".to_vec();
        text(&mut out, &self.own_id);
        out.extend_from_slice(b",\n  \"projectHash\": ");
        text(&mut out, &Random::part(self.clock.0, 1).hex(64));
        out.extend_from_slice(b",\n  \"startTime\": ");
        text(&mut out, &self.started);
        out.extend_from_slice(b",\n  \"messages\": [");
        out
    }

    /// What stands after them.
    pub(crate) fn tail(&self) -> Vec<u8> {
        let mut out = b"\n  ],\n  \"lastUpdated\": ".to_vec();
        text(&mut out, &crate::moment::rfc3339(self.clock.0));
        out.extend_from_slice(b"\n}\n");
        out
    }

    /// Appends the next message and what it stands for.
    pub(crate) fn next_message(&mut self, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        if !self.is_first {
            out.push(b',');
        }
        self.is_first = false;
        let now = if !self.last.0.is_empty() && self.random.permille(40) {
            self.last.0.clone()
        } else {
            self.clock.tick(&mut self.random)
        };
        if now != self.last.0 {
            self.last = (now.clone(), 0);
        }
        let kind = match self.random.below(100) {
            0..=29 => "user",
            30..=93 => "gemini",
            94..=96 => "info",
            _ => "system",
        };
        out.extend_from_slice(b"\n    {\n      \"id\": ");
        text(out, &self.random.uuid());
        out.extend_from_slice(b",\n      \"timestamp\": ");
        text(out, &now);
        out.extend_from_slice(b",\n      \"type\": ");
        text(out, kind);
        out.extend_from_slice(b",\n      \"content\": ");
        let size = self.random.long_tailed(500, 5).min(self.longest);
        let said = if kind == "gemini" && self.random.permille(300) {
            String::new()
        } else {
            prose::sentences(&mut self.random, size)
        };
        text(out, &said);
        let place = self.place.clone();
        let mut line = Line { place: &place, offset: 0, timestamp: Some(now), next_item: self.last.1, events };
        let role = match kind {
            "user" => Some(Role::User),
            "gemini" => Some(Role::Assistant),
            _ => None,
        };
        if let (Some(role), false) = (role, said.is_empty()) {
            line.expect(role, &Item { content: Some(&said), ..Item::default() });
        }
        if kind == "gemini" && self.random.permille(500) {
            out.extend_from_slice(b",\n      \"toolCalls\": [");
            let calls = 1 + self.random.below(2);
            for call in 0..calls {
                out.extend_from_slice(if call > 0 { b"," } else { b"" });
                self.call(out, &mut line);
            }
            out.extend_from_slice(b"\n      ]");
        }
        self.last.1 = line.next_item;
        out.extend_from_slice(b"\n    }");
    }

    fn call(&mut self, out: &mut Vec<u8>, line: &mut Line<'_>) {
        let id = format!("read_file-{}-{}", self.clock.0, self.random.hex(8));
        let shows_name = self.random.permille(800);
        let mut input = b"{\"absolute_path\":".to_vec();
        text(&mut input, &format!("{}/{}", self.cwd, prose::path(&mut self.random)));
        input.push(b'}');
        let input = String::from_utf8_lossy(&input).into_owned();
        out.extend_from_slice(b"\n        {\n          \"id\": ");
        text(out, &id);
        out.extend_from_slice(b",\n          \"name\": \"read_file\",\n          \"args\": ");
        out.extend_from_slice(input.as_bytes());
        let tool = if shows_name { "ReadFile" } else { "read_file" };
        line.expect(
            Role::Assistant,
            &Item { input: Some(&input), tool_name: Some(tool), tool_call_id: Some(&id), ..Item::default() },
        );
        out.extend_from_slice(b",\n          \"result\": [");
        let results = u64::from(!self.random.permille(80));
        for _ in 0..results {
            let size = self.random.long_tailed(1200, 5).min(self.longest);
            let shown = prose::output(&mut self.random, size);
            out.extend_from_slice(b"\n            {\"functionResponse\": {\"id\": ");
            text(out, &id);
            field(out, "name", "read_file");
            out.extend_from_slice(b", \"response\": {\"output\": ");
            text(out, &shown);
            out.extend_from_slice(b"}}}");
            line.expect(Role::Tool, &Item { output: Some(&shown), tool_call_id: Some(&id), ..Item::default() });
        }
        out.extend_from_slice(b"],\n          \"status\": \"success\"");
        if shows_name {
            out.extend_from_slice(b",\n          \"displayName\": \"ReadFile\"");
        }
        out.extend_from_slice(b"\n        }");
    }
}
