//! A file of a home while it grows.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::{Duration, UNIX_EPOCH},
};

use uuid::Uuid;

use crate::{
    layout::{Naming, Source},
    manifest::{ExpectedEvent, Provider},
    session::{Claude, Codex, Gemini, Place},
};

/// Takes the events of a file in the order in which they stand in it.
pub type Visit<'a> = dyn FnMut(ExpectedEvent) -> io::Result<()> + 'a;

#[derive(Debug, Clone)]
enum Session {
    Claude(Box<Claude>),
    Codex(Box<Codex>),
    /// With all messages so far: the document is written as a whole.
    Gemini(Box<Gemini>, Vec<u8>),
}

/// The end of a line that was begun, with what the line stands for.
#[derive(Debug, Clone)]
struct Torn {
    rest: Vec<u8>,
    events: Vec<ExpectedEvent>,
}

/// A session file that is written line by line: what an agent does while somebody watches.
///
/// Growing it in one step or in many makes the same bytes.
#[derive(Debug, Clone)]
pub struct SampleFile {
    path: PathBuf,
    session: Session,
    has_id_of_path: bool,
    bytes: u64,
    torn: Option<Torn>,
}

impl SampleFile {
    /// Makes an empty file with its folders; of Gemini a document without messages. What was there before is gone.
    ///
    /// # Errors
    /// When a folder or the file cannot be made.
    pub fn create(home: &Path, source: &Source) -> io::Result<Self> {
        let path = std::path::absolute(home)?.join(&source.path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let source_path = path.display().to_string();
        let (session_id, own_id, agent) = match &source.session {
            Naming::Known(id) => (id.clone(), id.clone(), None),
            Naming::OfPath { own_id, agent } => (id_of_path(&source_path), own_id.clone(), agent.clone()),
        };
        let place = Place { provider: source.provider, session_id, source_path };
        // A small file has small lines, or its size would be that of one of them.
        let longest = (source.bytes / 8).clamp(200, 600_000);
        let session = match source.provider {
            Provider::Claude => Session::Claude(Box::new(Claude::new(place, source.seed, own_id, agent, longest))),
            Provider::Codex => Session::Codex(Box::new(Codex::new(place, source.seed, longest))),
            Provider::Gemini => {
                Session::Gemini(Box::new(Gemini::new(place, source.seed, own_id, longest.min(60_000))), Vec::new())
            }
        };
        let has_id_of_path = matches!(source.session, Naming::OfPath { .. });
        let mut file = Self { path, session, has_id_of_path, bytes: 0, torn: None };
        File::create(&file.path)?;
        if let Session::Gemini(..) = file.session {
            file.write_document()?;
        }
        Ok(file)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its size in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes so many more lines, of Gemini messages. A line that was torn is ended first and counts.
    ///
    /// # Errors
    /// When the file cannot be written, and what `visit` answers.
    pub fn append(&mut self, lines: u64, visit: &mut Visit<'_>) -> io::Result<()> {
        self.grow(&mut |_, written| written >= lines, visit)
    }

    /// Writes lines until the file has so many bytes.
    ///
    /// # Errors
    /// As [`Self::append`].
    pub fn grow_to(&mut self, bytes: u64, visit: &mut Visit<'_>) -> io::Result<()> {
        self.grow(&mut |now, _| now >= bytes, visit)
    }

    /// Begins a line and leaves its second half and its end out, as a writer does that was caught in the middle. It stands
    /// for nothing until the next [`Self::append`]. Documents of Gemini are left as they are.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn tear(&mut self) -> io::Result<()> {
        if self.torn.is_some() || matches!(self.session, Session::Gemini(..)) {
            return Ok(());
        }
        let (mut line, mut events) = (Vec::new(), Vec::new());
        self.session.next_line(self.bytes, &mut line, &mut events);
        // A CRLF torn in its middle would look whole but for its LF, which is what a reader must wait for.
        let rest = line.split_off((line.len() / 2).min(line.len() - 1));
        OpenOptions::new().append(true).open(&self.path)?.write_all(&line)?;
        self.bytes += line.len() as u64;
        self.torn = Some(Torn { rest, events });
        Ok(())
    }

    /// Cuts the file back to so many bytes, as a person does who goes back in a conversation; what follows is written anew, with other
    /// content. Events that started there or later are no longer expected. Documents of Gemini are left as they are.
    ///
    /// # Errors
    /// When the file cannot be cut.
    pub fn cut_back(&mut self, bytes: u64) -> io::Result<()> {
        if bytes < self.bytes && !matches!(self.session, Session::Gemini(..)) {
            OpenOptions::new().write(true).open(&self.path)?.set_len(bytes)?;
            self.bytes = bytes;
            self.torn = None;
        }
        Ok(())
    }

    /// Gives the file another place, as `source_path` of the events that follow, and of those that were there already. Where the
    /// session's id is made of the path it is another one then: [`Self::session_id`].
    ///
    /// # Errors
    /// When the file cannot be moved.
    pub fn move_to(&mut self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::rename(&self.path, path)?;
        self.path = std::path::absolute(path)?;
        let has_id_of_path = self.has_id_of_path;
        let place = self.session.place();
        place.source_path = self.path.display().to_string();
        if has_id_of_path {
            place.session_id = id_of_path(&place.source_path);
        }
        if let Some(torn) = &mut self.torn {
            for event in &mut torn.events {
                event.session_id.clone_from(&place.session_id);
                event.source_path.clone_from(&place.source_path);
            }
        }
        Ok(())
    }

    /// UUID of the session for the server.
    #[must_use]
    pub fn session_id(&self) -> &str {
        match &self.session {
            Session::Claude(session) => &session.place.session_id,
            Session::Codex(session) => &session.place.session_id,
            Session::Gemini(session, _) => &session.place.session_id,
        }
    }

    /// Sets the time of the last change to the moment that the last line tells.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn date_by_content(&self) -> io::Result<()> {
        let now = match &self.session {
            Session::Claude(session) => session.now(),
            Session::Codex(session) => session.now(),
            Session::Gemini(session, _) => session.now(),
        };
        OpenOptions::new().write(true).open(&self.path)?.set_modified(UNIX_EPOCH + Duration::from_millis(now))
    }

