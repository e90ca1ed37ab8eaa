//! A process of the stack: started, logged, started again when it dies, stopped.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};
use tokio::{
    fs::File,
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    process::Command,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{problem::Problem, report};

/// From SIGTERM to SIGKILL: longer than a worker's grace period and the time it has to give its work back.
const STOP: Duration = Duration::from_secs(20);
/// A process that dies sooner than this after its start, several times in a row, will not get better.
const QUICK_DEATH: Duration = Duration::from_secs(5);
const QUICK_DEATHS: u32 = 3;

/// What to run.
#[derive(Debug, Clone)]
pub(super) struct ChildSpec {
    name: String,
    program: PathBuf,
    args: Vec<String>,
    envs: Vec<(String, String)>,
}

impl ChildSpec {
    pub(super) fn new(name: &str, program: &Path) -> Self {
        Self { name: name.to_owned(), program: program.to_owned(), args: Vec::new(), envs: Vec::new() }
    }

    pub(super) fn args(mut self, args: impl IntoIterator<Item = String>) -> Self {
        self.args.extend(args);
        self
    }

    pub(super) fn envs(mut self, envs: impl IntoIterator<Item = (String, String)>) -> Self {
        self.envs.extend(envs);
        self
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Where a production server is configured in this shell, a development stack must not reach it.
        let foreign = |name: &OsString| name.as_encoded_bytes().starts_with(b"TEMPORAL_");
        for (name, _) in std::env::vars_os().filter(|(name, _)| foreign(name)) {
            command.env_remove(name);
        }
        command.envs(self.envs.iter().map(|(k, v)| (k, v)));
        // Ctrl-C in a terminal goes to this process alone, which then stops the others in order.
        command.process_group(0);
        #[expect(unsafe_code, reason = "the death signal has to be set in the child, between fork and exec")]
        // SAFETY: one system call that allocates nothing and takes no lock.
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::TERM))?));
        }
        command
    }
}

/// A process that is kept running.
pub(super) struct Child {
    name: String,
    stop: oneshot::Sender<()>,
    supervisor: JoinHandle<()>,
    gave_up: Arc<AtomicBool>,
}

impl Child {
    /// Starts a process and keeps it running until [`Child::stop`].
    pub(super) fn start(spec: ChildSpec, logs: &Path, show: bool) -> Result<Self, Problem> {
        let first = spawn(&spec)?;
        let (stop, stopped) = oneshot::channel();
        let gave_up = Arc::new(AtomicBool::new(false));
        let name = spec.name.clone();
        let log = logs.join(format!("{name}.log"));
        let supervisor = tokio::spawn(supervise(spec, first, log, show, stopped, gave_up.clone()));
        Ok(Self { name, stop, supervisor, gave_up })
    }

    /// The name, if the process died so often that it is not started any more.
    pub(super) fn gave_up(&self) -> Option<String> {
        self.gave_up.load(Ordering::Relaxed).then(|| self.name.clone())
    }

    /// Asks the process to stop, and insists after a while.
    pub(super) async fn stop(self) {
        // A supervisor that gave up no longer listens.
        let _ = self.stop.send(());
        let _ = self.supervisor.await;
    }
}

fn spawn(spec: &ChildSpec) -> Result<tokio::process::Child, Problem> {
    spec.command().spawn().map_err(|e| Problem::io(&format!("starting {}", spec.program.display()), &e))
}

async fn supervise(
    spec: ChildSpec,
    mut child: tokio::process::Child,
    log: PathBuf,
    show: bool,
    mut stopped: oneshot::Receiver<()>,
    gave_up: Arc<AtomicBool>,
) {
    let lines = write_log(log, show.then(|| spec.name.clone())).await;
    let mut quick_deaths = 0;
    loop {
        let begin = Instant::now();
        let readers = [
            child.stdout.take().map(|pipe| tokio::spawn(forward(pipe, lines.clone()))),
            child.stderr.take().map(|pipe| tokio::spawn(forward(pipe, lines.clone()))),
        ];
        let ended = tokio::select! {
            ended = child.wait() => Some(ended),
            _ = &mut stopped => None,
        };
        let Some(ended) = ended else {
            terminate(&mut child).await;
            for reader in readers.into_iter().flatten() {
                let _ = reader.await;
            }
            return;
        };
        let how = ended.map_or_else(|e| e.to_string(), describe_end);
        quick_deaths = if begin.elapsed() < QUICK_DEATH { quick_deaths + 1 } else { 0 };
        if quick_deaths >= QUICK_DEATHS {
            gave_up.store(true, Ordering::Relaxed);
            report::note(&format!("{} {how}, for the {QUICK_DEATHS}rd time; it is not started again", spec.name));
            return;
        }
        report::note(&format!("{} {how}; starting it again", spec.name));
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(500)) => {}
            _ = &mut stopped => return,
        }
        match spawn(&spec) {
            Ok(next) => child = next,
            Err(problem) => {
                gave_up.store(true, Ordering::Relaxed);
                report::error(&problem);
                return;
            }
        }
    }
}

fn describe_end(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => format!("was ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    }
}

async fn terminate(child: &mut tokio::process::Child) {
    if let Some(pid) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(STOP, child.wait()).await.is_err() {
        let _ = child.kill().await;
    }
}

async fn forward(pipe: impl AsyncRead + Unpin, lines: mpsc::Sender<Vec<u8>>) {
    let mut reader = BufReader::new(pipe);
    loop {
        let mut line = Vec::new();
        match reader.read_until(b'\n', &mut line).await {
            Ok(n) if n > 0 => {
                if lines.send(line).await.is_err() {
                    return;
                }
            }
            _ => return,
        }
    }
}

/// Takes lines into a file, which begins anew, and shows them under a name if asked to.
async fn write_log(path: PathBuf, show_as: Option<String>) -> mpsc::Sender<Vec<u8>> {
    let (send, mut receive) = mpsc::channel::<Vec<u8>>(256);
    let mut file = File::create(&path).await.ok();
    tokio::spawn(async move {
        while let Some(line) = receive.recv().await {
            if let Some(name) = &show_as {
                report::note(&format!("{name:13} | {}", String::from_utf8_lossy(&line).trim_end()));
            }
            // A log that cannot be written must not stop the process that writes it.
            if let Some(file) = &mut file {
                let _ = file.write_all(&line).await;
                let _ = file.flush().await;
            }
        }
    });
    send
}
