//! The git command line as a child that does what it is told and nothing else: no hooks, no filters, no configuration of
//! the user or the machine, no prompts, killed with all its own children when the work is interrupted.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use contracts::errors::ErrorType;
use kit::{Failure, Job, Secret, WorkError, WorkResult};
use rustix::process::{Pid, Signal, kill_process_group, set_parent_process_death_signal};

use super::git_message::{Class, classify};

/// How often a running git is looked after: soon at first, since most of its answers take a few milliseconds, then less
/// often. The longest pause bounds how long a cancellation takes.
const FIRST_LOOK: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(20);
/// What git says on stderr is kept up to this size, for the error.
const KEPT_STDERR: usize = 16 * 1024;
/// Holds the password of the one request; read by the credential helper below, never an argument.
const USER_VARIABLE: &str = "GANTRY_GIT_USER";
const PASSWORD_VARIABLE: &str = "GANTRY_GIT_PASSWORD";

/// What holds whatever a repository's own configuration says.
const SETTINGS: &[&str] = &[
    "advice.detachedHead=false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.logAllRefUpdates=false",
    "core.quotePath=false",
    "credential.helper=",
    "fetch.unpackLimit=1",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "init.defaultBranch=main",
    "maintenance.auto=false",
    "protocol.ext.allow=never",
    "safe.directory=*",
    "submodule.recurse=false",
];

/// A git command in a folder.
pub(super) struct Git {
    command: Command,
    what: &'static str,
    folder: PathBuf,
    place: String,
}

impl Git {
    /// `what` and `place` go into the error, should there be one.
    pub(super) fn new(folder: &Path, what: &'static str, place: impl Into<String>) -> Self {
        let mut command = Command::new("git");
        for (name, _) in std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"GIT_")) {
            command.env_remove(name);
        }
        command
            .current_dir(folder)
            .env("LC_ALL", "C")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_ALLOW_PROTOCOL", "file:http:https:ssh")
            .env("GIT_ASKPASS", "")
            .env("GIT_NO_LAZY_FETCH", "1")
            .args(SETTINGS.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        #[expect(unsafe_code, reason = "the death signal has to be set in the child, between fork and exec")]
        // SAFETY: one system call that allocates nothing and takes no lock.
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        Self { command, what, folder: folder.to_owned(), place: place.into() }
    }

    /// Names the repository, so that git never looks for one: it would find that of whoever keeps the state folder in
    /// theirs.
    pub(super) fn repository(mut self, folder: &Path) -> Self {
        self.command.env("GIT_DIR", folder);
        self
    }

    /// Names the folder of its files.
    pub(super) fn files(mut self, folder: &Path) -> Self {
        self.command.env("GIT_WORK_TREE", folder);
        self
    }

    /// Runs in another folder.
    pub(super) fn within(mut self, folder: &Path) -> Self {
        self.command.current_dir(folder);
        folder.clone_into(&mut self.folder);
        self
    }

    pub(super) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(super) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.command.args(args);
        self
    }

    /// Lets git answer with this credential, `user:password` or a token, when it is asked for one.
    pub(super) fn credential(mut self, secret: Option<&Secret>) -> Self {
        const HELPER: &str = "credential.helper=!f() { test \"$1\" = get && \
             printf 'username=%s\\npassword=%s\\n' \"$GANTRY_GIT_USER\" \"$GANTRY_GIT_PASSWORD\"; }; f";
        if let Some(secret) = secret {
            let (user, password) = secret.expose().split_once(':').unwrap_or(("x-access-token", secret.expose()));
            self.command.env(USER_VARIABLE, user).env(PASSWORD_VARIABLE, password).args(["-c", HELPER]);
        }
        self
    }

    /// Runs it and returns its output. What it says of its progress goes to the job.
    pub(super) fn run<C: Send + Sync>(mut self, job: &Job<C>) -> WorkResult<Vec<u8>> {
        job.proceed()?;
        let mut child = self.command.spawn().map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound if !self.folder.is_dir() => {
                let hint = "the folder was removed meanwhile; run it again";
                Failure::new(ErrorType::NotFound, self.what, self.folder.display().to_string(), hint)
            }
            std::io::ErrorKind::NotFound => {
                Failure::new(ErrorType::Unsupported, "git is not installed", "PATH of the worker", "install git")
            }
            _ => Failure::io("starting git", Path::new("git"), &e),
        })?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let (status, output, said) = thread::scope(|scope| {
            let output = scope.spawn(move || read_all(stdout));
            let said = scope.spawn(move || read_messages(stderr, job));
            (watch(&mut child, job), output.join().unwrap_or_default(), said.join().unwrap_or_default())
        });
        if status?.success() { Ok(output) } else { Err(self.failure(&said).into()) }
    }

    /// Runs it and tells whether it succeeded, for questions.
    pub(super) fn succeeds<C: Send + Sync>(self, job: &Job<C>) -> WorkResult<bool> {
        Ok(self.answer(job)?.is_some())
    }

    /// Runs it; its output without white space around it, or `None` if it failed, for questions.
    pub(super) fn answer<C: Send + Sync>(self, job: &Job<C>) -> WorkResult<Option<String>> {
        match self.run(job) {
            Ok(output) => Ok(Some(String::from_utf8_lossy(&output).trim().to_owned())),
            Err(WorkError::Failed(failure)) if failure.error_type == ErrorType::Unsupported => Err(failure.into()),
            Err(WorkError::Failed(_)) => Ok(None),
            Err(interrupted) => Err(interrupted),
        }
    }

    fn failure(&self, said: &str) -> Failure {
        let Class { error_type, hint, word } = classify(said);
        let last = |wanted: &dyn Fn(&str) -> bool| said.lines().rev().find(|line| wanted(line));
        let reason = last(&|line| word.is_some_and(|word| line.contains(word)))
            .or_else(|| last(&|line| line.starts_with("fatal:") || line.starts_with("error:")))
            .or_else(|| last(&|line| !line.trim().is_empty()))
            .unwrap_or("it did not say why");
        Failure::new(error_type, format!("{}: git says: {}", self.what, reason.trim()), self.place.clone(), hint)
    }
}

