//! Rollouts of Codex.

use super::{Clock, Item, Line, Place, end_line, unusable_line};
use crate::{
    json::{field, text},
    manifest::{ExpectedEvent, Role},
    prose,
    random::Random,
};

/// Writes the lines of one file.
#[derive(Debug, Clone)]
pub(crate) struct Codex {
    pub(crate) place: Place,
    random: Random,
    clock: Clock,
    cwd: String,
    /// Lines that are still to come before the conversation.
    head: u64,
    calls: Vec<String>,
    longest: u64,
}

impl Codex {
    /// `longest` is about the size of a large line, in bytes.
    pub(crate) fn new(place: Place, seed: u64, longest: u64) -> Self {
        let mut random = Random::new(seed);
        Self {
            clock: Clock::start(&mut random),
            cwd: format!("/home/dev/work/{}", prose::project(&mut random)),
            head: 2 + u64::from(random.permille(150)),
            place,
            calls: Vec::new(),
            longest,
            random,
        }
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.0
    }

    /// Appends the next line and what it stands for. `offset` is where it starts in the file.
    pub(crate) fn next_line(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        if self.head > 0 {
            self.head_line(offset, out);
        } else if self.random.permille(6) {
            unusable_line(&mut self.random, out);
        } else if !self.calls.is_empty() && self.random.permille(700) {
            self.result(offset, out, events);
        } else {
            match self.random.below(100) {
                0..=9 => self.message("user", offset, out, events),
                10..=34 => self.message("assistant", offset, out, events),
                35..=36 => self.message("developer", offset, out, events),
                37..=64 => self.call(offset, out, events),
                65..=79 => self.reasoning(out),
                80..=93 => self.event_message(out),
                _ => self.turn(out),
            }
        }
        end_line(&mut self.random, out);
    }

    fn open(&mut self, kind: &str, out: &mut Vec<u8>) -> Option<String> {
        let now = self.clock.tick(&mut self.random);
        let has_time = !self.random.permille(4);
        if has_time {
            out.extend_from_slice(b"{\"timestamp\":");
            text(out, &now);
            field(out, "type", kind);
        } else {
            out.extend_from_slice(b"{\"type\":");
            text(out, kind);
        }
        out.extend_from_slice(b",\"payload\":{\"type\":");
        has_time.then_some(now)
    }

    /// The meta line of this session; in a forked one its parent's follows, which changes nothing.
    fn head_line(&mut self, offset: u64, out: &mut Vec<u8>) {
        self.head -= 1;
        if offset > 0 && self.head == 0 {
            return self.turn(out);
        }
        let id = if offset == 0 { self.place.session_id.clone() } else { self.random.uuid() };
        let now = self.clock.tick(&mut self.random);
        out.extend_from_slice(b"{\"timestamp\":");
        text(out, &now);
        out.extend_from_slice(b",\"type\":\"session_meta\",\"payload\":{\"id\":");
        text(out, &id);
        field(out, "timestamp", &now);
        field(out, "cwd", if offset == 0 { &self.cwd } else { "/home/dev/work/parent" });
        field(out, "originator", "codex_cli_rs");
        field(out, "cli_version", "0.98.0");
        let instructions = self.random.long_tailed(3000, 2).min(self.longest);
        field(out, "instructions", &prose::sentences(&mut self.random, instructions));
        out.extend_from_slice(b",\"git\":{\"commit_hash\":");
        text(out, &self.random.hex(40));
        field(out, "branch", "main");
        field(out, "repository_url", "https://git.example.org/dev/sample.git");
        out.extend_from_slice(b"}}}");
    }

    fn turn(&mut self, out: &mut Vec<u8>) {
        self.open("turn_context", out);
        out.extend_from_slice(b"\"turn\"");
        field(out, "cwd", &self.cwd);
        field(out, "approval_policy", "on-request");
        out.extend_from_slice(b"}}");
    }

    fn event_message(&mut self, out: &mut Vec<u8>) {
        self.open("event_msg", out);
        out.extend_from_slice(b"\"agent_message\"");
        let size = self.random.long_tailed(700, 6).min(self.longest);
        field(out, "message", &prose::sentences(&mut self.random, size));
        out.extend_from_slice(b"}}");
    }

    fn reasoning(&mut self, out: &mut Vec<u8>) {
        self.open("response_item", out);
        out.extend_from_slice(b"\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":");
        text(out, &prose::sentences(&mut self.random, 90));
        out.extend_from_slice(b"}],\"content\":null");
        let size = self.random.long_tailed(1200, 3).min(self.longest);
        field(out, "encrypted_content", &prose::noise(&mut self.random, size));
        out.extend_from_slice(b"}}");
    }

    fn message(&mut self, role: &str, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        let timestamp = self.open("response_item", out);
        out.extend_from_slice(b"\"message\"");
        field(out, "role", role);
        let size = self.random.long_tailed(400, 6).min(self.longest);
        let mut said = prose::sentences(&mut self.random, size);
        let kind = if role == "assistant" { "output_text" } else { "input_text" };
        out.extend_from_slice(b",\"content\":[{\"type\":");
        text(out, kind);
        field(out, "text", &said);
        if self.random.permille(120) {
            let second = prose::code(&mut self.random, 160);
            out.extend_from_slice(b"},{\"type\":");
            text(out, kind);
            field(out, "text", &second);
            said = format!("{said}\n{second}");
        }
        out.extend_from_slice(b"}]}}");
        let role = match role {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            _ => return,
        };
        let mut line = Line { place: &self.place, offset, timestamp, next_item: 0, events };
        line.expect(role, &Item { content: Some(&said), ..Item::default() });
    }

    fn call(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        let timestamp = self.open("response_item", out);
        let id = format!("call_{}", self.random.hex(24));
        let mut input = b"{\"command\":[\"bash\",\"-lc\",".to_vec();
        text(&mut input, &prose::command(&mut self.random));
        input.extend_from_slice(b"],\"timeout_ms\":");
        input.extend_from_slice(self.random.below(120_000).to_string().as_bytes());
        input.push(b'}');
        let input = String::from_utf8_lossy(&input).into_owned();
        out.extend_from_slice(b"\"function_call\",\"name\":\"shell\",\"arguments\":");
        text(out, &input);
        field(out, "call_id", &id);
        out.extend_from_slice(b"}}");
        let mut line = Line { place: &self.place, offset, timestamp, next_item: 0, events };
        line.expect(
            Role::Assistant,
            &Item { input: Some(&input), tool_name: Some("shell"), tool_call_id: Some(&id), ..Item::default() },
        );
        self.calls.push(id);
    }

    fn result(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        let timestamp = self.open("response_item", out);
        let id = self.calls.remove(0);
        let size = self.random.long_tailed(1500, 7).min(self.longest);
        // Never JSON by itself, which would stand for what is in it.
        let result = format!("Exit code: 0\nOutput:\n{}", prose::output(&mut self.random, size));
        out.extend_from_slice(b"\"function_call_output\"");
        field(out, "call_id", &id);
        field(out, "output", &result);
        out.extend_from_slice(b"}}");
        let mut line = Line { place: &self.place, offset, timestamp, next_item: 0, events };
        line.expect(Role::Tool, &Item { output: Some(&result), tool_call_id: Some(&id), ..Item::default() });
    }
}
