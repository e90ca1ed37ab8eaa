//! Claude Code: a line per message, a file per session and per sub-agent.

use std::path::{Path, PathBuf};

use super::{
    Event, Input, Layout, Provider, Record, Role, Taken, Text, has_extension, parts, read_elements, read_members,
    read_object, string, take, word,
};
use crate::{
    batch::Unusable,
    config::Homes,
    json::{self, Invalid, Kind, Scanner},
};

#[derive(Debug)]
pub(super) struct Claude;

impl Provider for Claude {
    fn name(&self) -> &'static str {
        "claude"
    }

    fn layout(&self) -> Layout {
        Layout::Lines
    }

    fn roots(&self, homes: &Homes) -> Vec<PathBuf> {
        vec![homes.claude.join("projects")]
    }

    fn accepts(&self, homes: &Homes, path: &Path) -> bool {
        has_extension(path, "jsonl") && path.starts_with(homes.claude.join("projects"))
    }

    fn read<'a>(&self, record: &'a str) -> Result<Record<'a>, Unusable> {
        let mut line = Line::default();
        let odd = read_object(record, |name, scanner| match name {
            "type" => take(&mut line.kind, scanner),
            "timestamp" => take(&mut line.timestamp, scanner),
            "cwd" => take(&mut line.cwd, scanner),
            "gitBranch" => take(&mut line.git_branch, scanner),
            "version" => take(&mut line.version, scanner),
            "message" => {
                line.content = Content::None;
                read_members(scanner, &mut |name, scanner| match name {
                    "content" => {
                        line.content = Content::read(scanner)?;
                        Ok(Taken::Yes)
                    }
                    _ => Ok(Taken::No),
                })?;
                Ok(Taken::Yes)
            }
            _ => Ok(Taken::No),
        })?;
        let events = match word(line.kind).as_ref() {
            "user" => line.content.of_user(),
            "assistant" => line.content.of_assistant(),
            _ => Vec::new(),
        };
        Ok(Record {
            timestamp: line.timestamp,
            cwd: string(line.cwd),
            git_branch: string(line.git_branch),
            version: string(line.version),
            events,
            odd,
            ..Record::default()
        })
    }
}

#[derive(Debug, Default)]
struct Line<'a> {
    kind: Option<&'a str>,
    timestamp: Option<&'a str>,
    cwd: Option<&'a str>,
    git_branch: Option<&'a str>,
    version: Option<&'a str>,
    content: Content<'a>,
}

/// What a message says.
#[derive(Debug, Default)]
enum Content<'a> {
    #[default]
    None,
    Text(&'a str),
    Items(Vec<Item<'a>>),
}

impl<'a> Content<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Self, Invalid> {
        match scanner.kind() {
            Kind::String => scanner.value().map(Self::Text),
            Kind::Array => {
                let mut items = Vec::new();
                read_elements(scanner, &mut |scanner| {
                    items.extend(Item::read(scanner)?);
                    Ok(())
                })?;
                Ok(Self::Items(items))
            }
            Kind::Object | Kind::Other => {
                scanner.skip()?;
                Ok(Self::None)
            }
        }
    }

    fn of_user(self) -> Vec<Event<'a>> {
        let text = match self {
            Self::None => return Vec::new(),
            Self::Text(text) => Text::Literal(text),
            Self::Items(items) => {
                if items.iter().any(|item| item.kind == Of::ToolResult) {
                    return items.iter().filter_map(Item::answer).collect();
                }
                let texts = items.iter().filter(|item| matches!(item.kind, Of::Text | Of::String));
                Text::joined(texts.filter_map(|item| string(item.text)).collect())
            }
        };
        if text.is_blank() { Vec::new() } else { vec![Event::said(Role::User, text)] }
    }

    fn of_assistant(self) -> Vec<Event<'a>> {
        let Self::Items(items) = self else { return Vec::new() };
        let event = |item: &Item<'a>| match item.kind {
            Of::Text => {
                let text = Text::Literal(string(item.text)?);
                (!text.is_blank()).then(|| Event::said(Role::Assistant, text))
            }
            Of::ToolUse => {
                let input = item.input.filter(|input| input.starts_with('{')).map(Input::Object);
                Some(Event::called(string(item.name), input, string(item.id)))
            }
            Of::String | Of::ToolResult | Of::Other => None,
        };
        items.iter().filter_map(event).collect()
    }
}

/// What an item of a message is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Of {
    /// A string that stands in the list itself.
    String,
    Text,
    ToolUse,
    ToolResult,
    /// Thinking, images, and what is not known.
    #[default]
    Other,
}

#[derive(Debug, Default)]
struct Item<'a> {
    kind: Of,
    text: Option<&'a str>,
    id: Option<&'a str>,
    name: Option<&'a str>,
    input: Option<&'a str>,
    tool_use_id: Option<&'a str>,
    content: Option<&'a str>,
}

impl<'a> Item<'a> {
    fn read(scanner: &mut Scanner<'a>) -> Result<Option<Self>, Invalid> {
        let mut item = Self::default();
        match scanner.kind() {
            Kind::String => {
                item.kind = Of::String;
                item.text = Some(scanner.value()?);
                return Ok(Some(item));
            }
            Kind::Object => {}
            Kind::Array | Kind::Other => {
                scanner.skip()?;
                return Ok(None);
            }
        }
        read_members(scanner, &mut |name, scanner| match name {
            "type" => {
                item.kind = match word(Some(scanner.value()?)).as_ref() {
                    "text" => Of::Text,
                    "tool_use" => Of::ToolUse,
                    "tool_result" => Of::ToolResult,
                    _ => Of::Other,
                };
                Ok(Taken::Yes)
            }
            "text" => take(&mut item.text, scanner),
            "id" => take(&mut item.id, scanner),
            "name" => take(&mut item.name, scanner),
            "input" => take(&mut item.input, scanner),
            "tool_use_id" => take(&mut item.tool_use_id, scanner),
            "content" => take(&mut item.content, scanner),
            _ => Ok(Taken::No),
        })?;
        Ok(Some(item))
    }

    /// The event of a tool's answer; an empty answer is none.
    fn answer(&self) -> Option<Event<'a>> {
        let content = self.content.filter(|_| self.kind == Of::ToolResult)?;
        let output = if json::is_string(content) {
            Text::Literal(content)
        } else {
            Text::joined(parts(content, |kind| kind == Some("text")))
        };
        (!output.is_empty()).then(|| Event::answered(output, string(self.tool_use_id)))
    }
}
