//! Agents whose sessions are shipped: where each keeps them and what a record of them means.
//!
//! A further agent is one more implementation of [`Provider`] and one more line in [`registry`].

mod claude;
mod codex;
mod gemini;
mod record;

use std::{
    borrow::Cow,
    ops::Range,
    path::{Path, PathBuf},
};

use uuid::Uuid;

pub use record::{Event, Input, Record, Role, Text};

use crate::{
    batch::Unusable,
    config::Homes,
    document::DocumentError,
    json::{self, Invalid, Kind, Scanner},
};

/// How an agent writes a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Lines are appended; an offset is a byte of the file.
    Lines,
    /// One JSON document, rewritten as a whole. Its offset in the state is the time of its last change in seconds, as the older
    /// daemon stored it.
    Document,
}

/// What a session is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// UUID of the session for the server.
    pub id: String,
    /// What the agent itself calls the session.
    pub provider_session_id: String,
}

/// Where a document keeps its messages, and what stands beside them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outline<'a> {
    /// The messages, as ranges of the text.
    pub messages: Vec<Range<usize>>,
    /// What the document says that the session is called, as a JSON value.
    pub session: Option<&'a str>,
    /// When it began and was last changed, as JSON values.
    pub moments: [Option<&'a str>; 2],
}

/// One kind of agent.
pub trait Provider: Send + Sync + std::fmt::Debug {
    /// Its name on the wire and in the state.
    fn name(&self) -> &'static str;
    /// How it writes sessions.
    fn layout(&self) -> Layout;
    /// Folders under which its sessions lie; they need not exist.
    fn roots(&self, homes: &Homes) -> Vec<PathBuf>;
    /// Whether a file under one of its roots is a session, by its place and name alone.
    fn accepts(&self, homes: &Homes, path: &Path) -> bool;
    /// What one record says: a line of a file, or a message of a document. What it cannot use in valid JSON gives a record
    /// without events.
    ///
    /// # Errors
    /// When the text is no JSON object.
    fn read<'a>(&self, record: &'a str) -> Result<Record<'a>, Unusable>;

    /// What a session is called by its path, and by what it says of itself, if it does: a JSON value.
    fn names(&self, path: &Path, said: Option<&str>) -> Names {
        let _ = said;
        let stem = stem(path);
        Names { id: uuid_of(&stem).unwrap_or_else(|| path_id(path)), provider_session_id: stem }
    }

    /// Where the messages of a document lie.
    ///
    /// # Errors
    /// When it is no JSON, or no session.
    fn outline<'a>(&self, document: &'a str) -> Result<Outline<'a>, DocumentError> {
        let _ = document;
        Err(DocumentError::NotASession)
    }

    /// The working folder that a path in a call of a tool hints at. Only for agents that do not name it.
    fn cwd_of(&self, hint: &str) -> Option<String> {
        let _ = hint;
        None
    }
}

/// All providers there are.
pub fn registry() -> &'static [&'static dyn Provider] {
    &[&claude::Claude, &codex::Codex, &gemini::Gemini]
}

/// The provider of a name, as the state and the command line spell it.
pub fn by_name(name: &str) -> Option<&'static dyn Provider> {
    registry().iter().copied().find(|provider| provider.name() == name)
}

/// The provider that a path belongs to by its place; `None` under no root, or under one but no session.
pub fn of_path(homes: &Homes, path: &Path) -> Option<&'static dyn Provider> {
    registry().iter().copied().find(|provider| provider.accepts(homes, path))
}

/// The provider that the first bytes of a file speak of, by the names of members and the kinds of lines that only one agent writes.
pub fn of_content(head: &[u8]) -> Option<&'static dyn Provider> {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with('[') || first_members(text).any(|name| name == "messages" || name == "history") {
        return Some(&gemini::Gemini);
    }
    text.lines().take(20).find_map(|line| {
        first_members(line).find_map(|name| match name.as_str() {
            "payload" => Some(&codex::Codex as &'static dyn Provider),
            "sessionId" | "parentUuid" | "leafUuid" | "messageId" | "message" => Some(&claude::Claude),
            _ => None,
        })
    })
}

