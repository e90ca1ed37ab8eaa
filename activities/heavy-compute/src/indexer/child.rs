//! A command as a child that is trusted with nothing: its own process group and environment, a limit of time and memory,
//! and an end that leaves no process behind.

use std::{
    env,
    ffi::OsString,
    io::{self, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use kit::{Failure, Job, WorkError, WorkResult};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, WaitId, WaitIdOptions, set_parent_process_death_signal, setrlimit, waitid,
};

use super::{limits::Limits, processes::Processes};

/// How often a child is looked after: soon at first, then less often. The longest pause, the grace and the end bound how
/// long a cancellation takes.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);
/// How often its memory is looked at: that takes reading `/proc`.
const MEMORY_EVERY: Duration = Duration::from_millis(500);
/// From SIGTERM to SIGKILL.
const GRACE: Duration = Duration::from_millis(300);
/// How long what was killed is waited for.
const END: Duration = Duration::from_secs(2);
/// So much of what it says is kept, from the end: most of it of stderr, where errors mostly go.
const KEPT_STDOUT: usize = 2 * 1024;
const KEPT_STDERR: usize = 6 * 1024;
/// A command that is just being installed cannot be run for a moment.
const BUSY_ATTEMPTS: u32 = 50;

/// What to run, and in what.
#[derive(Debug)]
pub(super) struct Task<'a> {
    pub(super) command: &'a Path,
    pub(super) arguments: Vec<OsString>,
    /// Its working folder.
    pub(super) folder: &'a Path,
    /// A folder of its own, which is its home and holds its temporary files.
    pub(super) scratch: &'a Path,
    /// Folders that go before the PATH.
    pub(super) path: &'a [PathBuf],
    /// Variables beside those that every child gets.
    pub(super) environment: Vec<(OsString, OsString)>,
    pub(super) limits: Limits,
}

/// How a child came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// By itself, or by a signal of somebody else.
    Own(ExitStatus),
    /// It took too long.
    Time,
    /// It took so many bytes.
    Memory(u64),
}

/// A child that is no more.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) end: End,
    /// The last of what it said on stdout and stderr.
    pub(super) said: String,
    pub(super) time: Duration,
}

