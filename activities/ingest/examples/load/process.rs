//! The process that serves, and what the system says of it.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A service in a process of its own, killed with its owner.
pub(crate) struct Served {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    /// Starts `gantry-ingest serve` over a database.
    pub(crate) fn start(binary: &Path, database: &Path) -> Self {
        Self::run(
            binary,
            &[
                OsStr::new("serve"),
                OsStr::new("--port=0"),
                OsStr::new("--print-address"),
                OsStr::new("--db"),
                database.as_os_str(),
            ],
        )
    }

    /// Starts a program that says `http://ADDRESS` on its first line.
    pub(crate) fn run(binary: &Path, arguments: &[&OsStr]) -> Self {
        let mut command = Command::new(binary);
        // Settings of whoever measures would make it another service.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("GANTRY_") || name.starts_with("AGENTMONITOR_")) {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(arguments)
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", binary.display()));
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").and_then(|address| address.parse().ok());
        Self { child, address: address.unwrap_or_else(|| panic!("it said no address: {line:?}")) }
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kilobytes of a field of `/proc/PID/status`.
    pub(crate) fn kilobytes(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
    }

    /// Megabytes that it has in memory.
    pub(crate) fn memory(&self) -> f64 {
        self.kilobytes("VmRSS") as f64 / 1024.0
    }

    /// Megabytes that it had in memory at most.
    pub(crate) fn peak(&self) -> f64 {
        self.kilobytes("VmHWM") as f64 / 1024.0
    }

    /// Files and sockets that it has open.
    pub(crate) fn descriptors(&self) -> usize {
        std::fs::read_dir(format!("/proc/{}/fd", self.id())).map_or(0, Iterator::count)
    }

    /// Processor time that it has used.
    pub(crate) fn spent(&self) -> Duration {
        time_of(&format!("/proc/{}/stat", self.id()))
    }

    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and waits for the end.
    pub(crate) fn stop(mut self) {
        let id = i32::try_from(self.id()).ok().and_then(rustix::process::Pid::from_raw).unwrap();
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "it ended with {status}");
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Of one that was ended nothing is left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time of this thread.
pub(crate) fn thread_time() -> Duration {
    time_of("/proc/thread-self/stat")
}

/// Processor time of all threads of this process, ended ones too.
pub(crate) fn process_time() -> Duration {
    time_of("/proc/self/stat")
}

fn time_of(path: &str) -> Duration {
    let stat = std::fs::read_to_string(path).unwrap();
    let fields: Vec<&str> = stat.rsplit_once(')').unwrap().1.split_whitespace().collect();
    let ticks: u64 = fields.get(11..13).unwrap().iter().map(|field| field.parse::<u64>().unwrap()).sum();
    // A hundred ticks a second on every Linux.
    Duration::from_millis(ticks * 10)
}

/// How long something takes that is tried until it succeeds.
pub(crate) fn until<T>(patience: Duration, mut attempt: impl FnMut() -> Option<T>) -> Option<(T, Duration)> {
    let started = Instant::now();
    loop {
        if let Some(done) = attempt() {
            return Some((done, started.elapsed()));
        }
        if started.elapsed() > patience {
            return None;
        }
        std::thread::sleep(Duration::from_micros(200));
    }
}
