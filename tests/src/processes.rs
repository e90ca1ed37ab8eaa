//! Real processes: started from one thread that lives on, logged to files, killed at the end of the test.

use std::{
    env, fs,
    fs::File,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    thread,
};

use rustix::process::{Pid, Signal, kill_process, set_parent_process_death_signal};

use crate::wait_for;

type Request = (Command, Sender<std::io::Result<Child>>);

/// A process dies with the thread that started it (so that a killed test run leaves nothing behind); tests end their
/// threads early, so one thread that lives as long as the test program starts them all.
fn spawner() -> &'static Sender<Request> {
    static SPAWNER: OnceLock<Sender<Request>> = OnceLock::new();
    SPAWNER.get_or_init(|| {
        let (send, receive) = channel::<Request>();
        thread::spawn(move || {
            for (mut command, answer) in receive {
                let _ = answer.send(command.spawn());
            }
        });
        send
    })
}

/// A process that is killed when it goes out of scope.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a process; what it prints goes to `log`, behind what is there.
    pub fn start(mut command: Command, log: &Path) -> Self {
        let file = File::options().create(true).append(true).open(log).expect("the log can be written");
        let same = file.try_clone().expect("the log can be shared");
        command.stdin(Stdio::null()).stdout(file).stderr(same).process_group(0);
        #[expect(unsafe_code, reason = "the death signal has to be set in the child, between fork and exec")]
        // SAFETY: one system call that allocates nothing and takes no lock.
        unsafe {
            command.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        let name = format!("{command:?}");
        let (send, receive) = channel();
        spawner().send((command, send)).expect("the spawning thread lives");
        let child = receive.recv().expect("the spawning thread answers").unwrap_or_else(|e| panic!("{name}: {e}"));
        Self { child, log: log.to_owned() }
    }

    fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("the process is there");
    }

    /// kill -9, and waits until it is gone.
    pub fn kill(mut self) {
        self.signal(Signal::KILL);
        self.child.wait().expect("the process can be waited for");
    }

    /// SIGTERM, and waits until it has ended by itself.
    pub async fn terminate(mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        self.ended().await
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        wait_for("the end of a process", async || self.child.try_wait().expect("the process can be asked")).await
    }

    /// The file that it prints to.
    pub fn log(&self) -> PathBuf {
        self.log.clone()
    }

    /// The address of `/live`, `/ready` and `/metrics`, once a worker has said it.
    pub fn admin_address(&self) -> Option<String> {
        let printed = self.printed();
        let rest = printed.split_once("admin=")?.1;
        Some(rest.split(['"', ' ', '\n']).find(|part| part.contains(':'))?.to_owned())
    }

    /// Its resident memory in KiB, while it lives.
    pub fn resident_kib(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        status.lines().find_map(|l| l.strip_prefix("VmRSS:"))?.split_whitespace().next()?.parse().ok()
    }

    /// What it has printed so far.
    pub fn printed(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        if thread::panicking() {
            let text = self.printed();
            let lines: Vec<&str> = text.lines().collect();
            let tail = lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n");
            #[expect(clippy::print_stderr, reason = "shown with the failed test")]
            {
                eprintln!("---- end of {}\n{tail}", self.log.display());
            }
        }
    }
}

/// The folder that holds `workflows-ts/`.
pub fn installation_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the repository").to_owned()
}

/// A binary of this workspace, built in the same profile as the test.
pub fn binary(name: &str) -> PathBuf {
    let test = env::current_exe().expect("the test knows where it is");
    let folder = test.ancestors().nth(2).expect("tests lie in target/<profile>/deps");
    let path = folder.join(name);
    assert!(path.is_file(), "{} is not built; run `make test`, which builds it first", path.display());
    path
}

/// The Temporal command line.
pub fn temporal_cli() -> PathBuf {
    let fetched = installation_root().join(".tools/bin/temporal");
    if fetched.is_file() {
        return fetched;
    }
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|folder| folder.join("temporal")).find(|p| p.is_file());
    found.unwrap_or_else(|| panic!("there is no Temporal command line; fetch it with `make setup`"))
}
