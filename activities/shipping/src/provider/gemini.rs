//! Gemini: a session is one document with its messages, in one of two places.

use std::{
    ops::Range,
    path::{Path, PathBuf},
};

use super::{
    Event, Input, Layout, Outline, Provider, Record, Role, Taken, Text, has_extension, parts, read_elements,
    read_members, read_object, string, take, word,
};
use crate::{
    batch::Unusable,
    config::Homes,
    document::DocumentError,
    json::{self, Invalid, Kind, Scanner},
};

/// So many folders above a path are asked for a repository.
const FOLDERS_ABOVE: usize = 64;

#[derive(Debug)]
pub(super) struct Gemini;

impl Provider for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn layout(&self) -> Layout {
        Layout::Document
    }

    fn roots(&self, homes: &Homes) -> Vec<PathBuf> {
        vec![homes.gemini.join("sessions"), homes.gemini.join("tmp")]
    }

    fn accepts(&self, homes: &Homes, path: &Path) -> bool {
        if !has_extension(path, "json") {
            return false;
        }
        if path.starts_with(homes.gemini.join("sessions")) {
            return true;
        }
        // `tmp/<hash of the project>/session-*.json`, or the same below `chats`.
        let Ok(below) = path.strip_prefix(homes.gemini.join("tmp")) else { return false };
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        let ([project, name] | [project, "chats", name]) = parts.as_slice() else { return false };
        let hash = project.len() >= 32 && project.bytes().all(|byte| byte.is_ascii_hexdigit());
        hash && name.starts_with("session-")
    }

    fn read<'a>(&self, record: &'a str) -> Result<Record<'a>, Unusable> {
        let mut message = Message::default();
        let odd = read_object(record, |name, scanner| match name {
            "type" => take(&mut message.kind, scanner),
            "role" => take(&mut message.role, scanner),
            "timestamp" => take(&mut message.timestamp, scanner),
            "content" => take(&mut message.content, scanner),
            "parts" => take(&mut message.parts, scanner),
            "toolCalls" => {
                message.calls.clear();
                read_elements(scanner, &mut |scanner| {
                    message.calls.push(Call::read(scanner)?);
                    Ok(())
                })?;
                Ok(Taken::Yes)
            }
            _ => Ok(Taken::No),
        })?;
        let path_hint = message.calls.iter().find_map(Call::path);
        Ok(Record { timestamp: message.timestamp, events: message.events(), path_hint, odd, ..Record::default() })
    }

    fn outline<'a>(&self, document: &'a str) -> Result<Outline<'a>, DocumentError> {
        let mut scanner = Scanner::new(document);
        let not_json = |invalid: Invalid| DocumentError::NotJson { offset: invalid.at as u64 };
        let (mut outline, mut messages, mut history) = (Outline::default(), None, None);
        if scanner.kind() == Kind::Array {
            messages = Some(ranges(&mut scanner).map_err(not_json)?);
        } else {
            let [began, changed] = &mut outline.moments;
            read_members(&mut scanner, &mut |name, scanner| match name {
                "sessionId" => take(&mut outline.session, scanner),
                "startTime" => take(began, scanner),
                "lastUpdated" => take(changed, scanner),
                "messages" | "history" if scanner.kind() == Kind::Array => {
                    let place = if name == "messages" { &mut messages } else { &mut history };
                    *place = Some(ranges(scanner)?);
                    Ok(Taken::Yes)
                }
                _ => Ok(Taken::No),
            })
            .map_err(not_json)?;
        }
        scanner.end().map_err(not_json)?;
        outline.messages = messages.or(history).ok_or(DocumentError::NotASession)?;
        Ok(outline)
    }

    /// The repository around the path, by a look at the disk.
    fn cwd_of(&self, hint: &str) -> Option<String> {
        let mut above = Path::new(hint).ancestors().take(FOLDERS_ABOVE);
        above.find(|folder| folder.join(".git").exists()).map(|folder| folder.to_string_lossy().into_owned())
    }
}

