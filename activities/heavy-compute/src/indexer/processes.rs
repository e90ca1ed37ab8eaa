//! The processes of a child, its own children among them, as `/proc` tells.

use std::{
    fs,
    path::{Path, PathBuf},
};

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// The processes that a child started: those of its group, and those that left the group but kept its environment, as a
/// build server does.
#[derive(Debug)]
pub(super) struct Processes {
    /// The child, which leads its group.
    leader: i32,
    /// When it started; what is older is none of its children.
    since: u64,
    /// A variable of its environment that no other process has, with its value.
    mark: Vec<u8>,
}

/// What stands in `/proc/PID/stat`.
struct Stat {
    state: u8,
    group: i32,
    started: u64,
}

impl Processes {
    /// Those of a child that runs with this home folder, which is its alone.
    pub(super) fn new(leader: Pid, home: &Path) -> Self {
        let leader = leader.as_raw_nonzero().get();
        let mut mark = b"HOME=".to_vec();
        mark.extend_from_slice(home.as_os_str().as_encoded_bytes());
        Self { leader, since: stat(leader).map_or(0, |stat| stat.started), mark }
    }

    /// Those that are alive.
    pub(super) fn alive(&self) -> Vec<i32> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(|pid| self.holds(*pid)).collect()
    }

    fn holds(&self, pid: i32) -> bool {
        // A dead one is only waited for.
        let Some(stat) = stat(pid).filter(|stat| stat.started >= self.since && !matches!(stat.state, b'Z' | b'X'))
        else {
            return false;
        };
        stat.group == self.leader || environment(pid).split(|byte| *byte == 0).any(|variable| variable == self.mark)
    }

    /// Resident memory of all, in bytes. What they share counts for each.
    pub(super) fn resident(&self) -> u64 {
        self.alive().into_iter().map(resident).sum()
    }

    /// Sends all a signal; tells how many there were.
    pub(super) fn signal(&self, signal: Signal) -> usize {
        let alive = self.alive();
        for pid in &alive {
            // Looked at again once it is held: the number may be another's by now.
            let held = Pid::from_raw(*pid).and_then(|pid| pidfd_open(pid, PidfdFlags::empty()).ok());
            if let Some(held) = held.filter(|_| self.holds(*pid)) {
                let _ = pidfd_send_signal(held, signal);
            }
        }
        alive.len()
    }
}

fn of_process(pid: i32, file: &str) -> PathBuf {
    PathBuf::from(format!("/proc/{pid}/{file}"))
}

fn stat(pid: i32) -> Option<Stat> {
    let bytes = fs::read(of_process(pid, "stat")).ok()?;
    // The name before it may hold anything.
    let after = bytes.iter().rposition(|byte| *byte == b')')?;
    let text = std::str::from_utf8(bytes.get(after + 2..)?).ok()?;
    let mut fields = text.split(' ');
    Some(Stat {
        state: fields.next()?.bytes().next()?,
        group: fields.nth(1)?.parse().ok()?,
        started: fields.nth(16)?.parse().ok()?,
    })
}

/// Empty for a process that is another user's.
fn environment(pid: i32) -> Vec<u8> {
    fs::read(of_process(pid, "environ")).unwrap_or_default()
}

fn resident(pid: i32) -> u64 {
    let status = fs::read_to_string(of_process(pid, "status")).unwrap_or_default();
    let field = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = field.and_then(|rest| rest.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kib.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_read() {
        let own = i32::try_from(std::process::id()).unwrap();
        let stat = stat(own).unwrap();
        assert_eq!(stat.group, rustix::process::getpgrp().as_raw_nonzero().get());
        assert!(stat.started > 0 && matches!(stat.state, b'R' | b'S' | b'D'));
        assert!(resident(own) > 1024 * 1024);
    }
}
