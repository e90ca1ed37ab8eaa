//! How far an import is, in bytes and events.

use contracts::{shared::Heartbeat, workflows::RunProgress};
use serde_json::Value;

use crate::{follow::Told, report};

/// What is told of a run over files of these sizes, which are taken in their order.
pub(super) fn told(sizes: &[u64], at: &RunProgress, beats: &[Heartbeat<Value>]) -> Told {
    let total: u64 = sizes.iter().sum();
    let files = u64::try_from(sizes.len()).unwrap_or(u64::MAX);
    let whole = (u64::from(at.percent) * files).div_ceil(100);
    let finished: u64 = sizes.iter().take(usize::try_from(whole).unwrap_or(usize::MAX)).sum();
    // Of a packed file the bytes of its text are told, which are more than it has.
    let largest = sizes.iter().copied().max().unwrap_or(0);
    let parts = beats.iter().filter_map(|beat| beat.progress.as_ref());
    let running: u64 = parts.map(|part| part.done.min(largest)).sum();
    let done = finished.saturating_add(running).min(total);
    let events: u64 = beats.iter().map(events).sum();
    // What changes comes first: there is little room beside a bar.
    let mut message = format!("{:.1} of {:.1} MB", report::megabytes(done), report::megabytes(total));
    if events > 0 {
        message.push_str(&format!(", {events} events at hand"));
    }
    message.push_str(&format!("; {}", at.step));
    let percent = done.saturating_mul(100).checked_div(total).unwrap_or_default().max(u64::from(at.percent));
    // One line for each tenth where there is no bar.
    Told { percent, message, step: format!("{} tenths", percent / 10) }
}

/// What an attempt has taken of its file, as far as its checkpoint tells.
fn events(beat: &Heartbeat<Value>) -> u64 {
    let of = |name: &str| beat.checkpoint.as_ref()?.get(name)?.as_u64();
    of("stored").unwrap_or_default().saturating_add(of("duplicates").unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use contracts::shared::Progress;
    use serde_json::json;

    use super::*;

    fn beat(done: u64, stored: u64) -> Heartbeat<Value> {
        let progress = Progress { phase: "import".to_owned(), done, total: 0, unit: "bytes".to_owned() };
        let checkpoint = json!({ "stored": stored, "duplicates": 2, "offset": done });
        Heartbeat { progress: Some(progress), checkpoint: Some(checkpoint) }
    }

    fn at(percent: u8) -> RunProgress {
        let step = format!("importing: {} of 4 files", percent / 25);
        RunProgress { percent, step, activity: Some("importEvents".to_owned()) }
    }

    #[test]
    fn bytes_of_finished_files_and_of_those_at_hand_are_told_together() {
        let sizes = [40_000_000, 10_000_000, 30_000_000, 20_000_000];
        let both = told(&sizes, &at(25), &[beat(5_000_000, 900), beat(15_000_000, 2_000)]);
        assert_eq!((both.percent, both.step.as_str()), (60, "6 tenths"));
        assert_eq!(both.message, "60.0 of 100.0 MB, 2904 events at hand; importing: 1 of 4 files");
        let none = told(&sizes, &at(0), &[]);
        assert_eq!((none.percent, none.message.as_str()), (0, "0.0 of 100.0 MB; importing: 0 of 4 files"));
    }

    #[test]
    fn no_heartbeat_leads_beyond_the_end() {
        assert_eq!(told(&[10, 10], &at(50), &[beat(9_000, 1)]).percent, 100);
        assert_eq!(told(&[0], &at(100), &[]).percent, 100);
        assert_eq!(told(&[], &at(0), &[]).percent, 0);
    }
}
