//! What this process has used.

use nix::sys::resource::{UsageWho, getrusage};

/// High-water mark of resident memory in bytes; 0 where the system does not tell.
pub(crate) fn peak_rss_bytes() -> u64 {
    // Linux counts what the program before the last exec had into the figure of getrusage.
    of_kernel_file().unwrap_or_else(|| {
        let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
        getrusage(UsageWho::RUSAGE_SELF).ok().and_then(|usage| u64::try_from(usage.max_rss()).ok()).unwrap_or(0) * unit
    })
}

fn of_kernel_file() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_tells_the_high_water_mark() {
        assert!(peak_rss_bytes() > 1024 * 1024);
    }
}
