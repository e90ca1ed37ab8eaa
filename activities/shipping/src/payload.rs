//! The body of a request, written straight into its buffer.
//!
//! What names the session stands before the events and what grows with them behind, so that a body is written in one go and a
//! server can read it in one go.

use std::path::Path;

use crate::{
    json,
    provider::{Event, Input, Names, Text},
    session::SessionMetadata,
    timestamp::Timestamp,
};

/// Where an event comes from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Its moment, as the wire wants it.
    pub(crate) timestamp: &'a [u8],
    /// Offset of its record.
    pub(crate) offset: u64,
    /// Its ordinal among the events of one line, or of one moment in a document.
    pub(crate) item: u32,
    /// Whether the record holds what strict readers refuse.
    pub(crate) odd: bool,
    /// The record itself, for its first event.
    pub(crate) raw: Option<&'a str>,
}

/// A body on its way; nothing is written before the first event.
#[derive(Debug)]
pub(crate) struct Body<'p> {
    out: &'p mut Vec<u8>,
    path: Vec<u8>,
    open: bool,
}

impl<'p> Body<'p> {
    pub(crate) fn new(out: &'p mut Vec<u8>, path: &Path) -> Self {
        out.clear();
        let mut literal = Vec::new();
        push_string(&mut literal, &path.to_string_lossy());
        Self { out, path: literal, open: false }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Writes what stands before the events.
    pub(crate) fn open(&mut self, provider: &str, device: &str, names: &Names) {
        let members = [
            ("{\"id\":", names.id.as_str()),
            (",\"provider\":", provider),
            (",\"environment\":", "production"),
            (",\"device_id\":", device),
            (",\"provider_session_id\":", &names.provider_session_id),
        ];
        for (name, value) in members {
            self.out.extend_from_slice(name.as_bytes());
            push_string(self.out, value);
        }
        self.out.extend_from_slice(b",\"events\":[");
        self.open = true;
    }

    pub(crate) fn event(&mut self, event: &Event<'_>, place: &Place<'_>) {
        let odd = place.odd;
        if self.out.last() != Some(&b'[') {
            self.out.push(b',');
        }
        self.out.extend_from_slice(b"{\"role\":\"");
        self.out.extend_from_slice(event.role.name().as_bytes());
        self.out.push(b'"');
        if let Some(text) = &event.content_text {
            self.text(b",\"content_text\":", text, odd);
        }
        if let Some(name) = event.tool_name {
            self.literal(b",\"tool_name\":", name, odd);
        }
        if let Some(input) = &event.tool_input {
            self.input(input, odd);
        }
        if let Some(text) = &event.tool_output {
            self.text(b",\"tool_output_text\":", text, odd);
        }
        if let Some(id) = event.tool_call_id {
            self.literal(b",\"tool_call_id\":", id, odd);
        }
        self.number(b",\"item_index\":", place.item.into());
        self.out.extend_from_slice(b",\"timestamp\":\"");
        self.out.extend_from_slice(place.timestamp);
        self.out.extend_from_slice(b"\",\"source_path\":");
        self.out.extend_from_slice(&self.path);
        self.number(b",\"source_offset\":", place.offset);
        if let Some(raw) = place.raw {
            self.out.extend_from_slice(b",\"raw_json\":");
            push_string(self.out, raw);
        }
        self.out.push(b'}');
    }

    /// Writes what stands behind the events.
    pub(crate) fn close(self, session: &SessionMetadata) {
        if !self.open {
            return;
        }
        self.out.push(b']');
        let project = session.cwd.as_deref().and_then(project);
        let members = [
            (",\"project\":", project),
            (",\"cwd\":", session.cwd.as_deref()),
            (",\"git_repo\":", None),
            (",\"git_branch\":", session.git_branch.as_deref()),
        ];
        for (name, value) in members {
            self.out.extend_from_slice(name.as_bytes());
            match value {
                Some(value) => push_string(self.out, value),
                None => self.out.extend_from_slice(b"null"),
            }
        }
        // Without a moment in any line it is that of the events.
        let moment = session.first_seen.unwrap_or(Timestamp(0));
        for (name, value) in [(",\"started_at\":\"", session.started_at), (",\"ended_at\":\"", session.ended_at)] {
            self.out.extend_from_slice(name.as_bytes());
            value.unwrap_or(moment).push(self.out);
            self.out.push(b'"');
        }
        self.out.push(b'}');
    }

    fn literal(&mut self, name: &[u8], literal: &str, odd: bool) {
        self.out.extend_from_slice(name);
        json::push_json(self.out, literal, odd);
    }

    fn text(&mut self, name: &[u8], text: &Text<'_>, odd: bool) {
        self.out.extend_from_slice(name);
        match text {
            Text::Literal(literal) => json::push_json(self.out, literal, odd),
            Text::Joined(parts) => {
                self.out.push(b'"');
                for (index, literal) in parts.iter().enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(b"\\n");
                    }
                    json::push_inner(self.out, literal, odd);
                }
                self.out.push(b'"');
            }
            Text::Decoded(text) => push_string(self.out, text),
            Text::Json(text) => push_string(self.out, text),
        }
    }

    fn input(&mut self, input: &Input<'_>, odd: bool) {
        self.out.extend_from_slice(b",\"tool_input_json\":");
        match input {
            Input::Object(object) => json::push_json(self.out, object, odd),
            // Whether this is odd, the record around it cannot tell.
            Input::Decoded(object) => json::push_json(self.out, object, true),
            Input::Raw(literal) => {
                self.out.extend_from_slice(b"{\"raw\":");
                json::push_json(self.out, literal, odd);
                self.out.push(b'}');
            }
        }
    }

    fn number(&mut self, name: &[u8], value: u64) {
        self.out.extend_from_slice(name);
        let mut digits = [b'0'; 20];
        let (mut at, mut left) = (digits.len(), value);
        while at == digits.len() || left > 0 {
            at -= 1;
            if let Some(digit) = digits.get_mut(at) {
                *digit = b'0' + u8::try_from(left % 10).unwrap_or_default();
            }
            left /= 10;
        }
        self.out.extend_from_slice(digits.get(at..).unwrap_or_default());
    }
}

fn push_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    json::push_escaped(out, text);
    out.push(b'"');
}

/// The last component of a working folder, of whichever system.
fn project(cwd: &str) -> Option<&str> {
    let of_unix = cwd.starts_with('/');
    cwd.rsplit(|mark| mark == '/' || (mark == '\\' && !of_unix)).find(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_the_last_component_of_its_folder() {
        for (cwd, name) in [
            ("/home/ada/engine", Some("engine")),
            ("/home/ada/engine/", Some("engine")),
            ("/a\\b", Some("a\\b")),
            ("C:\\Users\\ada\\engine", Some("engine")),
            ("engine", Some("engine")),
            ("/", None),
            ("", None),
        ] {
            assert_eq!(project(cwd), name, "{cwd}");
        }
    }
}
