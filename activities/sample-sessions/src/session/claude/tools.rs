//! Calls of tools and what the tools answer.

use super::{Claude, Item, Line, Role};
use crate::{
    json::{field, text},
    manifest::ExpectedEvent,
    prose,
};

const TOOLS: [&str; 7] = ["Bash", "Read", "Edit", "Grep", "Write", "WebFetch", "mcp__tracker__find_issue"];

impl Claude {
    pub(super) fn call(&mut self, out: &mut Vec<u8>, line: &mut Line<'_>) {
        let id = format!("toolu_{}", self.random.hex(24));
        let tool = self.random.pick(&TOOLS);
        let mut input = Vec::new();
        match tool {
            "Bash" => {
                input.extend_from_slice(b"{\"command\":");
                text(&mut input, &prose::command(&mut self.random));
                field(&mut input, "description", &prose::sentences(&mut self.random, 30));
            }
            "Edit" | "Write" => {
                input.extend_from_slice(b"{\"file_path\":");
                text(&mut input, &format!("{}/{}", self.cwd, prose::path(&mut self.random)));
                let size = self.size(900, 6);
                field(
                    &mut input,
                    if tool == "Edit" { "old_string" } else { "content" },
                    &prose::code(&mut self.random, size),
                );
                if tool == "Edit" {
                    field(&mut input, "new_string", &prose::code(&mut self.random, size));
                }
            }
            _ => {
                input.extend_from_slice(b"{\"path\":");
                text(&mut input, &format!("{}/{}", self.cwd, prose::path(&mut self.random)));
                input.extend_from_slice(
                    format!(",\"offset\":{},\"ratio\":1.50,\"nested\":{{\"a\":[1,2.0,null]}}", self.random.below(2000))
                        .as_bytes(),
                );
            }
        }
        input.push(b'}');
        let input = String::from_utf8_lossy(&input).into_owned();
        out.extend_from_slice(b"{\"type\":\"tool_use\",\"id\":");
        text(out, &id);
        field(out, "name", tool);
        out.extend_from_slice(b",\"input\":");
        // What is not an object is no input.
        let is_object = !self.random.permille(5);
        out.extend_from_slice(if is_object { input.as_bytes() } else { b"\"no object\"" });
        out.push(b'}');
        line.expect(
            Role::Assistant,
            &Item {
                input: is_object.then_some(input.as_str()),
                tool_name: Some(tool),
                tool_call_id: Some(&id),
                ..Item::default()
            },
        );
        self.calls.push(id);
    }

    pub(super) fn tool_results(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        let timestamp = self.open("user", out);
        out.extend_from_slice(b",\"message\":{\"role\":\"user\",\"content\":[");
        let place = self.place.clone();
        let mut line = Self::line(&place, offset, timestamp, events);
        let together = if self.random.permille(850) { 1 } else { self.calls.len() };
        let mut shown = String::new();
        for at in 0..together {
            if at > 0 {
                out.push(b',');
            }
            let id = self.calls.remove(0);
            let size = self.size(1500, 8);
            let result = prose::output(&mut self.random, size);
            out.extend_from_slice(b"{\"tool_use_id\":");
            text(out, &id);
            field(out, "type", "tool_result");
            out.extend_from_slice(b",\"content\":");
            let item = |output| Item { output: Some(output), tool_call_id: Some(&id), ..Item::default() };
            match self.random.below(100) {
                0..=1 => out.extend_from_slice(b"\"\""),
                2 => out.extend_from_slice(
                    b"[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"aGVsbG8=\"}}]",
                ),
                3..=14 => {
                    let second = prose::sentences(&mut self.random, 120);
                    out.extend_from_slice(b"[{\"type\":\"text\",\"text\":");
                    text(out, &result);
                    out.extend_from_slice(b"},{\"type\":\"text\",\"text\":");
                    text(out, &second);
                    out.extend_from_slice(b"}]");
                    line.expect(Role::Tool, &item(&format!("{result}\n{second}")));
                }
                _ => {
                    text(out, &result);
                    line.expect(Role::Tool, &item(&result));
                }
            }
            out.extend_from_slice(if self.random.permille(40) {
                b",\"is_error\":true}"
            } else {
                b",\"is_error\":false}"
            });
            shown = result;
        }
        if self.random.permille(30) {
            // Text beside results is no event.
            out.extend_from_slice(b",{\"type\":\"text\",\"text\":\"[the person interrupted]\"}");
        }
        out.extend_from_slice(b"]},\"toolUseResult\":{\"stdout\":");
        text(out, &shown);
        out.extend_from_slice(b",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false}}");
    }
}