fn ranges(scanner: &mut Scanner<'_>) -> Result<Vec<Range<usize>>, Invalid> {
    let mut ranges = Vec::new();
    read_elements(scanner, &mut |scanner| {
        let value = scanner.value()?;
        let end = scanner.position();
        ranges.push(end - value.len()..end);
        Ok(())
    })?;
    Ok(ranges)
}

#[derive(Debug, Default)]
struct Message<'a> {
    kind: Option<&'a str>,
    role: Option<&'a str>,
    timestamp: Option<&'a str>,
    content: Option<&'a str>,
    parts: Option<&'a str>,
    calls: Vec<Call<'a>>,
}

impl<'a> Message<'a> {
    fn events(self) -> Vec<Event<'a>> {
        let role = match word(string(self.kind).or(self.role)).as_ref() {
            "user" => Role::User,
            "gemini" | "assistant" | "model" => Role::Assistant,
            _ => return Vec::new(),
        };
        let text = match self.content.or(self.parts) {
            Some(text) if json::is_string(text) => Text::Literal(text),
            // What the interface of the model calls parts.
            Some(list) => Text::joined(parts(list, |_| true)),
            None => Text::Joined(Vec::new()),
        };
        let said = (!text.is_blank()).then(|| Event::said(role, text));
        said.into_iter().chain(self.calls.into_iter().flat_map(Call::events)).collect()
    }
}

#[derive(Debug, Default)]
struct Call<'a> {
    id: Option<&'a str>,
    name: Option<&'a str>,
    display_name: Option<&'a str>,
    args: Option<&'a str>,
    outputs: Vec<&'a str>,
}

impl<'a> Call<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, Invalid> {
        let mut call = Self::default();
        read_members(scanner, &mut |name, scanner| match name {
            "id" => take(&mut call.id, scanner),
            "name" => take(&mut call.name, scanner),
            "displayName" => take(&mut call.display_name, scanner),
            "args" => take(&mut call.args, scanner),
            "result" => {
                call.outputs.clear();
                read_elements(scanner, &mut |scanner| {
                    call.outputs.extend(output(scanner)?);
                    Ok(())
                })?;
                Ok(Taken::Yes)
            }
            _ => Ok(Taken::No),
        })?;
        Ok(call)
    }

    fn events(self) -> impl Iterator<Item = Event<'a>> {
        let id = string(self.id);
        let name = string(self.display_name).filter(|name| !json::is_blank(name)).or(string(self.name));
        let input = self.args.filter(|args| args.starts_with('{')).map(Input::Object);
        let answers = self.outputs.into_iter().filter_map(move |output| {
            let text = if json::is_string(output) { Text::Literal(output) } else { Text::Json(output) };
            (!text.is_empty()).then(|| Event::answered(text, id))
        });
        let called = (name.is_some() || input.is_some()).then(|| Event::called(name, input, id));
        called.into_iter().chain(answers)
    }

    /// The first argument that is an absolute path.
    fn path(&self) -> Option<&'a str> {
        let (mut scanner, mut path) = (Scanner::new(self.args?), None);
        read_members(&mut scanner, &mut |_, scanner| {
            let value = scanner.value()?;
            path = path.or(Some(value).filter(|value| value.starts_with("\"/")));
            Ok(Taken::Yes)
        })
        .ok()?;
        path
    }
}

/// `functionResponse.response.output` of one result.
fn output<'a>(scanner: &mut Scanner<'a>) -> Result<Option<&'a str>, Invalid> {
    let mut output = None;
    read_members(scanner, &mut |name, scanner| {
        if name != "functionResponse" {
            return Ok(Taken::No);
        }
        read_members(scanner, &mut |name, scanner| {
            if name != "response" {
                return Ok(Taken::No);
            }
            read_members(scanner, &mut |name, scanner| match name {
                "output" => take(&mut output, scanner),
                _ => Ok(Taken::No),
            })?;
            Ok(Taken::Yes)
        })?;
        Ok(Taken::Yes)
    })?;
    Ok(output.filter(|output| *output != "null"))
}