    fn grow(&mut self, is_enough: &mut dyn FnMut(u64, u64) -> bool, visit: &mut Visit<'_>) -> io::Result<()> {
        let (mut lines, mut events) = (0, Vec::new());
        if let Session::Gemini(session, messages) = &mut self.session {
            let around = (session.head().len() + session.tail().len()) as u64;
            while !is_enough(around + messages.len() as u64, lines) {
                session.next_message(messages, &mut events);
                events.drain(..).try_for_each(&mut *visit)?;
                lines += 1;
            }
            return self.write_document();
        }
        let mut out = BufWriter::with_capacity(1 << 18, OpenOptions::new().append(true).open(&self.path)?);
        if !is_enough(self.bytes, lines)
            && let Some(torn) = self.torn.take()
        {
            out.write_all(&torn.rest)?;
            self.bytes += torn.rest.len() as u64;
            torn.events.into_iter().try_for_each(&mut *visit)?;
            lines += 1;
        }
        let mut line = Vec::new();
        while !is_enough(self.bytes, lines) {
            line.clear();
            self.session.next_line(self.bytes, &mut line, &mut events);
            out.write_all(&line)?;
            self.bytes += line.len() as u64;
            events.drain(..).try_for_each(&mut *visit)?;
            lines += 1;
        }
        out.flush()
    }

    /// In place, as Gemini CLI does: who reads meanwhile sees a part.
    fn write_document(&mut self) -> io::Result<()> {
        if let Session::Gemini(session, messages) = &self.session {
            let document = [session.head().as_slice(), messages, &session.tail()].concat();
            self.bytes = document.len() as u64;
            fs::write(&self.path, document)?;
        }
        Ok(())
    }
}

fn id_of_path(path: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, path.as_bytes()).to_string()
}

impl Session {
    fn place(&mut self) -> &mut Place {
        match self {
            Self::Claude(session) => &mut session.place,
            Self::Codex(session) => &mut session.place,
            Self::Gemini(session, _) => &mut session.place,
        }
    }

    fn next_line(&mut self, offset: u64, out: &mut Vec<u8>, events: &mut Vec<ExpectedEvent>) {
        match self {
            Self::Claude(session) => session.next_line(offset, out, events),
            Self::Codex(session) => session.next_line(offset, out, events),
            Self::Gemini(..) => {}
        }
    }
}
