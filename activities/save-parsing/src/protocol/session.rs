//! Frames for one line after the other.

use std::{io, ops::ControlFlow};

use super::{
    Request,
    frame::{self, Entries, Source},
    inline::{push_entry, run},
    request::{Kind, SectionStream},
};
use crate::{Query, Save, SaveError, Schema};

/// Takes frames to the client: one or more, each a whole line. An error ends what is being answered.
pub type Sink<'a> = dyn FnMut(&[u8]) -> io::Result<()> + 'a;

/// What comes after a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The next one.
    Next,
    /// The end: the client has said so.
    Closed,
}

/// A save and the shape that its answers have where a request names none.
#[derive(Debug, Clone, Copy)]
pub struct Session<'s> {
    save: &'s Save,
    schema: Schema,
}

/// Why a stream stopped.
enum Stop {
    Save(SaveError),
    Client(io::Error),
}

impl From<SaveError> for Stop {
    fn from(error: SaveError) -> Self {
        Self::Save(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Client(error)
    }
}

impl<'s> Session<'s> {
    /// A session about `save`.
    pub fn new(save: &'s Save, schema: Schema) -> Self {
        Self { save, schema }
    }

    /// Answers one line. Of a stream no more than a frame, or a few small ones, is in memory at a time.
    ///
    /// # Errors
    /// Only those of `send`: whatever else goes wrong is a frame.
    pub fn answer(&self, line: &[u8], send: &mut Sink<'_>) -> io::Result<Turn> {
        let line = line.trim_ascii();
        if line.is_empty() {
            return Ok(Turn::Next);
        }
        match Request::read(line, self.schema) {
            Err(error) => send(&frame::failure(&error, self.schema)).map(|()| Turn::Next),
            Ok(request) if request.is_close() => send(&frame::closed()).map(|()| Turn::Closed),
            Ok(request) => match self.request(&request, send) {
                Ok(()) => Ok(Turn::Next),
                Err(Stop::Save(error)) => send(&frame::failure(&error, request.schema)).map(|()| Turn::Next),
                Err(Stop::Client(error)) => Err(error),
            },
        }
    }

    /// The frame that tells a failure which is no answer to a line that was read: of a save that does not open, of a line
    /// that is too long.
    pub fn failure(error: &SaveError, schema: Schema) -> Vec<u8> {
        frame::failure(error, schema)
    }

    fn request(&self, request: &Request, send: &mut Sink<'_>) -> Result<(), Stop> {
        match &request.kind {
            Kind::Section(stream) => self.section(stream, request.schema, send),
            Kind::Path { query, path, limit } => self.path(query, path, *limit, request.schema, send),
            _ => {
                let mut frame = b"{\"ok\":true,".to_vec();
                request.answer_inline(self.save, &mut frame)?;
                frame.extend_from_slice(b"}\n");
                Ok(send(&frame)?)
            }
        }
    }

    fn section(&self, stream: &SectionStream, schema: Schema, send: &mut Sink<'_>) -> Result<(), Stop> {
        let mut entries = self.save.iter_section(&stream.section, stream.strict, schema)?;
        let source = Source { op: "iter_section", member: "section", text: &stream.section };
        send(&source.header())?;
        let mut frames = Entries::new(stream.batch_size.unwrap_or(1));
        loop {
            match frames.push(|out| entries.write_next(out)) {
                Ok(true) => frames.send_if_due(send)?,
                Ok(false) => {
                    frames.send(send)?;
                    return Ok(send(&source.done(false))?);
                }
                Err(error) => {
                    frames.send(send)?;
                    return Err(error.into());
                }
            }
        }
    }

    fn path(
        &self,
        query: &Query,
        path: &str,
        limit: Option<u64>,
        schema: Schema,
        send: &mut Sink<'_>,
    ) -> Result<(), Stop> {
        let source = Source { op: "query", member: "path", text: path };
        // The first result says that the section is there and sound; until then the answer may still be a failure alone.
        let mut begun = false;
        let mut frames = Entries::new(1);
        let mut gone = None;
        let truncated = run(query, limit, self.save, schema, &mut |key, value| {
            let header = if begun { Ok(()) } else { send(&source.header()) };
            begun = true;
            let push = |out: &mut Vec<u8>| {
                push_entry(key, value, out);
                io::Result::Ok(true)
            };
            // Each at once: the next one may be far.
            match header.and_then(|()| frames.push(push)).and_then(|_| frames.send(send)) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    gone = Some(error);
                    ControlFlow::Break(())
                }
            }
        });
        if let Some(error) = gone {
            return Err(error.into());
        }
        let truncated = truncated?;
        if !begun {
            send(&source.header())?;
        }
        Ok(send(&source.done(truncated))?)
    }
}
