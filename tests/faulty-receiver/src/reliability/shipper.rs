//! The shipper as a process: started, killed, left alone until it ends.

#[cfg(target_os = "linux")]
use std::os::unix::process::CommandExt;
use std::{
    env, fs,
    fs::{File, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
#[cfg(target_os = "linux")]
use rustix::process::{Signal, set_parent_process_death_signal};

/// The binaries under test.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// `gantry-shipping`.
    pub shipping: PathBuf,
}

impl Binaries {
    /// What `GANTRY_SHIPPING` names, else the binary beside this one or one folder above it.
    ///
    /// # Errors
    /// When there is none.
    pub fn find() -> anyhow::Result<Self> {
        if let Some(path) = env::var_os("GANTRY_SHIPPING") {
            let shipping = PathBuf::from(path);
            return if shipping.is_file() {
                Ok(Self { shipping })
            } else {
                bail!("GANTRY_SHIPPING names {}, which is no file", shipping.display())
            };
        }
        let own = env::current_exe()?;
        own.ancestors()
            .skip(1)
            .take(3)
            .map(|folder| folder.join("gantry-shipping"))
            .find(|path| path.is_file())
            .map(|shipping| Self { shipping })
            .context("there is no gantry-shipping beside this program: build it, or name it in GANTRY_SHIPPING")
    }
}

/// How the shipper is called.
#[derive(Debug)]
pub(super) struct Shipper {
    binary: PathBuf,
    home: PathBuf,
    pub(super) database: PathBuf,
    url: String,
    log: PathBuf,
}

/// The variable that holds the token, and what it holds.
pub(super) const TOKEN: (&str, &str) = ("RELIABILITY_TOKEN", "a-token-for-a-test");

impl Shipper {
    pub(super) fn new(binaries: &Binaries, folder: &Path, home: &Path, url: String) -> Self {
        Self {
            binary: binaries.shipping.clone(),
            home: home.to_owned(),
            database: folder.join("state/shipper.db"),
            url,
            log: folder.join("shipper.log"),
        }
    }

    /// Starts a command; what it says is added to the log.
    pub(super) fn start(&self, command: &str) -> anyhow::Result<Running> {
        if let Some(folder) = self.database.parent() {
            fs::create_dir_all(folder)?;
        }
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut process = self.command(command);
        process.stdout(Stdio::null()).stderr(log);
        #[cfg(target_os = "linux")]
        #[expect(unsafe_code, reason = "the death signal has to be set in the child, between fork and exec")]
        // SAFETY: one system call that allocates nothing and takes no lock.
        unsafe {
            // A harness that is stopped leaves no shipper behind. The thread that starts it waits for it as well.
            process.pre_exec(|| Ok(set_parent_process_death_signal(Some(Signal::KILL))?));
        }
        let child = process.spawn();
        Ok(Running(child.with_context(|| format!("starting {}", self.binary.display()))?))
    }

    /// Runs `status --json`.
    pub(super) fn status(&self) -> anyhow::Result<serde_json::Value> {
        let output =
            self.command("status").arg("--json").stderr(File::create(self.log.with_extension("status"))?).output()?;
        if !output.status.success() {
            bail!("status ends with {}", output.status);
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    fn command(&self, command: &str) -> Command {
        let mut process = Command::new(&self.binary);
        process
            .arg(command)
            .args(["--url", &self.url, "--token", &format!("env:{}", TOKEN.0), "--db"])
            .arg(&self.database)
            // Small batches: many requests, many places to be killed at.
            .args(["--batch-bytes", "200000"])
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.home)
            .env("CLAUDE_CONFIG_DIR", self.home.join(".claude"))
            .env("CODEX_HOME", self.home.join(".codex"))
            .env("RUST_BACKTRACE", "1")
            .env(TOKEN.0, TOKEN.1)
            .stdin(Stdio::null());
        process
    }

    /// The last lines of what the shipper said.
    pub(super) fn last_words(&self) -> String {
        let text = fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(25)..].join("\n")
    }

    /// Whether it has panicked so far.
    pub(super) fn has_panicked(&self) -> io::Result<bool> {
        match fs::read(&self.log) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).contains("panicked at")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Rows of the spool; none before there is a database.
    pub(super) fn spool_rows(&self) -> anyhow::Result<u64> {
        if !self.database.exists() {
            return Ok(0);
        }
        let connection =
            rusqlite::Connection::open_with_flags(&self.database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        let rows = connection.query_row("SELECT count(*) FROM spool_queue", [], |row| row.get::<_, i64>(0));
        Ok(rows.ok().and_then(|rows| u64::try_from(rows).ok()).unwrap_or(0))
    }

    /// Everything that waits for its time is due: hours pass for a shipper that does not run.
    pub(super) fn let_time_pass(&self) -> anyhow::Result<()> {
        if self.database.exists() {
            let connection = rusqlite::Connection::open(&self.database)?;
            connection.busy_timeout(Duration::from_secs(10))?;
            for (table, statement) in [
                ("spool_queue", "UPDATE spool_queue SET next_retry_at = '2000-01-01T00:00:00+00:00'"),
                // A pause that the server asked for is over.
                ("gantry_book", "DELETE FROM gantry_book WHERE key = 'hold'"),
            ] {
                let is_there = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = ?1)";
                if connection.query_row(is_there, [table], |row| row.get(0))? {
                    connection.execute(statement, [])?;
                }
            }
        }
        Ok(())
    }
}

/// A shipper that runs. Killed when it is dropped.
#[derive(Debug)]
pub(super) struct Running(Child);

impl Running {
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// SIGKILL, wherever it is. Gives how it had ended, if it had.
    pub(super) fn kill(&mut self) -> anyhow::Result<Option<ExitStatus>> {
        if let Some(ended) = self.0.try_wait()? {
            return Ok(Some(ended));
        }
        self.0.kill()?;
        self.0.wait()?;
        Ok(None)
    }

    /// Until it ends by itself.
    pub(super) fn finish(&mut self, longest: Duration) -> anyhow::Result<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Some(ended) = self.0.try_wait()? {
                return Ok(ended);
            }
            if start.elapsed() > longest {
                bail!("the shipper has not ended after {longest:?}");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
