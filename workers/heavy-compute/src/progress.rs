//! Lines of progress that another program reads: `PROGRESS:N text`.

use contracts::shared::Progress;

/// Which part of the whole a phase of the work is, in percent.
pub(crate) type Share = (&'static str, u64, u64);

/// Turns what a job says of itself into lines whose numbers never fall, one for each tenth of the way.
#[derive(Debug)]
pub(crate) struct Lines {
    shares: &'static [Share],
    /// The last number, and what was said with it.
    last: (u64, String),
}

impl Lines {
    pub(crate) fn new(shares: &'static [Share]) -> Self {
        Self { shares, last: (0, "Starting".to_owned()) }
    }

    /// The first line, and the one that says that the work goes on where nothing else was to be said for a while.
    pub(crate) fn again(&self) -> String {
        let (percent, text) = &self.last;
        format!("PROGRESS:{percent} {text}")
    }

    /// The lines for each tenth that was passed.
    pub(crate) fn at(&mut self, progress: &Progress) -> Vec<String> {
        let text = match progress {
            Progress { phase, total: 0, .. } => phase.clone(),
            Progress { phase, done, total, unit } => format!("{phase} {done}/{total} {unit}"),
        };
        let (before, _) = self.last;
        let percent = self.percent(progress).max(before);
        self.last = (percent, text);
        let text = &self.last.1;
        (before / 10 + 1..=percent / 10).map(|tenth| format!("PROGRESS:{} {text}", tenth * 10)).collect()
    }

    fn percent(&self, progress: &Progress) -> u64 {
        let share = self.shares.iter().find(|(phase, ..)| *phase == progress.phase);
        let Some((_, from, to)) = share else { return 0 };
        match progress.total {
            0 => *from,
            total => from + (to - from) * progress.done.min(total) / total,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lines: &mut Lines, phase: &str, done: u64, total: u64) -> Vec<String> {
        lines.at(&Progress { phase: phase.to_owned(), done, total, unit: "files".to_owned() })
    }

    #[test]
    fn every_tenth_is_told_once_and_numbers_never_fall() {
        let mut lines = Lines::new(&[("scan", 0, 10), ("parse", 10, 80), ("link", 80, 100)]);
        assert_eq!(lines.again(), "PROGRESS:0 Starting");
        assert!(at(&mut lines, "scan", 0, 0).is_empty());
        assert_eq!(at(&mut lines, "parse", 0, 100), ["PROGRESS:10 parse 0/100 files"]);
        assert!(at(&mut lines, "parse", 5, 100).is_empty());
        let text = "parse 50/100 files";
        assert_eq!(at(&mut lines, "parse", 50, 100), [20, 30, 40].map(|n| format!("PROGRESS:{n} {text}")));
        assert!(at(&mut lines, "scan", 0, 0).is_empty(), "a phase that comes again");
        assert!(at(&mut lines, "other", 1, 1).is_empty());
        assert_eq!(lines.again(), "PROGRESS:45 other 1/1 files");
        assert_eq!(at(&mut lines, "link", 9, 1).len(), 6, "more than there is counts as all");
    }
}
