//! How far a long command is: a bar where a person looks, nothing elsewhere; and the wish to end.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use shipping::engine::{Control, Progress};

use crate::{ending::Ending, report, signals, units};

/// So often the bar is drawn at most.
const REDRAW: Duration = Duration::from_millis(100);
const WIDTH: u64 = 24;

/// The person's side of a call: a signal ends it, a bar tells of it.
#[derive(Debug)]
pub(crate) struct Attended {
    stopping: Arc<AtomicBool>,
    bar: Option<Mutex<Bar>>,
}

#[derive(Debug)]
struct Bar {
    started: Instant,
    drawn: Option<Instant>,
}

impl Attended {
    /// Watches for the signals that ask for an end. There is a bar when stderr is a terminal and `quiet` is not set.
    ///
    /// # Errors
    /// When the system refuses.
    pub(crate) fn start(quiet: bool) -> Result<Self, Ending> {
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        signals::on_end(move || stop.store(true, Ordering::Relaxed))?;
        let bar = (report::is_for_people() && !quiet).then(|| Mutex::new(Bar { started: Instant::now(), drawn: None }));
        Ok(Self { stopping, bar })
    }

    /// Takes the bar away, so that what follows stands on a line of its own.
    pub(crate) fn clear(&self) {
        if let Some(bar) = &self.bar
            && bar.lock().unwrap_or_else(PoisonError::into_inner).drawn.take().is_some()
        {
            draw("");
        }
    }
}

impl Control for Attended {
    fn proceed(&self) -> bool {
        !self.stopping.load(Ordering::Relaxed)
    }

    fn progress(&self, progress: &Progress) {
        let Some(bar) = &self.bar else { return };
        let bar = &mut *bar.lock().unwrap_or_else(PoisonError::into_inner);
        if bar.drawn.is_none_or(|drawn| drawn.elapsed() >= REDRAW) {
            bar.drawn = Some(Instant::now());
            draw(&text(progress, bar.started.elapsed()));
        }
    }
}

fn draw(text: &str) {
    // A terminal that went away needs no bar.
    let _ = write!(io::stderr(), "\r\u{1b}[K{text}");
}

fn text(progress: &Progress, elapsed: Duration) -> String {
    let Progress { files, files_total, bytes, bytes_total, events, .. } = *progress;
    // Files grow while they are shipped.
    let total = bytes_total.max(bytes).max(1);
    let full = usize::try_from(bytes.saturating_mul(WIDTH) / total).unwrap_or_default();
    let empty = usize::try_from(WIDTH).unwrap_or_default().saturating_sub(full);
    let milliseconds = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let each_second = bytes.saturating_mul(1_000) / milliseconds;
    format!(
        "[{}{}] {}/{} files  {} of {}  {} events  {}/s",
        "#".repeat(full),
        "-".repeat(empty),
        units::count(files),
        units::count(files_total),
        units::bytes(bytes),
        units::bytes(total),
        units::count(events),
        units::bytes(each_second)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_tells_files_bytes_events_and_speed() {
        let progress = Progress {
            files: 3,
            files_total: 12,
            bytes: 5_000_000,
            bytes_total: 10_000_000,
            events: 1_234,
            acknowledged: 0,
        };
        assert_eq!(
            text(&progress, Duration::from_secs(2)),
            "[############------------] 3/12 files  5.0 MB of 10.0 MB  1,234 events  2.5 MB/s"
        );
        assert!(text(&Progress::default(), Duration::ZERO).starts_with("[------------------------] 0/0 files"));
    }
}