fn watch<C: Send + Sync>(child: &mut Child, job: &Job<C>) -> WorkResult<std::process::ExitStatus> {
    let mut pause = FIRST_LOOK;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if job.stopped().is_some() => {
                kill_group(child);
                let _ = child.wait();
                return Err(WorkError::Interrupted);
            }
            Ok(None) => {
                thread::sleep(pause);
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(error) => {
                kill_group(child);
                return Err(Failure::io("waiting for git", Path::new("git"), &error).into());
            }
        }
    }
}

fn kill_group(child: &Child) {
    // It leads a group of its own; the group may be gone already.
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}

fn read_all(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        // A pipe that breaks is seen in the exit status.
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

/// Keeps the last of what git says, and passes lines like `Receiving objects:  45% (90/200)` on as progress.
fn read_messages<C: Send + Sync>(pipe: Option<impl Read>, job: &Job<C>) -> String {
    let mut kept = String::new();
    let Some(pipe) = pipe else { return kept };
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    // git ends lines of progress with a carriage return.
    while reader.by_ref().take(64 * 1024).read_until(b'\r', &mut line).is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&line);
        match text.lines().last().and_then(progress_of) {
            Some((done, total)) => job.progress("clone", done, total, "objects"),
            None => kept.push_str(&text),
        }
        if kept.len() > KEPT_STDERR {
            let from = kept.len() - KEPT_STDERR / 2;
            let from = (from..kept.len()).find(|i| kept.is_char_boundary(*i)).unwrap_or(0);
            kept.drain(..from);
        }
        line.clear();
    }
    kept
}

fn progress_of(line: &str) -> Option<(u64, u64)> {
    let rest = line.trim_start_matches("remote: ").split_once("Receiving objects:")?.1;
    let (done, total) = rest.split_once('(')?.1.split_once(')')?.0.split_once('/')?;
    Some((done.parse().ok()?, total.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_repeats_the_line_that_decided() {
        let said =
            "fatal: detected dubious ownership in repository at '/x'\nfatal: Could not read from remote repository.";
        let failure = Git::new(Path::new("/"), "fetching", "file:///x").failure(said);
        assert_eq!(failure.what, "fetching: git says: fatal: detected dubious ownership in repository at '/x'");
        assert!(!failure.error_type.retryable() && failure.hint.contains("another user"));
    }

    #[test]
    fn lines_of_progress_are_read() {
        assert_eq!(progress_of("Receiving objects:  45% (90/200), 1.2 MiB | 3 MiB/s"), Some((90, 200)));
        assert_eq!(progress_of("remote: Counting objects: 100% (200/200), done."), None);
        assert_eq!(progress_of("fatal: Receiving"), None);
    }
}
