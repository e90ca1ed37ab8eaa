//! Sessions of Claude Code and of its sub-agents.

mod tools;

use super::{Clock, Item, Line, Place, end_line, unusable_line};
use crate::{
    json::{field, text},
    manifest::{ExpectedEvent, Role},
    prose,
    random::Random,
};

/// Writes the lines of one file.
#[derive(Debug, Clone)]
pub(crate) struct Claude {
    pub(crate) place: Place,
    random: Random,
    clock: Clock,
    cwd: String,
    branch: String,
    version: String,
    /// What the lines themselves call the session: the parent's, in a sub-agent's file.
    own_id: String,
    agent: Option<String>,
    parent: Option<String>,
    /// Calls that wait for their result.
    calls: Vec<String>,
    longest: u64,
}

impl Claude {
    /// `longest` is about the size of a large line, in bytes.
    pub(crate) fn new(place: Place, seed: u64, own_id: String, agent: Option<String>, longest: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            clock: Clock::start(&mut random),
            cwd: format!("/home/dev/work/{}", prose::project(&mut random)),
            branch: random.pick(&["main", "main", "feature/retry-offsets", "fix/utf8", "HEAD"]).to_owned(),
            version: format!("2.0.{}", random.below(80)),
            place,
            own_id,
            agent,
            parent: None,
            calls: Vec::new(),
            longest,
            random,
        }
    }

    /// Appends the next line and what it stands for. `offset` is where it starts in the file.
    pub(crate) fn next_line(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        if self.random.permille(6) {
            unusable_line(&mut self.random, out);
        } else if !self.calls.is_empty() && self.random.permille(700) {
            self.tool_results(offset, out, events);
        } else {
            match self.random.below(1000) {
                0..=89 => self.prompt(offset, out, events),
                90..=699 => self.answer(offset, out, events),
                700..=829 => self.progress(out),
                830..=899 => self.snapshot(out),
                900..=929 => self.system(out),
                930..=949 => self.summary(out),
                950..=979 => self.queue_operation(out),
                _ => self.unknown(out),
            }
        }
        end_line(&mut self.random, out);
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.0
    }

    fn size(&mut self, median: u64, doublings: u64) -> u64 {
        self.random.long_tailed(median, doublings).min(self.longest)
    }

    /// Opens a line of a message: everything but `message`, which follows. Gives the timestamp, if it has one.
    fn open(&mut self, kind: &str, out: &mut Vec<u8>) -> Option<String> {
        let uuid = self.random.uuid();
        out.extend_from_slice(b"{\"parentUuid\":");
        match self.parent.replace(uuid.clone()) {
            Some(parent) => text(out, &parent),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(if self.agent.is_some() { b",\"isSidechain\":true" } else { b",\"isSidechain\":false" });
        field(out, "userType", "external");
        field(out, "cwd", &self.cwd);
        field(out, "sessionId", &self.own_id);
        field(out, "version", &self.version);
        field(out, "gitBranch", &self.branch);
        if let Some(agent) = &self.agent {
            field(out, "agentId", agent);
        }
        field(out, "type", kind);
        field(out, "uuid", &uuid);
        let now = self.clock.tick(&mut self.random);
        match self.random.below(400) {
            0 => None,
            1 => {
                field(out, "timestamp", "some time ago");
                None
            }
            _ => {
                field(out, "timestamp", &now);
                Some(now)
            }
        }
    }

    fn line<'a>(
        place: &'a Place,
        offset: u64,
        timestamp: Option<String>,
        events: &'a mut Vec<ExpectedEvent>,
    ) -> Line<'a> {
        Line { place, offset, timestamp, next_item: 0, events }
    }

    fn prompt(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        let timestamp = self.open("user", out);
        out.extend_from_slice(b",\"message\":{\"role\":\"user\",\"content\":");
        let size = self.size(220, 7);
        let prompt = prose::sentences(&mut self.random, size);
        let mut line = Self::line(&self.place, offset, timestamp, events);
        match self.random.below(20) {
            0 => out.extend_from_slice(b"\" \\n \""),
            1..=4 => {
                let second = prose::code(&mut self.random, 200);
                out.extend_from_slice(b"[{\"type\":\"text\",\"text\":");
                text(out, &prompt);
                out.extend_from_slice(
                    b"},{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":",
                );
                text(out, &prose::noise(&mut self.random, 600));
                out.extend_from_slice(b"}},{\"type\":\"text\",\"text\":");
                text(out, &second);
                out.extend_from_slice(b"}]");
                line.expect(Role::User, &Item { content: Some(&format!("{prompt}\n{second}")), ..Item::default() });
            }
            5 => {
                // Bytes that are no UTF-8: read as one replacement character each.
                text(out, &prompt);
                out.pop();
                out.extend_from_slice(b" caf\xe9!\"");
                line.expect(Role::User, &Item { content: Some(&format!("{prompt} caf\u{fffd}!")), ..Item::default() });
            }
            _ => {
                text(out, &prompt);
                line.expect(Role::User, &Item { content: Some(&prompt), ..Item::default() });
            }
        }
        out.extend_from_slice(b"}}");
    }

    fn answer(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        let timestamp = self.open("assistant", out);
        let message = self.random.hex(24);
        out.extend_from_slice(b",\"requestId\":");
        text(out, &format!("req_{}", self.random.hex(20)));
        out.extend_from_slice(b",\"message\":{\"id\":");
        text(out, &format!("msg_{message}"));
        out.extend_from_slice(
            b",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"sample-model-1\",\"content\":[",
        );
        let blocks = 1 + u64::from(self.random.permille(120)) + u64::from(self.random.permille(60));
        let (place, offset) = (self.place.clone(), offset);
        let mut line = Self::line(&place, offset, timestamp, events);
        for block in 0..blocks {
            if block > 0 {
                out.push(b',');
            }
            match self.random.below(100) {
                0..=14 => self.thinking(out),
                15 => out.extend_from_slice(b"{\"type\":\"text\",\"text\":\"\\n\\n\"}"),
                16..=44 => {
                    let size = self.size(500, 5);
                    let mut said = prose::sentences(&mut self.random, size);
                    if self.random.permille(250) {
                        said.push_str(&format!("\n\n```rust\n{}```", prose::code(&mut self.random, size)));
                    }
                    out.extend_from_slice(b"{\"type\":\"text\",\"text\":");
                    text(out, &said);
                    out.push(b'}');
                    line.expect(Role::Assistant, &Item { content: Some(&said), ..Item::default() });
                }
                _ => self.call(out, &mut line),
            }
        }
        let (used, made) = (self.random.below(90_000), self.random.below(4000));
        out.extend_from_slice(
            format!("],\"stop_reason\":null,\"usage\":{{\"input_tokens\":{used},\"output_tokens\":{made},\"service_tier\":\"standard\"}}}}}}").as_bytes(),
        );
    }

    fn thinking(&mut self, out: &mut Vec<u8>) {
        if self.random.permille(100) {
            out.extend_from_slice(b"{\"type\":\"redacted_thinking\",\"data\":");
            text(out, &prose::noise(&mut self.random, 800));
        } else {
            let size = self.size(900, 5);
            out.extend_from_slice(b"{\"type\":\"thinking\",\"thinking\":");
            text(out, &prose::sentences(&mut self.random, size));
            field(out, "signature", &prose::noise(&mut self.random, 320));
        }
        out.push(b'}');
    }

    fn progress(&mut self, out: &mut Vec<u8>) {
        self.open("progress", out);
        let size = self.size(11_000, 7);
        out.extend_from_slice(b",\"data\":{\"type\":\"bash_progress\",\"fullOutput\":");
        text(out, &prose::output(&mut self.random, size));
        out.extend_from_slice(b",\"elapsedTimeSeconds\":4}}");
    }

    fn snapshot(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"file-history-snapshot\"");
        field(out, "messageId", &self.random.uuid());
        out.extend_from_slice(b",\"snapshot\":{\"trackedFileBackups\":{");
        let files = self.random.long_tailed(30, 6).min(self.longest / 128 + 1);
        for file in 0..files {
            if file > 0 {
                out.push(b',');
            }
            text(out, &format!("{file}/{}", prose::path(&mut self.random)));
            out.extend_from_slice(b":{\"backupFileName\":");
            text(out, &format!("{}@v{}", self.random.hex(16), self.random.between(1, 9)));
            out.extend_from_slice(b",\"version\":1}");
        }
        out.extend_from_slice(b"}},\"isSnapshotUpdate\":false}");
    }

    fn system(&mut self, out: &mut Vec<u8>) {
        self.open("system", out);
        field(out, "subtype", "informational");
        field(out, "content", &prose::sentences(&mut self.random, 150));
        out.push(b'}');
    }

    fn summary(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"summary\"");
        field(out, "summary", &prose::sentences(&mut self.random, 60));
        field(out, "leafUuid", &self.random.uuid());
        out.push(b'}');
    }

    fn queue_operation(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"type\":\"queue-operation\",\"operation\":\"enqueue\"");
        field(out, "timestamp", &self.clock.tick(&mut self.random));
        field(out, "content", &prose::sentences(&mut self.random, 80));
        field(out, "sessionId", &self.own_id);
        out.push(b'}');
    }

    fn unknown(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(
            b"{\"type\":\"kind-of-tomorrow\",\"number\":1e400,\"long\":123456789012345678901234567890",
        );
        field(out, "note", &prose::sentences(&mut self.random, 50));
        out.push(b'}');
    }
}
