//! Codex: a line per item, each a type and its payload.

use std::path::{Path, PathBuf};

use super::{
    Event, Input, Layout, Names, Provider, Record, Role, Taken, Text, has_extension, parts, path_id, read_members,
    read_object, stem, string, take, uuid_of, word,
};
use crate::{
    batch::Unusable,
    config::Homes,
    json::{self, Invalid, Kind, Scanner},
};

#[derive(Debug)]
pub(super) struct Codex;

impl Provider for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn layout(&self) -> Layout {
        Layout::Lines
    }

    fn roots(&self, homes: &Homes) -> Vec<PathBuf> {
        vec![homes.codex.join("sessions")]
    }

    fn accepts(&self, homes: &Homes, path: &Path) -> bool {
        has_extension(path, "jsonl") && path.starts_with(homes.codex.join("sessions"))
    }

    fn read<'a>(&self, record: &'a str) -> Result<Record<'a>, Unusable> {
        let (mut timestamp, mut kind, mut payload) = (None, None, Payload::default());
        let odd = read_object(record, |name, scanner| match name {
            "timestamp" => take(&mut timestamp, scanner),
            "type" => take(&mut kind, scanner),
            "payload" => {
                payload = Payload::read(scanner)?;
                Ok(Taken::Yes)
            }
            _ => Ok(Taken::No),
        })?;
        let kind = word(kind);
        let event = if kind == "response_item" { payload.event() } else { None };
        Ok(Record {
            timestamp,
            cwd: string(payload.cwd),
            git_branch: string(payload.git_branch),
            version: string(payload.cli_version),
            session: string(payload.id).filter(|_| kind == "session_meta"),
            events: event.into_iter().collect(),
            path_hint: None,
            odd,
        })
    }

    fn names(&self, path: &Path, said: Option<&str>) -> Names {
        let stem = stem(path);
        // `rollout-<moment>-<uuid>`
        let tail = stem.len().checked_sub(36).and_then(|start| stem.get(start..)).and_then(uuid_of);
        let said = string(said).map(|said| json::decode(said).into_owned()).filter(|said| !said.is_empty());
        let id = said.as_deref().and_then(uuid_of).or_else(|| tail.clone()).unwrap_or_else(|| path_id(path));
        Names { id, provider_session_id: said.or(tail).unwrap_or(stem) }
    }
}

#[derive(Debug, Default)]
struct Payload<'a> {
    kind: Option<&'a str>,
    id: Option<&'a str>,
    cwd: Option<&'a str>,
    cli_version: Option<&'a str>,
    git_branch: Option<&'a str>,
    role: Option<&'a str>,
    content: Option<&'a str>,
    name: Option<&'a str>,
    arguments: Option<&'a str>,
    call_id: Option<&'a str>,
    output: Option<&'a str>,
}

impl<'a> Payload<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, Invalid> {
        let mut payload = Self::default();
        read_members(scanner, &mut |name, scanner| match name {
            "type" => take(&mut payload.kind, scanner),
            "id" => take(&mut payload.id, scanner),
            "cwd" => take(&mut payload.cwd, scanner),
            "cli_version" => take(&mut payload.cli_version, scanner),
            "role" => take(&mut payload.role, scanner),
            "content" => take(&mut payload.content, scanner),
            "name" => take(&mut payload.name, scanner),
            "arguments" => take(&mut payload.arguments, scanner),
            "call_id" => take(&mut payload.call_id, scanner),
            "output" => take(&mut payload.output, scanner),
            "git" => {
                payload.git_branch = None;
                read_members(scanner, &mut |name, scanner| match name {
                    "branch" => take(&mut payload.git_branch, scanner),
                    _ => Ok(Taken::No),
                })?;
                Ok(Taken::Yes)
            }
            _ => Ok(Taken::No),
        })?;
        Ok(payload)
    }

    fn event(&self) -> Option<Event<'a>> {
        match word(self.kind).as_ref() {
            "message" => {
                let role = match word(self.role).as_ref() {
                    "user" => Role::User,
                    "assistant" => Role::Assistant,
                    _ => return None,
                };
                let text = texts(self.content?);
                (!text.is_blank()).then(|| Event::said(role, text))
            }
            "function_call" => {
                Some(Event::called(string(self.name), self.arguments.and_then(input), string(self.call_id)))
            }
            "function_call_output" => {
                let output = answer(self.output?);
                (!output.is_empty()).then(|| Event::answered(output, string(self.call_id)))
            }
            _ => None,
        }
    }
}

fn texts(content: &str) -> Text<'_> {
    if json::is_string(content) {
        return Text::Literal(content);
    }
    Text::joined(parts(content, |kind| matches!(kind, Some("input_text" | "output_text"))))
}

/// Arguments are an object written inside a string.
fn input(arguments: &str) -> Option<Input<'_>> {
    if !json::is_string(arguments) {
        return arguments.starts_with('{').then_some(Input::Object(arguments));
    }
    let decoded = json::decode(arguments);
    if decoded.trim().is_empty() {
        return None;
    }
    let mut scanner = Scanner::new(&decoded);
    let whole = scanner.kind() == Kind::Object && scanner.skip().is_ok() && scanner.end().is_ok();
    Some(if whole { Input::Decoded(decoded.trim().to_owned()) } else { Input::Raw(arguments) })
}

/// What a tool answered: a string, or an object with it, or that object written inside a string.
fn answer(output: &str) -> Text<'_> {
    if !json::is_string(output) {
        return unwrapped(output).map_or_else(|| texts(output), Text::Literal);
    }
    let wrapped = output.get(1..).unwrap_or_default().trim_start().starts_with('{') && output.contains(r#"\"output\""#);
    if wrapped {
        let decoded = json::decode(output);
        if let Some(inside) = unwrapped(&decoded) {
            return Text::Decoded(json::decode(inside).into_owned());
        }
    }
    Text::Literal(output)
}

/// The output in an object around it.
fn unwrapped(text: &str) -> Option<&str> {
    let (mut output, mut content) = (None, None);
    read_object(text.trim(), |name, scanner| match name {
        "output" => take(&mut output, scanner),
        "content" => take(&mut content, scanner),
        _ => Ok(Taken::No),
    })
    .ok()?;
    string(output).or(string(content))
}
