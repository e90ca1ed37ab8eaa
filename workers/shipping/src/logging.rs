//! The log: a line for each event, on stderr or in a file. There are no spans in this program, and a subscriber that knows
//! none is a hundredth of the usual one.

use std::{
    fmt::{self, Write},
    path::Path,
    sync::{Mutex, PoisonError},
    time::SystemTime,
};

use shipping::timestamp::Timestamp;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};

use crate::{arguments::LogLevel, ending::Ending, log_file::LogFile, report};

/// Starts the log for the whole process.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn start(level: LogLevel, file: Option<&Path>) -> Result<(), Ending> {
    let failed = |path: &Path, error| {
        Ending::new(4, format!("writing the log {}: {error}", path.display()), "give another --log-file")
    };
    let file = file.map(|path| LogFile::open(path.to_path_buf()).map_err(|error| failed(path, error))).transpose()?;
    let level = match level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    };
    // A second start in one process keeps the first.
    let _ = tracing::subscriber::set_global_default(Log { level, file: file.map(Mutex::new) });
    Ok(())
}

struct Log {
    level: LevelFilter,
    file: Option<Mutex<LogFile>>,
}

impl Log {
    fn write(&self, line: &str) {
        match &self.file {
            // A log that cannot be written has no place to say so.
            Some(file) => drop(file.lock().unwrap_or_else(PoisonError::into_inner).write_line(line)),
            None => report::note(line.trim_end()),
        }
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let own = ["shipping", "gantry_shipping"].iter().any(|name| metadata.target().starts_with(name));
        // What libraries tell of their own work is of use to nobody but who asked for everything.
        *metadata.level() <= self.level
            && (own || *metadata.level() <= Level::ERROR || self.level == LevelFilter::TRACE)
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn event(&self, event: &Event<'_>) {
        let mut text = Text::default();
        event.record(&mut text);
        self.write(&text.line(*event.metadata().level(), Timestamp::of_system(SystemTime::now())));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// The message of an event, and its fields behind it.
#[derive(Default)]
struct Text {
    message: String,
    fields: String,
}

impl Text {
    fn line(&self, level: Level, now: Timestamp) -> String {
        // What comes from files or servers must not be able to write lines of its own.
        let message = self.message.replace(char::is_control, " ");
        let fields = self.fields.replace(char::is_control, " ");
        format!("{now} {level:<5} {message}{fields}\n")
    }
}

impl Visit for Text {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.record_debug(field, &format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // A failure's own message may stand beside that of the event.
        let between = if field.name() == "message" && !self.message.is_empty() { ": " } else { "" };
        self.message.push_str(between);
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_with_its_moment_and_fields() {
        let text = Text { message: "shipped\nwhat was new".to_owned(), fields: " files=2".to_owned() };
        let now = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
        assert_eq!(text.line(Level::INFO, now), format!("{now} INFO  shipped what was new files=2\n"));
    }
}