impl Task<'_> {
    /// Runs it. `None` if there is no such command.
    ///
    /// # Errors
    /// When it cannot be started, or an interruption; then none of its processes is left.
    pub(super) fn run<C: Send + Sync>(&self, job: &Job<C>) -> WorkResult<Option<Ended>> {
        job.proceed()?;
        let failed = |what: &str, error: &io::Error| Failure::io(what, self.command, error);
        let home = self.scratch.join("home");
        let temporary = self.scratch.join("tmp");
        for folder in [&home, &temporary] {
            std::fs::create_dir_all(folder).map_err(|e| Failure::io("making a folder for an indexer", folder, &e))?;
        }
        let started = Instant::now();
        let mut child = match self.spawn(&home, &temporary) {
            Ok(child) => child,
            Err(error) if !self.folder.is_dir() => {
                return Err(Failure::io("opening the folder of a package", self.folder, &error).into());
            }
            Err(error) if is_no_command(&error) => return Ok(None),
            Err(error) => return Err(failed("starting an indexer", &error).into()),
        };
        let (closed, closing) = mpsc::channel::<()>();
        let stdout = child.stdout.take().map(|pipe| Tail::of(pipe, KEPT_STDOUT, &closed)).unwrap_or_default();
        let stderr = child.stderr.take().map(|pipe| Tail::of(pipe, KEPT_STDERR, &closed)).unwrap_or_default();
        drop(closed);
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        let Some(pid) = pid else {
            let _ = child.kill();
            return Err(failed("starting an indexer", &io::Error::other("its process has no number")).into());
        };
        let processes = Processes::new(pid, &home);
        let end = self.watch(job, pid, &processes, started);
        if !matches!(end, Ok(None)) {
            give_up(pid, &processes);
        }
        finish(&processes);
        // Only now: until then its number, and that of its group, is nobody else's.
        let status = child.wait();
        // Both are closed by now, unless a process got away.
        let _ = closing.recv_timeout(END);
        let end = match end? {
            Some(end) => end,
            None => End::Own(status.map_err(|e| failed("waiting for an indexer", &e))?),
        };
        let said = [stdout.text(), stderr.text()].join("\n").trim().to_owned();
        Ok(Some(Ended { end, said, time: started.elapsed() }))
    }

    fn spawn(&self, home: &Path, temporary: &Path) -> io::Result<std::process::Child> {
        let worker = env::var_os("PATH").unwrap_or_default();
        let path = self.path.iter().cloned().chain(env::split_paths(&worker));
        let path = env::join_paths(path.filter(|folder| folder.is_absolute())).map_err(io::Error::other)?;
        let mut command = Command::new(self.command);
        command
            .args(&self.arguments)
            .current_dir(self.folder)
            .env_clear()
            .env("PATH", path)
            .env("LANG", "C.UTF-8")
            .env("HOME", home)
            .env("TMPDIR", temporary)
            .env("NODE_OPTIONS", format!("--max-old-space-size={}", self.limits.node_heap()))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        #[expect(unsafe_code, reason = "signal and limit have to be set in the child, between fork and exec")]
        // SAFETY: two system calls that allocate nothing and take no lock.
        unsafe {
            command.pre_exec(|| {
                set_parent_process_death_signal(Some(Signal::KILL))?;
                // A core would be written into the sources.
                setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
                Ok(())
            });
        }
        for _ in 0..BUSY_ATTEMPTS {
            match command.spawn() {
                Err(error) if error.kind() == io::ErrorKind::ExecutableFileBusy => thread::sleep(LONGEST_PAUSE),
                other => return other,
            }
        }
        command.spawn()
    }

    /// Waits until it is over, and does not reap it; `None` if it ended by itself.
    fn watch<C: Send + Sync>(
        &self,
        job: &Job<C>,
        pid: Pid,
        processes: &Processes,
        started: Instant,
    ) -> WorkResult<Option<End>> {
        let limit = self.limits.time.as_secs();
        let mut pause = FIRST_LOOK;
        let mut measured = started;
        loop {
            if is_over(pid).map_err(|e| Failure::io("waiting for an indexer", self.command, &e))? {
                return Ok(None);
            }
            if job.stopped().is_some() {
                return Err(WorkError::Interrupted);
            }
            let elapsed = started.elapsed();
            if elapsed >= self.limits.time {
                return Ok(Some(End::Time));
            }
            if measured.elapsed() >= MEMORY_EVERY {
                measured = Instant::now();
                let resident = processes.resident();
                if resident > self.limits.memory {
                    return Ok(Some(End::Memory(resident)));
                }
            }
            job.progress("index", elapsed.as_secs(), limit, "s");
            thread::sleep(pause.min(self.limits.time.saturating_sub(elapsed)));
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }
}

/// Whether what was started is not there, or nothing that this machine can run.
fn is_no_command(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied)
        || rustix::io::Errno::from_io_error(error) == Some(rustix::io::Errno::NOEXEC)
}

fn is_over(pid: Pid) -> io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(pid), options)?.is_some())
}

/// Lets it end well, for a moment.
fn give_up(pid: Pid, processes: &Processes) {
    processes.signal(Signal::TERM);
    let asked = Instant::now();
    while asked.elapsed() < GRACE && !is_over(pid).unwrap_or(true) {
        thread::sleep(FIRST_LOOK * 5);
    }
}

/// Kills what is left, and waits until nothing is.
fn finish(processes: &Processes) {
    let begun = Instant::now();
    while processes.signal(Signal::KILL) > 0 && begun.elapsed() < END {
        thread::sleep(FIRST_LOOK * 5);
    }
}

/// The last bytes of what came through a pipe.
#[derive(Debug, Default)]
struct Tail(Arc<Mutex<Vec<u8>>>);

impl Tail {
    /// Reads the pipe on a thread that nobody waits for: a process that got away may keep it open for ever. `closed` is
    /// dropped at its end.
    fn of(mut pipe: impl Read + Send + 'static, limit: usize, closed: &mpsc::Sender<()>) -> Self {
        let tail = Self::default();
        let (kept, closed) = (tail.0.clone(), closed.clone());
        thread::spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            loop {
                let read = match pipe.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(read) => buffer.get(..read).unwrap_or_default(),
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => break,
                };
                let read = read.get(read.len().saturating_sub(limit)..).unwrap_or_default();
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                let excess = (kept.len() + read.len()).saturating_sub(limit);
                kept.drain(..excess);
                kept.extend_from_slice(read);
            }
            drop(closed);
        });
        tail
    }

    /// What can be shown of it: no colours, no bells, no half characters.
    fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(&bytes).replace('\r', "\n");
        let shown: String = text.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect();
        shown.trim_start_matches('\u{fffd}').trim().to_owned()
    }
}