/// Names of the members of an object, as far as it is one.
fn first_members(text: &str) -> impl Iterator<Item = String> {
    let mut scanner = Scanner::new(text);
    let mut members = scanner.object().ok();
    std::iter::from_fn(move || {
        let name = scanner.member(members.as_mut()?).ok()??.into_owned();
        if scanner.skip().is_err() {
            members = None;
        }
        Some(name)
    })
}

/// Reads the members of a record that is an object: `member` takes each, or leaves it.
fn read_object<'a>(
    record: &'a str,
    mut member: impl FnMut(&str, &mut Scanner<'a>) -> Result<Taken, Invalid>,
) -> Result<bool, Unusable> {
    let mut scanner = Scanner::new(record);
    if scanner.kind() != Kind::Object {
        let whole = scanner.skip().and_then(|()| scanner.end());
        return Err(if whole.is_ok() { Unusable::NotAnObject } else { Unusable::NotJson });
    }
    let read = read_members(&mut scanner, &mut member).and_then(|()| scanner.end());
    read.map(|()| scanner.is_odd()).map_err(|_| Unusable::NotJson)
}

/// What became of a member.
#[derive(Debug, PartialEq, Eq)]
enum Taken {
    /// Its value was read.
    Yes,
    /// Its value still has to be passed over.
    No,
}

/// Reads the members of an object that comes next; a value that is no object is passed over.
fn read_members<'a>(
    scanner: &mut Scanner<'a>,
    member: &mut dyn FnMut(&str, &mut Scanner<'a>) -> Result<Taken, Invalid>,
) -> Result<(), Invalid> {
    if scanner.kind() != Kind::Object {
        return scanner.skip();
    }
    let mut members = scanner.object()?;
    while let Some(name) = scanner.member(&mut members)? {
        if member(&name, scanner)? == Taken::No {
            scanner.skip()?;
        }
    }
    Ok(())
}

/// Reads the elements of an array that comes next; a value that is no array is passed over.
fn read_elements<'a>(
    scanner: &mut Scanner<'a>,
    element: &mut dyn FnMut(&mut Scanner<'a>) -> Result<(), Invalid>,
) -> Result<(), Invalid> {
    if scanner.kind() != Kind::Array {
        return scanner.skip();
    }
    let mut elements = scanner.array()?;
    while scanner.element(&mut elements)? {
        element(scanner)?;
    }
    Ok(())
}

/// Puts the next value where it belongs. The last of several members of one name counts, so it may take one away again.
fn take<'a>(place: &mut Option<&'a str>, scanner: &mut Scanner<'a>) -> Result<Taken, Invalid> {
    *place = Some(scanner.value()?);
    Ok(Taken::Yes)
}

/// The value if it is a string.
fn string(value: Option<&str>) -> Option<&str> {
    value.filter(|value| json::is_string(value))
}

/// What a string says; nothing when it is none.
fn word(value: Option<&str>) -> Cow<'_, str> {
    string(value).map_or(Cow::Borrowed(""), json::decode)
}

/// The texts of a list of parts: strings themselves, and the member `text` of objects of the right type.
fn parts(list: &str, wanted: impl Fn(Option<&str>) -> bool) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut scanner = Scanner::new(list);
    // It was checked when the record was read.
    let _ = read_elements(&mut scanner, &mut |scanner| {
        if scanner.kind() == Kind::String {
            texts.push(scanner.value()?);
            return Ok(());
        }
        let (mut kind, mut text) = (None, None);
        read_members(scanner, &mut |name, scanner| match name {
            "type" => take(&mut kind, scanner),
            "text" => take(&mut text, scanner),
            _ => Ok(Taken::No),
        })?;
        let kind = string(kind).map(json::decode);
        texts.extend(string(text).filter(|_| wanted(kind.as_deref())));
        Ok(())
    });
    texts
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn uuid_of(text: &str) -> Option<String> {
    Uuid::try_parse(text).ok().map(|uuid| uuid.to_string())
}

/// The id of a session that names none: the same for the same path.
fn path_id(path: &Path) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, path.as_os_str().as_encoded_bytes()).to_string()
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}
