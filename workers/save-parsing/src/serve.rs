//! `serve`: one save, one request a line.

use std::{
    io::{self, BufReader, Write},
    sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use save_parsing::{
    Limits, Position, Save,
    protocol::{LONGEST_REQUEST, Request, Session, Turn},
};

use crate::{
    arguments::ServeOptions,
    ending::{Ending, note},
    lines::{Line, read_line},
    signals::Stop,
};

/// Places of damage that are told.
const TOLD: usize = 10;

enum Event {
    Line(Line),
    End,
    Signal,
}

/// # Errors
/// When the save cannot be opened, which was told by a frame then, or stdout cannot be written.
pub(crate) fn run(options: &ServeOptions) -> Result<(), Ending> {
    let schema = options.shape.schema()?;
    // One line ahead at most: who sends more waits.
    let (events, inbox) = sync_channel(1);
    let waking = events.clone();
    let other = |error| Ending::Other(format!("starting a thread: {error}"));
    // With a line in the channel there is nobody asleep to be woken.
    let stop = Stop::watch(move || drop(waking.try_send(Event::Signal))).map_err(other)?;

    let save = match Save::open(&options.path, &Limits::default()) {
        Ok(save) => save,
        Err(error) => {
            write(&Session::failure(&error, schema)).map_err(|error| Ending::stdout(&error))?;
            return Err(Ending::Told(error.exit_code()));
        }
    };
    tell_damage(&save);
    stop.answering();
    thread::Builder::new().name("requests".to_owned()).spawn(move || read(&events)).map_err(other)?;

    let session = Session::new(&save, schema);
    let mut send = |frame: &[u8]| {
        if stop.is_asked() { Err(io::ErrorKind::Interrupted.into()) } else { write(frame) }
    };
    loop {
        let line = match next(&inbox, options.idle_timeout) {
            Event::Line(line) => line,
            Event::End | Event::Signal => return Ok(()),
        };
        let turn = match line {
            Line::Whole(line) => session.answer(&line, &mut send),
            Line::TooLong => send(&Session::failure(&Request::too_long(), schema)).map(|()| Turn::Next),
        };
        match turn {
            Ok(Turn::Next) => {}
            Ok(Turn::Closed) => return Ok(()),
            Err(_) if stop.is_asked() => return Ok(()),
            Err(error) => return Err(Ending::stdout(&error)),
        }
    }
}

fn next(inbox: &std::sync::mpsc::Receiver<Event>, idle: Option<Duration>) -> Event {
    match idle {
        None => inbox.recv().unwrap_or(Event::End),
        Some(idle) => match inbox.recv_timeout(idle) {
            Ok(event) => event,
            Err(RecvTimeoutError::Disconnected) => Event::End,
            Err(RecvTimeoutError::Timeout) => {
                note(format_args!("no request for {} s: the session ends", idle.as_secs_f64()));
                Event::End
            }
        },
    }
}

/// Hands on the lines of stdin until its end, or until nobody takes them.
fn read(events: &SyncSender<Event>) {
    let mut input = BufReader::with_capacity(1 << 16, io::stdin().lock());
    loop {
        let event = match read_line(&mut input, LONGEST_REQUEST) {
            Ok(Some(line)) => Event::Line(line),
            Ok(None) => Event::End,
            Err(error) => {
                note(format_args!("reading stdin: {error}"));
                Event::End
            }
        };
        let last = matches!(event, Event::End);
        if events.send(event).is_err() || last {
            return;
        }
    }
}

fn write(frame: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(frame)?;
    out.flush()
}

fn tell_damage(save: &Save) {
    let damages = save.damages();
    for damage in damages.iter().take(TOLD) {
        let section = damage.section.as_deref().unwrap_or("the top level");
        let Position { line, col } = damage.position;
        note(format_args!("damage in {section}, line {line}, column {col}: {}", damage.what));
    }
    if let Some(more) = damages.len().checked_sub(TOLD).filter(|more| *more > 0) {
        note(format_args!("and {more} more places of damage"));
    }
}
