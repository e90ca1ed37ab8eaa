//! What a result tells besides its data: warnings, the time of each phase, the memory that was needed.

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use contracts::shared::{Phases as PhaseMillis, Warning};

/// Collects warnings: one for each code, with the first message and a count.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Warnings(BTreeMap<String, (String, u64)>);

impl Warnings {
    /// Counts one; the message of the first of its code is kept.
    pub fn add(&mut self, code: &str, message: impl FnOnce() -> String) {
        self.0.entry(code.to_owned()).or_insert_with(|| (message(), 0)).1 += 1;
    }

    /// Adds another collection to this one.
    pub fn merge(&mut self, other: Self) {
        for (code, (message, count)) in other.0 {
            self.0.entry(code).or_insert((message, 0)).1 += count;
        }
    }

    /// As the contract has them, ordered by code.
    pub fn into_list(self) -> Vec<Warning> {
        self.0.into_iter().map(|(code, (message, count))| Warning { code, message, count }).collect()
    }
}

/// Measures the wall time of each phase.
#[derive(Debug, Clone, Default)]
pub struct Phases(BTreeMap<String, Duration>);

impl Phases {
    /// Runs a phase and adds its time to what the phase took before.
    pub fn time<T>(&mut self, phase: &str, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        self.add(phase, start.elapsed());
        result
    }

    /// Adds to the time of a phase.
    pub fn add(&mut self, phase: &str, time: Duration) {
        *self.0.entry(phase.to_owned()).or_default() += time;
    }

    /// As the contract has them, in milliseconds.
    pub fn into_millis(self) -> PhaseMillis {
        self.0.into_iter().map(|(phase, time)| (phase, u64::try_from(time.as_millis()).unwrap_or(u64::MAX))).collect()
    }
}

/// High-water mark of this process's resident memory in bytes, as the kernel keeps it; 0 where it does not tell.
pub fn peak_rss_bytes() -> u64 {
    memory("VmHWM:")
}

/// This process's resident memory now, in bytes; 0 where the kernel does not tell.
pub fn resident_bytes() -> u64 {
    memory("VmRSS:")
}

fn memory(field: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|kib| kib.trim().parse::<u64>().ok())
        .map_or(0, |kib| kib * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_of_one_code_are_counted_under_the_first_message() {
        let mut warnings = Warnings::default();
        warnings.add("symlink", || "a".into());
        warnings.add("symlink", || "b".into());
        let mut other = Warnings::default();
        other.add("symlink", || "c".into());
        other.add("binary", || "d".into());
        warnings.merge(other);
        let list: Vec<_> = warnings.into_list().into_iter().map(|w| (w.code, w.message, w.count)).collect();
        assert_eq!(list, [("binary".into(), "d".into(), 1), ("symlink".into(), "a".into(), 3)]);
    }

    #[test]
    fn the_kernel_tells_the_high_water_mark() {
        assert!(peak_rss_bytes() > 1024 * 1024);
    }
}
