//! How much an indexer may take.

use std::time::Duration;

use contracts::{
    env::{INDEXER_BUILDS as BUILDS, INDEXER_MEMORY_MB as MEMORY_MB, INDEXER_TIMEOUT as TIMEOUT},
    errors::ErrorType,
};
use kit::Failure;

/// The longest time that can be set.
const LONGEST: u64 = 86_400;
/// The least memory that can be set: less than Node.js itself needs would only make every run fail.
const LEAST_MB: u64 = 64;

/// What an indexer may do: it is killed when it takes more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Wall time.
    pub time: Duration,
    /// Resident memory of all its processes together, in bytes.
    pub memory: u64,
    /// Whether those run that run the project's own build.
    pub builds: bool,
}

impl Default for Limits {
    /// 10 minutes, 4096 MB, no builds.
    fn default() -> Self {
        Self { time: Duration::from_secs(10 * 60), memory: 4_096_000_000, builds: false }
    }
}

impl Limits {
    /// Reads the settings [`TIMEOUT`], [`MEMORY_MB`] and [`BUILDS`]. What is unset keeps its default.
    ///
    /// # Errors
    /// `InvalidInput` for the first that makes no sense.
    pub fn read<'a>(setting: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Failure> {
        let mut limits = Self::default();
        if let Some(text) = setting(TIMEOUT) {
            let seconds = text.trim().parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds));
            limits.time = Duration::from_secs(
                seconds.ok_or_else(|| wrong(TIMEOUT, text, "write a number of seconds from 1 to 86400"))?,
            );
        }
        if let Some(text) = setting(MEMORY_MB) {
            let megabytes: Option<u64> = text.trim().parse().ok().filter(|megabytes| *megabytes >= LEAST_MB);
            limits.memory = megabytes
                .ok_or_else(|| wrong(MEMORY_MB, text, "write a number of megabytes, 64 or more"))?
                .saturating_mul(1_000_000);
        }
        limits.builds = match setting(BUILDS).map(str::trim) {
            None | Some("" | "0" | "false") => false,
            Some("1" | "true") => true,
            Some(text) => return Err(wrong(BUILDS, text, "write 1 or 0")),
        };
        Ok(limits)
    }

    /// The heap that Node.js may take, in mebibytes: less than all, so that an indexer which needs too much says so itself.
    pub(super) fn node_heap(&self) -> u64 {
        self.memory / 4 * 3 / (1024 * 1024)
    }
}

fn wrong(variable: &str, value: &str, hint: &str) -> Failure {
    Failure::new(ErrorType::InvalidInput, format!("{variable}={value:?} makes no sense"), variable, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_what_makes_no_sense_is_named() {
        assert_eq!(Limits::read(|_| None), Ok(Limits::default()));
        let set = |name: &str| match name {
            TIMEOUT => Some("30"),
            MEMORY_MB => Some(" 100 "),
            _ => Some("1"),
        };
        let expected = Limits { time: Duration::from_secs(30), memory: 100_000_000, builds: true };
        assert_eq!(Limits::read(set), Ok(expected));
        assert_eq!(expected.node_heap(), 71);
        for (variable, value) in [
            (TIMEOUT, "0"),
            (TIMEOUT, "10m"),
            (TIMEOUT, "86401"),
            (MEMORY_MB, "63"),
            (MEMORY_MB, "-1"),
            (BUILDS, "yes"),
        ] {
            let refused = Limits::read(|name| (name == variable).then_some(value)).unwrap_err();
            assert_eq!((refused.error_type, refused.place.as_str()), (ErrorType::InvalidInput, variable));
            assert!(refused.what.contains(value));
        }
    }
}
